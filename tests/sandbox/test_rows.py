"""Widgets in the rows of a list: one for each item, with names of their own."""

import json
from typing import Any

from portico.sandbox.turn import ShowAlert
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, commands, posted, request

LIST = Widget("Cards", "List", props={"listData": "{{ load.data }}"})
NAME = Widget(
    "Name",
    props={"text": "{{ currentIndex + ': ' + currentItem.name + Note.text }}"},
    parent="Cards",
    path="Cards[].Name",
)
NOTE = Widget("Note", "Input", parent="Cards", path="Cards[].Note")
PRESS = Widget(
    "Press",
    on={"onClick": "{{ showAlert(currentItem.name + ' ' + Note.text + ' ' + currentView.Note.text) }}"},
    parent="Cards",
    path="Cards[].Press",
)
ALL = Widget("All", props={"text": "{{ Cards.currentItemsView.map((row) => row.Note.text).join() }}"})
ADA, BOB, EVE = ({"id": name[0], "name": name} for name in ("ada", "bob", "eve"))


def cards(*items: Any) -> Session:
    """A list with these items."""
    session = Session(page(LIST, NAME, NOTE, PRESS, ALL, queries=[Query("load")]))
    give(session, *items)
    return session


def give(session: Session, *items: Any) -> None:
    """Other items."""
    turn = session.turn({"k": "run", "ev": "x", "q": "load"})
    session.answer(request(turn), list(items))


def names(session: Session) -> dict[str, str]:
    """What the rows show, by path."""
    return {path: props["text"] for path, props in session.props.items() if path.endswith(".Name")}


def test_every_item_has_its_widgets() -> None:
    """Code in a row sees its item and its neighbours; the list tells the server its keys alone."""
    session = cards(ADA, BOB)
    assert session.shown("Cards", "rows") == ["a", "b"]
    assert names(session) == {"Cards[a].Name": "0: ada", "Cards[b].Name": "1: bob"}
    assert "listData" not in session.props["Cards"]


def test_the_server_hears_of_widgets_that_have_nothing_to_compute() -> None:
    """Its patch is empty, but there: that is how a row's widgets come to be known."""
    session = cards(ADA)
    assert session.turns[-1].patch["Cards[a].Press"] == {}
    assert session.shown("Cards[a].Press", "isVisible") is True


def test_rows_come_go_and_move() -> None:
    """One that is gone takes its widgets with it; one whose item changed shows the new one."""
    session = cards(ADA, BOB)
    give(session, {**BOB, "name": "bert"}, EVE)
    assert session.shown("Cards", "rows") == ["b", "e"]
    assert names(session) == {"Cards[b].Name": "0: bert", "Cards[e].Name": "1: eve"}
    assert "Cards[a].Note" not in session.props
    give(session)
    assert names(session) == {}


def test_what_is_typed_in_a_row_stays_with_it() -> None:
    """Through other rows coming, its own item changing, and the order."""
    session = cards(ADA, BOB)
    session.turn(posted("Cards[b].Note", "!"))
    assert names(session)["Cards[b].Name"] == "1: bob!"
    assert session.shown("All", "text") == ",!"
    give(session, EVE, {**BOB, "name": "bert"})
    assert names(session)["Cards[b].Name"] == "1: bert!"
    assert session.shown("All", "text") == ",!"


def test_an_action_in_a_row_is_that_rows() -> None:
    """It sees currentItem, its neighbours by name and through currentView; the list knows which it was."""
    session = cards(ADA, BOB)
    session.turn(posted("Cards[b].Note", "hi"))
    assert commands(session.event("Cards[b].Press")) == [
        ShowAlert(ev="e1", message="bob hi hi", style="info")
    ]
    assert session.shown("Cards", "triggeredKey") == "b"


def test_a_row_that_is_not_there_has_no_action() -> None:
    """The last word is the sandbox's, whatever the server let pass."""
    session = cards(ADA)
    (error,) = session.event("Cards[b].Press").errors
    assert error.message == "there is no widget Cards[b].Press"


def test_rows_are_restored() -> None:
    """In another context, once their items are there again."""
    session = cards(ADA, BOB)
    session.turn(posted("Cards[b].Note", "kept"))
    other = Session(session.program, {"k": "restore", "state": session.snapshot()})
    assert names(other) == {"Cards[a].Name": "0: ada", "Cards[b].Name": "1: bobkept"}


def test_a_binding_that_fails_in_a_row_says_which() -> None:
    """With the place in the file."""
    session = cards(ADA, None)
    assert [(error.owner, error.property) for error in session.turns[-1].errors] == [("Cards", "shownItems")]
    session = cards({"id": 1})
    assert names(session) == {"Cards[1].Name": "0: undefined"}


def test_lists_stand_in_rows() -> None:
    """A list in a list has rows of its own in each of its rows."""
    inner = Widget(
        "Tags", "List", props={"listData": "{{ currentItem.tags }}"}, parent="Cards", path="Cards[].Tags"
    )
    tag = Widget(
        "Tag", props={"text": "{{ currentItem.t }}"}, parent="Cards[].Tags", path="Cards[].Tags[].Tag"
    )
    session = Session(page(LIST, NOTE, NAME, inner, tag, queries=[Query("load")]))
    give(session, {"id": 1, "tags": [{"id": "x", "t": "X"}, {"id": "y", "t": "Y"}]}, {"id": 2, "tags": []})
    shown = {path: props["text"] for path, props in session.props.items() if path.endswith(".Tag")}
    assert shown == {"Cards[1].Tags[x].Tag": "X", "Cards[1].Tags[y].Tag": "Y"}
    give(session, {"id": 2, "tags": [{"id": "z", "t": "Z"}]})
    shown = {path: props["text"] for path, props in session.props.items() if path.endswith(".Tag")}
    assert shown == {"Cards[2].Tags[z].Tag": "Z"}


def test_an_event_of_a_record_gets_its_row() -> None:
    """As a table's column does: the type says which row a key means."""
    grid = Widget(
        "Grid",
        "List",
        props={"listData": [{"n": "a"}, {"n": "b"}]},
        on={"columns.go.onClick": "{{ showAlert(currentRow.n + currentIndex) }}"},
    )
    session = Session(page(grid))
    turn = session.turn({"k": "event", "ev": "e", "w": "Grid", "p": "columns.go.onClick", "row": "1"})
    assert commands(turn) == [ShowAlert(ev="e", message="b1", style="info")]


def test_reset_reaches_the_rows() -> None:
    """`resetWidget` of the list empties what was typed in its rows; by name from inside a row, its own."""
    session = cards(ADA, BOB)
    session.turn(posted("Cards[a].Note", "1"), posted("Cards[b].Note", "2"))
    session.turn({"k": "reset", "w": "Cards"})
    assert session.shown("All", "text") == ","


def test_what_changes_in_one_row_is_sent_for_that_row() -> None:
    """R2: changed properties only."""
    session = cards(ADA, BOB)
    turn = session.turn(posted("Cards[a].Note", "x"))
    assert sorted(turn.patch) == ["All", "Cards[a].Name", "Cards[a].Note"]
    assert json.dumps(turn.patch["Cards[a].Name"]) == '{"text": "0: adax"}'
