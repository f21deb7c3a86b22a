"""fastapi-users: sign-in by form, no refresh, and three ways to hold a sign-in that end differently."""

import httpx
import pytest

from tests.backends.answers import bearer, claims, told
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["fastapi-users"], indirect=True)

TOKENS = pytest.mark.parametrize("way", ["jwt", "db"])
WAYS = pytest.mark.parametrize("way", ["jwt", "db", "cookie"])
UNAUTHORIZED = (401, {"detail": "Unauthorized"})


def form(backend: Backend) -> dict[str, str]:
    """The form of a good sign-in."""
    return {"username": backend.credentials.login, "password": backend.credentials.password}


def test_sign_up_gives_a_user_and_no_token(http: httpx.Client) -> None:
    """201 with the user; a name that is taken is a code in `detail`."""
    account = {"email": "new@example.com", "password": "long enough"}
    status, user = told(http.post("/auth/register", json=account))
    assert (status, user["email"]) == (201, "new@example.com")
    assert set(user) == {"id", "email", "is_active", "is_superuser", "is_verified"}
    assert told(http.post("/auth/register", json=account)) == (
        400,
        {"detail": "REGISTER_USER_ALREADY_EXISTS"},
    )


@TOKENS
def test_sign_in_by_form_gives_a_token(backend: Backend, http: httpx.Client, way: str) -> None:
    """`access_token`, and neither a refresh token nor when it ends."""
    status, body = told(http.post(f"/auth/{way}/login", data=form(backend)))
    assert (status, set(body), body["token_type"]) == (200, {"access_token", "token_type"}, "bearer")
    status, user = told(http.get("/users/me", headers=bearer(body["access_token"])))
    assert (status, user["email"]) == (200, backend.credentials.email)


def test_a_jwt_says_when_it_ends(backend: Backend, http: httpx.Client) -> None:
    """The other tokens say nothing."""
    body = http.post("/auth/jwt/login", data=form(backend)).json()
    assert set(claims(body["access_token"])) == {"sub", "aud", "exp"}
    body = http.post("/auth/db/login", data=form(backend)).json()
    assert "." not in body["access_token"]


@WAYS
def test_sign_in_by_json_is_not_understood(backend: Backend, http: httpx.Client, way: str) -> None:
    """422, and `detail` is a list with an entry for every field."""
    status, body = told(http.post(f"/auth/{way}/login", json=form(backend)))
    assert status == 422
    assert [(one["loc"], one["msg"]) for one in body["detail"]] == [
        (["body", "username"], "Field required"),
        (["body", "password"], "Field required"),
    ]


@WAYS
def test_wrong_password(backend: Backend, http: httpx.Client, way: str) -> None:
    """400, and `detail` is a code rather than a message."""
    answer = http.post(f"/auth/{way}/login", data=form(backend) | {"password": "wrong"})
    assert told(answer) == (400, {"detail": "LOGIN_BAD_CREDENTIALS"})


def test_without_a_token(http: httpx.Client) -> None:
    """401, as with a token that is none."""
    assert told(http.get("/users/me")) == UNAUTHORIZED
    assert told(http.get("/users/me", headers=bearer("nonsense"))) == UNAUTHORIZED


@TOKENS
def test_sign_out_ends_a_token_of_the_database_alone(backend: Backend, http: httpx.Client, way: str) -> None:
    """204 both times; the JWT is good until it ends."""
    headers = bearer(http.post(f"/auth/{way}/login", data=form(backend)).json()["access_token"])
    answer = http.post(f"/auth/{way}/logout", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert http.get("/users/me", headers=headers).status_code == {"jwt": 200, "db": 401}[way]
    assert http.post(f"/auth/{way}/logout").status_code == 401


def test_cookie_sign_in_has_no_body(backend: Backend, http: httpx.Client) -> None:
    """204 and a cookie, which is all there is; sign-out takes it away, here and there."""
    answer = http.post("/auth/cookie/login", data=form(backend))
    assert (answer.status_code, answer.content) == (204, b"")
    cookie = answer.cookies["fastapiusersauth"]
    assert http.get("/users/me").json()["email"] == backend.credentials.email
    answer = http.post("/auth/cookie/logout")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "fastapiusersauth" not in http.cookies
    assert told(http.get("/users/me", headers={"Cookie": f"fastapiusersauth={cookie}"})) == UNAUTHORIZED
