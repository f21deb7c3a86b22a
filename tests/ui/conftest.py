"""A real browser, and a stage to play on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from tests.browser import chromium
from tests.ui.stage import Stage, open_stage

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module; a machine without one fails."""
    with chromium() as browser:
        yield browser


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
