"""Small pages, compiled by hand to the format of `docs/design/program.md`."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import quickjs  # type: ignore[import-untyped]

from portico.model.place import Place
from portico.model.program import FRAMEWORK_NAMES, RECORD_NAMES, ROW_NAMES, Program, Run

BINDING = re.compile(r"\{\{(.*?)\}\}(?!\})", re.DOTALL)
WHOLE = re.compile(r"(?:\s*//[^\n]*\n)*\s*\{\{(.*)\}\}\s*", re.DOTALL)

#: Types with the parts of JavaScript that the real ones have.
TYPES: Mapping[str, Mapping[str, Any]] = {
    "Input": {
        "meta": {"typed": None, "isDirty": False},
        "derived": {"text": "self.typed ?? self.defaultText ?? ''", "value": "self.text"},
        "methods": {
            "setValue": "(value) => { self.typed = value }",
            "setVisibility": "(visible) => { self.isVisible = visible }",
            "setText": "(text) => { self.text = text }",
        },
        "value": "typed",
        "reset": ["typed", "isDirty"],
    },
    "Form": {"derived": {"data": "Object.fromEntries(kit.inputs(self).map((one) => [one.name, one.value]))"}},
    "Text": {
        "methods": {"setVisibility": "(visible) => { self.isVisible = visible }"},
        "flags": ["isVisible"],
    },
    "Modal": {
        "meta": {"open": False},
        "methods": {
            "show": "() => { self.open = true }",
            "close": "() => { if (self.open) { self.open = false; kit.fire(self, 'onClose') } }",
        },
    },
    "List": {
        "meta": {"triggeredKey": None},
        "derived": {
            "shownItems": """(Array.isArray(self.listData) ? self.listData : [])
  .map((item, index) => ({ key: String(item.id ?? index), item, index }))""",
            "currentItemsView": "kit.rows(self).map(({ view }) => view)",
        },
        "methods": {"rowAt": "(key) => [self.listData[Number(key)], Number(key)]"},
        "inner": ["listData", "shownItems", "currentItemsView"],
        "rows": "shownItems",
    },
    "Board": {
        "meta": {"done": False},
        "library": "(globalThis.made = (globalThis.made ?? 0) + 1, { twice: (n) => 2 * n })",
        "derived": {
            "size": "library.twice(kit.given(self, 'size'))",
            "heavy": "(globalThis.computed = (globalThis.computed ?? 0) + 1, self.size.toFixed(1))",
            "told": "(self.size > 10 && kit.complain('size', 'too large'), self.size)",
        },
        "methods": {
            "setSize": "(n) => { self.size = n }",
            "grow": "(by) => { self.size = self.size / 2 + Number(by) }",
            "ask": "async () => { await kit.perform(self, 'onAsk'); self.done = true }",
            "refuse": "() => { throw kit.refusal('not now') }",
            "give": "() => kit.download('https://a,b', 'x.csv', 'text/csv')",
        },
        "commands": ["grow", "ask", "refuse", "give"],
        "private": ["done", "told", "grow"],
        "inner": ["heavy"],
    },
}


@dataclass
class Widget:
    """A widget to be. Values that are strings may hold bindings."""

    name: str
    type: str = "Text"
    props: Mapping[str, Any] = field(default_factory=dict)
    on: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    parent: str | None = None
    path: str | None = None


@dataclass
class Query:
    """A query to be; `body` as JSON text, one binding, or a plain value."""

    name: str
    path: str = "/"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    at: str | None = None
    confirm: str | None = None
    automatic: bool = False


class Builder:
    """Collects chunks and their lines."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = [*names, *sorted(FRAMEWORK_NAMES | ROW_NAMES)]
        self.heads: list[list[str]] = []
        self.chunks: list[str] = []
        self.line = 2
        self.runs: list[Run] = []

    def add(self, text: str, head: str, tail: str, names: list[str], place: str) -> int:
        chunk = f"function({','.join(names)}){{{head}{text}{tail}}}"
        lead = chunk[: chunk.index(text)] if text else chunk
        first = self.line + lead.count("\n")
        self.runs.append(Run(first, text.count("\n") + 1, Place(place, 1, 1)))
        self.chunks.append(chunk)
        self.heads.append(names)
        self.line += (chunk + "\n,\n").count("\n")
        return len(self.chunks) - 1

    def expression(self, text: str, place: str, names: list[str] | None = None) -> int:
        wanted = self.names if names is None else names
        return self.add(text, "return function(){return (\n", "\n)}", wanted, place)

    def action(self, text: str, place: str, given: Sequence[str] = ()) -> int:
        head = f"return async function({', '.join(given)}){{"
        if is_expression(text):
            return self.add(text, f"{head}return (\n", "\n)}", self.names, place)
        return self.add(text, f"{head}\n", "\n}", self.names, place)

    def script(self, text: str, place: str) -> int:
        code = text.replace("export default", "$$ =          ", 1)
        return self.add(code, "return function(){var $$;\n", "\nreturn $$}", self.names, place)

    def own(self, text: str, *more: str) -> int:
        return self.add(text, "return (", ")", ["self", "kit", *more], "ours")

    def kind(self, kind: Mapping[str, Any]) -> dict[str, Any]:
        names = ("library",) if "library" in kind else ()
        own = {
            part: {key: self.own(text, *names) for key, text in kind.get(part, {}).items()}
            for part in ("derived", "methods")
        }
        library = {"library": self.own(kind["library"])} if names else {}
        return {**kind, **own, **library}

    def value(self, value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, str) or "{{" not in value:
            return {"v": value}
        whole = WHOLE.fullmatch(value)
        if whole and "{{" not in whole[1]:
            return {"b": self.expression(whole[1], place)}
        parts: list[Any] = []
        for text, code in pieces(value):
            parts += [text] if text else []
            parts += [self.expression(code, place)] if code is not None else []
        return {"t": parts}

    def body(self, value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, str) or WHOLE.fullmatch(value) or "{{" not in value:
            return self.value(value, place)
        parts: list[Any] = []
        quoted = False
        for text, code in pieces(value):
            parts += [text] if text else []
            quoted ^= text.count('"') % 2 == 1
            parts += [[self.expression(code, place), quoted]] if code is not None else []
        return {"j": parts}


