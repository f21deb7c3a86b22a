"""The preset for PocketBase: one token, which this server renews while it is good."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.backends.answers import bearer, claims
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

pytestmark = pytest.mark.parametrize("backend", ["pocketbase"], indirect=True)

USERS = "/api/collections/users"
PRESET = Preset(
    name="pocketbase",
    sign_in="{ identity: User.text, password: Password.text }",
    sign_up="{ email: Email.text, password: Password.text }",
    protected=USERS + "/records/{{ auth.uid }}",
    shown="secret.data?.email",
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
        assert "Failed to authenticate." in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_sign_in_opens_guarded_pages_and_the_api(
    backend: Backend, stage: Stage, form: dict[str, str]
) -> None:
    """The user is `record`; its rules show a record to the token of its user alone."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form))
        assert f'"email":"{backend.credentials.email}"' in home
        assert f"got={backend.credentials.email}." in ask(visitor)
        call = stage.api.exchanges[-1]
        assert call.headers["authorization"].startswith("Bearer eyJ")
        assert httpx.get(backend.url + call.path, trust_env=False).status_code == 404
        keeps_tokens_back(visitor, stage.api)


def test_sign_up_makes_an_account_and_signs_nobody_in(stage: Stage) -> None:
    """What is wrong is said by field."""
    with stage.visitor() as visitor:
        form = {"Email": "newcomer@example.com", "Password": "long enough"}
        assert "account made" in shown(visitor.press("Login", "SignUp", **form))
        assert visitor.get("Home").status_code == 303
        assert "email: Value must be unique." in shown(visitor.press("Login", "SignUp", **form))
        signed_in(visitor, visitor.press("Login", "SignIn", User=form["Email"], Password=form["Password"]))


def test_the_token_is_renewed_from_the_middle_of_its_life_on(stage: Stage, form: dict[str, str]) -> None:
    """Only a good one can be renewed: it lives for days, and at its end it would be too late."""
    refresh = f"POST {USERS}/auth-refresh 200"
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        token = claims(httpx.Response(200, content=stage.api.exchanges[0].answer).json()["token"])
        life = timedelta(seconds=token["exp"] - time.time())
        assert life > timedelta(days=2)
        # Sessions spread it from 0.35 of that to the half.
        stage.portal.clock.advance(life * 0.34)
        count = len(stage.api.exchanges)
        ask(visitor)
        # `me`, which is the same call, and is not due again for a minute.
        assert stage.api.calls()[count:].count(refresh) == 1
        ask(visitor)
        assert stage.api.calls()[count:].count(refresh) == 1
        stage.portal.clock.advance(life * 0.17)
        ask(visitor)
        ask(visitor)
        # The renewal, and `me` again.
        assert stage.api.calls()[count:].count(refresh) == 3
        keeps_tokens_back(visitor, stage.api)


@pytest.mark.parametrize("opens", [True, False], ids=["a page", "a call"])
def test_a_user_who_was_deleted_is_signed_out(backend: Backend, stage: Stage, opens: bool) -> None:
    """To a call it answers 404, as to strangers; `me`, and the renewal, 401."""
    user = backend.make_user()
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", User=user.login, Password=user.password))
        body = httpx.Response(200, content=stage.api.exchanges[0].answer).json()
        record = f"{backend.url}{USERS}/records/{body['record']['id']}"
        gone = httpx.delete(record, headers=bearer(body["token"]), trust_env=False)
        assert gone.status_code == 204
        stage.portal.clock.advance(timedelta(seconds=61 if opens else 0))
        count = len(stage.api.exchanges)
        ended(visitor, visitor.get("Home") if opens else visitor.press("Home", "Ask"))
        assert stage.api.calls()[count:].count(f"POST {USERS}/auth-refresh 401") == (2 if opens else 1)


def test_a_record_that_is_hidden_ends_nothing(
    backend: Backend, form: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """404 as well: the token can be renewed, so it was the record. One attempt in five seconds is enough."""
    hidden = replace(PRESET, protected=USERS + "/records/nobody")
    with staged(hidden, backend.url, tmp_path_factory.mktemp("app")) as stage, stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        count = len(stage.api.exchanges)
        for _ in range(3):
            assert "got=." in ask(visitor)
        calls = stage.api.calls()[count:]
        assert calls.count(f"POST {USERS}/auth-refresh 200") == 1
        assert calls.count(f"GET {USERS}/records/nobody 404") == 4
        assert visitor.get("Home").status_code == 200


def test_log_out_ends_the_session_here_alone(backend: Backend, stage: Stage, form: dict[str, str]) -> None:
    """Nothing ends a token of PocketBase before its time, which is why no browser ever gets one."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form))
        token = httpx.Response(200, content=stage.api.exchanges[0].answer).json()["token"]
        log_out(visitor)
        answer = httpx.post(f"{backend.url}{USERS}/auth-refresh", headers=bearer(token), trust_env=False)
        assert answer.status_code == 200
        keeps_tokens_back(visitor, stage.api)
