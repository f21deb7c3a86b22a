"""simplejwt: two JWTs; refresh tokens are good once, access tokens until they end."""

import httpx
import pytest

from tests.backends.answers import bearer, claims, told
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["simplejwt"], indirect=True)

USED = (401, {"detail": "Token is blacklisted", "code": "token_not_valid"})


@pytest.fixture
def tokens(backend: Backend, http: httpx.Client) -> dict[str, str]:
    """The answer to a good sign-in."""
    user = backend.credentials
    status, body = told(http.post("/api/token/", json={"username": user.login, "password": user.password}))
    assert status == 200
    return dict(body)


def test_sign_up_gives_a_user_and_no_token(http: httpx.Client) -> None:
    """The project's own view; a name that is taken is said by field."""
    form = {"username": "new", "email": "new@example.com", "password": "long enough"}
    status, body = told(http.post("/api/register/", json=form))
    assert (status, set(body)) == (201, {"id", "username", "email"})
    assert told(http.post("/api/register/", json=form)) == (
        400,
        {"username": ["A user with that username already exists."]},
    )


def test_sign_in_gives_two_jwts(tokens: dict[str, str]) -> None:
    """`access` and `refresh`; when they end is said inside alone."""
    assert set(tokens) == {"access", "refresh"}
    access, refresh = claims(tokens["access"]), claims(tokens["refresh"])
    assert (access["token_type"], refresh["token_type"]) == ("access", "refresh")
    assert access["exp"] - access["iat"] == 3600
    assert refresh["exp"] > access["exp"]


def test_the_slash_belongs_to_the_address(backend: Backend, http: httpx.Client) -> None:
    """Without it there is nothing, and no word in JSON."""
    user = backend.credentials
    answer = http.post("/api/token", json={"username": user.login, "password": user.password})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_wrong_password(backend: Backend, http: httpx.Client) -> None:
    """401, as for a token that has ended; the message is `detail`."""
    answer = http.post("/api/token/", json={"username": backend.credentials.login, "password": "wrong"})
    assert told(answer) == (401, {"detail": "No active account found with the given credentials"})


def test_current_user(backend: Backend, http: httpx.Client, tokens: dict[str, str]) -> None:
    """The project's own view."""
    status, body = told(http.get("/api/me/", headers=bearer(tokens["access"])))
    assert (status, body["username"]) == (200, backend.credentials.login)
    assert body["email"] == backend.credentials.email


def test_without_an_access_token(http: httpx.Client, tokens: dict[str, str]) -> None:
    """401; a refresh token is none, and a bad token is told from a missing one by `code`."""
    assert told(http.get("/api/me/")) == (
        401,
        {"detail": "Authentication credentials were not provided."},
    )
    for bad in ("nonsense", tokens["refresh"]):
        status, body = told(http.get("/api/me/", headers=bearer(bad)))
        assert (status, body["code"]) == (401, "token_not_valid")


def test_a_refresh_token_is_good_once(http: httpx.Client, tokens: dict[str, str]) -> None:
    """The answer holds two new tokens; the one used is refused, its successor is not."""
    status, fresh = told(http.post("/api/token/refresh/", json={"refresh": tokens["refresh"]}))
    assert (status, set(fresh)) == (200, {"access", "refresh"})
    assert fresh["refresh"] != tokens["refresh"]
    assert http.get("/api/me/", headers=bearer(fresh["access"])).status_code == 200
    assert told(http.post("/api/token/refresh/", json={"refresh": tokens["refresh"]})) == USED
    assert http.post("/api/token/refresh/", json={"refresh": fresh["refresh"]}).status_code == 200


def test_sign_out_ends_the_refresh_token_alone(http: httpx.Client, tokens: dict[str, str]) -> None:
    """200 with an empty object; the access token is good until it ends."""
    assert told(http.post("/api/token/blacklist/", json={"refresh": tokens["refresh"]})) == (200, {})
    assert told(http.post("/api/token/refresh/", json={"refresh": tokens["refresh"]})) == USED
    assert http.get("/api/me/", headers=bearer(tokens["access"])).status_code == 200
