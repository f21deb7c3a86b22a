"""`portico schema`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop, out
from portico.definition.schemas import FILES, schemas
from portico.ui.widgets import CATALOGUE

EXAMPLES = "Examples:\n\n`portico schema`\n\n`portico schema my-app/.portico/schemas`"


def schema(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")] = Path(".portico/schemas"),
) -> None:
    """Write JSON Schemas of all files of an app, with which an editor completes and checks them.

    They belong to this version of Portico: write them again after an upgrade.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in schemas(CATALOGUE).items():
            (folder / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Stop(message=f"{folder} cannot be written: {error.strerror}.") from error
    out.print(f"[green]written[/] {folder}: {len(FILES)} schemas", highlight=False)
    out.print("\nFor Visual Studio Code with its YAML extension, in `.vscode/settings.json`:\n", markup=False)
    typer.echo(json.dumps({"yaml.schemas": settings(folder)}, indent=2))


def settings(folder: Path) -> dict[str, str]:
    """Which files each schema is for, as editors take it."""
    return {
        (folder / f"{name}.json").as_posix(): f"**/{pattern.removeprefix('**/')}"
        for name, (pattern, _) in FILES.items()
    }
