"""Statbox: a box with the widgets that show one figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look
from tests.ui.running import FRAME, FRAMED, Running, does, framing
from tests.ui.stage import Stage

INSIDE: list[Mapping[str, Any]] = [
    {"name": "What", "type": "Text", "text": "Page views", "textColor": "#71717a"},
    {
        "name": "Figure",
        "type": "Text",
        "text": "{{ (2.6).toFixed(1) }} M",
        "fontSize": "2rem",
        "fontStyle": "BOLD",
    },
    {"name": "Change", "type": "Text", "text": "21% more", "textColor": "#16a34a"},
    {"name": "More", "type": "IconButton", "iconName": "arrow-up", "onClick": "{{ showAlert('more') }}"},
]


def box(folder: Path, *more: Mapping[str, Any], **props: Any) -> Running:
    """A page with one Statbox."""
    return Running(folder, {"name": "Views", "type": "Statbox", "widgets": INSIDE, **props}, *more)


def test_its_widgets_stand_in_it(tmp_path: Path) -> None:
    """They are computed and do what they do anywhere."""
    page = box(tmp_path)
    tree = page.widget("Views")
    assert tree.text == "Page views 2.6 M 21% more"
    assert [inner["id"] for inner in tree.all if "data-widget" in inner] == [
        "w.Views",
        "w.What",
        "w.Figure",
        "w.Change",
        "w.More",
    ]
    page.press("More")
    assert page.said == ["more"]


def test_a_frame_of_its_own(tmp_path: Path) -> None:
    """backgroundColor, borderColor, borderWidth, borderRadius and boxShadow, for the client to set."""
    assert framing(box(tmp_path / "a", **FRAME).widget("Views")) == FRAMED
    assert framing(box(tmp_path / "b").widget("Views")) == {}


def test_it_may_scroll(tmp_path: Path) -> None:
    """With `shouldScrollContents` it can be reached by keyboard."""
    assert box(tmp_path / "a", shouldScrollContents=True).widget("Views")["tabindex"] == "0"
    assert "tabindex" not in box(tmp_path / "b").widget("Views")


def test_it_goes_with_all_that_stands_in_it(tmp_path: Path) -> None:
    """setVisibility hides it, and a button inside does nothing then."""
    page = box(tmp_path, does("Gone", "Views.setVisibility(false)"))
    page.press("Gone")
    assert page.value("Views", "isVisible") is False
    assert "hidden" in page.widget("Views")
    assert not page.press("More")


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken."""
    plain = {"name": "A", "type": "Statbox", "widgets": INSIDE}
    other = {
        "name": "B",
        "type": "Statbox",
        "backgroundColor": "#fef3c7",
        "widgets": [{"name": "T2", "type": "Text", "text": "41"}],
    }
    look(stage, open_page, tmp_path, [plain, other], scheme, width)
