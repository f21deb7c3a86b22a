"""Servers on loopback that write down what reaches them, and what a client needs to call them."""

import asyncio
import re
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpcore

from portico.model.place import Place
from portico.model.query import BodyType, Datasource, Method, Query, Request
from portico.runtime.answer import Answer
from portico.runtime.http import Client

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(kw_only=True)
class Listener:
    """What reached a server: connections counted, requests as they came."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def heads(self) -> list[list[str]]:
        """The lines of each request before its body."""
        return [
            request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n") for request in self.requests
        ]

    @property
    def targets(self) -> list[str]:
        """The target of each request."""
        return [head[0].split(" ")[1] for head in self.heads]

    @property
    def bodies(self) -> list[bytes]:
        """The body of each request."""
        return [request.partition(b"\r\n\r\n")[2] for request in self.requests]

    def header(self, name: str) -> list[str]:
        """Every value of a header in the last request."""
        lines = [line.partition(": ") for line in self.heads[-1][1:]]
        return [value for key, _, value in lines if key.lower() == name.lower()]


@asynccontextmanager
async def listening(
    reply: bytes | Handler = OK, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Listener]:
    """A server that answers every request with `reply`, or does what `reply` does."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listener.connections += 1
        try:
            if not isinstance(reply, bytes):
                await reply(reader, writer)
                return
            while request := await read_request(reader):
                listener.requests.append(request)
                writer.write(reply)
                await writer.drain()
                if b"Connection: close" in reply:
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, host, port, ssl=tls)
    listener = Listener(port=server.sockets[0].getsockname()[1])
    try:
        yield listener
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request, empty when there is none any more."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


def source(url: str, **changes: Any) -> Datasource:
    """A datasource that may call loopback, unless `changes` say otherwise."""
    given: dict[str, Any] = {"allow_private": True, "timeout": timedelta(seconds=20), **changes}
    return Datasource(name="api", url=url, **given)


def query(method: Method = "GET", body_type: BodyType = "none", timeout: timedelta | None = None) -> Query:
    """A query as the definition would make it."""
    place = Place("pages/Home/queries/q.yaml", 1, 1)
    return Query(
        name="q",
        datasource="api",
        method=method,
        body_type=body_type,
        place=place,
        timeout=timeout,
    )


async def get(client: Client, datasource: Datasource, path: str = "/") -> Answer:
    """A plain GET."""
    return await client.send(datasource, query(), Request(path=path))


class Box(httpcore.AsyncNetworkBackend):
    """An internet in a box: connections to the addresses in `public` end at a port of loopback,
    all others are made as asked. `dialled` has every address asked for."""

    def __init__(self, public: dict[str, int]) -> None:
        self.public = public
        self.dialled: list[str] = []
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
        self.dialled.append(host)
        if host in self.public:
            host, port = "127.0.0.1", self.public[host]
        return await self._network.connect_tcp(host, port, timeout, local_address, socket_options)


def resolver(table: Mapping[str, Sequence[str]]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A name server that knows `table` and nothing else."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        if host not in table:
            raise OSError("no such name")
        return table[host]

    return resolve


_watched: list[list[object]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watched:
        _watched[-1].append(arguments[1])


sys.addaudithook(_hook)


@contextmanager
def connects() -> Iterator[list[object]]:
    """Every address that this process connects a socket to, meanwhile."""
    seen: list[object] = []
    _watched.append(seen)
    try:
        yield seen
    finally:
        _watched.remove(seen)
