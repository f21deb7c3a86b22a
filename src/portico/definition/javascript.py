"""JavaScript as trees: the only parser for checks, dependencies and scripts.

A snippet is parsed inside the text that will stand around it in a program and must fill exactly
that place: what closes a bracket it did not open is refused, so no snippet can reach its
neighbours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import tree_sitter
import tree_sitter_javascript

LANGUAGE = tree_sitter.Language(tree_sitter_javascript.language())

SNIPPET_LIMIT = 1 << 16
#: Levels of the tree: beyond it an engine's own stack is at risk.
DEPTH_LIMIT = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """The first thing that does not parse: `offset` in the code, in characters."""

    code: str
    offset: int
    message: str
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Code that does not parse. Finding out why costs more than finding out that, and is often not asked."""

    fault: Callable[[], Fault]


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """Code that parses. `root` is the node that spans it; nodes count bytes, `offset` gives characters."""

    text: str
    root: tree_sitter.Node
    prefix: int
    encoded: bytes = field(repr=False)

    def offset(self, byte: int) -> int:
        """The offset in `text` of a byte position of the tree."""
        return len(self.encoded[self.prefix : byte].decode("utf-8", "replace"))

    def start(self, node: tree_sitter.Node) -> int:
        """The offset in `text` where `node` begins."""
        return self.offset(node.start_byte)

    def word(self, node: tree_sitter.Node) -> str:
        """The text of a node."""
        return self.encoded[node.start_byte : node.end_byte].decode()


def expression(text: str) -> Code | Broken:
    """`text` as one expression; comments around it are fine."""
    found = _parsed(text, "(\n", "\n)")
    if isinstance(found, Broken):
        return found
    outer = _single(found.root, "expression_statement")
    inner = outer and _single(outer, "parenthesized_expression")
    if inner is None or inner.end_byte != len(found.encoded):
        return Broken(lambda: _loose(found))
    return Code(text=text, root=inner, prefix=found.prefix, encoded=found.encoded)


def statements(text: str) -> Code | Broken:
    """`text` as the body of an async function."""
    found = _parsed(text, "async function _(){\n", "\n}")
    if isinstance(found, Broken):
        return found
    outer = _single(found.root, "function_declaration")
    body = outer and outer.child_by_field_name("body")
    if body is None or body.end_byte != len(found.encoded):
        return Broken(lambda: _loose(found))
    return Code(text=text, root=body, prefix=found.prefix, encoded=found.encoded)


def module(text: str) -> Code | Broken:
    """`text` as a file of its own."""
    return _parsed(text, "", "", limit=len(text))


def walk(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Every node under `root`, itself first, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _single(node: tree_sitter.Node, kind: str) -> tree_sitter.Node | None:
    found = [child for child in node.named_children if child.type != "comment"]
    return found[0] if len(found) == 1 and found[0].type == kind else None


def _parsed(text: str, before: str, after: str, *, limit: int = SNIPPET_LIMIT) -> Code | Broken:
    if len(text) > limit:
        return _broken("E308", 0, f"a snippet has at most {limit} characters")
    for offset, char in enumerate(text):
        if char < " " and char not in "\t\n":
            return _broken("E301", offset, "a control character", f"U+{ord(char):04X}")
    prefix = before.encode()
    encoded = prefix + text.encode() + after.encode()
    tree = tree_sitter.Parser(LANGUAGE).parse(encoded)
    code = Code(text=text, root=tree.root_node, prefix=len(prefix), encoded=encoded)
    if tree.root_node.has_error:
        return Broken(lambda: _fault(code))
    deep = _too_deep(tree.root_node)
    if deep is not None:
        return _broken("E308", code.start(deep), "the code is nested too deeply")
    return code


def _broken(code: str, offset: int, message: str, received: str | None = None) -> Broken:
    return Broken(lambda: Fault(code=code, offset=offset, message=message, received=received))


def _too_deep(root: tree_sitter.Node) -> tree_sitter.Node | None:
    level = [root]
    for _ in range(DEPTH_LIMIT):
        level = [child for node in level for child in node.children]
        if not level:
            return None
    return level[0]


def _loose(code: Code) -> Fault:
    """It parses, but only together with the brackets around it."""
    node = code.root
    while node.children and node.type not in ("parenthesized_expression", "statement_block"):
        node = node.children[-1] if node.type == "function_declaration" else node.children[0]
    offset = code.offset(node.end_byte - 1)
    return Fault(
        code="E301",
        offset=min(offset, len(code.text)),
        message="this closes a bracket that the snippet did not open",
        received=code.text[offset : offset + 1] or None,
    )


def _fault(code: Code) -> Fault:
    offset = code.offset(_error_byte(code))
    text = code.text
    while offset < len(text) and text[offset].isspace():
        offset += 1
    if _says_nothing(text):
        return Fault(code="E303", offset=0, message="there is no code in it")
    if quote := next((node for node in walk(code.root) if node.is_missing and node.type in ("'", '"')), None):
        begin = quote.parent or quote
        return Fault(code="E301", offset=code.start(begin), message="the string is not closed")
    if text[offset - 1 : offset + 1] == "/*":
        return Fault(code="E301", offset=offset - 1, message="the comment is not closed")
    if offset >= len(text):
        return Fault(
            code="E301",
            offset=len(text.rstrip()),
            message="the code ends too early",
            received=text.rstrip()[-30:],
        )
    opener = text[:offset].rstrip(" ")[-1:]
    if opener == "`":
        return Fault(code="E301", offset=offset - 1, message="the text after ` is not closed")
    word = _token(text, offset)
    return Fault(
        code="E301", offset=offset, message=f"unexpected {word}", received=text[offset:].partition("\n")[0]
    )


def _says_nothing(text: str) -> bool:
    root = tree_sitter.Parser(LANGUAGE).parse(text.encode()).root_node
    return not root.has_error and all(child.type == "comment" for child in root.children)


def _token(text: str, offset: int) -> str:
    end = offset + 1
    if text[offset].isalnum() or text[offset] in "_$":
        while end < len(text) and (text[end].isalnum() or text[end] in "_$"):
            end += 1
    return f"`{text[offset:end]}`"


def _error_byte(code: Code) -> int:
    """Where the parser first could not go on.

    Its tree shows how it recovered, which may be anywhere; its log says where: `process` names
    a position, and `resume` begins the first recovery, after every reading of the text has failed.
    """
    position: tuple[int, int] | None = None
    done = False

    def note(_: tree_sitter.LogType, message: str) -> None:
        nonlocal position, done
        if message.startswith(("resume", "recover")):
            done = True
        elif not done and message.startswith("process "):
            words = dict(part.strip().split(":", 1) for part in message.removeprefix("process ").split(","))
            position = int(words["row"]), int(words["col"])

    parser = tree_sitter.Parser(LANGUAGE)
    parser.logger = note
    parser.parse(code.encoded)
    if position is None:
        return code.prefix
    lines = code.encoded.split(b"\n")
    row, column = position
    return max(sum(len(line) + 1 for line in lines[:row]) + column, code.prefix)
