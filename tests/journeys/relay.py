"""Somebody between Portico and an API, who passes everything on and remembers it."""

import contextlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx


@dataclass(frozen=True, slots=True)
class Request:
    """A request that went past."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """What it asked for."""
        return self.line.split(" ")[1]

    @property
    def form(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class _Wire:
    """Both directions of a connection."""

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


class Relay:
    """Takes connections for the server at `target`."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (address.hostname or "", address.port or 80)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._wires: list[_Wire] = []
        self._ends: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def cut(self) -> None:
        """Be gone: whoever is connected is not any more, and nobody gets in."""
        # Closing alone would leave the thread waiting in accept for good.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def forget(self) -> None:
        """From here on count only what is still to come."""
        for wire in self._wires:
            wire.asked.clear()
            wire.answered.clear()

    def requests(self, path: str) -> list[Request]:
        """The whole requests for addresses that hold `path`, by connection."""
        found = [request for wire in list(self._wires) for request in _requests(bytes(wire.asked))]
        return [request for request in found if path in request.path]

    def answers(self) -> str:
        """All that was answered."""
        return "".join(bytes(wire.answered).decode(errors="replace") for wire in list(self._wires))

    def token(self) -> str:
        """The token that the last sign-in was answered with."""
        found = re.findall(r'"(?:access_)?token":\s*"([^"]+)"', self.answers())
        assert found, "nobody signed in"
        return str(found[-1])

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            wire = _Wire()
            self._wires.append(wire)
            self._ends += (client, server)
            for one, other, heard in ((client, server, wire.asked), (server, client, wire.answered)):
                threading.Thread(target=_pass_on, args=(one, other, heard), daemon=True).start()


def status_of(url: str, token: str) -> int:
    """What the API at `url` answers to a token, asked past Portico."""
    bearer = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{url}/plain/auth/v1/user", headers=bearer, trust_env=False).status_code


def _pass_on(one: socket.socket, other: socket.socket, heard: bytearray) -> None:
    with contextlib.suppress(OSError):
        while chunk := one.recv(65536):
            heard.extend(chunk)
            other.sendall(chunk)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def _requests(text: bytes) -> list[Request]:
    """The requests of one connection, whose bodies have a length."""
    found = []
    while b"\r\n\r\n" in text:
        head, _, rest = text.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            break
        found.append(Request(line, headers, rest[:length]))
        text = rest[length:]
    return found
