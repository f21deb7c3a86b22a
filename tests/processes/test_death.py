"""A process dies while a browser works with it, and another one goes on."""

import itertools
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.upstream import Upstream
from tests.processes.alternating import Cluster, cluster
from tests.processes.conftest import SERVED


@pytest.fixture
def pair(settings: dict[str, str], tmp_path: Path) -> Iterator[Cluster]:
    """Two processes that the test may end."""
    store = f"sqlite:{tmp_path}/store.db"
    with cluster(SERVED, store=store, folder=tmp_path, settings=settings) as running:
        yield running


@pytest.fixture
def held(other_api: Upstream) -> Iterator["Held"]:
    """The other API, of which one answer is held back."""
    usual, held = other_api.answer, Held()

    def answer(connection: socket.socket) -> None:
        if held.path in other_api.requests[-1] and not held.came.is_set():
            held.came.set()
            held.goes.wait(30)
        usual(connection)

    other_api.answer = answer
    yield held
    held.goes.set()
    other_api.answer = usual


class Held:
    """An answer that is not given until it may be; `came`: it was asked for."""

    def __init__(self) -> None:
        self.path = b"nothing"
        self.came, self.goes = threading.Event(), threading.Event()


def kill_who_answers(pair: Cluster) -> None:
    """The process that the last page was posted to: requests take turns, so the next goes to the other."""
    turn = next(pair.proxy._turns)
    pair.proxy._turns = itertools.count(turn)
    pair.servers[(turn - 1) % 2].stop(signal.SIGKILL)


def test_an_event_that_only_read_is_done_by_the_other(page: Page, pair: Cluster, held: Held) -> None:
    """The client asks again with the same number; nothing that was typed is lost."""
    page.goto(f"{pair.url}/language/Modals")
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_label("Note").fill("typed here")
    page.get_by_role("button", name="Say").click()
    expect(page.get_by_text("said typed here")).to_be_visible()
    page.get_by_label("Note").fill("typed since")
    kill_who_answers(pair)
    page.get_by_role("button", name="Say").click()
    expect(page.get_by_text("said typed since")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Note")).to_have_value("typed since")


def test_a_read_in_flight(page: Page, pair: Cluster, held: Held) -> None:
    """The process dies while it waits for another server: the other one asks again."""
    held.path = b"GET /slow"
    page.goto(f"{pair.url}/guarded/Slow")
    page.get_by_role("button", name="Ask").click()
    assert held.came.wait(30)
    kill_who_answers(pair)
    held.goes.set()
    expect(page.get_by_text("got hello")).to_be_visible(timeout=40_000)


def test_a_write_in_flight_is_not_repeated(
    page: Page, pair: Cluster, held: Held, other_api: Upstream
) -> None:
    """The user is told to look; the other server was written to once, and the page goes on."""
    held.path = b"POST /write"
    page.goto(f"{pair.url}/guarded/Slow")
    before = sum(b"POST /write" in request for request in other_api.requests)
    page.get_by_role("button", name="Write").click()
    assert held.came.wait(30)
    kill_who_answers(pair)
    held.goes.set()
    expect(page.get_by_text(re.compile("was interrupted"))).to_be_visible(timeout=40_000)
    assert sum(b"POST /write" in request for request in other_api.requests) == before + 1
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("got hello")).to_be_visible(timeout=30_000)


def test_a_timer_goes_on_without_the_process_that_had_it(page: Page, pair: Cluster) -> None:
    """Timers of the page's load begin again; what the user does is answered."""
    page.goto(f"{pair.url}/language/Loading")
    expect(page.locator('[id="w.Ticks"]')).to_have_text(re.compile("[1-9]"))
    kill_who_answers(pair)
    seen = int(page.locator('[id="w.Ticks"]').inner_text())
    more = "|".join(str(seen + step) for step in range(3, 60))
    expect(page.locator('[id="w.Ticks"]')).to_have_text(re.compile(rf"^\s*({more})\s*$"), timeout=40_000)
