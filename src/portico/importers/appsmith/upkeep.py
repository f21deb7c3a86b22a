"""What keeps a sign-in up and ends it: which queries of an application are `refresh`, `sign_out` and `me` of
the contract.

A query that is taken for one of them wrongly signs users out, or tells the API nothing of a log-out. So all
that speaks for it has to be there, and nothing else may be it; otherwise it is asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tree_sitter import Node

from portico.definition.lint import calls, meanings, syntax, trace
from portico.definition.lint.calls import Call
from portico.definition.lint.facts import Facts, literal
from portico.definition.lint.piece import Piece
from portico.importers.appsmith import sent_token
from portico.importers.appsmith.app_files import AppFiles
from portico.importers.appsmith.sent_token import Request
from portico.importers.appsmith.sign_in import USERS, Kept, SignIn
from portico.importers.appsmith.sign_in_pages import is_ending, runs
from portico.importers.appsmith.spots import names_of
from portico.model.query import READING

Task = Literal["refresh", "sign_out", "me"]

#: The last part of an address that says who is signed in, and what may stand before it.
_WHO = frozenset({"me", "user", "profile", "userinfo", "whoami", "currentuser"})
_BEFORE = frozenset(
    {"", "api", "rest", "auth", "oauth", "oauth2", "user", "users", "account", "accounts", "v1", "v2", "v3"}
)
#: Members of a user that say who it is, the best first.
_IDS = ("id", "_id", "uid", "sub", "userId", "user_id")
#: Members of an answer that a user may stand in.
_HOLDERS = frozenset({"user", "data", "record", "profile", "account", "me"})
#: Members by which a body is known to be a user.
_PERSONAL = frozenset({*_IDS, "username", "email"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Concluded:
    """A query that does one of these. `reason` stands at `page`; `pages` have a copy of it. `user` leads to
    the user in the answer of `me`, whose member `uid` says who it is; `token` and `refresh` are what the app
    keeps of the answer of `refresh`. A `question` is open all the same."""

    task: Task
    query: str
    request: Request
    page: str
    reason: str
    pages: tuple[str, ...]
    user: tuple[str, ...] = ()
    uid: str = "id"
    token: Kept | None = None
    refresh: Kept | None = None
    question: str = ""

    @property
    def moved(self) -> bool:
        """Whether it takes the place of the copies of pages: two queries that renew would use up each other's
        token."""
        return self.task != "me"


def conclude(pages: Sequence[Facts], found: SignIn, files: AppFiles) -> dict[Task, Concluded]:
    """The queries that the application says enough of."""
    if found.trusted:
        return {}
    looking = _Looking(pages, found, files)
    ways = {"refresh": looking.refreshing, "sign_out": looking.ending, "me": looking.asking}
    concluded: dict[Task, Concluded] = {}
    for way in ways.values():
        candidates = list(way())
        if len(candidates) == 1:
            concluded[candidates[0].task] = candidates[0]
    return concluded


@dataclass(frozen=True, kw_only=True, slots=True)
class _Copies:
    """The query of a name, the same on each of these pages."""

    data: Mapping[str, Any]
    pages: tuple[Facts, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the pages."""
        return tuple(page.view.page.name for page in self.pages)


