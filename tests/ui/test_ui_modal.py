"""Modal: a dialog that holds the focus where scripts run, and one of the page where none do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets import modal
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import FRAME, FRAMED, Running, does, framing
from tests.ui.sites import in_modal
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until


def dialog(**props: object) -> Element:
    """The rendered dialog."""
    return parse(render_widget(in_modal(**props), "Details")).find("dialog")


def test_without_scripts_it_is_an_open_dialog_with_a_button_that_closes() -> None:
    """The button posts the one address that the widget takes, outside of any form inside it."""
    found = dialog()
    assert "open" in found
    close = found.find("button", aria_label="Close")
    assert (close["type"], close["form"], close["name"], close["value"]) == (
        "submit",
        "portico",
        "v.Details:closed",
        "true",
    )
    assert "formnovalidate" in close


def test_one_that_is_closed_does_not_leave_the_server() -> None:
    """Neither it nor anything in it."""
    html = render_widget(in_modal(), "Other")
    assert "never shown" not in html
    assert html.endswith("hidden></div>")


@pytest.mark.parametrize(
    ("width", "size"),
    [
        (456, 456),
        (640, 640),
        (639, 456),
        (2000, 1024),
        (100, 320),
        (0, 320),
        (-5, 320),
        (None, 456),
        ("wide", 456),
        (True, 456),
    ],
)
def test_a_width_is_the_greatest_class_that_fits(width: object, size: int) -> None:
    """What is no number is not set."""
    assert f"modal-{size}" in dialog(width=width)["class"].split()


@pytest.mark.parametrize("title", ["Change", "", None, 5, [], {"a": 1}])
def test_it_always_has_a_name(title: object) -> None:
    """Its title, or else that of the widget in words."""
    found = dialog(title=title)
    assert found["aria-label"].strip()
    assert len(list(found.matching("h2"))) == (1 if title not in ("", None) else 0)


@pytest.mark.parametrize(
    ("escape", "outside", "closes"),
    [(True, True, "escape outside"), (False, True, "outside"), (True, False, "escape"), (False, False, "")],
)
def test_it_says_what_closes_it(escape: bool, outside: bool, closes: str) -> None:
    """For the client; its own button always does."""
    assert dialog(canEscapeKeyClose=escape, canOutsideClickClose=outside)["data-modal"] == closes


def test_a_user_can_close_it_but_not_open_it() -> None:
    """What is posted is `true`, and only while it is open."""
    shown = {"isVisible": True}
    assert modal.parse(True, shown, "") is False
    assert modal.parse("true", shown, "") is False
    for posted, props in (("true", {"isVisible": False}), (False, shown), ("false", shown), (1, shown)):
        with pytest.raises(ValueError, match="not open"):
            modal.parse(posted, props, "")


def test_no_payload_gets_out_of_its_title() -> None:
    """Titles are text."""
    for payload in PAYLOADS:
        found = dialog(title=payload, width=payload, canEscapeKeyClose=payload)
        assert set(found.attributes) == {"id", "data-widget", "class", "open", "data-modal", "aria-label"}
        assert found["aria-label"] == payload


def running(folder: Path, **props: Any) -> Running:
    """A page with a modal that says when it was closed."""
    modal_ = {
        "name": "M",
        "type": "Modal",
        "onClose": "{{ showAlert('closed ' + M.isOpen) }}",
        "widgets": [{"name": "Field", "type": "Input"}],
        **props,
    }
    both = "(() => { closeModal('M'); closeModal('M') })()"
    return Running(folder, modal_, does("Open", "showModal('M')"), does("Close", both))


def test_it_is_open_between_show_and_close(tmp_path: Path) -> None:
    """`isOpen` and `isVisible` say so; what stands in it takes values only meanwhile."""
    page = running(tmp_path)
    assert (page.value("M", "isOpen"), page.post("Field", "smuggled")) == (False, False)
    page.press("Open")
    assert (page.value("M", "isOpen"), page.value("M", "isVisible")) == (True, True)
    assert page.post("Field", "typed")
    page.press("Close")
    assert (page.value("M", "isOpen"), page.widget("M").children) == (False, [])


def test_it_fires_once_when_it_closes(tmp_path: Path) -> None:
    """`onClose`, whether a script or the user closes it; it is closed by then, and cannot be closed twice."""
    page = running(tmp_path)
    page.press("Open")
    page.press("Close")
    assert page.said == ["closed false"]
    page.press("Close")
    assert page.said == []
    page.press("Open")
    assert page.post("M:closed", "true")
    assert page.said == ["closed false"]
    assert not page.post("M:closed", "true")


def test_its_frame_is_data_for_the_client(tmp_path: Path) -> None:
    """`backgroundColor`, `borderColor`, `borderWidth`, `borderRadius` and `boxShadow` are of the window."""
    page = running(tmp_path, **FRAME)
    page.press("Open")
    assert framing(page.widget("M")) == FRAMED


@pytest.mark.parametrize("scrolls", [True, False])
def test_its_body_scrolls_not_its_head(tmp_path: Path, scrolls: bool) -> None:
    """`shouldScrollContents`: the body can then be reached by keyboard, and the button that closes stays."""
    page = running(tmp_path, shouldScrollContents=scrolls)
    page.press("Open")
    found = [element for element in page.widget("M").all if "data-scrolls" in element]
    assert [element.get("class") for element in found] == (["modal-body"] if scrolls else [])
    assert [element.get("tabindex") for element in found] == (["0"] if scrolls else [])


@pytest.mark.parametrize("width", [375, 1280])
def test_it_fits(stage: Stage, open_page: OpenPage, width: int) -> None:
    """It is as wide as it says, but never wider than the window; long ones scroll inside."""
    page = open_page(viewport={"width": width, "height": 500})
    page.goto(stage.show(in_modal(title="Long " * 60, width=640)))
    alive(page)
    found = page.get_by_role("dialog")
    expect(found).to_be_visible()
    box = found.bounding_box()
    assert box is not None
    assert box["width"] == (343 if width == 375 else 640)
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 500
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_focus_goes_to_the_first_field(stage: Stage, open_page: OpenPage) -> None:
    """One can type at once."""
    page = open_page()
    page.goto(stage.show(in_modal()))
    alive(page)
    expect(page.get_by_label("Street")).to_be_focused()


def test_the_focus_stays_inside(stage: Stage, open_page: OpenPage) -> None:
    """Tab goes round in it: nothing behind it can be reached."""
    page = open_page()
    page.goto(stage.show(in_modal()))
    alive(page)
    seen = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('dialog') ? 'in' : document.activeElement.id"))
    assert "in" in seen
    assert not {name for name in seen if name.startswith("w.")}


@pytest.mark.parametrize("closes", [True, False])
def test_escape_and_a_click_beside_it(stage: Stage, open_page: OpenPage, closes: bool) -> None:
    """Both are the event of its button; where they may not close it, nothing is sent and it stays."""
    page = open_page()
    page.goto(stage.show(in_modal(canEscapeKeyClose=closes, canOutsideClickClose=closes)))
    alive(page)
    acts: tuple[Callable[[], None], ...] = (
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(3, 3),
    )
    for count, act in enumerate(acts, 1):
        act()
        if closes:
            until(lambda count=count: len(stage.posts) == count, page)  # type: ignore[misc]
        else:
            # A browser closes a dialog by itself when Escape is pressed twice: it is opened again.
            act()
            page.wait_for_timeout(200)
            assert stage.posts == []
        assert page.evaluate("document.querySelector('dialog').matches(':modal')")
    for post in stage.posts:
        assert (post["widget"], post["event"], post["values"]["Details:closed"]) == (
            "Details:closed",
            "change",
            "true",
        )
