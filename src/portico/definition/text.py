"""A text of a file that knows where each of its characters stands."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from portico.model.place import Place

Style = Literal["plain", "block", "single", "double"]

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_HEX = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class Segment:
    """From `offset` on, characters follow each other from `line` and `column`."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A value and the way from an offset in it to its file."""

    value: str
    file: str
    segments: tuple[Segment, ...]

    def place(self, offset: int) -> Place:
        """Where the character at `offset` stands."""
        index = bisect_right(self.segments, offset, key=lambda segment: segment.offset) - 1
        segment = self.segments[max(index, 0)]
        return Place(self.file, segment.line, segment.column + max(offset - segment.offset, 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Line and column of an index of a file's text."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, content: str) -> "Lines":
        """Lines end with a line feed, as editors count them."""
        starts = [0]
        starts.extend(index + 1 for index, char in enumerate(content) if char == "\n")
        return cls(starts=tuple(starts))

    def at(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        line = bisect_right(self.starts, index)
        return line, index - self.starts[line - 1] + 1


def whole(file: str, content: str) -> Text:
    """A whole file as a text."""
    lines = Lines.of(content)
    segments = tuple(Segment(start, number, 1) for number, start in enumerate(lines.starts, 1))
    return Text(value=content, file=file, segments=segments)


def scalar(value: str, *, file: str, content: str, lines: Lines, start: int, end: int, style: Style) -> Text:
    """The text `value` that YAML read from `content[start:end]`.

    Folding and indentation change white space only, so the other characters of the value are
    those of the file in the same order; escapes of quoted scalars are decoded on the way.
    Should they ever differ, every offset is answered with the start.
    """
    segments: list[Segment] = []
    written = _written(content, start, end, style)
    line_start = 0
    for offset, char in enumerate(value):
        if char.isspace():
            if char == "\n":
                line_start = offset + 1
            continue
        found = next(written, None)
        if found is None or found[0] != char:
            segments = []
            break
        line, column = lines.at(found[1])
        last = segments[-1] if segments else None
        if last is None or last.line != line or last.column + offset - last.offset != column:
            begin = line_start if line_start > (last.offset if last else -1) else offset
            segments.append(Segment(begin, line, max(column - (offset - begin), 1)))
    if not segments:
        line, column = lines.at(start)
        segments = [Segment(0, line, column + (style in ("single", "double")))]
    return Text(value=value, file=file, segments=tuple(segments))


def _written(content: str, start: int, end: int, style: Style) -> Iterator[tuple[str, int]]:
    """The characters of a scalar as they stand in the file, decoded, without white space."""
    if style == "block":
        newline = content.find("\n", start, end)
        start = end if newline < 0 else newline + 1
    elif style != "plain":
        start, end = start + 1, end - 1
    index = start
    while index < end:
        char, width = _decoded(content, index, style)
        if not char.isspace():
            yield char, index
        index += width


def _decoded(content: str, index: int, style: Style) -> tuple[str, int]:
    char = content[index]
    if style == "single" and char == "'":
        return char, 2
    if style != "double" or char != "\\":
        return char, 1
    escape = content[index + 1]
    if escape in _HEX:
        digits = _HEX[escape]
        return chr(int(content[index + 2 : index + 2 + digits], 16)), 2 + digits
    return _ESCAPES.get(escape, " "), 2
