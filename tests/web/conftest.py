"""Servers for the tests that ask them questions."""

import json
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer, Server
from tests.journeys.upstream import Upstream, expect_client, plain

APPS = Path(__file__).parent / "apps"

#: Seconds until the other API answers `/slow` and `/pause`: longer than a page waits.
DELAY = 1.6


@pytest.fixture(scope="session")
def auth_server() -> Iterator[AuthServer]:
    """The embedded auth server."""
    with AuthServer() as server:
        yield server


@pytest.fixture(scope="session")
def other_api() -> Iterator[Upstream]:
    """An API that takes its time for some paths, and refuses one."""
    upstream = Upstream(plain("200 OK", b""))

    def answer(connection: socket.socket) -> None:
        request = upstream.requests[-1]
        if b"/slow" in request or b"/pause" in request:
            time.sleep(DELAY)
            expect_client(connection)
        if b"/refuse" in request:
            plain("400 Bad Request", json.dumps({"message": "no such thing"}).encode())(connection)
            return
        plain("200 OK", json.dumps(rows_for(request)).encode())(connection)

    upstream.answer = answer
    with upstream:
        yield upstream


def rows_for(request: bytes) -> Any:
    """Rows for tables: all 50,000 of them, or a page of 57; else a word."""
    path, _, query = request.split(b" ", 2)[1].decode().partition("?")
    if path == "/many":
        return [{"id": at, "name": f"Person {at}", "mail": f"p{at}@example.com"} for at in range(50_000)]
    if path == "/page":
        asked = dict(parse_qsl(query, keep_blank_values=True))
        first, limit = int(asked["offset"]), int(asked["limit"])
        found = [{"at": at, **asked} for at in range(57)]
        return {"total": 57, "rows": found[first : first + limit]}
    return {"word": "hello"}


@pytest.fixture(scope="session")
def server(
    auth_server: AuthServer, other_api: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PorticoServer]:
    """Portico with the example and the apps of this folder."""
    folder = tmp_path_factory.mktemp("portico")
    with start(folder, auth_server, other_api) as running:
        yield running


def start(
    folder: Path,
    auth_server: AuthServer,
    other_api: Upstream,
    broken: str = "",
    *,
    tells: Mapping[str, str] = MappingProxyType({}),
) -> PorticoServer:
    """A server with its store in `folder`, not yet started."""
    settings = {"AUTH_URL": auth_server.url, "OTHER_URL": other_api.url}
    return PorticoServer(
        [
            EXAMPLES / "jwt-login",
            *(APPS / name for name in ("probe", "guarded", "language", "abroad", "tables")),
        ],
        folder=folder,
        settings=settings,
        broken=broken,
        tells=tells,
    )


@pytest.fixture
def client(server: PorticoServer) -> Iterator[httpx.Client]:
    """A client without a session, which says that it is a page of ours."""
    with client_of(server) as client:
        yield client


def client_of(server: Server) -> httpx.Client:
    """A fresh client of a server."""
    headers = {"Origin": server.url}
    return httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=headers)


@pytest.fixture
def signed_in(client: httpx.Client) -> httpx.Client:
    """The same client, signed in to the example."""
    form = {"v.UsernameInput": USERNAME, "v.PasswordInput": PASSWORD, "portico.event": "LoginButton onClick"}
    assert client.post("/jwt-login/LoginPage", data=form).status_code == 303
    return client


@pytest.fixture
def entered(client: httpx.Client, auth_server: AuthServer) -> httpx.Client:
    """The same client, signed in to the app `guarded`."""
    form = {"v.Token": auth_server.sign_in(), "portico.event": "SignIn onClick"}
    assert client.post("/guarded/Enter", data=form).status_code == 303
    return client
