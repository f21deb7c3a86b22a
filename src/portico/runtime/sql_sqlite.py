"""SQLite: a file of this machine, and no other than that."""

import sqlite3
from pathlib import Path
from typing import Any

from portico.errors import DestinationRefused
from portico.model.query import Datasource
from portico.runtime.sql_driver import CONNECT_SECONDS, first_line

_REFUSED = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})


def path_of(source: Datasource) -> Path:
    """The file of a datasource. Raises DestinationRefused if it may be none of this machine."""
    if not source.allow_private:
        raise DestinationRefused("a file of this machine")
    return Path(source.url.partition(":///")[2])


def connect_to(path: Path) -> Any:
    """Open the file, which is made if its folder is there. What would open another is refused."""
    connection = sqlite3.connect(path, timeout=CONNECT_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.set_authorizer(_authorized)
    return connection


def _authorized(action: int, *given: Any) -> int:
    return sqlite3.SQLITE_DENY if action in _REFUSED else sqlite3.SQLITE_OK


def end(connection: Any) -> None:
    """Interrupt what runs."""
    connection.interrupt()


def words(error: BaseException) -> str:
    """What it says."""
    return first_line(error)


def ambiguous(error: BaseException) -> bool:
    """Columns have no types that could be in doubt."""
    return False
