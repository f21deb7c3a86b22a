"""ButtonGroup: its buttons, their menus, and what may be pressed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.button_group import TYPE
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until


def says(word: str) -> str:
    """Code of an event that says a word."""
    return f"{{{{ showAlert('{word}') }}}}"


#: As an author writes it: an action, a menu, and what is off or hidden.
BUTTONS: list[Mapping[str, Any]] = [
    {"id": "day", "label": "Day", "iconName": "calendar", "onClick": says("day")},
    {"id": "off", "label": "Off", "isDisabled": True, "onClick": says("off")},
    {"id": "gone", "label": "Gone", "isVisible": "{{ 1 > 2 }}", "onClick": says("gone")},
    {
        "id": "more",
        "label": "More",
        "buttonType": "MENU",
        "onClick": says("more"),
        "menuItems": [
            {"id": "csv", "label": "Export", "onClick": says("csv")},
            {"id": "not", "label": "Not now", "isDisabled": True, "onClick": says("not")},
            {"id": "hid", "label": "Hidden", "isVisible": False, "onClick": says("hid")},
        ],
    },
    {"id": "bare", "iconName": "plus", "buttonColor": "#dc2626"},
]


def group(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one ButtonGroup."""
    return Running(folder, {"name": "Views", "type": "ButtonGroup", "groupButtons": BUTTONS, **props}, *more)


def test_each_button_does_its_own(tmp_path: Path) -> None:
    """`onClick` of a button, and of an item of the menu of one, run as events of the group."""
    page = group(tmp_path)
    assert page.press("Views", "groupButtons.day.onClick")
    assert page.said == ["day"]
    assert page.press("Views", "groupButtons.more.menuItems.csv.onClick")
    assert page.said == ["csv"]


@pytest.mark.parametrize(
    "event",
    [
        *("groupButtons.off.onClick", "groupButtons.gone.onClick", "groupButtons.more.onClick"),
        *("groupButtons.more.menuItems.not.onClick", "groupButtons.more.menuItems.hid.onClick"),
        *("groupButtons.nobody.onClick", "groupButtons.day.menuItems.csv.onClick", "onClick"),
    ],
)
def test_what_is_not_offered_cannot_be_pressed(event: str, tmp_path: Path) -> None:
    """What is disabled, hidden or not there does nothing, whoever posts it."""
    assert not group(tmp_path).press("Views", event)


def test_offers_is_false_for_a_view_that_failed() -> None:
    """Where the buttons could not be computed there are none."""
    for buttons in (None, "x", [None], [{"key": 1}]):
        assert not TYPE.offers({"buttons": buttons}, "groupButtons.day.onClick", None)


def test_buttons_are_buttons(tmp_path: Path) -> None:
    """In a named group: each posts its event, or opens its menu; without an action it is plain."""
    tree = group(tmp_path, label="Views of the calendar", tooltip="How much you see").widget("Views")
    found = tree.find(role="group")
    assert (found["aria-label"], found["aria-describedby"]) == ("Views of the calendar", "h.Views")
    day = tree.find(id="b.Views:day")
    assert (day["value"], day["name"], day["type"]) == (
        "Views groupButtons.day.onClick",
        "portico.event",
        "submit",
    )
    assert "disabled" in tree.find(id="b.Views:off")
    assert "Gone" not in tree.text
    bare = tree.find(id="b.Views:bare")
    assert (bare["type"], bare["aria-label"], bare["data-fill"]) == ("button", "Add", "#dc2626")
    menu = tree.find("details")
    assert menu.find("summary").text == "More"
    assert [item.text for item in menu.matching("button")] == ["Export", "Not now"]
    assert "style" not in {name for element in tree.all for name in element.attributes}


def test_the_whole_group_can_be_off(tmp_path: Path) -> None:
    """setDisabled switches all of its buttons off, setVisibility takes it away."""
    page = group(tmp_path, does("Off", "Views.setDisabled(true)"), does("Gone", "Views.setVisibility(false)"))
    page.press("Off")
    assert all("disabled" in button for button in page.widget("Views").matching("button"))
    assert page.widget("Views").text == "Day Off More"
    assert not page.press("Views", "groupButtons.day.onClick")
    page.press("Gone")
    assert page.value("Views", "isVisible") is False


