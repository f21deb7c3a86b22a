"""One holder at a time for what must not be done twice, in this process and in all others (P98-P101)."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from portico.auth.manager import SessionManager
from portico.auth.ports import Held
from portico.auth.session import Session
from portico.errors import CallFailed


class TurnOver(CallFailed):
    """The lease ran out before anything was sent, as when this process was stopped for a while: by now it is
    somebody else's turn."""

    code = "turn_over"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """The lease of a session, and the session as it is now that nobody else has it; None: it has ended.
    `until` is by the monotonic clock of this process, from before the lease was taken."""

    session: Session | None
    fence: int
    until: float

    @property
    def lasts(self) -> bool:
        """Whether it surely is our turn still."""
        return monotonic() < self.until

    def check(self) -> None:
        """Raises TurnOver unless it lasts. To be called at the last moment before something is sent."""
        if not self.lasts:
            raise TurnOver("the lease ran out before the token was sent")


@dataclass(frozen=True, kw_only=True, slots=True)
class NoTurn:
    """Somebody else has the lease; the session as it is meanwhile."""

    session: Session | None


class Turns:
    """Gives them, for `ttl` at most."""

    def __init__(self, manager: SessionManager, ttl: timedelta) -> None:
        self._manager = manager
        self._ttl = ttl
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, session: Session, *, ttl: timedelta | None = None) -> AsyncIterator[Turn | NoTurn]:
        """The session's turn, after those of this process that wait for it longer. Whoever gets it has the
        session as it was written last. Raises StoreUnavailable: that is no turn."""
        async with self._locks.setdefault(session.ticket.key("refresh"), asyncio.Lock()):
            until = monotonic() + (ttl or self._ttl).total_seconds()
            async with self._manager.lease(session, "refresh", ttl=ttl or self._ttl) as lease:
                held = await self._manager.resume(session.app, session.ticket.cookie_value())
                found = held if held is not None and held.signed_in else None
                if isinstance(lease, Held):
                    yield Turn(session=found, fence=lease.fence, until=until)
                else:
                    yield NoTurn(session=found)

    @asynccontextmanager
    async def awaited(
        self, session: Session, *, patience: timedelta, ttl: timedelta | None = None
    ) -> AsyncIterator[Turn | NoTurn]:
        """The session's turn as soon as it can be had; NoTurn if that takes longer than `patience`."""
        ends = monotonic() + patience.total_seconds()
        while True:
            async with self.turn(session, ttl=ttl) as found:
                if isinstance(found, Turn) or found.session is None or monotonic() >= ends:
                    yield found
                    return
            await pause()


def monotonic() -> float:
    """Seconds by a clock of this process that goes on while it is stopped, and is never set."""
    return asyncio.get_running_loop().time()


async def pause() -> None:
    """A short while, which differs each time: those who wait do not ask together."""
    await asyncio.sleep(0.02 + secrets.randbelow(80) / 1000)
