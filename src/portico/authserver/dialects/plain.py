"""A small API as somebody would write it for apps of their own: `{token, user}`, and `{message}` for errors.

It is what seed S0 signs in against: `response.token`, a call that revokes it, and two lists that it opens.
Access tokens of GoTrue open the same, and are revoked with their session.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.accounts import User
from portico.authserver.dialects.gotrue import GoTrue
from portico.authserver.dialects.plain_errors import (
    bad_request,
    dead_token,
    internal_error,
    not_allowed,
    not_found,
    wrong_password,
)
from portico.authserver.dialects.plain_gate import MOUNT, Caller, Gate
from portico.authserver.dialects.plain_rows import CUSTOMERS, EMPLOYEES
from portico.authserver.limits import client_of
from portico.authserver.services import Services
from portico.values import Secret


class Plain:
    """The dialect over one server's services. It has no refresh: who is signed out signs in again."""

    def __init__(self, services: Services, gotrue: GoTrue) -> None:
        self._accounts = services.accounts
        self._check = services.password_check
        self._sessions = services.sessions
        self._gate = Gate(services, gotrue.access, gotrue.sessions)

    def routes(self) -> list[Route]:
        """Every route of the dialect."""
        gate = self._gate
        return [
            gate.open("POST", "/auth/v1/token", self._sign_in),
            gate.closed("GET", "/auth/v1/user", _show_user),
            gate.closed("POST", "/auth/v1/revoke", self._revoke),
            gate.closed("GET", "/employees", _list_employees),
            gate.closed("GET", "/customers", _list_customers),
        ]

    def owns(self, path: str) -> bool:
        """Whether requests to this path are of this dialect."""
        return path.startswith(f"{MOUNT}/")

    def refused(self, error: Exception) -> Response:
        """What a request of this dialect is answered that no route takes, or when something breaks inside."""
        match error:
            case HTTPException(status_code=405):
                return not_allowed(error.headers).response()
            case HTTPException():
                return not_found().response()
            case _:
                return internal_error().response()

    async def _sign_in(self, request: Request) -> Response:
        _check_grant(request)
        email, password = _credentials(await self._gate.body(request))
        credentials = await self._accounts.find_by_email(email)
        credentials = await self._check.passes(
            credentials, Secret(password), name=email, address=client_of(request)
        )
        if credentials is None:
            raise wrong_password()
        self._gate.check_state(credentials.user)
        session = await self._sessions.start(
            credentials.user.id, device_id=None, password_hash=credentials.password_hash
        )
        if session is None:
            raise wrong_password()  # it was right when it was checked, and is the password no more
        return JSONResponse({"token": self._gate.token(session), "user": _user_object(credentials.user)})

    async def _revoke(self, caller: Caller) -> Response:
        if not await caller.revoke():
            raise dead_token()  # another request was faster
        return Response(status_code=204)


async def _show_user(caller: Caller) -> Response:
    return JSONResponse(_user_object(caller.user))


async def _list_employees(_: Caller) -> Response:
    return JSONResponse(EMPLOYEES)


async def _list_customers(_: Caller) -> Response:
    return JSONResponse(CUSTOMERS)


def _user_object(user: User) -> dict[str, object]:
    """A user; there is nothing secret to leave out (P78)."""
    role = {"role": user.role} if user.role else {}
    return {"id": user.id, "email": user.email, "name": user.username, **role}


def _check_grant(request: Request) -> None:
    grants = request.query_params.getlist("grant_type")
    if grants != ["password"]:
        received = "not " + ", ".join(f'"{grant}"' for grant in grants) if grants else "and it is missing"
        raise bad_request(f"grant_type must be password, {received}.")


def _credentials(body: object) -> tuple[str, str]:
    """E-mail address and password. Raises `bad_request`, which repeats no value: it may be a password."""
    if not isinstance(body, dict):
        raise bad_request("The body must be an object: {email, password}.")
    email, password = (_text(body, name) for name in ("email", "password"))
    if "@" not in email:
        raise bad_request("email must be an e-mail address: it has no @.")
    return email, password


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if value is None or value == "":
        raise bad_request(f"{name} is missing.")
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a string.")
    return value
