"""How often may be signed in, signed up and asked for links: by one address, and for one account.

The auth API sees all users of an app under one address, this server's: without limits here, one attacker
at the sign-in page would lock everybody out (hard-cases 18, P69). The store counts, so they hold for all
processes together, and a restart forgives nothing (P71).
"""

import hashlib
import json
import logging
import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from portico.auth.ports import Allowance, Tally
from portico.auth.tags import Tags
from portico.errors import StoreUnavailable
from portico.model.query import Request, Role
from portico.values import Secret

log = logging.getLogger("portico.runtime")

#: What says in a request whose account it is about.
ACCOUNT = frozenset(
    {"email", "mail", "username", "user", "login", "identifier", "identity", "phone", "account", "userid"}
)
#: How deep an account is looked for in a body, and in how long a text.
_DEPTH, _TEXT_LIMIT = 4, 16 << 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """So many attempts at once, and one more every `seconds`."""

    burst: int
    seconds: float

    def under(self, key: str) -> Allowance:
        """The same, as stores count it."""
        return Allowance(key=key, burst=self.burst, every=timedelta(seconds=self.seconds))


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Of one address, and for one account. `proves`: who succeeds has shown whose the account is. A mail that
    was sent shows nothing, and is one more for somebody who may not have asked for it (P79)."""

    address: Limit
    account: Limit
    proves: bool = False


_SIGN_IN = Limits(address=Limit(burst=30, seconds=10), account=Limit(burst=10, seconds=30), proves=True)
_SIGN_UP = Limits(address=Limit(burst=20, seconds=30), account=Limit(burst=5, seconds=60))
_MAIL = Limits(address=Limit(burst=20, seconds=30), account=Limit(burst=1, seconds=60))
LIMITS: Mapping[Role, Limits] = {
    "sign_in": _SIGN_IN,
    "verify": _SIGN_IN,
    "sign_up": _SIGN_UP,
    "recover": _MAIL,
    "otp": _MAIL,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One that may be made: `account` is under what it was counted for its account, if it names one and its
    success is to be forgiven."""

    account: str | None


class Attempts:
    """Counts attempts, with all processes that have the same store."""

    def __init__(self, tally: Tally, server_key: Secret) -> None:
        self._tally = tally
        self._tags = Tags(server_key)

    async def count(self, app: str, role: Role, address: str, request: Request) -> Attempt | int:
        """One attempt more; or in how many seconds there may be another. What is refused is not counted, so
        that who waits as long as told gets through. Raises StoreUnavailable: then it is not made (P116)."""
        limits, account = LIMITS[role], account_of(request)
        allowances = [limits.address.under(self._tags.tag("attempts", app, role, "address", address))]
        key = self._tags.tag("attempts", app, role, "account", account) if account is not None else None
        if key is not None:
            allowances.append(limits.account.under(key))
        wait = await self._tally.take(allowances)
        if wait is None:
            return Attempt(account=key if limits.proves else None)
        return max(1, math.ceil(wait.total_seconds()))

    async def forgive(self, attempt: Attempt) -> None:
        """It succeeded: what was counted for the account before counts no more (P69). Where that cannot be
        written, it goes on counting."""
        if attempt.account is None:
            return
        try:
            await self._tally.forgive(attempt.account)
        except StoreUnavailable as error:
            log.warning("attempts are not forgiven", extra={"why": error.detail})


def account_of(request: Request) -> str | None:
    """Whose account a request is about, as a hash: spelled otherwise, it is the same (P69)."""
    for name, value in _members(request):
        if name.lower().replace("_", "").replace("-", "") in ACCOUNT and isinstance(value, str | int):
            # Twice, as folding can leave what composes anew.
            text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", str(value)).casefold())
            plain = "".join(text.split())
            if plain:
                return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()
    return None


def _members(request: Request) -> Iterator[tuple[str, Any]]:
    """Everything with a name in a request, the outermost first."""
    body = request.body
    if isinstance(body, str):
        body = _parsed(body)
    elif isinstance(body, list | tuple) and all(isinstance(pair, list | tuple) for pair in body):
        body = dict(pair for pair in body if len(pair) == 2 and isinstance(pair[0], str))
    yield from request.params
    level: list[Any] = [body]
    for _ in range(_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, Mapping):
                yield from ((str(name), found) for name, found in value.items())
                inner += value.values()
            elif isinstance(value, list | tuple):
                inner += value
        level = inner


def _parsed(text: str) -> Any:
    """A body that was written as text: JSON, or a form."""
    if len(text) > _TEXT_LIMIT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return dict(parse_qsl(text)) if "=" in text else None
