"""Tokens of an imitated API: JSON Web Tokens, or texts that look like nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, final

from portico.authserver.accounts import User
from portico.authserver.dialects.imitation import Imitation, Json
from portico.authserver.dialects.imitation_templates import filled
from portico.authserver.moments import to_seconds
from portico.authserver.sessions import Session
from portico.authserver.signing import Signer, TokenInvalid
from portico.clock import Clock
from portico.values import Secret

Kind = Literal["access", "refresh"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """An access token with its end, and the refresh token beside it."""

    access: str
    refresh: str
    expires_at: int
    lifetime: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a token names: the session that it is of, and whose it was."""

    session_id: str
    user_id: int


@final
class ImitationTokens:
    """Issues and reads them. A text without dots is the token of the server's own, written once more.

    They are signed with a key of their own, since a file may have them say anything that another dialect's
    tokens say; `jti` tells access and refresh tokens apart (P85).
    """

    def __init__(self, imitation: Imitation, signer: Signer, clock: Clock) -> None:
        self._imitation = imitation
        self._signer = Signer(Secret(signer.derive(b"imitation").hex()), clock)
        self._clock = clock

    def issue(self, user: User, session: Session, values: Mapping[str, Json]) -> Issued:
        """Tokens of a session; `values` are what claims may name."""
        now, ends = self._clock.now(), self.end_of(session)
        # One that slides ends with its session, however often that is made to last.
        signed_until = ends if self._imitation.slides is None else session.absolute_expires_at
        said = {name: filled(value, values) for name, value in self._imitation.claims.items()}
        access = self._signer.sign({**said, **self._own("access", session, user.id, signed_until)})
        refresh = self._signer.sign(self._own("refresh", session, user.id, session.expires_at), renews=True)
        return Issued(
            access=access if self._imitation.access == "jwt" else opaque(access),
            refresh=opaque(refresh),
            expires_at=to_seconds(ends),
            lifetime=max((ends - now) // timedelta(seconds=1), 0),
        )

    def end_of(self, session: Session) -> datetime:
        """When an access token ends that is issued now."""
        if self._imitation.slides is not None:
            return session.expires_at
        return min(self._clock.now() + self._imitation.access_lifetime, session.absolute_expires_at)

    def read(self, token: str, kind: Kind) -> Named | None:
        """What a token of this kind names, if it was issued here and is not over."""
        try:
            claims = self._signer.verify(unwrapped(token))
        except TokenInvalid:
            return None
        found, named = named_by(claims)
        return named if found == kind else None

    def _own(self, kind: Kind, session: Session, user_id: int, ends: datetime) -> dict[str, object]:
        return {
            "jti": f"{kind}.{session.session_id}.{user_id}",
            "iat": to_seconds(self._clock.now()),
            "exp": to_seconds(ends),
        }


def named_by(claims: Mapping[str, object]) -> tuple[str, Named | None]:
    """The kind of such a token and what it names, by what it says."""
    match str(claims.get("jti", "")).split("."):
        case [kind, session_id, user_id] if user_id.isdecimal() and len(user_id) < 18:
            return kind, Named(session_id=session_id, user_id=int(user_id))
        case _:
            return "", None


def opaque(token: str) -> str:
    """A token as a text of letters and digits."""
    return urlsafe_b64encode(token.encode()).decode().rstrip("=")


def unwrapped(token: str) -> str:
    """The token behind such a text; any other text as it is."""
    if "." in token:
        return token
    try:
        return urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        return token
