"""Counts in SQLite."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from portico.auth.ports import Allowance
from portico.clock import Clock
from portico.stores import allowances as counting
from portico.stores.database import Database
from portico.stores.sqlite_rows import moment, only, statement, ticks


class SQLiteTally:
    """`Tally` in SQLite. Not flushed: a power cut forgives the last attempts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        """As the port says."""
        now = self._clock.now()

        def work(connection: sqlite3.Connection) -> timedelta | None:
            moved = []
            for allowance in allowances:
                rows = connection.execute("SELECT expires_at FROM taken WHERE key = ?", (allowance.key,))
                before = only(rows)
                full_at = moment(before) if before is not None else None
                moved.append(counting.moved(full_at, allowance, now))
            waits = [counting.wait(at, one, now) for at, one in zip(moved, allowances, strict=True)]
            if (longest := max(waits, default=timedelta(0))) > timedelta(0):
                return longest
            connection.executemany(
                "INSERT OR REPLACE INTO taken (key, expires_at) VALUES (?, ?)",
                [(one.key, ticks(at)) for at, one in zip(moved, allowances, strict=True)],
            )
            return None

        return await self._database.write(work, durable=False)

    async def forgive(self, key: str) -> None:
        """As the port says."""
        await self._database.write(statement("DELETE FROM taken WHERE key = ?", key), durable=False)
