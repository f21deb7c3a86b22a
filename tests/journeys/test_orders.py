"""A form with every kind of input, and menus, in a real browser against a real server: with scripts and
without. `tests/testing/test_orders.py` has a simulated user do the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.servers import PorticoServer

APP = Path(__file__).parents[1] / "web" / "apps" / "orders"
SENT = (
    '{"Who":"Ada","Phone":"0301","Price":1234.5,"Due":"2026-03-04T00:00:00.000Z","Extras":["wrap",2],'
    '"Size":"L","Days":["Monday","Tuesday"],"Mails":false}'
)


@pytest.fixture(scope="module", name="server")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Portico with the app."""
    with PorticoServer([APP], folder=tmp_path_factory.mktemp("orders")) as server:
        yield server


@pytest.fixture(name="page", params=["with scripts", "without scripts"])
def tab(chromium: Browser, server: PorticoServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, in a browser that runs scripts, and in one that does not."""
    context = chromium.new_context(java_script_enabled=request.param == "with scripts", timezone_id="UTC")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{server.url}/orders/Order")
    yield page
    context.close()


def test_an_order_is_filled_in_and_sent(page: Page) -> None:
    """What each input holds arrives, in the types of the data."""
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Phone").fill("030 1")
    page.get_by_label("Country").select_option("FR")
    page.get_by_label("Price").fill("1234.5")
    page.get_by_label("Due").fill("2026-03-04")
    extras = page.locator("[id='m.Extras'] summary")
    extras.click()
    page.get_by_role("checkbox", name="Insurance").check()
    page.get_by_role("checkbox", name="Gift wrap").check()
    extras.click()
    page.get_by_role("radio", name="Large").check()
    page.get_by_role("checkbox", name="Tuesday").check()
    page.get_by_role("switch", name="Mails").uncheck()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(SENT)).to_be_visible()
    expect(page.get_by_text("1236.5 EUR")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_label("Country")).to_have_value("FR")
    # What is taken away again is away.
    for name in ("Monday", "Tuesday"):
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(SENT.replace('["Monday","Tuesday"]', "[]"))).to_be_visible()


def test_what_is_wrong_is_said(page: Page) -> None:
    """Nothing is sent while something is missing or cannot be."""
    page.get_by_label("Name").fill("Ada")
    page.get_by_role("radio", name="Small").check()
    page.get_by_label("Price").fill("1.234,50")
    page.get_by_label("Price").blur()
    send = page.get_by_role("button", name="Send")
    if page.locator("html.js").count():
        expect(send).to_be_disabled()
    else:
        send.click()
    expect(page.locator("[id='e.Price']")).to_have_text("Please enter an amount, such as 1,234.50.")
    expect(page.get_by_text("Nothing sent yet.")).to_be_visible()
    page.get_by_label("Price").fill("1,234.50")
    page.get_by_label("Price").blur()
    send.click()
    expect(page.get_by_text('"Price":1234.5')).to_be_visible()


def test_menus_do_what_they_say(page: Page) -> None:
    """A button of a group, an item of its menu, and one that is made of data."""
    page.get_by_role("button", name="Day", exact=True).click()
    expect(page.get_by_text("Shown by day")).to_be_visible()
    page.locator("summary", has_text="Other views").click()
    page.get_by_role("button", name="Week").click()
    expect(page.get_by_text("Shown by week")).to_be_visible()
    page.locator("summary", has_text="Repeat").click()
    page.get_by_role("button", name="Order of Bob").click()
    expect(page.get_by_text("Bob pays 7")).to_be_visible()


def test_all_are_chosen_at_once(page: Page) -> None:
    """By a button, which then takes them away again."""
    extras = page.locator("[id='m.Extras'] summary")
    extras.click()
    page.get_by_role("button", name="Select all").click()
    expect(page.get_by_text("3 EUR")).to_be_visible()
    expect(extras).to_have_text("Gift wrap, Insurance, Express")
    if not page.get_by_role("button", name="Select none").is_visible():
        extras.click()
    page.get_by_role("button", name="Select none").click()
    expect(page.get_by_text("0 EUR")).to_be_visible()
