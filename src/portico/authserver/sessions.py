"""Sign-ins that can be renewed: one row for each refresh token, each good for one rotation."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from portico.authserver.database import Database
from portico.authserver.fault_kinds import RefreshPolicy
from portico.authserver.interference import current
from portico.authserver.moments import from_ms, to_ms
from portico.clock import Clock
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One link of a sign-in's chain: what its refresh token stands for."""

    session_id: str
    user_id: int
    device_id: str | None
    login_at: datetime
    created_at: datetime
    expires_at: datetime
    absolute_expires_at: datetime


class Sessions:
    """Starts, rotates, lists and revokes sessions, as Strapi's session manager does for its refresh tokens.

    A session ends when it was idle for `idle`, `maximum` after the sign-in, or when it is revoked. `reuse` is
    what becomes of one that was rotated before: by default it is refused, and nothing else.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        idle: timedelta,
        maximum: timedelta,
        reuse: RefreshPolicy = RefreshPolicy.STRICT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._idle = idle
        self._maximum = maximum
        self._reuse = reuse

    async def start(
        self, user_id: int, *, device_id: str | None, password_hash: Secret | None = None
    ) -> Session | None:
        """The session of a new sign-in; none if the user's hash is not `password_hash` any more (P77)."""
        return await self._database.write(
            lambda connection: self.begin(
                connection, user_id, device_id=device_id, password_hash=password_hash
            )
        )

    def begin(
        self,
        connection: sqlite3.Connection,
        user_id: int,
        *,
        device_id: str | None,
        password_hash: Secret | None = None,
    ) -> Session | None:
        """As `start` does, inside a transaction."""
        now = self._clock.now()
        session = Session(
            session_id=_new_session_id(),
            user_id=user_id,
            device_id=device_id,
            login_at=now,
            created_at=now,
            expires_at=now + self._idle,
            absolute_expires_at=now + self._maximum,
        )
        connection.execute("DELETE FROM sessions WHERE absolute_expires_at <= ?", (to_ms(now),))
        if not has_password(connection, user_id, password_hash):
            return None
        _insert(connection, session)
        return session

    async def rotate(self, session_id: str) -> Session | None:
        """The session that follows `session_id`, for one caller only; None for all others, or if it ended.

        A fault may let those that were rotated before be rotated again, or end what became of them.
        """
        now, policy = self._clock.now(), current().refresh or self._reuse
        child_id = _new_session_id()

        def exchange(connection: sqlite3.Connection) -> Session | None:
            if policy is RefreshPolicy.FAMILY:
                _end_family(connection, session_id)
            again = policy is RefreshPolicy.REPLAY
            row = self._retire(connection, session_id, child_id, to_ms(now), again=again)
            if row is None:
                return None
            child = Session(
                session_id=child_id,
                user_id=row["user_id"],
                device_id=row["device_id"],
                login_at=from_ms(row["login_at"]),
                created_at=now,
                expires_at=now + self._idle,
                absolute_expires_at=from_ms(row["absolute_expires_at"]),
            )
            _insert(connection, child)
            return child

        return await self._database.write(exchange)

    async def active(self, session_id: str) -> Session | None:
        """The session, if it could be rotated now."""
        now = to_ms(self._clock.now())
        row = await self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM sessions WHERE session_id = ? AND status = 'active'"
                " AND expires_at > ? AND absolute_expires_at > ?",
                (session_id, now, now),
            ).fetchone()
        )
        return None if row is None else _session(row)

    async def prolonged(self, session_id: str, *, after: timedelta) -> Session | None:
        """The session, if it is active. It lasts as long as a new one again, if `after` has passed since it
        began or was prolonged."""
        now = self._clock.now()
        values = (
            to_ms(now + self._idle - after),
            to_ms(now + self._idle),
            session_id,
            to_ms(now),
            to_ms(now),
        )
        row = await self._database.write(
            lambda connection: connection.execute(
                "UPDATE sessions SET expires_at = CASE WHEN expires_at <= ? THEN ? ELSE expires_at END"
                " WHERE session_id = ? AND status = 'active' AND expires_at > ? AND absolute_expires_at > ?"
                " RETURNING *",
                values,
            ).fetchone()
        )
        return None if row is None else _session(row)

    async def known(self, session_id: str) -> Session | None:
        """The session, rotated or not, if it was not revoked and its sign-in is not over."""
        now = to_ms(self._clock.now())
        row = await self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM sessions WHERE session_id = ? AND absolute_expires_at > ?", (session_id, now)
            ).fetchone()
        )
        return None if row is None else _session(row)

    async def of_user(self, user_id: int) -> list[Session]:
        """What a user could renew now: one session for each sign-in, the latest first."""
        now = to_ms(self._clock.now())
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT * FROM sessions WHERE user_id = ? AND status = 'active'"
                " AND expires_at > ? AND absolute_expires_at > ? ORDER BY created_at DESC, rowid DESC",
                (user_id, now, now),
            ).fetchall()
        )
        return [_session(row) for row in rows]

    async def revoke(self, user_id: int, session_id: str) -> bool:
        """End one session of this user; False where the user has none of this id."""
        return (
            await self._delete(
                "DELETE FROM sessions WHERE user_id = ? AND session_id = ?", (user_id, session_id)
            )
            > 0
        )

    async def revoke_device(self, user_id: int, device_id: str) -> None:
        """End every session of this user on one device."""
        await self._delete("DELETE FROM sessions WHERE user_id = ? AND device_id = ?", (user_id, device_id))

    async def revoke_all(self, user_id: int) -> None:
        """End every session of this user."""
        await self._delete("DELETE FROM sessions WHERE user_id = ?", (user_id,))

    async def _delete(self, statement: str, values: tuple[int | str, ...]) -> int:
        return await self._database.write(lambda connection: connection.execute(statement, values).rowcount)

    def _retire(
        self, connection: sqlite3.Connection, session_id: str, child_id: str, now: int, *, again: bool
    ) -> sqlite3.Row | None:
        # The condition on `status` is what makes a refresh token good for one use only, whoever else asks.
        row: sqlite3.Row | None = connection.execute(
            "UPDATE sessions SET status = 'rotated', child_id = ? WHERE session_id = ?"
            " AND (status = 'active' OR ?) AND expires_at > ? AND absolute_expires_at > ? RETURNING *",
            (child_id, session_id, again, now, now),
        ).fetchone()
        return row


