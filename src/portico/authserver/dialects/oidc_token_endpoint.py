"""What clients ask the OpenID provider without a browser: tokens, who a user is, and the end of a token."""

import re
from collections.abc import Mapping
from typing import final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portico.authserver.accounts import User
from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_errors import (
    UNSEEN,
    OidcRefusal,
    invalid_grant,
    invalid_request,
    invalid_token,
)
from portico.authserver.dialects.oidc_fields import form, needed
from portico.authserver.dialects.oidc_logins import Logins, Proof
from portico.authserver.dialects.oidc_tokens import OidcTokens, Said
from portico.authserver.dialects.oidc_users import claims_of, is_closed
from portico.authserver.moments import to_seconds
from portico.authserver.services import Services
from portico.authserver.sessions import Session, Sessions

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_BEARER = re.compile(r"bearer (\S+)", re.IGNORECASE)


@final
class TokenEndpoint:
    """The calls over one server's services."""

    def __init__(
        self, services: Services, clients: Clients, logins: Logins, sessions: Sessions, tokens: OidcTokens
    ) -> None:
        self._settings = services.settings
        self._accounts = services.accounts
        self._clients = clients
        self._logins = logins
        self._sessions = sessions
        self._tokens = tokens

    async def grant(self, request: Request) -> Response:
        """`POST /token` (RFC 6749, 4.1.3 and 6)."""
        fields = await form(request)
        client_id = self._clients.authenticated(request.headers.get("authorization", ""), fields)
        match fields.get("grant_type"):
            case "authorization_code":
                answer = await self._exchanged(client_id, fields)
            case "refresh_token":
                answer = await self._renewed(client_id, fields)
            case _:
                words = "The grant_type is authorization_code or refresh_token."
                raise OidcRefusal(400, "unsupported_grant_type", words)
        return JSONResponse(answer, headers=UNSEEN)

    async def tell(self, request: Request) -> Response:
        """`/userinfo`: whose an access token is (OpenID Connect Core, 5.3)."""
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        said = self._tokens.read(match[1], "oidc access") if match is not None else None
        session = await self._sessions.known(said.session_id) if said is not None else None
        user = await self._user(session)
        if said is None or user is None:
            raise invalid_token()
        return JSONResponse({"sub": user.document_id, **claims_of(user, said.scope)}, headers=UNSEEN)

    async def revoke(self, request: Request) -> Response:
        """`POST /revoke`: a token of either kind, and with it all that its client was given for the same code
        (RFC 7009). 200 also where there is none."""
        fields = await form(request)
        client_id = self._clients.authenticated(request.headers.get("authorization", ""), fields)
        token = needed(fields, "token")
        said = self._tokens.read(token, "oidc refresh") or self._tokens.read(token, "oidc access")
        if said is not None and said.client_id == client_id:
            session = await self._sessions.known(said.session_id)
            if session is not None and session.device_id is not None:
                await self._sessions.revoke_device(session.user_id, session.device_id)
        return Response(headers=UNSEEN)

    async def _exchanged(self, client_id: str, fields: Mapping[str, str]) -> dict[str, object]:
        code, redirect_uri, verifier = (
            needed(fields, name) for name in ("code", "redirect_uri", "code_verifier")
        )
        if _VERIFIER.fullmatch(verifier) is None:
            raise invalid_request("The code_verifier is none.")
        proof = Proof(client_id=client_id, redirect_uri=redirect_uri, verifier=verifier)
        found = await self._logins.redeem(code, proof)
        user = await self._user(found.session) if found is not None else None
        if found is None or user is None:
            raise invalid_grant()
        said = Said(
            session_id=found.session.session_id,
            client_id=client_id,
            scope=found.scope,
            began_at=to_seconds(found.began_at),
        )
        return self._tokens.issue(user, found.session, said, nonce=found.nonce)

    async def _renewed(self, client_id: str, fields: Mapping[str, str]) -> dict[str, object]:
        said = self._tokens.read(needed(fields, "refresh_token"), "oidc refresh")
        if said is None or said.client_id != client_id:
            raise invalid_grant()
        scope = fields.get("scope", said.scope)
        if not set(scope.split()) <= set(said.scope.split()):
            raise OidcRefusal(400, "invalid_scope", "More is asked for than was granted.")
        session = await self._sessions.rotate(said.session_id)
        user = await self._user(session)
        if session is None or user is None:
            raise invalid_grant()
        again = Said(
            session_id=session.session_id, client_id=client_id, scope=said.scope, began_at=said.began_at
        )
        return self._tokens.issue(user, session, again, scope=scope)

    async def _user(self, session: Session | None) -> User | None:
        """Whose a session is, if the account is open."""
        user = await self._accounts.by_id(session.user_id) if session is not None else None
        return None if user is None or is_closed(user, confirms=self._settings.email_confirmation) else user
