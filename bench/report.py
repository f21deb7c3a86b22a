"""The table: on the terminal, as JSON, and in the manual."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from rich.table import Table

from bench.figures import Goal, Row, Sample, bound, ratio, spread, times
from bench.product import OTHERS, PORTICO, PRODUCTS

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
#: What the versions are told of.
PACKAGES = ("nicegui", "streamlit", "streamlit-authenticator")


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All rows, with the machine and the versions that they hold for."""

    machine: str
    versions: Mapping[str, str]
    rows: tuple[Row, ...]

    def merged(self, older: Self | None, *, order: Sequence[str]) -> "Report":
        """This report, and of an older one the parts that were not measured again; parts in `order`."""
        parts = {row.part for row in self.rows}
        kept = [row for row in older.rows if row.part not in parts] if older else []
        rows = sorted([*kept, *self.rows], key=lambda row: order.index(row.part))
        return Report(machine=self.machine, versions=self.versions, rows=tuple(rows))

    def to_json(self) -> str:
        """For `from_json`, and for tools."""
        rows = [
            {
                "part": row.part,
                "what": row.what,
                "unit": row.unit,
                "goal": {"bound": row.goal.bound, "least": row.goal.least} if row.goal else None,
                "figures": {name: list(sample.values) for name, sample in row.figures.items()},
            }
            for row in self.rows
        ]
        return json.dumps({"machine": self.machine, "versions": dict(self.versions), "rows": rows}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            machine=found["machine"],
            versions=found["versions"],
            rows=tuple(
                Row(
                    part=row["part"],
                    what=row["what"],
                    unit=row["unit"],
                    goal=Goal(**row["goal"]) if row["goal"] else None,
                    figures={name: Sample.of(values) for name, values in row["figures"].items()},
                )
                for row in found["rows"]
            ),
        )


def machine() -> str:
    """The kind of machine, without its name."""
    count = len(os.sched_getaffinity(0))
    return (
        f"{count} {platform.machine()} core{'' if count == 1 else 's'}, CPython {platform.python_version()}"
    )


def versions() -> dict[str, str]:
    """The installed versions of what Portico is compared with."""
    program = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    done = subprocess.run(
        [str(OTHERS / "python"), "-c", program, *PACKAGES], capture_output=True, text=True, check=True
    )
    return dict(zip(PACKAGES, done.stdout.split(), strict=True))


def cells(row: Row) -> list[str]:
    """A row as text: what, each product's figure with its ratio to Portico's, the goal."""
    base = row.figures.get(PORTICO.name)
    figures = [_cell(row, product.name, base) for product in PRODUCTS]
    return [row.what, *figures, _goal(row)]


def _cell(row: Row, name: str, base: Sample | None) -> str:
    sample = row.figures.get(name)
    if sample is None:
        return ""
    text = spread(sample, row.unit)
    compared = times(ratio(sample, base)) if base is not None and base is not sample else ""
    return f"{text} {compared}".strip()


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    met = row.goal.met(row.figures[PORTICO.name])
    return f"{bound(row.goal, row.unit)}: {'met' if met else 'MISSED'}"


def heads() -> list[str]:
    """The titles of the columns."""
    return ["", *(product.title for product in PRODUCTS), "goal"]


def as_table(report: Report) -> Table:
    """For the terminal."""
    table = Table(title=f"medians (lowest – highest) on {report.machine}", title_justify="left")
    for number, head in enumerate(heads()):
        table.add_column(head, justify="left" if number == 0 else "right")
    part = report.rows[0].part if report.rows else ""
    for row in report.rows:
        if row.part != part:
            table.add_section()
            part = row.part
        table.add_row(*cells(row))
    return table


def as_markdown(report: Report) -> str:
    """For the manual."""
    names = ", ".join(f"{name} {version}" for name, version in report.versions.items())
    lines = [f"On {report.machine}, with {names}.", ""]
    lines += [_line(heads()), _line(["---"] + ["---:"] * (len(PRODUCTS) + 1))]
    lines += [_line(cells(row)) for row in report.rows]
    return "\n".join(lines)


def _line(texts: Sequence[str]) -> str:
    return f"| {' | '.join(texts)} |"


def put(text: str, report: Report, *, whole: bool) -> str:
    """The manual's text with the report as the table between its marks. Unless it is of the `whole`
    benchmark, rows of the manual that it does not have stay. Raises ValueError without the marks."""
    before, begin, rest = text.partition(BEGIN)
    held, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the manual needs the marks {BEGIN} and {END}")
    table = as_markdown(report) if whole else _over(held, as_markdown(report))
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _over(held: str, table: str) -> str:
    """A table with the rows of another in the place of those of the same name, and else at its end."""
    rows = {_what(line): line for line in table.splitlines() if _is_row(line)}
    lines = [rows.pop(_what(line), line) if _is_row(line) else line for line in held.strip("\n").splitlines()]
    return "\n".join([*lines, *rows.values()])


def _is_row(line: str) -> bool:
    return line.startswith("|")


def _what(row: str) -> str:
    return row.split("|")[1].strip()


def read(path: Path) -> Report | None:
    """The report in a file; None if there is none."""
    return Report.from_json(path.read_text()) if path.exists() else None
