"""Redis: how long it keeps things, how few connections and rights it takes, how processes share it."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portico.auth.cards import Cards
from portico.auth.ports import Held, Taken
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores import redis, redis_filing, redis_records, redis_server
from portico.stores.redis import open_redis
from portico.stores.redis_address import parse_redis
from portico.stores.redis_server import named
from portico.stores.stores import Stores
from portico.testing.store_trial import MINUTE, Trial
from portico.testing.stores import reads
from tests.auth.sessions import APP, House
from tests.stores import children
from tests.stores.proxy import Proxy
from tests.stores.redis_servers import BINARIES, PASSWORD, RedisProcess, until
from tests.stores.trials import KEY, PATIENT, open_at

_LIFE = timedelta(hours=1)


def _trial(stores: Stores, clock: Clock) -> Trial:
    return Trial(stores=stores, other=stores, clock=clock)


# Keeping


async def test_records_survive_a_crash(tmp_path: Path) -> None:
    """With a log that is flushed for each write nothing of what was acknowledged is lost, nor a version
    given twice; the same handle goes on (P114)."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        trial = _trial(stores, clock)
        versions = [await trial.create(f"{number}") for number in range(50)]
        await trial.file("k", "x")
        await stores.outbox.put("m", b"message", due_at=clock.now(), expires_at=trial.later())
        await stores.timeline.append("k", b"entry", expires_at=trial.later(), most=9)
        async with stores.sessions.lease("k", ttl=_LIFE) as lease:
            server.kill()
            await asyncio.to_thread(server.start)
            found = [await stores.sessions.load(f"{number}") for number in range(50)]
            assert [stored and stored.version for stored in found] == versions
            assert await trial.filed("x") == ("k",)
            assert await stores.timeline.read("k") == (b"entry",)
            assert [entry.key for entry in await stores.outbox.due(limit=9, hold=MINUTE)] == ["m"]
            async with stores.sessions.lease("k", ttl=_LIFE) as other:
                assert isinstance(lease, Held)
                assert not isinstance(other, Held), "who held a lease before holds it still"
        assert await trial.create("new") > max(versions)
        await stores.close()


async def _versions_around_a_loss(server: RedisProcess) -> tuple[int, int]:
    """Of one key, before and after a server without a log has lost it."""
    clock = Clock()
    stores = open_at(server, clock)
    before = await _trial(stores, clock).create()
    server.kill()
    await asyncio.to_thread(server.start)
    assert await stores.sessions.load("k") is None
    after = await _trial(stores, clock).create()
    await stores.close()
    return before, after


async def test_a_version_does_not_come_back_after_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late writer does not overwrite what was written anew, also where the server forgot its counter."""
    with RedisProcess(tmp_path / "redis", appendonly="no") as server:
        before, after = await _versions_around_a_loss(server)
        assert after > before
        for module, name in ((redis, "NUMBER"), (redis_records, "WRITE")):
            script = getattr(module, name)
            counting = script.text.replace("math.floor(now / 1000)", "0")
            assert counting != script.text
            monkeypatch.setattr(module, name, replace(script, text=counting, sha="0" * 40))
        server.redis.flushall()
        before, after = await _versions_around_a_loss(server)
        assert after <= before, "the control: a counter alone gives it again"


async def _one_of_each(trial: Trial) -> None:
    await trial.create()
    await trial.save("k")
    await trial.file("k", "x", "y")
    await trial.stores.outbox.put("k", b"", due_at=trial.clock.now(), expires_at=trial.later())
    for entry in (b"one", b"two"):
        await trial.stores.timeline.append("k", entry, expires_at=trial.later(), most=9)
    await trial.stores.sessions.lease("k", ttl=MINUTE).__aenter__()


async def test_what_nobody_sweeps_goes_by_itself(tmp_path: Path) -> None:
    """Every key of Redis but the counter has an end, which comes after that of what is in it."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        await _one_of_each(_trial(stores, clock))
        left = {key: server.redis.pttl(key) for key in server.redis.keys("*")}
        assert left.pop(b"portico:number") == -1
        # Two tags with few entries: each has a key for those that are like it.
        assert len(left) == 12
        for key, ms in left.items():
            of_index = key.removeprefix(b"portico:")[:1] in b"fbxe"
            margin = redis_filing.UNSWEPT if of_index else redis_server.MARGIN
            assert margin < timedelta(milliseconds=ms) <= margin + MINUTE, key
        await stores.close()


