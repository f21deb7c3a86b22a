"""The open pages of this process: opening them, finding the one an event belongs to, letting go."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from portico.auth import visits as records
from portico.auth.manager import SessionManager
from portico.auth.session import Session
from portico.clock import Clock
from portico.errors import TooMany
from portico.model.app import App
from portico.model.page import Page
from portico.model.query import READING
from portico.model.widget import WidgetType
from portico.runtime.environment import environment
from portico.runtime.http import Client
from portico.runtime.visit import Visit
from portico.sandbox.pool import Pool
from portico.values import SitePath, new_id

log = logging.getLogger("portico.runtime")

#: Seconds that a GET waits for its queries (hard-cases 12).
LOAD_PATIENCE = 1.0
#: How long a visit that only a GET opened, and any other, stays in memory without an event.
FRESH = timedelta(seconds=60)
RESTING = timedelta(minutes=5)
#: Visits held in memory: of one app, of one session, and of one address without a session.
APP_CAP = 400
SESSION_CAP = 20
ADDRESS_CAP = 40
#: Of an address without a session, when an event needs a place: slow pages must not take them all.
EVENT_CAP = 80
#: Pages being opened at once, in all and by one address.
OPENINGS = 64
ADDRESS_OPENINGS = 32
#: A visit's lease, and how long another process waits for it (hard-cases 5): longer than the lease
#: of a process that died. An event that outlives its lease is caught by the visit's version.
LEASE = timedelta(seconds=8)
PATIENCE = timedelta(seconds=10)

Key = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who asks: the session and address that the boundary found, the page's path, `appsmith.URL`,
    a kept return-to, and whether this request may change something (hard-cases 12)."""

    session: Session | None
    here: SitePath
    url: Mapping[str, Any]
    address: str
    return_to: SitePath | None = None
    may_write: bool = True


