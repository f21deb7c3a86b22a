"""Which apps of this server share their sessions, and a shared session as each of them sees it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from portico.auth.handles import Handle, new_handle
from portico.auth.jar import Jar
from portico.auth.sealing import claims_of, digest
from portico.auth.session import Session
from portico.auth.shared import Part, Shared
from portico.auth.succession import HANDLE_LIMIT
from portico.auth.tokens import TokenSet
from portico.model.identity import Identity


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An app of a group. `origin` names the auth API that all of them have. `asks`: it finds out by itself
    what a user is to it; else that is what the answer said which handed out the tokens. `keep` are the keys
    of its store that outlive a log-out."""

    app: str
    group: str
    origin: str
    asks: bool
    keep: frozenset[str] = frozenset()


class Groups:
    """The apps of this process that share their sessions. Any other app has its own."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def admit(self, member: Member) -> None:
        """From now on it is one; another version of an app takes the place of the one before."""
        self._members[member.app] = member

    def leave(self, app: str) -> None:
        """From now on an app has its own sessions."""
        self._members.pop(app, None)

    def began(self, app: str, *, jar: Jar, heir_of: Session | None = None) -> Shared | None:
        """What a new session of an app is to share; None: nothing. What other apps know of its user goes on
        where it is the heir of another session of that user."""
        member = self._members.get(app)
        if member is None:
            return None
        before = heir_of.shared if heir_of is not None else None
        # Names for cookies stay what they are, whichever app the user signs in to anew.
        home = before.home if before is not None and jar.app else app
        parts = before.parts if before is not None else {}
        return Shared(group=member.group, origin=member.origin, home=home, parts=parts)

    def seen(self, session: Session, app: str) -> Session | None:
        """A session as an app sees it; None if it is not the app's: of another app, of another group, or with
        the tokens of another auth API."""
        member, shared = self._members.get(app), session.shared
        if member is None or shared is None:
            return session if member is None and shared is None and session.app == app else None
        if (shared.group, shared.origin) != (member.group, member.origin):
            return None
        return session if session.app == app else _turned(session, shared, member)

    def joins(self, session: Session) -> bool:
        """Whether the app of a session takes its user over without asking anybody."""
        member = self._members.get(session.app)
        return session.joining and member is not None and not member.asks

    def granted(self, session: Session, identity: Identity) -> Session:
        """A session whose tokens came with an answer that said this of the user: apps that do not ask by
        themselves go by it. What an app said itself of the user is no part of it."""
        member, shared = self._members.get(session.app), session.shared
        if member is None or shared is None or member.asks:
            return session
        if session.own_user:
            identity = replace(identity, user=shared.granted.user if shared.granted is not None else {})
        parts = {
            app: replace(part, roles=identity.roles, user=part.user if part.own_user else identity.user)
            for app, part in shared.parts.items()
        }
        return replace(session, shared=replace(shared, granted=identity, parts=parts))

    def owner(self, app: str) -> str:
        """Whose sessions an app has: its own, or those of its group."""
        member = self._members.get(app)
        return member.group if member is not None else app

    def apps(self, session: Session) -> tuple[str, ...]:
        """The apps that may have something in a session."""
        shared = session.shared
        if shared is None:
            return (session.app,)
        there = {member.app for member in self._members.values() if member.group == shared.group}
        return tuple(sorted(there | {session.app, *shared.parts}))

    def kept_by(self, app: str) -> Collection[str]:
        """The keys of an app's store that outlive a log-out in another."""
        member = self._members.get(app)
        return member.keep if member is not None else ()


def joined(session: Session) -> Session:
    """A session that its app has taken over as it is."""
    return replace(session, joining=False)


def named(session: Session) -> Session:
    """A session in which each app has a name for each of its tokens: after a renewal in another, too."""
    tokens, shared = session.tokens, session.shared
    if tokens is None or shared is None:
        return session
    parts = {
        app: replace(part, handles=_with_names(tokens, part.handles)) for app, part in shared.parts.items()
    }
    own = replace(tokens, handles=_with_names(tokens, tokens.handles))
    return replace(session, tokens=own, shared=replace(shared, parts=parts))


def _with_names(tokens: TokenSet, handles: Mapping[str, Handle]) -> dict[str, Handle]:
    known = {(handle.slot, handle.claims) for handle in handles.values()}
    found = dict(handles)
    for slot in ("access", "refresh"):
        token = tokens.slots.get(slot)
        claims = claims_of(token.reveal()) if token is not None else ""
        handle = Handle(slot=slot, claims=digest(claims))
        if token is not None and (slot, handle.claims) not in known:
            found[new_handle(claims)] = handle
    return dict(list(found.items())[-HANDLE_LIMIT:])


def _turned(session: Session, shared: Shared, member: Member) -> Session:
    """The session of another app of the group, as this one sees it."""
    tokens, identity = session.tokens, session.identity
    parts = dict(shared.parts)
    if identity is not None and not session.joining:
        parts[session.app] = Part(
            user=identity.user,
            roles=identity.roles,
            own_user=session.own_user,
            confirmed_at=session.confirmed_at,
            handles=tokens.handles if tokens is not None else {},
        )
    found = parts.pop(member.app, None)
    granted = shared.granted if not member.asks else None
    mine = found or Part(
        user=granted.user if granted is not None else {},
        roles=granted.roles if granted is not None else frozenset(),
    )
    return replace(
        session,
        app=member.app,
        identity=identity and Identity(uid=identity.uid, user=mine.user, roles=mine.roles),
        tokens=tokens and replace(tokens, handles=mine.handles),
        own_user=mine.own_user,
        confirmed_at=mine.confirmed_at,
        joining=identity is not None and found is None,
        jar=replace(session.jar, app="" if member.app == shared.home else member.app),
        shared=replace(shared, parts=parts),
    )
