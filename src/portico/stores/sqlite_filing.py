"""What SQLite files of sessions: the index, messages that wait, and timelines."""

import sqlite3
from collections.abc import Collection
from datetime import datetime, timedelta

from portico.auth.ports import Filed, Waiting
from portico.clock import Clock
from portico.stores.database import Database
from portico.stores.sqlite_rows import moment, next_number, statement, ticks

_SWEEPS = (
    "DELETE FROM session WHERE rowid IN (SELECT rowid FROM session WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM filed WHERE rowid IN (SELECT rowid FROM filed WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM visit WHERE rowid IN (SELECT rowid FROM visit WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM outbox WHERE rowid IN (SELECT rowid FROM outbox WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM timeline WHERE rowid IN (SELECT rowid FROM timeline WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM lease WHERE rowid IN (SELECT rowid FROM lease WHERE expires_at <= ? LIMIT ?)",
    "DELETE FROM taken WHERE rowid IN (SELECT rowid FROM taken WHERE expires_at <= ? LIMIT ?)",
)


class SQLiteSessionIndex:
    """`SessionIndex` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        """As the port says."""

        def work(connection: sqlite3.Connection) -> None:
            number = next_number(connection)
            connection.execute(
                "INSERT OR REPLACE INTO filed (key, number, card, expires_at) VALUES (?, ?, ?, ?)",
                (key, number, card, ticks(expires_at)),
            )
            connection.executemany(
                "INSERT INTO tagged (tag, number, key) VALUES (?, ?, ?)",
                [(tag, number, key) for tag in set(tags)],
            )

        await self._database.write(work, durable=True)

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        """As the port says."""
        sql = (
            "SELECT key, card, filed.number, expires_at FROM tagged JOIN filed USING (key)"
            " WHERE tag = ? AND tagged.number > ? AND expires_at > ? ORDER BY tagged.number LIMIT ?"
        )
        values = (tag, after, ticks(self._clock.now()), limit)
        rows = await self._database.read(lambda connection: connection.execute(sql, values).fetchall())
        return tuple(
            Filed(key=key, card=card, number=number, expires_at=moment(expires_at))
            for key, card, number, expires_at in rows
        )

    async def drop(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM filed WHERE key = ?", key), durable=True)

    async def sweep(self, *, limit: int) -> int:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int:
            swept = 0
            for sweep in _SWEEPS:
                swept += connection.execute(sweep, (ticks(now), limit - swept)).rowcount
            return swept

        return await self._database.write(work, durable=False)


class SQLiteOutbox:
    """`Outbox` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        """As the port says."""
        sql = "INSERT OR REPLACE INTO outbox (key, blob, due_at, expires_at, attempts) VALUES (?, ?, ?, ?, 0)"
        work = statement(sql, key, blob, ticks(due_at), ticks(expires_at))
        await self._database.write(work, durable=True)

    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> tuple[Waiting, ...]:
            rows = connection.execute(
                "SELECT key, blob, attempts FROM outbox WHERE due_at <= ?1 AND expires_at > ?1"
                " ORDER BY due_at, key LIMIT ?2",
                (ticks(now), limit),
            ).fetchall()
            connection.executemany(
                "UPDATE outbox SET due_at = ?, attempts = attempts + 1 WHERE key = ?",
                [(ticks(now + hold), row[0]) for row in rows],
            )
            return tuple(Waiting(key=key, blob=blob, attempts=attempts) for key, blob, attempts in rows)

        return await self._database.write(work, durable=True)

    async def later(self, key: str, *, due_at: datetime) -> None:
        """As the port says."""
        sql = "UPDATE outbox SET due_at = ? WHERE key = ?"
        await self._database.write(statement(sql, ticks(due_at), key), durable=True)

    async def done(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM outbox WHERE key = ?", key), durable=True)


class SQLiteTimelineStore:
    """`TimelineStore` in SQLite. All rows of a key have the expiry of the whole."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM timeline WHERE key = ? AND expires_at <= ?", (key, ticks(now)))
            connection.execute(
                "INSERT INTO timeline (key, number, entry, expires_at) VALUES (?, ?, ?, ?)",
                (key, next_number(connection), entry, ticks(expires_at)),
            )
            connection.execute(
                "UPDATE timeline SET expires_at = latest FROM"
                " (SELECT max(expires_at) AS latest FROM timeline WHERE key = ?1)"
                " WHERE key = ?1 AND expires_at < latest",
                (key,),
            )
            connection.execute(
                "DELETE FROM timeline WHERE key = ?1 AND number <="
                " (SELECT number FROM timeline WHERE key = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
                (key, most),
            )

        await self._database.write(work, durable=False)

    async def read(self, key: str) -> tuple[bytes, ...]:
        """As the port says."""
        sql = "SELECT entry FROM timeline WHERE key = ? AND expires_at > ? ORDER BY number"
        values = (key, ticks(self._clock.now()))
        rows = await self._database.read(lambda connection: connection.execute(sql, values).fetchall())
        return tuple(entry for (entry,) in rows)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM timeline WHERE key = ?", key), durable=False)
