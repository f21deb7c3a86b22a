"""The auth contract at work: the queries that this server runs itself, and what their answers prove.

The answers that count are those that this server received; scripts of pages never touch them
(hard-cases 1).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portico.auth.evidence import Confirmed, Evidence, Granted, Vouched
from portico.auth.refresh import TokenRefused
from portico.auth.sealing import Vault, subject_of
from portico.auth.session import Session
from portico.auth.tokens import TokenSet, due
from portico.clock import Clock
from portico.errors import CallFailed, PorticoError, ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.model.query import Role
from portico.runtime import queries
from portico.runtime.http import Client
from portico.runtime.meaning import (
    Grant,
    Meaning,
    end_of,
    identity_of,
    meaning_of,
    named,
    questions,
    roles_of,
    token_of,
)
from portico.runtime.provider import Attempt, Providers
from portico.runtime.queries import Result
from portico.runtime.rules import auth_of
from portico.runtime.user_data import of_json
from portico.runtime.witness import Hearing
from portico.sandbox.pool import Pool
from portico.sandbox.turn import RunQuery
from portico.values import Secret, new_id

log = logging.getLogger("portico.runtime")

#: Statuses by which an auth API says that it is the request that is wrong.
_REFUSALS = range(400, 500)
_NOT_NOW = frozenset({408, 425, 429})
#: And by which it says that it does not know a token.
_UNKNOWN = frozenset({401, 403})

#: Makes what is known of a user of whom the auth API named. Raises SignInRefused.
Known = Callable[[Identity], Mapping[str, Any]]


class ContractRunner:
    """Runs the contracts of apps."""

    def __init__(self, *, pool: Pool, client: Client, clock: Clock, providers: Providers) -> None:
        #: where the users of apps with a provider sign in instead
        self.providers = providers
        self._pool = pool
        self._client = client
        self._clock = clock
        self._revocations: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._revocations, return_exceptions=True)

    async def confirm(
        self, app: App, token: Secret, witness: Hearing, vault: Vault, *, known: Known | None = None
    ) -> Confirmed:
        """Ask `me` about a token; `witness` is of the page where it came up, and `vault` knows the token
        from now on. `known` makes what is known of the user of whom `me` names; without it that is what
        `me` says, in the app's form.

        Raises SignInRefused, with a message for the user, if the auth API does not accept it,
        if it cannot be asked, or if its answer names no user. Raises ScriptFailed if the
        sandbox fails.
        """
        shown = vault.seal(token.reveal())
        result, mapped = await self._run(app, "me", {"token": shown}, shown, None, witness, vault)
        if result.answer is None:
            raise SignInRefused(result.message, message=result.message)
        identity = _accepted(mapped, result, vault)
        if identity is None:
            raise SignInRefused("the answer of `me` names no uid")
        identity = _knowing(app, identity, known)
        return Confirmed(token=token, identity=identity, handles=vault.handles_of(token))

    async def check(self, app: App, session: Session, witness: Hearing) -> Confirmed:
        """Ask `me` again about a session's token. What it says of the user is left out where that does not
        fit the app's type: that ends no session.

        Raises SignInRefused where it does not know the token any more, or names nobody; CallFailed for
        any other answer that is none: then nothing is known. Raises ScriptFailed.
        """
        if session.tokens is None:
            raise SignInRefused("nobody is signed in")
        vault = _vault_of(session)
        shown = vault.seal(session.tokens.access.reveal())
        result, mapped = await self._run(app, "me", {"token": shown}, shown, None, witness, vault)
        status = result.answer.status if result.answer is not None else 0
        if not result.ok and status not in _UNKNOWN:
            raise CallFailed(f"`me` did not answer ({status})", message=result.message)
        if status == 401 and mapped.get("succeeded") is not True:
            raise TokenRefused("`me` does not take the token")
        identity = _accepted(mapped, result, vault)
        if identity is None:
            raise SignInRefused("the answer of `me` names no uid")
        return Confirmed(token=session.tokens.access, identity=_still_knowing(app, session, identity))

    async def read(self, app: App, role: Role, result: Result, witness: Hearing, vault: Vault) -> Meaning:
        """What the answer to a query of the contract means. Tokens that it hands out are known to `vault`
        from now on. Raises ScriptFailed if the sandbox fails."""
        asked, program = questions(role, result), app.contract_program
        if program is None or not asked:
            return Meaning(succeeded=result.ok, message=result.message)
        context, turn = await self._pool.open(app.key, program, asked, self._clock.now())
        await context.close()
        for error in turn.errors:
            witness.failed(error, "signing in", program)
        trusts = app.contract is not None and app.contract.trusts_script
        mapped, now = named(role, turn.results), self._clock.now()
        found = meaning_of(role, mapped, result, vault, now, trusts_script=trusts)
        if role == "sign_in" and found.succeeded and found.grant is None:
            log.warning(
                "the answer of a sign-in holds no token: auth.sign_in.token in app.yaml says where it is",
                extra={"app": app.slug},
            )
        return found

    async def evidence(
        self, app: App, grant: Grant, witness: Hearing, vault: Vault, *, known: Known | None = None
    ) -> Evidence:
        """A grant as evidence. Where it does not say whose it is, `me` is asked, or else the token's own
        `sub` counts: it came from the auth API itself. `known` and the rest as `confirm`."""
        identity = grant.identity
        if grant.token is None:
            if identity is None:
                raise SignInRefused("an answer of `sign_in` that names no uid and holds no token")
            return Vouched(identity=_knowing(app, identity, known))
        if app.contract is not None and app.contract.me is not None and (identity is None or not grant.roles):
            # Roles come from where the app says they do.
            identity = (await self.confirm(app, grant.token, witness, vault, known=known)).identity
        else:
            if identity is None:
                uid = subject_of(grant.token.reveal()) or new_id()
                identity = Identity(uid=uid, user={}, roles=frozenset())
            identity = _knowing(app, identity, known)
        return _granted(grant, grant.token, identity, vault)

    def end(self, said: Mapping[str, Any]) -> datetime | None:
        """When a token ends, by what is said of it: `expires_in` or `expires_at`."""
        return end_of(said, self._clock.now())

    def still(self, moment: datetime | None) -> datetime | None:
        """A moment that is still to come."""
        return moment if moment is not None and moment > self._clock.now() else None

    async def renew(
        self, app: App, session: Session, store: Mapping[str, Any], witness: Hearing, vault: Vault
    ) -> Granted:
        """Ask for another token for a session. `store` is what the app keeps for it.

        Raises SignInRefused where the auth API says no, CallFailed where it cannot be asked or is not
        well, ScriptFailed.
        """
        tokens = session.tokens
        if tokens is None:
            raise SignInRefused("nobody is signed in")
        params = _params(tokens, vault)
        world = {"k": "env", "store": {"persistent": dict(store), "session": {}}, "auth": auth_of(session)}
        # No bearer by itself: it may have expired, and some APIs refuse whatever comes with such a token.
        result, mapped = await self._run(app, "refresh", params, None, world, witness, vault)
        status = result.answer.status if result.answer is not None else 0
        if result.answer is None or (status not in _REFUSALS and not result.ok) or status in _NOT_NOW:
            raise CallFailed(f"the auth API did not renew a token ({status})", message=result.message)
        token = token_of(mapped, "token", vault)
        if mapped.get("succeeded") is not True or token is None:
            raise SignInRefused(f"the auth API does not renew the token ({status})")
        grant = Grant(
            role="refresh",
            token=token,
            refresh=token_of(mapped, "refresh_token", vault),
            expires_at=end_of(mapped, self._clock.now()),
            identity=identity_of(mapped, vault),
            roles=roles_of(mapped),
        )
        renewed = renewal(app, session, grant, vault)
        if renewed is None:
            self.revoke(app, TokenSet(access=token, refresh=grant.refresh), witness)
            raise SignInRefused("the auth API renewed the token of somebody else")
        return renewed

    async def exchange(self, app: App, attempt: Attempt, code: str, witness: Hearing) -> Granted:
        """Whom a code of the auth API stands for. Raises SignInRefused where it says no, CallFailed where
        it cannot be asked, ScriptFailed."""
        vault = Vault()
        params = {"code": code, "codeVerifier": attempt.verifier.reveal()}
        result, mapped = await self._run(app, "exchange", params, None, None, witness, vault)
        if result.answer is None or result.answer.status >= 500 or result.answer.status in _NOT_NOW:
            raise CallFailed("the auth API did not trade a code", message=result.message)
        found = meaning_of("exchange", mapped, result, vault, self._clock.now())
        if found.grant is None:
            raise SignInRefused(f"the auth API does not take a code ({result.answer.status})")
        evidence = await self.evidence(app, found.grant, witness, vault)
        if not isinstance(evidence, Granted):
            raise SignInRefused("an answer of `exchange` that holds no token")
        return evidence

    def revoke(self, app: App, tokens: TokenSet, witness: Hearing, session: Session | None = None) -> None:
        """Tell the auth API that tokens have ended, behind the user's back: those of a `session`, if any."""
        if app.contract is None or "sign_out" not in app.contract.queries:
            return
        task = asyncio.create_task(self._revoked(app, tokens, witness, session))
        self._revocations.add(task)
        task.add_done_callback(self._revocations.discard)

    async def _revoked(self, app: App, tokens: TokenSet, witness: Hearing, session: Session | None) -> None:
        vault = Vault()
        vault.hold(tokens.slots, tokens.handles)
        # Who was away for longer than a token lives logs out as well: the refresh token is good still.
        over = due(tokens, now=self._clock.now(), margin=timedelta(0))
        if session is not None and app.contract is not None and app.contract.refreshes and over:
            with contextlib.suppress(PorticoError):
                fresh = await self.renew(app, session, {}, witness, vault)
                tokens = replace(tokens, access=fresh.token, refresh=fresh.refresh or tokens.refresh)
        params = _params(tokens, vault)
        try:
            result, mapped = await self._run(app, "sign_out", params, params["token"], None, witness, vault)
            if mapped.get("succeeded") is not True:
                status = result.answer.status if result.answer is not None else 0
                log.warning("the auth API did not end a token", extra={"app": app.slug, "status": status})
        except PorticoError as error:
            log.warning("the auth API was not told of a log-out", extra={"app": app.slug, "why": error.code})

    async def _run(
        self,
        app: App,
        role: Role,
        params: Mapping[str, str],
        bearer: str | None,
        world: Mapping[str, Any] | None,
        witness: Hearing,
        vault: Vault,
    ) -> tuple[Result, Mapping[str, Any]]:
        """Run a query of the contract in a context of its own, where no page script can reach; its result,
        and what its answer means."""
        contract, program = app.contract, app.contract_program
        if contract is None or program is None or role not in contract.queries:
            raise SignInRefused(f"the app has no query `{role}`")
        path = contract.queries[role]
        cause = "signing out" if role == "sign_out" else "signing in"
        inputs = [world] if world is not None else []
        inputs.append({"k": "run", "ev": role, "q": path, "params": dict(params)})
        context, turn = await self._pool.open(app.key, program, inputs, self._clock.now())
        try:
            for error in turn.errors:
                witness.failed(error, cause, program)
            request = next((effect for effect in turn.effects if isinstance(effect, RunQuery)), None)
            if request is None:
                raise ScriptFailed(f"query {path} of the contract made no request")
            query = app.queries[path]
            answered = witness.called(request, query, cause)
            sent = bearer if role != "refresh" else None
            result = await queries.run(self._client, app, query, request.request, vault, bearer=sent)
            answered(result)
            asked = questions(role, result)
            if not asked:
                return result, {}
            mapped = await context.turn(asked, self._clock.now())
            for error in mapped.errors:
                witness.failed(error, cause, program)
            return result, named(role, mapped.results)
        finally:
            await context.close()


