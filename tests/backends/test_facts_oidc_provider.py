"""oidc-provider: code with PKCE, tokens that rotate and die together, and a sign-out of the browser."""

import re

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.backends.answers import bearer, told
from tests.backends.oidc_flow import SIGNED_OUT, Party, came_back, registered
from tests.backends.servers import Backend

pytestmark = pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)

INVALID_GRANT = (400, {"error": "invalid_grant", "error_description": "grant request is invalid"})
EVERY_CLIENT = pytest.mark.parametrize("party", [True, False], ids=["public", "with secret"], indirect=True)


@pytest.fixture
def party(http: httpx.Client, request: pytest.FixtureRequest) -> Party:
    """A new client, which is public without a parameter."""
    return registered(http, public=getattr(request, "param", True))


@pytest.fixture
def tokens(backend: Backend, party: Party) -> dict[str, str]:
    """What a good sign-in brings."""
    return party.tokens(backend.credentials)


def user_of(party: Party, access_token: str) -> httpx.Response:
    """Ask who an access token belongs to."""
    return party.http.get(party.endpoints["userinfo_endpoint"], headers=bearer(access_token))


def test_discovery_names_the_address_itself(backend: Backend, party: Party) -> None:
    """The issuer is the address with 127.0.0.1; what a client needs is announced."""
    said = party.endpoints
    assert said["issuer"] == backend.url
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert {"authorization_code", "refresh_token"} <= set(said["grant_types_supported"])
    assert said["authorization_response_iss_parameter_supported"] is True
    for name in ("authorization", "token", "userinfo", "revocation", "end_session"):
        assert said[f"{name}_endpoint"].startswith(f"{backend.url}/")


@EVERY_CLIENT
def test_code_with_pkce_brings_tokens(backend: Backend, party: Party) -> None:
    """It comes back with code, state and issuer; the ID token bears the nonce and a signature."""
    back = party.sign_in(backend.credentials)
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("the state", backend.url)
    status, body = told(party.exchange(back["code"]))
    assert (status, body["expires_in"], body["token_type"]) == (200, 3600, "Bearer")
    assert {"access_token", "refresh_token", "id_token"} <= set(body)
    keys = KeySet.import_key_set(party.http.get(party.endpoints["jwks_uri"]).json())
    said = jwt.decode(body["id_token"], keys, algorithms=["RS256"]).claims
    assert (said["iss"], said["aud"], said["nonce"]) == (backend.url, party.client_id, "the nonce")
    assert said["sub"] == backend.credentials.login


def test_refresh_token_takes_consent(backend: Backend, party: Party, tokens: dict[str, str]) -> None:
    """Who is signed in there needs no password; without `prompt=consent` there is no refresh token."""
    assert "refresh_token" in tokens
    status, body = told(party.exchange(came_back(party.authorize(prompt=None))["code"]))
    assert (status, body["scope"]) == (200, "openid email")
    assert "refresh_token" not in body


def test_without_pkce_there_is_no_code(party: Party) -> None:
    """The error comes back as parameters, with the state."""
    back = came_back(party.authorize(code_challenge=None, code_challenge_method=None))
    assert (back["error"], back["state"]) == ("invalid_request", "the state")
    assert "PKCE" in back["error_description"]


def test_other_addresses_are_not_come_back_to(party: Party) -> None:
    """The error is a page of the provider."""
    answer = party.authorize(redirect_uri="http://127.0.0.1:9/other")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_wrong_verifier(backend: Backend, party: Party) -> None:
    """400; `error` is a code and `error_description` says no more."""
    code = party.sign_in(backend.credentials)["code"]
    assert told(party.exchange(code, verifier="x" * 64)) == INVALID_GRANT


def test_a_code_is_good_once(backend: Backend, party: Party) -> None:
    """Its second use also ends what the first one brought."""
    code = party.sign_in(backend.credentials)["code"]
    tokens = party.exchange(code).json()
    assert user_of(party, tokens["access_token"]).status_code == 200
    assert told(party.exchange(code)) == INVALID_GRANT
    assert user_of(party, tokens["access_token"]).status_code == 401
    assert told(party.refresh(tokens["refresh_token"])) == INVALID_GRANT


