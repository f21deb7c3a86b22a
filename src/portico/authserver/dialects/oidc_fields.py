"""What requests to the OpenID provider bring: each parameter once; an empty one is none (RFC 6749, 3)."""

from collections.abc import Mapping

from starlette.requests import Request

from portico.authserver.body import read_body
from portico.authserver.dialects.oidc_errors import invalid_request

BODY_LIMIT = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


def query(request: Request) -> dict[str, str]:
    """The parameters of an address. Raises `OidcRefusal`."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in found:
            raise _twice(name)
        found[name] = value
    return {name: value for name, value in found.items() if value}


async def form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises `OidcRefusal`, `BodyMalformed` and `TooLarge`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise invalid_request(f"The body is a form: {_FORM}.")
    body = await read_body(request, BODY_LIMIT)
    found: dict[str, str] = {}
    for name, value in body.items() if isinstance(body, dict) else ():
        if not isinstance(value, str):
            raise _twice(name)
        if value:
            found[name] = value
    return found


def needed(fields: Mapping[str, str], name: str) -> str:
    """A field that must be there. Raises `OidcRefusal`."""
    if name not in fields:
        raise invalid_request(f"The field {name} is missing.")
    return fields[name]


def _twice(name: str) -> Exception:
    return invalid_request(f"The parameter {name[:40]!a} stands there twice.")
