"""Sessions from their beginning to their end. There is one door into them, `sign_in`.

Answers fixation (P5: a new ticket at every sign-in, the old one dead), planted cookies (P6: an id this
server did not issue is ignored, neither adopted nor deleted), and outages that look like log-outs
(P115: StoreUnavailable is passed on, never read as "nobody").
"""

import logging
from collections.abc import Awaitable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portico.auth.appstore import AppStore, Removed, StoreFull
from portico.auth.envelope import seal, unseal
from portico.auth.evidence import Evidence
from portico.auth.ports import Outbox, SessionIndex, SessionStore, VisitStore
from portico.auth.session import KIND, Session, SessionEnded, decode, encode
from portico.auth.tags import Tags
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet, ends_with, expiry_of
from portico.auth.visits import Visits
from portico.clock import Clock
from portico.errors import Busy, SignInRefused, StoreUnavailable
from portico.model.identity import Identity
from portico.values import Secret, new_id

__all__ = ["Removed", "Session", "SessionEnded", "SessionManager", "StoreFull"]

log = logging.getLogger("portico.auth")

#: Most bytes of a session's record: what an auth API says about its user is not unlimited.
RECORD_LIMIT = 256 << 10
#: How often a renewal meets somebody who wrote the same record before it gives up.
_RENEWALS = 8
_SWEEP = 500


