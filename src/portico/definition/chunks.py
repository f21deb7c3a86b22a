"""Chunks of a program: factories around snippets that stand verbatim on lines of their own.

The format is `docs/design/program.md`. The line table leads every line of a snippet back to its file.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portico.definition import javascript
from portico.definition.bindings import Part, Snippet, only
from portico.definition.draft import ScriptDraft
from portico.definition.javascript import Code
from portico.definition.scope import Reading, reading
from portico.definition.text import Text
from portico.definition.value import Bound, Composed, Fixed, JsonText, Value
from portico.model.program import Program, Run


@dataclass(frozen=True, slots=True)
class _Chunk:
    names: tuple[str, ...]
    text: str
    #: Lines counted from the chunk's first line, which is 0.
    runs: tuple[Run, ...]


class Chunks:
    """Collects the chunks of one program. `scope` are the names its snippets may take."""

    def __init__(self, scope: frozenset[str]) -> None:
        self._scope = scope
        self._chunks: list[_Chunk] = []

    def value(self, value: Value, owner: str, prop: str) -> dict[str, Any]:
        """A value as the program writes it."""
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

    def action(self, snippet: Snippet, owner: str, prop: str) -> int:
        """A chunk that does something."""
        if snippet.statements:
            names = self._taken(snippet.reading)
            head = f"{_factory(names)}async function(){{\n"
            return self._close(names, head, snippet.text + "\n}}", _runs(snippet, owner, prop))
        return self._add((snippet,), "async function(){return ", "}", owner, prop, ())

    def script(self, script: ScriptDraft) -> int:
        """A chunk that makes a script object."""
        names = self._taken(script.reading)
        head = f"{_factory(names)}function(){{var $$;\n"
        runs = _lines(script.text, 0, len(script.text.value), script.name, "")
        return self._close(names, head, script.program + "\nreturn $$}}", runs)

    def derived(self, source: str) -> int:
        """A chunk of a widget type: JavaScript of ours over `self` and `kit`."""
        return self._close(("self", "kit"), "function(self, kit){return (", source + ")}", ())

    def program(self, definition: Mapping[str, Any]) -> Program:
        """The program of a definition, its chunks and the way back."""
        whole = {**definition, "chunks": [list(chunk.names) for chunk in self._chunks]}
        line = 2
        runs: list[Run] = []
        for chunk in self._chunks:
            runs.extend(replace(run, line=run.line + line) for run in chunk.runs)
            line += chunk.text.count("\n") + 2
        opening = f"__page({json.dumps(whole, separators=(',', ':'))}, [\n"
        body = "\n,\n".join(chunk.text for chunk in self._chunks)
        return Program(source=f"{opening}{body}\n]);\n", runs=tuple(runs))

    def _taken(self, found: Reading) -> tuple[str, ...]:
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
        if all(isinstance(part, str) for part in parts):
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
