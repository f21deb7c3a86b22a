"""Log-outs that an OpenID provider tells of behind the browser's back (P111; OpenID Connect Back-Channel
Logout 1.0): `/<app>/_auth/backchannel`.

Whoever posts here is no browser: there is no cookie to read or to set, and no page that it could come from. A
token that the provider signed is all that counts.
"""

import logging
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.auth.signed import TOKEN_LIMIT
from portico.errors import BadRequest, PageNotFound, SignInRefused
from portico.model.app import App
from portico.web.body import read
from portico.web.service import Service

log = logging.getLogger("portico.web")

#: Bytes of a body: a token, and the name of its field.
BODY_LIMIT = TOKEN_LIMIT + 1024
_FORM = "application/x-www-form-urlencoded"


class BackChannel:
    """The endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        """Below every app; those without an OpenID provider have none."""
        return [Route("/{app}/_auth/backchannel", self.log_out, methods=["POST"])]

    async def log_out(self, request: Request) -> Response:
        """End the sessions that stand on the one which the provider has ended: 200, also where there is none
        left. 400 for a token that does not hold, with a word of ours about it (2.8)."""
        service = self._service
        app = service.app_of(request)
        if app.contract is None or app.contract.provider is None:
            raise PageNotFound("the app has no OpenID provider")
        # Not in the bucket of people who use pages from the same address.
        service.pace.count(f"back-channel {service.site.address_of(request)}")
        try:
            count = await self._ended(app, await _token(request))
        except (SignInRefused, BadRequest) as error:
            log.warning("a log-out of the provider is refused", extra={"app": app.slug, "why": error.detail})
            told = {"error": "invalid_request", "error_description": error.detail}
            return JSONResponse(told, 400)
        log.info("a log-out of the provider", extra={"app": app.slug, "sessions": count})
        return Response()

    async def _ended(self, app: App, token: str) -> int:
        """How many sessions a token ended."""
        manager = self._service.manager
        found = await self._service.providers.ended(app, token)
        # Several apps may be the same client.
        holder = f"{found.session.issuer} {found.session.client_id}"
        if await manager.is_spent(holder, found.token_id):
            raise SignInRefused("the logout token does not hold: it came before")
        count = await manager.dismissals.end_all_of(found.session)
        # Used up only now: a provider whose log-out met a store that is out sends it again.
        await manager.spend(holder, found.token_id, until=found.until)
        return count


async def _token(request: Request) -> str:
    """The one `logout_token` of a form. Raises BadRequest, TooLarge."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        _refuse("not a form")
    try:
        fields = parse_qsl((await read(request, BODY_LIMIT)).decode(), max_num_fields=10)
    except ValueError:
        _refuse("not a form")
    found = [value for name, value in fields if name == "logout_token"]
    if len(found) != 1:
        _refuse("not one logout_token")
    return found[0]


def _refuse(why: str) -> NoReturn:
    raise BadRequest(why)
