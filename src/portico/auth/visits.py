"""Open pages, as they are stored: bound to the browser's session and to an id only the tab knows.

Answers strangers who guess or learn a visit's id, and strangers who fill the store (hard-cases 5, 6, 17).
A visit's record has a key made of the session's lineage and the visit's id, and is sealed with the
session's secret and the id together: neither opens it alone. A visitor without a session has the
id only, which is 128 random bits.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from portico.auth.envelope import seal, unseal
from portico.auth.ports import Held, VisitStore
from portico.auth.session import Session
from portico.auth.tags import Tags
from portico.clock import Clock
from portico.errors import Busy, TooLarge
from portico.values import Secret, hashed

KIND = "visit"

#: Most bytes of one visit (hard-cases 5).
LIMIT = 1 << 20
#: Stored visits of one session, and of all visitors of an app who have none.
SESSION_CAP = 20
ANONYMOUS_CAP = 2000
_ROUND = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A stored visit."""

    content: bytes = field(repr=False)
    version: int


class Visits:
    """Stores visits. `app` is the app's name, `session` the browser's session with it, if any."""

    def __init__(
        self,
        store: VisitStore,
        tags: Tags,
        clock: Clock,
        *,
        lifetime: timedelta = timedelta(hours=12),
        anonymous_lifetime: timedelta = timedelta(minutes=30),
        session_cap: int = SESSION_CAP,
        anonymous_cap: int = ANONYMOUS_CAP,
    ) -> None:
        self._store = store
        self._tags = tags
        self._clock = clock
        self._lifetime = lifetime
        self._anonymous_lifetime = anonymous_lifetime
        self._session_cap = session_cap
        self._anonymous_cap = anonymous_cap

    async def load(self, app: str, session: Session | None, visit_id: str) -> Visit | None:
        """The visit as last saved; None if this browser has no such visit. Raises StoreUnavailable."""
        key = _key(app, session, visit_id)
        stored = await self._store.load(key)
        if stored is None:
            return None
        content = unseal(stored.blob, secret=_secret(session, visit_id), kind=KIND, key=key)
        if content is None:
            # Sealed before this browser signed in: it can never be opened again, and makes room.
            await self._store.delete(key)
            return None
        return Visit(content=content, version=stored.version)

    async def save(
        self, app: str, session: Session | None, visit_id: str, content: bytes, *, version: int | None
    ) -> int | None:
        """Write over `version` (None: a visit never saved). Returns the new version; None: another
        process wrote it meanwhile.

        A new visit over the cap makes the one go that was saved longest ago. Raises TooLarge,
        StoreUnavailable.
        """
        if len(content) > LIMIT:
            raise TooLarge(f"a visit of {len(content)} bytes")
        key, tag = _key(app, session, visit_id), self._tag(app, session)
        blob = seal(content, secret=_secret(session, visit_id), kind=KIND, key=key)
        now = self._clock.now()
        if session is None:
            expires_at = now + self._anonymous_lifetime
        else:
            expires_at = min(now + self._lifetime, session.expires_at)
        saved = await self._store.save(key, blob, expected_version=version, tag=tag, expires_at=expires_at)
        if version is None and saved is not None:
            await self._delete_oldest(tag, self._anonymous_cap if session is None else self._session_cap)
        return saved

    async def delete(self, app: str, session: Session | None, visit_id: str) -> None:
        """Forget a visit. Raises StoreUnavailable."""
        await self._store.delete(_key(app, session, visit_id))

    async def drop(self, app: str, session: Session) -> None:
        """Forget all visits that an app has of a session. Raises StoreUnavailable."""
        await self._delete_oldest(self._tag(app, session), 0)

    @asynccontextmanager
    async def lease(
        self, app: str, session: Session | None, visit_id: str, *, ttl: timedelta, patience: timedelta
    ) -> AsyncIterator[Held]:
        """Be the only process that works on a visit, for at most `ttl`.

        Waits for whoever does, at most `patience`. Raises Busy after that, StoreUnavailable.
        """
        key = _key(app, session, visit_id)
        ends = asyncio.get_running_loop().time() + patience.total_seconds()
        while True:
            async with self._store.lease(key, ttl=ttl) as lease:
                if isinstance(lease, Held):
                    yield lease
                    return
            if asyncio.get_running_loop().time() >= ends:
                raise Busy("a visit's lease was not given back in time")
            await asyncio.sleep(_ROUND)

    async def _delete_oldest(self, tag: str, keep: int) -> None:
        for key in await self._store.oldest(tag, keep=keep):
            await self._store.delete(key)

    def _tag(self, app: str, session: Session | None) -> str:
        return self._tags.tag("visits", app, session.lineage if session else "")


def _key(app: str, session: Session | None, visit_id: str) -> str:
    lineage = session.lineage if session else ""
    parts = "\0".join((app, lineage, visit_id))
    return f"{KIND}:{hashed(parts)}"


def _secret(session: Session | None, visit_id: str) -> Secret:
    return Secret(f"{session.ticket.secret.reveal() if session else ''}\0{visit_id}")
