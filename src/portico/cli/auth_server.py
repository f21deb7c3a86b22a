"""`portico auth-server`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from portico.authserver.app import create_app
from portico.authserver.faults import Fault, Faults
from portico.authserver.serve import create_server
from portico.authserver.settings import (
    GoTrueSettings,
    JwtManagement,
    NewAccount,
    OidcSettings,
    RateLimit,
    Settings,
)
from portico.cli import auth_users
from portico.cli.console import Stop, out
from portico.cli.serving import ensure_free
from portico.clock import Clock, SharedClock
from portico.testing.dialect_file import SHIPPED, dialect_called
from portico.values import Secret

_EXAMPLES = (
    "Examples:\n\n`portico auth-server --account alice:alice@example.com:correct-horse`\n\n"
    "`portico auth-server --port 8001 --database auth.db --jwt-management legacy-support`\n\n"
    '`portico auth-server --fault "refresh: status 503 x2"`'
)

application = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
)
application.add_typer(auth_users.application, name="user")


@application.callback(invoke_without_command=True, epilog=_EXAMPLES)
def auth_server(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8001,
    database: Annotated[
        Path | None, typer.Option(help="SQLite file for accounts; in memory without one.", show_default=False)
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(help="An account, as username:email:password. May be repeated.", show_default=False),
    ] = None,
    jwt_management: Annotated[
        JwtManagement, typer.Option(help="Strapi's two ways: short tokens with refresh, or one long token.")
    ] = JwtManagement.REFRESH,
    access_lifetime: Annotated[
        int | None,
        typer.Option(
            min=1, help="Seconds an access token lives; each dialect has its own.", show_default=False
        ),
    ] = None,
    site_url: Annotated[
        str, typer.Option(help="Where sign-ins by link or provider end that name no other address.")
    ] = GoTrueSettings().site_url,
    redirect_url: Annotated[
        list[str] | None,
        typer.Option(
            help="An address that such sign-ins may end at, in whose path * stands for a part and ** for the"
            " rest, and letter for letter for OpenID. May be repeated; without any, all of this machine.",
            show_default=False,
        ),
    ] = None,
    rate_limit: Annotated[
        bool, typer.Option(help="Limit attempts to sign in, as Strapi does: 10 a minute for each address.")
    ] = True,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults", help="Let faults be switched on at /_faults and time be moved at /_clock, from here."
        ),
    ] = False,
    dialect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help=f"An API that is imitated, in place of all dialects: {', '.join(SHIPPED)}, or a file, which "
            "`portico auth probe --write-dialect` writes.",
            show_default=False,
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help='A fault from the start, such as "refresh: status 503 x2". May be repeated; implies'
            " --faults.",
            show_default=False,
        ),
    ] = None,
    clock: Annotated[
        Path | None,
        typer.Option(help="The file of a clock that is shared.", show_default=False, hidden=True),
    ] = None,
    quiet: Annotated[bool, typer.Option(help="Print nothing when ready.", hidden=True)] = False,
) -> None:
    """An auth API for development and tests only, with the paths and answers of Strapi, of GoTrue, which
    Supabase uses (at `/` and `/auth/v1`), of DummyJSON (at `/dummyjson`), of an OpenID provider (at `/oidc`),
    and of a plain API such as one writes oneself (at `/plain`). What it would mail is shown at `/_mails`."""
    if context.invoked_subcommand is not None:
        return
    adversary = Faults([Fault.parse(text) for text in fault or []]) if faults or fault else None
    if clock is not None and adversary is None:
        raise Stop(message="A clock that is shared can be moved: say --faults, too.")
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    redirect_urls = tuple(redirect_url) if redirect_url else None
    settings = Settings(
        database=database,
        jwt_management=jwt_management,
        rate_limit=RateLimit() if rate_limit else None,
        public_url=address,
        gotrue=GoTrueSettings(site_url=site_url, redirect_urls=redirect_urls),
        oidc=OidcSettings(redirect_uris=redirect_urls),
        imitation=dialect_called(dialect) if dialect else None,
        accounts=tuple(_account(text) for text in account or []),
    )
    if access_lifetime is not None:
        lifetime = timedelta(seconds=access_lifetime)
        gotrue = replace(settings.gotrue, access_lifetime=lifetime)
        plain = replace(settings.plain, access_lifetime=lifetime)
        dummyjson = replace(settings.dummyjson, access_lifetime=lifetime)
        oidc = replace(settings.oidc, access_lifetime=lifetime)
        imitation = settings.imitation and replace(settings.imitation, access_lifetime=lifetime)
        settings = replace(
            settings,
            access_lifetime=lifetime,
            gotrue=gotrue,
            plain=plain,
            dummyjson=dummyjson,
            oidc=oidc,
            imitation=imitation,
        )
    time = SharedClock(clock) if clock else Clock()
    server = create_server(create_app(settings, time, adversary), host=host, port=port)
    ensure_free(host, port)
    if not quiet:
        spoken = f"as in {dialect}" if dialect else "Strapi, GoTrue, DummyJSON, OpenID and plain"
        out.print(f"Auth server ({spoken}, for development only): {address}/", markup=False)
        out.print(f"What it would mail: {address}/_mails")
        if adversary is not None:
            out.print(f"Faults: {address}/_faults, clock: {address}/_clock")
        for standing in adversary.standing if adversary else ():
            out.print(f"  {standing.fault.text}", markup=False)
        out.print("Ctrl-C ends it.", style="dim")
    try:
        server.run()
    except KeyboardInterrupt:
        return


def _account(text: str) -> NewAccount:
    username, _, rest = text.partition(":")
    email, _, password = rest.partition(":")
    if not username or "@" not in email or not password:
        raise Stop(message="--account is username:email:password")
    return NewAccount(username=username, email=email, password=Secret(password))
