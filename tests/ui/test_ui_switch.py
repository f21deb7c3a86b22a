"""Switch: on or off, and the native control."""

from pathlib import Path
from typing import Any

import pytest

from portico.ui.render import render_widget
from portico.ui.widgets.checkbox import parse
from portico.ui.widgets.switch import TYPE
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look, show
from tests.ui.markup import Element
from tests.ui.markup import parse as html
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.script import run
from tests.ui.sites import view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import until


def rendered(**props: Any) -> Element:
    """The rendered widget."""
    return html(render_widget(view_of(widget("Switch", "Mails", **props)), "Mails"))


@pytest.mark.parametrize(
    ("props", "on"),
    [
        ({}, False),
        ({"defaultSwitchState": True}, True),
        ({"defaultSwitchState": "false"}, False),
        ({"defaultSwitchState": True, "switched": False}, False),
        ({"switched": True}, True),
    ],
)
def test_it_is_what_the_user_said_else_the_default(props: dict[str, Any], on: bool) -> None:
    """`switched` counts before `defaultSwitchState`; `value` and `isSwitchedOn` say the same."""
    assert run(TYPE, props, "[self.isSwitchedOn, self.value]") == [on, on]


def test_being_required() -> None:
    """Off is invalid where it has to be on; the message says so."""
    wanted = "[self.isValid, self.message]"
    assert run(TYPE, {"isRequired": True}, wanted) == [False, "Please switch this on."]
    assert run(TYPE, {"isRequired": True, "switched": True}, wanted) == [True, ""]


def test_methods_switch_and_paint(tmp_path: Path) -> None:
    """setValue, setColor, setDisabled, setVisibility and setRequired; a reset takes back what was set."""
    page = Running(
        tmp_path,
        {"name": "Mails", "type": "Switch", "defaultSwitchState": True},
        does("Off", "Mails.setValue(false); Mails.setColor('#dc2626'); Mails.setRequired(true)"),
        does("Gone", "Mails.setDisabled(true); Mails.setVisibility(false)"),
        does("Reset", "resetWidget('Mails')"),
    )
    page.press("Off")
    assert (page.value("Mails", "isSwitchedOn"), page.value("Mails", "isValid")) == (False, False)
    assert page.widget("Mails").find(role="switch")["data-fill"] == "#dc2626"
    page.press("Reset")
    assert (page.value("Mails", "isSwitchedOn"), page.value("Mails", "isDirty")) == (True, False)
    page.press("Gone")
    assert (page.value("Mails", "isDisabled"), page.value("Mails", "isVisible")) == (True, False)


@pytest.mark.parametrize("posted", ["on", "", None, 1, [True]])
def test_parse_refuses_what_is_no_state(posted: object) -> None:
    """Only true and false, and their names, can be posted."""
    assert (parse("true", {}), parse(False, {})) == (True, False)
    with pytest.raises(ValueError, match="neither"):
        parse(posted, {})


def test_a_change_fires(tmp_path: Path) -> None:
    """`onChange` runs when its state becomes another, and sees the new one."""
    page = Running(
        tmp_path, {"name": "Mails", "type": "Switch", "onChange": "{{ showAlert(`${Mails.value}`) }}"}
    )
    assert page.post("Mails", True)
    assert (page.said, page.value("Mails", "isDirty")) == (["true"], True)
    assert not page.post("Mails", "true")


def test_the_control_is_native() -> None:
    """A checkbox in the role of a switch, with label, hint and message, and a hidden input before it."""
    tree = rendered(label="Mails", tooltip="Every day", isRequired=True, isDisabled=True, isSwitchedOn=True)
    control = tree.find(role="switch")
    assert (control["type"], control["id"], control["name"]) == ("checkbox", "c.Mails", "v.Mails")
    assert {"required", "disabled", "checked"} <= control.attributes.keys()
    assert control["aria-describedby"].split() == ["h.Mails", "e.Mails"]
    assert tree.find("label")["for"] == "c.Mails"
    hidden = tree.find("input")
    assert (hidden["type"], hidden["value"], "disabled" in hidden) == ("hidden", "false", True)
    assert rendered(label="").find(role="switch")["aria-label"] == "Mails"


def test_places_are_classes() -> None:
    """`labelPosition` and `alignWidget`; the label of a Switch stands on its left."""
    assert {"stands-left", "words-left"} <= set(rendered().find(id="w.Mails")["class"].split())
    other = rendered(labelPosition="Right", alignWidget="RIGHT").find(id="w.Mails")["class"].split()
    assert {"stands-right", "words-right"} <= set(other)


def test_a_message_is_shown_once_it_was_touched() -> None:
    """An untouched Switch does not complain; one that is dirty and off does, if it is required."""
    assert "hidden" in rendered(isRequired=True, isValid=False).find(id="e.Mails")
    told = rendered(isRequired=True, isValid=False, isDirty=True, message="Please switch this on.")
    assert told.find(id="e.Mails").text == "Please switch this on."
    assert told.find(role="switch")["aria-invalid"] == "true"


def test_a_change_is_posted_if_it_means_something() -> None:
    """At once, if an action hangs on it or a binding reads it."""
    assert "data-live" not in rendered().find(role="switch")
    assert rendered(live=True).find(role="switch")["data-live"] == "value"
    assert rendered(events=frozenset({"onChange"})).find(role="switch")["data-live"] == "event"


def test_no_word_breaks_out() -> None:
    """40 payloads as label, tooltip and accentColor: words and attributes, never elements."""
    tags = sorted(element.tag for element in rendered(label="a", tooltip="b", accentColor="red").all)
    for payload in PAYLOADS:
        tree = rendered(label=payload, tooltip=payload, accentColor=payload)
        assert sorted(element.tag for element in tree.all) == tags


def test_the_keyboard_switches_it(stage: Stage, open_page: OpenPage, tmp_path: Path) -> None:
    """Space does, and the change is posted."""
    view = Running(tmp_path, {"name": "Mails", "type": "Switch", "onChange": "{{ 1 }}"}).view
    page = show(stage, open_page(), view)
    page.focus("#c\\.Mails")
    page.keyboard.press("Space")
    until(lambda: stage.posts and stage.posts[-1]["values"] == {"Mails": True}, page)


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, whatever state it is in."""
    states: list[dict[str, Any]] = [
        {"label": "On", "defaultSwitchState": True, "tooltip": "All of them"},
        {"label": "Off", "labelPosition": "Right", "accentColor": "#16a34a"},
        {"label": "", "isDisabled": True, "alignWidget": "RIGHT", "defaultSwitchState": True},
    ]
    named = [{"name": f"S{at}", "type": "Switch", **state} for at, state in enumerate(states)]
    look(stage, open_page, tmp_path, named, scheme, width)
