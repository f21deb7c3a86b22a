"""Who may ask the OpenID provider for something, and where browsers go back to from it."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import final
from urllib.parse import unquote_plus

from portico.authserver import addresses
from portico.authserver.dialects.oidc_errors import OidcRefusal, invalid_request
from portico.authserver.settings import OidcClient, OidcSettings
from portico.values import Secret

_ID = re.compile(r"[\x21-\x7e]{1,200}")
_BASIC = re.compile(r"basic ([A-Za-z0-9+/=]+)", re.IGNORECASE)


@final
class Clients:
    """The clients of one server."""

    def __init__(self, settings: OidcSettings) -> None:
        self._registered = {client.client_id: client for client in settings.clients}
        self._redirect_uris = settings.redirect_uris

    def knows(self, client_id: str) -> bool:
        """Whether there is such a client."""
        if self._registered:
            return client_id in self._registered
        return _ID.fullmatch(client_id) is not None

    def admits(self, client_id: str, redirect_uri: str) -> bool:
        """Whether browsers may be sent to this address for a client: letter for letter one of its own
        (RFC 9700, 2.1), or, where none are registered, one of http of this machine (P27)."""
        allowed = self._redirect_uris
        if self._registered:
            client = self._registered.get(client_id)
            allowed = () if client is None else client.redirect_uris
        return addresses.is_of_this_machine(redirect_uri) if allowed is None else redirect_uri in allowed

    def authenticated(self, authorization: str, fields: Mapping[str, str]) -> str:
        """The id of the client that asks: by Basic credentials, by its id and secret in the body, or, of a
        public one, by its id alone (RFC 6749, 2.3.1). Raises `OidcRefusal`."""
        client_id, secret = fields.get("client_id", ""), fields.get("client_secret", "")
        if authorization:
            if "client_secret" in fields:
                raise invalid_request("A client proves who it is in one way: by header or in the body.")
            named, secret = _basic(authorization)
            if client_id not in ("", named):
                raise invalid_request("The body names another client than the header.")
            client_id = named
        if not self.knows(client_id) or not _proves(self._registered.get(client_id), secret):
            raise _invalid_client()
        return client_id


def _proves(client: OidcClient | None, secret: str) -> bool:
    """Whether this is the secret of a client that is registered with one; others have none."""
    return client is None or client.secret is None or client.secret == Secret(secret)


def _basic(authorization: str) -> tuple[str, str]:
    match = _BASIC.fullmatch(authorization)
    if match is None:
        raise _invalid_client()
    try:
        client_id, colon, secret = b64decode(match[1], validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise _invalid_client() from error
    if not colon:
        raise _invalid_client()
    return unquote_plus(client_id), unquote_plus(secret)


def _invalid_client() -> OidcRefusal:
    headers = {"WWW-Authenticate": 'Basic realm="oidc"'}
    return OidcRefusal(401, "invalid_client", "There is no such client, or this is not its secret.", headers)
