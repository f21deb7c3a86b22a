"""Who somebody is elsewhere: GoTrue's identities, which are known by provider and subject alone (P92).

Source: `internal/models/identity.go` and `internal/models/linking.go` of `supabase/auth`.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import final
from uuid import UUID, uuid4

from portico.authserver.database import Database
from portico.authserver.moments import from_ms, to_ms
from portico.clock import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A user as `provider` knows them; `data` is what it said at the last sign-in."""

    identity_id: UUID
    provider: str
    subject: str
    data: Mapping[str, object]
    created_at: datetime
    last_sign_in_at: datetime


@final
class Identities:
    """Finds users by their identities, and gives them new ones."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def user_of(self, provider: str, subject: str) -> int | None:
        """The account that this identity opens."""
        row = await self._database.read(
            lambda connection: connection.execute(
                "SELECT user_id FROM gotrue_identities WHERE provider = ? AND subject = ?",
                (provider, subject),
            ).fetchone()
        )
        return None if row is None else int(row["user_id"])

    async def link(self, user_id: int, provider: str, subject: str, data: Mapping[str, object]) -> None:
        """Let this identity open the account, or note that it did again and what it says now."""
        now = to_ms(self._clock.now())
        values = (str(uuid4()), user_id, provider, subject, json.dumps(data), now, now)

        def upsert(connection: sqlite3.Connection) -> None:
            # An identity that somebody else was given in the meantime stays theirs.
            connection.execute(
                "INSERT INTO gotrue_identities (identity_id, user_id, provider, subject, data, created_at,"
                " last_sign_in_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (provider, subject) DO UPDATE"
                " SET data = excluded.data, last_sign_in_at = excluded.last_sign_in_at"
                " WHERE user_id = excluded.user_id",
                values,
            )

        await self._database.write(upsert)


def identities_of(connection: sqlite3.Connection, user_id: int) -> tuple[Identity, ...]:
    """The identities of a user, the first first."""
    rows = connection.execute(
        "SELECT * FROM gotrue_identities WHERE user_id = ? ORDER BY created_at, rowid", (user_id,)
    )
    return tuple(
        Identity(
            identity_id=UUID(row["identity_id"]),
            provider=row["provider"],
            subject=row["subject"],
            data=json.loads(row["data"]),
            created_at=from_ms(row["created_at"]),
            last_sign_in_at=from_ms(row["last_sign_in_at"]),
        )
        for row in rows.fetchall()
    )
