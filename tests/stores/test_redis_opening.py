"""Redis: what it needs to begin, and what it refuses."""

import asyncio
import logging
import ssl
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from portico.auth.ports import Held
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores import open_stores, redis
from portico.stores.key import ServerKeyUnusable
from portico.stores.redis import RedisUnsuitable, open_redis
from portico.stores.redis_address import parse_redis
from portico.stores.stores import Stores
from portico.testing.store_trial import MINUTE, Trial
from portico.values import Secret
from tests.stores.proxy import Proxy
from tests.stores.redis_servers import PASSWORD, RedisProcess
from tests.stores.trials import KEY, PATIENT, open_at

_LIFE = timedelta(hours=1)


def _trial(stores: Stores, clock: Clock) -> Trial:
    return Trial(stores=stores, other=stores, clock=clock)


async def test_it_is_opened_at_an_address(tmp_path: Path) -> None:
    """With the key that was given, which stands nowhere in it."""
    with RedisProcess(tmp_path / "redis") as server:
        stores = await asyncio.to_thread(open_stores, server.address, clock=Clock(), key=KEY)
        await _trial(stores, Clock()).create()
        assert stores.key == KEY
        assert stores.durable
        assert all(key.startswith(b"portico:") for key in server.redis.keys("*"))
        await stores.close()


def test_without_a_shared_key_it_is_refused() -> None:
    """Before the server is asked: hard-cases 3."""
    with pytest.raises(ServerKeyUnusable, match="PORTICO_KEY, the same for every process"):
        open_stores("redis://127.0.0.1:1", clock=Clock())
    with pytest.raises(ServerKeyUnusable, match="32 characters"):
        open_stores("redis://127.0.0.1:1", clock=Clock(), key=Secret("short"))


def test_without_its_client_it_says_what_to_install(tmp_path: Path) -> None:
    """redis-py comes with an extra; the other stores do without it."""
    program = f"""
import sys
sys.modules["redis"] = None
from portico.clock import Clock
from portico.stores import StoreAddressUnknown, open_stores
open_stores("sqlite:{tmp_path}/s.db", clock=Clock())
try:
    open_stores("redis://127.0.0.1:1", clock=Clock())
except StoreAddressUnknown as error:
    print(error.message)
"""
    child = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert child.stdout == "A Redis store needs redis-py: pip install 'portico[redis]'.\n"


def test_a_server_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    """Not there, not ours, or not writable; and no message tells a password."""
    with RedisProcess(tmp_path / "redis") as server:
        wrong = server.address.replace(PASSWORD, "wrong-password")
        with pytest.raises(StoreUnavailable, match=f"Redis at 127.0.0.1:{server.port}/0: .*pass") as refusal:
            open_redis(parse_redis(wrong), Clock(), key=KEY)
        assert "wrong-password" not in f"{refusal.value.message} {refusal.value.detail}"
        with pytest.raises(StoreUnavailable, match="DB index"):
            open_redis(parse_redis(server.address.replace("/0", "/99")), Clock(), key=KEY)
        server.redis.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            open_at(server, Clock())
    with pytest.raises(StoreUnavailable, match="refused"):
        open_at(server, Clock())


def test_a_cluster_a_replica_and_an_old_server_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to use instead."""
    with (
        RedisProcess(tmp_path / "cluster", cluster_enabled="yes") as cluster,
        pytest.raises(
            RedisUnsuitable, match=r"Redis Cluster, which Portico does not support.*Use one server"
        ),
    ):
        open_at(cluster, Clock())
    with RedisProcess(tmp_path / "redis") as server:
        monkeypatch.setattr(redis, "_OLDEST", (6, 3))
        with pytest.raises(RedisUnsuitable, match=r"version 6\.2\.14; Portico needs"):
            open_at(server, Clock())
        monkeypatch.undo()
        server.redis.replicaof("127.0.0.1", server.port)
        with pytest.raises(RedisUnsuitable, match="name its primary"):
            open_at(server, Clock())


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, []),
        ({"appendonly": "no"}, ["appendonly is off"]),
        ({"appendfsync": "everysec"}, ["appendfsync is everysec"]),
        ({"maxmemory_policy": "allkeys-lru"}, ["maxmemory-policy is allkeys-lru"]),
        ({"appendonly": "no", "maxmemory_policy": "volatile-ttl"}, ["appendonly is off", "volatile-ttl"]),
    ],
)
async def test_what_may_lose_sessions_is_told_once(
    settings: dict[str, str], told: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In one line when the store is opened, and never again."""
    with RedisProcess(tmp_path / "redis", **settings) as server:
        stores = open_at(server, Clock())
        for _ in range(3):
            await stores.sessions.check()
        await stores.close()
    records: list[Any] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(records) == bool(told)
    assert all(any(risk in why for why in records[0].why) for risk in told)
    assert not records or len(records[0].why) == len(told)


async def test_prefixes_keep_two_installations_apart(tmp_path: Path) -> None:
    """On one server; neither finds, sweeps or numbers what is the other's."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis") as server:
        one, two = open_at(server, clock, prefix="one:"), open_at(server, clock, prefix="two:")
        for stores in (one, two):
            trial = _trial(stores, clock)
            await trial.create()
            await trial.save("k")
            await trial.file("k", "x")
        async with one.sessions.lease("k", ttl=_LIFE), two.sessions.lease("k", ttl=_LIFE) as lease:
            assert isinstance(lease, Held)
        assert {key[:4] for key in server.redis.keys("*")} == {b"one:", b"two:"}
        clock.advance(MINUTE)
        assert await one.index.sweep(limit=99) == 1
        assert await two.index.sweep(limit=99) == 1
        await one.close()
        await two.close()


async def test_tls_is_checked(tmp_path: Path) -> None:
    """Against the authority that was named, and for the host that was named."""
    authority, clock = trustme.CA(), Clock()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with RedisProcess(tmp_path / "redis") as server:
        for name, good in (("127.0.0.1", True), ("other.example", False)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(name).configure_cert(context)
            async with Proxy(server.port, tls=context) as proxy:
                address = f"rediss://:{PASSWORD}@127.0.0.1:{proxy.port}?ca={tmp_path}/ca.pem"
                unknown = address.partition("?")[0]
                for each in [unknown] if good else [unknown, address]:
                    with pytest.raises(StoreUnavailable, match="certificate"):
                        await asyncio.to_thread(open_redis, parse_redis(each), clock, key=KEY)
                if good:
                    stores = await asyncio.to_thread(
                        open_redis, parse_redis(address), clock, key=KEY, patience=PATIENT
                    )
                    await stores.sessions.check()
                    await stores.close()
