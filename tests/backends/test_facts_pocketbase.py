"""PocketBase: one token, which renews itself and cannot be ended; who may not see a user finds none."""

import httpx
import pytest

from tests.backends.answers import bearer, claims, told
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["pocketbase"], indirect=True)

USERS = "/api/collections/users"


@pytest.fixture
def signed_in(backend: Backend, http: httpx.Client) -> httpx.Response:
    """The answer to a good sign-in."""
    user = backend.credentials
    return http.post(f"{USERS}/auth-with-password", json={"identity": user.login, "password": user.password})


def test_sign_up_gives_a_user_and_no_token(http: httpx.Client) -> None:
    """It wants the password twice; the user signs in after it. A name that is taken is said by field."""
    form = {"email": "new@example.com", "password": "long enough", "passwordConfirm": "long enough"}
    answer = http.post(f"{USERS}/records", json=form)
    assert answer.status_code == 200
    assert "token" not in answer.json()
    status, body = told(http.post(f"{USERS}/records", json=form))
    assert (status, body["message"]) == (400, "Failed to create record.")
    assert body["data"]["email"]["message"] == "Value must be unique."


def test_sign_in_gives_token_and_record(backend: Backend, signed_in: httpx.Response) -> None:
    """`token` is a JWT that says when it ends; the user is `record`."""
    assert signed_in.status_code == 200
    assert signed_in.json()["record"]["email"] == backend.credentials.email
    token = claims(signed_in.json()["token"])
    assert token["id"] == signed_in.json()["record"]["id"]
    assert token["exp"] > 0
    assert "set-cookie" not in signed_in.headers


def test_wrong_password(backend: Backend, http: httpx.Client) -> None:
    """400, and the message is `message`."""
    form = {"identity": backend.credentials.login, "password": "wrong"}
    assert told(http.post(f"{USERS}/auth-with-password", json=form)) == (
        400,
        {"status": 400, "message": "Failed to authenticate.", "data": {}},
    )


def test_current_user_is_asked_for_by_id(http: httpx.Client, signed_in: httpx.Response) -> None:
    """With the token, with or without `Bearer`; without one, or with a bad one, there is no such user."""
    body = signed_in.json()
    me = f"{USERS}/records/{body['record']['id']}"
    for headers in (bearer(body["token"]), {"Authorization": body["token"]}):
        status, record = told(http.get(me, headers=headers))
        assert (status, record["id"]) == (200, body["record"]["id"])
    for headers in ({}, bearer("nonsense")):
        status, refusal = told(http.get(me, headers=headers))
        assert (status, refusal["message"]) == (404, "The requested resource wasn't found.")


def test_refresh_takes_the_access_token(http: httpx.Client, signed_in: httpx.Response) -> None:
    """The answer is that of a sign-in; the token that was used stays good, so it also tells who one is."""
    token, record = signed_in.json()["token"], signed_in.json()["record"]
    for _ in range(2):
        status, body = told(http.post(f"{USERS}/auth-refresh", headers=bearer(token)))
        assert (status, set(body), body["record"]["id"]) == (200, {"token", "record"}, record["id"])
        me = http.get(f"{USERS}/records/{record['id']}", headers=bearer(body["token"]))
        assert me.status_code == 200
    assert http.post(f"{USERS}/auth-refresh").status_code == 401


def test_there_is_no_sign_out(http: httpx.Client, signed_in: httpx.Response) -> None:
    """No address of that name, and nothing ends a token."""
    headers = bearer(signed_in.json()["token"])
    assert http.post(f"{USERS}/logout", headers=headers).status_code == 404
    assert http.post(f"{USERS}/auth-refresh", headers=headers).status_code == 200
