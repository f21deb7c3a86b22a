"""YAML files as values that know where they stand.

Every value keeps file, line and column. Scalars follow the core schema of YAML 1.2: `no`, `on`
and `2024-01-01` are text. Tags, anchors and further documents are refused, keys stand once, depth
and count are bounded: what is left is JSON with comments.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from portico.definition.diagnostics import Problems
from portico.definition.text import Lines, Style, Text, scalar
from portico.model.place import Place

DEPTH_LIMIT = 40
COUNT_LIMIT = 50_000
#: Largest integer that JavaScript keeps exactly.
SAFE_INTEGER = 2**53 - 1

QUOTE_REMEDY = "put the value in quotes, or write it after `|` on lines of its own"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """A single value. `text` is what was written, whatever it was read as."""

    place: Place
    value: str | int | float | bool | None
    text: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A key's place and its value."""

    key: Place
    node: "Node"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A mapping, in the order of the file."""

    place: Place
    entries: Mapping[str, Entry]


Node = Scalar | Items | Table


def read(file: str, content: str, problems: Problems) -> Node | None:
    """The value of a YAML file, or None and a problem if it has none that can be trusted."""
    return _Reader(file, content, problems).document()


class _Unreadable(Exception):
    """The rest of the file means nothing."""


class _Reader:
    """Builds nodes from PyYAML's events, which come one at a time: limits hold before memory is spent."""

    def __init__(self, file: str, content: str, problems: Problems) -> None:
        self._file = file
        self._content = content
        self._lines = Lines.of(content)
        self._problems = problems
        self._events = yaml.parse(content, Loader=yaml.SafeLoader)
        self._count = 0
        #: Starts of open flow mappings that are written `{{`.
        self._braces: list[int] = []

    def document(self) -> Node | None:
        try:
            return self._document()
        except _Unreadable:
            return None
        except yaml.YAMLError as error:
            self._syntax(error)
            return None

    def _document(self) -> Node | None:
        node: Node | None = None
        documents = 0
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._problems.add(
                        "E110",
                        self._place(_index(event)),
                        "a file holds one YAML document",
                        remedy="remove the line `---` and what follows it",
                    )
                    return node
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, 0)
        return node

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._count += 1
        start = _index(event)
        place = self._place(start)
        if depth > DEPTH_LIMIT or self._count > COUNT_LIMIT:
            self._problems.add(
                "E111",
                place,
                "the file is nested too deeply or has too many values",
                remedy="split it into several",
            )
            raise _Unreadable
        if isinstance(event, yaml.AliasEvent):
            self._anchor(place)
            return Scalar(place=place, value="", text=Text(value="", file=self._file, segments=()))
        if getattr(event, "anchor", None) is not None:
            self._anchor(place)
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._problems.add("E108", place, "tags are not used here", received=tag, remedy="remove the tag")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1))
            return Items(place=place, items=tuple(items))
        return self._table(start, depth)

    def _table(self, start: int, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        doubled = self._content.startswith("{{", start)
        if doubled:
            self._braces.append(start)
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if doubled:
                raise self._unquoted(start)
            key = self._key(event)
            node = self._node(self._next(), depth + 1)
            place = self._place(_index(event))
            if key in entries:
                self._problems.add(
                    "E107",
                    place,
                    f"the key `{key}` stands twice, first in line {entries[key].key.line}",
                    remedy="keep one of them",
                )
                continue
            entries[key] = Entry(key=place, node=node)
        return Table(place=self._place(start), entries=entries)

    def _key(self, event: yaml.Event) -> str:
        place = self._place(_index(event))
        if not isinstance(event, yaml.ScalarEvent):
            if self._content.startswith("{{", _index(event)):
                raise self._unquoted(_index(event))
            self._problems.add(
                "E112", place, "a key is a word, not a list or a mapping", remedy="put text in quotes"
            )
            raise _Unreadable
        if event.anchor is not None:
            self._anchor(place)
        if event.value in ("__proto__", "<<"):
            self._problems.add(
                "E112", place, f"`{event.value}` cannot be used as a key", remedy="choose another key"
            )
        return str(event.value)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        text = scalar(
            event.value,
            file=self._file,
            content=self._content,
            lines=self._lines,
            start=_index(event),
            end=_index(event, end=True),
            style=_STYLES[event.style],
        )
        if any("\ud800" <= char <= "\udfff" for char in event.value):
            self._problems.add("E102", place, "half a surrogate pair is not text")
            raise _Unreadable
        value = event.value if event.style is not None else _resolved(event.value)
        if isinstance(value, int | float) and not _is_exact(value):
            self._problems.add(
                "E113",
                place,
                "this number cannot be kept exactly",
                received=event.value,
                remedy="put it in quotes to make it text",
            )
            value = 0
        return Scalar(place=place, value=value, text=text)

    def _anchor(self, place: Place) -> None:
        self._problems.add(
            "E109",
            place,
            "anchors and aliases are not used here",
            remedy="write the value out; put text that begins with `&` or `*` in quotes",
        )

    def _unquoted(self, index: int) -> _Unreadable:
        self._problems.add(
            "E106",
            self._place(index),
            "YAML reads an unquoted `{{ }}` as a mapping of its own",
            received=self._content[index:].partition("\n")[0],
            remedy=QUOTE_REMEDY,
        )
        return _Unreadable()

    def _syntax(self, error: yaml.YAMLError) -> None:
        if self._braces:
            self._unquoted(self._braces[0])
            return
        marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
        indexes = [mark.index for mark in marks if mark is not None]
        for index in indexes:
            line, _ = self._lines.at(index)
            begin = self._lines.starts[line - 1]
            if found := _BARE.match(self._content[begin:].partition("\n")[0]):
                self._unquoted(begin + found.end() - 2)
                return
        if isinstance(error, yaml.reader.ReaderError):
            self._problems.add(
                "E102",
                self._place(error.position),
                "the file holds a character that text files do not have",
                received=f"U+{ord(self._content[error.position]):04X}",
                remedy="remove it, or write it as an escape in double quotes",
            )
            return
        # Where an unclosed quote or bracket began says more than where the file ended.
        ended = any(word in str(getattr(error, "problem", "")) for word in ("end of stream", "<stream end>"))
        index = indexes[-1] if indexes and ended else None
        place = self._place(index if index is not None else (indexes[0] if indexes else 0))
        what = getattr(error, "problem", None) or "this cannot be read"
        context = getattr(error, "context", None)
        self._problems.add(
            "E105",
            place,
            f"YAML: {what}" + (f" ({context})" if context else ""),
            received=self._content.split("\n")[place.line - 1],
            remedy=f"check indentation and quotes; for text with `: `, `#`, quotes or braces, {QUOTE_REMEDY}",
        )

    def _place(self, index: int) -> Place:
        line, column = self._lines.at(index)
        return Place(self._file, line, column)


def _index(event: yaml.Event, *, end: bool = False) -> int:
    mark = event.end_mark if end else event.start_mark
    return mark.index if mark is not None else 0


_STYLES: Mapping[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "block",
    ">": "block",
}

#: A value, list item or flow item of one line that begins with `{{`, or a flow value that holds it.
_BARE = re.compile(r"""[^'"#]*?(?:^|[:\-,\[{])\s*\{\{|[^'"#]*?[\[{][^'"#]*?\{\{""")

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def _is_exact(value: int | float) -> bool:
    return math.isfinite(value) and (isinstance(value, float) or abs(value) <= SAFE_INTEGER)


def _resolved(word: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2, section 10.3.2."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _INTEGER.fullmatch(word):
        return int(word) if len(word) < 30 else math.inf
    if _OCTAL.fullmatch(word) or _HEXADECIMAL.fullmatch(word):
        return int(word, 0) if len(word) < 30 else math.inf
    if _FLOAT.fullmatch(word):
        return float(word)
    return math.inf if _INFINITE.fullmatch(word) else word