def pieces(value: str) -> Iterable[tuple[str, str | None]]:
    """Texts, and the code that follows each."""
    at = 0
    for match in BINDING.finditer(value):
        yield value[at : match.start()], match[1]
        at = match.end()
    yield value[at:], None


def is_expression(text: str) -> bool:
    """Whether the engine can read the text as one expression."""
    try:
        quickjs.Context().eval(f"(async function(){{return (\n{text}\n)}});0")
    except quickjs.JSException:
        return False
    return True


def code_of(event: str) -> str:
    """The code of an event: what stands in its braces, or all of it."""
    whole = WHOLE.fullmatch(event)
    return whole[1] if whole else event


def page(
    *widgets: Widget,
    queries: Sequence[Query] = (),
    scripts: Mapping[str, str] | None = None,
    confirm: Mapping[str, str] | None = None,
    evaluations: Mapping[str, tuple[Sequence[str], str]] | None = None,
) -> Program:
    """A page as a program. Script paths are their names; `A.b` is `b` in module instance `A`. `confirm`
    are questions before functions of the scripts."""
    scripts = scripts or {}
    names = {widget.name for widget in widgets} | {query.name for query in queries}
    build = Builder(sorted(names | {name.rsplit(".", 1)[-1] for name in scripts}))
    types = {name: build.kind(kind) for name, kind in TYPES.items()}
    definition = {
        "app": "test",
        "page": "Page",
        "types": types,
        "widgets": [_widget(build, widget) for widget in widgets],
        "queries": [_query(build, query) for query in queries],
        "scripts": [
            {
                "path": path,
                "name": path.rsplit(".", 1)[-1],
                "chunk": build.script(text, f"{path}.js"),
                "confirm": dict(confirm or {}),
            }
            for path, text in scripts.items()
        ],
        "evaluations": {
            name: {"names": list(given), "value": {"b": build.expression(text, name, list(given))}}
            for name, (given, text) in (evaluations or {}).items()
        },
        "chunks": build.heads,
    }
    source = (
        f"__page({json.dumps(definition)}, [\n" + "".join(chunk + "\n,\n" for chunk in build.chunks) + "]);"
    )
    return Program(source=source, runs=tuple(build.runs))


def _widget(build: Builder, widget: Widget) -> dict[str, Any]:
    path = widget.path or widget.name
    events = {
        name: [
            build.action(code_of(text), f"{path}.{name}", RECORD_NAMES if "." in name else ())
            for text in ([actions] if isinstance(actions, str) else actions)
        ]
        for name, actions in widget.on.items()
    }
    props = {name: build.value(value, f"{path}.{name}") for name, value in widget.props.items()}
    props = {
        "isVisible": {"v": True},
        **({"defaultText": {"v": ""}} if widget.type == "Input" else {}),
        **({"listData": {"v": []}} if widget.type == "List" else {}),
        **props,
    }
    return {
        "path": path,
        "name": widget.name,
        "type": widget.type,
        "parent": widget.parent,
        "slot": None,
        "props": props,
        "events": events,
    }


def _query(build: Builder, query: Query) -> dict[str, Any]:
    place = f"{query.name}.yaml"
    return {
        "path": query.at or query.name,
        "name": query.name,
        "request": {
            "path": build.value(query.path, place),
            "params": [[name, build.value(value, place)] for name, value in query.params.items()],
            "headers": [[name, build.value(value, place)] for name, value in query.headers.items()],
            "body": build.body(query.body, place),
        },
        "confirm": query.confirm,
        "automatic": query.automatic,
    }
