"""SQLite under what a server meets: other processes, locks, full disks, `kill -9`."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from portico.auth.ports import Held
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores import database
from portico.stores.sqlite import PATIENCE, open_sqlite
from portico.stores.sqlite_records import SQLiteSessionStore
from portico.stores.stores import Stores
from portico.testing.store_trial import Trial
from portico.testing.stores import reads, refuses, writes
from tests.stores import children
from tests.stores.trials import PATIENT

_LIFE = timedelta(hours=1)
_HASTY = timedelta(milliseconds=50)
_BRIEF = timedelta(seconds=2)


@contextmanager
def _processes(number: int) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(number, multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Another connection holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


async def _recovered(stores: Stores) -> None:
    """Wait until the store can be used again, for as long as the test may take."""
    while True:
        with suppress(StoreUnavailable):
            return await stores.sessions.check()
        await asyncio.sleep(0.01)


def _child(function: str, path: Path) -> list[str]:
    return [sys.executable, "-c", f"from tests.stores.children import *; {function}(Path({str(path)!r}))"]


async def test_records_survive_a_restart(tmp_path: Path) -> None:
    """What was written is there when the file is opened again, with the same key."""
    clock = Clock()
    stores = open_sqlite(tmp_path / "s.db", clock, patience=PATIENT)
    await stores.sessions.create("k", b"kept", expires_at=clock.now() + _LIFE)
    await stores.close()
    again = open_sqlite(tmp_path / "s.db", clock, patience=PATIENT)
    stored = await again.sessions.load("k")
    assert stored is not None
    assert stored.blob == b"kept"
    assert again.key == stores.key
    assert again.durable
    await again.close()


async def test_nobody_else_can_read_the_files(tmp_path: Path) -> None:
    """Database, side files and key have mode 0600, also where the file was there before."""
    path = tmp_path / "new" / "s.db"
    path.parent.mkdir()
    path.touch(mode=0o644)
    stores = open_sqlite(path, Clock(), patience=PATIENT)
    await stores.sessions.create("k", b"", expires_at=Clock().now() + _LIFE)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await stores.close()
    assert modes == dict.fromkeys(["s.db", "s.db-wal", "s.db-shm", "s.db.key"], 0o600)


def test_folders_are_made(tmp_path: Path) -> None:
    """A store may be opened in a folder that is not there yet; only its owner may enter that."""
    stores = open_sqlite(tmp_path / "a" / "s.db", Clock())
    asyncio.run(stores.close())
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    path = tmp_path / "s.db"
    path.write_bytes(b"something else entirely" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_sqlite(path, Clock())
    assert path.read_bytes() == b"something else entirely" * 100


@pytest.mark.parametrize("version", [1, 99])
def test_a_store_of_another_format_is_refused(tmp_path: Path, version: int) -> None:
    """A server never writes into what an older or newer one has made."""
    path = tmp_path / "s.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={version}")
    with pytest.raises(StoreUnavailable, match=f"format {version}, this server writes format 3"):
        open_sqlite(path, Clock())


async def test_sweeping_leaves_no_row_behind(tmp_path: Path) -> None:
    """Also none that no port would find: tags of entries that expired, entries of timelines."""
    clock, path = Clock(), tmp_path / "s.db"
    stores = open_sqlite(path, clock, patience=PATIENT)
    trial = Trial(stores=stores, other=stores, clock=clock)
    await trial.create()
    await trial.save("k")
    await trial.file("k", "x", "y")
    await stores.outbox.put("k", b"", due_at=clock.now(), expires_at=trial.later())
    for entry in (b"one", b"two"):
        await stores.timeline.append("k", entry, expires_at=trial.later(), most=9)
    await stores.sessions.lease("k", ttl=_BRIEF).__aenter__()
    tables = ("session", "filed", "tagged", "visit", "outbox", "timeline", "lease")

    def rows() -> list[int]:
        with closing(sqlite3.connect(path)) as connection:
            return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    assert rows() == [1, 1, 2, 1, 1, 2, 1]
    clock.advance(_LIFE)
    await stores.index.sweep(limit=100)
    assert rows() == [0] * len(tables)
    await stores.close()


def test_a_path_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A folder, or a path through a file."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "s.db"):
        with pytest.raises(StoreUnavailable):
            open_sqlite(path, Clock())


def test_a_file_that_stays_locked_at_opening_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening gives up after a while."""
    monkeypatch.setattr(database, "_OPENING", 2)
    path = tmp_path / "s.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (x)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match=r"locked|write-ahead"):
            open_sqlite(path, Clock())


