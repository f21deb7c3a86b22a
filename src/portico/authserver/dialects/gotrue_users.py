"""GoTrue's users: the accounts that every dialect shares, and what GoTrue alone knows about them.

An account that was made elsewhere gets its profile when it first signs in here.
Source: `internal/models/user.go` and `internal/api/user.go` of `supabase/auth`.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from portico.authserver.accounts import User as Account
from portico.authserver.accounts import user_of
from portico.authserver.database import Database
from portico.authserver.dialects.gotrue_identities import Identity, identities_of
from portico.authserver.dialects.gotrue_sessions import find_session
from portico.authserver.moments import from_ms, to_ms
from portico.authserver.sessions import end_for_new_password
from portico.clock import Clock
from portico.errors import PorticoError
from portico.values import Secret

_MOST_METADATA = 16_384
_JOINED = "SELECT * FROM users JOIN gotrue_profiles ON user_id = id"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """An account and its profile; `metadata` is whatever the user says about themselves."""

    account: Account
    uuid: UUID
    identity_id: UUID
    metadata: Mapping[str, object]
    new_email: str | None
    email_change_sent_at: datetime | None
    last_sign_in_at: datetime | None
    first_provider: str
    identities: Sequence[Identity]

    @property
    def has_email_identity(self) -> bool:
        """Whether the account began here, and not at a provider."""
        return self.first_provider == "email"

    @property
    def providers(self) -> list[str]:
        """Where the user can sign in, the first first."""
        return list(dict.fromkeys([self.first_provider, *(known.provider for known in self.identities)]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What a user may change. `metadata` is merged: a key that is None goes, what is not named stays."""

    password_hash: Secret | None
    metadata: Mapping[str, object]
    new_email: str | None


class MetadataTooLarge(PorticoError):
    """More metadata than an access token, which repeats it, can carry in a header."""

    code: ClassVar[str] = "metadata_too_large"
    default_message: ClassVar[str] = f"User metadata cannot be longer than {_MOST_METADATA} bytes"


class SessionEnded(PorticoError):
    """The session that asks was ended meanwhile."""

    code: ClassVar[str] = "session_ended"


class Users:
    """Finds and changes users."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def by_uuid(self, uuid: UUID) -> User | None:
        """The user whose `sub` this is."""
        return await self._one(f"{_JOINED} WHERE uuid = ?", str(uuid))

    async def by_id(self, user_id: int) -> User | None:
        """The user of this account, if it ever signed in here."""
        return await self._one(f"{_JOINED} WHERE id = ?", user_id)

    async def ensure(
        self,
        account: Account,
        data: Mapping[str, object] | None = None,
        *,
        signs_in: bool,
        first_provider: str = "email",
    ) -> User:
        """The user of `account`, made with `data` as metadata where there is none yet; perhaps signing in."""
        uuid, identity_id = str(uuid4()), str(uuid4())
        metadata = _write({**(data or {}), **_verified(account, uuid)})
        now = to_ms(self._clock.now())

        def insert(connection: sqlite3.Connection) -> User:
            connection.execute(
                "INSERT OR IGNORE INTO gotrue_profiles (user_id, uuid, identity_id, metadata, first_provider)"
                " VALUES (?, ?, ?, ?, ?)",
                (account.id, uuid, identity_id, metadata, first_provider),
            )
            if signs_in:
                connection.execute(
                    "UPDATE gotrue_profiles SET last_sign_in_at = ? WHERE user_id = ?", (now, account.id)
                )
            return _load(connection, account.id)

        return await self._database.write(insert)

    async def confirm(self, account: Account, data: Mapping[str, object]) -> User:
        """The user, signing in, whose address is known to be theirs from now on; `data` becomes metadata."""
        user = await self.ensure(account, data, signs_in=True)
        now = to_ms(self._clock.now())

        def update(connection: sqlite3.Connection) -> User:
            connection.execute(
                "UPDATE users SET confirmed = 1, updated_at = ? WHERE id = ? AND NOT confirmed",
                (now, account.id),
            )
            metadata = {**_load(connection, account.id).metadata, **data}
            verified = {**metadata, **_verified(account, str(user.uuid)), "email_verified": True}
            connection.execute(
                "UPDATE gotrue_profiles SET metadata = ? WHERE user_id = ?", (_write(verified), account.id)
            )
            return _load(connection, account.id)

        return await self._database.write(update)

    async def change(self, user: User, changes: Changes, *, session_id: UUID) -> User:
        """The changed user; a new password ends all sessions but `session_id` in the same transaction.

        Raises `MetadataTooLarge`, and `SessionEnded` where that one was ended since the request came in.
        """
        now = to_ms(self._clock.now())
        user_id = user.account.id

        def update(connection: sqlite3.Connection) -> User:
            if find_session(connection, session_id) is None:
                raise SessionEnded
            if changes.metadata:
                metadata = _merged(_load(connection, user_id).metadata, changes.metadata)
                check_metadata(metadata)
                connection.execute(
                    "UPDATE gotrue_profiles SET metadata = ? WHERE user_id = ?", (_write(metadata), user_id)
                )
            connection.execute("UPDATE users SET updated_at = ? WHERE id = ?", (now, user_id))
            if changes.new_email is not None:
                connection.execute(
                    "UPDATE gotrue_profiles SET new_email = ?, email_change_sent_at = ? WHERE user_id = ?",
                    (changes.new_email, now, user_id),
                )
            if changes.password_hash is not None:
                connection.execute(
                    "UPDATE users SET password_hash = ? WHERE id = ?",
                    (changes.password_hash.reveal(), user_id),
                )
                end_for_new_password(connection, user_id, keep=str(session_id))
            return _load(connection, user_id)

        return await self._database.write(update)

    async def _one(self, query: str, value: int | str) -> User | None:
        def find(connection: sqlite3.Connection) -> User | None:
            row = connection.execute(query, (value,)).fetchone()
            return None if row is None else _user(connection, row)

        return await self._database.read(find)


def check_metadata(data: Mapping[str, object]) -> None:
    """Raises `MetadataTooLarge` for more than a user may say."""
    if len(_write(data)) > _MOST_METADATA:
        raise MetadataTooLarge


def _verified(account: Account, uuid: str) -> dict[str, object]:
    """What GoTrue itself writes into the metadata when an account confirms its address."""
    return {
        "email": account.email,
        "email_verified": account.confirmed,
        "phone_verified": False,
        "sub": uuid,
    }


def _merged(old: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {
        key: value for key, value in {**old, **changes}.items() if value is not None or key not in changes
    }


def _write(metadata: Mapping[str, object]) -> str:
    return json.dumps(metadata, separators=(",", ":"))


def _load(connection: sqlite3.Connection, user_id: int) -> User:
    return _user(connection, connection.execute(f"{_JOINED} WHERE id = ?", (user_id,)).fetchone())


def _user(connection: sqlite3.Connection, row: sqlite3.Row) -> User:
    return User(
        account=user_of(row),
        uuid=UUID(row["uuid"]),
        identity_id=UUID(row["identity_id"]),
        metadata=json.loads(row["metadata"]),
        new_email=row["new_email"],
        email_change_sent_at=_moment(row["email_change_sent_at"]),
        last_sign_in_at=_moment(row["last_sign_in_at"]),
        first_provider=row["first_provider"],
        identities=identities_of(connection, row["user_id"]),
    )


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