def renewal(app: App, session: Session, grant: Grant, vault: Vault) -> Granted | None:
    """A grant as evidence for going on with a session; None if it names somebody else. What it does not
    say stays as it is."""
    held, found = session.identity, grant.identity
    if held is None or session.tokens is None or grant.token is None:
        return None
    if found is not None and found.uid != held.uid:
        return None
    if found is None and _subjects_differ(session.tokens.access, grant.token):
        return None
    known = _still_knowing(app, session, found) if found is not None and found.user else held
    roles = held.roles if grant.roles is None else grant.roles
    return _granted(grant, grant.token, Identity(uid=held.uid, user=known.user, roles=roles), vault)


def _knowing(app: App, identity: Identity, known: Known | None) -> Identity:
    """Who it is, with what is known of the user. Raises SignInRefused where that does not fit."""
    return replace(identity, user=known(identity) if known is not None else of_json(app, identity.user))


def _still_knowing(app: App, session: Session, identity: Identity) -> Identity:
    """Who a session is of by now. What an answer says of the user counts where it fits the app's type and
    the app's scripts have not said it themselves; the session goes on without it."""
    held = session.identity.user if session.identity is not None else {}
    if session.own_user:
        return replace(identity, user=held)
    try:
        return _knowing(app, identity, None)
    except SignInRefused as error:
        log.warning("what is known of a user stays", extra={"app": app.slug, "why": error.detail})
        return replace(identity, user=held)


