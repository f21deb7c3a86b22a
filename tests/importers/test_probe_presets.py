"""A probe of the embedded auth server: each dialect is found to be what it is, and its contract signs in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portico.authserver.settings import HashCost, JwtManagement, NewAccount, Settings
from portico.clock import Clock
from portico.definition.preset import NAMES, OIDC
from portico.importers.probe_contract import auth_of
from portico.importers.probe_look import Asked
from portico.importers.probe_presets import SIGNS, calls_of, login_of
from portico.values import Secret
from tests.importers.probe_apis import part_of, probed, said, signs_in, written
from tests.journeys.portal import auth_server

PASSWORD = "correct horse"
ANNA = NewAccount(username="anna", email="anna@example.com", password=Secret(PASSWORD))
#: By preset: the paths of its dialect, whom it knows, and what it says of a wrong password.
DIALECTS = {
    "supabase": (("/auth/v1/",), "anna@example.com", "Invalid login credentials"),
    "strapi": (("/api/",), "anna@example.com", "Invalid identifier or password"),
    "dummyjson": (("/auth/",), "anna", "Invalid credentials"),
}


@pytest.fixture
def settings() -> Settings:
    """Real argon2id, as cheap as the library allows."""
    return Settings(hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(ANNA,))


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    """The embedded auth server."""
    with auth_server(settings, Clock()) as url:
        yield url


@pytest.mark.parametrize("preset", DIALECTS)
def test_a_dialect_is_found_by_harmless_requests(server: str, preset: str) -> None:
    """Without credentials: one preset fits, and its contract is all that is written."""
    mount = server + ("/dummyjson" if preset == "dummyjson" else "")
    with part_of(mount, *DIALECTS[preset][0]) as api:
        found, draft = probed(api.url)
    assert found.preset == preset
    assert [fit.preset for fit in found.fits] == [preset]
    assert found.missing == ()
    assert draft is not None
    assert auth_of(draft, "Login", "Home") == {
        "entry_page": "Login",
        "home_page": "Home",
        "preset": preset,
        "url": api.url,
        "allow_private": True,
    }
    assert [asking for asking in api.asked if {"password", "authorization"} & asking.fields.keys()] == []
    assert len(api.asked) == len(found.requests) < 25


@pytest.mark.parametrize("preset", DIALECTS)
def test_a_contract_of_a_dialect_signs_in(server: str, preset: str, tmp_path: Path) -> None:
    """And says nothing that the preset says already."""
    paths, login, words = DIALECTS[preset]
    mount = server + ("/dummyjson" if preset == "dummyjson" else "")
    with part_of(mount, *paths) as api:
        found, draft = probed(api.url, login, PASSWORD, renew=True)
        assert (found.preset, found.mappings) == (preset, {})
        assert found.me is not None
        assert found.me.signed_out in (401, 403)
        assert found.signed_in is not None
        assert found.signed_in.kind == "JWT"
        lifetime = {"strapi": 600, "supabase": 3600, "dummyjson": 3600}[preset]
        assert found.signed_in.lifetime is not None
        assert lifetime - 60 < found.signed_in.lifetime <= lifetime
        told = signs_in(written(found, draft, tmp_path), login, PASSWORD)
    assert words in told
    assert "You are signed in as" in told


def test_what_becomes_of_tokens_is_seen(server: str) -> None:
    """The three dialects differ in what an old refresh token, and a token after the sign-out, is good for."""
    supabase, _ = probed(server, ANNA.email, PASSWORD, asked=Asked(preset="supabase"), renew=True)
    strapi, _ = probed(server, ANNA.email, PASSWORD, asked=Asked(preset="strapi"), renew=True)
    dummyjson, _ = probed(f"{server}/dummyjson", ANNA.username, PASSWORD, renew=True)
    assert [found.renewed and found.renewed.old_status for found in (supabase, strapi, dummyjson)] == [
        200,
        401,
        200,
    ]
    assert [found.signed_out and found.signed_out.afterwards for found in (supabase, strapi)] == [403, 200]
    assert dummyjson.signed_out is None
    assert said(supabase)["after sign_out"] == "the token is over"
    assert "still good" in said(strapi)["after sign_out"]


def test_without_renew_nothing_is_renewed(server: str) -> None:
    """It is said that it was not tried."""
    with part_of(server, "/api/") as api:
        found, _ = probed(api.url, ANNA.email, PASSWORD)
        tried = [asking for asking in api.asked if asking.path == "/api/auth/refresh" and asking.fields]
    assert tried == []
    assert found.renewed is None
    assert said(found)["refresh"] == "not tried"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(
            hash_cost=HashCost(memory_kib=8, passes=1),
            rate_limit=None,
            accounts=(ANNA,),
            jwt_management=JwtManagement.LEGACY,
        )
    ],
)
def test_what_the_api_lacks_is_left_out_of_the_preset(server: str, tmp_path: Path) -> None:
    """Strapi with one long token has no refresh and no log-out."""
    with part_of(server, "/api/") as api:
        found, draft = probed(api.url, ANNA.email, PASSWORD)
        assert draft is not None
        assert set(found.missing) >= {"refresh"}
        assert auth_of(draft, "Login", "Home")["refresh"] == "none"
        signs_in(written(found, draft, tmp_path), ANNA.email, PASSWORD)


def test_a_me_that_takes_no_token_is_left_out(server: str, tmp_path: Path) -> None:
    """In Strapi it needs a permission; with it in the contract every sign-in would be refused."""
    with part_of(server, "/api/", closed=["/api/users/me"]) as api:
        found, draft = probed(api.url, ANNA.email, PASSWORD)
        assert draft is not None
        assert "me" in found.missing
        assert auth_of(draft, "Login", "Home")["me"] == "none"
        signs_in(written(found, draft, tmp_path), ANNA.email, PASSWORD)


def test_two_dialects_at_one_address_are_a_choice(server: str) -> None:
    """Nothing is guessed: both are named."""
    found, draft = probed(server, ANNA.email, PASSWORD)
    assert [fit.preset for fit in found.fits] == ["supabase", "strapi"]
    assert (found.preset, draft) == (None, None)
    assert "--preset" in found.conclusions[0].reason


def test_a_preset_that_is_named_and_not_seen_is_not_sure(server: str) -> None:
    """It is written, as the user says so, and marked."""
    found, draft = probed(f"{server}/plain", asked=Asked(preset="better-auth"))
    assert draft is not None
    assert draft.preset == "better-auth"
    assert found.conclusions[0].sure == "unknown"
    assert set(found.missing) == {"refresh", "sign_out", "me"}
    provider, none = probed(f"{server}/plain", asked=Asked(preset=OIDC))
    assert (none, said(provider)) == (None, {"provider": "not found"})


def test_the_plain_api_gets_a_contract_by_hand(server: str, tmp_path: Path) -> None:
    """No preset fits; the queries are found by usual paths, and no mapping is needed."""
    found, draft = probed(f"{server}/plain", ANNA.email, PASSWORD)
    assert (found.preset, found.fits, found.mappings) == (None, (), {})
    assert {role: f"{call.method} {call.path}" for role, call in found.calls.items()} == {
        "sign_in": "POST /auth/v1/token",
        "me": "GET /auth/v1/user",
        "sign_out": "POST /auth/v1/revoke",
    }
    assert said(found)["after sign_out"] == "the token is over"
    assert "Wrong e-mail address or password." in signs_in(
        written(found, draft, tmp_path), ANNA.email, PASSWORD
    )


def test_every_preset_has_a_sign_and_fields() -> None:
    """And a sign-in with somebody and a password, which is its preset's; a provider has neither."""
    names = set(NAMES) - {OIDC}
    assert {sign.preset for sign in SIGNS} == names
    for name in names:
        fields = dict(calls_of(name)["sign_in"].fields)
        assert "{{ this.params.password }}" in fields.values(), name
        assert f"{{{{ this.params.{login_of(calls_of(name)['sign_in'])} }}}}" in fields.values(), name
