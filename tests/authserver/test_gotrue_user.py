"""GoTrue dialect: access tokens that are good and no good, and changing the user."""

import asyncio
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.values import Secret
from tests.authserver.gotrue_calls import GONE, MOMENT, WRONG, GoTrueCalls, refusal
from tests.authserver.servers import BLOCKED, DEFAULTS, AuthServer, expired, running

SECRET = "0123456789abcdef0123456789abcdef"
SIGNED = replace(DEFAULTS, secret=Secret(SECRET))
BAD_JWT = "invalid JWT: unable to parse or verify signature, "


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SIGNED) as running_server:
        yield running_server


def forge(key: str = SECRET, **claims: object) -> str:
    """A token with these claims that is good for an hour, and well signed with `key`."""
    lasting = {"exp": int(datetime.now().astimezone().timestamp()) + 3600} | claims
    return jwt.encode({"alg": "HS256"}, lasting, OctKey.import_key(key.encode()), algorithms=["HS256"])


# Tokens that are no good


@pytest.mark.parametrize("header", [None, "Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "x", "Bearer  x"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/user"), ("PUT", "/user"), ("POST", "/logout")])
async def test_no_token(calls: GoTrueCalls, method: str, path: str, header: str | None) -> None:
    """What is not a bearer header is 401 `no_authorization`."""
    answer = await calls.send(method, path, headers={} if header is None else {"Authorization": header})
    message = "This endpoint requires a valid Bearer token"
    assert refusal(answer) == (401, "no_authorization", message)


async def test_bad_tokens(calls: GoTrueCalls) -> None:
    """What was not signed here is 403 `bad_jwt`, with the reason that Go's library gives."""
    access, refresh = await calls.tokens()
    segments = "token is malformed: token contains an invalid number of segments"
    head, body, signature = access.split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for token in ("x", "a.b.c", refresh, access + "=", f"{unsigned}.{body}.", "x" * 40_000):
        assert refusal(await calls.user(token)) == (403, "bad_jwt", BAD_JWT + segments)
    for token in (
        f"{head}.{body}.{'A' * 43}",
        f"{unsigned}.{body}.{signature}",
        forge("another secret, also 32 bytes long", sub="x"),
    ):
        invalid = "token signature is invalid: signature is invalid"
        assert refusal(await calls.user(token)) == (403, "bad_jwt", BAD_JWT + invalid)


async def test_expired_token(calls: GoTrueCalls) -> None:
    """An hour later the access token is over, and the refresh token gets another."""
    access, refresh = await calls.tokens()
    calls.server.clock.advance(expired(timedelta(hours=1)))
    over = "token has invalid claims: token is expired"
    assert refusal(await calls.user(access)) == (403, "bad_jwt", BAD_JWT + over)
    renewed = (await calls.refresh(refresh)).json()
    assert (await calls.user(renewed["access_token"])).status_code == 200


async def test_claims_are_checked_in_order(calls: GoTrueCalls) -> None:
    """Well signed is not enough: subject, user and session have to exist, and to belong together."""
    nobody, nothing = str(UUID(int=1)), str(UUID(int=2))
    answer = await calls.sign_up("ben@example.com")
    ben, session = answer.json()["user"]["id"], answer.headers["sb-auth-session-id"]
    anna = (await calls.sign_in()).json()["user"]["id"]
    for claims, expected in (
        ({}, (403, "bad_jwt", "invalid claim: missing sub claim")),
        ({"sub": "x"}, (400, "bad_jwt", "invalid claim: sub claim must be a UUID")),
        ({"sub": ["x"]}, (400, "bad_jwt", "invalid claim: sub claim must be a UUID")),
        ({"sub": ben}, (403, "bad_jwt", "invalid claim: session_id claim must be a UUID")),
        (
            {"sub": nobody, "session_id": session},
            (403, "user_not_found", "User from sub claim in JWT does not exist"),
        ),
        ({"sub": ben, "session_id": nothing}, GONE),
        ({"sub": anna, "session_id": session}, GONE),
    ):
        assert refusal(await calls.user(forge(**claims))) == expected
    assert (await calls.user(forge(sub=ben, session_id=session))).status_code == 200


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


async def test_metadata_at_the_same_moment(calls: GoTrueCalls) -> None:
    """No change is lost to another one."""
    access, _ = await calls.tokens()
    await asyncio.gather(*(calls.change(access, data={f"k{n}": n}) for n in range(20)))
    metadata = (await calls.user(access)).json()["user_metadata"]
    assert {f"k{n}": n for n in range(20)}.items() <= metadata.items()


async def test_metadata_fits_into_a_token(calls: GoTrueCalls) -> None:
    """All the metadata a user may have still makes a token that can be read; more is refused."""
    access, refresh = await calls.tokens()
    assert (await calls.change(access, data={"x": "ü" * 2600})).status_code == 200
    message = "User metadata cannot be longer than 16384 bytes"
    assert refusal(await calls.change(access, data={"y": "x" * 1000})) == (400, "validation_failed", message)
    renewed = (await calls.refresh(refresh)).json()["access_token"]
    assert len(renewed) > 7000
    assert (await calls.user(renewed)).json()["user_metadata"]["x"] == "ü" * 2600


