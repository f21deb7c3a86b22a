"""The credentials in a command: what a datasource names as secrets, and no file holds."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote_plus

from portico.importers.curl import Pairs, Request
from portico.importers.words import CommandUnreadable

#: Parts of the names of headers that hold a credential, and headers that only look like it.
_HEADER_PARTS = frozenset(
    {"apikey", "auth", "authentication", "authorization", "cookie", "credential", "jwt", "key", "passwd",
     "password", "secret", "token"}
)  # fmt: skip
_NO_CREDENTIALS = frozenset({"idempotency-key", "x-idempotency-key", "sec-websocket-key", "surrogate-key"})

#: Parameters that hold a credential, whatever stands in them, and those that do if it looks like one.
_PARAMETERS = frozenset(
    {"access_token", "api-key", "api_key", "apikey", "app_key", "appid", "auth_token", "authtoken",
     "client_secret", "private_token", "subscription-key", "x-api-key"}
)  # fmt: skip
_PERHAPS = frozenset({"auth", "key", "secret", "sig", "signature", "token"})
_RANDOM = re.compile(r"(?=.*[0-9])[A-Za-z0-9_.~+/=:-]{16,}|\ue000[^\ue001]*\ue001")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_-]*) +(\S+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class BasicPair:
    """User name and password, of `-u`, of the address or of the header. Without a password curl
    asks for it."""

    username: str = field(repr=False)
    password: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class BearerToken:
    """A token in `Authorization`."""

    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key in a parameter, or behind a scheme of its own in `Authorization`."""

    name: str
    value: str = field(repr=False)
    where: Literal["header", "query"]
    prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """A header whose whole value is a secret."""

    name: str
    value: str = field(repr=False)


Auth = BasicPair | BearerToken | Key


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The credentials of a request, and what of it is none: its other headers, and the pieces of its
    query string. A datasource has one `auth`; what is left over are headers."""

    auth: Auth | None
    headers: tuple[Header, ...]
    others: Pairs = field(repr=False)
    query: tuple[str, ...] = field(repr=False)


def credentials_of(request: Request) -> Credentials:
    """Take a request apart. Raises CommandUnreadable for a credential that is given twice."""
    pieces = request.address.query.split("&") if request.address.query else []
    key = next((found for piece in pieces if (found := _parameter(piece)) is not None), None)
    secret = [Header(name=name, value=value) for name, value in request.headers if is_credential(name)]
    authorization = next((header for header in secret if header.name.lower() == "authorization"), None)
    if len({header.name.lower() for header in secret}) < len(secret):
        raise CommandUnreadable(message="The command gives a header that holds a credential twice.")
    auth: Auth | None = key
    if authorization is None and request.user is not None:
        pair = _user(request.user)
        auth = key or pair
        secret += [Header(name="Authorization", value=_basic(pair))] if key is not None else []
    elif authorization is not None and key is None:
        auth = _auth(authorization)
        secret = [header for header in secret if auth is None or header is not authorization]
    return Credentials(
        auth=auth,
        headers=tuple(secret),
        others=tuple(pair for pair in request.headers if not is_credential(pair[0])),
        query=tuple(piece for piece in pieces if key is None or _parameter(piece) != key),
    )


def is_credential(header: str) -> bool:
    """Whether a header of this name holds a credential."""
    name = header.lower()
    return name not in _NO_CREDENTIALS and not _HEADER_PARTS.isdisjoint(re.split(r"[-_]", name))


def _user(text: str) -> BasicPair:
    username, colon, password = text.partition(":")
    return BasicPair(username=username, password=password if colon else None)


def _auth(header: Header) -> Auth | None:
    """An `Authorization` as one of the types that a datasource has, or None."""
    found = _SCHEME.fullmatch(header.value)
    if found is None:
        return None
    scheme, token = found[1], found[2]
    if scheme.lower() == "bearer":
        return BearerToken(token=token)
    if scheme.lower() == "basic":
        return _pair(token)
    return Key(name=header.name, value=token, where="header", prefix=scheme)


def _pair(token: str) -> BasicPair | None:
    try:
        username, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return BasicPair(username=username, password=password) if colon else None


def _basic(pair: BasicPair) -> str:
    return "Basic " + base64.b64encode(f"{pair.username}:{pair.password or ''}".encode()).decode()


def _parameter(piece: str) -> Key | None:
    name, _, value = piece.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    lower = name.lower()
    if value and (lower in _PARAMETERS or (lower in _PERHAPS and _RANDOM.fullmatch(value))):
        return Key(name=name, value=value, where="query")
    return None
