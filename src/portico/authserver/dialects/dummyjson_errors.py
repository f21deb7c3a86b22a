"""DummyJSON's refusals: a status, and `{message}`.

Source: `src/middleware/error.js` and what throws into it, of `Ovi/DummyJSON`.
"""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import JSONResponse

from portico.errors import PorticoError


class DummyJsonRefusal(PorticoError):
    """A request that is answered with a status and a message."""

    code: ClassVar[str] = "dummyjson_refusal"

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message=message)
        self.status = status
        self.headers = headers

    def response(self) -> JSONResponse:
        """The answer."""
        return JSONResponse({"message": self.message}, status_code=self.status, headers=self.headers)


class TokenRefused(DummyJsonRefusal):
    """An access token that is missing or no good: the cookies that may have carried it go too."""

    code: ClassVar[str] = "dummyjson_token_refused"

    def response(self) -> JSONResponse:
        """The answer, without the cookies from now on."""
        answer = super().response()
        for name in ("accessToken", "refreshToken"):
            answer.delete_cookie(name)
        return answer


def bad_request(message: str) -> DummyJsonRefusal:
    """400: the request itself is at fault."""
    return DummyJsonRefusal(400, message)


def wrong_password() -> DummyJsonRefusal:
    """400: no such account or not its password, and nobody is told which (P66)."""
    return bad_request("Invalid credentials")


def lifetime_refused(most: int) -> DummyJsonRefusal:
    """500, as DummyJSON has it, for a fault of the request."""
    return DummyJsonRefusal(500, f"Maximum access token expire time can be {most} minutes")


def no_token() -> TokenRefused:
    """401: there is no access token."""
    return TokenRefused(401, "Access Token is required")


def expired_token() -> TokenRefused:
    """401: it was good."""
    return TokenRefused(401, "Token Expired!")


def dead_token() -> TokenRefused:
    """401: it is none, or none any more."""
    return TokenRefused(401, "Invalid/Expired Token!")


def forged_token() -> TokenRefused:
    """500, as DummyJSON has it: what looks like a token and was not signed here is no outage."""
    return TokenRefused(500, "invalid signature")


def no_refresh_token() -> DummyJsonRefusal:
    """401: there is no refresh token."""
    return DummyJsonRefusal(401, "Refresh token required")


def dead_refresh_token() -> DummyJsonRefusal:
    """403: there is one that renews nothing, or nothing any more."""
    return DummyJsonRefusal(403, "Invalid refresh token")


def unknown_user(user_id: str) -> DummyJsonRefusal:
    """404: nobody in the directory has this id."""
    return DummyJsonRefusal(404, f"User with id '{user_id}' not found")


def not_found() -> DummyJsonRefusal:
    """404. DummyJSON shows a page."""
    return DummyJsonRefusal(404, "Not Found")


def not_allowed(headers: Mapping[str, str] | None) -> DummyJsonRefusal:
    """405; the headers say what is allowed."""
    return DummyJsonRefusal(405, "Method Not Allowed", headers)


def too_large() -> DummyJsonRefusal:
    """413."""
    return DummyJsonRefusal(413, "request entity too large")


def rate_limited(retry_after: int) -> DummyJsonRefusal:
    """429, and in how many seconds to come back (RFC 6585 4)."""
    headers = {"Retry-After": str(retry_after)}
    return DummyJsonRefusal(429, "request limit exceeded, please wait a few seconds", headers)


def internal_error() -> DummyJsonRefusal:
    """500: says nothing about what went wrong."""
    return DummyJsonRefusal(500, "Something went wrong.")


def unavailable() -> DummyJsonRefusal:
    """503: too much to do right now."""
    return DummyJsonRefusal(503, "Too much to do right now: try again in a moment.", {"Retry-After": "1"})
