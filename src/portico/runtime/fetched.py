"""A document of another server that is asked for again and again, and fetched now and then (P87).

All who need it at once wait for one fetch. It is used until it is old, and after that for as long as the
other server cannot be asked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from portico.clock import Clock
from portico.errors import CallFailed, SignInRefused

log = logging.getLogger("portico.runtime")

T = TypeVar("T")

#: Between two fetches of something that there is already, whatever asks for them.
PAUSE = timedelta(seconds=30)
#: For how long an outage of the other server is bridged.
STALE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    value: T
    since: datetime


class Fetched(Generic[T]):
    """What `fetch` gives, for `life` at a time. `fetch` raises CallFailed, or SignInRefused for an answer
    that must not be used."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock, life: timedelta) -> None:
        self._fetch = fetch
        self._clock = clock
        self._life = life
        self._held: _Held[T] | None = None
        self._asked: datetime | None = None
        self._flight: asyncio.Task[T] | None = None

    async def current(self) -> T:
        """The document. Raises what `fetch` raises, if there is none that can still be used."""
        held = self._held
        if held is not None and self._within(held.since, self._life):
            return held.value
        if held is None or not self._within(held.since, STALE):
            return await self._one()
        return await self.newer()

    async def newer(self) -> T:
        """The document as it is now, if it was not asked for in the last 30 seconds, and can be: else the
        one that there is."""
        held = self._held
        if held is None:
            return await self._one()
        if self._flight is None and self._asked is not None and self._within(self._asked, PAUSE):
            return held.value
        try:
            return await self._one()
        except (CallFailed, SignInRefused) as error:
            log.warning("an older document is used", extra={"code": error.code, "why": error.detail})
            return held.value

    async def _one(self) -> T:
        """The one fetch; who stops waiting does not end it."""
        if self._flight is None:
            self._asked = self._clock.now()
            self._flight = asyncio.create_task(self._fetched())
            self._flight.add_done_callback(self._settle)
        return await asyncio.shield(self._flight)

    async def _fetched(self) -> T:
        value = await self._fetch()
        self._held = _Held(value, self._clock.now())
        return value

    def _settle(self, flight: "asyncio.Task[T]") -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # whoever waits is told; nobody has to

    def _within(self, since: datetime, span: timedelta) -> bool:
        """Whether it is not longer ago; a clock that went back says nothing."""
        return timedelta(0) <= self._clock.now() - since < span
