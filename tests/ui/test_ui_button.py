"""Button, Form and Container: what is posted, and when."""

from typing import Any

import pytest

from portico.ui.render import render_widget
from portico.ui.widgets import form as form_module
from portico.ui.widgets import input as input_module
from tests.ui.markup import Element, parse
from tests.ui.script import run
from tests.ui.sites import login, view_of, widget

CLICK = frozenset({"onClick"})


def button(in_form: bool = False, **props: Any) -> Element:
    """A rendered button."""
    tree = widget("Button", "B", **props)
    view = view_of(widget("Form", "F", tree) if in_form else tree)
    return parse(render_widget(view, "B")).find("button")


def test_a_button_names_its_event() -> None:
    """A click posts the widget's path and the event, inside the form it stands in."""
    found = button(in_form=True, events=CLICK)
    assert (found["type"], found["name"], found["value"]) == ("submit", "portico.event", "B onClick")
    assert "form" not in found
    assert button(events=CLICK)["form"] == "portico"


def test_a_button_without_action_posts_nothing() -> None:
    """Without action there is nothing to post, unless it resets its form."""
    assert (button()["type"], "name" in button()) == ("button", False)
    assert button(in_form=True, resetFormOnClick=True)["value"] == "B onClick"


def test_only_a_button_that_waits_for_a_valid_form_is_validated() -> None:
    """`disabledWhenInvalid` never renders `disabled` (hard-cases 23); other buttons post in any case."""
    waits = button(in_form=True, events=CLICK, disabledWhenInvalid=True)
    assert ("data-needs-valid" in waits, "formnovalidate" in waits, "disabled" in waits) == (
        True,
        False,
        False,
    )
    posts = button(in_form=True, events=CLICK)
    assert ("data-needs-valid" in posts, "formnovalidate" in posts) == (False, True)
    alone = button(events=CLICK, disabledWhenInvalid=True)
    assert ("data-needs-valid" in alone, "formnovalidate" in alone) == (False, True)


def test_a_disabled_button_is_disabled() -> None:
    """`isDisabled` is the server's own decision."""
    assert "disabled" in button(events=CLICK, isDisabled=True)
    assert "disabled" not in button(events=CLICK, isDisabled=None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("PRIMARY", "primary"),
        ("SECONDARY", "secondary"),
        ("TERTIARY", "tertiary"),
        ("OTHER", "primary"),
        (None, "primary"),
    ],
)
def test_variants_are_classes(given: object, expected: str) -> None:
    """A variant that does not exist is the first."""
    assert expected in button(buttonVariant=given)["class"].split()


def test_a_bound_colour_is_data_and_a_class() -> None:
    """The exact colour is for the client, the nearest tone for where no script runs."""
    found = button(buttonColor="#dc2626")
    assert (found["data-fill"], "fill-red" in found["class"].split()) == ("#dc2626", True)
    assert "data-fill" not in button(buttonColor="red; background: url(x)")
    assert "data-fill" not in button(buttonColor="")


def test_a_tooltip_describes_the_button() -> None:
    """The tooltip is text on the page, tied to the button."""
    tree = parse(render_widget(view_of(widget("Button", "B", tooltip="Ask again tomorrow")), "B"))
    assert tree.find("button")["aria-describedby"] == tree.find("span", role="tooltip")["id"]
    assert tree.find("span", role="tooltip").text == "Ask again tomorrow"


def test_labels_are_words_whatever_they_were() -> None:
    """A label bound to something else than text is still shown."""
    assert button(text=5.0).text == "5"
    assert button(text=None).text == ""
    assert button(text={"a": 1}).text == '{"a": 1}'


def test_a_form_posts_to_its_own_address() -> None:
    """The query string stays, and the visit travels in hidden inputs."""
    tree = parse(render_widget(login(visit="v" * 22, n=4), "LoginForm")).find("form")
    assert (tree["method"], tree["action"]) == ("post", "")
    hidden = {found["name"]: found["value"] for found in tree.matching("input", type="hidden")}
    assert hidden == {"portico.visit": "v" * 22, "portico.n": "4"}


def test_a_form_for_everybody_has_no_visit() -> None:
    """A page that is the same for everybody holds nothing of anybody."""
    tree = parse(render_widget(login(), "LoginForm"))
    assert list(tree.matching("input", type="hidden")) == []


def inputs(**given: Any) -> list[tuple[Any, str, dict[str, Any]]]:
    """Inputs by name, with their properties."""
    return [(input_module.TYPE, name, props) for name, props in given.items()]


def test_a_form_gathers_its_inputs() -> None:
    """`data` is the value of each input by name, `hasChanges` whether one was touched."""
    inside = inputs(A={"typed": "x", "isDirty": True}, B={"inputType": "NUMBER", "typed": 5})
    assert run(form_module.TYPE, {}, "[self.data, self.hasChanges]", inside=inside) == [
        {"A": "x", "B": 5},
        True,
    ]
    assert run(form_module.TYPE, {}, "[self.data, self.hasChanges]", inside=inputs(A={})) == [
        {"A": ""},
        False,
    ]


def test_a_form_is_valid_if_all_that_is_shown_is() -> None:
    """What cannot be seen cannot be put right, and does not count."""
    assert run(form_module.TYPE, {}, "self.isValid", inside=inputs(A={"isRequired": True})) is False
    hidden = inputs(A={"isRequired": True, "isVisible": False}, B={})
    assert run(form_module.TYPE, {}, "self.isValid", inside=hidden) is True


def test_a_box_says_how_it_is_framed() -> None:
    """Colours and sizes are data for the client; what is no colour or size is left out."""
    view = view_of(
        widget(
            "Container",
            "C",
            backgroundColor="#fef3c7",
            borderColor="rgb(1, 2, 3)",
            borderWidth=2,
            borderRadius="1rem",
            boxShadow="0 1px 2px red; background: url(x)",
            shouldScrollContents=True,
        )
    )
    found = parse(render_widget(view, "C")).find("div", id="w.C")
    data = {name: value for name, value in found.attributes.items() if name.startswith("data-") and value}
    assert data == {
        "data-widget": "C",
        "data-background": "#fef3c7",
        "data-border-color": "rgb(1, 2, 3)",
        "data-border-width": "2px",
        "data-radius": "1rem",
    }
    assert found["tabindex"] == "0"
