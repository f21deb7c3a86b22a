"""Input: its values, its rules, and the control that browsers and password managers see."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets.input import TYPE, parse, parse_focus
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.opened import opened
from tests.ui.script import run
from tests.ui.sites import login, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until


def control(name: str = "A", *around: Any, **props: Any) -> Element:
    """The rendered control of an Input with these properties."""
    view = view_of(widget("Input", name, **props))
    return next(
        element for element in html(render_widget(view, name)).all if element.get("id") == f"c.{name}"
    )


def value(code: str, missing: tuple[str, ...] = (), **props: Any) -> Any:
    """What `code` gives over an Input with these properties."""
    return run(TYPE, props, code, missing=missing)


@pytest.mark.parametrize(
    ("props", "text"),
    [
        ({}, ""),
        ({"defaultText": "Ada"}, "Ada"),
        ({"defaultText": "Ada", "typed": ""}, ""),
        ({"typed": "x", "defaultText": "Ada"}, "x"),
        ({"defaultText": None}, ""),
        ({"defaultText": 5}, "5"),
        ({"defaultText": {"a": 1}}, '{"a":1}'),
        ({"inputType": "NUMBER"}, None),
        ({"inputType": "NUMBER", "defaultText": "5"}, 5),
        ({"inputType": "NUMBER", "defaultText": 5, "typed": ""}, None),
        ({"inputType": "NUMBER", "typed": 1.5}, 1.5),
        ({"inputType": "NUMBER", "defaultText": "many"}, None),
    ],
)
def test_text_is_what_was_typed_else_the_default(props: dict[str, Any], text: object) -> None:
    """`text`, `inputText` and `value`: what was typed, else the default; a NUMBER gives a number or null."""
    assert value("[self.text, self.inputText, self.value]", **props) == [text, text, text]


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({}, ""),
        ({"isRequired": True}, "required"),
        ({"isRequired": True, "inputType": "NUMBER"}, "required"),
        ({"isRequired": True, "inputType": "NUMBER", "typed": 0}, ""),
        ({"inputType": "NUMBER", "typed": 4, "minNum": 5}, "low"),
        ({"inputType": "NUMBER", "typed": 5, "minNum": 5, "maxNum": 5}, ""),
        ({"inputType": "NUMBER", "typed": 6, "maxNum": "5"}, "high"),
        ({"inputType": "EMAIL", "typed": "a@x.io"}, ""),
        ({"inputType": "EMAIL", "typed": "a@localhost"}, ""),
        ({"inputType": "EMAIL", "typed": "a"}, "email"),
        ({"inputType": "EMAIL", "typed": "a b@x.io"}, "email"),
        ({"inputType": "EMAIL", "typed": "a@.io"}, "email"),
        ({"regex": "^[0-9]+$", "typed": "12"}, ""),
        ({"regex": "^[0-9]+$", "typed": "1a"}, "pattern"),
        ({"regex": "/^[a-z]+$/i", "typed": "Ab"}, ""),
        ({"regex": "^[0-9]+$", "typed": ""}, ""),
        ({"maxChars": 3, "typed": "abcd"}, "long"),
        ({"validation": False, "typed": "a"}, "rule"),
        ({"validation": False}, ""),
    ],
)
def test_rules_name_the_first_problem(props: dict[str, Any], problem: str) -> None:
    """Each rule names its problem; what is empty is checked for being required alone."""
    assert value("[self.problem, self.isValid]", **props) == [problem, problem == ""]


def test_a_rule_that_fails_to_evaluate_is_broken() -> None:
    """A `validation` whose binding fails, or a `regex` that is none, makes the input invalid."""
    assert value("self.isValid", ("validation",), typed="a") is False
    assert value("self.isValid", typed="a", regex="(") is False


def test_the_message_is_the_authors_except_for_what_is_missing() -> None:
    """`errorMessage` is said for a wrong value, a plain sentence for a missing one."""
    assert value("self.message", typed="a", inputType="EMAIL", errorMessage="Work address, please") == (
        "Work address, please"
    )
    assert value("self.message", isRequired=True, errorMessage="Nope") == "Please fill in this field."
    assert value("self.message", typed=3, inputType="NUMBER", minNum=5) == "Please enter 5 or more."
    assert value("self.message", typed="a") == ""


@pytest.mark.parametrize(
    ("posted", "props", "parsed"),
    [
        ("Ada", {}, "Ada"),
        ("Ada Lovelace", {"maxChars": 3}, "Ada"),
        ("a\r\nb", {"inputType": "MULTI_LINE_TEXT"}, "a\nb"),
        ("a\r\nb", {"inputType": "TEXT"}, "ab"),
        ("a\0b", {}, "ab"),
        (" 5 ", {"inputType": "NUMBER"}, 5),
        ("-1.5e2", {"inputType": "NUMBER"}, -150),
        (7, {"inputType": "NUMBER"}, 7),
        ("", {"inputType": "NUMBER", "text": None}, None),
        ("", {"inputType": "NUMBER", "text": 5}, ""),
    ],
)
def test_parse_takes_what_can_be_a_value(posted: object, props: dict[str, Any], parsed: object) -> None:
    """Posted text becomes the input's value: capped, on one line, or a number."""
    result = parse(posted, props)
    assert result == parsed
    assert type(result) is type(parsed)


