"""How a session ends: its record first, so that whatever happens after that, nobody is signed in any more."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from portico.auth.belongings import Belongings, tidy
from portico.auth.directory import Directory
from portico.auth.ports import SessionStore
from portico.auth.records import SessionRecords
from portico.auth.revocations import Message, Revocations
from portico.auth.seen import Seen
from portico.auth.session import KIND, Session
from portico.auth.timeline import End, Reason, masked
from portico.auth.timelines import Timelines
from portico.clock import Clock
from portico.errors import Busy

#: How often an end meets somebody who writes the same record before it gives up.
_ENDINGS = 8


class Endings:
    """Deletes everything of sessions."""

    def __init__(
        self,
        store: SessionStore,
        *,
        records: SessionRecords,
        latest: Callable[[Session], Awaitable[Session | None]],
        clock: Clock,
        belongings: Belongings,
        seen: Seen,
        directory: Directory,
        revocations: Revocations,
        timelines: Timelines,
    ) -> None:
        self._store = store
        self._records = records
        self._latest = latest
        self._clock = clock
        self._belongings = belongings
        self._seen = seen
        self._directory = directory
        self._revocations = revocations
        self._timelines = timelines

    async def end(
        self, session: Session, *, revoke: bool, visits: bool, why: Reason | None, cause: str = ""
    ) -> None:
        """End a session. `revoke`: the auth API is told that its tokens are used no more; that is on the disk
        before the session is gone, as nobody knows them then. `visits`: its pages are of no use to whoever
        comes after. `why` is None if it goes on under another ticket. Raises StoreUnavailable."""
        key = session.ticket.key(KIND)
        message = await self._filed(session) if revoke and session.tokens is not None else None
        await self._store.delete(key)
        if why is not None:
            self._timelines.note(session, End(reason=why, cause=masked(cause)))
        if message is not None:
            self._revocations.post(message)
        await self._belongings.drop(session, visits=visits)
        await tidy("last sign", self._seen.forget(key))
        await tidy("index", self._directory.close(session, apps=self._belongings.apps(session)))

    async def _filed(self, session: Session) -> Message:
        """A message about the very tokens that the session ends with: whoever renews them at the same time
        either is too late, and drops what came, or was first, and then these are the tokens."""
        message: Message | None = None
        for _ in range(_ENDINGS):
            # Those of a page may be older.
            held = await self._latest(session)
            message = await self._revocations.file(held or session, ends=True, instead=message)
            if held is None:
                return message
            if await self._records.replace(held, replace(held, expires_at=self._clock.now())) is not None:
                return message
        raise Busy("a session's record kept changing")
