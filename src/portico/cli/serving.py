"""Starting a server on a socket, with clear words when that fails."""

import asyncio
import signal
import socket
import time
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import FrameType
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from portico.cli.console import Stop
from portico.web.framing import server_config
from portico.web.site import Site, as_sent

#: Seconds that running requests get when the server is told to stop.
GRACE = 8
#: Seconds after it let nobody in any more in which a server that drained still reads what was on its way.
LINGERS = 1.0


class Server(uvicorn.Server):
    """A server that says when it is ready, and when it begins to end. Told to end, it first calls `draining`
    and goes on for `drain` seconds, so that whoever sends it requests can stop; told once more, it ends."""

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        stopping: Callable[[], None] | None,
        *,
        draining: Callable[[], None] | None = None,
        drain: float = 0.0,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping
        self._draining = draining
        self._drain = drain
        self._drained: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM drains first; Ctrl-C does not wait."""
        if self._draining is not None:
            self._draining()
        if sig == signal.SIGTERM and self._drain and self._drained is None:
            self._drained = time.monotonic() + self._drain
            return
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Ends when it has drained."""
        if self._drained is not None and time.monotonic() >= self._drained:
            self.should_exit = True
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, start the application, then tell."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then let what runs come to its end. Who drains hears out those who had just come in: a proxy
        that connected would not send its request to another process any more."""
        if self._stopping is not None:
            self._stopping()
        if self._drained is not None:
            for listening in self.servers:
                listening.close()
            await asyncio.sleep(LINGERS)
        await super().shutdown(sockets)


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    ready: Callable[[], None],
    stopping: Callable[[], None] | None = None,
    draining: Callable[[], None] | None = None,
    drain: float = 0.0,
) -> None:
    """Serve until Ctrl-C or SIGTERM, after which it goes on for `drain` seconds; answers that have no end of
    their own end when `stopping` is called. Raises Stop if the address cannot be had."""
    config = server_config(app, host=host, port=port, grace=GRACE)
    ensure_free(host, port)
    try:
        Server(config, ready, stopping, draining=draining, drain=drain).run()
    except KeyboardInterrupt:
        return


def ensure_free(host: str, port: int, *, option: str = "--port") -> None:
    """Raises Stop if nothing can listen there; `option` chooses another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(
                message=f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with {option}."
            ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(origin: str) -> str | None:
    """The host that an origin names; None if there is none, or no proper port."""
    try:
        parts = urlsplit(origin)
        return parts.hostname if parts.port != 0 else None
    except ValueError:
        return None


def site_for(
    host: str, port: int, public_url: str | None, proxies: tuple[IPv4Network | IPv6Network, ...]
) -> Site:
    """How the server is reached. Off this machine only by https (hard-cases 19, R11)."""
    if public_url is None:
        if not is_loopback(host):
            raise Stop(
                message=f"{host} can be reached from other machines: name the address that browsers use, "
                "for example --public-url https://apps.example.com (a proxy in front speaks https)."
            )
        return Site.on_loopback(port)
    origin = as_sent(public_url.rstrip("/"))
    scheme, _, rest = origin.partition("://")
    name = _host(origin)
    if scheme not in ("http", "https") or name is None or set(rest) & set("/?#@ "):
        raise Stop(message=f"--public-url is an origin such as https://apps.example.com, not {public_url}")
    if scheme == "http" and not is_loopback(name):
        raise Stop(
            message="Browsers drop sign-in cookies over plain http: --public-url must begin with https://"
        )
    # On loopback it is in the names of cookies: of all processes behind one address, it is the same.
    public_port = urlsplit(origin).port or (443 if scheme == "https" else 80)
    return Site(origins=(origin,), port=public_port, proxies=proxies)
