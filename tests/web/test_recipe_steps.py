"""Steps of the recipes against the auth server: what is configured, sent and answered (seeds S2 and S3)."""

import html
import json
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from portico.testing.serving import free_port
from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.web.conftest import client_of
from tests.web.posts import Tab

EMAIL = f"{USERNAME}@example.com"
STRAPI = {"v.UsernameInput": USERNAME, "v.PasswordInput": PASSWORD, "portico.event": "LoginButton onClick"}
GOTRUE = {"v.username": EMAIL, "v.password": PASSWORD, "portico.event": "SubmitButton onClick"}


def serving(folder: Path, app: Path, auth_url: str) -> PorticoServer:
    """Portico with one app, whose auth API is at this address."""
    return PorticoServer([app], folder=folder, settings={"AUTH_URL": auth_url})


def changed(folder: Path, name: str, page: str, change: Callable[[str], str]) -> Path:
    """An example with one of its pages written differently."""
    copied = folder / name
    shutil.copytree(EXAMPLES / name, copied)
    file = copied / "pages" / page / "page.yaml"
    before = file.read_text()
    after = change(before)
    assert after != before
    file.write_text(after)
    return copied


def alert(page: httpx.Response) -> str:
    """The words of the alert of a page."""
    found = re.search(r'<div class="alert \w+">([^<]*)', page.text)
    return html.unescape(found[1]) if found else ""


def greeting(client: httpx.Client) -> str:
    """What the home page of seed S3 shows once its load has run."""
    return str(Tab(client, "/sign-up/Home").load()["html"]["Greeting"])


# Seed S2


def test_the_auth_api_takes_the_credentials(auth_server: AuthServer) -> None:
    """S2-3: the seed's address, name and password, also by e-mail; any other password is refused."""

    def asked(identifier: str, password: str) -> int:
        body = {"identifier": identifier, "password": password}
        return httpx.post(f"{auth_server.url}/api/auth/local", json=body, trust_env=False).status_code

    assert asked("appsmith_user", "appsmith_password") == 200
    assert asked(EMAIL, PASSWORD) == 200
    assert [asked(USERNAME, wrong) for wrong in ("", "wrong", PASSWORD + " ", PASSWORD.upper())] == [400] * 4


def test_the_datasource_says_where_login_api_asks(tmp_path: Path, auth_server: AuthServer) -> None:
    """S2-4: the query `login_api` has a path, the datasource the address: who is known there, and only
    there, gets in."""
    newcomer = {"username": "newcomer", "email": "newcomer@example.com", "password": "a password of mine"}
    form = {**STRAPI, "v.UsernameInput": "newcomer", "v.PasswordInput": newcomer["password"]}
    with AuthServer() as other:
        registered = httpx.post(f"{other.url}/api/auth/local/register", json=newcomer, trust_env=False)
        assert registered.status_code == 200
        answers = {}
        for name, auth in (("there", other), ("elsewhere", auth_server)):
            folder = tmp_path / name
            folder.mkdir()
            with (
                serving(folder, EXAMPLES / "jwt-login", auth.url) as server,
                client_of(server) as client,
            ):
                answers[name] = client.post("/jwt-login/LoginPage", data=form)
    assert (answers["there"].status_code, answers["there"].headers["location"]) == (
        303,
        "/jwt-login/MainPage",
    )
    assert (answers["elsewhere"].status_code, alert(answers["elsewhere"])) == (
        200,
        "Invalid identifier or password",
    )


def test_the_answer_holds_a_token_and_the_user(tmp_path: Path, auth_server: AuthServer) -> None:
    """S2-6: `jwt`, which the API takes again, and `user`, as scripts read them from the answer."""
    tell = "showAlert(JSON.stringify([Object.keys(login_api.data), login_api.data.user]));"
    app = changed(
        tmp_path, "jwt-login", "LoginPage", lambda page: page.replace("storeValue('jwt', jwt);", tell)
    )
    with serving(tmp_path, app, auth_server.url) as server, client_of(server) as client:
        answer = client.post("/jwt-login/LoginPage", data=STRAPI, follow_redirects=True)
        keys, user = json.loads(alert(answer))
    assert keys == ["jwt", "user"]
    assert {"id", "username", "email", "provider", "confirmed", "blocked"} <= user.keys()
    assert (user["username"], user["email"], user["provider"]) == (USERNAME, EMAIL, "local")
    assert (user["confirmed"], user["blocked"]) == (True, False)
    bearer = {"Authorization": f"Bearer {auth_server.sign_in()}"}
    me = httpx.get(f"{auth_server.url}/api/users/me", headers=bearer, trust_env=False)
    assert me.json() == user


