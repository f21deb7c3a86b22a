"""The way of a request through the plain API: rate limit, bearer token, session, user, then the handler."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.authserver.accounts import User
from portico.authserver.body import BodyMalformed, read_json
from portico.authserver.dialects.gotrue_access import Access
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal
from portico.authserver.dialects.gotrue_sessions import Sessions as GoTrueSessions
from portico.authserver.dialects.plain_errors import (
    PlainRefusal,
    bad_request,
    dead_token,
    forbidden,
    no_token,
    rate_limited,
    too_large,
    unavailable,
)
from portico.authserver.limits import client_of
from portico.authserver.moments import seconds_until, to_seconds
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.sessions import Session
from portico.authserver.signing import TokenInvalid
from portico.errors import TooLarge

MOUNT = "/plain"

_BODY_LIMIT = 64 * 1024
_BEARER = re.compile(r"bearer (\S+)", re.IGNORECASE)
_TYPE = "plain"  # what tells its tokens from those of other dialects, which the same key signs (P85)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Whose a bearer token is, and what ends its sign-in: False where another request was faster."""

    user: User
    revoke: Callable[[], Awaitable[bool]]


Handler = Callable[[Request], Awaitable[Response]]
CallerHandler = Callable[[Caller], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers, turns every refusal into `{message}`, and issues the tokens.

    It also takes access tokens of GoTrue, as an API behind an identity provider does.
    """

    def __init__(self, services: Services, access: Access, provider: GoTrueSessions) -> None:
        self._access = access
        self._provider = provider
        self._settings = services.settings
        self._clock = services.clock
        self._signer = services.signer
        self._accounts = services.accounts
        self._sessions = services.sessions
        self._attempts = services.attempts

    def open(self, method: str, path: str, handler: Handler) -> Route:
        """A route for everybody, each as often as the limit says."""

        async def counted(request: Request) -> Response:
            self._count(path, request)
            return await handler(request)

        return _route(method, path, counted)

    def closed(self, method: str, path: str, handler: CallerHandler) -> Route:
        """A route for the token of a living session alone."""

        async def checked(request: Request) -> Response:
            return await handler(await self._caller(request))

        return _route(method, path, checked)

    async def body(self, request: Request) -> object:
        """The body. Raises `BodyMalformed` and `TooLarge`."""
        return await read_json(request, _BODY_LIMIT)

    def token(self, session: Session) -> str:
        """A token that opens the closed routes while its session lives; its own end is no later."""
        ends = min(session.created_at + self._settings.plain.access_lifetime, session.expires_at)
        return self._signer.sign(
            {
                "type": _TYPE,
                "sessionId": session.session_id,
                "iat": to_seconds(session.created_at),
                "exp": to_seconds(ends),
            }
        )

    def check_state(self, user: User) -> None:
        """Raises `forbidden` for an account that may not sign in, whatever its password."""
        if user.blocked:
            raise forbidden("This account is blocked.")
        if self._settings.email_confirmation and not user.confirmed:
            raise forbidden("The e-mail address of this account is not confirmed.")

    async def _caller(self, request: Request) -> Caller:
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            raise no_token()
        caller = await self._own(match[1]) or await self._provided(match[1])
        if caller is None:
            raise dead_token()
        try:
            self.check_state(caller.user)
        except PlainRefusal as error:
            raise dead_token() from error
        return caller

    async def _own(self, token: str) -> Caller | None:
        """Whose a token of this dialect is."""
        session_id = self._read(token)
        session = await self._sessions.active(session_id) if session_id else None
        user = await self._accounts.by_id(session.user_id) if session else None
        if session is None or user is None:
            return None
        return Caller(user=user, revoke=lambda: self._sessions.revoke(user.id, session.session_id))

    async def _provided(self, token: str) -> Caller | None:
        """Whose an access token of GoTrue is."""
        try:
            caller = await self._access.caller(token)
        except GoTrueRefusal:
            return None
        session_id = caller.session.session_id
        return Caller(user=caller.user.account, revoke=lambda: self._provider.end(session_id))

    def _read(self, token: str) -> str | None:
        """The id of the session that a token of this dialect names."""
        try:
            claims = self._signer.verify(token)
        except TokenInvalid:
            return None
        match claims:
            case {"type": type_, "sessionId": str(session_id)} if type_ == _TYPE:
                return session_id
            case _:
                return None

    def _count(self, path: str, request: Request) -> None:
        """Count a request against its client, whatever is in it. Raises `rate_limited`."""
        if self._attempts is None:
            return
        count = self._attempts.hit(MOUNT + path, client_of(request))
        if count.exceeded:
            raise rate_limited(seconds_until(count.resets_at, self._clock.now()))


def _route(method: str, path: str, handler: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        return await _answered(handler(request))

    return Route(MOUNT + path, endpoint, methods=[method])


async def _answered(answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except PlainRefusal as refusal:
        return refusal.response()
    except GuessedTooOften as error:
        return rate_limited(error.retry_after).response()
    except HashingBusy:
        return unavailable().response()
    except TooLarge:
        return too_large(_BODY_LIMIT).response()
    except BodyMalformed as error:
        return bad_request(f"The body is not JSON: {error.message}.").response()
