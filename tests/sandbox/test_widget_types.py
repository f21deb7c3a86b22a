"""What a widget type's own JavaScript can do: computed over the author's value, only when asked for, with a
library, commands and complaints."""

import json
from typing import Any

import pytest

from portico.model.program import Program
from portico.sandbox.turn import Download, ShowAlert
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, commands, request


def board(size: Any = 3, *more: Widget, **on: str) -> Program:
    """A page with the widget `B`, whose size is computed from what the author gave."""
    says = {"onClick": "{{ showAlert(JSON.stringify([B.size, globalThis.computed ?? 0, globalThis.made])) }}"}
    return page(
        Widget("B", "Board", props={"size": size}, on=on), Widget("Go", on=says), *more, queries=[Query("q")]
    )


def said(session: Session) -> str:
    """What the page's button shows."""
    (alert,) = commands(session.event())
    assert isinstance(alert, ShowAlert)
    return alert.message


def test_a_property_computed_from_what_the_author_gave() -> None:
    """`kit.given` is the author's value; a method sets it over, and a snapshot keeps that."""
    session = Session(board("{{ 1 + 2 }}"))
    assert session.shown("B", "size") == 6
    session.turn({"k": "event", "ev": "e", "w": "B", "p": "grow", "row": "2"})
    assert session.shown("B", "size") == 10
    kept = session.snapshot()
    assert kept["cells"] == {"B": {"size": 5}}
    assert Session(board("{{ 1 + 2 }}"), {"k": "restore", "state": kept}).shown("B", "size") == 10


def test_a_given_value_that_fails_is_told_by_its_name() -> None:
    """The error is the author's binding's, with its place."""
    session = Session(board("{{ no.such.thing }}"))
    (error,) = [error for error in session.turns[0].errors if error.name == "ReferenceError"]
    assert (error.owner, error.property) == ("B", "size")
    assert error.line is not None


def test_what_nobody_reads_is_not_computed() -> None:
    """An inner property costs nothing until something reads it, and then once for each change."""
    assert said(Session(board())) == "[6,0,1]"
    session = Session(board(3, Widget("Reader", props={"p": "{{ B.heavy }}"})))
    assert "heavy" not in session.props["B"]
    assert said(session) == "[6,1,1]"
    session.turn({"k": "event", "ev": "e", "w": "B", "p": "grow", "row": "1"})
    assert (session.shown("Reader", "p"), said(session)) == ("8.0", "[8,2,1]")


def test_an_inner_property_that_fails_is_told_when_it_is_read() -> None:
    """Not as long as nobody asks, and then once."""
    reads = Widget("Reader", on={"onClick": "{{ showAlert(String(B.heavy)) }}"})
    session = Session(board("{{ 1n }}", reads))
    assert {error.property for error in session.turns[0].errors} == {"size"}
    assert [(error.owner, error.property) for error in session.event("Reader").errors] == [("B", "heavy")]
    assert session.event("Reader").errors == ()


def test_a_library_is_made_once_for_all_widgets_of_the_type() -> None:
    """However many there are."""
    assert said(Session(board(3, Widget("C", "Board", props={"size": 1})))) == "[6,0,1]"


def test_complaints_are_told_once_and_take_nothing_away() -> None:
    """Of a part of what is computed: the value stays, and the error names the part."""
    session = Session(board(6))
    (error,) = session.turns[0].errors
    assert (error.owner, error.property, error.message) == ("B", "size", "too large")
    assert session.shown("B", "told") == 12
    assert session.turn({"k": "event", "ev": "e", "w": "B", "p": "grow", "row": "1"}).errors == ()
    assert session.turn({"k": "event", "ev": "e", "w": "B", "p": "grow", "row": "-6"}).errors == ()
    assert len(session.turn({"k": "event", "ev": "e", "w": "B", "p": "grow", "row": "9"}).errors) == 1


