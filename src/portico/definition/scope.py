"""Which names a piece of code reads from outside, by the scoping rules of ECMAScript.

Property names, labels and everything the code declares itself do not count. What is read of a
name is kept as far as it is written out: `login?.data["jwt"]` is `login` with `("data", "jwt")`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tree_sitter import Node

from portico.definition.javascript import Code

_Kind = Literal["lexical", "var", "parameter", "function", "loose"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """A name that the code reads. `name` may be `this`; `tested`: under `typeof`, where it may be missing."""

    name: str
    path: tuple[str, ...]
    offset: int
    tested: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A call of a plain name whose first argument is a string written out, which stands at `offset`;
    `at` is where the name stands."""

    name: str
    argument: str
    offset: int
    at: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a piece of code takes from outside, in the order of the text.

    `properties` are all names read with a dot, of whatever value; `words` the names that object
    literals and patterns give, and the strings written out. `clashes` are names that one scope
    declares twice, which no engine accepts.
    """

    uses: tuple[Use, ...] = ()
    calls: tuple[Call, ...] = ()
    properties: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    clashes: tuple[tuple[str, int], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The free names, once each."""
        return tuple(dict.fromkeys(use.name for use in self.uses if use.name != "this"))

    def unwritten(self, function: str) -> tuple[Use, ...]:
        """Where a function is used other than with a first argument that is written out."""
        called = {call.at for call in self.calls if call.name == function}
        return tuple(use for use in self.uses if use.name == function and use.offset not in called)


def reading(code: Code, *nodes: Node) -> Reading:
    """What `code` reads; with `nodes`, what these parts of it read."""
    walker = _Walker(code)
    scope = _Scope(parent=None, function=True)
    body = code.root.type == "statement_block"
    for node in nodes or (tuple(code.root.named_children) if body else (code.root,)):
        walker.walk(node, scope)
    return walker.result()


@dataclass(kw_only=True, slots=True)
class _Scope:
    parent: "_Scope | None"
    function: bool = False
    names: dict[str, _Kind] = field(default_factory=dict)

    def declares(self, name: str) -> bool:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                return True
            scope = scope.parent
        return False

    def hoisting(self) -> "_Scope":
        scope = self
        while not scope.function and scope.parent is not None:
            scope = scope.parent
        return scope


