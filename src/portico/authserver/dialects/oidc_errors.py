"""What the OpenID provider refuses: for clients as JSON (RFC 6749, 5.2; RFC 6750, 3), for people pages."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from portico.authserver.local_pages import page
from portico.errors import PorticoError

#: Where it is.
MOUNT = "/oidc"
#: Paths below it that browsers go to.
PAGES = ("/authorize", "/login", "/logout", "/logout/confirm")
UNSEEN = {"Cache-Control": "no-store", "Pragma": "no-cache"}
#: Beside a redirect.
AWAY = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PAGE_IS_OVER = "This page is not of this browser, or is over. Please go back to the app, and begin again."

_NAMES: Mapping[int, str] = {
    401: "invalid_client",
    403: "unauthorized_client",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}
_PROBLEM = Markup('<p role="alert">{message}</p>')


class OidcRefusal(PorticoError):
    """A request that is answered with a status, an error of the protocol and words about it."""

    code: ClassVar[str] = "oidc_refusal"

    def __init__(
        self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message=message)
        self.status = status
        self.error = error
        self.headers = headers or {}

    def response(self, path: str) -> Response:
        """The answer at this path."""
        if path.removeprefix(MOUNT) in PAGES:
            answer: Response = page("This cannot go on", _PROBLEM.format(message=self.message))
            answer.status_code = self.status
        else:
            told = {"error": self.error, "error_description": self.message}
            answer = JSONResponse(told, self.status, headers=UNSEEN)
        answer.headers.update(self.headers)
        return answer


def of_status(path: str, status: int, message: str, headers: Mapping[str, str] | None = None) -> OidcRefusal:
    """A refusal with this status, by the name that it has at this path."""
    name = _NAMES.get(
        status, "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
    )
    if path == f"{MOUNT}/token" and status == HTTPStatus.BAD_REQUEST:
        name = "invalid_grant"
    if path == f"{MOUNT}/userinfo" and status == HTTPStatus.UNAUTHORIZED:
        name = "invalid_token"
    return OidcRefusal(status, name, message, headers)


def invalid_request(message: str) -> OidcRefusal:
    """400: the request itself is at fault."""
    return OidcRefusal(400, "invalid_request", message)


def page_is_over() -> OidcRefusal:
    """400: a form that this browser was not shown, or was shown too long ago."""
    return invalid_request(_PAGE_IS_OVER)


def invalid_grant() -> OidcRefusal:
    """400: a code or a token that is good for nothing here, and nobody is told why."""
    return OidcRefusal(400, "invalid_grant", "The code or the refresh token is not good, or is good no more.")


def invalid_token() -> OidcRefusal:
    """401: an access token that opens nothing, or nothing any more."""
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return OidcRefusal(401, "invalid_token", "The access token is not good, or is good no more.", headers)


def too_many(retry_after: int) -> OidcRefusal:
    """429, and in how many seconds to come back."""
    words = f"Too many attempts: try again in {retry_after} s."
    return OidcRefusal(429, "temporarily_unavailable", words, {"Retry-After": str(retry_after)})
