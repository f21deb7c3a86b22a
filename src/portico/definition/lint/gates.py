"""Bindings that decide whether something is shown, and conditions of code."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.lint import names, syntax, trace
from portico.definition.lint.facts import Facts
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece
from portico.definition.widgets import TABS_PROPERTY

_CHAINS = ("identifier", "member_expression", "subscript_expression")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A property that decides what is shown, and the code that decides. `holds`: other widgets stand in
    what it opens."""

    name: str
    holds: bool
    piece: Piece
    root: Node

    def shown(self, node: Node) -> Node:
        """The condition that a node is a part of."""
        while node.parent is not None and node.parent.type in (
            "binary_expression",
            "unary_expression",
            "member_expression",
        ):
            node = node.parent
        return node


def gates(page: Facts) -> Iterator[Gate]:
    """The gates of a page: which tab is chosen, and what is visible."""
    parents = {widget.parent for _, widget in page.view.world.widgets}
    for part in page.view.properties:
        if part.name in ("defaultTab", "isVisible"):
            holds = part.name != "isVisible" or part.widget.path in parents
            yield Gate(name=part.name, holds=holds, piece=part.piece, root=part.piece.root)
        elif part.name == TABS_PROPERTY:
            for pair in part.piece.nodes("pair"):
                key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
                if key is not None and value is not None and part.piece.word(key) == '"isVisible"':
                    yield Gate(name="isVisible", holds=True, piece=part.piece, root=value)


def asked(page: Facts, gate: Gate) -> Iterator[tuple[Named, Node]]:
    """What a gate asks: every name of the app in it, with where it stands."""
    yield from named_in(page, gate.piece, gate.root)


def named_in(page: Facts, piece: Piece, root: Node, *, calls: int = 1) -> Iterator[tuple[Named, Node]]:
    """The names of the app that code reads, through variables and one level of functions of scripts; what
    stands in a function is given with the call of it."""
    for node in _outermost(piece, root):
        for origin in trace.origins(page.view, piece, node):
            yield origin.name, node
        found = names.called(page.view, piece, node) if node.type == "call_expression" else None
        script = page.view.scripts.get(found.id) if found is not None and calls else None
        function = page.view.function(found.id, found.path[0]) if found is not None and found.path else None
        for value in syntax.returns(function) if script is not None and function is not None else ():
            for name, _ in named_in(page, script, value, calls=calls - 1) if script is not None else ():
                yield name, node


def conditions_of(page: Facts, piece: Piece, node: Node) -> Iterator[tuple[Named, Node]]:
    """What is asked before a node of code is reached: in conditions around it, and in those before it by
    which the function can end."""
    for condition in conditions(node):
        yield from named_in(page, piece, condition)


def conditions(node: Node) -> Iterator[Node]:
    """The conditions on which a node is reached."""
    child = node
    for outer in syntax.above(node):
        if outer.type in ("if_statement", "ternary_expression"):
            condition = outer.child_by_field_name("condition")
            if condition is not None and condition != child:
                yield condition
        elif outer.type == "binary_expression":
            left = outer.child_by_field_name("left")
            operator = outer.child_by_field_name("operator")
            if left is not None and left != child and operator is not None and operator.type in ("&&", "||"):
                yield left
        elif outer.type == "statement_block":
            yield from _leaving(outer, child)
        child = outer


def _leaving(block: Node, before: Node) -> Iterator[Node]:
    """The conditions of statements before one that end the function."""
    for statement in block.named_children:
        if statement.start_byte >= before.start_byte:
            return
        condition = statement.child_by_field_name("condition") if statement.type == "if_statement" else None
        body = statement.child_by_field_name("consequence")
        if condition is not None and body is not None and syntax.leaves(body):
            yield condition


def _outermost(piece: Piece, root: Node) -> Iterator[Node]:
    """The chains of members in code, each as a whole, and calls of functions."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type in _CHAINS:
            first, _ = syntax.chain(piece, node)
            yield node
            if first.type not in names.WORDS:
                waiting.append(first)
        else:
            waiting.extend(reversed(node.named_children))
            if node.type == "call_expression":
                yield node
