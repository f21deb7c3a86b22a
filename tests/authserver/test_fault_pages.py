"""`/_faults` and `/_clock`: who may reach them, and what they do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from portico.authserver import fault_pages
from portico.authserver.fault_pages import OFF
from portico.authserver.faults import Fault, Faults
from tests.authserver.gotrue_calls import StoppedClock
from tests.authserver.gotrue_flows_calls import HERE, browsing
from tests.authserver.servers import DEFAULTS, AuthServer, running

SWITCHES = (
    ("GET", "/_faults"),
    ("POST", "/_faults"),
    ("DELETE", "/_faults"),
    ("GET", "/_faults/counters"),
    ("DELETE", "/_faults/counters"),
    ("GET", "/_clock"),
    ("POST", "/_clock"),
)
BODIES: dict[str, Any] = {"/_faults": "drop", "/_clock": {"advance": "61m"}}
STRANGERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("10.0.0.1", {}),
    ("10.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
    ("127.0.0.1", {"Host": "evil.test"}),
    ("127.0.0.1", {"Host": "evil.test:8001"}),
    ("127.0.0.1", {"Host": "127.0.0.1.evil.test"}),
    ("127.0.0.1", {"Origin": "http://evil.test"}),
    ("127.0.0.1", {"Origin": "http://127.0.0.1:3000"}),
    ("127.0.0.1", {"Origin": "null"}),
)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def server(faults: Faults) -> AsyncIterator[AuthServer]:
    """A server that may go wrong, and lets pages of one other origin call its API."""
    settings = replace(DEFAULTS, browser_origins=("http://127.0.0.1:3000",))
    async with running(settings, clock=StoppedClock(), faults=faults) as running_server:
        yield running_server


async def call(http: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """One switch, with a body that it takes."""
    body = BODIES.get(path) if method == "POST" else None
    return await http.request(method, path, json=body, **more)


@pytest.mark.parametrize(("method", "path"), SWITCHES)
async def test_they_are_off_unless_asked_for(method: str, path: str) -> None:
    """And say so, and how they are turned on."""
    clock = StoppedClock()
    before = clock.now()
    async with running(clock=clock) as server, browsing(server.app) as browser:
        answer = await call(browser.http, method, path)
    assert (answer.status_code, answer.json()) == (404, {"message": OFF})
    assert clock.now() == before


async def refused(server: AuthServer, faults: Faults) -> bool:
    """Whether every stranger is refused every switch, and none of them changed anything."""
    before = server.clock.now()
    faults.add(Fault.parse("me: drop"))
    standing, statuses = faults.standing, set()
    for address, headers in STRANGERS:
        async with browsing(server.app, address=address) as browser:
            for method, path in SWITCHES:
                answer = await call(browser.http, method, path, headers=headers)
                statuses.add(answer.status_code)
    return statuses == {403} and (server.clock.now(), faults.standing) == (before, standing)


async def test_nobody_else_reaches_them(server: AuthServer, faults: Faults) -> None:
    """P23, P30: another machine, a name that leads here (DNS rebinding), a page of another site."""
    assert await refused(server, faults)


async def test_nobody_else_reaches_them_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: switches that ask nobody who they are let strangers in."""
    monkeypatch.setattr(fault_pages, "local", lambda handler: handler)
    faults = Faults()
    async with running(clock=StoppedClock(), faults=faults) as server:
        assert not await refused(server, faults)


@pytest.mark.parametrize(("method", "path"), SWITCHES)
async def test_no_other_page_may_call_them(server: AuthServer, method: str, path: str) -> None:
    """P23: no origin is told that it may, not even one that may call the API."""
    async with browsing(server.app) as browser:
        headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": method}
        asked = await browser.http.options(path, headers=headers)
        assert "access-control-allow-origin" not in asked.headers
        answer = await call(browser.http, method, path, headers={"Origin": HERE})
        assert answer.status_code in (200, 201)
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"


