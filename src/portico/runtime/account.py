"""The session that an event is in: its tokens, and how it ends and begins.

What a page does about it goes through `door`.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

from portico.auth.evidence import Evidence, Granted, Vouched
from portico.auth.jar import Jar
from portico.auth.manager import SessionManager
from portico.auth.refresh import Deferred, Ended, Refresher, Renewed, StillFresh
from portico.auth.sealing import Vault
from portico.auth.session import Overtaken, Pending, Session, SessionEnded
from portico.auth.standing import renews_itself
from portico.auth.timeline import Reason, Refreshed, Retried, SealedSent, SignedIn
from portico.clock import Clock
from portico.errors import CallFailed, ScriptFailed, SignInRefused
from portico.model.app import App
from portico.model.identity import Identity
from portico.runtime.contract import ContractRunner
from portico.runtime.cookies import Cookies
from portico.runtime.grants import renewal
from portico.runtime.meaning import Meaning
from portico.runtime.own_sessions import OwnSessions
from portico.runtime.queries import Result
from portico.runtime.run import NotNow, Run, Step
from portico.runtime.upstream import auth_api
from portico.runtime.witness import Witness
from portico.values import Secret

log = logging.getLogger("portico.runtime")

#: How long a sign-in waits for its next step (hard-cases 30).
STEP = timedelta(minutes=10)


class Account:
    """Whose session one event is in.

    `acted`: an action of the user caused the event. `shows`: it is the showing of a page. `expected`: this
    browser started what it comes back from, so that nobody else can have sent it. `run` says which queries
    the event ran well, and what the auth API's answers handed out.
    """

    def __init__(
        self,
        *,
        app: App,
        session: Session | None,
        tab_store: dict[str, Any],
        manager: SessionManager,
        contract: ContractRunner,
        witness: Witness,
        vault: Vault,
        acted: bool,
        expected: bool,
        shows: bool,
        refresher: Refresher,
        clock: Clock,
        run: Run,
        cookies: Cookies,
    ) -> None:
        self.session = session
        #: what the user agreed to sign in with
        self.consented: Secret | str | None = None
        #: whether what happens now is an action of the user's
        self.acted = acted
        #: whether somebody signed in in this event
        self.signed_in = False
        #: whether the auth API would not renew the token, so that the session ended
        self.ended = False
        #: whether somebody has taken the first step of a sign-in in this event
        self.pending = False
        #: whether the page was computed for somebody else than who is signed in now
        self.changed_hands = False
        #: whether scripts must be told that the store differs from what they believe
        self.stale = False
        #: whether somebody signed in anew: this browser waits for nothing any more
        self.returned = False
        #: the ID token of a session that this event ended
        self.farewell: Secret | None = None
        #: the other sessions of whoever is signed in
        self.own_sessions = OwnSessions(app, manager)
        self._app = app
        self._tab_store = tab_store
        self._manager = manager
        self._contract = contract
        self._witness = witness
        self._vault = vault
        self._expected = expected
        self._shows = shows
        self._refresher = refresher
        self._clock = clock
        self._run = run
        self._cookies = cookies
        self._api = auth_api(app, contract, manager, witness)

    @property
    def started(self) -> bool:
        """Whether the user was sent something to come back with."""
        contract = self._app.contract
        return contract is not None and not contract.starts.isdisjoint(self._run.succeeded)

    async def leave(self) -> None:
        """Log-out drops the app's whole store except what the contract keeps (hard-cases 31)."""
        self._tab_store.clear()
        session = self.session
        if session is None or not session.signed_in:
            return
        revoke = not self.ended and self._to_tell(session)
        why: Reason = "auth API" if self.ended else "user"
        self.session = await self._manager.sign_out(session, keep=self._keep, revoke=revoke, why=why)
        self.changed_hands = True
        self.farewell = session.tokens.identity if session.tokens is not None else None

    def _to_tell(self, session: Session | None) -> bool:
        """Whether the auth API is to be told when a session is over: not if the script has done so."""
        contract = self._app.contract
        told = contract is not None and contract.queries.get("sign_out") in self._run.succeeded
        return session is not None and session.signed_in and not told and self._api.revokes(session)

    @property
    def carried(self) -> Secret | None:
        """The session's token, where it is one that goes along as a cookie."""
        tokens = self.session.tokens if self.session is not None else None
        return tokens.access if tokens is not None and tokens.carrier else None

    def follow(self, session: Session) -> None:
        """The session goes on as this: an answer set cookies."""
        if self.session is not None and self.session.ticket == session.ticket:
            self.session = session

    async def refresh(self, refused: Secret | None) -> bool | NotNow:
        """Make sure that the session's token is worth sending, or another than the one that was `refused`:
        whether there is another now. A session whose token the auth API will not renew is over, here and
        now: no tab of it asks again."""
        session, contract = self.session, self._app.contract
        if session is None or session.tokens is None or contract is None or not contract.holds_tokens:
            return False
        if not contract.refreshes or (contract.provider is not None and session.tokens.refresh is None):
            # What nothing renews ends when it said, or once `me` says so: no other API's word counts. With a
            # refresh token it is the script's to renew it (S4-11).
            asks = refused is not None and contract.me is not None and not renews_itself(session)
            if asks and await self._is_over(session):
                await self._end()
            return False
        outcome = await self._refresher.fresh(session, self._api, refused=refused, early=contract.slides)
        match outcome:
            case Renewed(session=renewed):
                self._go_on(renewed)
                return True
            case Ended() if self._goes_on(session):
                await self._end()
            case Deferred():
                return NotNow()
            case Ended() | StillFresh():
                pass
        return False

    def _goes_on(self, before: Session) -> bool:
        """Whether the event is still in this session, with the same token."""
        session = self.session
        if session is None or session.ticket != before.ticket:
            return False
        return session.tokens is not None and session.tokens == before.tokens

    def retried(self, query: str, status: str) -> None:
        """For the timeline: a query was sent again after a 401."""
        self._manager.timelines.note(self.session, Retried(query=query, status=status))

    def stayed(self, query: str, why: str) -> None:
        """For the timeline: a query sent a token as it was sealed."""
        self._manager.timelines.note(self.session, SealedSent(query=query, why=why))

    async def _is_over(self, session: Session) -> bool:
        """Whether the auth API says itself that a token which cannot be renewed is good no more."""
        try:
            await self._api.confirm(session)
        except SignInRefused:
            return True
        except (CallFailed, ScriptFailed):
            pass
        return False

    async def _end(self) -> None:
        """The auth API does not know the session any more."""
        self.ended = True
        await self.leave()
        self._now_in(self.session)

    async def exchange(
        self, send: Callable[[], Awaitable[tuple[Result, Meaning]]], *, call: timedelta
    ) -> Result:
        """A script runs the contract's `refresh` itself: nobody else does meanwhile, it sends the newest
        token, and what comes of it is kept before anybody sends it (P98, P103)."""
        session = self.session
        if session is None or not session.signed_in:
            return await self._granted_by(send)
        async with self._refresher.alone(session, call=call) as held:
            if held is None:
                return await self._granted_by(send)
            if held.tokens != session.tokens:
                self._go_on(held)
            result, meaning = await send()
            grant = meaning.grant
            renewed = renewal(self._app, held, grant, self._vault) if grant is not None else None
            if held.tokens is not None:
                self._note_exchange(held, renewed)
            if renewed is not None:
                await self._exchanged(held, renewed)
            elif grant is not None and (held.tokens is not None or grant.identity is not None):
                # Of a session without a token nothing was renewed: an answer that names nobody is nobody's.
                self._run.granted(grant)
            return result

    def _note_exchange(self, held: Session, renewed: Granted | None) -> None:
        before = held.tokens.refresh if held.tokens is not None else None
        rotated = renewed is not None and renewed.refresh is not None and renewed.refresh != before
        outcome: Literal["renewed", "deferred"] = "deferred" if renewed is None else "renewed"
        cause = "the answer has no token for this user" if renewed is None else ""
        event = Refreshed(why="script", outcome=outcome, cause=cause, rotated=rotated)
        self._manager.timelines.note(held, event)

    async def _exchanged(self, held: Session, renewed: Granted) -> None:
        """Go on with what a script's renewal of `held` brought."""
        try:
            self._go_on(await self._manager.renew(held, renewed, renewable=True, instead=held.tokens))
        except Overtaken as error:
            self._go_on(error.session)
        except SessionEnded:
            await self._refresher.drop(held, self._api, renewed)

    async def _granted_by(self, send: Callable[[], Awaitable[tuple[Result, Meaning]]]) -> Result:
        result, meaning = await send()
        if meaning.grant is not None:
            self._run.granted(meaning.grant)
        return result

    def _go_on(self, renewed: Session) -> None:
        """The session goes on under another token."""
        self.session, self.stale = renewed, True
        self._now_in(renewed)

    def _now_in(self, session: Session | None) -> None:
        """The page is in this session from now on: its tokens and cookies are what goes along."""
        self._cookies.enter(session)
        self._vault.hold(session.slots if session else {}, session.handles if session else {})

    async def _suspend(self, step: Step) -> str | None:
        """A sign-in needs another step: until then nobody is signed in."""
        before = self.session
        # Cookies of somebody who was signed in are not those of the next.
        base = Jar() if before is not None and before.signed_in else self._cookies.jar
        ends = self._clock.now() + STEP
        pending = Pending(answer=step.answer, sealed=step.sealed, expires_at=ends, app=self._app.slug)
        try:
            self.session = await self._manager.suspend(
                pending,
                app=self._app.slug,
                current=before,
                keep=self._keep,
                jar=base.taking(step.cookies, self._clock.now()),
                revoke=self._to_tell(before),
            )
        except SignInRefused as error:
            return error.message
        if before is not None and before.signed_in:
            self.changed_hands = True
        self._now_in(self.session)
        self.pending = True
        return None

    def _holds(self, token: Secret) -> bool:
        """Whether the session has this token."""
        held = self.session.tokens if self.session else None
        return held is not None and held.access == token

    def _same(self, identity: Identity) -> bool:
        """Whether that is who is signed in already."""
        held = self.session.identity if self.session else None
        return held is not None and held.uid == identity.uid

    async def _sign_in(
        self,
        evidence: Evidence,
        *,
        brief: bool = False,
        renews: bool = False,
        user: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
        own_user: bool = False,
        how: SignedIn,
    ) -> None:
        """Another token, if it `renews` the one there was, for the same user and the same roles goes on with
        the session as it is, with `user` of what is known of the user; anything else is a sign-in, with a new
        one (P5), in which that is the app's word if it is its `own_user`."""
        current, contract = self.session, self._app.contract
        held = current.identity if current else None
        same = held is not None and (held.uid, held.roles) == (evidence.identity.uid, evidence.identity.roles)
        if current is not None and same and renews and not isinstance(evidence, Vouched):
            self.session = await self._manager.renew(current, evidence, renewable=self._renewable, user=user)
            self._now_in(self.session)
            return
        self.session = await self._manager.sign_in(
            evidence,
            app=self._app.slug,
            current=self.session,
            keep=self._keep,
            renewable=self._renewable,
            brief=brief or (contract is not None and not contract.persist),
            own_user=own_user,
            jar=self._cookies.jar if current is None else None,
            revoke=self._to_tell(current),
            how=how,
            agent=self._run.agent,
        )
        self._now_in(self.session)
        self.changed_hands = self.returned = True

    def _entered(self) -> None:
        """Somebody signed in, whatever became of the session before."""
        self.signed_in, self.ended, self.pending = True, False, False

    async def _still_there(self) -> None:
        """A log-out in another tab wins: a page left open must not sign in again behind it."""
        session = self.session
        if session is None or not session.signed_in:
            return
        if await self._manager.resume(self._app.slug, session.ticket.cookie_value()) is None:
            raise SessionEnded("signed out meanwhile, or signed in anew in another tab")

    @property
    def _renewable(self) -> bool:
        return self._app.contract is not None and self._app.contract.refresh is not None

    @property
    def _keep(self) -> frozenset[str]:
        return self._app.contract.keep if self._app.contract else frozenset()
