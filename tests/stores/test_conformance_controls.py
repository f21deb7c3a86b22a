"""Positive controls: stores broken on purpose, each of which the suite must find out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portico.auth.ports import Allowance, Filed, Held, Lease, Stored, Taken, Waiting
from portico.clock import Clock
from portico.stores.memory import (
    Memory,
    MemoryOutbox,
    MemorySessionIndex,
    MemorySessionStore,
    MemoryTally,
    MemoryTimelineStore,
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
    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        before = self._memory.index.get(key)
        tags = {*tags, *(before.tags if before else ())}
        await super().put(key, tags, card=card, expires_at=expires_at)


class KeepsTheFirstCard(MemorySessionIndex):
    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        before = self._memory.index.get(key)
        card = before.filed.card if before else card
        await super().put(key, tags, card=card, expires_at=expires_at)


class FindsExpired(MemorySessionIndex):
    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        self._memory.now()
        found = (entry.filed for entry in self._memory.index.values() if tag in entry.tags)
        return tuple(filed for filed in found if filed.number > after)[:limit]


class PagesBeforeItLooks(MemorySessionIndex):
    """Counts what expired as part of the page."""

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        now, entries = self._memory.now(), self._memory.index.values()
        found = [entry.filed for entry in entries if tag in entry.tags and entry.filed.number > after]
        return tuple(filed for filed in found[:limit] if filed.expires_at > now)


class PagesByPlace(MemorySessionIndex):
    """Goes on after so many entries, whichever they were."""

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        found = await super().find(tag, limit=after + limit)
        page = found[after : after + limit]
        return tuple(replace(filed, number=after + place + 1) for place, filed in enumerate(page))


class IgnoresTheLimit(MemorySessionIndex):
    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        return await super().find(tag, limit=10**9, after=after)


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


class MixesKeys(MemoryTimelineStore):
    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        await super().append("", entry, expires_at=expires_at, most=most)

    async def read(self, key: str) -> tuple[bytes, ...]:
        return await super().read("")


class ReadsNewestFirst(MemoryTimelineStore):
    async def read(self, key: str) -> tuple[bytes, ...]:
        return tuple(reversed(await super().read(key)))


class DropsRepetitions(MemoryTimelineStore):
    async def read(self, key: str) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(await super().read(key)))


class KeepsAll(MemoryTimelineStore):
    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        await super().append(key, entry, expires_at=expires_at, most=10**9)


class ExpiresWithTheLastGiven(MemoryTimelineStore):
    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        await super().append(key, entry, expires_at=expires_at, most=most)
        self._memory.timelines[key] = replace(self._memory.timelines[key], expires_at=expires_at)


class GoesOnAfterExpiry(MemoryTimelineStore):
    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        held = self._memory.timelines.get(key)
        if held is not None:
            self._memory.timelines[key] = replace(held, expires_at=max(held.expires_at, expires_at))
        await super().append(key, entry, expires_at=expires_at, most=most)


class ForgetsToDelete(MemoryTimelineStore):
    async def delete(self, key: str) -> None:
        self._memory.now()


class LosesRaces(MemoryTimelineStore):
    """Reads, lets others go first, and writes what it has read."""

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        held = await self.read(key)
        await asyncio.sleep(0)
        await self.delete(key)
        for each in (*held, entry):
            await super().append(key, each, expires_at=expires_at, most=most)


class CountsWhatItRefuses(MemoryTally):
    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        waits = [await super(CountsWhatItRefuses, self).take([one]) for one in allowances]
        return max((wait for wait in waits if wait is not None), default=None)


class GivesAllBackAtOnce(MemoryTally):
    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        now = self._memory.now()
        for one in allowances:
            taken = self._memory.taken.get(one.key)
            if taken is not None and taken.expires_at - one.burst * one.every < now - timedelta(seconds=30):
                await self.forgive(one.key)
        return await super().take(allowances)


class ForgivesNothing(MemoryTally):
    async def forgive(self, key: str) -> None:
        self._memory.now()


class ForgivesEverybody(MemoryTally):
    async def forgive(self, key: str) -> None:
        self._memory.now()
        self._memory.taken.clear()


class CountsLate(MemoryTally):
    """Looks, lets others go first, and counts then."""

    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        before = dict(self._memory.taken)
        wait = await super().take(allowances)
        after, self._memory.taken = self._memory.taken, before
        await asyncio.sleep(0)
        self._memory.taken = after
        return wait


def _tally(broken: type[MemoryTally]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, tally=broken(_memory_of(stores.tally)))


def _sessions(broken: type[MemorySessionStore]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, sessions=broken(_memory_of(stores.sessions)))


def _index(broken: type[MemorySessionIndex]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, index=broken(_memory_of(stores.index)))


def _visits(broken: type[MemoryVisitStore]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, visits=broken(_memory_of(stores.visits)))


def _outbox(broken: type[MemoryOutbox]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, outbox=broken(_memory_of(stores.outbox)))


def _timeline(broken: type[MemoryTimelineStore]) -> Callable[[Stores], Stores]:
    return lambda stores: replace(stores, timeline=broken(_memory_of(stores.timeline)))


def _memory_of(store: object) -> Memory:
    kinds = MemorySessionStore | MemorySessionIndex | MemoryVisitStore | MemoryOutbox
    assert isinstance(store, kinds | MemoryTimelineStore | MemoryTally)
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
    (_index(KeepsTheFirstCard), "an_entry_comes_back_as_filed"),
    (_index(PagesBeforeItLooks), "an_expired_key_is_not_found"),
    (_index(PagesByPlace), "the_index_is_read_page_by_page"),
    (_index(IgnoresTheLimit), "the_index_is_read_page_by_page"),
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
    (_timeline(MixesKeys), "a_timeline_is_read_in_order"),
    (_timeline(ReadsNewestFirst), "a_timeline_is_read_in_order"),
    (_timeline(DropsRepetitions), "a_timeline_is_read_in_order"),
    (_timeline(KeepsAll), "a_timeline_keeps_the_last"),
    (_timeline(ExpiresWithTheLastGiven), "a_timeline_expires_as_a_whole"),
    (_timeline(GoesOnAfterExpiry), "a_timeline_expires_as_a_whole"),
    (_timeline(ForgetsToDelete), "a_deleted_timeline_is_absent"),
    (_timeline(LosesRaces), "no_entry_of_many_is_lost"),
    (_tally(CountsWhatItRefuses), "one_of_each_or_none_is_taken"),
    (_tally(GivesAllBackAtOnce), "an_allowance_comes_back_one_by_one"),
    (_tally(ForgivesNothing), "what_is_forgiven_was_not_taken"),
    (_tally(ForgivesEverybody), "what_is_forgiven_was_not_taken"),
    (_tally(CountsLate), "many_take_no_more_than_there_is"),
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
