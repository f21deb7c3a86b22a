"""Tokens for the server itself (RFC 6749, 4.4): fetched when needed, once, and for one origin alone."""

import asyncio
import base64
import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from portico.clock import Clock
from portico.errors import (
    AnswerInvalid,
    AnswerTooLarge,
    CallFailed,
    CredentialsRefused,
    DestinationRefused,
    ServiceTimeout,
    ServiceUnreachable,
)
from portico.model.credentials import ClientCredentials
from portico.model.query import Datasource, Method, Request
from portico.runtime.client_credentials import FRESH, MARGIN
from portico.runtime.http import Client
from portico.runtime.mask import MARK
from portico.values import Secret
from tests.runtime.listeners import listening, query, read_request, source

ID, SECRET = "shop:ü 1", "cNrY+secret/ %&=ß"


def reply(status: str, body: str, *more: str) -> bytes:
    """A complete answer."""
    lines = [f"HTTP/1.1 {status}", *more, f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()


def grant(token: str, **more: object) -> bytes:
    """A token as the RFC says it."""
    return reply("200 OK", json.dumps({"access_token": token, "token_type": "Bearer", **more}))


@dataclass
class Issuer:
    """A token endpoint that numbers its tokens, or answers with what `answers` holds first; every
    request waits for `gate`."""

    lifetime: Any = 3600
    answers: list[bytes] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    issued: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            self.requests.append(request)
            self.asked.set()
            await self.gate.wait()
            if self.answers:
                writer.write(self.answers.pop(0))
            else:
                self.issued += 1
                more = {} if self.lifetime is None else {"expires_in": self.lifetime}
                writer.write(grant(f"token-number-{self.issued}", **more))
            await writer.drain()

    def fields(self, index: int = -1) -> list[tuple[str, str]]:
        """The form of a request."""
        return parse_qsl(self.requests[index].partition(b"\r\n\r\n")[2].decode(), strict_parsing=True)

    def header(self, name: str, index: int = -1) -> str | None:
        """A header of a request."""
        lines = self.requests[index].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return next((line.split(": ", 1)[1] for line in lines if line.lower().startswith(f"{name}: ")), None)


@dataclass
class Api:
    """An API that takes the tokens in `good`, or any if it is None."""

    good: set[str] | None = None
    tokens: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            self.requests.append(request)
            _, _, rest = request.partition(b"Authorization: Bearer ")
            token = rest.partition(b"\r\n")[0].decode()
            self.tokens.append(token)
            fine = self.good is None or token in self.good
            writer.write(reply("200 OK" if fine else "401 Unauthorized", json.dumps({"saw": token})))
            await writer.drain()


@dataclass
class World:
    """Both servers, the client, and its datasource."""

    issuer: Issuer
    api: Api
    client: Client
    clock: Clock
    datasource: Datasource

    async def call(self, method: Method = "GET", request: Request | None = None) -> Any:
        """One call; gives the status."""
        return (await self.client.send(self.datasource, query(method), request or Request(path="/"))).status


@asynccontextmanager
async def world(
    issuer: Issuer | None = None,
    api: Api | None = None,
    *,
    path: str = "/token",
    changes: dict[str, Any] | None = None,
    **auth: Any,
) -> AsyncIterator[World]:
    """An issuer and an API on ports of their own."""
    issuer, api, clock = issuer or Issuer(), api or Api(), Clock()
    async with listening(issuer) as at, listening(api) as target, Client(clock=clock) as client:
        given: dict[str, Any] = {"client_id": ID, "client_secret": Secret(SECRET), **auth}
        credentials = ClientCredentials(token_url=f"{at.url}{path}", **given)
        yield World(issuer, api, client, clock, source(target.url, auth=credentials, **(changes or {})))


async def test_a_token_is_asked_for_as_the_rfc_says() -> None:
    """4.4.2, and 2.3.1: id and secret are form-encoded before they become Basic credentials."""
    async with world(
        scope="read write", audiences=("https://api.example",), resources=("urn:a", "urn:b")
    ) as at:
        assert await at.call() == 200
        assert at.issuer.requests[0].startswith(b"POST /token HTTP/1.1\r\n")
        assert at.issuer.header("content-type") == "application/x-www-form-urlencoded"
        assert at.issuer.header("accept") == "application/json"
        basic = base64.b64decode(str(at.issuer.header("authorization")).removeprefix("Basic ")).decode()
        assert basic == "shop%3A%C3%BC+1:cNrY%2Bsecret%2F+%25%26%3D%C3%9F"
        assert at.issuer.fields() == [
            ("grant_type", "client_credentials"),
            ("scope", "read write"),
            ("audience", "https://api.example"),
            ("resource", "urn:a"),
            ("resource", "urn:b"),
        ]
        assert at.api.tokens == ["token-number-1"]


async def test_credentials_may_go_into_the_body() -> None:
    """And then there are none in the header; parameters of the address stay."""
    async with world(sent_as="body", path="/oauth/token/?tenant=a%20b", client_id=Secret(ID)) as at:
        assert await at.call() == 200
        assert at.issuer.requests[0].startswith(b"POST /oauth/token/?tenant=a%20b HTTP/1.1\r\n")
        assert at.issuer.header("authorization") is None
        assert at.issuer.fields() == [
            ("grant_type", "client_credentials"),
            ("client_id", ID),
            ("client_secret", SECRET),
        ]


async def test_the_secret_and_the_token_go_to_their_own_origin_alone() -> None:
    """Promise 33: the API never sees the secret, the issuer never the token or the query."""
    async with world() as at:
        request = Request(path="/orders?q=private", headers=(("X-Private", "header"),))
        await at.call(request=request)
        await at.call(request=request)
        to_api, to_issuer = b"".join(at.api.requests), b"".join(at.issuer.requests)
        for secret in (SECRET, "cNrY", base64.b64encode(b"shop").decode()[:4]):
            assert secret.encode() not in to_api
        for private in (b"token-number", b"private", b"X-Private"):
            assert private not in to_issuer


async def test_a_query_with_a_token_of_its_own_asks_for_none() -> None:
    """The user's wins, and a 401 to it says nothing about ours."""
    async with world(api=Api(good=set())) as at:
        request = Request(path="/", headers=(("authorization", "Bearer user"),))
        assert await at.call(request=request) == 401
        assert (at.issuer.requests, len(at.api.requests)) == ([], 1)


# How long a token is kept


@pytest.mark.parametrize(
    ("lifetime", "kept"),
    [
        (3600, timedelta(hours=1) - MARGIN),
        (100, timedelta(seconds=90)),
        ("600", timedelta(seconds=570)),
        (600.0, timedelta(seconds=570)),
        (10**30, timedelta(days=365) - MARGIN),
    ],
)
async def test_a_token_is_kept_until_shortly_before_it_expires(lifetime: object, kept: timedelta) -> None:
    """A tenth of its life before, at most half a minute."""
    async with world(Issuer(lifetime=lifetime)) as at:
        await at.call()
        at.clock.advance(kept - timedelta(seconds=3))
        await at.call()
        assert at.issuer.issued == 1
        at.clock.advance(timedelta(seconds=4))
        await at.call()
        assert at.issuer.issued == 2
        assert at.api.tokens == ["token-number-1", "token-number-1", "token-number-2"]


@pytest.mark.parametrize("lifetime", [None, "soon", True, [], "-1"])
async def test_without_a_lifetime_a_token_is_kept_until_it_is_refused(lifetime: object) -> None:
    """`expires_in` is only recommended (5.1)."""
    async with world(Issuer(lifetime=lifetime), Api(good={"token-number-1"})) as at:
        await at.call()
        at.clock.advance(timedelta(days=400))
        assert await at.call() == 200
        assert at.issuer.issued == 1
        at.api.good = {"token-number-2"}
        assert await at.call() == 200
        assert at.issuer.issued == 2


@pytest.mark.parametrize("lifetime", [0, -5])
async def test_a_token_that_has_expired_is_used_once(lifetime: int) -> None:
    """Each call fetches its own: slow, and right."""
    async with world(Issuer(lifetime=lifetime)) as at:
        assert [await at.call(), await at.call()] == [200, 200]
        assert at.api.tokens == ["token-number-1", "token-number-2"]


# Refused tokens


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_refused_token_is_fetched_again_and_the_call_repeated_once(method: Method) -> None:
    """401 says that nothing was done, so a write is repeated too, with the same body."""
    async with world(api=Api(good={"token-number-1"})) as at:
        await at.call()
        at.api.good = {"token-number-2"}
        at.clock.advance(FRESH)
        request = Request(path="/orders", body={"a": 1})
        answer = await at.client.send(
            at.datasource, query(method, "json" if method == "POST" else "none"), request
        )
        assert answer.status == 200
        assert at.api.tokens == ["token-number-1", "token-number-1", "token-number-2"]
        bodies = {request.partition(b"\r\n\r\n")[2] for request in at.api.requests[1:]}
        assert bodies == ({b'{"a":1}'} if method == "POST" else {b""})


async def test_a_second_refusal_is_the_answer() -> None:
    """An API that takes no token at all is asked twice, not for ever."""
    async with world(api=Api(good={"token-number-1"})) as at:
        await at.call()
        at.api.good = set()
        at.clock.advance(FRESH)
        assert await at.call("POST") == 401
        assert (at.issuer.issued, len(at.api.requests)) == (2, 3)


async def test_a_token_that_is_new_is_not_fetched_again() -> None:
    """A 401 to it is about something else, as a wrong password; the issuer is not asked each time."""
    async with world(api=Api(good=set())) as at:
        for _ in range(5):
            assert await at.call("POST") == 401
        assert (at.issuer.issued, len(at.api.requests)) == (1, 5)


@pytest.mark.parametrize("status", ["403 Forbidden", "400 Bad Request", "500 Oops"])
async def test_other_refusals_are_answers(status: str) -> None:
    """Only 401 speaks of the token."""
    issuer = Issuer()
    async with (
        listening(issuer) as at,
        listening(reply(status, "{}")) as api,
        Client(clock=Clock()) as client,
    ):
        auth = ClientCredentials(token_url=f"{at.url}/t", client_id="a", client_secret=Secret("b"))
        datasource = source(api.url, auth=auth)
        answer = await client.send(datasource, query(), Request(path="/"))
        assert (answer.status, issuer.issued, len(api.requests)) == (int(status[:3]), 1, 1)


# Many at once


async def test_many_calls_fetch_one_token() -> None:
    """Two hundred calls wait for the same fetch."""
    async with world() as at:
        at.issuer.gate.clear()
        calls = [asyncio.create_task(at.call()) for _ in range(200)]
        await at.issuer.asked.wait()
        await asyncio.sleep(0.05)
        at.issuer.gate.set()
        assert set(await asyncio.gather(*calls)) == {200}
        assert len(at.issuer.requests) == 1


async def test_many_refused_calls_fetch_one_token() -> None:
    """All saw the old one refused; the first to come fetches, the others take what is there."""
    async with world(api=Api(good={"token-number-1"})) as at:
        await at.call()
        at.api.good = {"token-number-2"}
        at.clock.advance(FRESH)
        assert set(await asyncio.gather(*(at.call("POST") for _ in range(50)))) == {200}
        assert at.issuer.issued == 2


async def test_a_caller_who_goes_away_does_not_end_the_fetch() -> None:
    """The others still get the token."""
    async with world() as at:
        at.issuer.gate.clear()
        first = asyncio.create_task(at.call())
        second = asyncio.create_task(at.call())
        await at.issuer.asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        at.issuer.gate.set()
        assert await second == 200
        assert at.issuer.issued == 1


async def test_a_failed_fetch_fails_all_who_waited_and_is_tried_again() -> None:
    """One call of the issuer for all of them; the next call asks anew."""
    async with world(Issuer(answers=[reply("503 Busy", "{}")])) as at:
        at.issuer.gate.clear()
        calls = [asyncio.create_task(at.call()) for _ in range(20)]
        await at.issuer.asked.wait()
        await asyncio.sleep(0.05)
        at.issuer.gate.set()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(result) for result in results} == {CredentialsRefused}
        assert len(at.issuer.requests) == 1
        assert await at.call() == 200


