"""The dialect that a file describes: an API as a builder has it, over the same accounts and sessions.

Passwords, limits and sessions are those of the other dialects (P66, P67, P69, P72); the file says names,
places and words alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as Served

from portico.authserver.accounts import Taken, User
from portico.authserver.body import FORM, BodyMalformed, read_body
from portico.authserver.dialects.imitation import Data, Imitation, Json, Refusal, Reply, Route
from portico.authserver.dialects.imitation_templates import filled, text
from portico.authserver.dialects.imitation_tokens import ImitationTokens, Named
from portico.authserver.endpoints import Endpoint, Role
from portico.authserver.limits import client_of
from portico.authserver.moments import from_ms, iso, seconds_until, to_seconds
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.sessions import Session, Sessions
from portico.authserver.settings import NewAccount
from portico.errors import PorticoError, TooLarge
from portico.values import Secret, new_id

_BODY_LIMIT = 1 << 20
_MESSAGES = {
    Refusal.WRONG_PASSWORD: "Wrong name or password.",
    Refusal.NO_TOKEN: "A token is missing.",
    Refusal.DEAD_TOKEN: "The token is not valid any more.",
    Refusal.DEAD_REFRESH: "The refresh token is not valid any more.",
    Refusal.BLOCKED: "This account is blocked.",
    Refusal.TAKEN: "There is such an account already.",
    Refusal.NOT_FOUND: "There is nothing here.",
    Refusal.TOO_MANY: "Too many attempts.",
    Refusal.FAILED: "Something went wrong on the server.",
}
#: As long as sessions last whose tokens renew themselves.
_FOREVER = timedelta(days=3650)


class Refused(PorticoError):
    """A request that is answered with a refusal of the file."""

    code = "imitation_refused"

    def __init__(self, name: str, message: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message=message or _MESSAGES.get(name, "The request cannot be used."))
        self.name = name
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A request's user and session, as a token names them. A token can outlive its session."""

    user: User
    session: Session | None
    token: str


