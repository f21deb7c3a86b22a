"""GoTrue dialect: signing in, signing up, and what the answers look like."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.authserver.settings import GoTrueSettings, NewAccount
from portico.values import Secret
from tests.authserver.gotrue_calls import MOMENT, PASSWORD, RECENT, WRONG, GoTrueCalls, refusal
from tests.authserver.servers import BLOCKED, DEFAULTS, UNCONFIRMED, AuthServer, running

SECRET = "0123456789abcdef0123456789abcdef"
SIGNED = replace(DEFAULTS, secret=Secret(SECRET))
CONFIRMING = replace(DEFAULTS, email_confirmation=True)
ALLOWED = "alphanumeric characters, hyphens, periods, underscores and tildes"


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


# Signing in


async def test_session_object(calls: GoTrueCalls) -> None:
    """S3-8: an account of the settings signs in by its address; the answer is GoTrue's session."""
    answer = await calls.sign_in("ANNA@Example.com")
    assert answer.status_code == 200
    body = answer.json()
    keys = ["access_token", "token_type", "expires_in", "expires_at", "refresh_token", "user"]
    assert list(body) == keys
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    assert len(body["refresh_token"]) == 51
    assert UUID(answer.headers["sb-auth-user-id"]) == UUID(body["user"]["id"])
    assert UUID(answer.headers["sb-auth-session-id"]).version == 4
    assert answer.headers["sb-auth-refresh-token-counter"] == "0"
    assert "x-supabase-api-version" not in answer.headers
    assert (await calls.user(body["access_token"])).json() == body["user"]


async def test_user_object(root: GoTrueCalls) -> None:
    """The user has GoTrue's keys in its order, moments as Go writes them, and nothing secret (P78)."""
    user = (await root.sign_in()).json()["user"]
    assert list(user) == [
        "id",
        "aud",
        "role",
        "email",
        "email_confirmed_at",
        "phone",
        "confirmed_at",
        "last_sign_in_at",
        "app_metadata",
        "user_metadata",
        "identities",
        "created_at",
        "updated_at",
        "is_anonymous",
    ]
    assert (user["aud"], user["role"], user["phone"]) == ("authenticated", "authenticated", "")
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert user["user_metadata"] == {
        "email": "anna@example.com",
        "email_verified": True,
        "phone_verified": False,
        "sub": user["id"],
    }
    (identity,) = user["identities"]
    assert list(identity) == [
        "identity_id",
        "id",
        "user_id",
        "identity_data",
        "provider",
        "last_sign_in_at",
        "created_at",
        "updated_at",
        "email",
    ]
    assert identity["identity_data"] == {"email": "anna@example.com", "sub": user["id"]}
    moments = [value for key, value in [*user.items(), *identity.items()] if key.endswith("_at")]
    assert all(MOMENT.fullmatch(moment) for moment in moments)


async def test_claims(root: GoTrueCalls) -> None:
    """The access token says what GoTrue's says, HS256, for an hour."""
    body = (await root.sign_in()).json()
    token = jwt.decode(body["access_token"], OctKey.import_key(SECRET.encode()), algorithms=["HS256"])
    said, user = token.claims, body["user"]
    assert token.header == {"typ": "JWT", "alg": "HS256"}
    assert said == {
        "iss": "gotrue",
        "sub": user["id"],
        "aud": "authenticated",
        "exp": body["expires_at"],
        "iat": body["expires_at"] - 3600,
        "email": "anna@example.com",
        "phone": "",
        "app_metadata": user["app_metadata"],
        "user_metadata": user["user_metadata"],
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": said["iat"]}],
        "session_id": said["session_id"],
        "is_anonymous": False,
    }
    assert UUID(said["session_id"]).version == 4


async def test_nothing_secret_is_sent(root: GoTrueCalls) -> None:
    """P78: no answer has a hash or a password in it."""
    signed_up = await root.sign_up("ben@example.com")
    changed = await root.change(signed_up.json()["access_token"], password="another one")
    sent = signed_up.text + changed.text + (await root.user(signed_up.json()["access_token"])).text
    assert not [word for word in ("argon2", "hash", "secret", PASSWORD, "another one") if word in sent]


