"""DummyJSON dialect: signing in, what a token opens, and what ends it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.authserver.accounts import Credentials
from portico.authserver.dialects import dummyjson_gate
from portico.authserver.password_check import PasswordCheck
from portico.authserver.settings import DummyJsonSettings
from portico.values import Secret
from tests.authserver.dummyjson_calls import (
    CLOSED,
    DEAD,
    EMILY,
    LOGIN,
    NO_TOKEN,
    WITH_EMILY,
    WRONG,
    DummyJsonCalls,
    refusal,
)
from tests.authserver.gotrue_calls import GoTrueCalls, StoppedClock
from tests.authserver.plain_calls import PlainCalls
from tests.authserver.servers import BLOCKED, UNCONFIRMED, AuthServer, bearer, running

SECRET = "0123456789abcdef0123456789abcdef"
KEY = OctKey.import_key(SECRET.encode())
SIGNED = replace(WITH_EMILY, secret=Secret(SECRET))
SHOWN = ["accessToken", "refreshToken", "id", "username", "email", "firstName", "lastName", "gender", "image"]


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SIGNED, StoppedClock()) as running_server:
        yield running_server


@pytest.fixture
def dummy(server: AuthServer) -> DummyJsonCalls:
    return DummyJsonCalls(http=server.http)


def said(token: str) -> dict[str, object]:
    """What a token signed with SECRET says."""
    return jwt.decode(token, KEY, algorithms=["HS256"]).claims


# Signing in


async def test_sign_in(dummy: DummyJsonCalls) -> None:
    """S4-6: the demo account gets its tokens at the top of the answer, and who it is."""
    answer = await dummy.sign_in()
    body = answer.json()
    assert (answer.status_code, list(body)) == (200, SHOWN)
    shown = (body["id"], body["username"], body["email"], body["firstName"], body["lastName"])
    assert shown == (1, "emilys", "emily.sample@example.com", "Emily", "Sample")
    me = await dummy.me(body["accessToken"])
    assert me.status_code == 200
    assert me.json().items() >= {name: body[name] for name in SHOWN[2:]}.items()


async def test_nothing_secret_is_shown(dummy: DummyJsonCalls) -> None:
    """P78: DummyJSON's `/auth/me` repeats the password; this one has neither it nor anything like it."""
    answer = await dummy.me((await dummy.tokens())[0])
    assert "emilyspass" not in answer.text
    assert not {"password", "ssn", "ein", "bank", "crypto", "ip", "macAddress"} & answer.json().keys()


async def test_the_demo_account_is_not_there_unasked() -> None:
    """P75: nobody can sign in whom the settings do not name."""
    async with running() as server:
        assert refusal(await DummyJsonCalls(http=server.http).sign_in()) == WRONG


@pytest.mark.parametrize("username", ["emilys", "EMILYS", "EmilyS"])
async def test_the_name_in_any_case(dummy: DummyJsonCalls, username: str) -> None:
    """DummyJSON compares user names without case, and passwords with it."""
    assert (await dummy.sign_in(username)).status_code == 200
    assert refusal(await dummy.sign_in(username, "EmilysPass")) == WRONG


async def test_an_address_is_no_name(dummy: DummyJsonCalls) -> None:
    """E-mail addresses, which other dialects take, do not sign in here."""
    assert refusal(await dummy.sign_in(EMILY.email)) == WRONG


async def test_who_is_nobody_in_the_directory(dummy: DummyJsonCalls) -> None:
    """Any account signs in, with an id that nobody in the directory has."""
    body = (await dummy.sign_in("anna", "correct horse")).json()
    assert (body["id"], body["firstName"], body["email"]) == (1001, "anna", "anna@example.com")
    assert refusal(await dummy.users("/1001")) == (404, "User with id '1001' not found")


