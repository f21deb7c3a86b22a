"""Tokens are renewed once, whatever happens to whichever process (P98-P101, P107, P109, P112, P113)."""

import contextlib
import signal
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.journeys.fleet import (
    DIALECTS,
    LEASES,
    Browser,
    Fleet,
    answered,
    fleet,
    wait_until,
)
from tests.journeys.ordeals import POINTS, QUIET, STOPS, crash, kills, stopped_holder, storm
from tests.journeys.servers import Server
from tests.journeys.tap import BEHIND

pytestmark = pytest.mark.timeout(400)

ROUNDS, REQUESTS, TABS = 3, 50, 5


def test_of_four_processes_one_renews(tmp_path: Path) -> None:
    """P99: against an API whose refresh tokens are good once."""
    with fleet(DIALECTS["strapi"], tmp_path, count=4) as running:
        storm(running, rounds=ROUNDS, requests=REQUESTS, tabs=TABS)


NO_LEASE = """
from portico.auth.ports import Held
async def _always(self): return Held(fence=1)
async def _never(self, *_): pass
Lease.__aenter__, Lease.__aexit__ = _always, _never
"""
NO_READ = """
import dataclasses
from contextlib import asynccontextmanager
_turn = turns.Turns.turn
@asynccontextmanager
async def _blind(self, session, *, ttl=None):
    async with _turn(self, session, ttl=ttl) as found:
        yield dataclasses.replace(found, session=session) if isinstance(found, turns.Turn) else found
async def _note(self, session, intent):
    return session
turns.Turns.turn = _blind
# An intent is written over the version that was read: by itself it would notice, too.
manager.SessionManager.note = _note
"""


@pytest.mark.parametrize("broken", [NO_LEASE, NO_READ], ids=["no lease", "not read again"])
def test_control_without_it_several_renew(broken: str, tmp_path: Path) -> None:
    """The same rounds notice it."""
    with (
        fleet(DIALECTS["strapi"], tmp_path, count=4, broken=broken) as running,
        pytest.raises(AssertionError),
    ):
        storm(running, rounds=ROUNDS, requests=10, tabs=TABS)


# Crashes


