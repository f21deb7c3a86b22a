"""One SQLite connection on a thread of its own, so that no query holds up the event loop."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

_Result = TypeVar("_Result")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id   TEXT NOT NULL UNIQUE,
    username      TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    confirmed     INTEGER NOT NULL,
    blocked       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    session_id          TEXT PRIMARY KEY,
    user_id             INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id           TEXT,
    status              TEXT NOT NULL CHECK (status IN ('active', 'rotated')),
    child_id            TEXT,
    login_at            INTEGER NOT NULL,
    created_at          INTEGER NOT NULL,
    expires_at          INTEGER NOT NULL,
    absolute_expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS sessions_of_user ON sessions (user_id);
CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (absolute_expires_at);
CREATE TABLE IF NOT EXISTS gotrue_profiles (
    user_id              INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    uuid                 TEXT NOT NULL UNIQUE,
    identity_id          TEXT NOT NULL,
    metadata             TEXT NOT NULL,
    new_email            TEXT,
    email_change_sent_at INTEGER,
    last_sign_in_at      INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS gotrue_sessions (
    session_id   TEXT PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    counter      INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS gotrue_sessions_of_user ON gotrue_sessions (user_id);
CREATE TABLE IF NOT EXISTS gotrue_identities (
    identity_id     TEXT PRIMARY KEY,
    user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider        TEXT NOT NULL,
    subject         TEXT NOT NULL,
    data            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    last_sign_in_at INTEGER NOT NULL,
    UNIQUE (provider, subject)
) STRICT;
CREATE INDEX IF NOT EXISTS gotrue_identities_of_user ON gotrue_identities (user_id);
CREATE TABLE IF NOT EXISTS gotrue_one_time_tokens (
    email      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
    creates    INTEGER NOT NULL,
    metadata   TEXT NOT NULL,
    challenge  TEXT NOT NULL,
    link_hash  TEXT NOT NULL UNIQUE,
    code_hash  TEXT NOT NULL,
    guesses    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (email, kind)
) STRICT;
CREATE INDEX IF NOT EXISTS gotrue_one_time_tokens_of_user ON gotrue_one_time_tokens (user_id);
CREATE TABLE IF NOT EXISTS gotrue_flow_states (
    state_hash   TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    provider     TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    redirect_to  TEXT NOT NULL,
    used         INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS gotrue_auth_codes (
    code_hash  TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method     TEXT NOT NULL,
    challenge  TEXT NOT NULL,
    session_id TEXT,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS gotrue_auth_codes_of_user ON gotrue_auth_codes (user_id);
CREATE TABLE IF NOT EXISTS oidc_logins (
    sid          TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL UNIQUE,
    user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    began_at     INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS oidc_logins_of_user ON oidc_logins (user_id);
CREATE TABLE IF NOT EXISTS oidc_codes (
    code_hash    TEXT PRIMARY KEY,
    sid          TEXT NOT NULL REFERENCES oidc_logins (sid) ON DELETE CASCADE,
    client_id    TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge    TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    scope        TEXT NOT NULL,
    device_id    TEXT,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS oidc_codes_of_login ON oidc_codes (sid);
CREATE TABLE IF NOT EXISTS provider_codes (
    code_hash  TEXT PRIMARY KEY,
    provider   TEXT NOT NULL,
    person     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
"""
# Columns that came after their tables, which files of older versions have without them.
_ADDED = (
    ("gotrue_sessions", "method", "TEXT NOT NULL DEFAULT 'password'"),
    ("gotrue_profiles", "first_provider", "TEXT NOT NULL DEFAULT 'email'"),
    ("users", "role", "TEXT NOT NULL DEFAULT ''"),
)


class Database:
    """A file in WAL mode, or a database in memory that lives as long as this object.

    Work is a plain function over the connection; it runs whole, in order, on the one thread that owns the
    connection, and finishes even if the request that asked for it goes away. Raises `sqlite3.Error`.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="auth-database")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Connect and create what is missing."""
        await self._on_thread(self._connect)

    async def close(self) -> None:
        """Finish what was begun, then let go of the file and the thread."""
        await self._on_thread(self._disconnect)
        self._thread.shutdown()

    async def read(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """The result of `work`, which only reads."""
        return await self._on_thread(lambda: work(self._opened()))

    async def write(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """The result of `work`, committed as one transaction; nothing of it if it raises."""

        def transaction() -> _Result:
            with _immediate(self._opened()) as connection:
                return work(connection)

        return await self._on_thread(transaction)

    async def _on_thread(self, work: Callable[[], _Result]) -> _Result:
        # As the call that asks sees things: a fault may stand for it alone.
        seen = copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: seen.run(work))

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.ProgrammingError("the database is not open")
        return self._connection

    def _connect(self) -> None:
        if self._path is not None:
            # SQLite gives its side files the mode of the database: the hashes are nobody else's business.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(self._path or ":memory:", isolation_level=None, timeout=5.0)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        with _immediate(connection):
            _add_columns(connection)
        self._connection = connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _add_columns(connection: sqlite3.Connection) -> None:
    for table, column, kind in _ADDED:
        known = connection.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column))
        if known.fetchone() is None:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
