"""Checkbox: what it says when it is not ticked, above all."""

from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets import form as form_module
from portico.ui.widgets.checkbox import TYPE, parse
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.payloads import PAYLOADS
from tests.ui.script import run
from tests.ui.sites import Tree, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

BOX = "#c\\.Agree"
CLICK = frozenset({"onClick"})


def value(code: str, missing: tuple[str, ...] = (), **props: Any) -> Any:
    """What `code` gives over a Checkbox with these properties."""
    return run(TYPE, props, code, missing=missing)


def checkbox(name: str = "Agree", **props: Any) -> Tree:
    """A Checkbox as a page shows it: what is derived is what the script says."""
    given = {name: prop for name, prop in props.items() if name not in ("events", "live")}
    derived = {name: run(TYPE, given, f"self.{name}") for name in TYPE.derived}
    return widget("Checkbox", name, **{**derived, **props})


def rendered(**props: Any) -> Element:
    """The rendered widget."""
    return html(render_widget(view_of(checkbox(**props)), "Agree"))


def control(**props: Any) -> Element:
    """The rendered control."""
    return rendered(**props).find("input", type="checkbox")


@pytest.mark.parametrize(
    ("props", "checked"),
    [
        ({}, False),
        ({"defaultCheckedState": True}, True),
        ({"defaultCheckedState": True, "checked": False}, False),
        ({"defaultCheckedState": False, "checked": True}, True),
        ({"defaultCheckedState": None}, False),
        ({"defaultCheckedState": "false"}, False),
        ({"defaultCheckedState": "true"}, True),
        ({"defaultCheckedState": 1}, True),
        ({"defaultCheckedState": 0}, False),
        ({"defaultCheckedState": ""}, False),
    ],
)
def test_it_is_what_the_user_said_else_the_default(props: dict[str, Any], checked: bool) -> None:
    """`isChecked` and `value` are always booleans."""
    assert value("[self.isChecked, self.value]", **props) == [checked, checked]


def test_a_default_that_fails_does_not_tick() -> None:
    """Nobody agrees to anything because a binding broke."""
    assert value("self.isChecked", ("defaultCheckedState",)) is False


def test_being_required() -> None:
    """Required means ticked."""
    code = "[self.isValid, self.message]"
    assert value(code, isRequired=True) == [False, "Please tick this box."]
    assert value(code, isRequired=True, checked=True) == [True, ""]
    assert value(code) == [True, ""]


def test_methods_tick_and_switch() -> None:
    """`setValue` makes a boolean of what it gets."""
    assert value("(self.setValue(true), self.isChecked)") is True
    assert value("(self.setValue(null), self.isChecked)", defaultCheckedState=True) is False
    assert value("(self.setDisabled(1), self.setVisibility(0), [self.isDisabled, self.isVisible])") == [
        True,
        False,
    ]
    assert value("(self.setRequired(true), self.isValid)") is False


@pytest.mark.parametrize(
    ("posted", "parsed"), [(True, True), (False, False), ("true", True), ("false", False)]
)
def test_parse_takes_booleans(posted: object, parsed: bool) -> None:
    """Scripts post booleans, forms their names."""
    assert parse(posted, {}) is parsed


@pytest.mark.parametrize("posted", [None, "", "on", "TRUE", 1, 0, [], {"a": True}])
def test_parse_refuses_anything_else(posted: object) -> None:
    """What is neither changes nothing."""
    with pytest.raises(ValueError, match="neither"):
        parse(posted, {})


def test_a_form_sees_it() -> None:
    """The form's data, changes and validity have it in them, ticked or not."""
    code = "[self.data, self.hasChanges, self.isValid]"
    inside = [(TYPE, "Agree", {"checked": True, "isDirty": True, "isRequired": True})]
    assert run(form_module.TYPE, {}, code, inside=inside) == [{"Agree": True}, True, True]
    inside = [(TYPE, "Agree", {"isRequired": True})]
    assert run(form_module.TYPE, {}, code, inside=inside) == [{"Agree": False}, False, False]


def test_the_control_is_native() -> None:
    """One checkbox with a label, a hint and a message."""
    tree = rendered(label="I agree", tooltip="To all of it", isRequired=True, defaultCheckedState=True)
    found = tree.find("input", type="checkbox")
    assert (found["id"], found["name"], found["value"], found["form"]) == (
        "c.Agree",
        "v.Agree",
        "true",
        "portico",
    )
    assert ("checked" in found, "required" in found, "disabled" in found) == (True, True, False)
    assert tree.find("label")["for"] == "c.Agree"
    assert found["aria-describedby"].split() == ["h.Agree", "e.Agree"]
    assert "style" not in {name for element in tree.all for name in element.attributes}
    assert "checked" not in control()


def test_a_box_that_is_not_ticked_is_posted_too() -> None:
    """The hidden input before it says so, with the same name, in the same form, disabled if it is."""
    for disabled in (True, False):
        hidden, box = rendered(isDisabled=disabled).matching("input")
        assert (hidden["type"], hidden["value"], box["type"]) == ("hidden", "false", "checkbox")
        assert (hidden["name"], hidden["form"]) == (box["name"], box["form"])
        assert ("disabled" in hidden, "disabled" in box) == (disabled, disabled)
    inside = html(render_widget(view_of(widget("Form", "F", checkbox())), "F"))
    assert ["form" in found for found in inside.matching("input", name="v.Agree")] == [False, False]


