"""What an author wrote where a value is wanted: a literal, a binding, or a structure around bindings."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from portico.definition.bindings import Part, Snippet, has_binding, only, split
from portico.definition.diagnostics import Problems
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.text import Text

#: Concatenates like text around bindings does, inside a structure.
_JOIN = '((...p)=>p.map(v=>v==null?"":typeof v==="object"?JSON.stringify(v):String(v)).join(""))('
#: Gives undefined for what fails.
_GUARD = "((f)=>{try{return f()}catch{}})(()=>("


@dataclass(frozen=True, slots=True)
class Fixed:
    """A literal: anything JSON has."""

    value: Any


@dataclass(frozen=True, slots=True)
class Bound:
    """Exactly one binding, which keeps its type, or text around bindings."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class JsonText:
    """JSON text around bindings; the flag says whether the binding stands inside quotes."""

    parts: tuple[str | tuple[Snippet, bool], ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A structure with bindings in it: JavaScript of ours around snippets, one expression in all."""

    parts: tuple[Part, ...]


Value = Fixed | Bound | JsonText | Composed


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and text, a name as often as it likes: parameters, headers, forms."""

    members: tuple[tuple[str, Value], ...]


Body = Value | Pairs


def snippets(value: Value) -> Iterator[Snippet]:
    """The snippets of a value, in order."""
    if isinstance(value, Fixed):
        return
    for part in value.parts:
        if isinstance(part, Snippet):
            yield part
        elif isinstance(part, tuple):
            yield part[0]


def is_binding(value: Value) -> bool:
    """Whether it is exactly one binding, whose type is known only when it runs."""
    return isinstance(value, Bound) and only(value.parts) is not None


def of_text(text: Text, problems: Problems) -> Fixed | Bound | None:
    """A text that may hold bindings, or None and a problem.

    White space around a single binding is dropped.
    """
    if not has_binding(text.value):
        return Fixed(text.value)
    parts = split(text, problems)
    if parts is None:
        return None
    single = only(parts)
    return Bound(parts if single is None else (single,))


def per_row(value: Value, names: tuple[str, ...]) -> Value:
    """A function of `names` that gives the value, which may read them; a literal stays what it is."""
    if isinstance(value, Fixed):
        return value
    declared = frozenset(names)
    parts = (
        replace(part, declared=part.declared | declared) if isinstance(part, Snippet) else part
        for part in inlined(value)
    )
    return Composed((f"(({', '.join(names)}) => (", *parts, "))"))


def of_node(node: Node, problems: Problems, *, inert: re.Pattern[str] | None = None) -> Value | None:
    """Any value, with bindings wherever text may stand; None and a problem if one is broken.

    With `inert` a structure is what another tool knows: what stands under a key that it matches is data as
    it is written, and a binding in it that fails gives undefined and takes nothing else away.
    """
    if isinstance(node, Scalar):
        return of_text(node.text, problems) if isinstance(node.value, str) else Fixed(node.value)
    if not _binds(node, inert):
        return Fixed(plain(node))
    parts = list(_pieces(node, problems, inert))
    sound = [part for part in parts if part is not None]
    return Composed(tuple(sound)) if len(sound) == len(parts) else None


def of_fields(fields: Mapping[str, Value]) -> Value:
    """An object of values."""
    return _gathered("{", [(json.dumps(name) + ":", value) for name, value in fields.items()], "}")


def of_list(values: list[Value]) -> Value:
    """A list of values."""
    return _gathered("[", [("", value) for value in values], "]")


def plain(node: Node) -> Any:
    """A node as JSON data."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def _binds(node: Node, inert: re.Pattern[str] | None) -> bool:
    match node:
        case Scalar():
            return isinstance(node.value, str) and has_binding(node.value)
        case Items():
            return any(_binds(item, inert) for item in node.items)
        case Table():
            return any(
                _binds(entry.node, inert) for key, entry in node.entries.items() if not _is(inert, key)
            )


def _is(inert: re.Pattern[str] | None, key: str) -> bool:
    return inert is not None and inert.fullmatch(key) is not None


def _pieces(node: Node, problems: Problems, inert: re.Pattern[str] | None) -> Iterator[Part | None]:
    """The parts of a composed expression; None stands for a broken binding."""
    match node:
        case Scalar():
            value = of_node(node, problems)
            parts = (None,) if value is None else inlined(value)
            yield from parts if inert is None or isinstance(value, Fixed) else (_GUARD, *parts, "))")
        case Items():
            yield "["
            for item in node.items:
                yield from _pieces(item, problems, inert)
                yield ","
            yield "]"
        case Table():
            yield "{"
            for key, entry in node.entries.items():
                yield json.dumps(key) + ":"
                if _is(inert, key):
                    yield json.dumps(plain(entry.node))
                else:
                    yield from _pieces(entry.node, problems, inert)
                yield ","
            yield "}"


def _gathered(opener: str, members: list[tuple[str, Value]], closer: str) -> Value:
    if all(isinstance(value, Fixed) for _, value in members):
        inner = ",".join(
            label + json.dumps(value.value) for label, value in members if isinstance(value, Fixed)
        )
        return Fixed(json.loads(opener + inner + closer))
    parts: list[Part] = [opener]
    for label, value in members:
        parts += [label, *inlined(value), ","]
    return Composed((*parts, closer))


def inlined(value: Value) -> Iterator[Part]:
    """A value as a part of a composed expression."""
    match value:
        case Fixed():
            yield json.dumps(value.value)
        case Bound():
            single = only(value.parts)
            if single is not None:
                yield single
                return
            yield _JOIN
            for part in value.parts:
                yield part if isinstance(part, Snippet) else json.dumps(part)
                yield ","
            yield ")"
        case Composed():
            yield from value.parts
        case JsonText():
            raise TypeError("text of a body stands alone")
