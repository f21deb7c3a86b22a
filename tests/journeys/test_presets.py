"""Presets against the embedded auth server: Supabase, Strapi and DummyJSON in their own words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from supabase_auth import SyncGoTrueClient
from supabase_auth.errors import AuthApiError

from portico.authserver.settings import HashCost, NewAccount, Settings
from portico.cli import new
from portico.clock import Clock
from portico.values import Secret
from tests.journeys.portal import Recorder, Visitor, auth_server, serving
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
from tests.web.posts import Tab

EMILY = NewAccount(username="emilys", email="emily@example.com", password=Secret("emilyspass"))
CREDENTIALS = {"User": "emilys", "Email": "emily@example.com", "Password": "emilyspass"}
NEWCOMER = {"User": "newcomer", "Email": "newcomer@example.com", "Password": "a long sentence"}
KEY = "key-of-the-project"


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """What a dialect of the embedded server is called, and what it says."""

    preset: Preset
    mount: str
    sign_in: str
    refresh: str
    protected: str
    lifetime: timedelta
    wrong: str
    roles: str = ""


APIS = {
    "supabase": Api(
        preset=Preset(
            name="supabase",
            sign_in="{ email: Email.text, password: Password.text }",
            sign_up="{ email: Email.text, password: Password.text }",
            protected="/auth/v1/user",
            shown="secret.data?.email",
            auth="headers: {apikey: {secret: SUPABASE_KEY}}",
        ),
        mount="",
        sign_in="POST /auth/v1/token",
        refresh="POST /auth/v1/token",
        protected="GET /auth/v1/user",
        lifetime=timedelta(hours=1),
        wrong="Invalid login credentials",
    ),
    "strapi": Api(
        preset=Preset(
            name="strapi",
            sign_in="{ identifier: User.text, password: Password.text }",
            sign_up="{ username: User.text, email: Email.text, password: Password.text }",
            protected="/api/users/me",
            shown="secret.data?.email",
        ),
        mount="",
        sign_in="POST /api/auth/local",
        refresh="POST /api/auth/refresh",
        protected="GET /api/users/me",
        lifetime=timedelta(minutes=10),
        wrong="Invalid identifier or password",
    ),
    "dummyjson": Api(
        preset=Preset(
            name="dummyjson",
            sign_in="{ username: User.text, password: Password.text }",
            protected="/auth/me",
            shown="secret.data?.email",
        ),
        mount="/dummyjson",
        sign_in="POST /auth/login",
        refresh="POST /auth/refresh",
        protected="GET /auth/me",
        lifetime=timedelta(hours=1),
        wrong="Invalid credentials",
        roles="admin",
    ),
}


LINK = """\
export default {
  enter: async () => {
    const pairs = appsmith.URL.hash.slice(1).split('&').map((pair) => pair.split('='))
    const { access_token } = Object.fromEntries(pairs)
    if (access_token) await storeValue('link', access_token)
  },
}
"""
LINKED = replace(
    APIS["supabase"].preset,
    auth="headers: {apikey: {secret: SUPABASE_KEY}}\nstore_keys: {token: link}",
    files={
        "pages/Welcome/page.yaml": "title: Welcome\naccess: public\n",
        "pages/Welcome/scripts/Link.js": LINK,
        "pages/Welcome/scripts/Link.yaml": "functions: {enter: {run: on_load}}\n",
    },
)


@pytest.fixture
def api_clock() -> Clock:
    """The auth server's own clock."""
    return Clock()


@pytest.fixture
def settings() -> Settings:
    """Real argon2id, as cheap as the library allows."""
    return Settings(hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(EMILY,))


@pytest.fixture
def server(settings: Settings, api_clock: Clock) -> Iterator[str]:
    """The embedded auth server."""
    with auth_server(settings, api_clock) as url:
        yield url


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest) -> Api:
    """One of the dialects."""
    return APIS[request.param]


@pytest.fixture
def stage(api: Api, server: str, tmp_path: Path) -> Iterator[Stage]:
    """The app of its preset."""
    with staged(api.preset, server + api.mount, tmp_path, secrets={"SUPABASE_KEY": KEY}) as made:
        yield made


each = pytest.mark.parametrize


