"""What a datasource's credentials add to a request, and what of them must not come back.

This is where secrets become text, right before they are sent; nothing here is kept.
"""

import base64
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote_plus

from portico.model.credentials import ApiKey, Basic, Bearer, ClientCredentials
from portico.model.query import Datasource, Request
from portico.runtime.mask import Mask
from portico.values import Secret


def headers_of(datasource: Datasource, token: Secret | None) -> list[tuple[str, str]]:
    """The headers that the datasource sends with every query. `token` is that of its client
    credentials, once it has one."""
    headers = [(name, _text(value)) for name, value in datasource.headers]
    match datasource.auth:
        case Basic(username=username, password=password):
            headers.append(("Authorization", f"Basic {basic(_text(username), password.reveal())}"))
        case Bearer(token=own):
            headers.append(("Authorization", f"Bearer {own.reveal()}"))
        case ApiKey(where="header") as key:
            headers.append((key.name, _prefixed(key)))
        case ClientCredentials() if token is not None:
            headers.append(("Authorization", f"Bearer {token.reveal()}"))
    return headers


def params_of(datasource: Datasource, request: Request) -> list[tuple[str, str]]:
    """The parameters that the datasource adds. One that the query has itself wins, as with headers."""
    match datasource.auth:
        case ApiKey(where="query") as key:
            given = [*request.params, *parse_qsl(request.path.partition("?")[2], keep_blank_values=True)]
            return [] if any(name == key.name for name, _ in given) else [(key.name, _prefixed(key))]
    return []


def mask_of(datasource: Datasource, token: Secret | None) -> Mask:
    """Hides what `headers_of` and `params_of` reveal."""
    return Mask([*_secrets(datasource), *([token.reveal()] if token else [])])


def basic(username: str, password: str) -> str:
    """User name and password as Basic credentials have them (RFC 7617)."""
    return base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode()


def basic_of_client(auth: ClientCredentials) -> str:
    """Client id and secret as Basic credentials: each form-encoded first (RFC 6749, 2.3.1)."""
    return basic(quote_plus(_text(auth.client_id)), quote_plus(auth.client_secret.reveal()))


def client_fields(auth: ClientCredentials) -> list[tuple[str, str]]:
    """Client id and secret as fields of a body."""
    return [("client_id", _text(auth.client_id)), ("client_secret", auth.client_secret.reveal())]


def _secrets(datasource: Datasource) -> Iterator[str]:
    for name, value in datasource.headers:
        if isinstance(value, Secret):
            yield value.reveal()
            # What a server takes out of it: the token behind its scheme, each cookie.
            yield value.reveal().partition(" ")[2]
            if name.lower() == "cookie":
                yield from (pair.partition("=")[2].strip() for pair in value.reveal().split(";"))
    match datasource.auth:
        case Basic(username=username, password=password):
            yield from (value.reveal() for value in (username, password) if isinstance(value, Secret))
            pair = basic(_text(username), password.reveal()).rstrip("=")
            yield pair
            yield pair.translate(str.maketrans("+/", "-_"))
        case Bearer(token=own):
            yield own.reveal()
        case ApiKey(value=key):
            yield key.reveal()
        case ClientCredentials(client_id=client, client_secret=secret):
            yield from (value.reveal() for value in (client, secret) if isinstance(value, Secret))


def _prefixed(key: ApiKey) -> str:
    return f"{key.prefix} {key.value.reveal()}" if key.prefix else key.value.reveal()


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value
