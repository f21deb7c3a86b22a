"""The cases: expressions in files of JavaScript, one beginning at each line that is not indented.

A comment `// zones: …` or `// locales: …` holds for the cases below it, up to the next comment of
its kind; without one a case runs in Berlin, in German.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"
ZONES: tuple[str, ...] = ("Europe/Berlin",)
LOCALES: tuple[str, ...] = ("de-DE",)


@dataclass(frozen=True, slots=True)
class Case:
    """An expression, and where it is computed. `name` can name a function."""

    name: str
    place: str
    code: str
    zones: tuple[str, ...]
    locales: tuple[str, ...]


def cases(folder: Path = FOLDER) -> list[Case]:
    """All cases, by file and line."""
    return [case for file in sorted(folder.glob("*.js")) for case in _of(file)]


def _of(file: Path) -> Iterator[Case]:
    zones, locales = ZONES, LOCALES
    lines = file.read_text("utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.startswith("// zones:"):
            zones, locales = _listed(line), LOCALES
        elif line.startswith("// locales:"):
            locales = _listed(line)
        elif line and not line.startswith((" ", "//")):
            rest = next(
                (at for at in range(number + 1, len(lines)) if not lines[at].startswith(" ")), len(lines)
            )
            code = "\n".join(lines[number:rest])
            yield Case(f"{file.stem}{number + 1}", f"cases/{file.name}:{number + 1}", code, zones, locales)


def _listed(line: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.partition(":")[2].split(","))