class _Looking:
    def __init__(self, pages: Sequence[Facts], found: SignIn, files: AppFiles) -> None:
        self._pages = pages
        self._found = found
        self._files = files
        self._key = found.token.key
        self._params = {self._key: "token"} | dict.fromkeys(_refresh_keys(pages, found), "refreshToken")
        names = sorted({name for page in pages for name in page.view.queries if name != found.query})
        self._copies = {name: copies for name in names if (copies := self._same(name)) is not None}

    def _same(self, name: str) -> _Copies | None:
        """A query of the auth API that is one and the same wherever its name stands."""
        found = [page for page in self._pages if name in page.view.queries]
        held = [self._files.pages[page.view.page.name].queries.get(name, {}) for page in found]
        home = {
            str(page.queries[self._found.query].get("datasource"))
            for page in self._files.pages.values()
            if self._found.query in page.queries
        }
        first = held[0]
        same = all(sent_token.same(first, one) for one in held)
        asks = any("confirm" in one for one in held) or "kind" in first
        if not same or asks or str(first.get("datasource")) not in home:
            return None
        return _Copies(data=first, pages=tuple(found))

    def _movable(self, name: str) -> bool:
        """Whether the app can have a query of this name in place of those of its pages."""
        for page in self._files.pages.values():
            script = page.scripts.get(name)
            if name in names_of(page.head) or (script is not None and not script.standing):
                return False
            if page.queries.get(name, {}).get("run", "manual") != "manual":
                return False
        return True

    def refreshing(self) -> Iterator[Concluded]:
        """Queries that send the refresh token, and whose answer is kept as the token."""
        for name, copies in self._copies.items():
            kept = [one for one in self._found.kept if one.query == name]
            tokens = {one.path: one for one in kept if one.key == self._key}
            again = {one.path: one for one in kept if self._params.get(one.key) == "refreshToken"}
            request = sent_token.given(copies.data, self._params, bearer=False, by_pages=True)
            if request is None or len(tokens) != 1 or len(again) > 1 or not self._movable(name):
                continue
            token = next(iter(tokens.values()))
            sent = sorted(key for key in request.keys if self._params[key] == "refreshToken")
            if sent and token.path and "*" not in token.path:
                yield Concluded(
                    task="refresh",
                    query=name,
                    request=request,
                    page=token.page,
                    reason=f"it renews the token: it sends appsmith.store.{sent[0]}, and "
                    f"{'.'.join(token.path)} of its answer is kept as {self._key}",
                    pages=copies.names,
                    token=token,
                    refresh=next(iter(again.values()), None),
                )

    def ending(self) -> Iterator[Concluded]:
        """Queries that send the token where users sign out, and of whose answer nothing is kept."""
        for name, copies in self._copies.items():
            first = copies.pages[0].view.queries[name]
            words = meanings.is_revocation(name, literal(first.path)) and first.method not in READING
            if not words or any(one.query == name for one in self._found.kept):
                continue
            request = sent_token.given(copies.data, self._params, bearer=True, by_pages=True)
            ends = [
                (page, self._end_beside(page, piece, call))
                for page in copies.pages
                for piece, call in runs(page, name)
            ]
            if request is None or not request.keys or not self._movable(name) or not ends:
                continue
            found = [(page, end) for page, end in ends if end is not None]
            if len(found) == len(ends):
                loose = [(page, end) for page, end in found if not is_ending(end, self._key)]
                yield Concluded(
                    task="sign_out",
                    query=name,
                    request=request,
                    page=found[0][0].view.page.name,
                    reason=f"it ends the token: it sends it, and runs together with {_excerpt(found[0][1])}",
                    pages=copies.names,
                    question=self._loose(name, *loose[0]) if loose else "",
                )

    def _end_beside(self, page: Facts, piece: Piece, call: Node) -> Call | None:
        """What signs out in the function, or event, that a query runs in: what clears the key, else what
        leads to the entry page."""
        root = syntax.outermost(piece, call)
        near = [inner for one in calls.of(page, piece, root) for inner in (one, *calls.opened(page, one))]
        ends = [one for one in near if is_ending(one, self._key)]
        ends += [one for one in near if _leads_to(one, self._found.entry)]
        return ends[0] if ends else None

    def _loose(self, name: str, page: Facts, end: Call) -> str:
        """What is asked where a log-out leaves the sign-in in the store."""
        return (
            f"{name} ends the token on {page.view.page.name}, and {_excerpt(end)} leaves it in the store: is "
            f"this a log-out? Then add removeValue('{self._key}') before it, else users are led back in"
        )

    def asking(self) -> Iterator[Concluded]:
        """Queries of the token alone that run when pages open, and whose answer is known to be the user."""
        for name, copies in self._copies.items():
            first = copies.pages[0].view.queries[name]
            if first.method != "GET" or (not _says_who(literal(first.path)) and not self._as_user(name)):
                continue
            request = sent_token.given(copies.data, {self._key: "token"}, bearer=True, by_pages=False)
            opening = [
                page.view.page.name
                for page in copies.pages
                if page.view.page.name not in (self._found.open or {}) and _opens_with(page, name)
            ]
            user = self._user_in(name, copies)
            if request is not None and request.keys and opening and user is not None:
                path, uid = user
                member = ".".join((*path, uid))
                yield Concluded(
                    task="me",
                    query=name,
                    request=request,
                    page=opening[0],
                    reason="it says who is signed in: it sends the token and nothing else, runs when the "
                    f"page opens, and {member} of its answer says who it is",
                    pages=copies.names,
                    user=path,
                    uid=uid,
                )

    def _as_user(self, name: str) -> list[Kept]:
        """What of the answer of a query is kept as the user."""
        own = self._found.user.key if self._found.user is not None else None
        return [
            one
            for one in self._found.kept
            if one.query == name and (one.key == own or meanings.plain(one.key) in USERS)
        ]

    def _user_in(self, name: str, copies: _Copies) -> tuple[tuple[str, ...], str] | None:
        """Where the user stands in the answer, and the member that says who it is; None if nothing tells."""
        read = {path for page in copies.pages for path in _members(page, name)}
        places = {one.path for one in self._as_user(name)}
        if not places:
            places = {path[:-1] for path in read if path[-1] in _PERSONAL and _HOLDERS.issuperset(path[:-1])}
            places = {()} if () in places else places
        if len(places) != 1 or any("*" in path for path in places):
            return None
        (place,) = places
        ids = [one for one in _IDS if (*place, one) in read] or self._ids_of_key(name)
        if ids:
            return place, ids[0]
        address = literal(copies.pages[0].view.queries[name].path).partition("?")[0].rstrip("/")
        # Strapi and FastAPI Users, and GoTrue: their users have an `id`.
        known = address.endswith("/users/me") and any((*place, one) in read for one in _PERSONAL)
        return (place, "id") if not place and (known or address.endswith("/auth/v1/user")) else None

    def _ids_of_key(self, name: str) -> list[str]:
        """Members by which code reads who the user is that is kept in the store."""
        keys = {one.key for one in self._as_user(name)}
        read = {path for page in self._pages for path in _stored(page, keys)}
        return [one for one in _IDS if (one,) in read]


