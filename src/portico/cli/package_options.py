"""What the commands of `portico package` have in common."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text
from semantic_version import Version

from portico.cli.console import Stop, err, out
from portico.cli.secrets import read_secrets
from portico.definition.diagnostics import Diagnostic
from portico.definition.versions import version
from portico.packages.comparison import Change
from portico.packages.reader import ProblemsFound, Reader
from portico.packages.registry import Registry
from portico.ui.widgets import CATALOGUE

#: The registry where none is named.
VARIABLE = "PORTICO_REGISTRY"
REGISTRY_HELP = f"The registry, a folder.  [default: {VARIABLE}]"

FromRegistry = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help=f"The registry, a folder.  [default: {VARIABLE}]",
        show_default=False,
        metavar="REGISTRY",
    ),
]
Format = Annotated[str, typer.Option("--format", help="`text`, or `json` for tools.", metavar="text|json")]

_STYLES = {"major": "red", "minor": "yellow", "patch": "dim"}


def is_json(form: str) -> bool:
    """Whether tools are to read it."""
    if form not in ("text", "json"):
        raise typer.BadParameter("text or json", param_hint="--format")
    return form == "json"


def usual_registry() -> Path | None:
    """The registry of the environment."""
    found = os.environ.get(VARIABLE)
    return Path(found) if found else None


def registry(named: Path | None) -> Registry:
    """The registry that is named, else that of the environment; Stop if there is neither."""
    found = named or usual_registry()
    if found is None:
        raise Stop(message=f"No registry is named: --from REGISTRY, or {VARIABLE} in the environment.")
    return Registry(found)


def reader(secrets: Path | None = None, apps: Sequence[Path] = ()) -> Reader:
    """With what packages and apps are read here."""
    return Reader(types=CATALOGUE, settings=os.environ, secrets=read_secrets(secrets, apps))


def number(text: str) -> Version:
    """A version that somebody typed."""
    found = version(text)
    if found is None:
        raise Stop(message=f"{text} is not a version. Write x.y.z.")
    return found


@contextmanager
def problems_told() -> Iterator[None]:
    """What is wrong with a package is printed before the command ends."""
    try:
        yield
    except ProblemsFound as error:
        tell_problems(error.problems)
        raise


def tell(*parts: str | tuple[str, str]) -> None:
    """Print a line; a part may have a style."""
    out.print(Text.assemble(*parts), soft_wrap=True)


def tell_problems(problems: Sequence[Diagnostic], prefix: str = "") -> None:
    """Print problems, each with its place."""
    for problem in problems:
        err.print(f"{prefix}{problem.as_text()}", markup=False, soft_wrap=True)


def tell_change(change: Change, indent: str = "  ") -> None:
    """Print a difference of contracts."""
    tell(indent, (f"{change.level}: ", _STYLES[change.level]), change.words)


def dump(data: object) -> None:
    """Print what a tool reads."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
