"""Plain dialect: signing in, and what a refusal gives away."""

from dataclasses import replace
from typing import Literal

import pytest
from argon2 import PasswordHasher

from portico.authserver.accounts import Credentials
from portico.authserver.password_check import PasswordCheck
from portico.authserver.sessions import Session, Sessions
from portico.values import Secret
from tests.authserver.plain_calls import DEAD, TOKEN, WRONG, PlainCalls, refusal
from tests.authserver.servers import BLOCKED, DEFAULTS, UNCONFIRMED, AuthServer, bearer, running


@pytest.fixture
def plain(server: AuthServer) -> PlainCalls:
    return PlainCalls(http=server.http)


async def test_sign_in(plain: PlainCalls) -> None:
    """S0-6: the answer has the token at its top, and the user that the token names."""
    answer = await plain.sign_in("ANNA@Example.com")
    assert answer.status_code == 200
    assert list(answer.json()) == ["token", "user"]
    user = {"id": 1, "email": "anna@example.com", "name": "anna"}
    assert answer.json()["user"] == user
    shown = await plain.user(answer.json()["token"])
    assert (shown.status_code, shown.json()) == (200, user)


async def test_every_sign_in_has_a_token_of_its_own(plain: PlainCalls) -> None:
    """Also two sign-ins of one second can be told apart, and ended apart."""
    one, other = await plain.token(), await plain.token()
    assert one != other
    assert (await plain.revoke(one)).status_code == 204
    assert (await plain.user(other)).status_code == 200


async def test_wrong_password_and_unknown_user_look_the_same(plain: PlainCalls) -> None:
    """P66: neither status nor headers nor body tell whether there is an account, or in which state."""
    wrong = await plain.sign_in(password="wrong")
    assert refusal(wrong) == WRONG
    for email in ("nobody@example.com", BLOCKED.email, UNCONFIRMED.email, "@", "x" * 1000 + "@example.com"):
        other = await plain.sign_in(email, "wrong")
        assert (other.status_code, other.content, other.headers) == (401, wrong.content, wrong.headers)


