"""Sessions from their beginning to their end. There is one door into them, `sign_in`.

Answers fixation (P5: a new ticket at every sign-in, the old one dead), planted cookies (P6: an id this
server did not issue is ignored, neither adopted nor deleted), and outages that look like log-outs
(P115: StoreUnavailable is passed on, never read as "nobody").
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from portico.auth.amendment import Amendment
from portico.auth.appstore import AppStore, Kept, Removed, StoreFull
from portico.auth.envelope import seal, unseal
from portico.auth.evidence import Confirmed, Evidence, Vouched
from portico.auth.ports import Outbox, SessionIndex, SessionStore, VisitStore
from portico.auth.session import KIND, Pending, Session, SessionEnded, decode, encode
from portico.auth.succession import amended, confirmed, renewed, tokens_of
from portico.auth.tags import Tags
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet, ends_with
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
        now = self._clock.now()
        if session is None or session.app != app or session.expires_at <= now:
            return None
        if session.pending is not None and session.pending.expires_at <= now:
            return replace(session, pending=None)
        return session

    async def begin(self, app: str) -> Session:
        """A session for a visitor who is not signed in, because something must be kept for them."""
        return await self._create(self._visitor(app))

    async def suspend(
        self, pending: Pending, *, app: str, current: Session | None, keep: Collection[str] = ()
    ) -> Session:
        """A sign-in that needs another step: nobody is signed in, under a new ticket, and whoever was is
        not any more. What the app stored moves over as at a sign-in."""
        heir = current is not None and current.identity is None
        session = self._visitor(app)
        session = replace(
            session,
            lineage=current.lineage if current and heir else session.lineage,
            generation=current.generation + 1 if current else 1,
            pending=pending,
        )
        return await self._succeed(current, session, heir=heir, keep=keep)

    async def sign_in(
        self,
        evidence: Evidence,
        *,
        app: str,
        current: Session | None,
        keep: Collection[str] = (),
        renewable: bool = False,
        brief: bool = False,
        own_user: bool = False,
    ) -> Session:
        """Sign in whom the evidence names: always a new session with a new ticket.

        `current`, the browser's session so far, ends. What the app stored in it moves over, unless
        it was another user's: then only the keys in `keep` do. The session ends after `lifetime`,
        or with its token where that is not `renewable`; a `brief` one, and one without a token (S4-3),
        with the browser. `own_user`: what is known of the user is the app's word. Raises SignInRefused.
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
            brief=brief or tokens is None,
            confirmed_at=self._clock.now(),
            own_user=own_user,
        )
        return await self._succeed(current, session, heir=heir, keep=keep)

    async def confirm(self, session: Session, identity: Identity) -> Session:
        """Note that the auth API still says who that is, and with which roles; and what is known of the
        user, unless the app's scripts said that themselves.

        Raises SignInRefused for somebody else; SessionEnded if it ended meanwhile; Busy.
        """
        now = self._clock.now()
        return await self._rewritten(session, lambda held: confirmed(held, identity, now), file=False)

    async def renew(
        self,
        session: Session,
        evidence: Evidence,
        *,
        renewable: bool = False,
        user: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    ) -> Session:
        """Go on with a session under another token of the same user: same ticket, same lineage, and
        no longer than `lifetime` from its beginning. `user` is the app's word on the user: it makes what is
        known of what is known by then. Without it that is what the evidence says, unless the app has said
        it before.

        Raises SignInRefused for evidence of somebody else; SessionEnded if it ended meanwhile; Busy.
        """
        identity, tokens, expires_at = self._examine(evidence, renewable, session.tokens)
        at = self._clock.now() if isinstance(evidence, Confirmed) else None

        def change(held: Session) -> Session:
            latest = min(expires_at, held.created_at + self._lifetime)
            return renewed(held, identity, tokens, latest, confirmed_at=at, user=user)

        return await self._rewritten(session, change)

    async def amend(self, session: Session, amendment: Amendment, *, renewable: bool = False) -> Session:
        """Go on with a session of which something changed: same ticket, same user, same roles. What changes
        of tokens that others took the place of meanwhile is not theirs.

        Raises SignInRefused for a session that nobody is signed in to; SessionEnded if it ended meanwhile;
        Busy.
        """

        def change(held: Session) -> Session:
            latest = held.created_at + self._lifetime
            return amended(held, session.tokens, amendment, latest=latest, renewable=renewable)

        return await self._rewritten(session, change)

    async def _rewritten(
        self, session: Session, change: Callable[[Session], Session], *, file: bool = True
    ) -> Session:
        """The session with a change of what it is by then, written whatever else writes it meanwhile;
        `file`: its entry in the index, too."""
        for _ in range(_RENEWALS):
            changed = change(session)
            if (written := await self._replaced(session, changed)) is not None:
                if file and changed.identity is not None:
                    await self._file(changed, changed.identity)
                return written
            session = await self._again(session)
        raise Busy("a session's record kept changing")

    async def sign_out(self, session: Session, *, keep: Collection[str] = ()) -> Session | None:
        """End a session, for good, and drop what was kept in it: the session itself first, so that
        whatever happens after that, nobody is signed in any more.

        Values under the keys in `keep` outlive it, in a session of a visitor that is returned; the tokens
        behind handles in them do not.
        """
        held = (await self._values.read(session.ticket)).values if keep else {}
        await self._end(session, visits=True)
        values = {key: value for key, value in held.items() if key in keep}
        if not values:
            return None
        visitor = self._visitor(session.app)
        await self._values.write(visitor.ticket, Kept(values=values), None, visitor.expires_at)
        return await self._create(visitor)

    async def spend(self, app: str, token: str, *, until: datetime) -> bool:
        """Use up what is good once: True the first time, in all processes. It is forgotten at `until`, when
        it must be good no more."""
        key = self._tags.tag("spent", app, token)
        return await self._store.create(key, b"", expires_at=until) is not None

    async def read_store(self, session: Session) -> dict[str, Any]:
        """What the app stored in this session."""
        return dict((await self._values.read(session.ticket)).values)

    async def read_kept(self, session: Session) -> Kept:
        """The same, with the tokens behind the handles in it."""
        return await self._values.read(session.ticket)

    async def merge_store(
        self,
        session: Session,
        changes: Mapping[str, Any],
        *,
        clear: bool = False,
        keep: Collection[str] = (),
        sealed: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Set keys, or take away those whose value is `Removed()`; with `clear`, after dropping all
        keys but `keep`. Other keys stay as others write them at the same time. `sealed` are the tokens
        behind handles in the changes.

        Returns what is stored now. Raises StoreFull over 256 KB of JSON; SessionEnded if the session
        was ended or replaced meanwhile, and nothing of it stays behind; Busy.
        """
        return await self._values.merge(session, changes, clear=clear, keep=keep, sealed=sealed)

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

    def _examine(
        self, evidence: Evidence, renewable: bool, held: TokenSet | None = None
    ) -> tuple[Identity, TokenSet | None, datetime]:
        if not evidence.identity.uid:
            raise SignInRefused("evidence that names nobody")
        now = self._clock.now()
        if isinstance(evidence, Vouched):
            return evidence.identity, None, now + self._lifetime
        tokens = tokens_of(evidence, held, now, renewable=renewable)
        expires_at = ends_with(tokens, at_latest=now + self._lifetime, renewable=renewable)
        if expires_at <= now:
            raise SignInRefused("the token has expired, by the clock of this server")
        return evidence.identity, tokens, expires_at

    def _visitor(self, app: str) -> Session:
        """A session of nobody, not stored yet."""
        now = self._clock.now()
        return Session(
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

    async def _succeed(
        self, current: Session | None, session: Session, *, heir: bool, keep: Collection[str]
    ) -> Session:
        """Put `session` in the place of the browser's session so far."""
        kept = await self._values.read(current.ticket) if current else Kept()
        values = {key: value for key, value in kept.values.items() if heir or key in keep}
        if values:
            kept = replace(kept, values=values)
            await self._values.write(session.ticket, kept, None, session.expires_at)
        session = await self._create(session)
        if session.identity is not None:
            await self._file(session, session.identity)
        if current is not None:
            await self._end(current, visits=not heir)
        return session

    async def _replaced(self, session: Session, other: Session) -> Session | None:
        """Write `other` over the record of `session`. None: somebody else wrote it meanwhile."""
        version = await self._store.replace(
            session.ticket.key(KIND),
            self._sealed(other),
            expected_version=session.version,
            expires_at=other.expires_at,
        )
        return replace(other, version=version) if version is not None else None

    async def _again(self, session: Session) -> Session:
        """The session as somebody else wrote it. Raises SessionEnded."""
        held = await self.resume(session.app, session.ticket.cookie_value())
        if held is None:
            raise SessionEnded("it ended while it was written")
        return held

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
