"""What a database needs to be connected to, to addresses that were checked, and to end a statement.

Nothing is taken from the environment: no user, no password, no file of either.
"""

import socket
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from portico.errors import DestinationRefused, ServiceUnreachable
from portico.model.credentials import Basic
from portico.model.query import Datasource
from portico.runtime.addresses import check, resolved
from portico.values import Secret

#: Seconds that connecting may take, at one address, and how many of a name are tried.
CONNECT_SECONDS = 5
ADDRESSES = 4
#: Seconds after which a database ends a statement, and a driver a read, whatever else went wrong.
LAST_RESORT = 90

#: Gives the addresses of a host.
Resolve = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system. Raises OSError."""
    return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a datasource's database is, and who asks. Its password shows in no repr."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    ssl_mode: str
    ca: str | None = field(default=None, repr=False)
    source: Datasource = field(repr=False)
    resolve: Resolve = field(repr=False)
    own_ports: Collection[tuple[str, int]] = field(default=(), repr=False)

    def addresses(self) -> Sequence[str]:
        """The addresses of the host, all of them checked. Raises DestinationRefused, ServiceUnreachable."""
        try:
            found = [ip_address(self.host)]
        except ValueError:
            try:
                found = [resolved(text) for text in self.resolve(self.host, self.port)]
            except OSError as error:
                raise ServiceUnreachable(f"no address ({type(error).__name__})") from None
        if not found:
            raise ServiceUnreachable("no address")
        check(found, self.port, allow_private=self.source.allow_private, own=self.own_ports)
        return [str(address) for address in found[:ADDRESSES]]


def place_of(
    source: Datasource, *, port: int, resolve: Resolve, own_ports: Collection[tuple[str, int]]
) -> Place:
    """Where a datasource points. `port` is that of its kind. Raises DestinationRefused."""
    parts = urlsplit(source.url)
    if not parts.hostname:
        raise DestinationRefused("its address names no host")
    return Place(
        host=parts.hostname,
        port=parts.port or port,
        name=unquote(parts.path.removeprefix("/")),
        user=user_of(source),
        password=source.auth.password.reveal() if isinstance(source.auth, Basic) else "",
        ssl_mode=_ssl_mode(parts, source),
        ca=source.ca,
        source=source,
        resolve=resolve,
        own_ports=own_ports,
    )


def user_of(source: Datasource) -> str:
    """The name that a datasource signs in with."""
    if not isinstance(source.auth, Basic):
        return ""
    name = source.auth.username
    return name.reveal() if isinstance(name, Secret) else name


def _ssl_mode(parts: SplitResult, source: Datasource) -> str:
    return dict(parse_qsl(parts.query)).get("sslmode") or ("verify-full" if source.ca else "prefer")


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return str(error).strip().partition("\n")[0]