async def test_wrong_password_and_unknown_user_look_the_same(root: GoTrueCalls) -> None:
    """P66: neither status nor headers nor body tell whether there is an account, or in which state."""
    wrong = await root.sign_in(password="wrong")
    assert refusal(wrong) == WRONG
    for email in ("nobody@example.com", BLOCKED.email, UNCONFIRMED.email, "anna", "x" * 1000):
        other = await root.sign_in(email, "wrong")
        assert (other.status_code, other.content, other.headers) == (400, wrong.content, wrong.headers)


async def test_states_of_accounts(root: GoTrueCalls) -> None:
    """Who knows the password learns that the account is banned or not confirmed."""
    banned = await root.sign_in(BLOCKED.email)
    assert refusal(banned) == (400, "user_banned", "User is banned")
    unconfirmed = await root.sign_in(UNCONFIRMED.email)
    assert refusal(unconfirmed) == (400, "email_not_confirmed", "Email not confirmed")


async def test_weak_password_at_sign_in() -> None:
    """An account whose password would not be accepted today signs in, and is told so."""
    weak = NewAccount(username="weak", email="weak@example.com", password=Secret("12345"))
    async with running(replace(DEFAULTS, accounts=(weak,))) as server:
        body = (await GoTrueCalls(server=server).sign_in("weak@example.com", "12345")).json()
    message = "Password should be at least 6 characters."
    assert body["weak_password"] == {"message": message, "reasons": ["length"]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "missing email or phone"),
        ({"email": None, "phone": "", "password": "x"}, "missing email or phone"),
        (
            {"email": "a@b.c", "phone": "1", "password": "x"},
            "Only an email address or phone number should be provided on login.",
        ),
    ],
)
async def test_incomplete_sign_in(root: GoTrueCalls, body: object, message: str) -> None:
    """A sign-in has to name an account."""
    assert refusal(await root.token("password", body)) == (400, "validation_failed", message)


async def test_no_phones(root: GoTrueCalls) -> None:
    """Phones are a provider that is turned off."""
    answer = await root.token("password", {"phone": "1234567", "password": "x"})
    assert refusal(answer) == (422, "phone_provider_disabled", "Phone logins are disabled")


