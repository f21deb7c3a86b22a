"""Accounts from outside: what `portico auth-server user` does to a database file, beside a running server."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, final

from portico.authserver.accounts import Accounts, Credentials, User, user_of
from portico.authserver.database import Database
from portico.authserver.moments import to_ms
from portico.authserver.passwords import Passwords
from portico.authserver.sessions import end_for_new_password
from portico.authserver.settings import HashCost, NewAccount
from portico.clock import Clock
from portico.errors import PorticoError
from portico.values import Secret

_SHORTEST, _LONGEST = 6, 72  # what Strapi and GoTrue take


class NoSuchAccount(PorticoError):
    """No account has this user name or e-mail address."""

    code: ClassVar[str] = "no_such_account"


class PasswordUnusable(PorticoError):
    """A password that the dialects would refuse."""

    code: ClassVar[str] = "password_unusable"
    default_message: ClassVar[str] = (
        f"A password has at least {_SHORTEST} characters, and at most {_LONGEST} bytes."
    )


@final
class Administration:
    """The accounts of one opened database."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    async def users(self) -> list[User]:
        """Everybody, in the order of their names."""
        rows = await self._database.read(
            lambda connection: connection.execute("SELECT * FROM users ORDER BY username").fetchall()
        )
        return [user_of(row) for row in rows]

    async def add(self, new: NewAccount) -> User:
        """A new account. Raises `Taken` and `PasswordUnusable`."""
        _check(new.password)
        return await self._accounts.add(new)

    async def disable(self, name: str, *, disabled: bool = True) -> User:
        """Block an account and end its sessions (P16), or let it in again. Raises `NoSuchAccount`."""
        user, now = (await self._find(name)).user, to_ms(self._clock.now())

        def update(connection: sqlite3.Connection) -> User:
            if disabled:
                end_for_new_password(connection, user.id)
            return user_of(
                connection.execute(
                    "UPDATE users SET blocked = ?, updated_at = ? WHERE id = ? RETURNING *",
                    (disabled, now, user.id),
                ).fetchone()
            )

        return await self._database.write(update)

    async def reset(self, name: str, password: Secret) -> User:
        """A new password, which ends all sessions of the account, and what could begin one (P76, P77).

        Raises `NoSuchAccount` and `PasswordUnusable`.
        """
        _check(password)
        changed = None
        while changed is None:
            # Another process may change it meanwhile: the last to ask for one gets theirs.
            changed = await self._accounts.change_password(await self._find(name), password)
        return changed.user

    async def _find(self, name: str) -> Credentials:
        credentials = await self._accounts.find(name)
        if credentials is None:
            raise NoSuchAccount(message=f"There is no account {name}.")
        return credentials


@asynccontextmanager
async def administering(
    path: Path, clock: Clock, cost: HashCost | None = None
) -> AsyncIterator[Administration]:
    """The accounts of a file, which is made if it is not there."""
    database, passwords = Database(path), Passwords(cost or HashCost())
    try:
        await database.open()
        yield Administration(database, Accounts(database, passwords, clock), clock)
    finally:
        passwords.close()
        await database.close()


def _check(password: Secret) -> None:
    text = password.reveal()
    if len(text) < _SHORTEST or len(text.encode()) > _LONGEST:
        raise PasswordUnusable
