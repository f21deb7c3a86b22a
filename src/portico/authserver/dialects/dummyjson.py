"""DummyJSON, the API that seed S4 signs in against, and its directory of people.

Source: `src/routes/auth.js`, `src/routes/user.js` and their controllers of `Ovi/DummyJSON`.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.accounts import User
from portico.authserver.dialects.dummyjson_errors import (
    bad_request,
    internal_error,
    lifetime_refused,
    no_refresh_token,
    not_allowed,
    not_found,
    unknown_user,
    wrong_password,
)
from portico.authserver.dialects.dummyjson_gate import LONGEST, MOUNT, Caller, Gate
from portico.authserver.dialects.dummyjson_list import Row, Selection
from portico.authserver.dialects.dummyjson_people import PEOPLE, added, portrait
from portico.authserver.limits import client_of
from portico.authserver.services import Services
from portico.authserver.sessions import Session, Sessions
from portico.values import Secret

_SHOWN_AT_SIGN_IN = ("id", "username", "email", "firstName", "lastName", "gender", "image")
_SEARCHED = ("firstName", "lastName", "email", "username")
_FIRST_OWN_ID = 1000  # of accounts that are nobody in the directory
_MINUTE = timedelta(minutes=1)
_MOST_MINUTES = LONGEST // _MINUTE


class DummyJson:
    """The dialect over one server's services."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._accounts = services.accounts
        self._check = services.password_check
        self._settings = services.settings.dummyjson
        self._sessions = Sessions(services.database, services.clock, idle=LONGEST, maximum=LONGEST)
        self._gate = Gate(services, self._sessions)
        # Only who started the server says who somebody in the directory is: their role comes with it (P54).
        given = {account.username for account in services.settings.accounts}
        self._people = {person.username: person for person in PEOPLE if person.username in given}

    def routes(self) -> list[Route]:
        """Every route of the dialect; the directory is there twice, below `/auth` for tokens alone."""
        gate = self._gate
        return [
            gate.open("POST", "/auth/login", self._sign_in),
            gate.closed("GET", "/auth/me", self._show_me),
            gate.open("POST", "/auth/refresh", self._refresh),
            gate.closed("POST", "/auth/logout", self._log_out),
            gate.open("GET", "/users", self._list),
            gate.open("GET", "/users/search", self._search),
            gate.open("POST", "/users/add", self._add),
            gate.open("GET", "/users/{user_id}", self._show),
            gate.closed("GET", "/auth/users", lambda request, _: self._list(request)),
            gate.closed("GET", "/auth/users/search", lambda request, _: self._search(request)),
            gate.closed("POST", "/auth/users/add", lambda request, _: self._add(request)),
            gate.closed("GET", "/auth/users/{user_id}", lambda request, _: self._show(request)),
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

    # Signing in and out

    async def _sign_in(self, request: Request) -> Response:
        fields = await self._gate.fields(request)
        username, password = _credentials(fields)
        lifetime = self._lifetime(fields)
        credentials = await self._accounts.find_by_username(username)
        credentials = await self._check.passes(
            credentials, Secret(password), name=username, address=client_of(request)
        )
        if credentials is None:
            raise wrong_password()
        self._gate.check_state(credentials.user)
        session = await self._sessions.start(
            credentials.user.id, device_id=None, password_hash=credentials.password_hash
        )
        if session is None:
            raise wrong_password()  # it was right when it was checked, and is the password no more
        shown = self._profile(credentials.user)
        return self._tokens(session, lifetime, {name: shown[name] for name in _SHOWN_AT_SIGN_IN})

    async def _refresh(self, request: Request) -> Response:
        fields = await self._gate.fields(request)
        token = fields.get("refreshToken") or request.cookies.get("refreshToken")
        if not token:
            raise no_refresh_token()
        lifetime = self._lifetime(fields)
        return self._tokens(await self._gate.refreshes(str(token)), lifetime, {})

    async def _log_out(self, _: Request, caller: Caller) -> Response:
        if not self._settings.outlives_log_out:
            await self._sessions.revoke(caller.user.id, caller.session.session_id)
        answer = JSONResponse({"message": "Logged out successfully"})
        for name in ("accessToken", "refreshToken"):
            answer.delete_cookie(name, secure=True, httponly=True)
        return answer

    async def _show_me(self, _: Request, caller: Caller) -> Response:
        return JSONResponse(self._profile(caller.user))

    def _tokens(self, session: Session, lifetime: timedelta, shown: Mapping[str, object]) -> Response:
        tokens = {
            "accessToken": self._gate.access_token(session, lifetime),
            "refreshToken": self._gate.refresh_token(session),
        }
        answer = JSONResponse({**tokens, **shown})
        for name, token in tokens.items():
            answer.set_cookie(
                name, token, max_age=int(lifetime.total_seconds()), secure=True, httponly=True, samesite="lax"
            )
        return answer

    def _lifetime(self, fields: Mapping[str, object]) -> timedelta:
        """What `expiresInMins` asks for, a number or its digits. Raises `lifetime_refused`."""
        asked = fields.get("expiresInMins")
        if not asked:
            return self._settings.access_lifetime
        minutes = _minutes(asked)
        if not 1 <= minutes <= _MOST_MINUTES:
            raise lifetime_refused(_MOST_MINUTES)
        return minutes * _MINUTE

    def _profile(self, user: User) -> dict[str, object]:
        """A user as DummyJSON shows one, but without the password (P78)."""
        person = self._people.get(user.username)
        if person is not None:
            fields = person.fields(self._clock.now().date()) | {"email": user.email}
            return fields | {"role": user.role} if user.role else fields
        name = user.username.partition("@")[0]
        return {
            "id": _FIRST_OWN_ID + user.id,
            "firstName": name,
            "lastName": "",
            "gender": "",
            "email": user.email,
            "username": user.username,
            "image": portrait(name, ""),
            "role": user.role or "user",
        }

    # The directory

    async def _list(self, request: Request) -> Response:
        return JSONResponse(Selection.of(request.query_params).page(self._rows()))

    async def _search(self, request: Request) -> Response:
        sought = request.query_params.get("q", "").strip().lower().replace("-", " ")
        rows = [row for row in self._rows() if any(sought in str(row[key]).lower() for key in _SEARCHED)]
        return JSONResponse(Selection.of(request.query_params).page(rows))

    async def _show(self, request: Request) -> Response:
        asked = request.path_params["user_id"]
        if not asked.isdecimal():
            raise bad_request(f"Invalid user id '{asked}'")
        row = next((row for row in self._rows() if str(row["id"]) == asked), None)
        if row is None:
            raise unknown_user(asked)
        return JSONResponse(Selection.of(request.query_params).row(row))

    async def _add(self, request: Request) -> Response:
        return JSONResponse(added(await self._gate.fields(request)), status_code=201)

    def _rows(self) -> list[Row]:
        """Everybody, whether they have an account or not: nobody learns here who has (P68)."""
        today = self._clock.now().date()
        return [person.fields(today) for person in PEOPLE]


def _credentials(fields: Mapping[str, object]) -> tuple[str, str]:
    """User name and password. Raises `bad_request`, which repeats no value: it may be a password."""
    username, password = fields.get("username"), fields.get("password")
    if not username or not password:
        raise bad_request("Username and password required")
    if not isinstance(username, str):
        raise bad_request("Username is not valid")
    if not isinstance(password, str):
        raise wrong_password()
    return username, password


def _minutes(asked: object) -> float:
    """A number, or what a text says of one; else not a number."""
    try:
        return float(asked) if isinstance(asked, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return math.nan