async def test_sign_in_tolerates_what_clients_send(root: GoTrueCalls) -> None:
    """Nulls, unknown keys, an API key and an anonymous bearer are no reason to refuse."""
    answer = await root.server.http.post(
        "/auth/v1/token?grant_type=password&redirect_to=http%3A%2F%2Fevil.test",
        json={
            "email": "anna@example.com",
            "password": "correct horse",
            "data": {},
            "gotrue_meta_security": {"captcha_token": None},
            "code_challenge": None,
        },
        headers={"apikey": "anon", "X-Client-Info": "x", "Authorization": "Bearer anon"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("grant", ["", "pkce", "id_token", "PASSWORD", "password "])
async def test_unsupported_grants(root: GoTrueCalls, grant: str) -> None:
    """Other grants are refused in GoTrue's words."""
    answer = await root.token(grant, {"email": "anna@example.com", "password": "correct horse"})
    assert refusal(answer) == (400, "invalid_credentials", "unsupported_grant_type")


# Signing up


async def test_sign_up(calls: GoTrueCalls) -> None:
    """S3-3: a new account has a session at once, keeps its data, and can sign in."""
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


async def test_duplicate(root: GoTrueCalls) -> None:
    """An address that has an account is 422, in whatever case it is written."""
    for email in ("anna@example.com", "ANNA@example.COM", UNCONFIRMED.email):
        answer = await root.sign_up(email)
        assert refusal(answer) == (422, "user_already_exists", "User already registered")


async def test_duplicate_in_a_race(root: GoTrueCalls) -> None:
    """Of many who sign up with one address at the same moment, one gets it."""
    answers = await asyncio.gather(*(root.sign_up("ben@example.com") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 9


@pytest.mark.parametrize("password", ["12345", "x", "é1"])
async def test_weak_password(root: GoTrueCalls, password: str) -> None:
    """A password below six bytes is 422 with its reason, in both forms of errors."""
    answer = await root.sign_up("ben@example.com", password)
    message = "Password should be at least 6 characters."
    assert refusal(answer) == (422, "weak_password", message)
    assert answer.json()["weak_password"] == {"reasons": ["length"]}
    old = await root.server.http.post("/signup", json={"email": "ben@example.com", "password": password})
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
        ({"email": "ben@example.com\n"}, "Unable to validate email address: invalid format"),
        ({"email": "ben@-.com"}, "Unable to validate email address: invalid format"),
        ({"email": "b" * 250 + "@x.com"}, "An email address is too long"),
        ({"phone": "1"}, "Only an email address or phone number should be provided on signup."),
        ({"code_challenge": "x"}, "PKCE flow requires code_challenge_method and code_challenge"),
        (
            {"code_challenge": "x", "code_challenge_method": "s256"},
            "code challenge has to be between 43 and 128 characters",
        ),
        (
            {"code_challenge": "!" * 43, "code_challenge_method": "s256"},
            f"code challenge can only contain {ALLOWED}",
        ),
        ({"data": {"x": "y" * 20_000}}, "User metadata cannot be longer than 16384 bytes"),
    ],
)
async def test_refused_sign_ups(root: GoTrueCalls, change: dict[str, object], message: str) -> None:
    """What a sign-up may not hold is 400 `validation_failed`, and makes no account."""
    form = {"email": "ben@example.com", "password": PASSWORD} | change
    answer = await root.server.http.post("/signup", json=form, headers=RECENT)
    assert refusal(answer) == (400, "validation_failed", message)
    assert refusal(await root.sign_in("ben@example.com", PASSWORD)) == WRONG


async def test_sign_up_with_a_challenge(root: GoTrueCalls) -> None:
    """A whole code challenge changes nothing where accounts are confirmed at once."""
    answer = await root.sign_up("ben@example.com", code_challenge="x" * 43, code_challenge_method="s256")
    assert "access_token" in answer.json()


async def test_the_longest_password(root: GoTrueCalls) -> None:
    """72 bytes are a password, and the last of them counts (P74)."""
    assert (await root.sign_up("ben@example.com", "x" * 72)).status_code == 200
    assert (await root.sign_in("ben@example.com", "x" * 72)).status_code == 200
    assert refusal(await root.sign_in("ben@example.com", "x" * 71 + "y")) == WRONG


async def test_no_anonymous_users(root: GoTrueCalls) -> None:
    """A sign-up without an address is an anonymous one, and there are none."""
    answer = await root.server.http.post("/signup", json={"data": {}}, headers=RECENT)
    assert refusal(answer) == (422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled")


async def test_no_phone_sign_ups(root: GoTrueCalls) -> None:
    """Nor are there phones."""
    form = {"phone": "1234567", "password": PASSWORD}
    answer = await root.server.http.post("/signup", json=form, headers=RECENT)
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


# The dialects share their accounts


async def test_one_account_in_both_dialects(server: AuthServer, root: GoTrueCalls) -> None:
    """An account of one dialect signs in through the other by its address."""
    await root.sign_up("ben@example.com")
    assert (await server.sign_in("ben@example.com", PASSWORD)).status_code == 200
    form = {"username": "carla", "email": "carla@example.com", "password": PASSWORD}
    await server.http.post("/api/auth/local/register", json=form)
    assert (await root.sign_in("carla@example.com", PASSWORD)).status_code == 200


async def test_tokens_of_one_dialect_open_nothing_in_the_other(server: AuthServer, root: GoTrueCalls) -> None:
    """One key signs for both, and neither takes the other's tokens (P85)."""
    access, refresh = await root.tokens()
    strapi_access, strapi_refresh = await server.tokens()
    assert (await server.me(access)).status_code == 401
    assert (await server.refresh(refresh)).status_code == 401
    for token in (strapi_access, strapi_refresh):
        assert refusal(await root.user(token)) == (403, "bad_jwt", "invalid claim: missing sub claim")
    assert refusal(await root.refresh(strapi_refresh))[1] == "validation_failed"
