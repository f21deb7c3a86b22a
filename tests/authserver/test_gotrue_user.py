"""GoTrue dialect: access tokens that are good and no good, and changing the user."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.values import Secret
from tests.authserver.gotrue_calls import MOMENT, RECENT, WRONG, GoTrueCalls, refusal
from tests.authserver.servers import BLOCKED, DEFAULTS, AuthServer, expired, running

SECRET = "0123456789abcdef0123456789abcdef"
SIGNED = replace(DEFAULTS, secret=Secret(SECRET))
BAD_JWT = "invalid JWT: unable to parse or verify signature, "


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SIGNED) as running_server:
        yield running_server


@pytest.fixture(params=["", "/auth/v1"])
def calls(server: AuthServer, request: pytest.FixtureRequest) -> GoTrueCalls:
    return GoTrueCalls(server=server, prefix=request.param)


@pytest.fixture
def root(server: AuthServer) -> GoTrueCalls:
    return GoTrueCalls(server=server)


def forge(key: str = SECRET, **claims: object) -> str:
    """A token with these claims that is good for an hour, and well signed with `key`."""
    lasting = {"exp": int(datetime.now().astimezone().timestamp()) + 3600} | claims
    return jwt.encode({"alg": "HS256"}, lasting, OctKey.import_key(key.encode()), algorithms=["HS256"])


# Tokens that are no good


@pytest.mark.parametrize("header", [None, "Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "x", "Bearer  x"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/user"), ("PUT", "/user"), ("POST", "/logout")])
async def test_no_token(server: AuthServer, method: str, path: str, header: str | None) -> None:
    """What is not a bearer header is 401 `no_authorization`."""
    headers = RECENT if header is None else RECENT | {"Authorization": header}
    answer = await server.http.request(method, path, headers=headers)
    message = "This endpoint requires a valid Bearer token"
    assert refusal(answer) == (401, "no_authorization", message)


async def test_bad_tokens(root: GoTrueCalls) -> None:
    """What was not signed here is 403 `bad_jwt`, with the reason that Go's library gives."""
    access, refresh = await root.tokens()
    segments = "token is malformed: token contains an invalid number of segments"
    for token in ("x", "a.b.c", refresh, access + "=", "x" * 40_000):
        assert refusal(await root.user(token)) == (403, "bad_jwt", BAD_JWT + segments)
    head, body, _ = access.split(".")
    for token in (f"{head}.{body}.{'A' * 43}", forge("another secret, also 32 bytes long", sub="x")):
        signature = "token signature is invalid: signature is invalid"
        assert refusal(await root.user(token)) == (403, "bad_jwt", BAD_JWT + signature)


async def test_expired_token(root: GoTrueCalls) -> None:
    """An hour later the access token is over, and the refresh token gets another."""
    access, refresh = await root.tokens()
    root.server.clock.advance(expired(timedelta(hours=1)))
    over = "token has invalid claims: token is expired"
    assert refusal(await root.user(access)) == (403, "bad_jwt", BAD_JWT + over)
    renewed = (await root.refresh(refresh)).json()
    assert (await root.user(renewed["access_token"])).status_code == 200


async def test_claims_are_checked_in_order(root: GoTrueCalls) -> None:
    """Well signed is not enough: subject, user and session have to exist, and to belong together."""
    nobody, nothing = str(UUID(int=1)), str(UUID(int=2))
    answer = await root.sign_up("ben@example.com")
    ben, session = answer.json()["user"]["id"], answer.headers["sb-auth-session-id"]
    anna = (await root.sign_in()).json()["user"]["id"]
    gone = "Session from session_id claim in JWT does not exist"
    for claims, expected in (
        ({}, (403, "bad_jwt", "invalid claim: missing sub claim")),
        ({"sub": "x"}, (400, "bad_jwt", "invalid claim: sub claim must be a UUID")),
        ({"sub": ["x"]}, (400, "bad_jwt", "invalid claim: sub claim must be a UUID")),
        ({"sub": ben}, (403, "bad_jwt", "invalid claim: session_id claim must be a UUID")),
        (
            {"sub": nobody, "session_id": session},
            (403, "user_not_found", "User from sub claim in JWT does not exist"),
        ),
        ({"sub": ben, "session_id": nothing}, (403, "session_not_found", gone)),
        ({"sub": anna, "session_id": session}, (403, "session_not_found", gone)),
    ):
        assert refusal(await root.user(forge(**claims))) == expected
    assert (await root.user(forge(sub=ben, session_id=session))).status_code == 200


async def test_banned_later(tmp_path: Path) -> None:
    """A ban closes the account to the tokens it already has."""
    settings = replace(SIGNED, database=tmp_path / "auth.db")
    async with running(settings) as server:
        access, refresh = await GoTrueCalls(server=server).tokens()
    banned = replace(settings, accounts=(replace(settings.accounts[0], blocked=True),))
    async with running(banned) as server:
        calls = GoTrueCalls(server=server)
        assert refusal(await calls.user(access)) == (403, "user_banned", "User is banned")
        answer = await calls.refresh(refresh)
        assert refusal(answer) == (400, "user_banned", "Invalid Refresh Token: User Banned")


# Changing the user


