"""What GoTrue mails: a link and a code, either good once, for a while and for one purpose (P76).

GoTrue makes the link of the code's hash, so that a million tries find both, and keeps them as they are. Here
a link has 256 random bits, a code can be tried five times, and the database has only hashes: of the link, and
of the code under a key that is not in it. One row is made for each request, also where nobody may get a mail,
so that no answer and no delay tells who has an account (P67, P68).
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import final

from portico.authserver.database import Database
from portico.authserver.moments import to_ms
from portico.authserver.signing import Signer
from portico.clock import Clock
from portico.values import Secret, new_id

#: What the token of a link begins with if a code for PKCE comes of it.
PKCE = "pkce_"

_LINK_BYTES = 32
_DIGITS = 6
_MOST_GUESSES = 5
_ROW = (
    "INTO gotrue_one_time_tokens (email, kind, user_id, creates, metadata, challenge, link_hash, code_hash,"
    " expires_at, guesses) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
)
# What leads nowhere ends nothing that was mailed before.
_INSERT = {True: f"INSERT OR REPLACE {_ROW}", False: f"INSERT OR IGNORE {_ROW}"}


class Kind(StrEnum):
    """What a mail is for, in GoTrue's words."""

    SIGN_UP = "signup"
    RECOVERY = "recovery"
    MAGIC_LINK = "magiclink"


@dataclass(frozen=True, kw_only=True, slots=True)
class Purpose:
    """Who asked for what. Without `user_id`, the token's return makes an account if it `creates`."""

    kind: Kind
    email: str
    user_id: int | None
    creates: bool
    metadata: Mapping[str, object]
    challenge: str

    @property
    def leads_somewhere(self) -> bool:
        """Whether there is anybody to sign in."""
        return self.user_id is not None or self.creates


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """What goes into the mail, and nowhere else."""

    link: Secret
    code: Secret


@final
class OneTimeTokens:
    """Issues and takes them."""

    def __init__(self, database: Database, clock: Clock, signer: Signer, lifetime: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._key = signer.derive(b"gotrue one-time code")
        self._lifetime = lifetime

    async def issue(self, purpose: Purpose) -> Issued:
        """A link and a code; those before them for the same address and purpose are over.

        Unless these lead nowhere: then what was mailed before stays good.
        """
        link = (PKCE if purpose.challenge else "") + new_id(_LINK_BYTES)
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        now = self._clock.now()
        row = (
            purpose.email,
            purpose.kind,
            purpose.user_id,
            purpose.creates,
            json.dumps(purpose.metadata),
            purpose.challenge,
            _hash(link),
            self._code_hash(purpose.kind, purpose.email, code),
            to_ms(now + self._lifetime),
        )

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM gotrue_one_time_tokens WHERE expires_at <= ?", (to_ms(now),))
            connection.execute(_INSERT[purpose.leads_somewhere], row)

        await self._database.write(insert)
        return Issued(link=Secret(link), code=Secret(code))

    async def take_link(self, token: str, kinds: Collection[Kind]) -> Purpose | None:
        """What a link was for, for the first who comes with it."""
        now = to_ms(self._clock.now())

        def take(connection: sqlite3.Connection) -> Purpose | None:
            row = connection.execute(
                "SELECT * FROM gotrue_one_time_tokens WHERE link_hash = ? AND expires_at > ?",
                (_hash(token), now),
            ).fetchone()
            return _taken(connection, row) if row is not None and row["kind"] in kinds else None

        return await self._database.write(take)

    async def take_code(self, email: str, code: str, kinds: Collection[Kind]) -> Purpose | None:
        """What a code was for, for the first who comes with it; a wrong one counts against all of `kinds`."""
        now = to_ms(self._clock.now())

        def take(connection: sqlite3.Connection) -> Purpose | None:
            rows = connection.execute(
                "SELECT * FROM gotrue_one_time_tokens WHERE email = ? AND expires_at > ? AND guesses < ?",
                (email, now, _MOST_GUESSES),
            ).fetchall()
            asked = [row for row in rows if row["kind"] in kinds]
            for row in asked:
                if hmac.compare_digest(row["code_hash"], self._code_hash(row["kind"], email, code)):
                    return _taken(connection, row)
            for row in asked:
                connection.execute(
                    "UPDATE gotrue_one_time_tokens SET guesses = guesses + 1 WHERE link_hash = ?",
                    (row["link_hash"],),
                )
            return None

        return await self._database.write(take)

    def _code_hash(self, kind: str, email: str, code: str) -> str:
        said = "\0".join((kind, email, code)).encode(errors="surrogatepass")
        return hmac.digest(self._key, said, "sha256").hex()


def _taken(connection: sqlite3.Connection, row: sqlite3.Row) -> Purpose | None:
    connection.execute("DELETE FROM gotrue_one_time_tokens WHERE link_hash = ?", (row["link_hash"],))
    purpose = Purpose(
        kind=Kind(row["kind"]),
        email=row["email"],
        user_id=row["user_id"],
        creates=bool(row["creates"]),
        metadata=json.loads(row["metadata"]),
        challenge=row["challenge"],
    )
    return purpose if purpose.leads_somewhere else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