async def test_sweeping_leaves_no_key_of_the_index_behind(tmp_path: Path) -> None:
    """Tags with few entries and with many, their pages, and what says when it is to be swept; what is left is
    a counter, and what goes by itself."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        trial = _trial(stores, clock)
        for number in range(300):
            await trial.file(f"{number}", "all", f"{number % 70}", f"own {number}")
        kinds = {key.removeprefix(b"portico:")[:1] for key in server.redis.keys("*")}
        assert kinds == {bytes([kind]) for kind in b"nfbdpxe"}
        clock.advance(_LIFE)
        assert await stores.index.sweep(limit=999) == 300
        assert server.redis.keys("*") == [b"portico:number"]
        await stores.close()


async def test_what_redis_dropped_is_not_found(tmp_path: Path) -> None:
    """Its name is taken out of the lists that it stands in, and no page is cut short by it."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        trial = _trial(stores, clock)
        for key in ("a", "b", "c"):
            await trial.file(key, "x")
            await trial.save(key)
        server.redis.delete(b"portico:f" + named("a"), "portico:va")
        assert [entry.key for entry in await stores.index.find("x", limit=2)] == ["b", "c"]
        assert await stores.visits.oldest("t", keep=1) == ("b",)
        few = server.redis.keys("portico:b*")
        assert [server.redis.hvals(key) for key in few] == [[named("b") + named("c")]]
        assert server.redis.zrange(b"portico:V" + named("t"), 0, -1) == [b"b", b"c"]
        await stores.close()


async def test_a_long_page_is_read_in_several_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody waits for it; what expired in between makes it no shorter."""
    monkeypatch.setattr(redis_filing, "_GO", 2)
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        for number in range(12):
            life = MINUTE if number in (1, 2, 3, 7) else _LIFE
            await stores.index.put(f"{number}", ("x",), card=b"", expires_at=clock.now() + life)
        clock.advance(MINUTE)
        server.redis.config_resetstat()
        first = await stores.index.find("x", limit=5)
        assert [entry.key for entry in first] == ["0", "4", "5", "6", "8"]
        assert server.redis.info("commandstats")["cmdstat_evalsha"]["calls"] == 5, "two at a time"
        rest = await stores.index.find("x", limit=5, after=first[-1].number)
        assert [entry.key for entry in rest] == ["9", "10", "11"]
        await stores.close()


async def test_a_script_that_redis_forgot_is_sent_again(tmp_path: Path) -> None:
    """It was restarted, or told to forget."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        await stores.sessions.check()
        server.redis.script_flush()
        await stores.sessions.check()
        await _trial(stores, clock).create()
        sent = server.redis.info("commandstats")["cmdstat_eval"]["calls"]
        await _trial(stores, clock).create("again")
        assert server.redis.info("commandstats")["cmdstat_eval"]["calls"] == sent, "and only then"
        await stores.close()


# Connections and rights


