"""Select: its options, what may be chosen, and the native control."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets import form as form_module
from portico.ui.widgets.select import TYPE, parse, parse_filter
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.opened import opened
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.script import run
from tests.ui.sites import Tree, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

PETS = [{"label": "Cat", "value": 1}, {"label": "Dog", "value": 2}]
CLICK = frozenset({"onClick"})


def value(code: str, missing: tuple[str, ...] = (), **props: Any) -> Any:
    """What `code` gives over a Select with these properties."""
    return run(TYPE, props, code, missing=missing)


def select(name: str = "Pet", **props: Any) -> Tree:
    """A Select as a page shows it: what is derived is what the script says."""
    given = {name: prop for name, prop in props.items() if name not in ("events", "live")}
    derived = {name: run(TYPE, given, f"self.{name}") for name in TYPE.derived}
    return widget("Select", name, **{**derived, **props})


def rendered(**props: Any) -> Element:
    """The rendered widget."""
    return html(render_widget(view_of(select(**props)), "Pet"))


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (PETS, PETS),
        ('[{"label": "Cat", "value": 1}, {"label": "Dog", "value": 2}]', PETS),
        (
            ["a", 2, True],
            [{"label": text, "value": own} for text, own in (("a", "a"), ("2", 2), ("true", True))],
        ),
        ('["a"]', [{"label": "a", "value": "a"}]),
        ([{"value": 5}, {"label": "", "value": 0}], [{"label": "5", "value": 5}, {"label": "0", "value": 0}]),
        ([{"label": 7, "value": "x"}], [{"label": "7", "value": "x"}]),
        ([{"label": {"a": 1}, "value": "x"}], [{"label": '{"a":1}', "value": "x"}]),
        ([{"label": "None", "value": None}], [{"label": "None", "value": ""}]),
    ],
)
def test_options_are_labels_and_values(data: object, options: object) -> None:
    """A list of labels and values, of plain values, or either as JSON; values keep their type."""
    assert value("self.options", sourceData=data) == options


@pytest.mark.parametrize(
    "data",
    [None, "", "[", "words", "null", '"a"', 5, True, {}, {"a": 1}, [], [None], [{}], [[1]], [{"a": 1}]],
)
def test_what_is_no_list_of_options_has_none(data: object) -> None:
    """Data that is missing, of another shape or no JSON gives no options, and breaks nothing."""
    found = value("[self.options, self.value, self.selectedOptionLabel, self.isValid]", sourceData=data)
    assert found == [[], "", "", True]


def test_items_that_cannot_be_options_are_left_out() -> None:
    """What has no value of its own does not take the rest with it; of values that read the same the
    first counts, because both would be posted alike."""
    odd = [
        None,
        {"label": "x"},
        {"label": "y", "value": {"a": 1}},
        ["z"],
        *PETS,
        {"label": "Again", "value": "1"},
    ]
    assert value("self.options", sourceData=odd) == PETS
    assert value("self.options", ("sourceData",)) == []
    assert run(TYPE, {}, "self.options.length", missing=()) == 0


def test_labels_and_values_may_have_other_keys() -> None:
    """`optionLabel` and `optionValue` name the keys, or list the labels and values."""
    rows = [{"id": 7, "name": "Cat"}, {"id": 8, "name": "Dog"}]
    expected = [{"label": "Cat", "value": 7}, {"label": "Dog", "value": 8}]
    assert value("self.options", sourceData=rows, optionLabel="name", optionValue="id") == expected
    assert value("self.options", sourceData=rows, optionLabel=["Cat", "Dog"], optionValue=[7, 8]) == expected
    assert value("self.options", ("optionLabel",), sourceData=PETS, optionValue="") == PETS


@pytest.mark.parametrize(
    ("props", "chosen"),
    [
        ({}, ["", ""]),
        ({"defaultOptionValue": 2}, [2, "Dog"]),
        ({"defaultOptionValue": "2"}, [2, "Dog"]),
        ({"defaultOptionValue": {"label": "Dog", "value": 2}}, [2, "Dog"]),
        ({"defaultOptionValue": 3}, ["", ""]),
        ({"defaultOptionValue": None}, ["", ""]),
        ({"defaultOptionValue": [1]}, ["", ""]),
        ({"defaultOptionValue": 2, "chosen": 1}, [1, "Cat"]),
        ({"defaultOptionValue": 2, "chosen": ""}, ["", ""]),
        ({"defaultOptionValue": 2, "chosen": "gone"}, ["", ""]),
        ({"sourceData": [*PETS, {"label": "All", "value": ""}]}, ["", "All"]),
        ({"sourceData": ["1", 2], "defaultOptionValue": 1}, ["1", "1"]),
    ],
)
def test_the_selected_option(props: dict[str, Any], chosen: list[object]) -> None:
    """What the user chose, else the default; what is not offered is nothing."""
    given = {"sourceData": PETS, **props}
    assert value("[self.selectedOptionValue, self.selectedOptionLabel]", **given) == chosen
    assert value("self.value", **given) == chosen[0]


def test_the_selected_option_is_read_whole(tmp_path: Path) -> None:
    """`selectedOption` is label and value together, as bindings of the page see it; null for none."""
    page = opened(
        tmp_path,
        """
