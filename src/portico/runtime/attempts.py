"""How often may be signed in, signed up and asked for links: by one address, and for one account.

The auth API sees all users of an app under one address, this server's: without limits here, one attacker
at the sign-in page would lock everybody out (hard-cases 18, P69). They hold for this process.
"""

import hashlib
import json
import math
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from portico.clock import Clock
from portico.model.query import Request, Role

#: What says in a request whose account it is about.
ACCOUNT = frozenset(
    {"email", "mail", "username", "user", "login", "identifier", "identity", "phone", "account", "userid"}
)
#: How deep an account is looked for in a body, and in how long a text.
_DEPTH, _TEXT_LIMIT = 4, 16 << 10
REMEMBERED = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """So many attempts at once, and one more every `seconds`."""

    burst: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Of one address, and for one account."""

    address: Limit
    account: Limit


_SIGN_IN = Limits(address=Limit(burst=30, seconds=10), account=Limit(burst=10, seconds=30))
_SEND = Limits(address=Limit(burst=20, seconds=30), account=Limit(burst=5, seconds=60))
LIMITS: Mapping[Role, Limits] = {
    "sign_in": _SIGN_IN,
    "verify": _SIGN_IN,
    "sign_up": _SEND,
    "recover": _SEND,
    "otp": _SEND,
}


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One that may be made: `keys` are what it was counted for."""

    keys: tuple[str, ...]


class Attempts:
    """Counts attempts of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def count(self, app: str, role: Role, address: str, request: Request) -> Attempt | int:
        """One attempt more; or in how many seconds there may be another. What is refused is not counted, so
        that who waits as long as told gets through."""
        limits = LIMITS[role]
        keys = [(f"{app} {role} address {address}", limits.address)]
        if (account := account_of(request)) is not None:
            keys.append((f"{app} {role} account {account}", limits.account))
        buckets = [(self._bucket(key, limit), limit) for key, limit in keys]
        waits = [(1 - bucket.left) * limit.seconds for bucket, limit in buckets if bucket.left < 1]
        if waits:
            return max(1, math.ceil(max(waits)))
        for bucket, _ in buckets:
            bucket.left -= 1
        return Attempt(keys=tuple(key for key, _ in keys))

    def forgive(self, attempt: Attempt) -> None:
        """It succeeded: what was counted for the account before counts no more (P69)."""
        for key in attempt.keys[1:]:
            self._buckets.pop(key, None)

    def _bucket(self, key: str, limit: Limit) -> _Bucket:
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault(key, _Bucket(limit.burst, now))
        self._buckets.move_to_end(key)
        bucket.left = min(limit.burst, bucket.left + max(now - bucket.at, 0.0) / limit.seconds)
        bucket.at = now
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket


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
