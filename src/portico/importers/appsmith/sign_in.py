"""How an application signs its users in, as far as its code tells: which query, what of its answer is kept
where, which pages ask for it, and how it ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portico.definition.lint import calls, meanings, syntax, trace
from portico.definition.lint.facts import Facts, literal
from portico.definition.lint.piece import Piece
from portico.importers.appsmith.comparing import compared
from portico.importers.appsmith.sign_in_pages import (
    PUBLIC,
    Ending,
    audience,
    carrying_of,
    endings,
    guarded_of,
    is_named,
    is_sql,
    me_of,
    open_pages,
    revoking,
    runs,
    sent,
)

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
_DOORS = ("login", "signin", "auth")
#: Keys under which applications keep who is signed in.
USERS = frozenset({"user", "currentuser", "profile", "userprofile", "userdata", "userinfo", "account"})
_IDENTITIES = frozenset({"userid", "uid", "user", "currentuser", "loggedinuser", "id"})
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
class SignIn:
    """The sign-in. `token` is the value that stands for it in the store: a token, or with `trusted` something
    of the user, where the answer holds no token. `guarded` and `carrying` say why pages need it; `kept` is
    all that the application stores of answers."""

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
    rows: bool = False
    others: tuple[str, ...] = ()
    guarded: dict[str, str] | None = None
    carrying: dict[str, str] | None = None
    open: dict[str, str] | None = None
    audience: tuple[str, ...] = ()
    me: tuple[str, ...] = ()
    renewing: tuple[str, ...] = ()
    revoking: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()
    kept: tuple[Kept, ...] = ()


def recognise(pages: Sequence[Facts], default: str) -> SignIn | None:
    """The sign-in of an app; None if nothing tells. `default` is the page that it begins with."""
    kept = list(dict.fromkeys(_spread([one for page in pages for one in _kept(page)], pages)))
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
    carrying = dict(carrying_of(pages, found.key))
    return SignIn(
        query=best,
        entry=entry,
        home=home,
        rows=any(best in page.view.queries and is_sql(page, best) for page in pages),
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
        user=next((one for one in own if one.path and meanings.plain(one.key) in USERS), None),
        identity=next(
            (one for one in own if one.path and meanings.plain(one.path[-1]) in ("id", "uid", "userid")), None
        ),
        sign_up=next((one for one in also if _is_sign_up(one.query)), None),
        others=tuple(sorted({one.query for one in also if not _is_sign_up(one.query)})),
        guarded=dict(guarded_of(pages, entry)),
        carrying=carrying,
        open=dict(open_pages(pages, entry, best, carrying)),
        audience=tuple(sorted(set(audience(pages, best, found.key)))),
        me=tuple(sorted(set(me_of(pages, found.key)))),
        renewing=tuple(sorted({name for page in pages for name in page.renewing if name != best})),
        revoking=tuple(sorted(set(revoking(pages)))),
        endings=tuple(endings(pages, found.key)),
        kept=tuple(kept),
    )


def _kept(page: Facts) -> Iterator[Kept]:
    """What the code of a page stores of answers. `*` is the key of what is stored key by key."""
    for piece in page.view.acting():
        for call in calls.of(page, piece):
            given = syntax.arguments(call.node)
            if not calls.is_function(call, "storeValue") or len(given) < 2:
                continue
            key = syntax.text(piece, given[0])
            for origin in trace.origins(page.view, piece, given[1]):
                path = origin.name.path[1:]
                answered = origin.name.id in page.view.queries and origin.name.path[:1] == ("data",)
                if answered and (key is not None or path == ("*",)):
                    yield Kept(page=page.view.page.name, key=key or "*", query=origin.name.id, path=path)


def _spread(kept: list[Kept], pages: Sequence[Facts]) -> Iterator[Kept]:
    """The tokens that queries send, of answers of which every member is stored under its own name."""
    keys = sorted({key for page in pages for key in sent(page)})
    for one in kept:
        if one.key != "*":
            yield one
            continue
        for key in keys:
            if meanings.is_token(key):
                yield Kept(page=one.page, key=key, query=one.query, path=(key,))


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
    # Nothing else but a sign-in does that with what it has found.
    score += _ENOUGH if name in compared(page) else 0
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
    keys = {key for page in pages for key in sent(page)}
    tokens = [
        one for one in own if meanings.is_token(one.key) or _ends(one, meanings.is_token) or one.key in keys
    ]
    best = sorted(
        tokens, key=lambda one: (one.key not in keys, "*" in one.path, not _ends(one, meanings.is_token))
    )
    if best:
        return best[0], False
    others = sorted(own, key=lambda one: (_rank(one), one.key))
    return (others[0], True) if others else None


def _rank(kept: Kept) -> tuple[bool, bool, bool]:
    """How far something that is kept is from naming the user."""
    plain = meanings.plain(kept.key)
    return plain not in _IDENTITIES, "user" not in plain, "id" not in plain


def _entry(pages: Sequence[Facts], query: str, default: str) -> str | None:
    found = [page.view.page.name for page in pages if query in page.view.queries and any(runs(page, query))]
    found = found or [page.view.page.name for page in pages if query in page.view.queries]
    ranked = sorted(found, key=lambda name: (not is_named(name, _DOORS), name != default))
    if ranked and not is_named(ranked[0], _DOORS) and is_named(default, _DOORS):
        # Where the answer of a provider is taken is not where users begin.
        return default
    return ranked[0] if ranked else None


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
                if target in names and target != entry and not is_named(target, PUBLIC):
                    return target
        for piece in page.view.acting():
            for target in _targets(page, piece):
                if target in names and target != entry and not is_named(target, PUBLIC):
                    return target
    return next((name for name in (default, *names) if name != entry), entry)


def _targets(page: Facts, piece: Piece) -> Iterator[str]:
    for call in calls.of(page, piece):
        given = syntax.arguments(call.node)
        if calls.is_function(call, "navigateTo") and given and (name := syntax.text(piece, given[0])):
            yield name


def _reasons(pages: Sequence[Facts], query: str, token: Kept, trusted: bool) -> Iterator[str]:
    if any(query in page.signing for page in pages):
        yield f"{query} sends what a user types as a password"
    if any(query in compared(page) for page in pages):
        yield f"what a user types as a password is compared with the answer of {query}"
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
