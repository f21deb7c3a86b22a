"""Strapi dialect over a real socket: uvicorn on a loopback port."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from portico.authserver.app import create_app
from portico.authserver.serve import create_server
from portico.authserver.settings import RateLimit, SettingsInvalid
from portico.clock import Clock
from tests.authserver.servers import DEFAULTS, bearer, served

GUESS = {"identifier": "anna", "password": "wrong"}


async def test_the_whole_journey(caplog: pytest.LogCaptureFixture) -> None:
    """S2 over TCP: sign up, sign in, the message, refresh, replay, log-out; and nothing secret is logged."""
    caplog.set_level(logging.DEBUG)
    form = {"username": "ben", "email": "ben@example.com", "password": "open sesame"}
    async with served() as client:
        assert (await client.get("/_health")).status_code == 204
        assert (await client.get("/api/secure")).status_code == 401
        assert (await client.post("/api/auth/local/register", json=form)).status_code == 200
        wrong = await client.post("/api/auth/local", json={"identifier": "ben", "password": "nonsense"})
        assert wrong.json()["error"]["message"] == "Invalid identifier or password"
        signed_in = (
            await client.post("/api/auth/local", json={"identifier": "ben", "password": "open sesame"})
        ).json()
        secure = await client.get("/api/secure", headers=bearer(signed_in["jwt"]))
        assert secure.json()["status"] == "200 OK"
        refresh = {"refreshToken": signed_in["refreshToken"]}
        answers = await asyncio.gather(*(client.post("/api/auth/refresh", json=refresh) for _ in range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
        (renewed,) = [answer.json() for answer in answers if answer.status_code == 200]
        out = await client.post("/api/auth/logout", headers=bearer(renewed["jwt"]))
        assert out.json() == {"ok": True}
        again = await client.post("/api/auth/refresh", json={"refreshToken": renewed["refreshToken"]})
        assert again.status_code == 401
        assert "server" not in again.headers
    for secret in ("open sesame", "nonsense", signed_in["jwt"], renewed["refreshToken"]):
        assert secret not in caplog.text


async def test_forwarding_headers_make_no_new_client() -> None:
    """P69: over a real connection, X-Forwarded-For does not escape the limit."""
    assert await _limited_with_forged_addresses(trusting=False) == [400] * 3 + [429] * 2


async def test_a_trusting_server_is_found_out() -> None:
    """Positive control: a server that believes forwarding headers lets all of them through."""
    assert await _limited_with_forged_addresses(trusting=True) == [400] * 5


async def _limited_with_forged_addresses(*, trusting: bool) -> list[int]:
    settings = replace(DEFAULTS, rate_limit=RateLimit(attempts=3))
    async with served(settings, trusting=trusting) as client:
        return [
            (
                await client.post("/api/auth/local", json=GUESS, headers={"X-Forwarded-For": f"10.0.0.{n}"})
            ).status_code
            for n in range(5)
        ]


async def test_a_body_that_never_ends() -> None:
    """A body above the limit is answered 413 without being read to its end."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(4096):
            yield b" " * 65536

    async with served() as client:
        headers = {"Content-Type": "application/json"}
        try:
            answer = await client.post("/api/auth/local", content=endless(), headers=headers)
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            pass  # the connection was closed while the client was still sending
        else:
            assert answer.status_code == 413
        assert (await client.get("/_health")).status_code == 204


async def test_a_client_that_leaves_in_the_middle(caplog: pytest.LogCaptureFixture) -> None:
    """Half a body and a closed connection leave no error behind."""
    async with served() as client:
        host, port = client.base_url.host, client.base_url.port
        _, writer = await asyncio.open_connection(host, port)
        writer.write(
            b"POST /api/auth/local HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await client.get("/_health")).status_code == 204
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
def test_other_machines_need_a_word(host: str) -> None:
    """P75: the server listens beyond this machine only when told so."""
    app = create_app(DEFAULTS, Clock())
    with pytest.raises(SettingsInvalid):
        create_server(app, host=host, port=0)
    create_server(app, host=host, port=0, allow_remote=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    """Loopback addresses are fine."""
    create_server(create_app(DEFAULTS, Clock()), host=host, port=0)


async def test_a_broken_database(tmp_path: Path) -> None:
    """What goes wrong inside is 500 in the envelope and says nothing about itself."""
    path = tmp_path / "auth.db"
    app = create_app(replace(DEFAULTS, database=path), Clock())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        connection = sqlite3.connect(path)
        connection.execute("ALTER TABLE users RENAME TO gone")
        connection.close()
        answer = await client.post("http://auth.test/api/auth/local", json=GUESS)
    assert answer.status_code == 500
    error = {"status": 500, "name": "InternalServerError", "message": "Internal Server Error"}
    assert answer.json() == {"data": None, "error": error}
