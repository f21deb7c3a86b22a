"""What befalls an answer: over a socket, as an app's own HTTP client sees it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from portico.authserver.faults import Fault, Faults
from tests.authserver.servers import DEFAULTS, client_of, running, served

SIGN_INS = {
    "/api/auth/local": {"identifier": "anna", "password": "correct horse"},
    "/auth/v1/token?grant_type=password": {"email": "anna@example.com", "password": "correct horse"},
    "/plain/auth/v1/token?grant_type=password": {"email": "anna@example.com", "password": "correct horse"},
    "/dummyjson/auth/login": {"username": "anna", "password": "correct horse"},
}
STRAPI = "/api/auth/local"


@dataclass(frozen=True, kw_only=True, slots=True)
class Faulty:
    """A server on a socket, and its faults."""

    http: httpx.AsyncClient
    faults: Faults

    async def sign_in(self, path: str = STRAPI) -> httpx.Response:
        """A good sign-in of Anna's."""
        return await self.http.post(path, json=SIGN_INS[path])

    def add(self, text: str) -> None:
        """Let this go wrong."""
        self.faults.add(Fault.parse(text))


@pytest.fixture
async def server() -> AsyncIterator[Faulty]:
    """One that has no fault yet."""
    faults = Faults()
    async with served(DEFAULTS, faults=faults) as http:
        yield Faulty(http=http, faults=faults)


@pytest.mark.parametrize("path", SIGN_INS)
async def test_a_status_for_so_many_calls(server: Faulty, path: str) -> None:
    """In every dialect, in its own shape of errors; then everything is as before, as is everything beside."""
    server.add("sign_in: status 429 retry-after 30s x2")
    refused = [await server.sign_in(path) for _ in range(2)]
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in refused] == [(429, "30")] * 2
    shapes = {"data", "code", "message"}
    assert all(shapes & set(answer.json()) for answer in refused)
    assert (await server.sign_in(path)).status_code == 200
    server.add("me: status 500")
    assert (await server.sign_in(path)).status_code == 200


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_status_does_nothing(server: Faulty, status: int) -> None:
    """Whoever is refused like this was not signed in, either."""
    server.add(f"refresh: status {status} x1")
    refresh = (await server.sign_in()).json()["refreshToken"]
    assert (await server.http.post("/api/auth/refresh", json={"refreshToken": refresh})).status_code == status
    # The token was not used up by the call that did nothing.
    assert (await server.http.post("/api/auth/refresh", json={"refreshToken": refresh})).status_code == 200


@pytest.mark.parametrize("words", ["drop", "drop after", "drop midway"])
async def test_a_connection_is_dropped(server: Faulty, words: str) -> None:
    """No answer, or half of one; the next call is answered."""
    server.add(f"sign_in: {words} x1")
    with pytest.raises(httpx.RemoteProtocolError):
        await server.sign_in()
    assert (await server.sign_in()).status_code == 200


@pytest.mark.parametrize(("words", "used"), [("drop", False), ("drop after", True), ("drop midway", True)])
async def test_a_drop_comes_before_or_after_the_work(server: Faulty, words: str, used: bool) -> None:
    """An answer that is lost is not a call that was not made: the refresh token is gone with it."""
    refresh = (await server.sign_in()).json()["refreshToken"]
    server.add(f"refresh: {words} x1")
    with pytest.raises(httpx.RemoteProtocolError):
        await server.http.post("/api/auth/refresh", json={"refreshToken": refresh})
    again = await server.http.post("/api/auth/refresh", json={"refreshToken": refresh})
    assert again.status_code == (401 if used else 200)


async def test_a_drop_without_a_connection() -> None:
    """An application that is called by itself says that the connection was dropped."""
    async with running(faults=Faults([Fault.parse("drop")])) as server:
        with pytest.raises(ConnectionResetError):
            await server.sign_in()


async def test_a_delay_holds_up_one_call(server: Faulty) -> None:
    """The others are answered meanwhile."""
    server.add("sign_in: delay 10m x1")
    slow = asyncio.create_task(server.sign_in())
    while not server.faults.calls("sign_in"):
        assert not slow.done()
        await asyncio.sleep(0.01)
    assert (await server.sign_in()).status_code == 200
    assert not slow.done()
    slow.cancel()


async def test_a_delay_ends(server: Faulty) -> None:
    """With the answer that there would have been."""
    server.add("sign_in: delay 200ms x1")
    began = time.monotonic()
    assert (await server.sign_in()).status_code == 200
    assert time.monotonic() - began >= 0.2


