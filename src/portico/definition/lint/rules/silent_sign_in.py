"""A sign-in whose failure tells the user nothing of its own (seeds S1, S2 and S3)."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint import calls, syntax
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.piece import Piece


def find(subject: Subject) -> Iterator[Spot]:
    """Calls of queries that take a password, of whose failure nothing becomes. Those of the contract say
    themselves what the user is told (`error`)."""
    for page in subject.pages:
        told = set(page.contract.values())
        for piece in page.view.acting():
            for call, query in page.runs(piece):
                if query in page.signing - told and not _is_handled(page, piece, call, calls_left=1):
                    function = call.child_by_field_name("function")
                    # Without what it is given: that may be a password.
                    yield Spot(place=piece.place(call), received=f"{piece.excerpt(function or call)}(…)")


def _is_handled(page: Facts, piece: Piece, call: Node, *, calls_left: int) -> bool:
    """Whether a failure of the call is caught: there, around it, or by whoever calls the function that it
    stands in and gives its promise back."""
    end = _end_of_chain(piece, call)
    if end is None or _has_handler(piece, call) or _is_tried(end):
        return True
    function = syntax.function_around(end)
    if function is None or not _is_given(end, function):
        return False
    outer = calls.taker(piece, function)
    if outer is not None:
        return _is_handled(page, piece, outer, calls_left=calls_left)
    if piece.script is None or not calls_left:
        return False
    callers = list(_callers(page, piece, function))
    return bool(callers) and all(
        _is_handled(page, other, node, calls_left=calls_left - 1) for other, node in callers
    )


def _end_of_chain(piece: Piece, call: Node) -> Node | None:
    """The promise at the end of `.then(…)` and its like; None if one of them takes the failure."""
    node = call
    while node.parent is not None and node.parent.type == "member_expression":
        outer = node.parent.parent
        if outer is None or outer.type != "call_expression":
            break
        found = syntax.method(piece, outer)
        given = [one for one in syntax.arguments(outer) if not syntax.is_nothing(piece, one)]
        if found is not None and ((found[1] == "catch" and given) or (found[1] == "then" and len(given) > 1)):
            return None
        node = outer
    return node


def _has_handler(piece: Piece, call: Node) -> bool:
    """`run(onSuccess, onError)`."""
    given = syntax.arguments(call)
    return len(given) > 1 and not syntax.is_nothing(piece, given[1]) and given[1].type != "object"


def _is_tried(node: Node) -> bool:
    """Whether it is awaited where a failure is caught."""
    awaited = False
    child = node
    for outer in syntax.above(node):
        if outer.type in syntax.FUNCTIONS:
            return False
        awaited |= outer.type == "await_expression"
        if outer.type == "try_statement" and awaited:
            handler = outer.child_by_field_name("handler")
            if handler is not None and child == outer.child_by_field_name("body"):
                return True
        child = outer
    return False


def _is_given(node: Node, function: Node) -> bool:
    """Whether the failure becomes one of the function: its promise is awaited or given back."""
    for outer in syntax.above(node):
        if outer.type in ("await_expression", "return_statement") or outer == function:
            return True
        if outer.type == "expression_statement":
            return False
    return False


def _callers(page: Facts, piece: Piece, function: Node) -> Iterator[tuple[Piece, Node]]:
    """The calls of a function of a script."""
    for other in page.view.acting():
        for call in calls.of(page, other):
            name = call.name
            if (
                name.id == piece.script
                and name.path
                and page.view.function(name.id, name.path[0]) == function
            ):
                yield other, call.node


RULE = Rule(
    id="silent-sign-in",
    reason="a wrong password, or an auth API that is down, is told to the user by nothing that this app says",
    remedy="add `.catch((error) => showAlert(error.message, 'error'))`, `try` and `catch`, or `on_error`",
    find=find,
)