async def test_nobody_becomes_an_admin_by_signing_up(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """P54: only the settings make somebody a person of the directory; its names can be taken otherwise."""
    form = {"username": "michaeld", "email": "x@example.com", "password": "correct horse"}
    assert (await server.http.post("/api/auth/local/register", json=form)).status_code == 200
    token, _ = await dummy.tokens(username="michaeld", password="correct horse")
    assert (await dummy.me(token)).json()["role"] == "user"
    assert (await dummy.me((await dummy.tokens())[0])).json()["role"] == "admin"


async def test_refusals_look_the_same(dummy: DummyJsonCalls) -> None:
    """P66: nothing tells whether there is an account, or in which state; a blocked one is never let in."""
    wrong = await dummy.sign_in(password="wrong")
    assert refusal(wrong) == WRONG
    for username, password in (
        ("nobody", "wrong"),
        (BLOCKED.username, "wrong"),
        (BLOCKED.username, "correct horse"),
        ("x" * 1000, "wrong"),
    ):
        other = await dummy.sign_in(username, password)
        assert (other.status_code, other.content, other.headers) == (400, wrong.content, wrong.headers)


async def test_unconfirmed_account() -> None:
    """Where addresses have to be confirmed, an account that is not cannot sign in; elsewhere it can."""
    for confirming, status in ((True, 400), (False, 200)):
        async with running(replace(WITH_EMILY, email_confirmation=confirming)) as server:
            dummy = DummyJsonCalls(http=server.http)
            assert (await dummy.sign_in(UNCONFIRMED.username, "correct horse")).status_code == status


class Hasty(PasswordCheck):
    """A check that answers at once for nobody."""

    async def passes(
        self, credentials: Credentials | None, password: Secret, *, name: str, address: str
    ) -> Credentials | None:
        if credentials is None:
            return None
        return await super().passes(credentials, password, name=name, address=address)


@pytest.mark.parametrize(("hasty", "hashes"), [(False, 1), (True, 0)])
async def test_unknown_user_costs_a_hash_too(
    monkeypatch: pytest.MonkeyPatch, hasty: bool, hashes: int
) -> None:
    """P67: a sign-in of nobody does the work of any other; a check that spares it is found out."""
    checked: list[str | bytes] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        checked.append(hash)
        return verify(hasher, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    if hasty:
        monkeypatch.setattr("portico.authserver.app.PasswordCheck", Hasty)
    async with running() as server:
        dummy = DummyJsonCalls(http=server.http)
        await dummy.sign_in("anna", "wrong")
        assert len(checked) == 1
        await dummy.sign_in("nobody", "wrong")
        assert len(checked) == 1 + hashes


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Username and password required"),
        ({"username": "emilys"}, "Username and password required"),
        ({"username": "", "password": "emilyspass"}, "Username and password required"),
        ({"username": "emilys", "password": None}, "Username and password required"),
        ({"username": ["emilys"], "password": "emilyspass"}, "Username is not valid"),
        ({"username": 7, "password": "emilyspass"}, "Username is not valid"),
        ({"username": "emilys", "password": ["emilyspass"]}, "Invalid credentials"),
        ({"username": "emilys", "password": {"$ne": ""}}, "Invalid credentials"),
        ([{"username": "emilys", "password": "emilyspass"}], "Username and password required"),
    ],
)
async def test_bodies_that_are_wrong(dummy: DummyJsonCalls, body: object, message: str) -> None:
    """What is missing or of another type is refused in DummyJSON's words."""
    assert refusal(await dummy.http.post(LOGIN, json=body)) == (400, message)


async def test_a_form_will_do(dummy: DummyJsonCalls) -> None:
    """As Express takes it: JSON or a form; what is neither readable is 400."""
    form = {"username": "emilys", "password": "emilyspass"}
    assert (await dummy.http.post(LOGIN, data=form)).status_code == 200
    answer = await dummy.http.post(LOGIN, content=b"{", headers={"Content-Type": "application/json"})
    assert refusal(answer)[0] == 400
    assert refusal(await dummy.http.post(LOGIN, json={"x": "x" * 310_000}))[0] == 413


# How long


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [(30, 30), ("30", 30), (1, 1), (1.5, 1.5), (43200, 43200), (None, 60), (0, 60), ("", 60)],
    ids=repr,
)
async def test_expires_in_mins(dummy: DummyJsonCalls, asked: object, minutes: float) -> None:
    """S4-13: `expiresInMins` is the life of the access token and of the cookies; 60 where there is none."""
    answer = await dummy.sign_in(expiresInMins=asked)
    access, refresh = answer.json()["accessToken"], answer.json()["refreshToken"]
    claims = said(access)
    assert claims["exp"] - claims["iat"] == minutes * 60  # type: ignore[operator]
    lasts = said(refresh)
    assert lasts["exp"] - lasts["iat"] == 30 * 86_400  # type: ignore[operator]
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["accessToken", "refreshToken"]
    for cookie in cookies:
        said_of_it = set(cookie.split("; ")[1:])
        assert said_of_it == {
            "HttpOnly",
            "Secure",
            "Path=/",
            "SameSite=lax",
            f"Max-Age={int(minutes * 60)}",
        }


