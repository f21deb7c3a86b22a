"""Stores that are out, under a real server: who has a session is told to come again, and nobody is let in."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from portico.auth.ticket import Ticket
from tests.journeys.fleet import DIALECTS, Browser, Fleet, answered
from tests.stores.outages import OUTAGES
from tests.stores.redis_servers import RedisProcess
from tests.stress.rig import rig
from tests.stress.trial import Bench, Size, Trial

#: Seconds that the store may add to an answer, and until all is well after an outage.
AT_MOST, BACK = 1.0, 5.0
TIMES = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A store that can be put out and back again; `reads`: whether it can be read meanwhile."""

    address: str
    out: Callable[[], object]
    back: Callable[[], object]
    reads: bool


@dataclass(slots=True)
class Watch:
    """How long answers took for which the store is asked, and others, which tell what the machine takes."""

    seconds: list[float] = field(default_factory=list)
    strangers: list[float] = field(default_factory=list)

    def of(self, ask: Callable[[], httpx.Response], *, stranger: bool = False) -> httpx.Response:
        """The answer."""
        begin = time.monotonic()
        answer = ask()
        (self.strangers if stranger else self.seconds).append(time.monotonic() - begin)
        return answer


def outages(_: Size) -> Iterator[Trial]:
    """P115: each way to be out."""
    for name in OUTAGES:
        yield Trial(name=f"redis {name}", run=partial(_outage, partial(_redis, name)))
    for name, place in (("locked", _locked), ("damaged", _damaged)):
        yield Trial(name=f"sqlite {name}", run=partial(_outage, place))


def _redis(name: str, folder: Path, stack: ExitStack) -> Place:
    server = stack.enter_context(RedisProcess(folder / "redis"))
    outage = OUTAGES[name]
    return Place(
        address=server.address,
        out=lambda: outage.begin(server),
        back=lambda: outage.end(server),
        reads=outage.reads,
    )


def _locked(folder: Path, stack: ExitStack) -> Place:
    """Another process holds the write lock."""
    file, held = folder / "store.db", ExitStack()
    stack.enter_context(held)

    def lock() -> None:
        other = held.enter_context(closing(sqlite3.connect(file, isolation_level=None, timeout=30)))
        other.execute("BEGIN EXCLUSIVE")

    return Place(address=f"sqlite:{file}", out=lock, back=held.close, reads=True)


def _damaged(folder: Path, _: ExitStack) -> Place:
    """The table of sessions cannot be read."""
    file = folder / "store.db"

    def rename(old: str, new: str) -> None:
        with closing(sqlite3.connect(file, timeout=30)) as other:
            other.execute(f"ALTER TABLE {old} RENAME TO {new}")

    return Place(
        address=f"sqlite:{file}",
        out=lambda: rename("session", "elsewhere"),
        back=lambda: rename("elsewhere", "session"),
        reads=False,
    )


def _outage(kind: Callable[[Path, ExitStack], Place], bench: Bench) -> str:
    with ExitStack() as stack:
        place = kind(bench.folder, stack)
        # No longer patience than users have.
        running = stack.enter_context(rig(DIALECTS["gotrue"], place.address, bench.folder, broken=""))
        browser, server = running.sign_in(), running.servers[0]
        assert answered(browser.ask(server)), "nobody is signed in"
        place.out()
        watch = Watch()
        for _ in range(TIMES):
            _expect_an_outage(running, browser, watch, reads=place.reads)
        place.back()
        begin = time.monotonic()
        while not answered(browser.ask(server)):
            assert time.monotonic() - begin < BACK, "the same cookie does not open it again"
        back = time.monotonic() - begin
        answer, machine = median(watch.seconds), median(watch.strangers)
        assert answer - machine < AT_MOST, f"an answer took {answer:.2f} s, others {machine:.2f} s"
        return (
            f"{len(watch.seconds)} requests, {answer * 1000:.0f} ms each,"
            f" the slowest {max(watch.seconds):.2f} s; {machine * 1000:.0f} ms without a session;"
            f" back after {back:.2f} s"
        )


def _expect_an_outage(running: Fleet, browser: Browser, watch: Watch, *, reads: bool) -> None:
    """What has a session is answered 503, but for a page that can be read; nobody else comes in."""
    server = running.servers[0]
    home = f"/{running.slug}/Home"
    page = watch.of(lambda: browser.at(server).get(home))
    assert page.status_code in ((200, 503) if reads else (503,)), page
    forged = Browser(fleet=running, cookie=Ticket.new().cookie_value())
    wrong = watch.of(lambda: forged.at(server).get(home))
    assert wrong.status_code in ((303, 503) if reads else (503,)), wrong
    told = [page, watch.of(lambda: browser.ask(server))]
    assert told[1].status_code == 503, told[1]
    for answer in told:
        assert "set-cookie" not in answer.headers, "the cookie is taken away"
        if answer.status_code == 503:
            assert "retry-after" in answer.headers, answer.headers
            assert "got=" not in answer.text, "something is shown"
    stranger = watch.of(lambda: Browser(fleet=running).at(server).get(home), stranger=True)
    assert stranger.status_code == 303, "without a cookie the store is not asked"