def test_a_wrong_password_is_told_in_the_words_of_the_api(api: Api, stage: Stage) -> None:
    """And nobody is signed in."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignIn", **CREDENTIALS | {"Password": "wrong-password"})
        assert api.wrong in shown(answer)
        assert visitor.get("Home").status_code == 303


def test_sign_in_opens_guarded_pages_and_the_api(api: Api, stage: Stage) -> None:
    """Who it is comes from the API; its calls carry the token, which the browser never gets."""
    with stage.visitor() as visitor:
        assert visitor.get("Home").status_code == 303
        home = signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        user = json.loads(stage.api.last(api.protected).answer)
        assert f"uid={user.get('documentId', user['id'])} roles={api.roles}." in home
        assert '"email":"emily@example.com"' in home
        assert "got=emily@example.com." in ask(visitor)
        sent = stage.api.last(api.protected).headers["authorization"]
        assert sent.removeprefix("Bearer ").rpartition(".")[2] in stage.api.tokens()
        keeps_tokens_back(visitor, stage.api)


def test_a_token_is_renewed_before_it_ends(api: Api, stage: Stage, api_clock: Clock) -> None:
    """Once, by this server, and the call goes out with the new one."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        before = stage.api.tokens()
        stage.portal.clock.advance(api.lifetime - timedelta(minutes=1))
        ask(visitor)
        assert stage.api.tokens() == before
        stage.portal.clock.advance(timedelta(seconds=40))
        # Tokens of one second are one token.
        api_clock.advance(timedelta(seconds=40))
        count = len(stage.api.exchanges)
        assert "got=emily@example.com." in ask(visitor)
        assert stage.api.calls()[count:] == [f"{api.refresh} 200", f"{api.protected} 200"]
        sent = stage.api.last(api.protected).headers["authorization"]
        assert sent.rpartition(".")[2] in stage.api.tokens() - before
        ask(visitor)
        assert len(stage.api.exchanges) == count + 3
        keeps_tokens_back(visitor, stage.api)


@each("api", ["strapi", "dummyjson"], indirect=True)
def test_a_call_that_is_refused_with_401_goes_out_again(api: Api, stage: Stage, api_clock: Clock) -> None:
    """The API's clock is ahead: it ends the token before this server thinks so."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        api_clock.advance(api.lifetime + timedelta(seconds=1))
        count = len(stage.api.exchanges)
        assert "got=emily@example.com." in ask(visitor)
        assert stage.api.calls()[count:] == [
            f"{api.protected} 401",
            f"{api.refresh} 200",
            f"{api.protected} 200",
        ]


@each("api", ["strapi", "supabase"], indirect=True)
def test_a_session_that_the_api_has_ended_ends_here(api: Api, stage: Stage) -> None:
    """Its user is told so at the next renewal, and led to the entry page."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        sent = stage.api.last(api.protected).headers["authorization"]
        out = "/auth/v1/logout" if api.preset.name == "supabase" else "/api/auth/logout"
        httpx.post(stage.api.url + out, headers={"Authorization": sent}, trust_env=False).raise_for_status()
        stage.portal.clock.advance(api.lifetime - timedelta(seconds=20))
        ended(visitor, visitor.press("Home", "Ask"))


@each("api", ["supabase"], indirect=True)
@each("opens", [True, False], ids=["a page", "a call"])
def test_a_session_that_supabase_has_revoked_ends_with_the_next(opens: bool, api: Api, stage: Stage) -> None:
    """403 `session_not_found`, though the token has an hour to go: to a call at once, to `me` in a minute.
    The session of another browser goes on."""
    with stage.visitor() as visitor, stage.visitor() as other:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        ask(visitor)
        sent = {"Authorization": stage.api.last(api.protected).headers["authorization"]}
        signed_in(other, other.press("Login", "SignIn", **CREDENTIALS))
        url = f"{stage.api.url}/auth/v1/logout?scope=local"
        httpx.post(url, headers=sent, trust_env=False).raise_for_status()
        stage.portal.clock.advance(timedelta(seconds=61 if opens else 0))
        count = len(stage.api.exchanges)
        ended(visitor, visitor.get("Home") if opens else visitor.press("Home", "Ask"))
        assert stage.api.calls()[count:] == [f"{api.protected} 403", f"{api.refresh} 400"]
        assert "got=emily@example.com." in ask(other)


@each("api", ["strapi", "supabase"], indirect=True)
def test_sign_up_signs_in(api: Api, stage: Stage) -> None:
    """Its answer is that of a sign-in."""
    with stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignUp", **NEWCOMER))
        assert '"email":"newcomer@example.com"' in home
    with stage.visitor() as other:
        answer = other.press("Login", "SignUp", **NEWCOMER)
        words = {"strapi": "Email or Username are already taken", "supabase": "User already registered"}
        assert words[api.preset.name] in shown(answer)