def test_wrong_secret(backend: Backend, http: httpx.Client) -> None:
    """401 to the client, which is none of the user's doing."""
    party = registered(http, public=False)
    code = party.sign_in(backend.credentials)["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": party.verifier}
    answer = http.post(party.endpoints["token_endpoint"], data=form, auth=(party.client_id, "wrong"))
    status, body = told(answer)
    assert (status, body["error"]) == (401, "invalid_client")


def test_current_user(backend: Backend, party: Party, tokens: dict[str, str]) -> None:
    """The claims of the scopes that were granted."""
    assert told(user_of(party, tokens["access_token"])) == (
        200,
        {
            "sub": backend.credentials.login,
            "email": backend.credentials.email,
            "email_verified": True,
        },
    )


def test_without_a_token(party: Party) -> None:
    """401, as with a token that is none."""
    assert told(party.http.get(party.endpoints["userinfo_endpoint"])) == (
        401,
        {"error": "invalid_token", "error_description": "no access token provided"},
    )
    status, body = told(user_of(party, "nonsense"))
    assert (status, body["error"]) == (401, "invalid_token")


@EVERY_CLIENT
def test_refresh_tokens_rotate(party: Party, tokens: dict[str, str]) -> None:
    """Each is good once, and the access token before stays good."""
    status, fresh = told(party.refresh(tokens["refresh_token"]))
    assert (status, fresh["expires_in"]) == (200, 3600)
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert user_of(party, tokens["access_token"]).status_code == 200
    assert user_of(party, fresh["access_token"]).status_code == 200


@EVERY_CLIENT
def test_reuse_ends_everything(party: Party, tokens: dict[str, str]) -> None:
    """A refresh token that comes again takes its successor and every access token with it."""
    fresh = party.refresh(tokens["refresh_token"]).json()
    assert told(party.refresh(tokens["refresh_token"])) == INVALID_GRANT
    assert told(party.refresh(fresh["refresh_token"])) == INVALID_GRANT
    assert user_of(party, tokens["access_token"]).status_code == 401
    assert user_of(party, fresh["access_token"]).status_code == 401


@pytest.mark.parametrize("token", ["access_token", "refresh_token"])
def test_revocation_ends_both(party: Party, tokens: dict[str, str], token: str) -> None:
    """200 with nothing; whichever is revoked, the other one goes too."""
    answer = party.post("revocation_endpoint", token=tokens[token])
    assert (answer.status_code, answer.content) == (200, b"")
    assert user_of(party, tokens["access_token"]).status_code == 401
    assert told(party.refresh(tokens["refresh_token"])) == INVALID_GRANT


@pytest.mark.parametrize("shown", ["id_token_hint", "client_id"])
def test_sign_out_asks_and_leaves_offline_tokens(
    backend: Backend, party: Party, tokens: dict[str, str], shown: str
) -> None:
    """The browser is asked, then sent back with the state, whether the ID token is shown or the client only
    named; it is signed out there. Tokens of `offline_access` outlive it: who wants them gone revokes them."""
    said = {"id_token_hint": tokens["id_token"], "client_id": party.client_id}
    assert "code" in came_back(party.authorize(prompt="none", scope="openid email"))
    page = party.http.get(
        party.endpoints["end_session_endpoint"],
        params={
            shown: said[shown],
            "post_logout_redirect_uri": SIGNED_OUT,
            "state": "bye",
        },
    )
    found = re.search(r'name="xsrf" value="(\w+)"', page.text)
    assert found is not None
    form = {"xsrf": found[1], "logout": "yes"}
    answer = party.http.post(f"{backend.url}/session/end/confirm", data=form)
    assert answer.headers["location"] == f"{SIGNED_OUT}?state=bye"
    assert came_back(party.authorize(prompt="none"))["error"] == "login_required"
    assert user_of(party, tokens["access_token"]).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_sign_out_is_no_form_post(party: Party, tokens: dict[str, str]) -> None:
    """Its cookies would not come along with one from another site."""
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT}
    assert party.http.post(party.endpoints["end_session_endpoint"], data=form).status_code == 404


def test_any_password_is_let_in(party: Party, backend: Backend) -> None:
    """There are no accounts: a new user is a name that was not used before."""
    one, other = backend.make_user(), backend.make_user()
    assert one.login != other.login
    assert user_of(party, party.tokens(one)["access_token"]).json()["sub"] == one.login
