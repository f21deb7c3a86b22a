"""Several Portico processes over one store, and one auth API, whose time and whose deaths a test decides."""

import json
import os
import signal
import sqlite3
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import httpx

from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.clock import Clock
from portico.values import Secret
from tests.journeys.portal import Exchange, Recorder, auth_server
from tests.journeys.preset_app import Preset
from tests.journeys.servers import PorticoServer, Server
from tests.web.posts import Tab

USER, PASSWORD = "emilys", "emilyspass"
#: Longer than a lease.
LEASES = timedelta(minutes=3)

STRAPI = Preset(
    name="strapi",
    sign_in="{ identifier: User.text, password: Password.text }",
    protected="/api/users/me",
    shown="secret.data?.email",
)
GOTRUE = Preset(
    name="supabase",
    sign_in="{ email: Email.text, password: Password.text }",
    protected="/auth/v1/user",
    shown="secret.data?.email",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How an auth API renews: `once` means that a refresh token is good once, whoever asks."""

    preset: Preset
    refresh: str
    sign_out: str
    field: str
    life: timedelta
    once: bool


DIALECTS = {
    "strapi": Dialect(
        preset=STRAPI,
        refresh="POST /api/auth/refresh",
        sign_out="POST /api/auth/logout",
        field="refreshToken",
        life=timedelta(minutes=10),
        once=True,
    ),
    "gotrue": Dialect(
        preset=GOTRUE,
        refresh="POST /auth/v1/token",
        sign_out="POST /auth/v1/logout",
        field="refresh_token",
        life=timedelta(hours=1),
        once=False,
    ),
}

LIVE = (
    "SELECT count(*) FROM sessions WHERE status = 'active'",
    "SELECT count(*) FROM gotrue_sessions",
)
#: Put into every process: its clock is moved by the file CLOCK, a number that is looked up without a call to
#: the system, as a page reads the time some forty times.
MOVED = """
import mmap, os, struct
from datetime import timedelta
from portico.clock import Clock

with open(os.environ["CLOCK"], "rb") as _file:
    _moved = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)
_now = Clock.now
Clock.now = lambda self: _now(self) + timedelta(seconds=struct.unpack("d", _moved)[0])
"""
#: And it does to itself what the file DOOM says, at the point that it names, once.
HARNESS = (
    MOVED
    + """
import os, pathlib, signal
from contextlib import suppress

def doom(point):
    file = pathlib.Path(os.environ["DOOM"])
    with suppress(FileNotFoundError):
        wanted, what, pid = file.read_text().split()
        if wanted == point and pid in ("0", str(os.getpid())):
            file.unlink()
            os.kill(os.getpid(), getattr(signal, what))

from portico.auth import manager, refresh, revocations, turns
from portico.auth.records import SessionRecords
from portico.runtime.upstream import Upstream
from portico.stores import redis, sqlite
from portico.stores.redis_records import RedisSessionStore, _RedisLease as RedisLease
from portico.stores.sqlite_records import SQLiteSessionStore, _SQLiteLease as Lease

def at(cls, name, before=None, after=None, only=lambda *a: True):
    inner = getattr(cls, name)
    async def wrapped(self, *args, **more):
        if before and only(self, *args): doom(before)
        found = await inner(self, *args, **more)
        if after and only(self, *args): doom(after)
        return found
    setattr(cls, name, wrapped)

_renewing = lambda self, *_: "refresh:" in getattr(self, "_key", "")
for _lease in (Lease, RedisLease):
    at(_lease, "__aenter__", "before-lock", "after-lock", _renewing)
    at(_lease, "__aexit__", "before-release", "after-release", _renewing)
at(refresh.Refresher, "_intended", "after-read", "after-intent")
at(Upstream, "renew", "before-call", "after-answer")
at(refresh.Refresher, "_written", "before-write", "after-write")
at(revocations.Revocations, "file", "before-filing", "after-filing")
for _store in (SQLiteSessionStore, RedisSessionStore):
    at(_store, "delete", None, "after-delete", lambda self, key: key.startswith("session:"))
at(revocations.Revocations, "_deliver", "before-delivery", "after-delivery")

_check = turns.Turn.check
def check(self):
    doom("before-check")
    _check(self)
    doom("before-send")
