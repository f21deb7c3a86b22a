"""`portico auth probe`: an auth API is tried, and its contract written."""

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.text import Text

from portico.cli.auth_probe_app import Place
from portico.cli.console import Stop, err, out
from portico.cli.secrets import SecretsFile, read_secrets
from portico.cli.serving import is_loopback
from portico.clock import Clock
from portico.definition.names import suggestion
from portico.definition.preset import NAMES
from portico.importers.files import Draft as File
from portico.importers.files import write_all
from portico.importers.naming import is_private
from portico.importers.probe import Address, AskCredentials, Credentials, probe
from portico.importers.probe_contract import Draft
from portico.importers.probe_dialect import dialect_of
from portico.importers.probe_findings import Findings, Sent
from portico.importers.probe_look import Asked, Seen
from portico.importers.probe_report import as_json, as_text, line
from portico.importers.probe_talk import BYTES, Talk
from portico.model.query import Datasource, Method, Role
from portico.runtime.destination import Destination
from portico.runtime.http import Client
from portico.values import Secret

application = typer.Typer(
    help="Connect the auth API that an app's users sign in against.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)

EXAMPLES = (
    "Examples:\n\n`portico auth probe https://api.example.com`\n\n"
    "`portico auth probe https://api.example.com --identifier anna@example.com --app my-app`\n\n"
    "`portico auth probe https://api.example.com --sign-in 'POST /login' --me /me --no-sign-in`"
)

_CALL = re.compile(r"(?:([A-Z]+) )?(/[!-~]*)")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,63})=([A-Za-z_][A-Za-z0-9_]{0,63})")
#: Methods of calls that name none.
_USUAL: Mapping[Role, Method] = {"sign_in": "POST", "me": "GET", "refresh": "POST", "sign_out": "POST"}


_WHO = "Who signs in: e-mail address or name (nothing: nobody does)"


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


@application.callback()
def _auth() -> None:
    """Keeps `probe` a command of its own while there is no other."""


@application.command(name="probe", epilog=EXAMPLES)
def probe_command(
    url: Annotated[str, typer.Argument(help="Where the API is, such as https://api.example.com.")],
    preset: Annotated[
        str | None, typer.Option(help=f"Try this preset alone: {', '.join(NAMES)}.", show_default=False)
    ] = None,
    identifier: Annotated[
        str | None,
        typer.Option(
            help="Who signs in: an e-mail address or a name.  [default: asked for]", show_default=False
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from the input instead of asking.")
    ] = False,
    no_sign_in: Annotated[
        bool, typer.Option("--no-sign-in", help="Make only requests that need no credentials.")
    ] = False,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew",
            help="Renew the token once, and try the old refresh token again; some APIs end the session "
            "by that.",
        ),
    ] = False,
    app: Annotated[
        Path | None, typer.Option(help="App folder to write the contract into.", show_default=False)
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--out", help="A new file to write the report and the contract into.", show_default=False
        ),
    ] = None,
    write_dialect: Annotated[
        Path | None,
        typer.Option(
            help="A new file for `portico auth-server --dialect`, which imitates the API.", show_default=False
        ),
    ] = None,
    sign_in: Annotated[
        str | None, typer.Option(help="The call that signs in, such as 'POST /login'.", show_default=False)
    ] = None,
    me: Annotated[
        str | None, typer.Option(help="The call that says whose a token is.", show_default=False)
    ] = None,
    refresh: Annotated[str | None, typer.Option(help="The call that renews.", show_default=False)] = None,
    sign_out: Annotated[
        str | None, typer.Option(help="The call that ends a token.", show_default=False)
    ] = None,
    field_identifier: Annotated[
        str | None, typer.Option(help="What the sign-in calls the identifier.", show_default=False)
    ] = None,
    field_password: Annotated[
        str | None, typer.Option(help="What the sign-in calls the password.", show_default=False)
    ] = None,
    form: Annotated[bool, typer.Option("--form", help="The sign-in takes a form, not JSON.")] = False,
    secret_header: Annotated[
        list[str] | None,
        typer.Option(
            help="A header of every request and the secret that it holds, as NAME=SECRET. May be repeated.",
            show_default=False,
        ),
    ] = None,
    secrets: SecretsFile = None,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The address may be one of a private network.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, max=60, help="Seconds that a request may take.")] = 10.0,
    form_of: Annotated[Format, typer.Option("--format", help="How the report is written.")] = Format.TEXT,
) -> None:
    """Try an auth API, say which preset fits, and write the contract with what was found.

    A password is asked for, never shown, and kept nowhere. Before it one wrong password is tried, a random
    one.
    """
    if identifier is None and not no_sign_in and sys.stdin.isatty():
        identifier = typer.prompt(_WHO, default="", show_default=False, err=True) or None
    asked = Asked(
        preset=_preset(preset),
        calls=_calls({"sign_in": sign_in, "me": me, "refresh": refresh, "sign_out": sign_out}),
        login=_field("--field-identifier", field_identifier),
        password=_field("--field-password", field_password),
        form=form,
        email=identifier is None or "@" in identifier,
    )
    if app is not None and to is not None:
        raise Stop(message="--app writes into an app and --out into a file: choose one of them.")
    place = Place.of(app, secrets) if app is not None else None
    for option, file in (("--out", to), ("--write-dialect", write_dialect)):
        if file is not None and file.exists():
            raise Stop(message=f"{file} is there already. Name another file with {option}.")
    headers = _headers(secret_header or [])
    source = _source(url, headers, app, secrets, allow_private=allow_private, timeout=timeout)
    host = Destination.of(source).host
    address = Address(url=source.url, headers=headers, allow_private=allow_private or is_private(host))
    asking = _credentials(identifier, stdin=password_stdin, wanted=not no_sign_in)
    found, draft = asyncio.run(_probe(source, address, asked, asking, renew=renew))
    _deliver(found, draft, place, to, form_of)
    if write_dialect is not None:
        write_all([File(path=write_dialect, content=dialect_of(found))])
        err.print(Text.assemble(("written: ", "green"), str(write_dialect)), soft_wrap=True)


