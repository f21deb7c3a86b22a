"""The session at an OpenID provider that a session here stands on, as ID tokens and logout tokens name it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from portico.auth.idtoken import claims_again
from portico.auth.tokens import TokenSet


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderSession:
    """What a provider calls its session with a user, as far as it was told to this client. `sid` is None
    where ID tokens do not say it; in a logout token one of `subject` and `sid` may be."""

    issuer: str
    client_id: str
    subject: str | None = field(repr=False)
    sid: str | None = field(repr=False)

    @classmethod
    def of(cls, tokens: TokenSet | None) -> Self | None:
        """That of a session with these tokens; None if they are not of such a provider."""
        if tokens is None or tokens.identity is None:
            return None
        claims = claims_again(tokens.identity)
        return cls(
            issuer=claims["iss"],
            client_id=_client(claims),
            subject=claims["sub"],
            sid=tokens.provider_session or None,
        )


def _client(claims: Mapping[str, Any]) -> str:
    """For whom an ID token is that was verified: one that has several audiences names one of them."""
    party, audience = claims.get("azp"), claims["aud"]
    return str(party or (audience if isinstance(audience, str) else audience[0]))
