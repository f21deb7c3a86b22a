"""The preset for fastapi-users: sign-in by form, no refresh; and its other two ways to hold a sign-in."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.backends.answers import bearer
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

pytestmark = pytest.mark.parametrize("backend", ["fastapi-users"], indirect=True)

PRESET = Preset(
    name="fastapi-users",
    sign_in="{ email: User.text, password: Password.text }",
    sign_up="{ email: Email.text, password: Password.text }",
    protected="/users/me",
    shown="secret.data?.email",
)


def routed(way: str) -> dict[str, str]:
    """Queries of an app whose router is not at /auth/jwt."""
    return {
        "queries/sign_in.yaml": f"""\
datasource: auth_api
method: POST
path: /auth/{way}/login
body_type: form
body: {{username: "{{{{ this.params.email }}}}", password: "{{{{ this.params.password }}}}"}}
""",
        "queries/sign_out.yaml": f"datasource: auth_api\nmethod: POST\npath: /auth/{way}/logout\n",
    }


COOKIE = """\
sign_in: {token: "{{ response.cookies.fastapiusersauth }}"}
send: {cookie: fastapiusersauth}
"""
WAYS = {
    "jwt": PRESET,
    "db": replace(PRESET, files=routed("db")),
    "cookie": replace(PRESET, files=routed("cookie"), auth=COOKIE),
}


@pytest.fixture(params=["jwt"])
def stage(
    backend: Backend, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The app with the preset, or with what an app changes of it."""
    with staged(WAYS[request.param], backend.url, tmp_path_factory.mktemp("app")) as made:
        yield made


@pytest.fixture
def form(backend: Backend) -> dict[str, str]:
    """What a user fills in."""
    return {"User": backend.credentials.login, "Password": backend.credentials.password}


each_way = pytest.mark.parametrize("stage", WAYS, indirect=True)


def test_codes_of_the_api_become_sentences(stage: Stage, form: dict[str, str]) -> None:
    """A wrong password, an account that is there already, a field that is wrong."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **form | {"Password": "wrong"})
        assert "Wrong e-mail address or password." in shown(answer)
        assert visitor.get("Home").status_code == 303
        answer = visitor.press("Login", "SignUp", Email=form["User"], Password="long enough")
        assert "There is an account with this e-mail address already." in shown(answer)
        answer = visitor.press("Login", "SignUp", Email="nobody", Password="long enough")
        assert "value is not a valid email address" in shown(answer)


@each_way
def test_sign_in_opens_guarded_pages_and_the_api(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """By form; the token comes in the body, or with no body at all in a cookie."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert f'"email":"{backend.credentials.email}"' in home
        assert f"got={backend.credentials.email}." in ask(visitor)
        tokens = stage.api.tokens()
        assert tokens
        assert [token for token in tokens if token in visitor.got] == []


def test_what_came_in_the_body_is_sealed(stage: Stage, form: dict[str, str]) -> None:
    """The pages show it, and hold no byte of the token."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        keeps_tokens_back(visitor, stage.api)


def test_sign_up_makes_an_account_and_signs_nobody_in(stage: Stage) -> None:
    """The user signs in after it."""
    with stage.visitor() as visitor:
        form = {"Email": "newcomer@example.com", "Password": "long enough"}
        assert "account made" in shown(visitor.press("Login", "SignUp", **form))
        assert visitor.get("Home").status_code == 303
        signed_in(visitor, visitor.press("Login", "SignIn", User=form["Email"], Password=form["Password"]))


@each_way
def test_log_out_is_told_to_the_api(
    backend: Backend, stage: Stage, form: dict[str, str], request: pytest.FixtureRequest
) -> None:
    """It ends tokens of the database, and those in cookies; a JWT is good until it ends."""
    way = request.node.callspec.params["stage"]
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        sent = stage.api.last("GET /users/me").headers
        kept = {name: sent[name] for name in ("authorization", "cookie") if name in sent}
        assert httpx.get(f"{backend.url}/users/me", headers=kept, trust_env=False).status_code == 200
        log_out(visitor)
        assert stage.api.awaited(f"POST /auth/{way}/logout").status == 204
    after = httpx.get(f"{backend.url}/users/me", headers=kept, trust_env=False).status_code
    assert after == {"jwt": 200, "db": 401, "cookie": 401}[way]


@pytest.mark.parametrize("stage", ["db"], indirect=True)
def test_a_session_that_the_api_has_ended_ends_here(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """401, and `me` says the same: without a refresh the user signs in again."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        token = httpx.Response(200, content=stage.api.exchanges[0].answer).json()["access_token"]
        httpx.post(f"{backend.url}/auth/db/logout", headers=bearer(token), trust_env=False)
        ended(visitor, visitor.press("Home", "Ask"))


def test_a_session_ends_with_its_token(tmp_path_factory: pytest.TempPathFactory, backend: Backend) -> None:
    """There is no refresh: the JWT says when."""
    with (
        started(backend.name, access_seconds=60) as brief,
        staged(PRESET, brief.url, tmp_path_factory.mktemp("brief")) as stage,
        stage.visitor() as visitor,
    ):
        user = {"User": brief.credentials.login, "Password": brief.credentials.password}
        begun = time.time()
        signed_in(visitor, visitor.press("Login", "SignIn", **user))
        stage.portal.clock.advance(timedelta(seconds=max(0, 50 - (time.time() - begun))))
        assert visitor.get("Home").status_code == 200
        stage.portal.clock.advance(timedelta(seconds=15))
        assert visitor.get("Home").status_code == 303
