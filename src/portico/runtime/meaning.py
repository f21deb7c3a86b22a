"""What an answer of the auth API means, by the mappings of the contract.

The answers that count are those that this server received; scripts of pages never touch them
(hard-cases 1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from portico.auth.evidence import Cookies
from portico.auth.handles import cookie_slot
from portico.auth.jar import Jar
from portico.auth.sealing import Vault
from portico.auth.set_cookie import Cookie
from portico.auth.succession import end_of as end_of_cookie
from portico.model.identity import Identity
from portico.model.query import Role
from portico.runtime import queries
from portico.runtime.answer import Answer
from portico.runtime.queries import Result
from portico.values import Secret

#: Longest uid taken from an auth API; ids longer than this are an answer gone wrong.
UID_LIMIT = 256
#: Longest lifetime of a token that is believed.
_LIFETIME_LIMIT = timedelta(days=3650)
#: A header may name what kind of token it carries.
_SCHEME = re.compile(r"(?:Bearer|Token|JWT) +", re.IGNORECASE)

_ME = ("succeeded", "uid", "user", "roles", "error", "refused")
_GRANT = ("succeeded", "token", "refresh_token", "expires_in", "expires_at", "uid", "user", "roles", "error")
_STEPS = (*_GRANT, "pending")
_ASKED: Mapping[Role, tuple[str, ...]] = {
    "me": _ME,
    "sign_in": _STEPS,
    "sign_up": _STEPS,
    "verify": _STEPS,
    "refresh": (*_GRANT, "refused"),
    "exchange": _GRANT,
}
#: The evaluation of whether an answer refuses the token.
REFUSED = "auth.refused"
#: Of the answer of any other query.
_DONE = ("succeeded", "error")
_REFUSED = "The sign-in did not succeed."


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What an answer of the auth API handed out, in which `role`. `identity` is None where it does not say
    whose it is, its roles are None where it does not say those. `token` is None where the app's scripts are
    trusted to sign in without one; with a `carrier` it is in the cookie of that slot. `cookies` is what the
    answer set. `proven`: it needs no token, as the app's own table of users answered."""

    role: Role
    token: Secret | None
    refresh: Secret | None
    expires_at: datetime | None
    identity: Identity | None
    roles: frozenset[str] | None = None
    carrier: str = ""
    cookies: Cookies = ()
    proven: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What an answer came to: `succeeded`, with what it granted; or `pending`, if another step has to follow;
    or neither, and `message` says why, if the auth API did."""

    succeeded: bool
    grant: Grant | None = None
    pending: bool = False
    message: str = ""

    @property
    def proves(self) -> bool:
        """Whether the answer itself shows that whoever asked is whom it is about. That it went well does not,
        where a script has yet to look at it: a row was found, or `{"success": false}` came with 200."""
        grant = self.grant
        return self.pending or (grant is not None and (grant.token is not None or grant.proven))


def questions(role: Role, result: Result) -> list[dict[str, Any]]:
    """What is asked of an answer. What hands out tokens is shown as it came, what is kept about a user
    with tokens sealed."""
    answer = result.answer
    if answer is None:
        return []
    shown = _shown(answer, result.value if role == "me" else queries.body_of(answer))
    return [_question(role, name, shown) for name in _ASKED.get(role, _DONE)]


def refusal_question(answer: Answer) -> dict[str, Any]:
    """What is asked of the answer to a call that carried the token. Its value is that of `REFUSED`."""
    return _question("auth", "refused", _shown(answer, queries.body_of(answer)))


def _question(owner: str, name: str, shown: Mapping[str, Any]) -> dict[str, Any]:
    return {"k": "evaluate", "ev": owner, "name": f"{owner}.{name}", "values": {"response": shown}}


def _shown(answer: Answer, body: Any) -> dict[str, Any]:
    return {
        "status": answer.status,
        "headers": {name.lower(): value for name, value in answer.headers},
        "cookies": answer.cookies,
        "body": body,
    }


def is_refused(said: Any, status: int) -> bool:
    """Whether an answer says that the token it was asked with is good no more, by what its mapping `refused`
    gave. One that gave nothing, as it does where it failed, leaves it at 401."""
    return status == 401 if said is None else _says(said)


def _says(value: Any) -> bool:
    """Whether a mapping that is about yes or no gave a yes."""
    return value not in (None, False, 0, "")


def named(role: Role, results: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a role's mappings, by their names."""
    return {name.removeprefix(f"{role}."): value for name, value in results.items()}


