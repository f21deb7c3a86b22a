"""Requests on the wire that two servers could read differently (promises 29, 31 and 119)."""

import re
import socket

import pytest

from tests.journeys.servers import PorticoServer

HOST = b"Host: a\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
POST, GET = b"POST /probe/Start HTTP/1.1\r\n", b"GET /probe/Start HTTP/1.1\r\n"
END = b"\r\n0\r\n\r\n"

REFUSED = {
    "length-and-chunked": POST + HOST + b"Content-Length: 3\r\n" + CHUNKED + END,
    "two-lengths": POST + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "list-of-lengths": POST + HOST + b"Content-Length: 3, 4\r\n\r\nabcd",
    "signed-length": POST + HOST + b"Content-Length: +3\r\n\r\nabc",
    "negative-length": POST + HOST + b"Content-Length: -3\r\n\r\nabc",
    "hex-length": POST + HOST + b"Content-Length: 0x3\r\n\r\nabc",
    "space-before-colon": POST + HOST + b"Content-Length : 3\r\n\r\nabc",
    "unknown-coding": POST + HOST + b"Transfer-Encoding: xchunked\r\n" + END,
    "identity": POST + HOST + b"Transfer-Encoding: identity\r\n\r\nabc",
    "chunked-twice": POST + HOST + CHUNKED + CHUNKED + END,
    "gzip-chunked": POST + HOST + b"Transfer-Encoding: gzip, chunked\r\n" + END,
    "chunked-identity": POST + HOST + b"Transfer-Encoding: chunked, identity\r\n" + END,
    "vertical-tab": POST + HOST + b"Transfer-Encoding:\x0bchunked\r\n" + END,
    "bare-lf": b"GET /probe/Start HTTP/1.1\nHost: a\n\n",
    "bare-lf-in-head": GET + b"Host: a\nX: b\r\n\r\n",
    "bare-cr": GET + b"Host: a\rX: b\r\n\r\n",
    "folded": GET + HOST + b"X: a\r\n b\r\n\r\n",
    "folded-coding": POST + HOST + b"Transfer-Encoding:\r\n chunked\r\n" + END,
    "no-host": GET + b"\r\n",
    "two-hosts": GET + HOST + HOST + b"\r\n",
    "nul": GET + HOST + b"X: a\0b\r\n\r\n",
    "space-in-name": GET + HOST + b"X y: b\r\n\r\n",
    "no-name": GET + HOST + b": b\r\n\r\n",
    "chunk-without-crlf": POST + HOST + CHUNKED + b"\r\n3\nabc\r\n0\r\n\r\n",
    "chunk-hex-prefix": POST + HOST + CHUNKED + b"\r\n0x3\r\nabc\r\n0\r\n\r\n",
    "chunk-negative": POST + HOST + CHUNKED + b"\r\n-3\r\nabc\r\n0\r\n\r\n",
    "chunk-too-long": POST + HOST + CHUNKED + b"\r\n3\r\nabcX0\r\n\r\n",
    "chunked-in-1.0": POST.replace(b"1.1", b"1.0") + HOST + CHUNKED + END,
    "http-0.9": b"GET /probe/Start\r\n\r\n",
    "http-9.9": GET.replace(b"1.1", b"9.9") + HOST + b"\r\n",
    "leading-space": b" " + GET + HOST + b"\r\n",
    "control-in-path": b"GET /probe/\x01 HTTP/1.1\r\n" + HOST + b"\r\n",
}


def said(server: PorticoServer, request: bytes) -> bytes:
    """All that the server answers until it closes the connection, or is silent."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request)
        connection.settimeout(3)
        try:
            while part := connection.recv(65536):
                answer += part
        except TimeoutError:
            return answer + b"<open>"
        except ConnectionResetError:
            return answer
    return answer


@pytest.mark.parametrize("kind", REFUSED)
def test_an_ambiguous_request_is_refused_and_the_connection_closed(kind: str, server: PorticoServer) -> None:
    """One answer, 400, and nothing behind it is read as another request."""
    answer = said(server, REFUSED[kind])
    assert re.match(rb"HTTP/1\.[01] 400 ", answer)
    assert answer.count(b"HTTP/1.") == 1
    assert not answer.endswith(b"<open>")


def test_an_ordinary_request_is_answered(server: PorticoServer) -> None:
    """The control: the same head without its fault, and a chunked body."""
    assert said(server, GET + HOST + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    ordinary = said(server, POST + HOST + CHUNKED + b"Connection: close\r\n" + END)
    assert ordinary.startswith(b"HTTP/1.1 403 "), "refused as a cross-site write, not as bad framing"


@pytest.mark.parametrize("whole", [True, False])
def test_a_head_over_the_limit_is_refused(whole: bool, server: PorticoServer) -> None:
    """Whether it ends or not: nothing waits for a head of any size."""
    head = GET + HOST + b"X: " + b"a" * 40_000
    answer = said(server, head + (b"\r\n\r\n" if whole else b""))
    assert re.match(rb"HTTP/1\.1 4(00|31) ", answer)
    assert not answer.endswith(b"<open>")


def test_a_value_never_ends_a_header(server: PorticoServer) -> None:
    """Promise 29: line breaks in what becomes a Location are encoded."""
    body = b"portico.event=Both+onClick&v.Who=a%0d%0aSet-Cookie:+evil%3d1%0d%0a%0d%0aX%e2%80%a8%e5%98%8a"
    request = (
        b"POST /probe/Language HTTP/1.1\r\n" + HOST + b"Sec-Fetch-Site: same-origin\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body)
    ) + body
    head = said(server, request).partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 303")
    assert b"\r\nset-cookie: evil" not in head
    assert head.count(b"\r\nlocation: ") == 1
