"""`portico` itself: the list of its commands."""

from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from portico import __version__
from portico.cli.console import errors

#: Commands in the order of the help, and the module of each: it has a function of the command's name
#: and EXAMPLES, or a group of commands, `application`.
COMMANDS: Mapping[str, str] = {
    "run": "run",
    "dev": "dev",
    "new": "new",
    "sessions": "sessions",
    "check": "check",
    "test": "journeys",
    "schema": "schema",
    "auth": "auth_probe",
    "auth-server": "auth_server",
    "demo": "demo",
    "import": "import_",
    "package": "package",
}


class Commands(TyperGroup):
    """A command is loaded when it is asked for: the libraries of all together would be most of the time
    that a server takes to start."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # The names are all that is looked at here, for those that were meant instead of an unknown one.
        self.commands: Any = dict.fromkeys(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of the command-line library, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"portico.cli.{COMMANDS[cmd_name]}")
        application = getattr(module, "application", None)
        if application is None:
            application = typer.Typer(add_completion=False, rich_markup_mode="markdown")
            function = getattr(module, COMMANDS[cmd_name])
            application.command(name=cmd_name, epilog=module.EXAMPLES)(function)
        command = get_command(application)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="portico",
    cls=Commands,
    help="Runs low-code apps on a server, with a sign-in that holds.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Examples:\n\n`portico new my-app`\n\n`portico dev my-app --auth-server`\n\n"
        "`portico check my-app --format json`"
    ),
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"portico {__version__}")
        raise typer.Exit


@app.callback()
def _portico(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The entry point. Ends with status 1 for errors of the user's, 2 for wrong usage."""
    with errors():
        app()