def _refresh_keys(pages: Sequence[Facts], found: SignIn) -> list[str]:
    """The keys of the store that hold what renews the token."""
    if found.refresh is not None:
        return [found.refresh.key]
    return sorted(
        {one.key for one in found.kept if one.query == found.query and meanings.is_refresh_token(one.key)}
    )


def _excerpt(call: Call) -> str:
    return call.piece.excerpt(call.node)


def _leads_to(call: Call, page: str) -> bool:
    given = syntax.arguments(call.node)
    return calls.is_function(call, "navigateTo") and bool(given) and syntax.text(call.piece, given[0]) == page


def _says_who(path: str) -> bool:
    """Whether an address is that of the user who asks: `/users/me`, and not `/teams/me`."""
    parts = [meanings.plain(part) for part in path.partition("?")[0].strip("/").split("/")]
    before = parts[-2] if len(parts) > 1 else ""
    return parts[-1] in _WHO and before in _BEFORE


def _opens_with(page: Facts, name: str) -> bool:
    """Whether a query runs when a page opens."""
    if page.view.queries[name].behaviour.run in ("on_load", "automatic"):
        return True
    return any(
        one.name.id == name and one.name.path == ("run",)
        for piece, function in page.view.at_load()
        for call in calls.of(page, piece, function)
        for one in (call, *calls.opened(page, call))
    )


def _members(page: Facts, name: str) -> Iterator[tuple[str, ...]]:
    """The members that code reads of the answer of a query."""
    for origin in _read(page, _PERSONAL):
        if origin.name.id == name and origin.name.path[:1] == ("data",) and len(origin.name.path) > 1:
            yield origin.name.path[1:]


def _stored(page: Facts, keys: set[str]) -> Iterator[tuple[str, ...]]:
    """The members that code reads of what stands under keys of the store."""
    for origin in _read(page, frozenset(_IDS)):
        if origin.name.store_key in keys and len(origin.name.path) > 2:
            yield origin.name.path[2:]


def _read(page: Facts, words: frozenset[str]) -> Iterator[trace.Origin]:
    """Where members of these names come from, in all code of a page."""
    view = page.view
    shown = [*(part.piece for part in view.properties), *(sent.piece for sent in view.requests)]
    for piece in (*view.acting(), *shown):
        for node in piece.nodes("member_expression", "subscript_expression"):
            _, path = syntax.chain(piece, node)
            if path and path[-1] in words:
                yield from trace.origins(view, piece, node)