- name: Pet
  type: Select
  sourceData: [{label: Cat, value: 1}, {label: Dog, value: 2}]
  defaultOptionValue: 2
- {name: Shown, type: Text, text: "{{ JSON.stringify(Pet.selectedOption ?? null) }}"}
- {name: Go, type: Button, onClick: "{{ Pet.setSelectedOption(1) }}"}
- {name: Wrong, type: Button, onClick: "{{ Pet.setSelectedOption(7) }}"}
""",
    )
    assert json.loads(page.shown("Shown").text) == {"label": "Dog", "value": 2}
    page.press()
    assert json.loads(page.shown("Shown").text) == {"label": "Cat", "value": 1}
    page.press("Wrong")
    assert page.shown("Shown").text == "null"


def test_being_required() -> None:
    """Nothing chosen is invalid where something has to be; 0 and false are something."""
    assert value("[self.isValid, self.message]", isRequired=True, sourceData=PETS) == [
        False,
        "Please choose one.",
    ]
    assert value("[self.isValid, self.message]", isRequired=True, sourceData=PETS, chosen=1) == [True, ""]
    assert value("self.isValid", isRequired=True, sourceData=[0, False], chosen=0) is True
    assert value("self.isValid", isRequired=True, sourceData=[0, False], chosen=False) is True


def test_methods_choose_and_switch() -> None:
    """`setSelectedOption` takes a value or an option; null takes the choice away."""
    for code in ("2", '"2"', '{label: "Dog", value: 2}'):
        assert value(f"(self.setSelectedOption({code}), self.value)", sourceData=PETS) == 2
    assert value("(self.setSelectedOption(null), self.value)", sourceData=PETS, defaultOptionValue=1) == ""
    assert value("(self.setDisabled(1), self.setVisibility(0), [self.isDisabled, self.isVisible])") == [
        True,
        False,
    ]
    assert value("(self.setRequired(true), self.isValid)") is False


@pytest.mark.parametrize(
    ("posted", "parsed"), [("2", 2), (2.0, 2), ("x", "x"), ("true", True), ("0.5", 0.5), ("", "")]
)
def test_parse_gives_the_value_of_the_data(posted: object, parsed: object) -> None:
    """A browser posts text; the value has the type it has in the data."""
    props = {"options": [{"label": "l", "value": own} for own in (2, "x", True, 0.5)]}
    found = parse(posted, props)
    assert (found, type(found)) == (parsed, type(parsed))


@pytest.mark.parametrize("posted", ["3", "Cat", " 1", "01", None, [], {"value": 1}, True, "[object Object]"])
def test_parse_refuses_what_is_not_offered(posted: object) -> None:
    """Only values of options that are offered now are accepted from a post."""
    with pytest.raises(ValueError, match=r"option|offered"):
        parse(posted, {"options": PETS})
    with pytest.raises(ValueError, match=r"option|offered"):
        parse(posted, {"options": None})


def test_a_query_may_search(tmp_path: Path) -> None:
    """With `serverSideFiltering`, `onFilterUpdate` hears of `filterText` and may offer others; what was
    chosen before stays chosen, with its label, and is shown. A reset forgets both."""
    found = (
        "{{ (appsmith.store.found ?? 'Cat,Dog').split(',').map((n) => ({label: n, value: n.length + n})) }}"
    )
    page = Running(
        tmp_path,
        {
            "name": "Pet",
            "type": "Select",
            "sourceData": found,
            "serverSideFiltering": True,
            "onFilterUpdate": "{{ storeValue('found', Pet.filterText, false) }}",
            "onOptionChange": "{{ showAlert(Pet.selectedOptionLabel) }}",
        },
        does("Reset", "resetWidget('Pet')"),
    )
    field = page.widget("Pet").find(id="c.Pet:filter")
    assert (field["name"], field["data-live"], field["aria-label"]) == (
        "v.Pet:filter",
        "event",
        "Search in Label",
    )
    assert page.post("Pet", "3Dog")
    assert page.said == ["Dog"]
    assert page.post("Pet:filter", "Eel,Emu")
    names = ("selectedOptionValue", "selectedOptionLabel", "filterText")
    assert [page.value("Pet", name) for name in names] == ["3Dog", "Dog", "Eel,Emu"]
    options = [option.text for option in page.widget("Pet").matching("option")]
    assert options == ["Select option", "Dog", "Eel", "Emu"]
    assert page.post("Pet", "3Emu")
    assert page.said == ["Emu"]
    assert [option.text for option in page.widget("Pet").matching("option")][1:] == ["Eel", "Emu"]
    page.press("Reset")
    assert [page.value("Pet", name) for name in names] == ["", "", ""]
    for posted, props in ((None, True), ("x" * 1001, True), ("x", False)):
        with pytest.raises(ValueError, match="search"):
            parse_filter(posted, {"serverSideFiltering": props})


def test_without_a_search_nothing_is_kept() -> None:
    """What is not offered is not chosen, unless a query searches; a default may bring its label."""
    given: dict[str, Any] = {"sourceData": PETS, "defaultOptionValue": {"label": "Emu", "value": 9}}
    code = "[self.selectedOption, self.entries.length]"
    assert value(code, **given) == [None, 2]
    assert value(code, serverSideFiltering=True, **given) == [{"label": "Emu", "value": 9}, 3]
    assert value(code, serverSideFiltering=True, sourceData=PETS, chosen=9) == [{"label": "9", "value": 9}, 3]


def test_a_form_sees_it() -> None:
    """The form's data, changes and validity have the choice in them."""
    inside = [(TYPE, "Pet", {"sourceData": PETS, "chosen": 2, "isDirty": True, "isRequired": True})]
    code = "[self.data, self.hasChanges, self.isValid]"
    assert run(form_module.TYPE, {}, code, inside=inside) == [{"Pet": 2}, True, True]
    inside = [(TYPE, "Pet", {"sourceData": PETS, "isRequired": True})]
    assert run(form_module.TYPE, {}, code, inside=inside) == [{"Pet": ""}, False, False]


