"""A context in this process, driven as the runtime drives one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from portico.model.paths import template_of
from portico.model.program import Program
from portico.sandbox.digest import Digest
from portico.sandbox.engine import Box
from portico.sandbox.learning import Learning
from portico.sandbox.limits import Limits
from portico.sandbox.pool import message
from portico.sandbox.turn import Ask, Command, RunQuery, ScriptError, Turn, parse

NOW = datetime(2030, 5, 6, 7, 8, 9, tzinfo=UTC)


class Session:
    """A box with names for the inputs. `props` are the page's properties as the server knows
    them, `turns` all turns so far."""

    def __init__(self, program: Program, *first: Mapping[str, Any], limits: Limits | None = None) -> None:
        self.program = program
        self.box = Box(program.source, generation="g1", libraries=program.needs.libraries, limits=limits)
        self._literals = literals(program)
        self.props = {path: dict(first) for path, first in self._literals.items() if "[]" not in path}
        self.turns: list[Turn] = []
        self._events = 0
        self.turn(*first)

    def turn(self, *inputs: Mapping[str, Any], now: datetime = NOW) -> Turn:
        random = Learning(self.program.needs).random
        turn = parse(self.box.turn(message(inputs, now, Limits(), random=random)))
        for path in turn.gone:
            self.props.pop(path, None)
        for path, changes in turn.patch.items():
            self.props.setdefault(path, dict(self._literals[template_of(path)])).update(changes)
        self.turns.append(turn)
        return turn

    def event(self, widget: str = "Go", name: str = "onClick", *before: Mapping[str, Any]) -> Turn:
        self._events += 1
        return self.turn(*before, {"k": "event", "ev": f"e{self._events}", "w": widget, "p": name})

    def call(self, script: str, function: str, *args: Any) -> Turn:
        self._events += 1
        return self.turn({"k": "call", "ev": f"e{self._events}", "w": script, "p": function, "args": args})

    def answer(self, effect: RunQuery, value: Any = None, *, ok: bool = True, message: str = "") -> Turn:
        return self.turn(result(effect, value, ok=ok, message=message))

    def shown(self, widget: str, name: str) -> Any:
        """A property as the server knows it now."""
        return self.props[widget][name]

    def snapshot(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads(self.box.snapshot())
        return kept


def literals(program: Program) -> dict[str, dict[str, Any]]:
    """What each widget of a program begins with, by path: the server knows it without running it."""
    text = program.source.removeprefix("__page(").removeprefix("JSON.parse(")
    definition, _ = json.JSONDecoder().raw_decode(text)
    if isinstance(definition, str):
        definition = json.loads(definition)
    found = {}
    for widget in definition.get("widgets", ()):
        kind = definition["types"][widget["type"]]
        given = widget.get("props", {})
        values = {**kind.get("meta", {}), **kind.get("defaults", {})}
        values |= {name: value["v"] for name, value in given.items() if "v" in value}
        computed = {name for name, value in given.items() if "v" not in value}
        computed |= {*kind.get("derived", ()), *kind.get("inner", ())}
        found[widget["path"]] = {name: value for name, value in values.items() if name not in computed}
    return found


def result(effect: RunQuery, value: Any = None, *, ok: bool = True, message: str = "") -> dict[str, Any]:
    """The answer to a request."""
    status = "200 OK" if ok else "400 Bad Request"
    meta = {"statusCode": status, "headers": {}, "isExecutionSuccess": ok}
    return {"k": "result", "id": effect.id, "ok": ok, "value": value, "meta": meta, "message": message}


def posted(path: str, value: Any) -> dict[str, Any]:
    """The value that a user typed into an input."""
    return {"k": "set", "set": [[path, "typed", value]]}


def requests(turn: Turn) -> list[RunQuery]:
    """The requests of a turn."""
    return [effect for effect in turn.effects if isinstance(effect, RunQuery)]


def request(turn: Turn) -> RunQuery:
    """The only request of a turn."""
    (only,) = requests(turn)
    return only


def commands(turn: Turn) -> list[Command]:
    """The commands of a turn, in order."""
    return [effect for effect in turn.effects if not isinstance(effect, RunQuery | Ask | Digest)]


def asks(turn: Turn) -> list[Ask]:
    """The questions of a turn."""
    return [effect for effect in turn.effects if isinstance(effect, Ask)]


def unhandled(turn: Turn) -> list[ScriptError]:
    """The rejections of a turn that nobody caught."""
    return [error for error in turn.errors if error.unhandled]
