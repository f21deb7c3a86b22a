"""MenuButton: items that are written down, items that are made of data, and what may be pressed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.menu_button import TYPE
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.running import Running, does, text_of
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

ITEMS: list[Mapping[str, Any]] = [
    {
        "id": "edit",
        "label": "Edit",
        "iconName": "edit",
        "iconAlign": "right",
        "onClick": "{{ showAlert('edit') }}",
    },
    {"id": "off", "label": "Off", "isDisabled": True, "onClick": "{{ showAlert('off') }}"},
    {"id": "gone", "label": "Gone", "isVisible": False, "onClick": "{{ showAlert('gone') }}"},
    {
        "id": "red",
        "label": "Delete",
        "textColor": "#b91c1c",
        "backgroundColor": "#fecaca",
        "iconColor": "red",
    },
]
#: Items of the people of a list: one of them is not to be pressed, one is not there.
MADE: Mapping[str, Any] = {
    "sourceData": [
        {"name": "Ada"},
        {"name": "Bob", "off": True},
        {"name": "Cyd", "hid": True},
        {"name": "Dan"},
    ],
    "configureMenuItems": {
        "label": "{{ currentIndex + 1 }}. {{ currentItem.name }}",
        "isDisabled": "{{ Boolean(currentItem.off) }}",
        "isVisible": "{{ !currentItem.hid }}",
        "iconName": "user",
        "onClick": "{{ showAlert(currentItem.name + currentIndex) }}",
    },
}


def button(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one MenuButton."""
    return Running(folder, {"name": "Acts", "type": "MenuButton", **(props or {"menuItems": ITEMS})}, *more)


def keys(page: Running) -> list[str]:
    """What its items made of data are called by."""
    rows = (one["value"].split(" ") for one in page.widget("Acts").matching("button") if "value" in one)
    return [row[2] for row in rows]


def test_written_items_do_their_own(tmp_path: Path) -> None:
    """`menuItems`: each with its words, icon and action; what is hidden is left out."""
    page = button(tmp_path)
    items = list(page.widget("Acts").matching("button"))
    assert [item.text for item in items] == ["Edit", "Off", "Delete"]
    assert [child.tag for child in items[0].children] == ["span", "svg"]
    assert (items[0]["value"], items[2]["type"]) == ("Acts menuItems.edit.onClick", "button")
    assert (items[2]["data-color"], items[2]["data-background"]) == ("#b91c1c", "#fecaca")
    assert page.press("Acts", "menuItems.edit.onClick")
    assert page.said == ["edit"]


def test_items_are_made_of_data(tmp_path: Path) -> None:
    """`configureMenuItems` over `currentItem` and `currentIndex`, for each entry of `sourceData`."""
    page = button(tmp_path, **MADE)
    assert [item.text for item in page.widget("Acts").matching("button")] == ["1. Ada", "2. Bob", "4. Dan"]
    first, second, last = keys(page)
    assert page.press("Acts", "configureMenuItems.onClick", last)
    assert page.said == ["Dan3"]
    assert page.press("Acts", "configureMenuItems.onClick", first)
    assert not page.press("Acts", "configureMenuItems.onClick", second)


def test_what_is_not_offered_cannot_be_pressed(tmp_path: Path) -> None:
    """What is disabled, hidden, of the other kind, or not there any more does nothing."""
    for event in ("menuItems.off.onClick", "menuItems.gone.onClick", "menuItems.x.onClick", "onClick"):
        assert not button(tmp_path / event).press("Acts", event)
    page = button(
        tmp_path,
        does("Other", "storeValue('people', [{name: 'Eve'}], false)"),
        **{**MADE, "sourceData": "{{ appsmith.store.people ?? [{name: 'Ada'}] }}"},
    )
    (seen,) = keys(page)
    assert not page.press("Acts", "menuItems.edit.onClick")
    assert not page.press("Acts", "configureMenuItems.onClick", "0")
    assert not page.press("Acts", "configureMenuItems.onClick")
    assert page.press("Acts", "configureMenuItems.onClick", seen)
    # Somebody else stands in the first place now: what the user saw is not pressed in their stead.
    page.press("Other")
    assert [item.text for item in page.widget("Acts").matching("button")] == ["1. Eve"]
    assert not page.press("Acts", "configureMenuItems.onClick", seen)


@pytest.mark.parametrize("data", ['[{"name": "Ada"}]', [], "", "no JSON", None, 5, {"a": 1}])
def test_data_may_be_json_or_nothing(data: object, tmp_path: Path) -> None:
    """JSON text is read; what is no list gives an empty menu, which says so."""
    made = {**MADE, "sourceData": "{{ null }}" if data is None else data}
    tree = button(tmp_path, **made).widget("Acts")
    found = [item.text for item in tree.matching("button")]
    assert found == (["1. Ada"] if isinstance(data, str) and "Ada" in data else [])
    assert ("Nothing to choose." in tree.text) is not bool(found)


