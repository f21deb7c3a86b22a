"""The headers of an outgoing request: the datasource's, the query's and the client's own."""

import re
from collections.abc import Sequence

from portico import __version__
from portico.errors import CallFailed

Headers = Sequence[tuple[str, str]]

#: The connection's own headers, and the one that says what the client can unpack.
RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",  # codespell:ignore te
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
#: Sent unless a datasource or query says otherwise.
OWN = (("User-Agent", f"Portico/{__version__}"), ("Accept-Encoding", "gzip"), ("Accept", "*/*"))

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}", re.ASCII)
VALUE = re.compile(r"[\t -~]*", re.ASCII)


def outgoing_headers(general: Headers, particular: Headers) -> list[tuple[str, str]]:
    """A datasource's headers, replaced by name by the query's, with the client's own.

    Raises CallFailed for a header that is the client's own business, or that is not a header:
    a name that is no token (RFC 9110, 5.6.2), a value that is not printable ASCII (promise 29).
    """
    replaced = {name.lower() for name, _ in particular}
    chosen = [(name, value) for name, value in general if name.lower() not in replaced] + list(particular)
    for name, value in chosen:
        _check(name, value)
    own = [(name, value) for name, value in OWN if not has(chosen, name.lower())]
    return [*own, *((name, value.strip(" \t")) for name, value in chosen)]


def has(headers: Headers, name: str) -> bool:
    """Whether a header of that lower-case name is among them."""
    return any(other.lower() == name for other, _ in headers)


def _check(name: str, value: str) -> None:
    if not NAME.fullmatch(name):
        message = "The request was not sent: the name of a header has characters that no header can have."
        raise CallFailed("a header's name is not a token", message=message)
    # Servers that speak CGI take `_` for `-`.
    if name.lower().replace("_", "-") in RESERVED:
        message = f"The request was not sent: the header {name} is set by the server."
        raise CallFailed(f"the header {name} is reserved", message=message)
    if not VALUE.fullmatch(value):
        message = f"The request was not sent: the header {name} has characters that no header can carry."
        raise CallFailed(f"the value of the header {name} is not printable ASCII", message=message)
