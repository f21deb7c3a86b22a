"""GoTrue dialect: signing up, with addresses and passwords that are fine and that are not."""

import asyncio
from dataclasses import replace

import pytest

from portico.authserver.settings import GoTrueSettings
from tests.authserver.gotrue_calls import MOMENT, PASSWORD, WRONG, GoTrueCalls, refusal
from tests.authserver.servers import DEFAULTS, UNCONFIRMED, running

CONFIRMING = replace(DEFAULTS, email_confirmation=True)
ALLOWED = "alphanumeric characters, hyphens, periods, underscores and tildes"


async def test_sign_up(calls: GoTrueCalls) -> None:
    """A new account has a session at once, keeps its data, and can sign in."""
    answer = await calls.sign_up("Ben@Example.com", data={"name": "Ben", "email": "x", "sub": "x"})
    assert answer.status_code == 200
    user = answer.json()["user"]
    assert user["email"] == "ben@example.com"
    assert user["user_metadata"] == {
        "name": "Ben",
        "email": "ben@example.com",
        "email_verified": True,
        "phone_verified": False,
        "sub": user["id"],
    }
    assert (await calls.user(answer.json()["access_token"])).json() == user
    again = (await calls.sign_in("ben@example.com", PASSWORD)).json()["user"]
    assert again["id"] == user["id"]
    assert again["identities"][0]["identity_id"] == user["identities"][0]["identity_id"]


async def test_duplicate(calls: GoTrueCalls) -> None:
    """An address that has an account is 422, in whatever case it is written."""
    for email in ("anna@example.com", "ANNA@example.COM", UNCONFIRMED.email):
        answer = await calls.sign_up(email)
        assert refusal(answer) == (422, "user_already_exists", "User already registered")


async def test_duplicate_in_a_race(calls: GoTrueCalls) -> None:
    """Of many who sign up with one address at the same moment, one gets it."""
    answers = await asyncio.gather(*(calls.sign_up("ben@example.com") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 9


@pytest.mark.parametrize("password", ["12345", "x", "é1"])
async def test_weak_password(calls: GoTrueCalls, password: str) -> None:
    """A password below six bytes is 422 with its reason, in both forms of errors."""
    answer = await calls.sign_up("ben@example.com", password)
    message = "Password should be at least 6 characters."
    assert refusal(answer) == (422, "weak_password", message)
    assert answer.json()["weak_password"] == {"reasons": ["length"]}
    form = {"email": "ben@example.com", "password": password}
    old = await calls.server.http.post(f"{calls.prefix}/signup", json=form)
    assert old.headers["x-sb-error-code"] == "weak_password"
    assert old.json() == {
        "code": 422,
        "error_code": "weak_password",
        "msg": message,
        "weak_password": {"reasons": ["length"]},
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"password": ""}, "Signup requires a valid password"),
        ({"password": None}, "Signup requires a valid password"),
        ({"password": "x" * 73}, "Password cannot be longer than 72 characters"),
        ({"password": "é" * 37}, "Password cannot be longer than 72 characters"),
        ({"email": "ben"}, "Unable to validate email address: invalid format"),
        ({"email": "b" * 250 + "@x.com"}, "An email address is too long"),
        ({"phone": "1"}, "Only an email address or phone number should be provided on signup."),
        ({"code_challenge": "x"}, "PKCE flow requires code_challenge_method and code_challenge"),
        ({"code_challenge_method": "s256"}, "PKCE flow requires code_challenge_method and code_challenge"),
        (
            {"code_challenge": "x", "code_challenge_method": "s256"},
            "code challenge has to be between 43 and 128 characters",
        ),
        (
            {"code_challenge": "!" * 43, "code_challenge_method": "s256"},
            f"code challenge can only contain {ALLOWED}",
        ),
        (
            {"code_challenge": "x" * 129, "code_challenge_method": "s256"},
            "code challenge has to be between 43 and 128 characters",
        ),
        ({"data": {"x": "y" * 20_000}}, "User metadata cannot be longer than 16384 bytes"),
    ],
)
async def test_refused_sign_ups(calls: GoTrueCalls, change: dict[str, object], message: str) -> None:
    """What a sign-up may not hold is 400 `validation_failed`, and makes no account."""
    form = {"email": "ben@example.com", "password": PASSWORD} | change
    answer = await calls.send("POST", "/signup", json=form)
    assert refusal(answer) == (400, "validation_failed", message)
    assert refusal(await calls.sign_in("ben@example.com", PASSWORD)) == WRONG


