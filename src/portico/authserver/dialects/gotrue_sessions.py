"""GoTrue's sessions: one row for each sign-in, and a counter that says which of its refresh tokens is active.

Source: `RefreshTokenGrant` in `internal/tokens/service.go` of `supabase/auth`, for tokens of version 2.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portico.authserver.database import Database
from portico.authserver.dialects.gotrue_refresh_token import RefreshToken
from portico.authserver.fault_kinds import RefreshPolicy
from portico.authserver.interference import current
from portico.authserver.moments import from_ms, to_ms
from portico.authserver.sessions import has_password
from portico.authserver.settings import GoTrueSettings
from portico.clock import Clock
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A sign-in by GoTrue's `method`, of those that `amr` names.

    `counter` is the number of its active refresh token, `refreshed_at` when that was made.
    """

    session_id: UUID
    user_id: int
    counter: int
    created_at: datetime
    refreshed_at: datetime
    method: str = "password"

    @property
    def token(self) -> RefreshToken:
        """The refresh token that is active."""
        return RefreshToken(session_id=self.session_id, number=self.counter)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """A refresh that was granted: by a rotation, or, for the `causes` given, with the active token again."""

    session: Session
    causes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reused:
    """A used token came back too late: the session is gone, for whoever has tokens of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expired:
    """The session is over; `why` is GoTrue's word for it, if it has one."""

    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotIssued:
    """A token whose number is still to come: the database is older than the token."""


Outcome = Refreshed | Reused | Expired | NotIssued


class Sessions:
    """Starts, refreshes and ends sessions."""

    def __init__(self, database: Database, clock: Clock, settings: GoTrueSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def start(
        self, user_id: int, password_hash: Secret | None = None, *, method: str = "password"
    ) -> Session | None:
        """The session of a new sign-in; none if the user's hash is not `password_hash` any more (P77)."""
        now = self._clock.now()

        def insert(connection: sqlite3.Connection) -> Session | None:
            if not has_password(connection, user_id, password_hash):
                return None
            return insert_session(connection, user_id, method, now)

        return await self._database.write(insert)

    async def find(self, session_id: UUID) -> Session | None:
        """The session, if it was not ended."""
        return await self._database.read(lambda connection: find_session(connection, session_id))

    async def refresh(self, token: RefreshToken) -> Outcome | None:
        """Exchange a refresh token; None where its session was ended. Whole or not at all, whoever else asks.

        The active token makes the next one active. The one before it gets the active one again, however late:
        a client may have lost the answer (P104). Any older one ends the session (P105), but for
        `reuse_interval` after the last rotation, which no reuse makes longer. A fault may have another rule.
        Raises `sqlite3.OperationalError` if others hold the database.
        """
        now, policy = self._clock.now(), current().refresh
        return await self._database.write(lambda connection: self._refresh(connection, token, now, policy))

    async def end(self, session_id: UUID) -> bool:
        """End one session; False where it has ended before."""
        return await self._delete("DELETE FROM gotrue_sessions WHERE session_id = ?", str(session_id))

    async def end_others(self, user_id: int, session_id: UUID) -> None:
        """End every session of this user but one."""
        await self._delete(
            "DELETE FROM gotrue_sessions WHERE user_id = ? AND session_id != ?", user_id, str(session_id)
        )

    async def end_all(self, user_id: int) -> None:
        """End every session of this user."""
        await self._delete("DELETE FROM gotrue_sessions WHERE user_id = ?", user_id)

    def _refresh(
        self,
        connection: sqlite3.Connection,
        token: RefreshToken,
        now: datetime,
        policy: RefreshPolicy | None,
    ) -> Outcome | None:
        session = find_session(connection, token.session_id)
        if session is None:
            return None
        expired = self._expired(connection, session, now)
        behind = session.counter - token.number
        if expired is not None:
            return expired
        if behind < 0:
            return NotIssued()
        causes = self._causes(session, behind, now, policy)
        if behind and not causes:
            if policy is not RefreshPolicy.STRICT:
                _end(connection, session)
            return Reused()
        return Refreshed(session=session if behind else _rotate(connection, session, now), causes=causes)

    def _causes(
        self, session: Session, behind: int, now: datetime, policy: RefreshPolicy | None
    ) -> list[str]:
        """What excuses a token that is `behind` the active one, in GoTrue's words and order."""
        if policy in (RefreshPolicy.STRICT, RefreshPolicy.FAMILY):
            return []
        if policy is RefreshPolicy.REPLAY:
            return ["concurrent-refresh"] if behind else []
        causes = []
        if behind > 0 and now - session.refreshed_at < self._settings.reuse_interval:
            causes.append("concurrent-refresh")
        if behind == 1:
            causes.append("fail-to-save")
        return causes

    def _expired(self, connection: sqlite3.Connection, session: Session, now: datetime) -> Expired | None:
        if _is_over(session.created_at, self._settings.timebox, now):
            return Expired()
        if _is_over(session.refreshed_at, self._settings.inactivity, now):
            return Expired(why="Inactivity")
        if self._settings.single_session and _has_newer(connection, session):
            return Expired(why="Revoked by Newer Login")
        return None

    async def _delete(self, statement: str, *values: int | str) -> bool:
        return await self._database.write(
            lambda connection: connection.execute(statement, values).rowcount > 0
        )


def insert_session(connection: sqlite3.Connection, user_id: int, method: str, now: datetime) -> Session:
    """A new session, as part of a transaction."""
    session = Session(
        session_id=uuid4(), user_id=user_id, counter=0, created_at=now, refreshed_at=now, method=method
    )
    connection.execute(
        "INSERT INTO gotrue_sessions (session_id, user_id, counter, created_at, refreshed_at, method)"
        " VALUES (?, ?, 0, ?, ?, ?)",
        (str(session.session_id), user_id, to_ms(now), to_ms(now), method),
    )
    return session


def find_session(connection: sqlite3.Connection, session_id: UUID) -> Session | None:
    """The session, if it was not ended, as a transaction sees it."""
    row = connection.execute(
        "SELECT * FROM gotrue_sessions WHERE session_id = ?", (str(session_id),)
    ).fetchone()
    if row is None:
        return None
    return Session(
        session_id=UUID(row["session_id"]),
        user_id=row["user_id"],
        counter=row["counter"],
        created_at=from_ms(row["created_at"]),
        refreshed_at=from_ms(row["refreshed_at"]),
        method=row["method"],
    )


def _end(connection: sqlite3.Connection, session: Session) -> None:
    connection.execute("DELETE FROM gotrue_sessions WHERE session_id = ?", (str(session.session_id),))


def _rotate(connection: sqlite3.Connection, session: Session, now: datetime) -> Session:
    rotated = replace(session, counter=session.counter + 1, refreshed_at=now)
    connection.execute(
        "UPDATE gotrue_sessions SET counter = ?, refreshed_at = ? WHERE session_id = ?",
        (rotated.counter, to_ms(now), str(session.session_id)),
    )
    return rotated


def _is_over(since: datetime, lifetime: timedelta | None, now: datetime) -> bool:
    return lifetime is not None and now > since + lifetime


def _has_newer(connection: sqlite3.Connection, session: Session) -> bool:
    found = connection.execute(
        "SELECT 1 FROM gotrue_sessions WHERE user_id = ? AND session_id != ? AND refreshed_at > ?",
        (session.user_id, str(session.session_id), to_ms(session.refreshed_at)),
    )
    return found.fetchone() is not None
