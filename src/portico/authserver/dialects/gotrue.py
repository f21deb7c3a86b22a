"""GoTrue, the auth API of Supabase: its routes, signing up and in with a password, sessions, and the user.

Source: `internal/api` and `internal/tokens/service.go` of `supabase/auth`, refresh tokens of version 2.
"""

import json
import sqlite3
from collections.abc import Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico import __version__
from portico.authserver.accounts import Taken
from portico.authserver.accounts import User as Account
from portico.authserver.dialects import gotrue_schema as schema
from portico.authserver.dialects.gotrue_access import Access, Caller
from portico.authserver.dialects.gotrue_answers import nobody, settings_object, user_object
from portico.authserver.dialects.gotrue_errors import (
    GoTrueRefusal,
    conflict,
    internal_error,
    invalid_credentials,
    mail_limited,
    refresh_refused,
    refresh_token_not_found,
    session_not_found,
    validation_failed,
)
from portico.authserver.dialects.gotrue_flows import Flows
from portico.authserver.dialects.gotrue_gate import Gate, parameter
from portico.authserver.dialects.gotrue_issue import Issuer, names
from portico.authserver.dialects.gotrue_mailed import Mailed
from portico.authserver.dialects.gotrue_oauth import OAuth
from portico.authserver.dialects.gotrue_parts import Parts
from portico.authserver.dialects.gotrue_redirects import Redirects
from portico.authserver.dialects.gotrue_refresh_token import RefreshToken, RefreshTokenInvalid, RefreshTokens
from portico.authserver.dialects.gotrue_sessions import (
    Expired,
    NotIssued,
    Outcome,
    Refreshed,
    Reused,
    Sessions,
)
from portico.authserver.dialects.gotrue_users import (
    Changes,
    MetadataTooLarge,
    SessionEnded,
    User,
    Users,
)
from portico.authserver.limits import client_of
from portico.authserver.local_pages import local
from portico.authserver.moments import seconds_until
from portico.authserver.provider_pages import PATH
from portico.authserver.services import Services
from portico.authserver.settings import NewAccount
from portico.values import Secret

_KEYS = "/.well-known/jwks.json"
_PRIMARY_CODE = 0xFF  # the rest of an SQLite result code says more about it
_EMAIL_FREQUENCY = timedelta(seconds=60)


