"""What is sent, and how the answer is read (promises 29, 38)."""

import asyncio
import itertools
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portico import __version__
from portico.clock import Clock
from portico.errors import AnswerInvalid, CallFailed, ServiceUnreachable
from portico.model.query import READING, BodyType, Method, Request
from portico.runtime.answer import Answer
from portico.runtime.body import encode_body
from portico.runtime.headers import RESERVED
from portico.runtime.http import CONNECTIONS, Client
from tests.runtime.listeners import KEPT, Listener, get, listening, query, read_request, source

FORM = "application/x-www-form-urlencoded"

Pairs = tuple[tuple[str, str], ...]


async def sent(
    request: Request, method: Method = "POST", body_type: BodyType = "none", headers: Pairs = ()
) -> Listener:
    """What reaches a server for this request."""
    async with listening() as server, Client(clock=Clock()) as client:
        await client.send(source(server.url, headers=headers), query(method, body_type), request)
    return server


async def received(reply: str | bytes) -> Answer:
    """The answer to a GET."""
    reply = reply.encode() if isinstance(reply, str) else reply
    async with listening(reply) as server, Client(clock=Clock()) as client:
        return await get(client, source(server.url))


def reply(body: bytes, content_type: str) -> bytes:
    """A complete answer with this body."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body


async def test_a_plain_request_says_little() -> None:
    """Method, host, who calls, what is accepted; no body, no cookie, no referrer."""
    server = await sent(Request(path="/x"), "GET")
    assert server.heads == [
        [
            "GET /x HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            f"User-Agent: Portico/{__version__}",
            "Accept-Encoding: gzip",
            "Accept: */*",
        ]
    ]
    assert server.bodies == [b""]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_arrives(method: Method) -> None:
    """Methods that usually carry a body say so when they carry none (RFC 9110, 8.6)."""
    server = await sent(Request(path="/"), method)
    assert server.heads[0][0] == f"{method} / HTTP/1.1"
    assert server.header("content-length") == (["0"] if method in ("POST", "PUT", "PATCH") else [])


async def test_a_querys_headers_replace_those_of_its_datasource() -> None:
    """By name, whatever the case; repeated headers are all sent; spaces around a value are not."""
    general = (("Authorization", "Bearer general"), ("X-Api", "1"), ("accept", "text/csv"))
    own = (("AUTHORIZATION", " Bearer own\t"), ("X-Many", "a"), ("X-Many", "b"), ("Cookie", "sid=1"))
    server = await sent(Request(path="/", headers=own), headers=general)
    assert server.header("authorization") == ["Bearer own"]
    assert server.header("x-api") == ["1"]
    assert server.header("x-many") == ["a", "b"]
    assert server.header("cookie") == ["sid=1"]
    assert server.header("accept") == ["text/csv"]


BODIES: list[tuple[BodyType, Any, bool, bytes | None, str | None]] = [
    ("none", {"a": 1}, False, None, None),
    ("json", {"a": [1, "ä", None, True]}, False, '{"a":[1,"ä",null,true]}'.encode(), "application/json"),
    ("json", "text", False, b'"text"', "application/json"),
    ("json", "", False, b'""', "application/json"),
    ("json", 0, False, b"0", "application/json"),
    ("json", False, False, b"false", "application/json"),
    ("json", "\ud800", False, b'"?"', "application/json"),
    ("json", None, False, None, None),
    ("json", ' {"n": 1.0, "n": 98765432109876543210} ', True,
     b' {"n": 1.0, "n": 98765432109876543210} ', "application/json"),
    ("json", "9" * 5000, True, b"9" * 5000, "application/json"),
    ("json", " \n", True, None, None),
    ("form", {"a": "ä &=+", "b": 1, "c": None, "d": True, "e": [1, {"x": "y"}]}, False,
     b"a=%C3%A4+%26%3D%2B&b=1&c=&d=true&e=%5B1%2C%7B%22x%22%3A%22y%22%7D%5D", FORM),
    ("form", [["a", "1"], ["a", "2"]], False, b"a=1&a=2", FORM),
    ("form", "a=1&b=%20+ä é\n", True, b"a=1&b=%20+%C3%A4%20%C3%A9", FORM),
    ("form", [], False, b"", FORM),
    ("text", "hä?\r\n", True, "hä?\r\n".encode(), "text/plain; charset=utf-8"),
    ("text", {"a": 1}, False, b'{"a":1}', "text/plain; charset=utf-8"),
    ("text", "", True, None, None),
    ("text", " \n", True, b" \n", "text/plain; charset=utf-8"),
]  # fmt: skip


@pytest.mark.parametrize(("body_type", "body", "is_text", "data", "content_type"), BODIES)
async def test_bodies_by_their_type(
    body_type: BodyType, body: Any, is_text: bool, data: bytes | None, content_type: str | None
) -> None:
    """Encoded, labelled and measured."""
    request = Request(path="/", body=body, body_is_text=is_text)
    assert encode_body(body_type, request) == (data, content_type)
    server = await sent(request, body_type=body_type)
    assert server.bodies == [data or b""]
    assert server.header("content-type") == ([content_type] if content_type else [])
    assert server.header("content-length") == [str(len(data or b""))]


async def test_a_query_may_name_its_own_content_type() -> None:
    """The label is the app's to choose, in the datasource or the query."""
    label = "application/vnd.api+json"
    for headers, general in (((("content-type", label),), ()), ((), (("Content-Type", label),))):
        server = await sent(Request(path="/", headers=headers, body={}), body_type="json", headers=general)
        assert server.header("content-type") == [label]


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body_type", "body", "is_text"),
    [
        ("json", '{"a": }', True),
        ("json", "{'a': 1}", True),
        ("json", '{"a": NaN}', True),
        ("json", '{"a": undefined}', True),
        ("json", "[" * 100_000, True),
        ("json", '{"a": "\n"}', True),
        ("json", float("nan"), False),
        ("json", nested(100_000), False),
        ("json", object(), False),
        ("form", [["a"]], False),
        ("form", 5, False),
    ],
)
async def test_a_body_that_is_not_what_it_says_is_not_sent(
    body_type: BodyType, body: Any, is_text: bool
) -> None:
    """The author is told, and the server sees nothing."""
    async with listening() as server, Client(clock=Clock()) as client:
        request = Request(path="/", body=body, body_is_text=is_text)
        with pytest.raises(CallFailed, match="the body is not"):
            await client.send(source(server.url), query("POST", body_type), request)
        assert server.connections == 0


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED), "HOST", "Content_Length", "Transfer_Encoding", "Keep-Alive"]
)
async def test_the_clients_own_headers_cannot_be_set(name: str) -> None:
    """Neither by a query nor by its datasource, in no case, with no underscore."""
    async with listening() as server, Client(clock=Clock()) as client:
        for general, own in (((), ((name, "x"),)), (((name, "x"),), ())):
            with pytest.raises(CallFailed) as failed:
                await client.send(
                    source(server.url, headers=general), query(), Request(path="/", headers=own)
                )
            assert name in failed.value.message
        assert server.connections == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "a\r\nY: b"), ("X", "a\nY: b"), ("X", "a\rY: b"), ("X", "a\x00"), ("X", "a\x7f"),
        ("X", "\r\n\r\nGET / HTTP/1.1"), ("X", "a\u2028Y: b"), ("X", "\u560d\u560aY: b"), ("X", "\x85Y: b"),
        ("X", "é"), ("X", "\ud800"), ("X", "a\n"), ("X\r\nY", "b"), ("X: a\r\nY", "b"), ("X ", "b"),
        (" X", "b"), ("X", "a\x0b"), ("", "b"), ("X:", "b"), ("X\x00", "b"), ("É", "b"), ("X\n", "b"),
        ("X" * 257, "b"),
    ],
)  # fmt: skip
async def test_what_is_no_header_is_refused(name: str, value: str) -> None:
    """Line ends and their disguises, in names and in values."""
    async with listening() as server, Client(clock=Clock()) as client:
        with pytest.raises(CallFailed):
            await client.send(source(server.url), query(), Request(path="/", headers=((name, value),)))
        assert server.connections == 0


