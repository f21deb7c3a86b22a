"""A session, and the form in which its record is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portico.auth.sealing import Handle
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.errors import PorticoError
from portico.model.identity import Identity
from portico.values import Secret

KIND = "session"
_FORMAT = 7


class SessionEnded(PorticoError):
    """The session ended while it was being used: logged out elsewhere, or replaced at a sign-in."""

    code = "session_ended"
    default_message = "This session has ended. Reload the page and sign in again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A sign-in that needs another step: what the auth API answered to the first one, with its tokens sealed,
    and the tokens behind the handles in it. It counts until `expires_at`."""

    answer: Any = field(repr=False)
    sealed: Mapping[str, str] = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A browser's session with one app, signed in or not.

    `lineage` stays the same when a visitor who has a session signs in: it names the browser's stay
    here, is never shown, and opens nothing. `generation` counts up whenever tokens or identity
    change. `tag` may stand in pages: it tells sessions apart, is new after every sign-in, and is
    empty for visitors who are not signed in. A `brief` session ends with the browser. `confirmed_at`
    is when the auth API last said who that is. `pending`: this visitor has taken the first step of a sign-in.
    `own_user`: what is known of the user is what the app's scripts said, and no answer of the auth API to
    this server's own questions changes that.
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
    own_user: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether there is a user."""
        return self.identity is not None


def encode(session: Session) -> bytes:
    """The record's content, to be sealed. Ticket, version and tag are not part of it.

    Raises TypeError or ValueError if the user's data are not JSON.
    """
    identity, tokens, pending = session.identity, session.tokens, session.pending
    return json.dumps(
        {
            "format": _FORMAT,
            "app": session.app,
            "lineage": session.lineage,
            "generation": session.generation,
            "brief": session.brief,
            "own_user": session.own_user,
            "created_at": session.created_at.timestamp(),
            "expires_at": session.expires_at.timestamp(),
            "confirmed_at": session.confirmed_at and session.confirmed_at.timestamp(),
            "pending": pending
            and {
                "answer": pending.answer,
                "sealed": dict(pending.sealed),
                "expires_at": pending.expires_at.timestamp(),
            },
            "identity": identity
            and {"uid": identity.uid, "user": dict(identity.user), "roles": sorted(identity.roles)},
            "tokens": tokens
            and {
                "access": tokens.access.reveal(),
                "refresh": tokens.refresh and tokens.refresh.reveal(),
                "identity": tokens.identity and tokens.identity.reveal(),
                "expires_at": tokens.expires_at and tokens.expires_at.timestamp(),
                "obtained_at": tokens.obtained_at and tokens.obtained_at.timestamp(),
                "handles": {name: [handle.slot, handle.claims] for name, handle in tokens.handles.items()},
            },
        },
        separators=(",", ":"),
    ).encode()


def decode(content: bytes, *, ticket: Ticket, version: int, tag: str) -> Session | None:
    """The session of an unsealed record; None if it was written in another format."""
    record: dict[str, Any] = json.loads(content)
    if record.get("format") != _FORMAT:
        return None
    identity, tokens, pending = record["identity"], record["tokens"], record["pending"]
    return Session(
        app=record["app"],
        ticket=ticket,
        lineage=record["lineage"],
        identity=identity
        and Identity(uid=identity["uid"], user=identity["user"], roles=frozenset(identity["roles"])),
        tokens=tokens
        and TokenSet(
            access=Secret(tokens["access"]),
            refresh=Secret(tokens["refresh"]) if tokens["refresh"] is not None else None,
            identity=Secret(tokens["identity"]) if tokens["identity"] is not None else None,
            expires_at=_moment(tokens["expires_at"]),
            obtained_at=_moment(tokens["obtained_at"]),
            handles={
                name: Handle(slot=slot, claims=claims) for name, (slot, claims) in tokens["handles"].items()
            },
        ),
        created_at=datetime.fromtimestamp(record["created_at"], UTC),
        expires_at=datetime.fromtimestamp(record["expires_at"], UTC),
        version=version,
        generation=record["generation"],
        tag=tag if identity else "",
        brief=record["brief"],
        own_user=record.get("own_user", False),
        confirmed_at=_moment(record["confirmed_at"]),
        pending=pending
        and Pending(
            answer=pending["answer"],
            sealed=pending["sealed"],
            expires_at=datetime.fromtimestamp(pending["expires_at"], UTC),
        ),
    )


def _moment(timestamp: float | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
