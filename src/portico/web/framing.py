"""Requests that two servers could read differently are refused (promise 31), and heads that are
too large (promise 119).

The parser (llhttp, strict) refuses most: bare line feeds, folded headers, Content-Length together
with Transfer-Encoding. What it lets pass is refused here.
"""

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Bytes of a request's line and headers.
HEAD_LIMIT = 32 << 10
#: Seconds that a connection is kept for the next request: longer than proxies keep theirs (nginx 60, Caddy
#: 120), since what they send over one that is just being closed is lost.
IDLE_SECONDS = 150


def server_config(app: ASGIApp, *, host: str, port: int, grace: int) -> uvicorn.Config:
    """How Portico speaks HTTP, whoever starts it. Requests that run when the server is told to end get
    `grace` seconds; who asks is known from the connection alone, and from what `Site` reads of a proxy."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=IDLE_SECONDS,
    )


class Framing:
    """The ASGI layer that looks at each head before anything acts on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        status = _refusal(scope) if scope["type"] == "http" else None
        if status is None:
            await self._app(scope, receive, send)
            return
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _refusal(scope: Scope) -> int | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    hosts = [value for name, value in headers if name == b"host"]
    version = scope["http_version"]
    if sum(len(name) + len(value) for name, value in headers) + len(scope["raw_path"]) > HEAD_LIMIT:
        return 431
    if version not in ("1.0", "1.1") or (version == "1.1" and len(hosts) != 1) or len(hosts) > 1:
        return 400
    if codings and (codings != [b"chunked"] or version == "1.0"):
        return 400
    return None


class BoundedProtocol(HttpToolsProtocol):
    """A connection that is closed when a head does not end within the limit."""

    _head = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Parse; then see whether an unfinished head has become too large."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > HEAD_LIMIT and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A new request begins."""
        self._head, self._in_head = 0, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._in_head = False
        super().on_headers_complete()