async def test_change_password(server: AuthServer, calls: GoTrueCalls) -> None:
    """P16, P77: a new password ends every other session, in both dialects, and the old password is over."""
    _, strapi_refresh = await server.tokens()
    other, other_refresh = await calls.tokens()
    access, refresh = await calls.tokens()
    assert (await calls.change(access, password="another password")).status_code == 200
    assert (await calls.user(access)).status_code == 200
    assert (await calls.refresh(refresh)).status_code == 200
    assert refusal(await calls.user(other))[1] == "session_not_found"
    assert refusal(await calls.refresh(other_refresh))[1] == "refresh_token_not_found"
    assert (await server.refresh(strapi_refresh)).status_code == 401
    assert refusal(await calls.sign_in()) == WRONG
    assert (await calls.sign_in(password="another password")).status_code == 200


SAME = (422, "same_password", "New password should be different from the old password.")
WEAK = (422, "weak_password", "Password should be at least 6 characters.")
NO_ADDRESS = (400, "validation_failed", "Unable to validate email address: invalid format")
TAKEN = (422, "email_exists", "A user with this email address has already been registered")
NOT_ADMIN = (403, "not_admin", "Updating app_metadata requires admin privileges")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"password": "correct horse"}, SAME),
        ({"password": "12345"}, WEAK),
        ({"password": ""}, WEAK),
        ({"password": "x" * 73}, (400, "validation_failed", "Password cannot be longer than 72 characters")),
        ({"email": "x"}, NO_ADDRESS),
        ({"email": "b" * 250 + "@x.com"}, (400, "validation_failed", "An email address is too long")),
        ({"email": BLOCKED.email}, TAKEN),
        ({"email": BLOCKED.email.upper()}, TAKEN),
        ({"email": "anna"}, NO_ADDRESS),
        ({"phone": "1234567"}, (400, "phone_provider_disabled", "Phone signups are disabled")),
        ({"app_metadata": {}}, NOT_ADMIN),
        ({"app_metadata": {"role": "admin"}}, NOT_ADMIN),
        # Of several faults GoTrue names the first in this order.
        ({"email": "x", "password": "12345", "app_metadata": {}}, NO_ADDRESS),
        ({"password": "12345", "app_metadata": {}, "email": BLOCKED.email}, WEAK),
        ({"app_metadata": {}, "email": BLOCKED.email, "password": "correct horse"}, NOT_ADMIN),
        ({"email": BLOCKED.email, "password": "correct horse"}, TAKEN),
    ],
)
async def test_refused_changes(
    calls: GoTrueCalls, changes: dict[str, object], expected: tuple[int, str, str]
) -> None:
    """What is refused changes nothing."""
    access, _ = await calls.tokens()
    before = (await calls.user(access)).json()
    answer = await calls.change(access, data={"name": "x"}, **changes)
    assert refusal(answer) == expected
    weak = {"reasons": ["length"]} if expected == WEAK else None
    assert answer.json().get("weak_password") == weak
    assert (await calls.user(access)).json() == before
    assert (await calls.sign_in()).status_code == 200


async def test_change_address(calls: GoTrueCalls) -> None:
    """A new address waits for its confirmation, and a minute passes before the next."""
    access, _ = await calls.tokens()
    user = (await calls.change(access, email="New@Example.com")).json()
    assert (user["email"], user["new_email"]) == ("anna@example.com", "new@example.com")
    assert MOMENT.fullmatch(user["email_change_sent_at"])
    answer = await calls.change(access, email="newer@example.com")
    status, code, message = refusal(answer)
    assert (status, code) == (429, "over_email_send_rate_limit")
    assert re.fullmatch(
        r"For security purposes, you can only request this after (60|[1-5]?\d) seconds\.", message
    )
    calls.server.clock.advance(timedelta(seconds=61))
    assert (await calls.change(access, email="newer@example.com")).json()["new_email"] == "newer@example.com"
    wait = refusal(await calls.change(access, email="third@example.com", password="correct horse"))
    assert wait == SAME, "the password is looked at before the wait for the next mail"
    same = await calls.change(access, email="Anna@example.com", data=None, password=None)
    assert (same.status_code, same.json()["new_email"]) == (200, "newer@example.com")


async def test_a_session_that_ends_while_its_password_changes(server: AuthServer, calls: GoTrueCalls) -> None:
    """P77: between the check of the token and the change, the session may have been ended by another."""
    access, _ = await calls.tokens()
    other, _ = await calls.tokens()
    answers = await asyncio.gather(
        calls.change(access, password="first password"), calls.change(other, password="second password")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    passwords = ("first password", "second password")
    signed_in = [(await calls.sign_in(password=password)).status_code for password in passwords]
    assert signed_in == [answer.status_code if answer.is_success else 400 for answer in answers]
