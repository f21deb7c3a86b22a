"""The open pages of this process: opening them, finding the one an event belongs to, letting go."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from weakref import WeakValueDictionary

from portico.auth import visits as records
from portico.auth.appstore import Kept
from portico.auth.manager import SessionManager
from portico.auth.sealing import Vault
from portico.auth.session import Session
from portico.clock import Clock
from portico.culture.culture import Culture
from portico.errors import TooMany
from portico.model.app import App
from portico.model.page import Page
from portico.model.widget import WidgetType
from portico.runtime.attempts import Attempts
from portico.runtime.callees import Callee
from portico.runtime.contract import ContractRunner
from portico.runtime.digests import Digests
from portico.runtime.environment import environment
from portico.runtime.files import Files
from portico.runtime.load import whole
from portico.runtime.observer import Observer
from portico.runtime.surface import Surface
from portico.runtime.uploads import Uploads
from portico.runtime.visit import Visit
from portico.runtime.visitor import Visitor
from portico.runtime.witness import Witness
from portico.sandbox.pool import Pool
from portico.values import new_id

log = logging.getLogger("portico.runtime")

#: How long a visit that only a GET opened, and any other, stays in memory without an event.
FRESH = timedelta(seconds=60)
RESTING = timedelta(minutes=5)
#: How long after its last tick a visit with timers counts as one that ticks.
TICKING = timedelta(seconds=90)
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


class Woken(Enum):
    """What was known of a visit that is to be used: its context, its snapshot, or nothing. Then the
    page has to be loaded, and the browser must be sent all of it."""

    LIVE = auto()
    RESTORED = auto()
    ANEW = auto()


class Visits:
    """Holds visits. One a tab and page, bound to the browser's session or, without one, to the
    id alone, which is 128 bits of the client's own. `observer` hears what happens in them."""

    def __init__(
        self,
        *,
        types: Mapping[str, WidgetType],
        pool: Pool,
        client: Callee,
        contract: ContractRunner,
        attempts: Attempts,
        digests: Digests,
        manager: SessionManager,
        records: records.Visits,
        clock: Clock,
        uploads: Uploads,
        observer: Observer | None = None,
    ) -> None:
        self._uploads = uploads
        self._types = types
        self._process = new_id()
        self._pool = pool
        self._client = client
        self._contract = contract
        self._attempts = attempts
        self._digests = digests
        self._manager = manager
        self._clock = clock
        self._records = records
        self._observer = observer
        self._held: dict[Key, Visit] = {}
        self._addresses: dict[Visit, str] = {}
        self._doors: WeakValueDictionary[Key, asyncio.Lock] = WeakValueDictionary()
        self._openings: Counter[str] = Counter()
        self._retired: set[Visit] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Let go of every visit."""
        held, self._held = list(self._held.values()), {}
        await asyncio.gather(*(visit.close() for visit in held), *self._closing)
        self._uploads.close()
        self._digests.close()

    @property
    def count(self) -> int:
        """How many are held here."""
        return len(self._held)

    def witness(self, app: App) -> Witness:
        """Tells of what happens apart from any open page, where a sign-in comes back."""
        page = app.pages[app.contract.entry_page if app.contract is not None else app.home]
        surface = Surface(page, self._types)
        return Witness(app, page, surface, visit_id=new_id(), observer=self._observer)

    # Opening

    @asynccontextmanager
    async def opened(self, app: App, page: Page, visitor: Visitor) -> AsyncIterator[Visit]:
        """A new visit, held while a page is shown for the first time. What was handed on to it is
        in it. Raises TooMany, StoreUnavailable."""
        visit = self._new(app, page, visitor.handed or new_id())
        with self._opening(visitor):
            self._hold(visit, visitor, ADDRESS_CAP)
            visit.dispatching += 1
            try:
                if visitor.handed is not None:
                    await self._adopt(visit, visitor.session)
                yield visit
            finally:
                visit.dispatching -= 1
            if not visit.busy:
                await visit.keep()
                await visit.rest()
            self._part_with(visit)

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

    async def wake(self, visit: Visit, visitor: Visitor) -> Woken:
        """Make sure that the visit has a context."""
        async with visit.waking:
            before, visit.culture = visit.culture, visitor.culture
            visit.files.enter(visitor.session)
            if visit.live:
                return Woken.LIVE
            unknown = visit.snapshot is None
            if unknown:
                visit.unloaded = whole(visit)
            elif before not in (None, visitor.culture) and not visit.ledger.answered.highest:
                # The page was shown before its browser could say this: all of it is computed and sent
                # again, and what it fetched may have been asked for by date.
                unknown = True
                visit.load_again(visit.page.reads)
            await visit.boot(await self.environment(visit, visitor.url, visitor.session))
            return Woken.ANEW if unknown else Woken.RESTORED

    async def hand_on(self, left: Visit, page: Page, session: Session | None) -> str:
        """Let the next page of a tab begin with what the one that is `left` kept for the tab (hard-cases
        31), and with the tokens behind handles in it. Returns the id of the visit that it begins. Raises
        StoreUnavailable."""
        visit = self._new(left.app, page, new_id())
        visit.tab_store = dict(left.tab_store)
        visit.vault.learn(left.vault.kept(json.dumps(left.tab_store)))
        await self.mark(visit, session)
        return visit.id

    async def environment(
        self, visit: Visit, url: Mapping[str, Any], session: Session | None
    ) -> dict[str, Any]:
        """The `env` input for this visit as the stores are now."""
        kept = await self._manager.read_kept(session) if session else Kept()
        visit.cookies.enter(session)
        jar = visit.cookies.jar
        if session is not None and session.step is not None:
            visit.vault.learn(session.step.sealed)
        held = session or jar
        visit.vault.hold(held.slots, held.handles)
        visit.vault.learn(kept.sealed)
        return environment(
            visit.app,
            visit.page,
            url=url,
            fragment=visit.fragment,
            session=session,
            jar=jar,
            persistent=_newest(kept.values, visit.vault),
            tab_store=_newest(visit.tab_store, visit.vault),
            culture=visit.culture or Culture(visit.app.locale, visit.app.timezone),
            vault=visit.vault,
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
            if visit is not None and visit.app.version != app.version:
                self._retired.add(visit)
                self._part_with(visit)
                visit = None
            if visit is None:
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
            self._part_with(visit)

    async def _lease(self, visit: Visit, session: Session | None) -> None:
        """Take the visit's lease, and what another process saved of it since."""
        await visit.lease.enter_async_context(
            self._records.lease(visit.app.slug, session, visit.id, ttl=LEASE, patience=PATIENCE)
        )
        try:
            await self._adopt(visit, session)
        except BaseException:
            await visit.lease.aclose()
            raise

    async def _adopt(self, visit: Visit, session: Session | None) -> None:
        stored = await self._records.load(visit.app.slug, session, visit.id)
        if stored is not None and stored.version != visit.version:
            await visit.rest()
            visit.adopt(stored.version, stored.content)

    async def save(self, visit: Visit, session: Session | None) -> None:
        """Keep the visit as it is now: before the event's answer is sent (hard-cases 5).

        A state that is too large is left out: the page is then loaded anew. Raises StoreUnavailable.
        """
        if not visit.waiting:
            await visit.keep()
        await self.mark(visit, session)

    async def mark(self, visit: Visit, session: Session | None) -> None:
        """Store the visit as it was last kept, with the numbers of its events."""
        # Events of one page may end together: whoever comes later stores what the other did, too.
        async with visit.saving:
            content = visit.content()
            if len(content) > records.LIMIT:
                content = visit.content(whole=False)
            version = await self._records.save(
                visit.app.slug, session, visit.id, content, version=visit.version or None
            )
            if version is None:
                log.warning("visit not saved: another process did", extra={"app": visit.app.slug})
            else:
                # Whoever held it holds nothing any more: it is ours from this version on.
                visit.version, visit.elsewhere = version, 0.0

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
        if session is not None:
            self._uploads.end_session(visit.app.slug, session.lineage)
        await visit.wipe()
        await self._records.delete(visit.app.slug, session, visit.id)

    def retire(self, app: App) -> None:
        """Another version takes the place of this one: its visits go, those in use when their events are
        answered. A page that is still open goes on with the new version."""
        self._retired |= {visit for visit in self._held.values() if visit.app.key == app.key}
        for visit in list(self._retired):
            self._part_with(visit)

    def _part_with(self, visit: Visit) -> None:
        if visit in self._retired and not visit.dispatching:
            self._forget(visit)

    # Holding

    def _new(self, app: App, page: Page, visit_id: str) -> Visit:
        return Visit(
            app,
            page,
            self._types,
            visit_id=visit_id,
            process=self._process,
            pool=self._pool,
            client=self._client,
            contract=self._contract,
            attempts=self._attempts,
            digests=self._digests,
            manager=self._manager,
            clock=self._clock,
            files=Files(self._uploads, app.slug, visit_id),
            observer=self._observer,
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
        now = self._clock.now()
        # Its timers would be lost with it, so one that ticks goes last (R6).
        ticks = {visit: bool(visit.timers) and now - visit.touched <= TICKING for visit in idle}
        self._forget(min(idle, key=lambda visit: (ticks[visit], visit.touched)))

    def _expire(self) -> None:
        now = self._clock.now()
        for visit in list(self._held.values()):
            if not visit.busy and now - visit.touched > (RESTING if visit.version else FRESH):
                self._forget(visit)

    def _forget(self, visit: Visit) -> None:
        for key in [key for key, held in self._held.items() if held is visit]:
            del self._held[key]
        self._addresses.pop(visit, None)
        self._retired.discard(visit)
        task = asyncio.create_task(visit.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _newest(values: Mapping[str, Any], vault: Vault) -> dict[str, Any]:
    """Stored values as they would be given out now: a sealed token is a name for the session's current one
    (hard-cases 4)."""
    return {key: vault.newest(value) if isinstance(value, str) else value for key, value in values.items()}


def _key(app: App, page: Page, session: Session | None, visit_id: str) -> Key:
    return (app.slug, page.name, session.lineage if session else "", visit_id)
