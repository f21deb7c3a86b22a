"""Chunks of a program: factories around snippets that stand verbatim on lines of their own.

The format is `docs/design/program.md`. The line table leads every line of a snippet back to its file.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from portico.definition import javascript, properties
from portico.definition.actions import Actions
from portico.definition.bindings import Part, Snippet, only
from portico.definition.draft import ScriptDraft
from portico.definition.events import Event
from portico.definition.javascript import Code
from portico.definition.needs import needs
from portico.definition.scope import Reading, reading
from portico.definition.text import Text
from portico.definition.value import Bound, Composed, Fixed, JsonText, Value
from portico.model.program import Program, Run
from portico.model.widget import WidgetType

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Chunk:
    names: tuple[str, ...]
    text: str
    #: Lines counted from the chunk's first line, which is 0.
    runs: tuple[Run, ...]


class Chunks:
    """Collects the chunks of one program. `scope` are the names its snippets may take.

    A value, event or script that comes again, in another instance of its module, has the same chunks.
    """

    def __init__(self, scope: frozenset[str]) -> None:
        self._scope = scope
        self._chunks: list[_Chunk] = []
        self._readings: list[Reading] = []
        self._known: dict[int, tuple[object, Any]] = {}

    def value(self, value: Value, owner: str, prop: str) -> dict[str, Any]:
        """A value as the program writes it."""
        return self._once(value, lambda: self._value(value, owner, prop))

    def _once(self, of: object, make: Callable[[], _T]) -> _T:
        """What `make` gives, made once for the very object, which is kept so that no other takes its id."""
        if id(of) not in self._known:
            self._known[id(of)] = (of, make())
        found: _T = self._known[id(of)][1]
        return found

    def _value(self, value: Value, owner: str, prop: str) -> dict[str, Any]:
        match value:
            case Fixed():
                return {"v": value.value}
            case Composed():
                return {"b": self.expression(value.parts, owner, prop)}
            case JsonText():
                return {
                    "j": [
                        part if isinstance(part, str) else [self.expression(part[:1], owner, prop), part[1]]
                        for part in value.parts
                    ]
                }
            case Bound():
                single = only(value.parts)
                if single is not None:
                    return {"b": self.expression((single,), owner, prop)}
                return {
                    "t": [
                        part if isinstance(part, str) else self.expression((part,), owner, prop)
                        for part in value.parts
                    ]
                }

    def expression(self, parts: Sequence[Part], owner: str, prop: str, *, names: tuple[str, ...] = ()) -> int:
        """A chunk that gives a value: snippets in parentheses, and what is ours between them.

        `names` are taken besides those that the snippets read: what is ours reads them.
        """
        return self._add(parts, "function(){return ", "}", owner, prop, names)

    def action(self, event: Event, owner: str, prop: str, *, given: tuple[str, ...] = ()) -> int:
        """A chunk that does something; `given` are the names of what it is called with."""
        return self._once(event, lambda: self._action(event, owner, prop, given))

    def _action(self, event: Event, owner: str, prop: str, given: tuple[str, ...]) -> int:
        opener = f"async function({', '.join(given)}){{"
        if isinstance(event, Actions):
            return self._add(event.parts, f"{opener}\n", "}", owner, prop, event.names)
        if event.statements:
            names = self._taken(event.reading)
            head = f"{_factory(names)}{opener}\n"
            return self._close(names, head, event.text + "\n}}", _runs(event, owner, prop))
        return self._add((event,), f"{opener}return ", "}", owner, prop, ())

    def script(self, script: ScriptDraft) -> int:
        """A chunk that makes a script object."""
        return self._once(script.text, lambda: self._script(script))

    def _script(self, script: ScriptDraft) -> int:
        names = self._taken(script.reading)
        head = f"{_factory(names)}function(){{var $$;\n"
        runs = _lines(script.text, 0, len(script.text.value), script.name, "")
        return self._close(names, head, script.program + "\nreturn $$}}", runs)

    def widget_type(self, found: WidgetType) -> dict[str, Any]:
        """A widget type as the program has it, with the chunks of its JavaScript."""
        sets = {"commands": found.commands, "private": found.private}
        own: dict[str, Any] = {name: sorted(names) for name, names in sets.items() if names}
        own |= {"members": found.members} if found.members is not None else {}
        names: tuple[str, ...] = ("self", "kit")
        if found.library is not None:
            own["library"], names = self._own(found.library, ("kit",)), (*names, "library")
        return {
            **own,
            "meta": dict(found.meta),
            "defaults": properties.defaults(found),
            "flags": sorted(name for name, prop in properties.of(found).items() if prop.kind == "boolean"),
            "derived": {name: self._own(source, names) for name, source in found.derived.items()},
            "methods": {name: self._own(source, names) for name, source in found.methods.items()},
            "value": found.value,
            "inner": sorted(found.inner),
            "rows": found.rows,
            "reset": list(found.reset),
        }

    def _own(self, source: str, names: tuple[str, ...]) -> int:
        """A chunk of a widget type: JavaScript of ours over `names`."""
        return self._close(names, f"function({', '.join(names)}){{return (", source + ")}", ())

    def program(self, definition: Mapping[str, Any], *, zoned: bool = False) -> Program:
        """The program of a definition, its chunks and the way back. `zoned`: JavaScript of its widget
        types reads the time zone."""
        whole = {**definition, "chunks": [list(chunk.names) for chunk in self._chunks]}
        line = 2
        runs: list[Run] = []
        for chunk in self._chunks:
            runs.extend(replace(run, line=run.line + line) for run in chunk.runs)
            line += chunk.text.count("\n") + 2
        # As a text: the engine reads JSON faster than the same thing as a part of the program.
        text = json.dumps(json.dumps(whole, separators=(",", ":")))
        opening = f"__page(JSON.parse({text}), [\n"
        body = "\n,\n".join(chunk.text for chunk in self._chunks)
        needed = needs(self._readings, zoned=zoned)
        return Program(source=f"{opening}{body}\n]);\n", runs=tuple(runs), needs=needed)

    def _taken(self, found: Reading) -> tuple[str, ...]:
        self._readings.append(found)
        return tuple(name for name in found.names if name in self._scope)

    def _add(
        self, parts: Sequence[Part], opener: str, closer: str, owner: str, prop: str, also: tuple[str, ...]
    ) -> int:
        found = [name for part in parts if isinstance(part, Snippet) for name in self._taken(part.reading)]
        names = tuple(dict.fromkeys([*found, *also]))
        head = _factory(names) + opener
        text = ""
        runs: list[Run] = []
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            text += "(\n"
            begin = text.count("\n")
            runs.extend(replace(run, line=run.line + begin) for run in _runs(part, owner, prop))
            text += f"{part.text}\n)"
        if all(isinstance(part, str) for part in parts) and opener.endswith("return "):
            text = f"({text})"
        return self._close(names, head, f"{text}{closer}}}", runs)

    def _close(self, names: tuple[str, ...], head: str, rest: str, runs: Sequence[Run]) -> int:
        first = head.count("\n")
        placed = tuple(replace(run, line=run.line + first) for run in runs)
        self._chunks.append(_Chunk(names, head + rest, placed))
        return len(self._chunks) - 1


def reads_inputs(source: str, derived: Mapping[str, str]) -> bool:
    """Whether JavaScript of a widget type looks at the inputs inside the widget, itself or through
    another derived value."""
    waiting, seen = [source], set()
    while waiting:
        current = waiting.pop()
        seen.add(current)
        code = javascript.expression(current)
        for use in reading(code).uses if isinstance(code, Code) else ():
            if use.name == "kit" and use.path[:1] in ((), ("inputs",)):
                return True
            other = derived.get(use.path[0]) if use.name == "self" and use.path else None
            if other is not None and other not in seen:
                waiting.append(other)
    return False


def _factory(names: tuple[str, ...]) -> str:
    return f"function({', '.join(names)}){{return "


def _runs(snippet: Snippet, owner: str, prop: str) -> list[Run]:
    return _lines(snippet.source, snippet.start, snippet.end, owner, prop)


def _lines(text: Text, start: int, end: int, owner: str, prop: str) -> list[Run]:
    """Where the lines of a piece of text stand; neighbours that lie evenly share one entry."""
    runs: list[Run] = []
    for number, offset, blank in _offsets(text.value[start:end], start):
        place = text.place(offset)
        last = runs[-1] if runs else None
        if last is not None and (blank or _continues(last, number, place.line, place.column)):
            indent = last.indent if blank or last.lines > 1 else place.column - 1
            runs[-1] = replace(last, lines=number - last.line + 1, indent=indent)
        else:
            runs.append(Run(number, 1, place, 0, owner, prop))
    return runs


def _offsets(code: str, start: int) -> Iterator[tuple[int, int, bool]]:
    """Number, offset and emptiness of each line."""
    offset = start
    for number, line in enumerate(code.split("\n")):
        yield number, offset, not line.strip() and number > 0
        offset += len(line) + 1


def _continues(run: Run, number: int, line: int, column: int) -> bool:
    even = line - run.place.line == number - run.line
    return even and (run.lines == 1 or column - 1 == run.indent)
