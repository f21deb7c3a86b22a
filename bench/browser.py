"""A real browser, and what it sees of a page: bytes, requests, paints, and when something is there."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from bench.api import PASSWORD, USERNAME
from bench.product import Product

#: Milliseconds that anything on a page may take.
PATIENCE = 60_000
#: What the browser keeps for itself: nothing of it crosses the wire.
LOCAL = ("data:", "blob:")

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@contextmanager
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet: no cookie, nothing cached."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


class Traffic:
    """What a tab sends for and gets from now on: `requests` are the addresses that the server was asked
    for, sockets included; `bytes` those that came over the wire, heads included."""

    def __init__(self, page: Page) -> None:
        self.requests: dict[str, str] = {}
        self.bytes = 0.0
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.requestServedFromCache", self._kept)
        session.on("Network.loadingFinished", self._arrived)
        session.on("Network.webSocketCreated", self._opened)
        session.on("Network.webSocketFrameReceived", self._said)
        session.send("Network.enable")

    def _asked(self, event: Mapping[str, Any]) -> None:
        url = event["request"]["url"]
        if not url.startswith(LOCAL):
            self.requests[event["requestId"]] = url

    def _kept(self, event: Mapping[str, Any]) -> None:
        self.requests.pop(event["requestId"], None)

    def _answered(self, event: Mapping[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._kept(event)

    def _arrived(self, event: Mapping[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]

    def _opened(self, event: Mapping[str, Any]) -> None:
        self.requests[event["requestId"]] = event["url"]

    def _said(self, event: Mapping[str, Any]) -> None:
        self.bytes += len(event["response"]["payloadData"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A login page that was opened: seconds from the navigation to the first paint of content, and
    to a form that can be filled in."""

    page: Page
    requests: tuple[str, ...]
    bytes: float
    paint: float
    form: float


def open_login(context: BrowserContext, product: Product, url: str) -> Loaded:
    """Open the login page in a new tab and wait until it has come to rest."""
    page = context.new_page()
    traffic = Traffic(page)
    begin = time.perf_counter()
    page.goto(url + product.login, wait_until="commit")
    page.get_by_label("Username").wait_for()
    form = time.perf_counter() - begin
    page.wait_for_load_state("networkidle")
    return Loaded(
        page=page,
        requests=tuple(traffic.requests.values()),
        bytes=traffic.bytes,
        paint=page.evaluate(PAINT) / 1000,
        form=form,
    )


def sign_in(page: Page, product: Product) -> float:
    """Fill in the form, press its button; seconds until the whole protected page is there."""
    page.get_by_label("Username").fill(USERNAME)
    page.locator("input[type=password]").fill(PASSWORD)
    button = page.get_by_role("button", name=product.button, exact=True)
    begin = time.perf_counter()
    button.click()
    page.locator(product.finished).first.wait_for(state="attached")
    return time.perf_counter() - begin


def toggle_hint(page: Page) -> float:
    """Tick or untick the box that the server answers by showing or hiding a hint; seconds until it did."""
    hint = page.get_by_text("Ask the help desk for a new one.")
    wanted = "hidden" if hint.is_visible() else "visible"
    box = page.get_by_role("checkbox")
    begin = time.perf_counter()
    box.click(force=True)
    hint.wait_for(state=wanted)  # type: ignore[arg-type]  # one of the two that it takes
    return time.perf_counter() - begin
