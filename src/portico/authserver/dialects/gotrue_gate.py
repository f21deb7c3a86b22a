"""The way of a request through GoTrue: bearer token, user, session, rate limit, and only then the handler.

Source: `internal/api/auth.go` and `internal/api/middleware.go` of `supabase/auth`.
"""

import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.authserver.body import BodyMalformed, read_json
from portico.authserver.dialects.gotrue_access import Access, Caller
from portico.authserver.dialects.gotrue_errors import (
    GoTrueRefusal,
    bad_json,
    mail_limited,
    no_authorization,
    rate_limited,
    timed_out,
    too_large,
)
from portico.authserver.dialects.gotrue_schema import Fields, Shape
from portico.authserver.limits import Window, client_of
from portico.authserver.moments import seconds_until
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.errors import TooLarge

MOUNT = "/auth/v1"

_BODY_LIMIT = 1024 * 1024
_BEARER = re.compile(r"bearer (\S+)", re.IGNORECASE)


Handler = Callable[[Request], Awaitable[Response]]
CallerHandler = Callable[[Request, Caller], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers, and turns every refusal into GoTrue's error body."""

    def __init__(self, services: Services, access: Access) -> None:
        self._clock = services.clock
        self._access = access
        self._attempts = services.attempts
        known = services.settings.gotrue
        self._tokens = Window(services.clock, known.token_attempts, known.token_interval)
        self._forms = Window(services.clock, known.form_attempts, known.form_interval)
        self._mails = Window(services.clock, 1, known.mail_interval)

    def routes(self, method: str, path: str, handler: Handler, *, head: bool = True) -> list[Route]:
        """The route at the root, where GoTrue has it, and where Supabase's gateway has it.

        Without `head`, a GET that takes something away is not done by HEAD, with which links are looked at.
        """

        async def endpoint(request: Request) -> Response:
            return await _answered(request, handler(request))

        routes = [Route(prefix + path, endpoint, methods=[method]) for prefix in ("", MOUNT)]
        for route in routes:
            if not head and route.methods is not None:
                route.methods.discard("HEAD")
        return routes

    def authenticated(self, handler: CallerHandler) -> Handler:
        """Let only requests with the access token of a living session through."""

        async def checked(request: Request) -> Response:
            return await handler(request, await self._caller(request))

        return checked

    async def fields(self, request: Request, shape: Shape) -> Fields:
        """The body. Raises `GoTrueRefusal`, `BodyMalformed` and `TooLarge`."""
        return Fields(await read_json(request, _BODY_LIMIT), shape)

    def count_token(self, request: Request) -> None:
        """Count a request to `/token` against its client, under whichever path it came."""
        self._count(self._tokens, "token", request)

    def count_form(self, form: str, request: Request) -> None:
        """Count a sign-up, or a change of a user, against its client."""
        self._count(self._forms, form, request)

    def count_mail(self, email: str) -> None:
        """Count a mail to this address, whether anybody has it or not (P68, P79)."""
        if self._attempts is None:
            return
        count = self._mails.hit(email)
        if count.exceeded:
            raise mail_limited(seconds_until(count.resets_at, self._clock.now()))

    async def _caller(self, request: Request) -> Caller:
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            raise no_authorization()
        return await self._access.caller(match[1])

    def _count(self, window: Window, name: str, request: Request) -> None:
        if self._attempts is None:
            return
        count = window.hit(f"{name}:{client_of(request)}")
        if count.exceeded:
            raise rate_limited(seconds_until(count.resets_at, self._clock.now()))


def prefix_of(request: Request) -> str:
    """Where the dialect was asked: at the root or where Supabase's gateway has it."""
    return MOUNT if request.url.path.startswith(f"{MOUNT}/") else ""


def parameter(request: Request, name: str) -> str:
    """A parameter of the query; of several the first, as Go reads them, and empty where there is none."""
    return next(iter(request.query_params.getlist(name)), "")


async def _answered(request: Request, answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except GoTrueRefusal as refusal:
        return refusal.response(request)
    except GuessedTooOften as error:
        return rate_limited(error.retry_after).response(request)
    except HashingBusy:
        return timed_out().response(request)
    except TooLarge:
        return too_large(_BODY_LIMIT).response(request)
    except BodyMalformed as error:
        return bad_json(error.message).response(request)
