"""What pages of other origins may do: nothing, but for the origins that the settings name (P23).

The headers are those of GoTrue (`internal/api/api.go` of `supabase/auth`), which lets every origin in, and
`apikey`, which its clients send to Supabase's gateway.
"""

import re
from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from portico.authserver.settings import SettingsInvalid

_ORIGIN = re.compile(r"https?://[a-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ALLOWED = (
    "Accept",
    "Authorization",
    "Content-Type",
    "X-Client-IP",
    "X-Client-Info",
    "X-JWT-AUD",
    "x-use-cookie",
    "X-Supabase-Api-Version",
    "apikey",
)
_EXPOSED = ("X-Total-Count", "Link", "X-Supabase-Api-Version")


def cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """CORS for exactly these origins, without credentials. Raises `SettingsInvalid` for what is no origin."""
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise SettingsInvalid(
                message=f"Not an origin: {origin!r}. Name scheme, host and port: http://localhost:3000"
            )
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_ALLOWED,
            expose_headers=_EXPOSED,
        )
    ]