def test_the_control_is_native() -> None:
    """One select with a label, a hint, a message, and exactly one selected option."""
    tree = rendered(
        sourceData=PETS,
        defaultOptionValue=2,
        label="Pet",
        tooltip="One alone",
        isRequired=True,
        isDisabled=True,
    )
    control = tree.find("select")
    assert (control["id"], control["name"], control["form"]) == ("c.Pet", "v.Pet", "portico")
    assert ("required" in control, "disabled" in control) == (True, True)
    assert tree.find("label")["for"] == "c.Pet"
    assert control["aria-describedby"].split() == ["h.Pet", "e.Pet"]
    options = list(control.matching("option"))
    assert [(option["value"], option.text) for option in options] == [
        ("", "Select option"),
        ("1", "Cat"),
        ("2", "Dog"),
    ]
    assert [option["value"] for option in options if "selected" in option] == ["2"]
    assert "style" not in {name for element in tree.all for name in element.attributes}


def test_nothing_can_be_chosen_too() -> None:
    """The placeholder stands for nothing, unless the author offers that in words of their own."""
    options = list(rendered(sourceData=PETS, placeholderText="Which one?").matching("option"))
    assert (options[0].text, "selected" in options[0]) == ("Which one?", True)
    own = [{"label": "All", "value": ""}, *PETS]
    options = list(rendered(sourceData=own).matching("option"))
    assert [(option["value"], option.text) for option in options] == [("", "All"), ("1", "Cat"), ("2", "Dog")]
    assert "selected" in options[0]


