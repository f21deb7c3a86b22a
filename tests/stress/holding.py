"""Many sessions in one store: their size, how fast one is found, and what it takes to sweep them out."""

import asyncio
import base64
import random
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from redis.asyncio import Redis

from portico.auth.evidence import Granted
from portico.auth.manager import SessionManager
from portico.auth.timelines import KEPT
from portico.clock import Clock
from portico.model.identity import Identity
from portico.stores.database import Work
from portico.stores.redis_address import RedisAddress, parse_redis
from portico.stores.redis_filing import RedisSessionIndex, RedisTimelineStore
from portico.stores.redis_index_scripts import FILE, FIND
from portico.stores.redis_records import RedisSessionStore
from portico.stores.redis_scripts import APPEND, WRITE, Script
from portico.stores.redis_server import RedisServer, ticks
from portico.stores.sqlite import open_sqlite
from portico.stores.sqlite_filing import SQLiteSessionIndex, SQLiteTimelineStore
from portico.stores.sqlite_records import SQLiteSessionStore
from portico.stores.stores import Stores
from portico.values import Secret
from tests.auth.sessions import manager_of
from tests.stores.redis_servers import RedisProcess
from tests.stores.trials import PATIENT, open_at

T = TypeVar("T")
APP = "held"
#: Bytes of an access token and of a refresh token, as auth APIs hand them out.
ACCESS, REFRESH = 600, 40
_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"0"}').decode().rstrip("=")
LOOKUPS, LIVING, AT_ONCE = 10_000, 200, 500
LIFE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of this process's CPU time, which other work on the machine moves least."""

    wall: float
    cpu: float

    @classmethod
    def since(cls, begin: "Took") -> "Took":
        """From then until now."""
        now = cls.now()
        return cls(now.wall - begin.wall, now.cpu - begin.cpu)

    @classmethod
    def now(cls) -> "Took":
        """To measure from."""
        return cls(time.perf_counter(), time.process_time())


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What came of it. `size` is all that the store takes, in bytes; times are of lookups, and of requests
    while `swept` entries were swept out in `sweeping` seconds."""

    count: int
    size: int
    lookups: Sequence[Took]
    swept: int
    sweeping: float
    requests: Sequence[Took]


def percentile(values: Sequence[float], share: float) -> float:
    """What so large a share of them is not over."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def in_sqlite(folder: Path, count: int) -> Held:
    """In a file."""
    file, clock = folder / "store.db", Clock()
    stores = open_sqlite(file, clock, patience=PATIENT)
    filling = _filling_sqlite(file, stores)
    return asyncio.run(_held(stores, clock, count, filling, lambda: file.stat().st_size))


def in_redis(folder: Path, count: int) -> Held:
    """In a Redis server, which flushes every write."""
    with RedisProcess(folder / "redis") as server:
        clock = Clock()
        stores = open_at(server, clock)
        filling = _filling_redis(server, stores)
        used = partial(server.redis.info, "memory")
        return asyncio.run(_held(stores, clock, count, filling, lambda: int(used()["used_memory"])))


async def _held(
    stores: Stores,
    clock: Clock,
    count: int,
    filling: AbstractContextManager[Stores],
    size: Callable[[], int],
) -> Held:
    manager = manager_of(stores, clock)
    try:
        with filling as quick:
            cookies = await _signed_in(manager_of(quick, clock), clock, count)
        taken = size()
        lookups = await _looked_up(manager, random.Random(3).choices(cookies, k=LOOKUPS))
        clock.advance(LIFE + KEPT + timedelta(minutes=1))
        living = await _signed_in(manager, clock, LIVING)
        begin, requests = time.perf_counter(), list[Took]()
        sweeping = asyncio.create_task(manager.sweep())
        while not sweeping.done():
            requests.append(await _request(manager, living[len(requests) % LIVING]))
        ended = time.perf_counter() - begin
        assert await manager.resume(APP, cookies[0]) is None, "a session outlives its end"
        return Held(
            count=count,
            size=taken,
            lookups=lookups,
            swept=await sweeping,
            sweeping=ended,
            requests=requests,
        )
    finally:
        await stores.close()


async def _looked_up(manager: SessionManager, cookies: Sequence[str]) -> list[Took]:
    """How long each takes to be found."""
    seconds = []
    for cookie in cookies:
        begin = Took.now()
        session = await manager.resume(APP, cookie)
        seconds.append(Took.since(begin))
        assert session is not None, "a session was lost"
    return seconds


