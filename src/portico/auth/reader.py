"""Sessions as they are: whether a cookie opens one, and what is kept of it.

Answers planted cookies (P6: an id this server did not issue is ignored, neither adopted nor deleted),
sessions that are idle (`reference/security.md` row 9), and outages that look like log-outs (P115:
StoreUnavailable is passed on, never read as "nobody").
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portico.auth.appstore import AppStore, Kept
from portico.auth.belongings import Belongings
from portico.auth.cards import Cards
from portico.auth.directory import Directory
from portico.auth.dismissal import Dismissals
from portico.auth.ending import Endings
from portico.auth.groups import Groups, joined, named
from portico.auth.limits import LIMITS, SessionLimits
from portico.auth.ports import Lease, Outbox, SessionIndex, SessionStore, TimelineStore, VisitStore
from portico.auth.records import SessionRecords
from portico.auth.revocations import Revocations
from portico.auth.seen import Seen
from portico.auth.session import KIND, Session, SessionEnded
from portico.auth.tags import Tags
from portico.auth.ticket import Ticket
from portico.auth.timelines import Timelines
from portico.auth.visits import Visits
from portico.clock import Clock
from portico.errors import SignInRefused, StoreUnavailable
from portico.values import Secret


class SessionReader:
    """Resumes sessions, and reads what apps store for them.

    Every method raises StoreUnavailable where the store cannot be asked.
    """

    def __init__(
        self,
        store: SessionStore,
        index: SessionIndex,
        visits: VisitStore,
        outbox: Outbox,
        timeline: TimelineStore,
        clock: Clock,
        server_key: Secret,
        *,
        limits_of: Callable[[str], SessionLimits] = lambda _: LIMITS,
        anonymous_lifetime: timedelta = timedelta(minutes=30),
    ) -> None:
        self._tags = Tags(server_key)
        self._cards = Cards(server_key)
        self._store = store
        self._records = SessionRecords(store)
        self._index = index
        self._values = AppStore(store)
        self._clock = clock
        self._limits_of = limits_of
        self._anonymous_lifetime = anonymous_lifetime
        self._seen = Seen(store, clock, server_key)
        #: the apps that share their sessions
        self.groups = Groups()
        #: the stored visits of these sessions
        self.visits = Visits(visits, self._tags, clock)
        #: what happens to sessions, for their operator
        self.timelines = Timelines(timeline, self._cards, clock, server_key, latest=self._latest_end)
        #: what auth APIs are still to be told of sessions that ended
        self.revocations = Revocations(outbox, store, clock, server_key, self.timelines)
        #: the sessions that there are, for those who do not hold their cookies
        self.directory = Directory(index, self._cards, self._seen, self.timelines, clock)
        #: how those end that are ended by others
        self.dismissals = Dismissals(store, self._values, self.directory, self._seen, self.timelines)
        self._belongings = Belongings(self.groups, self._values, self.visits)
        self._endings = Endings(
            store,
            records=self._records,
            latest=self._latest,
            clock=clock,
            belongings=self._belongings,
            seen=self._seen,
            directory=self.directory,
            revocations=self.revocations,
            timelines=self.timelines,
        )

    async def resume(self, app: str, cookie_value: str | None) -> Session | None:
        """The session of a cookie, as `app` sees it. None without one, and for any value that names no living
        session of the app or its group: it is ignored. The store is asked only about well-formed ones."""
        ticket = Ticket.parse(cookie_value) if cookie_value else None
        if ticket is None:
            return None
        session = await self._records.load(ticket, tag=self._page_tag(ticket))
        session = self.groups.seen(session, app) if session is not None else None
        now = self._clock.now()
        if session is None or session.expires_at <= now:
            return None
        if not await self._seen.lives(session, self._limits_of(app).idle):
            return None
        if self.groups.joins(session):
            return await self._joined(session)
        if session.pending is not None and session.pending.expires_at <= now:
            return replace(session, pending=None)
        return session

    async def sign(self, session: Session | None) -> None:
        """The user of a session does something: it is not idle. Never raises."""
        if session is not None and session.signed_in:
            await self._seen.sign(session, self._limits_of(session.app).idle)

    def id_of(self, session: Session) -> str:
        """The public id of a session, for logs and lists: it opens nothing."""
        return self._cards.id_of(session.ticket.key(KIND))

    def lease(self, session: Session, purpose: str, *, ttl: timedelta) -> Lease:
        """Be the only one, of all processes, who does this with a session (`SessionStore.lease`)."""
        return self._store.lease(session.ticket.key(purpose), ttl=ttl)

    async def read_store(self, session: Session) -> dict[str, Any]:
        """What the app stored in this session."""
        return dict((await self.read_kept(session)).values)

    async def read_kept(self, session: Session) -> Kept:
        """The same, with the tokens behind the handles in it."""
        return await self._values.read(session, app=session.app)

    async def _joined(self, session: Session) -> Session:
        """A session that another app began, taken over by this one, whether or not that can be noted."""
        try:
            written = await self._records.replace(session, named(joined(session)))
            if written is not None:
                await self._file(written)
            return written or session
        except (StoreUnavailable, SignInRefused):
            return session

    async def _file(self, session: Session) -> None:
        """Enter a session in the index, if somebody is signed in to it."""
        await self.directory.file(session, self._limits_of(session.app).idle, apps=self.groups.apps(session))

    async def _again(self, session: Session) -> Session:
        """The session as somebody else wrote it. Raises SessionEnded."""
        held = await self._latest(session)
        if held is None:
            raise SessionEnded("it ended while it was written")
        return held

    async def _latest(self, session: Session) -> Session | None:
        """The session as it is by now; None if it has ended."""
        return await self.resume(session.app, session.ticket.cookie_value())

    def _latest_end(self, session: Session) -> datetime:
        """When a session ends at the latest, whatever it is renewed with."""
        return session.created_at + self._lifetime(session)

    def _lifetime(self, session: Session) -> timedelta:
        return self._limits_of(session.app).absolute

    def _page_tag(self, ticket: Ticket) -> str:
        return self._tags.tag("page", ticket.id.reveal())[:16]
