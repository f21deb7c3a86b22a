"""JSON Web Tokens as Strapi issues them: HS256, claims `userId`, `sessionId`, `type`, or `id` alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from portico.authserver.moments import to_seconds
from portico.authserver.sessions import Session
from portico.authserver.settings import SettingsInvalid
from portico.clock import Clock
from portico.values import Secret

_ALGORITHM = "HS256"
_LEAST_KEY_BYTES = 32
_LONGEST = 4096
# The last character of 43 carries four bits: any other would be a second spelling of the same signature.
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


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
    """Signs and reads tokens with one key. Reading answers None for everything that is not wholly in order.

    The header of a token chooses nothing: no algorithm but HS256, no key but ours (RFC 8725 3.1, P80, P82);
    `exp` is a must and there is no leeway, since the clock that issued is the clock that checks.
    """

    def __init__(
        self, secret: Secret, clock: Clock, *, access_lifetime: timedelta, legacy_lifetime: timedelta
    ) -> None:
        """Raises `SettingsInvalid` for a secret below 256 bits (RFC 8725 3.5, P88)."""
        key = secret.reveal().encode()
        if len(key) < _LEAST_KEY_BYTES:
            raise SettingsInvalid(
                message=f"The signing secret is too short: at least {_LEAST_KEY_BYTES} bytes are needed."
            )
        self._key = OctKey.import_key(key)
        self._clock = clock
        self._access_lifetime = access_lifetime
        self._legacy_lifetime = legacy_lifetime

    def access(self, session: Session) -> str:
        """A short-lived token for API calls; it stays valid when its session ends, as in Strapi."""
        claims = {"userId": str(session.user_id), "sessionId": session.session_id, "type": "access"}
        return self._sign({**claims, **self._lifetime(self._access_lifetime)})

    def refresh(self, session: Session) -> str:
        """The token that renews `session`, once."""
        return self._sign(
            {
                "userId": str(session.user_id),
                "sessionId": session.session_id,
                "type": "refresh",
                "iat": to_seconds(session.created_at),
                "exp": to_seconds(session.expires_at),
            }
        )

    def legacy(self, user_id: int) -> str:
        """The long-lived token of `legacy-support`, which cannot be renewed or revoked."""
        return self._sign({"id": user_id, **self._lifetime(self._legacy_lifetime)})

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

    def _sign(self, claims: Mapping[str, str | int]) -> str:
        return jwt.encode({"alg": _ALGORITHM}, dict(claims), self._key, algorithms=[_ALGORITHM])

    def _verify(self, token: str) -> dict[str, object]:
        """The claims, or none at all."""
        if len(token) > _LONGEST or _SHAPE.fullmatch(token) is None:
            return {}
        try:
            claims: dict[str, object] = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            return {}
        expires = claims.get("exp")
        if type(expires) is not int or expires <= to_seconds(self._clock.now()):
            return {}
        return claims
