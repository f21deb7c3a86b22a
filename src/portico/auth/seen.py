"""When the user of a session was last there: a small record beside the session's (hard-cases 2).

It is no part of the session's record, so that a page that is opened never disturbs a renewal. Its expiry is
the idle limit, so that the limit holds in every process and by the store's own word (row 9). Only what a user
does is a sign: polling, timers and other tabs' questions are none (row 12).
"""

import json
import logging
from datetime import UTC, datetime, timedelta

from portico.auth.envelope import seal, unseal
from portico.auth.ports import SessionStore
from portico.auth.remembered import Remembered
from portico.auth.session import KIND as SESSION
from portico.auth.session import Session
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.values import Secret

log = logging.getLogger("portico.auth")

KIND = "seen"
#: The part of the idle limit in which at most one sign is written; and how long that is without a limit.
SHARE = 20
EVERY = timedelta(minutes=5)


def key_of(session_key: str) -> str:
    """The key of the record that goes with a session's."""
    return f"{KIND}:{session_key.removeprefix(f'{SESSION}:')}"


class Seen:
    """Writes and reads these records."""

    def __init__(self, store: SessionStore, clock: Clock, server_key: Secret) -> None:
        self._store = store
        self._clock = clock
        self._key = server_key
        self._written: Remembered[datetime] = Remembered()

    async def lives(self, session: Session, idle: timedelta | None) -> bool:
        """Whether the user of a session was there within the idle limit. Raises StoreUnavailable."""
        now = self._clock.now()
        if idle is None or session.identity is None or session.created_at + idle > now:
            return True
        at = await self.at(session.ticket.key(SESSION))
        return at is not None and at + idle > now

    async def at(self, session_key: str) -> datetime | None:
        """When that was, to within the share; None if it is not known any more. Raises StoreUnavailable."""
        key = key_of(session_key)
        stored = await self._store.load(key)
        content = unseal(stored.blob, secret=self._key, kind=KIND, key=key) if stored is not None else None
        return datetime.fromtimestamp(json.loads(content), UTC) if content is not None else None

    async def forget(self, session_key: str) -> None:
        """Forget it: the session is over. Raises StoreUnavailable."""
        await self._store.delete(key_of(session_key))

    async def sign(self, session: Session, idle: timedelta | None) -> None:
        """The user is there. Written if it is some time since it was, and never a reason to fail."""
        key, now = key_of(session.ticket.key(SESSION)), self._clock.now()
        every = EVERY if idle is None else idle / SHARE
        written = self._written.get(key, session.created_at)
        if now - written < every:
            return
        blob = seal(json.dumps(now.timestamp()).encode(), secret=self._key, kind=KIND, key=key)
        ends = session.expires_at if idle is None else min(now + idle, session.expires_at)
        try:
            stored = await self._store.load(key)
            if stored is None:
                await self._store.create(key, blob, expires_at=ends)
            else:
                # Whoever wrote meanwhile saw the user, too.
                await self._store.replace(key, blob, expected_version=stored.version, expires_at=ends)
        except StoreUnavailable as error:
            log.warning("a sign of a user is not written", extra={"app": session.app, "why": error.detail})
            return
        self._written.note(key, now)
