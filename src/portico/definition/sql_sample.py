"""SQL with a number in the place of each binding: what a tokenizer and a parser can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from portico.definition.bindings import Part, Snippet

#: How many beginnings of such numbers are tried: one that the author did not write is soon found.
_STEMS = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The text, and the number of each binding, in order."""

    text: str
    marks: tuple[str, ...]

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Self:
        """The sample of a text with bindings."""
        written = "".join(part for part in parts if isinstance(part, str))
        stem = next(stem for number in range(_STEMS) if (stem := f"7{number:04d}") not in written)
        text, marks = "", list[str]()
        for part in parts:
            if isinstance(part, Snippet):
                marks.append(f"{stem}{len(marks):05d}{stem}")
                text += marks[-1]
            else:
                text += part
        return cls(text=text, marks=tuple(marks))

    def split(self, text: str) -> tuple[str | int, ...]:
        """A piece of the sample as what was written there and indices of bindings."""
        parts: list[str | int] = []
        if self.marks:
            stem, size = self.marks[0][:5], len(self.marks[0])
            while (start := text.find(stem)) >= 0 and text[start : start + size] in self.marks:
                parts += [text[:start], int(text[start + 5 : start + 10])]
                text = text[start + size :]
        return tuple(part for part in (*parts, text) if part != "")

    def plain(self, text: str) -> str:
        """The same without the bindings."""
        return "".join(part for part in self.split(text) if isinstance(part, str))

    def index(self, text: object) -> int | None:
        """The binding that a whole text stands for."""
        return self.marks.index(text) if text in self.marks else None
