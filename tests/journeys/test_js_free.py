"""The app of seed S2 by lists of actions (row S4-6), with and without scripts in the browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer

APP = "js-free"


@pytest.fixture
def portico(auth_server: AuthServer, tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico serving the example."""
    with PorticoServer([EXAMPLES / APP], folder=tmp_path, settings={"AUTH_URL": auth_server.url}) as server:
        yield server


@pytest.fixture(params=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A tab of either kind."""
    context = chromium.new_context(java_script_enabled=request.param == "with scripts")
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def log_in(page: Page, portico: PorticoServer, password: str) -> None:
    """The form of the example."""
    page.goto(f"{portico.url}/{APP}/LoginPage")
    page.get_by_label("Username").fill(USERNAME)
    page.locator('input[name="v.PasswordInput"]').fill(password)
    page.get_by_role("button", name="Log in").click()


def test_success_stores_and_leads_on(tab: Page, portico: PorticoServer, auth_server: AuthServer) -> None:
    """The TRUE branch, a query by a list of actions, and the way out."""
    log_in(tab, portico, PASSWORD)
    expect(tab).to_have_url(f"{portico.url}/{APP}/MainPage")
    expect(tab.get_by_text(auth_server.secret_message())).to_be_visible()
    tab.get_by_role("button", name="Ask again").click()
    expect(tab.get_by_text("The API says:")).to_be_visible()
    tab.get_by_role("button", name="Log out").click()
    expect(tab).to_have_url(re.compile("/LoginPage"))
    tab.goto(f"{portico.url}/{APP}/MainPage")
    expect(tab).to_have_url(re.compile(r"/LoginPage\?next="))


def test_failure_takes_the_other_branch(tab: Page, portico: PorticoServer) -> None:
    """The FALSE branch, with the API's own words."""
    log_in(tab, portico, "wrong-password")
    expect(tab.get_by_role("alert").get_by_text("Invalid identifier or password")).to_be_visible()
    expect(tab).to_have_url(re.compile("/LoginPage"))


def test_the_app_holds_no_javascript_but_bindings() -> None:
    """What people see who write none: no script file, no function call in an event."""
    files = [path for path in (EXAMPLES / APP).rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".js"]
    for path in files:
        if path.suffix == ".yaml":
            assert "(" not in "".join(re.findall(r"\{\{(.*?)\}\}", path.read_text())), path
