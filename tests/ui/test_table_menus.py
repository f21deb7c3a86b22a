"""Table: a `menuButton` in a cell opens a menu, whose items act on the row; what may be pressed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.table import TYPE
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.running import Running, does
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

ROWS: list[Mapping[str, Any]] = [
    {"id": 1, "name": "Ada", "locked": False},
    {"id": 2, "name": "Bob", "locked": True},
    {"id": 3, "name": "Cyd", "away": True},
]
SAYS = "{{ showAlert(currentRow.name + currentIndex + '%s') }}"
ITEMS: list[Mapping[str, Any]] = [
    {"id": "edit", "label": "{{ 'Edit ' + currentRow.name }}", "iconName": "edit", "onClick": SAYS % "e"},
    {"id": "drop", "label": "Delete", "isDisabled": "{{ currentRow.locked }}", "onClick": SAYS % "d"},
    {"id": "call", "label": "Call", "isVisible": "{{ !currentRow.away }}", "onClick": SAYS % "c"},
    {"id": "red", "label": "Nothing", "textColor": "#b91c1c", "backgroundColor": "#fecaca"},
]
MENU: Mapping[str, Any] = {
    "id": "act.s",
    "label": "Acts",
    "type": "menuButton",
    "buttonLabel": "More",
    "isDisabled": "{{ currentRow.name === 'Zoe' }}",
    "menuItems": ITEMS,
}
BUTTON: Mapping[str, Any] = {
    "id": "go",
    "type": "button",
    "isDisabled": "{{ currentRow.locked }}",
    "onClick": SAYS % "g",
}


def table(folder: Path, *more: Mapping[str, Any], **menu: Any) -> Running:
    """A page with one Table, whose rows have a menu and a button."""
    columns = [{"id": "name"}, {**MENU, **menu}, BUTTON]
    own = {"name": "T", "type": "Table", "tableData": ROWS, "primaryKey": "id", "columns": columns}
    return Running(folder, own, *more)


def items(page: Running, row: str) -> list[str]:
    """What stands in the menu of a row."""
    (found,) = page.widget("T").matching("details", id_=f"m.T:{row}:act.s")
    return [button.text for button in found.matching("button")]


def press(page: Running, item: str, row: str) -> list[str]:
    """What a press on an item says; nothing where it is not taken."""
    return page.said if page.press("T", f"columns.act.s.menuItems.{item}.onClick", row) else []


def test_items_act_on_their_row(tmp_path: Path) -> None:
    """Each with its words, icon and colours, over `currentRow` and `currentIndex`."""
    page = table(tmp_path)
    assert [items(page, row) for row in ("p1", "p2", "p3")] == [
        ["Edit Ada", "Delete", "Call", "Nothing"],
        ["Edit Bob", "Delete", "Call", "Nothing"],
        ["Edit Cyd", "Delete", "Nothing"],
    ]
    summary = next(page.widget("T").matching("summary", id_="a.T:p1:act.s"))
    assert (summary.text, summary["aria-label"]) == ("More", "More, Ada")
    assert "primary" in summary["class"].split()
    first = next(page.widget("T").matching("button", class_="item"))
    assert (first["value"], first["form"]) == ("T columns.act.s.menuItems.edit.onClick p1", "portico")
    assert [child.tag for child in first.children] == ["svg", "span"]
    nothing = next(one for one in page.widget("T").matching("button") if one.text == "Nothing")
    assert (nothing["type"], nothing["data-background"]) == ("button", "#fecaca")
    assert (press(page, "edit", "p2"), press(page, "drop", "p3")) == (["Bob1e"], ["Cyd2d"])


def taken(page: Running) -> list[tuple[str, str]]:
    """What can be pressed although it is not offered: off, hidden, of no such column."""
    forbidden = [
        ("columns.act.s.menuItems.drop.onClick", "p2"),
        ("columns.act.s.menuItems.call.onClick", "p3"),
        ("columns.go.onClick", "p2"),
        ("columns.go.menuItems.edit.onClick", "p1"),
        ("columns.name.onClick", "p1"),
    ]
    return [attempt for attempt in forbidden if page.offers("T", *attempt)]


def test_what_is_not_offered_cannot_be_pressed(tmp_path: Path) -> None:
    """Also not by who posts it by hand; a button that is off neither."""
    page = table(tmp_path)
    assert taken(page) == []
    assert page.press("T", "columns.go.onClick", "p1")
    assert page.said == ["Ada0g"]
    assert press(page, "edit", "p9") == ["This row has changed in the meantime. Please look at it again."]


def test_control_a_table_that_offers_everything_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attempts succeed where nobody looks."""
    page = table(tmp_path)
    lax = replace(TYPE, offers=lambda props, event, row: True)
    monkeypatch.setattr(page, "offers", lambda path, event, row: lax.offers({}, event, row))
    assert ("columns.act.s.menuItems.drop.onClick", "p2") in taken(page)
    assert ("columns.go.onClick", "p2") in taken(page)


def test_what_fails_is_not_there(tmp_path: Path) -> None:
    """An item that fails to say whether it may be seen, or used, may not."""
    broken = "{{ currentRow.no.such }}"
    found = [
        {"id": "a", "label": "A", "isVisible": broken, "onClick": SAYS % "a"},
        {"id": "b", "label": "B", "isDisabled": broken, "onClick": SAYS % "b"},
    ]
    page = table(tmp_path, menuItems=found)
    assert items(page, "p1") == ["B"]
    assert (press(page, "a", "p1"), press(page, "b", "p1")) == ([], [])


def test_a_menu_that_is_off_or_empty(tmp_path: Path) -> None:
    """It does not open; without items it says that there is nothing."""
    off = table(tmp_path / "a", isDisabled=True).widget("T")
    assert "disabled" in next(off.matching("button", id_="a.T:p1:act.s"))
    assert list(off.matching("details", class_="menu")) == []
    empty = table(tmp_path / "b", menuItems=[]).widget("T")
    assert "Nothing to choose." in empty.text


ACTS = "#a\\.T\\:p1\\:act\\.s"


def test_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """It opens by key, arrow keys go through it, and an item posts its event with the row."""
    page = show(stage, open_page(), table(tmp_path, does("Other", "1")).view)
    page.focus(ACTS)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Delete").first).to_be_focused()
    page.keyboard.press("Enter")
    until(lambda: stage.posts, page)
    post = stage.posts[-1]
    assert (post["widget"], post["event"], post["row"]) == ("T", "columns.act.s.menuItems.drop.onClick", "p1")
    expect(page.locator("#m\\.T\\:p1\\:act\\.s")).not_to_have_attribute("open", "")


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken with a menu open, and none is cut off."""
    widgets: list[Mapping[str, Any]] = [
        {
            "name": "S",
            "type": "Table",
            "tableData": ROWS,
            "primaryKey": "id",
            "columns": [{"id": "name"}, MENU],
        }
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width, ACTS.replace("T", "S"))
