"""Sweeping out what has expired holds up no request."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from portico.auth import manager as managers
from portico.auth.manager import Session, SessionManager
from portico.clock import Clock
from portico.stores.sqlite import open_sqlite
from tests.auth.sessions import manager_of
from tests.stores.trials import PATIENT

EXPIRED, REQUESTS = 700, 20
#: Entries that a request may have to wait for.
MOST = 50


async def waits(folder: Path, patch: pytest.MonkeyPatch) -> tuple[int, list[int]]:
    """How many entries are swept out while requests write; how many of them went while each did."""
    clock, gone = Clock(), [0]
    stores = open_sqlite(folder / "store.db", clock, patience=PATIENT)
    manager, sweep = manager_of(stores, clock), stores.index.sweep

    async def counted(*, limit: int) -> int:
        gone.append(await sweep(limit=limit))
        return gone[-1]

    patch.setattr(stores.index, "sweep", counted)
    try:
        for _ in range(EXPIRED):
            await manager.begin("app")
        clock.advance(timedelta(hours=1))
        living = await manager.begin("app")
        sweeping = asyncio.create_task(manager.sweep())
        found = []
        for _ in range(REQUESTS):
            before = sum(gone)
            living = await written(manager, living)
            found.append(sum(gone) - before)
        return await sweeping, found
    finally:
        await stores.close()


async def written(manager: SessionManager, session: Session) -> Session:
    """What a request does to the store."""
    noted = await manager.note(session, None)
    assert noted is not None
    return noted


async def test_a_request_waits_for_one_small_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the entries that are swept out, at most so many go before a request that writes meanwhile."""
    swept, found = await waits(tmp_path, monkeypatch)
    assert swept == EXPIRED
    assert any(found), "nothing was swept out while requests wrote"
    assert max(found) <= MOST


async def test_a_batch_of_all_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: a sweep in large batches."""
    monkeypatch.setattr(managers, "_SWEEP", 500)
    assert max((await waits(tmp_path, monkeypatch))[1]) > MOST