async def _probe(
    source: Datasource, address: Address, asked: Asked, credentials: AskCredentials, *, renew: bool
) -> tuple[Findings, Draft | None]:
    clock = Clock()
    async with Client(clock=clock) as client:
        return await probe(Talk(client, source, _tell), clock, address, asked, credentials, renew=renew)


def _tell(sent: Sent) -> None:
    """Show a request to who is waiting."""
    if err.is_terminal:
        err.print(Text(line(sent), "dim"), soft_wrap=True)


def _deliver(
    found: Findings, draft: Draft | None, place: Place | None, to: Path | None, form_of: Format
) -> None:
    files = {} if draft is None else (place or Place.new()).files(draft, found)
    if place is None or draft is None:
        text = as_json(found, files) if form_of is Format.JSON else as_text(found, files)
        if to is not None:
            write_all([File(path=to, content=text + "\n")])
            out.print(Text.assemble(("written: ", "green"), str(to)), soft_wrap=True)
        else:
            typer.echo(text)
        if draft is None:
            raise Stop(message="Too little was found for a contract; see above.")
        return
    place.write(files)
    typer.echo(as_json(found, files) if form_of is Format.JSON else as_text(found, {}))
    console = err if form_of is Format.JSON else out
    for path in files:
        console.print(Text.assemble(("written: ", "green"), str(place.folder / path)), soft_wrap=True)


def _source(
    url: str,
    headers: Mapping[str, str],
    app: Path | None,
    secrets: Path | None,
    *,
    allow_private: bool,
    timeout: float,
) -> Datasource:
    """Where the probe may go. Raises Stop and DestinationRefused, which repeat no address."""
    known = read_secrets(secrets, [app] if app is not None else [])
    slug = app.resolve().name if app is not None else "probe"
    values = {name: known.value(slug, secret) for name, secret in headers.items()}
    if unset := [headers[name] for name, value in values.items() if value is None]:
        raise Stop(message=f"Secrets that are not set: {', '.join(unset)}. Set PORTICO_SECRET_{unset[0]}.")
    source = Datasource(
        name="auth_api",
        url=url.rstrip("/"),
        headers=tuple((name, value) for name, value in values.items() if value is not None),
        timeout=timedelta(seconds=timeout),
        max_bytes=BYTES,
        allow_private=allow_private,
    )
    # Who names this machine means it.
    loopback = is_loopback(Destination.of(source).host)
    return replace(source, allow_private=allow_private or loopback)


def _credentials(identifier: str | None, *, stdin: bool, wanted: bool) -> AskCredentials:
    """What asks on the terminal, unless the input brings the password or nobody is to sign in. Raises Stop
    where half of it is missing."""
    if wanted and stdin and identifier is None:
        raise Stop(message="--password-stdin needs --identifier, which says who signs in.")
    if wanted and not stdin and identifier is not None and not sys.stdin.isatty():
        raise Stop(message="There is no terminal to ask for the password: use --password-stdin.")

    async def ask(seen: Seen) -> Credentials | None:
        if not wanted or identifier is None:
            return None
        if seen.preset is not None:
            err.print(f"This fits the preset {seen.preset}.", markup=False)
        password = _from_input() if stdin else str(typer.prompt("Password", hide_input=True, err=True))
        return Credentials(login=Secret(identifier), password=Secret(password))

    return ask


def _from_input() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Stop(message="--password-stdin: there is no password in the input.")
    return password


def _preset(name: str | None) -> str | None:
    if name is not None and name not in NAMES:
        remedy = suggestion(name, NAMES, none="").replace("`", "")
        raise Stop(message=f"There is no preset {name}: {remedy}")
    return name


def _calls(said: Mapping[Role, str | None]) -> dict[Role, tuple[Method, str]]:
    calls: dict[Role, tuple[Method, str]] = {}
    for role, text in said.items():
        if text is None:
            continue
        found = _CALL.fullmatch(text.strip())
        if found is None or found[1] not in (None, *get_args(Method)) or "{{" in text:
            option = "--" + role.replace("_", "-")
            raise Stop(
                message=f"{option} is a method and a path, such as '{_USUAL[role]} /login', not {text}"
            )
        calls[role] = (cast(Method, found[1]) if found[1] else _USUAL[role], found[2])
    return calls


def _field(option: str, name: str | None) -> str | None:
    if name is not None and not _FIELD.fullmatch(name):
        raise Stop(
            message=f"{option} is the name of a field, of letters, digits, `_`, `-` and `.`, not {name}"
        )
    return name


def _headers(said: list[str]) -> dict[str, str]:
    found = {}
    for text in said:
        pair = _HEADER.fullmatch(text)
        if pair is None:
            # What was written may be the value itself, so it is not repeated.
            raise Stop(
                message="--secret-header is NAME=SECRET, the name of a secret and not its value, such as "
                "apikey=SUPABASE_KEY."
            )
        found[pair[1]] = pair[2]
    return found
