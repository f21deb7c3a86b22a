"""A wire that is listened to: what passes between two ends of a TCP connection, and what was in it."""

import contextlib
import re
import socket
import threading
import zlib
from dataclasses import dataclass, field
from typing import Self

#: Where what is tapped can listen, to have the port that its tap has at 127.0.0.1.
BEHIND = "127.0.0.2"
#: The taps in front of APIs: whoever watches a Portico reads here what it asked, and what it was given.
APIS: list["Tap"] = []


@dataclass(slots=True)
class Connection:
    """Both directions of a connection."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class Tap:
    """Passes connections on to a port of this machine, and keeps every byte of both directions.

    It listens `at` a port, by default a free one; the other end is at `host` and `port`. `api` says that it
    is an API, whose answers tell those who watch over Portico what is secret.
    """

    def __init__(self, port: int, *, host: str = "127.0.0.1", at: int = 0, api: bool = False) -> None:
        self.port = at
        self.connections: list[Connection] = []
        self._target = (host, port)
        self._socket: socket.socket | None = None
        if api:
            APIS.append(self)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, at the same port as before if it did so before."""
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more. What was heard stays."""
        if self._socket is None:
            return
        # Closing alone would leave the thread waiting in accept for good.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._socket = None

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            heard = Connection()
            self.connections.append(heard)
            threading.Thread(target=_join, args=(near, far, heard), daemon=True).start()

    @property
    def sent(self) -> bytes:
        """What clients sent."""
        return b"\n".join(bytes(found.asked) for found in list(self.connections))

    @property
    def answered(self) -> bytes:
        """What they were answered: as it passed, and unpacked."""
        return b"\n".join(unpacked(bytes(found.answered)) for found in list(self.connections))


def _join(near: socket.socket, far: socket.socket, heard: Connection) -> None:
    with near, far:
        back = threading.Thread(target=_pass, args=(far, near, heard.answered), daemon=True)
        back.start()
        _pass(near, far, heard.asked)
        back.join()


def _pass(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            kept.extend(part)
            sink.sendall(part)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


_CHUNK = re.compile(rb"\r\n[0-9a-fA-F]{1,8}\r\n")


def unpacked(answers: bytes) -> bytes:
    """All answers of a connection as they passed, with chunks joined, and with those in gzip unpacked."""
    joined = _CHUNK.sub(b"", answers)
    found = [answers, joined]
    at = joined.find(b"\x1f\x8b\x08")
    while at >= 0:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(joined[at:]))
        at = joined.find(b"\x1f\x8b\x08", at + 1)
    return b"\n".join(found)