@each("name", ["strapi", "supabase"])
@each("confirms", [True, False])
def test_a_new_app_tells_of_a_mail_where_there_is_one(
    name: str, confirms: bool, api_clock: Clock, tmp_path: Path
) -> None:
    """After a sign-up that signs in, the home page says nothing of it."""
    new.create("shop", tmp_path, new.DEFAULT, name)
    settings = Settings(hash_cost=HashCost(memory_kib=8, passes=1), email_confirmation=confirms)
    with (
        auth_server(settings, api_clock) as url,
        Recorder(url) as api,
        serving(tmp_path / "shop", settings={"AUTH_URL": api.url}) as portal,
        Visitor(portal) as visitor,
    ):
        form = {"UsernameInput": "newcomer", "EmailInput": "newcomer@example.com"}
        if name == "supabase":
            del form["UsernameInput"]
        answer = visitor.press("SignUp", "SignUpButton", **form, PasswordInput="a long sentence")
        assert answer.status_code == 303, shown(answer)
        assert (visitor.get("Home").status_code == 200) is not confirms
        page = shown(visitor.get("Login" if confirms else "Home"))
        assert ("Open the link in the mail" in page) is confirms


@each("api", ["strapi", "supabase"], indirect=True)
@each("settings", [Settings(hash_cost=HashCost(memory_kib=8, passes=1), email_confirmation=True)])
def test_a_sign_up_without_a_session_went_well_all_the_same(stage: Stage) -> None:
    """Where the address has to be confirmed first, nobody is signed in, and the page goes on."""
    with stage.visitor() as visitor:
        answer = visitor.press("Login", "SignUp", **NEWCOMER)
        assert answer.status_code == 200
        assert "account made" in shown(answer)
        assert visitor.get("Home").status_code == 303
        assert stage.api.tokens() == set()


@each("succeeded", ["false", "response.status === 400"])
@each("name", ["supabase", "strapi"])
def test_what_went_well_is_what_the_contract_says(
    name: str, succeeded: str, server: str, tmp_path: Path
) -> None:
    """Whatever the status: 200 can be a refusal, in the words that the contract takes, and 400 none."""
    said = f'sign_in: {{succeeded: "{{{{ {succeeded} }}}}", error: "{{{{ \'not today\' }}}}"}}'
    with (
        staged(replace(APIS[name].preset, auth=said), server, tmp_path) as stage,
        stage.visitor() as visitor,
    ):
        good = visitor.press("Login", "SignIn", **CREDENTIALS)
        wrong = visitor.press("Login", "SignIn", **CREDENTIALS | {"Password": "wrong-password"})
        assert "not today" in shown(good)
        assert visitor.get("Home").status_code == 303
        assert ("not today" in shown(wrong)) is (succeeded == "false")
        assert APIS[name].wrong not in shown(wrong)


def test_a_token_comes_and_goes_as_a_cookie(server: str, tmp_path: Path) -> None:
    """In no header of its own, and in nothing that the browser gets."""
    sent = """\
sign_in: {token: "{{ response.cookies.accessToken }}"}
refresh: {token: "{{ response.cookies.accessToken }}"}
send: {cookie: accessToken}
"""
    preset = replace(APIS["dummyjson"].preset, auth=sent)
    with staged(preset, f"{server}/dummyjson", tmp_path) as stage, stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        assert "got=emily@example.com." in ask(visitor)
        headers = stage.api.last("GET /auth/me").headers
        assert headers["cookie"].startswith("accessToken=eyJ")
        assert "authorization" not in headers
        keeps_tokens_back(visitor, stage.api)


@each("api", ["strapi"], indirect=True)
@each(
    "settings",
    [Settings(hash_cost=HashCost(memory_kib=8, passes=1), rate_limit=None, accounts=(EMILY,), httponly=True)],
)
def test_a_refresh_token_in_a_cookie_is_one_too(api: Api, stage: Stage) -> None:
    """What new Strapi projects do: `sessions.httpOnly`."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        assert "refreshToken" not in json.loads(stage.api.last(api.sign_in).answer)
        stage.portal.clock.advance(api.lifetime - timedelta(seconds=20))
        for _ in range(2):
            assert "got=emily@example.com." in ask(visitor)
            stage.portal.clock.advance(api.lifetime - timedelta(seconds=20))
        assert stage.api.calls().count(f"{api.refresh} 200") == 2
        keeps_tokens_back(visitor, stage.api)


@each("api", ["strapi"], indirect=True)
def test_strapi_ends_the_session_at_log_out(stage: Stage) -> None:
    """Its refresh token is good no more; the access token, which Strapi does not check, ends by itself."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        log_out(visitor)
    assert stage.api.awaited("POST /api/auth/logout").status == 200
    token = json.loads(stage.api.last("POST /api/auth/local").answer)["refreshToken"]
    assert refreshed(stage.api, token).status_code == 401


