"""Which apps are trusted with this server: their own Python runs in its process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.console import Stop

#: The option of every command that serves apps.
TrustPython = Annotated[
    list[str] | None,
    typer.Option(
        "--trust-python",
        metavar="APP",
        help="An app whose functions of Python may run, with all rights of this server. Off without it.",
        show_default=False,
    ),
]


def trusted_folders(names: Sequence[str] | None, folders: Sequence[Path]) -> Mapping[str, Path]:
    """The folders of the apps that are named, by slug. Raises Stop for one that is not served."""
    known = {folder.resolve().name: folder.resolve() for folder in folders}
    for name in names or ():
        if name not in known:
            raise Stop(
                message=f"--trust-python names an app by its folder: {name} is none of {', '.join(known)}."
            )
    return {name: known[name] for name in names or ()}