@pytest.mark.parametrize(
    "posted", ["five", "1_000", "٣", "0x1F", "1e999", "NaN", "Infinity", True, [], {"a": 1}]
)
def test_parse_refuses_what_is_no_number(posted: object) -> None:
    """A NUMBER holds numbers only, in the digits and shape that HTML posts."""
    with pytest.raises(ValueError, match=r"\w"):
        parse(posted, {"inputType": "NUMBER", "text": None})


@pytest.mark.parametrize("posted", [None, 5, True, ["a"], {"a": 1}])
def test_parse_refuses_what_is_no_text(posted: object) -> None:
    """The other kinds hold text only."""
    with pytest.raises(ValueError, match="text"):
        parse(posted, {"inputType": "TEXT"})


def test_text_has_a_limit_of_its_own() -> None:
    """Without `maxChars`, or with one that makes no sense, a value is still bounded."""
    assert len(str(parse("x" * 200_000, {}))) == 100_000
    assert len(str(parse("x" * 200_000, {"maxChars": -1}))) == 100_000


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("TEXT", {"type": "text"}),
        ("NUMBER", {"type": "number", "inputmode": "decimal", "step": "any"}),
        ("PASSWORD", {"type": "password", "autocomplete": "current-password", "autocapitalize": "none"}),
        ("EMAIL", {"type": "email", "inputmode": "email", "autocomplete": "email", "autocapitalize": "none"}),
    ],
)
def test_each_type_is_its_own_control(kind: str, attributes: dict[str, str]) -> None:
    """Type, keyboard and autofill follow `inputType`."""
    found = control(inputType=kind).attributes
    assert attributes.items() <= found.items()
    assert ("inputmode" in found) == ("inputmode" in attributes)


def test_multi_line_text_is_a_textarea() -> None:
    """Lines stay lines, the first one included when it is empty."""
    found = control(inputType="MULTI_LINE_TEXT", text="\na\n<b>")
    assert (found.tag, found.texts) == ("textarea", ["\n\na\n<b>"])


def test_a_password_is_never_rendered() -> None:
    """Whatever the properties say, no byte of a PASSWORD's value is in the HTML."""
    props = {"text": "hunter2", "typed": "hunter2", "value": "hunter2", "defaultText": "hunter2"}
    view = view_of(widget("Input", "A", inputType="PASSWORD", **props))
    assert "hunter2" not in render_widget(view, "A")
    assert TYPE.secret({"inputType": "PASSWORD"})
    shown = view_of(widget("Input", "A", inputType="TEXT", **props))
    assert "hunter2" in render_widget(shown, "A")


