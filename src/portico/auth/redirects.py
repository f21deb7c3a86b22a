"""Where a browser may be sent. Answers open redirects and script addresses (P25, P26, P29).

What comes back is always written anew from the parts that were understood, in ASCII, never the
text that came in: what a browser makes of an address is decided by the WHATWG URL standard, and the
ways to make it read something else all need characters that do not get through here.
"""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote_to_bytes, urlencode

from portico.values import SitePath

#: Longer addresses are refused.
_LIMIT = 4096
#: More layers of percent-encoding than this are no accident.
_LAYERS = 4

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What may stand for itself; everything else is written as UTF-8 in percent-encoding. `%` is among
# it because what comes in is encoded already.
_IN_PATH = "/%:@!$&'()*+,;=~-._"
_IN_QUERY = _IN_PATH + "?[]"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_HOST_AND_PORT = re.compile(r"(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+):\d{1,5}(?:[/?#]|$)", re.ASCII)
_AUTHORITY = re.compile(r"([^/?#\\@:\[\]]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", re.ASCII)
# Browsers read a host whose last label is a number as an IPv4 address, in many spellings.
_NUMBER = re.compile(r"(?:^|\.)[0-9][^.]*\.?$", re.ASCII)
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.ASCII)


def safe_next(raw: str | None, *, default: SitePath, under: str) -> SitePath:
    """Where to go after signing in: `raw` if it is a path of this server that begins with `under`
    (such as `/hr/`), else `default`.

    The query is kept. A fragment is not: it never reaches a server by itself, so it was put there.
    Paths with dot segments, empty segments, encoded slashes or backslashes are refused, in any
    number of layers of percent-encoding.
    """
    if not raw or len(raw) > _LIMIT or _CONTROL.search(raw):
        return default
    address, _, _ = raw.partition("#")
    path, mark, query = address.partition("?")
    if not path.startswith(under) or " " in path or _BAD_ESCAPE.search(path) or not _is_plain(path):
        return default
    return SitePath(quote(path, safe=_IN_PATH) + mark + _encoded(query))


def site_path(app: str, page: str, params: Mapping[str, str]) -> SitePath:
    """The address of a page of this server. Raises ValueError for names that are no path segment."""
    segments = [app, page]
    if any(segment in ("", ".", "..") for segment in segments):
        raise ValueError(f"not a path of this server: {segments}")
    path = "".join(f"/{quote(segment, safe='', errors='replace')}" for segment in segments)
    query = urlencode(params, quote_via=quote, safe="", errors="replace")
    return SitePath(f"{path}?{query}" if query else path)


def safe_target(url: str) -> str | None:
    """The address that `navigateTo(url)` leads to, or None if it must not.

    http, https, mailto and tel; `https://` is put before what has no scheme (seeds-checklist 2A). None
    for every other scheme, for control characters anywhere but at the ends (which browsers drop),
    for user names in addresses, and for paths: pages of this server are reached by their name.
    """
    url = url.strip("\x00\t\n\x0b\x0c\r ")
    if not url or len(url) > _LIMIT or _CONTROL.search(url):
        return None
    found = None if _HOST_AND_PORT.match(url) else _SCHEME.match(url)
    scheme = found[1].lower() if found else "https"
    rest = url[found.end() :] if found else f"//{url}"
    if scheme in ("mailto", "tel"):
        return f"{scheme}:{_encoded(rest)}" if rest else None
    if scheme not in ("http", "https") or not rest.startswith("//"):
        return None
    return _web_address(scheme, rest[2:])


def _is_plain(path: str) -> bool:
    """Whether `path` stays where it seems to be, however often it is decoded."""
    for _ in range(_LAYERS):
        if "\\" in path or "//" in path or _CONTROL.search(path):
            return False
        if any(segment in (".", "..") for segment in path.split("/")):
            return False
        try:
            decoded = unquote_to_bytes(path).decode()
        except UnicodeDecodeError:
            return False
        if decoded == path:
            return True
        if decoded.count("/") != path.count("/"):
            return False
        path = decoded
    return False


def _web_address(scheme: str, rest: str) -> str | None:
    found = _AUTHORITY.match(rest)
    if found is None:
        return None
    host, port, tail = _ascii_host(found[1]), found[2] or "", rest[found.end() :]
    if host is None or int(port[1:] or 0) > 65535 or (tail and tail[0] not in "/?#"):
        return None
    return f"{scheme}://{host}{port}{_encoded(tail)}"


def _ascii_host(host: str) -> str | None:
    """The host as DNS has it: letters, digits, dashes and dots. None for anything else, such as a
    name whose spelling in ASCII depends on the version of IDNA, or a number for an address."""
    try:
        if host.startswith("["):
            return f"[{IPv6Address(host[1:-1])}]"
        written = host.lower().encode("idna").decode()
        if not host.isascii() and written.encode().decode("idna") != host.lower():
            return None
        if _NUMBER.search(written):
            return str(IPv4Address(written))
    except (UnicodeError, AddressValueError):
        return None
    return written if _HOST.fullmatch(written) else None


def _encoded(text: str) -> str:
    return quote(_BAD_ESCAPE.sub("%25", text), safe=_IN_QUERY + "#", errors="replace")
