"""The auth contract at work: the queries that this server runs itself, and what their answers prove.

The answers that count are those that this server received; scripts of pages never touch them
(hard-cases 1).
"""

import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from portico.auth.api import StrangersTokens, TokenRefused
from portico.auth.evidence import Confirmed, Evidence, Granted, Vouched
from portico.auth.jar import Jar
from portico.auth.revocations import Keep
from portico.auth.sealing import Vault, subject_of
from portico.auth.session import Session
from portico.auth.tokens import TokenSet, due
from portico.clock import Clock
from portico.errors import CallFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.model.program import Program
from portico.model.query import Role
from portico.runtime import queries
from portico.runtime.callees import Callee
from portico.runtime.cookies import named as named_cookies
from portico.runtime.dialogue import Dialogues
from portico.runtime.grants import Known, granted, knowing, renewal, still_knowing, without_secrets
from portico.runtime.meaning import (
    REFUSED,
    Grant,
    Meaning,
    cookies_of,
    end_of,
    identity_of,
    is_refused,
    meaning_of,
    named,
    questions,
    refusal_question,
)
from portico.runtime.provider import Attempt, Providers
from portico.runtime.queries import Result
from portico.runtime.rules import auth_of
from portico.runtime.witness import Hearing
from portico.sandbox.pool import Pool
from portico.values import Secret, new_id

log = logging.getLogger("portico.runtime")

#: Statuses by which an auth API says that it is the request that is wrong.
_REFUSALS = range(400, 500)
_NOT_NOW = frozenset({408, 425, 429})
#: And by which it says that it does not know a token that is to be ended.
_ENDED_ALREADY = frozenset({401, 403, 404, 410})