class _Walker:
    """One walk with a stack of its own: the depth of the code is the author's, not Python's."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._stack: list[tuple[Node, _Scope]] = []
        self._uses: list[tuple[Use, _Scope]] = []
        self._calls: list[tuple[Call, _Scope]] = []
        self._properties: set[str] = set()
        self._words: set[str] = set()
        self._clashes: list[tuple[str, int]] = []

    def walk(self, root: Node, scope: _Scope) -> None:
        self._stack.append((root, scope))
        while self._stack:
            node, inner = self._stack.pop()
            handler = _HANDLERS.get(node.type)
            if handler is None:
                self._push(node.named_children, inner)
            else:
                handler(self, node, inner)

    def result(self) -> Reading:
        uses = [use for use, scope in self._uses if not scope.declares(use.name)]
        calls = [call for call, scope in self._calls if not scope.declares(call.name)]
        return Reading(
            uses=tuple(sorted(uses, key=lambda use: use.offset)),
            calls=tuple(sorted(calls, key=lambda call: call.offset)),
            properties=frozenset(self._properties),
            words=frozenset(self._words),
            clashes=tuple(self._clashes),
        )

    def _push(self, nodes: list[Node], scope: _Scope) -> None:
        self._stack.extend((node, scope) for node in reversed(nodes))

    def _declare(self, pattern: Node | None, kind: _Kind, scope: _Scope, values: _Scope) -> None:
        """Declare what `pattern` binds in `scope`; its defaults and computed keys are read in `values`."""
        if pattern is None:
            return
        match pattern.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                self._name(pattern, kind, scope)
                self._key(pattern)
            case "pair_pattern":
                self._computed(pattern.child_by_field_name("key"), values)
                self._key(pattern.child_by_field_name("key"))
                self._declare(pattern.child_by_field_name("value"), kind, scope, values)
            case "assignment_pattern" | "object_assignment_pattern":
                self._declare(pattern.child_by_field_name("left"), kind, scope, values)
                self._field(pattern, "right", values)
            case "object_pattern" | "array_pattern" | "rest_pattern" | "formal_parameters":
                for child in pattern.named_children:
                    self._declare(child, kind, scope, values)

    def _name(self, node: Node, kind: _Kind, scope: _Scope) -> None:
        name = self._code.word(node)
        known = scope.names.get(name)
        if known is not None and "lexical" in (kind, known) and known != "loose":
            self._clashes.append((name, self._code.start(node)))
        if known is None or known == "loose":
            scope.names[name] = kind

    def _computed(self, key: Node | None, scope: _Scope) -> None:
        if key is not None and key.type == "computed_property_name":
            self._push(key.named_children, scope)

    def _key(self, key: Node | None) -> None:
        """A property that a pattern takes out of a value."""
        if key is not None and key.type in ("property_identifier", "shorthand_property_identifier_pattern"):
            self._words.add(self._code.word(key))

    def _field(self, node: Node, name: str, scope: _Scope) -> None:
        child = node.child_by_field_name(name)
        if child is not None:
            self._stack.append((child, scope))

    # What each kind of node does. Children are pushed, so the order within a node does not matter.

    def identifier(self, node: Node, scope: _Scope) -> None:
        self._use(node, (), scope)

    def _use(self, node: Node, path: tuple[str, ...], scope: _Scope) -> None:
        parent = node.parent
        operator = (
            parent.child_by_field_name("operator") if parent and parent.type == "unary_expression" else None
        )
        use = Use(
            name=self._code.word(node),
            path=path,
            offset=self._code.start(node),
            tested=operator is not None and operator.type == "typeof",
        )
        self._uses.append((use, scope))

    def member(self, node: Node, scope: _Scope) -> None:
        path: list[str] = []
        current = node
        while current.type in ("member_expression", "subscript_expression"):
            name = self._property(current)
            if name is None:
                path.clear()
                self._field(current, "index", scope)
            else:
                self._properties.add(name)
                path.append(name)
            inner = current.child_by_field_name("object")
            if inner is None:
                return
            current = inner
        if current.type in ("identifier", "this"):
            self._use(current, tuple(reversed(path)), scope)
        else:
            self._stack.append((current, scope))

    def _property(self, node: Node) -> str | None:
        if node.type == "member_expression":
            name = node.child_by_field_name("property")
            return self._code.word(name) if name is not None else None
        index = node.child_by_field_name("index")
        return _literal(self._code, index)

    def call(self, node: Node, scope: _Scope) -> None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is not None and function.type == "identifier" and arguments is not None:
            given = [child for child in arguments.named_children if child.type != "comment"]
            first = _literal(self._code, given[0]) if given else None
            if first is not None:
                call = Call(
                    name=self._code.word(function),
                    argument=first,
                    offset=self._code.start(given[0]),
                    at=self._code.start(function),
                )
                self._calls.append((call, scope))
        self._push(node.named_children, scope)

    def function(self, node: Node, scope: _Scope) -> None:
        name = node.child_by_field_name("name")
        inner = _Scope(parent=scope, function=True)
        if node.type in ("function_declaration", "generator_function_declaration") and name is not None:
            self._name(name, "function", scope)
            if not scope.function:
                scope.hoisting().names.setdefault(self._code.word(name), "loose")
        elif node.type in ("function_expression", "generator_function") and name is not None:
            self._name(name, "loose", inner)
        else:
            self._computed(name, scope)
        for part in ("parameters", "parameter"):
            self._declare(node.child_by_field_name(part), "parameter", inner, inner)
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            self._push(body.named_children, inner)
        elif body is not None:
            self._stack.append((body, inner))

    def klass(self, node: Node, scope: _Scope) -> None:
        name = node.child_by_field_name("name")
        inner = _Scope(parent=scope)
        if name is not None:
            self._name(name, "lexical", inner)
            if node.type == "class_declaration":
                self._name(name, "lexical", scope)
        self._push(
            [child for child in node.named_children if child.type in ("class_heritage", "class_body")], inner
        )

    def field_definition(self, node: Node, scope: _Scope) -> None:
        self._computed(node.child_by_field_name("property"), scope)
        self._field(node, "value", scope)

    def declaration(self, node: Node, scope: _Scope) -> None:
        kind: _Kind = "var" if node.type == "variable_declaration" else "lexical"
        target = scope.hoisting() if kind == "var" else scope
        for child in node.named_children:
            if child.type == "variable_declarator":
                self._declare(child.child_by_field_name("name"), kind, target, scope)
                self._field(child, "value", scope)

    def block(self, node: Node, scope: _Scope) -> None:
        self._push(node.named_children, _Scope(parent=scope))

    def for_in(self, node: Node, scope: _Scope) -> None:
        inner = _Scope(parent=scope)
        kind = node.child_by_field_name("kind")
        if kind is None:
            self._field(node, "left", inner)
        elif kind.type == "var":
            self._declare(node.child_by_field_name("left"), "var", scope.hoisting(), inner)
        else:
            self._declare(node.child_by_field_name("left"), "lexical", inner, inner)
        self._field(node, "right", inner)
        self._field(node, "body", inner)

    def catch(self, node: Node, scope: _Scope) -> None:
        inner = _Scope(parent=scope)
        self._declare(node.child_by_field_name("parameter"), "parameter", inner, inner)
        self._field(node, "body", inner)

    def word(self, node: Node, scope: _Scope) -> None:
        """A name of a property."""
        self._words.add(self._code.word(node))

    def shorthand(self, node: Node, scope: _Scope) -> None:
        self.word(node, scope)
        self.identifier(node, scope)

    def string(self, node: Node, scope: _Scope) -> None:
        text = _literal(self._code, node)
        if text is not None:
            self._words.add(text)

    def nothing(self, node: Node, scope: _Scope) -> None:
        """A word that names nothing outside."""


def _literal(code: Code, node: Node | None) -> str | None:
    """The value of a string without escapes."""
    if node is None or node.type != "string":
        return None
    parts = node.named_children
    if any(part.type != "string_fragment" for part in parts):
        return None
    return "".join(code.word(part) for part in parts)


_Handler = Callable[[_Walker, Node, _Scope], None]

_HANDLERS: Mapping[str, _Handler] = {
    "identifier": _Walker.identifier,
    "shorthand_property_identifier": _Walker.shorthand,
    "shorthand_property_identifier_pattern": _Walker.shorthand,
    "this": _Walker.identifier,
    "member_expression": _Walker.member,
    "subscript_expression": _Walker.member,
    "call_expression": _Walker.call,
    "function_declaration": _Walker.function,
    "generator_function_declaration": _Walker.function,
    "function_expression": _Walker.function,
    "generator_function": _Walker.function,
    "arrow_function": _Walker.function,
    "method_definition": _Walker.function,
    "class_declaration": _Walker.klass,
    "class": _Walker.klass,
    "field_definition": _Walker.field_definition,
    "variable_declaration": _Walker.declaration,
    "lexical_declaration": _Walker.declaration,
    "statement_block": _Walker.block,
    "switch_body": _Walker.block,
    "for_statement": _Walker.block,
    "class_static_block": _Walker.block,
    "for_in_statement": _Walker.for_in,
    "catch_clause": _Walker.catch,
    "comment": _Walker.nothing,
    "property_identifier": _Walker.word,
    "string": _Walker.string,
    "private_property_identifier": _Walker.nothing,
    "statement_identifier": _Walker.nothing,
    "meta_property": _Walker.nothing,
}
