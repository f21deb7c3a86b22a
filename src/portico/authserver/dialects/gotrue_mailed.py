"""GoTrue's sign-ins by mail: links and codes are asked for, mailed, and brought back.

Source: `otp.go`, `magic_link.go`, `recover.go`, `resend.go`, `verify.go` and `mail.go` in `internal/api` of
`supabase/auth`.
"""

from typing import final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portico.authserver.accounts import Taken
from portico.authserver.accounts import User as Account
from portico.authserver.dialects import gotrue_schema as schema
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal, validation_failed
from portico.authserver.dialects.gotrue_gate import parameter, prefix_of
from portico.authserver.dialects.gotrue_one_time import PKCE, Kind, OneTimeTokens, Purpose
from portico.authserver.dialects.gotrue_parts import Parts
from portico.authserver.dialects.gotrue_redirects import told, with_error, with_query
from portico.authserver.dialects.gotrue_sessions import Session
from portico.authserver.dialects.gotrue_users import User
from portico.authserver.mails import Letter
from portico.authserver.services import Services
from portico.authserver.settings import NewAccount
from portico.values import Secret, new_id

#: The purposes that a `type` stands for. Nobody invites here: what an invitation says is said by a sign-up.
_KINDS = {
    "signup": (Kind.SIGN_UP,),
    "invite": (Kind.SIGN_UP,),
    "recovery": (Kind.RECOVERY,),
    "magiclink": (Kind.MAGIC_LINK,),
    "email": (Kind.SIGN_UP, Kind.MAGIC_LINK),
    "email_change": (),
}
_METHODS = {Kind.SIGN_UP: "email/signup", Kind.RECOVERY: "recovery", Kind.MAGIC_LINK: "magiclink"}
_SUBJECTS = {
    Kind.SIGN_UP: "Confirm Your Signup",
    Kind.RECOVERY: "Reset Your Password",
    Kind.MAGIC_LINK: "Your Magic Link",
}
_TEXTS = {
    Kind.SIGN_UP: "Follow this link to confirm your address, or enter the code.",
    Kind.RECOVERY: "Follow this link to set a new password, or enter the code.",
    Kind.MAGIC_LINK: "Follow this link to sign in, or enter the code.",
}


