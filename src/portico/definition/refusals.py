"""Code that parses and still cannot be used where it stands.

The parser is lenient, and one chunk that the engine refuses takes its whole page with it: what
ECMAScript calls early errors is found here, with its place. So is what is valid elsewhere: JSX,
decorators, modules.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from tree_sitter import Node

from portico.definition.javascript import Code
from portico.definition.names import KEYWORDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """What cannot be used, where, and why."""

    offset: int
    message: str
    received: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What a node stands in."""

    asynchronous: bool = False
    generator: bool = False
    function: bool = False
    method: bool = False
    classes: bool = False
    loop: bool = False
    switch: bool = False
    labels: frozenset[str] = frozenset()


def refusals(code: Code, *, asynchronous: bool = False, function: bool = False) -> tuple[Refusal, ...]:
    """What of `code` cannot be used, in order. `asynchronous`: `await` may stand at its top;
    `function`: so may `return`."""
    found: list[Refusal] = []
    stack = [(code.root, _Around(asynchronous=asynchronous, function=function))]
    while stack:
        node, around = stack.pop()
        for rule in (*_RULES.get(node.type, ()), _commas):
            found.extend(
                Refusal(offset=code.start(at), message=message, received=code.word(at).partition("\n")[0])
                for at, message in rule(code, node, around)
            )
        inner = _within(code, node, around)
        stack.extend((child, inner) for child in reversed(node.children))
    return tuple(sorted(found, key=lambda refusal: refusal.offset))


_FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "generator_function", "generator_function_declaration"}
)
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})


def _within(code: Code, node: Node, around: _Around) -> _Around:
    if node.type in _FUNCTIONS or node.type == "method_definition":
        marks = {child.type for child in node.children}
        return _Around(
            asynchronous="async" in marks,
            generator="*" in marks or node.type.startswith("generator"),
            function=True,
            method=node.type == "method_definition",
            classes=around.classes,
        )
    if node.type == "arrow_function":
        asynchronous = any(child.type == "async" for child in node.children)
        return replace(
            around,
            asynchronous=asynchronous,
            generator=False,
            function=True,
            loop=False,
            switch=False,
            labels=frozenset(),
        )
    if node.type == "class_body":
        return _Around(classes=True, method=True)
    if node.type in _LOOPS:
        return replace(around, loop=True)
    if node.type == "switch_statement":
        return replace(around, switch=True)
    if node.type == "labeled_statement":
        label = node.child_by_field_name("label")
        return replace(around, labels=around.labels | {code.word(label)}) if label else around
    return around


_Found = Iterator[tuple[Node, str]]
_Rule = Callable[[Code, Node, _Around], _Found]


def _never(message: str) -> _Rule:
    def rule(code: Code, node: Node, around: _Around) -> _Found:
        yield node, message

    return rule


def _await(code: Code, node: Node, around: _Around) -> _Found:
    if not around.asynchronous:
        yield node, "`await` is allowed in actions and async functions, not here"


def _for_await(code: Code, node: Node, around: _Around) -> _Found:
    if any(child.type == "await" for child in node.children) and not around.asynchronous:
        yield node, "`for await` is allowed in actions and async functions, not here"


def _yield(code: Code, node: Node, around: _Around) -> _Found:
    if not around.generator:
        yield node, "`yield` is allowed in generator functions only"


def _return(code: Code, node: Node, around: _Around) -> _Found:
    if not around.function:
        yield node, "`return` is allowed in functions only"


def _jump(code: Code, node: Node, around: _Around) -> _Found:
    label = node.child_by_field_name("label")
    if label is not None:
        if code.word(label) not in around.labels:
            yield node, "nothing around it has this label"
    elif not around.loop and not (node.type == "break_statement" and around.switch):
        yield node, f"`{node.children[0].type}` is allowed in loops only"


def _super(code: Code, node: Node, around: _Around) -> _Found:
    if not around.method:
        yield node, "`super` is allowed in methods only"


def _private(code: Code, node: Node, around: _Around) -> _Found:
    if not around.classes:
        yield node, "private names are allowed in classes only"


def _meta(code: Code, node: Node, around: _Around) -> _Found:
    if code.word(node).startswith("import") or not around.function:
        yield node, "this is allowed in modules or functions only"


def _word(code: Code, node: Node, around: _Around) -> _Found:
    word = code.word(node)
    if (
        word in KEYWORDS
        or (word == "await" and around.asynchronous)
        or (word == "yield" and around.generator)
    ):
        yield node, f"`{word}` is a word of the language, not a name"


def _target(field: str, *, patterns: bool) -> _Rule:
    allowed = {"identifier", "member_expression", "subscript_expression", "parenthesized_expression"}
    if patterns:
        allowed |= {"object_pattern", "array_pattern"}

    def rule(code: Code, node: Node, around: _Around) -> _Found:
        target = node.child_by_field_name(field)
        while target is not None and target.type == "parenthesized_expression" and target.named_children:
            target = target.named_children[0]
        if target is None or target.type in ("variable_declaration", "lexical_declaration"):
            return
        if target.type not in allowed or _is_optional(target):
            yield target, "nothing can be assigned to this"

    return rule


def _is_optional(node: Node | None) -> bool:
    """Whether a chain holds `?.`."""
    while node is not None and node.type in ("member_expression", "subscript_expression", "call_expression"):
        if any(child.type == "optional_chain" for child in node.children):
            return True
        node = node.child_by_field_name("object") or node.child_by_field_name("function")
    return False