def meaning_of(
    role: Role,
    mapped: Mapping[str, Any],
    result: Result,
    vault: Vault,
    now: datetime,
    *,
    trusts_script: bool = False,
    proves: bool = False,
    jar: Jar | None = None,
    carrier: str = "",
) -> Meaning:
    """What the mappings of a query say. Tokens that it hands out are known to `vault` from now on. With
    `trusts_script`, an answer of `sign_in` that names a user grants something without a token, too; where it
    `proves` who that is, so does one of `verify`, and no script has to agree. With a
    `jar`, that of the request, the token may be in a cookie, where that of the session is in `carrier`."""
    if _says(mapped.get("pending")):
        token_of(mapped, "token", vault)
        return Meaning(succeeded=False, pending=True)
    if mapped.get("succeeded") is not True:
        return Meaning(succeeded=False, message=_words(mapped, result))
    token, cookies = token_of(mapped, "token", vault), cookies_of(result)
    slot, cookie = _carried(role, token, cookies, jar, now, carrier)
    if token is None and cookie is None:
        vouched = _vouched(role, mapped, cookies, vault, proves=proves) if trusts_script or proves else None
        return Meaning(succeeded=True, grant=vouched)
    grant = Grant(
        role=role,
        token=token if cookie is None else cookie.value,
        refresh=token_of(mapped, "refresh_token", vault),
        expires_at=end_of(mapped, now) or (end_of_cookie(cookie, now) if cookie is not None else None),
        identity=identity_of(mapped, vault),
        roles=roles_of(mapped),
        carrier=slot,
        cookies=cookies,
    )
    return Meaning(succeeded=True, grant=grant)


def _vouched(
    role: Role, mapped: Mapping[str, Any], cookies: Cookies, vault: Vault, *, proves: bool
) -> Grant | None:
    """What an answer without a token grants, once a script says so, or by itself."""
    signs_in = role == "sign_in" or (proves and role == "verify")
    identity = identity_of(mapped, vault) if signs_in else None
    if identity is None:
        return None
    return Grant(
        role=role,
        token=None,
        refresh=None,
        expires_at=None,
        identity=identity,
        roles=roles_of(mapped),
        cookies=cookies,
        proven=proves,
    )


def cookies_of(result: Result) -> Cookies:
    """What an answer set."""
    return (result.set_cookies,) if result.set_cookies is not None else ()


def _carried(
    role: Role, token: Secret | None, cookies: Cookies, jar: Jar | None, now: datetime, carrier: str
) -> tuple[str, Cookie | None]:
    """The cookie that a session is to stand with after an answer, and its slot: the one that says its token;
    where it has none, the one that it signs in with, if that is what its query is for, or goes on with."""
    if jar is None or not cookies:
        return "", None
    after = jar.taking(cookies, now)
    if token is not None:
        slot = after.carrier_of(token)
        return slot, after.at(slot)
    signs_in = role in ("sign_in", "verify", "exchange")
    cookie = after.credential(cookies[0], now, carrier=carrier) if signs_in or carrier else None
    return cookie_slot(cookies[0].issuer, cookie.name) if cookie is not None else "", cookie


def token_of(mapped: Mapping[str, Any], name: str, vault: Vault) -> Secret | None:
    """A token that a mapping gives, without the scheme before it."""
    value = mapped.get(name)
    if not isinstance(value, str):
        return None
    token = _SCHEME.sub("", value, count=1) if _SCHEME.match(value) else value
    if not token:
        return None
    vault.seal(token)
    return Secret(token)


def identity_of(mapped: Mapping[str, Any], vault: Vault) -> Identity | None:
    """Whom an answer names, if it does. What is known of the user is what scripts see: tokens in it are
    sealed, wherever the mapping took them from."""
    uid, user = mapped.get("uid"), mapped.get("user")
    if isinstance(uid, bool) or not isinstance(uid, str | int) or not 0 < len(str(uid)) <= UID_LIMIT:
        return None
    known = user if isinstance(user, dict) else {}
    return Identity(
        uid=str(uid),
        user=vault.seal_answer(known),
        roles=roles_of(mapped) or frozenset(),
    )


def roles_of(mapped: Mapping[str, Any]) -> frozenset[str] | None:
    """The roles that an answer names; None where it does not say."""
    roles = mapped.get("roles")
    return frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else None


def end_of(mapped: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a token ends, by what its answer says: so many seconds from now rather than a time, since
    clocks differ (P86)."""
    seconds = _number(mapped.get("expires_in"))
    if seconds is not None and 0 < seconds <= _LIFETIME_LIMIT.total_seconds():
        return now + timedelta(seconds=seconds)
    at = _moment(mapped.get("expires_at"))
    return at if at is not None and at <= now + _LIFETIME_LIMIT else None


def _words(mapped: Mapping[str, Any], result: Result) -> str:
    """Why it did not go well. Too many attempts are never called a wrong password, and what an API says
    about errors of its own is not for users (hard-cases 18)."""
    status = result.answer.status if result.answer is not None else 0
    if status != 429 and status < 500:
        words = mapped.get("error")
        if isinstance(words, str) and words.strip():
            return words.strip()[: queries.MESSAGE_LIMIT]
    return result.message or _REFUSED


def _number(value: Any) -> float | None:
    """Seconds, which some write as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(value: Any) -> datetime | None:
    """A time: seconds or milliseconds since 1970, or a date of ISO 8601."""
    number = _number(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found is not None else None
