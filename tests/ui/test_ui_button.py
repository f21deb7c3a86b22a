"""Button, Form and Container: what is posted, and when."""

from pathlib import Path
from typing import Any

import pytest

from portico.sandbox.turn import ShowAlert
from portico.ui.render import render_widget
from portico.ui.widgets import form as form_module
from portico.ui.widgets import input as input_module
from portico.ui.widgets.button import TYPE, parse_token
from portico.ui.widgets.icons import ICONS
from tests.ui.markup import Element, parse
from tests.ui.opened import opened
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


@pytest.mark.parametrize(
    ("given", "name"),
    [("START", "label-start"), ("BETWEEN", "label-between"), ("CENTER", "label-center"), (7, "label-center")],
)
def test_the_label_has_its_place(given: object, name: str) -> None:
    """`placement` is a class; what it cannot be is the default."""
    classes = button(placement=given)["class"].split()
    assert [one for one in classes if one.startswith("label-")] == [name]


@pytest.mark.parametrize(("side", "order"), [("left", ["svg", "span"]), ("right", ["span", "svg"])])
def test_an_icon_stands_beside_the_label(side: str, order: list[str]) -> None:
    """`iconName` is one of those that an IconButton has, `iconAlign` its side; it is for the eyes alone."""
    found = button(text="Save", iconName=" Floppy-Disk", iconAlign=side)
    assert [child.tag for child in found.children] == order
    assert found.find("path")["d"] == ICONS["floppy-disk"][1]
    assert (found.find("svg")["aria-hidden"], "aria-label" in found) == ("true", False)


@pytest.mark.parametrize("name", ["", None, "unheard-of", {"a": 1}])
def test_a_label_can_do_without_an_icon(name: object) -> None:
    """An icon that there is not is none: the label says what the button does."""
    assert [child.tag for child in button(text="Save", iconName=name).children] == ["span"]


def test_an_icon_alone_has_a_name() -> None:
    """Without a label the button is called by its tooltip, else by what the icon means."""
    assert button(text="", iconName="trash")["aria-label"] == "Delete"
    assert button(text="", iconName="trash", tooltip="Delete this row")["aria-label"] == "Delete this row"


def test_methods_change_what_was_bound(tmp_path: Path) -> None:
    """`setLabel`, `setColor`, `setDisabled` and `setVisibility`, called by another button."""
    page = opened(
        tmp_path,
        """
- {name: B, type: Button, text: "{{ 'La' + 'bel' }}", onClick: "{{ showAlert('x') }}"}
- name: Go
  type: Button
  onClick: "{{ B.setLabel(5); B.setColor('#dc2626'); B.setDisabled('yes') }}"
- {name: Hide, type: Button, onClick: "{{ B.setVisibility(false) }}"}
""",
    )
    before = page.shown("B").find("button")
    assert (before.text, "disabled" in before, "data-fill" in before) == ("Label", False, False)
    page.press()
    after = page.shown("B").find("button")
    assert (after.text, "disabled" in after, after["data-fill"]) == ("5", True, "#dc2626")
    page.press("Hide")
    assert list(page.shown("B").matching("button")) == []


# reCAPTCHA


def test_a_key_asks_for_a_token() -> None:
    """`googleRecaptchaKey` and `recaptchaType` stand on the button, beside it a control for the token, and
    words for those without JavaScript."""
    tree = parse(render_widget(view_of(widget("Button", "B", googleRecaptchaKey=" k-1 ", events=CLICK)), "B"))
    found = tree.find("button")
    assert (found["data-recaptcha"], found["data-key"]) == ("v3", "k-1")
    token = tree.find("input", type="hidden")
    assert (token["name"], token["form"], token.get("value")) == ("v.B:recaptcha", "portico", None)
    assert "JavaScript" in tree.find("noscript").text
    assert button(googleRecaptchaKey="k", recaptchaType="V2", events=CLICK)["data-recaptcha"] == "v2"
    assert button(googleRecaptchaKey="k", recaptchaType="V4", events=CLICK)["data-recaptcha"] == "v3"


@pytest.mark.parametrize("props", [{"events": CLICK}, {"googleRecaptchaKey": "k"}])
def test_without_key_or_action_nothing_is_asked(props: dict[str, Any]) -> None:
    """No key, or nothing that a click would do: an ordinary button."""
    tree = parse(render_widget(view_of(widget("Button", "B", **props)), "B"))
    assert [child.tag for child in tree.find("div").children] == ["button"]
    assert "data-recaptcha" not in tree.find("button")


def test_only_a_button_with_a_key_takes_a_token() -> None:
    """What is no token, or was not asked for, is refused; so is a click that brings none."""
    keyed = {"googleRecaptchaKey": "k"}
    assert parse_token("03AGdBq2_x-Y.z", keyed) == "03AGdBq2_x-Y.z"
    for posted, props in (("03A", {}), ("", keyed), ("a b", keyed), ("x" * 20_000, keyed), (5, keyed)):
        with pytest.raises(ValueError, match="token"):
            parse_token(posted, props)
    demand = TYPE.inputs["recaptcha"].demand
    assert "reCAPTCHA" in demand(keyed)
    assert demand({"googleRecaptchaKey": " "}) == demand({}) == ""


def test_a_token_is_read_by_scripts_alone(tmp_path: Path) -> None:
    """`recaptchaToken` is what the click brought; nothing of it goes out that no binding shows."""
    page = opened(
        tmp_path,
        """
- name: Go
  type: Button
  googleRecaptchaKey: k
  onClick: "{{ showAlert(String(Go.recaptchaToken)) }}"
""",
    )
    page.post("Go", "recaptchaToken", "t-1")
    (said,) = page.press().effects
    assert isinstance(said, ShowAlert)
    assert said.message == "t-1"
    assert "recaptchaToken" not in page.session.props["Go"]


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
