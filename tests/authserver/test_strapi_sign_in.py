"""Strapi dialect: signing in, signing up, and what a token opens."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from portico.authserver.settings import JwtManagement, Settings
from portico.values import Secret
from tests.authserver.servers import (
    ANNA,
    BLOCKED,
    DEFAULTS,
    UNCONFIRMED,
    AuthServer,
    bearer,
    envelope,
    expired,
    running,
)

SECRET = "0123456789abcdef0123456789abcdef"
LEGACY = replace(DEFAULTS, jwt_management=JwtManagement.LEGACY, secret=Secret(SECRET))
MISSING_OR_INVALID = envelope(401, "UnauthorizedError", "Missing or invalid credentials")
FORBIDDEN = envelope(403, "ForbiddenError", "Forbidden")
WRONG = envelope(400, "ValidationError", "Invalid identifier or password")
TAKEN = envelope(400, "ApplicationError", "Email or Username are already taken")


def claims(token: str) -> dict[str, object]:
    """What a token signed with SECRET says."""
    return jwt.decode(token, OctKey.import_key(SECRET.encode()), algorithms=["HS256"]).claims


# Signing in


@pytest.mark.parametrize("identifier", ["anna", "anna@example.com", "ANNA@Example.COM"])
async def test_sign_in_by_name_or_address(server: AuthServer, identifier: str) -> None:
    """S2: name or e-mail address and password give both tokens and the user that `me` shows."""
    answer = await server.sign_in(identifier)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["jwt", "refreshToken", "user"]
    assert (await server.me(answer.json()["jwt"])).json() == answer.json()["user"]


async def test_user_object(server: AuthServer) -> None:
    """The user is the bare object of Strapi 5, with no hash and no role (P78)."""
    user = (await server.sign_in()).json()["user"]
    assert list(user) == [
        "id",
        "documentId",
        "username",
        "email",
        "provider",
        "confirmed",
        "blocked",
        "createdAt",
        "updatedAt",
        "publishedAt",
    ]
    assert {key: user[key] for key in ("id", "username", "email", "provider", "confirmed", "blocked")} == {
        "id": 1,
        "username": "anna",
        "email": "anna@example.com",
        "provider": "local",
        "confirmed": True,
        "blocked": False,
    }
    assert re.fullmatch(r"[a-z][a-z0-9]{23}", user["documentId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["createdAt"])


async def test_form_encoded_sign_in(server: AuthServer) -> None:
    """A form body signs in as well: the body parser of Strapi reads both."""
    answer = await server.http.post(
        "/api/auth/local", data={"identifier": "anna", "password": "correct horse"}
    )
    assert answer.status_code == 200


async def test_wrong_password_and_unknown_user_look_the_same(server: AuthServer) -> None:
    """P66: status, headers and body do not tell whether the account exists."""
    wrong = await server.sign_in("anna", "wrong")
    unknown = await server.sign_in("nobody", "wrong")
    assert wrong.status_code == 400
    assert wrong.json() == WRONG
    assert (unknown.status_code, unknown.content, unknown.headers) == (400, wrong.content, wrong.headers)


@pytest.mark.parametrize(
    "password", ["Correct horse", "correct horse ", "correct horse\0", "c", "x" * 100_000]
)
async def test_near_misses(server: AuthServer, password: str) -> None:
    """A password counts whole: case, spaces and everything after a NUL."""
    assert (await server.sign_in("anna", password)).json() == WRONG


async def test_user_names_keep_their_case(server: AuthServer) -> None:
    """Another spelling of a user name is another user, as in Strapi."""
    assert (await server.sign_in("Anna")).json() == WRONG


async def test_blocked_account(server: AuthServer) -> None:
    """A blocked account is told so, but only to somebody who knows its password."""
    answer = await server.sign_in(BLOCKED.username)
    assert answer.status_code == 400
    assert answer.json() == envelope(
        400, "ApplicationError", "Your account has been blocked by an administrator"
    )
    assert (await server.sign_in(BLOCKED.username, "wrong")).json() == WRONG


async def test_unconfirmed_account() -> None:
    """Where addresses have to be confirmed, an account that is not cannot sign in; elsewhere it can."""
    async with running(replace(DEFAULTS, email_confirmation=True)) as server:
        answer = await server.sign_in(UNCONFIRMED.username)
        assert answer.json() == envelope(400, "ApplicationError", "Your account email is not confirmed")
        assert (await server.sign_in()).status_code == 200
    async with running() as server:
        assert (await server.sign_in(UNCONFIRMED.username)).status_code == 200


# Signing up


async def test_register(server: AuthServer) -> None:
    """A new account gets tokens at once, its address in lower case, and can sign in."""
    form = {"username": "Ben", "email": "Ben@Example.com", "password": "open sesame"}
    answer = await server.http.post("/api/auth/local/register", json=form)
    assert answer.status_code == 200
    assert list(answer.json()) == ["jwt", "refreshToken", "user"]
    assert answer.json()["user"]["email"] == "ben@example.com"
    assert answer.json()["user"]["confirmed"] is True
    assert (await server.me(answer.json()["jwt"])).status_code == 200
    assert (await server.sign_in("ben@example.com", "open sesame")).status_code == 200


async def test_register_with_confirmation() -> None:
    """Where addresses have to be confirmed, signing up gives a user and no token."""
    async with running(replace(DEFAULTS, email_confirmation=True)) as server:
        form = {"username": "ben", "email": "ben@example.com", "password": "open sesame"}
        answer = await server.http.post("/api/auth/local/register", json=form)
        assert list(answer.json()) == ["user"]
        assert answer.json()["user"]["confirmed"] is False


@pytest.mark.parametrize(
    ("username", "email"),
    [
        ("anna", "other@example.com"),
        ("other", "anna@example.com"),
        ("other", "ANNA@example.com"),
        ("anna@example.com", "other@example.com"),
    ],
)
async def test_taken(server: AuthServer, username: str, email: str) -> None:
    """A name or address that somebody has, also as the other of the two, is refused."""
    form = {"username": username, "email": email, "password": "open sesame"}
    answer = await server.http.post("/api/auth/local/register", json=form)
    assert (answer.status_code, answer.json()) == (400, TAKEN)


async def test_taken_in_a_race(server: AuthServer) -> None:
    """Of many who sign up under one name at the same moment, one gets it."""
    forms = [
        {"username": "ben", "email": f"ben{n}@example.com", "password": "open sesame"} for n in range(10)
    ]
    answers = await asyncio.gather(
        *(server.http.post("/api/auth/local/register", json=form) for form in forms)
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    assert all(answer.json() == TAKEN for answer in answers if answer.status_code == 400)


# Tokens


async def test_claims_of_refresh_mode() -> None:
    """The claims are Strapi's: user id as a string, session, type, and a life of 10 minutes and 14 days, of
    which the refresh token does not say since when."""
    async with running(replace(DEFAULTS, secret=Secret(SECRET))) as server:
        access, refresh = map(claims, await server.tokens())
    assert set(refresh) == {"userId", "sessionId", "type", "exp"}
    assert set(access) == {*refresh, "iat"}
    assert (access["type"], refresh["type"]) == ("access", "refresh")
    assert access["userId"] == refresh["userId"] == "1"
    assert access["sessionId"] == refresh["sessionId"]
    since, ends, last = access["iat"], access["exp"], refresh["exp"]
    assert isinstance(since, int)
    assert isinstance(last, int)
    assert ends == since + 600
    assert 0 <= since + 14 * 86400 - last <= 1


async def test_legacy_mode() -> None:
    """`legacy-support` gives one token for 30 days, `{id, iat, exp}`, and has no routes for sessions."""
    async with running(LEGACY) as server:
        body = (await server.sign_in()).json()
        assert list(body) == ["jwt", "user"]
        said = claims(body["jwt"])
        assert set(said) == {"id", "iat", "exp"}
        assert isinstance(said["iat"], int)
        assert (said["id"], said["exp"]) == (1, said["iat"] + 30 * 86400)
        assert (await server.me(body["jwt"])).status_code == 200
        refreshed = await server.refresh("anything")
        assert (refreshed.status_code, refreshed.json()) == (404, envelope(404, "NotFoundError", "Not Found"))
        for method, path in (
            ("POST", "/api/auth/logout"),
            ("GET", "/api/auth/sessions"),
            ("DELETE", "/api/auth/sessions/x"),
        ):
            assert (await server.http.request(method, path, headers=bearer(body["jwt"]))).status_code == 404
        server.clock.advance(expired(timedelta(days=30)))
        assert (await server.me(body["jwt"])).status_code == 401


async def test_one_mode_refuses_the_tokens_of_the_other() -> None:
    """With one secret, a token of one mode is no token in the other."""
    modern = replace(LEGACY, jwt_management=JwtManagement.REFRESH)
    async with running(LEGACY) as old, running(modern) as new:
        legacy = (await old.sign_in()).json()["jwt"]
        access, _ = await new.tokens()
        assert (await new.me(legacy)).json() == MISSING_OR_INVALID
        assert (await old.me(access)).json() == MISSING_OR_INVALID


@pytest.mark.parametrize("settings", [DEFAULTS, LEGACY])
async def test_me_without_and_with_bad_tokens(settings: Settings) -> None:
    """No bearer token is 403, a bad one 401; what is not a bearer header counts as none."""
    async with running(settings) as server:
        jwt_ = (await server.sign_in()).json()["jwt"]
        for header in (None, "Basic YTpi", "Bearer", f"Bearer {jwt_} more", jwt_):
            headers = {} if header is None else {"Authorization": header}
            answer = await server.http.get("/api/users/me", headers=headers)
            assert (answer.status_code, answer.json()) == (403, FORBIDDEN)
        for token in ("x", "a.b.c", jwt_[:-2], jwt_ + "=", "é".encode().decode("latin-1")):
            answer = await server.http.get(
                "/api/users/me", headers={b"Authorization": f"Bearer {token}".encode()}
            )
            assert (answer.status_code, answer.json()) == (401, MISSING_OR_INVALID)
        assert (
            await server.http.get("/api/users/me", headers={"Authorization": f"bEaReR {jwt_}"})
        ).is_success


async def test_access_token_expires(server: AuthServer) -> None:
    """After ten minutes the access token is refused; just before, it is not."""
    access, _ = await server.tokens()
    server.clock.advance(timedelta(minutes=9, seconds=58))
    assert (await server.me(access)).status_code == 200
    server.clock.advance(timedelta(seconds=3))
    assert (await server.me(access)).json() == MISSING_OR_INVALID


async def test_a_refresh_token_is_no_access_token(server: AuthServer) -> None:
    """The type of a token is checked (P85)."""
    _, refresh = await server.tokens()
    assert (await server.me(refresh)).status_code == 401


async def test_tokens_of_a_user_blocked_later(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Blocking an account closes it to the tokens it already has."""
    settings = replace(DEFAULTS, database=tmp_path_factory.mktemp("auth") / "auth.db")
    async with running(settings) as server:
        access, _ = await server.tokens()
    async with running(replace(settings, accounts=(replace(ANNA, blocked=True),))) as server:
        answer = await server.me(access)
        assert (answer.status_code, answer.json()) == (
            401,
            envelope(401, "UnauthorizedError", "Invalid credentials"),
        )


