"""Strapi: access tokens that nobody can end, refresh tokens that are good once, and a plugin with many modes.

What the embedded server's dialect says the same of stands in `test_dialect_strapi.py`.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.backends.answers import bearer, claims, told
from tests.backends.servers import Backend, Credentials
from tests.backends.strapi_server import IN_BODY, LEGACY, LIMITED, Administrator, mailed_code, strapi

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.parametrize("backend", ["strapi"], indirect=True),
]

SIGN_IN, REFRESH, LOG_OUT, ME = "/api/auth/local", "/api/auth/refresh", "/api/auth/logout", "/api/users/me"
COOKIE = "strapi_up_refresh"
USER = {
    *("id", "documentId", "username", "email", "provider", "confirmed", "blocked"),
    *("createdAt", "updatedAt", "publishedAt"),
}


@pytest.fixture(scope="module")
def in_body() -> Iterator[Backend]:
    """Strapi whose refresh tokens are in the body."""
    with strapi(IN_BODY) as server:
        yield server


@pytest.fixture
def plain(in_body: Backend) -> Iterator[httpx.Client]:
    """Plain HTTP to it."""
    with client(in_body) as http:
        yield http


def client(backend: Backend) -> httpx.Client:
    """HTTP to any Strapi."""
    return httpx.Client(base_url=backend.url, trust_env=False, timeout=30)


def login(user: Credentials) -> dict[str, str]:
    """The form of a good sign-in."""
    return {"identifier": user.login, "password": user.password}


def refused(status: int, name: str, message: str) -> tuple[int, object]:
    """An error, whose message is `error.message`."""
    error = {"status": status, "name": name, "message": message, "details": {}}
    return status, {"data": None, "error": error}


def test_sign_up_signs_in(backend: Backend, http: httpx.Client) -> None:
    """Both tokens are in the body, even where `sessions.httpOnly` puts those of sign-ins into a cookie."""
    form = {"username": "new", "email": "New@example.com", "password": "long enough"}
    status, body = told(http.post(f"{SIGN_IN}/register", json=form))
    assert (status, set(body)) == (200, {"jwt", "refreshToken", "user"})
    assert (set(body["user"]), body["user"]["email"]) == (USER, "new@example.com")
    assert told(http.post(f"{SIGN_IN}/register", json=form)) == refused(
        400, "ApplicationError", "Email or Username are already taken"
    )


def test_sign_in_as_new_projects_have_it(backend: Backend, http: httpx.Client) -> None:
    """The refresh token is in a cookie, with another for its signature, which nobody asks for."""
    answer = http.post(SIGN_IN, json=login(backend.credentials))
    assert (answer.status_code, set(answer.json())) == (200, {"jwt", "user"})
    assert set(answer.cookies) == {COOKIE, f"{COOKIE}.sig"}
    assert "httponly" in answer.headers["set-cookie"].lower()
    token = answer.cookies[COOKIE]
    http.cookies.clear()
    answer = http.post(REFRESH, headers={"Cookie": f"{COOKIE}={token}"})
    assert (answer.status_code, set(answer.json())) == (200, {"jwt"})
    assert answer.cookies[COOKIE] != token


def test_a_refresh_token_from_a_cookie_is_taken_in_the_body(backend: Backend, http: httpx.Client) -> None:
    """Which is how the preset sends it."""
    token = http.post(SIGN_IN, json=login(backend.credentials)).cookies[COOKIE]
    http.cookies.clear()
    answer = http.post(REFRESH, json={"refreshToken": token})
    assert (answer.status_code, set(answer.json())) == (200, {"jwt"})


def test_wrong_password(backend: Backend, http: httpx.Client) -> None:
    """400, the same for a name that nobody has."""
    wrong = refused(400, "ValidationError", "Invalid identifier or password")
    for name in (backend.credentials.login, "nobody"):
        assert told(http.post(SIGN_IN, json={"identifier": name, "password": "wrong"})) == wrong


def test_no_body_at_all(http: httpx.Client) -> None:
    """500, where the dialect says what is missing."""
    assert http.post(SIGN_IN).status_code == 500
    assert told(http.post(SIGN_IN, json={}))[0] == 400


def test_current_user(in_body: Backend, plain: httpx.Client) -> None:
    """A bare object, without a role until users may read roles; 403 without a token, 401 with a bad one."""
    jwt = plain.post(SIGN_IN, json=login(in_body.credentials)).json()["jwt"]
    for path in (ME, f"{ME}?populate=role"):
        status, body = told(plain.get(path, headers=bearer(jwt)))
        assert (status, set(body), body["email"]) == (200, USER, in_body.credentials.email)
    assert told(plain.get(ME)) == refused(403, "ForbiddenError", "Forbidden")
    assert told(plain.get(ME, headers=bearer("nonsense"))) == refused(
        401, "UnauthorizedError", "Missing or invalid credentials"
    )
    Administrator(in_body).let_users_read_roles()
    assert plain.get(f"{ME}?populate=role", headers=bearer(jwt)).json()["role"]["type"] == "authenticated"


def test_tokens_and_how_long_they_are_good_for(in_body: Backend, plain: httpx.Client) -> None:
    """Ten minutes, and fourteen days, of which the token does not say since when."""
    body = plain.post(SIGN_IN, json=login(in_body.credentials)).json()
    access, refresh = claims(body["jwt"]), claims(body["refreshToken"])
    assert access["exp"] - access["iat"] == 600
    assert access["type"] == "access"
    assert set(refresh) == {"userId", "sessionId", "type", "exp"}
    assert abs(refresh["exp"] - access["iat"] - 14 * 24 * 3600) <= 1


def test_a_refresh_token_is_good_once(in_body: Backend, plain: httpx.Client) -> None:
    """The second time it is 401, however soon, and its successor goes on."""
    first = plain.post(SIGN_IN, json=login(in_body.credentials)).json()["refreshToken"]
    status, body = told(plain.post(REFRESH, json={"refreshToken": first}))
    assert (status, set(body)) == (200, {"jwt", "refreshToken"})
    assert plain.get(ME, headers=bearer(body["jwt"])).status_code == 200
    invalid = refused(401, "UnauthorizedError", "Invalid refresh token")
    assert told(plain.post(REFRESH, json={"refreshToken": first})) == invalid
    assert plain.post(REFRESH, json={"refreshToken": body["refreshToken"]}).status_code == 200


def test_a_token_closes_what_is_open_to_everybody(in_body: Backend, plain: httpx.Client) -> None:
    """With an access token sign-in and refresh are 403: each role may do its own alone."""
    body = plain.post(SIGN_IN, json=login(in_body.credentials)).json()
    headers = bearer(body["jwt"])
    for path, form in (
        (SIGN_IN, login(in_body.credentials)),
        (REFRESH, {"refreshToken": body["refreshToken"]}),
    ):
        assert plain.post(path, json=form, headers=headers).status_code == 403
        assert plain.post(path, json=form).status_code == 200


def test_sign_out(in_body: Backend, plain: httpx.Client) -> None:
    """It ends the refresh token; the access token is good until it ends by itself."""
    body = plain.post(SIGN_IN, json=login(in_body.credentials)).json()
    headers = bearer(body["jwt"])
    assert plain.post(LOG_OUT, json={}).status_code == 403
    assert told(plain.post(LOG_OUT, json={}, headers=headers)) == (200, {"ok": True})
    assert plain.post(REFRESH, json={"refreshToken": body["refreshToken"]}).status_code == 401
    assert plain.get(ME, headers=headers).status_code == 200


def test_a_blocked_user(backend: Backend, http: httpx.Client) -> None:
    """No access token is good any more. Refresh tokens are, for access tokens that are not."""
    user = backend.make_user()
    answer = http.post(SIGN_IN, json=login(user))
    jwt, token = answer.json()["jwt"], answer.cookies[COOKIE]
    http.cookies.clear()
    assert http.get(ME, headers=bearer(jwt)).status_code == 200
    Administrator(backend).block(user)
    invalid = refused(401, "UnauthorizedError", "Invalid credentials")
    assert told(http.get(ME, headers=bearer(jwt))) == invalid
    answer = http.post(REFRESH, json={"refreshToken": token})
    assert answer.status_code == 200
    assert told(http.get(ME, headers=bearer(answer.json()["jwt"]))) == invalid


def test_a_forgotten_password(in_body: Backend, plain: httpx.Client) -> None:
    """The answer tells nobody who has an account. The mailed code is good once and ends every session."""
    user = in_body.make_user()
    token = plain.post(SIGN_IN, json=login(user)).json()["refreshToken"]
    for address in (user.email, "nobody@example.com"):
        answer = plain.post("/api/auth/forgot-password", json={"email": address})
        assert told(answer) == (200, {"ok": True})
    form = {"password": "another horse", "passwordConfirmation": "another horse"}
    form["code"] = mailed_code(in_body, user.email, "code")
    status, body = told(plain.post("/api/auth/reset-password", json=form))
    assert (status, set(body)) == (200, {"jwt", "refreshToken", "user"})
    assert plain.post(REFRESH, json={"refreshToken": token}).status_code == 401
    assert told(plain.post("/api/auth/reset-password", json=form)) == refused(
        400, "ValidationError", "Incorrect code provided"
    )


def test_the_older_mode() -> None:
    """One token for thirty days. What renews and ends tokens is not there: 404, and 403 first of all."""
    with strapi(LEGACY) as server, client(server) as http:
        status, body = told(http.post(SIGN_IN, json=login(server.credentials)))
        assert (status, set(body)) == (200, {"jwt", "user"})
        said = claims(body["jwt"])
        assert set(said) == {"id", "iat", "exp"}
        assert said["exp"] - said["iat"] == 30 * 24 * 3600
        assert http.post(REFRESH, json={"refreshToken": body["jwt"]}).status_code == 404
        assert http.post(LOG_OUT, json={}, headers=bearer(body["jwt"])).status_code == 404
        assert http.get(ME, headers=bearer(body["jwt"])).status_code == 200


def test_ten_sign_ins_a_minute() -> None:
    """The eleventh of an address is 429, and nothing says when to come back but a header of its own. Sign-ups
    are counted for each e-mail address, which the dialect does not let a client choose."""
    with strapi(LIMITED) as server, client(server) as http:
        for left in range(9, -1, -1):
            answer = http.post(SIGN_IN, json={"identifier": "nobody", "password": "wrong"})
            assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (400, str(left))
        answer = http.post(SIGN_IN, json=login(server.credentials))
        assert told(answer) == refused(429, "RateLimitError", "Too many requests, please try again later.")
        assert "retry-after" not in answer.headers
        assert "x-ratelimit-reset" in answer.headers
        assert server.make_user() != server.make_user()
        forms = [{"email": f"n{number}@example.com"} for number in range(12)]
        assert {http.post(f"{SIGN_IN}/register", json=form).status_code for form in forms} == {400}


@pytest.mark.parametrize(("cookie", "status"), [({}, 500), ({"secure": False}, 200)])
def test_production_over_plain_http(cookie: dict[str, bool], status: int) -> None:
    """A good sign-in is 500, for its cookie may go over https alone; a wrong password is told, and a sign-up
    works."""
    settings = {"sessions": {"httpOnly": True, "cookie": cookie}}
    with strapi(settings, NODE_ENV="production") as server, client(server) as http:
        assert http.post(SIGN_IN, json=login(server.credentials)).status_code == status
        wrong = {"identifier": server.credentials.login, "password": "wrong"}
        assert http.post(SIGN_IN, json=wrong).status_code == 400
