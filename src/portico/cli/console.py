"""What the commands print, and how errors of the user's end a command."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from portico.errors import PorticoError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class Stop(PorticoError):
    """Ends a command with a message for the user."""

    code = "stop"


@contextmanager
def errors() -> Iterator[None]:
    """Errors of ours become one line; bugs keep their traceback."""
    try:
        yield
    except PorticoError as error:
        err.print(f"[red]error:[/] {error.message}", soft_wrap=True)
        if error.detail != error.message:
            err.print(f"       {error.detail}", style="dim", soft_wrap=True, markup=False)
        raise SystemExit(1) from None
    except typer.Abort:
        raise SystemExit(130) from None
