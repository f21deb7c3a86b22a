"""Evaluations: expressions over given values alone."""

# ruff: noqa: E501  (scripts stand on one line)

import pytest

from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import Session


def visit(text: str) -> Session:
    return Session(
        page(
            Widget("Name", "Input"), queries=[Query("q")], evaluations={"rule": (["auth", "response"], text)}
        )
    )


def ask(session: Session, **values: object) -> object:
    turn = session.turn({"k": "evaluate", "ev": "x", "name": "rule", "values": values})
    return turn.results["rule"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("auth.roles.includes('hr')", True),
        ("response === undefined", True),
        ("({ a: auth.uid })", {"a": "u"}),
        ("undefined", None),
        ("auth.nope.x", None),
        ("typeof Name + typeof appsmith + typeof storeValue + typeof q", "undefined" * 4),
        ("(() => { 'use strict'; try { auth.uid = 'x' } catch {} try { auth.roles.push('x') } catch {} return auth })()", {"uid": "u", "roles": ["hr"]}),
        ("Promise.resolve(true)", {}),
        ("new Proxy({}, {})", {}),
        ("10n", None),
    ],
)  # fmt: skip
def test_results(text: str, expected: object) -> None:
    """The value as JSON; undefined and failures are null; the given values are frozen."""
    assert ask(visit(text), auth={"uid": "u", "roles": ["hr"]}) == expected


def test_failure_is_reported() -> None:
    """A failing evaluation says where."""
    session = visit("auth.nope.x")
    turn = session.turn({"k": "evaluate", "ev": "x", "name": "rule", "values": {"auth": {}}})
    (error,) = turn.errors
    assert (error.property, error.event, error.name) == ("rule", "x", "TypeError")


def test_unknown_evaluation_is_null() -> None:
    """A name that the program lacks, `constructor` included, is a failure."""
    session = visit("1")
    for name in ("other", "constructor", "__proto__"):
        turn = session.turn({"k": "evaluate", "ev": "x", "name": name, "values": {}})
        assert (turn.results[name], len(turn.errors)) == (None, 1)


def test_each_call_has_its_own_values() -> None:
    """Values of one call are not seen by the next."""
    session = visit("response")
    assert ask(session, response=1) == 1
    assert ask(session) is None
