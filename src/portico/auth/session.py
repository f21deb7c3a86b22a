"""A session, and the form in which its record is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portico.auth.compact import packed, unpacked
from portico.auth.handles import Handle
from portico.auth.intent import Intent
from portico.auth.jar import Jar
from portico.auth.shared import Shared
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.errors import PorticoError
from portico.model.identity import Identity
from portico.values import Secret, new_id

KIND = "session"
_FORMAT = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class SessionEnded(PorticoError):
    """The session ended while it was being used: logged out elsewhere, or replaced at a sign-in."""

    code = "session_ended"
    default_message = "This session has ended. Reload the page and sign in again."


class Overtaken(PorticoError):
    """The tokens that were renewed are not the session's any more: `session` goes on with others."""

    code = "overtaken"

    def __init__(self, session: "Session") -> None:
        self.session = session
        super().__init__("somebody else renewed the tokens first")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A sign-in that needs another step: what the auth API answered to the first one, with its tokens sealed,
    and the tokens behind the handles in it. It counts until `expires_at`, and in `app` alone."""

    answer: Any = field(repr=False)
    sealed: Mapping[str, str] = field(repr=False)
    expires_at: datetime
    app: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A browser's session with one app, signed in or not.

    `lineage` stays the same when a visitor who has a session signs in: it names the browser's stay
    here, is never shown, and opens nothing. `generation` counts up whenever tokens or identity
    change. `tag` may stand in pages: it tells sessions apart, is new after every sign-in, and is
    empty for visitors who are not signed in. A `brief` session ends with the browser. `confirmed_at`
    is when the auth API last said who that is. `pending`: this visitor has taken the first step of a sign-in.
    `own_user`: what is known of the user is what the app's scripts said, and no answer of the auth API to
    this server's own questions changes that. `jar` are the cookies that datasources set.
    this server's own questions changes that. `intent`: its tokens are being renewed, or could not be.
    `refused_at` is when the auth API last refused a token in the place of which it has another. `agent` is
    what the browser called itself when it signed in.

    One that apps share is what `app` sees of it, and `shared` is the rest; `joining`: this app has not yet
    found out what the user is to it. `by_uid`: no token says who that is, but the app's own table of users.
    """

    app: str
    ticket: Ticket = field(repr=False)
    lineage: str = field(repr=False)
    identity: Identity | None
    tokens: TokenSet | None = field(repr=False)
    created_at: datetime
    expires_at: datetime
    version: int
    generation: int
    tag: str
    brief: bool = False
    confirmed_at: datetime | None = None
    pending: Pending | None = field(default=None, repr=False)
    jar: Jar = field(default_factory=Jar, repr=False)
    own_user: bool = False
    intent: Intent | None = None
    refused_at: datetime | None = None
    agent: str = ""
    shared: Shared | None = None
    joining: bool = False
    by_uid: bool = False

    @property
    def step(self) -> Pending | None:
        """The step that a sign-in in this app waits for."""
        return self.pending if self.pending is not None and self.pending.app in ("", self.app) else None

    @property
    def owner(self) -> str:
        """Whose it is: the app, or the group of those that share it."""
        return self.shared.group if self.shared is not None else self.app

    @property
    def signed_in(self) -> bool:
        """Whether there is a user."""
        return self.identity is not None

    @property
    def slots(self) -> dict[str, Secret]:
        """Its tokens and cookies by what they are for."""
        return {**(self.tokens.slots if self.tokens is not None else {}), **self.jar.slots}

    @property
    def handles(self) -> dict[str, Handle]:
        """The names that these go by."""
        return {**(self.tokens.handles if self.tokens is not None else {}), **self.jar.handles}


def visitor(
    app: str, *, now: datetime, expires_at: datetime, jar: Jar, shared: Shared | None = None
) -> Session:
    """A session of nobody, not stored yet."""
    return Session(
        app=app,
        ticket=Ticket.new(),
        lineage=new_id(),
        identity=None,
        tokens=None,
        created_at=now,
        expires_at=expires_at,
        version=0,
        generation=0,
        tag="",
        jar=jar,
        shared=shared,
    )


def encode(session: Session) -> bytes:
    """The record's content, to be sealed. Ticket, version and tag are not part of it.

    Raises TypeError or ValueError if the user's data are not JSON.
    """
    return packed(as_json(session))


