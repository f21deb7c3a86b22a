"""Telling auth APIs that tokens are used no more, until they have heard (P109).

A message is in the outbox before the session that it is about is deleted, so that neither a crash nor an
auth API that is down loses it. Its tokens are sealed with a subkey of the server key: the session's own
secret is in the browser's cookie, and gone.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from portico.auth.compact import packed, unpacked
from portico.auth.envelope import seal, unseal
from portico.auth.ports import Outbox, SessionStore, Waiting
from portico.auth.session import KIND as SESSION
from portico.auth.session import Session, as_json, of_json
from portico.auth.ticket import Ticket
from portico.auth.timeline import Told as Outcome
from portico.auth.timeline import masked
from portico.auth.timelines import Timelines
from portico.clock import Clock
from portico.errors import PorticoError, SignInRefused, StoreUnavailable
from portico.values import Secret, new_id

log = logging.getLogger("portico.auth")

KIND = "revocation"
#: When a message is due that its own process did not deliver at once, because it died.
GRACE = timedelta(seconds=30)
#: For how long nobody else tries to deliver what somebody does.
HOLD = timedelta(minutes=2)
#: How long after a failure it is tried again: longer each time, from this to that.
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(hours=1)
#: When it is given up.
LIFE = timedelta(hours=24)
#: For how much longer it stays in the store: a message that was due before its end and is looked at after
#: it is tried then, or given up with a line in the log, rather than gone without a word.
KEPT = 2 * LONGEST_REST
#: How often this process looks, and how many it delivers at once.
EVERY = timedelta(seconds=5)
AT_ONCE = 10
#: Seconds that the end of this process waits for deliveries.
LAST = 5.0

#: Notes what a session's tokens are by now.
Keep = Callable[[Session], Awaitable[None]]


class Told(Protocol):
    """An auth API that can be told (`auth.refresh.AuthApi`)."""

    def revokes(self, session: Session) -> bool:
        """As there."""
        ...

    async def revoke(self, session: Session, keep: Keep) -> None:
        """As there."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """That the tokens of `session` are used no more; given up at `until`. `ends`: the key of its record, if
    the message is a log-out."""

    key: str
    session: Session
    until: datetime
    ends: str | None = None
    attempts: int = 0


class Revocations:
    """Files messages, and delivers them."""

    def __init__(
        self,
        outbox: Outbox,
        store: SessionStore,
        clock: Clock,
        server_key: Secret,
        timelines: Timelines,
    ) -> None:
        self._outbox = outbox
        self._store = store
        self._clock = clock
        self._key = server_key
        self._timelines = timelines
        self._api_of: Callable[[str], Told | None] | None = None
        self._deliveries: set[asyncio.Task[None]] = set()

    async def file(self, session: Session, *, ends: bool = False, instead: Message | None = None) -> Message:
        """Put a message into the outbox, in the place of another one. It is due in a while, unless it is
        posted before. `ends`: the session is to be deleted next; should this process die before that, whoever
        delivers the message does it. Raises StoreUnavailable."""
        now = self._clock.now()
        # What is known of the user is of no use there.
        identity = session.identity and replace(session.identity, user={})
        about = replace(session, identity=identity, pending=None, intent=None)
        message = Message(
            key=instead.key if instead is not None else f"{KIND}:{new_id()}",
            session=about,
            until=now + LIFE,
            ends=session.ticket.key(SESSION) if ends else None,
        )
        await self._put(message, due_at=now + GRACE)
        self._timelines.note(session, Outcome(state="waiting"))
        return message

    def takes(self, session: Session) -> bool:
        """Whether the app's auth API can be told that nobody uses this session's tokens any more."""
        api = self._api_of(session.app) if self._api_of is not None else None
        return api is not None and api.revokes(session)

    def post(self, message: Message) -> None:
        """Deliver a filed message now, without waiting for it."""
        if self._api_of is not None:
            delivery = asyncio.create_task(self._deliver(message))
            self._deliveries.add(delivery)
            delivery.add_done_callback(self._deliveries.discard)

    async def send(self, session: Session) -> None:
        """File a message and post it. Raises StoreUnavailable."""
        self.post(await self.file(session))

    def serve(self, api_of: Callable[[str], Told | None]) -> None:
        """Deliver from now on: `api_of` gives the auth API of an app, None if this process does not serve
        that app."""
        self._api_of = api_of

    async def work(self) -> None:
        """Deliver what is due, whichever process filed it, until cancelled."""
        while True:
            try:
                await self.deliver_due()
            except StoreUnavailable as error:
                log.warning("the outbox cannot be read", extra={"why": error.detail})
            # Processes that started together do not ask together.
            await asyncio.sleep(EVERY.total_seconds() * (0.5 + secrets.randbelow(1000) / 1000))

    async def deliver_due(self) -> None:
        """Deliver what is due by now, once each. Raises StoreUnavailable."""
        while waiting := await self._outbox.due(limit=AT_ONCE, hold=HOLD):
            found = [(entry, self._opened(entry)) for entry in waiting]
            for _, message in found:
                if message is not None and message.ends is not None:
                    await self._store.delete(message.ends)
            deliveries = [self._deliver(message) for _, message in found if message is not None]
            for error in await asyncio.gather(*deliveries, return_exceptions=True):
                if isinstance(error, Exception):
                    # It stays, and is due again: one that cannot be delivered holds up no other.
                    log.error("a revocation failed", exc_info=error)
            for entry, message in found:
                if message is None:
                    log.warning("a message of another server key is dropped")
                    await self._outbox.done(entry.key)

    async def close(self) -> None:
        """Wait a little for deliveries; what is left is due again in another process, or later in this."""
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=LAST)

    async def _deliver(self, message: Message) -> None:
        """Tell the auth API once, and note what came of it. Never raises."""
        app = message.session.app
        api = self._api_of(app) if self._api_of is not None else None
        try:
            if api is None:
                # Another process serves the app, or none does any more.
                await self._outbox.later(message.key, due_at=self._clock.now() + HOLD)
                return
            try:
                await api.revoke(message.session, lambda session: self._keep(message, session))
            except SignInRefused as error:
                log.info("a revocation is of no use", extra={"app": app, "why": error.detail})
                self._note(message, Outcome(state="of no use", cause=masked(error.detail)))
            except StoreUnavailable:
                raise
            except PorticoError as error:
                await self._put_off(message, error)
                return
            else:
                self._note(message, Outcome(state="delivered"))
            await self._outbox.done(message.key)
        except StoreUnavailable as error:
            log.warning("the outbox cannot be written", extra={"app": app, "why": error.detail})

    async def _put_off(self, message: Message, error: PorticoError) -> None:
        app = message.session.app
        rest = min(FIRST_REST * 2 ** min(message.attempts, 20), LONGEST_REST)
        due_at = self._clock.now() + rest * (1 - secrets.randbelow(500) / 1000)
        if due_at >= message.until:
            log.warning("the auth API was never told of a log-out", extra={"app": app, "why": error.code})
            self._note(message, Outcome(state="given up", cause=error.code))
            await self._outbox.done(message.key)
            return
        log.warning("the auth API was not told of a log-out yet", extra={"app": app, "why": error.code})
        self._note(message, Outcome(state="not yet", cause=error.code))
        await self._outbox.later(message.key, due_at=due_at)

    def _note(self, message: Message, outcome: Outcome) -> None:
        self._timelines.note(message.session, outcome)

    async def _keep(self, message: Message, session: Session) -> None:
        """The tokens were renewed to be revoked: the old ones may be good for nothing any more."""
        await self._put(replace(message, session=session), due_at=self._clock.now() + GRACE)

    async def _put(self, message: Message, *, due_at: datetime) -> None:
        record = {
            "until": message.until.timestamp(),
            "ends": message.ends,
            "session": as_json(message.session),
        }
        content = packed(record)
        blob = seal(content, secret=self._key, kind=KIND, key=message.key)
        await self._outbox.put(message.key, blob, due_at=due_at, expires_at=message.until + KEPT)

    def _opened(self, entry: Waiting) -> Message | None:
        content = unseal(entry.blob, secret=self._key, kind=KIND, key=entry.key)
        if content is None:
            return None
        record = unpacked(content)
        # Its ticket is the browser's, and opens nothing any more.
        session = of_json(record["session"], ticket=Ticket.new(), version=0, tag="")
        if session is None:
            return None
        return Message(
            key=entry.key,
            session=session,
            until=datetime.fromtimestamp(record["until"], UTC),
            ends=record["ends"],
            attempts=entry.attempts,
        )
