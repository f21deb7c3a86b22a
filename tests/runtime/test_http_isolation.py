"""A call depends on its datasource alone and leaves nothing behind (promises 36, 38, 60)."""

import json
import logging
import traceback
from pathlib import Path

import httpx
import pytest

from portico.clock import Clock
from portico.errors import CallFailed
from portico.model.query import Request
from portico.runtime.http import Client
from tests.runtime.listeners import KEPT, connects, get, listening, query, source

CANARY = "cNrYq8Zt5Wn2Lk7Pd3Vx"


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_redirects_are_answers(status: int) -> None:
    """Another host, a private one, another scheme, the same origin: each is handed over, none followed."""
    async with listening() as evil, Client(clock=Clock()) as client:
        for location in (
            evil.url,
            f"//127.0.0.1:{evil.port}/",
            "file:///etc/passwd",
            "gopher://x",
            "/elsewhere",
        ):
            reply = f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            async with listening(reply.encode()) as server:
                datasource = source(server.url, headers=(("Authorization", CANARY),))
                answer = await get(client, datasource)
                assert (answer.status, answer.values("location")) == (status, [location])
                assert len(server.requests) == 1
        assert evil.connections == 0


async def test_control_a_following_client_is_led_on() -> None:
    """Positive control: the same answer takes a client that follows to the other listener."""
    async with listening() as evil:
        reply = f"HTTP/1.1 302 Go\r\nLocation: {evil.url}\r\nContent-Length: 0\r\n\r\n".encode()
        async with (
            listening(reply) as server,
            httpx.AsyncClient(trust_env=False, follow_redirects=True) as naive,
        ):
            await naive.get(server.url)
        assert evil.connections == 1


async def test_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither proxies nor .netrc; a client that asks goes to the proxy and tells it the password."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    async with listening() as proxy, listening() as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with Client(clock=Clock()) as client:
            assert (await get(client, source(server.url))).status == 200
        assert (proxy.connections, server.header("authorization")) == (0, [])
        async with httpx.AsyncClient(auth=httpx.NetRCAuth(str(netrc))) as naive:
            await naive.get(server.url)
        assert proxy.connections == 1
        assert proxy.header("authorization")


async def test_no_cookie_is_kept() -> None:
    """A cookie that a server sets is in the answer, and in no later request of anybody."""
    reply = KEPT.replace(b"\r\n", f"\r\nSet-Cookie: sid={CANARY}; Path=/\r\nSet-Cookie: b=2\r\n".encode(), 1)
    async with listening(reply) as server, Client(clock=Clock()) as client:
        for _ in range(2):
            answer = await get(client, source(server.url))
            assert answer.cookies == {"sid": CANARY, "b": "2"}
            assert answer.values("SET-COOKIE") == [f"sid={CANARY}; Path=/", "b=2"]
        assert server.connections == 1
        assert server.header("cookie") == []


def hostile(port: int) -> list[tuple[str, str, str, object]]:
    """URL, path, header value and body of calls that fail in many ways, a canary in every part."""
    url = f"http://127.0.0.1:{port}"
    return [
        (url, f"/{CANARY}?token={CANARY}", CANARY, {"password": CANARY}),
        (url, f"/../{CANARY}?token={CANARY}", CANARY, {"password": CANARY}),
        (url, f"//{CANARY}", CANARY, {"password": CANARY}),
        (url, "/", f"{CANARY}\n", {"password": CANARY}),
        (url, "/", CANARY, {CANARY, CANARY + "2"}),
        (f"http://user:{CANARY}@127.0.0.1:{port}", "/", CANARY, {"password": CANARY}),
        (f"http://127.0.0.1:{port}/{CANARY}", "/", CANARY, {"password": CANARY}),
    ]


async def test_failures_tell_neither_user_nor_log(caplog: pytest.LogCaptureFixture) -> None:
    """No path, query, header, body or answer in a message, a detail, a traceback or a DEBUG line."""
    caplog.set_level(logging.DEBUG)
    replies = (
        f"HTTP/1.1 200 OK\r\nbad header {CANARY}\r\n\r\n",
        f"{CANARY}\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n{CANARY}",
        f"HTTP/1.1 200 OK\r\nSet-Cookie: {CANARY}\r\nContent-Length: 9999999999\r\n\r\n{CANARY}" + "x" * 2048,
    )
    told = []
    async with Client(clock=Clock()) as client:
        for reply in (*replies, ""):
            async with listening(f"{reply}Connection: close".encode()) as server:
                for url, path, value, body in hostile(server.port):
                    datasource = source(url, max_bytes=1024)
                    request = Request(
                        path=path, params=(("t", CANARY),), headers=(("X-Token", value),), body=body
                    )
                    with pytest.raises(CallFailed) as failed:
                        await client.send(datasource, query("POST", "json"), request)
                    told.append("".join(traceback.format_exception(failed.value)))
                    told.append(f"{failed.value.message} {failed.value.detail} {failed.value!r}")
    assert len(told) == 2 * 5 * 7
    assert not [text for text in told if CANARY in text.replace(f'"{CANARY}"', "")]
    assert CANARY not in "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "api: POST http://127.0.0.1:" in told[1]


async def test_answers_do_not_print_what_they_hold(caplog: pytest.LogCaptureFixture) -> None:
    """An answer in a log line shows its status and no token."""
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"jwt": CANARY})
    reply = f"HTTP/1.1 200 OK\r\nSet-Cookie: sid={CANARY}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    async with listening(reply.encode()) as server, Client(clock=Clock()) as client:
        headers = (("Authorization", f"Bearer {CANARY}"),)
        answer = await client.send(
            source(server.url, headers=headers), query(), Request(path=f"/?t={CANARY}")
        )
    assert answer.json() == {"jwt": CANARY}
    assert CANARY not in repr(answer)
    assert CANARY not in caplog.text


async def test_one_call_is_one_connection_and_one_request() -> None:
    """Nothing is sent twice: not after an error status, and not after a connection that broke."""
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    async with listening(busy) as server, Client(clock=Clock()) as client:
        with connects() as seen:
            answer = await client.send(source(server.url), query("POST"), Request(path="/"))
        assert (answer.status, len(seen), len(server.requests)) == (503, 1, 1)
