"""Trials of the stores that Portico ships, for the conformance suite."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from portico.clock import Clock
from portico.stores.memory import open_memory
from portico.stores.sqlite import open_sqlite
from portico.testing.store_trial import Trial

#: For tests that are not about time: a slow machine is no outage.
PATIENT = timedelta(seconds=30)

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
