"""Credentials on the wire: who gets them, and what comes back of them (promises 33, 59, 60)."""

import base64
import json
import logging
import ssl
import traceback
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import httpx
import pytest
import trustme

from portico.auth.sealing import Vault
from portico.clock import Clock
from portico.errors import CallFailed, CredentialsRefused, ServiceUnreachable
from portico.model.app import App, Theme
from portico.model.credentials import ApiKey, Auth, Basic, Bearer
from portico.model.query import Datasource, Request
from portico.runtime import queries
from portico.runtime.http import Client
from portico.runtime.mask import MARK
from portico.values import Secret
from tests.runtime.listeners import Handler, Listener, get, listening, query, read_request, resolver, source

CANARY = "cNrY8f+Kq/2Zx7=Lw5Tn9B"

AUTHS: list[tuple[Auth, str]] = [
    (
        Basic(username="joe", password=Secret(CANARY)),
        "Basic " + base64.b64encode(f"joe:{CANARY}".encode()).decode(),
    ),
    (
        Basic(username=Secret(CANARY), password=Secret("")),
        "Basic " + base64.b64encode(f"{CANARY}:".encode()).decode(),
    ),
    (Basic(username="jö", password=Secret("pä:ß")), "Basic " + base64.b64encode("jö:pä:ß".encode()).decode()),
    (Bearer(token=Secret(CANARY)), f"Bearer {CANARY}"),
    (ApiKey(name="authorization", value=Secret(CANARY), where="header", prefix="Token"), f"Token {CANARY}"),
    (ApiKey(name="Authorization", value=Secret(CANARY), where="header"), CANARY),
]


async def sent(datasource: dict[str, Any], request: Request | None = None) -> Listener:
    """What reaches a server."""
    async with listening() as server, Client(clock=Clock()) as client:
        await client.send(source(server.url, **datasource), query(), request or Request(path="/"))
    return server


@pytest.mark.parametrize(("auth", "expected"), AUTHS)
async def test_each_type_fills_its_header(auth: Auth, expected: str) -> None:
    """RFC 7617 in UTF-8, RFC 6750, and a prefix with one space."""
    assert (await sent({"auth": auth})).header("authorization") == [expected]


@pytest.mark.parametrize(("auth", "_"), AUTHS)
async def test_a_header_of_the_query_wins(auth: Auth, _: str) -> None:
    """A user's own token replaces the server's, whatever the case of the name (hard-cases 29)."""
    request = Request(path="/", headers=(("AUTHORIZATION", "Bearer user"),))
    assert (await sent({"auth": auth}, request)).header("authorization") == ["Bearer user"]


async def test_headers_may_be_secrets() -> None:
    """Beside plain ones; the query's still win."""
    headers = (("apikey", Secret(CANARY)), ("X-Shop", "1"))
    server = await sent({"headers": headers})
    assert (server.header("apikey"), server.header("x-shop")) == ([CANARY], ["1"])
    server = await sent({"headers": headers}, Request(path="/", headers=(("APIKEY", "own"),)))
    assert server.header("apikey") == ["own"]


@pytest.mark.parametrize(
    ("path", "params", "expected"),
    [
        ("/x", (), [("key", CANARY)]),
        ("/x?a=1", (("b", "2"),), [("a", "1"), ("b", "2"), ("key", CANARY)]),
        ("/x?key=own", (), [("key", "own")]),
        ("/x?k%65y=own", (), [("key", "own")]),
        ("/x?key", (), [("key", "")]),
        ("/x", (("key", "own"),), [("key", "own")]),
    ],
)
async def test_a_key_in_the_query_string(
    path: str, params: tuple[tuple[str, str], ...], expected: list[tuple[str, str]]
) -> None:
    """Encoded, last, and only where the query has no parameter of that name."""
    auth = ApiKey(name="key", value=Secret(CANARY), where="query")
    server = await sent({"auth": auth}, Request(path=path, params=params))
    assert parse_qsl(urlsplit(server.targets[0]).query, keep_blank_values=True) == expected
    assert server.header("authorization") == []


async def test_nothing_is_sent_while_a_secret_is_not_set() -> None:
    """Rather than a call that the API would take for a stranger's."""
    async with listening() as server, Client(clock=Clock()) as client:
        with pytest.raises(CredentialsRefused) as refused:
            await get(client, source(server.url, unset=("API_KEY",)))
        assert server.connections == 0
    assert "API_KEY" in refused.value.detail
    assert "API_KEY" not in refused.value.message


# Only its own origin gets them (promise 33)

