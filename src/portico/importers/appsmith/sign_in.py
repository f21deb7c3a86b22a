"""How an application signs its users in, as far as its code tells: which query, what of its answer is kept
where, which pages ask for it, and how it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portico.definition.lint import calls, meanings, syntax, trace
from portico.definition.lint.facts import Facts, literal
from portico.definition.lint.piece import Piece
from portico.model.query import READING

_SIGN_IN = ("login", "signin", "logon", "authenticate", "authlogin", "token", "session", "auth")
_SIGN_UP = (
    "register",
    "signup",
    "createuser",
    "adduser",
    "newuser",
    "cadastro",
    "cadastra",
    "create",
    "insert",
)
_OTHERWISE = (
    "reset",
    "forgot",
    "recover",
    "change",
    "update",
    "patch",
    "edit",
    "senha",
    "refresh",
    "logout",
    "signout",
)
_PUBLIC = (
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
_USERS = frozenset({"user", "currentuser", "profile", "userprofile", "userdata", "userinfo", "account"})
#: The least that a query has to have to be taken for the one that signs in.
_ENOUGH = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A value of the store that comes from the answer of a query: `path` leads to it in its body."""

    page: str
    key: str
    query: str
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """A place at which the user is signed out."""

    page: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """The sign-in. `token` is the value that stands for it in the store: a token, or with `trusted` something
    of the user, where the answer holds no token. `guarded` and `carrying` say why pages need it."""

    query: str
    entry: str
    home: str
    token: Kept
    trusted: bool
    reasons: tuple[str, ...]
    refresh: Kept | None = None
    user: Kept | None = None
    identity: Kept | None = None
    sign_up: Kept | None = None
    others: tuple[str, ...] = ()
    guarded: dict[str, str] | None = None
    carrying: dict[str, str] | None = None
    open: dict[str, str] | None = None
    audience: tuple[str, ...] = ()
    me: tuple[str, ...] = ()
    renewing: tuple[str, ...] = ()
    revoking: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()


def recognise(pages: Sequence[Facts], default: str) -> SignIn | None:
    """The sign-in of an app; None if nothing tells. `default` is the page that it begins with."""
    kept = [one for page in pages for one in _kept(page)]
    scores: dict[str, int] = {}
    for page in pages:
        for query in page.view.queries.values():
            scores[query.name] = max(scores.get(query.name, 0), _score(page, query.name, kept))
    best = max(sorted(scores), key=lambda name: scores[name], default=None)
    if best is None or scores[best] < _ENOUGH:
        return None
    token = _token(best, kept, pages)
    entry = _entry(pages, best, default)
    if token is None or entry is None:
        return None
    found, trusted = token
    own = [one for one in kept if one.query == best]
    also = [one for one in kept if one.query != best and one.key == found.key]
    home = _home(pages, best, entry, default)
    carrying = dict(_carrying(pages, found.key))
    return SignIn(
        query=best,
        entry=entry,
        home=home,
        token=found,
        trusted=trusted,
        reasons=tuple(_reasons(pages, best, found, trusted)),
        refresh=next(
            (
                one
                for one in own
                if meanings.is_refresh_token(one.key) or _ends(one, meanings.is_refresh_token)
            ),
            None,
        ),
        user=next((one for one in own if one.path and meanings.plain(one.key) in _USERS), None),
        identity=next(
            (one for one in own if one.path and meanings.plain(one.path[-1]) in ("id", "uid", "userid")), None
        ),
        sign_up=next((one for one in also if _is_sign_up(one.query)), None),
        others=tuple(sorted({one.query for one in also if not _is_sign_up(one.query)})),
        guarded=dict(_guarded(pages, entry)),
        carrying=carrying,
        open=dict(_open(pages, entry, carrying)),
        audience=tuple(sorted(_audience(pages, best, found.key))),
        me=tuple(sorted(set(_me(pages, found.key)))),
        renewing=tuple(sorted({name for page in pages for name in page.renewing if name != best})),
        revoking=tuple(sorted(set(_revoking(pages)))),
        endings=tuple(_endings(pages, found.key)),
    )


def _kept(page: Facts) -> Iterator[Kept]:
    """What the code of a page stores of answers."""
    for piece in page.view.acting():
        for call in calls.of(page, piece):
            given = syntax.arguments(call.node)
            key = syntax.text(piece, given[0]) if given else None
            if not calls.is_function(call, "storeValue") or len(given) < 2 or key is None:
                continue
            for origin in trace.origins(page.view, piece, given[1]):
                if origin.name.id in page.view.queries and origin.name.path[:1] == ("data",):
                    yield Kept(
                        page=page.view.page.name, key=key, query=origin.name.id, path=origin.name.path[1:]
                    )


def _is_sign_up(query: str) -> bool:
    return any(word in meanings.plain(query) for word in _SIGN_UP)


def _ends(kept: Kept, is_one: object) -> bool:
    return bool(kept.path) and callable(is_one) and bool(is_one(kept.path[-1]))


def _score(page: Facts, name: str, kept: list[Kept]) -> int:
    """How much speaks for a query to be the one that signs in."""
    query = page.view.queries[name]
    words = [
        meanings.plain(name),
        *(meanings.plain(part) for part in literal(query.path).partition("?")[0].split("/")),
    ]
    own = [one for one in kept if one.query == name]
    score = 2 if name in page.signing else 0
    score += 3 if any(meanings.is_token(one.key) or _ends(one, meanings.is_token) for one in own) else 0
    score += 1 if own else 0
    score += (
        3
        if any(any(word.startswith(one) or word.endswith(one) for one in _SIGN_IN) for word in words if word)
        else 0
    )
    score -= 4 if any(one in word for one in _SIGN_UP for word in words) else 0
    score -= 5 if any(one in word for one in _OTHERWISE for word in words) else 0
    score -= 4 if name in page.carrying else 0
    return score if own else 0


