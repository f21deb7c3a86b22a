"""A way back that anybody can write into an address, and that leads anywhere."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint import calls, gates, syntax, trace
from portico.definition.lint.facts import Facts
from portico.definition.lint.finding import Rule, Spot, Subject
from portico.definition.lint.names import Named
from portico.definition.lint.piece import Piece
from portico.definition.lint.trace import Origin

#: What of the address whoever made a link decides.
_PARTS = frozenset({"queryParams", "hash", "fullPath"})


def find(subject: Subject) -> Iterator[Spot]:
    """Navigations to what stands in the address, that nothing compares with what is allowed."""
    kept = {key for page in subject.pages for key in _kept(page)}
    for page in subject.pages:
        for piece in page.view.acting():
            for call in calls.of(page, piece):
                given = syntax.arguments(call.node)
                if not given or not calls.is_function(call, "navigateTo", "logoutUser"):
                    continue
                if any(_foreign(page, piece, given[0], kept)) and not _is_checked(
                    page, piece, given[0], kept
                ):
                    yield Spot(place=piece.place(given[0]), received=piece.excerpt(given[0]))


def _kept(page: Facts) -> Iterator[str]:
    """Keys of the store that hold a part of the address."""
    for piece in page.view.acting():
        for call in calls.of(page, piece):
            given = syntax.arguments(call.node)
            if len(given) < 2 or not calls.is_function(call, "storeValue"):
                continue
            key = syntax.text(piece, given[0])
            if key is not None and any(_foreign(page, piece, given[1], set())):
                yield key


def _foreign(page: Facts, piece: Piece, node: Node, kept: set[str]) -> Iterator[Origin]:
    """Where a value is read that somebody else wrote, and that nothing compares there: in the beginning of
    `node`, for what stands behind a text of the author's cannot lead elsewhere."""
    for origin in trace.origins(page.view, piece, _beginning(node)):
        if _is_foreign(origin.name, kept) and not _is_checked(page, origin.piece, origin.node, kept):
            yield origin


def _beginning(node: Node) -> Node:
    """The part that decides where an address leads."""
    inner = syntax.bare(node)
    if inner.type == "binary_expression":
        left, operator = inner.child_by_field_name("left"), inner.child_by_field_name("operator")
        if left is not None and operator is not None and operator.type == "+":
            return _beginning(left)
    if inner.type == "template_string" and inner.named_children:
        return inner.named_children[0]
    return inner


def _is_foreign(name: Named, kept: set[str]) -> bool:
    if name.id not in ("appsmith", "portico"):
        return False
    if name.path[:1] == ("URL",):
        return len(name.path) > 1 and name.path[1] in _PARTS
    return name.store_key is not None and name.store_key in kept


def _is_checked(page: Facts, piece: Piece, node: Node, kept: set[str]) -> bool:
    """Whether a condition around it compares that value with something."""
    for condition in gates.conditions(node):
        for inner in piece.nodes("call_expression", "binary_expression", root=condition):
            if _compares(piece, inner) and any(
                _is_foreign(name, kept) for name, _ in gates.named_in(page, piece, inner)
            ):
                return True
    return False


def _compares(piece: Piece, node: Node) -> bool:
    if node.type == "binary_expression":
        operator = node.child_by_field_name("operator")
        return operator is not None and operator.type in ("===", "==", "in", "!==", "!=")
    found = syntax.method(piece, node)
    return found is not None and found[1] in ("includes", "has", "hasOwn", "indexOf", "test", "some", "find")


RULE = Rule(
    id="open-return",
    reason="whoever makes the link decides where this leads: to a page of another server that looks "
    "like this one",
    remedy="compare it with the pages that you mean: `['Orders', 'Profile'].includes(next) ? next : 'Home'`; "
    "the page that was asked for before a sign-in opens by itself",
    find=find,
)
