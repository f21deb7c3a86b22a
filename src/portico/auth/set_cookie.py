"""`Set-Cookie` of another server, read as browsers read it (RFC 6265, 5.2 and 5.3).

Differs from a browser in three things. A cookie goes back to the origin that set it and to no other, so
`Domain` decides only whether it is taken. `SameSite` says nothing where no page of another site can be the
one that asks. A cookie that no header of ours could carry is not taken.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from portico.values import Secret

#: Longest name and value together, and longest `Path` (RFC 6265, 6.1; what browsers take).
COOKIE_LIMIT = 4096
PATH_LIMIT = 1024
#: Longest lifetime that is believed: what browsers allow.
LIFETIME_LIMIT = timedelta(days=400)

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_VALUE = re.compile(r"[ -:<-~]*", re.ASCII)
_SECONDS = re.compile(r"-?[0-9]+", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """Who sets cookies: a datasource, with its origin. Cookies of one never go to another, and so not to
    where the same datasource leads in another version of the app.

    `secure`: what goes there cannot be read on the way: https, or plain http that stays on this machine,
    where the datasource may call it.
    """

    datasource: str
    scheme: str
    host: str
    port: int
    allow_private: bool = False

    @property
    def key(self) -> str:
        """Names it among all others."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.datasource} {self.scheme}://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether `Secure` cookies are taken from it and sent to it."""
        return self.scheme == "https" or (self.allow_private and _is_loopback(self.host))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookie:
    """A cookie. `domain` is what `Domain` said, "" for a cookie of the host alone; without `expires_at` it
    ends with the session that it is kept in."""

    name: str
    value: Secret
    path: str
    domain: str = ""
    secure: bool = False
    http_only: bool = False
    expires_at: datetime | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """A cookie takes the place of the one that has the same (5.3, step 11)."""
        return self.name, self.domain, self.path

    def over(self, now: datetime) -> bool:
        """Whether its end has come."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, kw_only=True, slots=True)
class SetCookies:
    """The cookies that one answer sets, in their order, which came `at` this time; those that were over then
    take others away."""

    issuer: str
    cookies: tuple[Cookie, ...] = field(repr=False)
    at: datetime

    @property
    def alive(self) -> tuple[Cookie, ...]:
        """Those that are there once all have been taken in."""
        last = {cookie.place: cookie for cookie in self.cookies}
        return tuple(cookie for cookie in last.values() if not cookie.over(self.at))


def read(headers: Iterable[tuple[str, str]], issuer: Issuer, path: str, now: datetime) -> SetCookies:
    """What the headers of an answer to a request for `path` set. What is not to be taken is left out."""
    lines = (value for name, value in headers if name.lower() == "set-cookie")
    found = (_cookie(line, issuer, path, now) for line in lines)
    cookies = tuple(cookie for cookie in found if cookie is not None)
    return SetCookies(issuer=issuer.key, cookies=cookies, at=now)


def reaches(path: str, wanted: str) -> bool:
    """Whether a cookie of the path `wanted` goes along with a request for `path` (5.1.4)."""
    return path == wanted or (path.startswith(wanted) and (wanted.endswith("/") or path[len(wanted)] == "/"))


def _cookie(line: str, issuer: Issuer, path: str, now: datetime) -> Cookie | None:
    pair, *rest = line.split(";")
    name, equals, value = (part.strip(" \t") for part in pair.partition("="))
    if not equals or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        return None
    said: dict[str, str] = {}
    for attribute in rest:
        key, _, text = attribute.partition("=")
        # The last of a name counts (5.3).
        said[key.strip(" \t").lower()] = text.strip(" \t")
    domain = said.get("domain", "").removeprefix(".").lower()
    wanted = said.get("path", "")
    cookie = Cookie(
        name=name,
        value=Secret(value),
        path=wanted if wanted.startswith("/") else _default_path(path),
        domain=domain,
        secure="secure" in said,
        http_only="httponly" in said,
        expires_at=_end(said, now),
    )
    return cookie if _is_taken(cookie, issuer) else None


def _is_taken(cookie: Cookie, issuer: Issuer) -> bool:
    if len(cookie.name) + len(cookie.value.reveal()) > COOKIE_LIMIT or len(cookie.path) > PATH_LIMIT:
        return False
    if cookie.domain and not _is_of(issuer.host, cookie.domain):
        return False
    if cookie.secure and not issuer.secure:
        return False
    # What a name promises must hold (RFC 6265bis, 4.1.3).
    prefix = cookie.name.lower()
    if prefix.startswith("__host-"):
        return cookie.secure and cookie.path == "/" and not cookie.domain
    return cookie.secure or not prefix.startswith("__secure-")


def _is_of(host: str, domain: str) -> bool:
    """Whether a host is the domain, or a name below it (5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def _default_path(path: str) -> str:
    """The path of a cookie that names none (5.1.4)."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


def _end(said: dict[str, str], now: datetime) -> datetime | None:
    """When a cookie ends: `Max-Age` counts before `Expires`, and what is neither is as if it were not
    there."""
    latest = now + LIFETIME_LIMIT
    seconds = said.get("max-age", "")
    if _SECONDS.fullmatch(seconds):
        # More digits than a lifetime has are more than the limit, whatever they are.
        length = int(seconds[:12])
        return now if length <= 0 else min(now + timedelta(seconds=min(length, 10**10)), latest)
    try:
        ends = parsedate_to_datetime(said.get("expires", ""))
    except (ValueError, OverflowError):
        return None
    return min(ends.replace(tzinfo=ends.tzinfo or UTC), latest)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