@final
class Mailed:
    """The calls over one server's services."""

    def __init__(self, services: Services, parts: Parts) -> None:
        self._settings = services.settings
        self._accounts = services.accounts
        self._mailbox = services.mailbox
        self._gate = parts.gate
        self._users = parts.users
        self._sessions = parts.sessions
        self._flows = parts.flows
        self._issuer = parts.issuer
        self._redirects = parts.redirects
        self._tokens = OneTimeTokens(
            services.database, services.clock, services.signer, services.settings.gotrue.otp_lifetime
        )

    # Asking. Whoever has an account or none gets the same answer, after the same work (P67, P68).

    async def ask_otp(self, request: Request) -> Response:
        """`POST /otp`: a link and a code for whoever has an account, and for others if one may be made."""
        self._gate.count_form("otp", request)
        fields = await self._gate.fields(request, schema.OTP)
        if fields.text("email") and fields.text("phone"):
            raise validation_failed("Only an email address or phone number should be provided")
        if fields.text("email") and fields.text("channel"):
            raise validation_failed("Channel should only be specified with Phone OTP")
        schema.check_challenge(fields)
        if fields.text("phone"):
            raise GoTrueRefusal(400, "phone_provider_disabled", "Unsupported phone provider")
        if not fields.text("email"):
            raise validation_failed("One of email or phone must be set")
        return await self._ask_sign_in(request, fields, creates=fields.flag("create_user", default=True))

    async def ask_magic_link(self, request: Request) -> Response:
        """`POST /magiclink`, the older way to say `POST /otp`."""
        self._gate.count_form("magiclink", request)
        fields = await self._gate.fields(request, schema.OTP)
        if not fields.text("email"):
            raise GoTrueRefusal(422, "validation_failed", "Password recovery requires an email")
        schema.check_challenge(fields)
        return await self._ask_sign_in(request, fields, creates=True)

    async def ask_recovery(self, request: Request) -> Response:
        """`POST /recover`: a link and a code that sign in, so that a new password can be set."""
        self._gate.count_form("recover", request)
        fields = await self._gate.fields(request, schema.RECOVERY)
        if not fields.text("email"):
            raise validation_failed("Password recovery requires an email")
        email = schema.email_address(fields.text("email"))
        schema.check_challenge(fields)
        self._gate.count_mail(email)
        account = await self._account_of(email)
        await self._mail(request, _purpose(Kind.RECOVERY, email, account, fields.text("code_challenge")))
        return JSONResponse({})

    async def ask_again(self, request: Request) -> Response:
        """`POST /resend`: the mail of a sign-up again. No change of an address is mailed here."""
        self._gate.count_form("resend", request)
        fields = await self._gate.fields(request, schema.RESEND)
        if fields.text("type") not in ("signup", "email_change", "sms", "phone_change"):
            raise validation_failed("Missing one of these types: signup, email_change, sms, phone_change")
        if fields.text("email") and fields.text("phone"):
            raise validation_failed("Only an email address or phone number should be provided.")
        if fields.text("phone"):
            raise GoTrueRefusal(400, "phone_provider_disabled", "Phone logins are disabled")
        if not fields.text("email"):
            raise validation_failed("Type provided requires an email address")
        email = schema.email_address(fields.text("email"))
        schema.check_challenge(fields)
        self._gate.count_mail(email)
        account = await self._account_of(email)
        if fields.text("type") == "signup":
            waiting = account if account and not account.confirmed else None
            await self._mail(request, _purpose(Kind.SIGN_UP, email, waiting, fields.text("code_challenge")))
        return JSONResponse({})

    async def confirm(self, request: Request, email: str, account: Account | None, challenge: str) -> None:
        """Mail the confirmation of a sign-up; without an account do the same work and mail nothing."""
        await self._mail(request, _purpose(Kind.SIGN_UP, email, account, challenge))

    async def _ask_sign_in(self, request: Request, fields: schema.Fields, *, creates: bool) -> Response:
        email, data = schema.email_address(fields.text("email")), schema.metadata(fields)
        self._gate.count_mail(email)
        account = await self._account_of(email)
        waits = self._settings.email_confirmation and (account is None or not account.confirmed)
        purpose = Purpose(
            kind=Kind.SIGN_UP if waits else Kind.MAGIC_LINK,
            email=email,
            user_id=account.id if account else None,
            creates=account is None and creates and self._settings.gotrue.sign_up,
            metadata=data,
            challenge=fields.text("code_challenge"),
        )
        await self._mail(request, purpose)
        return JSONResponse({})

    async def _account_of(self, email: str) -> Account | None:
        credentials = await self._accounts.find_by_email(email)
        return credentials.user if credentials else None

    async def _mail(self, request: Request, purpose: Purpose) -> None:
        issued = await self._tokens.issue(purpose)
        address = self._redirects.allowed(parameter(request, "redirect_to"))
        asked = {"token": issued.link.reveal(), "type": purpose.kind, "redirect_to": address}
        base = self._settings.public_url.rstrip("/") + prefix_of(request)
        letter = Letter(
            to=purpose.email,
            kind=purpose.kind,
            subject=_SUBJECTS[purpose.kind],
            text=_TEXTS[purpose.kind],
            link=Secret(f"{base}/verify?{urlencode(asked)}"),
            code=issued.code,
        )
        if purpose.leads_somewhere:
            self._mailbox.send(letter)

    # Bringing back

    async def follow(self, request: Request) -> Response:
        """`GET /verify`, the link in a mail: on to the app, with a session, a code for one, or an error."""
        self._gate.count_form("verify", request)
        type_, token = parameter(request, "type"), parameter(request, "token")
        if not type_:
            raise validation_failed("Verify requires a verification type")
        if not token:
            raise validation_failed("Verify requires a token or a token hash")
        address = self._redirects.allowed(parameter(request, "redirect_to"))
        try:
            return await self._followed(address, type_, token)
        except GoTrueRefusal as refusal:
            return with_error(address, told(refusal), status=303, in_query=token.startswith(PKCE))

    async def _followed(self, address: str, type_: str, token: str) -> Response:
        purpose = await self._by_link(type_, token)
        if not purpose.challenge:
            user, session = await self._sign_in(purpose)
            said = {"type": purpose.kind if type_ == "email" else type_}
            return self._issuer.redirect(address, user, session, said, status=303)
        account = await self._confirmed(purpose)
        code = await self._flows.issue_code(
            account.id, method=_METHODS[purpose.kind], challenge=purpose.challenge
        )
        return with_query(address, {"code": code.reveal()}, status=303)

    async def verify(self, request: Request) -> Response:
        """`POST /verify`: a code with its address, or what a link has as its token."""
        self._gate.count_form("verify", request)
        fields = await self._gate.fields(request, schema.VERIFY)
        type_, token, link = fields.text("type"), fields.text("token"), fields.text("token_hash")
        if not type_:
            raise validation_failed("Verify requires a verification type")
        if bool(token) == bool(link):
            raise validation_failed("Verify requires either a token or a token hash")
        if link and (fields.text("email") or fields.text("phone") or fields.text("redirect_to")):
            raise validation_failed("Only the token_hash and type should be provided")
        purpose = await (self._by_link(type_, link) if link else self._by_code(type_, token, fields))
        return self._issuer.answer(*await self._sign_in(purpose))

    async def _by_link(self, type_: str, link: str) -> Purpose:
        if type_ not in _KINDS:
            raise validation_failed("Invalid email verification type")
        purpose = await self._tokens.take_link(link, _KINDS[type_])
        if purpose is None:
            raise _expired("Email link is invalid or has expired")
        return purpose

    async def _by_code(self, type_: str, code: str, fields: schema.Fields) -> Purpose:
        if bool(fields.text("email")) == bool(fields.text("phone")):
            raise validation_failed("Only an email address or phone number should be provided on verify")
        if type_ in ("sms", "phone_change") or fields.text("phone"):
            raise _expired("Token has expired or is invalid")
        if type_ not in _KINDS:
            raise validation_failed("Unsupported verification type")
        email = schema.email_address(fields.text("email"))
        purpose = await self._tokens.take_code(email, code, _KINDS[type_])
        if purpose is None:
            raise _expired("Token has expired or is invalid")
        return purpose

    async def _sign_in(self, purpose: Purpose) -> tuple[User, Session]:
        account = await self._confirmed(purpose)
        session = await self._sessions.start(account.id, method="otp")
        user = await self._users.by_id(account.id)
        if session is None or user is None:
            raise _expired("Token has expired or is invalid")
        return user, session

    async def _confirmed(self, purpose: Purpose) -> Account:
        """The account of whoever has the mail, which shows that the address is theirs."""
        account = await self._opened(purpose)
        if account is None:
            raise _expired("Token has expired or is invalid")
        if account.blocked:
            raise GoTrueRefusal(403, "user_banned", "User is banned")
        return (await self._users.confirm(account, {})).account

    async def _opened(self, purpose: Purpose) -> Account | None:
        """The account there is, or that is made now. Its password is nobody's until its owner sets one."""
        if purpose.user_id is not None:
            return await self._accounts.by_id(purpose.user_id)
        new = NewAccount(username=purpose.email, email=purpose.email, password=Secret(new_id(32)))
        try:
            account = await self._accounts.add(new)
        except Taken:
            return await self._account_of(purpose.email)  # it was made since the mail was asked for
        # Who asked for the mail says who they are; of an account that was there before, they say nothing.
        await self._users.ensure(account, purpose.metadata, signs_in=False)
        return account


def _purpose(kind: Kind, email: str, account: Account | None, challenge: str) -> Purpose:
    return Purpose(
        kind=kind,
        email=email,
        user_id=account.id if account else None,
        creates=False,
        metadata={},
        challenge=challenge,
    )


def _expired(message: str) -> GoTrueRefusal:
    return GoTrueRefusal(403, "otp_expired", message)
