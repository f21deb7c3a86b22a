"""Where a value comes from: the names of the app that an expression may be the value of.

What is only asked (a condition, a comparison) is not followed, and neither is what a function makes of it:
`JSON.parse(atob(token.split('.')[1]))` is not the token. Followed are variables, parts of objects, text that
is put together, what `run()` answers, and one level of what functions of scripts return.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from portico.definition.lint import names, syntax
from portico.definition.lint.declared import Declared
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece
from portico.definition.lint.view import View

#: How many members at once, and how many expressions in all, are followed.
_MEMBERS = 8
_WORK = 200
#: How many functions of scripts, one after another.
_CALLS = 1
#: Functions that give what they are given, in another form.
_SAME = frozenset(
    {"String", "encodeURIComponent", "encodeURI", "decodeURIComponent", "decodeURI", "JSON.stringify"}
)
_SAME_METHODS = frozenset({"toString", "trim", "valueOf", "concat"})
#: The sides of operators that their values may be, or hold.
_OPERANDS = {
    "||": ("left", "right"),
    "??": ("left", "right"),
    "+": ("left", "right"),
    "&&": ("right",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """A name of the app that a value may come from, and where the code reads it. What a query answered is
    its `data`, whatever way it is read."""

    name: Named
    piece: Piece
    node: Node


@dataclass(frozen=True, slots=True)
class _Step:
    """What `path` reads of the value of `node`; `calls` functions of scripts may still be looked into."""

    piece: Piece
    node: Node
    path: tuple[str, ...]
    calls: int


#: Variables that were looked into: by declaration, name, members, and functions that may be looked into.
_Opened = set[tuple[int, str, tuple[str, ...], int]]


def origins(view: View, piece: Piece, node: Node) -> Iterator[Origin]:
    """What the value of an expression may come from."""
    # Variables can be made of themselves: nothing is followed twice.
    seen: set[tuple[int, int, tuple[str, ...], int]] = set()
    opened: _Opened = set()
    waiting: list[_Step] = [_Step(piece, node, (), _CALLS)]
    while waiting and len(seen) < _WORK:
        step = waiting.pop()
        inner = syntax.bare(step.node)
        key = (id(step.piece), inner.id, step.path, step.calls)
        if key in seen or len(step.path) > _MEMBERS:
            continue
        seen.add(key)
        found = list(_follow(view, replace(step, node=inner), opened))
        yield from (one for one in found if isinstance(one, Origin))
        waiting.extend(one for one in reversed(found) if isinstance(one, _Step))


def _follow(view: View, step: _Step, opened: _Opened) -> Iterator[_Step | Origin]:
    """One step further."""
    match step.node.type:
        case "identifier" | "shorthand_property_identifier" | "this":
            yield from _chain(view, step, opened)
        case "member_expression" | "subscript_expression":
            yield from _chain(view, step, opened)
        case "object":
            yield from _object(step)
        case "call_expression":
            yield from _call(view, step)
        case _:
            for part, rest in _parts(step.node, step.path):
                yield replace(step, node=part, path=rest)


def _chain(view: View, step: _Step, opened: _Opened) -> Iterator[_Step | Origin]:
    first, members = syntax.chain(step.piece, step.node)
    whole = (*members, *step.path)
    if first.type not in names.WORDS:
        yield replace(step, node=first, path=whole)
        return
    found = names.named(view, step.piece, step.node)
    if found is not None:
        yield Origin(name=Named(id=found.id, path=whole), piece=step.piece, node=step.node)
        # Of a function's `data`: what the function returns.
        if whole[1:2] == ("data",):
            yield from _returned(view, found.id, whole[0], whole[2:], step.calls)
        return
    for one in _unopened(step, first, whole, opened) if first.type != "this" else ():
        if one.kind == "value":
            yield replace(step, node=one.node, path=(*one.path, *whole))
        else:
            yield from _parameter(view, one, replace(step, path=(*one.path, *whole)))


def _unopened(step: _Step, name: Node, path: tuple[str, ...], opened: _Opened) -> list[Declared]:
    """What a variable can stand for, the first time that this is asked: one may stand in every line."""
    found = list(names.declared(step.piece, name))
    key = (found[0].node.id if found else 0, step.piece.word(name), path, step.calls)
    if key in opened:
        return []
    opened.add(key)
    return found


def _returned(view: View, script: str, name: str, path: tuple[str, ...], calls: int) -> Iterator[_Step]:
    function = view.function(script, name) if calls else None
    for value in syntax.returns(function) if function is not None else ():
        yield _Step(view.scripts[script], value, path, calls - 1)


def _parameter(view: View, one: Declared, step: _Step) -> Iterator[_Step | Origin]:
    """What a callback is given: of `then`, what the promise gives; of `run`, the answer."""
    call = one.node.parent.parent if one.node.parent is not None else None
    if call is None or call.type != "call_expression" or one.index:
        return
    found = syntax.method(step.piece, call)
    if found is None or syntax.arguments(call)[:1] != [one.node]:
        return
    owner, name = found
    if name == "then":
        yield replace(step, node=owner)
    elif name == "run":
        yield from _answer(view, replace(step, node=call))


def _answer(view: View, step: _Step) -> Iterator[Origin]:
    """The answer of a query, where `node` is the call that runs it."""
    found = names.called(view, step.piece, step.node)
    if found is not None and found.id in view.queries and found.path == ("run",):
        yield Origin(name=Named(id=found.id, path=("data", *step.path)), piece=step.piece, node=step.node)


def _object(step: _Step) -> Iterator[_Step]:
    path = step.path
    for child in step.node.named_children:
        if child.type == "spread_element":
            yield replace(step, node=child.named_children[0])
            continue
        short = child.type == "shorthand_property_identifier"
        key = child if short else child.child_by_field_name("key")
        value = child if short else child.child_by_field_name("value")
        if key is None or value is None:
            continue
        if path[:1] in ((), ("*",), (step.piece.word(key).strip("\"'"),)):
            yield replace(step, node=value, path=path[1:])


def _call(view: View, step: _Step) -> Iterator[_Step | Origin]:
    function = step.node.child_by_field_name("function")
    if function is not None and step.piece.word(function) in _SAME:
        yield from (replace(step, node=one, path=()) for one in syntax.arguments(step.node)[:1])
        return
    if function is not None and syntax.bare(function).type in syntax.FUNCTIONS:
        yield from (replace(step, node=value) for value in syntax.returns(syntax.bare(function)))
    yield from _answer(view, step)
    called = names.called(view, step.piece, step.node)
    if called is not None and called.id in view.scripts and len(called.path) == 1:
        yield from _returned(view, called.id, called.path[0], step.path, step.calls)
    for part, rest in _passed(step.piece, step.node, step.path):
        yield replace(step, node=part, path=rest)


def _passed(piece: Piece, call: Node, path: tuple[str, ...]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """What a method gives of what it is called on and of what it is given."""
    found, given = syntax.method(piece, call), syntax.arguments(call)
    if found is None:
        return
    owner, name = found
    if name == "then":
        for callback in given[:1]:
            for value in syntax.returns(callback) if callback.type in syntax.FUNCTIONS else ():
                yield value, path
    elif name in ("catch", "finally"):
        yield owner, path
    elif name in _SAME_METHODS:
        yield owner, ()
        yield from ((argument, ()) for argument in given if name == "concat")


def _parts(node: Node, path: tuple[str, ...]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The parts of an expression that its value may be, or holds."""
    match node.type:
        case "ternary_expression":
            yield from ((part, path) for part in _fields(node, "consequence", "alternative"))
        case "binary_expression":
            operator = node.child_by_field_name("operator")
            fields = _OPERANDS.get(operator.type if operator is not None else "", ())
            yield from ((part, path) for part in _fields(node, *fields))
        case "template_string" | "template_substitution":
            yield from ((child, ()) for child in node.named_children)
        case "array" | "spread_element":
            yield from ((child, path[1:] if node.type == "array" else path) for child in node.named_children)
        case "sequence_expression":
            yield node.named_children[-1], path
        case "assignment_expression":
            yield from ((part, path) for part in _fields(node, "right"))


def _fields(node: Node, *names_of: str) -> Iterator[Node]:
    for name in names_of:
        part = node.child_by_field_name(name)
        if part is not None:
            yield part
