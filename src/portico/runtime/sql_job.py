"""One statement in a thread, and its end from another."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from portico.errors import CallFailed, ServiceTimeout, ServiceUnreachable
from portico.model.query import Datasource
from portico.runtime.sql_binding import Bound
from portico.runtime.sql_drivers import Link
from portico.runtime.sql_rows import in_pieces, json_of

log = logging.getLogger("portico.runtime")

#: Seconds between two attempts to end a statement, and how many there are.
AGAIN_SECONDS = 0.25
ATTEMPTS = 20
#: How statements begin whose rows can be read as they come.
_ROWS = ("select", "with", "values", "table", "(")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a statement came to: rows as JSON, or the words of the database that refused it."""

    body: bytes = b""
    refused: str | None = None


class Job:
    """One statement in a thread, which another may end."""

    def __init__(self, source: Datasource, link: Link, commands: Sequence[Bound], *, reads: bool) -> None:
        self._source = source
        self._link = link
        self._commands = commands
        self._reads = reads
        self._lock = threading.Lock()
        self._running: Any = None
        self._over = threading.Event()
        self._given_up = False

    def run(self) -> Outcome:
        """Run it. Raises CallFailed."""
        try:
            return self._run(self._commands)
        except DBAPIError as error:
            if self._given_up:
                raise ServiceTimeout("given up") from None
            if error.orig is None or error.connection_invalidated:
                raise ServiceUnreachable(f"no connection ({type(error.orig).__name__})") from None
            if self._link.ambiguous(error.orig):
                return self._run_typed()
            return Outcome(refused=self._link.words(error.orig))
        except SQLAlchemyError as error:
            raise CallFailed(f"not run ({type(error).__name__})") from None
        finally:
            self._over.set()

    def _run_typed(self) -> Outcome:
        """Once more, with texts that say that they are: nothing of it was done."""
        typed = self._link.typed
        commands = [
            Bound(
                text=command.text,
                values=tuple(typed(value) if isinstance(value, str) else value for value in command.values),
            )
            for command in self._commands
        ]
        try:
            return self._run(commands)
        except DBAPIError as error:
            if error.orig is None or error.connection_invalidated or self._given_up:
                raise ServiceUnreachable(f"no connection ({type(error.orig).__name__})") from None
            return Outcome(refused=self._link.words(error.orig))

    def _run(self, commands: Sequence[Bound]) -> Outcome:
        with self._connected() as connection:
            self._begin(connection)
            try:
                body = self._all(connection, commands)
                connection.commit()
            except BaseException:
                self._drop(connection)
                raise
            finally:
                with self._lock:
                    self._running = None
            if self._given_up:
                connection.invalidate()
            return Outcome(body=body)

    def _connected(self) -> Connection:
        try:
            return self._link.engine.connect()
        except DBAPIError as error:
            raise ServiceUnreachable(f"no connection ({type(error.orig).__name__})") from None
        except OSError as error:
            raise ServiceUnreachable(f"no connection ({type(error).__name__})") from None

    def _begin(self, connection: Connection) -> None:
        with self._lock:
            self._running = connection.connection.driver_connection
        if self._given_up:
            raise ServiceTimeout("given up before it began")

    def _drop(self, connection: Connection) -> None:
        """A connection whose statement was not read to its end, or was ended, is not used again."""
        if connection.invalidated:
            return
        if self._given_up or self._link.streams:
            with self._lock:
                self._running = None
            connection.invalidate()
        else:
            connection.rollback()

    def _all(self, connection: Connection, commands: Sequence[Bound]) -> bytes:
        """What the last command with rows gave, else the last."""
        found, has_rows = b"[]", False
        for command in commands:
            if self._given_up:
                raise ServiceTimeout("given up")
            rows = command.text.lstrip().lower().startswith(_ROWS)
            streams = self._link.streams and self._reads and rows
            result = connection.execution_options(stream_results=streams).exec_driver_sql(
                command.text, command.values
            )
            with result:
                if result.returns_rows:
                    pieces = in_pieces(result.fetchmany)
                    found, has_rows = json_of(list(result.keys()), pieces, self._source.max_bytes), True
                elif not has_rows:
                    found = json_of(["affectedRows"], [(max(result.rowcount, 0),)], self._source.max_bytes)
        return found

    def give_up(self) -> None:
        """Nobody waits any more: whatever runs is not to go on."""
        self._given_up = True

    def end(self) -> None:
        """Have the database end it. It may not have begun there yet, so that is said until it is over."""
        for _ in range(ATTEMPTS):
            with self._lock:
                running = self._running
                if running is not None:
                    try:
                        self._link.end(running)
                    except Exception as error:  # noqa: BLE001
                        log.warning(
                            "a statement could not be ended",
                            extra={"datasource": self._source.name, "error": type(error).__name__},
                        )
            if self._over.wait(AGAIN_SECONDS):
                return
