"""The preset for Strapi: refresh tokens that are good once, in a cookie or in the body, and access tokens
that nobody can end."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.backends.answers import bearer
from tests.backends.servers import Backend, Credentials
from tests.backends.strapi_app import (
    LATE,
    ME,
    PRESET,
    REFRESH,
    await_end,
    form,
    handed_out,
    me,
    refreshed,
)
from tests.backends.strapi_server import IN_BODY, LEGACY, LIMITED, Administrator, mailed_code, strapi
from tests.journeys.preset_app import (
    Stage,
    ask,
    keeps_tokens_back,
    log_out,
    shown,
    signed_in,
    staged,
)

pytestmark = [
    pytest.mark.usefixtures("backend"),
    pytest.mark.parametrize("backend", ["strapi"], indirect=True),
]


@pytest.fixture(scope="module")
def in_body() -> Iterator[Backend]:
    """Strapi whose refresh tokens are in the body."""
    with strapi(IN_BODY) as server:
        yield server


@pytest.fixture(scope="module")
def brief() -> Iterator[Backend]:
    """The same, whose access tokens are good for three seconds."""
    with strapi({"sessions": {"httpOnly": False, "accessTokenLifespan": 3}}) as server:
        yield server


@pytest.fixture(scope="module")
def legacy() -> Iterator[Backend]:
    """Strapi without refresh tokens, whose tokens are good for an hour instead of thirty days."""
    with strapi(LEGACY | {"jwt": {"expiresIn": "1h"}}) as server:
        yield server


@pytest.fixture(scope="module")
def administrator(backend: Backend) -> Administrator:
    """Who may change what others may."""
    return Administrator(backend)


@pytest.fixture
def stage(backend: Backend, tmp_path: Path) -> Iterator[Stage]:
    """The app with the preset, before a Strapi as new projects are."""
    with staged(PRESET, backend.url, tmp_path) as made:
        yield made


@pytest.fixture
def user(backend: Backend) -> Credentials:
    """Somebody of no other test."""
    return backend.make_user()


def test_a_wrong_password_is_told_in_the_words_of_the_api(stage: Stage, user: Credentials) -> None:
    """And nobody is signed in."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **form(user, Password="wrong"))
        assert "Invalid identifier or password" in shown(answer)
        assert visitor.get("Home").status_code == 303
        assert stage.api.calls() == ["POST /api/auth/local 400"]


def test_sign_in_opens_guarded_pages_and_the_api(stage: Stage, user: Credentials) -> None:
    """By name or address; the API's calls carry the token, and no token reaches the browser."""
    for login in (user.login, user.email):
        with stage.visitor() as visitor:
            assert visitor.get("Home").status_code == 303
            home = signed_in(visitor, visitor.press("Login", "SignIn", **form(user, User=login)))
            document = json.loads(stage.api.last(ME).answer)["documentId"]
            assert f"uid={document} roles=." in home
            assert f'"email":"{user.email}"' in home
            assert f"got={user.email}." in ask(visitor)
            sent = stage.api.last(ME).headers
            assert sent["authorization"] == f"Bearer {handed_out(stage)[0]}"
            assert "cookie" not in sent
            keeps_tokens_back(visitor, stage.api)


def test_sign_up_signs_in(stage: Stage) -> None:
    """Its answer is that of a sign-in, the refresh token in the body even here."""
    new = {"User": "newcomer", "Email": "newcomer@example.com", "Password": "long enough"}
    with stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignUp", **new))
        assert '"email":"newcomer@example.com"' in home
        stage.portal.clock.advance(LATE)
        assert "got=newcomer@example.com." in ask(visitor)
        assert f"{REFRESH} 200" in stage.api.calls()
        assert [token for token in stage.api.tokens() if token in visitor.got] == []
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignUp", **new)
        assert "Email or Username are already taken" in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_a_sign_up_without_a_session_went_well_all_the_same(tmp_path: Path) -> None:
    """Where the address has to be confirmed first."""
    new = {"User": "newcomer", "Email": "newcomer@example.com", "Password": "long enough"}
    with strapi({}) as server, staged(PRESET, server.url, tmp_path) as stage, stage.visitor() as visitor:
        Administrator(server).ask_for_confirmation()
        assert "account made" in shown(visitor.press("Login", "SignUp", **new))
        assert visitor.get("Home").status_code == 303
        answer = visitor.press("Login", "SignIn", **new)
        assert "Your account email is not confirmed" in shown(answer)
        code = mailed_code(server, new["Email"], "confirmation")
        link = f"{server.url}/api/auth/email-confirmation?confirmation={code}"
        assert httpx.get(link, trust_env=False).status_code == 302
        signed_in(visitor, visitor.press("Login", "SignIn", **new))