@final
class Imitated:
    """The dialect over one server's services."""

    def __init__(self, imitation: Imitation, services: Services) -> None:
        self._imitation = imitation
        self._settings = services.settings
        self._clock = services.clock
        self._accounts = services.accounts
        self._check = services.password_check
        self._attempts = services.attempts
        idle, maximum = _lifetimes(imitation, services.settings.refresh_max_lifetime)
        self._sessions = Sessions(services.database, services.clock, idle=idle, maximum=maximum)
        self._tokens = ImitationTokens(imitation, services.signer, services.clock)

    def routes(self) -> list[Served]:
        """Every endpoint of the file; several may share a path, told apart by the query."""
        does: Mapping[Role, Callable[[Request, Route], Awaitable[Response]]] = {
            Role.SIGN_IN: self._sign_in,
            Role.SIGN_UP: self._sign_up,
            Role.REFRESH: self._refresh,
            Role.ME: self._me,
            Role.SIGN_OUT: self._sign_out,
            Role.RECOVER: self._recover,
        }
        places = {(route.method, route.path) for route in self._imitation.routes}
        served = [self._served(method, path, does) for method, path in sorted(places)]
        return [*served, *(self._shown(data) for data in self._imitation.data)]

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where it has which role, for faults. A token that renews itself says on the way whose it is, where
        the API has nothing else that does."""
        routes = self._imitation.routes
        found = [(route.role, route) for route in routes]
        if not any(route.role is Role.ME for route in routes):
            found += [(Role.ME, route) for route in routes if route.role is Role.REFRESH]
        return tuple(
            Endpoint(
                role=role,
                method=route.method,
                path=route.path,
                parameter=next(iter(route.query.items()), None),
            )
            for role, route in found
        )

    def refuse(self, _: Request, status: int, message: str) -> Response:
        """An answer with this status, in the shape of the file's errors."""
        reply = replace(self._imitation.refusal(Refusal.FAILED), status=status)
        return _answer(reply, {"message": message, "status": status})

    def refused(self, error: Exception) -> Response:
        """What a request is answered that no route takes, or when something breaks inside."""
        is_nowhere = isinstance(error, HTTPException)
        return self._refusal(Refused(Refusal.NOT_FOUND if is_nowhere else Refusal.FAILED))

    # Endpoints

    async def _sign_in(self, request: Request, route: Route) -> Response:
        fields = await _fields(request, route)
        login, password = (_word(fields, route, name) for name in ("login", "password"))
        credentials = await self._accounts.find(login)
        address = client_of(request)
        credentials = await self._check.passes(credentials, Secret(password), name=login, address=address)
        if credentials is None:
            raise Refused(Refusal.WRONG_PASSWORD)
        self._check_state(credentials.user)
        session = await self._sessions.start(
            credentials.user.id, device_id=new_id(), password_hash=credentials.password_hash
        )
        if session is None:
            raise Refused(Refusal.WRONG_PASSWORD)  # it was right when it was checked, and is no more
        return self._signed_in(route, credentials.user, session)

    async def _sign_up(self, request: Request, route: Route) -> Response:
        fields = await _fields(request, route)
        email, password = (_word(fields, route, name) for name in ("email", "password"))
        username = _word(fields, route, "username") if "username" in route.fields else email
        if "@" not in email:
            raise Refused(Refusal.BAD_REQUEST, f"{route.fields['email']} is no e-mail address.")
        new = NewAccount(
            username=username,
            email=email,
            password=Secret(password),
            confirmed=not self._settings.email_confirmation,
        )
        try:
            user = await self._accounts.add(new)
        except Taken as error:
            raise Refused(Refusal.TAKEN) from error
        session = await self._sessions.start(user.id, device_id=new_id())
        if session is None:
            raise Refused(Refusal.FAILED)
        return self._signed_in(route, user, session)

    async def _refresh(self, request: Request, route: Route) -> Response:
        if route.by == "access_token":
            caller = await self._caller(request)
            if self._imitation.slides is not None:
                return _answer(route.reply, self._told(caller))
            session_id = caller.session.session_id if caller.session else ""
        else:
            session_id = (await self._named_to_renew(request, route)).session_id
        session = await self._renewed(session_id)
        user = await self._accounts.by_id(session.user_id) if session else None
        if session is None or user is None or self._is_closed(user):
            raise Refused(Refusal.DEAD_REFRESH)
        return self._signed_in(route, user, session)

    async def _me(self, request: Request, route: Route) -> Response:
        return _answer(route.reply, self._told(await self._caller(request)))

    async def _sign_out(self, request: Request, route: Route) -> Response:
        if route.by == "access_token":
            caller = await self._caller(request)
            if route.fields:
                _word(await _fields(request, route), route, "refresh_token")
        else:
            caller = await self._ended(await self._named_to_renew(request, route))
        if caller.session is not None:
            await self._sessions.revoke_device(caller.user.id, caller.session.device_id or "")
        return _answer(route.reply, self._values(caller.user))

    async def _recover(self, request: Request, route: Route) -> Response:
        """The same to everybody (P66). What would follow, a mail and a page, is the API's own."""
        _word(await _fields(request, route), route, "email")
        return _answer(route.reply, {})

    # Their parts

    def _served(
        self,
        method: str,
        path: str,
        does: Mapping[Role, Callable[[Request, Route], Awaitable[Response]]],
    ) -> Served:
        routes = [each for each in self._imitation.routes if (each.method, each.path) == (method, path)]

        async def endpoint(request: Request) -> Response:
            query = dict(request.query_params)
            for route in routes:
                if route.query.items() <= query.items():
                    return await self._answered(request, route, does[route.role])
            raise Refused(Refusal.NOT_FOUND)

        return self._route(method, path, endpoint)

    def _shown(self, data: Data) -> Served:
        async def endpoint(request: Request) -> Response:
            values = {} if data.public else self._values((await self._caller(request)).user)
            return _answer(data.reply, values)

        return self._route(data.method, data.path, endpoint)

    def _route(self, method: str, path: str, handler: Callable[[Request], Awaitable[Response]]) -> Served:
        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except Refused as refused:
                return self._refusal(refused)

        return Served(path, answered, methods=[method])

    async def _answered(
        self, request: Request, route: Route, does: Callable[[Request, Route], Awaitable[Response]]
    ) -> Response:
        """What an endpoint answers, its own refusals among it."""
        try:
            if route.role in (Role.SIGN_IN, Role.SIGN_UP, Role.RECOVER):
                self._count(route.path, request)
            return await does(request, route)
        except Refused as refused:
            return self._refusal(refused, route)
        except GuessedTooOften as error:
            return self._refusal(Refused(Refusal.TOO_MANY, retry_after=error.retry_after), route)
        except HashingBusy:
            return self._refusal(Refused(Refusal.TOO_MANY, retry_after=1), route)
        except (BodyMalformed, TooLarge) as error:
            return self._refusal(Refused(Refusal.BAD_REQUEST, error.message), route)

    def _refusal(self, refused: Refused, route: Route | None = None) -> Response:
        reply = self._imitation.refusal(refused.name, route)
        answer = _answer(reply, {"message": refused.message, "status": reply.status})
        if refused.retry_after is not None:
            answer.headers["Retry-After"] = str(refused.retry_after)
        return answer

    async def _caller(self, request: Request) -> Caller:
        token = self._carried(request)
        if not token:
            raise Refused(Refusal.NO_TOKEN)
        named = self._tokens.read(token, "access")
        session = await self._alive(named.session_id) if named else None
        user = await self._accounts.by_id(named.user_id) if named else None
        ended = session is None and not self._imitation.outlives_sign_out
        if ended or user is None or self._is_closed(user):
            raise Refused(Refusal.DEAD_TOKEN)
        return Caller(user=user, session=session, token=token)

    async def _alive(self, session_id: str) -> Session | None:
        if self._imitation.slides is None:
            return await self._sessions.known(session_id)
        return await self._sessions.prolonged(session_id, after=self._imitation.slides)

    async def _named_to_renew(self, request: Request, route: Route) -> Named:
        """What the refresh token of a request names."""
        given = (await _fields(request, route)).get(route.fields.get("refresh_token", ""))
        token = given if isinstance(given, str) else request.cookies.get(self._imitation.refresh_cookie, "")
        if not token:
            raise Refused(Refusal.BAD_REQUEST, "The refresh token is missing.")
        named = self._tokens.read(token, "refresh")
        if named is None:
            raise Refused(Refusal.DEAD_REFRESH)
        return named

    async def _ended(self, named: Named) -> Caller:
        """Whose a sign-in is that ends, as its refresh token names it."""
        session = await self._sessions.active(named.session_id)
        user = await self._accounts.by_id(named.user_id)
        if session is None or user is None:
            raise Refused(Refusal.DEAD_REFRESH)
        return Caller(user=user, session=session, token="")

    def _carried(self, request: Request) -> str:
        carrying = self._imitation.carrying
        header = request.headers.get(carrying.header, "") if carrying.header else ""
        if carrying.scheme:
            scheme, _, token = header.partition(" ")
            header = token.strip() if scheme.lower() == carrying.scheme.lower() else ""
        return header or (request.cookies.get(carrying.cookie, "") if carrying.cookie else "")

    async def _renewed(self, session_id: str) -> Session | None:
        if self._imitation.rotates:
            return await self._sessions.rotate(session_id)
        return await self._sessions.active(session_id)

    def _is_closed(self, user: User) -> bool:
        return user.blocked or (self._settings.email_confirmation and not user.confirmed)

    def _check_state(self, user: User) -> None:
        if self._is_closed(user):
            raise Refused(Refusal.BLOCKED)

    def _signed_in(self, route: Route, user: User, session: Session) -> Response:
        values = self._values(user)
        issued = self._tokens.issue(user, session, values)
        tokens: dict[str, Json] = {"access_token": issued.access, "refresh_token": issued.refresh}
        return _answer(route.reply, values | tokens | _times(issued.expires_at, issued.lifetime))

    def _told(self, caller: Caller) -> dict[str, Json]:
        """What can be said to whoever has a token: the token itself and, where that is the session's, when it
        ends."""
        values = self._values(caller.user) | {"access_token": caller.token}
        if caller.session is None or self._imitation.slides is None:
            return values
        ends = caller.session.expires_at
        return values | _times(to_seconds(ends), (ends - self._clock.now()) // timedelta(seconds=1))

    def _values(self, user: User) -> dict[str, Json]:
        values: dict[str, Json] = {
            "id": user.id,
            "id_text": str(user.id),
            "uuid": user.document_id,
            "email": user.email,
            "username": user.username,
            "role": user.role or "user",
            "created_on": iso(user.created_at),
        }
        return values | {"user": filled(self._imitation.user, values)}

    def _count(self, path: str, request: Request) -> None:
        """Count an attempt against its client, whatever is in it (P69)."""
        if self._attempts is None:
            return
        count = self._attempts.hit(path, client_of(request))
        if count.exceeded:
            wait = seconds_until(count.resets_at, self._clock.now())
            raise Refused(Refusal.TOO_MANY, retry_after=wait)


def _lifetimes(imitation: Imitation, longest: timedelta) -> tuple[timedelta, timedelta]:
    """How long a session lasts unused, and at most."""
    if imitation.slides is not None:
        return imitation.access_lifetime, _FOREVER
    if any(route.role is Role.REFRESH and route.by == "access_token" for route in imitation.routes):
        return _FOREVER, _FOREVER
    return imitation.refresh_lifetime, max(imitation.refresh_lifetime, imitation.access_lifetime, longest)


def _times(ends: int, lasts: int) -> dict[str, Json]:
    return {"expires_in": lasts, "expires_at": ends, "expires_on": iso(from_ms(ends * 1000))}


async def _fields(request: Request, route: Route) -> Mapping[str, object]:
    """What a request brings; nothing where it is not written as the endpoint takes it."""
    body = await read_body(request, _BODY_LIMIT)
    written = "form" if request.headers.get("content-type", "").startswith(FORM) else "json"
    return body if isinstance(body, dict) and route.takes in ("any", written) else {}


def _word(fields: Mapping[str, object], route: Route, name: str) -> str:
    """A text that the request must bring. The refusal repeats no value: it may be a password."""
    called = route.fields.get(name, name)
    value = fields.get(called)
    if not isinstance(value, str) or not value:
        raise Refused(Refusal.BAD_REQUEST, f"{called} is missing, or no text.")
    return value


def _answer(reply: Reply, values: Mapping[str, Json]) -> Response:
    if reply.has_body:
        answer: Response = JSONResponse(filled(reply.body, values), status_code=reply.status)
    else:
        answer = Response(status_code=reply.status)
    for name, template in reply.headers.items():
        answer.headers[name] = text(template, values)
    for name, template in reply.cookies.items():
        if value := text(template, values):
            answer.set_cookie(name, value, httponly=True, samesite="lax")
        else:
            answer.delete_cookie(name)
    return answer
