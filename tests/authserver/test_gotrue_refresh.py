"""GoTrue dialect: refresh, rotation, reuse, the ends of sessions, and log-out."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from portico.authserver.dialects.gotrue_refresh_token import RefreshToken, RefreshTokens
from portico.authserver.settings import GoTrueSettings
from portico.authserver.signing import Signer
from portico.clock import Clock
from portico.values import Secret
from tests.authserver.gotrue_calls import GONE, NOT_FOUND, USED, GoTrueCalls, StoppedClock, refusal
from tests.authserver.servers import DEFAULTS, AuthServer, running

SECRET = Secret("0123456789abcdef0123456789abcdef")
TOKENS = RefreshTokens(Signer(SECRET, Clock()))
INVALID = (400, "validation_failed", "Refresh token is not valid")


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(replace(DEFAULTS, secret=SECRET), StoppedClock()) as running_server:
        yield running_server


def said_headers(answer: httpx.Response) -> dict[str, str]:
    """What an answer says about its session in headers."""
    return {name: value for name, value in answer.headers.items() if name.startswith("sb-auth-")}


# Rotation


async def test_normal_use(calls: GoTrueCalls) -> None:
    """S3-12: every refresh gives a new pair of the same session, 127 times in a row (as TestNormalUse)."""
    first = answer = await calls.sign_in()
    token = first.json()["refresh_token"]
    seen = {token}
    for number in range(1, 128):
        answer = await calls.refresh(token)
        assert answer.status_code == 200
        assert answer.headers["sb-auth-refresh-token-counter"] == str(number)
        assert answer.headers["sb-auth-refresh-token-reuse"] == "false"
        assert answer.headers["sb-auth-session-id"] == first.headers["sb-auth-session-id"]
        token = answer.json()["refresh_token"]
        seen.add(token)
    assert len(seen) == 128
    assert list(answer.json()) == list(first.json())
    assert (await calls.user(answer.json()["access_token"])).json() == first.json()["user"]
    assert (await calls.user(first.json()["access_token"])).status_code == 200


async def test_the_parent_is_answered_with_the_active_token(calls: GoTrueCalls) -> None:
    """P104: a client that lost the answer gets the active token again, ten times, however late."""
    _, first = await calls.tokens()
    active = (await calls.refresh(first)).json()["refresh_token"]
    for _ in range(10):
        calls.server.clock.advance(timedelta(days=1))
        answer = await calls.refresh(first)
        assert answer.status_code == 200
        assert answer.json()["refresh_token"] == active
        assert answer.headers["sb-auth-refresh-token-reuse-cause"] == "fail-to-save"
        assert (await calls.user(answer.json()["access_token"])).status_code == 200
    assert (await calls.refresh(active)).json()["refresh_token"] != active


@pytest.mark.parametrize("generation", [0, 1, 2])
async def test_reuse_ends_the_session(calls: GoTrueCalls, generation: int) -> None:
    """P105: once the successor was used, an older token is reuse: nothing of the session works any more."""
    signed_in = await calls.sign_in()
    access, token = signed_in.json()["access_token"], signed_in.json()["refresh_token"]
    names = {name: signed_in.headers[name] for name in ("sb-auth-user-id", "sb-auth-session-id")}
    chain = [token]
    for _ in range(generation + 2):
        chain.append((await calls.refresh(chain[-1])).json()["refresh_token"])
    other, _ = await calls.tokens()
    answer = await calls.refresh(chain[0])
    assert refusal(answer) == USED
    assert said_headers(answer) == {**names, "sb-auth-refresh-token-rotated": "true"}
    assert [refusal(await calls.refresh(token)) for token in chain] == [NOT_FOUND] * len(chain)
    assert refusal(await calls.user(access)) == GONE
    assert (await calls.user(other)).status_code == 200


async def test_twenty_at_once(calls: GoTrueCalls) -> None:
    """Of twenty who bring one token at one moment, one rotates it and all get the same new one."""
    _, token = await calls.tokens()
    for round_ in (1, 2, 3):
        answers = await asyncio.gather(*(calls.refresh(token) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        (token,) = {answer.json()["refresh_token"] for answer in answers}
        assert {answer.headers["sb-auth-refresh-token-counter"] for answer in answers} == {str(round_)}
        rotated = [answer for answer in answers if "sb-auth-refresh-token-reuse" in answer.headers]
        assert len(rotated) == 1


async def test_two_servers_over_one_database(tmp_path: Path) -> None:
    """The same, where the twenty are spread over two servers that share a file."""
    settings = replace(DEFAULTS, database=tmp_path / "auth.db")
    async with running(settings) as one, running(settings) as two:
        both = [GoTrueCalls(server=one), GoTrueCalls(server=two)]
        _, token = await both[0].tokens()
        answers = await asyncio.gather(*(both[n % 2].refresh(token) for n in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        assert sum("sb-auth-refresh-token-reuse" in answer.headers for answer in answers) == 1


async def test_reuse_interval() -> None:
    """P104: for an interval after a rotation, any used token gets the active one; that renews nothing."""
    settings = replace(DEFAULTS, gotrue=GoTrueSettings(reuse_interval=timedelta(seconds=10)))
    async with running(settings, StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        _, token = await calls.tokens()
        chain = [token]
        for _ in range(3):
            server.clock.advance(timedelta(seconds=11))
            chain.append((await calls.refresh(chain[-1])).json()["refresh_token"])
        server.clock.advance(timedelta(seconds=9))
        for old, causes in (
            (chain[0], "concurrent-refresh"),
            (chain[1], "concurrent-refresh"),
            (chain[2], "concurrent-refresh,fail-to-save"),
        ):
            answer = await calls.refresh(old)
            assert answer.json()["refresh_token"] == chain[3]
            assert answer.headers["sb-auth-refresh-token-reuse-cause"] == causes
        server.clock.advance(timedelta(seconds=1))
        answer = await calls.refresh(chain[2])
        assert answer.headers["sb-auth-refresh-token-reuse-cause"] == "fail-to-save"
        assert refusal(await calls.refresh(chain[1])) == USED


# Tokens that are no good


@pytest.mark.parametrize(
    "token", ["", None, "x", "ABCDEFGHIJKL", "x" * 51, "x" * 53, "x" * 100_000, "é" * 51]
)
async def test_what_is_no_refresh_token(calls: GoTrueCalls, token: object) -> None:
    """P76: what cannot be a refresh token is 400 `validation_failed`."""
    assert refusal(await calls.refresh(token)) == INVALID


async def test_well_formed_and_not_ours(calls: GoTrueCalls) -> None:
    """A token of the first version, of another server or of a session that never was, is not found."""
    _, token = await calls.tokens()
    said = TOKENS.read(token)
    assert said is not None
    stranger = RefreshTokens(Signer(Secret("another secret, also 32 bytes long"), Clock()))
    unknown = TOKENS.write(RefreshToken(session_id=UUID(int=1), number=0))
    for other in ("cqsdhyazp22w", stranger.write(said), unknown):
        answer = await calls.refresh(other)
        assert refusal(answer) == NOT_FOUND
        assert said_headers(answer) == {}
    assert (await calls.refresh(token)).status_code == 200


async def test_a_token_still_to_come(calls: GoTrueCalls) -> None:
    """Well signed and ahead of the database, which must be a copy from before: refused, and nothing ends."""
    _, token = await calls.tokens()
    said = TOKENS.read(token)
    assert said is not None
    answer = await calls.refresh(TOKENS.write(replace(said, number=1)))
    message = "Invalid Refresh Token: Not Issued By This Server"
    assert refusal(answer) == (400, "validation_failed", message)
    assert (await calls.refresh(token)).status_code == 200


async def test_an_access_token_renews_nothing(calls: GoTrueCalls) -> None:
    """An access token has another shape."""
    access, _ = await calls.tokens()
    assert refusal(await calls.refresh(access)) == INVALID


# The ends of sessions


def lasting(**settings: object) -> GoTrueSettings:
    """Settings with an end for sessions."""
    return replace(GoTrueSettings(), **settings)  # type: ignore[arg-type] # any of its fields


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (lasting(timebox=timedelta(hours=5)), "Invalid Refresh Token: Session Expired"),
        (lasting(inactivity=timedelta(hours=3)), "Invalid Refresh Token: Session Expired (Inactivity)"),
    ],
)
async def test_sessions_expire(settings: GoTrueSettings, message: str) -> None:
    """P11: a session can end after a time, or after a time without a refresh, and then stays over."""
    async with running(replace(DEFAULTS, gotrue=settings), StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        _, token = await calls.tokens()
        for _ in range(2):
            server.clock.advance(timedelta(hours=2))
            token = (await calls.refresh(token)).json()["refresh_token"]
        server.clock.advance(timedelta(hours=3, seconds=1))
        for _ in range(2):
            answer = await calls.refresh(token)
            assert refusal(answer) == (400, "session_expired", message)
            assert set(said_headers(answer)) == {"sb-auth-user-id", "sb-auth-session-id"}


async def test_sessions_last() -> None:
    """Without such settings a session lasts, as in GoTrue."""
    async with running(DEFAULTS, StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        _, token = await calls.tokens()
        server.clock.advance(timedelta(days=1000))
        assert (await calls.refresh(token)).status_code == 200


async def test_single_session() -> None:
    """Where a user may have one session, a newer sign-in ends the older one's refreshes."""
    settings = replace(DEFAULTS, gotrue=GoTrueSettings(single_session=True))
    async with running(settings, StoppedClock()) as server:
        calls = GoTrueCalls(server=server)
        _, old = await calls.tokens()
        server.clock.advance(timedelta(seconds=1))
        _, new = await calls.tokens()
        message = "Invalid Refresh Token: Session Expired (Revoked by Newer Login)"
        assert refusal(await calls.refresh(old)) == (400, "session_expired", message)
        assert (await calls.refresh(new)).status_code == 200


