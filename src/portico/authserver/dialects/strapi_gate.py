"""The way of a request through Strapi: body, bearer token, role, rate limit, and only then the handler.

Source: `strategies/users-permissions.js` and `middlewares/rateLimit.js` of
`@strapi/plugin-users-permissions` 5.54, `services/auth` of `@strapi/core`.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.authserver.accounts import User
from portico.authserver.body import BodyMalformed, read_body
from portico.authserver.dialects.strapi_errors import (
    StrapiRefusal,
    forbidden,
    malformed,
    not_found,
    rate_limited,
    too_large,
    unauthorized,
    unavailable,
)
from portico.authserver.limits import client_of
from portico.authserver.moments import seconds_until, to_seconds
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.settings import JwtManagement
from portico.authserver.tokens import AccessToken
from portico.errors import TooLarge

_BODY_LIMIT = 1024 * 1024


class Role(Enum):
    """Who a route is open to. Strapi's default roles exclude each other: a token closes the public routes."""

    PUBLIC = auto()
    AUTHENTICATED = auto()
    ANYONE_WITH_TOKEN = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A request's user, as its bearer token names it."""

    user: User
    session_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A request that may be made: what is in it, and who sent it."""

    request: Request
    body: object
    caller: Caller | None

    @property
    def user(self) -> User:
        """The signed-in user, on routes that are open to nobody else."""
        if self.caller is None:
            raise forbidden()
        return self.caller.user

    @property
    def address(self) -> str:
        """Who is counted."""
        return client_of(self.request)


Handler = Callable[[Call], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers, and turns every refusal into Strapi's envelope."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._clock = services.clock
        self._accounts = services.accounts
        self._tokens = services.tokens
        self._attempts = services.attempts

    def route(self, method: str, path: str, role: Role, handler: Handler) -> Route:
        """A route that is open to `role`."""

        async def way(request: Request) -> Response:
            body = await read_body(request, _BODY_LIMIT) if method == "POST" else {}
            caller = await self._permit(request, role)
            return await handler(Call(request=request, body=body, caller=caller))

        async def endpoint(request: Request) -> Response:
            return await _answered(way(request))

        return Route(path, endpoint, methods=[method])

    def renewable(self, handler: Handler) -> Handler:
        """Let the handler exist only where there are refresh tokens."""

        async def checked(call: Call) -> Response:
            if self._settings.jwt_management is not JwtManagement.REFRESH:
                raise not_found()
            return await handler(call)

        return checked

    def limited(self, handler: Handler) -> Handler:
        """Count the request against its client's limit and say in every answer where the count stands."""
        if self._attempts is None:
            return handler
        attempts = self._attempts

        async def counted(call: Call) -> Response:
            count = attempts.hit(call.request.url.path, call.address)
            if count.exceeded:
                retry_after = seconds_until(count.resets_at, self._clock.now())
                answer: Response = rate_limited(retry_after).response()
            else:
                answer = await _answered(handler(call))
            answer.headers["X-RateLimit-Limit"] = str(count.limit)
            answer.headers["X-RateLimit-Remaining"] = str(count.remaining)
            answer.headers["X-RateLimit-Reset"] = str(to_seconds(count.resets_at))
            return answer

        return counted

    async def _permit(self, request: Request, role: Role) -> Caller | None:
        """The caller that `role` asks for. A token that is no good is refused wherever it is sent."""
        token = _bearer(request)
        caller = None if token is None else await self._caller(token)
        match role, caller:
            case (Role.PUBLIC, None) | (Role.AUTHENTICATED | Role.ANYONE_WITH_TOKEN, Caller()):
                return caller
            case Role.ANYONE_WITH_TOKEN, _:
                raise unauthorized()
            case _:
                raise forbidden()

    async def _caller(self, token: str) -> Caller:
        access = self._read_access(token)
        if access is None:
            raise unauthorized()
        user = await self._accounts.by_id(access.user_id)
        if user is None:
            raise unauthorized()
        if user.blocked or (self._settings.email_confirmation and not user.confirmed):
            raise unauthorized("Invalid credentials")
        return Caller(user=user, session_id=access.session_id)

    def _read_access(self, token: str) -> AccessToken | None:
        legacy = self._settings.jwt_management is JwtManagement.LEGACY
        return self._tokens.read_legacy(token) if legacy else self._tokens.read_access(token)


def _bearer(request: Request) -> str | None:
    """The token of an Authorization header of exactly two words; every other header counts as none."""
    words = re.split(r"\s+", request.headers.get("authorization", ""))
    return words[1] if len(words) == 2 and words[0].lower() == "bearer" else None


async def _answered(answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except StrapiRefusal as refusal:
        return refusal.response()
    except GuessedTooOften as error:
        return rate_limited(error.retry_after).response()
    except HashingBusy:
        return unavailable().response()
    except TooLarge:
        return too_large().response()
    except BodyMalformed as error:
        return malformed(error.message).response()
