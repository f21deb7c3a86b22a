"""Sessions from their beginning to their end. There is one door into them, `sign_in`.

Answers fixation (P5: a new ticket at every sign-in, the old one dead); for cookies that open nothing see
`reader`.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from portico.auth.amendment import Amendment
from portico.auth.appstore import Removed, StoreFull
from portico.auth.belongings import tidy
from portico.auth.evidence import Confirmed, Evidence, Vouched
from portico.auth.groups import named
from portico.auth.intent import Intent
from portico.auth.jar import Jar
from portico.auth.reader import SessionReader
from portico.auth.session import KIND, Pending, Session, SessionEnded, visitor
from portico.auth.set_cookie import SetCookies
from portico.auth.succession import amended, confirmed, examined, renewed, with_cookies
from portico.auth.ticket import Ticket
from portico.auth.timeline import Asked, CookiesSet, Reason, SignedIn, StepAsked
from portico.auth.timelines import signed_in
from portico.auth.tokens import TokenSet
from portico.errors import Busy
from portico.model.identity import Identity
from portico.values import new_id

__all__ = ["Removed", "Session", "SessionEnded", "SessionManager", "StoreFull"]

#: How often a renewal meets somebody who wrote the same record before it gives up.
_RENEWALS = 8
#: How many expired entries are deleted at once, and seconds in between: a request that writes waits for one
#: batch at most in this process, and other processes find the store free.
_SWEEP, _BREATH = 50, 0.01


class SessionManager(SessionReader):
    """Begins, resumes and ends sessions; reads and writes what apps store for them.

    Every method raises StoreUnavailable where the store cannot be asked.
    """

    async def why_ended(self, app: str, cookie_value: str | None) -> Reason | None:
        """Why a cookie opens no session of `app` any more; None if that is not known, or if it never did. An
        idle session is over for good from here on."""
        ticket = Ticket.parse(cookie_value) if cookie_value else None
        if ticket is None:
            return None
        session = await self._records.load(ticket, tag=self._page_tag(ticket))
        session = self.groups.seen(session, app) if session is not None else None
        if session is not None and session.expires_at > self._clock.now():
            if await self._seen.lives(session, self._limits_of(app).idle):
                return None
            await self._end(session, visits=True, revoke=self.revocations.takes(session), why="idle")
            return "idle"
        return await self.directory.why_ended(self.groups.owner(app), ticket.key(KIND))

    async def begin(self, app: str, jar: Jar | None = None) -> Session:
        """A session for a visitor who is not signed in, because something must be kept for them."""
        return await self._records.create(self._visitor(app, jar))

    async def suspend(
        self,
        pending: Pending,
        *,
        app: str,
        current: Session | None,
        keep: Collection[str] = (),
        jar: Jar | None = None,
        revoke: bool = False,
    ) -> Session:
        """A sign-in that needs another step: nobody is signed in, under a new ticket, and whoever was is
        not any more. What the app stored moves over as at a sign-in; its cookies are those of `jar`.
        `revoke`: the auth API is told that the tokens of whoever was are used no more."""
        heir = current is not None and current.identity is None
        session = self._visitor(app, jar)
        session = replace(
            session,
            lineage=current.lineage if current and heir else session.lineage,
            generation=current.generation + 1 if current else 1,
            pending=pending,
        )
        session = await self._succeed(
            current, session, heir=heir, keep=keep, revoke=revoke, why="another step"
        )
        self.timelines.note(session, StepAsked())
        return session

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
        jar: Jar | None = None,
        revoke: bool = False,
        how: SignedIn | None = None,
        agent: str = "",
    ) -> Session:
        """Sign in whom the evidence names: always a new session with a new ticket.

        `current`, the browser's session so far, ends. What the app stored in it moves over, unless
        it was another user's: then only the keys in `keep` do. The session ends at the app's absolute
        limit, or with its token where that is not `renewable`; a `brief` one ends with the browser, and so do
        one without a token (S4-3), unless the app's own table of users stands for it, and one whose token is
        in a cookie that does. `own_user`: what is known of the user is the app's word. `jar` are the cookies
        that it begins with, before those of the evidence; without it, those of `current`, unless it was
        another user's. `revoke`: the auth API is told that the tokens of `current` are used no more, if it is
        another user's. `how` is for the timeline, and `agent` what the browser calls itself. Of too many
        sessions of one user the oldest end. Raises SignInRefused.
        """
        if current is not None and current.app != app:
            raise ValueError("a session of another app")
        now, limits = self._clock.now(), self._limits_of(app)
        identity, tokens, expires_at = examined(evidence, now, limits.absolute, renewable=renewable)
        by_uid = isinstance(evidence, Vouched) and evidence.by_uid
        ticket = Ticket.new()
        heir = current is not None and (current.identity is None or current.identity.uid == identity.uid)
        jar = jar or (current.jar if current and heir else Jar())
        jar = jar.taking(evidence.cookies, now)
        session = Session(
            app=app,
            ticket=ticket,
            lineage=current.lineage if current and heir else new_id(),
            identity=identity,
            tokens=tokens,
            created_at=now,
            expires_at=expires_at,
            version=0,
            generation=current.generation + 1 if current else 1,
            tag=self._page_tag(ticket),
            brief=brief
            or (tokens is None and not by_uid)
            or (tokens is not None and jar.is_brief(tokens.carrier)),
            by_uid=by_uid,
            confirmed_at=now,
            jar=jar,
            own_user=own_user,
            agent=agent,
            shared=self.groups.began(app, jar=jar, heir_of=current if heir else None),
        )
        session = named(self.groups.granted(session, identity))
        session = await self._succeed(
            current, session, heir=heir, keep=keep, revoke=revoke and not heir, why="another user"
        )
        self.timelines.note(
            session, signed_in(how or SignedIn(by="query"), session, self._cards.id_of(ticket.key(KIND)))
        )
        own = ticket.key(KIND)
        await tidy("older ones", self.dismissals.keep_newest(app, identity.uid, limits.per_user, own))
        return session

    async def confirm(
        self, session: Session, identity: Identity, cookies: Collection[SetCookies] = ()
    ) -> Session:
        """Note that the auth API still says who that is, and with which roles; and what is known of the
        user, unless the app's scripts said that themselves; with the `cookies` of its answer. A session whose
        token went meanwhile stays as it is.

        Raises SignInRefused for somebody else; SessionEnded if it ended meanwhile; Busy.
        """
        now = self._clock.now()
        known = partial(with_cookies, changes=cookies, now=now, lifetime=self._lifetime(session))
        found = await self._rewritten(
            session, lambda held: known(confirmed(held, identity, now)), file=session.joining
        )
        before = session.identity.roles if session.identity is not None else frozenset()
        gained, lost = sorted(identity.roles - before), sorted(before - identity.roles)
        self.timelines.note(found, Asked(outcome="known", gained=tuple(gained), lost=tuple(lost)))
        return found

    async def keep_cookies(
        self, session: Session, cookies: Collection[SetCookies], *, renewable: bool = False
    ) -> Session:
        """Go on with a session after answers that set cookies. Where they change nothing, nothing is written:
        the session is then the one that was given.

        Raises SessionEnded if it ended meanwhile: cookies of a session that is over are nobody's; Busy.
        """
        lifetime = self._lifetime(session)
        known = partial(with_cookies, changes=cookies, now=self._clock.now(), lifetime=lifetime)
        change = partial(known, renewable=renewable)
        if change(session) is session:
            return session
        found = await self._rewritten(session, change)
        self.timelines.note(found, CookiesSet(names=session.jar.changes_to(found.jar)))
        return found

    async def renew(
        self,
        session: Session,
        evidence: Evidence,
        *,
        renewable: bool = False,
        user: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
        instead: TokenSet | None = None,
        refused_at: datetime | None = None,
    ) -> Session:
        """Go on with a session under another token of the same user: same ticket, same lineage, and
        until the app's absolute limit at most. `user` is the app's word on the user: it makes what is known
        of what is known by then. Without it that is what the evidence says, unless the app said it before.
        `instead`: the tokens that these take the place of, and no others; `refused_at`: when the
        auth API refused them, if it did.

        Raises SignInRefused for evidence of somebody else; SessionEnded if it ended meanwhile; Overtaken if
        it has other tokens than `instead` by now; Busy.
        """
        now = self._clock.now()
        identity, tokens, expires_at = examined(
            evidence, now, self._lifetime(session), renewable=renewable, held=session.tokens
        )
        at = now if isinstance(evidence, Confirmed) else None

        def change(held: Session) -> Session:
            latest = min(expires_at, self._latest_end(held))
            held = replace(held, jar=held.jar.taking(evidence.cookies, now))
            other = renewed(
                *(held, identity, tokens, latest),
                instead=instead,
                confirmed_at=at,
                refused_at=refused_at,
                user=user,
            )
            return self.groups.granted(other, identity)

        return await self._rewritten(session, change)

    async def amend(self, session: Session, amendment: Amendment, *, renewable: bool = False) -> Session:
        """Go on with a session of which something changed: same ticket, same user, and the same roles
        while there is a token. What changes of tokens that others took the place of meanwhile is not theirs.

        Raises SignInRefused for a session that nobody is signed in to; SessionEnded if it ended meanwhile;
        Busy.
        """

        def change(held: Session) -> Session:
            latest = self._latest_end(held)
            return amended(held, session.tokens, amendment, latest=latest, renewable=renewable)

        return await self._rewritten(session, change)

    async def _rewritten(
        self, session: Session, change: Callable[[Session], Session], *, file: bool = True
    ) -> Session:
        """The session with a change of what it is by then, written whatever else writes it meanwhile;
        `file`: its entry in the index, too."""
        for _ in range(_RENEWALS):
            changed = named(change(session))
            if (written := await self._records.replace(session, changed)) is not None:
                if file:
                    await self._file(changed)
                return written
            session = await self._again(session)
        raise Busy("a session's record kept changing")

    async def note(self, session: Session, intent: Intent | None) -> Session | None:
        """Note that a session's tokens are being renewed, or not. None: somebody else wrote its record."""
        return await self._records.replace(session, replace(session, intent=intent))

    async def sign_out(
        self,
        session: Session,
        *,
        keep: Collection[str] = (),
        revoke: bool = False,
        why: Reason = "user",
        cause: str = "",
    ) -> Session | None:
        """End a session, for good, and drop what was kept in it: the session itself first, so that
        whatever happens after that, nobody is signed in any more. `revoke`: the auth API is told that its
        tokens are used no more, some day if not now. `why` and `cause` are for the timeline.

        Values under the keys in `keep` outlive it, in a session of a visitor that is returned, as do those
        that other apps of a group keep; the tokens behind handles in them do not.
        """
        kept = await self._belongings.outliving(session, keep)
        await self._end(session, visits=True, revoke=revoke, why=why, cause=cause)
        if not kept:
            return None
        visitor = self._visitor(session.app)
        await self._belongings.give(visitor, {app: replace(held, sealed={}) for app, held in kept.items()})
        return await self._records.create(visitor)

    async def is_spent(self, holder: str, token: str) -> bool:
        """Whether that was used up, and is not forgotten yet."""
        return await self._store.load(self._tags.tag("spent", holder, token)) is not None

    async def spend(self, holder: str, token: str, *, until: datetime) -> bool:
        """Use up what is good once at an app, or whatever else has it: True the first time, in all processes.
        It is forgotten at `until`, when it must be good no more."""
        key = self._tags.tag("spent", holder, token)
        return await self._store.create(key, b"", expires_at=until) is not None

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
        """Delete what has expired, in batches that hold nobody up. Returns how many entries."""
        total = batch = await self._index.sweep(limit=_SWEEP)
        while batch == _SWEEP:
            await asyncio.sleep(_BREATH)
            batch = await self._index.sweep(limit=_SWEEP)
            total += batch
        return total

    def _visitor(self, app: str, jar: Jar | None = None) -> Session:
        """A session of nobody, not stored yet."""
        now = self._clock.now()
        jar, ends = jar or Jar(), now + self._anonymous_lifetime
        return visitor(app, now=now, expires_at=ends, jar=jar, shared=self.groups.began(app, jar=jar))

    async def _succeed(
        self,
        current: Session | None,
        session: Session,
        *,
        heir: bool,
        keep: Collection[str],
        revoke: bool,
        why: Reason,
    ) -> Session:
        """Put `session` in the place of the browser's session so far."""
        if current is not None:
            await self._belongings.give(session, await self._belongings.outliving(current, keep, heir=heir))
        session = await self._records.create(session)
        await self._file(session)
        if current is not None:
            await self._end(current, visits=not heir, revoke=revoke, why=None if heir else why)
        return session

    async def _end(
        self, session: Session, *, visits: bool, revoke: bool, why: Reason | None, cause: str = ""
    ) -> None:
        await self._endings.end(session, revoke=revoke, visits=visits, why=why, cause=cause)
