"""GoTrue's flow state: a trip to a provider and back, and the code that an app exchanges afterwards.

GoTrue's states and codes are UUIDs that are kept as they are, good for five minutes. Here they have 256
random bits, are kept as hashes, and a trip belongs to the browser that began it (P90). A code is good for a
minute, for one exchange; who brings it a second time ends the session that came of the first (P95). Source:
`internal/models/flow_state.go` and `PKCE` in `internal/api/token.go` of `supabase/auth`.
"""

import hashlib
import hmac
import sqlite3
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import final

from portico.authserver.database import Database
from portico.authserver.dialects.gotrue_errors import GoTrueRefusal
from portico.authserver.dialects.gotrue_sessions import Session, insert_session
from portico.authserver.moments import to_ms
from portico.authserver.settings import GoTrueSettings
from portico.clock import Clock
from portico.values import Secret, new_id

_BYTES = 32
#: How long it is remembered that something is over, so that it can be said.
_REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trip:
    """A way to a provider: what an app asked for. Without `challenge` it wants the tokens themselves."""

    provider: str
    challenge: str
    redirect_to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A trip that was begun: its state, which travels, and what only the browser that began it has."""

    state: Secret
    browser: Secret


@final
class Flows:
    """Begins and ends trips, issues and exchanges codes."""

    def __init__(self, database: Database, clock: Clock, settings: GoTrueSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    async def begin(self, trip: Trip) -> Begun:
        """A new trip."""
        begun = Begun(state=Secret(new_id(_BYTES)), browser=Secret(new_id(_BYTES)))
        now = self._clock.now()
        row = (
            hash_of(begun.state.reveal()),
            hash_of(begun.browser.reveal()),
            trip.provider,
            trip.challenge,
            trip.redirect_to,
            to_ms(now + self._settings.state_lifetime),
        )

        def insert(connection: sqlite3.Connection) -> None:
            _forget(connection, "gotrue_flow_states", now)
            connection.execute(
                "INSERT INTO gotrue_flow_states (state_hash, browser_hash, provider, challenge, redirect_to,"
                " used, expires_at) VALUES (?, ?, ?, ?, ?, 0, ?)",
                row,
            )

        await self._database.write(insert)
        return begun

    async def end(self, state: str, browser: str) -> Trip:
        """The trip, for the first who comes back from it, in the browser that began it.

        Raises `GoTrueRefusal`.
        """
        now = to_ms(self._clock.now())

        def use(connection: sqlite3.Connection) -> sqlite3.Row:
            row: sqlite3.Row | None = connection.execute(
                "SELECT * FROM gotrue_flow_states WHERE state_hash = ? AND browser_hash = ?",
                (hash_of(state), hash_of(browser)),
            ).fetchone()
            if row is None:
                raise _bad_state("OAuth state not found or expired")
            if row["expires_at"] <= now:
                raise _bad_state("OAuth state has expired")
            if row["used"]:
                raise GoTrueRefusal(400, "flow_state_already_used", "State has already been used")
            connection.execute(
                "UPDATE gotrue_flow_states SET used = 1 WHERE state_hash = ?", (row["state_hash"],)
            )
            return row

        row = await self._database.write(use)
        return Trip(provider=row["provider"], challenge=row["challenge"], redirect_to=row["redirect_to"])

    async def issue_code(self, user_id: int, *, method: str, challenge: str) -> Secret:
        """A code for the app that has the verifier of `challenge`."""
        code, now = new_id(_BYTES), self._clock.now()
        row = (hash_of(code), user_id, method, challenge, to_ms(now + self._settings.code_lifetime))

        def insert(connection: sqlite3.Connection) -> None:
            _forget(connection, "gotrue_auth_codes", now)
            connection.execute(
                "INSERT INTO gotrue_auth_codes (code_hash, user_id, method, challenge, expires_at)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )

        await self._database.write(insert)
        return Secret(code)

    async def exchange(self, code: str, verifier: str) -> Session:
        """The session of a code. A code that comes again takes it along. Raises `GoTrueRefusal`."""
        now = self._clock.now()
        outcome = await self._database.write(lambda connection: _exchange(connection, code, verifier, now))
        if isinstance(outcome, GoTrueRefusal):
            raise outcome
        return outcome


def _exchange(
    connection: sqlite3.Connection, code: str, verifier: str, now: datetime
) -> Session | GoTrueRefusal:
    """A refusal is returned where something has to be kept of it: what is raised undoes a transaction."""
    row = connection.execute(
        "SELECT * FROM gotrue_auth_codes WHERE code_hash = ?", (hash_of(code),)
    ).fetchone()
    if row is None or row["session_id"] is not None:
        if row is not None:
            connection.execute("DELETE FROM gotrue_sessions WHERE session_id = ?", (row["session_id"],))
        message = "invalid flow state, no valid flow state found"
        return GoTrueRefusal(404, "flow_state_not_found", message)
    if row["expires_at"] <= to_ms(now):
        message = "invalid flow state, flow state has expired"
        return GoTrueRefusal(422, "flow_state_expired", message)
    if not hmac.compare_digest(row["challenge"].encode(), _challenge(verifier)):
        message = "code challenge does not match previously saved code verifier"
        return GoTrueRefusal(400, "bad_code_verifier", message)
    session = insert_session(connection, row["user_id"], row["method"], now)
    connection.execute(
        "UPDATE gotrue_auth_codes SET session_id = ? WHERE code_hash = ?",
        (str(session.session_id), row["code_hash"]),
    )
    return session


def hash_of(secret: str) -> str:
    """What is kept of a random secret."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _challenge(verifier: str) -> bytes:
    digest = hashlib.sha256(verifier.encode(errors="surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=")


def _bad_state(message: str) -> GoTrueRefusal:
    return GoTrueRefusal(400, "bad_oauth_state", message)


def _forget(connection: sqlite3.Connection, table: str, now: datetime) -> None:
    statement = f"DELETE FROM {table} WHERE expires_at <= ?"  # noqa: S608 (our own two names)
    connection.execute(statement, (to_ms(now - _REMEMBERED),))
