"""What calls do: store, navigate, run queries, sign out; also through one function of a script."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.lint import names, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece

STORING = frozenset({"storeValue", "removeValue", "clearStore"})
#: Methods that call what they are given before they return.
_AT_ONCE = frozenset({"forEach", "map", "filter", "reduce", "every", "some", "find", "flatMap"})
#: Methods that call what they are given once a promise is kept.
_AFTERWARDS = frozenset({"then", "finally", "catch", "run"})
#: What gives the promise in it on.
_PASSING = frozenset(
    {"parenthesized_expression", "ternary_expression", "binary_expression", "sequence_expression"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of a name of the app."""

    piece: Piece
    node: Node
    name: Named


def of(page: Facts, piece: Piece, root: Node | None = None) -> Iterator[Call]:
    """The calls of names of the app in code, in the order of the text."""
    for node in piece.all("call_expression", root or piece.root):
        found = names.called(page.view, piece, node)
        if found is not None:
            yield Call(piece=piece, node=node, name=found)


def is_function(call: Call, *functions: str) -> bool:
    """Whether it calls one of these functions of the framework."""
    return ".".join((call.name.id, *call.name.path)) in functions


def opened(page: Facts, call: Call) -> Iterator[Call]:
    """What a call of a function of a script calls itself; nothing of other calls."""
    script = page.view.scripts.get(call.name.id)
    function = page.view.function(call.name.id, call.name.path[0]) if len(call.name.path) == 1 else None
    if script is not None and function is not None:
        yield from of(page, script, function)


def does(page: Facts, call: Call, *functions: str) -> bool:
    """Whether it calls one of these functions of the framework, or a function of a script that does."""
    return is_function(call, *functions) or any(is_function(one, *functions) for one in opened(page, call))


def is_kept(piece: Piece, node: Node) -> bool:
    """Whether something becomes of the promise of a call: it is awaited, given back, stored or chained."""
    child = node
    for outer in syntax.above(node):
        if child == piece.root:
            break
        if outer.type in ("expression_statement", "unary_expression"):
            return False
        if outer.type == "arrow_function":
            # What it gives is what `forEach` drops.
            return not _is_dropped(outer, child)
        if outer.type == "sequence_expression" and outer.named_children[-1] != child:
            return False
        if outer.type not in _PASSING and not _is_chained(outer, child):
            return True
        child = outer
    # The value of a binding is that of its event.
    return True


def chain(node: Node) -> Node:
    """The promise at the end of what is chained to a call: `.then(…)` and its like."""
    child = node
    for outer in syntax.above(node):
        if not _is_chained(outer, child):
            break
        child = outer
    return child


def follows(first: Node, second: Node, piece: Piece) -> bool:
    """Whether `second` is reached after `first`, without waiting for it."""
    if second.start_byte <= first.start_byte or syntax.within(second, first):
        return False
    around = _common(first, second)
    return (
        around is not None
        and _reaches(first, around, piece)
        and _reaches(second, around, piece)
        and not _excludes(first, second, around)
    )


def _is_chained(outer: Node, child: Node) -> bool:
    """Whether `child` is what a method is called on, or that method: the promise at the end counts."""
    if outer.type == "member_expression":
        return outer.parent is not None and outer.parent.type == "call_expression"
    return outer.type == "call_expression" and outer.child_by_field_name("function") == child


def _is_dropped(function: Node, child: Node) -> bool:
    """Whether `child` is what a callback gives that nobody takes."""
    body = function.child_by_field_name("body")
    call = function.parent.parent if function.parent is not None else None
    if body != child or call is None or call.type != "call_expression":
        return False
    target = call.child_by_field_name("function")
    name = target.child_by_field_name("property") if target is not None else None
    return name is not None and name.text is not None and name.text.decode() == "forEach"


def _common(first: Node, second: Node) -> Node | None:
    return next((outer for outer in syntax.above(first) if syntax.within(second, outer)), None)


def _reaches(node: Node, around: Node, piece: Piece) -> bool:
    """Whether every function between a node and `around` is one that is called on the way."""
    for outer in syntax.above(node):
        if outer == around:
            return True
        if outer.type in syntax.FUNCTIONS and taker(piece, outer) is None:
            return False
    return False


def taker(piece: Piece, function: Node) -> Node | None:
    """The call that calls a function which is written in it: at once, as `(() => …)()` and `forEach` do, or
    once a promise is kept."""
    outer = function.parent
    while outer is not None and outer.type == "parenthesized_expression":
        function, outer = outer, outer.parent
    if outer is None or outer.type == "call_expression":
        return outer
    call = outer.parent
    if outer.type != "arguments" or call is None or call.type != "call_expression":
        return None
    found = syntax.method(piece, call)
    return call if found is not None and found[1] in _AT_ONCE | _AFTERWARDS else None


def _excludes(first: Node, second: Node, around: Node) -> bool:
    """Whether only one of two nodes is reached."""
    if around.type in ("if_statement", "ternary_expression", "switch_body"):
        return True
    handler = around.child_by_field_name("handler") if around.type == "try_statement" else None
    # What follows a failure does not follow a call whose promise nobody waits for.
    if handler is not None and syntax.within(second, handler):
        return True
    child = first
    for outer in syntax.above(first):
        if outer == around or outer.type in syntax.FUNCTIONS:
            break
        if outer.type == "statement_block" and any(
            syntax.leaves(statement)
            for statement in outer.named_children
            if statement.start_byte >= child.start_byte
        ):
            return True
        child = outer
    return False
