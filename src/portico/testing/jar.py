"""The cookies of one simulated browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from portico.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cookie:
    value: str
    host: str
    path: str
    until: datetime | None


class Jar:
    """Cookies by host and path; ports share them, as in browsers. They age with the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cookies: dict[tuple[str, str, str], _Cookie] = {}

    def take(self, url: str, header: str) -> None:
        """What a `Set-Cookie` header, or a script, sets on a page of this address."""
        try:
            found = SimpleCookie(header)
        except CookieError:
            return
        host = urlsplit(url).hostname or ""
        for name, morsel in found.items():
            path = morsel["path"] or "/"
            key = (name, host, path)
            until = self._until(str(morsel["max-age"]))
            if until is not None and until <= self._clock.now():
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = _Cookie(value=morsel.value, host=host, path=path, until=until)

    def header(self, url: str) -> str:
        """What is sent along to an address; the longest paths first."""
        parts, now = urlsplit(url), self._clock.now()
        sent = [
            (cookie.path, name, cookie.value)
            for (name, _, _), cookie in self._cookies.items()
            if cookie.host == parts.hostname
            and _is_below(parts.path or "/", cookie.path)
            and (cookie.until is None or cookie.until > now)
        ]
        return "; ".join(f"{name}={value}" for _, name, value in sorted(sent, key=lambda one: -len(one[0])))

    def _until(self, max_age: str) -> datetime | None:
        if not max_age.lstrip("-").isdigit():
            return None
        return self._clock.now() + timedelta(seconds=int(max_age))


def _is_below(path: str, of: str) -> bool:
    return path == of or path.startswith(of if of.endswith("/") else of + "/")
