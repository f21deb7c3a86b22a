"""What a server speaks: all dialects that are built in, or the one that a file describes, alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portico.authserver.dialects.dummyjson import DummyJson
from portico.authserver.dialects.gotrue import GoTrue
from portico.authserver.dialects.gotrue_gate import MOUNT
from portico.authserver.dialects.imitated import Imitated
from portico.authserver.dialects.imitation import Imitation
from portico.authserver.dialects.known_endpoints import KNOWN
from portico.authserver.dialects.oidc import Oidc
from portico.authserver.dialects.plain import Plain
from portico.authserver.dialects.refusals import refused
from portico.authserver.dialects.strapi import Strapi
from portico.authserver.dialects.strapi_errors import internal_error, not_found
from portico.authserver.endpoints import Endpoint, Role
from portico.authserver.fault_layer import Refuse
from portico.authserver.holders import Tells
from portico.authserver.services import Services


@dataclass(frozen=True, kw_only=True, slots=True)
class Spoken:
    """Dialects as an application has them. `failed` answers what no route takes and what breaks inside;
    `names` are those of the dialects."""

    names: Sequence[str]
    routes: Sequence[Route]
    endpoints: Sequence[Endpoint]
    refuse: Refuse
    failed: Callable[[Request, Exception], Response]
    tells: Tells = field(default_factory=Tells)


def built_in(services: Services) -> Spoken:
    """Strapi, GoTrue, DummyJSON, OpenID Connect and the plain one, each at paths of its own."""
    gotrue = GoTrue(services)
    mounted = (Plain(services, gotrue), DummyJson(services), Oidc(services))

    def failed(request: Request, error: Exception) -> Response:
        for dialect in mounted:
            if dialect.owns(request.url.path):
                return dialect.refused(error)
        if isinstance(error, HTTPException):
            return _not_taken(request, error)
        return gotrue.error(request) if gotrue.owns(request.url.path) else internal_error().response()

    return Spoken(
        names=("strapi", "gotrue", "plain", "dummyjson", "oidc"),
        routes=[
            *Strapi(services).routes(),
            *gotrue.routes(),
            *(route for dialect in mounted for route in dialect.routes()),
        ],
        endpoints=KNOWN,
        refuse=refused,
        failed=failed,
    )


def imitating(imitation: Imitation, services: Services) -> Spoken:
    """The dialect of a file, and no other: what it does not have is not there."""
    dialect = Imitated(imitation, services)
    names = [route.fields[name] for route in imitation.routes for name in _NAMES if name in route.fields]
    renewals = [route.fields[name] for route in imitation.routes for name in route.fields if name == _RENEWAL]
    cookies = (imitation.carrying.cookie, imitation.refresh_cookie)
    return Spoken(
        names=("imitation",),
        routes=dialect.routes(),
        endpoints=dialect.endpoints(),
        refuse=dialect.refuse,
        failed=lambda _, error: dialect.refused(error),
        tells=Tells(
            names=tuple(names),
            refresh=tuple(renewals),
            headers=(imitation.carrying.header,) if imitation.carrying.header else (),
            cookies=tuple(name for name in cookies if name),
        ),
    )


_RENEWAL = f"{Role.REFRESH}_token"
_NAMES = ("login", "email", "username")


def _not_taken(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        return PlainTextResponse("Method Not Allowed", status_code=405, headers=error.headers)
    if request.url.path.startswith(f"{MOUNT}/"):
        return PlainTextResponse("404 page not found\n", status_code=404)
    return not_found().response()
