"""A probe of APIs that mean harm or are none: clear words, few requests, and nobody else is called."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portico.importers import probe_talk
from portico.importers.probe_look import Asked
from portico.importers.probe_talk import REQUESTS, ProbeStopped
from tests.importers.probe_apis import Asking, Reply, api, probed, said

SIGN_IN = Asked(calls={"sign_in": ("POST", "/login"), "me": ("GET", "/me")})
LOGIN, PASSWORD = "anna@example.com", "cNrY8f3Kq2Zx7Lw5Tn9B"


@contextlib.contextmanager
def raw(content: Callable[[], Iterator[bytes]]) -> Iterator[str]:
    """A server that reads a request and sends these bytes, whatever they are."""
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            for part in content():
                connection.sendall(part)
                if ended.wait(0.02):
                    return

    def accept() -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def endless() -> Iterator[bytes]:
    """A body that never ends."""
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["
    while True:
        yield b"1,"


def garbage() -> Iterator[bytes]:
    """No HTTP."""
    yield b"\x00\xff220 smtp ready\r\n\r\n"


@pytest.mark.parametrize("content", [endless, garbage])
def test_what_never_ends_or_is_no_http_is_given_up_on(content: Callable[[], Iterator[bytes]]) -> None:
    """After two requests."""
    with raw(content) as url, pytest.raises(ProbeStopped) as stopped:
        probed(url, timeout=0.5)
    assert "no usable answer" in stopped.value.message


def test_a_server_that_is_not_there_is_said_to_be() -> None:
    """At the first request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ProbeStopped) as stopped:
            probed(url)
    assert stopped.value.message == "The API cannot be reached."


def test_huge_answers_are_not_taken() -> None:
    """Two of them end the probe."""
    with api(lambda _: Reply(status=200, body=b'"' + b"x" * (2 << 20) + b'"')) as running:
        with pytest.raises(ProbeStopped) as stopped:
            probed(running.url)
        assert len(running.asked) == 2
    assert "no usable answer" in stopped.value.message


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    """The other host hears nothing, and so no credentials."""
    with api(lambda _: Reply(status=200, body={"token": "t" * 40, "id": 1})) as other:
        to = [("Location", f"{other.url}/login")]
        with api(lambda _: Reply(status=status, headers=to)) as running:
            found, draft = probed(running.url, LOGIN, PASSWORD, asked=SIGN_IN)
            with_nothing, none = probed(running.url)
        assert other.asked == []
        assert said(found)["sign_in"] == f"not accepted: {status}"
        assert draft is not None
        assert (none, said(with_nothing)["sign_in"]) == (None, "not found")


BODIES: list[Any] = [
    b"{oops",
    b"<html><body>Welcome</body></html>",
    b"[" * 100_000,
    b"\xff\xfe\x00",
    [[[[[[[[[1]]]]]]]]],
    {"a" * 100: {"token": "x" * 40}},
    {"token": {"token": ["x" * 40]}},
    {"openapi": 3, "paths": {"/login": {"post": {"requestBody": {"content": 7}}}, "//evil/token": 1}},
    {"issuer": "javascript:alert(1)", "authorization_endpoint": "x"},
    {f"k{n}": {"id": n} for n in range(5000)},
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_whatever_a_body_is_it_is_survived(body: Any) -> None:
    """With and without credentials, and there is a report of every request."""
    with api(lambda _: Reply(status=200, body=body)) as running:
        found, _ = probed(running.url, LOGIN, PASSWORD)
        named, _ = probed(running.url, LOGIN, PASSWORD, asked=SIGN_IN)
    assert found.issuer is None
    assert 0 < len(found.requests) <= REQUESTS
    assert named.conclusions


def test_requests_are_few_whatever_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a limit, at which the probe ends; without credentials it is far from it."""
    with api(lambda _: Reply(status=404)) as running:
        found, _ = probed(running.url)
        assert len(found.requests) == len(running.asked) < REQUESTS / 2
        running.asked.clear()
        monkeypatch.setattr(probe_talk, "REQUESTS", 5)
        with pytest.raises(ProbeStopped, match="5 requests were made"):
            probed(running.url)
        assert len(running.asked) == 5


def test_names_that_repeat_a_secret_are_passed_over() -> None:
    """An API that answers with the password as a name does not get it into the report; a name like any other
    is taken: the control."""

    words = "correct-horse-battery"

    def texts_of(*, echoing: bool) -> str:
        def answer(asking: Asking) -> Reply:
            if asking.call == "POST /login" and asking.fields:
                name = str(asking.fields["password"]) if echoing else "wrapped"
                return Reply(status=200, body={name: {"session_token": "s" * 40}})
            return Reply(status=401)

        with api(answer) as running:
            asked = Asked(calls={"sign_in": ("POST", "/login")})
            return repr(probed(running.url, LOGIN, words, asked=asked))

    assert words not in texts_of(echoing=True)
    assert "wrapped" in texts_of(echoing=False)
    assert "s" * 40 not in texts_of(echoing=False)
