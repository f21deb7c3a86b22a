"""Embedded auth server: signing, reading, rotating; and the secret that all of it hangs on."""

import asyncio
import base64
import json
import sqlite3
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry

from portico.authserver.app import create_app
from portico.authserver.database import Database
from portico.authserver.secret_file import signing_secret
from portico.authserver.sessions import Session, Sessions
from portico.authserver.settings import SettingsInvalid
from portico.authserver.signing import Signer
from portico.authserver.tokens import Tokens
from portico.clock import Clock
from portico.values import Secret
from tests.authserver.servers import DEFAULTS, running

SECRET = "0123456789abcdef0123456789abcdef"
CLOCK = Clock()
SESSION = Session(
    session_id="00ff" * 8,
    user_id=1,
    device_id=None,
    login_at=CLOCK.now(),
    created_at=CLOCK.now(),
    expires_at=CLOCK.now() + timedelta(days=14),
    absolute_expires_at=CLOCK.now() + timedelta(days=30),
)


def signer(secret: str = SECRET) -> Tokens:
    """Tokens of ten minutes and thirty days."""
    return Tokens(
        Signer(Secret(secret), CLOCK),
        CLOCK,
        access_lifetime=timedelta(minutes=10),
        legacy_lifetime=timedelta(days=30),
    )


TOKENS = signer()


def forge(claims: dict[str, object], header: dict[str, object] | None = None, key: str = SECRET) -> str:
    """A token that a stranger might send, well signed with `key` where the algorithm is HS256 to HS512."""
    header = {"alg": "HS256", "typ": "JWT"} | (header or {})
    algorithm = str(header["alg"])
    if algorithm in ("HS256", "HS384", "HS512"):
        return jwt.encode(header, claims, OctKey.import_key(key.encode()), algorithms=[algorithm])
    return f"{segment(header)}.{segment(claims)}."


def segment(value: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def good_claims(**changes: object) -> dict[str, object]:
    """What an access token says, with changes."""
    now = int(CLOCK.now().timestamp())
    claims = {"userId": "1", "sessionId": "00ff", "type": "access", "iat": now, "exp": now + 600} | changes
    return {name: value for name, value in claims.items() if value is not ...}


def test_round_trip() -> None:
    """What was signed is read back, each kind by its own reader alone."""
    access, refresh, legacy = TOKENS.access(SESSION), TOKENS.refresh(SESSION), TOKENS.legacy(1)
    read = TOKENS.read_access(access)
    assert read is not None
    assert (read.user_id, read.session_id) == (1, SESSION.session_id)
    renewable = TOKENS.read_refresh(refresh)
    assert renewable is not None
    assert (renewable.user_id, renewable.session_id) == (1, SESSION.session_id)
    assert TOKENS.read_legacy(legacy) is not None
    assert {TOKENS.read_access(other) for other in (refresh, legacy)} == {None}
    assert {TOKENS.read_refresh(other) for other in (access, legacy)} == {None}
    assert {TOKENS.read_legacy(other) for other in (access, refresh)} == {None}


def test_the_forger_can_forge() -> None:
    """Positive control: with the right key and complete claims, the tokens of these tests are accepted."""
    assert TOKENS.read_access(forge(good_claims())) is not None


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "", "HS384", "HS512", "RS256", "hs256"])
def test_algorithms(algorithm: str) -> None:
    """P80: HS256 and nothing else, whatever the header says and even when the signature is right."""
    token = forge(good_claims(), {"alg": algorithm}, key=SECRET * 2)
    tokens = signer(SECRET * 2)
    assert tokens.read_access(token) is None
    signature = forge(good_claims(), key=SECRET * 2).rpartition(".")[2]
    assert tokens.read_access(token.rpartition(".")[0] + "." + signature) is None


@pytest.mark.parametrize(
    ("header", "accepted"), [({}, True), ({"crit": ["exp"]}, False), ({"crit": ["b64"], "b64": False}, False)]
)
def test_critical_headers(header: dict[str, object], accepted: bool) -> None:
    """P83: a header that demands what we do not do is refused, although rightly signed."""
    signed = f"{segment({'alg': 'HS256', 'typ': 'JWT'} | header)}.{segment(good_claims())}"
    key = OctKey.import_key(SECRET.encode())
    signature = JWSRegistry.algorithms["HS256"].sign(signed.encode(), key)
    token = f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert (TOKENS.read_access(token) is not None) is accepted


def test_another_key() -> None:
    """A token of another key is none."""
    assert TOKENS.read_access(forge(good_claims(), key="x" * 32)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": ...},
        {"exp": 0},
        {"exp": -1},
        {"exp": "99999999999"},
        {"exp": 99999999999.5},
        {"exp": True},
        {"exp": [99999999999]},
        {"exp": None},
        {"type": ...},
        {"type": "Access"},
        {"type": ["access"]},
        {"userId": ...},
        {"userId": 1},
        {"userId": "-1"},
        {"userId": "1.0"},
        {"userId": ""},
        {"sessionId": ...},
        {"sessionId": 5},
        {"id": 1, "type": "refresh"},
    ],
)
def test_claims_matrix(changes: dict[str, object]) -> None:
    """P85: only the complete claims, each of its type, pass."""
    assert TOKENS.read_access(forge(good_claims(**changes))) is None