EVIL = st.text(
    st.sampled_from("\r\n\0\t\x0b\x0c\x1c\x85\u2028\u2029\u560a\u560d: aX-1%?&=/#\\.;\ud800é"), max_size=20
)


async def reaches_whole(name: str, value: str, path: str, param: str, body: str) -> bool | None:
    """Send all of these; None if refused, else whether exactly one request arrived whose lines are
    those that were meant."""
    async with listening() as server, Client(clock=Clock()) as client:
        request = Request(
            path=f"/{path}",
            params=(("q", param),),
            headers=((f"X-{name}", value),),
            body=body,
            body_is_text=True,
        )
        try:
            await client.send(source(server.url), query("POST", "text"), request)
        except CallFailed:
            return None
        return whole(server, len(body.encode("utf-8", "replace")))


def whole(server: Listener, length: int) -> bool:
    """One request of six header lines, seven with a body's type."""
    head = server.requests[0].partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.replace(b"\r\n", b"\n").splitlines()[1:]]
    own = [name for name in names if name.startswith(b"x-")]
    expected = 7 if length else 6
    return (
        len(server.requests) == 1
        and len(names) == expected
        and len(own) == 1
        and head.count(b" HTTP/1.1") == 1
    )


@settings(max_examples=100)
@given(EVIL, EVIL, EVIL, EVIL, EVIL)
def test_nothing_adds_a_header(name: str, value: str, path: str, param: str, body: str) -> None:
    """Whatever stands in names, values, paths, parameters and bodies: no line more, or no request."""
    assert asyncio.run(reaches_whole(name, value, path, param, body)) is not False