def test_a_command_may_wait_for_the_authors_action() -> None:
    """What follows it happens only once it went well; its failure is the user's to know."""
    session = Session(board(3, onAsk="{{ q.run() }}"))
    asked = request(session.turn({"k": "event", "ev": "e1", "w": "B", "p": "ask"}))
    assert session.shown("B", "done") is False
    turn = session.answer(asked, 1)
    assert (turn.patch["B"]["done"], [(done.event, done.ok) for done in turn.done]) == (True, [("e1", True)])
    session = Session(board(3, onAsk="{{ q.run() }}"))
    turn = session.answer(
        request(session.turn({"k": "event", "ev": "e1", "w": "B", "p": "ask"})), ok=False, message="no"
    )
    assert session.shown("B", "done") is False
    assert [(error.unhandled, error.query, error.message) for error in turn.errors] == [(True, "q", "no")]
    session = Session(board())
    assert session.turn({"k": "event", "ev": "e1", "w": "B", "p": "ask"}).patch["B"] == {"done": True}


def test_a_refusal_is_a_message_and_no_error() -> None:
    """The user is told why nothing happened; the log has nothing to say."""
    turn = Session(board()).turn({"k": "event", "ev": "e1", "w": "B", "p": "refuse"})
    assert commands(turn) == [ShowAlert(ev="e1", message="not now", style="warning")]
    assert (turn.errors, turn.done[0].ok) == ((), False)


def test_a_command_may_hand_out_a_file() -> None:
    """Its text is a text, also where it looks like an address."""
    turn = Session(board()).turn({"k": "event", "ev": "e1", "w": "B", "p": "give"})
    assert commands(turn) == [
        Download(ev="e1", data="https://a,b", address=False, name="x.csv", type="text/csv")
    ]


def test_private_names_are_the_types_own() -> None:
    """Code of apps finds none of them, neither by name nor by looking around."""
    found = "[B.done, B.told, B.grow, 'told' in B, Object.keys(B), B.size]"
    reads = Widget("Reader", on={"onClick": "{{ showAlert(JSON.stringify(" + found + ")) }}"})
    (alert,) = commands(Session(board(3, reads)).event("Reader"))
    assert isinstance(alert, ShowAlert)
    *private, names, size = json.loads(alert.message)
    assert (private, size) == ([None, None, None, False], 6)
    assert "size" in names
    assert {"done", "told", "grow"}.isdisjoint(names)


@pytest.mark.parametrize("name", ["setSize", "size", "nothing", "constructor", "__proto__"])
def test_what_is_no_command_does_not_run(name: str) -> None:
    """Methods that are for scripts alone, and whatever else has a name."""
    turn = Session(board()).turn({"k": "event", "ev": "e1", "w": "B", "p": name, "row": "1"})
    assert [error.message for error in turn.errors] == [f"B has no {name}"]
    assert turn.patch == {}


def test_values_of_queries_are_copied_whole() -> None:
    """What `run` resolves to is the script's own, whatever is in it and however deep it is."""
    deep: Any = {"__proto__": {"polluted": True}, "list": [1, {"a": None}], "text": "é"}
    for _ in range(900):
        deep = [deep]
    own = """{{ q.run().then((data) => {
      let [at, twin] = [data, q.data];
      while (Array.isArray(at)) [at, twin] = [at[0], twin[0]];
      at.list.push(2);
      showAlert(JSON.stringify([at, twin.list.length, at.polluted === undefined]));
    }) }}"""
    session = Session(page(Widget("Go", on={"onClick": own}), queries=[Query("q")]))
    (alert,) = commands(session.answer(request(session.event()), deep))
    assert isinstance(alert, ShowAlert)
    assert alert.message == '[{"__proto__":{"polluted":true},"list":[1,{"a":null},2],"text":"é"},2,true]'


def test_large_values_are_left_out_of_a_snapshot() -> None:
    """Without being walked to their end; what they are is said, so that a query of the load runs again."""
    session = Session(page(Widget("Go", on={"onClick": "{{ q.run() }}"}), queries=[Query("q")]))
    session.answer(request(session.event()), ["x" * 1000] * 200)
    assert "q" in session.snapshot()["data"]
    session.answer(request(session.event()), ["x" * 1000] * 300)
    kept = session.snapshot()
    assert kept["lost"] == [["q", "data", "size"]]
    assert "data" not in kept["data"]["q"]