@pytest.mark.parametrize("path", ["/api/auth/local", "/api/auth/local/register", "/api/auth/refresh"])
async def test_public_routes_are_closed_to_bearers(server: AuthServer, path: str) -> None:
    """As with Strapi's default roles: a good token is 403 on the routes for strangers, a bad one 401."""
    access, _ = await server.tokens()
    assert (await server.http.post(path, headers=bearer(access), json={})).json() == FORBIDDEN
    assert (await server.http.post(path, headers=bearer("x"), json={})).json() == MISSING_OR_INVALID


# The protected message


async def test_secure_message(server: AuthServer) -> None:
    """S2: `/api/secure` tells its message to a signed-in user, always the same one."""
    access, _ = await server.tokens()
    answer = await server.http.get("/api/secure", headers=bearer(access))
    assert answer.status_code == 200
    assert list(answer.json()) == ["status", "message"]
    assert answer.json()["status"] == "200 OK"
    assert len(answer.json()["message"]) >= 16
    assert (await server.http.get("/api/secure", headers=bearer(access))).json() == answer.json()


async def test_secure_message_changes_with_each_start() -> None:
    """Each server has its own message: nobody can know it beforehand."""
    messages = set()
    for _ in range(2):
        async with running() as server:
            access, _ = await server.tokens()
            messages.add((await server.http.get("/api/secure", headers=bearer(access))).json()["message"])
    assert len(messages) == 2