async def _signed_in(manager: SessionManager, clock: Clock, count: int) -> list[str]:
    """The cookies of so many users."""
    cookies: list[str] = []
    for begin in range(0, count, AT_ONCE):
        many = range(begin, min(begin + AT_ONCE, count))
        sessions = await asyncio.gather(
            *(
                manager.sign_in(_granted(clock, number), app=APP, current=None, renewable=True)
                for number in many
            )
        )
        cookies += [session.ticket.cookie_value() for session in sessions]
        await manager.timelines.flush()
    return cookies


def _granted(clock: Clock, number: int) -> Granted:
    """As a real API hands out: a JWT, and something that is random to its last letter."""
    user = {"email": f"user{number}@example.com", "name": f"User {number}"}
    payload, signature = secrets.token_urlsafe(ACCESS), secrets.token_urlsafe(32)
    claims = f"{_HEADER}.{payload}"[: ACCESS - len(signature) - 1]
    return Granted(
        token=Secret(f"{claims}.{signature}"),
        identity=Identity(uid=f"u{number}", user=user, roles=frozenset({"clerk"})),
        refresh=Secret(secrets.token_urlsafe(REFRESH)[:REFRESH]),
        expires_at=clock.now() + timedelta(hours=1),
    )


async def _request(manager: SessionManager, cookie: str) -> Took:
    """What a request that writes does to the store."""
    begin = Took.now()
    session = await manager.resume(APP, cookie)
    assert session is not None, "a living session was swept out"
    assert await manager.note(session, None) is not None, "it could not be written"
    return Took.since(begin)


class _AtOnce:
    """Does what a store wants done in one transaction, and in this thread: filling is not what is tried."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def read(self, work: Work[T]) -> T:
        """As `Database` does."""
        return work(self._connection)

    async def write(self, work: Work[T], *, durable: bool) -> T:
        """As `Database` does."""
        return work(self._connection)


@contextmanager
def _filling_sqlite(file: Path, stores: Stores) -> Iterator[Stores]:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as connection:
        database: Any = _AtOnce(connection)
        connection.execute("BEGIN IMMEDIATE")
        yield replace(
            stores,
            sessions=SQLiteSessionStore(database, Clock()),
            index=SQLiteSessionIndex(database, Clock()),
            timeline=SQLiteTimelineStore(database, Clock()),
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Together(RedisServer):
    """Sends what many ask for at the same time in one go: a call of its own for each is most of what filling
    would cost."""

    def __init__(self, address: RedisAddress) -> None:
        super().__init__(address, Clock(), patience=PATIENT)
        self._asked: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def command(self, *words: Any) -> Any:
        """As `RedisServer` does."""
        answer = asyncio.get_running_loop().create_future()
        self._asked.append((words, answer))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def run(self, script: Script, *arguments: Any) -> Any:
        """As `RedisServer` does."""
        return await self.command(
            "EVALSHA", script.sha, "0", self._address.prefix, ticks(self.now()), *arguments
        )

    async def _send(self) -> None:
        while asked := self._asked:
            self._asked = []
            pipeline = Redis(connection_pool=self._pool).pipeline(transaction=False)
            for words, _ in asked:
                pipeline.execute_command(*words)
            for (_, answer), said in zip(asked, await pipeline.execute(), strict=True):
                answer.set_result(said)


class _Behind(RedisTimelineStore):
    """Writes behind, as one entry at a time would not be sent together with any other. What is behind goes
    with the next sign-ins."""

    def __init__(self, server: RedisServer) -> None:
        super().__init__(server)
        self._tasks: set[asyncio.Task[None]] = set()

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """As the port says, but for when."""
        task = asyncio.create_task(super().append(key, entry, expires_at=expires_at, most=most))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextmanager
def _filling_redis(server: RedisProcess, stores: Stores) -> Iterator[Stores]:
    server.redis.config_set("appendfsync", "no")
    for script in (WRITE, FILE, FIND, APPEND):
        server.redis.script_load(script.text)
    together = _Together(parse_redis(server.address))
    yield replace(
        stores,
        sessions=RedisSessionStore(together),
        index=RedisSessionIndex(together),
        timeline=_Behind(together),
    )
    server.redis.config_set("appendfsync", "always")
