"""What tokens and processes go through, in the short form of the tests and the long one of `make stress`."""

import contextlib
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from tests.journeys.fleet import (
    LEASES,
    Browser,
    Fleet,
    answered,
    go_on,
    is_stopped,
    wait_until,
)
from tests.journeys.servers import Server

#: Where a process dies, and whether the auth API has renewed the token by then with nobody to know it.
POINTS = {
    "before-lock": False,
    "after-lock": False,
    "after-read": False,
    "after-intent": False,
    "before-call": False,
    "before-send": False,
    "sent": False,
    "renewed": True,
    "after-answer": True,
    "before-write": True,
    "after-write": False,
    "before-release": False,
    "after-release": False,
}
#: Where a process is stopped that has the lease.
STOPS = ("after-lock", "after-intent", "before-check")
#: How often it is tried to stop one that is at no transaction.
STOPPINGS = 5

Heard = Callable[[int], None]


def unheard(_: int) -> None:
    """Nobody wants to know how far it is."""


def storm(running: Fleet, *, rounds: int, requests: int, tabs: int, told: Heard = unheard) -> None:
    """At each process, so many requests at once when the token is about to end: one renewal a round."""
    browser = running.sign_in()
    opened = [[browser.tab(server) for _ in range(tabs)] for server in running.servers]
    total = requests * len(running.servers)
    with ThreadPoolExecutor(total) as pool:
        for done in range(1, rounds + 1):
            running.expire()
            start = threading.Barrier(total)

            def ask(number: int, start: threading.Barrier = start) -> dict[str, object]:
                mine = opened[number % len(opened)]
                tab = mine[number // len(opened) % tabs]
                start.wait()
                return tab.post("Ask")

            for answer in pool.map(ask, range(total)):
                assert answer["status"] == 200, answer
                assert answer["alerts"] == [], answer
                assert "problem" not in answer, answer
            assert running.refreshes() == [200] * done, running.refreshes()[-20:]
            told(done)
    assert set(running.uses().values()) == {1}, running.uses().most_common(3)


def crash(running: Fleet, point: str) -> None:
    """The process dies at this point of a renewal: it costs no session where a token that was used may be
    sent again, at worst one clean sign-in where it may not, and never more than one replay."""
    browser, server = running.sign_in(), running.servers[0]
    assert answered(browser.ask(server)), "nobody is signed in"
    running.expire()
    before = running.uses()
    _ask_and_die(running, browser, point)
    answer = browser.ask(server)
    lost = POINTS[point] and running.dialect.once
    if lost:
        _expect_signed_out(browser, server, answer)
    else:
        assert answered(answer), answer
        assert answered(browser.ask(server)), "the session ended after the first request"
    assert max((running.uses() - before).values()) <= 2, "a token was sent a third time"
    assert answered(running.sign_in().ask(server)), "nobody can sign in"


def _ask_and_die(running: Fleet, browser: Browser, point: str) -> None:
    """A request in which the process dies at this point."""
    _die_at(running, point)
    with contextlib.suppress(httpx.TransportError):
        browser.ask(running.servers[0])
    wait_until(lambda: not running.servers[0].runs, f"the process did not die {point}")
    running.servers[0].restart(signal.SIGKILL)
    running.advance(LEASES)


def _die_at(running: Fleet, point: str) -> None:
    """The process dies there: by its own hand, or when its request has reached the auth API."""

    def kill(call: str, body: bytes) -> None:
        if call == running.dialect.refresh and b"password" not in body:
            running.api.before = running.api.after = lambda *_: None
            running.servers[0].kill()
            raise ConnectionAbortedError

    if point == "sent":
        running.api.before = kill
    elif point == "renewed":
        running.api.after = kill
    else:
        running.doom(point)


@dataclass(frozen=True, kw_only=True, slots=True)
class Toll:
    """What kills cost: how many requests they cut off, and how many sessions ended."""

    cut: int
    lost: int


def kills(running: Fleet, count: int, *, users: int = 4, window: float = 0.4, told: Heard = unheard) -> Toll:
    """So many `kill -9` while tokens of several users are renewed, each within `window` seconds of that.

    No session ends where the auth API takes a token again. Where it does not, one ends only if the API had
    renewed its token, at the first request, and for good: its token is not sent a third time.
    """
    chance, server = random.Random(7), running.servers[0]
    browsers, cut, lost = [running.sign_in() for _ in range(users)], 0, 0
    for number in range(1, count + 1):
        running.expire()
        with ThreadPoolExecutor(users) as pool:
            asking = [pool.submit(_reaches, browser, server) for browser in browsers]
            time.sleep(chance.random() * window)
            server.restart(signal.SIGKILL)
            cut += sum(not one.result() for one in asking)
        _expect_sound(running)
        running.advance(LEASES)
        for place, browser in enumerate(browsers):
            answer = browser.ask(server)
            if answered(answer):
                continue
            assert running.dialect.once, f"kill {number} cost a session: {answer}"
            _expect_signed_out(browser, server, answer)
            lost += 1
            browsers[place] = running.sign_in()
        told(number)
    assert running.refreshes().count(401) == lost, "a session ended that the API had not ended"
    most = max(running.uses().values())
    assert most <= (2 if running.dialect.once else 4), f"a token was sent {most} times"
    return Toll(cut=cut, lost=lost)


def _reaches(browser: Browser, server: Server) -> bool:
    with contextlib.suppress(httpx.TransportError):
        browser.ask(server)
        return True
    return False


def _expect_signed_out(browser: Browser, server: Server, answer: httpx.Response) -> None:
    """One clean redirect, and nothing is open any more."""
    assert answer.status_code == 303, answer
    assert "/Login" in answer.headers["location"], answer.headers
    assert not browser.lives(server), "a session that ended opens a page"
    assert not browser.lives(server), "a session that ended opens a page"


def _expect_sound(running: Fleet) -> None:
    """SQLite finds its file in order."""
    file = running.folder / "store.db"
    if file.exists():
        with contextlib.closing(sqlite3.connect(file)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()
        assert found == ("ok",), found


def stopped_holder(running: Fleet, point: str, *, lease: float) -> None:
    """A process is stopped there for three leases, while it has the lease; another one goes on, and so does
    the first when it is let."""
    for _ in range(STOPPINGS):
        if _stopped_holder(running, point, lease=lease):
            return
    raise AssertionError("each time it was stopped in the middle of a transaction")


def _stopped_holder(running: Fleet, point: str, *, lease: float) -> bool:
    """False where it was stopped in the middle of a transaction, which holds up everybody: another thread of
    it may be at one."""
    browser, (first, second) = running.sign_in(), running.servers
    running.expire()
    running.doom(point, "SIGSTOP", first)
    late: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: late.append(browser.ask(first)))
    asking.start()
    try:
        wait_until(lambda: is_stopped(first.pid), "the holder was not stopped")
        begun = time.monotonic()
        if _is_held(running.folder / "store.db"):
            return False
        # Meanwhile the token that there is ends, so that the others must have another one.
        running.advance(timedelta(seconds=30))
        wait_until(lambda: answered(browser.ask(second)), "nobody else renewed the token")
        time.sleep(max(0.0, begun + 3 * lease - time.monotonic()))
    finally:
        go_on(first.pid)
        asking.join(60)
    # The scripts of its page may have run out of time meanwhile; the session has not.
    assert late[0].status_code != 303, late[0]
    assert answered(browser.ask(first)), "the holder lost the session"
    assert answered(browser.ask(second)), "the other process lost the session"
    return True


def _is_held(store: Path) -> bool:
    """Whether somebody is writing to a store of SQLite, and does not come to an end."""
    if not store.exists():
        return False
    with contextlib.closing(sqlite3.connect(store, timeout=1, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


#: Who is stopped in the middle of a transaction holds up everybody: nothing but the renewal writes.
QUIET = "\nrevocations.EVERY = timedelta(hours=1)\n"
