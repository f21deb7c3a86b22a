"""Which expressions are plain (`model.expression`), and what they are.

Plain is what reads, compares and chooses. A call, an assignment, a function, a name other than those that are
given is not: only the engine can tell what it does.
"""

import re
from collections.abc import Collection, Sequence
from typing import get_args

import tree_sitter

from portico.definition import javascript
from portico.definition.bindings import Part, only
from portico.definition.draft import QueryDraft
from portico.definition.javascript import Code
from portico.definition.value import Body, Bound, Composed, Fixed, JsonText, Pairs, Value
from portico.model.expression import (
    Binary,
    Choice,
    Constant,
    Expression,
    Group,
    Items,
    Joined,
    Member,
    Members,
    Name,
    Not,
    Nothing,
    Operator,
    PlainRequest,
    TypeOf,
    Unknown,
)

#: Levels of an expression; who tells its value follows them by recursion.
_DEEPEST = 40
_OPERATORS: dict[str, Operator] = {operator: operator for operator in get_args(Operator)}
#: Numbers that are the same here and there, and keys whose place in an object is that of the text.
_NUMBER, _KEY = re.compile(r"0|[1-9]\d{0,14}"), re.compile(r"(?!__proto__$)[A-Za-z_$][\w$-]*", re.ASCII)
_UNKNOWN = Unknown()


def expression(parts: Sequence[Part], names: Collection[str]) -> Expression:
    """Snippets in parentheses, and what is ours between them, as one expression over `names`."""
    code = javascript.expression(
        "".join(part if isinstance(part, str) else f"(\n{part.text}\n)" for part in parts)
    )
    return _Reader(code, names).read(code.root, 0) if isinstance(code, Code) else _UNKNOWN


def request(draft: QueryDraft) -> PlainRequest | None:
    """The request of a query; None where the engine has to make it."""
    if draft.behaviour.confirm is not None or draft.behaviour.run == "automatic":
        return None
    found = PlainRequest(
        path=_value(draft.path),
        params=_pairs(draft.params),
        headers=_pairs(draft.headers),
        body=_body(draft.body),
        body_is_text=_is_text(draft.body),
    )
    body = (found.body,) if not isinstance(found.body, tuple) else (value for _, value in found.body)
    values = (found.path, *(value for _, value in (*found.params, *found.headers)), *body)
    return None if any(isinstance(value, Unknown) for value in values) else found


def _body(body: Body | None) -> Expression | tuple[tuple[str, Expression], ...]:
    if isinstance(body, Pairs):
        return _pairs(body.members)
    return _value(body) if body is not None else Constant(None)


def _is_text(body: Body | None) -> bool:
    """Whether it was written as text, as `js/queries.js` decides it."""
    match body:
        case Bound():
            return only(body.parts) is None
        case Fixed():
            return isinstance(body.value, str)
    return False


def _pairs(pairs: Sequence[tuple[str, Value]]) -> tuple[tuple[str, Expression], ...]:
    return tuple((name, _value(value)) for name, value in pairs)


def _value(value: Value) -> Expression:
    match value:
        case Fixed():
            return Constant(value.value)
        case Composed():
            return expression(value.parts, ("this",))
        case JsonText():
            return _UNKNOWN
        case Bound():
            single = only(value.parts)
            if single is not None:
                return expression((single,), ("this",))
            parts = (
                Constant(part) if isinstance(part, str) else expression((part,), ("this",))
                for part in value.parts
            )
            return Joined(tuple(parts))


class _Reader:
    def __init__(self, code: Code, names: Collection[str]) -> None:
        self._code = code
        self._names = names

    def read(self, node: tree_sitter.Node, depth: int) -> Expression:
        """The expression of a node."""
        if depth > _DEEPEST:
            return _UNKNOWN
        inner = [self.read(child, depth + 1) for child in _named(node)]
        match node.type:
            case "parenthesized_expression":
                return Group(inner[0])
            case "identifier" | "this" if self._word(node) in self._names:
                return Name(self._word(node))
            case "undefined" | "null" | "true" | "false" | "number" | "string":
                return self._literal(node)
            case "member_expression" | "subscript_expression":
                return self._member(node, inner[0])
            case "unary_expression" | "binary_expression":
                return self._operation(node, inner)
            case "ternary_expression":
                return Choice(*inner)
            case "array" | "object":
                return self._object(node, depth) if node.type == "object" else self._array(node, inner)
        return _UNKNOWN

    def _literal(self, node: tree_sitter.Node) -> Expression:
        match node.type:
            case "undefined":
                return Nothing()
            case "number":
                word = self._word(node)
                return Constant(int(word)) if _NUMBER.fullmatch(word) else _UNKNOWN
            case "string":
                text = self._string(node)
                return Constant(text) if text is not None else _UNKNOWN
        return Constant({"null": None, "true": True, "false": False}[node.type])

    def _string(self, node: tree_sitter.Node) -> str | None:
        """Its text, if nothing in it is escaped."""
        plain = node.type == "string" and all(part.type == "string_fragment" for part in _named(node))
        return "".join(self._word(part) for part in _named(node)) if plain else None

    def _member(self, node: tree_sitter.Node, of: Expression) -> Expression:
        optional = node.child_by_field_name("optional_chain") is not None
        if node.type == "member_expression":
            name = node.child_by_field_name("property")
            plain = name is not None and name.type == "property_identifier" and "\\" not in self._word(name)
            return Member(of, self._word(name), optional) if name is not None and plain else _UNKNOWN
        index = node.child_by_field_name("index")
        key = self._literal(index) if index is not None and index.type in ("string", "number") else _UNKNOWN
        return Member(of, key.value, optional) if isinstance(key, Constant) else _UNKNOWN

    def _operation(self, node: tree_sitter.Node, inner: Sequence[Expression]) -> Expression:
        operator = node.child_by_field_name("operator")
        word = self._word(operator) if operator is not None else ""
        match inner:
            case [of] if word == "!":
                return Not(of)
            case [of] if word == "typeof":
                return TypeOf(of)
            case [left, right] if word in _OPERATORS:
                return Binary(_OPERATORS[word], left, right)
        return _UNKNOWN

    def _array(self, node: tree_sitter.Node, items: Sequence[Expression]) -> Expression:
        """A list; what lies between two commas, or before the first, is a hole and no item."""
        commas = [child.type == "," for child in node.children[1:-1] if child.type != "comment"]
        holes = any(one and other for one, other in zip([True, *commas], commas, strict=False))
        return _UNKNOWN if holes else Items(tuple(items))

    def _object(self, node: tree_sitter.Node, depth: int) -> Expression:
        members: list[tuple[str, Expression]] = []
        for pair in _named(node):
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if pair.type != "pair" or key is None or value is None:
                return _UNKNOWN
            name = self._word(key) if key.type == "property_identifier" else self._string(key)
            if name is None or not _KEY.fullmatch(name):
                return _UNKNOWN
            members.append((name, self.read(value, depth + 2)))
        return Members(tuple(members))

    def _word(self, node: tree_sitter.Node) -> str:
        return self._code.word(node)


def _named(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    return [child for child in node.named_children if child.type != "comment"]
