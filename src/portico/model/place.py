"""Where something stands in an app's files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position: `file` relative to the app folder with `/`, `line` and `column` from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
