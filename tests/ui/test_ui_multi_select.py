"""MultiSelect: its options, what may be chosen, searching, and the boxes behind the button."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets.multi_select import parse
from portico.ui.widgets.select import parse_filter
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until

PETS = [{"label": "Cat", "value": 1}, {"label": "Dog", "value": 2}, {"label": "Eel", "value": "e e"}]


def picker(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one MultiSelect."""
    return Running(folder, {"name": "Pets", "type": "MultiSelect", "sourceData": PETS, **props}, *more)


def says(page: Running, *names: str) -> list[Any]:
    """These properties of it."""
    return [page.value("Pets", name) for name in names]


@pytest.mark.parametrize(
    ("props", "values", "labels"),
    [
        ({}, [], []),
        ({"defaultOptionValue": [2, 1]}, [1, 2], ["Cat", "Dog"]),
        ({"defaultOptionValue": ["1", "e e"]}, [1, "e e"], ["Cat", "Eel"]),
        ({"defaultOptionValue": [{"label": "Dog", "value": 2}]}, [2], ["Dog"]),
        ({"defaultOptionValue": "1, 2"}, [1, 2], ["Cat", "Dog"]),
        ({"defaultOptionValue": "[2]"}, [2], ["Dog"]),
        ({"defaultOptionValue": "{{ 2 }}"}, [2], ["Dog"]),
        ({"defaultOptionValue": [9, None, {}, [1]]}, [], []),
        ({"defaultOptionValue": "{{ null }}"}, [], []),
        ({"sourceData": ["a", "b"], "defaultOptionValue": ["b"]}, ["b"], ["b"]),
        (
            {
                "sourceData": [{"n": "A", "k": 5}],
                "optionLabel": "n",
                "optionValue": "k",
                "defaultOptionValue": [5],
            },
            [5],
            ["A"],
        ),
    ],
)
def test_what_is_chosen_at_first(
    props: dict[str, Any], values: list[object], labels: list[str], tmp_path: Path
) -> None:
    """selectedOptionValues and selectedOptionLabels of what `defaultOptionValue` names, in the order of the
    options and of the types of the data; what is not offered is not chosen."""
    page = picker(tmp_path, **props)
    assert says(page, "selectedOptionValues", "selectedOptionLabels", "value") == [values, labels, values]


def test_options_are_chosen(tmp_path: Path) -> None:
    """What is posted is chosen, tells `onOptionChange`, and a reset takes it back; the same is no change."""
    page = picker(
        tmp_path,
        does("Reset", "resetWidget('Pets')"),
        text_of("Seen", "[Pets.selectedOptions, Pets.options.length, Pets.isDirty]"),
        defaultOptionValue=[1],
        onOptionChange="{{ showAlert(Pets.selectedOptionLabels.join('+')) }}",
    )
    assert page.post("Pets", ["e e", "2"])
    assert page.said == ["Dog+Eel"]
    assert json.loads(page.widget("Seen").text) == [PETS[1:], 3, True]
    assert not page.post("Pets", ["2", "e e"])
    assert page.post("Pets", [])
    assert says(page, "selectedOptionValues") == [[]]
    page.press("Reset")
    assert says(page, "selectedOptionValues", "isDirty") == [[1], False]


@pytest.mark.parametrize("posted", [["3"], ["Cat"], "1", None, [1], [["1"]], {"1": True}, ["1", "9"]])
def test_parse_refuses_what_is_not_offered(posted: object) -> None:
    """Only lists of values of options that are shown now are accepted from a post."""
    with pytest.raises(ValueError, match=r"offered|list"):
        parse(posted, {"entries": PETS})
    with pytest.raises(ValueError, match=r"offered|list"):
        parse(["1"], {"entries": None})
    assert parse(["2", "1"], {"entries": PETS}) == PETS[:2]