def _mixed(code: Code, node: Node, around: _Around) -> _Found:
    operator = _operator(node)
    sides = [node.child_by_field_name("left"), node.child_by_field_name("right")]
    for side in sides:
        if (
            side is not None
            and side.type == "binary_expression"
            and {operator, _operator(side)} in _UNMIXABLE
        ):
            yield node, "`??` next to `||` or `&&` needs parentheses"
    if (
        operator == "**"
        and sides[0] is not None
        and sides[0].type in ("unary_expression", "await_expression")
    ):
        yield node, "a sign before `**` needs parentheses"


def _operator(node: Node) -> str | None:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else None


def _without_value(code: Code, node: Node, around: _Around) -> _Found:
    kind = node.child_by_field_name("kind")
    for child in node.named_children:
        if child.type != "variable_declarator" or child.child_by_field_name("value") is not None:
            continue
        name = child.child_by_field_name("name")
        if (kind is not None and kind.type == "const") or (name is not None and name.type != "identifier"):
            yield child, "this declaration needs a value"


def _flags(code: Code, node: Node, around: _Around) -> _Found:
    flags = node.child_by_field_name("flags")
    word = code.word(flags) if flags is not None else ""
    if len(set(word)) != len(word) or not set(word) <= set("dgimsuvy") or {"u", "v"} <= set(word):
        yield node, "the flags of this regular expression are not valid"


def _rest(code: Code, node: Node, around: _Around) -> _Found:
    parts = [child for child in node.children if child.type != "comment"]
    for part, following in pairwise(parts):
        if part.type == "rest_pattern" and following.type == ",":
            yield part, "nothing can follow `...`"


def _accessor(code: Code, node: Node, around: _Around) -> _Found:
    parameters = node.child_by_field_name("parameters")
    count = (
        len([child for child in parameters.named_children if child.type != "comment"]) if parameters else 0
    )
    marks = {child.type for child in node.children}
    if ("get" in marks and count != 0) or ("set" in marks and count != 1):
        yield node, "a getter takes no parameter, a setter takes one"


def _leading(code: Code, node: Node, around: _Around) -> _Found:
    first: Node | None = node
    while first is not None:
        if first.type in _NOT_LEADING:
            yield first, "a statement cannot begin like this; put it in parentheses"
            return
        first = first.children[0] if first.children else None


def _loose(code: Code, node: Node, around: _Around) -> _Found:
    parent = node.parent
    if parent is None:
        return
    field = next(
        (name for name in _TIGHT.get(parent.type, ()) if parent.child_by_field_name(name) == node), None
    )
    if field is not None or parent.type == "await_expression":
        yield node, "this needs parentheses around it"


def _commas(code: Code, node: Node, around: _Around) -> _Found:
    if node.type not in _NO_HOLES:
        return
    before = None
    for child in node.children:
        if child.type == "," and (before is None or before.type in (",", "(", "{")):
            yield child, "there is nothing before this comma"
        if child.type != "comment":
            before = child


_NOT_LEADING = frozenset({"object", "object_pattern", "function_expression", "generator_function", "class"})
#: Parts of expressions that a bare arrow function, `yield` or assignment cannot be.
_TIGHT: Mapping[str, tuple[str, ...]] = {
    "call_expression": ("function",),
    "new_expression": ("constructor",),
    "member_expression": ("object",),
    "subscript_expression": ("object",),
    "binary_expression": ("left", "right"),
    "unary_expression": ("argument",),
    "ternary_expression": ("condition",),
}
_NO_HOLES = frozenset({"arguments", "object", "formal_parameters", "object_pattern", "class_heritage"})
_UNMIXABLE = ({"??", "||"}, {"??", "&&"})

_MARKUP = _never("markup in code is not JavaScript")
_MODULES = _never("there are no modules here: every script of the app is visible by its name")
_DECORATOR = _never("decorators are not part of JavaScript")
_COMMENT = _never("use `//` or `/* */` for comments")

_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "jsx_element": (_MARKUP,),
    "jsx_self_closing_element": (_MARKUP,),
    "decorator": (_DECORATOR,),
    "import_statement": (_MODULES,),
    "import": (_MODULES,),
    "export_statement": (_MODULES,),
    "html_comment": (_COMMENT,),
    "hash_bang_line": (_COMMENT,),
    "with_statement": (_never("`with` hides where names come from"),),
    "await_expression": (_await,),
    "for_in_statement": (_for_await, _target("left", patterns=True)),
    "yield_expression": (_yield, _loose),
    "arrow_function": (_loose,),
    "expression_statement": (_leading,),
    "statement_identifier": (_word,),
    "return_statement": (_return,),
    "break_statement": (_jump,),
    "continue_statement": (_jump,),
    "super": (_super,),
    "private_property_identifier": (_private,),
    "meta_property": (_meta,),
    "identifier": (_word,),
    "shorthand_property_identifier": (_word,),
    "shorthand_property_identifier_pattern": (_word,),
    "assignment_expression": (_target("left", patterns=True), _loose),
    "augmented_assignment_expression": (_target("left", patterns=False), _loose),
    "update_expression": (_target("argument", patterns=False),),
    "binary_expression": (_mixed,),
    "lexical_declaration": (_without_value,),
    "variable_declaration": (_without_value,),
    "regex": (_flags,),
    "object_pattern": (_rest,),
    "array_pattern": (_rest,),
    "formal_parameters": (_rest,),
    "method_definition": (_accessor,),
}
