"""A session, and the form in which its record is kept."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.errors import PorticoError
from portico.model.identity import Identity
from portico.values import Secret

KIND = "session"
_FORMAT = 2


class SessionEnded(PorticoError):
    """The session ended while it was being used: logged out elsewhere, or replaced at a sign-in."""

    code = "session_ended"
    default_message = "This session has ended. Reload the page and sign in again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A browser's session with one app, signed in or not.

    `lineage` stays the same when a visitor who has a session signs in: it names the browser's stay
    here, is never shown, and opens nothing. `generation` counts up whenever tokens or identity
    change. `tag` may stand in pages: it tells sessions apart, is new after every sign-in, and is
    empty for visitors who are not signed in. A `brief` session ends with the browser.
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

    @property
    def signed_in(self) -> bool:
        """Whether there is a user."""
        return self.identity is not None


def encode(session: Session) -> bytes:
    """The record's content, to be sealed. Ticket, version and tag are not part of it.

    Raises TypeError or ValueError if the user's data are not JSON.
    """
    identity, tokens = session.identity, session.tokens
    return json.dumps(
        {
            "format": _FORMAT,
            "app": session.app,
            "lineage": session.lineage,
            "generation": session.generation,
            "brief": session.brief,
            "created_at": session.created_at.timestamp(),
            "expires_at": session.expires_at.timestamp(),
            "identity": identity
            and {"uid": identity.uid, "user": dict(identity.user), "roles": sorted(identity.roles)},
            "tokens": tokens
            and {
                "access": tokens.access.reveal(),
                "refresh": tokens.refresh and tokens.refresh.reveal(),
                "expires_at": tokens.expires_at and tokens.expires_at.timestamp(),
            },
        },
        separators=(",", ":"),
    ).encode()


def decode(content: bytes, *, ticket: Ticket, version: int, tag: str) -> Session | None:
    """The session of an unsealed record; None if it was written in another format."""
    record: dict[str, Any] = json.loads(content)
    if record.get("format") != _FORMAT:
        return None
    identity, tokens = record["identity"], record["tokens"]
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
            expires_at=_moment(tokens["expires_at"]),
        ),
        created_at=datetime.fromtimestamp(record["created_at"], UTC),
        expires_at=datetime.fromtimestamp(record["expires_at"], UTC),
        version=version,
        generation=record["generation"],
        tag=tag if identity else "",
        brief=record["brief"],
    )


def _moment(timestamp: float | None) -> datetime | None:
    return None if timestamp is None else datetime.fromtimestamp(timestamp, UTC)