async def test_the_life_of_a_fault(server: AuthServer) -> None:
    """Added, shown with what is left, used, cleared; by one spelling in whichever form."""
    async with browsing(server.app) as browser:
        http = browser.http
        bodies = (
            {"json": "me: status 503 x2"},
            {"json": {"what": "delay 0s", "endpoint": "GET /api/**"}},
            {"json": ["html for ben", {"what": "drop", "user": "ben"}]},
            {"content": b"sign_up: drop\nrecover: drop\n"},
        )
        for body in bodies:
            assert (await http.post("/_faults", **body)).status_code == 201
        shown = (await http.get("/_faults")).json()
        assert [(fault["fault"], fault["left"]) for fault in shown["faults"]] == [
            ("me: status 503 x2", 2),
            ("GET /api/**: delay 0s", None),
            ("html for ben", None),
            ("drop for ben", None),
            ("sign_up: drop", None),
            ("recover: drop", None),
        ]
        assert "expired at once" in shown["spellings"]
        assert (await http.get("/api/users/me")).status_code == 503
        assert (await http.get("/_faults")).json()["faults"][0]["left"] == 1
        assert (await http.get("/_faults/counters")).json() == [
            {"endpoint": "me", "user": "", "token": "", "calls": 1, "faulty": 1}
        ]
        named = await http.delete("/_faults", params={"fault": "html for ben"})
        assert named.json() == {"cleared": 1}
        assert (await http.delete("/_faults")).json() == {"cleared": 5}
        assert (await http.get("/api/users/me")).status_code == 403
        assert (await http.delete("/_faults/counters")).json() == []
        assert (await http.get("/_faults/counters")).json() == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "There is no fault ''"),
        (b"explode", "There is no fault 'explode'"),
        (b"drop\nexplode", "There is no fault 'explode'"),
        (b"[1]", "A fault is a text or an object."),
        (b'{"what": 1}', "What goes wrong?"),
        (b"{", "The body is not JSON."),
        (b"\xff", "The body is not UTF-8."),
    ],
)
async def test_what_is_no_fault_adds_none(server: AuthServer, faults: Faults, body: bytes, said: str) -> None:
    """All of a body or nothing."""
    async with browsing(server.app) as browser:
        answer = await browser.http.post("/_faults", content=body)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert faults.standing == ()


async def test_faults_are_bounded(server: AuthServer, faults: Faults) -> None:
    """In number, and in the size of what names them."""
    async with browsing(server.app) as browser:
        assert (await browser.http.post("/_faults", content=b" " * 100_000)).status_code == 413
        answer = await browser.http.post("/_faults", json=["drop"] * 201)
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": "At most 200 faults at once: clear some."},
    )
    assert faults.standing == ()


async def test_no_fault_befalls_the_switches(server: AuthServer) -> None:
    """They are the way out."""
    async with browsing(server.app) as browser:
        await browser.http.post("/_faults", json=["drop", "status 503"])
        for method, path in SWITCHES:
            assert (await call(browser.http, method, path)).status_code in (200, 201)


async def test_the_clock_is_moved(server: AuthServer) -> None:
    """Forward, by what is said; tokens end by it."""
    async with browsing(server.app) as browser:
        token = (await server.tokens())[0]
        assert (await browser.http.get("/_clock")).json() == {"now": "2026-01-01T00:00:00.000Z"}
        answer = await browser.http.post("/_clock", json={"advance": "1h1m"})
        assert answer.json() == {"now": "2026-01-01T01:01:00.000Z", "advanced": "1h1m"}
        assert (await server.me(token)).status_code == 401


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"advance": "soon"}, "A duration is written 61m, 1h30m or 2d, not 'soon'."),
        ({"advance": "-5m"}, "A duration is written"),
        ({"advance": 61}, 'Written {"advance": "61m"}.'),
        ({"advance": "61m", "to": "x"}, 'Written {"advance": "61m"}.'),
        ("61m", 'Written {"advance": "61m"}.'),
        ({"advance": "99999999w"}, "too far"),
    ],
)
async def test_what_moves_no_clock(server: AuthServer, body: object, said: str) -> None:
    """It stays where it was."""
    async with browsing(server.app) as browser:
        answer = await browser.http.post("/_clock", json=body)
        assert answer.status_code == 400
        assert said in answer.json()["message"]
        assert (await browser.http.get("/_clock")).json() == {"now": "2026-01-01T00:00:00.000Z"}
