"""`portico auth probe` of real auth servers: what they are and answer, and a contract that signs in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portico.importers.probe_contract import auth_of, files_of
from portico.importers.probe_look import Asked
from tests.backends.servers import Backend
from tests.importers.probe_apis import probed, said, signs_in, written


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of a backend: statuses of a wrong password, of nobody, of the token after the sign-out,
    and of an old refresh token; how long a token lives; what the contract says besides the preset."""

    wrong: int
    nobody: int | None
    after: int | None = None
    old: int | None = None
    lifetime: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


FACTS = {
    "pocketbase": Facts(wrong=400, nobody=401, lifetime=432_000),
    "fastapi-users": Facts(wrong=400, nobody=401, after=200, lifetime=3600),
    # `me` is the project's own.
    "simplejwt": Facts(
        wrong=401, nobody=401, after=200, old=401, lifetime=3600, more={"me": {"query": "me"}}
    ),
    "allauth": Facts(wrong=400, nobody=401, after=410),
    "better-auth": Facts(wrong=401, nobody=200, after=200, lifetime=604_800),
}

each = pytest.mark.parametrize("backend", FACTS, indirect=True)


@each
def test_a_backend_is_found_without_credentials(backend: Backend) -> None:
    """By its signs, and no other preset fits."""
    found, draft = probed(backend.url)
    assert [fit.preset for fit in found.fits] == [backend.name]
    assert (found.preset, found.missing, found.issuer) == (backend.name, (), None)
    assert draft is not None
    assert len(found.requests) < 30


@each
def test_a_backend_answers_as_is_known(backend: Backend, tmp_path: Path) -> None:
    """And the contract, which repeats nothing of the preset, signs in over HTTP."""
    user, facts = backend.make_user(), FACTS[backend.name]
    found, draft = probed(backend.url, user.login, user.password, renew=True)
    assert found.refused is not None
    assert (found.refused.status, found.refused.words) == (facts.wrong, True)
    assert found.signed_in is not None
    if facts.lifetime is not None:
        assert found.signed_in.lifetime is not None
        assert facts.lifetime - 60 <= found.signed_in.lifetime <= facts.lifetime
    assert found.me is not None
    assert found.me.signed_out == facts.nobody
    assert (found.signed_out and found.signed_out.afterwards) == facts.after
    assert (found.renewed and found.renewed.old_status) == facts.old
    assert said(found)["contract"] == "signs in"
    assert draft is not None
    usual = {"entry_page", "home_page", "preset", "url", "allow_private"}
    auth = auth_of(draft, "Login", "Home")
    assert {key: value for key, value in auth.items() if key not in usual} == facts.more
    assert "You are signed in as" in signs_in(written(found, draft, tmp_path), user.login, user.password)


@pytest.mark.parametrize("backend", ["fastapi-users"], indirect=True)
def test_a_cookie_without_a_body_gets_a_contract_by_hand(backend: Backend, tmp_path: Path) -> None:
    """The cookie login of fastapi-users: 204, and the token is in the cookie alone."""
    user = backend.make_user()
    asked = Asked(
        calls={
            "sign_in": ("POST", "/auth/cookie/login"),
            "me": ("GET", "/users/me"),
            "sign_out": ("POST", "/auth/cookie/logout"),
        },
        login="username",
        form=True,
    )
    found, draft = probed(backend.url, user.login, user.password, asked=asked)
    assert draft is not None
    auth = auth_of(draft, "Login", "Home")
    assert auth["send"] == {"cookie": "fastapiusersauth"}
    assert auth["sign_in"]["token"] == "{{ response.cookies['fastapiusersauth'] }}"
    assert said(found)["after sign_out"] == "the token is over"
    assert "You are signed in as" in signs_in(written(found, draft, tmp_path), user.login, user.password)


@pytest.mark.parametrize("backend", ["fastapi-users"], indirect=True)
def test_other_paths_are_found_in_the_description(backend: Backend) -> None:
    """The sign-in with tokens in the database, by its own OpenAPI document."""
    user = backend.make_user()
    asked = Asked(calls={"sign_in": ("POST", "/auth/db/login")}, login="username", form=True)
    found, draft = probed(backend.url, user.login, user.password, asked=asked)
    assert draft is not None
    assert {role: call.path for role, call in found.calls.items()} == {
        "sign_in": "/auth/db/login",
        "me": "/users/me",
        "sign_out": "/auth/db/logout",
    }
    assert found.signed_out is not None
    assert found.signed_out.afterwards == 401


@pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)
def test_an_openid_provider_gets_oidc(backend: Backend, tmp_path: Path) -> None:
    """No password goes to it: the contract names the issuer, and a client id that is the app's to say."""
    found, draft = probed(backend.url, "anybody", "a password")
    assert (found.fits, found.issuer) == ((), backend.url)
    assert draft is not None
    assert files_of(draft) == {}
    auth = auth_of(draft, "Login", "Home")
    assert (auth["preset"], auth["url"]) == ("oidc", backend.url)
    assert auth["client_id"] == "${OIDC_CLIENT_ID:-my-app}"
    page = (written(found, draft, tmp_path) / "pages/Login/page.yaml").read_text()
    assert re.search(r"auth\.signIn\(\)", page)
    assert not [sent for sent in found.requests if "password" in sent.purpose]
    register = [said.found for said in found.conclusions if said.about == "register"]
    assert register == ["/<app>/_auth/callback", "/<app>/_auth/backchannel"]
