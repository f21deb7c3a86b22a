"""What an answer of the auth API means, by the mappings of the contract.

The answers that count are those that this server received; scripts of pages never touch them
(hard-cases 1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from portico.auth.sealing import Vault
from portico.model.identity import Identity
from portico.model.query import Role
from portico.runtime import queries
from portico.runtime.queries import Result
from portico.values import Secret

#: Longest uid taken from an auth API; ids longer than this are an answer gone wrong.
UID_LIMIT = 256
#: Longest lifetime of a token that is believed.
_LIFETIME_LIMIT = timedelta(days=3650)
#: A header may name what kind of token it carries.
_SCHEME = re.compile(r"(?:Bearer|Token|JWT) +", re.IGNORECASE)

_ME = ("succeeded", "uid", "user", "roles", "error")
_GRANT = ("succeeded", "token", "refresh_token", "expires_in", "expires_at", "uid", "user", "roles", "error")
_STEPS = (*_GRANT, "pending")
_ASKED: Mapping[Role, tuple[str, ...]] = {
    "me": _ME,
    "sign_in": _STEPS,
    "sign_up": _STEPS,
    "verify": _STEPS,
    "refresh": _GRANT,
    "exchange": _GRANT,
}
#: Of the answer of any other query.
_DONE = ("succeeded", "error")
_REFUSED = "The sign-in did not succeed."


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What an answer of the auth API handed out, in which `role`. `identity` is None where it does not say
    whose it is, its roles are None where it does not say those. `token` is None where the app's scripts are
    trusted to sign in without one."""

    role: Role
    token: Secret | None
    refresh: Secret | None
    expires_at: datetime | None
    identity: Identity | None
    roles: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What an answer came to: `succeeded`, with what it granted; or `pending`, if another step has to follow;
    or neither, and `message` says why, if the auth API did."""

    succeeded: bool
    grant: Grant | None = None
    pending: bool = False
    message: str = ""


def questions(role: Role, result: Result) -> list[dict[str, Any]]:
    """What is asked of an answer. What hands out tokens is shown as it came, what is kept about a user
    with tokens sealed."""
    answer = result.answer
    if answer is None:
        return []
    shown = {
        "status": answer.status,
        "headers": {name.lower(): value for name, value in answer.headers},
        "cookies": answer.cookies,
        "body": result.value if role == "me" else queries.body_of(answer),
    }
    return [
        {"k": "evaluate", "ev": role, "name": f"{role}.{name}", "values": {"response": shown}}
        for name in _ASKED.get(role, _DONE)
    ]


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
) -> Meaning:
    """What the mappings of a query say. Tokens that it hands out are known to `vault` from now on. With
    `trusts_script`, an answer of `sign_in` that names a user grants something without a token, too."""
    if mapped.get("pending") not in (None, False, 0, ""):
        token_of(mapped, "token", vault)
        return Meaning(succeeded=False, pending=True)
    if mapped.get("succeeded") is not True:
        return Meaning(succeeded=False, message=_words(mapped, result))
    token = token_of(mapped, "token", vault)
    if token is None:
        return Meaning(succeeded=True, grant=_vouched(role, mapped, vault) if trusts_script else None)
    refresh = token_of(mapped, "refresh_token", vault)
    grant = Grant(
        role=role,
        token=token,
        refresh=refresh,
        expires_at=end_of(mapped, now),
        identity=identity_of(mapped, vault),
        roles=roles_of(mapped),
    )
    return Meaning(succeeded=True, grant=grant)


def _vouched(role: Role, mapped: Mapping[str, Any], vault: Vault) -> Grant | None:
    """What an answer without a token grants, once a script says so."""
    identity = identity_of(mapped, vault) if role == "sign_in" else None
    if identity is None:
        return None
    return Grant(
        role=role, token=None, refresh=None, expires_at=None, identity=identity, roles=roles_of(mapped)
    )


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
