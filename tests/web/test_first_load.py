"""What a browser that knows nothing fetches until the sign-in page is whole: the goal, in counts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from bench.browser import Loaded, open_login, stranger
from bench.parts.first_load import BYTES, REQUESTS
from bench.product import PORTICO
from tests.browser import chromium as launched
from tests.journeys.servers import PorticoServer

EXAMPLE = replace(PORTICO, login="/jwt-login/LoginPage")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium."""
    with launched() as browser:
        yield browser


def loads(browser: Browser, server: PorticoServer) -> tuple[Loaded, Loaded]:
    """The sign-in page of the example, opened by a stranger, and again."""
    with stranger(browser) as context:
        return open_login(context, EXAMPLE, server.url), open_login(context, EXAMPLE, server.url)


def test_first_load_stays_within_its_goal(chromium: Browser, server: PorticoServer) -> None:
    """At most 25 KB over the wire, heads included, in at most 6 requests; the second load is one."""
    first, again = loads(chromium, server)
    assert first.bytes <= BYTES
    assert len(first.requests) <= REQUESTS
    assert {request.rpartition(".")[2] for request in first.requests} >= {"js", "css", "svg"}, (
        "it counts files"
    )
    assert first.bytes > 10_000, "it counts bytes"
    assert len(again.requests) < len(first.requests)
    assert again.bytes < 2_000
