"""What an API answers when it cannot, in the shape of errors of whichever dialect is asked."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from portico.authserver.dialects.dummyjson_errors import DummyJsonRefusal
from portico.authserver.dialects.dummyjson_gate import MOUNT as DUMMYJSON
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal
from portico.authserver.dialects.oidc_errors import MOUNT as OIDC
from portico.authserver.dialects.oidc_errors import of_status
from portico.authserver.dialects.plain_errors import PlainRefusal
from portico.authserver.dialects.plain_gate import MOUNT as PLAIN
from portico.authserver.dialects.strapi_errors import StrapiRefusal

_STRAPI = "/api/"
_STRAPI_NAMES = {401: "UnauthorizedError", 403: "ForbiddenError", 429: "RateLimitError"}
_GOTRUE_CODES = {
    401: "no_authorization",
    403: "bad_jwt",
    429: "over_request_rate_limit",
    504: "request_timeout",
}


def refused(request: Request, status: int, message: str) -> Response:
    """An answer with this status and message. Paths that are nobody's are taken for GoTrue's."""
    path = request.url.path
    if path.startswith(_STRAPI):
        name = _STRAPI_NAMES.get(status, _strapi_name(status))
        return StrapiRefusal(status, name, message, details={}).response()
    if path.startswith(f"{PLAIN}/"):
        return PlainRefusal(status, message).response()
    if path.startswith(f"{DUMMYJSON}/"):
        return DummyJsonRefusal(status, message).response()
    if path.startswith(f"{OIDC}/"):
        return of_status(path, status, message).response(path)
    otherwise = "unexpected_failure" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "validation_failed"
    return GoTrueRefusal(status, _GOTRUE_CODES.get(status, otherwise), message).response(request)


def _strapi_name(status: int) -> str:
    return "InternalServerError" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "ApplicationError"
