"""Where the commands find the secrets that apps name."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop
from portico.definition.secrets import FILE_NAME, Secrets

#: The option of every command that loads apps.
SecretsFile = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        envvar="PORTICO_SECRETS",
        help=f"TOML file of the secrets that apps name.  [default: {FILE_NAME}, if there is one]",
        show_default=False,
    ),
]


def read_secrets(file: Path | None, folders: Sequence[Path]) -> Secrets:
    """The secrets of the environment, and of `file` or of `secrets.toml` in the working directory.

    Raises Stop for a file inside one of the app folders, SecretsUnusable for one that cannot be used.
    """
    chosen = file or Path(FILE_NAME)
    if file is None and not chosen.exists():
        return Secrets.read(None, os.environ)
    ensure_outside(chosen, folders)
    return Secrets.read(chosen, os.environ)


def ensure_outside(file: Path, folders: Sequence[Path]) -> None:
    """Raises Stop if a file of secrets lies in an app folder: that is copied, shared, and kept in
    version control."""
    for folder in folders:
        if file.resolve().is_relative_to(folder.resolve()):
            raise Stop(
                message=f"{file} lies inside the app folder {folder}, which is no place for secrets. "
                "Move it out, and name it with --secrets."
            )