def test_an_item_that_fails_is_left_blank(tmp_path: Path) -> None:
    """A field that throws for one entry takes nothing from the others."""
    made = {
        "sourceData": [{"a": {"b": "deep"}}, {}],
        "configureMenuItems": {"label": "{{ currentItem.a.b }}"},
    }
    items = list(button(tmp_path, **made).widget("Acts").matching("button"))
    assert [item.find("span").text if "aria-label" not in item else "" for item in items] == ["deep", ""]


def test_the_button(tmp_path: Path) -> None:
    """`label`, `menuVariant`, `menuColor`, `placement`, an icon, a tooltip, `isCompact`; always a name."""
    look = {
        "menuVariant": "SECONDARY",
        "menuColor": "#dc2626",
        "placement": "START",
        "iconName": "cog",
        "iconAlign": "right",
    }
    tree = button(
        tmp_path / "a", menuItems=ITEMS, label="More", tooltip="What else", isCompact=True, **look
    ).widget("Acts")
    summary = tree.find("summary")
    assert {"secondary", "label-start"} <= set(summary["class"].split())
    assert (summary["data-fill"], summary["aria-describedby"]) == ("#dc2626", "h.Acts")
    assert [child.tag for child in summary.children] == ["span", "svg", "span"]
    assert "compact" in tree.find("details")["class"].split()
    bare = button(tmp_path / "b", menuItems=ITEMS, label="", iconName="cog").widget("Acts").find("summary")
    assert bare["aria-label"] == "Settings"


def test_methods_label_and_switch(tmp_path: Path) -> None:
    """setLabel, setDisabled and setVisibility."""
    page = button(
        tmp_path,
        does("Call", "Acts.setLabel('Choose')"),
        does("Off", "Acts.setDisabled(true)"),
        does("Gone", "Acts.setVisibility(false)"),
        text_of("Seen", "[Acts.label, Acts.isDisabled, Acts.rowAt, Acts.menuItems]"),
        menuItems=[{"id": "a", "label": "A"}],
    )
    page.press("Call")
    assert page.widget("Acts").find("summary").text == "Choose"
    page.press("Off")
    shut = page.widget("Acts").find("button")
    assert (shut.text, "disabled" in shut, list(page.widget("Acts").matching("details"))) == (
        "Choose",
        True,
        [],
    )
    assert page.widget("Seen").text.startswith('["Choose",true,null,[{"id":"a"')
    page.press("Gone")
    assert page.value("Acts", "isVisible") is False


def test_nothing_of_the_data_leaves_but_what_is_shown(tmp_path: Path) -> None:
    """The entries of `sourceData` stay on the server."""
    page = button(tmp_path, **{**MADE, "sourceData": "{{ [{name: 'Ada', salary: 12345}] }}"})
    assert "12345" not in str(page.view.props)
    assert {"sourceData", "menuItems", "configureMenuItems"} <= TYPE.inner


ACTS = "#m\\.Acts > summary"


def test_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """It opens by key, and an item posts its event with the entry that it is of; what is open stays so while
    an answer comes."""
    shown = button(tmp_path, **MADE)
    page = show(stage, open_page(), shown.view)
    page.focus(ACTS)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("button", name="4. Dan")).to_be_focused()
    page.keyboard.press("Enter")
    until(lambda: stage.posts, page)
    post = stage.posts[-1]
    assert (post["widget"], post["event"], post["row"]) == (
        "Acts",
        "configureMenuItems.onClick",
        keys(shown)[-1],
    )
    expect(page.locator("#m\\.Acts")).not_to_have_attribute("open", "")


def test_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """The browser opens it by itself."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(button(tmp_path).view))
    page.click(ACTS)
    page.get_by_role("button", name="Edit").click()
    assert stage.forms[-1]["portico.event"] == "Acts menuItems.edit.onClick"


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, with its menu open, empty, or off."""
    widgets: list[Mapping[str, Any]] = [
        {"name": "A", "type": "MenuButton", "menuItems": ITEMS, "tooltip": "What else"},
        {"name": "B", "type": "MenuButton", "menuVariant": "SECONDARY", "iconName": "more", "label": ""},
        {"name": "C", "type": "MenuButton", "isDisabled": True, "menuVariant": "TERTIARY"},
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width, "#m\\.A > summary", "#m\\.B > summary")
