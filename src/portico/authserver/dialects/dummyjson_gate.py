"""The way of a request through DummyJSON: rate limit, access token, session, user, then the handler.

Source: `src/middleware` and `src/utils/jwt.js` of `Ovi/DummyJSON`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.authserver.accounts import User
from portico.authserver.body import BodyMalformed, read_body
from portico.authserver.dialects.dummyjson_errors import (
    DummyJsonRefusal,
    bad_request,
    dead_refresh_token,
    dead_token,
    expired_token,
    forged_token,
    no_token,
    rate_limited,
    too_large,
    unavailable,
    wrong_password,
)
from portico.authserver.fault_kinds import RefreshPolicy
from portico.authserver.interference import current
from portico.authserver.limits import Window, client_of
from portico.authserver.moments import seconds_until, to_seconds
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.sessions import Session, Sessions
from portico.authserver.signing import TokenExpired, TokenInvalid, TokenMalformed
from portico.errors import TooLarge

MOUNT = "/dummyjson"
#: How long a sign-in lasts that nobody ends; its tokens cannot outlive it.
LONGEST = timedelta(days=30)

_BODY_LIMIT = 300 * 1024
_ACCESS, _REFRESH = "dummyjson access", "dummyjson refresh"  # what tells them apart, and from others (P85)
_REQUESTS, _INTERVAL = 100, timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A request's user and session, as its access token names them."""

    user: User
    session: Session


Handler = Callable[[Request], Awaitable[Response]]
CallerHandler = Callable[[Request, Caller], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers, turns every refusal into `{message}`, and issues the tokens."""

    def __init__(self, services: Services, sessions: Sessions) -> None:
        self._settings = services.settings
        self._clock = services.clock
        self._signer = services.signer
        self._accounts = services.accounts
        self._sessions = sessions
        self._requests = Window(services.clock, _REQUESTS, _INTERVAL)

    def open(self, method: str, path: str, handler: Handler) -> Route:
        """A route for everybody."""

        async def endpoint(request: Request) -> Response:
            return await _answered(self._counted(request, handler))

        return Route(MOUNT + path, endpoint, methods=[method])

    def closed(self, method: str, path: str, handler: CallerHandler) -> Route:
        """A route for the access token of a living session alone."""

        async def checked(request: Request) -> Response:
            return await handler(request, await self._caller(request))

        return self.open(method, path, checked)

    async def fields(self, request: Request) -> Mapping[str, object]:
        """The body, JSON or a form; of a list nothing. Raises `BodyMalformed` and `TooLarge`."""
        body = await read_body(request, _BODY_LIMIT)
        return body if isinstance(body, dict) else {}

    def access_token(self, session: Session, lifetime: timedelta) -> str:
        """A token that opens the closed routes while its session lives."""
        return self._token(_ACCESS, session, lifetime)

    def refresh_token(self, session: Session) -> str:
        """A token that renews the access token as often as one likes, while its session lives."""
        return self._token(_REFRESH, session, LONGEST)

    async def refreshes(self, token: str) -> Session:
        """The session of a refresh token, or, where a fault makes it good once, the one that follows.

        Raises `dead_refresh_token`.
        """
        try:
            if current().refresh in (RefreshPolicy.STRICT, RefreshPolicy.FAMILY):
                return await self._rotated(token)
            return (await self._named(token, _REFRESH)).session
        except (DummyJsonRefusal, TokenInvalid) as error:
            raise dead_refresh_token() from error

    def check_state(self, user: User) -> None:
        """Raises `wrong_password` for an account that may not sign in: DummyJSON knows no such state."""
        if user.blocked or (self._settings.email_confirmation and not user.confirmed):
            raise wrong_password()

    def _token(self, kind: str, session: Session, lifetime: timedelta) -> str:
        now = self._clock.now()
        ends = min(now + lifetime, session.expires_at)
        claims = {"type": kind, "sessionId": session.session_id}
        says = {**claims, "iat": to_seconds(now), "exp": to_seconds(ends)}
        return self._signer.sign(says, renews=kind == _REFRESH)

    async def _caller(self, request: Request) -> Caller:
        """By the header, with or without `Bearer`, or else by the cookie."""
        given = request.headers.get("authorization") or request.cookies.get("accessToken")
        if not given:
            raise no_token()
        try:
            return await self._named(given.replace("Bearer ", "", 1), _ACCESS)
        except TokenExpired as error:
            raise expired_token() from error
        except TokenMalformed as error:
            raise dead_token() from error
        except TokenInvalid as error:
            raise forged_token() from error

    async def _rotated(self, token: str) -> Session:
        session = await self._sessions.rotate(self._session_id(token, _REFRESH))
        if session is None:
            raise dead_refresh_token()
        return session

    def _session_id(self, token: str, kind: str) -> str:
        """Raises `TokenInvalid`, and `dead_token` for what was signed here for something else."""
        claims = self._signer.verify(token)
        session_id = claims.get("sessionId")
        if claims.get("type") != kind or not isinstance(session_id, str):
            raise dead_token()
        return session_id

    async def _named(self, token: str, kind: str) -> Caller:
        """Raises `TokenInvalid`, and `dead_token` for what was signed here and opens nothing (any more)."""
        session = await self._sessions.active(self._session_id(token, kind))
        user = await self._accounts.by_id(session.user_id) if session else None
        if session is None or user is None:
            raise dead_token()
        try:
            self.check_state(user)
        except DummyJsonRefusal as error:
            raise dead_token() from error
        return Caller(user=user, session=session)

    async def _counted(self, request: Request, handler: Handler) -> Response:
        """Count a request against its client, whatever is in it. Raises `rate_limited`."""
        if self._settings.rate_limit is not None:
            count = self._requests.hit(client_of(request))
            if count.exceeded:
                raise rate_limited(seconds_until(count.resets_at, self._clock.now()))
        return await handler(request)


async def _answered(answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except DummyJsonRefusal as refusal:
        return refusal.response()
    except GuessedTooOften as error:
        return rate_limited(error.retry_after).response()
    except HashingBusy:
        return unavailable().response()
    except TooLarge:
        return too_large().response()
    except BodyMalformed as error:
        return bad_request(error.message).response()
