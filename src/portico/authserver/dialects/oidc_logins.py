"""Browsers that are signed in at the OpenID provider, and the codes that clients get for them.

A login is the provider's session with a browser, `sid` of ID tokens. The sessions of its clients, each with
tokens of its own, are named after it (`Grant`), and end with it. Nothing is kept in clear.
"""

import hmac
import sqlite3
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self, final

from portico.authserver.database import Database
from portico.authserver.dialects.oidc_requests import Asked
from portico.authserver.moments import from_ms, to_ms
from portico.authserver.sessions import Session, Sessions, has_password
from portico.authserver.settings import OidcSettings
from portico.clock import Clock
from portico.values import Secret, hashed, new_id

_BYTES = 32
#: How long it is remembered that a code was used, so that a second use is noticed.
_REMEMBERED = timedelta(hours=1)
_COLON = ":"


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """Somebody is signed in at the provider, since `began_at`."""

    sid: str
    user_id: int
    began_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a client was given for a login: the `device_id` of its sessions."""

    sid: str
    name: str

    @classmethod
    def of(cls, session: Session) -> Self:
        """That of a session."""
        sid, _, name = (session.device_id or "").partition(_COLON)
        return cls(sid=sid, name=name)

    @property
    def device_id(self) -> str:
        """As sessions have it."""
        return f"{self.sid}{_COLON}{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What a client brings with a code."""

    client_id: str
    redirect_uri: str
    verifier: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Redeemed:
    """What a code stood for."""

    session: Session
    scope: str
    nonce: str
    began_at: datetime


@final
class Logins:
    """Begins and ends logins, issues and redeems codes."""

    def __init__(self, database: Database, clock: Clock, sessions: Sessions, settings: OidcSettings) -> None:
        self._database = database
        self._clock = clock
        self._sessions = sessions
        self._settings = settings

    async def begin(self, user_id: int, password_hash: Secret, *, before: str) -> tuple[Login, Secret] | None:
        """A login and what its browser knows it by; None if the user has another password by now (P77).

        A user who is signed in in this browser already (`before`) goes on with the same login; that of
        somebody else ends.
        """
        now, browser = self._clock.now(), new_id(_BYTES)

        def work(connection: sqlite3.Connection) -> Login | None:
            connection.execute("DELETE FROM oidc_logins WHERE expires_at <= ?", (to_ms(now),))
            if not has_password(connection, user_id, password_hash):
                return None
            known = _of(connection, before, now)
            if known is not None and known.user_id != user_id:
                _end(connection, known.sid)
                known = None
            sid = new_id() if known is None else known.sid
            ends = to_ms(now + self._settings.login_lifetime)
            connection.execute(
                "INSERT INTO oidc_logins (sid, browser_hash, user_id, began_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (sid) DO UPDATE SET"
                " browser_hash = excluded.browser_hash, began_at = excluded.began_at,"
                " expires_at = excluded.expires_at",
                (sid, hashed(browser), user_id, to_ms(now), ends),
            )
            return Login(sid=sid, user_id=user_id, began_at=now)

        login = await self._database.write(work)
        return None if login is None else (login, Secret(browser))

    async def of(self, browser: str) -> Login | None:
        """Who is signed in in a browser."""
        now = self._clock.now()
        return await self._database.read(lambda connection: _of(connection, browser, now))

    async def end(self, login: Login) -> None:
        """Sign a browser out, and with it every client."""
        await self._database.write(lambda connection: _end(connection, login.sid))

    async def issue(self, login: Login, asked: Asked) -> Secret | None:
        """A code for whoever asked; None if the login is over."""
        code, now = new_id(_BYTES), self._clock.now()
        ends = to_ms(now + self._settings.code_lifetime)
        values = (asked.client_id, asked.way.redirect_uri, asked.challenge, asked.nonce, asked.scope)

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("DELETE FROM oidc_codes WHERE expires_at <= ?", (to_ms(now - _REMEMBERED),))
            inserted = connection.execute(
                "INSERT INTO oidc_codes (code_hash, sid, client_id, redirect_uri, challenge, nonce, scope,"
                " expires_at) SELECT ?, sid, ?, ?, ?, ?, ?, ? FROM oidc_logins WHERE sid = ?",
                (hashed(code), *values, ends, login.sid),
            )
            return inserted.rowcount > 0

        return Secret(code) if await self._database.write(work) else None

    async def redeem(self, code: str, proof: Proof) -> Redeemed | None:
        """What a code stands for: once, for the client that asked for it, with the address and the verifier
        of its request. Whoever brings a code again ends what the first one got (RFC 6749, 4.1.2)."""
        now = self._clock.now()
        return await self._database.write(
            lambda connection: _redeem(connection, code, proof, to_ms(now), self._sessions)
        )


def _redeem(
    connection: sqlite3.Connection, code: str, proof: Proof, now: int, sessions: Sessions
) -> Redeemed | None:
    row = connection.execute(
        "SELECT oidc_codes.*, user_id, began_at FROM oidc_codes JOIN oidc_logins USING (sid)"
        " WHERE code_hash = ?",
        (hashed(code),),
    ).fetchone()
    if row is None:
        return None
    if row["device_id"] is not None:
        connection.execute("DELETE FROM sessions WHERE device_id = ?", (row["device_id"],))
        return None
    if row["expires_at"] <= now or not _proves(proof, row):
        return None
    grant = Grant(sid=row["sid"], name=new_id())
    session = sessions.begin(connection, row["user_id"], device_id=grant.device_id)
    if session is None:
        return None
    connection.execute(
        "UPDATE oidc_codes SET device_id = ? WHERE code_hash = ?", (grant.device_id, hashed(code))
    )
    return Redeemed(
        session=session, scope=row["scope"], nonce=row["nonce"], began_at=from_ms(row["began_at"])
    )


def _proves(proof: Proof, row: sqlite3.Row) -> bool:
    """Whether the one who brings a code is the one who asked for it."""
    challenge = urlsafe_b64encode(sha256(proof.verifier.encode()).digest()).rstrip(b"=")
    return (
        proof.client_id == row["client_id"]
        and proof.redirect_uri == row["redirect_uri"]
        and hmac.compare_digest(challenge, row["challenge"].encode())
    )


def _of(connection: sqlite3.Connection, browser: str, now: datetime) -> Login | None:
    row = connection.execute(
        "SELECT * FROM oidc_logins WHERE browser_hash = ? AND expires_at > ?", (hashed(browser), to_ms(now))
    ).fetchone()
    if row is None:
        return None
    return Login(sid=row["sid"], user_id=row["user_id"], began_at=from_ms(row["began_at"]))


def _end(connection: sqlite3.Connection, sid: str) -> None:
    name = f"{sid}{_COLON}"
    connection.execute("DELETE FROM oidc_logins WHERE sid = ?", (sid,))
    connection.execute("DELETE FROM sessions WHERE substr(device_id, 1, ?) = ?", (len(name), name))
