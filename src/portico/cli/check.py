"""`portico check`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from portico.cli import access as matrix
from portico.cli import loading
from portico.cli.console import out
from portico.cli.secrets import SecretsFile
from portico.definition import journeys
from portico.definition.lint.finding import open_findings
from portico.definition.load import Loaded
from portico.testing.dialect_file import IMITATIONS

EXAMPLES = (
    "Examples:\n\n`portico check my-app`\n\n`portico check apps/* --format json`"
    "\n\n`portico check my-app --access`"
)


def check(
    apps: Annotated[list[Path], typer.Argument(help="App folders.", show_default=False)],
    form: Annotated[
        str, typer.Option("--format", help="`text`, or `json` for tools.", metavar="text|json")
    ] = "text",
    access: Annotated[
        bool, typer.Option("--access", help="Show who may open which page, if there is no error.")
    ] = False,
    secrets: SecretsFile = None,
) -> None:
    """Read apps and list all problems with their place, what was found there, and the remedy.

    The lint then looks for what can hurt the users of a sign-in. Ends with status 1 if there is an error, or
    a finding that is not silenced.
    """
    if form not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--format")
    loaded = [(folder, _with_journeys(folder, found)) for folder, found in loading.load_all(apps, secrets)]
    failed = any(problem.severity == "error" for _, result in loaded for problem in result.problems)
    found = [(folder, open_findings(result.findings)) for folder, result in loaded]
    if form == "json" and access and not failed:
        typer.echo(matrix.as_json(loaded))
    elif form == "json":
        typer.echo(loading.as_json(loaded))
    else:
        loading.report([(folder, result.problems) for folder, result in loaded])
        told = loading.tell(found)
        if not failed and not told:
            count = sum(len(result.app.pages) for _, result in loaded if result.app)
            out.print(f"[green]ok[/]: {len(loaded)} {'app' if len(loaded) == 1 else 'apps'}, {count} pages")
        if not failed:
            for _, result in loaded if access else ():
                if result.app is not None:
                    out.print()
                    out.print(matrix.as_table(result.app))
    raise typer.Exit(1 if failed or any(findings for _, findings in found) else 0)


def _with_journeys(folder: Path, found: Loaded) -> Loaded:
    """What is wrong with an app, and with its journeys."""
    return replace(found, problems=(*found.problems, *journeys.load(folder, imitations=IMITATIONS).problems))
