"""Writing timelines down, behind what happens: nothing waits for it, and nothing fails because of it.

A timeline belongs to a lineage, so it goes on when its user signs in anew, and is sealed with a subkey of the
server key: its reader is the operator, who does not hold the cookie. The card of a session outlives it by as
long as its timeline is kept, so that a public id still leads there.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from portico.auth.cards import Cards
from portico.auth.envelope import seal, unseal
from portico.auth.ports import TimelineStore
from portico.auth.remembered import Remembered
from portico.auth.session import Session
from portico.auth.timeline import Entry, Event, SignedIn, decode, encode, merged
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.values import Secret

log = logging.getLogger("portico.auth")

_KIND = "timeline"
#: Most entries of a session, and for how long they stay after its end.
MOST = 200
KEPT = timedelta(days=7)
#: Seconds in which what happens is written at once; most of one session in that, and most sessions that wait.
BURST = 0.25
BURST_LIMIT = 50
WAITING_LIMIT = 10_000
#: How long the same event in a row is only counted, from this to that.
FIRST_HOLD, LONGEST_HOLD = timedelta(minutes=5), timedelta(hours=4)
#: Seconds after which it is looked whether such a count is to be written.
LOOK = 60.0


@dataclass(slots=True)
class _Batch:
    """What is to be written of one timeline at once."""

    until: datetime
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class _Last:
    """The last event of a timeline, how often it came since it was written, and when the count is due."""

    event: Event
    until: datetime
    hold: timedelta
    due: datetime
    at: datetime
    times: int = 0


class Timelines:
    """Notes events, and writes them down in the background. `latest`: when a session ends at the latest."""

    def __init__(
        self,
        store: TimelineStore,
        cards: Cards,
        clock: Clock,
        server_key: Secret,
        *,
        latest: Callable[[Session], datetime],
    ) -> None:
        self._store = store
        self._cards = cards
        self._clock = clock
        self._key = server_key
        self._latest = latest
        self._waiting: dict[str, _Batch] = {}
        self._last: Remembered[_Last] = Remembered()
        self._bell = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._down = False
        self._listeners: set[Callable[[], None]] = set()

    def note(self, session: Session | None, event: Event) -> None:
        """Something happened to a session. Returns at once and raises nothing. What happens to visitors who
        have not taken a step of a sign-in is not kept (P14)."""
        if session is None or (session.identity is None and session.pending is None):
            return
        key, now = self._cards.timeline_of(session), self._clock.now()
        until = self._latest(session) + KEPT
        self._note(key, until, event, now)

    def note_by_key(self, key: str, event: Event, *, until: datetime) -> None:
        """The same for a session of which only the card is known; `until`: when it would have ended."""
        self._note(key, until + KEPT, event, self._clock.now())

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after something was written."""
        self._listeners.add(listener)

    def _note(self, key: str, until: datetime, event: Event, now: datetime) -> None:
        last = self._last.get(key)
        if last is not None and last.event == event:
            last.times, last.at = last.times + 1, now
            return
        if last is not None:
            self._counted(key, last)
        self._add(key, until, Entry(at=now, event=event))
        self._last.note(key, _Last(event, until, FIRST_HOLD, now + FIRST_HOLD, now))

    def _counted(self, key: str, last: _Last) -> None:
        """Let what was only counted be written."""
        if last.times:
            self._add(key, last.until, Entry(at=last.at, event=last.event, times=last.times))
            last.times = 0

    def _add(self, key: str, until: datetime, entry: Entry) -> None:
        batch = self._waiting.get(key)
        if batch is None:
            if len(self._waiting) >= WAITING_LIMIT:
                return
            batch = self._waiting[key] = _Batch(until)
        batch.entries.append(entry)
        del batch.entries[:-BURST_LIMIT]
        self._bell.set()

    async def work(self) -> None:
        """Write what was noted, until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._bell.wait(), LOOK)
                await asyncio.sleep(BURST)
            except TimeoutError:
                pass
            await self.flush()

    async def flush(self) -> None:
        """Write what was noted so far, in its order; and counts that are due. What the store does not take is
        dropped: a history is not worth a request that waits."""
        async with self._flushing:
            self._bell.clear()
            self._hold_on()
            while self._waiting:
                key = next(iter(self._waiting))
                await self._written(key, self._waiting.pop(key))
            for listener in self._listeners:
                listener()

    async def close(self) -> None:
        """Write what is left, with all counts."""
        for key, last in self._last.items():
            self._counted(key, last)
        await self.flush()

    async def read(self, key: str) -> tuple[Entry, ...]:
        """The last entries of a timeline, oldest first, with what this process is about to write. Raises
        StoreUnavailable."""
        found: list[Entry] = []
        for blob in await self._store.read(key):
            content = unseal(blob, secret=self._key, kind=_KIND, key=key)
            found += decode(content) if content is not None else ()
        if (batch := self._waiting.get(key)) is not None:
            found += batch.entries
        return tuple(merged(found)[-MOST:])

    def _hold_on(self) -> None:
        """Counts whose time has come are written; the next time they are held longer."""
        now = self._clock.now()
        for key, last in self._last.items():
            if last.times and last.due <= now:
                self._counted(key, last)
                last.hold = min(last.hold * 2, LONGEST_HOLD)
                last.due = now + last.hold

    async def _written(self, key: str, batch: _Batch) -> None:
        blob = seal(encode(batch.entries), secret=self._key, kind=_KIND, key=key)
        try:
            await self._store.append(key, blob, expires_at=batch.until, most=MOST)
            self._down = False
        except StoreUnavailable as error:
            if not self._down:
                log.warning("timelines are not written", extra={"why": error.detail})
            self._down = True


def signed_in(how: SignedIn, session: Session, public_id: str) -> SignedIn:
    """The event of a sign-in, with what the session says of it."""
    roles = tuple(sorted(session.identity.roles)) if session.identity is not None else ()
    return replace(how, roles=roles, session=public_id)
