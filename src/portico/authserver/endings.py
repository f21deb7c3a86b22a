"""Ends sessions from outside, as an administrator does at an identity provider."""

import sqlite3

from portico.authserver.database import Database

_TABLES = ("sessions", "gotrue_sessions", "oidc_logins")
_OF_USER = "SELECT id FROM users WHERE email = lower(?1) OR username = ?1 COLLATE NOCASE"


async def end_sessions(database: Database, user: str = "") -> int:
    """End every session of the user with this name or address, or everybody's; how many there were.

    What a token opens that no session stands behind (`legacy-support`), it opens on.
    """

    def delete(connection: sqlite3.Connection) -> int:
        where, values = (f" WHERE user_id IN ({_OF_USER})", (user,)) if user else ("", ())
        return sum(
            connection.execute(f"DELETE FROM {table}{where}", values).rowcount  # noqa: S608 (three names)
            for table in _TABLES
        )

    return await database.write(delete)
