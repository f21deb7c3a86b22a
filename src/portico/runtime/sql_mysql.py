"""MySQL and MariaDB, by PyMySQL. Importing this without the extra `mysql` fails."""

import socket
import ssl
from typing import Any

import pymysql
import pymysql.cursors

from portico.errors import ServiceUnreachable
from portico.runtime.sql_driver import CONNECT_SECONDS, LAST_RESORT, Place, first_line
from portico.runtime.tls import client_context

PORT = 3306


def connect(place: Place) -> Any:
    """Open a connection, at the first of the checked addresses that answers; the host's name is for its
    certificate."""
    connection = pymysql.connect(
        host=place.host,
        port=place.port,
        user=place.user,
        password=place.password,
        database=place.name or None,
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=LAST_RESORT,
        write_timeout=LAST_RESORT,
        ssl=_context(place),
        local_infile=False,
        read_default_file=None,
        defer_connect=True,
    )
    connection.connect(_socket(place))
    return connection


def end(connection: Any, place: Place) -> None:
    """Ask the server, over another connection, to end the statement of this one."""
    other = connect(place)
    try:
        with other.cursor() as cursor:
            cursor.execute("KILL QUERY %s", (connection.thread_id(),))
    finally:
        other.close()


def words(error: BaseException) -> str:
    """What stands behind the number."""
    return str(error.args[1]) if len(error.args) > 1 else first_line(error)


def ambiguous(error: BaseException) -> bool:
    """Types are the server's matter here."""
    return False


def _socket(place: Place) -> socket.socket:
    failure: OSError = OSError("the name has no address")
    for address in place.addresses():
        try:
            return socket.create_connection((address, place.port), CONNECT_SECONDS)
        except OSError as error:
            failure = error
    raise ServiceUnreachable(f"no connection ({type(failure).__name__})")


def _context(place: Place) -> ssl.SSLContext | None:
    """Whom the server's certificate is checked against; None where there is to be none."""
    if place.ssl_mode in ("disable", "prefer"):
        return None
    context = client_context(place.ca)
    context.check_hostname = place.ssl_mode == "verify-full"
    if place.ssl_mode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context