def has_password(connection: sqlite3.Connection, user_id: int, password_hash: Secret | None) -> bool:
    """Whether there is this user, and, where a hash is given, that it is theirs, as a transaction sees it."""
    found = connection.execute(
        "SELECT 1 FROM users WHERE id = ? AND password_hash = coalesce(?, password_hash)",
        (user_id, password_hash.reveal() if password_hash else None),
    )
    return found.fetchone() is not None


def end_for_new_password(connection: sqlite3.Connection, user_id: int, *, keep: str = "") -> None:
    """End every session of a user but one of GoTrue's, in every dialect (P16, P77).

    What could begin one ends too: links and codes that were mailed, and codes that wait to be exchanged
    (P76).
    """
    for table in ("gotrue_one_time_tokens", "gotrue_auth_codes", "oidc_logins"):
        connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))  # noqa: S608 (three names)
    connection.execute("DELETE FROM gotrue_sessions WHERE user_id = ? AND session_id != ?", (user_id, keep))
    connection.execute("DELETE FROM sessions WHERE user_id = ?", (user_id,))


def _end_family(connection: sqlite3.Connection, session_id: str) -> None:
    """If the session was rotated before, end all that came of it."""
    connection.execute(
        "WITH RECURSIVE family (id) AS (SELECT session_id FROM sessions WHERE session_id = ?"
        " AND status = 'rotated' UNION SELECT child_id FROM sessions JOIN family ON session_id = id)"
        " DELETE FROM sessions WHERE session_id IN family",
        (session_id,),
    )


def _new_session_id() -> str:
    return secrets.token_hex(16)


def _insert(connection: sqlite3.Connection, session: Session) -> None:
    connection.execute(
        "INSERT INTO sessions (session_id, user_id, device_id, status, login_at, created_at,"
        " expires_at, absolute_expires_at) VALUES (?, ?, ?, 'active', ?, ?, ?, ?)",
        (
            session.session_id,
            session.user_id,
            session.device_id,
            to_ms(session.login_at),
            to_ms(session.created_at),
            to_ms(session.expires_at),
            to_ms(session.absolute_expires_at),
        ),
    )


def _session(row: sqlite3.Row) -> Session:
    return Session(
        session_id=row["session_id"],
        user_id=row["user_id"],
        device_id=row["device_id"],
        login_at=from_ms(row["login_at"]),
        created_at=from_ms(row["created_at"]),
        expires_at=from_ms(row["expires_at"]),
        absolute_expires_at=from_ms(row["absolute_expires_at"]),
    )
