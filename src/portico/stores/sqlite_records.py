"""Records in SQLite: sessions, visits, and the leases of both."""

import sqlite3
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import TracebackType

from portico.auth.ports import Held, Lease, Stored, Taken
from portico.clock import Clock
from portico.stores.database import Database
from portico.stores.sqlite_rows import load, next_number, only, statement, ticks
from portico.values import new_id


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
                (key, blob, next_number(connection), ticks(expires_at), ticks(now)),
            )
            return only(rows)

        return await self._database.write(work, durable=True)

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        sql = "SELECT blob, version, expires_at FROM session WHERE key = ? AND expires_at > ?"
        return await load(self._database, sql, key, self._clock.now())

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int | None:
            rows = connection.execute(
                "UPDATE session SET blob = ?, version = ?, expires_at = ?"
                " WHERE key = ? AND version = ? AND expires_at > ? RETURNING version",
                (blob, next_number(connection), ticks(expires_at), key, expected_version, ticks(now)),
            )
            return only(rows)

        return await self._database.write(work, durable=True)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM session WHERE key = ?", key), durable=True)

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _SQLiteLease(self._database, self._clock, f"session {key}", ttl)

    async def check(self) -> None:
        """As the port says."""
        await self._database.read(statement("SELECT number FROM counter"))
        await self._database.write(next_number, durable=True)


class SQLiteVisitStore:
    """`VisitStore` in SQLite."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        sql = "SELECT blob, version, expires_at FROM visit WHERE key = ? AND expires_at > ?"
        return await load(self._database, sql, key, self._clock.now())

    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> int | None:
            found = connection.execute(
                "SELECT version FROM visit WHERE key = ? AND expires_at > ?", (key, ticks(now))
            )
            if only(found) != expected_version:
                return None
            number = next_number(connection)
            connection.execute(
                "INSERT OR REPLACE INTO visit (key, blob, version, expires_at, tag) VALUES (?, ?, ?, ?, ?)",
                (key, blob, number, ticks(expires_at), tag),
            )
            return number

        return await self._database.write(work, durable=False)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM visit WHERE key = ?", key), durable=False)

    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        """As the port says."""
        sql = (
            "SELECT key FROM (SELECT key, version FROM visit WHERE tag = ? AND expires_at > ?"
            " ORDER BY version DESC LIMIT -1 OFFSET ?) ORDER BY version"
        )
        values = (tag, ticks(self._clock.now()), keep)
        rows = await self._database.read(lambda connection: connection.execute(sql, values).fetchall())
        return tuple(key for (key,) in rows)

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _SQLiteLease(self._database, self._clock, f"visit {key}", ttl)


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
                (self._key, self._owner, next_number(connection), ticks(now + self._ttl), ticks(now)),
            )
            return only(rows)

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
