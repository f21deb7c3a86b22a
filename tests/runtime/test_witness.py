"""What happens on a page is told without what must not be told (promises 58, 59)."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portico.definition.load import load
from portico.errors import ScriptOverrun
from portico.model.query import Request
from portico.runtime.observer import Called, Failed, Note, Said
from portico.runtime.queries import Result
from portico.runtime.surface import Surface
from portico.runtime.witness import Witness
from portico.sandbox.turn import LogLine, RunQuery, ScriptError
from portico.ui.widgets import CATALOGUE

BENCH = Path(__file__).parents[1] / "journeys" / "apps" / "bench"
APP = load(BENCH, types=CATALOGUE, settings={}).app
assert APP is not None
PAGE = APP.pages["Home"]
PASSWORD = 'p"w/d ä'
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2lnbmF0dXJl"


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def heard(self, visit: str, page: str, note: Note) -> None:
        assert (visit, page) == ("v" * 22, "Home")
        self.notes.append(note)


def witness(listener: Listener | None, *, typed: str = PASSWORD) -> Witness:
    """Of a page on which a password is typed."""
    assert APP is not None
    surface = Surface(PAGE, CATALOGUE)
    patch: Mapping[str, dict[str, Any]] = {
        path: {"inputType": "PASSWORD" if "Secret" in path else "TEXT", "value": "", "isVisible": True}
        for path in surface.everything()
    }
    patch["SecretInput"]["value"] = typed
    surface.merge(patch)
    return Witness(APP, PAGE, surface, visit_id="v" * 22, observer=listener)


def error(message: str, **changes: Any) -> ScriptError:
    """A script's error, at the line of the program where `Tools.fail` throws."""
    line = next(
        number
        for number, text in enumerate(PAGE.program.source.splitlines(), 1)
        if "this.missing.property" in text
    )
    fields: dict[str, Any] = {
        "event": "e1",
        "owner": "FailButton",
        "property": "onClick",
        "name": "TypeError",
        "message": message,
        "line": line,
        "column": 25,
        "unhandled": True,
        "query": None,
    }
    return ScriptError(**{**fields, **changes})


def call(path: str, **request: Any) -> RunQuery:
    """A query that is to be sent."""
    return RunQuery(id="g1.1", ev="e1", query="fetchWord", request=Request(path=path, **request), params={})


#: Ways in which a script may write the password down, or a token.
SPELLED = (PASSWORD, json.dumps(PASSWORD), "p%22w%2Fd%20%C3%A4", f"a {PASSWORD} b", JWT, f"Bearer {JWT}")


@pytest.mark.parametrize("text", SPELLED)
def test_no_note_and_no_log_line_holds_a_typed_password_or_a_jwt(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Printed, thrown, in a path or in the message of another server, however it is spelled."""
    listener = Listener()
    told = witness(listener)
    with caplog.at_level(logging.DEBUG):
        told.said(LogLine(level="log", text=f"it is {text}"))
        told.failed(error(f"not {text}"), "FailButton onClick")
        told.stopped(ScriptOverrun(text))
        answered = told.called(call(f"/words/{text}"), PAGE.queries["fetchWord"], "load")
        answered(Result(ok=False, message=f"refused {text}"))
    assert len(listener.notes) == 5
    everything = repr(listener.notes) + repr([record.__dict__ for record in caplog.records])
    assert "it is " in everything
    for secret in (PASSWORD, json.dumps(PASSWORD)[1:-1], "p%22w", JWT, JWT.partition(".")[2]):
        assert secret not in everything


def test_the_control_another_password_is_told() -> None:
    """What is not typed on this page, and no JWT, is shown: the search above would find it."""
    listener = Listener()
    witness(listener, typed="something else").said(LogLine(level="log", text=f"it is {PASSWORD}"))
    assert listener.notes == [Said(level="log", text=f"it is {PASSWORD}")]


def test_an_error_comes_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    """File, line and column in the app, not in the program."""
    listener = Listener()
    witness(listener).failed(error("no"), "FailButton onClick")
    (note,) = listener.notes
    assert isinstance(note, Failed)
    assert str(note.place).startswith("pages/Home/scripts/Tools.js:9:")
    assert (note.owner, note.property, note.event) == ("FailButton", "onClick", "FailButton onClick")
    assert caplog.records[0].__dict__["place"] == str(note.place)


def test_a_query_is_told_when_it_is_sent_and_when_it_is_answered() -> None:
    """With the names of its parameters alone: neither values, headers nor body."""
    listener = Listener()
    request = call(
        "/words?token=hidden1&page",
        params=(("key", "hidden2"),),
        headers=(("Authorization", "hidden3"),),
        body={"a": "hidden4"},
    )
    answered = witness(listener).called(request, PAGE.queries["fetchWord"], "load")
    meta = {"statusCode": "200 OK", "headers": {"x": ["hidden5"]}, "isExecutionSuccess": True}
    answered(Result(ok=True, value={"word": "hidden6"}, meta=meta))
    first, second = listener.notes
    assert isinstance(first, Called)
    assert isinstance(second, Called)
    assert first.path == second.path == "/words?token=…&page=…&key=…"
    assert (first.status, second.status, second.ok) == (None, "200 OK", True)
    assert first.id == second.id
    assert "hidden" not in repr(listener.notes)


def test_what_is_lost_is_told_once() -> None:
    """The same loss at the next snapshot is no news; another is."""
    listener = Listener()
    told = witness(listener)
    told.lost([["Tools", "started", "Map"]])
    told.lost([["Tools", "started", "Map"]])
    told.lost([["Tools", "started", "Map"], ["Tools", "at", "Date"]])
    texts = [note.text for note in listener.notes if isinstance(note, Said)]
    assert [text.partition(" ")[0] for text in texts] == ["Tools.started", "Tools.at"]


def test_without_an_observer_nothing_is_made() -> None:
    """`portico run` pays for none of it: the request is not even looked at."""
    untouchable = RunQuery(id="g1.1", ev="e1", query="fetchWord", request=None, params={})  # type: ignore[arg-type]
    told = witness(None)
    told.called(untouchable, PAGE.queries["fetchWord"], "load")(Result(ok=True))
    told.lost([["Tools", "started", "Map"]])
    with pytest.raises(AttributeError):
        witness(Listener()).called(untouchable, PAGE.queries["fetchWord"], "load")
