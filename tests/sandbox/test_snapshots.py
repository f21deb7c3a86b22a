"""Snapshots: what is kept, in which form, and building a context from one."""

# ruff: noqa: E501  (scripts stand on one line)

import json

from portico.model.program import Program
from tests.sandbox.pages import Query, Widget, page
from tests.sandbox.sessions import NOW, Session, posted, request

SCRIPT = """export default {
  untouched: 1, count: 0, date: null, odd: null, map: null, fn: null, loop: null, own: null, list: [],
  fill() {
    this.count = 5; this.date = { at: new Date(1e12) };
    this.odd = [undefined, NaN, -Infinity, { $date: 1 }, JSON.parse('{"__proto__": {"polluted": true}}')];
    this.map = new Map(); this.fn = [() => 1]; const l = {}; l.l = l; this.loop = l; this.own = new (class Mine {})();
    this.list.push(1);
  },
  async last() { return { token: "T" } },
}"""


def program() -> Program:
    return page(
        Widget("Name", "Input", props={"isVisible": "{{ S.count < 100 }}"}),
        Widget("Hide", on={"onClick": "{{ Name.setVisibility(false) }}"}),
        Widget(
            "See",
            props={
                "p": "{{ S.count + S.list.length }}",
                "date": "{{ S.date && S.date.at instanceof Date && S.date.at.getTime() }}",
                "odd": "{{ S.odd && [S.odd[0] === undefined, Number.isNaN(S.odd[1]), S.odd[2], S.odd[3], Object.keys(S.odd[4]), {}.polluted] }}",
                "d": "{{ q.data }}",
                "m": "{{ q.responseMeta?.statusCode }}",
                "last": "{{ S.last.data.token }}",
            },
            on={"onClick": "{{ q.run() }}"},
        ),
        queries=[Query("q"), Query("r")],
        scripts={"S": SCRIPT},
    )


def used() -> Session:
    session = Session(program())
    session.turn(posted("Name", "typed"))
    session.event("Hide")
    session.call("S", "fill")
    session.call("S", "last")
    session.answer(request(session.event("See")), {"rows": [1]})
    return session


def test_nothing_touched_nothing_kept() -> None:
    """A page that nobody used has an empty snapshot."""
    assert Session(program()).snapshot() == {"cells": {}, "data": {}, "lost": []}


def test_touched_values_are_kept_and_the_rest_named() -> None:
    """State, properties set over, variables and query data; what cannot be kept is in `lost`."""
    kept = used().snapshot()
    assert kept["cells"]["Name"] == {"isVisible": False, "typed": "typed"}
    cells = kept["cells"]["S"]
    assert cells["count"] == 5
    assert cells["date"] == {"at": {"$date": 10**12}}
    assert cells["odd"] == [
        {"$undefined": True},
        {"$number": "NaN"},
        {"$number": "-Infinity"},
        {"$plain": {"$date": 1}},
        {"__proto__": {"polluted": True}},
    ]
    assert cells["list"] == [1]
    assert cells["last.data"] == {"token": "T"}
    assert "untouched" not in cells
    assert kept["data"]["q"]["data"] == {"rows": [1]}
    assert sorted(map(tuple, kept["lost"])) == [
        ("S", "fn", "function"),
        ("S", "loop", "cycle"),
        ("S", "map", "Map"),
        ("S", "own", "Mine"),
    ]


def test_round_trip() -> None:
    """A context built from a snapshot shows the same, and its own snapshot is the same."""
    before = used()
    kept = json.loads(json.dumps(before.snapshot()))
    env = {"k": "env", "mode": "VIEW"}
    for first in ([{"k": "restore", "state": kept}, env], [env, {"k": "restore", "state": kept}]):
        after = Session(program(), *first)
        assert after.props == before.props
        assert {**after.snapshot(), "lost": []} == {**kept, "lost": []}
        assert after.props["See"]["odd"] == [True, True, None, {"$date": 1}, ["__proto__"], None]
        assert after.call("S", "fill").errors == ()


def test_what_the_page_lacks_is_passed_over() -> None:
    """A snapshot of another version of the page does no harm."""
    state = {
        "cells": {
            "Gone": {"x": 1},
            "Name": {"gone": 1, "text": "derived"},
            "S": {"fill": 1},
            "q": {"data": 1},
        },
        "data": {"Gone": {"data": 1}, "Name": {"data": 1}},
        "lost": [],
    }
    session = Session(program(), {"k": "restore", "state": state})
    assert session.props["Name"]["text"] == ""
    assert session.call("S", "fill").errors == ()


def test_open_requests_are_not_kept() -> None:
    """After a restore nothing is loading, and ids are of another generation."""
    before = Session(program())
    asked = request(before.event("See"))
    after = Session(program(), {"k": "restore", "state": before.snapshot()})
    turn = after.turn({"k": "result", "id": asked.id, "ok": True, "value": 1, "meta": {}}, now=NOW)
    assert (turn.patch, turn.open) == ({}, 0)