def test_names_and_labels_belong_together() -> None:
    """The label, the hint and the message are tied to the control; its name cannot hide a form's own."""
    view = view_of(widget("Input", "A", label="Your name", tooltip="As in your passport", isRequired=True))
    tree = html(render_widget(view, "A"))
    found = tree.find("input")
    assert (found["id"], found["name"]) == ("c.A", "v.A")
    assert tree.find("label")["for"] == "c.A"
    assert found["aria-describedby"].split() == ["h.A", "e.A"]
    assert tree.find(id="h.A").text == "As in your passport"
    assert "hidden" in tree.find(id="e.A")
    assert "required" in found


def test_without_a_label_there_still_is_a_name() -> None:
    """An input whose label is empty is named for screen readers."""
    assert control("UserName", label="")["aria-label"] == "User name"
    assert control("UserName", label="", placeholderText="ada@x.io")["aria-label"] == "ada@x.io"
    assert "aria-label" not in control("UserName", label="Name")


def test_native_rules_are_used_where_they_mean_the_same() -> None:
    """Length, range and being required are the browser's; a regex is not, because HTML anchors it."""
    found = control(inputType="NUMBER", minNum=1, maxNum=9.5, isRequired=True)
    assert (found["min"], found["max"], "required" in found) == ("1", "9.5", True)
    found = control(maxChars=4, regex="^a", errorMessage="Starts with a")
    assert (found["maxlength"], found["data-regex"], found["data-error"]) == ("4", "^a", "Starts with a")
    assert "pattern" not in found


def test_a_message_is_shown_once_the_value_was_touched() -> None:
    """An untouched input does not complain; a touched wrong one does, and says so to screen readers."""
    wrong = {"isValid": False, "problem": "required", "message": "Please fill in this field."}
    calm = html(render_widget(view_of(widget("Input", "A", **wrong)), "A"))
    assert calm.find(id="e.A").text == ""
    assert "aria-invalid" not in calm.find("input")
    told = html(render_widget(view_of(widget("Input", "A", isDirty=True, **wrong)), "A"))
    assert told.find(id="e.A").text == "Please fill in this field."
    assert told.find("input")["aria-invalid"] == "true"


def test_events_the_client_posts_are_named() -> None:
    """Only events that carry an action are posted; a changed value if someone listens or depends on it."""
    view = view_of(widget("Input", "A", events=frozenset({"onSubmit", "onBlur"})))
    found = html(render_widget(view, "A")).find("input")
    assert found["data-events"].split() == ["onSubmit", "onBlur"]
    assert "data-live" not in found
    live = html(render_widget(view_of(widget("Input", "A", live=True)), "A")).find("input")
    assert (live["data-live"], "data-events" in live) == ("value", False)
    fires = html(render_widget(view_of(widget("Input", "A", events=frozenset({"onTextChanged"}))), "A"))
    assert fires.find("input")["data-live"] == "event"


def test_outside_a_form_the_control_belongs_to_the_page() -> None:
    """Without scripts, too, every input is posted: outside a Form with the page's own form."""
    assert control()["form"] == "portico"
    assert "form" not in html(render_widget(login(), "UsernameInput")).find("input")


def autofill(*inputs: dict[str, Any], form: str = "LoginForm") -> list[str | None]:
    """The `autocomplete` of inputs that stand in one form."""
    trees = [
        widget("Input", str(props.pop("name", f"I{index}")), **props) for index, props in enumerate(inputs)
    ]
    view = view_of(widget("Form", form, *trees), widget("Input", "Outside"))
    tree = html(render_widget(view, form))
    return [
        element.get("autocomplete") for element in tree.matching("input") if element["name"].startswith("v.")
    ]


def test_a_sign_in_form_is_understood() -> None:
    """The text before a password is the user name, the password the current one."""
    assert autofill({}, {}, {"inputType": "PASSWORD"}) == [None, "username", "current-password"]
    assert autofill({"inputType": "EMAIL"}, {}, {"inputType": "PASSWORD"}) == [
        "username",
        None,
        "current-password",
    ]


def test_a_sign_up_form_is_understood() -> None:
    """Two passwords, or a name that tells, ask for a new one."""
    two = [{"inputType": "PASSWORD"}, {"inputType": "PASSWORD"}]
    assert autofill(*two) == ["new-password"] * 2
    assert autofill({"inputType": "PASSWORD"}, form="SignUpForm") == ["new-password"]
    assert autofill({"inputType": "PASSWORD", "name": "NewPassword"}) == ["new-password"]


