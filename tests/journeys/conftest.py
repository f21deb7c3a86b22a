"""Real servers, real processes, a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.journeys.servers import EXAMPLES, AuthServer, PorticoServer

CHROMIUM_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def auth_server() -> Iterator[AuthServer]:
    """The embedded auth server, as the demo runs it."""
    with AuthServer() as server:
        yield server


@pytest.fixture
def portico(auth_server: AuthServer, tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico serving the example app, with a store of its own."""
    with PorticoServer(
        [EXAMPLES / "jwt-login"], folder=tmp_path, settings={"AUTH_URL": auth_server.url}
    ) as server:
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with its back/forward cache on, which Playwright switches off by default."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "these tests need Chromium; `make browser` installs it"
    browser = playwright.chromium.launch(
        executable_path=path, args=CHROMIUM_ARGS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield browser
    browser.close()


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
