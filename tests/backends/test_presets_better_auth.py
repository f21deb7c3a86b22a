"""The preset for better-auth: one session, renewed by asking for it, and `null` where there is none."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.backends.answers import bearer
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

pytestmark = pytest.mark.parametrize("backend", ["better-auth"], indirect=True)

SESSION = "/api/auth/get-session"
PRESET = Preset(
    name="better-auth",
    sign_in="{ email: User.text, password: Password.text }",
    sign_up="{ name: User.text, email: Email.text, password: Password.text }",
    # A call that is 401 without a session, as those of one's own API are.
    protected="/api/auth/list-sessions",
    shown="secret.data?.[0]?.userId",
)


@pytest.fixture
def stage(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app with the preset."""
    with staged(PRESET, backend.url, tmp_path_factory.mktemp("app")) as made:
        yield made


@pytest.fixture
def form(backend: Backend) -> dict[str, str]:
    """What a user of no other test fills in."""
    user = backend.make_user()
    return {"User": user.login, "Password": user.password}


def test_a_wrong_password_is_told_in_the_words_of_the_api(stage: Stage, form: dict[str, str]) -> None:
    """401, and nobody is signed in."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **form | {"Password": "wrong"})
        assert "Invalid email or password" in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_sign_in_opens_guarded_pages_and_the_api(stage: Stage, form: dict[str, str]) -> None:
    """The signed form of the token goes along; neither form, nor the cookie, reaches the browser."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert f'"email":"{form["User"]}"' in home
        assert f"got={json.loads(stage.api.exchanges[0].answer)['user']['id']}." in ask(visitor)
        sent = stage.api.exchanges[-1].headers
        assert sent["authorization"].count(".") == 1
        assert "cookie" not in sent
        keeps_tokens_back(visitor, stage.api)


def test_sign_up_signs_in(stage: Stage) -> None:
    """Its answer is that of a sign-in."""
    form = {"User": "New", "Email": "newcomer@example.com", "Password": "long enough"}
    with stage.visitor() as visitor:
        assert '"email":"newcomer@example.com"' in signed_in(
            visitor, visitor.press("Login", "SignUp", **form)
        )
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignUp", **form)
        assert "User already exists." in shown(answer)


def test_the_session_is_asked_for_from_the_middle_of_its_life_on(stage: Stage, form: dict[str, str]) -> None:
    """Which makes it last longer, and says when it ends."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        count = len(stage.api.exchanges)
        # Seven days; sessions spread it from 0.35 of that to the half.
        stage.portal.clock.advance(timedelta(days=7 * 0.34))
        ask(visitor)
        # `me`, which is the same call, and is not due again for a minute.
        assert stage.api.calls()[count:].count(f"GET {SESSION} 200") == 1
        ask(visitor)
        assert stage.api.calls()[count:].count(f"GET {SESSION} 200") == 1
        stage.portal.clock.advance(timedelta(days=7 * 0.17))
        ask(visitor)
        ask(visitor)
        # The renewal, and `me` again.
        assert stage.api.calls()[count:].count(f"GET {SESSION} 200") == 3
        keeps_tokens_back(visitor, stage.api)


def test_a_session_that_the_api_has_ended_ends_here(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """401, and then 200 with `null`, which is no session."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        token = json.loads(stage.api.exchanges[0].answer)["token"]
        answer = httpx.post(f"{backend.url}/api/auth/sign-out", headers=bearer(token), trust_env=False)
        assert answer.json() == {"success": True}
        ended(visitor, visitor.press("Home", "Ask"))
        assert stage.api.last(f"GET {SESSION}").answer == b"null"


def test_log_out_ends_the_session_there(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """Without an origin: a bearer token needs none."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        token = json.loads(stage.api.exchanges[0].answer)["token"]
        session = httpx.get(backend.url + SESSION, headers=bearer(token), trust_env=False)
        assert session.json()["user"]["email"] == form["User"]
        log_out(visitor)
        assert json.loads(stage.api.awaited("POST /api/auth/sign-out").answer) == {"success": True}
    assert httpx.get(backend.url + SESSION, headers=bearer(token), trust_env=False).json() is None
