"""Queries that run again when something they send has changed."""

from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session, posted, request, requests

SEARCH = Query("search", path="/find", params={"q": "{{ Words.text }}"}, automatic=True)


def opened(*widgets: Widget, query: Query = SEARCH) -> Session:
    """A page whose query has run once, at load."""
    session = Session(page(Widget("Words", "Input"), *widgets, queries=[query]))
    first = session.turn({"k": "run", "ev": "load", "q": query.name, "load": True})
    session.answer(request(first), ["a"])
    return session


def test_a_change_of_what_it_sends_runs_it_again() -> None:
    """Once, as a part of the event that changed it; the same value does not."""
    session = opened()
    turn = session.turn(posted("Words", "new"))
    assert dict(request(turn).request.params) == {"q": "new"}
    session.answer(request(turn), ["b"])
    assert requests(session.turn(posted("Words", "new"))) == []


def test_what_it_does_not_send_does_not() -> None:
    """It depends on its request alone."""
    session = opened(Widget("Other", "Input"))
    assert requests(session.turn(posted("Other", "x"))) == []


def test_it_does_not_run_before_its_first_run() -> None:
    """Nobody has asked for its data yet."""
    session = Session(page(Widget("Words", "Input"), queries=[SEARCH]))
    assert requests(session.turn(posted("Words", "x"))) == []


def test_two_changes_of_one_event_are_one_run() -> None:
    """What counts is what holds when the input is done."""
    session = opened(
        Widget("Go", on={"onClick": "{{ (() => { Words.setValue('a'); Words.setValue('b') })() }}"})
    )
    turn = session.event()
    assert [dict(sent.request.params) for sent in requests(turn)] == [{"q": "b"}]
    assert requests(turn)[0].ev == "e1"


def test_its_answer_may_not_feed_it_for_ever() -> None:
    """A query that sends what it got is stopped after a few rounds of one event, and says so."""
    feeding = Query("search", path="/find", params={"q": "{{ (search.data ?? 0) + 1 }}"}, automatic=True)
    session = Session(page(Widget("Words", "Input"), queries=[feeding]))
    turn = session.turn({"k": "run", "ev": "load", "q": "search", "load": True})
    rounds = 0
    while requests(turn):
        rounds += 1
        turn = session.answer(request(turn), rounds)
    assert rounds == 11
    assert "stopped" in turn.errors[0].message


def test_a_binding_that_fails_sends_nothing() -> None:
    """And the failure is reported when it is run by hand, as for any query."""
    broken = Query(
        "search",
        path="/find",
        params={"q": "{{ Words.text === 'bad' ? nothing.there : Words.text }}"},
        automatic=True,
    )
    session = opened(query=broken)
    assert requests(session.turn(posted("Words", "bad"))) == []
    assert dict(request(session.turn(posted("Words", "good"))).request.params) == {"q": "good"}


def test_a_failure_is_reported_but_not_as_unhandled() -> None:
    """Like that of a query of the page's load: the page shows without it."""
    session = opened()
    turn = session.turn(posted("Words", "new"))
    turn = session.answer(request(turn), ok=False, message="no")
    assert [(error.unhandled, error.message) for error in turn.errors] == [(False, "no")]
