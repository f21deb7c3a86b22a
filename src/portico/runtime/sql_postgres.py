"""PostgreSQL, by psycopg. Importing this without the extra `postgres` fails."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import StrDumper

from portico.runtime.sql_driver import CONNECT_SECONDS, LAST_RESORT, Place, first_line

PORT = 5432
#: Answers are written down in one way, whatever the server's own settings are.
_SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO,YMD",
    "intervalstyle": "iso_8601",
    "statement_timeout": f"{LAST_RESORT}s",
    "idle_in_transaction_session_timeout": f"{LAST_RESORT}s",
}
#: No such file: none is read that the datasource does not name.
_NOWHERE = "/nonexistent/portico"


class Typed(str):
    """A text that says of itself that it is one."""


class _Text(Loader):
    def load(self, data: Buffer) -> str:
        """As the server writes it."""
        return bytes(data).decode()


class _Moment(Loader):
    def load(self, data: Buffer) -> str:
        """A moment, with the offset of the session's zone, which is UTC, or without one."""
        text = bytes(data).decode()
        return f"{text.removesuffix('+00').replace(' ', 'T')}Z" if text[:1].isdigit() else text


def connect(place: Place) -> Any:
    """Open a connection, at the addresses that were checked; the host's name is for its certificate."""
    addresses = place.addresses()
    with _authorities(place) as roots:
        connection = psycopg.connect(
            host=",".join([place.host] * len(addresses)),
            hostaddr=",".join(addresses),
            port=place.port,
            dbname=place.name or place.user,
            user=place.user or "portico",
            password=place.password or None,
            passfile=_NOWHERE,
            sslmode=place.ssl_mode,
            sslrootcert=roots,
            sslcert=_NOWHERE,
            sslkey=_NOWHERE,
            sslcrl=_NOWHERE,
            gssencmode="disable",
            connect_timeout=CONNECT_SECONDS,
            keepalives_idle=30,
            tcp_user_timeout=LAST_RESORT * 1000,
            client_encoding="utf8",
            application_name="portico",
            options=" ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
            prepare_threshold=None,
        )
    adapters = connection.adapters
    for name in ("date", "time", "timetz", "interval"):
        adapters.register_loader(name, _Text)
    for name in ("timestamp", "timestamptz"):
        adapters.register_loader(name, _Moment)
    adapters.register_dumper(Typed, StrDumper)
    return connection


def end(connection: Any, place: Place) -> None:
    """Ask the server to cancel what it does."""
    connection.cancel_safe(timeout=CONNECT_SECONDS)


def words(error: BaseException) -> str:
    """Its first message, without details, which may hold rows."""
    found = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return found or first_line(error)


def ambiguous(error: BaseException) -> bool:
    """Whether nothing tells the type of a parameter."""
    return isinstance(error, psycopg.errors.IndeterminateDatatype)


@contextlib.contextmanager
def _authorities(place: Place) -> Iterator[str]:
    """A file of those who may vouch for the server: that is how the library takes them."""
    if not place.ssl_mode.startswith("verify"):
        yield _NOWHERE
        return
    descriptor, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(Path(certifi.where()).read_text("utf-8"))
            file.write(place.ca or "")
        yield name
    finally:
        Path(name).unlink(missing_ok=True)
