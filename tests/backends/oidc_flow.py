"""A relying party and its user's browser, without a page: code with PKCE by plain HTTP."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.backends.servers import Credentials

CALLBACK, SIGNED_OUT = "http://127.0.0.1:9/callback", "http://127.0.0.1:9/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A client that has registered itself: a public one, or one with a secret."""

    http: httpx.Client
    """The browser: it keeps the provider's cookies and follows no redirect by itself."""
    endpoints: dict[str, Any]
    """What discovery says."""
    client_id: str
    secret: str | None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def authorize(self, **changes: str | None) -> httpx.Response:
        """Ask for a code; None leaves a parameter out."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        asked: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid email offline_access",
            "prompt": "consent",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changes,
        }
        params = {name: value for name, value in asked.items() if value is not None}
        return self.http.get(self.endpoints["authorization_endpoint"], params=params)

    def sign_in(self, user: Credentials) -> httpx.QueryParams:
        """Walk the pages of the provider; the parameters with which it comes back."""
        answer = self.authorize()
        for form in (
            {"prompt": "login", "login": user.login, "password": user.password},
            {"prompt": "consent"},
        ):
            page = self.http.get(answer.headers["location"])
            assert f'value="{form["prompt"]}"' in page.text
            answer = self.http.post(page.url, data=form)
            answer = self.http.get(answer.headers["location"])
        return came_back(answer)

    def exchange(self, code: str, *, verifier: str = "") -> httpx.Response:
        """Give a code for tokens; with the verifier whose challenge went before, unless another is given."""
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.post("token_endpoint", **grant, code_verifier=verifier or self.verifier)

    def refresh(self, token: str) -> httpx.Response:
        """Give a refresh token for tokens."""
        return self.post("token_endpoint", grant_type="refresh_token", refresh_token=token)

    def tokens(self, user: Credentials) -> dict[str, str]:
        """The tokens of a new sign-in."""
        answer = self.exchange(self.sign_in(user)["code"])
        assert answer.is_success, answer.text
        return dict(answer.json())

    def post(self, endpoint: str, **form: str) -> httpx.Response:
        """Post a form as this client."""
        if self.secret is None:
            return self.http.post(self.endpoints[endpoint], data={**form, "client_id": self.client_id})
        return self.http.post(self.endpoints[endpoint], data=form, auth=(self.client_id, self.secret))


def registered(http: httpx.Client, *, public: bool) -> Party:
    """A new client of the provider."""
    endpoints = http.get("/.well-known/openid-configuration").json()
    answer = http.post(
        endpoints["registration_endpoint"],
        json={
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [SIGNED_OUT],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none" if public else "client_secret_basic",
        },
    )
    assert answer.status_code == 201, answer.text
    client = answer.json()
    return Party(
        http=http, endpoints=endpoints, client_id=client["client_id"], secret=client.get("client_secret")
    )


def came_back(answer: httpx.Response) -> httpx.QueryParams:
    """The parameters of a redirect to the client."""
    place = httpx.URL(answer.headers["location"])
    assert str(place.copy_with(query=None)) == CALLBACK
    return place.params
