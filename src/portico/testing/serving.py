"""A server in a thread of this process, on a port of this machine."""

import asyncio
import atexit
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from portico.errors import PorticoError
from portico.web.framing import server_config

T = TypeVar("T")

HOST = "127.0.0.1"
#: Seconds that a server may take to start, and to end.
PATIENCE = 60.0
#: As many of the last free ports are kept from others.
KEPT = 64
_kept: deque[socket.socket] = deque()


@atexit.register
def _give_back() -> None:
    while _kept:
        _kept.pop().close()


class ServerFailed(PorticoError):
    """A server could not be started."""

    code = "server_failed"
    default_message = "The server of a journey could not be started."


def free_port() -> int:
    """A port that nothing listens on, and that nobody else is given while this process is likely to use it.

    It lies below those that systems hand out by themselves: who listens on it later, or once more after a
    restart, would find such a one taken by somebody's connection.
    """
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        kept = socket.socket()
        try:
            kept.bind((HOST, port))
        except OSError:
            kept.close()
            continue
        # Bound and never listening: servers may listen beside it, other calls of this may not bind.
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _kept.append(kept)
        if len(_kept) > KEPT:
            _kept.popleft().close()
        return port


def listen(port: int = 0) -> socket.socket:
    """A socket that listens on a port, or on a free one."""
    return socket.create_server((HOST, port))


def portico_server(app: ASGIApp) -> uvicorn.Server:
    """As `portico run` serves."""
    return uvicorn.Server(server_config(app, host=HOST, port=0, grace=3))


class ThreadedServer:
    """Runs a server on a socket, which it closes at its end."""

    def __init__(self, server: uvicorn.Server, listening: socket.socket) -> None:
        self._server = server
        self._listening = listening
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Serve, and wait until it answers. Raises ServerFailed."""
        self._thread.start()
        limit = time.monotonic() + PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > limit:
                self.stop()
                raise ServerFailed
            time.sleep(0.005)

    def stop(self) -> None:
        """End it, with what runs."""
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._listening.close()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        """Run something in its event loop."""
        if self._loop is None:
            raise ServerFailed
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(PATIENCE)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._listening])