@pytest.fixture(scope="module", params=DIALECTS)
def one(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """One process, which dies and is started again."""
    with fleet(DIALECTS[request.param], tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_costs_no_session_that_the_auth_api_has_not_ended(point: str, one: Fleet) -> None:
    """P112: none where a token that was used may be sent again; at worst one clean sign-in where it may not,
    and never more than one replay."""
    crash(one, point)


def test_control_without_a_replay_a_crash_costs_a_session(tmp_path: Path) -> None:
    """What saves it is the replay."""
    broken = "\nfrom portico.auth import intent\nintent.REPLAYS = 0\n"
    with (
        fleet(DIALECTS["gotrue"], tmp_path, broken=broken) as running,
        pytest.raises(AssertionError),
    ):
        crash(running, "renewed")


@pytest.mark.parametrize("name", DIALECTS)
def test_random_kills_cost_no_session_and_no_store(name: str, tmp_path: Path) -> None:
    """P112, P113: 20 kills under load; an API that takes a token once costs those sessions whose answer was
    lost, and no others."""
    with fleet(DIALECTS[name], tmp_path) as running:
        assert kills(running, 20).cut > 0


def _ask(browser: Browser, server: Server) -> None:
    with contextlib.suppress(httpx.TransportError):
        browser.ask(server)


def test_a_process_that_is_told_to_end_finishes_its_renewals(one: Fleet) -> None:
    """P122: the answer comes after SIGTERM, and is kept: nothing is sent again."""
    browser, server = one.sign_in(), one.servers[0]
    one.expire()
    before = one.uses()
    asked, ending = threading.Event(), threading.Event()

    def hold(call: str, body: bytes) -> None:
        if call == one.dialect.refresh and b"password" not in body:
            asked.set()
            ending.wait(30)

    one.api.after = hold
    asking = threading.Thread(target=_ask, args=(browser, server))
    asking.start()
    assert asked.wait(30)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    wait_until(lambda: not _listens(server.port), "the server does not end")
    ending.set()
    stopping.join(40)
    asking.join(60)
    one.api.after = lambda *_: None
    server.start()
    assert answered(browser.ask(server))
    assert set((one.uses() - before).values()) == {1}


def _listens(port: int) -> bool:
    """Whether the process itself does, behind its tap."""
    with contextlib.suppress(OSError), socket.create_connection((BEHIND, port), 1):
        return True
    return False


# A holder that is stopped

LEASE = 2.0
OPTIONS = ("--renewal-lease", str(LEASE))


@pytest.mark.parametrize("point", STOPS)
def test_a_holder_that_wakes_up_late_sends_nothing(point: str, tmp_path: Path) -> None:
    """P100: each refresh token is used once, as its API demands."""
    with fleet(DIALECTS["strapi"], tmp_path, *OPTIONS, count=2, broken=QUIET) as running:
        stopped_holder(running, point, lease=LEASE)
        assert set(running.uses().values()) == {1}
        assert set(running.refreshes()) == {200}


NO_CHECK = """
turns.Turn.check = lambda self: doom("before-check")
import asyncio
from contextlib import asynccontextmanager
class _Forever:
    async def __aenter__(self): pass
    async def __aexit__(self, *_): pass
refresh.asyncio = type("Patient", (), {**vars(asyncio), "timeout": staticmethod(lambda _: _Forever())})
"""


def test_control_without_the_check_it_sends_a_token_again(tmp_path: Path) -> None:
    """The check, and the limit on the whole call, are what stops it."""
    with fleet(DIALECTS["strapi"], tmp_path, *OPTIONS, count=2, broken=QUIET + NO_CHECK) as running:
        stopped_holder(running, "before-check", lease=LEASE)
        assert max(running.uses().values()) == 2


def test_a_holder_that_wakes_up_with_an_answer_undoes_nothing(tmp_path: Path) -> None:
    """P100: what it has is older than what the session has by then."""
    with fleet(DIALECTS["gotrue"], tmp_path, *OPTIONS, count=2, broken=QUIET) as running:
        stopped_holder(running, "before-write", lease=LEASE)


# Log-out


def log_out_while_renewing(running: Fleet, times: int) -> None:
    """A process renews while another one logs out, and its answer comes later."""
    first, second = running.servers
    for _ in range(times):
        browser = running.sign_in()
        running.expire()
        asked, gone = threading.Event(), threading.Event()

        def hold(
            call: str, body: bytes, asked: threading.Event = asked, gone: threading.Event = gone
        ) -> None:
            if call == running.dialect.refresh and b"password" not in body:
                asked.set()
                gone.wait(30)

        running.api.after = hold
        asking = threading.Thread(target=browser.ask, args=(first,))
        asking.start()
        assert asked.wait(30)
        assert browser.press(second, "LogOut").status_code == 303
        gone.set()
        asking.join(60)
        running.api.after = lambda *_: None
        assert not browser.lives(first)
        assert not browser.lives(second)
    wait_until(lambda: running.live() == 0, "tokens live on that nobody has")


@pytest.mark.parametrize("name", DIALECTS)
def test_a_log_out_during_a_renewal_wins(name: str, tmp_path: Path) -> None:
    """P107: no session, and nothing at the auth API that could be renewed."""
    with fleet(DIALECTS[name], tmp_path, count=2) as running:
        log_out_while_renewing(running, 8)


BLIND_WRITE = """
from dataclasses import replace as _with
from portico.auth.session import KIND
async def _replace(self, session, other):
    key = session.ticket.key(KIND)
    await self._store.delete(key)
    return await self.create(_with(other, version=0))
SessionRecords.replace = _replace
"""


def test_control_without_the_version_a_log_out_is_undone(tmp_path: Path) -> None:
    """What a renewal writes over must be what it read."""
    with (
        fleet(DIALECTS["strapi"], tmp_path, count=2, broken=BLIND_WRITE) as running,
        pytest.raises(AssertionError),
    ):
        log_out_while_renewing(running, 1)


def test_a_log_out_reaches_an_api_that_was_down(tmp_path: Path) -> None:
    """P109: the user is logged out at once; the API hears of it when it is back."""
    with fleet(DIALECTS["strapi"], tmp_path, count=2) as running:
        browser = running.sign_in()
        running.api.before = cut_off
        assert browser.press(running.servers[0], "LogOut").status_code == 303
        assert not browser.lives(running.servers[1])
        assert running.live() == 1
        running.advance(timedelta(hours=3))
        running.api.before = lambda *_: None
        wait_until(lambda: running.live() == 0, "the API was not told")
        refused = [exchange for exchange in running.api.exchanges if exchange.status >= 500]
        assert refused == []


def cut_off(_call: str, _body: bytes) -> None:
    """No answer."""
    raise ConnectionAbortedError


@pytest.mark.parametrize(
    "point",
    ["before-filing", "after-filing", "after-delete", "before-delivery", "told", "after-delivery"],
)
def test_a_crash_at_log_out_loses_no_revocation(point: str, one: Fleet) -> None:
    """P109, P112: once the session is gone the API hears of it, whoever dies; and a log-out that had not
    begun leaves everything as it was."""
    browser, server = one.sign_in(), one.servers[0]
    before = one.live()

    def kill(call: str, _: bytes) -> None:
        if call == one.dialect.sign_out:
            one.api.before = lambda *_: None
            server.kill()
            raise ConnectionAbortedError

    if point == "told":
        one.api.before = kill
    else:
        one.doom(point)
    with contextlib.suppress(httpx.TransportError):
        browser.press(server, "LogOut")
    wait_until(lambda: not server.runs, f"the process did not die {point}")
    server.restart(signal.SIGKILL)
    one.advance(LEASES)
    if point == "before-filing":
        assert browser.lives(server)
        assert one.live() == before
        browser.press(server, "LogOut")
    wait_until(lambda: one.live() == before - 1, "the API was not told")
    # A log-out that began counts, even if the session was still there.
    answer = browser.ask(server)
    assert answer.status_code == 303, answer.text