@pytest.mark.parametrize(
    "email",
    [
        "ben@example.com\n",
        "ben@example.com\0",
        "ben\0@example.com",
        "b n@example.com",
        "ben@@example.com",
        "ben@",
        "@example.com",
        "ben@-.com",
        "ben@example..com",
        "ben@example.com.",
        "bén@example.com",
        "ben@exämple.com",
        "ben＠example.com",
        "ben@ｅxample.com",
        "\u212aen@example.com",
        "ben\u200b@example.com",
        "be\u0301n@example.com",
        "<ben@example.com>",
        "ben@example.com,carla@example.com",
    ],
)
async def test_what_is_no_address(calls: GoTrueCalls, email: str) -> None:
    """An address is ASCII and stands alone; nothing is trimmed, folded or taken apart to make it one."""
    message = "Unable to validate email address: invalid format"
    assert refusal(await calls.sign_up(email)) == (400, "validation_failed", message)
    access, _ = await calls.tokens()
    assert refusal(await calls.change(access, email=email)) == (400, "validation_failed", message)
    assert refusal(await calls.sign_in(email, PASSWORD)) == WRONG


@pytest.mark.parametrize("email", ["x@y", "a.b+c@sub.example.co", "!#$%&'*+/=?^_`{|}~-@x-y.z", "9@9.9"])
async def test_what_is_an_address(calls: GoTrueCalls, email: str) -> None:
    """GoTrue takes what the HTML standard takes for an address."""
    assert (await calls.sign_up(email)).json()["user"]["email"] == email
    assert (await calls.sign_in(email.upper(), PASSWORD)).status_code == 200


async def test_any_text_is_a_password(calls: GoTrueCalls) -> None:
    """NUL characters, spaces and characters beyond ASCII are part of a password."""
    for n, password in enumerate(("\0" * 6, "      ", "ab\0cdef", "пароль", "🔑🔑")):
        assert (await calls.sign_up(f"user{n}@example.com", password)).status_code == 200
        assert (await calls.sign_in(f"user{n}@example.com", password)).status_code == 200
        assert refusal(await calls.sign_in(f"user{n}@example.com", password[:-1])) == WRONG


async def test_sign_up_with_a_challenge(calls: GoTrueCalls) -> None:
    """A whole code challenge changes nothing where accounts are confirmed at once."""
    answer = await calls.sign_up("ben@example.com", code_challenge="x" * 43, code_challenge_method="s256")
    assert "access_token" in answer.json()


async def test_the_longest_password(calls: GoTrueCalls) -> None:
    """72 bytes are a password, and the last of them counts (P74)."""
    assert (await calls.sign_up("ben@example.com", "x" * 72)).status_code == 200
    assert (await calls.sign_in("ben@example.com", "x" * 72)).status_code == 200
    assert refusal(await calls.sign_in("ben@example.com", "x" * 71 + "y")) == WRONG


async def test_no_anonymous_users(calls: GoTrueCalls) -> None:
    """A sign-up without an address is an anonymous one, and there are none."""
    answer = await calls.send("POST", "/signup", json={"data": {}})
    assert refusal(answer) == (422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")


async def test_no_phone_sign_ups(calls: GoTrueCalls) -> None:
    """Nor are there phones."""
    form = {"phone": "1234567", "password": PASSWORD}
    answer = await calls.send("POST", "/signup", json=form)
    assert refusal(answer) == (400, "phone_provider_disabled", "Phone signups are disabled")


async def test_closed_for_sign_up() -> None:
    """Sign-up can be turned off, and the settings say so."""
    async with running(replace(DEFAULTS, gotrue=GoTrueSettings(sign_up=False))) as server:
        calls = GoTrueCalls(server=server)
        answer = await calls.sign_up("ben@example.com")
        assert refusal(answer) == (422, "signup_disabled", "Signups not allowed for this instance")
        assert (await server.http.get("/settings")).json()["disable_signup"] is True


async def test_sign_up_with_confirmation() -> None:
    """Without autoconfirm, a sign-up answers the bare user, who cannot sign in yet."""
    async with running(CONFIRMING) as server:
        calls = GoTrueCalls(server=server)
        user = (await calls.sign_up("ben@example.com", data={"name": "Ben"})).json()
        assert "access_token" not in user
        assert not {"confirmed_at", "email_confirmed_at", "last_sign_in_at"} & set(user)
        assert MOMENT.fullmatch(user["confirmation_sent_at"])
        assert user["user_metadata"]["email_verified"] is False
        unconfirmed = await calls.sign_in("ben@example.com", PASSWORD)
        assert refusal(unconfirmed) == (400, "email_not_confirmed", "Email not confirmed")
        again = (await calls.sign_up("ben@example.com", "another password")).json()
        assert again["id"] == user["id"]
        assert refusal(await calls.sign_in("ben@example.com", "another password")) == WRONG


async def test_sign_up_does_not_confirm_existence() -> None:
    """P68: without autoconfirm, a taken address gets GoTrue's invented user, another one each time."""
    async with running(CONFIRMING) as server:
        calls = GoTrueCalls(server=server)
        users = [(await calls.sign_up("anna@example.com", data={"a": 1})).json() for _ in range(2)]
        real = (await calls.sign_in()).json()["user"]
        assert len({users[0]["id"], users[1]["id"], real["id"]}) == 3
        assert (users[0]["identities"], users[0]["role"]) == ([], "")
        assert users[0]["user_metadata"] == {"a": 1}
        fresh = (await calls.sign_up("ben@example.com", data={"a": 1})).json()
        assert set(users[0]) == set(fresh)
