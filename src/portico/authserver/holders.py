"""Whose a request is, as far as it says: for faults that are somebody's, and for counters, never for access.

Nothing is verified here. What a token opens is decided by the dialects.
"""

import hashlib
import json
import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import final
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request

from portico.authserver.database import Database
from portico.authserver.dialects.imitation_tokens import named_by, unwrapped
from portico.values import hashed

_DIGITS = 12
_LONGEST = 32_768

_BY_NAME = "SELECT username, email FROM users WHERE email = ?1 OR username = ?2 COLLATE NOCASE"
_BY_ID = "SELECT username, email FROM users WHERE id = ?"
_BY_UUID = (
    "SELECT username, email FROM users JOIN gotrue_profiles ON gotrue_profiles.user_id = users.id"
    " WHERE uuid = ?"
)
_BY_SESSION = (
    "SELECT username, email FROM users JOIN sessions ON sessions.user_id = users.id WHERE session_id = ?"
)
_BY_GOTRUE_SESSION = (
    "SELECT username, email FROM users JOIN gotrue_sessions ON gotrue_sessions.user_id = users.id"
    " WHERE session_id = ?"
)
_BY_CODE = (
    "SELECT username, email FROM users JOIN oidc_logins ON oidc_logins.user_id = users.id"
    " JOIN oidc_codes USING (sid) WHERE code_hash = ?"
)

_Query = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tells:
    """Where requests say whose they are: fields with a name or an address, fields with a refresh token,
    headers and cookies with a token, of whichever dialect."""

    names: tuple[str, ...] = ("email", "identifier", "username")
    refresh: tuple[str, ...] = ("refresh_token", "refreshToken")
    headers: tuple[str, ...] = ("Authorization",)
    cookies: tuple[str, ...] = ("strapi_up_refresh", "accessToken", "refreshToken")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Names of whose a request is, none if nobody is known, and a digest of the token it carries."""

    users: frozenset[str] = frozenset()
    token: str = ""


@final
class Holders:
    """Looks requests up in a database."""

    def __init__(self, database: Database, tells: Tells) -> None:
        self._database = database
        self._tells = tells

    async def of(self, request: Request, fields: Mapping[str, str]) -> Holder:
        """Whose a request is: by the refresh token, name or code in its body, or by its bearer token."""
        refresh = next((fields[name] for name in self._tells.refresh if name in fields), "")
        token = refresh or self._carried(request)
        named = {fields[name] for name in self._tells.names if name in fields}
        queries: list[_Query] = [(_BY_NAME, (name.lower(), name)) for name in named]
        queries += [(_BY_CODE, (hashed(fields["code"]),))] if "code" in fields else []
        queries += _of_token(token)
        users = await self._database.read(lambda connection: _names(connection, queries))
        digest = hashlib.sha256(token.encode()).hexdigest()[:_DIGITS] if token else ""
        return Holder(users=frozenset(users | named), token=digest)

    def _carried(self, request: Request) -> str:
        headers = (request.headers[name] for name in self._tells.headers if name in request.headers)
        cookies = (request.cookies[name] for name in self._tells.cookies if name in request.cookies)
        words = next(chain(headers, cookies), "").split()
        return words[-1] if words else ""


def _names(connection: sqlite3.Connection, queries: list[_Query]) -> set[str]:
    return {name for query, values in queries for row in connection.execute(query, values) for name in row}


def fields_of(body: bytes) -> Mapping[str, str]:
    """The texts of a JSON object or a form; none of what is neither."""
    try:
        text = body.decode()
        value = json.loads(text) if text.lstrip().startswith("{") else dict(parse_qsl(text))
    except (ValueError, RecursionError):
        return {}
    return {name: field for name, field in value.items() if isinstance(field, str) and _is_sound(field)}


def _is_sound(text: str) -> bool:
    return len(text) <= _LONGEST and not any("\ud800" <= character <= "\udfff" for character in text)


def _of_token(token: str) -> Iterator[_Query]:
    claims = _claims(unwrapped(token))
    _, imitated = named_by(claims)
    if imitated is not None:
        yield _BY_ID, (imitated.user_id,)
        return
    match claims:
        case {"userId": str(user_id)} if user_id.isdecimal() and len(user_id) < 18:
            yield _BY_ID, (int(user_id),)
        case {"id": int(user_id)} if abs(user_id) < 2**53:
            yield _BY_ID, (user_id,)
        case {"sub": str(uuid)}:
            yield _BY_UUID, (uuid,)
        case {"sessionId": str(session_id)}:
            yield _BY_SESSION, (session_id,)
        case _:
            if session := _session_of(token):
                yield _BY_GOTRUE_SESSION, (session,)


def _claims(token: str) -> dict[str, object]:
    """What a JSON Web Token says, whoever signed it."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LONGEST:
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _session_of(token: str) -> str:
    """The session that a refresh token of GoTrue names: 16 bytes after a zero (`gotrue_refresh_token`)."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return ""
    return str(UUID(bytes=raw[1:17])) if len(raw) > 17 and raw[0] == 0 else ""