async def test_a_truncated_answer(server: Faulty) -> None:
    """Complete as HTTP has it, and no JSON."""
    whole = len((await server.sign_in()).content)
    server.add("sign_in: truncated")
    answer = await server.sign_in()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert abs(len(answer.content) - whole // 2) <= 2
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_a_malformed_answer(server: Faulty) -> None:
    """As long as it was."""
    server.add("sign_in: malformed")
    answer = await server.sign_in()
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_html_instead_of_json(server: Faulty) -> None:
    """With the status that the answer had, or 200 where it had no body."""
    server.add("html")
    answer = await server.sign_in()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert (await server.http.get("/api/users/me")).status_code == 403
    health = await server.http.get("/auth/v1/health")
    assert health.text.startswith("<!doctype html>")


async def test_wrong_types(server: Faulty) -> None:
    """All values, or those that are named."""
    server.add("sign_in: wrong types x1")
    body = (await server.sign_in()).json()
    assert (body["jwt"], body["refreshToken"], body["user"]["id"]) == (42, 42, "1")
    assert (body["user"]["username"], body["user"]["confirmed"]) == (42, "true")
    server.add("sign_in: wrong types user refreshToken x1")
    body = (await server.sign_in()).json()
    assert isinstance(body["jwt"], str)
    assert (body["refreshToken"], type(body["user"])) == (42, str)


async def test_missing_fields(server: Faulty) -> None:
    """Wherever they are, in headers and cookies too."""
    server.add("missing refreshToken email X-RateLimit-Limit accessToken")
    answer = await server.sign_in()
    assert set(answer.json()) == {"jwt", "user"}
    assert "email" not in answer.json()["user"]
    assert answer.json()["user"]["username"] == "anna"
    cookies = (await server.sign_in("/dummyjson/auth/login")).headers.get_list("set-cookie")
    assert cookies == []


async def test_a_huge_body_is_json_all_the_same(server: Faulty) -> None:
    """Its length is announced, and what is at its beginning is the answer."""
    server.add("sign_in: huge 3MB")
    answer = await server.sign_in()
    assert answer.headers["content-length"] == "3000000"
    assert len(answer.content) == 3_000_000
    assert set(answer.json()) == {"jwt", "refreshToken", "user"}


async def test_several_at_once(server: Faulty) -> None:
    """A field that is missing from an answer that is cut off half-way."""
    server.add("sign_in: missing user")
    server.add("sign_in: drop midway")
    with pytest.raises(httpx.RemoteProtocolError):
        await server.sign_in()


async def test_for_one_user_alone(server: Faulty) -> None:
    """By name or address, in the body or behind a token of whichever dialect."""
    server.add("drop for ANNA@example.com")
    for path in SIGN_INS:
        with pytest.raises(httpx.RemoteProtocolError):
            await server.sign_in(path)
    wrong = {"identifier": "blocked", "password": "correct horse"}
    assert (await server.http.post(STRAPI, json=wrong)).status_code == 400
    server.faults.clear()
    tokens = [_access(await server.sign_in(path)) for path in SIGN_INS]
    server.http.cookies.clear()
    server.add("status 503 for anna")
    for token in tokens:
        for path in ("/api/users/me", "/auth/v1/user", "/plain/auth/v1/user", "/dummyjson/auth/me"):
            answer = await server.http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 503
    assert (await server.http.get("/api/users/me")).status_code == 403


async def test_a_refresh_token_says_whose_it_is(server: Faulty) -> None:
    """That of GoTrue, too, which is none of JSON's."""
    body = (await server.sign_in("/auth/v1/token?grant_type=password")).json()
    server.add("refresh: status 503 for anna")
    path = "/auth/v1/token?grant_type=refresh_token"
    answer = await server.http.post(path, json={"refresh_token": body["refresh_token"]})
    assert answer.status_code == 503
    assert (await server.http.post(path, json={"refresh_token": "x" * 20})).status_code == 400


async def test_counters_tell_tokens_apart_without_showing_them(server: Faulty) -> None:
    """Per endpoint and token; what is shown opens nothing."""
    tokens = [_access(await server.sign_in()) for _ in range(2)]
    for token in (*tokens, tokens[0]):
        await server.http.get("/api/users/me", headers={"Authorization": f"Bearer {token}"})
    counts = [count for count in server.faults.counters if count.endpoint == "me"]
    assert [(count.user, count.calls) for count in counts] == [("anna", 2), ("anna", 1)]
    assert counts[0].token != counts[1].token
    assert not any(count.token in token for count in counts for token in tokens)
    assert server.faults.calls("sign_in", user="anna") == 2


async def test_hostile_requests_are_nobodys(server: Faulty) -> None:
    """What is no token and no name disturbs neither the faults nor the dialect behind them."""
    server.add("status 503 for anna")
    for token in (
        "a.b.c",
        "a.W10.c",
        "AAAA",
        "é",
        "x" * 40_000,
        "AA==",
        "e30.eyJpZCI6OTk5OTk5OTk5OTk5OTk5OTk5fQ.x",
    ):
        headers = {b"Authorization": f"Bearer {token}".encode()}
        answer = await server.http.get("/plain/auth/v1/user", headers=headers)
        assert answer.status_code in (400, 401, 431), token[:20]
    for body in (b"", b"{", b"[1]", b'{"email": "\\ud800"}', b"\xff", b"[" * 100_000, b'{"email": ["anna"]}'):
        answer = await server.http.post(STRAPI, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, body[:20]


async def test_a_large_body_arrives_whole() -> None:
    """What is looked at before the dialect is handed on, however long it is."""
    async with running(faults=Faults()) as server, client_of(server.app) as http:
        body = json.dumps({"identifier": "anna", "password": "correct horse", "more": "x" * 3_000_000})
        headers = {"Content-Type": "application/json"}
        assert (await http.post(STRAPI, content=body, headers=headers)).status_code == 413
        body = json.dumps({"identifier": "anna", "password": "correct horse", "more": "x" * 900_000})
        assert (await http.post(STRAPI, content=body, headers=headers)).status_code == 200


def _access(answer: httpx.Response) -> str:
    body = answer.json()
    return str(next(body[name] for name in ("jwt", "access_token", "token", "accessToken") if name in body))
