"""What is kept of an idle page: no secret, nothing large (R6, promise 2)."""

import json
from collections.abc import Mapping, Set
from typing import Any

from portico.runtime import kept as keeping
from portico.runtime.kept import LIMIT


def snapshot(**parts: Any) -> dict[str, Any]:
    """A snapshot as the sandbox makes it."""
    return {"cells": {}, "data": {}, "timers": [], **parts}


def bounded(state: Mapping[str, Any], secrets: Set[tuple[str, str]]) -> tuple[Any, frozenset[str]]:
    """What its text says, and the queries to run again."""
    text, dropped = keeping.bounded(state, secrets)
    return json.loads(text), dropped


def test_a_secret_is_left_out() -> None:
    """What was typed into a password field does not reach the store; its neighbours do."""
    cells = {"Password": {"text": "hunter2", "isDirty": True}, "Name": {"text": "ada"}}
    kept, dropped = bounded(snapshot(cells=cells), {("Password", "text")})
    assert kept["cells"] == {"Password": {"isDirty": True}, "Name": {"text": "ada"}}
    assert dropped == frozenset()
    assert "hunter2" not in repr(kept)


def test_control_a_secret_would_be_kept() -> None:
    """If nothing says that it is one."""
    kept, _ = bounded(snapshot(cells={"Password": {"text": "hunter2"}}), frozenset())
    assert "hunter2" in repr(kept)


def test_large_data_are_fetched_again() -> None:
    """The queries that they came from are named; small data stay."""
    rows = [{"name": "x" * 100}] * (LIMIT // 100)
    kept, dropped = bounded(snapshot(data={"big": {"data": rows}, "small": {"data": [1]}}), frozenset())
    assert (kept["data"], dropped) == ({"small": {"data": [1]}}, frozenset({"big"}))


def test_data_that_were_too_large_to_be_written_are_fetched_again() -> None:
    """The sandbox leaves them out itself, and says so; other losses are no reason to ask again."""
    lost = [["big", "data", "size"], ["odd", "data", "Map"], ["Script", "rows", "size"]]
    kept, dropped = bounded(snapshot(data={"big": {"responseMeta": {}}}, lost=lost), frozenset())
    assert dropped == frozenset({"big"})
    assert kept["data"] == {}


def test_large_values_are_left_out() -> None:
    """A widget without any value left is not there at all; the rest of the snapshot is untouched."""
    cells: dict[str, dict[str, Any]] = {
        "Upload": {"text": "x" * LIMIT},
        "Both": {"text": "x" * LIMIT, "isDirty": True},
    }
    kept, _ = bounded(snapshot(cells=cells, timers=[1]), frozenset())
    assert kept["cells"] == {"Both": {"isDirty": True}}
    assert kept["timers"] == [1]
    assert cells["Upload"]["text"]


def test_a_state_and_its_snapshot_come_apart_again() -> None:
    """As they were, whatever they hold; without one, there is none."""
    state = {"page": "Home", "tab_store": {"a": "two\nlines \u2028 ä"}}
    text, _ = keeping.bounded(snapshot(data={"q": {"data": ["x\ny", "\u2028"]}}), frozenset())
    assert keeping.apart(keeping.with_snapshot(state, text)) == (state, text)
    assert keeping.apart(keeping.with_snapshot(state, None)) == (state, None)