@pytest.mark.parametrize("place", ["cookie", "body"])
def test_the_access_token_is_renewed_before_it_ends(
    place: str, backend: Backend, in_body: Backend, tmp_path: Path
) -> None:
    """Each refresh token is used once, wherever it came, and the session goes on."""
    server = {"cookie": backend, "body": in_body}[place]
    user = server.make_user()
    with staged(PRESET, server.url, tmp_path) as stage, stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        in_answer = "refreshToken" in json.loads(stage.api.last("POST /api/auth/local").answer)
        assert in_answer is (place == "body")
        assert f"{REFRESH} 200" not in stage.api.calls()
        # A third token would have ended before it came, by the API's own clock, and is not judged by it.
        for turn in range(1, 3):
            stage.portal.clock.advance(LATE if turn == 1 else timedelta(minutes=10))
            assert f"got={user.email}." in ask(visitor)
            assert stage.api.calls().count(f"{REFRESH} 200") >= turn
        assert f"{REFRESH} 401" not in stage.api.calls()
        keeps_tokens_back(visitor, stage.api)


def test_a_contract_that_overlooks_the_cookie_renews_nothing(
    backend: Backend, user: Credentials, tmp_path: Path
) -> None:
    """The control of the test before."""
    auth = 'sign_in: {refresh_token: "{{ response.body?.refreshToken }}"}\n'
    with staged(replace(PRESET, auth=auth), backend.url, tmp_path) as stage, stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        stage.portal.clock.advance(LATE)
        visitor.press("Home", "Ask")
        assert f"{REFRESH} 400" in stage.api.calls()
        assert f"{REFRESH} 200" not in stage.api.calls()


def test_a_call_that_is_refused_with_401_goes_out_again(brief: Backend, tmp_path: Path) -> None:
    """This server's clock is behind, so that the token ends before it thinks so."""
    with staged(PRESET, brief.url, tmp_path) as stage, stage.visitor() as visitor:
        stage.portal.clock.advance(-timedelta(hours=1))
        signed_in(visitor, visitor.press("Login", "SignIn", **form(brief.credentials)))
        await_end(handed_out(stage)[0])
        count = len(stage.api.exchanges)
        assert f"got={brief.credentials.email}." in ask(visitor)
        assert stage.api.calls()[count:] == [f"{ME} 401", f"{REFRESH} 200", f"{ME} 200"]
        keeps_tokens_back(visitor, stage.api)


def test_log_out_ends_the_refresh_token(backend: Backend, stage: Stage, user: Credentials) -> None:
    """The access token, which nobody can end, is good there until it ends by itself; here it is gone."""
    with stage.visitor() as visitor, stage.visitor() as other:
        for one in (other, visitor):
            signed_in(one, one.press("Login", "SignIn", **form(user)))
        access, refresh = handed_out(stage)
        log_out(visitor)
        assert stage.api.awaited("POST /api/auth/logout").status == 200
        assert f"got={user.email}." in ask(other), "the session of another browser goes on"
    assert refreshed(backend, refresh) == 401
    assert me(backend, access) == 200


def test_the_refresh_token_was_good_before(backend: Backend, stage: Stage, user: Credentials) -> None:
    """The control of the test before."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
    assert refreshed(backend, handed_out(stage)[1]) == 200


def test_log_out_is_told_to_the_api_after_the_token_has_ended(brief: Backend, tmp_path: Path) -> None:
    """Which takes a fresh one: the refresh token would be good for two weeks."""
    with staged(PRESET, brief.url, tmp_path) as stage, stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(brief.credentials)))
        await_end(handed_out(stage)[0])
        count = len(stage.api.exchanges)
        log_out(visitor)
        assert stage.api.awaited("POST /api/auth/logout").status == 200
        assert f"{REFRESH} 200" in stage.api.calls()[count:]
        assert refreshed(brief, json.loads(stage.api.last(REFRESH).answer)["refreshToken"]) == 401


def test_a_session_that_the_api_has_ended_ends_here(
    backend: Backend, stage: Stage, user: Credentials
) -> None:
    """At the next renewal: its refresh token was given up elsewhere."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        headers = bearer(handed_out(stage)[0])
        out = f"{backend.url}/api/auth/logout"
        httpx.post(out, json={"scope": "all"}, headers=headers, trust_env=False).raise_for_status()
        assert f"got={user.email}." in ask(visitor), "the access token is good for its ten minutes"
        stage.portal.clock.advance(LATE)
        answer = visitor.press("Home", "Ask")
        assert answer.status_code == 303
        assert answer.headers["location"].partition("?")[0].endswith("/Login")
        assert "Your session has ended" in shown(visitor.get("Login"))
        assert visitor.get("Home").status_code == 303


