"""GoTrue dialect: signing in, and what the answers look like."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.authserver.dialects.gotrue_sessions import Session, Sessions
from portico.authserver.settings import NewAccount
from portico.values import Secret
from tests.authserver.gotrue_calls import MOMENT, PASSWORD, WRONG, GoTrueCalls, refusal
from tests.authserver.servers import BLOCKED, DEFAULTS, UNCONFIRMED, AuthServer, running

SECRET = "0123456789abcdef0123456789abcdef"
SIGNED = replace(DEFAULTS, secret=Secret(SECRET))


@pytest.fixture
async def server() -> AsyncIterator[AuthServer]:
    async with running(SIGNED) as running_server:
        yield running_server


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


async def test_user_object(calls: GoTrueCalls) -> None:
    """The user has GoTrue's keys in its order, moments as Go writes them, and nothing secret (P78)."""
    user = (await calls.sign_in()).json()["user"]
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


async def test_claims(calls: GoTrueCalls) -> None:
    """The access token says what GoTrue's says, HS256, for an hour."""
    body = (await calls.sign_in()).json()
    token = jwt.decode(body["access_token"], OctKey.import_key(SECRET.encode()), algorithms=["HS256"])
    said, user = token.claims, body["user"]
    assert token.header == {"typ": "JWT", "alg": "HS256"}
    (sign_in,) = said["amr"]
    # A second may end between the sign-in and its token.
    assert said["iat"] - 1 <= sign_in["timestamp"] <= said["iat"]
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
        "amr": [{"method": "password", "timestamp": sign_in["timestamp"]}],
        "session_id": said["session_id"],
        "is_anonymous": False,
    }
    assert UUID(said["session_id"]).version == 4


async def test_nothing_secret_is_sent(calls: GoTrueCalls) -> None:
    """P78: no answer has a hash or a password in it."""
    signed_up = await calls.sign_up("ben@example.com")
    changed = await calls.change(signed_up.json()["access_token"], password="another one")
    sent = signed_up.text + changed.text + (await calls.user(signed_up.json()["access_token"])).text
    assert not [word for word in ("argon2", "hash", "secret", PASSWORD, "another one") if word in sent]


async def test_wrong_password_and_unknown_user_look_the_same(calls: GoTrueCalls) -> None:
    """P66: neither status nor headers nor body tell whether there is an account, or in which state."""
    wrong = await calls.sign_in(password="wrong")
    assert refusal(wrong) == WRONG
    for email in ("nobody@example.com", BLOCKED.email, UNCONFIRMED.email, "anna", "x" * 1000):
        other = await calls.sign_in(email, "wrong")
        assert (other.status_code, other.content, other.headers) == (400, wrong.content, wrong.headers)


async def test_states_of_accounts(calls: GoTrueCalls) -> None:
    """Who knows the password learns that the account is banned or not confirmed."""
    banned = await calls.sign_in(BLOCKED.email)
    assert refusal(banned) == (400, "user_banned", "User is banned")
    unconfirmed = await calls.sign_in(UNCONFIRMED.email)
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
async def test_incomplete_sign_in(calls: GoTrueCalls, body: object, message: str) -> None:
    """A sign-in has to name an account."""
    assert refusal(await calls.token("password", body)) == (400, "validation_failed", message)


async def test_no_phones(calls: GoTrueCalls) -> None:
    """Phones are a provider that is turned off."""
    answer = await calls.token("password", {"phone": "1234567", "password": "x"})
    assert refusal(answer) == (422, "phone_provider_disabled", "Phone logins are disabled")


async def test_sign_in_tolerates_what_clients_send(calls: GoTrueCalls) -> None:
    """Nulls, unknown keys, an API key and an anonymous bearer are no reason to refuse."""
    answer = await calls.server.http.post(
        f"{calls.prefix}/token?grant_type=password&redirect_to=http%3A%2F%2Fevil.test",
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


@pytest.mark.parametrize("grant", ["", "web3", "id_token", "PASSWORD", "password "])
async def test_unsupported_grants(calls: GoTrueCalls, grant: str) -> None:
    """Other grants are refused in GoTrue's words."""
    answer = await calls.token(grant, {"email": "anna@example.com", "password": "correct horse"})
    assert refusal(answer) == (400, "invalid_credentials", "unsupported_grant_type")


@pytest.mark.parametrize(
    "password",
    ["Correct horse", "correct horse ", "correct horse\0", "correct\0horse", "c", "x" * 100_000, ""],
)
async def test_near_misses(calls: GoTrueCalls, password: str) -> None:
    """A password counts whole: case, spaces and everything after a NUL."""
    assert refusal(await calls.sign_in(password=password)) == WRONG


@pytest.mark.parametrize(("compared", "status"), [(True, 400), (False, 200)])
async def test_a_password_that_changes_during_a_sign_in(
    monkeypatch: pytest.MonkeyPatch, calls: GoTrueCalls, compared: bool, status: int
) -> None:
    """P77: no session begins with a password that is not the account's any more; uncompared, one would."""
    access, _ = await calls.tokens()
    start = Sessions.start

    async def late(sessions: Sessions, user_id: int, password_hash: Secret | None = None) -> Session | None:
        monkeypatch.undo()
        assert (await calls.change(access, password="another password")).status_code == 200
        return await start(sessions, user_id, password_hash if compared else None)

    monkeypatch.setattr(Sessions, "start", late)
    answer = await calls.sign_in()
    assert answer.status_code == status
    assert status == 200 or refusal(answer) == WRONG


# The dialects share their accounts


async def test_one_account_in_both_dialects(server: AuthServer, calls: GoTrueCalls) -> None:
    """An account of one dialect signs in through the other by its address."""
    await calls.sign_up("ben@example.com")
    assert (await server.sign_in("ben@example.com", PASSWORD)).status_code == 200
    form = {"username": "carla", "email": "carla@example.com", "password": PASSWORD}
    await server.http.post("/api/auth/local/register", json=form)
    assert (await calls.sign_in("carla@example.com", PASSWORD)).status_code == 200


async def test_tokens_of_one_dialect_open_nothing_in_the_other(
    server: AuthServer, calls: GoTrueCalls
) -> None:
    """One key signs for both, and neither takes the other's tokens (P85)."""
    access, refresh = await calls.tokens()
    strapi_access, strapi_refresh = await server.tokens()
    assert (await server.me(access)).status_code == 401
    assert (await server.refresh(refresh)).status_code == 401
    for token in (strapi_access, strapi_refresh):
        assert refusal(await calls.user(token)) == (403, "bad_jwt", "invalid claim: missing sub claim")
    assert refusal(await calls.refresh(strapi_refresh))[1] == "validation_failed"
