"""Header names and values as an author writes them (RFC 9110, section 5)."""

import re

from portico.definition.diagnostics import Problems
from portico.model.place import Place

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

#: Headers that belong to the connection and its framing: whoever sets them speaks for Portico.
OURS = frozenset(
    {
        "accept-encoding",
        "host",
        "http2-settings",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",  # codespell:ignore te
        "trailer",
        "upgrade",
        "expect",
        "proxy-authorization",
        "proxy-connection",
    }
)


def check_name(name: str, place: Place, problems: Problems) -> None:
    """Report a header name that cannot be sent."""
    if not _NAME.fullmatch(name):
        problems.add(
            "E216",
            place,
            "this is not a header name",
            received=name,
            remedy="use letters, digits and `-` only",
        )
    # Servers that speak CGI take `_` for `-`.
    elif name.lower().replace("_", "-") in OURS:
        problems.add("E216", place, f"Portico sets the header `{name}` itself", remedy="remove it")


def check_value(value: str, place: Place, problems: Problems) -> None:
    """Report a literal header value that cannot be sent."""
    if any((char < " " and char != "\t") or char == "\x7f" for char in value):
        problems.add(
            "E216",
            place,
            "a header value is one line",
            received=value,
            remedy="write it on one line; `|-` and quotes leave no line end, `|` does",
        )