@given(st.data())
def test_no_mutant_passes(data: st.DataObject) -> None:
    """P84: one changed, added or removed character, anywhere, and the token is none."""
    token = TOKENS.access(SESSION)
    place = data.draw(st.integers(0, len(token) - 1))
    inserted = data.draw(
        st.text(st.characters(max_codepoint=0x17F), max_size=2).filter(lambda text: text != token[place])
    )
    mutant = token[:place] + inserted + token[place + 1 :]
    assert mutant != token
    assert TOKENS.read_access(mutant) is None


def test_no_second_spelling_of_a_signature() -> None:
    """P84: the last character has two spare bits; of the four spellings one is accepted."""
    token = TOKENS.access(SESSION)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    accepted = [last for last in alphabet if TOKENS.read_access(token[:-1] + last) is not None]
    assert accepted == [token[-1]]


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text(text: str) -> None:
    """No text makes reading fail."""
    assert TOKENS.read_access(text) is None
    assert TOKENS.read_refresh(text) is None
    assert TOKENS.read_legacy(text) is None


# The secret


def names_in(folder: Path) -> list[str]:
    """The files of a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_short_secret() -> None:
    """P88: a secret below 256 bits is refused at the start."""
    with pytest.raises(SettingsInvalid):
        create_app(replace(DEFAULTS, secret=Secret("x" * 31)), Clock())
    create_app(replace(DEFAULTS, secret=Secret("x" * 32)), Clock())


async def test_tokens_survive_a_restart(tmp_path: Path) -> None:
    """With a file database, tokens and sessions outlive the server; the secret beside it is its owner's."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as server:
        access, refresh = await server.tokens()
    async with running(settings) as server:
        assert (await server.me(access)).status_code == 200
        assert (await server.refresh(refresh)).status_code == 200
    for name in ("auth.db", "auth.db.secret"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["auth.db", "auth.db.secret"]


async def test_memory_starts_anew() -> None:
    """Without a file, the secret is random: no token outlives its server (P75)."""
    async with running() as server:
        access, _ = await server.tokens()
    async with running() as server:
        assert (await server.me(access)).status_code == 401


def test_secret_that_others_can_read(tmp_path: Path) -> None:
    """A secret file with open permissions is refused, not used."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    assert signing_secret(settings) == signing_secret(settings)
    (tmp_path / "auth.db.secret").chmod(0o644)
    with pytest.raises(SettingsInvalid):
        signing_secret(settings)


def test_given_secret_is_not_written(tmp_path: Path) -> None:
    """A secret that was given stays where it came from."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db", secret=Secret(SECRET))
    assert signing_secret(settings) == Secret(SECRET)
    assert list(tmp_path.iterdir()) == []


# One use of a refresh token, across processes


class Forgetful(Sessions):
    """Sessions that retire a token without asking whether it was retired before."""

    def _retire(
        self, connection: sqlite3.Connection, session_id: str, child_id: str, now: int, *, again: bool
    ) -> sqlite3.Row | None:
        row: sqlite3.Row | None = connection.execute(
            "UPDATE sessions SET status = 'rotated', child_id = ? WHERE session_id = ? AND expires_at > ?"
            " RETURNING *",
            (child_id, session_id, now),
        ).fetchone()
        return row


@asynccontextmanager
async def four_servers(path: Path, kind: type[Sessions]) -> AsyncIterator[list[Sessions]]:
    """The sessions of one file, as four servers open it."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(4):
            database = Database(path)
            await database.open()
            stack.push_async_callback(database.close)
            opened.append(kind(database, Clock(), idle=timedelta(days=14), maximum=timedelta(days=30)))
        connection = sqlite3.connect(path)
        connection.execute(
            "INSERT INTO users VALUES (1, 'd', 'anna', 'anna@example.com', '', 1, 0, 0, 0, '')",
        )
        connection.commit()
        connection.close()
        yield opened


async def successes(servers: list[Sessions]) -> int:
    """How many of twenty rotations of one session, spread over the servers, succeed."""
    session = await servers[0].start(1, device_id=None)
    assert session is not None
    rotated = await asyncio.gather(*(servers[n % 4].rotate(session.session_id) for n in range(20)))
    return sum(child is not None for child in rotated)


async def test_one_rotation_over_four_servers(tmp_path: Path) -> None:
    """Twenty at once through four connections to one file: exactly one, each time."""
    async with four_servers(tmp_path / "auth.db", Sessions) as servers:
        assert [await successes(servers) for _ in range(10)] == [1] * 10


async def test_without_the_condition_more_succeed(tmp_path: Path) -> None:
    """Positive control: without the condition in the UPDATE, the same test counts more than one."""
    async with four_servers(tmp_path / "auth.db", Forgetful) as servers:
        assert await successes(servers) > 1


async def test_a_failed_transaction_leaves_nothing() -> None:
    """What raises within a transaction is undone, and the connection goes on."""
    database = Database(None)
    await database.open()

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO users VALUES (1, 'd', 'anna', 'a@b.co', '', 1, 0, 0, 0, '')")
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(fail)
    count = await database.read(
        lambda connection: connection.execute("SELECT count(*) FROM users").fetchone()
    )
    assert count[0] == 0
    await database.close()


def test_servers_that_start_together_share_a_secret(tmp_path: Path) -> None:
    """Many first starts on one database at the same moment end up with one secret."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    with ThreadPoolExecutor(max_workers=16) as pool:
        found = set(pool.map(lambda _: signing_secret(settings), range(64)))
    assert len(found) == 1
    assert names_in(tmp_path) == ["auth.db.secret"]