@pytest.mark.parametrize(
    ("scope", "mine", "other"),
    [
        (None, False, False),
        ("", False, False),
        ("global", False, False),
        ("local", False, True),
        ("others", True, False),
    ],
)
async def test_log_out(calls: GoTrueCalls, scope: str | None, mine: bool, other: bool) -> None:
    """S3-13: each scope ends what it says, at once, and nothing of another user."""
    stranger = (await calls.sign_up("ben@example.com")).json()
    here, elsewhere = await calls.tokens(), await calls.tokens()
    answer = await calls.log_out(here[0], scope)
    assert (answer.status_code, answer.content) == (204, b"")
    for (access, refresh), lives in ((here, mine), (elsewhere, other)):
        user, renewed = await calls.user(access), await calls.refresh(refresh)
        if lives:
            assert (user.status_code, renewed.status_code) == (200, 200)
        else:
            assert (refusal(user), refusal(renewed)) == (GONE, NOT_FOUND)
    assert (await calls.refresh(stranger["refresh_token"])).status_code == 200


async def test_log_out_twice(calls: GoTrueCalls) -> None:
    """Once the session is over, its token cannot end it again."""
    access, _ = await calls.tokens()
    assert (await calls.log_out(access)).status_code == 204
    assert refusal(await calls.log_out(access)) == GONE


