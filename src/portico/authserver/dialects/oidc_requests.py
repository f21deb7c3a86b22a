"""What a client asks for by way of a browser: a sign-in (OpenID Connect Core, 3.1.2.1; RFC 7636)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_errors import invalid_request
from portico.errors import PorticoError

SCOPES = ("openid", "profile", "email", "offline_access")
PROMPTS = frozenset({"none", "login", "consent", "select_account"})

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS = re.compile(r"[0-9]{1,9}")
_LONGEST = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """The way back: where to, and what the client wants to hear of itself there."""

    redirect_uri: str
    state: str

    def address(self, **said: str) -> str:
        """There, with this in the query."""
        told = urlencode({**said, **({"state": self.state} if self.state else {})})
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{told}" if told else self.redirect_uri


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request that can be answered. `max_age` is in seconds, None without a limit."""

    client_id: str
    way: Way
    scope: str
    nonce: str
    challenge: str
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str = ""


class SentBack(PorticoError):
    """A request that is answered with an error at the address that it names."""

    code: ClassVar[str] = "oidc_sent_back"

    def __init__(self, way: Way, error: str, message: str) -> None:
        super().__init__(message=message)
        self.way = way
        self.error = error


def read(asked: Mapping[str, str], clients: Clients) -> Asked:
    """The request in these parameters.

    Raises `OidcRefusal` where the client or its address is wrong, or anything too long: nobody is sent
    anywhere. Raises `SentBack` for everything else that is wrong.
    """
    client_id, redirect_uri = asked.get("client_id", ""), asked.get("redirect_uri", "")
    if not clients.knows(client_id):
        raise invalid_request("There is no client of this client_id.")
    if not clients.admits(client_id, redirect_uri):
        raise invalid_request("The redirect_uri is none of this client's: it is compared letter for letter.")
    if any(len(value) > _LONGEST for value in asked.values()):
        raise invalid_request("A parameter is too long.")
    way = Way(redirect_uri=redirect_uri, state=asked.get("state", ""))
    if wrong := _wrong(asked):
        raise SentBack(way, *wrong)
    return Asked(
        client_id=client_id,
        way=way,
        scope=" ".join(word for word in SCOPES if word in asked["scope"].split()),
        nonce=asked.get("nonce", ""),
        challenge=asked["code_challenge"],
        prompts=frozenset(asked.get("prompt", "").split()),
        max_age=int(asked["max_age"]) if "max_age" in asked else None,
        login_hint=asked.get("login_hint", ""),
    )


def _wrong(asked: Mapping[str, str]) -> tuple[str, str] | None:
    """The first that is, as an error of the protocol and words about it."""
    prompts = frozenset(asked.get("prompt", "").split())
    invalid = "invalid_request"
    checks = (
        ("request" in asked, "request_not_supported", "Requests are not passed as objects here."),
        ("request_uri" in asked, "request_uri_not_supported", "Requests are not passed by reference here."),
        (asked.get("response_type") != "code", "unsupported_response_type", "The response_type is code."),
        (asked.get("response_mode", "query") != "query", invalid, "The response_mode is query."),
        ("openid" not in asked.get("scope", "").split(), "invalid_scope", "The scope openid is missing."),
        (asked.get("code_challenge_method") != "S256", invalid, "PKCE is required, with S256."),
        (not _CHALLENGE.fullmatch(asked.get("code_challenge", "")), invalid, "The code_challenge is none."),
        (not prompts <= PROMPTS, invalid, "The prompt is unknown."),
        ("none" in prompts and len(prompts) > 1, invalid, "The prompt none stands alone."),
        (not _SECONDS.fullmatch(asked.get("max_age", "0")), invalid, "The max_age is no number of seconds."),
    )
    return next(((error, words) for found, error, words in checks if found), None)