async def test_closing_the_client_ends_a_fetch() -> None:
    """Nothing is left behind, and nobody waits for ever."""
    async with world() as at:
        at.issuer.gate.clear()
        call = asyncio.create_task(at.call())
        await at.issuer.asked.wait()
        await at.client.__aexit__(None, None, None)
        with pytest.raises(asyncio.CancelledError):
            await call


# What can go wrong

REFUSALS: list[tuple[bytes, type[CallFailed], str]] = [
    (reply("401 No", json.dumps({"error": "invalid_client", "error_description": SECRET})),
     CredentialsRefused, "401 invalid_client"),
    (reply("400 No", json.dumps({"error": "invalid_scope"})), CredentialsRefused, "400 invalid_scope"),
    (reply("400 No", json.dumps({"error": SECRET})), CredentialsRefused, "answered 400"),
    (reply("400 No", json.dumps({"error": {"a": SECRET}})), CredentialsRefused, "answered 400"),
    (reply("500 Oops", f"<html>{SECRET}</html>"), CredentialsRefused, "answered 500"),
    (reply("302 Go", "", f"Location: https://evil.example/?{ID}"), CredentialsRefused, "answered 302"),
    (reply("200 OK", SECRET), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps([SECRET])), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps({"token": SECRET})), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps({"access_token": None})), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps({"access_token": " "})), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps({"access_token": "a\r\nX-Evil: 1"})), AnswerInvalid, "no token"),
    (reply("200 OK", json.dumps({"access_token": "tökén"})), AnswerInvalid, "no token"),
    (grant("t", token_type="mac"), AnswerInvalid, "another type"),
    (grant("t", token_type=5), AnswerInvalid, "another type"),
    (reply("200 OK", "x" * 70_000), AnswerTooLarge, "over 65536"),
    (b"nonsense\r\n\r\n", AnswerInvalid, "not valid HTTP"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "words"), REFUSALS)
