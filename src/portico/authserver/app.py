"""Builds an embedded auth server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico import __version__
from portico.authserver.accounts import Accounts
from portico.authserver.cross_origin import cross_origin
from portico.authserver.database import Database
from portico.authserver.dialects.spoken import Spoken, built_in, imitating
from portico.authserver.fault_layer import FaultLayer
from portico.authserver.fault_pages import FaultPages
from portico.authserver.faults import Faults
from portico.authserver.interference import SkewedClock
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
    "notice": "For development and tests only.",
}


def create_app(settings: Settings, clock: Clock, faults: Faults | None = None) -> Starlette:
    """An auth API that speaks Strapi's dialect, GoTrue's, DummyJSON's, OpenID Connect and a plain one, or,
    where `settings` have an imitation, this alone.

    Its lifespan opens and closes all. With `faults`, calls go wrong as these say, and `/_faults` and
    `/_clock`, which moves `clock`, are there for this machine alone. Raises `SettingsInvalid` for a signing
    secret that is too short or that others may read and for what is no origin, and, when the lifespan begins,
    `Taken` for accounts of `settings` that exclude each other.
    """
    moved, clock = clock, clock if faults is None else SkewedClock(clock)
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

    spoken = imitating(settings.imitation, services) if settings.imitation else built_in(services)

    async def failed(request: Request, error: Exception) -> Response:
        return spoken.failed(request, error)

    about = {**_ABOUT, "dialects": list(spoken.names)}
    app = Starlette(
        routes=[
            *spoken.routes,
            Route("/", _shown(about), methods=["GET"]),
            *MailPages(services.mailbox).routes(),
            *FaultPages(faults, moved).routes(),
        ],
        middleware=[*_adversary(faults, spoken, database), *cross_origin(settings.browser_origins)],
        exception_handlers={HTTPException: failed, Exception: failed},
        lifespan=lifespan,
    )
    # A redirect would be built from the Host header, and no dialect sends one.
    app.router.redirect_slashes = False
    return app


def _adversary(faults: Faults | None, spoken: Spoken, database: Database) -> list[Middleware]:
    if faults is None:
        return []
    layer = Middleware(
        FaultLayer,
        faults=faults,
        endpoints=spoken.endpoints,
        database=database,
        tells=spoken.tells,
        refuse=spoken.refuse,
    )
    return [layer]


def _shown(about: Mapping[str, object]) -> Callable[[Request], Awaitable[Response]]:
    async def show(_: Request) -> Response:
        return JSONResponse(about)

    return show