def test_without_a_label_there_still_is_a_name() -> None:
    """A Select whose label is empty is named for screen readers."""
    assert rendered(label="").find("select")["aria-label"] == "Select option"
    assert rendered(label="", placeholderText="").find("select")["aria-label"] == "Pet"
    assert "aria-label" not in rendered().find("select")


def test_a_message_is_shown_once_it_was_touched() -> None:
    """An untouched Select does not complain; a touched one does."""
    calm = rendered(isRequired=True)
    assert (calm.find(id="e.Pet").text, "aria-invalid" in calm.find("select")) == ("", False)
    told = rendered(isRequired=True, isDirty=True)
    assert told.find(id="e.Pet").text == "Please choose one."
    assert told.find("select")["aria-invalid"] == "true"


def test_a_change_is_posted_if_it_means_something() -> None:
    """A choice is told at once if an action hangs on it or a binding reads it."""
    assert "data-live" not in rendered().find("select")
    assert rendered(live=True).find("select")["data-live"] == "value"
    assert rendered(events=frozenset({"onOptionChange"})).find("select")["data-live"] == "event"


def test_options_that_are_still_to_come_may_show_it() -> None:
    """While the page loads its options, their place shimmers, unless the author forbids it."""
    for animated in (True, False):
        view = view_of(select(animateLoading=animated), loading=True)
        classes = html(render_widget(view, "Pet")).find("select")
        field = next(
            element
            for element in html(render_widget(view, "Pet")).all
            if "field" in (element.get("class") or "")
        )
        assert ("pending" in field["class"], "disabled" in classes) == (animated, False)


def test_no_option_breaks_out() -> None:
    """40 payloads as label, value and default: words and attributes, never elements."""
    tags = {element.tag for element in rendered(sourceData=PETS).all}
    for payload in PAYLOADS:
        tree = rendered(sourceData=[{"label": payload, "value": payload}], defaultOptionValue=payload)
        assert {element.tag for element in tree.all} == tags
        option = list(tree.matching("option"))[-1]
        assert (option["value"], set(option.attributes)) == (payload, {"value", "selected"})


# In a browser

PET = "#c\\.Pet"


def in_form(**props: Any) -> Tree:
    """A form with a Select and a button."""
    return widget("Form", "F", select(**props), widget("Button", "Send", text="Send", events=CLICK))


def test_a_choice_is_posted(stage: Stage, open_page: OpenPage) -> None:
    """By keyboard too: what was chosen is told at once, and travels with every event."""
    page = open_page()
    page.goto(stage.show(view_of(in_form(sourceData=PETS, live=True))))
    alive(page)
    page.focus(PET)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    until(lambda: stage.posts and stage.posts[-1]["values"] == {"Pet": "2"}, page)
    assert {(post["widget"], post["event"]) for post in stage.posts} == {("Pet", "change")}
    page.click("#c\\.Send")
    until(lambda: stage.posts[-1]["event"] == "onClick", page)
    assert stage.posts[-1]["values"] == {"Pet": "2"}


def test_an_answer_keeps_the_choice(stage: Stage, open_page: OpenPage) -> None:
    """New options around it do not change what was chosen; only `values` do, and what is not offered
    any more."""
    page = open_page()
    page.goto(stage.show(view_of(in_form(sourceData=PETS))))
    alive(page)

    def answer(data: list[Any], **line: Any) -> None:
        fresh = render_widget(
            view_of(in_form(sourceData=data, defaultOptionValue=line.pop("first", ""))), "F"
        )
        stage.answer({"html": {"F": fresh}, **line})
        page.click("#c\\.Send")

    page.select_option(PET, "2")
    answer([{"label": "Ape", "value": 9}, *PETS])
    expect(page.locator(f"{PET} option")).to_have_text(["Select option", "Ape", "Cat", "Dog"])
    expect(page.locator(PET)).to_have_value("2")
    answer(PETS, first=1, values={"Pet": 1})
    expect(page.locator(PET)).to_have_value("1")
    answer([{"label": "Ape", "value": 9}])
    expect(page.locator(f"{PET} option")).to_have_count(2)
    expect(page.locator(PET)).to_have_value("")
    answer(PETS, first=2)
    expect(page.locator(f"{PET} option")).to_have_count(3)
    expect(page.locator(PET)).to_have_value("")


