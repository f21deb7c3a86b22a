"""What scripts ask the browser to do with data: download, copyToClipboard; and logoutUser."""

from typing import Any

import pytest

from portico.sandbox.turn import CopyText, Download, SignOut
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import Session, commands


def of(code: str) -> Any:
    """The only command of an event."""
    session = Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}"})))
    turn = session.event()
    assert turn.errors == (), turn.errors
    (command,) = commands(turn)
    return command


@pytest.mark.parametrize(
    ("code", "data", "address", "name", "media_type"),
    [
        ("download('a,b', 'x.csv', 'text/csv')", "a,b", False, "x.csv", "text/csv"),
        ("download('text')", "text", False, "download", "text/plain"),
        ("download({a: [1]}, 'a.json')", '{\n  "a": [\n    1\n  ]\n}', False, "a.json", "application/json"),
        ("download(12.5, 'n.txt')", "12.5", False, "n.txt", "text/plain"),
        ("download('https://x.test/f.pdf', 'f.pdf')", "https://x.test/f.pdf", True, "f.pdf", "text/plain"),
        ("download('data:image/gif;base64,A', 'p', 'a/b')", "data:image/gif;base64,A", True, "p", "a/b"),
    ],
)  # fmt: skip
def test_downloads(code: str, data: str, address: bool, name: str, media_type: str) -> None:
    """Text, values as JSON, and what is somewhere else."""
    assert of(code) == Download(ev="e1", data=data, address=address, name=name, type=media_type)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("copyToClipboard('words')", "words"),
        ("copyToClipboard(5)", "5"),
        ("copyToClipboard({a: 1})", '{\n  "a": 1\n}'),
        ("copyToClipboard(undefined)", ""),
    ],
)
def test_copies(code: str, text: str) -> None:
    """What is no text becomes one."""
    assert of(code) == CopyText(ev="e1", text=text)


def test_logging_out() -> None:
    """To an address, or to where signed-out visitors go."""
    assert of("logoutUser()") == SignOut(ev="e1", to=None)
    assert of("logoutUser('Bye')") == SignOut(ev="e1", to="Bye")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("download()", "download: there are no data"),
        ("download('x', 5)", "download: the name of the file must be a text"),
        ("download('x', 'y', {})", "download: the type of the file must be a text"),
        ("logoutUser(5)", "logoutUser needs an address, or nothing"),
    ],
)
def test_wrong_arguments_are_named(code: str, says: str) -> None:
    """The message says which function and what it needs."""
    session = Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}"})))
    (error,) = session.event().errors
    assert error.message == says
