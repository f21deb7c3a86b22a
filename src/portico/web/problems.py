"""The one table from errors to HTTP statuses, and the friendly pages.

An answer shows a public message and an id; the log has the same id with the detail (promise 61).
"""

import logging
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from portico import errors
from portico.auth.session import SessionEnded
from portico.values import new_id

log = logging.getLogger("portico.web")

#: Walked by an error's classes, most special first.
STATUS: dict[type[errors.PorticoError], int] = {
    errors.StoreUnavailable: 503,
    errors.RolesUnknown: 503,
    errors.Busy: 409,
    errors.TooMany: 429,
    errors.SignInRefused: 403,
    errors.CrossSiteRefused: 403,
    errors.BadRequest: 400,
    errors.TooLarge: 413,
    errors.EventRefused: 409,
    errors.Interrupted: 409,
    # The client asks again, until it comes to the process that knows (RFC 9110, 15.5.20).
    errors.HeldElsewhere: 421,
    errors.QuestionOver: 409,
    SessionEnded: 409,
    errors.PageNotFound: 404,
    errors.ScriptFailed: 500,
    errors.WorkerLost: 503,
    errors.CallFailed: 502,
    errors.PorticoError: 500,
}

#: Seconds after which trying again makes sense.
RETRY_AFTER = {503: 5, 429: 5}

TITLES = {
    400: "That did not work",
    403: "Refused",
    404: "Page not found",
    405: "Not possible here",
    409: "Not possible right now",
    413: "Too large",
    421: "One moment, please",
    429: "One moment, please",
    502: "A service did not answer",
    503: "Not available right now",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What an error looks like from outside."""

    status: int
    code: str
    title: str
    message: str
    id: str

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the status."""
        if self.status == 421:
            return {"Connection": "close"}
        seconds = RETRY_AFTER.get(self.status)
        return {"Retry-After": str(seconds)} if seconds else {}

    def as_json(self) -> dict[str, str]:
        """The `problem` of an event's answer."""
        return {"code": self.code, "message": self.message, "id": self.id}


def problem_of(error: Exception, request: Request) -> Problem:
    """The problem for an error, and its line in the log."""
    if isinstance(error, HTTPException):
        found = errors.PageNotFound if error.status_code == 404 else errors.BadRequest
        return _problem(error.status_code, found("no such address"), request, None)
    if isinstance(error, errors.PorticoError):
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        return _problem(status, error, request, None)
    return _problem(500, errors.PorticoError(f"{type(error).__name__}"), request, error)


def _problem(status: int, error: errors.PorticoError, request: Request, bug: Exception | None) -> Problem:
    problem = Problem(
        status=status,
        code=error.code,
        title=TITLES.get(status, "Something went wrong"),
        message=error.message,
        id=new_id(9),
    )
    log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "problem",
        extra={
            "id": problem.id,
            "status": status,
            "code": error.code,
            "detail": error.detail,
            "method": request.method,
            "path": request.url.path,
        },
        exc_info=bug,
    )
    return problem