@pytest.mark.parametrize("binary", BINARIES)
async def test_a_user_who_may_not_read_settings_is_enough(
    binary: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A managed server: a name, a password with odd characters, and no CONFIG."""
    rights = "~portico:* +@read +@write +@scripting +info"
    with RedisProcess(tmp_path / "redis", binary=binary, appendfsync="everysec") as server:
        server.redis.execute_command("ACL", "SETUSER", "app", "on", ">p@:/#%", *rights.split())
        address = f"redis://app:p%40%3A%2F%23%25@127.0.0.1:{server.port}"
        clock = Clock()
        stores = open_redis(parse_redis(address), clock, key=KEY, patience=PATIENT)
        await _one_of_each(trial := _trial(stores, clock))
        for _, call in reads(trial):
            assert await call
        clock.advance(_LIFE)
        assert await stores.index.sweep(limit=99) == 1
        await stores.close()
    assert not caplog.records


async def _connections_for(server: RedisProcess, loads: int) -> int:
    """How many connections so many loads at the same time have made."""
    stores = open_at(server, Clock())
    before = server.redis.info("stats")["total_connections_received"]
    await asyncio.gather(*(stores.sessions.load(f"{number}") for number in range(loads)))
    made = server.redis.info("stats")["total_connections_received"] - before
    assert server.connections() == made, "they are kept"
    await stores.close()
    await asyncio.to_thread(until, lambda: server.connections() == 0)
    return int(made)


async def test_connections_are_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages are open, and none when the store is closed (P117)."""
    with RedisProcess(tmp_path / "redis") as server:
        assert 0 < await _connections_for(server, 5000) <= redis_server.CONNECTIONS == 16
        monkeypatch.setattr(redis_server, "CONNECTIONS", 10_000)
        assert await _connections_for(server, 500) > 16, "the control: a connection for each"


async def test_a_cancelled_call_leaves_nothing_behind(tmp_path: Path) -> None:
    """No answer for whoever is next, and no connection that is never given back."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        stores = open_at(server, clock)
        trial, sessions = _trial(stores, clock), stores.sessions
        for number in range(40):
            await trial.create(f"{number}", b"%d" % number)

        async def one(number: int, steps: int) -> None:
            call = asyncio.ensure_future(sessions.load(f"{number}"))
            for _ in range(steps):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

        for steps in range(40):
            await asyncio.gather(*(one(number, steps) for number in range(40)))
            found = await asyncio.gather(*(sessions.load(f"{number}") for number in range(40)))
            assert [stored and stored.blob for stored in found] == [b"%d" % number for number in range(40)]
        assert isinstance(sessions, redis_records.RedisSessionStore)
        assert not sessions._server._pool._in_use_connections
        await stores.close()


# Leases


async def test_a_cancelled_request_keeps_no_lease(tmp_path: Path) -> None:
    """Whether the lease was already taken or not when the request went away."""
    with RedisProcess(tmp_path / "redis") as server:
        stores, cancelled = open_at(server, Clock()), 0
        for steps in range(30):
            lease = stores.visits.lease("v", ttl=_LIFE)
            waiting = asyncio.ensure_future(lease.__aenter__())
            for _ in range(steps):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            cancelled += waiting.cancelled()
            await lease.__aexit__(None, None, None)
            await _taken_again(stores)
        assert cancelled
        await stores.close()


async def _taken_again(stores: Stores) -> None:
    """Take the lease as soon as it is free, and give it back."""
    while True:
        async with stores.visits.lease("v", ttl=_LIFE) as lease:
            if isinstance(lease, Held):
                return
        await asyncio.sleep(0.001)


async def test_a_lease_whose_answer_was_lost_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call failed, and the lease was taken all the same."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        async with Proxy(server.port) as proxy:
            address = parse_redis(f"redis://:{PASSWORD}@127.0.0.1:{proxy.port}")
            cut = await asyncio.to_thread(open_redis, address, clock, key=KEY, patience=PATIENT)
            direct = open_at(server, clock)
            proxy.cuts_at = ("EVAL",)
            with pytest.raises(StoreUnavailable):
                await cut.visits.lease("v", ttl=_LIFE).__aenter__()
            await _taken_again(direct)
            monkeypatch.setattr(redis_server.RedisServer, "post", lambda *_: None)
            with pytest.raises(StoreUnavailable):
                await cut.visits.lease("v", ttl=_LIFE).__aenter__()
            await asyncio.to_thread(until, lambda: server.redis.exists("portico:lvisit v"))
            assert isinstance(await direct.visits.lease("v", ttl=_LIFE).__aenter__(), Taken), "the control"
            await cut.close()
            await direct.close()


# Processes


async def test_a_session_is_the_same_at_every_process(tmp_path: Path) -> None:
    """Who signs in at one is signed in at the other, and out at both; either finds all sessions of a user."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        one, two = House(open_at(server, clock), clock), House(open_at(server, clock), clock)
        session = await one.user()
        assert await two.manager.resume(APP, session.ticket.cookie_value()) == session
        await two.manager.merge_store(session, {"theme": "dark"})
        assert await one.manager.read_store(session) == {"theme": "dark"}
        tag = two.manager._tags.tag("user", APP, "u1")
        (filed,) = await two.stores.index.find(tag, limit=9)
        card = Cards(two.stores.key).read(filed)
        assert card is not None
        assert (card.uid, card.expires_at) == ("u1", session.expires_at)
        await two.manager.sign_out(session)
        assert not await one.lives(session)
        await one.stores.close()
        await two.stores.close()


async def test_processes_share_a_server(tmp_path: Path) -> None:
    """One of many overwrites a version, no update is lost, and a lease holds the others off (P99)."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    with (
        RedisProcess(tmp_path / "redis") as server,
        ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool,
    ):
        stores, place, clock = open_at(server, Clock()), server.address, Clock()
        loop = asyncio.get_running_loop()

        async def all_of(work: Any, *arguments: Any) -> list[Any]:
            return await asyncio.gather(
                *(loop.run_in_executor(pool, work, place, *arguments) for _ in range(3))
            )

        async def counted() -> bytes:
            stored = await stores.sessions.load("k")
            assert stored is not None
            return stored.blob

        version = await stores.sessions.create("k", b"0", expires_at=clock.now() + _LIFE)
        assert sorted(await all_of(children.replace_once, version)) == [False, False, True]
        await stores.sessions.delete("k")
        await stores.sessions.create("k", b"0", expires_at=clock.now() + _LIFE)
        await all_of(children.count_up, 200)
        assert await counted() == b"600"
        fences = await all_of(children.count_up_alone, counter, 15)
        assert counter.read_text() == "45"
        assert all(mine == sorted(mine) for mine in fences)
        assert len({fence for mine in fences for fence in mine}) == 45
        await stores.sessions.delete("k")
        await stores.sessions.create("k", b"0", expires_at=clock.now() + _LIFE)
        await all_of(children.count_up_carelessly, 200)
        assert await counted() != b"600", "the control: without the version updates are lost"
        await stores.close()
