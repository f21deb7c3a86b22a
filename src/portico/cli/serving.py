"""Starting a server on a socket, with clear words when that fails."""

import socket
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

from portico.cli.console import Stop
from portico.web.framing import BoundedProtocol
from portico.web.site import Site, as_sent

#: Seconds that running requests get when the server is told to stop.
GRACE = 8


class Server(uvicorn.Server):
    """A server that says when it is ready, and when it begins to end."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Bind, start the application, then tell."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell, then let what runs come to its end."""
        if self._stopping is not None:
            self._stopping()
        await super().shutdown(sockets)


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    ready: Callable[[], None],
    stopping: Callable[[], None] | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; answers that have no end of their own end when `stopping` is
    called. Raises Stop if the address cannot be had."""
    config = uvicorn.Config(
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
        timeout_graceful_shutdown=GRACE,
    )
    ensure_free(host, port)
    try:
        Server(config, ready, stopping).run()
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
    return Site(origins=(origin,), port=port, proxies=proxies)