def decode(content: bytes, *, ticket: Ticket, version: int, tag: str) -> Session | None:
    """The session of an unsealed record; None if it was written in another format."""
    try:
        record = unpacked(content)
    except ValueError:
        return None
    return of_json(record, ticket=ticket, version=version, tag=tag)


def as_json(session: Session) -> dict[str, Any]:
    """What is kept of a session. What is not there is left out, and names are short, since there may be
    millions. Moments count from the beginning."""
    begin, identity, tokens, pending = session.created_at, session.identity, session.tokens, session.pending
    return _short(
        f=_FORMAT,
        a=session.app,
        l=session.lineage,
        g=session.generation,
        b=session.brief or None,
        o=session.own_user or None,
        n=session.agent or None,
        c=_since(begin, _EPOCH),
        e=_since(session.expires_at, begin),
        m=_since(session.confirmed_at, begin),
        j=session.jar.as_json(),
        r=session.intent and session.intent.as_json(),
        d=_since(session.refused_at, begin),
        p=pending and [pending.answer, dict(pending.sealed), _since(pending.expires_at, begin), pending.app],
        s=session.shared and session.shared.as_json(),
        q=session.joining or None,
        u=session.by_uid or None,
        i=identity and [identity.uid, dict(identity.user), sorted(identity.roles)],
        t=tokens
        and _short(
            a=tokens.access.reveal(),
            r=tokens.refresh and tokens.refresh.reveal(),
            i=tokens.identity and tokens.identity.reveal(),
            e=_since(tokens.expires_at, begin),
            o=_since(tokens.obtained_at, begin),
            h={name: handle.as_json() for name, handle in tokens.handles.items()},
            c=tokens.carrier or None,
            s=tokens.provider_session or None,
        ),
    )


def of_json(record: Mapping[str, Any], *, ticket: Ticket, version: int, tag: str) -> Session | None:
    """The session of which this was kept; None if it was written in another format."""
    if record.get("f") != _FORMAT:
        return None
    app, shared = record["a"], Shared.of_json(record["s"]) if "s" in record else None
    begin, jar = _EPOCH + record["c"] * _TICK, Jar.of_json(record["j"])
    identity, pending = record.get("i"), record.get("p")
    return Session(
        app=app,
        ticket=ticket,
        lineage=record["l"],
        identity=Identity(uid=identity[0], user=identity[1], roles=frozenset(identity[2]))
        if identity
        else None,
        tokens=_tokens(record["t"], begin) if "t" in record else None,
        created_at=begin,
        expires_at=begin + record["e"] * _TICK,
        version=version,
        generation=record["g"],
        tag=tag if identity else "",
        brief=record.get("b", False),
        own_user=record.get("o", False),
        jar=replace(jar, app=app) if shared is not None and app != shared.home else jar,
        agent=record.get("n", ""),
        by_uid=bool(record.get("u")),
        confirmed_at=_moment(record.get("m"), begin),
        intent=Intent.of_json(record["r"]) if "r" in record else None,
        refused_at=_moment(record.get("d"), begin),
        pending=pending
        and Pending(
            answer=pending[0], sealed=pending[1], expires_at=begin + pending[2] * _TICK, app=pending[3]
        ),
        shared=shared,
        joining=record.get("q", False),
    )


def _tokens(record: Mapping[str, Any], begin: datetime) -> TokenSet:
    return TokenSet(
        access=Secret(record["a"]),
        refresh=Secret(record["r"]) if "r" in record else None,
        identity=Secret(record["i"]) if "i" in record else None,
        expires_at=_moment(record.get("e"), begin),
        obtained_at=_moment(record.get("o"), begin),
        handles={name: Handle.of_json(handle) for name, handle in record["h"].items()},
        carrier=record.get("c", ""),
        provider_session=record.get("s", ""),
    )


def _short(**members: Any) -> dict[str, Any]:
    return {name: member for name, member in members.items() if member is not None}


def _since(at: datetime | None, begin: datetime) -> int | None:
    """Microseconds."""
    return None if at is None else (at - begin) // _TICK


def _moment(since: int | None, begin: datetime) -> datetime | None:
    return None if since is None else begin + since * _TICK
