"""Form: the values of its inputs, whether they are right, and what leaves the server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ui.running import FRAME, FRAMED, Running, does, framing, text_of

NEEDED = {"name": "Needed", "type": "Input", "label": "Needed", "isRequired": True}


def opened(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with a form of an Input, a Checkbox in a box, and a Text; and an Input outside."""
    inside = (
        NEEDED,
        {
            "name": "Box",
            "type": "Container",
            "widgets": [{"name": "Agree", "type": "Checkbox", "label": "I agree"}],
        },
        {"name": "Words", "type": "Text", "text": "only words"},
    )
    form = {"name": "F", "type": "Form", "widgets": [*inside, does("Send", "showAlert('sent')")], **props}
    outside = {"name": "Outside", "type": "Input", "defaultText": "not of the form"}
    return Running(folder, form, outside, *more)


def test_data_are_the_values_of_all_inputs_inside(tmp_path: Path) -> None:
    """`data` by name, also of those in boxes, each in its own type; texts and what is outside have none."""
    form = opened(tmp_path, text_of("Said", "F.data"))
    assert form.value("F", "data") == {"Needed": "", "Agree": False}
    form.post("Needed", "typed")
    form.post("Agree", "true")
    assert form.value("F", "data") == {"Needed": "typed", "Agree": True}
    assert form.widget("Said").text == '{"Needed":"typed","Agree":true}'


def test_has_changes_until_it_is_reset(tmp_path: Path) -> None:
    """`hasChanges` once a user changed something, also back to what it was; a reset ends that."""
    form = opened(tmp_path, does("Reset", "resetWidget('F')"))
    assert form.value("F", "hasChanges") is False
    form.post("Outside", "changed")
    assert form.value("F", "hasChanges") is False
    form.post("Needed", "x")
    form.post("Needed", "")
    assert form.value("F", "hasChanges") is True
    form.press("Reset")
    assert (form.value("F", "hasChanges"), form.value("F", "data")["Needed"]) == (False, "")


def test_it_is_valid_if_all_that_is_shown_is(tmp_path: Path) -> None:
    """`isValid` follows its inputs; one that is hidden cannot be put right, so it does not count."""
    form = opened(tmp_path, does("Hide", "Needed.setVisibility(false)"))
    assert form.value("F", "isValid") is False
    form.post("Needed", "there")
    assert form.value("F", "isValid") is True
    form.post("Needed", "")
    form.press("Hide")
    assert form.value("F", "isValid") is True


def test_set_visibility_takes_it_off_the_server(tmp_path: Path) -> None:
    """`setVisibility(false)`: nothing of it is shown, and nothing in it takes values; then it is back."""
    form = opened(tmp_path, does("Hide", "F.setVisibility(0)"), does("Show", "F.setVisibility('yes')"))
    form.post("Needed", "kept")
    form.press("Hide")
    assert (form.value("F", "isVisible"), form.enabled("Needed"), form.enabled("Send")) == (
        False,
        False,
        False,
    )
    assert not form.post("Needed", "smuggled")
    hidden = form.widget("F")
    assert (hidden.children, hidden.text, "hidden" in hidden) == ([], "", True)
    form.press("Show")
    assert form.widget("F").find("input", name="v.Needed")["value"] == "kept"


def test_it_posts_its_own_inputs(tmp_path: Path) -> None:
    """The element is a form that posts to its page; what stands in it has no `form` attribute, what stands
    outside belongs to the page's own. Each says which visit it is of."""
    form = opened(tmp_path)
    element = form.widget("F")
    assert (element.tag, element["method"], element["action"]) == ("form", "post", "")
    assert "form" not in element.find("input", name="v.Needed")
    assert "form" not in element.find("button", value="Send onClick")
    assert element.find("input", name="portico.visit")["value"] == "v"
    assert form.page.find("input", name="v.Outside")["form"] == "portico"


def test_its_frame_is_data_for_the_client(tmp_path: Path) -> None:
    """`backgroundColor`, `borderColor`, `borderWidth`, `borderRadius` and `boxShadow`."""
    assert framing(opened(tmp_path, **FRAME).widget("F")) == FRAMED


@pytest.mark.parametrize(("scrolls", "expected"), [(True, True), (False, False), (None, False)])
def test_one_that_scrolls_can_be_reached_by_keyboard(tmp_path: Path, scrolls: object, expected: bool) -> None:
    """`shouldScrollContents`."""
    element = opened(
        tmp_path, shouldScrollContents=f"{{{{ {str(scrolls).lower().replace('none', 'null')} }}}}"
    )
    found = element.widget("F")
    assert ("data-scrolls" in found, found.get("tabindex") == "0") == (expected, expected)
