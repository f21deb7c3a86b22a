"""`portico test`."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from portico.cli.console import Stop, err, out
from portico.cli.loading import report
from portico.cli.trust import TrustPython, trusted_folders
from portico.definition import journeys as definition
from portico.testing import reports
from portico.testing.adversary import fault_problem
from portico.testing.chromium import ensure_browser
from portico.testing.dialect_file import IMITATIONS
from portico.testing.journeys import Result
from portico.testing.runs import How, Job, jobs, run

EXAMPLES = (
    "Examples:\n\n`portico test my-app`\n\n`portico test my-app --browser`"
    '\n\n`portico test apps/* -k "wrong password" --junit report.xml`'
)


def journeys(
    apps: Annotated[list[Path], typer.Argument(help="App folders.", show_default=False)],
    browser: Annotated[
        bool, typer.Option("--browser", help="Use Chromium, which Playwright drives, instead of none.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option("-k", help="Only journeys in whose app, file or name this stands.", show_default=False),
    ] = None,
    at_once: Annotated[int, typer.Option("-j", min=1, max=64, help="How many are taken at once.")] = min(
        os.cpu_count() or 1, 4
    ),
    junit: Annotated[
        Path | None, typer.Option(help="Write a report as JUnit's XML there.", show_default=False)
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Where screenshots of failing steps go; a new folder else.", show_default=False),
    ] = None,
    trust_python: TrustPython = None,
) -> None:
    """Take the journeys of apps, `tests/*.yaml`: simulated users that sign in and look at pages, each with
    servers, a store and a clock of its own.

    Ends with status 1 if one fails.
    """
    trusted = frozenset(trusted_folders(trust_python, apps))
    wanted = _wanted(apps, only)
    if browser:
        ensure_browser()
        pictures = pictures or Path(tempfile.mkdtemp(prefix="portico-pictures-"))
        pictures.mkdir(parents=True, exist_ok=True)
    found = taken(wanted, How(browser=browser, pictures=pictures, trusted=trusted), at_once=at_once)
    if junit is not None:
        try:
            reports.junit(found, junit)
        except OSError as error:
            raise Stop(message=f"{junit} cannot be written: {error.strerror}.") from error
    failed = sum(result.failure is not None for result, _ in found)
    if failed:
        out.print(f"[red]{failed} of {len(found)} failed[/]")
    else:
        out.print(f"[green]ok[/]: {len(found)} {'journey' if len(found) == 1 else 'journeys'}")
    raise typer.Exit(1 if failed else 0)


def taken(wanted: Sequence[Job], how: How, *, at_once: int) -> list[tuple[Result, Path]]:
    """Take journeys, and tell of each when it is over."""
    folders = {job.title: job.folder for job in wanted}
    found = []
    for result in run(wanted, how, at_once=at_once):
        folder = folders[result.title]
        found.append((result, folder))
        _tell(result, folder)
    return found


def _wanted(apps: Sequence[Path], only: str | None) -> list[Job]:
    """The journeys to be taken. Raises Stop where their files have errors, and where there are none."""
    problems, found = [], []
    for folder in apps:
        if not (folder / "app.yaml").is_file():
            raise Stop(message=f"{folder} is no app: an app is a folder with an app.yaml.")
        given = definition.load(folder, fault_problem=fault_problem, imitations=IMITATIONS)
        problems.append((folder, given.problems))
        found += jobs(folder, given.files)
        for file in given.files:
            for name, reason in file.left_out.items():
                words = f"left out: {folder.resolve().name} {file.path}: {name} ({reason})"
                out.print(Text(words, "dim"), soft_wrap=True)
    if errors := report(problems):
        raise Stop(message=f"{errors} {'problem' if errors == 1 else 'problems'}; nothing was tried.")
    chosen = [job for job in found if only is None or only.casefold() in job.title.casefold()]
    if not chosen:
        raise Stop(message="There are no journeys. Write some into tests/ of the app (docs/journeys.md).")
    return chosen


def _tell(result: Result, folder: Path) -> None:
    failed = result.failure is not None
    mark = Text("failed", "bold red") if failed else Text("passed", "green")
    out.print(Text.assemble(mark, f"  {result.title} ", (f"({result.seconds:.1f} s)", "dim")), soft_wrap=True)
    for line in reports.lines(result, folder):
        err.print(Text(f"  {line}"), soft_wrap=True)