def test_all_can_be_chosen_at_once(tmp_path: Path) -> None:
    """`allowSelectAll` is a button, with and without scripts; where there is none nothing is chosen."""
    page = picker(
        tmp_path / "a", allowSelectAll=True, onOptionChange="{{ showAlert(`${Pets.value.length}`) }}"
    )
    button = page.widget("Pets").find(name="portico.event")
    assert (button.text, button["value"], button["type"]) == ("Select all", "Pets chooseAll true", "submit")
    assert page.press("Pets", "chooseAll", "true")
    assert (page.said, says(page, "selectedOptionValues", "isDirty")) == (["3"], [[1, 2, "e e"], True])
    button = page.widget("Pets").find(name="portico.event")
    assert (button.text, button["value"]) == ("Select none", "Pets chooseAll false")
    assert page.press("Pets", "chooseAll", "false")
    assert says(page, "selectedOptionValues") == [[]]
    other = picker(tmp_path / "b", onOptionChange="{{ showAlert('chosen') }}")
    other.press("Pets", "chooseAll", "true")
    assert (other.said, says(other, "selectedOptionValues")) == (["There is no such button."], [[]])


def test_being_required(tmp_path: Path) -> None:
    """Nothing chosen is invalid where something has to be, and is said once it was touched."""
    page = picker(tmp_path, isRequired=True)
    assert says(page, "isValid", "message") == [False, "Please choose at least one."]
    assert "hidden" in page.widget("Pets").find(id="e.Pets")
    page.post("Pets", ["1"])
    assert says(page, "isValid", "message") == [True, ""]
    page.post("Pets", [])
    assert page.widget("Pets").find(id="e.Pets").text == "Please choose at least one."
    assert "wrong" in page.widget("Pets").find("summary")["class"].split()


def test_a_query_may_search(tmp_path: Path) -> None:
    """With `serverSideFiltering`, `onFilterUpdate` hears of `filterText` and may offer others; what was
    chosen among others stays chosen, and shown."""
    page = picker(
        tmp_path,
        sourceData="{{ [{label: 'Cat', value: 1}, {label: 'Dog', value: 2}].filter(({label}) => "
        "label.startsWith(Pets.filterText)) }}",
        serverSideFiltering=True,
        onFilterUpdate="{{ showAlert(Pets.filterText) }}",
    )
    page.post("Pets", ["1"])
    assert page.post("Pets:filter", "D")
    assert (page.said, page.value("Pets", "filterText")) == (["D"], "D")
    assert says(page, "selectedOptionValues", "selectedOptionLabels") == [[1], ["Cat"]]
    tree = page.widget("Pets")
    assert [one.text for one in tree.matching("label")] == ["Cat", "Dog"]
    control = tree.find(id="c.Pets:filter")
    assert (control["name"], control["value"], control["data-live"]) == ("v.Pets:filter", "D", "event")
    assert page.post("Pets", ["1", "2"])
    assert says(page, "selectedOptionLabels") == [["Cat", "Dog"]]
    with pytest.raises(ValueError, match="search"):
        parse_filter("x" * 1001, {"serverSideFiltering": True})
    with pytest.raises(ValueError, match="search"):
        parse_filter("x", {"serverSideFiltering": False})


def test_the_browser_may_search(tmp_path: Path) -> None:
    """A field for that is there unless `isFilterable` is false; it posts nothing."""
    field = picker(tmp_path / "a").widget("Pets").find(class_="narrow")
    assert ("name" in field, field["aria-label"]) == (False, "Search in Label")
    tree = picker(tmp_path / "b", isFilterable=False).widget("Pets")
    assert list(tree.matching(type="search")) == []


def test_methods_choose_and_switch(tmp_path: Path) -> None:
    """setSelectedOptions takes values or options, null too; setDisabled, setRequired, setVisibility."""
    page = picker(
        tmp_path,
        does("Values", "Pets.setSelectedOptions([2, '1'])"),
        does("Options", "Pets.setSelectedOptions([{label: 'Dog', value: 2}])"),
        does("None", "Pets.setSelectedOptions(null); Pets.setRequired(true)"),
        does("Off", "Pets.setDisabled(true)"),
        does("Gone", "Pets.setVisibility(false)"),
    )
    for button, chosen in (("Values", [1, 2]), ("Options", [2]), ("None", [])):
        page.press(button)
        assert says(page, "selectedOptionValues") == [chosen]
    assert says(page, "isValid") == [False]
    page.press("Off")
    assert (page.enabled("Pets"), list(page.widget("Pets").matching("details"))) == (False, [])
    page.press("Gone")
    assert says(page, "isVisible") == [False]


