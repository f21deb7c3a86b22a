"""GoTrue's sign-ins by a provider: there, back, and the exchange of the code that PKCE ends with.

Source: `external.go`, `external_oauth.go` and `PKCE` of `token.go` in `internal/api` of `supabase/auth`.
"""

from typing import final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.authserver.accounts import Credentials, Taken
from portico.authserver.accounts import User as Account
from portico.authserver.dialects import gotrue_schema as schema
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal, validation_failed
from portico.authserver.dialects.gotrue_flows import Trip, hash_of
from portico.authserver.dialects.gotrue_gate import parameter, prefix_of
from portico.authserver.dialects.gotrue_identities import Identities
from portico.authserver.dialects.gotrue_parts import Parts
from portico.authserver.dialects.gotrue_redirects import told, with_error, with_query
from portico.authserver.provider_pages import PATH, Person, Provider
from portico.authserver.services import Services
from portico.authserver.settings import PROVIDERS, NewAccount
from portico.values import Secret, new_id

_COOKIE = "portico-flow-"
_METHOD = "oauth"


@final
class OAuth:
    """The calls over one server's services."""

    def __init__(self, services: Services, parts: Parts) -> None:
        self._settings = services.settings.gotrue
        self._accounts = services.accounts
        self._gate = parts.gate
        self._users = parts.users
        self._sessions = parts.sessions
        self._flows = parts.flows
        self._issuer = parts.issuer
        self._redirects = parts.redirects
        self._identities = Identities(services.database, services.clock)
        self.provider = Provider(services.database, services.clock)

    async def authorize(self, request: Request) -> Response:
        """`GET /authorize`: off to the provider. The browser is given what it has to come back with."""
        self._gate.count_form("authorize", request)
        provider = parameter(request, "provider").lower()
        if provider not in self._settings.providers:
            known = provider in PROVIDERS
            reason = "provider is not enabled" if known else f"Provider {provider} could not be found"
            raise validation_failed(f"Unsupported provider: {reason}")
        challenge = parameter(request, "code_challenge")
        schema.check_challenge_of(challenge, parameter(request, "code_challenge_method"))
        redirect_to = self._redirects.allowed(parameter(request, "redirect_to"))
        begun = await self._flows.begin(Trip(provider=provider, challenge=challenge, redirect_to=redirect_to))
        state = begun.state.reveal()
        asked = urlencode({"provider": provider, "state": state})
        answer = RedirectResponse(
            f"{prefix_of(request)}{PATH}?{asked}", status_code=302, headers={"Cache-Control": "no-store"}
        )
        answer.set_cookie(
            _cookie(state),
            begun.browser.reveal(),
            max_age=int(self._settings.state_lifetime.total_seconds()),
            httponly=True,
            samesite="lax",
        )
        return answer

    async def call_back(self, request: Request) -> Response:
        """`GET /callback`: on to the app, with a session, a code for one, or an error."""
        state = parameter(request, "state")
        try:
            if not state:
                raise GoTrueRefusal(400, "bad_oauth_callback", "OAuth state parameter missing")
            trip = await self._flows.end(state, request.cookies.get(_cookie(state), ""))
        except GoTrueRefusal as refusal:
            return with_error(self._redirects.site_url, told(refusal), status=303)
        answer = await self._arrived(request, trip)
        answer.delete_cookie(_cookie(state), httponly=True, samesite="lax")
        return answer

    async def exchange(self, request: Request) -> Response:
        """`POST /token?grant_type=pkce`: the session of a code, for whoever has the verifier."""
        fields = await self._gate.fields(request, schema.PKCE_GRANT)
        code, verifier = fields.text("auth_code"), fields.text("code_verifier")
        if not code or not verifier:
            message = "invalid request: both auth code and code verifier should be non-empty"
            raise validation_failed(message)
        session = await self._flows.exchange(code, verifier)
        user = await self._users.by_id(session.user_id)
        if user is None or user.account.blocked:
            await self._sessions.end(session.session_id)
            raise GoTrueRefusal(403, "user_banned", "User is banned")
        return self._issuer.answer(user, session)

    async def _arrived(self, request: Request, trip: Trip) -> Response:
        """What a provider says of an error is not passed on: anybody can have written it (P96)."""
        if parameter(request, "error"):
            denied = {"error": "access_denied", "error_description": "The sign-in was denied"}
            return with_error(trip.redirect_to, denied, status=302)
        try:
            return await self._signed_in(trip, parameter(request, "code"))
        except GoTrueRefusal as refusal:
            return with_error(trip.redirect_to, told(refusal), status=302)

    async def _signed_in(self, trip: Trip, code: str) -> Response:
        if not code:
            message = "OAuth callback with missing authorization code missing"
            raise GoTrueRefusal(400, "bad_oauth_callback", message)
        person = await self.provider.redeem(trip.provider, code)
        if person is None:
            raise GoTrueRefusal(500, "unexpected_failure", "Unable to exchange external code")
        account = await self._account_of(trip.provider, person)
        if account.blocked:
            raise GoTrueRefusal(403, "user_banned", "User is banned")
        said = _metadata(person)
        await self._identities.link(account.id, trip.provider, person.subject, said)
        user = await self._users.confirm(account, said)
        if trip.challenge:
            issued = await self._flows.issue_code(account.id, method=_METHOD, challenge=trip.challenge)
            return with_query(trip.redirect_to, {"code": issued.reveal()}, status=302)
        session = await self._sessions.start(account.id, method=_METHOD)
        if session is None:
            raise GoTrueRefusal(500, "unexpected_failure", "Unable to exchange external code")
        return self._issuer.redirect(trip.redirect_to, user, session, {}, status=302)

    async def _account_of(self, provider: str, person: Person) -> Account:
        """By the identity; else by an address, but only one that the provider has verified (P92)."""
        user_id = await self._identities.user_of(provider, person.subject)
        known = await self._accounts.by_id(user_id) if user_id is not None else None
        if known is not None:
            return known
        if not person.verified:
            message = (
                f"Unverified email with {provider}. Verify the email with {provider} in order to sign in"
            )
            raise GoTrueRefusal(422, "provider_email_needs_verification", message)
        credentials = await self._accounts.find_by_email(person.email)
        return await (self._add(provider, person) if credentials is None else self._taken_over(credentials))

    async def _add(self, provider: str, person: Person) -> Account:
        if not self._settings.sign_up:
            raise GoTrueRefusal(422, "signup_disabled", "Signups not allowed for this instance")
        email = schema.email_address(person.email)
        try:
            account = await self._accounts.add(
                NewAccount(username=email, email=email, password=Secret(new_id(32)))
            )
        except Taken as error:
            raise GoTrueRefusal(422, "user_already_exists", "User already registered") from error
        await self._users.ensure(account, _metadata(person), signs_in=False, first_provider=provider)
        return account

    async def _taken_over(self, credentials: Credentials) -> Account:
        """The account with this address. An unconfirmed one may be a stranger's: their password goes."""
        if credentials.user.confirmed:
            return credentials.user
        changed = await self._accounts.change_password(credentials, Secret(new_id(32)))
        return (changed or credentials).user


def _cookie(state: str) -> str:
    """One for each trip, so that two tabs do not disturb each other."""
    return _COOKIE + hash_of(state)[:16]


def _metadata(person: Person) -> dict[str, object]:
    return {
        "sub": person.subject,
        "provider_id": person.subject,
        "user_name": person.subject,
        "name": person.name,
        "full_name": person.name,
        "email": person.email,
        "email_verified": person.verified,
        "phone_verified": False,
    }
