"""Users and their passwords, over SQLite."""

import secrets
import sqlite3
import string
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from portico.authserver.database import Database
from portico.authserver.interference import current
from portico.authserver.moments import from_ms, to_ms
from portico.authserver.passwords import HashingBusy, Passwords
from portico.authserver.sessions import end_for_new_password
from portico.authserver.settings import NewAccount
from portico.clock import Clock
from portico.errors import PorticoError
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """An account as others may see it: there is no password in here, hashed or not (P78).

    `role` is the account's, or what a fault gives in its place; empty where there is neither.
    """

    id: int
    document_id: str
    username: str
    email: str
    confirmed: bool
    blocked: bool
    created_at: datetime
    updated_at: datetime
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A user together with the hash that a password is checked against."""

    user: User
    password_hash: Secret


class Taken(PorticoError):
    """Another account has this name or address, or uses one as the other."""

    code: ClassVar[str] = "account_taken"
    default_message: ClassVar[str] = "Email or Username are already taken"


class Accounts:
    """Finds, checks and adds users. E-mail addresses are kept in lower case, names as given (Strapi)."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def find(self, identifier: str) -> Credentials | None:
        """The account whose e-mail address or user name this is."""
        return await self._one(
            "SELECT * FROM users WHERE email = ? OR username = ?", identifier.lower(), identifier
        )

    async def find_by_email(self, email: str) -> Credentials | None:
        """The account with this e-mail address, in whatever case it is written."""
        return await self._one("SELECT * FROM users WHERE email = ?", email.lower())

    async def find_by_username(self, username: str) -> Credentials | None:
        """The account with this user name, of several in other cases the one that is written like this."""
        return await self._one(
            "SELECT * FROM users WHERE username = ? COLLATE NOCASE ORDER BY username = ? DESC, id LIMIT 1",
            username,
            username,
        )

    async def by_id(self, user_id: int) -> User | None:
        """The user with this id."""
        credentials = await self._by_id(user_id)
        return credentials.user if credentials else None

    async def verify(self, credentials: Credentials | None, password: Secret) -> bool:
        """Whether the password is right; without credentials no, after the same work (P67).

        A hash weaker than today's is replaced (P72). Raises `HashingBusy`.
        """
        return await self.authenticate(credentials, password) is not None

    async def authenticate(self, credentials: Credentials | None, password: Secret) -> Credentials | None:
        """As `verify`: the credentials as they are stored afterwards, if the password is right."""
        stored = credentials.password_hash.reveal() if credentials else None
        matches = await self._passwords.check(stored, password)
        if credentials is None or stored is None or not matches:
            return None
        if not self._passwords.is_weak(stored):
            return credentials
        try:
            stronger = await self._passwords.hash(password)
        except HashingBusy:
            return credentials  # the next sign-in tries again; this one was right and must not fail for it
        if await self._strengthen(credentials.user.id, stored, stronger):
            return replace(credentials, password_hash=Secret(stronger))
        # Somebody was faster: with a stronger hash of this password, or with another password.
        return await self.authenticate(await self._by_id(credentials.user.id), password)

    async def is_taken(self, username: str, email: str) -> bool:
        """Whether `add` would refuse this name and address now."""
        return await self._database.read(lambda connection: _conflict(connection, username, email))

    async def add(self, new: NewAccount) -> User:
        """A new user. Raises `Taken`, also when two ask at once, and `HashingBusy`."""
        password_hash = await self._passwords.hash(new.password)
        now = to_ms(self._clock.now())

        def insert(connection: sqlite3.Connection) -> sqlite3.Row:
            if _conflict(connection, new.username, new.email):
                raise Taken
            row: sqlite3.Row = connection.execute(
                "INSERT INTO users (document_id, username, email, password_hash, confirmed, blocked,"
                " created_at, updated_at, role) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    _document_id(),
                    new.username,
                    new.email.lower(),
                    password_hash,
                    new.confirmed,
                    new.blocked,
                    now,
                    now,
                    new.role,
                ),
            ).fetchone()
            return row

        return user_of(await self._database.write(insert))

    async def ensure(self, new: NewAccount) -> None:
        """Make this account exist just so; another password than before ends its sessions (P77).

        Raises `Taken` where another account holds its e-mail address.
        """
        credentials = await self.find(new.username)
        if credentials is None:
            await self.add(new)
            return
        known = await self.verify(credentials, new.password)
        password_hash = None if known else await self._passwords.hash(new.password)
        now = to_ms(self._clock.now())

        def update(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE users SET email = ?, confirmed = ?, blocked = ?, role = ?, updated_at = ?,"
                " password_hash = coalesce(?, password_hash) WHERE id = ?",
                (
                    new.email.lower(),
                    new.confirmed,
                    new.blocked,
                    new.role,
                    now,
                    password_hash,
                    credentials.user.id,
                ),
            )
            if password_hash is not None:
                end_for_new_password(connection, credentials.user.id)

        try:
            await self._database.write(update)
        except sqlite3.IntegrityError as error:
            raise Taken from error

    async def change_password(self, credentials: Credentials, password: Secret) -> Credentials | None:
        """The account with its new password, and all its sessions ended in the same transaction (P16, P77).

        None where the stored password is not that of `credentials` any more. Raises `HashingBusy`.
        """
        password_hash = await self._passwords.hash(password)
        now = to_ms(self._clock.now())

        def update(connection: sqlite3.Connection) -> Credentials | None:
            row = connection.execute(
                "UPDATE users SET password_hash = ?, updated_at = ? WHERE id = ? AND password_hash = ?"
                " RETURNING *",
                (password_hash, now, credentials.user.id, credentials.password_hash.reveal()),
            ).fetchone()
            if row is None:
                return None
            end_for_new_password(connection, credentials.user.id)
            return _credentials(row)

        return await self._database.write(update)

    async def _strengthen(self, user_id: int, stored: str, stronger: str) -> bool:
        changed = await self._database.write(
            lambda connection: (
                connection.execute(
                    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                    (stronger, user_id, stored),
                ).rowcount
            )
        )
        return changed > 0

    async def _by_id(self, user_id: int) -> Credentials | None:
        return await self._one("SELECT * FROM users WHERE id = ?", user_id)

    async def _one(self, query: str, *values: int | str) -> Credentials | None:
        row = await self._database.read(lambda connection: connection.execute(query, values).fetchone())
        return None if row is None else _credentials(row)


def _conflict(connection: sqlite3.Connection, username: str, email: str) -> bool:
    lowered = email.lower()
    found = connection.execute(
        "SELECT 1 FROM users WHERE email IN (?, ?) OR username IN (?, ?)",
        (lowered, username, lowered, username),
    )
    return found.fetchone() is not None


def _document_id() -> str:
    """24 characters that begin with a letter, like the document ids of Strapi 5."""
    alphabet = string.ascii_lowercase + string.digits
    return secrets.choice(string.ascii_lowercase) + "".join(secrets.choice(alphabet) for _ in range(23))


def user_of(row: sqlite3.Row) -> User:
    """The user in a row of `users`, whatever else is in that row, as far as no fault says otherwise."""
    fault = current()
    return User(
        id=row["id"],
        document_id=row["document_id"],
        username=row["username"],
        email=row["email"],
        confirmed=bool(row["confirmed"]),
        blocked=bool(row["blocked"]) or fault.disabled,
        created_at=from_ms(row["created_at"]),
        updated_at=from_ms(row["updated_at"]),
        role=fault.role or row["role"],
    )


def _credentials(row: sqlite3.Row) -> Credentials:
    return Credentials(user=user_of(row), password_hash=Secret(row["password_hash"]))
