"""Addresses that browsers may be sent to: what all readers of them read alike, and nothing else (P27)."""

import re

from portico.authserver.local_pages import is_loopback

#: Longest one that is looked at.
LONGEST = 2000
# One scheme, one host, no user, no backslash, nothing to decode.
_ADDRESS = re.compile(
    r"(?P<origin>(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.\-]{0,251}[a-z0-9])?|\[::1\])"
    r"(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<path>/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?(?P<query>\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?"
    r"(?:#[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?"
)
_HIGHEST_PORT = 65_535


def read(address: str) -> "re.Match[str] | None":
    """Its parts, if it is one."""
    match = _ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
    return match if match is not None and int(match["port"] or 0) <= _HIGHEST_PORT else None


def is_of_this_machine(address: str) -> bool:
    """Whether it is one of http at a loopback address, or at `localhost`, without a fragment."""
    match = read(address)
    return (
        match is not None and "#" not in address and match["scheme"] == "http" and is_loopback(match["host"])
    )