class SessionManager:
    """Begins, resumes and ends sessions; reads and writes what apps store for them.

    Every method raises StoreUnavailable where the store cannot be asked.
    """

    def __init__(
        self,
        store: SessionStore,
        index: SessionIndex,
        visits: VisitStore,
        outbox: Outbox,
        clock: Clock,
        server_key: Secret,
        *,
        lifetime: timedelta = timedelta(days=14),
        anonymous_lifetime: timedelta = timedelta(minutes=30),
    ) -> None:
        self._tags = Tags(server_key)
        self._store = store
        self._index = index
        self._values = AppStore(store)
        self._clock = clock
        self._lifetime = lifetime
        self._anonymous_lifetime = anonymous_lifetime
        #: the stored visits of these sessions
        self.visits = Visits(visits, self._tags, clock)
        #: revocations that the auth API has not been told of
        self.outbox = outbox

    async def resume(self, app: str, cookie_value: str | None) -> Session | None:
        """The session of a cookie. None without one, and for any value that names no living
        session of `app`: such a value is ignored. The store is asked only about well-formed ones."""
        ticket = Ticket.parse(cookie_value) if cookie_value else None
        if ticket is None:
            return None
        key = ticket.key(KIND)
        stored = await self._store.load(key)
        if stored is None:
            return None
        content = unseal(stored.blob, secret=ticket.secret, kind=KIND, key=key)
        if content is None:
            return None
        session = decode(content, ticket=ticket, version=stored.version, tag=self._page_tag(ticket))
        if session is None or session.app != app or session.expires_at <= self._clock.now():
            return None
        return session

    async def begin(self, app: str) -> Session:
        """A session for a visitor who is not signed in, because something must be kept for them."""
        now = self._clock.now()
        return await self._create(
            Session(
                app=app,
                ticket=Ticket.new(),
                lineage=new_id(),
                identity=None,
                tokens=None,
                created_at=now,
                expires_at=now + self._anonymous_lifetime,
                version=0,
                generation=0,
                tag="",
            )
        )

    async def sign_in(
        self,
        evidence: Evidence,
        *,
        app: str,
        current: Session | None,
        keep: Collection[str] = (),
        renewable: bool = False,
        brief: bool = False,
    ) -> Session:
        """Sign in whom the evidence names: always a new session with a new ticket.

        `current`, the browser's session so far, ends. What the app stored in it moves over, unless
        it was another user's: then only the keys in `keep` do. The session ends after `lifetime`,
        or with its token where that is not `renewable`; a `brief` one with the browser. Raises
        SignInRefused.
        """
        if current is not None and current.app != app:
            raise ValueError("a session of another app")
        identity, tokens, expires_at = self._examine(evidence, renewable)
        ticket = Ticket.new()
        heir = current is not None and (current.identity is None or current.identity.uid == identity.uid)
        session = Session(
            app=app,
            ticket=ticket,
            lineage=current.lineage if current and heir else new_id(),
            identity=identity,
            tokens=tokens,
            created_at=self._clock.now(),
            expires_at=expires_at,
            version=0,
            generation=current.generation + 1 if current else 1,
            tag=self._page_tag(ticket),
            brief=brief,
        )
        values = await self._values.read(current.ticket) if current else {}
        values = values if heir else {key: value for key, value in values.items() if key in keep}
        if values:
            await self._values.write(ticket, values, None, expires_at)
        session = await self._create(session)
        await self._file(session, identity)
        if current is not None:
            await self._end(current, visits=not heir)
        return session

    async def renew(self, session: Session, evidence: Evidence, *, renewable: bool = False) -> Session:
        """Go on with a session under another token of the same user: same ticket, same lineage, and
        no longer than `lifetime` from its beginning.

        Raises SignInRefused for evidence of somebody else; SessionEnded if it ended meanwhile; Busy.
        """
        identity, tokens, expires_at = self._examine(evidence, renewable)
        for _ in range(_RENEWALS):
            if session.identity is None or session.identity.uid != identity.uid:
                raise SignInRefused("a renewal for somebody else")
            renewed = replace(
                session,
                identity=identity,
                tokens=tokens,
                expires_at=min(expires_at, session.created_at + self._lifetime),
                generation=session.generation + 1,
            )
            key = session.ticket.key(KIND)
            version = await self._store.replace(
                key,
                self._sealed(renewed),
                expected_version=session.version,
                expires_at=renewed.expires_at,
            )
            if version is not None:
                await self._file(renewed, identity)
                return replace(renewed, version=version)
            held = await self.resume(session.app, session.ticket.cookie_value())
            if held is None:
                raise SessionEnded("it ended while its token was renewed")
            session = held
        raise Busy("a session's record kept changing")

    async def sign_out(self, session: Session) -> None:
        """End a session, for good, and drop what was kept in it: the session itself first, so that
        whatever happens after that, nobody is signed in any more."""
        await self._end(session, visits=True)

    async def read_store(self, session: Session) -> dict[str, Any]:
        """What the app stored in this session."""
        return await self._values.read(session.ticket)

    async def merge_store(
        self,
        session: Session,
        changes: Mapping[str, Any],
        *,
        clear: bool = False,
        keep: Collection[str] = (),
    ) -> dict[str, Any]:
        """Set keys, or take away those whose value is `Removed()`; with `clear`, after dropping all
        keys but `keep`. Other keys stay as others write them at the same time.

        Returns what is stored now. Raises StoreFull over 256 KB of JSON; SessionEnded if the session
        was ended or replaced meanwhile, and nothing of it stays behind; Busy.
        """
        return await self._values.merge(session, changes, clear=clear, keep=keep)

    async def clear_store(self, session: Session, *, keep: Collection[str] = ()) -> dict[str, Any]:
        """Drop everything the app stored in this session but the keys in `keep`. As `merge_store`."""
        return await self.merge_store(session, {}, clear=True, keep=keep)

    async def sweep(self) -> int:
        """Delete what has expired, in small batches. Returns how many entries."""
        total = batch = await self._index.sweep(limit=_SWEEP)
        while batch == _SWEEP:
            batch = await self._index.sweep(limit=_SWEEP)
            total += batch
        return total

    async def _file(self, session: Session, identity: Identity) -> None:
        """Enter a signed-in session in the index."""
        tags = self._tags.tag("app", session.app), self._tags.tag("user", session.app, identity.uid)
        await self._index.put(session.ticket.key(KIND), tags, expires_at=session.expires_at)

    def _examine(self, evidence: Evidence, renewable: bool) -> tuple[Identity, TokenSet, datetime]:
        if not evidence.identity.uid:
            raise SignInRefused("evidence that names nobody")
        now, token = self._clock.now(), evidence.token
        tokens = TokenSet(access=token, expires_at=expiry_of(token.reveal()))
        expires_at = ends_with(tokens, at_latest=now + self._lifetime, renewable=renewable)
        if expires_at <= now:
            raise SignInRefused("the token has expired, by the clock of this server")
        return evidence.identity, tokens, expires_at

    async def _create(self, session: Session) -> Session:
        key = session.ticket.key(KIND)
        version = await self._store.create(key, self._sealed(session), expires_at=session.expires_at)
        if version is None:
            raise StoreUnavailable("the store says that a new random key is taken")
        return replace(session, version=version)

    def _sealed(self, session: Session) -> bytes:
        content = encode(session)
        if len(content) > RECORD_LIMIT:
            raise SignInRefused(f"a session record of {len(content)} bytes")
        ticket = session.ticket
        return seal(content, secret=ticket.secret, kind=KIND, key=ticket.key(KIND))

    async def _end(self, session: Session, *, visits: bool) -> None:
        key = session.ticket.key(KIND)
        await self._store.delete(key)
        await self._tidy("store", self._values.delete(session.ticket))
        if visits:
            await self._tidy("visits", self.visits.drop(session))
        await self._tidy("index", self._index.drop(key))

    async def _tidy(self, what: str, step: Awaitable[None]) -> None:
        """What stays behind here is sealed with a secret that is gone, and expires."""
        try:
            await step
        except StoreUnavailable as error:
            log.warning("left behind a session's %s: %s", what, error.detail)

    def _page_tag(self, ticket: Ticket) -> str:
        return self._tags.tag("page", ticket.id.reveal())[:16]
