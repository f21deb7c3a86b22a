"""The panel of `portico dev` shows the timeline of the browser's session, live."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.servers import DevServer
from tests.web.contracts import AUTH, FILES, AuthApi


@pytest.fixture
def api() -> Iterator[AuthApi]:
    """The auth API."""
    with AuthApi() as running:
        yield running


@pytest.fixture
def server(api: AuthApi, tmp_path: Path) -> Iterator[DevServer]:
    """An app with a page for some, served while it is built."""
    for path, text in {"app.yaml": f"name: App\nauth:\n{AUTH}", **FILES}.items():
        (tmp_path / "app" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / path).write_text(text)
    with DevServer([tmp_path / "app"], folder=tmp_path, settings={"API_URL": api.url}) as running:
        yield running


def test_the_timeline_is_shown_and_goes_on(page: Page, server: DevServer, api: AuthApi) -> None:
    """Nobody's at first; then the sign-in, and while the page is open, what happens in another tab."""
    page.goto(f"{server.url}/app/Enter")
    page.get_by_role("button", name=re.compile("^Portico dev")).click()
    page.get_by_role("tab", name=re.compile("^Session")).click()
    panel = page.locator("portico-dev").get_by_role("tabpanel")
    expect(panel).to_contain_text("Nobody is signed in here")
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_role("button", name="SignIn").click()
    expect(panel).to_contain_text("signed in by query login")
    expect(panel).to_contain_text(re.compile("session [0-9A-Za-z]{12}"))
    page.context.new_page().goto(f"{server.url}/app/Admin")
    expect(panel).to_contain_text("page Admin was not opened: no role")
    shown = str(page.locator("portico-dev").evaluate("(it) => it.shadowRoot.innerHTML"))
    assert not [token for token in (*api.access, *api.refreshes) if token in shown]
    expect(page.locator("portico-dev").get_by_role("button", name="Clear")).to_be_hidden()


def test_alerts_stand_above_the_panel_on_a_phone(page: Page, server: DevServer) -> None:
    """Both can be read; without the room that the panel asks for they cover it."""
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(f"{server.url}/app/Enter")
    page.get_by_role("button", name=re.compile("^Portico dev")).click()
    page.get_by_label("Email").fill("ann@example.com")
    page.get_by_role("button", name="SignIn").click()
    expect(page.get_by_text("user ann")).to_be_visible()
    page.get_by_role("button", name="Ask").click()
    alert, panel = page.locator("#alerts .alert"), page.locator("portico-dev").locator(".panel")
    expect(alert).to_be_visible()
    assert bottom_of(alert) <= top_of(panel)
    page.evaluate("document.documentElement.style.setProperty('--below', '0px')")
    assert bottom_of(alert) > top_of(panel)


def top_of(shown: Locator) -> float:
    """Where it begins, in the window."""
    box = shown.bounding_box()
    assert box is not None
    return box["y"]


def bottom_of(shown: Locator) -> float:
    """Where it ends."""
    box = shown.bounding_box()
    assert box is not None
    return box["y"] + box["height"]
