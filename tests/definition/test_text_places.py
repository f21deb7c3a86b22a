"""Every character of a value leads back to its place in the file, in every style of YAML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.definition import source
from portico.definition.diagnostics import Problems
from portico.definition.source import Scalar, Table
from portico.definition.text import Text


def text_of(content: str) -> Text:
    """The text below the key `a`."""
    problems = Problems()
    node = source.read("f", content, problems)
    assert problems.sorted() == ()
    assert isinstance(node, Table)
    found = node.entries["a"].node
    assert isinstance(found, Scalar)
    return found.text


@pytest.mark.parametrize(
    ("content", "word", "place"),
    [
        ("a: one two\n", "two", "f:1:8"),
        ("a: 'it''s two'\n", "two", "f:1:11"),
        ('a: "say \\"x\\" two"\n', "two", "f:1:15"),
        ('a: "\\u00e9\\x41 two"\n', "two", "f:1:16"),
        ("a: |\n  one\n    two\n", "two", "f:3:5"),
        ("a: |2-\n   one\n\n  two\n", "two", "f:4:3"),
        ("a: >\n  one\n  and\n\n  two\n", "two", "f:5:3"),
        ("a: one\n  and\n  two\n", "two", "f:3:3"),
        ('a: "one\n  and \\\n  two"\n', "two", "f:3:3"),
        ("a: |\r\n  one\r\n  two\r\n", "two", "f:3:3"),
        ("a: |  # note two\n  one\n  two\n", "two", "f:3:3"),
        ("b: 1\na: äöü two\n", "two", "f:2:8"),
    ],
)
def test_a_word_is_found_where_it_stands(content: str, word: str, place: str) -> None:
    """Escapes, indentation, folding and comments do not move the place of what follows."""
    text = text_of(content)
    assert str(text.place(text.value.index(word))) == place


words = st.text(alphabet="abcäö{}()'\"\\:#- ", min_size=1, max_size=12).filter(
    lambda line: line.strip() != ""
)


@given(st.lists(words, min_size=1, max_size=5), st.integers(1, 6))
def test_literal_blocks_are_exact(lines: list[str], indent: int) -> None:
    """In `|` every character that is not white space stands where the file has it."""
    lines = ["x" + line for line in lines]
    content = "a: |\n" + "".join(" " * indent + line + "\n" for line in lines)
    text = text_of(content)
    rows = content.split("\n")
    for offset, char in enumerate(text.value):
        if not char.isspace():
            place = text.place(offset)
            assert rows[place.line - 1][place.column - 1] == char


@given(words)
def test_quoted_text_is_exact(line: str) -> None:
    """So it is in single quotes, with doubled quotes inside."""
    content = "a: '" + line.replace("'", "''") + "'\n"
    text = text_of(content)
    for offset, char in enumerate(text.value):
        if not char.isspace():
            place = text.place(offset)
            assert content[place.column - 1] == char
