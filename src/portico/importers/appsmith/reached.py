"""On which conditions code is reached."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.lint import calls, syntax
from portico.definition.lint.piece import Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A condition that has to be true, or with `holds` false, not to be; with None it is of another kind."""

    piece: Piece
    node: Node
    holds: bool | None


def conditions(piece: Piece, node: Node, function: Node) -> Iterator[Condition]:
    """What has to hold for a node of a function to be reached, as far as the function says."""
    child = node
    for outer in syntax.above(node):
        if outer == function:
            return
        for condition, holds in _around(piece, outer, child):
            yield Condition(piece=piece, node=condition, holds=holds)
        child = outer


def _around(piece: Piece, outer: Node, child: Node) -> Iterator[tuple[Node, bool | None]]:
    match outer.type:
        case "if_statement" | "ternary_expression":
            condition = outer.child_by_field_name("condition")
            if condition is not None and condition != child:
                yield condition, outer.child_by_field_name("consequence") == child
        case "binary_expression":
            left, operator = outer.child_by_field_name("left"), outer.child_by_field_name("operator")
            if left is not None and left != child and operator is not None:
                yield left, {"&&": True, "||": False}.get(operator.type)
        case "switch_statement" | "switch_case":
            value = outer.child_by_field_name("value")
            if value is not None and value != child:
                yield value, None
        case "statement_block":
            yield from _before(outer, child)
        case "catch_clause":
            yield outer, None
        case _ if outer.type in syntax.FUNCTIONS and not _is_called(piece, outer):
            yield outer, None


def _is_called(piece: Piece, function: Node) -> bool:
    """Whether a function in a function is called on the way, and not only once something fails."""
    call = calls.taker(piece, function)
    if call is None:
        return False
    method, given = syntax.method(piece, call), syntax.arguments(call)
    return function not in given or (given[0] == function and (method is None or method[1] != "catch"))


def _before(block: Node, child: Node) -> Iterator[tuple[Node, bool | None]]:
    """What did not hold, as the function had ended otherwise."""
    for statement in block.named_children:
        if statement.start_byte >= child.start_byte:
            return
        if statement.type != "if_statement":
            continue
        condition = statement.child_by_field_name("condition")
        consequence = statement.child_by_field_name("consequence")
        alternative = statement.child_by_field_name("alternative")
        if condition is None or consequence is None:
            continue
        if syntax.leaves(consequence):
            yield condition, False
        elif alternative is not None and any(syntax.leaves(one) for one in alternative.named_children):
            yield condition, True