async def test_an_issuer_that_gives_no_token_is_the_querys_error(
    answer: bytes, kind: type[CallFailed], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By class; nothing of what it said or was sent is told, and the API is not called."""
    caplog.set_level(logging.DEBUG)
    async with world(Issuer(answers=[answer])) as at:
        with pytest.raises(kind) as failed:
            await at.call()
        assert words in failed.value.detail
        assert failed.value.detail.startswith("api: GET http://127.0.0.1:")
        told = "".join(traceback.format_exception(failed.value)) + failed.value.message + caplog.text
        for secret in (SECRET, "cNrY", ID, "evil.example", "X-Evil"):
            assert secret not in told
        assert at.api.requests == []
        assert failed.value.message == kind.default_message


@pytest.mark.parametrize("kind", ["bearer", "BEARER", "Bearer", None])
async def test_the_type_of_a_token_is_read_leniently(kind: str | None) -> None:
    """Its case means nothing (5.1); some issuers leave it out."""
    body = {"access_token": "token-number-9"} | ({"token_type": kind} if kind else {})
    async with world(Issuer(answers=[reply("200 OK", json.dumps(body))])) as at:
        assert await at.call() == 200
        assert at.api.tokens == ["token-number-9"]


async def test_the_issuer_is_called_under_the_same_limits() -> None:
    """Private addresses only if the datasource says so, its own time, and no port of this server."""
    async with world(changes={"timeout": timedelta(seconds=0.2)}) as at:
        at.issuer.gate.clear()
        with pytest.raises(ServiceTimeout):
            await at.call()
    with pytest.raises(DestinationRefused):
        async with world(changes={"allow_private": False}) as at:
            await at.call()
    async with listening(Issuer()) as own, listening() as api:
        client = Client(clock=Clock(), own_ports=[("127.0.0.1", own.port)])
        auth = ClientCredentials(token_url=f"{own.url}/t", client_id="a", client_secret=Secret("b"))
        async with client:
            with pytest.raises(DestinationRefused, match="itself listens"):
                await client.send(source(api.url, auth=auth), query(), Request(path="/"))
        assert (own.connections, api.connections) == (0, 0)
    auth = ClientCredentials(token_url="http://127.0.0.1:1/t", client_id="a", client_secret=Secret("b"))
    async with Client(clock=Clock()) as client, listening() as api:
        with pytest.raises(ServiceUnreachable):
            await client.send(source(api.url, auth=auth), query(), Request(path="/"))


async def test_a_token_that_comes_back_is_masked() -> None:
    """Scripts see a mark, as for every secret of a datasource."""
    async with world() as at:
        answer = await at.client.send(at.datasource, query(), Request(path="/"))
        assert answer.json() == {"saw": MARK}