@pytest.mark.parametrize("headers", [{}, bearer("x"), {"Authorization": "Basic YTpi"}])
async def test_secure_without_token(server: AuthServer, headers: dict[str, str]) -> None:
    """Without a good token, `/api/secure` is 401 and says nothing."""
    answer = await server.http.get("/api/secure", headers=headers)
    assert (answer.status_code, answer.json()) == (401, MISSING_OR_INVALID)


# Everything else


async def test_health_and_about(server: AuthServer) -> None:
    """The health check is Strapi's; the root says what this is and what it is not for."""
    assert (await server.http.get("/_health")).status_code == 204
    about = (await server.http.get("/")).json()
    assert about["dialects"] == ["strapi", "gotrue", "plain", "dummyjson", "oidc"]
    assert "development and tests only" in about["notice"]


async def test_unknown_paths_and_methods(server: AuthServer) -> None:
    """Unknown paths are 404 in the envelope, unknown methods 405; nothing is redirected."""
    for path in ("/nowhere", "/api/auth/local/", "/api", "//api/users/me"):
        answer = await server.http.get(f"http://auth.test{path}")
        assert (answer.status_code, answer.json()) == (404, envelope(404, "NotFoundError", "Not Found"))
    answer = await server.http.get("/api/auth/local")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


ROUTES = {
    ("POST", "/api/auth/local"),
    ("POST", "/api/auth/local/register"),
    ("POST", "/api/auth/change-password"),
    ("POST", "/api/auth/refresh"),
    ("POST", "/api/auth/logout"),
    ("GET", "/api/auth/sessions"),
    ("DELETE", "/api/auth/sessions/x"),
    ("GET", "/api/users/me"),
    ("GET", "/api/secure"),
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_methods(server: AuthServer, method: str) -> None:
    """Other methods than a path has are 405 and do nothing; HEAD is GET without a body."""
    access, refresh = await server.tokens()
    allowed = ROUTES | {("HEAD", path) for verb, path in ROUTES if verb == "GET"}
    for path in sorted({path for _, path in ROUTES}):
        if (method, path) not in allowed:
            answer = await server.http.request(method, path, headers=bearer(access))
            assert answer.status_code == 405
            assert {(verb, path) for verb in answer.headers["allow"].split(", ")} <= allowed
        elif method == "HEAD":
            answer = await server.http.head(path, headers=bearer(access))
            assert (answer.status_code, answer.content) == (200, b"")
    assert (await server.refresh(refresh)).status_code == 200


async def test_no_cors(server: AuthServer) -> None:
    """No answer lets another site read it."""
    headers = {"Origin": "http://evil.test", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "POST"):
        answer = await server.http.request(method, "/api/auth/local", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control")]