class ContractRunner:
    """Runs the contracts of apps."""

    def __init__(self, *, pool: Pool, client: Callee, clock: Clock, providers: Providers) -> None:
        #: where the users of apps with a provider sign in instead
        self.providers = providers
        self._dialogues = Dialogues(pool, clock)
        self._client = client
        self._clock = clock

    async def confirm(
        self,
        app: App,
        token: Secret,
        witness: Hearing,
        vault: Vault,
        *,
        known: Known | None = None,
        jar: Jar | None = None,
    ) -> Confirmed:
        """Ask `me` about a token; `witness` is of the page where it came up, and `vault` knows the token
        from now on. `known` makes what is known of the user of whom `me` names; without it that is what
        `me` says, in the app's form. The cookies of `jar` go along; a token that is one of them does so in no
        other way.

        Raises SignInRefused, with a message for the user, if the auth API does not accept it,
        if it cannot be asked, or if its answer names no user. Raises ScriptFailed if the
        sandbox fails.
        """
        jar = jar or Jar()
        shown, carrier = vault.seal(token.reveal()), jar.carrier_of(token)
        bearer = None if carrier else shown
        result, mapped = await self._run(app, "me", {"token": shown}, bearer, None, witness, vault, jar)
        if result.answer is None:
            raise SignInRefused(result.message, message=result.message)
        identity = _accepted(mapped, result, vault)
        if identity is None:
            raise SignInRefused("the answer of `me` names no uid")
        identity = knowing(app, identity, known)
        return Confirmed(
            token=token,
            identity=identity,
            handles=vault.handles_of(token),
            carrier=carrier,
            cookies=cookies_of(result),
        )

    async def _by_uid(self, app: App, uid: str, witness: Hearing, vault: Vault) -> Identity:
        """What `me` says of a user of the app's own table. Raises as `check`."""
        result, mapped = await self._run(app, "me", {"uid": uid}, None, None, witness, vault, Jar())
        if not result.ok:
            raise CallFailed("`me` did not answer", message=result.message)
        identity = _accepted(mapped, result, vault)
        if identity is None or identity.uid != uid:
            raise SignInRefused("the answer of `me` does not name this uid")
        return without_secrets(identity)

    async def check(self, app: App, session: Session, witness: Hearing) -> Confirmed | Vouched:
        """Ask `me` again about a session's token, or about the user of a table of the app's own, by uid. What
        it says of the user is left out where that does not
        fit the app's type: that ends no session.

        Raises TokenRefused where it says that the token is good no more; SignInRefused where it allows its
        user nothing (403), or names nobody; CallFailed for any other answer that is none: then nothing is
        known. Raises ScriptFailed.
        """
        if session.by_uid and session.identity is not None and session.tokens is None:
            found = await self._by_uid(app, session.identity.uid, witness, _vault_of(session))
            return Vouched(identity=still_knowing(app, session, found), by_uid=True)
        if session.tokens is None:
            raise SignInRefused("nobody is signed in")
        vault = _vault_of(session)
        params, jar = _params(session.tokens, vault), session.jar
        asked = {"token": params["token"]}
        result, mapped = await self._run(
            app, "me", asked, _bearer(session.tokens, params), None, witness, vault, jar
        )
        status = result.answer.status if result.answer is not None else 0
        if mapped.get("succeeded") is not True:
            if is_refused(mapped.get("refused"), status):
                raise TokenRefused("`me` does not take the token")
            if not result.ok and status != 403:
                raise CallFailed(f"`me` did not answer ({status})", message=result.message)
        identity = _accepted(mapped, result, vault)
        if identity is None:
            raise SignInRefused("the answer of `me` names no uid")
        return Confirmed(
            token=session.tokens.access,
            identity=still_knowing(app, session, identity),
            carrier=session.tokens.carrier,
            cookies=cookies_of(result),
        )

    async def read(
        self,
        app: App,
        role: Role,
        result: Result,
        witness: Hearing,
        vault: Vault,
        *,
        jar: Jar | None = None,
        carrier: str = "",
    ) -> Meaning:
        """What the answer to a query of the contract means. Tokens that it hands out are known to `vault`
        from now on. `jar` and `carrier` as for `meaning_of`. Raises ScriptFailed if the sandbox fails."""
        asked, program = questions(role, result), app.contract_program
        if program is None or not asked:
            return Meaning(succeeded=result.ok, message=result.message)
        results = await self._evaluated(app, program, asked, witness)
        trusts = app.contract is not None and app.contract.trusts_script
        proves = app.contract is not None and app.contract.proves
        mapped, now = named(role, results), self._clock.now()
        found = meaning_of(
            role, mapped, result, vault, now, trusts_script=trusts, proves=proves, jar=jar, carrier=carrier
        )
        if role == "sign_in" and found.succeeded and found.grant is None:
            log.warning(
                "the answer of a sign-in holds no token: auth.sign_in.token in app.yaml says where it is",
                extra={"app": app.slug},
            )
        return found

    async def refuses(self, app: App, result: Result, witness: Hearing) -> bool:
        """Whether the answer to a call that carried the token says that it is good no more: then nothing was
        done. One that went well (2xx) never says so. Raises ScriptFailed if the sandbox fails."""
        answer, program = result.answer, app.contract_program
        if answer is None or result.ok:
            return False
        said: Any = None
        if program is not None and app.contract is not None and app.contract.says_refused:
            said = (await self._evaluated(app, program, [refusal_question(answer)], witness)).get(REFUSED)
        return is_refused(said, answer.status)

    async def _evaluated(
        self, app: App, program: Program, asked: list[dict[str, Any]], witness: Hearing
    ) -> Mapping[str, Any]:
        """The values of mappings."""
        hear = partial(witness.failed, event="signing in", program=program)
        return await self._dialogues.values(app, program, asked, hear)

    async def evidence(
        self,
        app: App,
        grant: Grant,
        witness: Hearing,
        vault: Vault,
        *,
        known: Known | None = None,
        jar: Jar | None = None,
    ) -> Evidence:
        """A grant as evidence. Where it does not say whose it is, `me` is asked, or else the token's own
        `sub` counts: it came from the auth API itself. A cookie that is no token of that kind may be one that
        anybody gets, and proves nothing by itself. `known` and the rest as `confirm`."""
        identity, cookies = grant.identity, grant.cookies
        if grant.token is None:
            if identity is None:
                raise SignInRefused("an answer of `sign_in` that names no uid and holds no token")
            own = app.contract is not None and app.contract.own_users
            if own and app.contract is not None and app.contract.me is not None and not grant.roles:
                identity = await self._by_uid(app, identity.uid, witness, vault)
            return Vouched(
                identity=knowing(app, without_secrets(identity) if own else identity, known),
                by_uid=own,
                cookies=cookies,
            )
        if app.contract is not None and app.contract.me is not None and (identity is None or not grant.roles):
            # Roles come from where the app says they do.
            confirmed = await self.confirm(app, grant.token, witness, vault, known=known, jar=jar)
            identity, cookies = confirmed.identity, (*cookies, *confirmed.cookies)
        else:
            if identity is None:
                uid = subject_of(grant.token.reveal())
                if uid is None and grant.carrier:
                    raise SignInRefused("cookies, no `me`, and an answer of `sign_in` that names no uid")
                identity = Identity(uid=uid or new_id(), user={}, roles=frozenset())
            identity = knowing(app, identity, known)
        return replace(granted(grant, grant.token, identity, vault), cookies=cookies)

    def end(self, said: Mapping[str, Any]) -> datetime | None:
        """When a token ends, by what is said of it: `expires_in` or `expires_at`."""
        return end_of(said, self._clock.now())

    def still(self, moment: datetime | None) -> datetime | None:
        """A moment that is still to come."""
        return moment if moment is not None and moment > self._clock.now() else None

    async def renew(
        self,
        app: App,
        session: Session,
        store: Mapping[str, Any],
        witness: Hearing,
        vault: Vault,
        sending: Callable[[], None] | None = None,
    ) -> Granted:
        """Ask for another token for a session. `store` is what the app keeps for it; `sending` is called
        just before the request is made, and may raise CallFailed.

        Raises SignInRefused where the auth API says no, CallFailed where it cannot be asked or is not
        well, ScriptFailed.
        """
        tokens = session.tokens
        if tokens is None:
            raise SignInRefused("nobody is signed in")
        params = _params(tokens, vault)
        world = {"k": "env", "store": {"persistent": dict(store), "session": {}}, "auth": auth_of(session)}
        # No bearer by itself: it may have expired, and some APIs refuse whatever comes with such a token.
        jar = session.jar
        result, mapped = await self._run(app, "refresh", params, None, world, witness, vault, jar, sending)
        status = result.answer.status if result.answer is not None else 0
        unwell = (status not in _REFUSALS and not result.ok) or status in _NOT_NOW
        if unwell and not is_refused(mapped.get("refused"), status):
            raise CallFailed(f"the auth API did not renew a token ({status})", message=result.message)
        now, carrier = self._clock.now(), tokens.carrier
        found = meaning_of("refresh", mapped, result, vault, now, jar=jar, carrier=carrier)
        grant = found.grant
        if not found.succeeded or grant is None or grant.token is None:
            raise SignInRefused(f"the auth API does not renew the token ({status})")
        renewed = renewal(app, session, grant, vault)
        if renewed is None:
            other = TokenSet(access=grant.token, refresh=grant.refresh, carrier=grant.carrier)
            unwanted = replace(session, tokens=other, jar=jar.taking(grant.cookies, now))
            raise StrangersTokens(unwanted)
        return renewed

    async def exchange(self, app: App, attempt: Attempt, code: str, witness: Hearing) -> Granted:
        """Whom a code of the auth API stands for. Raises SignInRefused where it says no, CallFailed where
        it cannot be asked, ScriptFailed."""
        vault = Vault()
        params = {"code": code, "codeVerifier": attempt.verifier.reveal()}
        result, mapped = await self._run(app, "exchange", params, None, None, witness, vault, Jar())
        if result.answer is None or result.answer.status >= 500 or result.answer.status in _NOT_NOW:
            raise CallFailed("the auth API did not trade a code", message=result.message)
        now = self._clock.now()
        found = meaning_of("exchange", mapped, result, vault, now, jar=Jar())
        if found.grant is None:
            raise SignInRefused(f"the auth API does not take a code ({result.answer.status})")
        jar = Jar().taking(found.grant.cookies, now)
        evidence = await self.evidence(app, found.grant, witness, vault, jar=jar)
        if not isinstance(evidence, Granted):
            raise SignInRefused("an answer of `exchange` that holds no token")
        return evidence

    async def revoke(self, app: App, session: Session, witness: Hearing, keep: Keep) -> None:
        """Tell the auth API that the tokens of a session are used no more. Those that have ended are renewed
        first, as most take a good one alone for that: who was away for longer than a token lives logs out as
        well. `keep` notes the new ones before they are sent.

        Raises SignInRefused where it does not know them, or the app has no such query; CallFailed for any
        other answer; ScriptFailed.
        """
        tokens, contract = session.tokens, app.contract
        if tokens is None or contract is None or "sign_out" not in contract.queries:
            raise SignInRefused("nothing to tell, or no way to")
        vault, jar = _vault_of(session), session.jar
        if contract.refreshes and due(tokens, now=self._clock.now(), margin=timedelta(0)):
            with contextlib.suppress(SignInRefused):
                fresh = await self.renew(app, session, {}, witness, vault)
                tokens = replace(tokens, access=fresh.token, refresh=fresh.refresh or tokens.refresh)
                tokens = replace(tokens, expires_at=fresh.expires_at)
                jar = jar.taking(fresh.cookies, self._clock.now())
                await keep(replace(session, tokens=tokens, jar=jar))
        params = _params(tokens, vault)
        result, mapped = await self._run(
            app, "sign_out", params, _bearer(tokens, params), None, witness, vault, jar
        )
        status = result.answer.status if result.answer is not None else 0
        if status in _ENDED_ALREADY and mapped.get("succeeded") is not True:
            raise SignInRefused(f"the auth API does not know the token ({status})")
        if mapped.get("succeeded") is not True:
            raise CallFailed(f"the auth API did not end a token ({status})")

    async def _run(
        self,
        app: App,
        role: Role,
        params: Mapping[str, str],
        bearer: str | None,
        world: Mapping[str, Any] | None,
        witness: Hearing,
        vault: Vault,
        jar: Jar,
        sending: Callable[[], None] | None = None,
    ) -> tuple[Result, Mapping[str, Any]]:
        """Run a query of the contract, where no page script can reach; its result, and what its answer means.
        `sending` is called just before the request is made."""
        contract, program = app.contract, app.contract_program
        if contract is None or program is None or role not in contract.queries:
            raise SignInRefused(f"the app has no query `{role}`")
        cause = "signing out" if role == "sign_out" else "signing in"
        vault.hold({**vault.slots, **jar.slots}, {**vault.handles, **jar.handles})
        known, hear = _knowing_cookies(app, world, jar), partial(witness.failed, event=cause, program=program)
        async with self._dialogues.of(app, program, role, params, known, hear) as dialogue:
            query, request = app.queries[contract.queries[role]], dialogue.request
            answered = witness.called(request, query, cause)
            sent = bearer if role != "refresh" else None
            if sending is not None:
                sending()
            result = await queries.run(self._client, app, query, request.request, vault, bearer=sent, jar=jar)
            answered(result)
            asked = questions(role, result)
            return result, named(role, await dialogue.mapped(asked)) if asked else {}


