"""An auth API that misbehaves on purpose, on a real socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

Answer = Callable[[socket.socket], None]


def plain(status: str, body: bytes, media_type: str = "application/json") -> Answer:
    """An ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return lambda connection: connection.sendall(head.encode() + body)


def endless(connection: socket.socket) -> None:
    """Two gigabytes of JSON, as fast as they are taken."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n[0"
    )
    block = b",0" * 65536
    for _ in range(16384):
        connection.sendall(block)


def slow(connection: socket.socket) -> None:
    """A byte now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.3)


def expect_client(connection: socket.socket) -> None:
    """Raises ConnectionError if the other side has gone away."""
    with contextlib.suppress(BlockingIOError):
        if connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b"":
            raise ConnectionAbortedError


class Upstream:
    """Answers every request with `answer`, and counts them."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        #: requests whose answer was taken whole
        self.finished: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone would leave the thread waiting in accept for good.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            request = connection.recv(65536)
            self.requests.append(request)
            self.answer(connection)
            self.finished.append(request)