class Visits:
    """Holds visits. One a tab and page, bound to the browser's session or, without one, to the
    id alone, which is 128 bits of the client's own."""

    def __init__(
        self,
        *,
        types: Mapping[str, WidgetType],
        pool: Pool,
        client: Client,
        manager: SessionManager,
        records: records.Visits,
        clock: Clock,
    ) -> None:
        self._types = types
        self._pool = pool
        self._client = client
        self._manager = manager
        self._clock = clock
        self._records = records
        self._held: dict[Key, Visit] = {}
        self._addresses: dict[Visit, str] = {}
        self._doors: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._openings: Counter[str] = Counter()
        self._closing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Let go of every visit."""
        held, self._held = list(self._held.values()), {}
        await asyncio.gather(*(visit.close() for visit in held), *self._closing)

    # Opening

    async def open(self, app: App, page: Page, visitor: Visitor) -> tuple[Visit, bool]:
        """Show a page: its bindings, and the queries of its load, waited for at most 1 s.

        Returns the visit and whether something is still to load: requests that are open, or
        queries that only an event may run. Raises ScriptFailed, TooMany, StoreUnavailable.
        """
        visit = self._new(app, page, new_id())
        with self._opening(visitor):
            self._hold(visit, visitor, ADDRESS_CAP)
            visit.dispatching += 1
            try:
                await self.wake(visit, visitor)
            finally:
                visit.dispatching -= 1
            if not visit.busy:
                await visit.keep()
                await visit.rest()
        return visit, visit.busy or bool(visit.unloaded)

    @contextmanager
    def _opening(self, visitor: Visitor) -> Iterator[None]:
        """Bounds the pages that are being opened at once, in all and for one address."""
        here = self._openings[visitor.address]
        if here >= ADDRESS_OPENINGS or self._openings.total() >= OPENINGS:
            raise TooMany("too many pages are being opened")
        self._openings[visitor.address] += 1
        try:
            yield
        finally:
            self._openings[visitor.address] -= 1
            self._openings += Counter()  # drops those at zero

    async def wake(self, visit: Visit, visitor: Visitor) -> bool:
        """Make sure that the visit has a context. True: nothing was known of it, so the page was
        loaded anew and the browser must be sent all of it."""
        async with visit.waking:
            if visit.live:
                return False
            unknown = visit.snapshot is None
            if unknown:
                visit.unloaded = list(visit.page.on_load)
            await visit.boot(await self.environment(visit, visitor.url, visitor.session))
            await self.load(visit, visitor)
            return unknown

    async def load(self, visit: Visit, visitor: Visitor) -> None:
        """Run those queries of the page's load that have not run and that this request may run."""
        allowed = [
            path for path in visit.unloaded if visitor.may_write or visit.page.queries[path].method in READING
        ]
        if not allowed:
            return
        visit.unloaded = [path for path in visit.unloaded if path not in allowed]
        run = visit.begin()
        try:
            await visit.turn([{"k": "run", "ev": run.ev, "q": path, "load": True} for path in allowed], run)
            await visit.settle(run, LOAD_PATIENCE)
        finally:
            visit.end(run)
        if run.failure is not None:
            raise run.failure

    async def environment(
        self, visit: Visit, url: Mapping[str, Any], session: Session | None
    ) -> dict[str, Any]:
        """The `env` input for this visit as the stores are now."""
        persistent = await self._manager.read_store(session) if session else {}
        return environment(
            visit.app, url=url, session=session, persistent=persistent, tab_store=visit.tab_store
        )

    # Finding

    @asynccontextmanager
    async def entered(self, app: App, page: Page, visitor: Visitor, visit_id: str) -> AsyncIterator[Visit]:
        """The visit an event belongs to: as held here, else as stored, else a new one.

        While it is entered no other process dispatches to it; events of this process interleave
        by turns. Raises Busy if another process does not let go in 10 s, TooMany, StoreUnavailable.
        """
        key = _key(app, page, visitor.session, visit_id)
        async with self._doors.setdefault(key, asyncio.Lock()):
            visit = self._held.get(key)
            if visit is None or visit.app.version != app.version:
                visit = self._new(app, page, visit_id)
                self._hold(visit, visitor, EVENT_CAP)
            if not visit.dispatching:
                await self._lease(visit, visitor.session)
            visit.dispatching += 1
        try:
            yield visit
        finally:
            visit.dispatching -= 1
            visit.touched = self._clock.now()
            if not visit.dispatching:
                # Whoever enters from here on takes a lease of its own.
                lease, visit.lease = visit.lease, AsyncExitStack()
                await lease.aclose()

    async def _lease(self, visit: Visit, session: Session | None) -> None:
        """Take the visit's lease, and what another process saved of it since."""
        await visit.lease.enter_async_context(
            self._records.lease(visit.app.slug, session, visit.id, ttl=LEASE, patience=PATIENCE)
        )
        try:
            stored = await self._records.load(visit.app.slug, session, visit.id)
            if stored is not None and stored.version != visit.version:
                await visit.rest()
                visit.adopt(stored.version, json.loads(stored.content))
        except BaseException:
            await visit.lease.aclose()
            raise

    async def save(self, visit: Visit, session: Session | None) -> None:
        """Keep the visit as it is now: before the event's answer is sent (hard-cases 5).

        A state that is too large is left out: the page is then loaded anew. Raises StoreUnavailable.
        """
        if not visit.waiting:
            await visit.keep()
        await self.mark(visit, session)

    async def mark(self, visit: Visit, session: Session | None) -> None:
        """Store the visit as it was last kept, with the numbers of its events."""
        content = json.dumps(visit.state()).encode()
        if len(content) > records.LIMIT:
            content = json.dumps({**visit.state(), "snapshot": None}).encode()
        version = await self._records.save(
            visit.app.slug, session, visit.id, content, version=visit.version or None
        )
        if version is None:
            log.warning("visit not saved: another process did", extra={"app": visit.app.slug})
        else:
            visit.version = version

    def rebind(self, visit: Visit, visitor: Visitor, session: Session | None) -> None:
        """The event began a session: the visit goes on under it."""
        self._held.pop(_key(visit.app, visit.page, visitor.session, visit.id), None)
        self._addresses.pop(visit, None)
        visit.version = 0
        self._hold(visit, replace(visitor, session=session), EVENT_CAP)

    async def leave(self, visit: Visit, session: Session | None) -> None:
        """Somebody signed in or out: nothing of this visit goes on but its answers, for a client
        that lost one; other visits of a session that ended are closed."""
        for key, held in list(self._held.items()):
            if held is not visit and session is not None and key[2] == session.lineage:
                self._forget(held)
        await visit.wipe()
        await self._records.delete(visit.app.slug, session, visit.id)

    # Holding

    def _new(self, app: App, page: Page, visit_id: str) -> Visit:
        return Visit(
            app,
            page,
            self._types,
            visit_id=visit_id,
            pool=self._pool,
            client=self._client,
            clock=self._clock,
        )

    def _hold(self, visit: Visit, visitor: Visitor, address_cap: int) -> None:
        """Keep a visit in memory within the caps; idle ones that were used longest ago make room."""
        self._expire()
        held = list(self._held.items())
        lineage = visitor.session.lineage if visitor.session else ""
        mine = (
            [other for key, other in held if key[2] == lineage]
            if lineage
            else [other for key, other in held if self._addresses.get(other) == visitor.address]
        )
        self._make_room([other for _, other in held if other.app.slug == visit.app.slug], APP_CAP)
        self._make_room(mine, SESSION_CAP if lineage else address_cap)
        if not lineage:
            self._addresses[visit] = visitor.address
        self._held[_key(visit.app, visit.page, visitor.session, visit.id)] = visit

    def _make_room(self, visits: list[Visit], cap: int) -> None:
        if len(visits) < cap:
            return
        idle = [visit for visit in visits if not visit.busy]
        if not idle:
            raise TooMany(f"{cap} open pages are all busy")
        self._forget(min(idle, key=lambda visit: visit.touched))

    def _expire(self) -> None:
        now = self._clock.now()
        for visit in list(self._held.values()):
            if not visit.busy and now - visit.touched > (RESTING if visit.version else FRESH):
                self._forget(visit)

    def _forget(self, visit: Visit) -> None:
        for key in [key for key, held in self._held.items() if held is visit]:
            del self._held[key]
        self._addresses.pop(visit, None)
        task = asyncio.create_task(visit.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _key(app: App, page: Page, session: Session | None, visit_id: str) -> Key:
    return (app.slug, page.name, session.lineage if session else "", visit_id)