@pytest.mark.parametrize("scope", ["x", "GLOBAL", 'a"b', "é"])
async def test_unknown_scope(calls: GoTrueCalls, scope: str) -> None:
    """Other scopes are refused and end nothing."""
    access, _ = await calls.tokens()
    quoted = scope.replace('"', '\\"')
    expected = (400, "validation_failed", f'Unsupported logout scope "{quoted}"')
    assert refusal(await calls.log_out(access, scope)) == expected
    assert (await calls.user(access)).status_code == 200


async def test_sessions_outlive_a_restart(tmp_path: Path) -> None:
    """With a file, tokens and sessions are as good after a restart; the file holds no token (P7)."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server:
        answer = await GoTrueCalls(server=server).sign_in()
    access, refresh = answer.json()["access_token"], answer.json()["refresh_token"]
    stored = _stored(tmp_path)
    assert answer.headers["sb-auth-session-id"].encode() in stored, "this is where sessions are kept"
    assert access.encode() not in stored
    assert refresh.encode() not in stored
    async with running(replace(DEFAULTS, database=path)) as server:
        calls = GoTrueCalls(server=server)
        assert (await calls.user(access)).status_code == 200
        assert (await calls.refresh(refresh)).status_code == 200


async def test_a_database_that_stays_locked(tmp_path: Path) -> None:
    """After five seconds of waiting for another process, a refresh is 409 `conflict`, and later it works."""
    path = tmp_path / "auth.db"
    async with running(replace(DEFAULTS, database=path)) as server:
        calls = GoTrueCalls(server=server)
        _, token = await calls.tokens()
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            message = "Too many concurrent token refresh requests on the same session or refresh token"
            assert refusal(await calls.refresh(token)) == (409, "conflict", message)
        finally:
            other.close()
        assert (await calls.refresh(token)).status_code == 200


def _stored(folder: Path) -> bytes:
    """All that the database keeps in its files."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.suffix != ".secret")