def _token(query: str, kept: list[Kept], pages: Sequence[Facts]) -> tuple[Kept, bool] | None:
    """What in the store stands for the sign-in, and whether it is no token."""
    own = [one for one in kept if one.query == query and not meanings.is_refresh_token(one.key)]
    sent = {
        origin.name.store_key
        for page in pages
        for origins in page.carrying.values()
        for origin in origins
        if origin.name.store_key is not None
    }
    tokens = [
        one for one in own if meanings.is_token(one.key) or _ends(one, meanings.is_token) or one.key in sent
    ]
    best = sorted(
        tokens, key=lambda one: (one.key not in sent, "*" in one.path, not _ends(one, meanings.is_token))
    )
    if best:
        return best[0], False
    others = sorted(
        own,
        key=lambda one: ("id" not in meanings.plain(one.key), "user" not in meanings.plain(one.key), one.key),
    )
    return (others[0], True) if others else None


def _entry(pages: Sequence[Facts], query: str, default: str) -> str | None:
    found = [page.view.page.name for page in pages if query in page.view.queries and any(_runs(page, query))]
    found = found or [page.view.page.name for page in pages if query in page.view.queries]
    ranked = sorted(
        found, key=lambda name: (not _is_named(name, ("login", "signin", "auth")), name != default)
    )
    return ranked[0] if ranked else None


def _runs(page: Facts, query: str) -> Iterator[tuple[Piece, object]]:
    for piece in page.view.acting():
        for call, name in page.runs(piece):
            if name == query:
                yield piece, call


def _is_named(name: str, words: tuple[str, ...]) -> bool:
    return any(word in meanings.plain(name) for word in words)


def _home(pages: Sequence[Facts], query: str, entry: str, default: str) -> str:
    """Where the code that signs in goes afterwards."""
    names = [page.view.page.name for page in pages]
    for page in pages:
        if page.view.page.name != entry:
            continue
        for piece in page.view.acting():
            if not any(name == query for _, name in page.runs(piece)):
                continue
            for target in _targets(page, piece):
                if target in names and target != entry and not _is_named(target, _PUBLIC):
                    return target
        for piece in page.view.acting():
            for target in _targets(page, piece):
                if target in names and target != entry and not _is_named(target, _PUBLIC):
                    return target
    return next((name for name in (default, *names) if name != entry), entry)


def _targets(page: Facts, piece: Piece) -> Iterator[str]:
    for call in calls.of(page, piece):
        given = syntax.arguments(call.node)
        if calls.is_function(call, "navigateTo") and given and (name := syntax.text(piece, given[0])):
            yield name


def _guarded(pages: Sequence[Facts], entry: str) -> Iterator[tuple[str, str]]:
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


def _carrying(pages: Sequence[Facts], key: str) -> Iterator[tuple[str, str]]:
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


def _open(pages: Sequence[Facts], entry: str, carrying: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield entry, "users sign in here"
    for page in pages:
        name = page.view.page.name
        if name != entry and name not in carrying and _is_named(name, _PUBLIC):
            yield name, "by its name it is for visitors who are not signed in"


def _audience(pages: Sequence[Facts], query: str, key: str) -> Iterator[str]:
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
            sent = any(origin.name.store_key == key for origin in origins)
            if sent and found is not None and found.text.value not in homes:
                yield found.text.value


def _me(pages: Sequence[Facts], key: str) -> Iterator[str]:
    for page in pages:
        for name, origins in page.carrying.items():
            query = page.view.queries[name]
            words = [meanings.plain(name), meanings.plain(literal(query.path).rstrip("/").rpartition("/")[2])]
            sent = any(origin.name.store_key == key for origin in origins)
            if sent and query.method in READING and any(word in _ME for word in words):
                yield name


def _revoking(pages: Sequence[Facts]) -> Iterator[str]:
    for page in pages:
        for query in page.view.queries.values():
            if query.method not in READING and meanings.is_revocation(query.name, literal(query.path)):
                plain = meanings.plain(query.name)
                if not any(plain.startswith(word) for word in ("login", "signin", "create")):
                    yield query.name


def _endings(pages: Sequence[Facts], key: str) -> Iterator[Ending]:
    """Where the key is cleared, or the whole store."""
    seen = set()
    for page in pages:
        for piece in page.view.acting():
            for call in calls.of(page, piece):
                given = syntax.arguments(call.node)
                named = syntax.text(piece, given[0]) if given else None
                cleared = calls.is_function(call, "clearStore") or (
                    named == key
                    and (
                        calls.is_function(call, "removeValue")
                        or (
                            calls.is_function(call, "storeValue")
                            and (len(given) < 2 or syntax.is_nothing(piece, given[1]))
                        )
                    )
                )
                where = (page.view.page.name, piece.excerpt(call.node))
                if cleared and where not in seen:
                    seen.add(where)
                    yield Ending(page=where[0], what=where[1])


def _reasons(pages: Sequence[Facts], query: str, token: Kept, trusted: bool) -> Iterator[str]:
    if any(query in page.signing for page in pages):
        yield f"{query} sends what a user types as a password"
    member = ".".join(token.path) or "all"
    yield f"storeValue('{token.key}', …) keeps {member} of its answer"
    if trusted:
        yield "its answer holds no token that the app keeps"
    sending = sorted(
        {
            name
            for page in pages
            for name, origins in page.carrying.items()
            if any(o.name.store_key == token.key for o in origins)
        }
    )
    if sending:
        yield f"{len(sending)} queries send appsmith.store.{token.key}"
