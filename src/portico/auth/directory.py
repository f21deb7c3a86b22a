"""The sessions that there are, for those who do not hold their cookies: the operator, and their own users
(how they end one: `auth.dismissal`)."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from portico.auth.cards import Card, Cards
from portico.auth.ports import Filed, SessionIndex
from portico.auth.provider_session import ProviderSession
from portico.auth.seen import Seen
from portico.auth.session import KIND, Session
from portico.auth.timeline import End, Entry, Reason
from portico.auth.timelines import KEPT, Timelines
from portico.clock import Clock

#: The tag of all sessions. No hash: that there are sessions, and how many, a store shows anyway.
ALL = "sessions"
_PAGE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A living session: its card, the key of its record, and when its user was last there."""

    card: Card
    key: str = field(repr=False)
    seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """An entry that another server key has sealed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The timeline that a session is part of; `lives`: it has not ended."""

    card: Card
    lives: bool
    entries: tuple[Entry, ...]


class Directory:
    """Finds sessions by their cards. Every method raises StoreUnavailable."""

    def __init__(
        self,
        index: SessionIndex,
        cards: Cards,
        seen: Seen,
        timelines: Timelines,
        clock: Clock,
    ) -> None:
        self._index = index
        self._cards = cards
        self._seen = seen
        self._timelines = timelines
        self._clock = clock

    async def file(self, session: Session, idle: timedelta | None, *, apps: Collection[str]) -> None:
        """Enter a signed-in session of these `apps`, or what it is by now; `idle` is their limit. One that
        nobody is signed in to is in no list."""
        if session.identity is None:
            return
        key = session.ticket.key(KIND)
        tags = [ALL, self._cards.tag_of(self._cards.id_of(key))]
        for app in apps:
            tags += [self._cards.app_tag_of(app), self._cards.user_tag_of(app, session.identity.uid)]
        if (there := ProviderSession.of(session.tokens)) is not None:
            tags += [self._cards.provider_tag_of(there), self._cards.subject_tag_of(there)]
        seconds = round(idle.total_seconds()) if idle is not None else 0
        card = self._cards.of(session, session.identity, idle=seconds, apps=apps)
        ends = session.expires_at + KEPT
        await self._index.put(key, tags, card=self._cards.sealed(key, card), expires_at=ends)

    async def close(self, session: Session, *, apps: Collection[str]) -> None:
        """A session of these `apps` is over: its card stays as long as its timeline may be asked for."""
        if session.identity is not None:
            card = self._cards.of(session, session.identity, idle=0, apps=apps)
            await self._close(session.ticket.key(KIND), card)

    async def over(self, found: Found) -> None:
        """The same of a session of which the card is known."""
        await self._close(found.key, found.card)

    async def all(self) -> AsyncIterator[Found | Sealed]:
        """Every session, of all apps, in the order in which they were signed in to or last renewed."""
        async for filed in self._filed(ALL):
            if self._cards.read(filed) is None:
                yield Sealed()
            elif (found := await self._found(filed)) is not None:
                yield found

    async def of_app(self, app: str) -> AsyncIterator[Found]:
        """Those of one app, in the same order."""
        async for filed in self._filed(self._cards.app_tag_of(app)):
            if (found := await self._found(filed)) is not None:
                yield found

    async def of_user(self, app: str, uid: str) -> list[Found]:
        """Those of one user of one app, in the same order."""
        filed = [entry async for entry in self._filed(self._cards.user_tag_of(app, uid))]
        found = [await self._found(entry) for entry in filed]
        return [session for session in found if session is not None]

    async def by_id(self, session_id: str) -> Found | None:
        """The session of a public id; None if it has ended, or never was."""
        filed = await self._one(self._cards.tag_of(session_id))
        return await self._found(filed) if filed is not None and self._lives(filed) else None

    async def filed_of_user(self, app: str, uid: str) -> list[Found]:
        """The same with those that have ended by their idle limit; when their users were last there is not
        looked up."""
        filed = [entry async for entry in self._filed(self._cards.user_tag_of(app, uid))]
        read = [(entry.key, self._cards.read(entry)) for entry in filed]
        return [Found(card=card, key=key, seen_at=card.created_at) for key, card in read if card is not None]

    async def of_provider(self, there: ProviderSession) -> list[Found]:
        """Those that stand on a provider's session, or, where it is not named, on any of its subject; and
        those of its subject of which it is not known on which they stand."""
        whole = {entry.key: entry async for entry in self._filed(self._cards.subject_tag_of(there))}
        if there.sid is None:
            chosen = whole
        else:
            named = {entry.key: entry async for entry in self._filed(self._cards.provider_tag_of(there))}
            if there.subject is not None:
                named = {key: entry for key, entry in named.items() if key in whole}
            unnamed = self._filed(self._cards.provider_tag_of(replace(there, sid=None)))
            chosen = named | {entry.key: entry async for entry in unnamed}
        found = [await self._found(entry) for entry in chosen.values()]
        return [session for session in found if session is not None]

    async def history(self, session_id: str) -> History | None:
        """The timeline of a session, also some days after its end."""
        living = await self._one(self._cards.tag_of(session_id))
        filed = living or await self._one(self._cards.past_tag_of(session_id))
        card = self._cards.read(filed) if filed is not None else None
        if card is None:
            return None
        lives = living is not None and self._lives(living) and await self._found(living) is not None
        entries = await self._timelines.read(card.timeline)
        if not lives and _forgotten(card, entries, self._clock.now()):
            return None
        return History(card=card, lives=lives, entries=entries)

    async def why_ended(self, app: str, key: str) -> Reason | None:
        """Why the session is over whose record had this key; None if there was none, or it is not known."""
        history = await self.history(self._cards.id_of(key))
        if history is None or history.lives or history.card.app != app:
            return None
        last = next((entry for entry in reversed(history.entries) if isinstance(entry.event, End)), None)
        if last is not None and isinstance(last.event, End):
            return last.event.reason
        if history.card.expires_at > self._clock.now():
            return None
        if history.card.timeline:
            over = End(reason="absolute")
            self._timelines.note_by_key(history.card.timeline, over, until=history.card.expires_at)
        return "absolute"

    async def _close(self, key: str, card: Card) -> None:
        ends = min(card.expires_at, self._clock.now()) + KEPT
        tags = (self._cards.past_tag_of(card.id),)
        await self._index.put(key, tags, card=self._cards.sealed(key, card), expires_at=ends)

    async def _one(self, tag: str) -> Filed | None:
        return next(iter(await self._index.find(tag, limit=1)), None)

    def _lives(self, filed: Filed) -> bool:
        """Whether the session of an entry has not come to its end: the entry stays a while longer."""
        return filed.expires_at - KEPT > self._clock.now()

    async def _filed(self, tag: str) -> AsyncIterator[Filed]:
        """All living entries under a tag, each once."""
        after, known = 0, set()
        while page := await self._index.find(tag, limit=_PAGE, after=after):
            for filed in page:
                if filed.key not in known and self._lives(filed):
                    known.add(filed.key)
                    yield filed
            after = page[-1].number

    async def _found(self, filed: Filed) -> Found | None:
        """The session of an entry; None if it is idle for too long, so that it will not open any more."""
        card = self._cards.read(filed)
        if card is None:
            return None
        seen = await self._seen.at(filed.key) or card.created_at
        if card.idle and max(seen, card.created_at) + timedelta(seconds=card.idle) <= self._clock.now():
            return None
        return Found(card=card, key=filed.key, seen_at=seen)


def _forgotten(card: Card, entries: tuple[Entry, ...], now: datetime) -> bool:
    """Whether a session ended so long ago that its timeline is not shown any more."""
    last = entries[-1] if entries else None
    ended = last.at if last is not None and isinstance(last.event, End) else card.expires_at
    return ended + KEPT <= now
