"""GoTrue's error bodies, in the two forms a client may ask for, and the refusals they carry.

Source: `internal/api/errors.go`, `internal/api/apiversions.go` and `internal/api/apierrors` of
`supabase/auth`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse

from portico.errors import PorticoError
from portico.values import new_id

VERSION_HEADER = "X-Supabase-Api-Version"
CODE_HEADER = "x-sb-error-code"

_NEWEST = "2024-01-01"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class GoTrueRefusal(PorticoError):
    """A request that is answered with a status, one of GoTrue's error codes and a message."""

    code: ClassVar[str] = "gotrue_refusal"

    def __init__(
        self,
        status: int,
        error_code: str,
        message: str,
        *,
        reasons: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`reasons` says why a password is weak, and is sent with that error only."""
        super().__init__(message=message)
        self.status = status
        self.error_code = error_code
        self.reasons = list(reasons)
        self.headers = dict(headers or {})

    def response(self, request: Request) -> JSONResponse:
        """The answer, in the form that `request` asked for."""
        headers = {CODE_HEADER: self.error_code} | self.headers
        if _is_recent(request.headers.get(VERSION_HEADER, "")):
            headers[VERSION_HEADER] = _NEWEST
            body: dict[str, object] = {"code": self.error_code, "message": self.message}
        else:
            body = {"code": self.status, "error_code": self.error_code, "msg": self.message}
            if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                body["error_id"] = new_id()
        if self.reasons:
            body["weak_password"] = {"reasons": self.reasons}
        return JSONResponse(body, status_code=self.status, headers=headers)


def invalid_credentials(message: str = "Invalid login credentials") -> GoTrueRefusal:
    """400: no such account or not its password, and nobody is told which."""
    return GoTrueRefusal(400, "invalid_credentials", message)


def validation_failed(message: str) -> GoTrueRefusal:
    """400: a field is missing or not what it should be."""
    return GoTrueRefusal(400, "validation_failed", message)


def bad_json(reason: str) -> GoTrueRefusal:
    """400: the body cannot be read."""
    return GoTrueRefusal(400, "bad_json", f"Could not parse request body as JSON: {reason}")


def weak_password(message: str, reasons: Sequence[str]) -> GoTrueRefusal:
    """422 with the reasons."""
    return GoTrueRefusal(422, "weak_password", message, reasons=reasons)


def no_authorization() -> GoTrueRefusal:
    """401: there is no bearer token."""
    return GoTrueRefusal(401, "no_authorization", "This endpoint requires a valid Bearer token")


def bad_jwt(message: str) -> GoTrueRefusal:
    """403: there is one, and it is no good."""
    return GoTrueRefusal(403, "bad_jwt", message)


def too_large(limit: int) -> GoTrueRefusal:
    """413."""
    return GoTrueRefusal(413, "request_entity_too_large", f"Request body too large (max {limit} bytes)")


def session_not_found() -> GoTrueRefusal:
    """403: the token is good and its session was ended."""
    message = "Session from session_id claim in JWT does not exist"
    return GoTrueRefusal(403, "session_not_found", message)


def refresh_refused(error_code: str, message: str, headers: Mapping[str, str] | None = None) -> GoTrueRefusal:
    """400: a refresh token that is no good, or no good any more."""
    return GoTrueRefusal(400, error_code, f"Invalid Refresh Token: {message}", headers=headers)


def refresh_token_not_found() -> GoTrueRefusal:
    """400: not from here, or its session was ended."""
    return refresh_refused("refresh_token_not_found", "Refresh Token Not Found")


def rate_limited(retry_after: int) -> GoTrueRefusal:
    """429, and in how many seconds to come back (RFC 6585 4)."""
    headers = {"Retry-After": str(retry_after)}
    return GoTrueRefusal(429, "over_request_rate_limit", "Request rate limit reached", headers=headers)


def mail_limited(retry_after: int) -> GoTrueRefusal:
    """429: an e-mail went to this user a moment ago."""
    message = f"For security purposes, you can only request this after {retry_after} seconds."
    headers = {"Retry-After": str(retry_after)}
    return GoTrueRefusal(429, "over_email_send_rate_limit", message, headers=headers)


def conflict() -> GoTrueRefusal:
    """409: the session was locked for too long."""
    message = "Too many concurrent token refresh requests on the same session or refresh token"
    return GoTrueRefusal(409, "conflict", message)


def internal_error() -> GoTrueRefusal:
    """500: says nothing about what went wrong."""
    message = "Unexpected failure, please check server logs for more information"
    return GoTrueRefusal(500, "unexpected_failure", message)


def timed_out() -> GoTrueRefusal:
    """504: too much to do right now. Both clients try again and keep their session."""
    message = "Processing this request timed out, please retry after a moment."
    return GoTrueRefusal(504, "request_timeout", message)


def _is_recent(version: str) -> bool:
    """Whether this is a date, and not before the version that `_NEWEST` names."""
    if _DATE.fullmatch(version) is None:
        return False
    try:
        return date.fromisoformat(version) >= date.fromisoformat(_NEWEST)
    except ValueError:
        return False
