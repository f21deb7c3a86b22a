"""Real servers, real processes, a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium as launched
from tests.journeys.servers import EXAMPLES, AuthServer, PorticoServer


@pytest.fixture(scope="session")
def auth_server() -> Iterator[AuthServer]:
    """The embedded auth server, as the demo runs it."""
    with AuthServer() as server:
        yield server


@pytest.fixture
def portico(auth_server: AuthServer, tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico serving the example app, with a store of its own."""
    settings = {"AUTH_URL": auth_server.url}
    with PorticoServer([EXAMPLES / "jwt-login"], folder=tmp_path, settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium with its back/forward cache on."""
    with launched(back_forward_cache=True) as browser:
        yield browser


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page