def test_orientation_and_variant_are_classes(tmp_path: Path) -> None:
    """`orientation` of the group, `buttonVariant` and a button's `placement`."""
    buttons = [{"id": "a", "label": "A", "placement": "BETWEEN", "iconAlign": "right", "iconName": "plus"}]
    page = Running(
        tmp_path,
        {
            "name": "G",
            "type": "ButtonGroup",
            "groupButtons": buttons,
            "orientation": "vertical",
            "buttonVariant": "TERTIARY",
        },
    )
    tree = page.widget("G")
    assert "vertical" in tree.find(role="group")["class"].split()
    button = tree.find("button")
    assert {"tertiary", "label-between"} <= set(button["class"].split())
    assert [child.tag for child in button.children] == ["span", "svg"]


def test_bindings_of_buttons_follow_the_page(tmp_path: Path) -> None:
    """Labels and `isDisabled` of `groupButtons` are computed like any property."""
    page = Running(
        tmp_path,
        {"name": "N", "type": "Input", "defaultText": "Ada"},
        {
            "name": "G",
            "type": "ButtonGroup",
            "groupButtons": [
                {
                    "id": "a",
                    "label": "Hi {{ N.text }}",
                    "isDisabled": "{{ N.text === '' }}",
                    "onClick": "{{ 1 }}",
                }
            ],
        },
    )
    assert page.widget("G").text == "Hi Ada"
    page.post("N", "")
    assert "disabled" in page.widget("G").find("button")


def test_no_word_breaks_out(tmp_path: Path) -> None:
    """40 payloads as labels, icons and colours of buttons and items: words, never elements."""

    def tags(word: str, folder: Path) -> list[str]:
        said = f"{{{{ {word!r} }}}}"
        item = {"id": "i", "label": said, "iconName": said, "textColor": said}
        buttons = [
            {"id": "b", "label": said, "iconName": said, "buttonColor": said},
            {"id": "m", "label": "M", "buttonType": "MENU", "menuItems": [item]},
        ]
        page = Running(folder, {"name": "G", "type": "ButtonGroup", "groupButtons": buttons})
        return sorted(element.tag for element in page.widget("G").all)

    usual = tags("a", tmp_path / "usual")
    for number, payload in enumerate(
        payload for payload in PAYLOADS if "{{" not in payload and "\\" not in repr(payload)
    ):
        assert tags(payload, tmp_path / str(number)) == usual


MORE = "#m\\.Views\\:more > summary"


def test_a_menu_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """It opens, closes by Escape and by a click elsewhere, is steered by arrow keys, and posts its event."""
    page = show(stage, open_page(), group(tmp_path).view)
    menu = page.locator("#m\\.Views\\:more")
    page.click(MORE)
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(page.locator(MORE)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Export")).to_be_focused()
    page.keyboard.press("Enter")
    until(lambda: stage.posts, page)
    assert (stage.posts[-1]["widget"], stage.posts[-1]["event"]) == (
        "Views",
        "groupButtons.more.menuItems.csv.onClick",
    )
    expect(menu).not_to_have_attribute("open", "")
    page.click(MORE)
    page.click("h1, main", position={"x": 5, "y": 5}, force=True)
    expect(menu).not_to_have_attribute("open", "")


def test_a_menu_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """The browser opens it by itself, and its items are buttons of a form."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(group(tmp_path).view))
    page.click(MORE)
    page.get_by_role("button", name="Export").click()
    assert stage.forms[-1]["portico.event"] == "Views groupButtons.more.menuItems.csv.onClick"


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, in each variant, with its menu open."""
    variants = ("PRIMARY", "SECONDARY", "TERTIARY")
    groups: list[Mapping[str, Any]] = [
        {"name": f"G{at}", "type": "ButtonGroup", "groupButtons": BUTTONS, "buttonVariant": variant}
        for at, variant in enumerate(variants)
    ]
    tall = {"name": "Tall", "type": "ButtonGroup", "groupButtons": BUTTONS, "orientation": "vertical"}
    look(stage, open_page, tmp_path, [*groups, tall], scheme, width, "#m\\.G1\\:more > summary")
