"""Strapi 5's users-permissions API: the routes, who may call them, and what they answer.

Source: `controllers/auth.js`, `strategies/users-permissions.js`, `middlewares/rateLimit.js` of
`@strapi/plugin-users-permissions` 5.54 and `services/session-manager.js` of `@strapi/core`;
`tests/backends/test_dialect_strapi.py` asks both the same. It differs where Strapi is careless: no body at
all is 400 and not 500, sign-ups are counted by client and not by the address that they name, and 429 says
`Retry-After`.
"""

from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.accounts import Taken, User
from portico.authserver.dialects import strapi_schema as schema
from portico.authserver.dialects.strapi_cookie import RefreshCookie
from portico.authserver.dialects.strapi_errors import (
    application_error,
    bad_request,
    not_found,
    unauthorized,
    validation_error,
)
from portico.authserver.dialects.strapi_gate import Call, Gate, Role
from portico.authserver.moments import iso
from portico.authserver.services import Services
from portico.authserver.sessions import Session
from portico.authserver.settings import JwtManagement, NewAccount
from portico.values import Secret, new_id

_WRONG = "Invalid identifier or password"


class Strapi:
    """The dialect over one server's services."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._accounts = services.accounts
        self._check = services.password_check
        self._sessions = services.sessions
        self._tokens = services.tokens
        self._gate = Gate(services)
        self._cookie = RefreshCookie(services.signer)
        self._secret_message = new_id()

    def routes(self) -> list[Route]:
        """Every route of the dialect."""
        gate, renewable = self._gate, self._gate.renewable
        return [
            gate.route("POST", "/api/auth/local", Role.PUBLIC, gate.limited(self._sign_in)),
            gate.route("POST", "/api/auth/local/register", Role.PUBLIC, gate.limited(self._register)),
            gate.route(
                "POST",
                "/api/auth/change-password",
                Role.AUTHENTICATED,
                gate.limited(self._change_password),
            ),
            gate.route("POST", "/api/auth/refresh", Role.PUBLIC, renewable(self._refresh)),
            gate.route("POST", "/api/auth/logout", Role.AUTHENTICATED, renewable(self._log_out)),
            gate.route("GET", "/api/auth/sessions", Role.AUTHENTICATED, renewable(self._list_sessions)),
            gate.route(
                "DELETE",
                "/api/auth/sessions/{session_id}",
                Role.AUTHENTICATED,
                renewable(self._revoke_session),
            ),
            gate.route("GET", "/api/users/me", Role.AUTHENTICATED, self._me),
            gate.route("GET", "/api/secure", Role.ANYONE_WITH_TOKEN, self._secure),
            Route("/_health", _health, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ]

    # Signing in and up

    async def _sign_in(self, call: Call) -> Response:
        login = schema.login(call.body)
        credentials = await self._accounts.find(login.identifier)
        credentials = await self._check.passes(
            credentials, Secret(login.password), name=login.identifier, address=call.address
        )
        if credentials is None:
            raise validation_error(_WRONG)
        user = credentials.user
        if self._settings.email_confirmation and not user.confirmed:
            raise application_error("Your account email is not confirmed")
        if user.blocked:
            raise application_error("Your account has been blocked by an administrator")
        return await self._signed_in(
            user,
            device_id=login.device_id,
            cookie=self._wants_cookie(call.request),
            password_hash=credentials.password_hash,
        )

    async def _register(self, call: Call) -> Response:
        registration = schema.registration(call.body)
        taken = application_error("Email or Username are already taken")
        if await self._accounts.is_taken(registration.username, registration.email):
            raise taken
        registration.check_lengths()
        try:
            user = await self._accounts.add(
                NewAccount(
                    username=registration.username,
                    email=registration.email,
                    password=Secret(registration.password),
                    confirmed=not self._settings.email_confirmation,
                )
            )
        except Taken as error:
            raise taken from error
        if self._settings.email_confirmation:
            return JSONResponse({"user": user_object(user)})
        # Strapi's register never uses the cookie, whatever is asked for.
        return await self._signed_in(user, device_id=str(uuid4()), cookie=False)

    async def _change_password(self, call: Call) -> Response:
        change = schema.password_change(call.body)
        credentials = await self._accounts.find_by_email(call.user.email)
        credentials = await self._check.passes(
            credentials, Secret(change.current), name=call.user.email, address=call.address
        )
        wrong = validation_error("The provided current password is invalid")
        if credentials is None:
            raise wrong
        change.check_new()
        credentials = await self._accounts.change_password(credentials, Secret(change.password))
        if credentials is None:
            raise wrong
        # Strapi names a device here that no other sign-in has, and does not use the cookie.
        return await self._signed_in(
            credentials.user,
            device_id=str(uuid4()),
            cookie=False,
            password_hash=credentials.password_hash,
        )

    async def _signed_in(
        self, user: User, *, device_id: str | None, cookie: bool, password_hash: Secret | None = None
    ) -> Response:
        """Tokens for this user, unless their hash is not `password_hash` any more (P77)."""
        if self._settings.jwt_management is JwtManagement.LEGACY:
            return JSONResponse({"jwt": self._tokens.legacy(user.id), "user": user_object(user)})
        session = await self._sessions.start(user.id, device_id=device_id, password_hash=password_hash)
        if session is None:
            raise validation_error(_WRONG)
        return self._token_answer(session, {"user": user_object(user)}, cookie=cookie)

    # Sessions

    async def _refresh(self, call: Call) -> Response:
        token = self._cookie.read(call.request) or schema.text_field(call.body, "refreshToken")
        if not token:
            raise bad_request("Missing refresh token")
        refresh = self._tokens.read_refresh(token)
        session = await self._sessions.rotate(refresh.session_id) if refresh else None
        if session is None:
            raise unauthorized("Invalid refresh token")
        return self._token_answer(session, {}, cookie=self._wants_cookie(call.request))

    async def _log_out(self, call: Call) -> Response:
        device_id = schema.text_field(call.body, "deviceId")
        if schema.text_field(call.body, "scope") == "all":
            await self._sessions.revoke_all(call.user.id)
        elif device_id is not None:
            await self._sessions.revoke_device(call.user.id, device_id)
        else:
            await self._revoke_current(call)
        answer = JSONResponse({"ok": True})
        if self._wants_cookie(call.request):
            self._cookie.clear(answer)
        return answer

    async def _revoke_current(self, call: Call) -> None:
        """End the session of the refresh token that was sent along, or else the access token's own."""
        current = call.caller.session_id if call.caller else None
        token = self._cookie.read(call.request) or schema.text_field(call.body, "refreshToken")
        refresh = self._tokens.read_refresh(token) if token else None
        if refresh is not None and await self._sessions.active(refresh.session_id) is not None:
            current = refresh.session_id
        if current is not None:
            await self._sessions.revoke(call.user.id, current)

    async def _list_sessions(self, call: Call) -> Response:
        current = call.caller.session_id if call.caller else None
        sessions = await self._sessions.of_user(call.user.id)
        sessions.sort(key=lambda session: session.session_id != current)
        return JSONResponse({"data": [_session_object(session, current) for session in sessions]})

    async def _revoke_session(self, call: Call) -> Response:
        if not await self._sessions.revoke(call.user.id, call.request.path_params["session_id"]):
            raise not_found("Session not found")
        return JSONResponse({"data": {}})

    # What a token opens

    async def _me(self, call: Call) -> Response:
        return JSONResponse(user_object(call.user))

    async def _secure(self, _: Call) -> Response:
        return JSONResponse({"status": "200 OK", "message": self._secret_message})

    def _wants_cookie(self, request: Request) -> bool:
        return self._settings.httponly or request.headers.get("x-strapi-refresh-cookie") == "httpOnly"

    def _token_answer(self, session: Session, more: dict[str, object], *, cookie: bool) -> Response:
        jwt, refresh = self._tokens.access(session), self._tokens.refresh(session)
        if not cookie:
            return JSONResponse({"jwt": jwt, "refreshToken": refresh} | more)
        answer = JSONResponse({"jwt": jwt} | more)
        self._cookie.write(answer, refresh)
        return answer


def user_object(user: User) -> dict[str, object]:
    """A user as Strapi sends it; there is nothing secret to leave out."""
    return {
        "id": user.id,
        "documentId": user.document_id,
        "username": user.username,
        "email": user.email,
        "provider": "local",
        "confirmed": user.confirmed,
        "blocked": user.blocked,
        "createdAt": iso(user.created_at),
        "updatedAt": iso(user.updated_at),
        "publishedAt": iso(user.created_at),
        **({"role": {"name": user.role.capitalize(), "type": user.role}} if user.role else {}),
    }


def _session_object(session: Session, current: str | None) -> dict[str, object]:
    return {
        "id": session.session_id,
        "deviceId": session.device_id,
        "current": session.session_id == current,
        "loginAt": iso(session.login_at),
        "lastActiveAt": iso(session.created_at),
    }


async def _health(_: Request) -> Response:
    return Response(status_code=204, headers={"strapi": "You are so French!"})