@pytest.mark.parametrize("asked", [-1, 0.5, 43201, 1e400, "x", "NaN", [5], {"a": 1}])
async def test_lifetimes_that_cannot_be(dummy: DummyJsonCalls, asked: object) -> None:
    """As DummyJSON has it: 500, with a message that says what would do."""
    body = {"username": "emilys", "password": "emilyspass", "expiresInMins": asked}
    if asked == 1e400:
        body["expiresInMins"] = "1e400"
    message = "Maximum access token expire time can be 43200 minutes"
    assert refusal(await dummy.http.post(LOGIN, json=body)) == (500, message)


async def test_an_expired_token(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """S4-13: a token that is over is 401 in words of its own, and takes the cookies along."""
    access, _ = await dummy.tokens(expiresInMins=1)
    server.clock.advance(timedelta(seconds=59))
    assert (await dummy.me(access)).status_code == 200
    server.clock.advance(timedelta(seconds=1))
    answer = await dummy.me(access)
    assert refusal(answer) == (401, "Token Expired!")
    assert [c.split(";")[0] for c in answer.headers.get_list("set-cookie")] == [
        'accessToken=""',
        'refreshToken=""',
    ]


# What opens


async def test_three_ways_to_show_a_token(dummy: DummyJsonCalls) -> None:
    """Header with `Bearer`, header without, cookie; the header counts where there are both."""
    access, _ = await dummy.tokens()
    path = "/dummyjson/auth/me"
    cookie = {"Cookie": f"accessToken={access}"}
    assert (await dummy.http.get(path, headers={"Authorization": access})).status_code == 200
    assert (await dummy.http.get(path, headers=cookie)).status_code == 200
    assert refusal(await dummy.http.get(path, headers=cookie | bearer("x"))) == DEAD


async def test_closed_calls_need_a_token(dummy: DummyJsonCalls) -> None:
    """No closed call answers without a good token; the same calls answer with one."""
    access, _ = await dummy.tokens()
    for method, path in CLOSED:
        assert refusal(await dummy.http.request(method, path)) == NO_TOKEN
        assert refusal(await dummy.http.request(method, path, headers=bearer("x.y.z"))) == DEAD
        if "logout" not in path:
            answer = await dummy.http.request(method, path, headers=bearer(access))
            assert answer.status_code in (200, 201)


async def test_a_token_signed_elsewhere(dummy: DummyJsonCalls) -> None:
    """DummyJSON's 500 for what looks like a token: imitated, since clients must not take it for an outage."""
    access, _ = await dummy.tokens()
    other = OctKey.import_key(b"f" * 32)
    forged = jwt.encode({"alg": "HS256"}, said(access), other, algorithms=["HS256"])
    assert refusal(await dummy.me(forged)) == (500, "invalid signature")
    assert refusal(await dummy.refresh(forged)) == (403, "Invalid refresh token")


@pytest.mark.parametrize("told_apart", [True, False])
async def test_tokens_are_for_one_purpose(
    monkeypatch: pytest.MonkeyPatch, server: AuthServer, dummy: DummyJsonCalls, told_apart: bool
) -> None:
    """P85: a refresh token opens nothing, an access token renews nothing; of one kind, they would."""
    if not told_apart:
        monkeypatch.setattr(dummyjson_gate, "_REFRESH", dummyjson_gate._ACCESS)
    access, refresh = await dummy.tokens()
    refused = [await dummy.me(refresh), await dummy.refresh(access)]
    expected = [DEAD, (403, "Invalid refresh token")]
    assert [refusal(answer) for answer in refused if answer.status_code != 200] == expected * told_apart


async def test_tokens_of_other_dialects(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """P85: one key signs for all dialects, and no dialect takes a token of another."""
    strapi, gotrue = (await server.tokens())[0], (await GoTrueCalls(server=server).tokens())[0]
    plain = await PlainCalls(http=server.http).token()
    for token in (strapi, gotrue, plain):
        assert refusal(await dummy.me(token)) == DEAD
        assert refusal(await dummy.refresh(token)) == (403, "Invalid refresh token")
    access, _ = await dummy.tokens()
    assert (await server.me(access)).status_code == 401
    assert (await GoTrueCalls(server=server).user(access)).status_code == 403
    assert (await PlainCalls(http=server.http).user(access)).status_code == 401


@pytest.mark.parametrize(
    ("named", "value"), [("type", "access"), ("sessionId", 7), ("sessionId", "x"), ("exp", "1e9")]
)
async def test_claims_that_are_wrong(dummy: DummyJsonCalls, named: str, value: object) -> None:
    """P85: with the right signature and other claims, nothing opens."""
    access, _ = await dummy.tokens()
    claims = said(access) | {named: value}
    token = jwt.encode({"alg": "HS256"}, claims, KEY, algorithms=["HS256"])
    assert (await dummy.me(token)).status_code in (401, 500)


# Refresh and end


async def test_refresh(dummy: DummyJsonCalls) -> None:
    """Both tokens anew; the used one stays good, as in DummyJSON; the cookie will do instead of the body."""
    access, refresh = await dummy.tokens()
    answer = await dummy.refresh(refresh, expiresInMins=5)
    assert list(answer.json()) == ["accessToken", "refreshToken"]
    claims = said(answer.json()["accessToken"])
    assert claims["exp"] - claims["iat"] == 300  # type: ignore[operator]
    assert (await dummy.me(answer.json()["accessToken"])).status_code == 200
    assert (await dummy.me(access)).status_code == 200
    assert (await dummy.refresh(refresh)).status_code == 200
    by_cookie = await dummy.http.post(
        "/dummyjson/auth/refresh", headers={"Cookie": f"refreshToken={refresh}"}
    )
    assert by_cookie.status_code == 200


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (None, (401, "Refresh token required")),
        ("", (401, "Refresh token required")),
        ("x", (403, "Invalid refresh token")),
        ([], (401, "Refresh token required")),
        (["x"], (403, "Invalid refresh token")),
        (7, (403, "Invalid refresh token")),
    ],
)
async def test_refresh_tokens_that_are_none(
    dummy: DummyJsonCalls, token: object, expected: tuple[int, str]
) -> None:
    """What is missing is 401, what renews nothing is 403."""
    assert refusal(await dummy.refresh(token)) == expected