def test_boxes_behind_a_button(tmp_path: Path) -> None:
    """A named group: a summary that says what is chosen, boxes with labels, hint and message."""
    tree = picker(
        tmp_path, defaultOptionValue=[1, "e e"], label="Pets", tooltip="All of them", placeholderText="Which?"
    ).widget("Pets")
    group = tree.find(role="group")
    assert (group["id"], group["aria-labelledby"], group["aria-describedby"]) == (
        "c.Pets",
        "l.Pets",
        "h.Pets e.Pets",
    )
    summary = tree.find("summary")
    assert (summary.text, summary["aria-labelledby"]) == ("Cat, Eel", "l.Pets s.Pets")
    boxes = list(tree.matching(type="checkbox"))
    assert [(box["name"], box["value"], "checked" in box) for box in boxes] == [
        ("m.Pets", "1", True),
        ("m.Pets", "2", False),
        ("m.Pets", "e e", True),
    ]
    assert [one["for"] for one in tree.matching("label")] == [box["id"] for box in boxes]
    assert boxes[2]["id"] == "o.Pets:e%20e"
    hidden = tree.find(type="hidden")
    assert (hidden["name"], hidden["value"]) == ("m.Pets", "")
    bare = picker(tmp_path / "bare", label="", placeholderText="Which?", labelPosition="Left").widget("Pets")
    assert (bare.find(role="group")["aria-label"], bare.find("summary").text) == ("Pets", "Which?")
    assert "label-left" in bare["class"].split()


def test_a_form_sees_it(tmp_path: Path) -> None:
    """The form's data hold the values."""
    pets = {"name": "Pets", "type": "MultiSelect", "sourceData": PETS, "defaultOptionValue": [2]}
    page = Running(
        tmp_path,
        {"name": "F", "type": "Form", "widgets": [pets]},
        {"name": "Shown", "type": "Text", "text": "{{ JSON.stringify(F.data) }}"},
    )
    assert page.widget("Shown").text == '{"Pets":[2]}'


def test_no_option_breaks_out(tmp_path: Path) -> None:
    """39 payloads as labels and values: words and attributes, never elements."""
    words = [payload for payload in PAYLOADS if "{{" not in payload]
    options = [{"label": word, "value": word} for word in words]
    page = Running(
        tmp_path, {"name": "Pets", "type": "MultiSelect", "sourceData": options, "defaultOptionValue": words}
    )
    boxes = list(page.widget("Pets").matching(type="checkbox"))
    assert [box["value"] for box in boxes] == words
    usual = {"id", "class", "type", "name", "value", "form", "checked"}
    assert {name for box in boxes for name in box.attributes} <= usual
    assert page.post("Pets", words[:3])


# In a browser

SUMMARY = "#m\\.Pets > summary"


