"""What stands around a node of code, and what it is called."""

from collections.abc import Iterator

from tree_sitter import Node

from portico.definition.lint.piece import Piece

FUNCTIONS = frozenset(
    {
        "arrow_function",
        "function_expression",
        "function_declaration",
        "generator_function",
        "generator_function_declaration",
        "method_definition",
    }
)
#: What only stands around a value.
_TRANSPARENT = frozenset({"parenthesized_expression", "await_expression"})


def above(node: Node) -> Iterator[Node]:
    """The nodes around one, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def function_around(node: Node) -> Node | None:
    """The innermost function that a node stands in."""
    return next((found for found in above(node) if found.type in FUNCTIONS), None)


def outermost(piece: Piece, node: Node) -> Node:
    """What runs together with a node: the outermost function around it in a script, all of an event."""
    functions = [outer for outer in above(node) if outer.type in FUNCTIONS]
    return functions[-1] if piece.script is not None and functions else piece.root


def within(node: Node, outer: Node) -> bool:
    """Whether a node is another, or a part of it."""
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def bare(node: Node) -> Node:
    """The node without parentheses and `await` around it."""
    while node.type in _TRANSPARENT:
        inner = [child for child in node.named_children if child.type != "comment"]
        if not inner:
            break
        node = inner[0]
    return node


def arguments(call: Node) -> list[Node]:
    """What a call is given."""
    found = call.child_by_field_name("arguments")
    return [child for child in found.named_children if child.type != "comment"] if found is not None else []


def method(piece: Piece, call: Node) -> tuple[Node, str] | None:
    """Of a call such as `what.name()`: what it is called on, and its name."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return None
    owner, name = function.child_by_field_name("object"), function.child_by_field_name("property")
    return (owner, piece.word(name)) if owner is not None and name is not None else None


def text(piece: Piece, node: Node | None) -> str | None:
    """The value of a string that is written out, without escapes."""
    if node is None or node.type not in ("string", "template_string"):
        return None
    parts = node.named_children
    if any(part.type != "string_fragment" for part in parts):
        return None
    return "".join(piece.word(part) for part in parts)


def is_nothing(piece: Piece, node: Node) -> bool:
    """Whether a value that is written out is `undefined`, `null` or an empty text."""
    inner = bare(node)
    if inner.type == "unary_expression":
        return piece.word(inner).startswith("void")
    return inner.type in ("undefined", "null") or text(piece, inner) == ""


def chain(piece: Piece, node: Node) -> tuple[Node, tuple[str, ...]]:
    """What a chain of members begins with, and the members; `*` for one that is computed."""
    path: list[str] = []
    current = bare(node)
    while current.type in ("member_expression", "subscript_expression"):
        if current.type == "member_expression":
            name = current.child_by_field_name("property")
            path.append(piece.word(name) if name is not None else "*")
        else:
            index = current.child_by_field_name("index")
            path.append(text(piece, index) or (piece.word(index) if _is_number(index) and index else "*"))
        inner = current.child_by_field_name("object")
        if inner is None:
            break
        current = bare(inner)
    return current, tuple(reversed(path))


def returns(function: Node) -> Iterator[Node]:
    """What a function gives."""
    body = function.child_by_field_name("body")
    if body is None:
        return
    if body.type != "statement_block":
        yield body
        return
    waiting = list(reversed(body.named_children))
    while waiting:
        node = waiting.pop()
        if node.type in FUNCTIONS:
            continue
        if node.type == "return_statement":
            yield from (child for child in node.named_children if child.type != "comment")
        else:
            waiting.extend(reversed(node.named_children))


def _is_number(node: Node | None) -> bool:
    return node is not None and node.type == "number"


def leaves(body: Node) -> bool:
    """Whether a statement, or the last one of a block, ends the function."""
    if body.type == "statement_block":
        return any(leaves(child) for child in body.named_children)
    return body.type in ("return_statement", "throw_statement")
