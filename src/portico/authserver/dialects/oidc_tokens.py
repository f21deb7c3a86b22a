"""Tokens of the OpenID provider: ID tokens for clients to verify, access and refresh tokens for itself."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, final

from portico.authserver.accounts import User
from portico.authserver.dialects.oidc_logins import Grant
from portico.authserver.dialects.oidc_users import claims_of
from portico.authserver.key_pair import KeyPair
from portico.authserver.moments import to_seconds
from portico.authserver.sessions import Session
from portico.authserver.signing import Signer, TokenInvalid
from portico.clock import Clock

Kind = Literal["oidc access", "oidc refresh"]  # what tells them apart, and from tokens of others (P85)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What an access or refresh token says: for which client, in which of its sessions."""

    session_id: str
    client_id: str
    scope: str
    began_at: int


@final
class OidcTokens:
    """Issues and reads them."""

    def __init__(
        self, signer: Signer, keys: KeyPair, clock: Clock, *, issuer: str, lifetime: timedelta
    ) -> None:
        self._signer = signer
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._lifetime = lifetime

    def issue(
        self, user: User, session: Session, said: Said, *, scope: str | None = None, nonce: str = ""
    ) -> dict[str, object]:
        """What the token endpoint answers; `scope` is less than what was granted, if that was asked for."""
        asked = said.scope if scope is None else scope
        now = self._clock.now()
        ends = min(now + self._lifetime, session.absolute_expires_at)
        access = self._signer.sign(_claims("oidc access", said, asked, now, ends))
        refresh = self._signer.sign(
            _claims("oidc refresh", said, said.scope, now, session.expires_at), renews=True
        )
        id_claims = {
            "iss": self._issuer,
            "sub": user.document_id,
            "aud": said.client_id,
            "iat": to_seconds(now),
            "exp": to_seconds(ends),
            "auth_time": said.began_at,
            "sid": Grant.of(session).sid,
            "at_hash": _half_hash(access),
            **({"nonce": nonce} if nonce else {}),
            **claims_of(user, asked),
        }
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": max(int((ends - now).total_seconds()), 0),
            "refresh_token": refresh,
            "id_token": self._keys.sign(id_claims),
            "scope": asked,
        }

    def read(self, token: str, kind: Kind) -> Said | None:
        """What a token of this kind says, if it was issued here and is not over."""
        try:
            claims = self._signer.verify(token)
        except TokenInvalid:
            return None
        match claims:
            case {
                "type": type_,
                "sessionId": str(session_id),
                "client_id": str(client_id),
                "scope": str(scope),
                "auth_time": int(began_at),
            } if type_ == kind:
                return Said(session_id=session_id, client_id=client_id, scope=scope, began_at=began_at)
            case _:
                return None


def _claims(kind: Kind, said: Said, scope: str, now: datetime, ends: datetime) -> Mapping[str, object]:
    return {
        "type": kind,
        "sessionId": said.session_id,
        "client_id": said.client_id,
        "scope": scope,
        "auth_time": said.began_at,
        "iat": to_seconds(now),
        "exp": to_seconds(ends),
    }


def _half_hash(token: str) -> str:
    """`at_hash` for an algorithm with SHA-256 (OpenID Connect Core, 3.1.3.6)."""
    return urlsafe_b64encode(sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