async def test_a_sign_in_ends_after_thirty_days(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """P10: refreshed or not."""
    _, refresh = await dummy.tokens()
    server.clock.advance(timedelta(days=29, hours=23))
    renewed = (await dummy.refresh(refresh)).json()
    server.clock.advance(timedelta(hours=1, seconds=1))
    assert refusal(await dummy.refresh(renewed["refreshToken"])) == (403, "Invalid refresh token")
    assert refusal(await dummy.me(renewed["accessToken"]))[0] == 401


@pytest.mark.parametrize("outlives", [False, True])
async def test_log_out(outlives: bool) -> None:
    """P109: a log-out ends the tokens of its sign-in; with the option, as in DummyJSON, none."""
    settings = replace(SIGNED, dummyjson=DummyJsonSettings(outlives_log_out=outlives))
    async with running(settings) as server:
        dummy = DummyJsonCalls(http=server.http)
        (access, refresh), (other, _) = await dummy.tokens(), await dummy.tokens()
        answer = await dummy.log_out(access)
        assert (answer.status_code, answer.json()) == (200, {"message": "Logged out successfully"})
        assert len(answer.headers.get_list("set-cookie")) == 2
        assert (await dummy.me(access)).status_code == (200 if outlives else 401)
        assert (await dummy.refresh(refresh)).status_code == (200 if outlives else 403)
        assert (await dummy.me(other)).status_code == 200


async def test_a_new_password_ends_every_sign_in(server: AuthServer, dummy: DummyJsonCalls) -> None:
    """P77: a password that is changed in another dialect ends the tokens of this one."""
    access, refresh = await dummy.tokens(username="anna", password="correct horse")
    jwt_, _ = await server.tokens()
    change = {
        "currentPassword": "correct horse",
        "password": "another password",
        "passwordConfirmation": "another password",
    }
    await server.http.post("/api/auth/change-password", json=change, headers=bearer(jwt_))
    assert refusal(await dummy.me(access)) == DEAD
    assert refusal(await dummy.refresh(refresh)) == (403, "Invalid refresh token")
