"""The JavaScript program a page (or a contract) compiles to, and the way back to the files.

The format is written down in `docs/design/program.md`: `definition.compile` writes it,
`sandbox/runtime.js` reads it.
"""

from bisect import bisect_right
from dataclasses import dataclass

from portico.model.place import Place

#: Functions and objects that every snippet sees without defining them.
FRAMEWORK_NAMES = frozenset(
    {
        "appsmith",
        "portico",
        "auth",
        "storeValue",
        "removeValue",
        "clearStore",
        "navigateTo",
        "showAlert",
        "resetWidget",
    }
)


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of the program that were copied from one place of a file.

    `line` is the program's first line (from 1); `indent` is what block scalars cut off each
    further line, so that columns point into the file.
    """

    line: int
    lines: int
    place: Place
    indent: int = 0
    owner: str = ""
    property: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One script text and its line table, sorted by line."""

    source: str
    runs: tuple[Run, ...] = ()

    def locate(self, line: int, column: int) -> Place | None:
        """The place in the app's files of a position in `source`, or None for lines of ours."""
        index = bisect_right(self.runs, line, key=lambda run: run.line) - 1
        if index < 0:
            return None
        run = self.runs[index]
        offset = line - run.line
        if offset >= run.lines:
            return None
        shift = run.place.column - 1 if offset == 0 else run.indent
        return Place(run.place.file, run.place.line + offset, column + shift)
