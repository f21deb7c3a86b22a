"""Inputs through the whole server: what Enter leaves in them, and who knows of the focus."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser import chromium as launched
from tests.journeys.servers import PorticoServer
from tests.web.posts import Tab


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium."""
    with launched() as browser:
        yield browser


def test_enter_empties_an_input_that_says_so(client: httpx.Client) -> None:
    """`resetOnSubmit`: after `onSubmit` the Input is as at first, unless the author wants it kept."""
    tab = Tab(client, "/language/Inputs")
    emptied = tab.post("Search", "onSubmit", Search="cats")
    assert (emptied["alerts"], emptied["values"]) == (["search cats"], {"Search": ""})
    kept = tab.post("Keeps", "onSubmit", Keeps="dogs")
    assert (kept["alerts"], kept.get("values")) == (["kept dogs"], None)


def test_enter_empties_numbers_that_say_so(client: httpx.Client) -> None:
    """`resetOnSubmit` of a PhoneInput, and of a CurrencyInput that is kept."""
    tab = Tab(client, "/language/Inputs")
    emptied = tab.post("Tel", "onSubmit", Tel="030 1")
    assert (emptied["alerts"], emptied["values"]) == (["call 0301"], {"Tel": ""})
    kept = tab.post("Price", "onSubmit", Price="12.5")
    assert (kept["alerts"], kept.get("values")) == (["pay 12.5"], None)


def test_the_focus_is_state_of_an_input(client: httpx.Client) -> None:
    """`isFocused` is posted as `Passport:focus`; a binding follows it, the Input is not rendered anew. What
    is no truth value, or belongs to another widget, is dropped."""
    tab = Tab(client, "/language/Inputs")
    tab.load()

    def tell(**values: object) -> dict[str, str]:
        posted = {name.replace("_", ":"): value for name, value in values.items()}
        html: dict[str, str] = tab.send(widget="Passport:focus", event="change", values=posted)["html"]
        return html

    focused = tell(Passport_focus=True)
    assert list(focused) == ["Hint"]
    assert "as in your passport" in focused["Hint"]
    assert tell(Passport_focus="no", Hint_focus=True) == {}
    assert "no hint" in tell(Passport_focus=False)["Hint"]


def test_a_hint_comes_and_goes_with_the_focus(chromium: Browser, server: PorticoServer) -> None:
    """`isFocused` in a browser, by keyboard."""
    page = chromium.new_page()
    page.goto(f"{server.url}/language/Inputs")
    expect(page.locator("html.js")).to_have_count(1)
    page.get_by_label("Name").focus()
    expect(page.get_by_text("as in your passport")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_text("no hint")).to_be_visible()
    page.close()
