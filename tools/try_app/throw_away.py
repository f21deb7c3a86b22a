"""A database for one trial: started on loopback, filled, and gone at its end."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portico.definition.text import Text
from portico.errors import PorticoError
from tests.runtime.database_servers import NAME, PASSWORD, feed, mariadb, postgres
from tools.try_app.sign_in_file import Database

_LINE = re.compile(r"(?:<stdin>:|at line )([0-9]+)")


class SetupFailed(PorticoError):
    """A statement that the database refuses: `message` says where it stands, and what was said to it."""

    code = "setup_failed"
    default_message = "The database could not be filled."


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """Where the database is. Without a `username` it needs none."""

    url: str
    username: str = ""
    password: str = ""


@contextlib.contextmanager
def thrown_away(database: Database, folder: Path) -> Iterator[Reached]:
    """The database, filled. Raises SetupFailed."""
    if database.kind == "sqlite":
        file = folder / "trial.db"
        _fill_file(file, database.setup, folder)
        yield Reached(url=f"sqlite:///{file}")
        return
    with {"postgresql": postgres, "mariadb": mariadb}[database.kind]() as server:
        if said := feed(server, database.setup.value):
            line = _LINE.search(said)
            raise _failed(database.setup, _start(database.setup, int(line[1])) if line else 0, said)
        url = server.source().url
        yield Reached(url=url, username=NAME, password=PASSWORD)


def _fill_file(file: Path, setup: Text, folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as db:
        statement, at = "", 0
        for line in setup.value.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                _run(db, statement, setup, at)
                statement, at = "", at + len(statement)
        if statement.strip():
            _run(db, statement, setup, at)
        db.commit()


def _run(db: sqlite3.Connection, statement: str, setup: Text, at: int) -> None:
    try:
        db.execute(statement)
    except sqlite3.Error as error:
        raise _failed(setup, at, str(error)) from error


def _failed(setup: Text, at: int, said: str) -> SetupFailed:
    return SetupFailed(message=f"{setup.place(at)} `setup` is refused: {said}")


def _start(text: Text, line: int) -> int:
    """The offset at which a line begins."""
    return sum(len(each) for each in text.value.splitlines(keepends=True)[: line - 1])