def test_it_is_chosen_by_keyboard(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """Arrow keys go from box to box, Space ticks; the list travels with the change, and is shown at once."""
    page = show(stage, open_page(), picker(tmp_path, onOptionChange="{{ 1 }}").view)
    page.focus(SUMMARY)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("checkbox", name="Cat")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    until(lambda: stage.posts and stage.posts[-1]["values"] == {"Pets": ["1", "2"]}, page)
    assert {(post["widget"], post["event"]) for post in stage.posts} == {("Pets", "change")}
    expect(page.locator(SUMMARY)).to_have_text("Cat, Dog")
    page.keyboard.press("Escape")
    expect(page.locator("#m\\.Pets")).not_to_have_attribute("open", "")


def test_an_answer_keeps_the_choice(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """HTML around it does not change what was ticked, and it stays open; only `values` do."""
    shown = picker(tmp_path, does("Send", "1"))
    page = show(stage, open_page(), shown.view)
    page.click(SUMMARY)
    page.get_by_role("checkbox", name="Dog").check()
    fresh = render_widget(shown.view, "Pets")
    stage.answer({"html": {"Pets": fresh}})
    stage.answer({"values": {"Pets": [{"label": "Cat", "value": 1}, {"label": "Eel", "value": "e e"}]}})
    page.evaluate("document.getElementById('c.Send').click()")
    until(lambda: len(stage.posts) == 1, page)
    expect(page.locator("[id='o.Pets:2']")).to_be_checked()
    page.click("#c\\.Send")
    page.click(SUMMARY)
    expect(page.get_by_role("checkbox", name="Cat")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Dog")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Eel")).to_be_checked()


def test_the_list_is_narrowed(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """What is typed leaves the options with these words in them."""
    page = show(stage, open_page(), picker(tmp_path).view)
    page.click(SUMMARY)
    page.fill(".narrow", "oG")
    expect(page.get_by_role("checkbox", name="Dog")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Cat")).to_be_hidden()
    assert stage.posts == []


def test_opening_and_closing_is_told(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """`onDropdownOpen` and `onDropdownClose`, where something hangs on them."""
    page = show(
        stage, open_page(), picker(tmp_path, onDropdownOpen="{{ 1 }}", onDropdownClose="{{ 1 }}").view
    )
    page.click(SUMMARY)
    until(lambda: [post["event"] for post in stage.posts] == ["onDropdownOpen"], page)
    page.keyboard.press("Escape")
    until(lambda: [post["event"] for post in stage.posts] == ["onDropdownOpen", "onDropdownClose"], page)


def test_a_required_choice_is_asked_for(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A button that waits for a valid form waits for one box."""
    pets = {"name": "Pets", "type": "MultiSelect", "sourceData": PETS, "isRequired": True}
    send = {"name": "Send", "type": "Button", "disabledWhenInvalid": True, "onClick": "{{ 1 }}"}
    page = show(
        stage, open_page(), Running(tmp_path, {"name": "F", "type": "Form", "widgets": [pets, send]}).view
    )
    expect(page.locator("#c\\.Send")).to_be_disabled()
    page.click(SUMMARY)
    page.get_by_role("checkbox", name="Cat").check()
    expect(page.locator("#c\\.Send")).to_be_enabled()
    page.get_by_role("checkbox", name="Cat").uncheck()
    expect(page.locator("#e\\.Pets")).to_have_text("Please choose at least one.")
    expect(page.locator("#c\\.Send")).to_be_disabled()


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """The browser opens it by itself, and a form posts all boxes that are ticked."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(picker(tmp_path, does("Send", "1")).view))
    page.click(SUMMARY)
    page.get_by_role("checkbox", name="Dog").check()
    page.click(SUMMARY)
    page.click("#c\\.Send")
    assert stage.forms[-1]["m.Pets"] == "2"


def test_a_search_without_scripts(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """A button posts what is searched for; where scripts run there is none."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(picker(tmp_path, serverSideFiltering=True).view))
    page.click(SUMMARY)
    page.fill("#c\\.Pets\\:filter", "Do")
    page.get_by_role("button", name="Search").click()
    assert (stage.forms[-1]["v.Pets:filter"], stage.forms[-1]["m.Pets"]) == ("Do", "")


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, open and closed, with long options, without any, and off."""
    long = [{"label": "A very long word " * 20, "value": 1}]
    widgets: list[Mapping[str, Any]] = [
        {"name": "A", "type": "MultiSelect", "sourceData": PETS, "tooltip": "Some", "allowSelectAll": True},
        {
            "name": "B",
            "type": "MultiSelect",
            "sourceData": long,
            "defaultOptionValue": [1],
            "labelPosition": "Left",
        },
        {"name": "C", "type": "MultiSelect", "label": "", "isDisabled": True, "sourceData": PETS},
        {"name": "D", "type": "MultiSelect", "serverSideFiltering": True, "isRequired": True},
    ]
    look(
        stage,
        open_page,
        tmp_path,
        widgets,
        scheme,
        width,
        "#m\\.A > summary",
        "#m\\.B > summary",
        "#m\\.D > summary",
    )
