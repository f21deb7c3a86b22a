"""What the commands print, and how errors of the user's end a command."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.text import Text

from portico.errors import PorticoError

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


class Stop(PorticoError):
    """Ends a command with a message for the user."""

    code = "stop"


@contextmanager
def errors() -> Iterator[None]:
    """Errors of ours become one line; bugs keep their traceback."""
    try:
        yield
    except PorticoError as error:
        err.print(Text.assemble(("error: ", "red"), error.message), soft_wrap=True)
        if error.detail != error.message:
            err.print(Text(f"       {error.detail}", "dim"), soft_wrap=True)
        raise SystemExit(1) from None
    except typer.Abort:
        raise SystemExit(130) from None
