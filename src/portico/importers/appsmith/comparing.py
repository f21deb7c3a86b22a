"""Queries whose answer the application's own code compares with what a user types as a password."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from portico.definition.lint import syntax, trace
from portico.definition.lint.facts import Facts, is_password
from portico.definition.lint.piece import Piece
from portico.definition.lint.trace import Origin

_EQUAL = ("==", "===", "!=", "!==")
#: What functions are called that compare a password with a hash.
_COMPARES = ("compare", "comparesync", "verify", "verifysync")


def compared(page: Facts) -> frozenset[str]:
    """Those of a page. What the code makes of the password before, such as a hash of its own, hides it."""
    return frozenset(name for piece in page.view.acting() for name in _of(page, piece))


def _of(page: Facts, piece: Piece) -> Iterator[str]:
    for node in piece.nodes("call_expression", "binary_expression"):
        sides = [list(_values(page, piece, side)) for side in _sides(piece, node)]
        typed = [any(is_password(page.view, origin.name) for origin in side) for side in sides]
        for place, side in enumerate(sides):
            if any(typed[:place] + typed[place + 1 :]):
                yield from _answered(page, side)


def _values(page: Facts, piece: Piece, side: Node) -> Iterator[Origin]:
    """What a side may be, but how long it is."""
    for origin in trace.origins(page.view, piece, side):
        if origin.name.path[-1:] != ("length",):
            yield origin


def _sides(piece: Piece, node: Node) -> Sequence[Node]:
    """What is compared."""
    if node.type == "binary_expression":
        operator, left, right = (node.child_by_field_name(name) for name in ("operator", "left", "right"))
        equal = operator is not None and piece.word(operator) in _EQUAL
        return [left, right] if equal and left is not None and right is not None else []
    called = syntax.method(piece, node)
    return syntax.arguments(node)[:2] if called is not None and called[1].lower() in _COMPARES else []


def _answered(page: Facts, side: Sequence[Origin]) -> Iterator[str]:
    """Queries of whose answer a member is compared: not whether there is one at all."""
    for origin in side:
        if origin.name.id in page.view.queries and origin.name.path[:1] == ("data",) and origin.name.path[1:]:
            yield origin.name.id
