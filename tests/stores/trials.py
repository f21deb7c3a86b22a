"""Trials of the stores that Portico ships, for the conformance suite."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from portico.clock import Clock
from portico.stores.memory import open_memory
from portico.stores.redis import open_redis
from portico.stores.redis_address import parse_redis
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from portico.testing.store_trial import Trial
from portico.values import Secret
from tests.stores.redis_servers import RedisProcess

#: For tests that are not about time: a slow machine is no outage.
PATIENT = timedelta(seconds=30)

KEY = Secret("k" * 32)

Opener = Callable[[Path], AbstractAsyncContextManager[Trial]]


@asynccontextmanager
async def memory_trial(_path: Path) -> AsyncIterator[Trial]:
    """Stores in memory; they have one handle."""
    clock = Clock()
    stores = open_memory(clock)
    yield Trial(stores=stores, other=stores, clock=clock)
    await stores.close()


@asynccontextmanager
async def sqlite_trial(path: Path) -> AsyncIterator[Trial]:
    """One SQLite file, opened twice."""
    clock = Clock()
    stores, other = (open_sqlite(path / "s.db", clock, patience=PATIENT) for _ in range(2))
    yield Trial(stores=stores, other=other, clock=clock)
    await stores.close()
    await other.close()


def open_at(server: RedisProcess, clock: Clock, *, patience: timedelta = PATIENT, prefix: str = "") -> Stores:
    """The stores at a server."""
    address = f"{server.address}?prefix={prefix}" if prefix else server.address
    return open_redis(parse_redis(address), clock, key=KEY, patience=patience)


@asynccontextmanager
async def redis_trial(server: RedisProcess) -> AsyncIterator[Trial]:
    """One Redis server, emptied, with two clients."""
    server.redis.flushall()
    clock = Clock()
    stores, other = (open_at(server, clock) for _ in range(2))
    yield Trial(stores=stores, other=other, clock=clock, sweeps=1)
    await stores.close()
    await other.close()
