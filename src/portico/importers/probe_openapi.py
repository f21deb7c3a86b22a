"""What an OpenAPI document says about signing in (OpenAPI 3.0 and 3.1)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portico.importers.probe_findings import Call

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
#: A sign-up asks for a password too.
_SIGN_IN = re.compile(r"log-?in|sign-?in|token|session|auth", re.IGNORECASE)
_OTHER = re.compile(
    r"register|registration|sign-?up|reset|forgot|change|refresh|verif|recover|users?/?$", re.IGNORECASE
)
_ME = re.compile(r"/(me|user|userinfo|whoami|profile|session|account)/?$", re.IGNORECASE)
_PLAIN = re.compile(r"(/[A-Za-z0-9._~-]+)+/?", re.ASCII)
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,29}")
_PASSWORDS = ("password", "passwd", "pass", "pwd")
#: Fields by which a user says who it is, the likeliest first.
LOGINS = ("email", "username", "identifier", "identity", "login", "user", "name", "phone")
#: Longer documents are not gone through.
_PATHS = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """What a document says: calls that sign in, the likeliest first, and paths that say who somebody is."""

    sign_in: tuple[Call, ...]
    me: tuple[str, ...]


def described(document: Any) -> Described | None:
    """Read a document; None for what is none. Whatever it holds beside what is known is passed over."""
    paths = _table(document, "paths")
    if not isinstance(document, dict) or "openapi" not in document or not paths:
        return None
    known = [(path, said) for path, said in list(paths.items())[:_PATHS] if _PLAIN.fullmatch(path)]
    calls = [call for path, said in known for call in _sign_in(path, said, document)]
    calls.sort(key=lambda call: "login" not in call.path and "sign" not in call.path)
    me = [path for path, said in known if _ME.search(path) and isinstance(said, dict) and "get" in said]
    return Described(sign_in=tuple(calls), me=tuple(me))


def sign_in_call(path: str, login: str, password: str, *, form: bool) -> Call:
    """A sign-in with two fields."""
    path, _, query = path.partition("?")
    params = tuple(
        (name, value) for name, _, value in (pair.partition("=") for pair in query.split("&")) if name
    )
    parameter = login if login.isidentifier() else "username"
    fields = ((login, f"{{{{ this.params.{parameter} }}}}"), (password, "{{ this.params.password }}"))
    return Call(method="POST", path=path, params=params, fields=fields, form=form)


def _sign_in(path: str, said: Any, document: Mapping[str, Any]) -> Iterator[Call]:
    if not _SIGN_IN.search(path) or _OTHER.search(path):
        return
    content = _table(_table(_table(said, "post"), "requestBody"), "content")
    for kind in (_JSON, _FORM):
        schema = _resolved(_table(_table(content, kind), "schema"), document)
        names = [name for name in _table(schema, "properties") if _FIELD.fullmatch(name)]
        password = next((name for name in _PASSWORDS if name in names), None)
        login = next((name for name in LOGINS if name in names), None)
        if password is not None and login is not None:
            yield sign_in_call(path, login, password, form=kind == _FORM)
            return


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema, or what it refers to in the same document."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/components/schemas/"):
        return schema
    return _table(_table(_table(document, "components"), "schemas"), reference.rpartition("/")[2])


def _table(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return (
        {name: inner for name, inner in found.items() if isinstance(name, str)}
        if isinstance(found, dict)
        else {}
    )