def test_the_author_has_the_last_word_on_autofill() -> None:
    """`autocomplete` is taken as it stands if it can be one; `shouldAllowAutofill` switches it off."""
    assert autofill({"autocomplete": "one-time-code"}, {"inputType": "PASSWORD"})[0] == "one-time-code"
    assert autofill({"inputType": "EMAIL", "shouldAllowAutofill": False}) == ["off"]
    assert autofill({"inputType": "EMAIL", "autocomplete": '" onfocus="x'}) == ["email"]


def test_hidden_and_disabled() -> None:
    """An invisible input leaves an empty place; a disabled one is rendered as such."""
    view = view_of(widget("Input", "A", isVisible=False, label="Secret", text="secret"))
    assert render_widget(view, "A") == '<div id="w.A" data-widget="A" hidden></div>'
    assert "disabled" in control(isDisabled=True)
    assert render_widget(view_of(widget("Input", "A", isVisible=None)), "A").endswith("hidden></div>")


@pytest.mark.parametrize(
    ("given", "name"),
    [("Top", "label-top"), ("Left", "label-left"), ("Auto", "label-auto"), (5, "label-top")],
)
def test_the_label_stands_where_it_should(given: object, name: str) -> None:
    """`labelPosition` is a class of the whole; what it cannot be is Top."""
    found = html(render_widget(view_of(widget("Input", "A", labelPosition=given)), "A")).find(id="w.A")
    assert {found_name for found_name in found["class"].split() if found_name.startswith("label-")} == {name}


def test_spelling_is_checked_where_the_author_says_so() -> None:
    """`isSpellCheck`, but never for a password: browsers send what they check to their makers."""
    assert control()["spellcheck"] == "false"
    assert control(isSpellCheck=True)["spellcheck"] == "true"
    assert control(isSpellCheck=True, inputType="PASSWORD")["spellcheck"] == "false"


def test_numbers_may_have_arrows() -> None:
    """`showStepArrows` leaves a NUMBER its arrows; another input has none."""

    def field(**props: Any) -> list[str]:
        tree = html(render_widget(view_of(widget("Input", "A", **props)), "A"))
        return next(
            found["class"].split() for found in tree.all if (found.get("class") or "").startswith("field")
        )

    assert "steps" in field(inputType="NUMBER", showStepArrows=True)
    assert "steps" not in field(inputType="NUMBER")
    assert "steps" not in field(showStepArrows=True)


def test_the_page_opens_in_the_input_that_asks_for_it(stage: Stage, open_page: OpenPage) -> None:
    """`autoFocus`."""
    page = open_page()
    page.goto(stage.show(view_of(widget("Input", "A"), widget("Input", "B", autoFocus=True))))
    expect(page.locator("#c\\.B")).to_be_focused()


def test_events_leave_when_their_moment_comes(stage: Stage, open_page: OpenPage) -> None:
    """`onFocus`, `onBlur`, and `onSubmit` for Enter, for Ctrl+Enter where Enter is a line of its own."""
    events = frozenset({"onFocus", "onBlur", "onSubmit"})
    lines = widget("Input", "Lines", inputType="MULTI_LINE_TEXT", events=frozenset({"onSubmit"}))
    page = open_page()
    page.goto(stage.show(view_of(widget("Input", "A", events=events), lines)))
    alive(page)
    page.focus("#c\\.A")
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    page.focus("#c\\.Lines")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    until(lambda: len(stage.posts) == 4, page)
    assert [(post["widget"], post["event"]) for post in stage.posts] == [
        ("A", "onFocus"),
        ("A", "onSubmit"),
        ("A", "onBlur"),
        ("Lines", "onSubmit"),
    ]
    assert stage.posts[-1]["values"] == {"A": "x", "Lines": "\n"}


