"""Where GoTrue may send a browser, and how it says there what came of it.

Source: `IsRedirectURLValid` in `internal/utilities/request.go`, `AsRedirectURL` in
`internal/tokens/service.go` and `prepErrorRedirectURL` in `internal/api/verify.go` of `supabase/auth`.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import RedirectResponse

from portico.authserver import addresses
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal
from portico.authserver.local_pages import is_loopback
from portico.authserver.settings import GoTrueSettings, SettingsInvalid

_PATTERN = re.compile(r"https?://[a-z0-9.\-\[\]:]+/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")
_WILDCARDS = re.compile(r"(\*\*|\*)")
_WORDS = {400: "invalid_request", 401: "unauthorized_client", 403: "access_denied", 500: "server_error"}
_DENIED = ("signup_disabled", "user_banned", "provider_email_needs_verification")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Redirects:
    """Decides about addresses (P27), and builds the redirects to them."""

    def __init__(self, settings: GoTrueSettings) -> None:
        """Raises `SettingsInvalid` for a site or a pattern that is no address."""
        site = addresses.read(settings.site_url)
        if site is None:
            raise SettingsInvalid(
                message=f"Not an address: {settings.site_url!r}. Name the site like http://localhost:3000"
            )
        self._site_url = settings.site_url
        self._site = site["origin"]
        self._patterns = None if settings.redirect_urls is None else _compiled(settings.redirect_urls)

    @property
    def site_url(self) -> str:
        """Where a browser is sent that may not go elsewhere."""
        return self._site_url

    def allowed(self, asked: str) -> str:
        """The address that was asked for, without its fragment, or else the site's."""
        written = "".join(sign if sign.isascii() else quote(sign) for sign in asked[: addresses.LONGEST + 1])
        match = addresses.read(written)
        if match is None:
            return self._site_url
        address = written.partition("#")[0]
        return address if self._admits(match, address) else self._site_url

    def _admits(self, match: "re.Match[str]", address: str) -> bool:
        if match["origin"] == self._site:
            return True
        if self._patterns is None:
            return is_loopback(match["host"])
        return any(pattern.fullmatch(address) for pattern in self._patterns)


def with_fragment(address: str, said: Mapping[str, str], *, status: int) -> RedirectResponse:
    """To `address`, with this behind its `#`, as Go's `url.Values` writes it; `sb` says who says it."""
    return _redirect(f"{address}#{_encoded({**said, 'sb': ''})}", status)


def with_query(address: str, said: Mapping[str, str], *, status: int) -> RedirectResponse:
    """To `address`, with this in its query."""
    return _redirect(_asking(address, said), status)


def with_error(
    address: str, said: Mapping[str, str], *, status: int, in_query: bool = True
) -> RedirectResponse:
    """To `address` with an error, behind the `#` and perhaps in the query too."""
    return with_fragment(_asking(address, said) if in_query else address, said, status=status)


def told(refusal: GoTrueRefusal) -> dict[str, str]:
    """What a redirect says of a refusal."""
    denied = refusal.error_code in _DENIED
    return {
        "error": "access_denied" if denied else _WORDS.get(refusal.status, "server_error"),
        "error_code": refusal.error_code,
        "error_description": refusal.message,
    }


def _redirect(address: str, status: int) -> RedirectResponse:
    return RedirectResponse(address, status_code=status, headers=_HEADERS)


def _asking(address: str, said: Mapping[str, str]) -> str:
    """The address with this in its query; what the query said under the same names goes."""
    base, _, query = address.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in said]
    return f"{base}?{urlencode(sorted([*kept, *said.items()]))}"


def _encoded(said: Mapping[str, str]) -> str:
    return urlencode(sorted(said.items()))


def _compiled(patterns: Sequence[str]) -> list["re.Pattern[str]"]:
    for pattern in patterns:
        if _PATTERN.fullmatch(pattern) is None:
            raise SettingsInvalid(
                message=f"Not an address: {pattern!r}. Name scheme, host, port and path: in the path alone"
                " may * stand for a part of it, and ** for the rest."
            )
    return [re.compile(_translated(pattern)) for pattern in patterns]


def _translated(pattern: str) -> str:
    wildcards = {"**": ".*", "*": "[^./]*"}
    parts = _WILDCARDS.split(pattern)
    return "".join(wildcards.get(part) or re.escape(part) for part in parts)
