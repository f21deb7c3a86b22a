"""A browser in another part of the world: its language and its time, from the first page on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.journeys.servers import PorticoServer

ABROAD = Path(__file__).parents[1] / "web" / "apps" / "abroad"
CLOCK, HOUR = "#w\\.Clock", "#w\\.Hour"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Portico with an app whose own zone is Asia/Kolkata."""
    with PorticoServer([ABROAD], folder=tmp_path_factory.mktemp("abroad")) as running:
        yield running


def abroad(chromium: Browser, zone: str, language: str) -> BrowserContext:
    """A browser at home in `zone`."""
    return chromium.new_context(timezone_id=zone, locale=language)


def posted(page: Page) -> list[str]:
    """The bodies of the events that a page will post."""
    bodies: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            bodies.append(request.post_data or "")

    page.on("request", note)
    return bodies


def test_the_first_page_is_brought_up_to_date(chromium: Browser, server: PorticoServer) -> None:
    """It comes in the app's zone, as the browser's is not known; one event puts that right, and
    from then on pages come right at once."""
    context = abroad(chromium, "Australia/Lord_Howe", "de-DE")
    page = context.new_page()
    events = posted(page)
    page.goto(f"{server.url}/abroad/Zoned")
    expect(page.locator(HOUR)).to_have_text("hour 10")
    expect(page.locator(CLOCK)).to_have_text("10:00:00")
    assert len(events) == 1
    assert '"event":"load"' in events[0]
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "tz"]
    assert (cookie["value"], cookie["sameSite"]) == ("Australia/Lord_Howe", "Lax")
    page.goto(f"{server.url}/abroad/Zoned")
    expect(page.locator(HOUR)).to_have_text("hour 10")
    page.wait_for_load_state("networkidle")
    assert len(events) == 1
    context.close()


@pytest.mark.parametrize(("zone", "page_name"), [("Asia/Tokyo", "Plain"), ("Asia/Kolkata", "Zoned")])
def test_no_request_is_made_for_nothing(
    chromium: Browser, server: PorticoServer, zone: str, page_name: str
) -> None:
    """A page that does not depend on the zone, or was made for the right one, stays as it came."""
    context = abroad(chromium, zone, "de-DE")
    page = context.new_page()
    events = posted(page)
    page.goto(f"{server.url}/abroad/{page_name}")
    expect(page.locator("html.js")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert events == []
    assert [cookie["value"] for cookie in context.cookies() if cookie["name"] == "tz"]
    context.close()


def test_without_cookies_a_page_stays_as_it_came(chromium: Browser, server: PorticoServer) -> None:
    """A browser that keeps none is not asked again and again."""
    context = abroad(chromium, "Asia/Tokyo", "de-DE")
    context.add_init_script("Object.defineProperty(document, 'cookie', { get: () => '', set() {} })")
    page = context.new_page()
    events = posted(page)
    page.goto(f"{server.url}/abroad/Zoned")
    expect(page.locator("html.js")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert events == []
    context.close()
