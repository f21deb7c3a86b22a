"""JSON Web Tokens as Strapi issues them: HS256, claims `userId`, `sessionId`, `type`, or `id` alone."""

from dataclasses import dataclass
from datetime import timedelta

from portico.authserver.moments import to_seconds
from portico.authserver.sessions import Session
from portico.authserver.signing import Signer, TokenInvalid
from portico.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessToken:
    """What a valid access token says; a legacy token names no session."""

    user_id: int
    session_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefreshToken:
    """What a valid refresh token says."""

    user_id: int
    session_id: str


class Tokens:
    """Issues and reads Strapi's tokens. Reading answers None for everything that is not wholly in order."""

    def __init__(
        self, signer: Signer, clock: Clock, *, access_lifetime: timedelta, legacy_lifetime: timedelta
    ) -> None:
        self._signer = signer
        self._clock = clock
        self._access_lifetime = access_lifetime
        self._legacy_lifetime = legacy_lifetime

    def access(self, session: Session) -> str:
        """A short-lived token for API calls; it stays valid when its session ends, as in Strapi."""
        claims = {"userId": str(session.user_id), "sessionId": session.session_id, "type": "access"}
        return self._signer.sign({**claims, **self._lifetime(self._access_lifetime)})

    def refresh(self, session: Session) -> str:
        """The token that renews `session`, once. As in Strapi, it does not say since when."""
        claims = {"userId": str(session.user_id), "sessionId": session.session_id, "type": "refresh"}
        return self._signer.sign({**claims, "exp": to_seconds(session.expires_at)}, renews=True)

    def legacy(self, user_id: int) -> str:
        """The long-lived token of `legacy-support`, which cannot be renewed or revoked."""
        return self._signer.sign({"id": user_id, **self._lifetime(self._legacy_lifetime)})

    def read_access(self, token: str) -> AccessToken | None:
        """A token that `access` made and that has not expired."""
        match self._verify(token):
            case {"type": "access", "userId": str(user_id), "sessionId": str(session_id)} if (
                user_id.isdecimal()
            ):
                return AccessToken(user_id=int(user_id), session_id=session_id)
            case _:
                return None

    def read_refresh(self, token: str) -> RefreshToken | None:
        """A token that `refresh` made and that has not expired; `Sessions` knows whether it was used."""
        match self._verify(token):
            case {"type": "refresh", "userId": str(user_id), "sessionId": str(session_id)} if (
                user_id.isdecimal()
            ):
                return RefreshToken(user_id=int(user_id), session_id=session_id)
            case _:
                return None

    def read_legacy(self, token: str) -> AccessToken | None:
        """A token that `legacy` made and that has not expired."""
        match self._verify(token):
            case {"id": int(user_id)} if not isinstance(user_id, bool):
                return AccessToken(user_id=user_id, session_id=None)
            case _:
                return None

    def _lifetime(self, lifetime: timedelta) -> dict[str, int]:
        now = self._clock.now()
        return {"iat": to_seconds(now), "exp": to_seconds(now) + int(lifetime.total_seconds())}

    def _verify(self, token: str) -> dict[str, object]:
        """The claims, or none at all."""
        try:
            return self._signer.verify(token)
        except TokenInvalid:
            return {}
