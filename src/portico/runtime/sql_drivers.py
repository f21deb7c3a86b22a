"""Which driver a database is reached by.

PostgreSQL, MySQL with MariaDB, and SQLite have one here each. Any other is reached by the dialect of
SQLAlchemy that its address names, if that is installed, at the first of its addresses that were checked.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, get_args

from sqlalchemy import Engine, QueuePool, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from portico.errors import CallFailed, DriverMissing
from portico.model.query import Datasource
from portico.runtime import sql_sqlite
from portico.runtime.sql_binding import Style
from portico.runtime.sql_driver import Place, Resolve, first_line, place_of

#: Connections of one datasource, and seconds after which one is made anew.
CONNECTIONS = 10
RECYCLE_SECONDS = 1800

#: By the first word of an address: our module, the name of the driver, the extra that brings it.
_OURS = {
    "postgresql": ("sql_postgres", "postgresql+psycopg", "psycopg", "postgres"),
    "mysql": ("sql_mysql", "mysql+pymysql", "pymysql", "mysql"),
    "mariadb": ("sql_mysql", "mariadb+pymysql", "pymysql", "mysql"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """How one database is reached. `end` ends what runs in a connection of the driver's, `words` is what it
    says of a statement that it refused, `ambiguous` whether it did so because a text has no type. `streams`:
    rows are read as they come, and what was not read to its end cannot go on."""

    engine: Engine
    end: Callable[[Any], None]
    words: Callable[[BaseException], str]
    ambiguous: Callable[[BaseException], bool]
    style: Style
    streams: bool = False
    typed: Callable[[str], str] = str


def link(source: Datasource, *, resolve: Resolve, own_ports: Collection[tuple[str, int]]) -> Link:
    """The way to a datasource's database; nothing is connected yet. Raises DriverMissing,
    DestinationRefused."""
    scheme = source.url.partition("://")[0]
    kind, _, named = scheme.partition("+")
    if kind == "sqlite":
        return _sqlite(source)
    module, driver, library, extra = _OURS.get(kind, ("", "", "", ""))
    if not module or named not in ("", library):
        return _other(source, resolve=resolve, own_ports=own_ports)
    try:
        ours = import_module(f"portico.runtime.{module}")
    except ModuleNotFoundError as missing:
        if missing.name != library:
            raise
        raise DriverMissing(f"{library} is not installed: install portico[{extra}]") from None
    place = place_of(source, port=ours.PORT, resolve=resolve, own_ports=own_ports)
    more = {"use_native_hstore": False} if kind == "postgresql" else {}
    return Link(
        engine=_engine(f"{driver}://", partial(ours.connect, place), **more),
        style="format",
        end=lambda connection: ours.end(connection, place),
        words=ours.words,
        ambiguous=ours.ambiguous,
        streams=True,
        typed=getattr(ours, "Typed", str),
    )


def _engine(url: str, connect: Callable[[], Any], **more: Any) -> Engine:
    return create_engine(
        url,
        creator=connect,
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
        pool_recycle=RECYCLE_SECONDS,
        **more,
    )


def _sqlite(source: Datasource) -> Link:
    path = sql_sqlite.path_of(source)
    return Link(
        engine=_engine("sqlite://", partial(sql_sqlite.connect_to, path)),
        style="qmark",
        end=sql_sqlite.end,
        words=sql_sqlite.words,
        ambiguous=sql_sqlite.ambiguous,
    )


def _other(source: Datasource, *, resolve: Resolve, own_ports: Collection[tuple[str, int]]) -> Link:
    """Whatever else has a dialect: its own URL, with the address in the place of the name."""
    place: Place = place_of(source, port=0, resolve=resolve, own_ports=own_ports)
    try:
        url = make_url(source.url)
        url = url.set(host=place.addresses()[0], username=place.user or None, password=place.password or None)
        engine = create_engine(
            url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=True, pool_recycle=RECYCLE_SECONDS
        )
    except (NoSuchModuleError, ModuleNotFoundError) as missing:
        raise DriverMissing(first_line(missing)) from None
    except ArgumentError:
        raise CallFailed("its address cannot be used") from None
    if engine.dialect.is_async:
        raise DriverMissing("a driver for asyncio cannot be used: name another one of this database")
    style = next(found for found in get_args(Style) if found == engine.dialect.paramstyle)
    return Link(engine=engine, style=style, end=_end_other, words=first_line, ambiguous=lambda error: False)


def _end_other(connection: Any) -> None:
    """Whatever it has for that; else it is closed, which its server may notice."""
    getattr(connection, "cancel", connection.close)()
