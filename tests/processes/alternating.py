"""Several Portico processes behind one address, each request to another one than the request before."""

import http.client
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from portico.testing.serving import free_port
from tests.journeys.servers import Server

#: Never changes, so that whoever answers says nothing.
ASSETS = "/_portico/assets/"
#: Of one connection alone (RFC 9110, 7.6.1).
HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})


class Proxy:
    """Takes turns among `ports`, a connection for each request. What cannot be reached is left out; where an
    answer does not come, the client gets 502, for nobody knows whether the request was acted on.

    `served` are the pages that were asked for: the place of the process, method, path and status.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = list(ports)
        self.served: list[tuple[int, str, str, int]] = []
        self._turns = itertools.count()
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.pass_on(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Nowhere."""

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """One request."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        page = not request.path.startswith(ASSETS)
        try:
            at, answer = self._asked(request, body, page)
        except (OSError, http.client.HTTPException):
            self.served.append((-1, request.command, request.path, 502))
            request.send_response_only(502)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if page:
            self.served.append((at, request.command, request.path, answer.status))
        with suppress(OSError):
            _copy(answer, request)

    def _asked(
        self, request: BaseHTTPRequestHandler, body: bytes, page: bool
    ) -> tuple[int, http.client.HTTPResponse]:
        with self._lock:
            first = next(self._turns) if page else 0
        for at in ((first + step) % len(self.ports) for step in range(len(self.ports))):
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[at], timeout=60)
            try:
                connection.connect()
                connection.putrequest(
                    request.command, request.path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in request.headers.items():
                    if name.lower() not in HOP:
                        connection.putheader(name, value)
                connection.putheader("Connection", "close")
                connection.endheaders(body or None)
                return at, connection.getresponse()
            except ConnectionRefusedError:
                connection.close()
            except (OSError, http.client.HTTPException):
                # It died while it was asked.
                connection.close()
                raise
        raise ConnectionRefusedError


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remembered, because browsers keep connections open."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """It ended by itself."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """And all that are open."""
        super().server_close()
        for request in tuple(self._open):
            self.shutdown_request(request)

    def handle_error(self, *_: object) -> None:
        """Browsers go away as they like."""


def _copy(answer: http.client.HTTPResponse, request: BaseHTTPRequestHandler) -> None:
    """The answer as it comes; one that breaks off breaks off for the client too."""
    request.send_response_only(answer.status, answer.reason)
    for name, value in answer.getheaders():
        if name.lower() not in HOP:
            request.send_header(name, value)
    sized = answer.getheader("Content-Length") is not None or answer.status in (204, 304)
    if not sized:
        request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    try:
        while part := answer.read1(65536):
            request.wfile.write(part if sized else b"%x\r\n%s\r\n" % (len(part), part))
            request.wfile.flush()
    except (OSError, http.client.HTTPException):
        request.close_connection = True
        return
    if not sized:
        request.wfile.write(b"0\r\n\r\n")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Processes with one store, and the proxy before them."""

    proxy: Proxy
    servers: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Their one address."""
        return self.proxy.url

    def answered(self) -> set[int]:
        """Which of them answered events."""
        return {at for at, method, _, _ in self.proxy.served if method == "POST"}


@contextmanager
def cluster(
    apps: Sequence[Path],
    *,
    store: str,
    folder: Path,
    settings: Mapping[str, str],
    count: int = 2,
    broken: str = "",
    options: Callable[[int], Sequence[str]] = lambda _: (),
) -> Iterator[Cluster]:
    """`count` processes on one store; `options` are further ones of the n-th."""
    ports = [free_port() for _ in range(count)]
    with Proxy(ports) as proxy:
        servers = [
            Server(
                [
                    *("run", *map(str, apps), "--port", str(port), "--store", store),
                    *("--public-url", proxy.url, "--trusted-proxy", "127.0.0.0/8", *options(at)),
                ],
                port=port,
                log=folder / f"portico-{at}.log",
                env={"PORTICO_KEY": "k" * 43, **settings},
                broken=broken,
            )
            for at, port in enumerate(ports)
        ]
        try:
            for server in servers:
                server.start()
            yield Cluster(proxy=proxy, servers=servers)
        finally:
            for server in servers:
                server.stop()
