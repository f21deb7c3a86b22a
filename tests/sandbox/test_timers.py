"""Timers: the browser's clock, the sandbox's functions (R5)."""

import pytest

from portico.errors import ScriptTooMuch
from portico.sandbox.limits import Limits
from portico.sandbox.turn import ShowAlert, StartTimer, StopTimer
from tests.sandbox.pages import Widget, page
from tests.sandbox.sessions import Session, commands


def timers(code: str, **more: str) -> Session:
    """A page whose button runs `code`."""
    return Session(page(Widget("Go", on={"onClick": f"{{{{ {code} }}}}", **more})))


def started(session: Session) -> StartTimer:
    """The only timer that the last turn started."""
    (timer,) = [found for found in session.turns[-1].effects if isinstance(found, StartTimer)]
    return timer


def tick(session: Session, timer: str) -> list[object]:
    """What a tick leads to."""
    return list(commands(session.turn({"k": "tick", "ev": "t", "t": timer})))


def alert(message: str) -> ShowAlert:
    """An alert of a tick."""
    return ShowAlert(ev="t", message=message, style="info")


def test_a_timeout_fires_once() -> None:
    """setTimeout gives its function the further arguments; a second tick finds nothing."""
    session = timers("setTimeout((a, b) => showAlert(a + b), 1500.7, 'x', 'y')")
    session.event()
    timer = started(session)
    assert (timer.ms, timer.repeat, session.turns[-1].timers) == (1500, False, 1)
    assert tick(session, timer.timer) == [alert("xy")]
    assert session.turns[-1].timers == 0
    assert tick(session, timer.timer) == [StopTimer(ev="t", timer=timer.timer)]


def test_a_timeout_that_is_cleared_does_not_fire() -> None:
    """clearTimeout tells the browser; a tick that was on its way finds nothing."""
    start = "storeValue('id', setTimeout(() => showAlert('late'), 500), false)"
    session = timers(start, onStop="{{ clearTimeout(appsmith.store.id) }}")
    session.event()
    timer = started(session)
    assert commands(session.event("Go", "onStop")) == [StopTimer(ev="e2", timer=timer.timer)]
    assert [type(command) for command in tick(session, timer.timer)] == [StopTimer]


def test_an_interval_fires_until_it_is_cleared() -> None:
    """By what the function that started it returned."""
    session = timers(
        "(() => { let n = 0; const id = setInterval(() => { n += 1; showAlert(String(n)); "
        "if (n === 2) clearInterval(id) }, 1000) })()"
    )
    session.event()
    timer = started(session)
    assert timer.repeat
    assert tick(session, timer.timer) == [alert("1")]
    assert tick(session, timer.timer) == [alert("2"), StopTimer(ev="t", timer=timer.timer)]
    assert session.turns[-1].timers == 0


def test_a_named_interval_replaces_the_one_before() -> None:
    """The vendor's third argument is a name, and clears it."""
    session = timers(
        "setInterval(() => showAlert('tick'), 500, 'poll')", onStop="{{ clearInterval('poll') }}"
    )
    session.event()
    first = started(session)
    session.event()
    assert started(session).timer == first.timer
    assert session.turns[-1].timers == 1
    assert commands(session.event("Go", "onStop")) == [StopTimer(ev="e3", timer=first.timer)]


def test_ids_of_another_context_mean_nothing_here() -> None:
    """They carry the generation, so that a browser's old timer never fires a new one."""
    session = timers("setTimeout(() => showAlert('mine'), 10)")
    session.event()
    mine = started(session).timer
    assert tick(session, mine.replace("g1", "g0")) == [StopTimer(ev="t", timer=mine.replace("g1", "g0"))]
    assert tick(session, mine) == [alert("mine")]


def test_a_failing_callback_is_an_unhandled_error_of_its_tick() -> None:
    """At its place in the file."""
    session = timers("setTimeout(() => missing.thing, 10)")
    session.event()
    turn = session.turn({"k": "tick", "ev": "t", "t": started(session).timer})
    (error,) = turn.errors
    assert (error.event, error.property, error.unhandled, error.line is not None) == (
        "t",
        "setTimeout",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("setTimeout('alert(1)', 10)", "setTimeout needs a function"),
        ("setInterval()", "setInterval needs a function"),
    ],
)
def test_what_is_no_function_is_refused(code: str, says: str) -> None:
    """Text is never run as code."""
    session = timers(code)
    (error,) = session.event().errors
    assert error.message == says


@pytest.mark.parametrize("delay", ["-5", "NaN", "'soon'", "undefined", "null"])
def test_odd_delays_are_none(delay: str) -> None:
    """As in browsers."""
    session = timers(f"setTimeout(() => 1, {delay})")
    session.event()
    assert started(session).ms == 0


def test_timers_are_bounded() -> None:
    """P48: a flood of them is an error of the script, and a binding cannot start one."""
    session = timers("(() => { for (let n = 0; n < 60; n++) setTimeout(() => 1, n) })()")
    (error,) = session.event().errors
    assert "too many timers" in error.message
    assert session.turns[-1].timers == Limits().timers
    bound = Session(page(Widget("One", props={"p": "{{ setTimeout(() => 1, 1) }}"})))
    assert "cannot be used in a binding" in bound.turns[0].errors[0].message


def test_a_million_timers_end_the_turn() -> None:
    """Even where each error is caught."""
    session = timers("(() => { for (let n = 0; n < 1e6; n++) { clearTimeout(setTimeout(() => 1, n)) } })()")
    with pytest.raises(ScriptTooMuch):
        session.event()
