"""How browsers sign in at the OpenID provider, by a page of its own, and go back with a code."""

from typing import final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.authserver.dialects import oidc_requests
from portico.authserver.dialects.oidc_clients import Clients
from portico.authserver.dialects.oidc_errors import AWAY, MOUNT, page_is_over, too_many
from portico.authserver.dialects.oidc_fields import form, query
from portico.authserver.dialects.oidc_forms import Forms
from portico.authserver.dialects.oidc_logins import Login, Logins
from portico.authserver.dialects.oidc_requests import Asked, SentBack, Way
from portico.authserver.dialects.oidc_users import is_closed
from portico.authserver.limits import client_of
from portico.authserver.moments import seconds_until
from portico.authserver.services import Services
from portico.values import Secret

#: The browser's, for as long as it is signed in.
COOKIE = "portico-oidc"
_WRONG = "Wrong name or password."


@final
class SignIn:
    """The pages over one server's services."""

    def __init__(
        self, services: Services, clients: Clients, logins: Logins, forms: Forms, issuer: str
    ) -> None:
        self._settings = services.settings
        self._clock = services.clock
        self._accounts = services.accounts
        self._attempts = services.attempts
        self._check = services.password_check
        self._clients = clients
        self._logins = logins
        self._forms = forms
        self._issuer = issuer

    async def authorize(self, request: Request) -> Response:
        """To the page, or, from a browser that is signed in here already, straight back."""
        parameters = await form(request) if request.method == "POST" else query(request)
        asked = oidc_requests.read(parameters, self._clients)
        login = await self._logins.of(request.cookies.get(COOKIE, ""))
        if login is not None and self._is_too_old(login, asked):
            login = None
        if "none" in asked.prompts and login is None:
            raise SentBack(asked.way, "login_required", "Nobody is signed in here.")
        if login is not None and asked.prompts <= {"none"}:
            return await self._back(login, asked)
        return self._forms.sign_in(request, asked, username=asked.login_hint)

    async def decide(self, request: Request) -> Response:
        """What was filled in. Nobody learns whether there is such an account, or why it is closed (P66)."""
        fields = await form(request)
        asked = self._forms.asked(request, fields.get("form", ""))
        if asked is None:
            raise page_is_over()
        if fields.get("decision") == "deny":
            raise SentBack(asked.way, "access_denied", "The user does not want to sign in.")
        self._count(request)
        username, before = fields.get("username", ""), request.cookies.get(COOKIE, "")
        begun = await self._begun(request, username, Secret(fields.get("password", "")), before)
        if begun is None:
            answer = self._forms.sign_in(request, asked, username=username, problem=_WRONG)
            answer.status_code = 422
            return answer
        login, browser = begun
        answer = await self._back(login, asked)
        answer.set_cookie(
            COOKIE,
            browser.reveal(),
            max_age=int(self._settings.oidc.login_lifetime.total_seconds()),
            path=MOUNT,
            httponly=True,
            samesite="lax",
        )
        return answer

    def sent_back(self, error: SentBack) -> Response:
        """To the client, with an error."""
        return self._sent(error.way, error=error.error, error_description=error.message)

    async def _begun(
        self, request: Request, username: str, password: Secret, before: str
    ) -> tuple[Login, Secret] | None:
        """The login of an account that is open, if this is its password."""
        credentials = await self._check.passes(
            await self._accounts.find(username), password, name=username, address=client_of(request)
        )
        if credentials is None or is_closed(credentials.user, confirms=self._settings.email_confirmation):
            return None
        return await self._logins.begin(credentials.user.id, credentials.password_hash, before=before)

    async def _back(self, login: Login, asked: Asked) -> Response:
        """To the client, with a code."""
        code = await self._logins.issue(login, asked)
        if code is None:
            raise SentBack(asked.way, "login_required", "The login is over.")
        return self._sent(asked.way, code=code.reveal())

    def _sent(self, way: Way, **said: str) -> Response:
        """303, so that what was filled in is not posted on (P28); it says who sends it (RFC 9207)."""
        return RedirectResponse(way.address(**said, iss=self._issuer), 303, headers=AWAY)

    def _is_too_old(self, login: Login, asked: Asked) -> bool:
        age = (self._clock.now() - login.began_at).total_seconds()
        return asked.max_age is not None and age > asked.max_age

    def _count(self, request: Request) -> None:
        """Count an attempt against its client, whatever is in it (P69)."""
        count = self._attempts.hit(f"{MOUNT}/login", client_of(request)) if self._attempts else None
        if count is not None and count.exceeded:
            raise too_many(seconds_until(count.resets_at, self._clock.now()))