def _vault_of(session: Session) -> Vault:
    vault = Vault()
    vault.hold(session.slots, session.handles)
    return vault


def _knowing_cookies(app: App, world: Mapping[str, Any] | None, jar: Jar) -> Mapping[str, Any]:
    """What the contract's own queries know of the world: at least the names of the cookies that there are."""
    world = world or {"k": "env", "auth": auth_of(None)}
    return {**world, "auth": {**world["auth"], "cookies": named_cookies(app, jar)}}


def _bearer(tokens: TokenSet, params: Mapping[str, str]) -> str | None:
    """The token that goes along by itself; one in a cookie does so already."""
    return None if tokens.carrier else params["token"]


def _params(tokens: TokenSet, vault: Vault) -> dict[str, str]:
    """What the contract's own queries get as `this.params`."""
    params = {"token": vault.own(tokens.carrier) or vault.seal(tokens.access.reveal())}
    if tokens.refresh is not None:
        params["refreshToken"] = vault.seal(tokens.refresh.reveal())
    return params


def _accepted(mapped: Mapping[str, Any], result: Result, vault: Vault) -> Identity | None:
    if mapped.get("succeeded") is True:
        return identity_of(mapped, vault)
    words = mapped.get("error")
    shown = words if isinstance(words, str) and words else result.message
    raise SignInRefused("`me` did not accept the token", message=shown[: queries.MESSAGE_LIMIT] or None)