turns.Turn.check = check
revocations.EVERY = timedelta(seconds=0.2)
"""
)


class Api(Protocol):
    """An auth API that is listened to. `before` and `after` are told of each call and its body before it is
    answered, and before its answer is sent."""

    exchanges: list[Exchange]
    before: Callable[[str, bytes], None]
    after: Callable[[str, bytes], None]

    @property
    def url(self) -> str:
        """Where it stands."""
        ...


@dataclass(kw_only=True)
class Fleet:
    """The processes, and what stands before their auth API."""

    dialect: Dialect
    servers: Sequence[Server]
    api: Api
    folder: Path
    clocks: Sequence[Clock]
    stack: ExitStack
    moved: float = 0.0
    slug: str = field(init=False)

    def __post_init__(self) -> None:
        self.slug = self.dialect.preset.name

    def advance(self, by: timedelta) -> None:
        """Let time go by, everywhere."""
        for clock in self.clocks:
            clock.advance(by)
        self.moved += by.total_seconds()
        set_clock(self.folder, self.moved)

    def expire(self) -> None:
        """Let time go by until access tokens are about to end."""
        self.advance(self.dialect.life - timedelta(seconds=25))

    def doom(self, point: str, what: str = "SIGKILL", server: Server | None = None) -> None:
        """The next process that comes to this point, or this one, is sent a signal there."""
        draft = self.folder / "doom.draft"
        draft.write_text(f"{point} {what} {server.pid if server else 0}")
        draft.replace(self.folder / "doom")

    def uses(self) -> Counter[str]:
        """How often the auth API was sent each refresh token."""
        found = [json.loads(exchange.body) for exchange in self._refreshes()]
        return Counter(body[self.dialect.field] for body in found)

    def refreshes(self) -> list[int]:
        """What it answered to each."""
        return [exchange.status for exchange in self._refreshes()]

    def _refreshes(self) -> list[Exchange]:
        return [
            exchange
            for exchange in self.api.exchanges
            if exchange.call == self.dialect.refresh and b"password" not in exchange.body
        ]

    def live(self) -> int:
        """How many sign-ins can be renewed at the auth API."""
        with closing(sqlite3.connect(self.folder / "auth" / "auth.db")) as connection:
            return sum(connection.execute(statement).fetchone()[0] for statement in LIVE)

    def sign_in(self) -> "Browser":
        """A browser in which the user signed in, at the first process."""
        browser = Browser(fleet=self)
        client = browser.at(self.servers[0])
        form = {"v.User": USER, "v.Email": f"{USER}@example.com", "v.Password": PASSWORD}
        answer = client.post(f"/{self.slug}/Login", data={**form, "portico.event": "SignIn onClick"})
        assert answer.status_code == 303, answer.text
        browser.cookie = client.cookies[f"portico-{self.servers[0].port}.{self.slug}"]
        return browser


@dataclass(kw_only=True)
class Browser:
    """One session cookie, shown to any process."""

    fleet: Fleet
    cookie: str = ""

    def at(self, server: Server) -> httpx.Client:
        """A client of this process."""
        # A connection that idles is closed by the server, perhaps in the moment that it is used again.
        limits = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(
            base_url=server.url,
            headers={"Origin": server.url},
            trust_env=False,
            timeout=120,
            limits=limits,
        )
        if self.cookie:
            client.cookies.set(f"portico-{server.port}.{self.fleet.slug}", self.cookie)
        self.fleet.stack.callback(client.close)
        return client

    def ask(self, server: Server) -> httpx.Response:
        """Press the button that calls the auth API."""
        return self.press(server, "Ask")

    def press(self, server: Server, button: str) -> httpx.Response:
        """Press a button of the home page, without scripts."""
        return self.at(server).post(f"/{self.fleet.slug}/Home", data={"portico.event": f"{button} onClick"})

    def tab(self, server: Server) -> Tab:
        """The home page, opened."""
        return Tab(self.at(server), f"/{self.fleet.slug}/Home")

    def lives(self, server: Server) -> bool:
        """Whether the cookie opens the home page."""
        return self.at(server).get(f"/{self.fleet.slug}/Home").status_code == 200


def set_clock(folder: Path, seconds: float) -> None:
    """By how much the clocks of processes go fast. The file is written in place: they have it mapped."""
    descriptor = os.open(folder / "clock", os.O_WRONLY | os.O_CREAT)
    try:
        os.pwrite(descriptor, struct.pack("d", seconds), 0)
    finally:
        os.close(descriptor)


def answered(answer: httpx.Response) -> bool:
    """Whether the auth API's answer is on the page."""
    return answer.status_code == 200 and f"got={USER}@example.com" in answer.text


@contextmanager
def fleet(dialect: Dialect, folder: Path, *options: str, count: int = 1, broken: str = "") -> Iterator[Fleet]:
    """So many processes; `broken` is Python that takes something out of each."""
    account = NewAccount(username=USER, email=f"{USER}@example.com", password=Secret(PASSWORD))
    settings = Settings(
        hash_cost=HashCost(memory_kib=8, passes=1),
        rate_limit=None,
        accounts=(account,),
        database=folder / "auth" / "auth.db",
    )
    clock = Clock()
    set_clock(folder, 0)
    (folder / "auth").mkdir()
    app = dialect.preset.write(folder)
    with ExitStack() as stack:
        api = stack.enter_context(Recorder(stack.enter_context(auth_server(settings, clock))))
        env = {"AUTH_URL": api.url, "CLOCK": str(folder / "clock"), "DOOM": str(folder / "doom")}
        servers = [
            stack.enter_context(
                PorticoServer([app], *options, folder=folder, settings=env, broken=HARNESS + broken)
            )
            for _ in range(count)
        ]
        yield Fleet(dialect=dialect, servers=servers, api=api, folder=folder, clocks=[clock], stack=stack)


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until something holds."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, what
        time.sleep(0.02)


def is_stopped(pid: int) -> bool:
    """Whether a process was stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def go_on(pid: int) -> None:
    """Let a process that was stopped go on."""
    os.kill(pid, signal.SIGCONT)
