"""The pages of an application around its sign-in: which ask for it, which are open, where it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.lint import calls, meanings, syntax
from portico.definition.lint.calls import Call
from portico.definition.lint.facts import Facts, literal
from portico.definition.lint.piece import Piece
from portico.model.query import READING

#: Words in the names of pages that are for visitors who are not signed in.
PUBLIC = (
    "login",
    "signin",
    "signup",
    "register",
    "forgot",
    "reset",
    "recover",
    "verify",
    "callback",
    "welcome",
    "landing",
)
#: Words for a query that says who is signed in.
_ME = (
    "me",
    "getme",
    "whoami",
    "currentuser",
    "userinfo",
    "getuser",
    "profile",
    "getprofile",
    "user",
    "account",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """A place at which the user is signed out."""

    page: str
    what: str


def is_named(name: str, words: tuple[str, ...]) -> bool:
    """Whether one of these words is in a name."""
    return any(word in meanings.plain(name) for word in words)


def runs(page: Facts, query: str) -> Iterator[tuple[Piece, Node]]:
    """Where a page runs a query."""
    for piece in page.view.acting():
        for call, name in page.runs(piece):
            if name == query:
                yield piece, call


def sent(page: Facts) -> Iterator[str]:
    """The keys of the store that queries of a page send as tokens."""
    for origins in page.carrying.values():
        for origin in origins:
            if origin.name.store_key is not None:
                yield origin.name.store_key


def is_sql(page: Facts, name: str) -> bool:
    """Whether a query asks a database."""
    return page.view.queries[name].kind == "sql"


def guarded_of(pages: Sequence[Facts], entry: str) -> Iterator[tuple[str, str]]:
    """Pages of which a function at load leads to the entry page."""
    for page in pages:
        if page.view.page.name == entry:
            continue
        for piece, function in page.view.at_load():
            for call in calls.of(page, piece, function):
                for one in (call, *calls.opened(page, call)):
                    given = syntax.arguments(one.node)
                    if (
                        calls.is_function(one, "navigateTo")
                        and given
                        and syntax.text(one.piece, given[0]) == entry
                    ):
                        yield page.view.page.name, f"{piece.script} leads to {entry} when the page opens"


def carrying_of(pages: Sequence[Facts], key: str) -> Iterator[tuple[str, str]]:
    """Pages whose queries send the token."""
    for page in pages:
        names = sorted(
            name
            for name, origins in page.carrying.items()
            if any(origin.name.store_key == key for origin in origins)
        )
        if names:
            yield (
                page.view.page.name,
                f"its queries send the token ({', '.join(names[:3])}{', …' if names[3:] else ''})",
            )


def open_pages(
    pages: Sequence[Facts], entry: str, query: str, carrying: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Pages that are for visitors who are not signed in."""
    yield entry, "users sign in here"
    for page in pages:
        name = page.view.page.name
        if name != entry and any(runs(page, query)):
            yield name, f"it runs {query}"
        elif name != entry and name not in carrying and is_named(name, PUBLIC):
            yield name, "by its name it is for visitors who are not signed in"


def audience(pages: Sequence[Facts], query: str, key: str) -> Iterator[str]:
    """Datasources, besides that of the sign-in, that the token is sent to."""
    homes = {
        one.datasource.text.value
        for page in pages
        for one in page.view.queries.values()
        if one.name == query and one.datasource is not None
    }
    for page in pages:
        for name, origins in page.carrying.items():
            found = page.view.queries[name].datasource
            if is_sql(page, name):
                continue
            sent = any(origin.name.store_key == key for origin in origins)
            if sent and found is not None and found.text.value not in homes:
                yield found.text.value


def me_of(pages: Sequence[Facts], key: str) -> Iterator[str]:
    """Queries that seem to say who is signed in."""
    for page in pages:
        for name, origins in page.carrying.items():
            query = page.view.queries[name]
            words = [meanings.plain(name), meanings.plain(literal(query.path).rstrip("/").rpartition("/")[2])]
            sent = any(origin.name.store_key == key for origin in origins)
            if sent and query.method in READING and any(word in _ME for word in words):
                yield name


def revoking(pages: Sequence[Facts]) -> Iterator[str]:
    """Queries that seem to end a sign-in at the auth API."""
    for page in pages:
        for query in page.view.queries.values():
            if query.method not in READING and meanings.is_revocation(query.name, literal(query.path)):
                plain = meanings.plain(query.name)
                if not any(plain.startswith(word) for word in ("login", "signin", "create")):
                    yield query.name


def endings(pages: Sequence[Facts], key: str) -> Iterator[Ending]:
    """Where the key is cleared, or the whole store."""
    seen = set()
    for page in pages:
        for piece in page.view.acting():
            for call in calls.of(page, piece):
                where = (page.view.page.name, piece.excerpt(call.node))
                if is_ending(call, key) and where not in seen:
                    seen.add(where)
                    yield Ending(page=where[0], what=where[1])


def is_ending(call: Call, key: str) -> bool:
    """Whether a call clears the key, or the whole store."""
    if calls.is_function(call, "clearStore"):
        return True
    given = syntax.arguments(call.node)
    if not given or syntax.text(call.piece, given[0]) != key:
        return False
    nothing = len(given) < 2 or syntax.is_nothing(call.piece, given[1])
    return calls.is_function(call, "removeValue") or (calls.is_function(call, "storeValue") and nothing)
