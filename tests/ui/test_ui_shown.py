"""What widgets that show something, and those that take files or text, share with all others."""

from pathlib import Path

import pytest

from tests.ui.running import FRAME, FRAMED, Running, does, framing


@pytest.mark.parametrize("kind", ["Chart", "Iframe", "DocumentViewer"])
def test_a_frame_of_its_own(kind: str, tmp_path: Path) -> None:
    """Chart, Iframe and DocumentViewer: backgroundColor, borderColor, borderWidth, borderRadius and
    boxShadow, for the client to set."""
    assert framing(Running(tmp_path / "a", {"name": "It", "type": kind, **FRAME}).widget("It")) == FRAMED
    assert framing(Running(tmp_path / "b", {"name": "It", "type": kind}).widget("It")) == {}


@pytest.mark.parametrize("kind", ["Chart", "Iframe", "DocumentViewer", "FilePicker", "RichTextEditor"])
def test_they_can_be_hidden(kind: str, tmp_path: Path) -> None:
    """setVisibility of Chart, Iframe, DocumentViewer, FilePicker and RichTextEditor leaves an empty place."""
    page = Running(tmp_path, {"name": "It", "type": kind}, does("Gone", "It.setVisibility(false)"))
    assert "hidden" not in page.widget("It")
    page.press("Gone")
    assert page.value("It", "isVisible") is False
    assert "hidden" in page.widget("It")


@pytest.mark.parametrize("kind", ["FilePicker", "RichTextEditor"])
def test_they_can_be_needed_and_closed(kind: str, tmp_path: Path) -> None:
    """setRequired and setDisabled of FilePicker and RichTextEditor."""
    page = Running(
        tmp_path,
        {"name": "It", "type": kind},
        does("Need", "It.setRequired(true)"),
        does("Close", "It.setDisabled(true)"),
    )
    assert (page.value("It", "isValid"), page.enabled("It")) == (True, True)
    page.press("Need")
    page.press("Close")
    assert (page.value("It", "isValid"), page.enabled("It")) == (False, False)
