"""What names of code stand for: what it declares itself, and what it takes from the app."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.lint import syntax
from portico.definition.lint.declared import Declared
from portico.definition.lint.piece import Piece
from portico.definition.lint.view import View

_SCOPES = syntax.FUNCTIONS | {
    "statement_block",
    "program",
    "for_statement",
    "for_in_statement",
    "catch_clause",
}
#: Nodes that are names.
WORDS = frozenset({"identifier", "shorthand_property_identifier", "this"})
_DECLARATIONS = ("lexical_declaration", "variable_declaration")


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a name of the app stands for: its id, and the members that are read of it."""

    id: str
    path: tuple[str, ...]

    @property
    def store_key(self) -> str | None:
        """The key of the store that this is."""
        if self.id in ("appsmith", "portico") and self.path[:1] == ("store",) and len(self.path) > 1:
            return self.path[1]
        return None


def named(view: View, piece: Piece, node: Node) -> Named | None:
    """The name of the app that a chain of members begins with; None where it is none."""
    first, path = syntax.chain(piece, node)
    if first.type not in WORDS or not piece.is_free(first):
        return None
    if first.type == "this":
        return Named(id=piece.script, path=path) if piece.script is not None else Named(id="this", path=path)
    inner = path[1:] if path[:1] == ("outputs",) else path
    identity = view.id(piece.scope, piece.word(first), inner[0] if inner else "")
    return Named(id=identity, path=path)


def called(view: View, piece: Piece, call: Node) -> Named | None:
    """What a call calls, if that is a name of the app."""
    function = call.child_by_field_name("function")
    return named(view, piece, function) if function is not None else None


def declared(piece: Piece, name: Node) -> Iterator[Declared]:
    """What a name that the code declares can stand for."""
    word = piece.word(name)
    for scope in syntax.above(name):
        if scope.type in _SCOPES:
            found = _in_scope(piece, scope).get(word)
            if found is not None:
                yield from found
                yield from _assigned(piece, scope).get(word, ())
                return


def _in_scope(piece: Piece, scope: Node) -> Mapping[str, list[Declared]]:
    """The names that a scope declares, by word; looked for once."""
    key = ("declared", scope.id)
    if key not in piece.names:
        found: dict[str, list[Declared]] = defaultdict(list)
        for word, one in (
            _parameters(piece, scope) if scope.type in syntax.FUNCTIONS else _variables(piece, scope)
        ):
            found[word].append(one)
        piece.names[key] = dict(found)
    return piece.names[key]


def _parameters(piece: Piece, scope: Node) -> Iterator[tuple[str, Declared]]:
    parameters, single = scope.child_by_field_name("parameters"), scope.child_by_field_name("parameter")
    one = [single] if single is not None else []
    given = parameters.named_children if parameters is not None else one
    for index, pattern in enumerate(child for child in given if child.type != "comment"):
        for word, path in _bound(piece, pattern):
            yield word, Declared(kind="parameter", node=scope, path=path, index=index)


def _variables(piece: Piece, scope: Node) -> Iterator[tuple[str, Declared]]:
    for statement in scope.named_children:
        for declarator in statement.named_children if statement.type in _DECLARATIONS else ():
            name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
            for word, path in _bound(piece, name) if name is not None else ():
                # One without a value is declared all the same: it hides what is outside.
                yield word, Declared(kind="value", node=value or declarator, path=path)


def _assigned(piece: Piece, scope: Node) -> Mapping[str, list[Declared]]:
    """What is assigned to names below a scope, by word; looked for once."""
    key = ("assigned", scope.id)
    if key not in piece.names:
        found: dict[str, list[Declared]] = defaultdict(list)
        for node in piece.nodes("assignment_expression", root=scope):
            target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            for word, path in _bound(piece, target) if target is not None else ():
                if value is not None:
                    found[word].append(Declared(kind="value", node=value, path=path))
        piece.names[key] = dict(found)
    return piece.names[key]


def _bound(piece: Piece, pattern: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that a pattern gives, each with the members that it takes out of a value."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((), pattern)]
    while waiting:
        path, node = waiting.pop()
        if node.type == "identifier":
            yield piece.word(node), path
        elif node.type == "shorthand_property_identifier_pattern":
            yield piece.word(node), (*path, piece.word(node))
        waiting += [((*path, *step), inner) for step, inner in _inside(piece, node)]


def _inside(piece: Piece, pattern: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The patterns in a pattern, each with the member that it is for."""
    match pattern.type:
        case "pair_pattern":
            key, value = pattern.child_by_field_name("key"), pattern.child_by_field_name("value")
            if key is not None and value is not None:
                yield (piece.word(key).strip("\"'"),), value
        case "assignment_pattern" | "object_assignment_pattern":
            left = pattern.child_by_field_name("left")
            yield from [((), left)] if left is not None else []
        case "object_pattern":
            yield from (((), child) for child in pattern.named_children)
        case "array_pattern" | "rest_pattern":
            yield from ((("*",), child) for child in pattern.named_children)
