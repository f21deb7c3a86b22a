"""Positive controls: stores broken on purpose, each of which the suite must find out."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portico.auth.ports import Held, Lease, Stored, Taken, Waiting
from portico.clock import Clock
from portico.stores.memory import (
    Memory,
    MemoryOutbox,
    MemorySessionIndex,
    MemorySessionStore,
    MemoryVisitStore,
    open_memory,
)
from portico.stores.stores import Stores
from portico.testing.store_trial import Trial
from portico.testing.stores import conform


class IgnoresVersion(MemorySessionStore):
    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        stored = await self.load(key)
        if stored is None:
            return None
        return await super().replace(key, blob, expected_version=stored.version, expires_at=expires_at)


class IgnoresExpiry(MemorySessionStore):
    async def load(self, key: str) -> Stored | None:
        self._memory.now()
        return self._memory.sessions.get(key)


class Overwrites(MemorySessionStore):
    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        await self.delete(key)
        return await super().create(key, blob, expires_at=expires_at)


class CountsVersionsByKey(MemorySessionStore):
    def _write(self, key: str, blob: bytes, expires_at: datetime) -> int:
        before = self._memory.sessions.get(key)
        version = before.version + 1 if before else 1
        self._memory.sessions[key] = Stored(blob=blob, version=version, expires_at=expires_at)
        return version


class KeepsExpiry(MemorySessionStore):
    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        stored = await self.load(key)
        ends = stored.expires_at if stored else expires_at
        return await super().replace(key, blob, expected_version=expected_version, expires_at=ends)


class DeletesNothing(MemorySessionStore):
    async def delete(self, key: str) -> None:
        self._memory.now()


class RefusesToDeleteAbsent(MemorySessionStore):
    async def delete(self, key: str) -> None:
        self._memory.now()
        assert self._memory.sessions.pop(key, None), "nothing to delete"


class TreatsFailureAsAbsent(MemorySessionStore):
    async def load(self, key: str) -> Stored | None:
        return self._memory.sessions.get(key) if self._memory._closed else await super().load(key)


class LeasesToEverybody(MemorySessionStore):
    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        return self._give()

    @asynccontextmanager
    async def _give(self) -> AsyncIterator[Held | Taken]:
        self._memory.now()
        yield Held(fence=self._memory.number())


class NeverRunsOut(MemorySessionStore):
    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        return super().lease(key, ttl=ttl * 1000)


class KeepsLease(MemorySessionStore):
    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        return self._keep(key, ttl)

    @asynccontextmanager
    async def _keep(self, key: str, ttl: timedelta) -> AsyncIterator[Held | Taken]:
        self._kept = super().lease(key, ttl=ttl)
        yield await self._kept.__aenter__()


class FailsOpen(MemorySessionStore):
    """Proceeds without a lease where it cannot ask for one (P116)."""

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        return self._proceed() if self._memory._closed else super().lease(key, ttl=ttl)

    @asynccontextmanager
    async def _proceed(self) -> AsyncIterator[Held | Taken]:
        yield Held(fence=1)


class LateHolderGivesBack(MemorySessionStore):
    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        return self._careless(f"session {key}", ttl)

    @asynccontextmanager
    async def _careless(self, key: str, ttl: timedelta) -> AsyncIterator[Held | Taken]:
        lease = self._memory.lease(key, ttl)
        result = await lease.__aenter__()
        yield result
        if isinstance(result, Held):
            self._memory.leases.pop(key, None)


class FilesTwice(MemorySessionIndex):
    async def put(self, key: str, tags: Collection[str], *, expires_at: datetime) -> None:
        before = self._memory.index.get(key)
        await super().put(key, {*tags, *(before.tags if before else ())}, expires_at=expires_at)


class FindsExpired(MemorySessionIndex):
    async def find(self, tag: str) -> tuple[str, ...]:
        self._memory.now()
        return tuple(key for key, filed in self._memory.index.items() if tag in filed.tags)


class DropsNothing(MemorySessionIndex):
    async def drop(self, key: str) -> None:
        self._memory.now()


class SweepsWithoutBound(MemorySessionIndex):
    async def sweep(self, *, limit: int) -> int:
        return await super().sweep(limit=10**9)


class SweepsEverything(MemorySessionIndex):
    async def sweep(self, *, limit: int) -> int:
        swept = await super().sweep(limit=limit)
        self._memory.visits.clear()
        return swept


class SavesOverAnything(MemoryVisitStore):
    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        stored = await self.load(key)
        version = stored.version if stored else None
        return await super().save(key, blob, expected_version=version, tag=tag, expires_at=expires_at)


class ForgetsTheOrder(MemoryVisitStore):
    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        return tuple(sorted(await super().oldest(tag, keep=keep)))


class NamesOtherTags(MemoryVisitStore):
    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        self._memory.now()
        return tuple(list(self._memory.visits)[: max(len(self._memory.visits) - keep, 0)])


class HandsOutTwice(MemoryOutbox):
    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        return await super().due(limit=limit, hold=timedelta(0))


class HandsOutUnordered(MemoryOutbox):
    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        return tuple(reversed(await super().due(limit=limit, hold=hold)))


class HandsOutEarly(MemoryOutbox):
    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        await super().put(key, blob, due_at=due_at - timedelta(days=1), expires_at=expires_at)


class ForgetsToCount(MemoryOutbox):
    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        return tuple(replace(entry, attempts=0) for entry in await super().due(limit=limit, hold=hold))


def _sessions(broken: type[MemorySessionStore]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, sessions=broken(_memory_of(stores.sessions)))


def _index(broken: type[MemorySessionIndex]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, index=broken(_memory_of(stores.index)))


def _visits(broken: type[MemoryVisitStore]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, visits=broken(_memory_of(stores.visits)))


def _outbox(broken: type[MemoryOutbox]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, outbox=broken(_memory_of(stores.outbox)))


def _memory_of(store: object) -> Memory:
    assert isinstance(store, MemorySessionStore | MemorySessionIndex | MemoryVisitStore | MemoryOutbox)
    return store._memory


BROKEN = [
    (_sessions(IgnoresVersion), "replace_needs_the_version"),
    (_sessions(IgnoresVersion), "one_of_many_replaces_wins"),
    (_sessions(IgnoresExpiry), "an_expired_record_is_absent"),
    (_sessions(Overwrites), "create_refuses_an_existing_key"),
    (_sessions(Overwrites), "one_of_many_creates_wins"),
    (_sessions(CountsVersionsByKey), "a_version_never_comes_back"),
    (_sessions(KeepsExpiry), "replace_sets_the_expiry"),
    (_sessions(DeletesNothing), "delete_makes_absent"),
    (_sessions(RefusesToDeleteAbsent), "delete_makes_absent"),
    (_sessions(TreatsFailureAsAbsent), "a_closed_store_refuses"),
    (_sessions(LeasesToEverybody), "a_lease_is_exclusive"),
    (_sessions(LeasesToEverybody), "one_of_many_leases_is_held"),
    (_sessions(NeverRunsOut), "a_lease_runs_out_and_the_late_holder_is_fenced"),
    (_sessions(KeepsLease), "fences_rise"),
    (_sessions(FailsOpen), "a_closed_store_refuses"),
    (_sessions(LateHolderGivesBack), "a_lease_runs_out_and_the_late_holder_is_fenced"),
    (_index(FilesTwice), "filing_again_replaces"),
    (_index(FindsExpired), "an_expired_key_is_not_found"),
    (_index(DropsNothing), "dropped_keys_are_not_found"),
    (_index(SweepsWithoutBound), "sweeping_is_bounded_and_takes_only_what_expired"),
    (_index(SweepsEverything), "sweeping_is_bounded_and_takes_only_what_expired"),
    (_visits(SavesOverAnything), "a_visit_is_saved_over_its_version"),
    (_visits(SavesOverAnything), "one_of_many_saves_wins"),
    (_visits(ForgetsTheOrder), "the_longest_untouched_visits_are_named"),
    (_visits(NamesOtherTags), "the_longest_untouched_visits_are_named"),
    (_outbox(HandsOutTwice), "one_of_many_takes_an_entry"),
    (_outbox(HandsOutUnordered), "the_outbox_hands_out_what_is_due"),
    (_outbox(HandsOutEarly), "the_outbox_hands_out_what_is_due"),
    (_outbox(ForgetsToCount), "an_entry_not_done_is_due_again"),
]


@pytest.mark.parametrize(("sabotage", "finding"), BROKEN, ids=[str(number) for number in range(len(BROKEN))])
async def test_suite_finds_a_broken_store(sabotage: Callable[[Stores], Stores], finding: str) -> None:
    """The check that is about the fault names it."""

    @asynccontextmanager
    async def open_trial() -> AsyncIterator[Trial]:
        clock = Clock()
        stores = sabotage(open_memory(clock))
        yield Trial(stores=stores, other=stores, clock=clock)

    with pytest.raises(AssertionError, match=f"(?m)^{finding}: "):
        await conform(open_trial)
