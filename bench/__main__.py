"""`python -m bench`: measures, prints the table, keeps it in build/bench.json."""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import report as reports
from bench.figures import Row
from bench.parts import (
    access,
    cold_start,
    engine,
    first_load,
    imported,
    memory,
    modules,
    pages,
    rows,
    sealing,
    server_work,
    sessions,
)
from bench.product import ROOT
from bench.report import Report
from bench.server import BenchError
from bench.stand import Stand

#: In the order of the table.
PARTS: Mapping[str, Callable[[Stand], list[Row]]] = {
    "first-load": first_load.measure,
    "cold-start": cold_start.measure,
    "server-work": server_work.measure,
    "memory": memory.measure,
    "rows": rows.measure,
    "pages": pages.measure,
    "modules": modules.measure,
    "access": access.measure,
    "engine": engine.measure,
    "sealing": sealing.measure,
    "sessions": sessions.measure,
    "imported": imported.measure,
}
RESULT = ROOT / "build" / "bench.json"
MANUAL = ROOT / "docs" / "performance.md"

console = Console(width=200 if not Console().is_terminal else None)


def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"A part: {', '.join(PARTS)}. May be given several times.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of each measurement.")] = 5,
    docs: Annotated[bool, typer.Option(help="Write the table into docs/performance.md too.")] = False,
    measure: Annotated[bool, typer.Option(help="Whether to measure, or show what was measured last.")] = True,
) -> None:
    """Portico beside NiceGUI and Streamlit."""
    wanted = only or list(PARTS)
    for name in wanted:
        if name not in PARTS:
            raise typer.BadParameter(f"{name} is none of {', '.join(PARTS)}", param_hint="--only")
    if measure:
        _measure(wanted, rounds)
    report = reports.read(RESULT)
    if report is None:
        raise typer.BadParameter("nothing was measured yet", param_hint="--no-measure")
    console.print(reports.as_table(report))
    if docs:
        whole = {row.part for row in report.rows} == PARTS.keys()
        MANUAL.write_text(reports.put(MANUAL.read_text(), report, whole=whole))
        console.print(f"written to {MANUAL.relative_to(ROOT)}")


def _measure(wanted: list[str], rounds: int) -> None:
    """Measure the parts, and keep each as soon as it is done."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as running:
        stand = Stand(folder=Path(folder), console=console, rounds=rounds, running=running)
        for number, name in enumerate(wanted, 1):
            stand.say(f"[bold]{name}[/bold] ({number} of {len(wanted)}), load {os.getloadavg()[0]:.1f}")
            found = Report(
                machine=reports.machine(), versions=reports.versions(), rows=tuple(PARTS[name](stand))
            )
            RESULT.parent.mkdir(exist_ok=True)
            RESULT.write_text(found.merged(reports.read(RESULT), order=list(PARTS)).to_json())


if __name__ == "__main__":
    try:
        typer.run(main)
    except BenchError as error:
        console.print(f"[red]{error}[/red]")
        raise SystemExit(1) from None