def test_without_a_label_there_still_is_a_name() -> None:
    """A Checkbox whose label is empty is named for screen readers."""
    assert control(label="")["aria-label"] == "Agree"
    assert list(rendered(label="").matching("label")) == []
    assert "aria-label" not in control()


def test_a_message_is_shown_once_it_was_touched() -> None:
    """An untouched box does not complain; a touched one does."""
    calm = rendered(isRequired=True)
    assert (calm.find(id="e.Agree").text, "aria-invalid" in control(isRequired=True)) == ("", False)
    told = rendered(isRequired=True, isDirty=True)
    assert told.find(id="e.Agree").text == "Please tick this box."
    assert control(isRequired=True, isDirty=True)["aria-invalid"] == "true"


@pytest.mark.parametrize(
    ("props", "classes"),
    [
        ({}, {"stands-left", "words-right"}),
        ({"alignWidget": "RIGHT", "labelPosition": "Left"}, {"stands-right", "words-left"}),
        ({"alignWidget": None, "labelPosition": 5}, {"stands-left", "words-right"}),
    ],
)
def test_places_are_classes(props: dict[str, Any], classes: set[str]) -> None:
    """Where it stands and where its words stand; a place that does not exist is the usual one."""
    assert classes <= set(rendered(**props).find("div", id="w.Agree")["class"].split())


def test_a_change_is_posted_if_it_means_something() -> None:
    """A tick is told at once if an action hangs on it or a binding reads it."""
    assert "data-live" not in control()
    assert control(live=True)["data-live"] == "value"
    assert control(events=frozenset({"onCheckChange"}))["data-live"] == "event"


def test_no_word_breaks_out() -> None:
    """40 payloads as label and hint stay words."""
    tags = [element.tag for element in rendered(label="x", tooltip="y").all]
    for payload in PAYLOADS:
        tree = rendered(label=payload, tooltip=payload)
        assert [element.tag for element in tree.all] == tags
        assert tree.find("label").text == " ".join(payload.split())


# In a browser


def in_form(**props: Any) -> Tree:
    """A form with a Checkbox and a button."""
    return widget("Form", "F", checkbox(**props), widget("Button", "Send", text="Send", events=CLICK))


def test_a_tick_is_posted(stage: Stage, open_page: OpenPage) -> None:
    """By keyboard or on its words: true and false are told at once, and travel with every event."""
    page = open_page()
    page.goto(stage.show(view_of(in_form(label="I agree", live=True))))
    alive(page)
    page.focus(BOX)
    page.keyboard.press("Space")
    until(lambda: len(stage.posts) == 1, page)
    page.click("text=I agree")
    until(lambda: len(stage.posts) == 2, page)
    page.click("#c\\.Send")
    until(lambda: len(stage.posts) == 3, page)
    assert [(post["event"], post["values"]) for post in stage.posts] == [
        ("change", {"Agree": True}),
        ("change", {"Agree": False}),
        ("onClick", {"Agree": False}),
    ]


def test_only_values_change_it(stage: Stage, open_page: OpenPage) -> None:
    """New HTML leaves the tick as the user set it; `values` do not."""
    page = open_page()
    page.goto(stage.show(view_of(in_form(label="Before"))))
    alive(page)
    page.check(BOX)
    fresh = render_widget(view_of(in_form(label="After")), "F")
    stage.answer({"html": {"F": fresh}})
    page.click("#c\\.Send")
    expect(page.locator("label")).to_have_text("After")
    expect(page.locator(BOX)).to_be_checked()
    stage.answer({"html": {"F": fresh}, "values": {"Agree": False}})
    page.click("#c\\.Send")
    expect(page.locator(BOX)).not_to_be_checked()
    stage.answer({"values": {"Agree": True}, "focus": "Agree"})
    page.click("#c\\.Send")
    expect(page.locator(BOX)).to_be_checked()
    expect(page.locator(BOX)).to_be_focused()


def test_a_required_tick_is_asked_for(stage: Stage, open_page: OpenPage) -> None:
    """A button that waits for a valid form waits for the tick."""
    button = widget("Button", "Send", text="Send", events=CLICK, disabledWhenInvalid=True)
    page = open_page()
    page.goto(stage.show(view_of(widget("Form", "F", checkbox(isRequired=True), button))))
    alive(page)
    expect(page.locator("#c\\.Send")).to_be_disabled()
    page.check(BOX)
    expect(page.locator("#c\\.Send")).to_be_enabled()
    page.uncheck(BOX)
    expect(page.locator("#e\\.Agree")).to_have_text("Please tick this box.")
    expect(page.locator("#c\\.Send")).to_be_disabled()


@pytest.mark.parametrize("ticked", [True, False])
def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, ticked: bool) -> None:
    """A form posts what it is: ticked or not, the last field of its name says so."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(view_of(in_form(defaultCheckedState=not ticked))))
    page.set_checked(BOX, ticked)
    page.click("#c\\.Send")
    assert stage.forms == [{"v.Agree": str(ticked).lower(), "portico.event": "Send onClick"}]


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, whatever state it is in."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        widget("Text", "T", text="Terms", fontSize="1.5rem", fontStyle="BOLD"),
        checkbox("A", label="I agree " * 30, tooltip="To all of it"),
        checkbox("B", label="Wrong", isRequired=True, isDirty=True),
        checkbox("C", label="", defaultCheckedState=True),
        checkbox("D", label="Disabled", isDisabled=True, alignWidget="RIGHT", labelPosition="Left"),
    )
    page.goto(stage.show(view))
    alive(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
