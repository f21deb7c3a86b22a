"""Questions to the browser: before a query or a function runs, and where it is (hard-cases 33)."""

import pytest

from portico.sandbox.turn import ShowAlert
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, asks, commands, request, requests, unhandled

DELETE = Query("remove", path="/x", confirm="Delete it?")


def test_a_query_asks_before_it_runs() -> None:
    """`confirm` of a query: nothing is sent until the user agrees; then the event goes on as its own."""
    session = Session(
        page(
            Widget("Go", on={"onClick": "{{ remove.run().then(() => showAlert('gone')) }}"}), queries=[DELETE]
        )
    )
    first = session.event()
    (asked,) = asks(first)
    assert (asked.about, asked.question, asked.ev, first.open) == ("confirm", "Delete it?", "e1", 1)
    assert requests(first) == []
    agreed = session.turn({"k": "result", "id": asked.id, "ok": True, "value": None, "message": ""})
    sent = request(agreed)
    assert (sent.query, sent.ev) == ("remove", "e1")
    assert commands(session.answer(sent, {})) == [ShowAlert(ev="e1", message="gone", style="info")]


def test_who_says_no_is_told_nothing() -> None:
    """The promise is rejected as Cancelled, but nobody made a mistake."""
    session = Session(page(Widget("Go", on={"onClick": "{{ remove.run() }}"}), queries=[DELETE]))
    (asked,) = asks(session.event())
    turn = session.turn({"k": "result", "id": asked.id, "ok": False, "value": None, "message": ""})
    assert requests(turn) == []
    assert unhandled(turn) == []
    assert [done.ok for done in turn.done] == [False]


def test_code_can_tell_a_refusal() -> None:
    """By its name; the reason is what the browser said."""
    code = "{{ remove.run().catch((error) => showAlert(error.name + ': ' + error.message)) }}"
    session = Session(page(Widget("Go", on={"onClick": code}), queries=[DELETE]))
    (asked,) = asks(session.event())
    turn = session.turn({"k": "result", "id": asked.id, "ok": False, "value": None, "message": "too late"})
    assert commands(turn) == [ShowAlert(ev="e1", message="Cancelled: too late", style="info")]


def test_a_function_asks_before_it_is_called() -> None:
    """Also where another function of the script calls it."""
    script = "export default { wipe(a) { showAlert('wiped ' + a) }, all() { return this.wipe('all') } }"
    session = Session(
        page(
            Widget("Go", on={"onClick": "{{ Tools.all() }}"}),
            scripts={"Tools": script},
            confirm={"wipe": "Sure?"},
        )
    )
    (asked,) = asks(session.event())
    assert asked.question == "Sure?"
    turn = session.turn({"k": "result", "id": asked.id, "ok": True, "value": None, "message": ""})
    assert commands(turn) == [ShowAlert(ev="e1", message="wiped all", style="info")]


def test_a_binding_cannot_ask() -> None:
    """Bindings read."""
    script = "export default { wipe() { return 1 } }"
    session = Session(
        page(
            Widget("One", props={"p": "{{ Tools.wipe() }}"}), scripts={"Tools": script}, confirm={"wipe": "?"}
        )
    )
    assert "cannot be used in a binding" in session.turns[0].errors[0].message


POSITION = {"coords": {"latitude": 1.5, "longitude": 2.5, "accuracy": 10}, "timestamp": 5}


def test_the_position_is_asked_of_the_browser() -> None:
    """With the options of the Geolocation API; afterwards it is known."""
    code = (
        "{{ appsmith.geolocation.getCurrentPosition((found) => showAlert(String(found.coords.latitude)),"
        " undefined, { enableHighAccuracy: true, timeout: 500 }) }}"
    )
    bound = Widget("One", props={"p": "{{ appsmith.geolocation.currentPosition?.coords.longitude }}"})
    session = Session(page(Widget("Go", on={"onClick": code}), bound))
    (asked,) = asks(session.event())
    assert (asked.about, dict(asked.options)) == (
        "position",
        {"enableHighAccuracy": True, "timeout": 500, "maximumAge": 0},
    )
    turn = session.turn({"k": "result", "id": asked.id, "ok": True, "value": POSITION, "message": ""})
    assert commands(turn) == [ShowAlert(ev="e1", message="1.5", style="info")]
    assert session.shown("One", "p") == 2.5


@pytest.mark.parametrize(
    ("handler", "says"),
    [(", (error) => showAlert('no: ' + error.message)", ["no: denied"]), ("", [])],
)
def test_a_position_that_is_not_given(handler: str, says: list[str]) -> None:
    """The second function hears of it; without one it is a refusal like any other."""
    code = f"{{{{ appsmith.geolocation.getCurrentPosition(() => 1{handler}) }}}}"
    session = Session(page(Widget("Go", on={"onClick": code})))
    (asked,) = asks(session.event())
    turn = session.turn({"k": "result", "id": asked.id, "ok": False, "value": None, "message": "denied"})
    assert [command.message for command in commands(turn) if isinstance(command, ShowAlert)] == says
    assert unhandled(turn) == []
