"""A session as GoTrue hands it out: in an answer, or behind the `#` of an address.

Source: `AccessTokenResponse` in `internal/tokens/service.go` of `supabase/auth`.
"""

from collections.abc import Mapping
from typing import final

from starlette.responses import JSONResponse, RedirectResponse

from portico.authserver.dialects.gotrue_answers import claims, user_object
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal
from portico.authserver.dialects.gotrue_redirects import with_fragment
from portico.authserver.dialects.gotrue_refresh_token import RefreshTokens
from portico.authserver.dialects.gotrue_sessions import Session
from portico.authserver.dialects.gotrue_users import User
from portico.authserver.services import Services


@final
class Issuer:
    """Signs the access token of a session and writes its refresh token."""

    def __init__(self, services: Services, refresh_tokens: RefreshTokens) -> None:
        self._settings = services.settings.gotrue
        self._clock = services.clock
        self._signer = services.signer
        self._refresh_tokens = refresh_tokens

    def answer(
        self,
        user: User,
        session: Session,
        headers: Mapping[str, str] | None = None,
        *,
        weak: GoTrueRefusal | None = None,
    ) -> JSONResponse:
        """A session, with the refresh token that is active in it."""
        body: dict[str, object] = {**self._tokens(user, session), "user": user_object(user)}
        if weak is not None:
            body["weak_password"] = {"message": weak.message, "reasons": weak.reasons}
        counter = {"sb-auth-refresh-token-counter": str(session.counter)}
        return JSONResponse(body, headers={**names(user, session), **counter, **(headers or {})})

    def redirect(
        self, address: str, user: User, session: Session, said: Mapping[str, str], *, status: int
    ) -> RedirectResponse:
        """To `address`, with the session and this behind its `#`: the implicit flow."""
        tokens = {name: str(value) for name, value in self._tokens(user, session).items()}
        return with_fragment(address, {**tokens, **said}, status=status)

    def _tokens(self, user: User, session: Session) -> dict[str, object]:
        lifetime = int(self._settings.access_lifetime.total_seconds())
        issued = self._clock.now()
        says = claims(user, session, issuer=self._settings.issuer, issued=issued, lifetime=lifetime)
        return {
            "access_token": self._signer.sign(says),
            "token_type": "bearer",
            "expires_in": lifetime,
            "expires_at": says["exp"],
            "refresh_token": self._refresh_tokens.write(session.token),
        }


def names(user: User, session: Session) -> dict[str, str]:
    """The headers that name user and session."""
    return {"sb-auth-user-id": str(user.uuid), "sb-auth-session-id": str(session.session_id)}