async def test_change_metadata(calls: GoTrueCalls) -> None:
    """Data is merged: what is null goes, what is not named stays; the answer is the bare user."""
    access, _ = await calls.tokens()
    await calls.change(access, data={"name": "Anna", "city": "Ulm", "nested": {"a": [1, None]}})
    user = (await calls.change(access, data={"city": None, "age": 7}, code_challenge=None)).json()
    said = {"name": "Anna", "nested": {"a": [1, None]}, "age": 7}
    assert said.items() <= user["user_metadata"].items()
    assert "city" not in user["user_metadata"]
    assert (await calls.user(access)).json() == user


async def test_metadata_at_the_same_moment(root: GoTrueCalls) -> None:
    """No change is lost to another one."""
    access, _ = await root.tokens()
    await asyncio.gather(*(root.change(access, data={f"k{n}": n}) for n in range(20)))
    metadata = (await root.user(access)).json()["user_metadata"]
    assert {f"k{n}": n for n in range(20)}.items() <= metadata.items()


async def test_metadata_fits_into_a_token(root: GoTrueCalls) -> None:
    """All the metadata a user may have still makes a token that can be read; more is refused."""
    access, refresh = await root.tokens()
    assert (await root.change(access, data={"x": "ü" * 2600})).status_code == 200
    message = "User metadata cannot be longer than 16384 bytes"
    assert refusal(await root.change(access, data={"y": "x" * 1000})) == (400, "validation_failed", message)
    renewed = (await root.refresh(refresh)).json()["access_token"]
    assert len(renewed) > 7000
    assert (await root.user(renewed)).json()["user_metadata"]["x"] == "ü" * 2600


async def test_change_password(server: AuthServer, root: GoTrueCalls) -> None:
    """P16, P77: a new password ends every other session, in both dialects, and the old password is over."""
    _, strapi_refresh = await server.tokens()
    other, other_refresh = await root.tokens()
    access, refresh = await root.tokens()
    assert (await root.change(access, password="another password")).status_code == 200
    assert (await root.user(access)).status_code == 200
    assert (await root.refresh(refresh)).status_code == 200
    assert refusal(await root.user(other))[1] == "session_not_found"
    assert refusal(await root.refresh(other_refresh))[1] == "refresh_token_not_found"
    assert (await server.refresh(strapi_refresh)).status_code == 401
    assert refusal(await root.sign_in()) == WRONG
    assert (await root.sign_in(password="another password")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"password": "correct horse"},
            (422, "same_password", "New password should be different from the old password."),
        ),
        ({"password": "12345"}, (422, "weak_password", "Password should be at least 6 characters.")),
        ({"password": ""}, (422, "weak_password", "Password should be at least 6 characters.")),
        (
            {"password": "x" * 73},
            (400, "validation_failed", "Password cannot be longer than 72 characters"),
        ),
        ({"email": "x"}, (400, "validation_failed", "Unable to validate email address: invalid format")),
        (
            {"email": BLOCKED.email},
            (422, "email_exists", "A user with this email address has already been registered"),
        ),
        ({"phone": "1234567"}, (400, "phone_provider_disabled", "Phone signups are disabled")),
        (
            {"app_metadata": {}},
            (403, "not_admin", "Updating app_metadata requires admin privileges"),
        ),
    ],
)
async def test_refused_changes(
    root: GoTrueCalls, changes: dict[str, object], expected: tuple[int, str, str]
) -> None:
    """What is refused changes nothing."""
    access, _ = await root.tokens()
    before = (await root.user(access)).json()
    answer = await root.change(access, data={"name": "x"}, **changes)
    assert refusal(answer) == expected
    assert (await root.user(access)).json() == before
    assert (await root.sign_in()).status_code == 200


async def test_change_address(root: GoTrueCalls) -> None:
    """A new address waits for its confirmation, and a minute passes before the next."""
    access, _ = await root.tokens()
    user = (await root.change(access, email="New@Example.com")).json()
    assert (user["email"], user["new_email"]) == ("anna@example.com", "new@example.com")
    assert MOMENT.fullmatch(user["email_change_sent_at"])
    answer = await root.change(access, email="newer@example.com")
    status, code, message = refusal(answer)
    assert (status, code) == (429, "over_email_send_rate_limit")
    assert re.fullmatch(
        r"For security purposes, you can only request this after (60|[1-5]?\d) seconds\.", message
    )
    root.server.clock.advance(timedelta(seconds=61))
    assert (await root.change(access, email="newer@example.com")).json()["new_email"] == "newer@example.com"
    same = await root.change(access, email="Anna@example.com", data=None, password=None)
    assert (same.status_code, same.json()["new_email"]) == (200, "newer@example.com")


async def test_a_session_that_ends_while_its_password_changes(server: AuthServer, root: GoTrueCalls) -> None:
    """P77: between the check of the token and the change, the session may have been ended by another."""
    access, _ = await root.tokens()
    other, _ = await root.tokens()
    answers = await asyncio.gather(
        root.change(access, password="first password"), root.change(other, password="second password")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    passwords = ("first password", "second password")
    signed_in = [(await root.sign_in(password=password)).status_code for password in passwords]
    assert signed_in == [answer.status_code if answer.is_success else 400 for answer in answers]
