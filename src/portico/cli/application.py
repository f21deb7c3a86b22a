"""`portico` itself: the list of its commands."""

from typing import Annotated

import typer

from portico import __version__
from portico.cli import auth_server, check, demo, run
from portico.cli.console import errors

app = typer.Typer(
    name="portico",
    help="Runs low-code apps on a server, with a sign-in that holds.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples:\n\n`portico run examples/jwt-login`\n\n`portico check my-app --format json`",
)
app.command(epilog=run.EXAMPLES)(run.run)
app.command(epilog=check.EXAMPLES)(check.check)
app.command(name="auth-server", epilog=auth_server.EXAMPLES)(auth_server.auth_server)
app.command(epilog=demo.EXAMPLES)(demo.demo)


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
