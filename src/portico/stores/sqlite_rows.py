"""What the SQLite stores share: numbers, moments, and transactions of one statement."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from portico.auth.ports import Stored
from portico.stores.database import Database

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


async def load(database: Database, sql: str, key: str, now: datetime) -> Stored | None:
    """The record that a query of blob, version and expiry finds by key and moment."""
    rows = await database.read(lambda connection: connection.execute(sql, (key, ticks(now))).fetchall())
    for blob, version, expires_at in rows:
        return Stored(blob=blob, version=version, expires_at=moment(expires_at))
    return None


def statement(sql: str, *values: object) -> Callable[[sqlite3.Connection], None]:
    """A transaction of one statement. The cursor stays in its thread."""

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(sql, values).fetchall()

    return work


def next_number(connection: sqlite3.Connection) -> int:
    """A number that was never given before."""
    rows = connection.execute("UPDATE counter SET number = number + 1 RETURNING number")
    return int(rows.fetchall()[0][0])


def only(rows: sqlite3.Cursor) -> int | None:
    """The one number that a statement returned. All rows are fetched, so that it is finished."""
    return next((int(row[0]) for row in rows.fetchall()), None)


def ticks(at: datetime) -> int:
    """A moment as the tables have it: microseconds."""
    return (at - _EPOCH) // _TICK


def moment(ticks: int) -> datetime:
    """The moment of a row."""
    return _EPOCH + ticks * _TICK
