"""A wire that is listened to: what passes between two ends of a TCP connection, and what was in it."""

import contextlib
import re
import socket
import threading
import zlib
from typing import Self


class Tap:
    """Passes connections on to a port of this machine, and keeps every byte of both directions."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._up: list[bytearray] = []
        self._down: list[bytearray] = []
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            self._up.append(bytearray())
            self._down.append(bytearray())
            threading.Thread(
                target=_join, args=(near, far, self._up[-1], self._down[-1]), daemon=True
            ).start()

    @property
    def sent(self) -> bytes:
        """What clients sent."""
        return b"\n".join(map(bytes, self._up))

    @property
    def answered(self) -> bytes:
        """What they were answered: as it passed, and unpacked."""
        raw = [bytes(found) for found in self._down]
        return b"\n".join([*raw, *(_unpacked(found) for found in raw)])


def _join(near: socket.socket, far: socket.socket, up: bytearray, down: bytearray) -> None:
    with near, far:
        back = threading.Thread(target=_pass, args=(far, near, down), daemon=True)
        back.start()
        _pass(near, far, up)
        back.join()


def _pass(source: socket.socket, sink: socket.socket, kept: bytearray) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            kept.extend(part)
            sink.sendall(part)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


_CHUNK = re.compile(rb"\r\n[0-9a-fA-F]{1,8}\r\n")


def _unpacked(answers: bytes) -> bytes:
    """All bodies of a connection with chunks joined, and those in gzip unpacked."""
    joined = _CHUNK.sub(b"", answers)
    found = [joined]
    at = joined.find(b"\x1f\x8b\x08")
    while at >= 0:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(joined[at:]))
        at = joined.find(b"\x1f\x8b\x08", at + 1)
    return b"\n".join(found)