@each("api", ["strapi", "supabase"], indirect=True)
def test_log_out_is_told_to_the_api_after_the_token_has_ended(
    api: Api, stage: Stage, api_clock: Clock
) -> None:
    """Which takes a fresh one: the refresh token would be good for weeks."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        for clock in (stage.portal.clock, api_clock):
            clock.advance(api.lifetime + timedelta(minutes=1))
        count = len(stage.api.exchanges)
        log_out(visitor)
        out = "POST /auth/v1/logout" if api.preset.name == "supabase" else "POST /api/auth/logout"
        stage.api.awaited(out)
        ended = {"supabase": "204", "strapi": "200"}[api.preset.name]
        calls = stage.api.calls()[count:]
        assert calls[0] == f"{api.refresh} 200"
        assert f"{out} {ended}" in calls


def refreshed(api: Recorder, token: str) -> httpx.Response:
    """What Strapi answers to a refresh token."""
    return httpx.post(f"{api.url}/api/auth/refresh", json={"refreshToken": token}, trust_env=False)


@each("api", ["strapi"], indirect=True)
def test_the_refresh_token_was_good_before(stage: Stage) -> None:
    """The control of the test before."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
    token = json.loads(stage.api.last("POST /api/auth/local").answer)["refreshToken"]
    assert refreshed(stage.api, token).status_code == 200


@each("api", ["supabase"], indirect=True)
def test_supabases_own_client_sees_the_session_end(stage: Stage) -> None:
    """Before our log-out the token is its user's, afterwards there is no such session; others stay."""
    with stage.visitor() as visitor, stage.visitor() as other:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        token = json.loads(stage.api.last("POST /auth/v1/token").answer)["access_token"]
        signed_in(other, other.press("Login", "SignIn", **CREDENTIALS))
        with httpx.Client(trust_env=False) as http:
            client = SyncGoTrueClient(url=f"{stage.api.url}/auth/v1", http_client=http)
            answer = client.get_user(token)
            assert answer is not None
            assert answer.user.email == "emily@example.com"
            log_out(visitor)
            assert stage.api.awaited("POST /auth/v1/logout").status == 204
            with pytest.raises(AuthApiError) as refused:
                client.get_user(token)
        assert refused.value.code == "session_not_found"
        assert "got=emily@example.com." in ask(other)


@each("api", ["supabase"], indirect=True)
def test_supabases_key_goes_with_every_call(api: Api, stage: Stage) -> None:
    """A secret of the app; the user's token stands beside it."""
    with stage.visitor() as visitor:
        signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        assert {found.headers.get("apikey") for found in stage.api.exchanges} == {KEY}
        assert KEY not in visitor.got
    assert "authorization" not in stage.api.last(api.sign_in).headers


@each("api", ["dummyjson"], indirect=True)
def test_dummyjson_shows_no_more_of_a_user_than_it_should(stage: Stage) -> None:
    """Its `me` brings passwords and bank accounts along: they stay out of `auth.user`."""
    with stage.visitor() as visitor:
        home = signed_in(visitor, visitor.press("Login", "SignIn", **CREDENTIALS))
        user = json.loads(home.partition("user=")[2].partition("</div>")[0])
        assert set(user) <= {"id", "username", "email", "firstName", "lastName", "gender", "image", "role"}
        assert user["role"] == "admin"
        log_out(visitor)


def test_a_link_of_supabase_signs_in_with_the_users_consent(
    server: str, settings: Settings, tmp_path: Path
) -> None:
    """Beside the preset, a key of the store takes the token that comes behind `#`."""
    with staged(LINKED, server, tmp_path, secrets={"SUPABASE_KEY": KEY}) as stage:
        login = {"email": CREDENTIALS["Email"], "password": CREDENTIALS["Password"]}
        answer = httpx.post(
            f"{stage.api.url}/auth/v1/token?grant_type=password", json=login, trust_env=False
        ).json()
        fragment = f"#access_token={answer['access_token']}&token_type=bearer&type=recovery"
        with httpx.Client(
            base_url=stage.portal.url, headers={"Origin": stage.portal.url}, trust_env=False
        ) as client:
            tab = Tab(client, "/supabase/Welcome")
            asked = tab.load(fragment=fragment)
            assert asked["ask"]["question"] == "Continue as emily@example.com?"
            assert client.get("/supabase/Home").status_code == 303
            assert tab.reply(asked["ask"], agreed=True)["session"] == "signed-in"
            assert "emily@example.com" in client.get("/supabase/Home").text
