"""IconButton: an icon, a name, and the event of a click."""

from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets.icon_button import TYPE
from portico.ui.widgets.icons import ICONS, NEUTRAL, Icon, find, picture
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.script import run
from tests.ui.sites import at, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

CLICK = frozenset({"onClick"})


def rendered(in_form: bool = False, **props: Any) -> Element:
    """The rendered widget."""
    tree = widget("IconButton", "ClearAll", **props)
    return parse(render_widget(view_of(widget("Form", "F", tree) if in_form else tree), "ClearAll"))


def button(in_form: bool = False, **props: Any) -> Element:
    """The rendered button."""
    return rendered(in_form, **props).find("button")


def test_a_click_posts_its_event() -> None:
    """Inside a form with it, elsewhere with the page's own; without action there is nothing to post."""
    found = button(in_form=True, events=CLICK)
    assert (found["type"], found["name"], found["value"]) == ("submit", "portico.event", "ClearAll onClick")
    assert ("form" in found, "formnovalidate" in found) == (False, True)
    assert button(events=CLICK)["form"] == "portico"
    assert (button()["type"], "name" in button()) == ("button", False)


@pytest.mark.parametrize(
    ("props", "name"),
    [
        ({"iconName": "trash", "tooltip": "Delete this row"}, "Delete this row"),
        ({"iconName": "trash"}, "Delete"),
        ({"iconName": " Trash "}, "Delete"),
        ({"iconName": "unheard-of"}, "Clear all"),
        ({"iconName": None}, "Clear all"),
        ({"iconName": {"a": 1}}, "Clear all"),
        ({}, "Add"),
    ],
)
def test_it_always_has_a_name(props: dict[str, Any], name: str) -> None:
    """The tooltip, else what the icon means, else the widget's own name."""
    found = button(**props)
    assert found["aria-label"] == name
    assert found.find("svg")["aria-hidden"] == "true"


def test_an_unknown_icon_is_a_neutral_one() -> None:
    """A name that is not listed still gives a button to press."""
    assert button(iconName="unheard-of").find("path")["d"] == NEUTRAL
    assert button(iconName="edit").find("path")["d"] == ICONS["edit"][1]


def test_icons_are_lines_of_their_own() -> None:
    """Every icon has a meaning in words and lines that no other icon has."""
    assert all(
        meaning and set(lines) <= set("MmLlHhVvAaQqTtZz0123456789.- ") for meaning, lines in ICONS.values()
    )
    assert len({lines for _, lines in ICONS.values()} | {NEUTRAL}) == len(ICONS) + 1


def test_looks_are_classes_and_data() -> None:
    """Variant and colour as those of a Button; nothing is a style."""
    found = button(buttonVariant="SECONDARY", buttonColor="#dc2626", isDisabled=True)
    assert {"secondary", "fill-red"} <= set(found["class"].split())
    assert (found["data-fill"], "disabled" in found, "style" in found) == ("#dc2626", True, False)
    assert "primary" in button(buttonVariant="OTHER")["class"].split()


def test_the_tip_is_for_the_eyes() -> None:
    """The tip repeats the name, so it is not read twice."""
    (tip,) = rendered(tooltip="Delete this row").matching("span")
    assert (tip.text, tip["aria-hidden"]) == ("Delete this row", "true")
    assert list(rendered().matching("span")) == []


def test_methods_switch() -> None:
    """It can be disabled and hidden."""
    code = "(self.setDisabled(1), self.setVisibility(0), [self.isDisabled, self.isVisible])"
    assert run(TYPE, {}, code) == [True, False]


def test_no_word_breaks_out() -> None:
    """40 payloads as icon, tooltip and colour: no new element or attribute."""
    expected = [(element.tag, set(element.attributes)) for element in rendered(tooltip="x").all]
    for payload in PAYLOADS:
        tree = rendered(iconName=payload, tooltip=payload, buttonColor=payload, buttonVariant=payload)
        assert [(element.tag, set(element.attributes)) for element in tree.all] == expected
        assert tree.find("button")["aria-label"] == payload


def test_a_click_in_a_browser(stage: Stage, open_page: OpenPage) -> None:
    """By mouse or keyboard; while it works it says so."""
    page = open_page()
    view = view_of(widget("IconButton", "Go", iconName="refresh", tooltip="Load again", events=CLICK))
    page.goto(stage.show(view))
    alive(page)
    stage.answer("wait", {})
    found = page.get_by_role("button", name="Load again", exact=True)
    found.focus()
    page.keyboard.press("Enter")
    expect(found).to_have_attribute("aria-busy", "true")
    stage.gate.set()
    expect(found).not_to_have_attribute("aria-busy", "true")
    found.click()
    until(lambda: len(stage.posts) == 2, page)
    assert [(post["widget"], post["event"]) for post in stage.posts] == [("Go", "onClick")] * 2


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """A click posts the form that it stands in."""
    page = open_page(java_script_enabled=False)
    inside = (widget("Input", "Word", text="x"), widget("IconButton", "Go", events=CLICK))
    page.goto(stage.show(view_of(widget("Form", "F", *inside))))
    page.click("#c\\.Go")
    assert stage.forms == [{"v.Word": "x", "portico.event": "Go onClick"}]


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, at the right edge and with its tip shown too."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    icons = [
        widget("IconButton", f"I{number}", iconName=name, buttonVariant=variant, tooltip=f"Tip {number}")
        for number, (name, variant) in enumerate(
            (name, variant)
            for name in ("edit", "trash", "other")
            for variant in ("PRIMARY", "SECONDARY", "TERTIARY")
        )
    ]
    page.goto(
        stage.show(
            view_of(
                widget("Text", "T", text="Tools", fontSize="1.5rem", fontStyle="BOLD"),
                *icons,
                widget("IconButton", "Off", isDisabled=True, iconName="lock"),
                widget("IconButton", "Red", buttonColor="#dc2626"),
            )
        )
    )
    alive(page)
    box = page.locator("#c\\.I0").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (44, 44)
    page.hover("#c\\.I2")
    expect(page.locator("#w\\.I2 .tip")).to_be_visible()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    edge = widget(
        "IconButton", "E", tooltip="A rather long tip at the right edge of the page", position=at(60, 0, 4, 5)
    )
    page.goto(stage.show(view_of(edge)))
    alive(page)
    page.hover("#c\\.E")
    expect(page.locator("#w\\.E .tip")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_icons_of_blueprint_are_there_by_their_names() -> None:
    """Hundreds more than ours, as surfaces; without a tooltip their names are read."""
    found = button(iconName="cloud-upload")
    assert (found["aria-label"], "solid" in found.find("svg")["class"].split()) == ("Cloud upload", True)
    assert found.find("path")["d"].startswith("M")
    names = ("add", "delete", "key", "person", "more", "more-vertical", "small-cross", "dashboard", "log-in")
    assert [name for name in names if find(name) is None] == ["more-vertical"]
    # Ours come first, as buttons are made for their weight.
    assert (find("trash"), find(" Trash ")) == (Icon("Delete", (ICONS["trash"][1],)),) * 2
    nothing: tuple[object, ...] = (None, "", [], {"a": 1}, 5, "x" * 100_000)
    assert {find(odd) for odd in nothing} == {None}


def test_pictures_cannot_be_broken_out_of() -> None:
    """Classes and paths are escaped."""
    assert str(picture(Icon("", ('"><b>',)), '"><i>')).count("<") == 3
    assert picture(None) == picture("") == ""
