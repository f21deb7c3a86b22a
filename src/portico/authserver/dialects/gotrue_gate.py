"""The way of a request through GoTrue: bearer token, user, session, rate limit, and only then the handler.

Source: `internal/api/auth.go` and `internal/api/middleware.go` of `supabase/auth`.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.authserver.body import BodyMalformed, read_json
from portico.authserver.dialects.gotrue_errors import (
    GoTrueRefusal,
    bad_json,
    bad_jwt,
    no_authorization,
    rate_limited,
    session_not_found,
    timed_out,
    too_large,
)
from portico.authserver.dialects.gotrue_schema import Fields, Shape
from portico.authserver.dialects.gotrue_sessions import Session, Sessions
from portico.authserver.dialects.gotrue_users import User, Users
from portico.authserver.limits import Count, Window, client_key
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.signing import TokenInvalid
from portico.errors import TooLarge

MOUNT = "/auth/v1"

_BODY_LIMIT = 1024 * 1024
_BEARER = re.compile(r"bearer (\S+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A request's user and session, as its bearer token names them."""

    user: User
    session: Session


Handler = Callable[[Request], Awaitable[Response]]
CallerHandler = Callable[[Request, Caller], Awaitable[Response]]


class Gate:
    """Lets requests through to handlers, and turns every refusal into GoTrue's error body."""

    def __init__(self, services: Services, users: Users, sessions: Sessions) -> None:
        self._clock = services.clock
        self._signer = services.signer
        self._users = users
        self._sessions = sessions
        self._attempts = services.attempts
        known = services.settings.gotrue
        self._tokens = Window(services.clock, known.token_attempts, known.token_interval)
        self._forms = Window(services.clock, known.form_attempts, known.form_interval)

    def routes(self, method: str, path: str, handler: Handler) -> list[Route]:
        """The route at the root, where GoTrue has it, and where Supabase's gateway has it."""

        async def endpoint(request: Request) -> Response:
            return await _answered(request, handler(request))

        return [Route(prefix + path, endpoint, methods=[method]) for prefix in ("", MOUNT)]

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

    def admit(self, account: str, request: Request) -> None:
        """Refuse to try one more password on an account that was guessed at too often, in any dialect."""
        count = self._attempts.admit(account, _address(request)) if self._attempts else None
        if count is not None:
            raise self._too_many(count)

    def signed_in(self, account: str, request: Request) -> None:
        """The password was right: its wrong ones are forgotten, its client is remembered."""
        if self._attempts is not None:
            self._attempts.succeeded(account, _address(request))

    def seconds_until(self, moment: datetime) -> int:
        """Whole seconds to wait, at least one."""
        return max(ceil((moment - self._clock.now()).total_seconds()), 1)

    async def _caller(self, request: Request) -> Caller:
        """Checked in GoTrue's order: header, signature, claims, user, session, ban."""
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        if match is None:
            raise no_authorization()
        try:
            claims = self._signer.verify(match[1])
        except TokenInvalid as error:
            raise bad_jwt(f"invalid JWT: unable to parse or verify signature, {error.message}") from error
        if not claims.get("sub"):
            raise bad_jwt("invalid claim: missing sub claim")
        user_id = _uuid(claims, "sub", status=400)
        session_id = _uuid(claims, "session_id", status=403)
        user = await self._users.by_uuid(user_id)
        if user is None:
            raise GoTrueRefusal(403, "user_not_found", "User from sub claim in JWT does not exist")
        session = await self._sessions.find(session_id)
        if session is None or session.user_id != user.account.id:
            raise session_not_found()
        if user.account.blocked:
            raise GoTrueRefusal(403, "user_banned", "User is banned")
        return Caller(user=user, session=session)

    def _count(self, window: Window, name: str, request: Request) -> None:
        if self._attempts is None:
            return
        count = window.hit(f"{name}:{_address(request)}")
        if count.exceeded:
            raise self._too_many(count)

    def _too_many(self, count: Count) -> GoTrueRefusal:
        return rate_limited(self.seconds_until(count.resets_at))


def parameter(request: Request, name: str) -> str:
    """A parameter of the query; of several the first, as Go reads them, and empty where there is none."""
    return next(iter(request.query_params.getlist(name)), "")


def _address(request: Request) -> str:
    """The client, as the connection shows it; no header can change it."""
    return client_key(request.client.host if request.client else "")


def _uuid(claims: dict[str, object], name: str, *, status: int) -> UUID:
    try:
        return UUID(str(claims.get(name)))
    except ValueError as error:
        raise GoTrueRefusal(status, "bad_jwt", f"invalid claim: {name} claim must be a UUID") from error


async def _answered(request: Request, answer: Awaitable[Response]) -> Response:
    try:
        return await answer
    except GoTrueRefusal as refusal:
        return refusal.response(request)
    except HashingBusy:
        return timed_out().response(request)
    except TooLarge:
        return too_large(_BODY_LIMIT).response(request)
    except BodyMalformed as error:
        return bad_json(error.message).response(request)
