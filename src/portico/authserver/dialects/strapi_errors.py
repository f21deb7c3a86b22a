"""Strapi's error envelope (`services/errors.js` of `@strapi/core` 5) and the refusals it carries."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import JSONResponse

from portico.errors import PorticoError


class StrapiRefusal(PorticoError):
    """A request that is answered with Strapi's error envelope."""

    code: ClassVar[str] = "strapi_refusal"

    def __init__(
        self,
        status: int,
        name: str,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`details` is left out of the answer where it is None: errors of the body parser have none."""
        super().__init__(message=message)
        self.status = status
        self.name = name
        self.details = details
        self.headers = headers

    def response(self) -> JSONResponse:
        """The answer."""
        error: dict[str, object] = {"status": self.status, "name": self.name, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return JSONResponse({"data": None, "error": error}, status_code=self.status, headers=self.headers)


def validation_error(message: str, errors: list[dict[str, object]] | None = None) -> StrapiRefusal:
    """400: the body is at fault; `errors` says where."""
    details: dict[str, object] = {} if errors is None else {"errors": errors}
    return StrapiRefusal(400, "ValidationError", message, details=details)


def application_error(message: str) -> StrapiRefusal:
    """400: the body is fine and the answer is no."""
    return StrapiRefusal(400, "ApplicationError", message, details={})


def bad_request(message: str) -> StrapiRefusal:
    """400 from a controller."""
    return StrapiRefusal(400, "BadRequestError", message, details={})


def malformed(message: str) -> StrapiRefusal:
    """400 from the body parser."""
    return StrapiRefusal(400, "SyntaxError", message)


def unauthorized(message: str = "Missing or invalid credentials") -> StrapiRefusal:
    """401: a token that is not, or no longer, good."""
    return StrapiRefusal(401, "UnauthorizedError", message, details={})


def forbidden() -> StrapiRefusal:
    """403: not for this caller; for a route that needs a token, also when there is none."""
    return StrapiRefusal(403, "ForbiddenError", "Forbidden", details={})


def not_found(message: str = "Not Found") -> StrapiRefusal:
    """404."""
    return StrapiRefusal(404, "NotFoundError", message, details={})


def too_large() -> StrapiRefusal:
    """413 from the body parser."""
    return StrapiRefusal(413, "PayloadTooLargeError", "request entity too large")


def rate_limited(retry_after: int) -> StrapiRefusal:
    """429, and in how many seconds to come back (RFC 6585 4)."""
    message = "Too many requests, please try again later."
    return StrapiRefusal(
        429, "RateLimitError", message, details={}, headers={"Retry-After": str(retry_after)}
    )


def internal_error() -> StrapiRefusal:
    """500: says nothing about what went wrong."""
    return StrapiRefusal(500, "InternalServerError", "Internal Server Error")


def unavailable() -> StrapiRefusal:
    """503: too much to do right now."""
    return StrapiRefusal(503, "ServiceUnavailableError", "Service Unavailable", details={})
