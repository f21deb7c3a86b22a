"""A worker's answer is checked before anything believes it."""

# ruff: noqa: E501  (a table reads best with one case a line)

import json
from collections.abc import Callable
from typing import Any

import pytest

from portico.errors import ScriptFailed
from portico.sandbox.turn import parse

GOOD: dict[str, Any] = {
    "patch": {"A": {"p": 1}},
    "gone": ["B"],
    "effects": [
        {"id": "g1.1", "ev": "e", "k": "query", "q": "q", "params": {}, "request": {"path": "/", "params": [["a", "b"]], "headers": [], "body": None, "bodyIsText": False}},
        {"ev": None, "k": "store", "key": "k", "value": 1, "clear": False, "persist": True},
        {"ev": "e", "k": "clearStore"},
        {"ev": "e", "k": "navigate", "to": "P", "params": {}, "target": "SAME_WINDOW"},
        {"ev": "e", "k": "alert", "message": "m", "style": "info"},
    ],
    "errors": [{"ev": "e", "w": "A", "p": "p", "name": "E", "message": "m", "line": 1, "column": 2, "unhandled": True, "query": None}],
    "logs": [{"level": "log", "text": "t"}],
    "done": [{"ev": "e", "ok": True}],
    "results": {"r": 1},
    "open": 0,
    "timers": 0,
}  # fmt: skip


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    answer = json.loads(json.dumps(GOOD))
    change(answer)
    return json.dumps(answer)


def test_good_answer() -> None:
    """The positive control: unchanged it is a turn."""
    turn = parse(json.dumps(GOOD))
    assert (len(turn.effects), len(turn.errors), turn.patch["A"]["p"]) == (5, 1, 1)


CHANGES: list[Callable[[dict[str, Any]], object]] = [
    lambda a: a.pop("patch"),
    lambda a: a.update(patch=[]),
    lambda a: a.pop("gone"),
    lambda a: a.update(gone=["A", 1]),
    lambda a: a.update(gone="A"),
    lambda a: a.update(patch={"A": 1}),
    lambda a: a.update(effects={}),
    lambda a: a["effects"].append({"k": "exec", "ev": None}),
    lambda a: a["effects"].append("alert"),
    lambda a: a["effects"][0].pop("id"),
    lambda a: a["effects"][0].update(id=1),
    lambda a: a["effects"][0].update(q=None),
    lambda a: a["effects"][0].update(params=[]),
    lambda a: a["effects"][0].pop("request"),
    lambda a: a["effects"][0]["request"].update(headers=[["a"]]),
    lambda a: a["effects"][0]["request"].update(headers=[["a", 1]]),
    lambda a: a["effects"][0]["request"].update(path=None),
    lambda a: a["effects"][0]["request"].update(bodyIsText="no"),
    lambda a: a["effects"][1].update(key=1),
    lambda a: a["effects"][1].update(clear=None),
    lambda a: a["effects"][3].update(target="_top"),
    lambda a: a["effects"][3].update(to=["P"]),
    lambda a: a["effects"][4].update(style="loud"),
    lambda a: a["effects"][4].update(style=["info"]),
    lambda a: a["effects"][4].update(message={}),
    lambda a: a["effects"][4].update(ev=1),
    lambda a: a["errors"][0].update(line="1"),
    lambda a: a["errors"][0].update(line=-1),
    lambda a: a["errors"][0].update(unhandled=1),
    lambda a: a["errors"][0].pop("name"),
    lambda a: a["logs"][0].update(level="shout"),
    lambda a: a["done"][0].update(ok=None),
    lambda a: a.update(results=None),
    lambda a: a.update(open=True),
    lambda a: a.update(open=1.5),
]


@pytest.mark.parametrize("change", CHANGES, ids=[str(number) for number in range(len(CHANGES))])
def test_malformed_answers_are_refused(change: Callable[[dict[str, Any]], object]) -> None:
    """Anything missing, of another type or unknown fails the context."""
    with pytest.raises(ScriptFailed):
        parse(changed(change))


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{", "[" * 100_000, '{"open": NaN}', "1" * 5000, '{"open": 1e999}', "\ud800"],
)
def test_texts_that_are_no_answer(text: str) -> None:
    """Broken, deep, endless or impossible JSON fails the context and nothing else."""
    with pytest.raises(ScriptFailed):
        parse(text)


def test_half_surrogates_are_replaced() -> None:
    """What parsed can be written as UTF-8 again."""
    answer = json.dumps({**GOOD, "results": {"r": "\ud800 😀 \\ud800"}})
    value = parse(answer).results["r"]
    assert value == "? 😀 \\ud800"
    value.encode()