# Outages, promise 115


def test_an_outage_is_noticed_within_a_second() -> None:
    """The bounds that every call is held to add up to less."""
    assert PATIENCE.total_seconds() + database._GRACE < 1


async def test_a_locked_file_refuses_writes_and_loses_nothing(tmp_path: Path) -> None:
    """While another process holds the lock for ever, writes are unavailable, reads are answered,
    and afterwards everything goes on, over the same connection."""
    clock, path = Clock(), tmp_path / "s.db"
    calm, hasty = open_sqlite(path, clock, patience=PATIENT), open_sqlite(path, clock, patience=_HASTY)
    version = await Trial(stores=calm, other=calm, clock=clock).create()
    with _locked(path):
        await refuses(writes(Trial(stores=hasty, other=hasty, clock=clock)))
        stored = await calm.sessions.load("k")
        assert stored is not None
        assert (stored.blob, stored.version) == (b"one", version)
    await _recovered(hasty)
    again = await calm.sessions.replace("k", b"two", expected_version=version, expires_at=clock.now() + _LIFE)
    assert again is not None
    await calm.close()
    await hasty.close()


async def test_calls_that_queue_behind_a_lock_are_bounded_too(tmp_path: Path) -> None:
    """Forty writes that wait for one lock do not wait forty times as long."""
    clock, path = Clock(), tmp_path / "s.db"
    stores = open_sqlite(path, clock, patience=_HASTY)
    with _locked(path):
        calls = [stores.sessions.create(f"{number}", b"", expires_at=clock.now()) for number in range(40)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, StoreUnavailable) for result in results)
    assert any("waiting" in str(result) for result in results), "the queue was never cut short"
    await stores.close()


