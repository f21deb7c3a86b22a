"""How this server is reached: its origins, and which peers may speak for a client.

Nothing here is ever taken from a request's `Host` or `X-Forwarded-*` (promise 30), except the
client's address from a proxy that was named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Self
from urllib.parse import urlsplit

from starlette.requests import Request

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

#: Ports that an origin leaves out, by its scheme.
_USUAL = {"http": 80, "https": 443}


def as_sent(origin: str) -> str:
    """An origin as browsers send it: in small letters, and without the scheme's usual port (RFC 6454)."""
    origin = origin.lower()
    return origin.removesuffix(f":{_USUAL.get(origin.partition('://')[0])}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """`origins` are the ones that count as ours, the first for links; `proxies` the networks
    whose `X-Forwarded-For` is believed."""

    origins: tuple[str, ...]
    port: int
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def on_loopback(cls, port: int) -> Self:
        """Plain http on this machine."""
        return cls(origins=tuple(as_sent(f"http://{host}:{port}") for host in LOOPBACK), port=port)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https."""
        return self.origins[0].startswith("https:")

    def origin_of(self, request: Request) -> str:
        """The one of our origins that the request names as its host, else the first."""
        host = request.headers.get("host", "").lower()
        return next(
            (origin for origin in self.origins if origin.partition("://")[2] == host), self.origins[0]
        )

    def address_of(self, request: Request) -> str:
        """The client's address: the peer's, or behind a named proxy the last one it vouches for."""
        peer = request.client.host if request.client else ""
        if not self._trusted(peer):
            return peer
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        return next((hop for hop in reversed(hops) if not self._trusted(hop)), peer)

    def _trusted(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self.proxies)
        except ValueError:
            return False

    def url_of(self, request: Request) -> Mapping[str, Any]:
        """`appsmith.URL` of the page that this request shows or acts on (checklist 2A)."""
        origin = self.origin_of(request)
        parts = urlsplit(origin)
        query = request.url.query
        path = request.url.path
        return {
            "protocol": f"{parts.scheme}:",
            "host": parts.netloc,
            "hostname": parts.hostname or "",
            "port": str(parts.port) if parts.port else "",
            "pathname": path,
            "hash": "",
            "queryParams": dict(request.query_params),
            "fullPath": f"{origin}{path}{'?' + query if query else ''}",
        }
