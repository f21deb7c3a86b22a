"""Connections that are dropped in the middle of a call, without the words that HTTP has for an end."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_KEY = "portico.drop"


class ConnectionDropped(ConnectionResetError):
    """The call ends like this where there is no connection to drop: the application is called by itself."""


class DroppableProtocol(HttpToolsProtocol):
    """A connection that what answers its requests can drop."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin as ever, and hand the way to an end on with each request."""
        super().connection_made(transport)
        self.app = _handing_on(self.app, transport.close)


async def drop(scope: Scope, receive: Receive) -> None:
    """Drop the connection of this call, after what was sent of its answer; nothing can be sent any more.

    Raises `ConnectionDropped` where the server has no connection of its own.
    """
    close: Callable[[], None] | None = scope.get(_KEY)
    if close is None:
        raise ConnectionDropped
    close()
    # The server takes a call that returns without an answer for a mistake, until it has seen the end.
    while (await receive())["type"] != "http.disconnect":
        pass


def _handing_on(app: ASGIApp, close: Callable[[], None]) -> ASGIApp:
    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, _KEY: close}, receive, send)

    return called
