"""Sign-in with an OpenID provider: a code with PKCE, an ID token that is verified here (RFC 9700).

No script, page or log sees a code, a verifier or a token. What an app may say is what the claims of a
verified token mean to it: who the user is, what `auth.user` and the roles are.
"""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from portico.auth.api import StrangersTokens
from portico.auth.evidence import Confirmed, Granted
from portico.auth.idtoken import Expected, claims_again, verified
from portico.auth.jwks import KeySet
from portico.auth.logouttoken import LoggedOut, logged_out
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.auth.signed import KeyUnknown, is_name
from portico.auth.tokens import TokenSet
from portico.clock import Clock
from portico.errors import CallFailed, PorticoError, ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.model.provider import Provider
from portico.runtime.discovery import Discovery
from portico.runtime.http import Client
from portico.runtime.token_endpoint import Issued, TokenEndpoint
from portico.runtime.user_data import of_json
from portico.sandbox.pool import Pool
from portico.values import Secret

log = logging.getLogger("portico.runtime")

#: Longest uid, as for every auth API, and longest code.
UID_LIMIT = 256
CODE_LIMIT = 4096
#: Seconds for what a provider says of a user, after it has renewed the tokens.
KNOWN_ANEW = 8.0
_MAPPINGS = ("uid", "user", "roles")

