"""The preset for allauth: a token in a header of its own, and a 401 that says that it worked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.backends.servers import Backend
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

pytestmark = pytest.mark.parametrize("backend", ["allauth"], indirect=True)

SESSION = "/_allauth/app/v1/auth/session"
PRESET = Preset(
    name="allauth",
    sign_in="{ email: User.text, password: Password.text }",
    sign_up="{ email: Email.text, password: Password.text }",
    protected=SESSION,
    shown="secret.data?.data?.user?.email",
)


@pytest.fixture
def stage(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app with the preset."""
    with staged(PRESET, backend.url, tmp_path_factory.mktemp("app")) as made:
        yield made


@pytest.fixture
def form(backend: Backend) -> dict[str, str]:
    """What a user fills in."""
    return {"User": backend.credentials.login, "Password": backend.credentials.password}


def test_a_wrong_password_is_told_in_the_words_of_the_api(stage: Stage, form: dict[str, str]) -> None:
    """And nobody is signed in."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **form | {"Password": "wrong"})
        words = "The email address and/or password you specified are not correct."
        assert words in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_sign_in_opens_guarded_pages_and_the_api(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """The token goes in its own header, and in no other."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert f'"email":"{backend.credentials.email}"' in home
        assert f"got={backend.credentials.email}." in ask(visitor)
        sent = stage.api.last(f"GET {SESSION}").headers
        assert sent["x-session-token"] in stage.api.tokens()
        assert "authorization" not in sent
        keeps_tokens_back(visitor, stage.api)


def test_sign_up_signs_in(stage: Stage) -> None:
    """Its answer is that of a sign-in; what is wrong is said in the API's words."""
    form = {"Email": "newcomer@example.com", "Password": "a long sentence"}
    with stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignUp", **form))
        assert '"email":"newcomer@example.com"' in home
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignUp", **form)
        assert "A user is already registered with this email address." in shown(answer)


@pytest.mark.parametrize("opens", [True, False], ids=["a page", "a call"])
def test_a_session_that_the_api_has_ended_ends_here(
    backend: Backend, stage: Stage, form: dict[str, str], opens: bool
) -> None:
    """410: to a call at once, to `me` in a minute. There is no refresh."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        headers = {"X-Session-Token": stage.api.last(f"GET {SESSION}").headers["x-session-token"]}
        assert httpx.delete(backend.url + SESSION, headers=headers, trust_env=False).status_code == 401
        stage.portal.clock.advance(timedelta(seconds=61 if opens else 0))
        ended(visitor, visitor.get("Home") if opens else visitor.press("Home", "Ask"))
        assert stage.api.calls()[-1] == f"GET {SESSION} 410"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/_allauth/app/v1/auth/nothing", 404), ("/_allauth/app/v1/auth/login", 405)],
)
def test_what_is_about_the_call_ends_nothing(
    backend: Backend,
    form: dict[str, str],
    path: str,
    status: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The control: no such address, no such method."""
    with (
        staged(replace(PRESET, protected=path), backend.url, tmp_path_factory.mktemp("app")) as stage,
        stage.visitor() as visitor,
    ):
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        ask(visitor)
        assert stage.api.calls()[-1] == f"GET {path} {status}"
        assert visitor.get("Home").status_code == 200


def test_log_out_ends_the_session_there(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """401 is how it says so; the token is gone for good."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        sent = stage.api.last(f"GET {SESSION}").headers["x-session-token"]
        headers = {"X-Session-Token": sent}
        assert httpx.get(backend.url + SESSION, headers=headers, trust_env=False).status_code == 200
        log_out(visitor)
        assert stage.api.awaited(f"DELETE {SESSION}").status == 401
    assert httpx.get(backend.url + SESSION, headers=headers, trust_env=False).status_code == 410
