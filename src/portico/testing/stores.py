"""The suite that every store must pass: what `auth.ports` promises, as checks that can be run.

For authors of stores. Each check is a coroutine function of a `Trial` and raises AssertionError; it needs
no test framework. With pytest: parametrise over `CHECKS`. Without: `await conform(open_trial)`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from portico.auth.ports import Allowance
from portico.errors import StoreUnavailable
from portico.testing import (
    store_index,
    store_leases,
    store_outbox,
    store_records,
    store_tally,
    store_timeline,
    store_visits,
)
from portico.testing.store_trial import MINUTE, Check, Trial, expect

__all__ = ["BOUND", "CHECKS", "Check", "Trial", "conform", "reads", "refuses", "writes"]

#: Longer than this, and a store hangs rather than refuses.
BOUND = timedelta(seconds=10)


async def conform(open_trial: Callable[[], AbstractAsyncContextManager[Trial]]) -> None:
    """Run every check, each in a trial of its own. Raises AssertionError with all that failed."""
    failed = []
    for check in CHECKS:
        async with open_trial() as trial:
            try:
                await check(trial)
            except AssertionError as error:
                failed.append(f"{check.__name__}: {error}")
    expect(not failed, "\n".join(failed))


def reads(trial: Trial) -> Iterator[tuple[str, Awaitable[object]]]:
    """A call of each method that only reads, by name."""
    yield "sessions.load", trial.stores.sessions.load("k")
    yield "index.find", trial.stores.index.find("x", limit=9)
    yield "visits.load", trial.stores.visits.load("k")
    yield "visits.oldest", trial.stores.visits.oldest("t", keep=0)
    yield "timeline.read", trial.stores.timeline.read("k")


def writes(trial: Trial) -> Iterator[tuple[str, Awaitable[object]]]:
    """A call of each method that writes, by name."""
    stores, ends = trial.stores, trial.later()
    yield "sessions.create", stores.sessions.create("k", b"", expires_at=ends)
    yield "sessions.replace", stores.sessions.replace("k", b"", expected_version=1, expires_at=ends)
    yield "sessions.delete", stores.sessions.delete("k")
    yield "sessions.lease", stores.sessions.lease("k", ttl=MINUTE).__aenter__()
    yield "sessions.check", stores.sessions.check()
    yield "index.put", stores.index.put("k", ("x",), card=b"", expires_at=ends)
    yield "index.drop", stores.index.drop("k")
    yield "index.sweep", stores.index.sweep(limit=1)
    yield "visits.save", stores.visits.save("k", b"", expected_version=None, tag="t", expires_at=ends)
    yield "visits.delete", stores.visits.delete("k")
    yield "visits.lease", stores.visits.lease("k", ttl=MINUTE).__aenter__()
    yield "outbox.put", stores.outbox.put("k", b"", due_at=ends, expires_at=ends)
    yield "outbox.due", stores.outbox.due(limit=1, hold=MINUTE)
    yield "outbox.later", stores.outbox.later("k", due_at=ends)
    yield "outbox.done", stores.outbox.done("k")
    yield "timeline.append", stores.timeline.append("k", b"", expires_at=ends, most=9)
    yield "timeline.delete", stores.timeline.delete("k")
    yield "tally.take", stores.tally.take([Allowance(key="k", burst=1, every=MINUTE)])
    yield "tally.forgive", stores.tally.forgive("k")


async def refuses(calls: Iterator[tuple[str, Awaitable[object]]]) -> None:
    """Every call must raise StoreUnavailable, and not hang: for stores that were made unavailable."""
    for name, call in calls:
        try:
            async with asyncio.timeout(BOUND.total_seconds()):
                result = await call
        except StoreUnavailable:
            continue
        except TimeoutError:
            result = "nothing at all"
        raise AssertionError(f"{name} of an unavailable store answered {result!r}")


async def a_closed_store_refuses(trial: Trial) -> None:
    """A store that cannot be asked says so: "absent" would sign people out."""
    await trial.create()
    await trial.stores.close()
    await trial.stores.close()
    await refuses(reads(trial))
    await refuses(writes(trial))


CHECKS: tuple[Check, ...] = (
    store_records.a_record_comes_back_as_written,
    store_records.create_refuses_an_existing_key,
    store_records.an_expired_record_is_absent,
    store_records.replace_needs_the_version,
    store_records.replace_sets_the_expiry,
    store_records.a_version_never_comes_back,
    store_records.one_of_many_replaces_wins,
    store_records.one_of_many_creates_wins,
    store_records.delete_makes_absent,
    store_records.a_working_store_checks,
    store_leases.a_lease_is_exclusive,
    store_leases.leases_of_keys_and_ports_are_apart,
    store_leases.one_of_many_leases_is_held,
    store_leases.a_lease_runs_out_and_the_late_holder_is_fenced,
    store_leases.fences_rise,
    store_index.the_index_finds_by_tag,
    store_index.an_entry_comes_back_as_filed,
    store_index.the_index_is_read_page_by_page,
    store_index.the_index_holds_many_of_each_tag,
    store_index.filing_again_replaces,
    store_index.dropped_keys_are_not_found,
    store_index.an_expired_key_is_not_found,
    store_index.sweeping_is_bounded_and_takes_only_what_expired,
    store_visits.a_visit_is_saved_over_its_version,
    store_visits.one_of_many_saves_wins,
    store_visits.an_expired_visit_is_absent,
    store_visits.the_longest_untouched_visits_are_named,
    store_outbox.the_outbox_hands_out_what_is_due,
    store_outbox.an_entry_not_done_is_due_again,
    store_outbox.one_of_many_takes_an_entry,
    store_timeline.a_timeline_is_read_in_order,
    store_timeline.a_timeline_keeps_the_last,
    store_timeline.a_timeline_expires_as_a_whole,
    store_timeline.a_deleted_timeline_is_absent,
    store_timeline.no_entry_of_many_is_lost,
    store_tally.an_allowance_is_used_up,
    store_tally.an_allowance_comes_back_one_by_one,
    store_tally.one_of_each_or_none_is_taken,
    store_tally.what_is_forgiven_was_not_taken,
    store_tally.many_take_no_more_than_there_is,
    a_closed_store_refuses,
)
