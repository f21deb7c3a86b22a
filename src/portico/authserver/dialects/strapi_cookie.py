"""The refresh token as a cookie.

Source: `Cookies` of the npm package `cookies`, as koa gives it to Strapi: whatever is set gets a second
cookie with its signature, for which Strapi never asks.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from portico.authserver.signing import Signer

NAME = "strapi_up_refresh"

_LONG_AGO = datetime.fromtimestamp(0, UTC)


class RefreshCookie:
    """Reads and writes it."""

    def __init__(self, signer: Signer) -> None:
        self._key = signer.derive(b"strapi refresh cookie")

    def read(self, request: Request) -> str | None:
        """The token that came as a cookie."""
        return request.cookies.get(NAME) or None

    def write(self, answer: Response, token: str) -> None:
        """Let the browser keep the token."""
        self._set(answer, token)

    def clear(self, answer: Response) -> None:
        """Let the browser forget it."""
        self._set(answer, "", expires=_LONG_AGO)

    def _set(self, answer: Response, value: str, *, expires: datetime | None = None) -> None:
        signature = urlsafe_b64encode(hmac.digest(self._key, f"{NAME}={value}".encode(), "sha256"))
        for name, content in ((NAME, value), (f"{NAME}.sig", signature.decode().rstrip("="))):
            answer.set_cookie(name, content, expires=expires, httponly=True, samesite="lax")
