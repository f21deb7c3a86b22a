"""Which IP addresses a call may be connected to (promises 34, 35, 42).

The lists follow the IANA special-purpose registries (RFC 6890 and its updates). IPv6 is judged the
other way round: what is not global unicast is refused, whether it has a name or not.
"""

import socket
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from portico.errors import DestinationRefused

Address = IPv4Address | IPv6Address

#: Refused whatever a datasource says: this machine under its odd names, neighbours by link, many
#: receivers at once, and the places where clouds hand out credentials.
NEVER = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure
    IPv4Network("192.0.0.192/32"),  # Oracle
    IPv6Network("::/128"),
    IPv6Network("fe80::/10"),
    IPv6Network("ff00::/8"),
    IPv6Network("fd00:ec2::/32"),  # AWS
    IPv6Network("fd20:ce::/32"),  # Google
)

#: What `allow_private: true` opens.
PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)

#: Neither private nor a place of the public internet: protocol assignments, documentation,
#: benchmarking, relays and tunnels (6to4, Teredo) that would carry a call somewhere else.
SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.31.196.0/24"),
    IPv4Network("192.52.193.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.175.48.0/24"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)

GLOBAL_UNICAST = IPv6Network("2000::/3")

MAPPED = IPv6Network("::ffff:0:0/96")
#: The well-known NAT64 prefix (RFC 6052): on a network without IPv4 every IPv4 service is behind it.
NAT64 = IPv6Network("64:ff9b::/96")


def resolved(text: str) -> Address:
    """The address that a name resolved to. Raises DestinationRefused."""
    try:
        return ip_address(text)
    except ValueError:
        raise DestinationRefused("its name resolves to something that is no address") from None


def refusal(address: Address, *, allow_private: bool) -> str | None:
    """Why a call must not be connected to `address`; None if it may.

    An IPv4 address inside an IPv6 one is refused, and with `allow_private` judged by itself.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "an address of one network interface"
        if address in MAPPED or address in NAT64:
            inner = refusal(_inner(address), allow_private=allow_private)
            return inner if allow_private else "an IPv4 address inside an IPv6 one"
    if any(address in network for network in NEVER):
        return "a link-local, multicast, unspecified, reserved or metadata address"
    if any(address in network for network in PRIVATE):
        return None if allow_private else "a private address"
    if any(address in network for network in SPECIAL):
        return "a special-purpose address"
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "not a global address"
    return None


def check(
    addresses: Iterable[Address], port: int, *, allow_private: bool, own: Collection[tuple[str, int]]
) -> None:
    """Raise DestinationRefused unless all addresses of a host may be connected to. One bad one spoils the
    name: who mixes them means harm."""
    for address in addresses:
        reason = refusal(address, allow_private=allow_private)
        if reason is None and is_own(address, port, own):
            reason = "where this server itself listens"
        if reason is not None:
            raise DestinationRefused(f"{address} is {reason}")


def is_own(address: Address, port: int, own: Collection[tuple[str, int]]) -> bool:
    """Whether this server itself listens at `address` and `port` (promise 42).

    A listener in `own` that names no address (`0.0.0.0`, `::`, `localhost`) counts for all
    addresses of this machine.
    """
    if isinstance(address, IPv6Address) and (address in MAPPED or address in NAT64):
        address = _inner(address)
    return any(port == own_port and _listens(host, address) for host, own_port in own)


def _listens(host: str, address: Address) -> bool:
    try:
        listener = ip_address(host)
    except ValueError:
        return is_local(address)
    if isinstance(listener, IPv6Address) and listener.ipv4_mapped:
        listener = listener.ipv4_mapped
    return is_local(address) if listener.is_unspecified else listener == address


def is_local(address: Address) -> bool:
    """Whether `address` is one of this machine's: only those can be bound to."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _inner(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