# Seed S3


def test_an_auth_api_and_a_home_page_are_all_it_takes(tmp_path: Path, auth_server: AuthServer) -> None:
    """S3-1: the app's address leads to its home page, which leads those who are not signed in to the
    sign-in; and where no auth API is configured, signing in says that it cannot be reached."""
    with serving(tmp_path, EXAMPLES / "sign-up", auth_server.url) as server, client_of(server) as client:
        opened = client.get("/sign-up/", follow_redirects=True)
        assert opened.url.path == "/sign-up/LoginPage"
        entered = client.post("/sign-up/LoginPage", data=GOTRUE)
        assert (entered.status_code, entered.headers["location"]) == (303, "/sign-up/Home")
        home = client.get("/sign-up/", follow_redirects=True)
        assert home.url.path == "/sign-up/Home"
        assert f"Hello {EMAIL}" in greeting(client)
    nowhere = f"http://127.0.0.1:{free_port()}"
    with serving(tmp_path, EXAMPLES / "sign-up", nowhere) as server, client_of(server) as client:
        refused = client.post("/sign-up/LoginPage", data=GOTRUE)
        assert (refused.status_code, bool(alert(refused))) == (200, True)
        assert client.get("/sign-up/Home").status_code == 303


@pytest.mark.parametrize(
    "password",
    [
        'quotes "and" \\ back',
        "{{ password.text }}",
        '", "email": "other@example.com',
        "ünï 🙂\tcode",
        "123456",
    ],
)
def test_values_in_a_json_body_stay_values(tmp_path: Path, auth_server: AuthServer, password: str) -> None:
    """S3-4: what is typed is JSON in the body, whatever it looks like: the API knows it as it was typed."""
    email = f"typed{time.time_ns()}@example.com"
    form = {"v.username": email, "v.password": password, "portico.event": "SubmitButton onClick"}
    with serving(tmp_path, EXAMPLES / "sign-up", auth_server.url) as server, client_of(server) as client:
        assert client.post("/sign-up/SignUp", data=form).status_code == 303
    known = httpx.post(
        f"{auth_server.url}/auth/v1/token?grant_type=password",
        json={"email": email, "password": password},
        trust_env=False,
    )
    assert (known.status_code, known.json()["user"]["email"]) == (200, email)


#: How the button may be wired, and whether that signs in: the query alone stores nothing.
WIRED: Mapping[str, tuple[Any, bool]] = {
    "function": ("{{ Auth.signin() }}", True),
    "query": ("{{ sign_in.run() }}", False),
    "query with callback": (
        "{{ sign_in.run((data) => { storeValue('access_token', data.access_token); navigateTo('Home') }) }}",
        True,
    ),
    "query, then function": ("{{ sign_in.run().then(() => Auth.signin()) }}", True),
    "actions": (
        [
            {
                "run": "sign_in",
                "on_success": [
                    {"store": {"access_token": "{{ result.access_token }}"}},
                    {"navigate": "Home"},
                ],
            }
        ],
        True,
    ),
}


@pytest.mark.parametrize(("wiring", "enters"), WIRED.values(), ids=WIRED)
def test_submit_runs_the_query_or_the_function(
    tmp_path: Path, auth_server: AuthServer, wiring: Any, enters: bool
) -> None:
    """S3-10: the Submit button wired to `sign_in` or to the script's function. Either runs; signed in is who
    has the token stored."""

    def rewired(page: str) -> str:
        words = '      - {name: Answered, type: Text, text: "for {{ sign_in.data.user.email }}"}\n'
        button = page.replace('onClick: "{{ Auth.signin() }}"', f"onClick: {json.dumps(wiring)} ")
        return button.replace("      - name: SubmitButton\n", f"{words}      - name: SubmitButton\n")

    app = changed(tmp_path, "sign-up", "LoginPage", rewired)
    with serving(tmp_path, app, auth_server.url) as server, client_of(server) as client:
        answer = client.post("/sign-up/LoginPage", data=GOTRUE)
        if enters:
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-up/Home")
            assert f"Hello {EMAIL}" in greeting(client)
        else:
            assert f"for {EMAIL}" in answer.text
            home = client.get("/sign-up/Home")
            assert home.headers["location"].startswith("/sign-up/LoginPage")