EVERYWHERE: list[dict[str, Any]] = [
    {"headers": (("Authorization", Secret(CANARY)), ("X-Key", Secret(CANARY)))},
    *({"auth": auth} for auth, _ in AUTHS),
    {"auth": ApiKey(name="key", value=Secret(CANARY), where="query")},
]


def leads_away(evil: Listener) -> list[Request]:
    """Requests whose parts name another listener in every place a binding can fill."""
    host = f"127.0.0.1:{evil.port}"
    paths = [
        f"//{host}/", f"http://{host}/", f"@{host}/", f"/\\{host}/", f"\\\\{host}\\", f":@{host}/",
        f"/..//{host}/", f"/%2F%2F{host}/", f"?@{host}/", f"/?next=http://{host}/", f".{host}/",
        f"/#@{host}/", f"/\t/{host}/", f"/x\r\nHost: {host}\r\n\r\n", "/" + "../" * 9 + f"/{host}",
    ]  # fmt: skip
    found = [Request(path=path) for path in paths]
    found += [
        Request(path="/", headers=((name, host),)) for name in ("Host", "X-Forwarded-Host", "Forwarded")
    ]
    found.append(Request(path="/", params=(("url", f"http://{host}/"), ("@", host))))
    return found


@pytest.mark.parametrize("credentials", EVERYWHERE)
async def test_no_other_origin_gets_a_connection(credentials: dict[str, Any]) -> None:
    """Whatever a query's path, parameters and headers say: the other port of this very host sees nothing."""
    async with listening() as evil, listening() as server, Client(clock=Clock()) as client:
        datasource = source(server.url, **credentials)
        arrived = 0
        for request in leads_away(evil):
            try:
                await client.send(datasource, query(), request)
                arrived += 1
            except CallFailed:
                continue
        assert evil.connections == 0
        assert len(server.requests) == arrived > 3


async def test_two_datasources_keep_their_secrets_apart() -> None:
    """Of one client, called in turn: each server sees its own alone."""
    async with listening() as first, listening() as second, Client(clock=Clock()) as client:
        one = source(first.url, auth=Bearer(token=Secret("first-secret")))
        other = source(second.url, headers=(("X-Key", Secret("second-secret")),))
        for _ in range(3):
            await get(client, one)
            await get(client, other)
        assert b"second-secret" not in b"".join(first.requests)
        assert b"first-secret" not in b"".join(second.requests)


async def test_a_redirect_takes_no_secret_along() -> None:
    """It is an answer, and the place it names gets no call at all."""
    async with listening() as evil:
        reply = f"HTTP/1.1 307 Go\r\nLocation: {evil.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with listening(reply) as server, Client(clock=Clock()) as client:
            for credentials in EVERYWHERE:
                assert (await get(client, source(server.url, **credentials))).status == 307
        assert evil.connections == 0


async def test_control_a_client_that_follows_takes_the_key_along() -> None:
    """Positive control: the evil listener would see the header and write it down."""
    async with listening() as evil:
        reply = f"HTTP/1.1 307 Go\r\nLocation: {evil.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with (
            listening(reply) as server,
            httpx.AsyncClient(trust_env=False, follow_redirects=True) as naive,
        ):
            await naive.get(server.url, headers={"X-Key": CANARY})
        assert evil.header("x-key") == [CANARY]


