"""Databases for the tests that ask them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from portico.model.query import Datasource
from tests.runtime.database_servers import Server, mariadb, postgres
from tests.runtime.statements import Asking, asking


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """PostgreSQL."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """MariaDB."""
    with mariadb() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Datasource:
    """Each of the databases."""
    if request.param == "sqlite":
        return Datasource(name="db", kind="sql", url=f"sqlite:///{tmp_path}/shop.db", allow_private=True)
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server.source()


PEOPLE = (
    "DROP TABLE IF EXISTS people; "
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(200), age INTEGER, note TEXT); "
    "INSERT INTO people VALUES (1, 'Ada', 36, NULL), (2, 'Bob', 41, 'x'), (3, 'Cy', 52, '100%')"
)


@pytest.fixture
async def db(source: Datasource) -> AsyncIterator[Asking]:
    """The same, with a table of people."""
    async with asking(source) as found:
        await found.rows(PEOPLE)
        yield found
