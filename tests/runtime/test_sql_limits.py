"""Statements end when nobody waits for them, and go where they may."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portico.clock import Clock
from portico.errors import CallFailed, DestinationRefused, DriverMissing, ServiceTimeout, ServiceUnreachable
from portico.model.credentials import Basic
from portico.model.query import Datasource
from portico.runtime.databases import Databases
from portico.values import Secret
from tests.runtime.database_servers import PASSWORD, Server
from tests.runtime.statements import Asking, asking

#: A statement that takes a minute, by database, and what counts those that run.
SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60), 'marked' AS x",
    "mariadb": "SELECT sleep(60), 'marked' AS x",
}
RUNNING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%sleep(60)%' "
    "AND id <> connection_id()",
}


def kind(source: Datasource) -> str:
    """The first word of its address."""
    return source.url.partition(":")[0]


async def count(db: Asking) -> int:
    """How many of the slow statements the server runs; of SQLite, how many threads of ours do."""
    if kind(db.source) == "sqlite":
        return len(db.databases._jobs)
    found: int = await db.one(RUNNING[kind(db.source)])
    return found


async def falls(db: Asking, expected: int) -> None:
    """Wait until so many run."""
    for _ in range(100):
        if await count(db) == expected:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{await count(db)} run, not {expected}")


async def test_a_time_limit_ends_it_in_the_database(source: Datasource) -> None:
    """The caller hears at once; the server does not go on either."""
    async with asking(source) as db:
        begin = time.monotonic()
        with pytest.raises(ServiceTimeout):
            await db.answer(SLOW[kind(source)], seconds=0.5)
        assert time.monotonic() - begin < 20
        await falls(db, 0)
        assert await db.one("SELECT 1") == 1


async def test_who_leaves_ends_it_in_the_database(source: Datasource) -> None:
    """As a visit does that is closed."""
    async with asking(source) as db:
        task = asyncio.create_task(db.answer(SLOW[kind(source)], seconds=60))
        await falls(db, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await falls(db, 0)


async def test_the_end_of_the_server_ends_it(source: Datasource) -> None:
    """Whoever waits is told so, and nothing runs on."""
    async with asking(source) as other:
        async with asking(source) as db:
            task = asyncio.create_task(db.answer(SLOW[kind(source)], seconds=60))
            await falls(db, 1)
        with pytest.raises(CallFailed):
            await task
        await falls(other, 0)
        with pytest.raises(ServiceUnreachable):
            await db.answer("SELECT 1")


async def test_many_wait_for_their_turn(db: Asking) -> None:
    """More than there are connections: each gets its answer."""
    answers = await asyncio.gather(*(db.one("SELECT {{ 0 }}", number) for number in range(50)))
    assert [int(answer) for answer in answers] == list(range(50))


async def test_private_addresses_are_refused(postgres_server: Server, tmp_path: Path) -> None:
    """As for APIs: the loopback, a name that leads there, a file."""
    for source in (
        postgres_server.source(allow_private=False),
        postgres_server.source(allow_private=False, host="localhost"),
        Datasource(name="db", kind="sql", url=f"sqlite:///{tmp_path}/x.db"),
        Datasource(name="db", kind="sql", url="mysql://169.254.169.254/x", allow_private=True),
    ):
        async with asking(source) as db:
            with pytest.raises(DestinationRefused):
                await db.answer("SELECT 1")
    assert not (tmp_path / "x.db").exists()


async def test_own_ports_are_refused(postgres_server: Server) -> None:
    """A query cannot talk to the server that runs it."""
    own = [("127.0.0.1", postgres_server.port)]
    async with Databases(clock=Clock(), own_ports=own) as databases:
        with pytest.raises(DestinationRefused):
            await Asking(databases=databases, source=postgres_server.source()).answer("SELECT 1")


async def test_a_name_is_resolved_once_and_checked(postgres_server: Server) -> None:
    """The connection goes to the address that was checked, whatever the name means a moment later."""
    asked = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.1"]

    source = postgres_server.source(host="db.example.com")
    async with Databases(clock=Clock(), resolve=resolve) as databases:
        assert await Asking(databases=databases, source=source).one("SELECT 1") == 1
    assert asked == ["db.example.com"]
    async with Databases(clock=Clock(), resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"]) as databases:
        mixed = replace(source, allow_private=False)
        with pytest.raises(DestinationRefused):
            await Asking(databases=databases, source=mixed).answer("SELECT 1")


@pytest.mark.parametrize("server", ["postgres_server", "mariadb_server"])
async def test_a_wrong_password(server: str, request: pytest.FixtureRequest) -> None:
    """Neither the error nor its detail tells it, or the right one."""
    found: Server = request.getfixturevalue(server)
    async with asking(found.source(password="wrong-password-1")) as db:
        with pytest.raises(CallFailed) as caught:
            await db.answer("SELECT 1")
    shown = f"{caught.value!r} {caught.value} {caught.value.detail} {caught.value.__cause__!r}"
    assert "wrong-password-1" not in shown
    assert PASSWORD not in shown


async def test_an_answer_does_not_tell_the_password(postgres_server: Server) -> None:
    """Also where the database repeats it."""
    async with asking(postgres_server.source()) as db:
        answer = await db.answer("SELECT {{ 0 }}::text AS x", PASSWORD)
        assert answer.json() == [{"x": "•••"}]
        refused = await db.answer("SELECT {{ 0 }}::int", PASSWORD)
        assert PASSWORD not in refused.text
        assert "•••" in refused.json()["message"]


async def test_sqlite_opens_no_other_file(tmp_path: Path) -> None:
    """`ATTACH` would read, and make, any file that the server may."""
    source = Datasource(name="db", kind="sql", url=f"sqlite:///{tmp_path}/a.db", allow_private=True)
    async with asking(source) as db:
        assert "authorized" in await db.refused(f"ATTACH '{tmp_path}/b.db' AS b")
        await db.refused(f"VACUUM INTO '{tmp_path}/c.db'")
    assert [name for name in ("a.db", "b.db", "c.db") if (tmp_path / name).exists()] == ["a.db"]


async def test_drivers_that_are_not_there() -> None:
    """The error says so, and is no crash."""
    base = Datasource(name="db", kind="sql", url="", auth=Basic(username="x", password=Secret("y")))
    for url in ("nosuchdb://8.8.8.8/x", "mssql+pyodbc://8.8.8.8/x", "postgresql+asyncpg://8.8.8.8/x"):
        async with asking(replace(base, url=url, timeout=timedelta(seconds=5))) as db:
            with pytest.raises(DriverMissing):
                await db.answer("SELECT 1")
