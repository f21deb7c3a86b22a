"""The code of an app as syntax trees that lead back to its files.

A piece is one script, or the code of one value or event: its bindings joined to one expression, lists of
actions to the statements that they become. What is written in files has places; what stands around it has
the place of what it was made from.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from portico.definition import javascript
from portico.definition.actions import Actions, Reference
from portico.definition.bindings import Part, Snippet
from portico.definition.diagnostics import excerpt
from portico.definition.draft import ScriptDraft
from portico.definition.events import Event
from portico.definition.javascript import Code
from portico.definition.lint import meanings
from portico.definition.lint.declared import Declared
from portico.definition.scope import reading
from portico.definition.scopes import Scope
from portico.definition.text import Text
from portico.definition.value import Bound, Composed, Fixed, JsonText, Value
from portico.model.place import Place

#: The functions that actions call, and the kind of what these are given (`actions.Reference`).
_KINDS = {
    "storeValue": "key",
    "removeValue": "key",
    "clearStore": "key",
    "navigateTo": "page",
    "logoutUser": "word",
    "auth.logIn": "credentials",
    "auth.update": "credentials",
}
#: What begins the names that hold the answers of actions that run something.
_ANSWER = "$answer"


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` characters from `offset` of the code on are what stands at `at` of `text`."""

    offset: int
    length: int
    text: Text
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """`stretches` are the parts that files hold. `script` is the id of the script that it is;
    `references` are those of a list of actions, `free` the offsets of names that it does not declare.
    `found` and `names` hold what was looked for before."""

    code: Code
    scope: Scope
    stretches: tuple[Stretch, ...]
    free: frozenset[int]
    script: str | None = None
    references: tuple[Reference, ...] = ()
    made: dict[int, Place] = field(default_factory=dict, repr=False, compare=False)
    found: dict[tuple[str, int], list[Node]] = field(default_factory=dict, repr=False, compare=False)
    names: dict[tuple[str, int], Mapping[str, list[Declared]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def root(self) -> Node:
        """The node that spans the code."""
        return self.code.root

    def word(self, node: Node) -> str:
        """The text of a node."""
        return self.code.word(node)

    def is_free(self, node: Node) -> bool:
        """Whether a name, or `this`, is one that the code takes from outside."""
        return self.code.start(node) in self.free

    def is_written(self, node: Node) -> bool:
        """Whether a node begins in code that a file holds."""
        offset = self.code.start(node)
        return any(stretch.offset <= offset < stretch.offset + stretch.length for stretch in self.stretches)

    def place(self, node: Node) -> Place:
        """Where `node` stands in its file; what is made of an action stands where the action names it."""
        known = self.made.get(node.start_byte)
        if known is not None:
            return known
        offset = self.code.start(node)
        index = bisect_right(self.stretches, offset, key=lambda stretch: stretch.offset) - 1
        stretch = self.stretches[max(index, 0)]
        return stretch.text.place(stretch.at + max(offset - stretch.offset, 0))

    def excerpt(self, node: Node) -> str:
        """The text of a node, short, on one line, and without what is written out under a secret's name: more
        people read what is reported than the file."""
        text, begin = self.code.encoded[node.start_byte : node.end_byte], node.start_byte
        for value in reversed(list(self._secrets(node))):
            text = text[: value.start_byte - begin] + b"***" + text[value.end_byte - begin :]
        return excerpt(text.decode())

    def _secrets(self, node: Node) -> Iterator[Node]:
        """The texts below a node that are written out under a secret's name."""
        for pair in self.nodes("pair", root=node):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            named = key is not None and meanings.is_secret(self.word(key).strip("\"'"))
            if named and value is not None and value.type in ("string", "template_string"):
                yield value

    def all(self, kind: str, root: Node) -> list[Node]:
        """The nodes of a kind below `root`, looked for once."""
        key = (kind, root.id)
        if key not in self.found:
            self.found[key] = list(self.nodes(kind, root=root))
        return self.found[key]

    def nodes(self, *kinds: str, root: Node | None = None) -> Iterator[Node]:
        """The nodes of these kinds, in the order of the text."""
        for node in javascript.walk(root or self.root):
            if node.type in kinds:
                yield node


def of_script(script: ScriptDraft, scope: Scope) -> Piece | None:
    """A script object; `script.name` is its id."""
    code = javascript.module(script.program)
    if not isinstance(code, Code):
        return None
    return _piece(code, scope, (Stretch(0, len(script.program), script.text, 0),), script=script.name)


def of_value(value: Value, scope: Scope) -> Iterator[Piece]:
    """The code of a value; the bindings of a text that is JSON are a piece each."""
    match value:
        case Fixed():
            return
        case JsonText():
            for part in value.parts:
                if not isinstance(part, str):
                    yield from _expression((part[0],), scope)
        case Bound():
            yield from _expression(value.parts, scope, text=True)
        case Composed():
            yield from _expression(value.parts, scope)


def of_event(event: Event, scope: Scope) -> Iterator[Piece]:
    """What a widget does."""
    if isinstance(event, Actions):
        text, stretches = _joined(event.parts, text=False)
        body = javascript.statements(text)
        # A list of actions that need nothing holds no code of the author's.
        if isinstance(body, Code) and (stretches or event.references):
            piece = _piece(body, scope, stretches, references=event.references)
            piece.made.update(_made(piece))
            yield piece
    elif event.statements:
        body = javascript.statements(event.text)
        if isinstance(body, Code):
            yield _piece(body, scope, (Stretch(0, len(event.text), event.source, event.start),))
    else:
        yield from _expression((event,), scope)


def _expression(parts: Sequence[Part], scope: Scope, *, text: bool = False) -> Iterator[Piece]:
    joined, stretches = _joined(parts, text=text)
    code = javascript.expression(joined)
    if isinstance(code, Code) and stretches:
        yield _piece(code, scope, stretches)


def _joined(parts: Sequence[Part], *, text: bool) -> tuple[str, tuple[Stretch, ...]]:
    """Parts as one piece of JavaScript; `text`: those between bindings are text, not code."""
    joined = ""
    stretches: list[Stretch] = []
    for index, part in enumerate(parts):
        if text and index:
            joined += " + "
        if isinstance(part, Snippet):
            joined += "("
            stretches.append(Stretch(len(joined), len(part.text), part.source, part.start))
            joined += part.text + "\n)"
        else:
            joined += json.dumps(part) if text else part
    return joined, tuple(stretches)


def _piece(
    code: Code,
    scope: Scope,
    stretches: tuple[Stretch, ...],
    *,
    script: str | None = None,
    references: tuple[Reference, ...] = (),
) -> Piece:
    free = frozenset(use.offset for use in reading(code).uses)
    return Piece(code=code, scope=scope, stretches=stretches, free=free, script=script, references=references)


def _made(piece: Piece) -> Iterator[tuple[int, Place]]:
    """The places of calls that are made of actions, which stand in the order of the actions."""
    waiting: dict[str, list[Place]] = defaultdict(list)
    for reference in piece.references:
        waiting[reference.kind].append(reference.place)
    for node in piece.nodes("call_expression"):
        kind = None if piece.is_written(node) else _kind(piece, node)
        if kind is not None and waiting[kind]:
            yield node.start_byte, waiting[kind].pop(0)


def _kind(piece: Piece, node: Node) -> str | None:
    """What is given to the call that an action became."""
    function = node.child_by_field_name("function")
    awaited = node.parent
    around = awaited.parent if awaited is not None else None
    target = around.child_by_field_name("left") if around is not None else None
    if target is not None and piece.word(target).startswith(_ANSWER):
        return "runnable"
    return _KINDS.get(piece.word(function)) if function is not None else None
