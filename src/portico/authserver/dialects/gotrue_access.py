"""Access tokens of GoTrue: whose one is, for GoTrue itself and for APIs behind it.

Source: `internal/api/auth.go` of `supabase/auth`.
"""

from dataclasses import dataclass
from uuid import UUID

from portico.authserver.dialects.gotrue_errors import GoTrueRefusal, bad_jwt, session_not_found
from portico.authserver.dialects.gotrue_sessions import Session, Sessions
from portico.authserver.dialects.gotrue_users import User, Users
from portico.authserver.services import Services
from portico.authserver.signing import TokenInvalid


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A request's user and session, as its bearer token names them."""

    user: User
    session: Session


class Access:
    """Reads access tokens."""

    def __init__(self, services: Services, users: Users, sessions: Sessions) -> None:
        self._signer = services.signer
        self._users = users
        self._sessions = sessions

    async def caller(self, token: str) -> Caller:
        """Checked in GoTrue's order: signature, claims, user, session, ban. Raises `GoTrueRefusal`."""
        try:
            claims = self._signer.verify(token)
        except TokenInvalid as error:
            raise bad_jwt(f"invalid JWT: unable to parse or verify signature, {error.message}") from error
        if not claims.get("sub"):
            raise bad_jwt("invalid claim: missing sub claim")
        user_id = _uuid(claims, "sub", status=400)
        session_id = _uuid(claims, "session_id", status=403)
        user = await self._users.by_uuid(user_id)
        if user is None:
            raise GoTrueRefusal(403, "user_not_found", "User from sub claim in JWT does not exist")
        session = await self._sessions.find(session_id)
        if session is None or session.user_id != user.account.id:
            raise session_not_found()
        if user.account.blocked:
            raise GoTrueRefusal(403, "user_banned", "User is banned")
        return Caller(user=user, session=session)


def _uuid(claims: dict[str, object], name: str, *, status: int) -> UUID:
    try:
        return UUID(str(claims.get(name)))
    except ValueError as error:
        raise GoTrueRefusal(status, "bad_jwt", f"invalid claim: {name} claim must be a UUID") from error
