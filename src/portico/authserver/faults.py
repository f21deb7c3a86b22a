"""Faults of an auth API, on purpose: what goes wrong, at which endpoint, for whom, and how often.

One spelling everywhere, on the command line, by HTTP and in journeys:

    [ENDPOINT: ]WHAT[ xN][ for USER]

`refresh: status 503 x2` · `sign_in: delay 3s` · `me: html x1 for anna` · `GET /api/**: drop` · `new key`.
ENDPOINT is a role that every dialect has (`sign_in`, `refresh`, `me`, `sign_out`, `sign_up`, `recover`) or
`METHOD /path`, in which `*` stands for a part and `**` for the rest; without one, every call is meant. WHAT
is one of `fault_words.SPELLINGS`. `xN` is for the next N calls; without it, a fault stands until it is
cleared. USER is a user name or an e-mail address.
"""

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, final

from portico.authserver.endpoints import Role, Where, where_of
from portico.authserver.fault_kinds import ExpiredAtOnce, Kind, RefreshReuse, RevokedSession
from portico.authserver.fault_words import FaultInvalid, kind_of

_TIMES = re.compile(r"x([1-9][0-9]{0,5})")
_USER = re.compile(r"\S{1,254}")
_KEYS = ("what", "endpoint", "times", "user")
_MOST_FAULTS = 200
_MOST_COUNTS = 20_000
# Where a kind has a meaning, if no endpoint is named: elsewhere it would be used up and change nothing.
_ISSUING = (Role.SIGN_IN, Role.SIGN_UP, Role.REFRESH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong. `times` of None is until it is cleared, `endpoint` of None every call,
    `user` of "" everybody."""

    kind: Kind
    endpoint: Where | None = None
    times: int | None = None
    user: str = ""

    @classmethod
    def parse(cls, spelled: "str | Mapping[str, object]") -> Self:
        """A fault as it is written: text such as `refresh: status 503 x2 for anna`, or a mapping with the
        same words apart: `{what: status 503, endpoint: refresh, times: 2, user: anna}`, of which `what` is a
        must.

        Raises `FaultInvalid`, whose message names what was expected.
        """
        words = _of_text(spelled) if isinstance(spelled, str) else _of_mapping(spelled)
        if words.user and _USER.fullmatch(words.user) is None:
            raise FaultInvalid(message=f"Not a user name: {words.user!r}.")
        kind = kind_of(words.what)
        if isinstance(kind, RevokedSession) and (words.times is not None or words.endpoint is not None):
            raise FaultInvalid(message="Sessions are revoked at once: name neither an endpoint nor times.")
        endpoint = None if words.endpoint is None else where_of(words.endpoint)
        return cls(kind=kind, endpoint=endpoint, times=words.times, user=words.user)

    @property
    def text(self) -> str:
        """As `parse` reads it."""
        where = "" if self.endpoint is None else f"{self.endpoint}: "
        times = "" if self.times is None else f" x{self.times}"
        return f"{where}{self.kind.words}{times}{f' for {self.user}' if self.user else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request as faults see it: `users` are the names of whose it is, `token` stands for the token that it
    carries without being one. It can have several `roles`, the foremost first."""

    method: str
    path: str
    roles: tuple[Role, ...] = ()
    users: frozenset[str] = frozenset()
    token: str = ""

    @property
    def endpoint(self) -> str:
        """Its foremost role, or method and path."""
        return self.roles[0].value if self.roles else f"{self.method} {self.path}"

    @property
    def user(self) -> str:
        """Whose it is: the user name, where several are known the one without an @."""
        return min(self.users, key=lambda name: ("@" in name, name), default="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A fault that was not used up: `left` calls are to come, or as many as there are (None)."""

    id: int
    fault: Fault
    left: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many calls of one endpoint one token made (or none, with a token of ""), and how many of them a
    fault befell. `token` is a short digest: who reads it cannot sign in with it."""

    endpoint: str
    user: str
    token: str
    calls: int
    faulty: int


@final
class Faults:
    """The faults that stand at one auth server, and counters of its calls. Safe to use from any thread,
    beside the running server: what is added counts from the next call on."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._standing: list[Standing] = []
        self._next_id = 1
        self._calls: Counter[tuple[str, str, str]] = Counter()
        self._faulty: Counter[tuple[str, str, str]] = Counter()
        self.add(*faults)

    def add(self, *faults: Fault) -> tuple[Standing, ...]:
        """Let these go wrong from now on, all or none: raises `FaultInvalid` where too many would stand."""
        with self._lock:
            if len(self._standing) + len(faults) > _MOST_FAULTS:
                raise FaultInvalid(message=f"At most {_MOST_FAULTS} faults at once: clear some.")
            begun = tuple(
                Standing(id=self._next_id + place, fault=fault, left=fault.times)
                for place, fault in enumerate(faults)
            )
            self._next_id += len(faults)
            self._standing += begun
            return begun

    def clear(self, fault: Fault | None = None) -> int:
        """Let everything go right again, or this fault; how many stood. Counters stay."""
        with self._lock:
            kept = [each for each in self._standing if fault is not None and each.fault != fault]
            gone = len(self._standing) - len(kept)
            self._standing = kept
            return gone

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What goes wrong now, the oldest first."""
        with self._lock:
            return tuple(self._standing)

    @property
    def counters(self) -> tuple[Count, ...]:
        """Every endpoint and token that made calls, in the order of their first."""
        with self._lock:
            return tuple(
                Count(endpoint=key[0], user=key[1], token=key[2], calls=calls, faulty=self._faulty[key])
                for key, calls in self._calls.items()
            )

    def calls(self, endpoint: str, *, user: str = "") -> int:
        """How many calls an endpoint had, a role or `METHOD /path`, of everybody or of one user."""
        return sum(
            count.calls for count in self.counters if count.endpoint == endpoint and user in ("", count.user)
        )

    def reset_counters(self) -> None:
        """Count from zero."""
        with self._lock:
            self._calls.clear()
            self._faulty.clear()

    def take(self, call: Call) -> tuple[Fault, ...]:
        """What befalls this call, which is counted; faults for so many calls have one less to come."""
        with self._lock:
            taken = [each for each in self._standing if _befalls(each.fault, call)]
            self._standing = [left for each in self._standing if (left := _after(each, taken)) is not None]
            key = (call.endpoint, call.user, call.token)
            if key in self._calls or len(self._calls) < _MOST_COUNTS:
                self._calls[key] += 1
                self._faulty[key] += bool(taken)
            return tuple(each.fault for each in taken)

    def take_revocations(self) -> tuple[str, ...]:
        """Whose sessions are to be ended before the next call, `""` for everybody's; each is told once."""
        with self._lock:
            taken = [each for each in self._standing if isinstance(each.fault.kind, RevokedSession)]
            self._standing = [each for each in self._standing if each not in taken]
            return tuple(each.fault.user for each in taken)


def _befalls(fault: Fault, call: Call) -> bool:
    if isinstance(fault.kind, RevokedSession):
        return False
    if fault.user and fault.user.lower() not in {name.lower() for name in call.users}:
        return False
    match fault.endpoint:
        case None:
            return _has_meaning(fault.kind, call.roles)
        case Role() as role:
            return role in call.roles
        case pattern:
            return pattern.covers(call.method, call.path)


def _has_meaning(kind: Kind, roles: Sequence[Role]) -> bool:
    match kind:
        case RefreshReuse():
            return Role.REFRESH in roles
        case ExpiredAtOnce():
            return any(role in _ISSUING for role in roles)
        case _:
            return True


def _after(standing: Standing, taken: Sequence[Standing]) -> Standing | None:
    if standing not in taken or standing.left is None:
        return standing
    if standing.left == 1:
        return None
    return Standing(id=standing.id, fault=standing.fault, left=standing.left - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Words:
    """The parts of a fault as they were written."""

    what: str
    endpoint: str | None
    times: int | None
    user: str


def _of_text(text: str) -> _Words:
    endpoint, colon, rest = text.strip().partition(": ")
    words = (rest if colon else text).split()
    user, times = "", None
    for _ in range(2):
        if len(words) > 2 and words[-2] == "for" and not user:
            user, words = words[-1], words[:-2]
        elif len(words) > 1 and times is None and (match := _TIMES.fullmatch(words[-1])):
            times, words = int(match[1]), words[:-1]
    what = " ".join(words)
    return _Words(what=what, endpoint=endpoint.strip() if colon else None, times=times, user=user)


def _of_mapping(mapping: Mapping[str, object]) -> _Words:
    unknown = [str(key) for key in mapping if key not in _KEYS]
    if unknown:
        raise FaultInvalid(message=f"A fault has {', '.join(_KEYS)}, and no {', '.join(unknown)}.")
    what, endpoint, user = (mapping.get(key) for key in ("what", "endpoint", "user"))
    times = mapping.get("times")
    if not isinstance(what, str):
        raise FaultInvalid(message="What goes wrong? A fault has `what`, such as: status 503.")
    if not isinstance(endpoint, str | None) or not isinstance(user, str | None):
        raise FaultInvalid(message="`endpoint` and `user` are text.")
    return _Words(what=what, endpoint=endpoint, times=_times(times), user=user or "")


def _times(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 1_000_000):
        return value
    raise FaultInvalid(message=f"`times` is a number of calls, at least 1, not {value!r}.")
