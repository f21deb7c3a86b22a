"""The calls of the DummyJSON dialect over an embedded auth server."""

from dataclasses import dataclass, replace
from typing import Any

import httpx

from portico.authserver.settings import NewAccount
from portico.values import Secret
from tests.authserver.servers import DEFAULTS, bearer

LOGIN = "/dummyjson/auth/login"
CLOSED = (
    ("GET", "/dummyjson/auth/me"),
    ("POST", "/dummyjson/auth/logout"),
    ("GET", "/dummyjson/auth/users"),
    ("GET", "/dummyjson/auth/users/search"),
    ("GET", "/dummyjson/auth/users/1"),
    ("POST", "/dummyjson/auth/users/add"),
)
OPEN = (
    ("POST", LOGIN),
    ("POST", "/dummyjson/auth/refresh"),
    ("GET", "/dummyjson/users"),
    ("GET", "/dummyjson/users/search"),
    ("GET", "/dummyjson/users/1"),
    ("POST", "/dummyjson/users/add"),
)
WRONG = (400, "Invalid credentials")
NO_TOKEN = (401, "Access Token is required")
DEAD = (401, "Invalid/Expired Token!")
EMILY = NewAccount(username="emilys", email="emily.sample@example.com", password=Secret("emilyspass"))
WITH_EMILY = replace(DEFAULTS, accounts=(*DEFAULTS.accounts, EMILY))


@dataclass(frozen=True, kw_only=True, slots=True)
class DummyJsonCalls:
    """The calls, by whichever client."""

    http: httpx.AsyncClient

    async def sign_in(
        self, username: object = "emilys", password: object = "emilyspass", **more: object
    ) -> httpx.Response:
        """Post a sign-in; with no arguments a good one. Its cookies are not kept."""
        form = {"username": username, "password": password, **more}
        answer = await self.http.post(LOGIN, json=form)
        self.http.cookies.clear()
        return answer

    async def tokens(self, **more: object) -> tuple[str, str]:
        """Access and refresh token of a new sign-in."""
        body = (await self.sign_in(**more)).json()
        return body["accessToken"], body["refreshToken"]

    async def me(self, token: str) -> httpx.Response:
        """Ask who a token belongs to."""
        return await self.http.get("/dummyjson/auth/me", headers=bearer(token))

    async def refresh(self, token: object, **more: object) -> httpx.Response:
        """Post a refresh token."""
        answer = await self.http.post("/dummyjson/auth/refresh", json={"refreshToken": token, **more})
        self.http.cookies.clear()
        return answer

    async def log_out(self, token: str) -> httpx.Response:
        """Log out."""
        return await self.http.post("/dummyjson/auth/logout", headers=bearer(token))

    async def users(self, path: str = "", **query: Any) -> httpx.Response:
        """Ask for the directory."""
        return await self.http.get(f"/dummyjson/users{path}", params=query)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and message of an error, which has the one form that all have."""
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["message"]
    return answer.status_code, answer.json()["message"]
