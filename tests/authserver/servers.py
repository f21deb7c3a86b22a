"""Embedded auth servers for tests: the real application, reached through HTTP messages."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import uvicorn
from starlette.applications import Starlette

from portico.authserver.app import create_app
from portico.authserver.faults import Faults
from portico.authserver.serve import create_server
from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.clock import Clock
from portico.values import Secret

# Real argon2id, as cheap as the library allows: what it costs is a matter of one test.
CHEAP = HashCost(memory_kib=8, passes=1)

ANNA = NewAccount(username="anna", email="anna@example.com", password=Secret("correct horse"))
BLOCKED = NewAccount(
    username="blocked", email="blocked@example.com", password=Secret("correct horse"), blocked=True
)
UNCONFIRMED = NewAccount(
    username="newcomer", email="newcomer@example.com", password=Secret("correct horse"), confirmed=False
)
ABSENT = object()
DEFAULTS = Settings(hash_cost=CHEAP, rate_limit=None, accounts=(ANNA, BLOCKED, UNCONFIRMED))


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthServer:
    """A running server: a client to talk to it, and its clock to move."""

    http: httpx.AsyncClient
    clock: Clock
    app: Starlette

    async def sign_in(self, identifier: str = "anna", password: str = "correct horse") -> httpx.Response:
        """Post a sign-in."""
        return await self.http.post("/api/auth/local", json={"identifier": identifier, "password": password})

    async def tokens(self) -> tuple[str, str]:
        """Anna's access and refresh token from a new sign-in."""
        body = (await self.sign_in()).json()
        return body["jwt"], body["refreshToken"]

    async def refresh(self, token: object) -> httpx.Response:
        """Post a refresh token."""
        return await self.http.post("/api/auth/refresh", json={"refreshToken": token})

    async def me(self, token: str) -> httpx.Response:
        """Ask who a token belongs to."""
        return await self.http.get("/api/users/me", headers=bearer(token))


@asynccontextmanager
async def running(
    settings: Settings = DEFAULTS, clock: Clock | None = None, faults: Faults | None = None
) -> AsyncIterator[AuthServer]:
    """A server with `settings`, until the end of the block."""
    clock = clock or Clock()
    app = create_app(settings, clock, faults)
    async with app.router.lifespan_context(app), client_of(app) as http:
        yield AuthServer(http=http, clock=clock, app=app)


@asynccontextmanager
async def served(
    settings: Settings = DEFAULTS, *, trusting: bool = False, faults: Faults | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server on a free port; a trusting one believes forwarding headers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = create_app(replace(settings, public_url=f"http://127.0.0.1:{port}"), Clock(), faults)
        server = create_server(app, host="127.0.0.1", port=0)
        if trusting:
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=True))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                assert not serving.done(), "the server did not start"
                await asyncio.sleep(0.01)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            await serving


def client_of(app: Starlette, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of `app` whose connections come from `address`; what the application raises, it raises."""
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://auth.test")


def bearer(token: str) -> dict[str, str]:
    """The header that carries `token`."""
    return {"Authorization": f"Bearer {token}"}


def envelope(status: int, name: str, message: str, details: object = None) -> dict[str, object]:
    """Strapi's error body."""
    shown = {} if details is None else details
    return {"data": None, "error": {"status": status, "name": name, "message": message, "details": shown}}


def problem(path: str, message: str, value: object = ABSENT) -> dict[str, object]:
    """One entry of `details.errors`."""
    entry: dict[str, object] = {"path": [path], "message": message, "name": "ValidationError"}
    return entry if value is ABSENT else entry | {"value": value}


def required(path: str, value: object = ABSENT) -> dict[str, object]:
    """The entry for a field that is missing or empty."""
    return problem(path, f"{path} is a required field", value)


def not_text(path: str, printed: str, value: object) -> dict[str, object]:
    """The entry for a field of another type, which the message prints."""
    return problem(path, f"{path} must be a `string` type, but the final value was: `{printed}`.", value)


def expired(lifetime: timedelta) -> timedelta:
    """A step of the clock that ends `lifetime`."""
    return lifetime + timedelta(seconds=1)