@settings(max_examples=50)
@given(EVIL, EVIL)
def test_parameters_and_bodies_are_never_refused(param: str, body: str) -> None:
    """They are data: whatever they hold arrives."""
    assert asyncio.run(reaches_whole("Name", "value", "path", param, body)) is True


async def test_control_an_injected_header_is_noticed() -> None:
    """Positive control: written as text, the same value adds a line that the count sees."""
    async with listening() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        lines = [
            "POST / HTTP/1.1",
            "Host: a",
            "User-Agent: b",
            "Accept-Encoding: c",
            "Accept: d",
            "X-1: e\r\nX-2: f",
        ]
        writer.write("\r\n".join([*lines, "Content-Length: 0"]).encode() + b"\r\n\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
    assert not whole(server, 0)


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("application/json", '"ä"'.encode(), '"ä"'),
        ("application/json; charset=utf-8", b"\xef\xbb\xbf{}", "{}"),
        ("text/plain; charset=iso-8859-1", b"\xe4", "ä"),
        ('text/plain; CHARSET="ISO-8859-1"', b"\xe4", "ä"),
        ("text/plain; charset=windows-1252", b"\x80", "€"),
        ("text/plain; charset=shift_jis", "日".encode("shift_jis"), "日"),
        ("text/plain; charset=utf-16", "ä".encode("utf-16"), "ä"),
        ("text/plain", b"\xff", "\ufffd"),
        ("text/plain; charset=nonsense", "ä".encode(), "ä"),
        ("text/plain; charset=", "ä".encode(), "ä"),
        ("text/plain; charset=unicode_escape", b"\\x41", "\\x41"),
        ("text/plain; charset=utf-7", b"+AOQ-", "+AOQ-"),
        ("text/plain; charset=punycode", b"a-b", "a-b"),
        ("text/plain; charset=zip", b"a", "a"),
        ("text/plain; charset=undefined", b"a", "a"),
        ("\xe9\xe9", b"a", "a"),
        ("", b"a", "a"),
    ],
)
async def test_text_is_read_by_its_charset(content_type: str, body: bytes, text: str) -> None:
    """Known charsets, and UTF-8 for everything else."""
    assert (await received(reply(body, content_type))).text == text


