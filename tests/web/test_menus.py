"""Buttons of groups and items of menus through the whole server: what is pressed, and what is refused."""

import re
from typing import Any

import httpx
import pytest

from tests.web.posts import Tab


def opened(client: httpx.Client) -> Tab:
    """The page, with what it shows."""
    return Tab(client, "/language/Menus")


def rows(html: str) -> list[str]:
    """What the items made of data post, by their order."""
    return re.findall(r'value="Assign configureMenuItems\.onClick (\S+)"', html)


def test_buttons_and_items_do_their_own(client: httpx.Client) -> None:
    """Of a group, of the menu of one of its buttons, and of a menu that is made of data."""
    tab = opened(client)
    assert tab.post("Views", "groupButtons.day.onClick")["alerts"] == ["day"]
    assert tab.post("Views", "groupButtons.more.menuItems.csv.onClick")["alerts"] == ["csv"]
    first, _ = rows(client.get(tab.path).text)
    answer = tab.send(widget="Assign", event="configureMenuItems.onClick", row=first, values={})
    assert answer["alerts"] == ["Ada 0"]


@pytest.mark.parametrize(
    "event",
    [
        *("groupButtons.off.onClick", "groupButtons.gone.onClick", "groupButtons.more.onClick"),
        *("groupButtons.more.menuItems.no.onClick", "groupButtons.x.onClick", "onClick"),
    ],
)
def test_what_is_not_offered_is_refused(client: httpx.Client, event: str) -> None:
    """What is disabled, hidden or not there does nothing, whoever posts it."""
    refused = opened(client).post("Views", event)
    assert (refused["status"], refused["alerts"]) == (409, [])


def test_an_item_is_the_one_that_was_seen(client: httpx.Client) -> None:
    """Not one that is disabled, not one that took its place, and not one without a row."""
    tab = opened(client)
    first, away = rows(client.get(tab.path).text)
    for row in (away, "0", "9", None):
        answer = tab.send(widget="Assign", event="configureMenuItems.onClick", row=row, values={})
        assert (answer["status"], answer["alerts"]) == (409, []), row
    tab.post("Leave")
    answer = tab.send(widget="Assign", event="configureMenuItems.onClick", row=first, values={})
    assert (answer["status"], answer["alerts"]) == (409, [])


def test_forms_press_them_too(client: httpx.Client) -> None:
    """Without scripts an item is a button of a form."""
    form = {"portico.event": "Views groupButtons.more.menuItems.csv.onClick"}
    assert ">csv<" in client.post("/language/Menus", data=form).text
    refused = client.post("/language/Menus", data={"portico.event": "Views groupButtons.off.onClick"})
    assert ">off<" not in refused.text


def test_lists_travel_as_lists(client: httpx.Client) -> None:
    """Boxes of one name: as a list of a script, as fields of a form whose first stands for none."""
    tab = Tab(client, "/language/Inputs")
    chosen: tuple[tuple[str, Any, str], ...] = (
        ("Days", ["Tue", "Mon"], "days Mon,Tue"),
        ("Pets", ["Dog"], "pets Dog"),
        ("Size", "L", "size L"),
        ("Days", [], "days "),
    )
    for address, posted, said in chosen:
        answer = tab.send(widget=address, event="change", values={address: posted})
        assert answer["alerts"] == [said]
    # What is not offered changes nothing.
    bad: tuple[tuple[str, Any], ...] = (
        ("Days", ["Sun"]),
        ("Days", "Mon"),
        ("Pets", [1]),
        ("Size", ["S"]),
        ("Days", [["Mon"]]),
    )
    held = {"Days": "days ", "Pets": "pets Dog", "Size": "size L"}
    for address, posted in bad:
        answer = tab.send(widget=address, event="change", values={address: posted})
        assert answer["alerts"] == [held[address]], posted
    page = client.post(
        "/language/Inputs", data={"m.Days": ["", "Mon", "Tue"], "portico.event": "change"}
    ).text
    assert ">days Mon,Tue<" in page
    page = client.post("/language/Inputs", data={"m.Days": ["", "Sun"], "portico.event": "change"}).text
    assert "Sun" not in page


def test_all_at_once_is_shown_by_the_browser(client: httpx.Client) -> None:
    """The answer tells what is ticked now, as the boxes hold their own state."""
    tab = Tab(client, "/language/Inputs")
    answer = tab.send(widget="Days", event="chooseAll", row="true", values={"Days": []})
    assert (answer["alerts"], answer["values"]) == (["days Mon,Tue"], {"Days": ["Mon", "Tue"]})
    refused = tab.send(widget="Pets", event="chooseAll", row="true", values={"Pets": []})
    assert (refused["alerts"], refused.get("values")) == (["There is no such button."], None)
