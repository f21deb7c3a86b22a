"""The one way into and out of a session from a page: what scripts store under the contract's key, what
they give to `auth`, and what the auth API hands out.

Answers sign-ins that a script makes up (a token counts once the auth API accepted it: hard-cases 1),
and those that a link brings along (login CSRF: a sign-in that no action of the user caused needs the
user's consent, unless this browser started the way back; hard-cases 13, P20).
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from portico.auth.amendment import Amendment
from portico.auth.appstore import LIMIT, Removed, StoreFull
from portico.auth.evidence import Evidence, Vouched
from portico.auth.timeline import SignedIn
from portico.errors import CallFailed, ScriptFailed, SignInRefused
from portico.model.identity import Identity
from portico.runtime.account import Account
from portico.runtime.changes import Changes
from portico.runtime.given import Given
from portico.runtime.grants import Known
from portico.runtime.meaning import Grant
from portico.runtime.user_data import of_json
from portico.values import Secret

log = logging.getLogger("portico.runtime")

UNPROVEN = SignInRefused.default_message


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A sign-in that waits for the user: as whom, in the user's words; `agreed` is what for: the
    token, or where there is none the uid."""

    agreed: Secret | str
    name: str


class Door(Account):
    """The session of one visitor, in one event, and the ways into and out of it."""

    def changes(self) -> Changes:
        """An empty collection."""
        contract = self._app.contract
        if contract is None:
            return Changes(door_key=None)
        return Changes(
            door_key=contract.token_key, own_users=contract.own_users, trusting=contract.trusts_script
        )

    async def commit(self, changes: Changes) -> Consent | str | None:
        """Write what was collected, signing in or out where its key says so. None, or a message for
        the user why the sign-in was refused; or the consent that it needs, and nothing is written."""
        refused: Consent | str | None = None
        step, grant, vouched = self._run.step, self._run.grant, self._run.vouched
        if step is not None:
            refused = await self._suspend(step)
            changes.refuse()
        elif grant is None and changes.leaves:
            await self.leave()
            # A visitor who was not signed in may still have kept something under that key.
            if self.session is None:
                changes.refuse()
        elif grant is not None:
            refused = await self._tried(partial(self._enter, grant, changes))
        elif vouched is not None and changes.enters:
            refused = await self._tried(partial(self._enter, vouched, changes))
        elif changes.own_users and changes.enters:
            # What an app keeps of its user is no token, and shows nothing about who that is.
            refused = None if self.session is not None and self.session.signed_in else UNPROVEN
        elif changes.token is not None:
            refused = await self._tried(partial(self._enter, changes.token, changes))
        if isinstance(refused, Consent):
            return refused
        self._run.drop_grants()
        if refused is not None:
            changes.refuse()
        await self._write(changes)
        return refused

    def drop_grants(self) -> None:
        """A script logs out: what was handed out before that signs nobody in."""
        self._run.drop_grants()

    async def _write(self, changes: Changes) -> None:
        """One write for all of it: another tab never sees the store emptied and not yet filled."""
        values = changes.values
        if self.session is None:
            # A visitor without a session gets one only when something must be kept. A page that is merely
            # shown keeps cookies itself, until something is done on it (P14).
            values = {key: value for key, value in values.items() if not isinstance(value, Removed)}
            if not values and (self._shows or not self._cookies.jar.held):
                return
            self.session = await self._manager.begin(self._app.slug, self._cookies.jar)
            self._now_in(self.session)
        if values or changes.cleared:
            await self._manager.merge_store(
                self.session, values, clear=changes.cleared, keep=self._keep, sealed=self._named_in(values)
            )

    def _named_in(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The tokens behind handles in what is to be stored."""
        kept = [value for value in values.values() if not isinstance(value, Removed)]
        return self._vault.kept(json.dumps(kept))

    # Signing in

    async def log_in(self, given: Mapping[str, Any]) -> Consent | str | None:
        """Sign in with what a script gives (`sandbox.turn.GIVEN`). None, or a message for the user why not;
        or the consent that it needs, and nothing is changed."""
        return await self._tried(partial(self._log_in, self._given(given)))

    async def update(self, given: Mapping[str, Any]) -> Consent | str | None:
        """Change what is given of who is signed in, and nothing else of it. As `log_in`."""
        return await self._tried(partial(self._update, self._given(given)))

    def _given(self, given: Mapping[str, Any]) -> Given:
        return Given(given, app=self._app, vault=self._vault, contract=self._contract)

    async def _tried(self, sign_in: Callable[[], Awaitable[Consent | None]]) -> Consent | str | None:
        try:
            outcome: Consent | str | None = await sign_in()
        except (SignInRefused, CallFailed, ScriptFailed) as error:
            log.warning(
                "sign-in refused", extra={"app": self._app.slug, "code": error.code, "why": error.detail}
            )
            self.stale = True
            outcome = error.message
        # A first step goes on to the next at the end of the event, whatever came of this.
        if not isinstance(outcome, Consent) and self._run.step is None:
            self._run.drop_grants()
        return outcome

    async def _enter(self, by: Grant | str, changes: Changes) -> Consent | None:
        """Sign in with what the auth API's answer handed out, or with what stands under the key of the
        door: a sealed token, or any other string."""
        text = changes.token
        token = by.token if isinstance(by, Grant) else self._opened(by)
        if token is None or not self._holds(token):
            evidence = await self._evidence(by if isinstance(by, Grant) else self._opened(by))
            if (consent := self._consent(evidence)) is not None:
                return consent
            await self._still_there()
            await self._fits(changes)
            changes.seal(self._vault)
            contract = self._app.contract
            renews = contract is not None and contract.refresh in self._run.succeeded
            await self._sign_in(evidence, brief=changes.brief, renews=renews, how=self._how(by))
            await self._vouched_for(evidence)
            self._entered()
            self.stale = self.stale or changes.token != text
        self.signed_in = True
        return None

    async def _log_in(self, given: Given) -> Consent | None:
        if self._run.step is not None:
            # Whoever it is has another step to take first: the event ends there.
            return None
        session, token = self.session, given.token
        if session is not None and token is not None and self._holds(token):
            self.session = await self._manager.amend(
                session, given.amendment(session, lambda _: given.user_of_json()), renewable=self._renewable
            )
        else:
            by = self._run.grant or self._run.vouched if token is None else self._handed(token)
            if by is None:
                raise SignInRefused(
                    "`auth.logIn` without a token, and this event has no answer that signs in"
                )
            known = (lambda _: given.user_of_json()) if given.has("user") else None
            evidence = given.completed(await self._evidence(by, known))
            if (consent := self._consent(evidence)) is not None:
                return consent
            await self._still_there()
            # Without a token of its own it lasts as long as the browser (S4-3).
            how = SignedIn(by="script", name="auth.logIn")
            await self._sign_in(evidence, brief=token is None, own_user=given.has("user"), how=how)
            await self._vouched_for(evidence)
            self._entered()
        self.signed_in = True
        return None

    async def _update(self, given: Given) -> Consent | None:
        session = self.session
        if session is None or session.identity is None:
            raise SignInRefused("`auth.update`, and nobody is signed in", message="Nobody is signed in.")
        held, token = session.identity, given.token
        if token is None or self._holds(token):
            amendment = given.amendment(session, given.user_over)
            self.session = await self._manager.amend(session, amendment, renewable=self._renewable)
            return None

        def known(identity: Identity) -> Mapping[str, Any]:
            if identity.uid == held.uid:
                return given.user_over(held.user) if given.has("user") else held.user
            return given.user_of_json() if given.has("user") else of_json(self._app, identity.user)

        evidence = given.completed(await self._evidence(self._handed(token), known), session)
        if (consent := self._consent(evidence)) is not None:
            return consent
        await self._still_there()
        # What else is known of the same user stays the app's word, or the auth API's.
        own_user = given.has("user") or (session.own_user and self._same(evidence.identity))
        user = given.user_over if given.has("user") else None
        how = SignedIn(by="script", name="auth.update")
        await self._sign_in(evidence, brief=session.brief, renews=True, user=user, own_user=own_user, how=how)
        if given.drops_refresh and self.session is not None:
            # A renewal that says nothing of it goes on with the one that there is.
            amendment = Amendment(refresh=None)
            self.session = await self._manager.amend(self.session, amendment, renewable=self._renewable)
        return None

    async def _vouched_for(self, evidence: Evidence) -> None:
        """A script has looked at the answer, and found it right."""
        if isinstance(evidence, Vouched) and self._run.vouched_for is not None:
            await self._run.vouched_for()

    def _how(self, by: Grant | str) -> SignedIn:
        """By what somebody signs in, for the timeline."""
        contract = self._app.contract
        if isinstance(by, Grant):
            return SignedIn(by="query", name=contract.queries.get(by.role, by.role) if contract else by.role)
        if self._expected:
            return SignedIn(by="link")
        return SignedIn(by="script", name=contract.token_key or "" if contract is not None else "")

    def _opened(self, text: str) -> Secret:
        return self._vault.token(text) or Secret(text)

    def _handed(self, token: Secret) -> Grant | Secret:
        """What the auth API handed the token out with in this event; the token alone, if it did not."""
        granted = (grant for grant in reversed(self._run.grants) if isinstance(grant, Grant))
        return next((grant for grant in granted if grant.token == token), token)

    async def _evidence(self, by: Grant | Secret, known: Known | None = None) -> Evidence:
        if isinstance(by, Grant):
            # Since then answers may have changed the cookies again.
            by = replace(by, cookies=tuple(self._run.cookies or by.cookies))
            jar = self._cookies.jar.taking(by.cookies, self._clock.now())
            return await self._contract.evidence(
                self._app, by, self._witness, self._vault, known=known, jar=jar
            )
        return await self._contract.confirm(
            self._app, by, self._witness, self._vault, known=known, jar=self._cookies.jar
        )

    def _consent(self, evidence: Evidence) -> Consent | None:
        """Whether the user has to be asked first."""
        token = None if isinstance(evidence, Vouched) else evidence.token
        if self.acted or self._same(evidence.identity) or self._expected:
            return None
        agreed = token or evidence.identity.uid
        if self.consented is not None and self.consented == agreed:
            return None
        return Consent(agreed=agreed, name=evidence.identity.name)

    async def _fits(self, changes: Changes) -> None:
        """What is to be stored with a sign-in must fit before it: afterwards the old session is gone."""
        held = await self._manager.read_store(self.session) if self.session else {}
        wanted = {**held, **changes.values}
        wanted = {key: value for key, value in wanted.items() if not isinstance(value, Removed)}
        if len(json.dumps(wanted)) > LIMIT:
            raise StoreFull("the store would not take what comes with a sign-in")
