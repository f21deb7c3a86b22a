"""Another token for a session whose own ends (`reference/security.md` 3.7), in any number of processes.

Who needs a fresh token asks here, before a call and after one that was refused with 401. Of all who ask
for one session at once, one asks the auth API; the others wait for its outcome (P98, P99):

1. the flight of this process, if there is one; 2. the session's lease in the store; 3. the session again,
as it is by now; 4. an intent in its record; 5. the auth API; 6. the answer, over the version that was read;
7. everybody goes on.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from portico.auth.api import AuthApi, StrangersTokens
from portico.auth.evidence import Granted
from portico.auth.intent import Intent
from portico.auth.manager import SessionManager
from portico.auth.session import Overtaken, Session, SessionEnded
from portico.auth.timeline import Refreshed, Why, masked
from portico.auth.tokens import TokenSet, due
from portico.auth.turns import NoTurn, Turn, Turns, monotonic, pause
from portico.clock import Clock
from portico.errors import Busy, CallFailed, ScriptFailed, SignInRefused, StoreUnavailable
from portico.values import Secret

log = logging.getLogger("portico.auth")

#: How long before its end a token is renewed, and for how long a renewal elsewhere is not waited for.
MARGIN, STILL_GOOD = timedelta(seconds=30), timedelta(seconds=5)
#: By which share of that sooner, by session: those that end in one second are not renewed in one (P108).
SPREAD = 0.3
#: A token that is refused so soon after it took the place of a refused one is not what is wrong.
SETTLED = timedelta(seconds=5)
#: How often a record is read again that somebody else writes.
_NOTES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long a renewal may take. `lease` is for how long others believe that its holder is at work; `call`
    is for the auth API, well below that (P100); `patience` is how long others wait. `at_once` is how many
    renewals of one app this process makes at once, and `queue` how long one waits for that (P108)."""

    lease: timedelta = timedelta(seconds=45)
    call: timedelta = timedelta(seconds=20)
    patience: timedelta = timedelta(seconds=10)
    at_once: int = 20
    queue: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if self.call * 2 > self.lease:
            raise ValueError("a renewal may take half of its lease at most")

    @classmethod
    def of_lease(cls, lease: timedelta, *, at_once: int) -> Self:
        """Limits in proportion to a lease."""
        usual = cls()
        share = lease / usual.lease
        return cls(lease=lease, call=usual.call * share, patience=usual.patience * share, at_once=at_once)


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewed:
    """The session goes on under another token."""

    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class StillFresh:
    """Nothing was due."""

    session: Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """The auth API will not renew it, or it was signed out meanwhile. This alone signs out."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deferred:
    """The auth API could not be asked, or the store: the session stays as it is."""

    cause: str


Outcome = Renewed | StillFresh | Ended | Deferred


class Refresher:
    """Renews the tokens of sessions."""

    def __init__(self, manager: SessionManager, clock: Clock, limits: Limits = LIMITS) -> None:
        self._manager = manager
        self._clock = clock
        self._limits = limits
        self._turns = Turns(manager, limits.lease)
        self._flights: dict[str, asyncio.Task[Outcome]] = {}
        self._slots: dict[str, asyncio.Semaphore] = {}

    async def close(self) -> None:
        """Wait for what is under way: its answers are the only ones there will be (P122)."""
        if self._flights:
            await asyncio.wait(set(self._flights.values()), timeout=self._limits.call.total_seconds())

    async def fresh(
        self, session: Session, api: AuthApi, *, refused: Secret | None = None, early: bool = False
    ) -> Outcome:
        """The session with a token that is worth sending. `refused`: the token that was not accepted.
        `early`: it is renewed from the middle of its life on, because only a good token can be."""
        tokens, now = session.tokens, self._clock.now()
        if tokens is not None and refused is not None and tokens.access != refused:
            # It was replaced already.
            return Renewed(session=session)
        if tokens is None:
            return StillFresh(session=session)
        spread = SPREAD * _share(session)
        if refused is None and not due(tokens, now=now, margin=MARGIN, early=early, spread=spread):
            return StillFresh(session=session)
        if session.intent is not None and session.intent.rests(now):
            return Deferred(cause="resting")
        key = session.ticket.key("refresh")
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._flight(session, api, refused, self._why(session, refused)))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        # Whoever waits may be cancelled; the exchange is not: its answer is the only one there will be.
        return self._seen(await asyncio.shield(flight), session)

    def _seen(self, outcome: Outcome, session: Session) -> Outcome:
        """The outcome for the app of this session: another that shares it may have asked first."""
        if isinstance(outcome, Ended | Deferred):
            return outcome
        seen = self._manager.groups.seen(outcome.session, session.app)
        return replace(outcome, session=seen) if seen is not None else Ended(reason="signed out meanwhile")

    @asynccontextmanager
    async def alone(self, session: Session, *, call: timedelta) -> AsyncIterator[Session | None]:
        """Renew a session's tokens by other means than `fresh`, as the only one who does, in a call that
        takes `call` at most. Gives the session as it is now, with an intent in its record if it has tokens;
        None: it has ended. Raises Busy, StoreUnavailable."""
        ttl = max(self._limits.lease, call * 2)
        async with self._turns.awaited(session, patience=self._limits.patience, ttl=ttl) as turn:
            if isinstance(turn, NoTurn) and turn.session is not None:
                raise Busy("another process renews the session's tokens")
            if isinstance(turn, NoTurn) or turn.session is None or turn.session.tokens is None:
                yield turn.session
                return
            held = await self._intended(turn)
            if held is None:
                raise Busy("the session's record was written meanwhile")
            try:
                yield held
            finally:
                # This process saw what came. After a renewal the version is another one, and so is the token.
                await self._noted(held, None)

    async def drop(self, held: Session, api: AuthApi, granted: Granted) -> None:
        """Have revoked what came for a session that cannot use it. Never raises."""
        tokens = TokenSet(access=granted.token, refresh=granted.refresh, carrier=granted.carrier)
        jar = held.jar.taking(granted.cookies, self._clock.now())
        await self._drop(held, api, replace(held, tokens=tokens, jar=jar))

    async def _drop(self, held: Session, api: AuthApi, late: Session) -> None:
        """The same, for a session as it would have been."""
        if held.tokens is None or late.tokens is None or not api.revokes(held):
            return
        refresh = late.tokens.refresh or held.tokens.refresh
        tokens = replace(late.tokens, refresh=refresh, identity=held.tokens.identity)
        try:
            await self._manager.revocations.send(replace(late, tokens=tokens))
        except StoreUnavailable as error:
            log.warning("tokens live on that nobody uses", extra={"app": held.app, "why": error.code})

    def _why(self, session: Session, refused: Secret | None) -> Why:
        """Why a token is renewed."""
        if refused is not None or session.tokens is None:
            return "refused"
        return "due" if due(session.tokens, now=self._clock.now(), margin=MARGIN) else "early"

    def note(self, before: Session, outcome: Outcome, why: Why) -> None:
        """What came of asking for another token, for the timeline of the session that had `before`'s."""
        held = before.tokens.refresh if before.tokens is not None else None
        event = Refreshed(why=why, outcome="still fresh")
        match outcome:
            case Renewed(session=renewed):
                now = renewed.tokens.refresh if renewed.tokens is not None else None
                event = Refreshed(why=why, outcome="renewed", rotated=now != held)
            case Ended(reason=reason):
                event = Refreshed(why=why, outcome="ended", cause=masked(reason))
            case Deferred(cause=cause):
                event = Refreshed(why=why, outcome="deferred", cause=masked(cause))
        self._manager.timelines.note(before, event)

    async def _flight(self, session: Session, api: AuthApi, refused: Secret | None, why: Why) -> Outcome:
        """What comes of a renewal, by this process or by another one meanwhile."""
        ends = monotonic() + self._limits.patience.total_seconds()
        try:
            while True:
                async with self._slot(session.app):
                    outcome = await self._found(session, api, refused, why)
                if outcome is not None:
                    return outcome
                if refused is None and self._good(session):
                    return StillFresh(session=session)
                if monotonic() >= ends:
                    return Deferred(cause="renewed elsewhere")
                await pause()
        except (StoreUnavailable, Busy) as error:
            deferred = Deferred(cause=error.code)
            self.note(session, deferred, why)
            return deferred

    @asynccontextmanager
    async def _slot(self, app: str) -> AsyncIterator[None]:
        slots = self._slots.setdefault(app, asyncio.Semaphore(self._limits.at_once))
        try:
            async with asyncio.timeout(self._limits.queue.total_seconds()):
                await slots.acquire()
        except TimeoutError:
            raise Busy("too many renewals at once") from None
        try:
            yield
        finally:
            slots.release()

    def _good(self, session: Session) -> bool:
        """Whether the token that there is can still be sent."""
        ends = session.tokens.expires_at if session.tokens is not None else None
        return ends is None or ends - self._clock.now() > STILL_GOOD

    async def _found(
        self, session: Session, api: AuthApi, refused: Secret | None, why: Why
    ) -> Outcome | None:
        """What comes of asking now; None while somebody else does."""
        async with self._turns.turn(session) as turn:
            held, now = turn.session, self._clock.now()
            if held is None or held.tokens is None or session.tokens is None:
                return Ended(reason="signed out meanwhile")
            if held.tokens.access != session.tokens.access:
                # Somebody was faster: what was refused, or due, is not what it has now.
                return Renewed(session=held)
            if refused is not None and held.refused_at is not None and now - held.refused_at < SETTLED:
                still = StillFresh(session=held)
                self.note(held, still, why)
                return still
            if held.intent is not None and held.intent.rests(now):
                return Deferred(cause="resting")
            if held.intent is not None and held.intent.refuses(held.tokens):
                return Ended(reason="the auth API has refused its token")
            if isinstance(turn, NoTurn):
                return None
            intended = await self._intended(turn)
            if intended is None:
                return None
            if intended.intent is not None and intended.intent.spent:
                outcome: Outcome = Ended(reason="its token was sent too often without an answer")
            else:
                outcome = await self._renewed(intended, api, refused, turn)
            self.note(intended, outcome, why)
            return outcome

    async def _intended(self, turn: Turn) -> Session | None:
        """The session of a turn with an intent in its record; None if it has other tokens meanwhile."""
        held = turn.session
        for _ in range(_NOTES):
            if held is None or held.tokens is None:
                break
            intent = Intent.begun(held.tokens, held.intent, at=self._clock.now(), fence=turn.fence)
            if (noted := await self._manager.note(held, intent)) is not None:
                if intent.replays:
                    log.warning("a renewal was cut off", extra={"app": held.app, "replays": intent.replays})
                return noted
            tokens, held = held.tokens, await self._manager.resume(held.app, held.ticket.cookie_value())
            if held is None or held.tokens != tokens:
                break
        return None

    async def _renewed(self, held: Session, api: AuthApi, refused: Secret | None, turn: Turn) -> Outcome:
        try:
            async with asyncio.timeout(self._limits.call.total_seconds()):
                granted = await api.renew(held, turn.check)
        except SignInRefused as error:
            return await self._refused(held, api, error)
        except (CallFailed, ScriptFailed, StoreUnavailable, Busy) as error:
            return await self._deferred(held, error.code)
        except TimeoutError:
            return await self._deferred(held, "timeout")
        try:
            return Renewed(session=await self._written(held, granted, refused, turn))
        except SessionEnded:
            # The log-out won: what came for a session that is gone must not live on (P107).
            await self.drop(held, api, granted)
            return Ended(reason="signed out meanwhile")
        except Overtaken as error:
            # We were late. Revoking what came would, at most auth APIs, end the sign-in that goes on.
            return Renewed(session=error.session)
        except SignInRefused as error:
            await self.drop(held, api, granted)
            return Ended(reason=error.detail)

    async def _written(self, held: Session, granted: Granted, refused: Secret | None, turn: Turn) -> Session:
        """The session with what came. There is no second answer, so a store that is not well is waited for
        as long as the turn lasts."""
        refused_at = self._clock.now() if refused is not None else None
        while True:
            try:
                return await self._manager.renew(
                    held, granted, renewable=True, instead=held.tokens, refused_at=refused_at
                )
            except (StoreUnavailable, Busy):
                if not turn.lasts:
                    raise
                await pause()

    async def _refused(self, held: Session, api: AuthApi, error: SignInRefused) -> Outcome:
        """The auth API says no: perhaps because a holder before us, who was only slow, had its answer."""
        if isinstance(error, StrangersTokens):
            await self._drop(held, api, error.session)
        if (overtaken := await self._overtaken(held)) is not None:
            return overtaken
        if held.intent is not None:
            # Who asked may not be the one who ends it, and until then others may ask.
            await self._noted(held, held.intent.refused())
        extra = {"app": held.app, "session": self._manager.id_of(held), "why": error.detail}
        log.info("a session's token was not renewed", extra=extra)
        return Ended(reason=error.detail)

    async def _deferred(self, held: Session, cause: str) -> Outcome:
        extra = {"app": held.app, "session": self._manager.id_of(held), "why": cause}
        log.warning("a token could not be renewed", extra=extra)
        noted = held.intent is None or await self._noted(held, held.intent.deferred(self._clock.now()))
        return Deferred(cause=cause) if noted else await self._overtaken(held) or Deferred(cause=cause)

    async def _overtaken(self, held: Session) -> Renewed | Ended | None:
        """What became of the session meanwhile, if its tokens are not those of `held` any more."""
        now = await self._manager.resume(held.app, held.ticket.cookie_value())
        if now is None:
            return Ended(reason="signed out meanwhile")
        if now.tokens is not None and held.tokens is not None and now.tokens.access != held.tokens.access:
            return Renewed(session=now)
        return None

    async def _noted(self, held: Session, intent: Intent | None) -> bool:
        """Note how an attempt ended. False: somebody else wrote the record meanwhile."""
        try:
            return await self._manager.note(held, intent) is not None
        except StoreUnavailable as error:
            log.warning("how a renewal ended is not noted", extra={"app": held.app, "why": error.detail})
            return True


def _share(session: Session) -> float:
    """A number from 0 to 1 that is the session's own."""
    return int.from_bytes(hashlib.sha256(session.ticket.key("refresh").encode()).digest()[:4]) / 0xFFFFFFFF