def test_coming_and_going_is_told(stage: Stage, open_page: OpenPage) -> None:
    """`onFocus` and `onDropdownOpen` as the user comes, `onBlur` and `onDropdownClose` as they leave."""
    events = frozenset({"onFocus", "onBlur", "onDropdownOpen", "onDropdownClose"})
    page = open_page()
    page.goto(stage.show(view_of(in_form(sourceData=PETS, events=events))))
    alive(page)
    page.focus(PET)
    until(lambda: [post["event"] for post in stage.posts] == ["onFocus", "onDropdownOpen"], page)
    page.focus("#c\\.Send")
    told = ["onFocus", "onDropdownOpen", "onBlur", "onDropdownClose"]
    until(lambda: [post["event"] for post in stage.posts] == told, page)
    assert {post["widget"] for post in stage.posts} == {"Pet"}


def test_a_required_choice_is_asked_for(stage: Stage, open_page: OpenPage) -> None:
    """A button that waits for a valid form waits for the choice."""
    button = widget("Button", "Send", text="Send", events=CLICK, disabledWhenInvalid=True)
    page = open_page()
    page.goto(stage.show(view_of(widget("Form", "F", select(sourceData=PETS, isRequired=True), button))))
    alive(page)
    expect(page.locator("#c\\.Send")).to_be_disabled()
    page.select_option(PET, "2")
    expect(page.locator("#c\\.Send")).to_be_enabled()
    page.select_option(PET, "")
    expect(page.locator("#e\\.Pet")).to_have_text("Please choose one.")
    expect(page.locator("#c\\.Send")).to_be_disabled()


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """A form posts the choice by itself."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(view_of(in_form(sourceData=PETS))))
    page.select_option(PET, "2")
    page.click("#c\\.Send")
    assert stage.forms == [{"v.Pet": "2", "portico.event": "Send onClick"}]


def test_an_answer_brings_no_button_for_others(stage: Stage, open_page: OpenPage) -> None:
    """Enter in the form presses the author's button also after an answer brought a Select that searches."""
    page = open_page()
    form = in_form(sourceData=PETS, serverSideFiltering=True)
    page.goto(stage.show(view_of(form)))
    alive(page)
    stage.answer({"html": {"F": render_widget(view_of(form), "F")}})
    page.click("#c\\.Send")
    until(lambda: stage.posts, page)
    expect(page.locator("noscript")).to_have_count(0)
    page.focus("#c\\.Pet\\:filter")
    page.keyboard.press("Enter")
    until(lambda: len(stage.posts) == 2, page)
    assert (stage.posts[-1]["widget"], stage.posts[-1]["event"]) == ("Send", "onClick")


def test_a_search_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """A button posts what is searched for; where scripts run there is none."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(view_of(select(sourceData=PETS, serverSideFiltering=True))))
    page.fill("#c\\.Pet\\:filter", "Do")
    page.get_by_role("button", name="Search").click()
    assert stage.forms == [{"v.Pet:filter": "Do", "v.Pet": ""}]


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, whatever state it is in."""
    long = [{"label": "A very long word " * 20, "value": 1}]
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        widget("Text", "T", text="Pets", fontSize="1.5rem", fontStyle="BOLD"),
        select("A", label="Pet", sourceData=PETS, tooltip="One alone"),
        select("B", label="Wrong", isRequired=True, isDirty=True, labelPosition="Left"),
        select("C", label="", sourceData=long, defaultOptionValue=1),
        select("D", label="Disabled", sourceData=PETS, defaultOptionValue=1, isDisabled=True),
        select("E", label="Searched", sourceData=PETS, serverSideFiltering=True, labelPosition="Left"),
    )
    page.goto(stage.show(view))
    alive(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
