"""The comments of YAML files and of the JavaScript in them and beside them."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from tree_sitter import Node

from portico.definition.javascript import Code
from portico.definition.text import Lines
from portico.model.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """The words of a comment, and the lines from `first` to `last` that it is about: its own, the next
    where nothing else stands on its own, and what begins there: a block of YAML, a script."""

    place: Place
    words: str
    first: int
    last: int


def of_yaml(file: str, content: str) -> Iterator[Comment]:
    """The comments of a YAML file that can be read; those of JavaScript in it are found there."""
    lines = Lines.of(content)
    blocks = dict(_blocks(content, lines))
    for index in _hashes(content):
        line, column = lines.at(index)
        begin = lines.starts[line - 1]
        end = content.find("\n", index)
        alone = not content[begin:index].strip()
        about = _next_line(content, lines, line) if alone else line
        yield Comment(
            place=Place(file, line, column),
            words=content[index + 1 : end if end >= 0 else len(content)].strip(),
            first=about,
            last=max(about, blocks.get(about, 0)),
        )


def of_node(code: Code, node: Node) -> tuple[str, bool]:
    """The words of a comment in code, and whether nothing stands before it on its line."""
    offset = code.start(node)
    begin = code.text.rfind("\n", 0, offset) + 1
    return _words(code.word(node)), not code.text[begin:offset].strip()


def _words(comment: str) -> str:
    return comment[2:].removesuffix("*/").strip() if comment.startswith("/*") else comment[2:].strip()


def _next_line(content: str, lines: Lines, line: int) -> int:
    """The next line that is more than a comment."""
    for number in range(line + 1, len(lines.starts) + 1):
        text = content[lines.starts[number - 1] :].partition("\n")[0].strip()
        if text and not text.startswith("#"):
            return number
    return line


def _blocks(content: str, lines: Lines) -> Iterator[tuple[int, int]]:
    """The lines of texts of several lines: that of the key, and the last."""
    for token in yaml.scan(content, Loader=yaml.SafeLoader):
        if (
            isinstance(token, yaml.ScalarToken)
            and token.start_mark is not None
            and token.end_mark is not None
        ):
            first = lines.at(token.start_mark.index)[0]
            last = lines.at(max(token.end_mark.index - 1, token.start_mark.index))[0]
            if last > first:
                yield first, last


def _hashes(content: str) -> Iterator[int]:
    """Where comments begin: at a `#` after white space that is no part of a value."""
    held = [
        (token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(content, Loader=yaml.SafeLoader)
        if isinstance(token, yaml.ScalarToken)
    ]
    index = content.find("#")
    while index >= 0:
        value = next((start for start, end in held if start <= index < end), None)
        # After the `|` of a block, on its line, a comment may stand.
        outside = value is None or (content[value] in "|>" and "\n" not in content[value:index])
        if outside and content[index - 1 : index] in ("", " ", "\t", "\n"):
            yield index
            index = content.find("\n", index)
        index = content.find("#", index + 1) if index >= 0 else -1
