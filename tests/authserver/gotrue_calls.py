"""GoTrue's calls over an embedded auth server, and what its errors look like."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from portico.clock import Clock
from tests.authserver.servers import AuthServer, bearer

RECENT = {"X-Supabase-Api-Version": "2024-01-01"}
PASSWORD = "open sesame"
WRONG = (400, "invalid_credentials", "Invalid login credentials")
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

    async def sign_up(self, email: str, password: str = PASSWORD, **more: object) -> httpx.Response:
        """Post a sign-up."""
        form = {"email": email, "password": password, **more}
        return await self.server.http.post(f"{self.prefix}/signup", json=form, headers=RECENT)

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
        return await self.server.http.post(
            f"{self.prefix}/token", params={"grant_type": grant}, json=body, headers=RECENT
        )

    async def user(self, token: str) -> httpx.Response:
        """Ask who a token belongs to."""
        return await self.server.http.get(f"{self.prefix}/user", headers=bearer(token) | RECENT)

    async def change(self, token: str, **changes: object) -> httpx.Response:
        """Change a user."""
        headers = bearer(token) | RECENT
        return await self.server.http.put(f"{self.prefix}/user", json=changes, headers=headers)

    async def log_out(self, token: str, scope: str | None = None) -> httpx.Response:
        """End sessions."""
        return await self.server.http.post(
            f"{self.prefix}/logout",
            params={} if scope is None else {"scope": scope},
            headers=bearer(token) | RECENT,
        )

    async def tokens(
        self, email: str = "anna@example.com", password: str = "correct horse"
    ) -> tuple[str, str]:
        """Access and refresh token of a new sign-in."""
        body = (await self.sign_in(email, password)).json()
        return body["access_token"], body["refresh_token"]


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an error of the recent form, wherever the code is said."""
    body = answer.json()
    assert answer.headers["x-sb-error-code"] == body["code"]
    assert answer.headers["x-supabase-api-version"] == "2024-01-01"
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, body["code"], body["message"]
