"""The preset for simplejwt: two JWTs, refresh tokens that are good once, and slashes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.backends.answers import bearer, claims
from tests.backends.servers import Backend, started
from tests.journeys.preset_app import (
    Preset,
    Stage,
    ask,
    ended,
    keeps_tokens_back,
    log_out,
    shown,
    signed_in,
    staged,
)

pytestmark = pytest.mark.parametrize("backend", ["simplejwt"], indirect=True)

PRESET = Preset(
    name="simplejwt",
    sign_in="{ username: User.text, password: Password.text }",
    protected="/api/me/",
    shown="secret.data?.email",
)
#: With the two views that simplejwt leaves to the project.
WHOLE = replace(
    PRESET,
    sign_up="{ username: User.text, email: Email.text, password: Password.text }",
    auth="""\
me: {query: me}
sign_up:
  query: sign_up
  error: "{{ Object.entries(response.body).map(([field, words]) => `${field}: ${words}`).join(' ') }}"
""",
    files={
        "queries/me.yaml": "datasource: auth_api\npath: /api/me/\n",
        "queries/sign_up.yaml": (
            'datasource: auth_api\nmethod: POST\npath: /api/register/\nbody: "{{ this.params }}"\n'
        ),
    },
)


@pytest.fixture(params=["preset"])
def stage(
    backend: Backend, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The app with the preset, or with the project's own views besides."""
    preset = {"preset": PRESET, "whole": WHOLE}[request.param]
    with staged(preset, backend.url, tmp_path_factory.mktemp("app")) as made:
        yield made


@pytest.fixture
def form(backend: Backend) -> dict[str, str]:
    """What a user fills in."""
    return {"User": backend.credentials.login, "Password": backend.credentials.password}


def test_a_wrong_password_is_told_in_the_words_of_the_api(stage: Stage, form: dict[str, str]) -> None:
    """401 here means the password; nothing is renewed for it."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **form | {"Password": "wrong"})
        assert "No active account found with the given credentials" in shown(answer)
        assert visitor.get("Home").status_code == 303
        assert stage.api.calls() == ["POST /api/token/ 401"]


def test_who_it_is_stands_in_the_token(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """simplejwt has no view for it; the call goes out with the token."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert "uid=1 roles=." in home
        assert 'user={"id":"1"}' in home
        assert f"got={backend.credentials.email}." in ask(visitor)
        keeps_tokens_back(visitor, stage.api)


@pytest.mark.parametrize("stage", ["whole"], indirect=True)
def test_views_of_the_project_are_added(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """`me` and `sign_up` of its own beside what the preset has."""
    with stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert f'"email":"{backend.credentials.email}"' in home
    with stage.visitor() as visitor:
        new = {"User": "newcomer", "Email": "newcomer@example.com", "Password": "long enough"}
        assert "account made" in shown(visitor.press("Login", "SignUp", **new))
        assert visitor.get("Home").status_code == 303
        answer = visitor.press("Login", "SignUp", **new)
        assert "username: A user with that username already exists." in shown(answer)
        signed_in(visitor, visitor.press("Login", "SignIn", User="newcomer", Password="long enough"))


def test_the_access_token_is_renewed_before_it_ends(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """Each refresh token is used once, and the session goes on for as long as it may."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        # A third token would have ended before it came, by the API's own clock, and is not judged by it.
        for turn in range(1, 3):
            stage.portal.clock.advance(timedelta(minutes=59, seconds=40) if turn == 1 else timedelta(hours=1))
            assert f"got={backend.credentials.email}." in ask(visitor)
            assert stage.api.calls().count("POST /api/token/refresh/ 200") >= turn
        assert "POST /api/token/refresh/ 401" not in stage.api.calls()
        keeps_tokens_back(visitor, stage.api)


def test_a_call_that_is_refused_with_401_goes_out_again(
    backend: Backend, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """This server's clock is behind, so that the token ends before it thinks so."""
    with (
        started(backend.name, access_seconds=3) as brief,
        staged(PRESET, brief.url, tmp_path_factory.mktemp("brief")) as stage,
        stage.visitor() as visitor,
    ):
        stage.portal.clock.advance(-timedelta(hours=1))
        user = {"User": brief.credentials.login, "Password": brief.credentials.password}
        signed_in(visitor, visitor.press("Login", "SignIn", **user))
        token = httpx.Response(200, content=stage.api.exchanges[0].answer).json()["access"]
        while time.time() <= claims(token)["exp"]:
            time.sleep(0.05)
        count = len(stage.api.exchanges)
        assert f"got={brief.credentials.email}." in ask(visitor)
        assert stage.api.calls()[count:] == [
            "GET /api/me/ 401",
            "POST /api/token/refresh/ 200",
            "GET /api/me/ 200",
        ]


def test_log_out_ends_the_refresh_token(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """The access token is good until it ends."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        tokens = httpx.Response(200, content=stage.api.exchanges[0].answer).json()
        log_out(visitor)
        assert stage.api.awaited("POST /api/token/blacklist/").status == 200
    again = {"refresh": tokens["refresh"]}
    assert httpx.post(f"{backend.url}/api/token/refresh/", json=again, trust_env=False).status_code == 401
    me = httpx.get(f"{backend.url}/api/me/", headers=bearer(tokens["access"]), trust_env=False)
    assert me.status_code == 200


def test_a_session_that_the_api_has_ended_ends_here(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """Its refresh token was used up elsewhere."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        tokens = httpx.Response(200, content=stage.api.exchanges[0].answer).json()
        used = {"refresh": tokens["refresh"]}
        httpx.post(f"{backend.url}/api/token/blacklist/", json=used, trust_env=False).raise_for_status()
        stage.portal.clock.advance(timedelta(minutes=59, seconds=40))
        ended(visitor, visitor.press("Home", "Ask"))
