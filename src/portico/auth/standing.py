"""Whether a session still stands, and for whom: the auth API is asked again while it is used (hard-cases 27).

Of all processes, one asks. Answers roles that were taken away and accounts that were closed (P125): within
a minute while the auth API answers. While it does not, what it said last counts for a while, and then no
longer for roles: an outage signs nobody out (P106, P115), and opens nothing either.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from portico.auth.api import AuthApi, TokenRefused
from portico.auth.manager import SessionManager
from portico.auth.ports import Taken
from portico.auth.refresh import Deferred, Ended, Refresher, Renewed
from portico.auth.remembered import Remembered
from portico.auth.session import Session, SessionEnded
from portico.auth.timeline import Asked, masked
from portico.auth.tokens import TokenSet
from portico.clock import Clock
from portico.errors import Busy, CallFailed, PorticoError, ScriptFailed, SignInRefused, StoreUnavailable

log = logging.getLogger("portico.auth")

#: How long an answer counts before the auth API is asked again.
EVERY = timedelta(seconds=60)
#: Seconds that a request waits for it, and how long one that did not answer is left alone.
PATIENCE = 2.0
REST = timedelta(seconds=5)
#: How long another process that asks is believed to be at work.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Current:
    """What the auth API said last counts."""

    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Unconfirmed:
    """Its word on roles does not count any more: it has not answered for so long, or it does not take a token
    that the app may still renew itself."""

    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """It does not know the token any more, and gives no other."""

    session: Session
    reason: str


Verdict = Current | Unconfirmed | Over


def renews_itself(session: Session) -> bool:
    """Whether the app has what it needs to renew the session's token, where this server cannot (S4-11)."""
    return session.tokens is not None and session.tokens.refresh is not None


class Standing:
    """Asks the auth API about sessions that are used."""

    def __init__(self, manager: SessionManager, refresher: Refresher, clock: Clock) -> None:
        self._manager = manager
        self._refresher = refresher
        self._clock = clock
        self._flights: dict[str, asyncio.Task[Session | Over | Unconfirmed]] = {}
        self._resting: Remembered[datetime] = Remembered()
        self._over: Remembered[Over] = Remembered()

    async def close(self) -> None:
        """Ask no more: what nobody waits for any longer would outlive the server's connections."""
        flights = set(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    async def of(
        self,
        session: Session,
        api: AuthApi,
        *,
        max_stale: timedelta,
        renewable: bool = False,
        patience: float = PATIENCE,
    ) -> Verdict:
        """The session as it is by what the auth API says; of all who ask at once, one asks it. `max_stale` is
        how long it may be silent; `renewable`: a token that it does not know can be replaced. `patience` is
        how many seconds its answer is waited for: it counts from the next request on if it comes later."""
        now = self._clock.now()
        key = session.ticket.key(_purpose(session))
        if (over := self._over.pop(key, None)) is not None:
            return over
        said = session.confirmed_at is None or now - session.confirmed_at < EVERY
        if said and not session.joining:
            return Current(session=session)
        if now >= self._resting.get(key, now):
            found = await self._answered(key, session, api, renewable=renewable, patience=patience)
            if isinstance(found, Over | Unconfirmed):
                return found
            session = found or session
        age = self._clock.now() - (session.confirmed_at or now)
        counts = age <= max_stale and not session.joining
        return Current(session=session) if counts else Unconfirmed(session=session)

    async def _answered(
        self, key: str, session: Session, api: AuthApi, *, renewable: bool, patience: float
    ) -> Session | Over | Unconfirmed | None:
        """What came of asking; None if it takes too long: then it goes on without this request."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._asked(key, session, api, renewable=renewable))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        await asyncio.wait({flight}, timeout=patience)
        if flight.done():
            self._over.pop(key, None)
            return flight.result()
        return None

    async def _asked(
        self, key: str, session: Session, api: AuthApi, *, renewable: bool
    ) -> Session | Over | Unconfirmed:
        try:
            async with self._manager.lease(session, _purpose(session), ttl=LEASE) as lease:
                held = await self._manager.resume(session.app, session.ticket.cookie_value())
                if held is None or held.identity is None:
                    return Over(session=session, reason="signed out meanwhile")
                fresh = held.confirmed_at is not None and self._clock.now() - held.confirmed_at < EVERY
                if fresh or isinstance(lease, Taken):
                    # Another process has asked, or does: until it is answered, what was said last counts.
                    return held
                async with asyncio.timeout(LEASE.total_seconds()):
                    found = await self._confirmed(held, api, renewable=renewable)
        except SessionEnded:
            return Over(session=session, reason="signed out meanwhile")
        except (CallFailed, ScriptFailed, StoreUnavailable, Busy, TimeoutError) as error:
            why = error.code if isinstance(error, PorticoError) else "timeout"
            log.warning(
                "the auth API was not asked who that is",
                extra={"app": session.app, "session": self._manager.id_of(session), "why": why},
            )
            self._manager.timelines.note(session, Asked(outcome="not answered", cause=why))
            self._rest(key)
            return session
        self._resting.pop(key, None)
        if isinstance(found, Over):
            self._over.note(key, found)
            self._manager.timelines.note(session, Asked(outcome="refused", cause=masked(found.reason)))
        return found

    async def _confirmed(
        self, held: Session, api: AuthApi, *, renewable: bool
    ) -> Session | Over | Unconfirmed:
        """Ask, with another token if the present one is due or refused, once."""
        if renewable:
            outcome = await self._refresher.fresh(held, api)
            if isinstance(outcome, Ended):
                return Over(session=held, reason=outcome.reason)
            if isinstance(outcome, Renewed):
                held = outcome.session
        try:
            return await self._noted(held, api)
        except SignInRefused as error:
            refused = error
        if renewable and held.tokens is not None:
            return await self._noted_anew(held, held.tokens, api, refused)
        if isinstance(refused, TokenRefused) and renews_itself(held):
            return Unconfirmed(session=held)
        return Over(session=held, reason=refused.detail)

    async def _noted_anew(
        self, held: Session, tokens: TokenSet, api: AuthApi, refused: SignInRefused
    ) -> Session | Over:
        """Ask with another token than the one that was `refused`."""
        match await self._refresher.fresh(held, api, refused=tokens.access):
            case Renewed(session=renewed):
                try:
                    return await self._noted(renewed, api)
                except SignInRefused as error:
                    return Over(session=renewed, reason=error.detail)
            case Deferred(cause=cause):
                raise CallFailed(f"the token could not be renewed ({cause})")
            case Ended(reason=reason):
                return Over(session=held, reason=reason)
        return Over(session=held, reason=refused.detail)

    async def _noted(self, session: Session, api: AuthApi) -> Session:
        confirmed = await api.confirm(session)
        return await self._manager.confirm(session, confirmed.identity, confirmed.cookies)

    def _rest(self, key: str) -> None:
        self._resting.note(key, self._clock.now() + REST)


def _purpose(session: Session) -> str:
    """What one at a time does with a session: each app that shares it asks for itself."""
    return "standing" if session.shared is None else f"standing.{session.app}"
