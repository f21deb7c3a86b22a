"""A real browser, and a stage to play on."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from tests.ui.stage import Stage, open_stage

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module; a machine without one fails."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "there is no Chromium on PATH; the tests of the client need one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A server for one test."""
    with open_stage() as stage:
        yield stage


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens tabs in one context, made with the options of the first call. At the end no script may
    have failed and nothing may have broken the policy."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            failures.append(message.text)

    def failed(error: Error) -> None:
        failures.append(error.message)

    def make(**options: Any) -> Page:
        if not contexts:
            contexts.append(browser.new_context(**options))
        page = contexts[0].new_page()
        page.set_default_timeout(15_000)
        page.on("console", heard)
        page.on("pageerror", failed)
        return page

    yield make
    for context in contexts:
        context.close()
    assert failures == []