def _subjects_differ(before: Secret, after: Secret) -> bool:
    """Whether two tokens say that they are of different users."""
    first, second = subject_of(before.reveal()), subject_of(after.reveal())
    return first is not None and second is not None and first != second


def _granted(grant: Grant, token: Secret, identity: Identity, vault: Vault) -> Granted:
    return Granted(
        token=token,
        identity=identity,
        refresh=grant.refresh,
        expires_at=grant.expires_at,
        handles=vault.handles_of(token),
        refresh_handles=vault.handles_of(grant.refresh) if grant.refresh is not None else {},
    )


def _vault_of(session: Session) -> Vault:
    vault = Vault()
    if session.tokens is not None:
        vault.hold(session.tokens.slots, session.tokens.handles)
    return vault


def _params(tokens: TokenSet, vault: Vault) -> dict[str, str]:
    """What the contract's own queries get as `this.params`."""
    params = {"token": vault.seal(tokens.access.reveal())}
    if tokens.refresh is not None:
        params["refreshToken"] = vault.seal(tokens.refresh.reveal())
    return params


def _accepted(mapped: Mapping[str, Any], result: Result, vault: Vault) -> Identity | None:
    if mapped.get("succeeded") is True:
        return identity_of(mapped, vault)
    words = mapped.get("error")
    shown = words if isinstance(words, str) and words else result.message
    raise SignInRefused("`me` did not accept the token", message=shown[: queries.MESSAGE_LIMIT] or None)