async def test_a_disk_that_hangs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that never comes back makes the store unavailable, not the server."""
    monkeypatch.setattr(database, "_GRACE", 0.05)
    stores = open_sqlite(tmp_path / "s.db", Clock(), patience=_HASTY)
    trial = Trial(stores=stores, other=stores, clock=Clock())
    assert isinstance(stores.sessions, SQLiteSessionStore)
    disk, begun, over = stores.sessions._database, threading.Barrier(3), threading.Event()

    def hang(_connection: sqlite3.Connection) -> None:
        begun.wait()
        over.wait()

    ends = time.monotonic() + 1000
    held = [line.submit(hang, ends, begin=None) for line in (disk._reader, disk._writer)]
    await asyncio.to_thread(begun.wait, 30)
    await refuses(reads(trial))
    await refuses(writes(trial))
    over.set()
    await asyncio.gather(*map(asyncio.wrap_future, held))
    await stores.close()


async def test_a_damaged_file_is_an_outage_not_a_sign_out(tmp_path: Path) -> None:
    """Pages that cannot be read raise StoreUnavailable; a repaired file works without a restart."""
    clock, path = Clock(), tmp_path / "s.db"
    stores = open_sqlite(path, clock, patience=PATIENT)
    trial = Trial(stores=stores, other=stores, clock=clock)
    await trial.create()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.execute("ALTER TABLE session RENAME TO elsewhere")
    with pytest.raises(StoreUnavailable):
        await stores.sessions.load("k")
    with pytest.raises(StoreUnavailable):
        await trial.create("l")
    with closing(sqlite3.connect(path)) as other:
        other.execute("ALTER TABLE elsewhere RENAME TO session")
    assert await stores.sessions.load("k") is not None
    await trial.create("l")
    await stores.close()


def test_a_full_disk_is_an_outage_that_ends(tmp_path: Path) -> None:
    """The write is refused whole, what was there stays, and when there is room all goes on."""
    child = subprocess.run(
        _child("meet_a_full_disk", tmp_path / "s.db"), capture_output=True, text=True, timeout=60, check=True
    )
    refused, *rest = child.stdout.splitlines()
    assert refused.startswith("refused: ")
    assert rest == ["big is there: False", "before is there: True"]


# Leases


async def test_a_cancelled_request_keeps_no_lease(tmp_path: Path) -> None:
    """Whether the lease was already taken or not when the request went away."""
    stores = open_sqlite(tmp_path / "s.db", Clock(), patience=PATIENT)
    for steps in (0, 1, 2, 3, 50):
        waiting = asyncio.ensure_future(stores.visits.lease("v", ttl=_LIFE).__aenter__())
        for _ in range(steps):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        if waiting.cancelled():
            async with stores.visits.lease("v", ttl=_LIFE) as lease:
                assert isinstance(lease, Held)
    await stores.close()


async def test_a_lease_that_cannot_be_given_back_runs_out(tmp_path: Path) -> None:
    """Leaving does not raise: what was done under the lease is done."""
    clock, path = Clock(), tmp_path / "s.db"
    stores, other = open_sqlite(path, clock, patience=_BRIEF), open_sqlite(path, clock, patience=PATIENT)
    lease = stores.sessions.lease("k", ttl=_LIFE)
    assert isinstance(await lease.__aenter__(), Held)
    with _locked(path):
        await lease.__aexit__(None, None, None)
    clock.advance(_LIFE)
    async with other.sessions.lease("k", ttl=_LIFE) as held:
        assert isinstance(held, Held)
    await stores.close()
    await other.close()


# Processes


async def test_one_of_many_processes_wins_a_replace(tmp_path: Path) -> None:
    """Four processes overwrite one version: exactly one of them succeeds."""
    path = tmp_path / "s.db"
    stores = open_sqlite(path, Clock(), patience=PATIENT)
    version = await stores.sessions.create("k", b"0", expires_at=Clock().now() + _LIFE)
    with _processes(4) as pool:
        results = list(pool.map(children.replace_once, [path] * 8, [version] * 8))
    assert sum(results) == 1
    await stores.close()


async def test_no_update_of_many_processes_is_lost(tmp_path: Path) -> None:
    """Three processes count up in one record by compare-and-swap."""
    path = tmp_path / "s.db"
    stores = open_sqlite(path, Clock(), patience=PATIENT)
    await stores.sessions.create("k", b"0", expires_at=Clock().now() + _LIFE)
    with _processes(3) as pool:
        list(pool.map(children.count_up, [path] * 3, [30] * 3))
    stored = await stores.sessions.load("k")
    assert stored is not None
    assert stored.blob == b"90"
    await stores.close()


def test_a_lease_holds_off_other_processes(tmp_path: Path) -> None:
    """Three processes count up in a plain file, which only the lease protects; fences rise."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    with _processes(3) as pool:
        fences = list(pool.map(children.count_up_alone, [tmp_path / "s.db"] * 3, [counter] * 3, [15] * 3))
    assert counter.read_text() == "45"
    assert all(mine == sorted(mine) for mine in fences)
    assert len({fence for mine in fences for fence in mine}) == 45


def test_processes_that_start_together_share_one_store_and_key(tmp_path: Path) -> None:
    """Whoever is first makes file, tables and key; the others use them."""
    with _processes(4) as pool:
        keys = list(pool.map(children.server_key, [tmp_path / "s.db"] * 8))
    assert len(set(keys)) == 1
    assert not [file for file in tmp_path.iterdir() if file.name not in ("s.db", "s.db.key")]


def test_kill_9_loses_no_record_that_was_written(tmp_path: Path) -> None:
    """Killed while it writes, five times: every record that was reported is there, the file is
    sound, and it opens without repair (P113, P114)."""
    path, reported = tmp_path / "s.db", []
    for _ in range(5):
        with subprocess.Popen(_child("write_for_ever", path), stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(20)]
            os.kill(child.pid, signal.SIGKILL)
            lines += child.stdout.readlines()
        reported += [line.strip() for line in lines if line.endswith("\n")]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {row[0] for row in connection.execute("SELECT key FROM session")}
    assert len(reported) >= 100
    assert set(reported) <= kept
    stores = open_sqlite(path, Clock())
    asyncio.run(stores.close())
