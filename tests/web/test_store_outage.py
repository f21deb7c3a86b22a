"""A store that is out signs nobody out and lets nobody in (promise 115)."""

import asyncio
import logging
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.auth.ports import Stored
from portico.cli.log import OncePerOutage
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores.redis import open_redis
from portico.stores.redis_address import parse_redis
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from portico.values import Secret
from tests.auth.sessions import evidence, manager_of
from tests.stores.redis_servers import RedisProcess
from tests.web.served import Served, served

APPS = Path(__file__).parent / "apps"
KEY = Secret("k" * 43)
MARK = "clerk mark"
_PATIENCE = timedelta(seconds=10)


class Place:
    """A store that can be put out and back again."""

    def __init__(
        self, opened: Callable[[Clock], Stores], out: Callable[[], object], back: Callable[[], object]
    ) -> None:
        self.opened = opened
        self.out = out
        self.back = back


def _sqlite(folder: Path, _: AsyncExitStack) -> Place:
    """A file whose table of sessions cannot be read."""
    path = folder / "s.db"

    def rename(old: str, new: str) -> None:
        with closing(sqlite3.connect(path)) as other:
            other.execute(f"ALTER TABLE {old} RENAME TO {new}")

    return Place(
        lambda clock: open_sqlite(path, clock, key=KEY, patience=_PATIENCE),
        out=lambda: rename("session", "elsewhere"),
        back=lambda: rename("elsewhere", "session"),
    )


def _redis(out: Callable[[RedisProcess], Any], back: Callable[[RedisProcess], Any]) -> Any:
    def place(folder: Path, stack: AsyncExitStack) -> Place:
        server = stack.enter_context(RedisProcess(folder / "redis"))
        return Place(
            lambda clock: open_redis(parse_redis(server.address), clock, key=KEY, patience=_PATIENCE),
            out=lambda: out(server),
            back=lambda: back(server),
        )

    return place


PLACES = {
    "sqlite": _sqlite,
    "redis stopped": _redis(RedisProcess.kill, RedisProcess.start),
    "redis hanging": _redis(
        lambda server: server.signal(signal.SIGSTOP), lambda server: server.signal(signal.SIGCONT)
    ),
}


class Lines(logging.Handler):
    """Keeps what the log would say, as the commands set it up."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.addFilter(OncePerOutage())

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@asynccontextmanager
async def _signed_in(opened: Callable[[Clock], Stores]) -> AsyncIterator[tuple[Served, httpx.AsyncClient]]:
    """The app, and the browser of a clerk."""
    settings = {"AUTH_URL": "http://127.0.0.1:1", "OTHER_URL": "http://127.0.0.1:1"}
    async with served(APPS / "guarded", settings=settings, opened=opened) as running:
        proof = evidence("t" * 40, roles=frozenset({"clerk"}))
        manager = manager_of(running.stores, running.clock)
        session = await manager.sign_in(proof, app="guarded", current=None)
        async with running.browser() as browser:
            browser.cookies.set("portico-8000.guarded", session.ticket.cookie_value())
            yield running, browser


async def _everything(browser: httpx.AsyncClient) -> list[httpx.Response]:
    """What a browser asks for: pages, to post a form, to send an event, whether it is signed in."""
    event = {"visit": "v" * 22, "n": 1, "widget": None, "event": "load", "values": {}}
    return [
        await browser.get("/guarded/Clerk"),
        await browser.head("/guarded/Clerk"),
        await browser.get("/guarded/Admin"),
        await browser.get("/guarded/Enter"),
        await browser.post("/guarded/Clerk", data={"portico.event": "load"}),
        await browser.post("/guarded/Clerk", json=event, headers={"Portico-Event": "1"}),
        await browser.get("/_portico/alive?app=guarded"),
    ]


async def _answered(browser: httpx.AsyncClient) -> httpx.Response:
    """The page, as soon as it can be had."""
    while True:
        answer = await browser.get("/guarded/Clerk")
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(0.01)


def _expect_an_outage(answers: list[httpx.Response]) -> None:
    for answer in answers:
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5"), answer.url
        assert "set-cookie" not in answer.headers, "the cookie is kept"
        assert MARK not in answer.text


@pytest.mark.parametrize("name", PLACES)
async def test_an_outage_is_neither_a_sign_out_nor_a_way_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a cookie 503 and when to come back, the cookie kept, one line in the log; without one the store is
    not asked at all. Afterwards the same cookie opens the same page."""
    lines, logger = Lines(), logging.getLogger("portico")
    async with AsyncExitStack() as stack:
        place = PLACES[name](tmp_path, stack)
        running, browser = await stack.enter_async_context(_signed_in(place.opened))
        stranger = await stack.enter_async_context(running.browser())
        assert MARK in (await _answered(browser)).text
        await asyncio.to_thread(place.out)
        if name == "redis hanging":
            monkeypatch.setattr(running.stores.sessions._server, "_patience", 0.2)  # type: ignore[attr-defined]
        logger.addHandler(lines)
        try:
            _expect_an_outage(await _everything(browser))
        finally:
            logger.removeHandler(lines)
        told = [record for record in lines.records if record.levelno >= logging.ERROR]
        assert [getattr(record, "code", None) for record in told] == ["store_unavailable"]
        refused, entry = await stranger.get("/guarded/Clerk"), await stranger.get("/guarded/Enter")
        assert (refused.status_code, entry.status_code) == (303, 200)
        monkeypatch.undo()
        await asyncio.to_thread(place.back)
        assert MARK in (await _answered(browser)).text


class FailureIsAbsence:
    """A store that reads "I cannot tell" as "there is none"."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def load(self, key: str) -> Stored | None:
        with suppress(StoreUnavailable):
            stored: Stored | None = await self._inner.load(key)
            return stored
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def test_control_an_outage_read_as_a_sign_out_is_found_out(tmp_path: Path) -> None:
    """By the same questions."""

    async with AsyncExitStack() as stack:
        place = _sqlite(tmp_path, stack)

        def opened(clock: Clock) -> Stores:
            stores = place.opened(clock)
            return replace(stores, sessions=FailureIsAbsence(stores.sessions))

        _, browser = await stack.enter_async_context(_signed_in(opened))
        place.out()
        with pytest.raises(AssertionError):
            _expect_an_outage(await _everything(browser))
