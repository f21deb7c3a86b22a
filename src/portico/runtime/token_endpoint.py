"""The token endpoint of an OpenID provider, and what takes its tokens: userinfo, revocation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from portico.clock import Clock
from portico.errors import AnswerInvalid, CallFailed, CredentialsRefused, SignInRefused
from portico.model.provider import Provider
from portico.runtime.answer import Answer
from portico.runtime.credentials import basic
from portico.runtime.discovery import Discovery, Metadata, json_object
from portico.runtime.headers import VALUE
from portico.values import Secret

_LIFETIME_LIMIT = timedelta(days=3650)
#: Reasons (RFC 6749, 5.2) that are this server's fault, and statuses that say nothing about the grant.
_OURS = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"})
_NOT_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """What the token endpoint handed out."""

    access: Secret
    refresh: Secret | None
    id_token: Secret | None
    expires_at: datetime | None


class TokenEndpoint:
    """Talks to it as the app's client."""

    def __init__(self, discovery: Discovery, clock: Clock) -> None:
        self._discovery = discovery
        self._clock = clock

    async def exchange(self, provider: Provider, *, code: str, verifier: Secret, redirect_uri: str) -> Issued:
        """Tokens for a code. Raises SignInRefused where the provider says no, CallFailed where it cannot
        be asked or does not know this client."""
        return await self._granted(
            provider,
            [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", redirect_uri),
                ("code_verifier", verifier.reveal()),
            ],
        )

    async def refresh(self, provider: Provider, token: Secret, sending: Callable[[], None]) -> Issued:
        """Tokens for a refresh token; `sending` is called just before it is sent. Raises as `exchange` does,
        and what `sending` raises."""
        fields = [("grant_type", "refresh_token"), ("refresh_token", token.reveal())]
        return await self._granted(provider, fields, sending)

    async def userinfo(self, provider: Provider, metadata: Metadata, access: Secret) -> Mapping[str, Any]:
        """What the provider says about the user. Raises CallFailed; SignInRefused if it does not take its
        own token."""
        if metadata.userinfo is None:
            return {}
        bearer = ("Authorization", f"Bearer {access.reveal()}")
        answer = await self._discovery.call(provider, metadata.userinfo, headers=(bearer,))
        if answer.status in (401, 403):
            raise SignInRefused("the provider does not take its own token")
        return json_object(answer)

    async def revoke(self, provider: Provider, token: Secret, kind: str) -> None:
        """End a token at the provider (RFC 7009). Raises CallFailed; SignInRefused."""
        metadata = await self._discovery.metadata(provider)
        if metadata.revocation is None:
            return
        fields = [("token", token.reveal()), ("token_type_hint", kind)]
        answer = await self._post(provider, metadata, metadata.revocation, fields)
        if answer.status == 400:
            # A kind of token that it does not revoke (RFC 7009, 2.2.1): it never will.
            raise SignInRefused("the provider does not revoke this token")
        if answer.status != 200:
            raise CallFailed(f"the provider did not revoke a token ({answer.status})")

    async def _granted(
        self, provider: Provider, fields: list[tuple[str, str]], sending: Callable[[], None] | None = None
    ) -> Issued:
        metadata = await self._discovery.metadata(provider)
        if sending is not None:
            sending()
        answer = await self._post(provider, metadata, metadata.token, fields)
        if answer.status != 200:
            raise _refusal(answer)
        return self._issued(json_object(answer))

    async def _post(
        self, provider: Provider, metadata: Metadata, address: str, fields: list[tuple[str, str]]
    ) -> Answer:
        """A form, with the client's own credentials as the provider wants them."""
        headers: tuple[tuple[str, str], ...] = ()
        secret = provider.client_secret
        if metadata.proof == "client_secret_basic" and secret is not None:
            pair = basic(quote_plus(provider.client_id), quote_plus(secret.reveal()))
            headers = (("Authorization", f"Basic {pair}"),)
        else:
            fields = [*fields, ("client_id", provider.client_id)]
            fields += [("client_secret", secret.reveal())] if secret is not None else []
        return await self._discovery.call(
            provider, address, method="POST", body_type="form", headers=headers, body=fields
        )

    def _issued(self, body: Mapping[str, Any]) -> Issued:
        access, kind = _token(body, "access_token"), body.get("token_type")
        if access is None or not isinstance(kind, str) or kind.lower() != "bearer":
            raise AnswerInvalid("the token endpoint's answer holds no Bearer token")
        seconds = body.get("expires_in")
        if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
            seconds = float(seconds)
        known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        expires_at = None
        if known and 0 < float(seconds or 0) <= _LIFETIME_LIMIT.total_seconds():
            # Rather than a time that the token itself says: clocks differ (P86).
            expires_at = self._clock.now() + timedelta(seconds=float(seconds or 0))
        return Issued(
            access=access,
            refresh=_token(body, "refresh_token"),
            id_token=_token(body, "id_token"),
            expires_at=expires_at,
        )


def _token(body: Mapping[str, Any], name: str) -> Secret | None:
    """A token that a header or a form can carry."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip() or not VALUE.fullmatch(value):
        raise AnswerInvalid(f"the token endpoint's {name} is none")
    return Secret(value)


def _refusal(answer: Answer) -> Exception:
    """What a refusal means: for the user, or for whoever runs this server."""
    try:
        found = answer.json()
    except AnswerInvalid:
        found = None
    reason = found.get("error") if isinstance(found, dict) else None
    if isinstance(reason, str) and reason in _OURS:
        return CredentialsRefused(f"the token endpoint answered {answer.status} {reason}")
    if 400 <= answer.status < 500 and answer.status not in _NOT_NOW and isinstance(reason, str):
        return SignInRefused(f"the token endpoint answered {answer.status}")
    return CallFailed(f"the token endpoint answered {answer.status}")
