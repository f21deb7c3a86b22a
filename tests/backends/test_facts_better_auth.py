"""better-auth: one session, as a cookie or as a bearer token; 200 with `null` says that there is none."""

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.backends.answers import bearer, told
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["better-auth"], indirect=True)

API = "/api/auth"
COOKIE = "better-auth.session_token"


@pytest.fixture
def signed_in(backend: Backend, http: httpx.Client) -> httpx.Response:
    """The answer to a good sign-in, whose cookie the client forgets."""
    answer = sign_in(backend, http)
    http.cookies.clear()
    return answer


def sign_in(backend: Backend, http: httpx.Client) -> httpx.Response:
    """Post a good sign-in."""
    user = backend.credentials
    return http.post(f"{API}/sign-in/email", json={"email": user.login, "password": user.password})


def test_sign_up_signs_in(http: httpx.Client) -> None:
    """The answer is that of a sign-in. An address that is taken is 422."""
    form = {"name": "New", "email": "new@example.com", "password": "long enough"}
    status, body = told(http.post(f"{API}/sign-up/email", json=form))
    assert (status, body["user"]["email"]) == (200, "new@example.com")
    http.cookies.clear()
    session = http.get(f"{API}/get-session", headers=bearer(body["token"]))
    assert session.json()["user"]["email"] == "new@example.com"
    status, body = told(http.post(f"{API}/sign-up/email", json=form))
    assert (status, body["code"]) == (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")


def test_sign_in_gives_one_token_in_three_places(backend: Backend, signed_in: httpx.Response) -> None:
    """Plain in the body, signed in a header and in the cookie."""
    status, body = told(signed_in)
    assert (status, body["user"]["email"]) == (200, backend.credentials.email)
    assert signed_in.headers["set-auth-token"].startswith(body["token"] + ".")
    assert signed_in.cookies[COOKIE].startswith(body["token"] + ".")


def test_wrong_password(backend: Backend, http: httpx.Client) -> None:
    """401, and the message is `message`."""
    form = {"email": backend.credentials.login, "password": "wrong"}
    assert told(http.post(f"{API}/sign-in/email", json=form)) == (
        401,
        {"message": "Invalid email or password", "code": "INVALID_EMAIL_OR_PASSWORD"},
    )


def test_current_user(backend: Backend, http: httpx.Client, signed_in: httpx.Response) -> None:
    """The session's address takes either form of the token, and says when the session ends."""
    for token in (signed_in.json()["token"], signed_in.headers["set-auth-token"]):
        status, body = told(http.get(f"{API}/get-session", headers=bearer(token)))
        assert (status, body["user"]["email"]) == (200, backend.credentials.email)
        assert body["session"]["expiresAt"] > body["session"]["createdAt"]


def test_without_a_token(http: httpx.Client) -> None:
    """200 and `null`, as with a token that is none."""
    assert told(http.get(f"{API}/get-session")) == (200, None)
    assert told(http.get(f"{API}/get-session", headers=bearer("nonsense"))) == (200, None)


def test_sign_out_ends_the_session(http: httpx.Client, signed_in: httpx.Response) -> None:
    """A bearer token needs no origin; afterwards the session is `null`, and a second sign-out is fine."""
    headers = bearer(signed_in.json()["token"])
    assert told(http.post(f"{API}/sign-out", headers=headers)) == (200, {"success": True})
    assert told(http.get(f"{API}/get-session", headers=headers)) == (200, None)
    assert told(http.post(f"{API}/sign-out", headers=headers)) == (200, {"success": True})


def test_the_cookie_needs_an_origin_to_change_anything(backend: Backend, http: httpx.Client) -> None:
    """It is enough to read; sign-out, and another sign-in, are 403 until the request says whence."""
    sign_in(backend, http)
    assert http.get(f"{API}/get-session").json()["user"]["email"] == backend.credentials.email
    status, body = told(http.post(f"{API}/sign-out"))
    assert (status, body["code"]) == (403, "MISSING_OR_NULL_ORIGIN")
    assert sign_in(backend, http).status_code == 403
    assert http.post(f"{API}/sign-out", headers={"Origin": "http://127.0.0.1:1"}).status_code == 403
    kept = http.cookies[COOKIE]
    answer = http.post(f"{API}/sign-out", headers={"Origin": backend.url})
    assert told(answer) == (200, {"success": True})
    assert COOKIE not in http.cookies
    assert told(http.get(f"{API}/get-session", headers={"Cookie": f"{COOKIE}={kept}"})) == (200, None)


# It calls its algorithm EdDSA, as everybody did before RFC 9864.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_jwt_of_the_session(backend: Backend, http: httpx.Client, signed_in: httpx.Response) -> None:
    """It says who it is for, ends, and its signature is that of the published key; 401 without a session."""
    headers = bearer(signed_in.json()["token"])
    status, body = told(http.get(f"{API}/token", headers=headers))
    assert (status, set(body)) == (200, {"token"})
    keys = KeySet.import_key_set(http.get(f"{API}/jwks").json())
    said = jwt.decode(body["token"], keys, algorithms=["EdDSA"]).claims
    assert said["sub"] == signed_in.json()["user"]["id"]
    assert (said["iss"], said["aud"]) == (backend.url, backend.url)
    assert said["exp"] > said["iat"]
    assert told(http.get(f"{API}/token")) == (401, {"message": "Unauthorized", "code": "UNAUTHORIZED"})
