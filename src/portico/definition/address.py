"""Addresses that an app's own server calls: http or https, a host, a path."""

import re
from urllib.parse import urlsplit

from portico.definition.diagnostics import Problems
from portico.definition.settings import Settings
from portico.definition.source import Scalar

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_BAD_PATH = re.compile(r"[\s\\\x00-\x1f]|(^|/)\.\.?(/|$)|//")


def read(word: Scalar, settings: Settings, problems: Problems, *, query: bool = False) -> str | None:
    """An address with its settings filled in; None and a problem otherwise.

    `query`: it may carry parameters.
    """
    address = settings.expand(word.text, problems)
    if address is None:
        return None
    problem = _problem(address, query=query)
    if problem is None:
        return address
    # An address with a password in it is not repeated anywhere.
    shown = None if "@" in address else address
    problems.add(
        "E211", word.place, problem, received=shown, remedy="write an address like https://api.example.com/v1"
    )
    return None


def _problem(address: str, *, query: bool) -> str | None:
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "this is not an address"
    if parts.scheme not in ("http", "https") or not host:
        return "an address begins with https:// or http:// and a host"
    if "@" in parts.netloc:
        return "a user name or password cannot stand in an address"
    if not _HOST.fullmatch(host) or port == 0:
        return "the host of this address cannot be used"
    if "#" in address or ("?" in address and not query):
        return "an address has no `?` and no `#`: parameters belong to queries"
    if _BAD_PATH.search(parts.path):
        return "the path of this address cannot be used"
    return None
