"""Stores in one SQLite file: they survive restarts and `kill -9`, and several processes may share them.

Sessions, index and outbox are on the disk before a write returns. Visits and leases survive the
death of a process, and may lose the last moment before a power cut.
"""

import sqlite3
from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from portico.auth.ports import Held, Lease, Stored, Taken, Waiting
from portico.clock import Clock
from portico.stores.database import Database
from portico.stores.key import checked, key_beside
from portico.stores.stores import Stores
from portico.values import Secret, new_id

#: How long a transaction may take before the store counts as unavailable.
PATIENCE = timedelta(milliseconds=500)

_VERSION = 1
# `number` gives versions, fences and the order of writing: never the same number twice.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (number INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
CREATE TABLE IF NOT EXISTS session (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS session_expiry ON session (expires_at);
CREATE TABLE IF NOT EXISTS filed (
    tag TEXT NOT NULL, number INTEGER NOT NULL, key TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (tag, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS filed_key ON filed (key);
CREATE INDEX IF NOT EXISTS filed_expiry ON filed (expires_at);
CREATE TABLE IF NOT EXISTS visit (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    tag TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS visit_tag ON visit (tag, version);
CREATE INDEX IF NOT EXISTS visit_expiry ON visit (expires_at);
CREATE TABLE IF NOT EXISTS outbox (
    key TEXT PRIMARY KEY, blob BLOB NOT NULL, due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at);
CREATE INDEX IF NOT EXISTS outbox_expiry ON outbox (expires_at);
CREATE TABLE IF NOT EXISTS lease (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, fence INTEGER NOT NULL, expires_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS lease_expiry ON lease (expires_at)
"""

_SWEEPS = (
    "DELETE FROM session WHERE rowid IN (SELECT rowid FROM session WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM filed WHERE (tag, number) IN (SELECT tag, number FROM filed WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM visit WHERE rowid IN (SELECT rowid FROM visit WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM lease WHERE rowid IN (SELECT rowid FROM lease WHERE expires_at <= ? LIMIT ?)",
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def open_sqlite(
    path: Path, clock: Clock, *, key: Secret | None = None, patience: timedelta = PATIENCE
) -> Stores:
    """The stores in the file `path`, which is made if it is not there, with mode 0600.

    Without `key` the server key lies beside it. Raises StoreUnavailable, ServerKeyUnusable.
    """
    database = Database(path, _SCHEMA, _VERSION, patience=patience)
    try:
        server_key = checked(key) if key else key_beside(path)
    except BaseException:
        database.shut()
        raise
    return Stores(
        sessions=SQLiteSessionStore(database, clock),
        index=SQLiteSessionIndex(database, clock),
        visits=SQLiteVisitStore(database, clock),
        outbox=SQLiteOutbox(database, clock),
        key=server_key,
        durable=True,
        close=database.close,
    )


class SQLiteSessionStore:
    """`SessionStore` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int | None:
            rows = connection.execute(
                "INSERT INTO session (key, blob, version, expires_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET blob = excluded.blob, version = excluded.version,"
                " expires_at = excluded.expires_at WHERE session.expires_at <= ? RETURNING version",
                (key, blob, _number(connection), _ticks(expires_at), _ticks(now)),
            )
            return _only(rows)

        return await self._database.write(work, durable=True)

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        sql = "SELECT blob, version, expires_at FROM session WHERE key = ? AND expires_at > ?"
        return await _load(self._database, sql, key, self._clock.now())

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int | None:
            rows = connection.execute(
                "UPDATE session SET blob = ?, version = ?, expires_at = ?"
                " WHERE key = ? AND version = ? AND expires_at > ? RETURNING version",
                (blob, _number(connection), _ticks(expires_at), key, expected_version, _ticks(now)),
            )
            return _only(rows)

        return await self._database.write(work, durable=True)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._database.write(_statement("DELETE FROM session WHERE key = ?", key), durable=True)

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _SQLiteLease(self._database, self._clock, f"session {key}", ttl)

    async def check(self) -> None:
        """As the port says."""
        await self._database.read(_statement("SELECT number FROM counter"))
        await self._database.write(_number, durable=True)


class SQLiteSessionIndex:
    """`SessionIndex` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, key: str, tags: Collection[str], *, expires_at: datetime) -> None:
        """As the port says."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM filed WHERE key = ?", (key,))
            number = _number(connection)
            connection.executemany(
                "INSERT INTO filed (tag, number, key, expires_at) VALUES (?, ?, ?, ?)",
                [(tag, number, key, _ticks(expires_at)) for tag in set(tags)],
            )

        await self._database.write(work, durable=True)

    async def find(self, tag: str) -> tuple[str, ...]:
        """As the port says."""
        sql = "SELECT key FROM filed WHERE tag = ? AND expires_at > ? ORDER BY number"
        return await _keys(self._database, sql, (tag, _ticks(self._clock.now())))

    async def drop(self, key: str) -> None:
        """As the port says."""
        await self._database.write(_statement("DELETE FROM filed WHERE key = ?", key), durable=True)

    async def sweep(self, *, limit: int) -> int:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int:
            swept = 0
            for statement in _SWEEPS:
                swept += connection.execute(statement, (_ticks(now), limit - swept)).rowcount
            return swept

        return await self._database.write(work, durable=False)


class SQLiteVisitStore:
    """`VisitStore` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        sql = "SELECT blob, version, expires_at FROM visit WHERE key = ? AND expires_at > ?"
        return await _load(self._database, sql, key, self._clock.now())

    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int | None:
            found = connection.execute(
                "SELECT version FROM visit WHERE key = ? AND expires_at > ?", (key, _ticks(now))
            )
            if _only(found) != expected_version:
                return None
            number = _number(connection)
            connection.execute(
                "INSERT OR REPLACE INTO visit (key, blob, version, expires_at, tag) VALUES (?, ?, ?, ?, ?)",
                (key, blob, number, _ticks(expires_at), tag),
            )
            return number

        return await self._database.write(work, durable=False)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._database.write(_statement("DELETE FROM visit WHERE key = ?", key), durable=False)

    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        """As the port says."""
        sql = (
            "SELECT key FROM (SELECT key, version FROM visit WHERE tag = ? AND expires_at > ?"
            " ORDER BY version DESC LIMIT -1 OFFSET ?) ORDER BY version"
        )
        return await _keys(self._database, sql, (tag, _ticks(self._clock.now()), keep))

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _SQLiteLease(self._database, self._clock, f"visit {key}", ttl)


class SQLiteOutbox:
    """`Outbox` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        """As the port says."""
        sql = "INSERT OR REPLACE INTO outbox (key, blob, due_at, expires_at, attempts) VALUES (?, ?, ?, ?, 0)"
        work = _statement(sql, key, blob, _ticks(due_at), _ticks(expires_at))
        await self._database.write(work, durable=True)

    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> tuple[Waiting, ...]:
            rows = connection.execute(
                "SELECT key, blob, attempts FROM outbox WHERE due_at <= ?1 AND expires_at > ?1"
                " ORDER BY due_at, key LIMIT ?2",
                (_ticks(now), limit),
            ).fetchall()
            connection.executemany(
                "UPDATE outbox SET due_at = ?, attempts = attempts + 1 WHERE key = ?",
                [(_ticks(now + hold), row[0]) for row in rows],
            )
            return tuple(Waiting(key=key, blob=blob, attempts=attempts) for key, blob, attempts in rows)

        return await self._database.write(work, durable=True)

    async def later(self, key: str, *, due_at: datetime) -> None:
        """As the port says."""
        sql = "UPDATE outbox SET due_at = ? WHERE key = ?"
        await self._database.write(_statement(sql, _ticks(due_at), key), durable=True)

    async def done(self, key: str) -> None:
        """As the port says."""
        await self._database.write(_statement("DELETE FROM outbox WHERE key = ?", key), durable=True)


class _SQLiteLease(AbstractAsyncContextManager[Held | Taken]):
    """A row that is ours until it expires. `owner` tells our row from a later holder's."""

    def __init__(self, database: Database, clock: Clock, key: str, ttl: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._ttl = ttl
        self._owner = new_id()
        self._held = False

    async def __aenter__(self) -> Held | Taken:
        now = self._clock.now()

        def take(connection: sqlite3.Connection) -> int | None:
            rows = connection.execute(
                "INSERT INTO lease (key, owner, fence, expires_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, fence = excluded.fence,"
                " expires_at = excluded.expires_at WHERE lease.expires_at <= ? RETURNING fence",
                (self._key, self._owner, _number(connection), _ticks(now + self._ttl), _ticks(now)),
            )
            return _only(rows)

        try:
            fence = await self._database.write(take, durable=False)
        except BaseException:
            # Cancelled or too slow: it may have been taken all the same.
            self._database.post(self._give_back)
            raise
        self._held = fence is not None
        return Taken() if fence is None else Held(fence=fence)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            await self._database.surely(self._give_back)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM lease WHERE key = ? AND owner = ?", (self._key, self._owner))


async def _load(database: Database, sql: str, key: str, now: datetime) -> Stored | None:
    rows = await database.read(lambda connection: connection.execute(sql, (key, _ticks(now))).fetchall())
    for blob, version, expires_at in rows:
        return Stored(blob=blob, version=version, expires_at=_EPOCH + expires_at * _TICK)
    return None


async def _keys(database: Database, sql: str, values: tuple[object, ...]) -> tuple[str, ...]:
    rows = await database.read(lambda connection: connection.execute(sql, values).fetchall())
    return tuple(row[0] for row in rows)


def _statement(sql: str, *values: object) -> Callable[[sqlite3.Connection], None]:
    """A transaction of one statement. The cursor stays in its thread."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(sql, values).fetchall()

    return work


def _number(connection: sqlite3.Connection) -> int:
    rows = connection.execute("UPDATE counter SET number = number + 1 RETURNING number")
    return int(rows.fetchall()[0][0])


def _only(rows: sqlite3.Cursor) -> int | None:
    """The one number that a statement returned. All rows are fetched, so that it is finished."""
    return next((int(row[0]) for row in rows.fetchall()), None)


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK
