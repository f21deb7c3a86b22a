"""Container: a box with a frame, which can be hidden with all that stands in it."""

from pathlib import Path
from typing import Any

import pytest

from tests.ui.running import FRAME, FRAMED, Running, does, framing

INSIDE = ({"name": "Words", "type": "Text", "text": "inside"}, {"name": "Field", "type": "Input"})


def box(folder: Path, **props: Any) -> Running:
    """A page with a Container."""
    container = {"name": "Box", "type": "Container", "widgets": INSIDE, **props}
    return Running(
        folder,
        container,
        does("Hide", "Box.setVisibility(false)"),
        does("Show", "Box.setVisibility(true)"),
    )


def test_its_frame_is_data_for_the_client(tmp_path: Path) -> None:
    """`backgroundColor`, `borderColor`, `borderWidth`, `borderRadius`, `boxShadow`; numbers are pixels."""
    assert framing(box(tmp_path, **FRAME).widget("Box")) == FRAMED


@pytest.mark.parametrize("odd", ["-3", "1px; color: red", "url(x)", "#12", "calc(1px)", "99999px"])
def test_what_is_no_size_or_colour_is_left_out(tmp_path: Path, odd: str) -> None:
    """Nothing of it reaches a style."""
    bound = f"{{{{ '{odd}' }}}}"
    assert framing(box(tmp_path, **dict.fromkeys(list(FRAME)[:4], bound)).widget("Box")) == {}


def test_set_visibility_hides_all_that_stands_in_it(tmp_path: Path) -> None:
    """`setVisibility(false)`: `isVisible` is false, an empty place stays, and the field takes nothing."""
    page = box(tmp_path)
    assert page.widget("Box").text.startswith("inside")
    page.press("Hide")
    assert page.value("Box", "isVisible") is False
    assert "inside" not in page.page.text
    assert not page.post("Field", "smuggled")
    page.press("Show")
    assert page.post("Field", "typed")
    assert page.widget("Box").find("input", name="v.Field")["value"] == "typed"


def test_one_that_scrolls_can_be_reached_by_keyboard(tmp_path: Path) -> None:
    """`shouldScrollContents`, also if it is bound."""
    assert box(tmp_path, shouldScrollContents="{{ 1 === 1 }}").widget("Box")["tabindex"] == "0"


def test_one_that_does_not_scroll_is_no_stop(tmp_path: Path) -> None:
    """By default."""
    assert "tabindex" not in box(tmp_path).widget("Box")
