"""Redis under what a server meets (promise 115): each way to be out is a real one, of a real server."""

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from portico.auth.ports import Allowance
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores.redis_server import PATIENCE
from portico.stores.stores import Stores
from portico.testing import stores as suite
from portico.testing.store_trial import MINUTE, Trial
from portico.testing.stores import reads, refuses, writes
from tests.stores.outages import HASTY, OUTAGES
from tests.stores.proxy import Proxy
from tests.stores.redis_servers import BINARIES, PASSWORD, RedisProcess
from tests.stores.trials import open_at


def _changes(trial: Trial, version: int, visit: int) -> Iterator[tuple[str, Awaitable[object]]]:
    """A call of each method that writes, where there is something to be written."""
    stores, ends = trial.stores, trial.later()
    yield "sessions.replace", stores.sessions.replace("k", b"2", expected_version=version, expires_at=ends)
    yield "visits.save", stores.visits.save("k", b"2", expected_version=visit, tag="t", expires_at=ends)
    yield "sessions.create", stores.sessions.create("new", b"", expires_at=ends)
    yield "sessions.lease", stores.sessions.lease("k", ttl=MINUTE).__aenter__()
    yield "sessions.check", stores.sessions.check()
    yield "index.put", stores.index.put("k", ("x",), card=b"", expires_at=ends)
    yield "visits.lease", stores.visits.lease("k", ttl=MINUTE).__aenter__()
    yield "outbox.put", stores.outbox.put("new", b"", due_at=ends, expires_at=ends)
    yield "outbox.due", stores.outbox.due(limit=1, hold=MINUTE)
    yield "outbox.later", stores.outbox.later("k", due_at=ends)
    yield "timeline.append", stores.timeline.append("k", b"", expires_at=ends, most=9)
    yield "index.sweep", stores.index.sweep(limit=1)
    yield "tally.take", stores.tally.take([Allowance(key="k", burst=1, every=MINUTE)])
    yield "sessions.delete", stores.sessions.delete("gone")
    yield "index.drop", stores.index.drop("gone")
    yield "visits.delete", stores.visits.delete("gone")
    yield "outbox.done", stores.outbox.done("gone")
    yield "timeline.delete", stores.timeline.delete("gone")
    yield "tally.forgive", stores.tally.forgive("gone")


async def _filled(trial: Trial) -> tuple[int, int]:
    """Something of each kind; returns the versions of the session and the visit `k`."""
    versions = (0, 0)
    await trial.file("old", "x")
    trial.clock.advance(MINUTE)
    for key in ("gone", "k"):
        versions = await trial.create(key), await trial.save(key)
        await trial.file(key, "x")
        await trial.stores.outbox.put(key, b"", due_at=trial.clock.now(), expires_at=trial.later())
        await trial.stores.timeline.append(key, b"", expires_at=trial.later(), most=9)
    return versions


async def _recovered(stores: Stores) -> None:
    """Wait until the store can be used again, for as long as the test may take."""
    while True:
        with suppress(StoreUnavailable):
            return await stores.sessions.check()
        await asyncio.sleep(0.01)


def test_an_outage_is_noticed_within_a_second() -> None:
    """The one bound that every call is held to, waiting for a connection included."""
    assert timedelta(milliseconds=300) < PATIENCE < timedelta(seconds=1)


@pytest.mark.parametrize("binary", BINARIES)
@pytest.mark.parametrize("name", OUTAGES)
async def test_an_outage_is_no_answer_and_ends_by_itself(name: str, binary: str, tmp_path: Path) -> None:
    """Whoever asks gets StoreUnavailable, and neither "absent" nor "taken"; nothing of what was written is
    lost, and the same handle works afterwards."""
    outage, clock = OUTAGES[name], Clock()
    with RedisProcess(tmp_path / "redis", binary=binary) as server:
        stores = open_at(server, clock)
        version, visit = await _filled(trial := Trial(stores=stores, other=stores, clock=clock))
        await asyncio.to_thread(outage.begin, server)
        hasty = _hurried(stores, outage.patience)
        if not outage.reads:
            await refuses(reads(trial))
        else:
            for _, call in reads(trial):
                assert await call
        refused, answered = [], set()
        for method, call in _changes(trial, version, visit):
            try:
                await call
                answered.add(method)
            except StoreUnavailable as error:
                refused.append(error.detail)
        assert answered == outage.answers
        assert all(PASSWORD not in detail for detail in refused)
        hasty()
        await asyncio.to_thread(outage.end, server)
        await _recovered(stores)
        stored = await stores.sessions.load("k")
        assert stored is not None
        assert (stored.blob, stored.version) == (b"one", version)
        assert await trial.filed("x") == (("k",) if outage.answers else ("gone", "k"))
        assert await stores.sessions.replace("k", b"two", expected_version=version, expires_at=trial.later())
        await stores.close()


def _hurried(stores: Stores, patience: timedelta) -> Callable[[], None]:
    """Give every call less time; returns what gives it back."""
    server = stores.sessions._server  # type: ignore[attr-defined]
    before, server._patience = server._patience, patience.total_seconds()

    def again() -> None:
        server._patience = before

    return again


async def test_a_connection_that_is_reset_is_an_outage(tmp_path: Path) -> None:
    """In the middle of a call, after it has reached the server: it is not tried again by itself."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        async with Proxy(server.port) as proxy:
            direct, port = open_at(server, clock), server.port
            server.port = proxy.port
            stores = await asyncio.to_thread(open_at, server, clock)
            server.port = port
            trial = Trial(stores=stores, other=direct, clock=clock)
            await trial.create()
            proxy.cuts_at = ("EVAL", "GET", "DEL")
            await refuses(reads(trial))
            await refuses(writes(trial))
            done = proxy.cuts
            await refuses(iter([("create", stores.sessions.create("once", b"", expires_at=trial.later()))]))
            assert proxy.cuts == done + 1
            assert await direct.sessions.load("once"), "it did reach the server"
            proxy.cuts_at = ()
            await _recovered(stores)
            assert await stores.sessions.load("once")
            await stores.close()
            await direct.close()


async def test_control_a_store_without_a_bound_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that waits for a server that hangs, for as long as that takes."""
    monkeypatch.setattr(suite, "BOUND", timedelta(milliseconds=300))
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        await stores.sessions.check()
        server.signal(signal.SIGSTOP)
        with pytest.raises(AssertionError, match="nothing at all"):
            await refuses(reads(Trial(stores=stores, other=stores, clock=clock)))
        server.signal(signal.SIGCONT)
        await stores.close()


async def test_many_calls_that_hang_are_bounded_too(tmp_path: Path) -> None:
    """A hundred calls that wait for sixteen connections do not wait one after the other."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock, patience=HASTY)
        await _recovered(stores)
        server.signal(signal.SIGSTOP)
        calls = asyncio.gather(*(stores.sessions.load("k") for _ in range(100)), return_exceptions=True)
        async with asyncio.timeout(suite.BOUND.total_seconds()):
            results = await calls
        assert all(isinstance(result, StoreUnavailable) for result in results)
        assert all(re.search("does not answer", str(result)) for result in results)
        server.signal(signal.SIGCONT)
        await _recovered(stores)
        await stores.close()
