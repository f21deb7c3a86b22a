"""CheckboxGroup: its options, what may be chosen, all at once, and the native boxes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.widgets.checkbox_group import parse
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

DAYS = [
    {"label": "Monday", "value": "mo"},
    {"label": "Tuesday", "value": "tu"},
    {"label": "Never", "value": 0},
]


def group(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one CheckboxGroup."""
    return Running(folder, {"name": "Days", "type": "CheckboxGroup", "options": DAYS, **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Days", name) for name in names]


@pytest.mark.parametrize(
    ("props", "values"),
    [
        ({}, []),
        ({"defaultSelectedValues": ["tu", "mo"]}, ["mo", "tu"]),
        ({"defaultSelectedValues": "mo, 0"}, ["mo", 0]),
        ({"defaultSelectedValues": '["tu"]'}, ["tu"]),
        ({"defaultSelectedValues": "{{ 0 }}"}, [0]),
        ({"defaultSelectedValues": ["we", None, {"value": "mo"}]}, ["mo"]),
        ({"options": ["a", "b"], "defaultSelectedValues": ["b"]}, ["b"]),
        ({"options": "{{ null }}", "defaultSelectedValues": ["b"]}, []),
    ],
)
def test_what_is_chosen_at_first(props: dict[str, Any], values: list[object], tmp_path: Path) -> None:
    """`selectedValues` are those of `defaultSelectedValues` that are offered, in the order of the options."""
    assert says(group(tmp_path, **props), "selectedValues", "value") == [values, values]


def test_options_are_chosen(tmp_path: Path) -> None:
    """What is posted is chosen, tells `onSelectionChange`, and a reset takes it back."""
    page = group(
        tmp_path,
        does("Reset", "resetWidget('Days')"),
        text_of("Seen", "[Days.options.length, Days.isDirty]"),
        defaultSelectedValues=["mo"],
        onSelectionChange="{{ showAlert(Days.selectedValues.join('+')) }}",
    )
    assert page.post("Days", ["0", "tu"])
    assert (page.said, page.widget("Seen").text) == (["tu+0"], "[3,true]")
    assert not page.post("Days", ["tu", "0"])
    assert page.post("Days", [])
    page.press("Reset")
    assert says(page, "selectedValues", "isDirty") == [["mo"], False]


@pytest.mark.parametrize("posted", [["we"], "mo", None, [0], {"mo": True}])
def test_parse_refuses_what_is_not_offered(posted: object) -> None:
    """Only lists of values of options that are offered now are accepted from a post."""
    with pytest.raises(ValueError, match=r"offered|list"):
        parse(posted, {"options": DAYS})
    assert parse(["0"], {"options": DAYS}) == [0]


def test_all_can_be_chosen_at_once(tmp_path: Path) -> None:
    """`isSelectAll` is a button, with and without scripts; where there is none nothing is chosen."""
    page = group(
        tmp_path / "a", isSelectAll=True, onSelectionChange="{{ showAlert(`${Days.value.length}`) }}"
    )
    button = page.widget("Days").find("button")
    assert (button.text, button["value"]) == ("Select all", "Days chooseAll true")
    assert page.press("Days", "chooseAll", "true")
    assert (page.said, says(page, "selectedValues", "isDirty")) == (["3"], [["mo", "tu", 0], True])
    assert page.widget("Days").find("button").text == "Select none"
    other = group(tmp_path / "b")
    other.press("Days", "chooseAll", "true")
    assert (other.said, says(other, "selectedValues")) == (["There is no such button."], [[]])


def test_being_required(tmp_path: Path) -> None:
    """Nothing chosen is invalid where something has to be, and is said once it was touched."""
    page = group(tmp_path, isRequired=True, defaultSelectedValues="mo")
    assert says(page, "isValid", "message") == [True, ""]
    page.post("Days", [])
    assert says(page, "isValid", "message") == [False, "Please choose at least one."]
    assert page.widget("Days").find(id="e.Days").text == "Please choose at least one."
    assert all(box["aria-invalid"] == "true" for box in page.widget("Days").matching(type="checkbox"))


def test_methods_choose_and_switch(tmp_path: Path) -> None:
    """setSelectedOptions, setData, setRequired, setDisabled and setVisibility."""
    page = group(
        tmp_path,
        does("Two", "Days.setSelectedOptions(['tu', 'mo'])"),
        does("Other", "Days.setData(['a', 'b']); Days.setSelectedOptions(['b'])"),
        does("None", "Days.setSelectedOptions(null); Days.setRequired(true)"),
        does("Off", "Days.setDisabled(true)"),
        does("Gone", "Days.setVisibility(false)"),
    )
    for button, chosen in (("Two", ["mo", "tu"]), ("Other", ["b"]), ("None", [])):
        page.press(button)
        assert says(page, "selectedValues") == [chosen]
    assert says(page, "isValid") == [False]
    page.press("Off")
    assert all("disabled" in one for one in page.widget("Days").matching("input"))
    page.press("Gone")
    assert says(page, "isVisible") == [False]


def test_boxes_are_native(tmp_path: Path) -> None:
    """A named group of boxes with labels, hint and message; a hidden input stands for none of them."""
    tree = group(tmp_path, label="Days", tooltip="Of the week", defaultSelectedValues=["tu"]).widget("Days")
    found = tree.find(role="group")
    assert (found["id"], found["aria-labelledby"], found["aria-describedby"]) == (
        "c.Days",
        "l.Days",
        "h.Days e.Days",
    )
    boxes = list(tree.matching(type="checkbox"))
    assert [(box["name"], box["value"], "checked" in box) for box in boxes] == [
        ("m.Days", "mo", False),
        ("m.Days", "tu", True),
        ("m.Days", "0", False),
    ]
    assert [one["for"] for one in tree.matching("label")] == [box["id"] for box in boxes]
    assert (tree.find(type="hidden")["name"], tree.find(type="hidden")["value"]) == ("m.Days", "")


def test_places_are_classes(tmp_path: Path) -> None:
    """`isInline` and `labelPosition`; without a label there still is a name."""
    tree = group(tmp_path, label="", labelPosition="Left", isInline=False).widget("Days")
    found = tree.find(role="group")
    assert ("inline" in found["class"].split(), found["aria-label"]) == (False, "Days")
    assert "label-left" in tree["class"].split()


def test_no_option_breaks_out(tmp_path: Path) -> None:
    """39 payloads as labels and values: words and attributes, never elements."""
    words = [payload for payload in PAYLOADS if "{{" not in payload]
    options = [{"label": word, "value": word} for word in words]
    tree = Running(tmp_path, {"name": "Days", "type": "CheckboxGroup", "options": options}).widget("Days")
    boxes = list(tree.matching(type="checkbox"))
    assert [box["value"] for box in boxes] == words
    assert {name for box in boxes for name in box.attributes} == {
        "id",
        "class",
        "type",
        "name",
        "value",
        "form",
    }


def test_they_are_ticked_in_a_browser(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """The list travels with the change; `values` of an answer are shown; one that is missing is asked for."""
    page = show(stage, open_page(), group(tmp_path, onSelectionChange="{{ 1 }}", isRequired=True).view)
    stage.answer({"values": {"Days": [0]}})
    page.get_by_role("checkbox", name="Tuesday").focus()
    page.keyboard.press("Space")
    until(lambda: stage.posts and stage.posts[-1]["values"] == {"Days": ["tu"]}, page)
    expect(page.get_by_role("checkbox", name="Never")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Tuesday")).not_to_be_checked()
    page.get_by_role("checkbox", name="Never").uncheck()
    expect(page.locator("#e\\.Days")).to_have_text("Please choose at least one.")


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A form posts all boxes that are ticked, the hidden input first."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(group(tmp_path, does("Send", "1")).view))
    page.get_by_role("checkbox", name="Tuesday").check()
    page.click("#c\\.Send")
    assert stage.forms[-1]["m.Days"] == "tu"


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    widgets: list[Mapping[str, Any]] = [
        {"name": "A", "type": "CheckboxGroup", "options": DAYS, "tooltip": "Some", "isSelectAll": True},
        {"name": "B", "type": "CheckboxGroup", "options": DAYS, "isInline": False, "labelPosition": "Left"},
        {
            "name": "C",
            "type": "CheckboxGroup",
            "label": "",
            "isDisabled": True,
            "options": DAYS,
            "defaultSelectedValues": "mo",
        },
    ]
    look(stage, open_page, tmp_path, widgets, scheme, width)
