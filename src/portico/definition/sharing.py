"""`session` of `auth`: apps of one server that share a sign-in, and what they must have the same for that.

What is the same is what decides whose a token is, where it goes, how it is renewed and how it ends. What an
app makes of the user is its own: pages, access, roles, `auth.user`, what it keeps.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from portico.definition.bindings import Snippet
from portico.definition.diagnostics import Diagnostic, Problems, excerpt
from portico.definition.draft import AppDraft, ContractDraft, GroupDraft, QueryDraft, RoleDraft
from portico.definition.fields import Fields, wrong_type
from portico.definition.module_lookup import query_id
from portico.definition.scopes import world
from portico.definition.shapes import WORD, Key, Shape, either, one_of
from portico.definition.source import Scalar, Table
from portico.definition.value import Body, Fixed, Pairs, Value
from portico.model.app import App
from portico.model.query import SERVED, Role
from portico.model.sharing import Sharing, Term

#: What a group is called where an app does not say.
SHARED = "shared"
_GROUP = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SHAPE = Shape("`session`", {SHARED: Key(schema=WORD, help="The name of the group.", required=True)})
KEY = Key(
    schema=either(one_of(("separate", SHARED)), _SHAPE.schema()),
    help="`shared`: one sign-in for all apps of this server that say so, and have the same contract; "
    "`{shared: NAME}`: for those that name this group. `separate`, the default: the app's own.",
)

#: Mappings that say what a user is to an app: its own, as long as it can ask about the user itself.
_OWN = ("roles", "user")
#: What the user is told is the app's own, too.
_WORDS = "error"


def read(fields: Fields) -> GroupDraft | None:
    """The group that an app shares its sign-in with; None: it does not."""
    node, place = fields.node("session"), fields.place_of("session")
    if node is None or (isinstance(node, Scalar) and node.value == "separate"):
        return None
    if isinstance(node, Scalar) and node.value == SHARED:
        return GroupDraft(name=SHARED, place=place)
    if not isinstance(node, Table):
        remedy = "write `separate`, `shared`, or `{shared: company}` with the name of a group"
        wrong_type(fields.problems, node, "`session` says with whom the app shares its sign-in", remedy)
        return None
    inner = Fields(node, fields.problems, _SHAPE)
    word = inner.required_word(SHARED, "name the group, like `{shared: company}`")
    inner.done()
    if word is None:
        return None
    if not _GROUP.fullmatch(word.text.value):
        fields.problems.add(
            "E531",
            word.place,
            "the name of a group holds lower-case letters, digits and hyphens only",
            received=word.text.value,
            remedy="name it like `company`",
        )
        return None
    return GroupDraft(name=word.text.value, place=place)


def check(contract: ContractDraft, problems: Problems) -> None:
    """Report a contract of which nothing can be shared."""
    if contract.group is None:
        return
    signing_in = contract.roles.get("sign_in")
    if signing_in is not None and signing_in.trusted:
        problems.add(
            "E531",
            contract.group.place,
            "a sign-in that this app's scripts decide about cannot be shared: other apps could not check it",
            received="trust: script",
            remedy="remove `trust` below `sign_in`, or write `session: separate`",
        )


# Together


def differences(apps: Sequence[App]) -> dict[str, tuple[Diagnostic, ...]]:
    """What keeps apps from sharing a sign-in, by the slug of the app where it was found: every app that has
    another contract than one of its group, and groups that are called as an app is."""
    problems: dict[str, Problems] = {app.slug: Problems() for app in apps}
    slugs = set(problems)
    for app in apps:
        sharing = app.sharing
        if sharing is None:
            continue
        if sharing.group in slugs:
            problems[app.slug].add(
                "E533",
                sharing.place,
                f"the group `{sharing.group}` is called as an app of this server is",
                received=sharing.group,
                remedy="name the group otherwise: `session: {shared: company}`",
            )
        for other in apps:
            if other is not app and other.sharing is not None and other.sharing.group == sharing.group:
                _compare(sharing, other.slug, other.sharing, problems[app.slug])
    return {slug: found.sorted() for slug, found in problems.items() if found.failed}


def _compare(mine: Sharing, slug: str, other: Sharing, problems: Problems) -> None:
    """Report the first term that differs."""
    own = {term.what: term for term in mine.terms}
    theirs = {term.what: term for term in other.terms}
    for what in dict.fromkeys(chain(own, theirs)):
        here, there = own.get(what), theirs.get(what)
        if here is not None and there is not None and here.value == there.value:
            continue
        place = here.place if here is not None else mine.place
        said = here.said if here is not None else "nothing"
        elsewhere = there.place if there is not None else other.place
        wanted = there.said if there is not None else "nothing"
        problems.add(
            "E532",
            place,
            f"the app shares the sign-in `{mine.group}` with {slug}, and has another contract: {what}",
            received=said,
            remedy=f"make it what {slug}/{elsewhere} says, {excerpt(wanted)}; or write `session: separate`",
        )
        return


# What is compared


def sharing(app: AppDraft, contract: ContractDraft) -> Sharing | None:
    """What a checked app shares."""
    group = contract.group
    if group is None:
        return None
    terms = tuple(_Terms(app, contract, group).all())
    where = [repr(term.said) for term in terms if term.what.startswith(_WHERE)]
    digest = hashlib.sha256("\n".join(where).encode()).hexdigest()[:16]
    return Sharing(group=group.name, place=group.place, terms=terms, origin=digest)


#: Terms that say where tokens go.
_WHERE = ("the address of", "the provider")


class _Terms:
    def __init__(self, app: AppDraft, contract: ContractDraft, group: GroupDraft) -> None:
        self._app = app
        self._contract = contract
        self._group = group
        self._queries: dict[str, tuple[QueryDraft, str]] = {}
        for found in (app.entities, *(page.entities for page in app.pages.values())):
            widgets = next((page.widgets for page in app.pages.values() if page.entities is found), ())
            for scope in world(app, found, widgets).scopes:
                for query in scope.queries:
                    written = query.datasource.text.value if query.datasource is not None else ""
                    self._queries.setdefault(query.name, (query, scope.sources.get(written, written)))
        #: Whether an app can ask by itself what a user is to it.
        self._asks = contract.provider is not None or "me" in contract.roles

    def all(self) -> Iterator[Term]:
        """All of them, in the order in which they are compared."""
        contract = self._contract
        yield from self._provider()
        for role, said in contract.roles.items():
            yield from self._role(role, said)
        yield self._fact("how tokens are sent (`send`)", contract.sending)
        yield self._fact("whether a session outlives the browser (`persist_sessions`)", contract.persist)
        yield self._fact("how long a session may be idle (`idle_timeout`)", contract.idle_timeout)
        yield self._fact("how long it lasts (`absolute_timeout`)", contract.absolute_timeout)
        yield self._fact("how many a user may have (`sessions_per_user`)", contract.sessions_per_user)
        if contract.refused is not None:
            yield _mapping("`refused`", contract.refused)
        word = contract.authorize
        if word is not None:
            yield Term(what="`authorize`", said=word.text.value, place=word.place, value=word.text.value)

    def _fact(self, what: str, value: Any) -> Term:
        return Term(what=what, said=str(value), place=self._group.place, value=value)

    def _provider(self) -> Iterator[Term]:
        draft = self._contract.provider
        if draft is None or draft.provider is None:
            return
        found = draft.provider
        client = (found.issuer, found.client_id)
        yield Term(what="the provider", said=" ".join(client), place=draft.place, value=client)
        yield Term(what="settings of the provider", said="others", place=draft.place, value=found)
        for name, snippet in draft.mappings.items():
            if name not in _OWN:
                yield _mapping(f"`{name}`", snippet)

    def _role(self, role: Role, said: RoleDraft) -> Iterator[Term]:
        word = said.query
        if word is None:
            return
        yield Term(what=f"the query `{role}`", said="there is one", place=word.place, value=True)
        query, source = self._queries[query_id(self._app, word.text.value)]
        yield from self._datasource(role, query, source)
        # What a page puts into a query that it runs is the page's own.
        blank = role not in SERVED
        parts: Mapping[str, Any] = {
            "method": query.method,
            "path": _written(query.path, blank),
            "params": _members(query.params, blank),
            "headers": _members(query.headers, blank),
            "body": _body(query.body, blank),
            "body_type": query.body_type,
            "seal": query.seal,
        }
        for key, value in parts.items():
            place = query.places.get(key, query.place)
            yield Term(what=f"`{key}` of the query `{role}`", said=_shown(value), place=place, value=value)
        for name, snippet in said.mappings.items():
            if name != _WORDS and (name not in _OWN or not self._asks):
                yield _mapping(f"`{name}` of `{role}`", snippet)

    def _datasource(self, role: Role, query: QueryDraft, source: str) -> Iterator[Term]:
        found = self._sources().get(source)
        place = query.datasource.place if query.datasource is not None else query.place
        if found is None:
            return
        yield Term(what=f"the address of `{role}`", said=found.url, place=place, value=found.url)
        # Cookies are kept by the name of the datasource.
        name = found.name if found.keep_cookies else ""
        value = (name, found.headers, found.auth, found.ca, found.token_in_query, found.keep_cookies)
        yield Term(
            what=f"the datasource of `{role}`: its headers, credentials or settings, and with keep_cookies "
            "its name",
            said=source,
            place=place,
            value=value,
        )

    def _sources(self) -> Mapping[str, Any]:
        packages = (package for package in self._app.packages.values() if package is not None)
        brought = {
            f"{package.name}/{name}": found
            for package in packages
            for name, found in package.datasources.items()
        }
        return {**brought, **self._app.datasources}


def _mapping(what: str, snippet: Snippet) -> Term:
    text = snippet.text.strip()
    return Term(what=what, said=text, place=snippet.source.place(snippet.start), value=text)


def _written(value: Value, blank: bool) -> str:
    """A value as it was written, bindings left out if they are the page's."""
    if isinstance(value, Fixed):
        return _shown(value.value)
    parts = (part[0] if isinstance(part, tuple) else part for part in value.parts)
    return "".join(part if isinstance(part, str) else _binding(part, blank) for part in parts)


def _binding(snippet: Snippet, blank: bool) -> str:
    return f"{{{{{'' if blank else snippet.text.strip()}}}}}"


def _members(pairs: Sequence[tuple[str, Value]], blank: bool) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, _written(value, blank)) for name, value in pairs))


def _body(body: Body | None, blank: bool) -> object:
    if isinstance(body, Pairs):
        return _members(body.members, blank)
    return None if body is None else _written(body, blank)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{name}: {text}" for name, text in value) or "nothing"
    return "nothing" if value is None else str(value)