async def test_json_is_read_whatever_its_label_says() -> None:
    """And what is not JSON is an invalid answer, whatever its label says."""
    assert (await received(reply(b'{"a": [1]}', "text/html"))).json() == {"a": [1]}
    for body in (b"<html>502</html>", b"", b"{", b"NaN", b"[" * 100_000, b"9" * 5000, b"\xff"):
        with pytest.raises(AnswerInvalid):
            (await received(reply(body, "application/json"))).json()


@pytest.mark.parametrize(
    "status", [200, 201, 204, 304, 400, 401, 403, 404, 407, 418, 429, 500, 502, 599, 999]
)
async def test_every_status_is_an_answer(status: int) -> None:
    """What it means is not for the client to say."""
    answer = await received(f"HTTP/1.1 {status} Whatever\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")
    assert (answer.status, answer.body, answer.values("X-a")) == (status, b"", ["1", "2"])
    assert answer.elapsed.total_seconds() >= 0


async def test_a_head_answer_has_no_body_whatever_it_announces() -> None:
    """Length and packing describe the body that a GET would have."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\nContent-Encoding: gzip\r\n\r\n"
    async with listening(head) as server, Client(clock=Clock()) as client:
        answer = await client.send(source(server.url, max_bytes=10), query("HEAD"), Request(path="/"))
    assert (answer.status, answer.body) == (200, b"")


async def test_calls_at_once_do_not_mix() -> None:
    """A hundred calls through one client, each with its own answer."""

    open_now = most = 0

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        with suppress(asyncio.IncompleteReadError):
            while True:
                line = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
                await asyncio.sleep(0.001)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(line) + line)
        open_now -= 1

    async with listening(echo) as server, Client(clock=Clock()) as client:
        datasource = source(server.url)
        answers = await asyncio.gather(*(get(client, datasource, f"/{n}") for n in range(100)))
        assert [answer.text for answer in answers] == [f"/{n}" for n in range(100)]
        assert most <= CONNECTIONS


class HangingUp:
    """Answers so many requests of a connection, and ends it when one more has come: as a server does that
    closes what idles while a request is on its way. `came` has the method of each."""

    def __init__(self, *, after: int) -> None:
        self.after = after
        self.came: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in itertools.count():
            request = await read_request(reader)
            self.came += [request.partition(b" ")[0].decode()] * bool(request)
            if not request or number == self.after:
                return
            writer.write(KEPT)
            await writer.drain()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
async def test_what_only_reads_is_sent_again_where_the_server_had_hung_up(method: Method) -> None:
    """Once, on another connection; what writes is not, for it may have been done."""
    server = HangingUp(after=1)
    async with listening(server) as address, Client(clock=Clock()) as client:
        datasource = source(address.url)
        await get(client, datasource)
        if method in READING:
            answer = await client.send(datasource, query(method), Request(path="/"))
            assert (answer.status, server.came) == (200, ["GET", method, method])
        else:
            with pytest.raises(ServiceUnreachable):
                await client.send(datasource, query(method), Request(path="/"))
            assert server.came == ["GET", method]


async def test_a_new_connection_that_ends_is_not_tried_again() -> None:
    """There the server has seen the request, and hung up on it."""
    server = HangingUp(after=0)
    async with listening(server) as address, Client(clock=Clock()) as client:
        with pytest.raises(ServiceUnreachable):
            await get(client, source(address.url))
    assert server.came == ["GET"]


async def test_an_answer_that_is_no_http_is_one() -> None:
    """On a connection that was kept, too: nothing is asked again."""
    came: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (KEPT, b"SSH-2.0-server\r\n\r\n"):
            came.append(await read_request(reader))
            writer.write(answer)
            await writer.drain()

    async with listening(serve) as address, Client(clock=Clock()) as client:
        datasource = source(address.url)
        await get(client, datasource)
        with pytest.raises(AnswerInvalid):
            await get(client, datasource)
    assert len(came) == 2


async def test_a_client_that_is_closed_opens_no_connection() -> None:
    """Whoever still asks, as a renewal behind a server that ends, is told so; nothing is left open."""
    async with listening() as server:
        async with Client(clock=Clock()) as client:
            await get(client, source(server.url))
        with pytest.raises(ServiceUnreachable, match="ending"):
            await get(client, source(server.url))
    assert server.connections == 1
