"""Builds an embedded auth server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from portico import __version__
from portico.authserver.accounts import Accounts
from portico.authserver.cross_origin import cross_origin
from portico.authserver.database import Database
from portico.authserver.dialects.dummyjson import DummyJson
from portico.authserver.dialects.gotrue import GoTrue
from portico.authserver.dialects.gotrue_gate import MOUNT
from portico.authserver.dialects.plain import Plain
from portico.authserver.dialects.strapi import Strapi
from portico.authserver.dialects.strapi_errors import internal_error, not_found
from portico.authserver.limits import Attempts
from portico.authserver.mail_pages import MailPages
from portico.authserver.mails import Mailbox
from portico.authserver.password_check import PasswordCheck
from portico.authserver.passwords import Passwords
from portico.authserver.secret_file import signing_secret
from portico.authserver.services import Services
from portico.authserver.sessions import Sessions
from portico.authserver.settings import Settings
from portico.authserver.signing import Signer
from portico.authserver.tokens import Tokens
from portico.clock import Clock

_ABOUT = {
    "name": "Portico's embedded auth server",
    "version": __version__,
    "dialects": ["strapi", "gotrue", "plain", "dummyjson"],
    "notice": "For development and tests only.",
}


def create_app(settings: Settings, clock: Clock) -> Starlette:
    """An auth API that speaks Strapi's dialect, GoTrue's, DummyJSON's and a plain one.

    Its lifespan opens and closes all. Raises `SettingsInvalid` for a signing secret that is too short or that
    others may read and for what is no origin, and, when the lifespan begins, `Taken` for accounts of
    `settings` that exclude each other.
    """
    database = Database(settings.database)
    passwords = Passwords(settings.hash_cost)
    signer = Signer(signing_secret(settings), clock)
    accounts = Accounts(database, passwords, clock)
    attempts = Attempts(clock, settings.rate_limit) if settings.rate_limit else None
    services = Services(
        settings=settings,
        clock=clock,
        database=database,
        passwords=passwords,
        signer=signer,
        accounts=accounts,
        sessions=Sessions(
            database, clock, idle=settings.refresh_idle_lifetime, maximum=settings.refresh_max_lifetime
        ),
        tokens=Tokens(
            signer,
            clock,
            access_lifetime=settings.access_lifetime,
            legacy_lifetime=settings.legacy_lifetime,
        ),
        mailbox=Mailbox(clock),
        attempts=attempts,
        password_check=PasswordCheck(accounts, attempts, clock),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await database.open()
            await passwords.open()
            for account in settings.accounts:
                await accounts.ensure(account)
            yield
        finally:
            passwords.close()
            await database.close()

    gotrue = GoTrue(services)
    mounted = (Plain(services, gotrue), DummyJson(services))

    async def http_error(request: Request, error: Exception) -> Response:
        for dialect in mounted:
            if dialect.owns(request.url.path):
                return dialect.refused(error)
        return _http_error(request, error)

    async def server_error(request: Request, error: Exception) -> Response:
        for dialect in mounted:
            if dialect.owns(request.url.path):
                return dialect.refused(error)
        return gotrue.error(request) if gotrue.owns(request.url.path) else internal_error().response()

    app = Starlette(
        routes=[
            Route("/", _about, methods=["GET"]),
            *Strapi(services).routes(),
            *gotrue.routes(),
            *MailPages(services.mailbox).routes(),
            *(route for dialect in mounted for route in dialect.routes()),
        ],
        middleware=cross_origin(settings.browser_origins),
        exception_handlers={HTTPException: http_error, Exception: server_error},
        lifespan=lifespan,
    )
    # A redirect would be built from the Host header, and no dialect sends one.
    app.router.redirect_slashes = False
    return app


async def _about(_: Request) -> Response:
    return JSONResponse(_ABOUT)


def _http_error(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return PlainTextResponse("Method Not Allowed", status_code=405, headers=error.headers)
    if request.url.path.startswith(f"{MOUNT}/"):
        return PlainTextResponse("404 page not found\n", status_code=404)
    return not_found().response()
