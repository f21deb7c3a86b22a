"""RadioGroup: its options, what may be chosen, and the native radio buttons."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.select import parse
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

SIZES = [{"label": "Small", "value": "S"}, {"label": "Large", "value": "L"}, {"label": "None", "value": 0}]


def group(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one RadioGroup."""
    return Running(folder, {"name": "Size", "type": "RadioGroup", "options": SIZES, **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Size", name) for name in names]


@pytest.mark.parametrize(
    ("props", "value", "label"),
    [
        ({}, "", ""),
        ({"defaultOptionValue": "L"}, "L", "Large"),
        ({"defaultOptionValue": "{{ 0 }}"}, 0, "None"),
        ({"defaultOptionValue": "0"}, 0, "None"),
        ({"defaultOptionValue": "XL"}, "", ""),
        ({"options": ["a", 2], "defaultOptionValue": 2}, 2, "2"),
        ({"options": '[{"label": "A", "value": "a"}]', "defaultOptionValue": "a"}, "a", "A"),
        ({"options": "{{ null }}", "defaultOptionValue": "a"}, "", ""),
    ],
)
def test_what_is_chosen_at_first(props: dict[str, Any], value: object, label: str, tmp_path: Path) -> None:
    """selectedOptionValue and selectedOptionLabel of what `defaultOptionValue` names among the options."""
    page = group(tmp_path, **props)
    assert says(page, "selectedOptionValue", "selectedOptionLabel", "value") == [value, label, value]


def test_an_option_is_chosen(tmp_path: Path) -> None:
    """What is posted is chosen, tells `onSelectionChange`, and a reset takes it back."""
    page = group(
        tmp_path,
        does("Reset", "resetWidget('Size')"),
        text_of("Seen", "[Size.selectedOption, Size.options.length, Size.isDirty]"),
        defaultOptionValue="S",
        onSelectionChange="{{ showAlert(Size.selectedOptionLabel) }}",
    )
    assert page.post("Size", "0")
    assert (page.said, says(page, "selectedOptionValue")) == (["None"], [0])
    assert page.widget("Seen").text == '[{"label":"None","value":0},3,true]'
    assert not page.post("Size", "0")
    page.press("Reset")
    assert says(page, "selectedOptionValue", "isDirty") == ["S", False]


@pytest.mark.parametrize("posted", ["XL", "Small", None, ["S"], True])
def test_parse_refuses_what_is_not_offered(posted: object) -> None:
    """Only values of options that are offered now are accepted from a post."""
    with pytest.raises(ValueError, match=r"option|offered"):
        parse(posted, {"options": SIZES})


def test_being_required(tmp_path: Path) -> None:
    """Nothing chosen is invalid where something has to be; 0 is something."""
    page = group(tmp_path, isRequired=True)
    assert says(page, "isValid", "message") == [False, "Please choose one."]
    assert "hidden" in page.widget("Size").find(id="e.Size")
    page.post("Size", "0")
    assert says(page, "isValid", "message") == [True, ""]


def test_methods_choose_and_switch(tmp_path: Path) -> None:
    """setSelectedOption, setData, setRequired, setDisabled and setVisibility."""
    page = group(
        tmp_path,
        does("Large", "Size.setSelectedOption('L')"),
        does("Other", "Size.setData(['a', 'b']); Size.setSelectedOption({label: 'b', value: 'b'})"),
        does("None", "Size.setSelectedOption(null); Size.setRequired(true)"),
        does("Off", "Size.setDisabled(true)"),
        does("Gone", "Size.setVisibility(false)"),
    )
    for button, chosen in (("Large", "L"), ("Other", "b"), ("None", "")):
        page.press(button)
        assert says(page, "selectedOptionValue") == [chosen]
    assert says(page, "isValid") == [False]
    page.press("Off")
    assert all("disabled" in one for one in page.widget("Size").matching(type="radio"))
    page.press("Gone")
    assert says(page, "isVisible") == [False]


def test_buttons_are_native(tmp_path: Path) -> None:
    """A named group of radio buttons with labels, hint and message, of which one is checked."""
    tree = group(
        tmp_path, label="Size", tooltip="Of the shirt", defaultOptionValue="L", isRequired=True
    ).widget("Size")
    found = tree.find(role="radiogroup")
    assert (found["id"], found["aria-labelledby"], found["aria-describedby"]) == (
        "c.Size",
        "l.Size",
        "h.Size e.Size",
    )
    assert found["aria-required"] == "true"
    radios = list(tree.matching(type="radio"))
    assert [(one["name"], one["value"], "checked" in one, "required" in one) for one in radios] == [
        ("v.Size", "S", False, True),
        ("v.Size", "L", True, True),
        ("v.Size", "0", False, True),
    ]
    assert [one["for"] for one in tree.matching("label")] == [one["id"] for one in radios]


def test_places_are_classes(tmp_path: Path) -> None:
    """`isInline` and `labelPosition`; without a label there still is a name."""
    tree = group(tmp_path / "a", label="", labelPosition="Left").widget("Size")
    found = tree.find(role="radiogroup")
    assert ("inline" in found["class"].split(), found["aria-label"]) == (True, "Size")
    assert "label-left" in tree["class"].split()
    below = group(tmp_path / "b", isInline=False).widget("Size").find(role="radiogroup")
    assert "inline" not in below["class"].split()


def test_no_option_breaks_out(tmp_path: Path) -> None:
    """39 payloads as labels and values: words and attributes, never elements."""
    words = [payload for payload in PAYLOADS if "{{" not in payload]
    options = [{"label": word, "value": word} for word in words]
    tree = Running(tmp_path, {"name": "Size", "type": "RadioGroup", "options": options}).widget("Size")
    radios = list(tree.matching(type="radio"))
    assert [one["value"] for one in radios] == words
    assert {name for one in radios for name in one.attributes} == {
        "id",
        "class",
        "type",
        "name",
        "value",
        "form",
    }


def test_it_is_chosen_by_keyboard(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """Arrow keys choose; the change is posted, and `values` of an answer are shown."""
    page = show(stage, open_page(), group(tmp_path, onSelectionChange="{{ 1 }}", defaultOptionValue="S").view)
    stage.answer({"values": {"Size": 0}})
    page.get_by_role("radio", name="Small").focus()
    page.keyboard.press("ArrowDown")
    until(lambda: stage.posts and stage.posts[-1]["values"] == {"Size": "L"}, page)
    expect(page.get_by_role("radio", name="None")).to_be_checked()


def test_a_required_choice_is_asked_for(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A button that waits for a valid form waits for the choice."""
    size = {"name": "Size", "type": "RadioGroup", "options": SIZES, "isRequired": True}
    send = {"name": "Send", "type": "Button", "disabledWhenInvalid": True, "onClick": "{{ 1 }}"}
    page = show(
        stage, open_page(), Running(tmp_path, {"name": "F", "type": "Form", "widgets": [size, send]}).view
    )
    expect(page.locator("#c\\.Send")).to_be_disabled()
    page.get_by_role("radio", name="Large").check()
    expect(page.locator("#c\\.Send")).to_be_enabled()


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A form posts the one that is checked."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(group(tmp_path, does("Send", "1")).view))
    page.get_by_role("radio", name="Large").check()
    page.click("#c\\.Send")
    assert stage.forms[-1]["v.Size"] == "L"


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    long = [{"label": "A very long word " * 10, "value": 1}]
    widgets: list[Mapping[str, Any]] = [
        {"name": "A", "type": "RadioGroup", "options": SIZES, "tooltip": "One", "isRequired": True},
        {"name": "B", "type": "RadioGroup", "options": long, "isInline": False, "labelPosition": "Left"},
        {
            "name": "C",
            "type": "RadioGroup",
            "label": "",
            "isDisabled": True,
            "options": SIZES,
            "defaultOptionValue": "S",
        },
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width)
