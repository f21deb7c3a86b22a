"""Stores in the memory of one process: for tests and trials.

Nothing survives a restart, and no other process sees it. One event loop at a time.
"""

import itertools
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from portico.auth.ports import Allowance, Filed, Held, Lease, Stored, Taken, Waiting
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores import allowances as counting
from portico.stores.key import checked, random_key
from portico.stores.stores import Stores
from portico.values import Secret


def open_memory(clock: Clock, *, key: Secret | None = None) -> Stores:
    """Stores that begin empty."""
    memory = Memory(clock)
    return Stores(
        sessions=MemorySessionStore(memory),
        index=MemorySessionIndex(memory),
        visits=MemoryVisitStore(memory),
        outbox=MemoryOutbox(memory),
        timeline=MemoryTimelineStore(memory),
        tally=MemoryTally(memory),
        key=checked(key) if key else random_key(),
        durable=False,
        close=memory.close,
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    filed: Filed
    tags: frozenset[str]

    @property
    def expires_at(self) -> datetime:
        return self.filed.expires_at


@dataclass(frozen=True, slots=True)
class _Visit:
    stored: Stored
    tag: str

    @property
    def expires_at(self) -> datetime:
        return self.stored.expires_at


@dataclass(frozen=True, slots=True)
class _Message:
    blob: bytes = field(repr=False)
    due_at: datetime
    expires_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class _Timeline:
    entries: tuple[bytes, ...] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Taken:
    """Of an allowance."""

    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Leased:
    fence: int
    expires_at: datetime


class Memory:
    """What the stores share. Dictionaries keep the order of writing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._closed = False
        self.sessions: dict[str, Stored] = {}
        self.index: dict[str, _Entry] = {}
        self.visits: dict[str, _Visit] = {}
        self.outbox: dict[str, _Message] = {}
        self.timelines: dict[str, _Timeline] = {}
        self.leases: dict[str, _Leased] = {}
        self.taken: dict[str, _Taken] = {}

    async def close(self) -> None:
        """Answer nothing from now on."""
        self._closed = True

    def now(self) -> datetime:
        """The present moment, asked for by every method: a closed store answers nothing."""
        if self._closed:
            raise StoreUnavailable("the store was closed")
        return self._clock.now()

    def number(self) -> int:
        """A number that was never given before."""
        return next(self._numbers)

    @asynccontextmanager
    async def lease(self, key: str, ttl: timedelta) -> AsyncIterator[Held | Taken]:
        """As the ports say."""
        now = self.now()
        holder = self.leases.get(key)
        if holder is not None and holder.expires_at > now:
            yield Taken()
            return
        mine = self.leases[key] = _Leased(self.number(), now + ttl)
        try:
            yield Held(fence=mine.fence)
        finally:
            if self.leases.get(key) == mine:
                del self.leases[key]

    def expired(self) -> Iterator[None]:
        """Delete expired entries one by one."""
        now = self.now()
        everything = (
            self.sessions,
            self.index,
            self.visits,
            self.outbox,
            self.timelines,
            self.leases,
            self.taken,
        )
        for entries in everything:
            for key in [key for key, entry in entries.items() if entry.expires_at <= now]:
                del entries[key]
                yield


class MemorySessionStore:
    """`SessionStore` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        """As the port says."""
        if await self.load(key) is not None:
            return None
        return self._write(key, blob, expires_at)

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        now, stored = self._memory.now(), self._memory.sessions.get(key)
        return stored if stored is not None and stored.expires_at > now else None

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        stored = await self.load(key)
        if stored is None or stored.version != expected_version:
            return None
        return self._write(key, blob, expires_at)

    async def delete(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.sessions.pop(key, None)

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return self._memory.lease(f"session {key}", ttl)

    async def check(self) -> None:
        """As the port says."""
        self._memory.now()

    def _write(self, key: str, blob: bytes, expires_at: datetime) -> int:
        stored = Stored(blob=blob, version=self._memory.number(), expires_at=expires_at)
        self._memory.sessions[key] = stored
        return stored.version


class MemorySessionIndex:
    """`SessionIndex` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        """As the port says."""
        await self.drop(key)
        filed = Filed(key=key, card=card, number=self._memory.number(), expires_at=expires_at)
        self._memory.index[key] = _Entry(filed, frozenset(tags))

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        """As the port says."""
        now = self._memory.now()
        found = (
            entry.filed
            for entry in self._memory.index.values()
            if tag in entry.tags and entry.expires_at > now and entry.filed.number > after
        )
        return tuple(itertools.islice(found, limit))

    async def drop(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.index.pop(key, None)

    async def sweep(self, *, limit: int) -> int:
        """As the port says."""
        return sum(1 for _ in itertools.islice(self._memory.expired(), limit))


class MemoryVisitStore:
    """`VisitStore` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        now, visit = self._memory.now(), self._memory.visits.get(key)
        return visit.stored if visit is not None and visit.expires_at > now else None

    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        stored = await self.load(key)
        if (stored.version if stored else None) != expected_version:
            return None
        await self.delete(key)
        written = Stored(blob=blob, version=self._memory.number(), expires_at=expires_at)
        self._memory.visits[key] = _Visit(written, tag)
        return written.version

    async def delete(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.visits.pop(key, None)

    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        """As the port says."""
        now = self._memory.now()
        visits = self._memory.visits.items()
        keys = [key for key, visit in visits if visit.tag == tag and visit.expires_at > now]
        return tuple(keys[: max(len(keys) - keep, 0)])

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return self._memory.lease(f"visit {key}", ttl)


class MemoryOutbox:
    """`Outbox` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.outbox[key] = _Message(blob, due_at, expires_at, 0)

    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        """As the port says."""
        now, outbox = self._memory.now(), self._memory.outbox
        waiting = [
            (message.due_at, key)
            for key, message in outbox.items()
            if message.due_at <= now < message.expires_at
        ]
        handed = []
        for _, key in sorted(waiting)[:limit]:
            message = outbox[key]
            handed.append(Waiting(key=key, blob=message.blob, attempts=message.attempts))
            outbox[key] = replace(message, due_at=now + hold, attempts=message.attempts + 1)
        return tuple(handed)

    async def later(self, key: str, *, due_at: datetime) -> None:
        """As the port says."""
        self._memory.now()
        if key in self._memory.outbox:
            self._memory.outbox[key] = replace(self._memory.outbox[key], due_at=due_at)

    async def done(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.outbox.pop(key, None)


class MemoryTimelineStore:
    """`TimelineStore` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """As the port says."""
        now, held = self._memory.now(), self._memory.timelines.get(key)
        if held is None or held.expires_at <= now:
            held = _Timeline((), expires_at)
        entries = (*held.entries, entry)[-most:]
        self._memory.timelines[key] = _Timeline(entries, max(held.expires_at, expires_at))

    async def read(self, key: str) -> tuple[bytes, ...]:
        """As the port says."""
        now, held = self._memory.now(), self._memory.timelines.get(key)
        return held.entries if held is not None and held.expires_at > now else ()

    async def delete(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.timelines.pop(key, None)


class MemoryTally:
    """`Tally` in memory."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        """As the port says."""
        now, taken = self._memory.now(), self._memory.taken
        moved = {
            allowance.key: counting.moved(before.expires_at if before else None, allowance, now)
            for allowance in allowances
            for before in [taken.get(allowance.key)]
        }
        waits = [counting.wait(moved[allowance.key], allowance, now) for allowance in allowances]
        if (longest := max(waits, default=timedelta(0))) > timedelta(0):
            return longest
        taken.update({key: _Taken(at) for key, at in moved.items()})
        return None

    async def forgive(self, key: str) -> None:
        """As the port says."""
        self._memory.now()
        self._memory.taken.pop(key, None)
