"""Requests as they reach a server, made comparable; and the two who send them."""

import asyncio
import json
import os
import re
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpcore
import trustme

from portico.clock import Clock
from portico.definition.load import load
from portico.definition.secrets import Secrets
from portico.runtime.http import Client
from portico.ui.widgets import CATALOGUE
from tests.importers.commands import Case, Sent
from tests.runtime.listeners import Listener, listening
from tests.sandbox.sessions import Session, request

#: Headers that a client sets by itself.
OWN = frozenset({"host", "accept-encoding", "content-length", "connection"})
#: An address of the internet, as far as a client of these tests knows.
PUBLIC = "93.184.216.34"


@dataclass(kw_only=True)
class World:
    """A server for all of https, another for all of http, and how to reach them."""

    secure: Listener
    plain: Listener
    authority: Path
    folder: Path

    def taken(self) -> Sent:
        """The one request that came since the last call."""
        (raw,) = self.secure.requests + self.plain.requests
        self.secure.requests.clear()
        self.plain.requests.clear()
        return parsed(raw)


@asynccontextmanager
async def world(folder: Path, hosts: Sequence[str]) -> AsyncIterator[World]:
    """Servers that take every request; the certificate of the one is good for `hosts`."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    pem = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(pem))
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with listening(ok, tls=context) as secure, listening(ok) as plain:
        yield World(secure=secure, plain=plain, authority=pem, folder=folder)


async def run_curl(at: World, command: str | Sequence[str], variables: Mapping[str, str]) -> Sent:
    """What curl itself sends for a command: text for bash, or words."""
    home = at.folder / "curl"
    home.mkdir(exist_ok=True)
    lines = [
        f'connect-to = "localhost:1337:127.0.0.1:{at.plain.port}"',
        f'connect-to = "::127.0.0.1:{at.secure.port}"',
        f'cacert = "{at.authority}"',
        'noproxy = "*"',
    ]
    (home / ".curlrc").write_text("\n".join(lines))
    words = ["bash", "-c", command] if isinstance(command, str) else list(command)
    process = await asyncio.create_subprocess_exec(
        *words,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "CURL_HOME": str(home),
            "LANG": "C.UTF-8",
            **variables,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return at.taken()


class Everywhere(httpcore.AsyncNetworkBackend):
    """Takes every connection to the server that stands for its port."""

    def __init__(self, at: World) -> None:
        self._at = at
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect, as httpcore asks for it."""
        listener = self._at.plain if port == 1337 else self._at.secure
        return await self._network.connect_tcp(
            "127.0.0.1", listener.port, timeout, local_address, socket_options
        )


async def run_query(
    at: World, app_folder: Path, query: str, parameters: Mapping[str, str | None], secrets: Secrets
) -> Sent:
    """What a query of a written app sends, from its file through the sandbox."""
    loaded = load(app_folder, types=CATALOGUE, settings={}, secrets=secrets)
    assert [problem.as_text() for problem in loaded.problems] == []
    assert loaded.app is not None
    page = next(iter(loaded.app.pages.values()))
    session = Session(page.program)
    turn = session.turn({"k": "run", "ev": "e", "q": query, "params": dict(parameters)})
    asked = request(turn)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1" if host == "localhost" else PUBLIC]

    client = Client(clock=Clock(), resolve=resolve, network=Everywhere(at), extra_ca=at.authority.read_text())
    async with client:
        datasource = loaded.app.datasources[page.queries[query].datasource]
        answer = await client.send(datasource, page.queries[query], asked.request)
        assert answer.status == 200
    return at.taken()


def parsed(raw: bytes) -> Sent:
    """A request in a form that does not depend on who wrote it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    path, _, query = target.partition("?")
    headers: dict[str, str] = {}
    for name, value in (header.split(":", 1) for header in lines):
        lower, value = name.lower(), value.strip()
        headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
    return Sent(
        method=method,
        path=re.sub("%..", lambda found: found[0].upper(), _encoded(path)),
        query=tuple(parse_qsl(query.encode("latin-1").decode(), keep_blank_values=True)),
        headers={name: value for name, value in headers.items() if name not in OWN},
        body=_content(body, headers.get("content-type", "")),
    )


def _encoded(path: str) -> str:
    """curl sends bytes beyond ASCII as they are, which everybody reads as their encoding."""
    return "".join(char if char.isascii() else f"%{ord(char):02X}" for char in path)


def _content(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    text = body.decode("utf-8", "replace")
    if "json" in content_type:
        value = json.loads(text, object_pairs_hook=_pairs)
        return value if value is not None else text
    if content_type.startswith("multipart/"):
        whole = f"Content-Type: {content_type}\r\n\r\n".encode() + body
        message = BytesParser(policy=HTTP).parsebytes(whole)
        return [
            (part["content-disposition"].params["name"], part.get_content().rstrip("\r\n"))
            for part in message.iter_parts()
        ]
    return text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any] | None:
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def comparable(found: Sent, case: Case) -> Sent:
    """A request as its case describes it."""
    headers = dict(found.headers)
    for name in case.left_out:
        headers.pop(name, None)
    if headers.get("accept") == "*/*":
        del headers["accept"]
    if headers.get("user-agent", "").startswith(("curl/", "Portico/")):
        del headers["user-agent"]
    if headers.get("content-type", "").startswith("multipart/form-data;"):
        headers["content-type"] = "multipart/form-data"
    if headers.get("content-type", "").lower() == "application/json":
        headers["content-type"] = "application/json"
    if "cookie" in headers and "cookie" in case.sent.headers:
        same = headers["cookie"].replace("; ", ";") == case.sent.headers["cookie"].replace("; ", ";")
        headers["cookie"] = case.sent.headers["cookie"] if same else headers["cookie"]
    body = found.body
    if isinstance(case.sent.body, list) and isinstance(body, str):
        body = parse_qsl(body, keep_blank_values=True)
    # Of parameters the order counts only where they share a name.
    return replace(found, headers=headers, body=body, query=in_order(found.query))


def in_order(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Pairs by name; those of one name as they came."""
    return tuple(sorted(pairs, key=lambda pair: pair[0]))
