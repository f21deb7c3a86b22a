"""The plain API's refusals: a status, and `{message}`, which says what is wrong and how to mend it."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import JSONResponse

from portico.errors import PorticoError


class PlainRefusal(PorticoError):
    """A request that is answered with a status and a message."""

    code: ClassVar[str] = "plain_refusal"

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message=message)
        self.status = status
        self.headers = headers

    def response(self) -> JSONResponse:
        """The answer."""
        return JSONResponse({"message": self.message}, status_code=self.status, headers=self.headers)


def bad_request(message: str) -> PlainRefusal:
    """400: the request itself is at fault."""
    return PlainRefusal(400, message)


def wrong_password() -> PlainRefusal:
    """401: no such account or not its password, and nobody is told which (P66)."""
    return _unauthorized("Wrong e-mail address or password.")


def no_token() -> PlainRefusal:
    """401: there is no bearer token."""
    return _unauthorized("A token is missing: send the header Authorization: Bearer <token>.")


def dead_token() -> PlainRefusal:
    """401: there is one that opens nothing, or nothing any more."""
    return _unauthorized("The token is not valid, has expired or was revoked: sign in again.")


def forbidden(message: str) -> PlainRefusal:
    """403: the password is right, and the account is closed all the same."""
    return PlainRefusal(403, message)


def not_found() -> PlainRefusal:
    """404."""
    return PlainRefusal(404, "There is nothing at this path.")


def not_allowed(headers: Mapping[str, str] | None) -> PlainRefusal:
    """405; the headers say what is allowed."""
    return PlainRefusal(405, "This path does not take that method.", headers)


def too_large(limit: int) -> PlainRefusal:
    """413."""
    return PlainRefusal(413, f"The body is too large: at most {limit} bytes.")


def rate_limited(retry_after: int) -> PlainRefusal:
    """429, and in how many seconds to come back (RFC 6585 4)."""
    headers = {"Retry-After": str(retry_after)}
    return PlainRefusal(429, f"Too many attempts: try again in {retry_after} s.", headers)


def internal_error() -> PlainRefusal:
    """500: says nothing about what went wrong."""
    return PlainRefusal(500, "Something went wrong on the server.")


def unavailable() -> PlainRefusal:
    """503: too much to do right now."""
    return PlainRefusal(503, "Too much to do right now: try again in a moment.", {"Retry-After": "1"})


def _unauthorized(message: str) -> PlainRefusal:
    return PlainRefusal(401, message, {"WWW-Authenticate": "Bearer"})
