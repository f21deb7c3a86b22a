"""The address in a command: what curl makes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from portico.importers.words import VARIABLE, CommandUnreadable


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address in parts. `path` and `query` are as they are sent; `user` is what stood before `@`."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str = field(repr=False)
    user: str | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Scheme, host, and port if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEFAULTS = {"http": 80, "https": 443}
#: What curl would make several addresses of.
_GLOB = re.compile(r"\{[^}]*\}|\[[0-9a-zA-Z]+-[0-9a-zA-Z]+(:[0-9]+)?\]")


def read_address(text: str, *, globbing: bool, as_is: bool, query: Sequence[str]) -> Address:
    """The address that curl would call. `query` are parameters from options.

    Raises CommandUnreadable for what is none, or more than one.
    """
    notes: list[str] = []
    text = text.strip()
    if _SCHEME.match(text) is None:
        text = f"http://{text}"
        notes.append("the address has no scheme: curl takes http://")
    if any(char.isspace() or not char.isprintable() for char in VARIABLE.sub("", text)):
        raise CommandUnreadable(message="The address has a space or a control character: encode it as %20.")
    parts, port = _split(text)
    if globbing and _GLOB.search(VARIABLE.sub("", text.partition("://")[2].partition("/")[2])):
        raise CommandUnreadable(
            message="curl makes several addresses of braces and brackets. Encode them (%7B %7D %5B %5D), or "
            "give curl the option -g."
        )
    path = parts.path or "/"
    if "\\" in path:
        raise CommandUnreadable(message="The address has a backslash. Write slashes.")
    whole = "&".join([*([parts.query] if parts.query else []), *query])
    return Address(
        scheme=parts.scheme.lower(),
        host=_host(parts),
        port=None if port == _DEFAULTS[parts.scheme.lower()] else port,
        path=path if as_is else _without_dots(path),
        query=whole,
        user=unquote(parts.netloc.rpartition("@")[0]) if "@" in parts.netloc else None,
        notes=tuple(notes),
    )


def _split(text: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise CommandUnreadable(message="The address cannot be read.") from None
    if parts.scheme.lower() not in _DEFAULTS:
        raise CommandUnreadable(message=f"A query calls http or https, not {parts.scheme}.")
    if name := VARIABLE.search(parts.netloc):
        raise CommandUnreadable(
            message=f"The address holds the variable ${name[1]}, whose value is not known here. Fill it in."
        )
    if not host:
        raise CommandUnreadable(message="The address has no host.")
    return parts, port


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if any(char in "<>{}[]%$|\"' " for char in host):
        raise CommandUnreadable(message="The host of the address still has a placeholder in it. Fill it in.")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise CommandUnreadable(message="The host of the address cannot be read.") from None


def _without_dots(path: str) -> str:
    """`.` and `..` taken out, as curl does before it sends a path (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for at, segment in enumerate(segments):
        last = at == len(segments) - 1
        plain = segment.replace("%2e", ".").replace("%2E", ".")
        if plain == "..":
            kept = kept[:-1]
        elif plain != ".":
            kept.append(segment)
        if plain in (".", "..") and last:
            kept.append("")
    return "/" + "/".join(kept)