async def test_failures_tell_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Neither messages nor details, tracebacks or DEBUG lines; not even the place it stands in."""
    caplog.set_level(logging.DEBUG)
    replies = ("", f"HTTP/1.1 200 OK\r\nbad {CANARY}\r\n\r\n", f"{CANARY}\r\n\r\n")
    told = []
    async with Client(clock=Clock()) as client:
        for reply in replies:
            async with listening(reply.encode()) as server:
                for credentials in EVERYWHERE:
                    with pytest.raises(CallFailed) as failed:
                        await get(
                            client, source(server.url if reply else "http://127.0.0.1:1", **credentials)
                        )
                    told.append("".join(traceback.format_exception(failed.value)))
    assert len(told) == 3 * len(EVERYWHERE)
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for text in (CANARY, quote_plus(CANARY), base64.b64encode(f"joe:{CANARY}".encode()).decode(), "key="):
        assert text not in "".join(told)
        assert text not in logged


# What comes back


def echo(respond: str) -> Handler:
    """A server that answers with what it got: as JSON, as text, in a header, or all of it encoded."""

    async def answer(reader: Any, writer: Any) -> None:
        head = (await read_request(reader)).decode("latin-1")
        lines = head.split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        target = lines[0].split(" ")[1]
        extra = ""
        match respond:
            case "json":
                body = json.dumps(
                    {"url": target, "headers": fields, "deep": [[{"all": list(fields.values())}]]}
                )
            case "keys":
                body = json.dumps(dict.fromkeys(fields.values(), 1) | {target: 2})
            case "nested":
                body = json.dumps(
                    {"said": json.dumps({"headers": fields, "args": dict(parse_qsl(target[2:]))})}
                )
            case "html":
                body = f"<pre>{head.replace('&', '&amp;')}</pre>"
            case "header":
                body = "{}"
                extra = (
                    f"X-Echo: {list(fields.values())} {target}\r\nSet-Cookie: k={fields.get('X-Key', '')}\r\n"
                )
            case _:
                body = head
        data = body.encode()
        writer.write(f"HTTP/1.1 200 OK\r\n{extra}Content-Length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    return answer


def app_with(datasource: Datasource) -> App:
    """An app of one datasource."""
    return App(
        slug="shop",
        name="Shop",
        version="1",
        theme=Theme(),
        contract=None,
        home="Home",
        pages={},
        datasources={"api": datasource},
    )


async def returned(respond: str, credentials: dict[str, Any]) -> str:
    """All that scripts get of an echo, as JSON and as Python shows it."""
    async with listening(echo(respond)) as server, Client(clock=Clock()) as client:
        result = await queries.run(
            client, app_with(source(server.url, **credentials)), query(), Request(path="/"), Vault()
        )
    assert result.answer is not None
    assert result.ok
    seen = [result.value, result.meta, result.message, result.answer.headers, result.answer.cookies]
    return json.dumps(seen, ensure_ascii=False) + repr(seen)


@pytest.mark.parametrize("respond", ["json", "keys", "nested", "html", "header", "text"])
@pytest.mark.parametrize("credentials", EVERYWHERE)
async def test_an_echo_shows_marks_in_place_of_secrets(respond: str, credentials: dict[str, Any]) -> None:
    """In bodies and headers, as value or key, in the spellings of URLs, JSON and Basic."""
    shown = await returned(respond, credentials)
    basic = [base64.b64encode(pair.encode()).decode().rstrip("=") for pair in (f"joe:{CANARY}", f"{CANARY}:")]
    for text in (CANARY, quote_plus(CANARY), *basic):
        assert text not in shown
    assert CANARY[:8] not in shown
    if not (isinstance(credentials.get("auth"), Basic) and "jö" in repr(credentials)):
        assert MARK in shown


async def test_control_an_echo_of_a_plain_header_is_seen() -> None:
    """The echo works, and only secrets are replaced."""
    for respond in ("json", "keys", "nested", "html", "header", "text"):
        assert CANARY in await returned(respond, {"headers": (("X-Key", CANARY),)})


async def test_what_scripts_read_stays_whole_but_for_the_mark() -> None:
    """The rest of an answer is as it came."""
    reply = json.dumps({"a": [f"x{CANARY}y", CANARY, 1, None], "n": 12345678.5}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(reply)}\r\n\r\n".encode()
    async with listening(head + reply) as server, Client(clock=Clock()) as client:
        answer = await get(client, source(server.url, auth=Bearer(token=Secret(CANARY))))
    assert answer.json() == {"a": [f"x{MARK}y", MARK, 1, None], "n": 12345678.5}


# TLS with an authority of the app's own


def context(authority: trustme.CA, host: str = "api.example") -> ssl.SSLContext:
    """A server's side, vouched for by `authority`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(made)
    return made


async def test_an_authority_is_believed_for_its_datasource_alone() -> None:
    """The same server, called by the same client, through a datasource with and one without `tls.ca`."""
    authority, other = trustme.CA(), trustme.CA()
    pem, strange = (found.cert_pem.bytes().decode() for found in (authority, other))
    client = Client(clock=Clock(), resolve=resolver({"api.example": ["127.0.0.1"]}))
    async with listening(tls=context(authority)) as server, client:
        url = f"https://api.example:{server.port}"
        for _ in range(2):
            assert (await get(client, source(url, ca=pem))).text == "ok"
            for ca in (None, strange):
                with pytest.raises(ServiceUnreachable):
                    await get(client, source(url, ca=ca))
        assert (await get(client, source(url, ca=strange + pem))).text == "ok"
        assert len(server.requests) == 3


async def test_the_name_must_fit_with_an_own_authority_too() -> None:
    """Trust in an authority is no trust in every server it knows."""
    authority = trustme.CA()
    client = Client(clock=Clock(), resolve=resolver({"api.example": ["127.0.0.1"]}))
    async with listening(tls=context(authority, "other.example")) as server, client:
        with pytest.raises(ServiceUnreachable):
            await get(
                client,
                source(f"https://api.example:{server.port}", ca=authority.cert_pem.bytes().decode()),
            )
        assert server.requests == []
