"""What `auth` of app.yaml says of a sign-in that was recognised."""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith.role_source import Roles
from portico.importers.appsmith.sign_in import Kept, SignIn
from portico.importers.appsmith.upkeep import Concluded, Task

#: Members of an answer that Portico takes for the token, and for what renews it, by itself.
_TOKENS = frozenset({"access_token", "accessToken", "token", "jwt", "access"})
_REFRESH = frozenset({"refresh_token", "refreshToken", "refresh"})
#: Members of the answer of `me` that it takes for who it is.
_UIDS = frozenset({"id", "sub", "uid"})
_ORDER: tuple[Task, ...] = ("refresh", "sign_out", "me")


def contract_of(
    found: SignIn, tasks: Mapping[Task, Concluded], names: Mapping[Task, str], roles: Roles
) -> Iterator[tuple[str, Any]]:
    """The contract, key by key. `names` are what the queries of `tasks` are called in the app."""
    yield "entry_page", found.entry
    yield "home_page", found.home
    yield "sign_in", {**dict(_sign_in(found)), **_roles(roles, found.query)}
    if found.sign_up is not None and not found.trusted:
        yield "sign_up", {**dict(_sign_up(found.sign_up)), **_roles(roles, found.sign_up.query)}
    for task in _ORDER:
        if task in tasks:
            mappings = {**dict(_task(found, tasks[task])), **_of_me(roles, tasks[task])}
            yield task, {"query": names[task], **mappings}
    yield "store_keys", {"token": found.token.key}
    if found.audience:
        yield "audience", list(found.audience)


def query_name(query: str) -> str:
    """What the contract calls a query: one of a module by the name of its instance."""
    instance, _, inner = query.partition(".")
    return instance if inner and "." not in inner else query


def _sign_in(found: SignIn) -> Iterator[tuple[str, Any]]:
    yield "query", query_name(found.query)
    if found.trusted:
        yield from _trusted(found)
        return
    yield from _token("token", found.token, _TOKENS)
    yield from _token("refresh_token", found.refresh, _REFRESH)
    user = _member(found.user)
    if found.user is not None and user is not None and found.user.path != ("user",):
        yield "uid", f"{{{{ {user}?.id }}}}"
        yield "user", f"{{{{ {user} }}}}"


def _trusted(found: SignIn) -> Iterator[tuple[str, Any]]:
    """Where the answer holds no token: whom it names is who signs in, once the app's code says so."""
    yield "trust", "script"
    user = "response.body"
    if found.rows or found.token.path[:1] == ("0",):
        user = "response.body?.[0]"
    uid = _member(found.identity) or f"{user}?.id"
    # A statement that finds nobody, or everybody, names nobody. It has run well all the same: the app's own
    # code gets the rows, and says what comes of it.
    yield "uid", f"{{{{ response.body?.length === 1 ? {uid} : null }}}}" if found.rows else f"{{{{ {uid} }}}}"
    yield "user", f"{{{{ {user} }}}}"


def _sign_up(kept: Kept) -> Iterator[tuple[str, Any]]:
    yield "query", query_name(kept.query)
    yield from _token("token", kept, _TOKENS)


def _task(found: SignIn, concluded: Concluded) -> Iterator[tuple[str, Any]]:
    """The mappings of a query that keeps the sign-in up."""
    renews = concluded.refresh
    if renews is None and concluded.token is not None and concluded.token.path == found.token.path:
        # An app that keeps the old one misses that it is renewed, too: where the answer has it, it counts.
        renews = found.refresh
    yield from _token("token", concluded.token, _TOKENS)
    yield from _token("refresh_token", renews, _REFRESH)
    if concluded.task == "me" and (concluded.user or concluded.uid not in _UIDS):
        yield "uid", f"{{{{ {_code((*concluded.user, concluded.uid))} }}}}"
    if concluded.user:
        yield "user", f"{{{{ {_code(concluded.user)} }}}}"


def _of_me(roles: Roles, concluded: Concluded) -> dict[str, str]:
    return _roles(roles, concluded.query) if concluded.task == "me" else {}


def _roles(roles: Roles, query: str) -> dict[str, str]:
    """The roles in the answer of a query: one, or a list of them."""
    path = roles.answers.get(query)
    code = _code(path) if path is not None else None
    return {"roles": f"{{{{ [].concat({code} ?? []) }}}}"} if code is not None else {}


def _token(name: str, kept: Kept | None, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Where a token stands, unless Portico finds it there by itself."""
    member = _member(kept)
    if kept is None or member is None or not kept.path:
        return
    if not (len(kept.path) == 1 and kept.path[0] in known):
        yield name, f"{{{{ {member} }}}}"


def _member(kept: Kept | None) -> str | None:
    """The member of an answer that is kept, as code over the response; None for one that is computed."""
    return None if kept is None else _code(kept.path)


def _code(path: tuple[str, ...]) -> str | None:
    code = "response.body"
    for part in path:
        if part.isdigit():
            code += f"?.[{part}]"
        elif part.isidentifier() and part.isascii():
            code += f"?.{part}"
        else:
            return None
    return code