class GoTrue:
    """The dialect over one server's services. `access` and `sessions` are for APIs that take its tokens."""

    def __init__(self, services: Services) -> None:
        self._settings = services.settings
        self._clock = services.clock
        self._accounts = services.accounts
        self._check = services.password_check
        self._passwords = services.passwords
        self._users = Users(services.database, services.clock)
        self.sessions = Sessions(services.database, services.clock, services.settings.gotrue)
        self._refresh_tokens = RefreshTokens(services.signer)
        self.access = Access(services, self._users, self.sessions)
        self._issuer = Issuer(services, self._refresh_tokens)
        self._gate = Gate(services, self.access)
        parts = Parts(
            gate=self._gate,
            users=self._users,
            sessions=self.sessions,
            flows=Flows(services.database, services.clock, services.settings.gotrue),
            issuer=self._issuer,
            redirects=Redirects(services.settings.gotrue),
        )
        self._mailed = Mailed(services, parts)
        self._oauth = OAuth(services, parts)
        self._paths = frozenset(route.path for route in self.routes())

    def routes(self) -> list[Route]:
        """Every route of the dialect, at the root and below `/auth/v1`."""
        gate = self._gate
        return [
            *gate.routes("GET", "/health", _health),
            *gate.routes("GET", "/settings", self._show_settings),
            *gate.routes("GET", _KEYS, _show_keys),
            *gate.routes("POST", "/signup", self._sign_up),
            *gate.routes("POST", "/token", self._token),
            *gate.routes("GET", "/user", gate.authenticated(self._show_user)),
            *gate.routes("PUT", "/user", gate.authenticated(self._change_user)),
            *gate.routes("POST", "/logout", gate.authenticated(self._log_out)),
            *gate.routes("POST", "/otp", self._mailed.ask_otp),
            *gate.routes("POST", "/magiclink", self._mailed.ask_magic_link),
            *gate.routes("POST", "/recover", self._mailed.ask_recovery),
            *gate.routes("POST", "/resend", self._mailed.ask_again),
            *gate.routes("GET", "/verify", self._mailed.follow, head=False),
            *gate.routes("POST", "/verify", self._mailed.verify),
            *gate.routes("GET", "/authorize", self._oauth.authorize, head=False),
            *gate.routes("GET", "/callback", self._oauth.call_back, head=False),
            *gate.routes("GET", PATH, local(self._oauth.provider.show)),
            *gate.routes("POST", PATH, local(self._oauth.provider.decide)),
        ]

    def owns(self, path: str) -> bool:
        """Whether requests to this path are of this dialect."""
        return path in self._paths

    def error(self, request: Request) -> Response:
        """What a request of this dialect is answered when something breaks inside."""
        return internal_error().response(request)

    # Signing up and in

    async def _sign_up(self, request: Request) -> Response:
        fields = await self._gate.fields(request, schema.SIGN_UP)
        email, password, phone = fields.text("email"), fields.text("password"), fields.text("phone")
        if not email and not phone:
            raise GoTrueRefusal(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")
        self._gate.count_form("signup", request)
        if not self._settings.gotrue.sign_up:
            raise GoTrueRefusal(422, "signup_disabled", "Signups not allowed for this instance")
        if not password:
            raise validation_failed("Signup requires a valid password")
        schema.check_password(password, self._settings.gotrue.least_password)
        if email and phone:
            raise validation_failed("Only an email address or phone number should be provided on signup.")
        schema.check_challenge(fields)
        if phone:
            raise GoTrueRefusal(400, "phone_provider_disabled", "Phone signups are disabled")
        data, email = schema.metadata(fields), schema.email_address(email)
        if not self._settings.email_confirmation:
            return await self._add(email, Secret(password), data)
        self._gate.count_mail(email)
        account, shown = await self._wait(email, Secret(password), data)
        await self._mailed.confirm(request, email, account, fields.text("code_challenge"))
        return JSONResponse(shown)

    async def _add(self, email: str, password: Secret, data: Mapping[str, object]) -> Response:
        """Make the account and sign in. Whether the address is taken shows only after the hash (P67)."""
        try:
            account = await self._accounts.add(NewAccount(username=email, email=email, password=password))
        except Taken as error:
            raise GoTrueRefusal(422, "user_already_exists", "User already registered") from error
        user = await self._users.ensure(account, data, signs_in=True)
        session = await self.sessions.start(account.id)
        return self._issuer.answer(user, session) if session else JSONResponse(user_object(user))

    async def _wait(
        self, email: str, password: Secret, data: Mapping[str, object]
    ) -> tuple[Account | None, dict[str, object]]:
        """The account that waits for its confirmation, and what is shown of it.

        Where the address is taken, an account that waits is shown, and one that does not looks as if it had
        just been made (P68).
        """
        new = NewAccount(username=email, email=email, password=password, confirmed=False)
        try:
            account = await self._accounts.add(new)
        except Taken:
            credentials = await self._accounts.find_by_email(email)
            if credentials is None or credentials.user.confirmed:
                return None, nobody(email, data, self._clock.now())
            account = credentials.user
        return account, user_object(await self._users.ensure(account, data, signs_in=False))

    async def _token(self, request: Request) -> Response:
        match parameter(request, "grant_type"):
            case "password":
                grant = self._sign_in
            case "refresh_token":
                grant = self._refresh
            case "pkce":
                grant = self._oauth.exchange
            case _:
                raise invalid_credentials("unsupported_grant_type")
        self._gate.count_token(request)
        return await grant(request)

    async def _sign_in(self, request: Request) -> Response:
        fields = await self._gate.fields(request, schema.PASSWORD_GRANT)
        email, phone, password = fields.text("email"), fields.text("phone"), fields.text("password")
        if email and phone:
            raise validation_failed("Only an email address or phone number should be provided on login.")
        if phone:
            raise GoTrueRefusal(422, "phone_provider_disabled", "Phone logins are disabled")
        if not email:
            raise validation_failed("missing email or phone")
        credentials = await self._accounts.find_by_email(email)
        credentials = await self._check.passes(
            credentials, Secret(password), name=email, address=client_of(request)
        )
        if credentials is None:
            raise invalid_credentials()
        # GoTrue says this before it looks at the password, and with it who has an account (P66).
        if credentials.user.blocked:
            raise GoTrueRefusal(400, "user_banned", "User is banned")
        if not credentials.user.confirmed:
            raise GoTrueRefusal(400, "email_not_confirmed", "Email not confirmed")
        session = await self.sessions.start(credentials.user.id, credentials.password_hash)
        if session is None:
            raise invalid_credentials()  # it was right when it was checked, and is the password no more
        user = await self._users.ensure(credentials.user, signs_in=True)
        weak = schema.weakness(password, self._settings.gotrue.least_password)
        return self._issuer.answer(user, session, weak=weak)

    # Sessions

    async def _refresh(self, request: Request) -> Response:
        fields = await self._gate.fields(request, schema.REFRESH_GRANT)
        token = self._read(fields.text("refresh_token"))
        session = await self.sessions.find(token.session_id)
        user = await self._users.by_id(session.user_id) if session else None
        if session is None or user is None:
            raise refresh_token_not_found()
        headers = names(user, session)
        if user.account.blocked:
            raise refresh_refused("user_banned", "User Banned", headers)
        refreshed = _granted(await self._exchange(token), headers)
        if refreshed.causes:
            return self._issuer.answer(
                user, refreshed.session, {"sb-auth-refresh-token-reuse-cause": ",".join(refreshed.causes)}
            )
        return self._issuer.answer(user, refreshed.session, {"sb-auth-refresh-token-reuse": "false"})

    async def _exchange(self, token: RefreshToken) -> Outcome | None:
        try:
            return await self.sessions.refresh(token)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE == sqlite3.SQLITE_BUSY:
                raise conflict() from error
            raise

    def _read(self, text: str) -> RefreshToken:
        try:
            token = self._refresh_tokens.read(text)
        except RefreshTokenInvalid as error:
            raise validation_failed(error.message) from error
        if token is None:
            raise refresh_token_not_found()
        return token

    async def _log_out(self, request: Request, caller: Caller) -> Response:
        scope = parameter(request, "scope")
        user_id, session_id = caller.user.account.id, caller.session.session_id
        match scope:
            case "" | "global":
                await self.sessions.end_all(user_id)
            case "local":
                await self.sessions.end(session_id)
            case "others":
                await self.sessions.end_others(user_id, session_id)
            case _:
                quoted = json.dumps(scope, ensure_ascii=False)
                raise validation_failed(f"Unsupported logout scope {quoted}")
        return Response(status_code=204)

    # The user

    async def _show_user(self, _: Request, caller: Caller) -> Response:
        return JSONResponse(user_object(caller.user))

    async def _change_user(self, request: Request, caller: Caller) -> Response:
        self._gate.count_form("user", request)
        fields = await self._gate.fields(request, schema.USER_CHANGE)
        email, password = fields.text("email"), fields.text_or_none("password")
        email = schema.email_address(email) if email else ""
        if password is not None:
            schema.check_password(password, self._settings.gotrue.least_password)
        if fields.mapping("app_metadata") is not None:
            raise GoTrueRefusal(403, "not_admin", "Updating app_metadata requires admin privileges")
        new_email = email if email != caller.user.account.email else ""
        await self._check_free(new_email)
        if fields.text("phone"):
            raise GoTrueRefusal(400, "phone_provider_disabled", "Phone signups are disabled")
        await self._check_other(password, caller.user)
        self._check_mail(new_email, caller.user)
        changes = Changes(
            password_hash=Secret(await self._passwords.hash(Secret(password))) if password else None,
            metadata=fields.mapping("data") or {},
            new_email=new_email or None,
        )
        try:
            user = await self._users.change(caller.user, changes, session_id=caller.session.session_id)
        except MetadataTooLarge as error:
            raise validation_failed(error.message) from error
        except SessionEnded as error:
            raise session_not_found() from error
        return JSONResponse(user_object(user))

    async def _check_free(self, email: str) -> None:
        if email and await self._accounts.is_taken(email, email):
            message = "A user with this email address has already been registered"
            raise GoTrueRefusal(422, "email_exists", message)

    async def _check_other(self, password: str | None, user: User) -> None:
        """Refuse the password that the user has."""
        if password is None:
            return
        credentials = await self._accounts.find_by_email(user.account.email)
        if await self._accounts.verify(credentials, Secret(password)):
            message = "New password should be different from the old password."
            raise GoTrueRefusal(422, "same_password", message)

    def _check_mail(self, email: str, user: User) -> None:
        """Refuse a second address within a minute: each gets a mail from GoTrue, although none from here."""
        if not email or user.email_change_sent_at is None:
            return
        again, now = user.email_change_sent_at + _EMAIL_FREQUENCY, self._clock.now()
        if again > now:
            raise mail_limited(seconds_until(again, now))

    # About the server

    async def _show_settings(self, _: Request) -> Response:
        return JSONResponse(settings_object(self._settings))


async def _health(_: Request) -> Response:
    return JSONResponse(
        {
            "version": __version__,
            "name": "GoTrue",
            "description": "GoTrue is a user registration and authentication API",
        }
    )


async def _show_keys(_: Request) -> Response:
    """No key: the one there is signs and verifies (HS256), and GoTrue shows none of that kind."""
    return JSONResponse({"keys": []}, headers={"Cache-Control": "public, max-age=600"})


def _granted(outcome: Outcome | None, headers: Mapping[str, str]) -> Refreshed:
    """The refresh, or the refusal that it came to."""
    match outcome:
        case Refreshed():
            return outcome
        case Reused():
            rotated = {**headers, "sb-auth-refresh-token-rotated": "true"}
            raise refresh_refused("refresh_token_already_used", "Already Used", rotated)
        case Expired(why=why):
            message = f"Session Expired ({why})" if why else "Session Expired"
            raise refresh_refused("session_expired", message, headers)
        case NotIssued():
            raise refresh_refused("validation_failed", "Not Issued By This Server", headers)
        case None:
            raise refresh_token_not_found()
