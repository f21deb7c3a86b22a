"""Functions of script objects, and what their parameters are called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition.javascript import Code

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "method_definition"})
_DECLARED = frozenset({"function_declaration", "generator_function_declaration"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """What a function takes, as far as it has names; `one`: as the members of one object."""

    names: tuple[str, ...] = ()
    one: bool = False


def functions(code: Code, exported: Node) -> dict[str, Parameters]:
    """The functions among the members of `exported`, an object in a script; functions that stand above it
    and are named in it are members too."""
    above = dict(_declared(code))
    found = {}
    for node in exported.named_children:
        if node.type == "shorthand_property_identifier":
            function = above.get(code.word(node))
            name = code.word(node)
        elif node.type == "method_definition":
            function, name = node, _key(code, node.child_by_field_name("name"))
        else:
            function, name = node.child_by_field_name("value"), _key(code, node.child_by_field_name("key"))
            if function is not None and function.type == "identifier":
                function = above.get(code.word(function))
        if function is not None and function.type in _FUNCTIONS | _DECLARED:
            found[name] = _parameters(code, function)
    return found


def _key(code: Code, node: Node | None) -> str:
    return code.word(node).strip("\"'") if node is not None else ""


def _declared(code: Code) -> Iterator[tuple[str, Node]]:
    """Functions that the file declares, by name."""
    for node in code.root.named_children:
        if node.type in _DECLARED:
            yield _key(code, node.child_by_field_name("name")), node
        for inner in node.named_children:
            value = inner.child_by_field_name("value") if inner.type == "variable_declarator" else None
            if value is not None:
                yield _key(code, inner.child_by_field_name("name")), value


def _parameters(code: Code, function: Node) -> Parameters:
    single = function.child_by_field_name("parameter")
    given = function.child_by_field_name("parameters")
    nodes = [single] if single is not None else []
    nodes += [node for node in given.named_children if node.type != "comment"] if given is not None else []
    first = _without_default(nodes[0]) if len(nodes) == 1 else None
    if first is not None and first.type == "object_pattern":
        return Parameters(names=tuple(_members(code, first)), one=True)
    names = []
    for node in nodes:
        inner = _without_default(node)
        if inner is None or inner.type != "identifier":
            break
        names.append(code.word(inner))
    return Parameters(names=tuple(names))


#: Which part of a pattern is the name, or the pattern, that its default is for.
_DEFAULTS: Mapping[str, str] = {"assignment_pattern": "left", "object_assignment_pattern": "left"}


def _without_default(node: Node) -> Node | None:
    return node.child_by_field_name(_DEFAULTS[node.type]) if node.type in _DEFAULTS else node


def _members(code: Code, pattern: Node) -> Iterator[str]:
    """The members that a pattern takes out of an object."""
    for node in pattern.named_children:
        inner = _without_default(node)
        if inner is not None and inner.type == "shorthand_property_identifier_pattern":
            yield code.word(inner)
        elif inner is not None and inner.type == "pair_pattern":
            yield _key(code, inner.child_by_field_name("key"))
