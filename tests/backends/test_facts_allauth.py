"""allauth, headless: a session token in a header of its own, and statuses that are not errors."""

import httpx
import pytest

from tests.backends.answers import bearer, told
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["allauth"], indirect=True)

API = "/_allauth/app/v1/auth"


def session_token(token: str) -> dict[str, str]:
    """The header that it takes a token in."""
    return {"X-Session-Token": token}


@pytest.fixture
def signed_in(backend: Backend, http: httpx.Client) -> httpx.Response:
    """The answer to a good sign-in."""
    user = backend.credentials
    return http.post(f"{API}/login", json={"email": user.login, "password": user.password})


@pytest.fixture
def token(signed_in: httpx.Response) -> str:
    """The session token of a good sign-in."""
    return str(signed_in.json()["meta"]["session_token"])


def test_sign_up_signs_in(http: httpx.Client) -> None:
    """The answer is that of a sign-in. An address that is taken is said in a list."""
    form = {"email": "new@example.com", "password": "a long sentence"}
    status, body = told(http.post(f"{API}/signup", json=form))
    assert (status, body["data"]["user"]["email"]) == (200, "new@example.com")
    headers = session_token(body["meta"]["session_token"])
    assert http.get(f"{API}/session", headers=headers).status_code == 200
    status, body = told(http.post(f"{API}/signup", json=form))
    assert status == 400
    assert body["errors"] == [
        {
            "message": "A user is already registered with this email address.",
            "code": "email_taken",
            "param": "email",
        }
    ]


def test_sign_in_gives_a_session_token(backend: Backend, signed_in: httpx.Response) -> None:
    """`meta.session_token` and `data.user`, and no cookie."""
    status, body = told(signed_in)
    assert (status, body["data"]["user"]["email"]) == (200, backend.credentials.email)
    assert set(body["meta"]) == {"is_authenticated", "session_token"}
    assert "set-cookie" not in signed_in.headers


def test_wrong_password(backend: Backend, http: httpx.Client) -> None:
    """400, and the message is that of the first of `errors`."""
    answer = http.post(f"{API}/login", json={"email": backend.credentials.login, "password": "wrong"})
    status, body = told(answer)
    assert status == 400
    assert [error["message"] for error in body["errors"]] == [
        "The email address and/or password you specified are not correct."
    ]


def test_current_user(backend: Backend, http: httpx.Client, token: str) -> None:
    """The session's address, with the token in its own header; as a bearer token it is not seen."""
    status, body = told(http.get(f"{API}/session", headers=session_token(token)))
    assert (status, body["data"]["user"]["email"]) == (200, backend.credentials.email)
    assert "session_token" not in body["meta"]
    assert http.get(f"{API}/session", headers=bearer(token)).status_code == 401


def test_without_a_token(http: httpx.Client) -> None:
    """401 with what could be done next; a token that it does not know is 410."""
    status, body = told(http.get(f"{API}/session"))
    assert (status, body["meta"]) == (401, {"is_authenticated": False})
    assert {"id": "login"} in body["data"]["flows"]
    assert http.get(f"{API}/session", headers=session_token("nonsense")).status_code == 410


def test_sign_out_answers_401(http: httpx.Client, token: str) -> None:
    """It is a DELETE, and 401 says that it worked: from then on the token is gone, 410."""
    status, body = told(http.delete(f"{API}/session", headers=session_token(token)))
    assert (status, body["meta"]) == (401, {"is_authenticated": False})
    assert http.get(f"{API}/session", headers=session_token(token)).status_code == 410
