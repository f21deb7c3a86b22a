"""GoTrue's calls over an embedded auth server, and what its errors look like."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from portico.clock import Clock
from tests.authserver.servers import AuthServer, bearer

RECENT = {"X-Supabase-Api-Version": "2024-01-01"}
PASSWORD = "open sesame"
WRONG = (400, "invalid_credentials", "Invalid login credentials")
NOT_FOUND = (400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
USED = (400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
GONE = (403, "session_not_found", "Session from session_id claim in JWT does not exist")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z")


class StoppedClock(Clock):
    """A clock that moves only when it is told to, so that a slow machine changes no outcome."""

    def now(self) -> datetime:
        """The first moment of 2026, and what it was advanced by."""
        return datetime(2026, 1, 1, tzinfo=UTC) + self.offset


@dataclass(frozen=True, kw_only=True, slots=True)
class GoTrueCalls:
    """The calls, below `prefix`."""

    server: AuthServer
    prefix: str = ""

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request below the prefix; errors in the recent form."""
        headers = RECENT | request.pop("headers", {})
        return await self.server.http.request(method, self.prefix + path, headers=headers, **request)

    async def sign_up(self, email: str, password: str = PASSWORD, **more: object) -> httpx.Response:
        """Post a sign-up."""
        form = {"email": email, "password": password, **more}
        return await self.send("POST", "/signup", json=form)

    async def sign_in(
        self, email: str = "anna@example.com", password: str = "correct horse"
    ) -> httpx.Response:
        """Post a sign-in; with no arguments a good one."""
        return await self.token("password", {"email": email, "password": password})

    async def refresh(self, token: object) -> httpx.Response:
        """Post a refresh token."""
        return await self.token("refresh_token", {"refresh_token": token})

    async def token(self, grant: str, body: object) -> httpx.Response:
        """Post a grant."""
        return await self.send("POST", "/token", params={"grant_type": grant}, json=body)

    async def user(self, token: str) -> httpx.Response:
        """Ask who a token belongs to."""
        return await self.send("GET", "/user", headers=bearer(token))

    async def change(self, token: str, **changes: object) -> httpx.Response:
        """Change a user."""
        return await self.send("PUT", "/user", json=changes, headers=bearer(token))

    async def log_out(self, token: str, scope: str | None = None) -> httpx.Response:
        """End sessions."""
        params = {} if scope is None else {"scope": scope}
        return await self.send("POST", "/logout", params=params, headers=bearer(token))

    async def tokens(
        self, email: str = "anna@example.com", password: str = "correct horse"
    ) -> tuple[str, str]:
        """Access and refresh token of a new sign-in."""
        body = (await self.sign_in(email, password)).json()
        return body["access_token"], body["refresh_token"]


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an error of the recent form, wherever the code is said."""
    body = answer.json()
    assert set(body) - {"weak_password"} == {"code", "message"}
    assert answer.headers["x-sb-error-code"] == body["code"]
    assert answer.headers["x-supabase-api-version"] == "2024-01-01"
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, body["code"], body["message"]
