"""Where a call goes: a datasource's origin and base path, and the path of one request under it.

The origin is read from the datasource alone, and a request's path only ever becomes the request
target, so no path can lead a call to another host (promises 33, 37). What is refused here is
refused because it would leave the base path at the other end, or is written to look like
something else.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Self
from urllib.parse import quote, unquote, urlencode

from portico.auth.set_cookie import Issuer
from portico.errors import DestinationRefused
from portico.model.query import Datasource

DEFAULT_PORTS = {"http": 80, "https": 443}

#: scheme://host[:port][/path] and nothing else: no user, query, fragment, space or backslash.
URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*)?",
    re.IGNORECASE | re.ASCII,
)
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
#: A last label that browsers and libc read as a number, and so the whole host as an IPv4 address.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: How a path may begin. `@evil`, `:81/` and `.evil` would become part of the host where a path is
#: put behind a URL as text; a colon in the first segment would make it a URL.
BEGINNING = re.compile(r"[/?]|[A-Za-z0-9_~%-][^:/?]*([/?]|$)|$", re.ASCII)
#: What may stand in a path and a query as it is (RFC 3986, 3.3 and 3.4).
PATH_SAFE = "/:@!$&'()*+,;=~%"
QUERY_SAFE = PATH_SAFE + "?"
#: Layers of percent-encoding that are looked through.
LAYERS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """A datasource's origin, with the `base` path that all its requests lie under."""

    scheme: str
    host: str
    port: int
    base: str

    @classmethod
    def of(cls, datasource: Datasource) -> Self:
        """Read a datasource's URL. Raises DestinationRefused for anything but plain http or https
        with a host that can be read in one way only."""
        url = URL.fullmatch(datasource.url)
        if url is None:
            raise DestinationRefused("its URL is not an http or https URL with a plain ASCII host")
        scheme = url["scheme"].lower()
        port = int(url["port"]) if url["port"] else DEFAULT_PORTS[scheme]
        if not 0 < port < 65536:
            raise DestinationRefused("its URL has an impossible port")
        base = url["path"] or ""
        if "?" in base or "#" in base:
            raise DestinationRefused("its URL has a query or fragment")
        return cls(scheme=scheme, host=_host(url["host"].lower()), port=port, base=_path(base.rstrip("/")))

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def issuer(self, datasource: Datasource) -> Issuer:
        """The same as who sets cookies; `datasource` is the one that it was read from."""
        return Issuer(
            datasource=datasource.name,
            scheme=self.scheme,
            host=self.host,
            port=self.port,
            allow_private=datasource.allow_private,
        )

    def target(self, path: str, params: Iterable[tuple[str, str]] = ()) -> str:
        """The request target, in ASCII: base path, `path` with the query it may carry, `params`.

        Raises DestinationRefused for a path that is another URL, climbs (also encoded, several
        times over), has control characters, a backslash or a fragment.
        """
        if CONTROL.search(path) or "#" in path:
            raise DestinationRefused("the path has a control character or a fragment")
        if not BEGINNING.match(path):
            raise DestinationRefused("the path begins like a host or another URL")
        path, mark, query = path.partition("?")
        if path and not path.startswith("/"):
            path = "/" + path
        target = (self.base + _path(path)) or "/"
        queries = [_query(query)] if mark else []
        queries += [urlencode([pair], quote_via=quote, safe="", errors="replace") for pair in params]
        return target + ("?" + "&".join(queries) if queries else "")


def _host(host: str) -> str:
    """The host without brackets: an IPv6 address, an IPv4 address in four decimals, or a name."""
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        if NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return str(IPv4Address(host))
    except ValueError:
        raise DestinationRefused("its host is not an IP address in the usual spelling") from None
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):
        raise DestinationRefused("its host is not a name")
    return host


def _path(path: str) -> str:
    """`path` percent-encoded, after a look through what is encoded already."""
    if STRAY_PERCENT.search(path):
        raise DestinationRefused("the path has a percent sign that encodes nothing")
    try:
        layer = quoted = quote(path, safe=PATH_SAFE, errors="strict")
        for _ in range(LAYERS):
            layer, outer = unquote(layer, errors="strict"), layer
            if _climbs(layer):
                raise DestinationRefused("the path leads out of where it begins")
            if layer == outer:
                return quoted
    except UnicodeError:
        raise DestinationRefused("the path is not UTF-8") from None
    raise DestinationRefused("the path is encoded too many times")


def _climbs(path: str) -> bool:
    """Whether a server could read a way up, or to another host, into a decoded path.

    No dot segment at all: `/users/../admin` stays under the base path and is still not what a
    query meant whose path holds a user's id (promise 129). `..;` is one to Java servers, and
    full-width dots are to those that normalise.
    """
    plain = unicodedata.normalize("NFKC", path)
    if CONTROL.search(plain) or "\\" in plain or plain.startswith("//"):
        return True
    return any(segment.partition(";")[0].strip() in (".", "..") for segment in plain.split("/"))


def _query(query: str) -> str:
    """A query that came with the path: what is encoded stays so, the rest is encoded."""
    return quote(STRAY_PERCENT.sub("%25", query), safe=QUERY_SAFE, errors="replace")
