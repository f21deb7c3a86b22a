"""`portico auth-server user`: the accounts of a database file. Passwords are asked for, never on a command
line, where a shell's history and every process of the machine could read them."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from portico.authserver.accounts import User
from portico.authserver.administration import Administration, administering
from portico.authserver.settings import NewAccount
from portico.cli.console import Stop, out
from portico.clock import Clock
from portico.values import Secret

Value = TypeVar("Value")

application = typer.Typer(
    help="The accounts of an auth server's database, while it runs or not.",
    no_args_is_help=True,
    epilog=(
        "Examples:\n\n`portico auth-server user add alice --email alice@example.com --database auth.db`\n\n"
        "`portico auth-server user list --database auth.db`"
    ),
)

_Database = Annotated[Path, typer.Option("--database", help="The SQLite file.", show_default=False)]
_Name = Annotated[str, typer.Argument(help="A user name or an e-mail address.", show_default=False)]
_Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, up to a line's end.")
]


@application.command(
    epilog="Example: `portico auth-server user add alice --email alice@example.com --database auth.db`"
)
def add(
    name: Annotated[str, typer.Argument(help="The user name.", show_default=False)],
    email: Annotated[str, typer.Option(help="The e-mail address.", show_default=False)],
    database: _Database,
    role: Annotated[str, typer.Option(help="A role, where presets look for it.", show_default=False)] = "",
    password_stdin: _Stdin = False,
) -> None:
    """Make an account."""
    if "@" not in email or not name.strip() or "@" in name:
        raise Stop(message="An e-mail address has an @, and a user name has none.")
    password = _password(from_stdin=password_stdin)
    new = NewAccount(username=name, email=email, password=password, role=role)
    user = _done(database, lambda accounts: accounts.add(new), make=True)
    out.print(f"{user.username} ({user.email}) can sign in.", markup=False)


@application.command(name="list", epilog="Example: `portico auth-server user list --database auth.db`")
def list_(
    database: _Database,
    output: Annotated[Literal["text", "json"], typer.Option("--format", help="For people, or for tools.")] = (
        "text"
    ),
) -> None:
    """List the accounts."""
    users = _done(database, lambda accounts: accounts.users())
    if output == "json":
        typer.echo(json.dumps([_fields(user) for user in users]))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("user", "e-mail", "role", "state"):
        table.add_column(column, overflow="fold")
    for user in users:
        state = "disabled" if user.blocked else "" if user.confirmed else "not confirmed"
        table.add_row(Text(user.username), Text(user.email), Text(user.role), state)
    out.print(table)


@application.command(epilog="Example: `portico auth-server user disable alice --database auth.db`")
def disable(name: _Name, database: _Database) -> None:
    """Let somebody in no more, and end their sessions."""
    user = _done(database, lambda accounts: accounts.disable(name))
    out.print(f"{user.username} is disabled, and signed out.", markup=False)


@application.command(epilog="Example: `portico auth-server user enable alice --database auth.db`")
def enable(name: _Name, database: _Database) -> None:
    """Let somebody in again."""
    user = _done(database, lambda accounts: accounts.disable(name, disabled=False))
    out.print(f"{user.username} can sign in.", markup=False)


@application.command(epilog="Example: `portico auth-server user reset alice --database auth.db`")
def reset(name: _Name, database: _Database, password_stdin: _Stdin = False) -> None:
    """Give somebody a new password, and end their sessions."""
    _ensure_there(database)
    password = _password(from_stdin=password_stdin)
    user = _done(database, lambda accounts: accounts.reset(name, password))
    out.print(f"{user.username} has a new password, and is signed out.", markup=False)


def _password(*, from_stdin: bool) -> Secret:
    if from_stdin:
        return Secret(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise Stop(message="There is no terminal to ask for the password at: give it with --password-stdin.")
    return Secret(typer.prompt("Password", hide_input=True, confirmation_prompt="Once more"))


def _done(path: Path, action: Callable[[Administration], Awaitable[Value]], *, make: bool = False) -> Value:
    if not make:
        _ensure_there(path)

    async def act() -> Value:
        async with administering(path, Clock()) as accounts:
            return await action(accounts)

    try:
        return asyncio.run(act())
    except (OSError, sqlite3.Error) as error:
        raise Stop(detail=str(error), message=f"{path} cannot be used.") from error


def _ensure_there(path: Path) -> None:
    if not path.is_file():
        raise Stop(message=f"There is no file {path}.")


def _fields(user: User) -> dict[str, object]:
    return {
        "user": user.username,
        "email": user.email,
        "role": user.role,
        "confirmed": user.confirmed,
        "disabled": user.blocked,
    }
