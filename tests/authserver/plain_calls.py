"""The calls of the plain dialect over an embedded auth server."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.authserver.servers import bearer

TOKEN = "/plain/auth/v1/token?grant_type=password"
CLOSED = (
    ("GET", "/plain/auth/v1/user"),
    ("POST", "/plain/auth/v1/revoke"),
    ("GET", "/plain/employees"),
    ("GET", "/plain/customers"),
)
WRONG = (401, "Wrong e-mail address or password.")
NO_TOKEN = (401, "A token is missing: send the header Authorization: Bearer <token>.")
DEAD = (401, "The token is not valid, has expired or was revoked: sign in again.")


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainCalls:
    """The calls, by whichever client."""

    http: httpx.AsyncClient

    async def sign_in(
        self, email: object = "anna@example.com", password: object = "correct horse", **more: Any
    ) -> httpx.Response:
        """Post a sign-in; with no arguments a good one."""
        return await self.http.post(TOKEN, json={"email": email, "password": password}, **more)

    async def token(self, email: str = "anna@example.com", password: str = "correct horse") -> str:
        """The token of a new sign-in."""
        return str((await self.sign_in(email, password)).json()["token"])

    async def user(self, token: str) -> httpx.Response:
        """Ask who a token belongs to."""
        return await self.http.get("/plain/auth/v1/user", headers=bearer(token))

    async def revoke(self, token: str) -> httpx.Response:
        """End a token."""
        return await self.http.post("/plain/auth/v1/revoke", headers=bearer(token))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of an error, which has the one form that all have."""
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["message"]
    assert answer.headers.get("www-authenticate") == ("Bearer" if answer.status_code == 401 else None)
    return answer.status_code, answer.json()["message"]
