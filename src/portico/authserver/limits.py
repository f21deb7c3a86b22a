"""How often something may be tried: counters over a window that begins with the first try."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address

from starlette.requests import Request

from portico.authserver.settings import RateLimit
from portico.clock import Clock

_MOST_KEYS = 50_000
_MOST_KNOWN = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Where a key stands: `used` of `limit` until `resets_at`."""

    limit: int
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        """How many tries are left."""
        return max(self.limit - self.used, 0)

    @property
    def exceeded(self) -> bool:
        """Whether the last try was one too many."""
        return self.used > self.limit


class Window:
    """Counts per key. Windows are kept in the order in which they began, so the oldest is the first to go."""

    def __init__(self, clock: Clock, limit: int, interval: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._interval = interval
        self._counts: dict[str, Count] = {}

    def hit(self, key: str) -> Count:
        """Count one more try."""
        current = self.peek(key)
        self._counts[key] = count = replace(current, used=current.used + 1)
        if len(self._counts) > _MOST_KEYS:
            del self._counts[next(iter(self._counts))]
        return count

    def peek(self, key: str) -> Count:
        """Where `key` stands now, without counting."""
        now = self._clock.now()
        while self._counts and (oldest := next(iter(self._counts.items())))[1].resets_at <= now:
            del self._counts[oldest[0]]
        return self._counts.get(key) or Count(limit=self._limit, used=0, resets_at=now + self._interval)

    def forget(self, key: str) -> None:
        """Begin anew for `key`."""
        self._counts.pop(key, None)


class Attempts:
    """Both limits of sign-in and sign-up: per client address and per account (P69).

    An account that was guessed at too often is closed to strangers, but not to the addresses that signed in
    to it before, so that nobody is locked out by somebody else (P70).
    """

    def __init__(self, clock: Clock, limit: RateLimit) -> None:
        self._by_address = Window(clock, limit.attempts, limit.interval)
        self._failures = Window(clock, limit.account_failures, limit.account_interval)
        self._known: dict[tuple[str, str], None] = {}

    def hit(self, route: str, address: str) -> Count:
        """Count one request of this client to this route, whatever is in it."""
        return self._by_address.hit(f"{route}:{address}")

    def admit(self, account: str, address: str) -> Count | None:
        """Let this client try a password of this account, or say what forbids it.

        The try counts as a failure until `succeeded`, so that the bound holds when many try at once.
        """
        count = self._failures.peek(account)
        if count.remaining == 0 and (account, address) not in self._known:
            return count
        self._failures.hit(account)
        return None

    def succeeded(self, account: str, address: str) -> None:
        """Forget the wrong passwords of this account and know this client from now on."""
        self._failures.forget(account)
        self._known.pop((account, address), None)
        self._known[account, address] = None
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]


def client_of(request: Request) -> str:
    """Who is counted for a request: its client, as the connection shows it; no header can change it (P69)."""
    return client_key(request.client.host if request.client else "")


def client_key(host: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return host
    return str(address.ipv4_mapped or address.packed[:8].hex())
