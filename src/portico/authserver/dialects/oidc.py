"""An OpenID provider: OpenID Connect Core 1.0 with codes and PKCE, Discovery 1.0, RP-Initiated Logout 1.0.

Users sign in at a page of its own, and their browser stays signed in there until they sign out. Every sign-in
gets a refresh token, which is good once: whoever uses one again ends that sign-in (RFC 9700, 4.14.2).
"""

from collections.abc import Awaitable, Callable
from typing import final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.authserver.body import BodyMalformed
from portico.authserver.dialects import oidc_requests
from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_errors import MOUNT, OidcRefusal, invalid_request, of_status, too_many
from portico.authserver.dialects.oidc_fields import BODY_LIMIT
from portico.authserver.dialects.oidc_forms import Forms
from portico.authserver.dialects.oidc_logins import Logins
from portico.authserver.dialects.oidc_requests import SentBack
from portico.authserver.dialects.oidc_sign_in import SignIn
from portico.authserver.dialects.oidc_sign_out import SignOut
from portico.authserver.dialects.oidc_token_endpoint import TokenEndpoint
from portico.authserver.dialects.oidc_tokens import OidcTokens
from portico.authserver.fault_kinds import RefreshPolicy
from portico.authserver.key_pair import ALGORITHM, KeyPair
from portico.authserver.local_pages import local
from portico.authserver.password_check import GuessedTooOften
from portico.authserver.passwords import HashingBusy
from portico.authserver.services import Services
from portico.authserver.sessions import Sessions
from portico.errors import TooLarge

Handler = Callable[[Request], Awaitable[Response]]


@final
class Oidc:
    """The dialect over one server's services."""

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._issuer = settings.public_url.rstrip("/") + MOUNT
        self._keys = KeyPair(services.signer)
        clients = Clients(settings.oidc)
        sessions = Sessions(
            services.database,
            services.clock,
            idle=settings.refresh_idle_lifetime,
            maximum=settings.refresh_max_lifetime,
            reuse=RefreshPolicy.FAMILY,
        )
        logins = Logins(services.database, services.clock, sessions, settings.oidc)
        forms = Forms(services.signer, services.clock, settings.oidc.form_lifetime)
        tokens = OidcTokens(
            services.signer,
            self._keys,
            services.clock,
            issuer=self._issuer,
            lifetime=settings.oidc.access_lifetime,
        )
        self._sign_in = SignIn(services, clients, logins, forms, self._issuer)
        self._sign_out = SignOut(clients, logins, forms, self._keys, self._issuer)
        self._endpoint = TokenEndpoint(services, clients, logins, sessions, tokens)

    def routes(self) -> list[Route]:
        """Every route of the dialect. What is filled in is taken from this machine and its own page alone."""
        return [
            self._route("/.well-known/openid-configuration", self._describe, "GET"),
            self._route("/jwks", self._show_keys, "GET"),
            self._route("/authorize", self._sign_in.authorize, "GET", "POST"),
            self._route("/login", local(self._sign_in.decide), "POST"),
            self._route("/token", self._endpoint.grant, "POST"),
            self._route("/userinfo", self._endpoint.tell, "GET", "POST"),
            self._route("/revoke", self._endpoint.revoke, "POST"),
            self._route("/logout", self._sign_out.leave, "GET", "POST"),
            self._route("/logout/confirm", local(self._sign_out.decide), "POST"),
        ]

    def owns(self, path: str) -> bool:
        """Whether requests to this path are of this dialect."""
        return path.startswith(f"{MOUNT}/")

    def refused(self, error: Exception) -> Response:
        """What a request of this dialect is answered that no route takes, or when something breaks inside."""
        match error:
            case HTTPException(status_code=405):
                message = "This path does not take that method."
                return of_status("", 405, message, error.headers).response("")
            case HTTPException():
                return of_status("", 404, "There is nothing at this path.").response("")
            case _:
                return of_status("", 500, "Something went wrong on the server.").response("")

    async def _describe(self, _: Request) -> Response:
        """Discovery 1.0, 3."""
        at = self._issuer
        document = {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo",
            "revocation_endpoint": f"{at}/revoke",
            "end_session_endpoint": f"{at}/logout",
            "jwks_uri": f"{at}/jwks",
            "scopes_supported": list(oidc_requests.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": sorted(oidc_requests.PROMPTS),
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "claims_parameter_supported": False,
        }
        return JSONResponse(document)

    async def _show_keys(self, _: Request) -> Response:
        return JSONResponse(self._keys.key_set())

    def _route(self, path: str, handler: Handler, *methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return await handler(request)
            except SentBack as error:
                return self._sign_in.sent_back(error)
            except _REFUSALS as error:
                return _refusal(error, MOUNT + path).response(MOUNT + path)

        return Route(MOUNT + path, endpoint, methods=methods)


_REFUSALS = (OidcRefusal, GuessedTooOften, HashingBusy, TooLarge, BodyMalformed)


def _refusal(error: Exception, path: str) -> OidcRefusal:
    match error:
        case OidcRefusal():
            return error
        case GuessedTooOften():
            return too_many(error.retry_after)
        case HashingBusy():
            words = "Too much to do right now: try again in a moment."
            return of_status(path, 503, words, {"Retry-After": "1"})
        case TooLarge():
            return of_status(path, 413, f"The body is too large: at most {BODY_LIMIT} bytes.")
        case _:
            return invalid_request("The body is no form.")