Read = TypeVar("Read")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One sign-in, from the way there to the way back. All three are random and used once; `redirect_uri`
    is where the provider sends the browser back to."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: Secret
    redirect_uri: str

    @property
    def challenge(self) -> str:
        """What the verifier is recognised by (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.reveal().encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Providers:
    """Signs users in with the providers of apps."""

    def __init__(self, *, pool: Pool, client: Client, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._discovery = Discovery(client, clock)
        self._tokens = TokenEndpoint(self._discovery, clock)

    async def address(self, app: App, attempt: Attempt) -> str:
        """Where the browser goes to sign in. Raises CallFailed; SignInRefused."""
        provider = provider_of(app)
        metadata = await self._discovery.metadata(provider)
        asked = {
            **_parameters(provider),
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": attempt.redirect_uri,
            "scope": " ".join(provider.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return _with(metadata.authorization, asked)

    async def came_from(self, app: App, issuer: str | None) -> None:
        """Whether an answer is from the app's own provider (mix-up, P91). Raises SignInRefused if it says
        otherwise, or nothing where the provider always does; CallFailed."""
        provider = provider_of(app)
        named = (await self._discovery.metadata(provider)).names_itself
        if issuer != provider.issuer and (named or issuer is not None):
            raise SignInRefused("an answer of another provider")

    async def enter(self, app: App, attempt: Attempt, code: str) -> Granted:
        """Whom a code stands for, with the tokens that it is good for. Raises SignInRefused where anything
        does not hold, CallFailed where the provider cannot be asked, ScriptFailed."""
        provider = provider_of(app)
        if not 0 < len(code) <= CODE_LIMIT:
            raise SignInRefused("a code that is none")
        issued = await self._tokens.exchange(
            provider, code=code, verifier=attempt.verifier, redirect_uri=attempt.redirect_uri
        )
        if issued.id_token is None:
            raise SignInRefused("the provider sent no ID token")
        claims = await self._verified(provider, issued, attempt.nonce)
        identity = await self._identity(app, claims, await self._userinfo(provider, issued.access, claims))
        return _granted(issued, identity)

    def knows(self, app: App, session: Session) -> bool:
        """Whether the user of a session is one of the app's provider: the same subject at another one is
        somebody else (P92). A visitor is nobody's yet."""
        proof = session.tokens.identity if session.tokens is not None else None
        if not session.signed_in:
            return True
        return proof is not None and claims_again(proof).get("iss") == provider_of(app).issuer

    async def told(self, app: App, session: Session) -> Confirmed:
        """What the claims of a session's ID token, and what the provider says of its user now, mean to an app
        that shares the session. Raises SignInRefused, CallFailed, ScriptFailed."""
        provider, tokens = provider_of(app), session.tokens
        if tokens is None or tokens.identity is None or not self.knows(app, session):
            raise SignInRefused("the session is not with this provider")
        claims = claims_again(tokens.identity)
        userinfo = await self._userinfo(provider, tokens.access, claims)
        return Confirmed(token=tokens.access, identity=await self._identity(app, claims, userinfo))

    async def renew(self, app: App, session: Session, sending: Callable[[], None]) -> Granted:
        """Other tokens for a session, and its user as the provider knows them now; `sending` is called just
        before the refresh token is sent. Raises SignInRefused where the provider says no, StrangersTokens,
        CallFailed where it cannot be asked."""
        provider, tokens, identity = provider_of(app), session.tokens, session.identity
        if tokens is None or identity is None or tokens.refresh is None or tokens.identity is None:
            raise SignInRefused("the session has nothing that renews it")
        before = claims_again(tokens.identity)
        if before.get("iss") != provider.issuer:
            raise SignInRefused("the session is with another provider")
        issued = await self._tokens.refresh(provider, tokens.refresh, sending)
        try:
            async with asyncio.timeout(KNOWN_ANEW):
                known = await self._known_now(app, provider, issued, before, identity)
        except (CallFailed, ScriptFailed, TimeoutError) as error:
            # The old refresh token may be gone: what came in its place is kept, whatever else fails.
            why = error.detail if isinstance(error, PorticoError) else "timeout"
            log.warning("a user is not known anew", extra={"app": app.slug, "why": why})
            return _granted(replace(issued, id_token=None), identity)
        except SignInRefused as error:
            # Nobody will use what came.
            unwanted = TokenSet(access=issued.access, refresh=issued.refresh)
            raise StrangersTokens(replace(session, tokens=unwanted)) from error
        return _granted(issued, known)

    async def revoke(self, app: App, tokens: TokenSet) -> None:
        """End a session's tokens at the provider. Raises CallFailed; SignInRefused."""
        provider = provider_of(app)
        wanted = [("refresh_token", tokens.refresh), ("access_token", tokens.access)]
        for kind, token in wanted:
            if token is not None:
                await self._tokens.revoke(provider, token, kind)

    async def ended(self, app: App, logout_token: str) -> LoggedOut:
        """Which of its sessions the provider has ended, by a token that it sent behind the browser's back.
        Raises SignInRefused for one that does not hold; CallFailed where its keys cannot be had."""
        provider = provider_of(app)
        metadata = await self._discovery.metadata(provider)
        return await self._by_its_keys(
            provider,
            lambda keys: logged_out(
                logout_token,
                keys,
                issuer=provider.issuer,
                client_id=provider.client_id,
                algorithms=metadata.algorithms,
                now=self._clock.now(),
            ),
        )

    async def farewell(self, app: App, id_token: Secret, *, back: str) -> str | None:
        """Where the browser goes to sign out at the provider, which sends it to `back`; None where that
        cannot be done. The ID token stands in it only where the app says so: addresses are kept (P60)."""
        provider = provider_of(app)
        if claims_again(id_token).get("iss") != provider.issuer:
            # It tells of a user of another one.
            return None
        try:
            metadata = await self._discovery.metadata(provider)
        except PorticoError:
            return None
        if metadata.end_session is None:
            return None
        asked = {"client_id": provider.client_id, "post_logout_redirect_uri": back}
        if provider.logout == "id_token":
            asked["id_token_hint"] = id_token.reveal()
        return _with(metadata.end_session, asked)

    async def _known_now(
        self, app: App, provider: Provider, issued: Issued, before: Mapping[str, Any], identity: Identity
    ) -> Identity:
        """The user after a renewal; the same one, or SignInRefused (OpenID Connect Core, 12.2)."""
        claims = before
        if issued.id_token is not None:
            claims = await self._verified(provider, issued, None)
            same = all(claims.get(name) == before.get(name) for name in ("iss", "sub"))
            if not same or claims.get("nonce", before.get("nonce")) != before.get("nonce"):
                raise SignInRefused("the provider renewed the tokens of somebody else")
        found = await self._identity(app, claims, await self._userinfo(provider, issued.access, claims))
        if found.uid != identity.uid:
            raise SignInRefused("the provider renewed the tokens of somebody else")
        return found

    async def _verified(self, provider: Provider, issued: Issued, nonce: str | None) -> dict[str, Any]:
        metadata = await self._discovery.metadata(provider)
        expected = Expected(
            issuer=provider.issuer,
            client_id=provider.client_id,
            nonce=nonce,
            access=issued.access,
            algorithms=metadata.algorithms,
        )
        token = issued.id_token.reveal() if issued.id_token is not None else ""
        return await self._by_its_keys(
            provider, lambda keys: verified(token, keys, expected, now=self._clock.now())
        )

    async def _by_its_keys(self, provider: Provider, read: Callable[[KeySet], Read]) -> Read:
        """What is read with the provider's keys: those that are known, else those of now."""
        try:
            return read(await self._discovery.keys(provider))
        except KeyUnknown:
            pass
        try:
            return read(await self._discovery.keys(provider, anew=True))
        except KeyUnknown as error:
            raise SignInRefused(error.detail) from None

    async def _userinfo(
        self, provider: Provider, access: Secret, claims: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        if not provider.userinfo:
            return {}
        metadata = await self._discovery.metadata(provider)
        found = await self._tokens.userinfo(provider, metadata, access)
        # It must be about the same user (OpenID Connect Core, 5.3.2).
        if found and found.get("sub") != claims["sub"]:
            raise SignInRefused("the provider tells of somebody else")
        return found

    async def _identity(self, app: App, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> Identity:
        """What the claims mean to the app."""
        if app.contract_program is None:
            raise SignInRefused("the app has no contract")
        values = {"claims": dict(claims), "userinfo": dict(userinfo)}
        questions = [
            {"k": "evaluate", "ev": "oidc", "name": f"oidc.{name}", "values": values} for name in _MAPPINGS
        ]
        context, turn = await self._pool.open(app.key, app.contract_program, questions, self._clock.now())
        await context.close()
        for error in turn.errors:
            place = app.contract_program.locate(error.line, error.column or 1) if error.line else None
            log.warning(
                "script error", extra={"app": app.slug, "property": error.property, "place": str(place)}
            )
        found = {name: turn.results.get(f"oidc.{name}") for name in _MAPPINGS}
        uid, user, roles = found["uid"], found["user"], found["roles"]
        if isinstance(uid, bool) or not isinstance(uid, str | int) or not 0 < len(str(uid)) <= UID_LIMIT:
            raise SignInRefused("the claims give no uid")
        if not isinstance(user, dict):
            raise SignInRefused("the claims give no user")
        named = roles if isinstance(roles, list) else []
        # Scripts see it: tokens in claims, such as those of distributed ones, are sealed as in any answer.
        return Identity(
            uid=str(uid),
            user=of_json(app, Vault().seal_answer(user)),
            roles=frozenset(role for role in named if isinstance(role, str)),
        )


def provider_of(app: App) -> Provider:
    """The app's provider. Raises SignInRefused if it has none."""
    if app.contract is None or app.contract.provider is None:
        raise SignInRefused("the app has no OpenID provider")
    return app.contract.provider


def _granted(issued: Issued, identity: Identity) -> Granted:
    sid = claims_again(issued.id_token).get("sid") if issued.id_token is not None else None
    return Granted(
        token=issued.access,
        identity=identity,
        refresh=issued.refresh,
        expires_at=issued.expires_at,
        id_token=issued.id_token,
        provider_session=str(sid) if is_name(sid) else "",
    )


def _parameters(provider: Provider) -> dict[str, str]:
    """What goes with the request besides. Who wants a refresh token must ask the user (OpenID Connect
    Core, 11), unless the app says otherwise; an empty text leaves a parameter out."""
    usual = {"prompt": "consent"} if "offline_access" in provider.scopes else {}
    return {name: value for name, value in {**usual, **dict(provider.parameters)}.items() if value}


def _with(address: str, parameters: Mapping[str, str]) -> str:
    """The address with these parameters behind its own."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters, quote_via=quote)}"