def test_methods_set_and_switch(tmp_path: Path) -> None:
    """`setValue`, `setRequired`, `setDisabled` and `setVisibility`, called by a click."""
    page = opened(
        tmp_path,
        """
- {name: Name, type: Input, defaultText: Ada}
- {name: State, type: Text, text: "{{ [Name.text, Name.value, Name.isValid, Name.isDisabled].join() }}"}
- {name: Go, type: Button, onClick: "{{ Name.setValue(''); Name.setRequired(true); Name.setDisabled(1) }}"}
- {name: Hide, type: Button, onClick: "{{ Name.setVisibility(false) }}"}
""",
    )
    assert page.shown("State").text == "Ada,Ada,true,false"
    page.press()
    assert page.shown("State").text == ",,false,true"
    found = page.shown("Name").find("input")
    assert ("required" in found, "disabled" in found, found.get("value")) == (True, True, None)
    page.press("Hide")
    assert list(page.shown("Name").matching("input")) == []


# Focus


def test_only_inputs_whose_focus_is_read_tell_it(tmp_path: Path) -> None:
    """`isFocused` costs nothing where no code names it: in a binding, a script or an event, of a row too."""
    page = opened(
        tmp_path,
        """
- {name: Read, type: Input}
- {name: Asked, type: Input}
- {name: Other, type: Input}
- {name: Hint, type: Text, text: "{{ Read.isFocused ? 'as in your passport' : '' }}"}
- {name: Go, type: Button, onClick: "{{ showAlert(String(Asked['isFocused'])) }}"}
- name: Rows
  type: List
  listData: "{{ [1] }}"
  widgets:
    - {name: InRow, type: Input}
    - {name: Shown, type: Text, text: "{{ currentView.InRow.isFocused }}"}
""",
    )
    told = {path: "data-focus" in page.shown(path).find("input") for path in ("Read", "Asked", "Other")}
    assert told == {"Read": True, "Asked": True, "Other": False}
    assert "data-focus" in page.shown("Rows[0].InRow").find("input")
    assert page.shown("Hint").text == ""
    page.post("Read", "isFocused", True)
    assert page.shown("Hint").text == "as in your passport"
    assert "isFocused" not in page.session.props["Read"], "only the sandbox knows"


@pytest.mark.parametrize("posted", ["true", 1, None, {}])
def test_focus_is_true_or_false(posted: object) -> None:
    """Whatever else a browser posts is refused."""
    assert (parse_focus(True, {}), parse_focus(False, {})) == (True, False)
    with pytest.raises(ValueError, match="neither"):
        parse_focus(posted, {})


def test_a_focus_that_is_read_is_posted(stage: Stage, open_page: OpenPage) -> None:
    """`isFocused`: one event for the way from one input to another, and none for an input that nobody
    asks; every other event says where the focus is, too."""
    read = {"read": frozenset({"isFocused"})}
    page = open_page()
    view = view_of(
        widget("Input", "A", **read),
        widget("Input", "B", **read),
        widget("Input", "C"),
        widget("Button", "Go", events=frozenset({"onClick"})),
    )
    page.goto(stage.show(view))
    alive(page)
    page.focus("#c\\.A")
    until(lambda: len(stage.posts) == 1, page)
    page.focus("#c\\.B")
    until(lambda: len(stage.posts) == 2, page)
    page.focus("#c\\.C")
    until(lambda: len(stage.posts) == 3, page)
    page.click("#c\\.Go")
    until(lambda: len(stage.posts) == 4, page)
    told = [(post["values"]["A:focus"], post["values"]["B:focus"]) for post in stage.posts]
    assert told == [(True, False), (False, True), (False, False), (False, False)]
    assert [post["event"] for post in stage.posts] == ["change", "change", "change", "onClick"]
    assert "C:focus" not in stage.posts[0]["values"]


def test_a_page_that_opens_with_the_focus_says_so(stage: Stage, open_page: OpenPage) -> None:
    """`autoFocus` counts like any other way to it."""
    page = open_page()
    page.goto(stage.show(view_of(widget("Input", "A", autoFocus=True, read=frozenset({"isFocused"})))))
    until(lambda: stage.posts, page)
    assert stage.posts[0]["values"]["A:focus"] is True
