"""How a datasource proves to its API who calls. The model holds values; files hold names only."""

from dataclasses import dataclass
from typing import Literal

from portico.values import Secret

KeyPlace = Literal["header", "query"]
SentAs = Literal["basic", "body"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Basic:
    """User name and password with every request (RFC 7617)."""

    username: str | Secret
    password: Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Bearer:
    """A token of the server's own in `Authorization` (RFC 6750, 2.1)."""

    token: Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """A key in the header or parameter `name`; a `prefix` stands before it, with a space between."""

    name: str
    value: Secret
    where: KeyPlace
    prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientCredentials:
    """A token fetched from `token_url` for this server itself (RFC 6749, 4.4).

    `sent_as`: whether client id and secret go there as Basic credentials or in the body (2.3.1).
    `audiences` and `resources` (RFC 8707) are sent if there are any, each under its name.
    """

    token_url: str
    client_id: str | Secret
    client_secret: Secret
    scope: str = ""
    audiences: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    sent_as: SentAs = "basic"


Auth = Basic | Bearer | ApiKey | ClientCredentials
