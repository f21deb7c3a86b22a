"""No regular expression of ours can be made to take exponential time (promise 53)."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

# The parser behind `re`; it has no type stubs.
parser: Any = import_module("re._parser")
opcodes: Any = import_module("re._constants")

SOURCE = Path(__file__).parents[1] / "src" / "portico"
CALLS = {"compile", "match", "fullmatch", "search", "sub", "split", "findall", "finditer"}


def expressions(root: Path) -> Iterator[tuple[str, str]]:
    """Every pattern that the code hands to `re`, with its place."""
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            named = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            pattern = node.args[0]
            if named and node.func.attr in CALLS and isinstance(pattern, ast.Constant):
                value = pattern.value
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                yield f"{file.relative_to(root)}:{node.lineno}", text


def nested(pattern: str) -> bool:
    """Whether an unbounded repetition stands inside another without a mark between the rounds:
    what backtracking multiplies. `(?:;[a-z]+)*` is fine, as no round can begin but at a `;`."""
    return _nested(parser.parse(pattern), inside=False)


def _nested(parsed: Any, *, inside: bool) -> bool:
    for operator, argument in parsed:
        within = inside
        if operator in (opcodes.MAX_REPEAT, opcodes.MIN_REPEAT):
            unbounded = argument[1] is opcodes.MAXREPEAT
            if unbounded and inside:
                return True
            within = inside or (unbounded and not _marked(argument[2]))
        if any(_nested(part, inside=within) for part in _parts(argument)):
            return True
    return False


def _marked(body: Any) -> bool:
    """Whether a round begins with a character that its first repetition cannot take."""
    items = list(body)
    if len(items) == 1 and items[0][0] is opcodes.SUBPATTERN:
        items = list(items[0][1][-1])
    if not items or items[0][0] is not opcodes.LITERAL:
        return False
    repeats = [argument for operator, argument in items if operator is opcodes.MAX_REPEAT]
    return not repeats or not any(_takes(item, items[0][1]) for item in repeats[0][2])


def _takes(item: tuple[Any, Any], code: int) -> bool:
    operator, argument = item
    if operator is opcodes.IN:
        return any(_takes(inner, code) for inner in argument)
    if operator is opcodes.RANGE:
        return bool(argument[0] <= code <= argument[1])
    if operator is opcodes.CATEGORY:
        known = {opcodes.CATEGORY_WORD: r"\w", opcodes.CATEGORY_DIGIT: r"\d", opcodes.CATEGORY_SPACE: r"\s"}
        return argument not in known or re.match(known[argument], chr(code)) is not None
    return operator is not opcodes.LITERAL or argument == code


def _parts(argument: Any) -> Iterator[Any]:
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _parts(part)


FOUND = dict(expressions(SOURCE))


@pytest.mark.parametrize("place", FOUND)
def test_no_repetition_stands_inside_another(place: str) -> None:
    """Each expression is linear, or at worst polynomial, in its input."""
    assert not nested(FOUND[place]), FOUND[place]


def test_the_search_finds_expressions() -> None:
    """The control: there are some, and the known bad ones are recognised."""
    assert FOUND
    for bad in (r"(a+)+$", r"(a*)*b", r"^(?:[a-z]+\s?)*$", r"((a|b)+c?)+", r"(?:;[\w;]+)*"):
        assert nested(bad)
    for good in (r"a+b+", r"(?:ab){1,3}c*", r"[a-z]+(?:-[a-z]{1,5})?", r"(?:;[a-z]+)*"):
        assert not nested(good)