class Hasty(PasswordCheck):
    """A check that answers at once for nobody."""

    async def passes(
        self, credentials: Credentials | None, password: Secret, *, name: str, address: str
    ) -> Credentials | None:
        if credentials is None:
            return None
        return await super().passes(credentials, password, name=name, address=address)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str | bytes]:
    """The hashes that passwords were checked against, by the real hasher."""
    hashes: list[str | bytes] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        hashes.append(hash)
        return verify(hasher, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return hashes


@pytest.mark.parametrize(("hasty", "hashes"), [(False, 1), (True, 0)])
async def test_unknown_user_costs_a_hash_too(
    monkeypatch: pytest.MonkeyPatch, checked: list[str | bytes], hasty: bool, hashes: int
) -> None:
    """P67: a sign-in of nobody does the work of any other; a check that spares it is found out."""
    if hasty:
        monkeypatch.setattr("portico.authserver.app.PasswordCheck", Hasty)
    async with running() as server:
        plain = PlainCalls(http=server.http)
        await plain.sign_in(password="wrong")
        assert len(checked) == 1
        await plain.sign_in("nobody@example.com", "wrong")
        assert len(checked) == 1 + hashes


@pytest.mark.parametrize(
    "password",
    ["Correct horse", "correct horse ", "correct horse\0", "correct\0horse", "c", "x" * 50_000],
)
async def test_near_misses(plain: PlainCalls, password: str) -> None:
    """A password counts whole: case, spaces and everything after a NUL."""
    assert refusal(await plain.sign_in(password=password)) == WRONG


async def test_a_name_is_no_address(plain: PlainCalls) -> None:
    """User names, which other dialects take, do not sign in here."""
    assert refusal(await plain.sign_in("anna")) == (400, "email must be an e-mail address: it has no @.")


async def test_blocked_account(plain: PlainCalls) -> None:
    """A blocked account is told so, but only to somebody who knows its password."""
    assert refusal(await plain.sign_in(BLOCKED.email)) == (403, "This account is blocked.")
    assert refusal(await plain.sign_in(BLOCKED.email, "wrong")) == WRONG


async def test_unconfirmed_account() -> None:
    """Where addresses have to be confirmed, an account that is not cannot sign in; elsewhere it can."""
    async with running(replace(DEFAULTS, email_confirmation=True)) as server:
        plain = PlainCalls(http=server.http)
        message = "The e-mail address of this account is not confirmed."
        assert refusal(await plain.sign_in(UNCONFIRMED.email)) == (403, message)
        assert refusal(await plain.sign_in(UNCONFIRMED.email, "wrong")) == WRONG
        assert (await plain.sign_in()).status_code == 200
    async with running() as server:
        assert (await PlainCalls(http=server.http).sign_in(UNCONFIRMED.email)).status_code == 200


@pytest.mark.parametrize(("compared", "status"), [(True, 401), (False, 200)])
async def test_a_password_that_changes_during_a_sign_in(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, compared: bool, status: int
) -> None:
    """P77: no session begins with a password that is not the account's any more; uncompared, one would."""
    access, _ = await server.tokens()
    change = {
        "currentPassword": "correct horse",
        "password": "another password",
        "passwordConfirmation": "another password",
    }
    start = Sessions.start

    async def late(
        sessions: Sessions, user_id: int, *, device_id: str | None, password_hash: Secret | None = None
    ) -> Session | None:
        monkeypatch.undo()
        answer = await server.http.post("/api/auth/change-password", json=change, headers=bearer(access))
        assert answer.status_code == 200
        known = password_hash if compared else None
        return await start(sessions, user_id, device_id=device_id, password_hash=known)

    monkeypatch.setattr(Sessions, "start", late)
    answer = await PlainCalls(http=server.http).sign_in()
    assert answer.status_code == status
    assert status == 200 or refusal(answer) == WRONG


# Grants and bodies


@pytest.mark.parametrize(
    ("query", "received"),
    [
        ("", "and it is missing"),
        ("?grant_type=", 'not ""'),
        ("?grant_type=refresh_token", 'not "refresh_token"'),
        ("?grant_type=PASSWORD", 'not "PASSWORD"'),
        ("?grant_type=password&grant_type=password", 'not "password", "password"'),
        ("?grant=password", "and it is missing"),
    ],
)
async def test_other_grants(plain: PlainCalls, query: str, received: str) -> None:
    """There is one grant, to be named once."""
    form = {"email": "anna@example.com", "password": "correct horse"}
    answer = await plain.http.post(f"/plain/auth/v1/token{query}", json=form)
    assert refusal(answer) == (400, f"grant_type must be password, {received}.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "email is missing."),
        ({"email": "anna@example.com"}, "password is missing."),
        ({"password": "correct horse"}, "email is missing."),
        ({"email": "", "password": "correct horse"}, "email is missing."),
        ({"email": None, "password": "correct horse"}, "email is missing."),
        ({"email": "anna@example.com", "password": ""}, "password is missing."),
        ({"email": 7, "password": "correct horse"}, "email must be a string."),
        ({"email": False, "password": "correct horse"}, "email must be a string."),
        ({"email": ["anna@example.com"], "password": "correct horse"}, "email must be a string."),
        ({"email": "anna@example.com", "password": {"$ne": ""}}, "password must be a string."),
        ({"email": "anna@example.com", "password": 0}, "password must be a string."),
        ([], "The body must be an object: {email, password}."),
        ("anna@example.com", "The body must be an object: {email, password}."),
        (7, "The body must be an object: {email, password}."),
    ],
)
async def test_bodies_that_are_wrong(plain: PlainCalls, body: object, message: str) -> None:
    """What is missing or not a string is named, and never repeated."""
    assert refusal(await plain.http.post(TOKEN, json=body)) == (400, message)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  ",
        b"{",
        b"email=anna%40example.com&password=correct+horse",
        b'{"email": "anna@example.com", "password": NaN}',
        b'{"email": "\\ud800@x", "password": "x"}',
        b"\xff\xfe",
        b"[" * 20_000,
    ],
)
async def test_bodies_that_are_no_json(plain: PlainCalls, raw: bytes) -> None:
    """What cannot be read is 400, whatever type it claims to have."""
    for content_type in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
        answer = await plain.http.post(TOKEN, content=raw, headers={"Content-Type": content_type})
        status, message = refusal(answer)
        assert status == 400
        assert message.startswith("The body is not JSON: ")


async def test_bodies_that_are_too_large(plain: PlainCalls) -> None:
    """A body above 64 KiB is 413, and one just below is read."""
    too_large = (413, "The body is too large: at most 65536 bytes.")
    assert refusal(await plain.sign_in(password="x" * 65_536)) == too_large
    assert refusal(await plain.sign_in(password="x" * 65_000)) == WRONG


async def test_what_clients_send_along(plain: PlainCalls) -> None:
    """Unknown fields and parameters, a dead token and another type are no reason to refuse."""
    answer = await plain.http.post(
        f"{TOKEN}&redirect_to=http%3A%2F%2Fevil.test",
        content=b'{"email": "anna@example.com", "password": "correct horse", "remember": true}',
        headers={"Content-Type": "text/plain"} | bearer("dead"),
    )
    assert answer.status_code == 200
    assert refusal(await plain.user("dead")) == DEAD