def test_a_user_who_is_blocked_is_out(administrator: Administrator, stage: Stage, user: Credentials) -> None:
    """Every access token is 401 then, and Strapi renews it all the same: calls fail at once, and the session
    is over when `me` is asked again, which is within a minute."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        assert f"got={user.email}." in ask(visitor)
        administrator.block(user)
        count = len(stage.api.exchanges)
        assert f"got={user.email}." not in ask(visitor)
        assert stage.api.calls()[count:] == [f"{ME} 401", f"{REFRESH} 200", f"{ME} 401"]
        stage.portal.clock.advance(timedelta(minutes=1))
        assert visitor.get("Home").status_code == 303
        assert "Your session has ended" in shown(visitor.get("Login"))
        assert visitor.get("Home").status_code == 303
        answer = visitor.press("Login", "SignIn", **form(user))
        assert "Your account has been blocked by an administrator" in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_a_new_password_ends_sessions_of_the_old_one(
    backend: Backend, stage: Stage, user: Credentials
) -> None:
    """`recover` has a code mailed; with the code Strapi takes a password and ends every session."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        assert "on its way" in shown(visitor.press("Forgot", "Send", Email=user.email))
        code = mailed_code(backend, user.email, "code")
        new = {"code": code, "password": "another horse", "passwordConfirmation": "another horse"}
        httpx.post(f"{backend.url}/api/auth/reset-password", json=new, trust_env=False).raise_for_status()
        stage.portal.clock.advance(LATE)
        assert visitor.press("Home", "Ask").status_code == 303
        assert "Your session has ended" in shown(visitor.get("Login"))
        assert "Invalid identifier" in shown(visitor.press("Login", "SignIn", **form(user)))
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user, Password="another horse")))


def test_recovery_tells_nobody_who_has_an_account(stage: Stage) -> None:
    """An address that nobody has gets the same answer."""
    with stage.visitor() as visitor:
        assert "on its way" in shown(visitor.press("Forgot", "Send", Email="nobody@example.com"))
        assert stage.api.calls() == ["POST /api/auth/forgot-password 200"]


def test_roles_where_users_may_read_them(
    administrator: Administrator, backend: Backend, user: Credentials, tmp_path: Path
) -> None:
    """With the parameter that the manual names."""
    query = "datasource: auth_api\npath: /api/users/me\nparams: {populate: role}\n"
    preset = replace(PRESET, files={**PRESET.files, "queries/me.yaml": query})
    with staged(preset, backend.url, tmp_path) as stage, stage.visitor() as visitor:
        assert "roles=." in signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
    administrator.let_users_read_roles()
    with staged(preset, backend.url, tmp_path) as stage, stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        assert "roles=authenticated." in home


@pytest.mark.parametrize("auth", ["refresh: none\nsign_out: none\n", ""], ids=["told", "untold"])
def test_the_older_mode(auth: str, legacy: Backend, tmp_path: Path) -> None:
    """One token, which nobody can renew or end: the session ends with it. An app that is not told so asks for
    what Strapi does not have, and fares no better."""
    user = legacy.credentials
    with staged(replace(PRESET, auth=auth), legacy.url, tmp_path) as stage:
        with stage.visitor() as visitor:
            signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
            token = json.loads(stage.api.last("POST /api/auth/local").answer)["jwt"]
            log_out(visitor)
            assert me(legacy, token) == 200
        with stage.visitor() as visitor:
            signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
            stage.portal.clock.advance(timedelta(minutes=50))
            assert f"got={user.email}." in ask(visitor)
            keeps_tokens_back(visitor, stage.api)
            stage.portal.clock.advance(timedelta(minutes=11))
            assert visitor.press("Home", "Ask").status_code == 303
            assert visitor.get("Home").status_code == 303
        if not auth:
            assert stage.api.awaited("POST /api/auth/logout").status == 404
        asked = {call.rpartition(" ")[0] for call in stage.api.calls()}
        assert (asked == {"POST /api/auth/local", ME}) is bool(auth)


def test_too_many_sign_ins_are_told_in_the_words_of_the_api(tmp_path: Path) -> None:
    """Strapi counts the address of this server: others have used up its ten."""
    with (
        strapi(LIMITED) as server,
        staged(PRESET, server.url, tmp_path) as stage,
        stage.visitor() as visitor,
    ):
        user = server.credentials
        signed_in(visitor, visitor.press("Login", "SignIn", **form(user)))
        wrong = {"identifier": "nobody", "password": "wrong"}
        codes = [
            httpx.post(f"{server.url}/api/auth/local", json=wrong, trust_env=False).status_code
            for _ in range(10)
        ]
        assert codes == [400] * 9 + [429]
        with stage.visitor() as other:
            answer = other.press("Login", "SignIn", **form(user))
            assert "Too many requests, please try again later." in shown(answer)
            assert other.get("Home").status_code == 303
        assert f"got={user.email}." in ask(visitor), "who is signed in stays so"
