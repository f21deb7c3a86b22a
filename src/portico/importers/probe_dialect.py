"""What was found, as the file of an API that the auth server imitates (`portico auth-server --dialect`)."""

import re
from collections.abc import Mapping
from typing import Any

from portico.errors import PorticoError
from portico.importers.probe_findings import Call, Findings, Sample
from portico.importers.probe_presets import login_of
from portico.importers.yaml_text import dump
from portico.model.query import Role

_PARAMETER = re.compile(r"\{\{ this\.params\.(\w+) \}\}")
_ROLES: tuple[Role, ...] = ("sign_in", "me", "refresh", "sign_out")
_HEAD = (
    "# An API as `portico auth probe` found it, to be imitated:\n"
    "#   portico auth-server --dialect FILE --account NAME:EMAIL:PASSWORD\n"
    "# Values of answers are not in it: where one matters, write it out.\n"
)


class NothingToImitate(PorticoError):
    """Too little was found."""

    code = "nothing_to_imitate"
    default_message = (
        "Nobody signed in, or nothing says whose a token is: an API is imitated by what it answered. "
        "Sign in with --identifier."
    )


def dialect_of(found: Findings) -> str:
    """The file. Raises `NothingToImitate` where nobody has signed in."""
    if found.signed_in is None or not {"sign_in", "me"} <= found.samples.keys() & found.calls.keys():
        raise NothingToImitate
    lifetime = found.signed_in.lifetime or 900
    sending = found.sending
    carried = (
        {"cookie": sending.cookie} if sending.cookie else {"header": sending.header, "scheme": sending.scheme}
    )
    access = {"kind": found.signed_in.kind.lower(), "lifetime": f"{lifetime}s", **carried}
    renewal = {"rotates": found.renewed.rotates} if found.renewed is not None else {"rotates": True}
    dialect: dict[str, Any] = {
        "access_token": access,
        "refresh_token": {**renewal, **_cookie_of(found.samples["sign_in"])},
        "endpoints": {role: _endpoint(role, found) for role in _ROLES if role in found.calls},
    }
    errors = {name: _reply(found.samples[name]) for name in _ERRORS if name in found.samples}
    if errors:
        dialect["errors"] = errors
    return _HEAD + dump(dialect)


_ERRORS = ("wrong_password", "no_token", "dead_token", "dead_refresh_token")


def _cookie_of(signed_in: Sample) -> dict[str, str]:
    """The cookie that holds the refresh token, if one does."""
    named = [name for name, stands in signed_in.cookies.items() if stands == "{refresh_token}"]
    return {"cookie": named[0]} if named else {}


def _endpoint(role: Role, found: Findings) -> dict[str, Any]:
    call = found.calls[role]
    # What hands out tokens does it in one way, as far as is known.
    otherwise = found.samples["sign_in"] if role == "refresh" else Sample(status=204)
    sample = found.samples.get(role, otherwise)
    endpoint: dict[str, Any] = {"method": call.method, "path": call.path}
    query = {name: text for name, text in call.params if not _PARAMETER.search(text)}
    fields = _fields(role, call)
    return endpoint | _some(query=query, fields=fields) | _reply(sample)


def _fields(role: Role, call: Call) -> dict[str, str]:
    """What the API calls what a request brings."""
    login = login_of(call) if role == "sign_in" else ""
    named = {"password": "password", login: "login"} if login else {"refreshToken": "refresh_token"}
    if role == "me":
        return {}
    return {
        named[parameter]: name
        for name, text in call.fields
        for parameter in _PARAMETER.findall(text)
        if parameter in named
    }


def _reply(sample: Sample) -> dict[str, Any]:
    body = {"body": sample.body} if sample.has_body else {}
    return {"status": sample.status} | body | _some(headers=sample.headers, cookies=sample.cookies)


def _some(**parts: Mapping[str, str]) -> dict[str, Any]:
    return {name: dict(part) for name, part in parts.items() if part}
