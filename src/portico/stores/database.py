"""An SQLite file under load: short transactions in two threads, each with a bound on its wait.

WAL: readers never wait for the writer. One thread writes and one reads, so that the event loop never
does and a writer that waits for another process holds up no reader.
"""

import asyncio
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from portico.errors import StoreUnavailable

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

#: Over `patience`, for a disk that does not answer at all.
_GRACE = 0.3
_OPENING = 20
_OPENING_PAUSE = 0.05


class Database:
    """One SQLite file, opened by this process; other processes may have it open as well.

    `patience` is how long a transaction may take, waiting included; after it StoreUnavailable is
    raised. Whether a write took effect is unknown then, as it is to a caller that was cancelled.
    """

    def __init__(self, path: Path, schema: str, version: int, *, patience: timedelta) -> None:
        """Raises StoreUnavailable if the file is no store of this version, or cannot be opened."""
        self._patience = patience.total_seconds()
        self._reader = _Line(path, "read")
        self._writer = _Line(path, "write")
        try:
            _make_file(path)
            self._writer.prepare(schema, version)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailable(f"{path}: {error}") from error

    async def read(self, work: Work[T]) -> T:
        """Run one query."""
        return await self._bounded(self._reader.submit(work, self._ends(), begin=None))

    async def write(self, work: Work[T], *, durable: bool) -> T:
        """Run a transaction; if `durable`, it is on the disk when this returns."""
        return await self._bounded(self._submit(work, durable))

    def post(self, work: Work[object]) -> asyncio.Future[Any]:
        """Queue a transaction behind those before it, whether the caller waits for it or not, is
        cancelled or not, and whether it works or not. The future never raises."""
        try:
            running = asyncio.wrap_future(self._submit(work, durable=False))
        except StoreUnavailable:
            return asyncio.ensure_future(asyncio.sleep(0))
        return asyncio.gather(running, return_exceptions=True)

    async def surely(self, work: Work[object]) -> None:
        """`post`, and wait for it within the bound."""
        await asyncio.wait([self.post(work)], timeout=self._patience + _GRACE)

    async def close(self) -> None:
        """Finish what is under way and close the file. Closing twice is fine."""
        await asyncio.to_thread(self.shut)

    def shut(self) -> None:
        """As `close`, where no event loop runs."""
        self._reader.close()
        self._writer.close()

    def _submit(self, work: Work[T], durable: bool) -> Future[T]:
        begin = f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}"
        return self._writer.submit(work, self._ends(), begin=begin)

    def _ends(self) -> float:
        return time.monotonic() + self._patience

    async def _bounded(self, running: Future[T]) -> T:
        try:
            async with asyncio.timeout(self._patience + _GRACE):
                return await asyncio.wrap_future(running)
        except TimeoutError:
            raise StoreUnavailable("the disk does not answer") from None


class _Line:
    """One connection in one thread."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._executor = ThreadPoolExecutor(1, f"portico-sqlite-{name}")
        self._connection: sqlite3.Connection | None = None

    def submit(self, work: Work[T], ends: float, *, begin: str | None) -> Future[T]:
        """Queue a transaction, or a single query if `begin` is None."""
        try:
            return self._executor.submit(self._perform, work, ends, begin)
        except RuntimeError:
            raise StoreUnavailable("the store was closed") from None

    def prepare(self, schema: str, version: int) -> None:
        """Make the tables where there are none."""
        try:
            self._executor.submit(self._prepare, schema, version).result()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Finish what is queued. Closing twice is fine."""
        with suppress(RuntimeError):
            self._executor.submit(self._disconnect).result()
        self._executor.shutdown()

    def _perform(self, work: Work[T], ends: float, begin: str | None) -> T:
        left = ends - time.monotonic()
        if left <= 0:
            raise StoreUnavailable("too many transactions are waiting")
        try:
            connection = self._connected()
            connection.execute(f"PRAGMA busy_timeout={max(int(left * 1000), 1)}")
            return work(connection) if begin is None else _transact(connection, begin, work)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                # Whatever it was, a new connection finds out whether it is over.
                self._disconnect()
            raise StoreUnavailable(f"{self._path.name}: {error}") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_OPENING_PAUSE)
            self._connection.execute("PRAGMA temp_store=MEMORY")
            self._connection.execute("PRAGMA trusted_schema=OFF")
            self._connection.execute("PRAGMA foreign_keys=ON")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _prepare(self, schema: str, version: int) -> None:
        connection = self._connected()
        _use_wal(connection)
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("BEGIN IMMEDIATE")
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, version):
            connection.execute("ROLLBACK")
            raise sqlite3.DatabaseError(f"the store has format {found}, this server writes format {version}")
        for statement in schema.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={version}")
        connection.execute("COMMIT")


def _transact(connection: sqlite3.Connection, begin: str, work: Work[T]) -> T:
    connection.execute(begin)
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _use_wal(connection: sqlite3.Connection) -> None:
    """Processes that start at the same time may find the file locked without SQLite waiting for it."""
    for _ in range(_OPENING):
        with suppress(sqlite3.OperationalError):
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        time.sleep(_OPENING_PAUSE)
    raise sqlite3.OperationalError("no write-ahead log; is it on a network drive?")


def _make_file(path: Path) -> None:
    """Nobody else reads it: mode 0600, which SQLite gives to its side files as well."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
