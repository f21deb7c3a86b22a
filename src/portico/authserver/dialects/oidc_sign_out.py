"""How browsers sign out at the OpenID provider (RP-Initiated Logout 1.0), and with that in every app."""

from collections.abc import Mapping
from typing import final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_errors import AWAY, MOUNT, invalid_request, page_is_over
from portico.authserver.dialects.oidc_fields import form, query
from portico.authserver.dialects.oidc_forms import Forms, signed_out
from portico.authserver.dialects.oidc_logins import Login, Logins
from portico.authserver.dialects.oidc_requests import Way
from portico.authserver.dialects.oidc_sign_in import COOKIE
from portico.authserver.key_pair import KeyPair
from portico.authserver.signing import TokenInvalid


@final
class SignOut:
    """The pages over one server's logins."""

    def __init__(self, clients: Clients, logins: Logins, forms: Forms, keys: KeyPair, issuer: str) -> None:
        self._clients = clients
        self._logins = logins
        self._forms = forms
        self._keys = keys
        self._issuer = issuer

    async def leave(self, request: Request) -> Response:
        """Its user is asked first, unless the browser brings an ID token of its own login (2)."""
        if request.method == "POST":
            # Browsers send no cookie with a post from elsewhere, but with the request that comes of it.
            asked = urlencode(await form(request))
            return RedirectResponse(f"{MOUNT}/logout?{asked}", 303, headers=AWAY)
        parameters = query(request)
        hint = self._hint(parameters.get("id_token_hint", ""))
        back = self._back(parameters, hint)
        login = await self._logins.of(request.cookies.get(COOKIE, ""))
        if login is not None and hint.get("sid") != login.sid:
            return self._forms.sign_out(request, back)
        return await self._left(login, back)

    async def decide(self, request: Request) -> Response:
        """What was answered to the question."""
        fields = await form(request)
        back = self._forms.back(request, fields.get("form", ""))
        if back is None:
            raise page_is_over()
        wanted = fields.get("decision") == "allow"
        login = await self._logins.of(request.cookies.get(COOKIE, "")) if wanted else None
        return await self._left(login, back)

    async def _left(self, login: Login | None, back: str) -> Response:
        if login is not None:
            await self._logins.end(login)
        answer = RedirectResponse(back, 303, headers=AWAY) if back else signed_out()
        if login is not None:
            answer.delete_cookie(COOKIE, path=MOUNT, httponly=True, samesite="lax")
        return answer

    def _back(self, parameters: Mapping[str, str], hint: Mapping[str, object]) -> str:
        """Where a log-out leads on to; "" if nowhere is named. Raises `OidcRefusal` for an address that is
        none of the client's."""
        uri = parameters.get("post_logout_redirect_uri", "")
        client_id = parameters.get("client_id", "") or str(hint.get("aud", ""))
        if hint and hint.get("aud") != client_id:
            raise invalid_request("The ID token is of another client.")
        if not uri:
            return ""
        if not self._clients.knows(client_id) or not self._clients.admits(client_id, uri):
            raise invalid_request("The post_logout_redirect_uri is none of this client's.")
        return Way(redirect_uri=uri, state=parameters.get("state", "")).address()

    def _hint(self, token: str) -> Mapping[str, object]:
        """What an ID token of ours says, whether or not it is over; nothing of any other."""
        try:
            claims = self._keys.verify(token) if token else {}
        except TokenInvalid:
            return {}
        return claims if claims.get("iss") == self._issuer else {}
