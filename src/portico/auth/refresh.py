"""Another token for a session whose own ends (`reference/security.md` 3.7, within one process).

Who needs a fresh token asks here, before a call and after one that was refused with 401. Of all who ask
for one session at once, one asks the auth API; the others wait for its outcome (P98).
"""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from portico.auth.evidence import Confirmed, Granted
from portico.auth.manager import SessionManager
from portico.auth.session import Session, SessionEnded
from portico.auth.tokens import TokenSet, due
from portico.clock import Clock
from portico.errors import Busy, CallFailed, ScriptFailed, SignInRefused, StoreUnavailable
from portico.values import Secret

log = logging.getLogger("portico.auth")

#: How long before its end a token is renewed.
MARGIN = timedelta(seconds=30)
#: A token that is refused so soon after it took the place of a refused one is not what is wrong.
SETTLED = timedelta(seconds=5)
#: How long an auth API that could not be asked is left alone: longer each time, to this.
REST, LONGEST_REST = timedelta(seconds=1), timedelta(seconds=5)
#: Sessions that are remembered for the two.
REMEMBERED = 10_000


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


class TokenRefused(SignInRefused):
    """The auth API does not take the token (401): another may do."""


class AuthApi(Protocol):
    """An app's auth API, as far as sessions need it."""

    async def renew(self, session: Session) -> Granted:
        """Another token. Raises SignInRefused where it says no, CallFailed or ScriptFailed where it cannot
        be asked."""
        ...

    async def confirm(self, session: Session) -> Confirmed:
        """Whose the session's token is by now. Raises as `renew`; TokenRefused where the token alone is what
        is wrong."""
        ...

    def revoke(self, tokens: TokenSet, session: Session | None = None) -> None:
        """Tell it that nobody uses these any more, without waiting for it. Those of a `session` are renewed
        first, if they have ended, so that there is something to revoke."""
        ...


@dataclass(frozen=True, slots=True)
class _Resting:
    until: datetime
    length: timedelta


Value = TypeVar("Value")


class Remembered(OrderedDict[str, Value], Generic[Value]):
    """By key, for those that were noted last."""

    def note(self, key: str, value: Value) -> None:
        """Remember it."""
        self[key] = value
        self.move_to_end(key)
        while len(self) > REMEMBERED:
            self.popitem(last=False)


class Refresher:
    """Renews the tokens of sessions."""

    def __init__(self, manager: SessionManager, clock: Clock) -> None:
        self._manager = manager
        self._clock = clock
        self._flights: dict[str, asyncio.Task[Outcome]] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._resting: Remembered[_Resting] = Remembered()
        self._replaced: Remembered[datetime] = Remembered()

    async def fresh(
        self, session: Session, api: AuthApi, *, refused: Secret | None = None, early: bool = False
    ) -> Outcome:
        """The session with a token that is worth sending. `refused`: the token that was not accepted.
        `early`: it is renewed from the middle of its life on, because only a good token can be."""
        tokens = session.tokens
        if tokens is not None and refused is not None and tokens.access != refused:
            # It was replaced already.
            return Renewed(session=session)
        if tokens is None:
            return StillFresh(session=session)
        if refused is None and not due(tokens, now=self._clock.now(), margin=MARGIN, early=early):
            return StillFresh(session=session)
        key = _key(session)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._flight(session, api, refused))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        # Whoever waits may be cancelled; the exchange is not: its answer is the only one there will be.
        return await asyncio.shield(flight)

    @asynccontextmanager
    async def alone(self, session: Session) -> AsyncIterator[Session | None]:
        """Nobody else of this process changes the session's tokens or identity meanwhile. Gives it as it is
        now; None: it has ended. Raises StoreUnavailable."""
        async with self._locks.setdefault(_key(session), asyncio.Lock()):
            held = await self._manager.resume(session.app, session.ticket.cookie_value())
            yield held if held is not None and held.signed_in else None

    async def _flight(self, session: Session, api: AuthApi, refused: Secret | None) -> Outcome:
        try:
            async with self.alone(session) as held:
                if held is None or held.tokens is None or session.tokens is None:
                    return Ended(reason="signed out meanwhile")
                if held.tokens.access != session.tokens.access:
                    # Somebody was faster: what was refused, or due, is not what it has now.
                    return Renewed(session=held)
                if refused is not None and self._settles(session):
                    return StillFresh(session=held)
                return await self._renewed(held, api, refused)
        except StoreUnavailable as error:
            return Deferred(cause=error.code)

    def _settles(self, session: Session) -> bool:
        """Whether its token has just taken the place of a refused one."""
        replaced = self._replaced.get(_key(session))
        return replaced is not None and self._clock.now() - replaced < SETTLED

    async def _renewed(self, held: Session, api: AuthApi, refused: Secret | None) -> Outcome:
        key, now = _key(held), self._clock.now()
        resting = self._resting.get(key)
        if resting is not None and now < resting.until:
            return Deferred(cause="resting")
        granted: Granted | None = None
        try:
            granted = await api.renew(held)
            session = await self._manager.renew(held, granted, renewable=True)
        except SessionEnded:
            # The log-out won: what came for a session that is gone must not live on (P107).
            if granted is not None:
                api.revoke(TokenSet(access=granted.token, refresh=granted.refresh))
            return Ended(reason="signed out meanwhile")
        except SignInRefused as error:
            log.info("a session's token was not renewed", extra={"app": held.app, "why": error.detail})
            return Ended(reason=error.detail)
        except (CallFailed, ScriptFailed, StoreUnavailable, Busy) as error:
            log.warning("a token could not be renewed", extra={"app": held.app, "why": error.code})
            length = min(resting.length * 2, LONGEST_REST) if resting is not None else REST
            # Sessions that failed together do not come back together.
            spread = length * (1 - secrets.randbelow(250) / 1000)
            self._resting.note(key, _Resting(self._clock.now() + spread, length))
            return Deferred(cause=error.code)
        self._resting.pop(key, None)
        if refused is not None:
            self._replaced.note(key, self._clock.now())
        return Renewed(session=session)


def _key(session: Session) -> str:
    return session.ticket.key("refresh")
