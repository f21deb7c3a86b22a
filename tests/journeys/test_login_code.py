"""Seed S1 in a real browser: signing in by a query module and a script module (rows S1-1 to S1-14)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests.journeys.logins import (
    CRM,
    EMAIL,
    FOLDERS,
    LOBBY,
    alert,
    at_home,
    button,
    copied,
    everything,
    field,
    fill,
    kept,
    portico_says,
    replaced,
    sessions_of,
)
from tests.journeys.relay import Relay, status_of
from tests.journeys.servers import EXAMPLES, PASSWORD, AuthServer, PorticoServer
from tests.journeys.upstream import Upstream, plain

PACKAGE = EXAMPLES / "packages" / "auth-code"
WAYS = ["ByObject", "ByPosition", "ByInputs"]

#: As the seed writes them.
BODY = """\
{
  "email": {{inputs.email}},
  "password": {{inputs.password}}
}
"""
SCRIPT = """\
export default {
    signin: ({ email, password }) => {
        // Call the sign_in API query with the provided email and password
        return sign_in.run({ email: email, password: password })
            .then(data => {
                // Remove the user information from the response data for security reasons
                delete data.user;
                // Store each key-value pair from the response data in the local storage
                Object.keys(data).forEach(i => {
                    storeValue(i, data[i]);
                });
            })
            .then(() => 
                // Navigate to the 'Home' page upon successful authentication
                navigateTo('Home')
            );
    }
};
"""  # noqa: W291 (the seed's line ends so)


@pytest.fixture(scope="module")
def relay(auth_server: AuthServer) -> Iterator[Relay]:
    """What Portico and the auth server say to each other."""
    with Relay(auth_server.url) as between:
        yield between


@pytest.fixture(scope="module")
def portico(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """The example with a form of its own, and an app that uses the modules in further ways."""
    apps = [FOLDERS[CRM], FOLDERS[LOBBY]]
    folder = tmp_path_factory.mktemp("code")
    with PorticoServer(apps, folder=folder, settings={"AUTH_URL": relay.url}) as server:
        yield server


def opened(page: Page, portico: PorticoServer, password: str = PASSWORD) -> None:
    """The form that the app made itself, filled in."""
    page.goto(f"{portico.url}/{CRM}/OwnForm")
    fill(page, EMAIL, password, within="EmailInput")


def contract(module: str) -> Any:
    """What a module's file says."""
    return yaml.safe_load((PACKAGE / "modules" / module / "module.yaml").read_text())


# What the package holds


def test_s1_1_a_query_module(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S1-1: `sign_in` posts to the seed's path."""
    assert contract("sign_in")["kind"] == "query"
    opened(page, portico)
    relay.forget()
    button(page, "ByObject").click()
    at_home(page, portico, CRM)
    (request,) = relay.requests("/auth/v1/token")
    assert request.line.startswith("POST /auth/v1/token?grant_type=password ")


def test_s1_2_its_inputs_are_part_of_the_contract(tmp_path: Path) -> None:
    """S1-2: `email` and `password` are declared beside the query; one that an app invents is told."""
    assert list(contract("sign_in")["inputs"]) == ["email", "password"]
    good = (
        '    inputs:\n      email: "{{ EmailInput.text }}"\n',
        '    inputs:\n      mail: "{{ EmailInput.text }}"\n',
    )
    code, said = portico_says("check", copied(tmp_path, CRM, replaced("pages/OwnForm/page.yaml", *good)))
    assert code == 1
    assert "pages/OwnForm/page.yaml:8" in said
    assert "mail" in said


@pytest.mark.parametrize("password", ['a "quoted" one', "back\\slash {{1 + 1}}", "päss 🔑 </script>"])
def test_s1_3_inputs_reach_the_api_as_json(
    page: Page, portico: PorticoServer, relay: Relay, password: str
) -> None:
    """S1-3: the seed's body, whose bindings stand without quotes, is JSON whatever the inputs hold."""
    query = (PACKAGE / "modules" / "sign_in" / "queries" / "sign_in.yaml").read_text()
    body = query.partition("body: |\n")[2].splitlines(keepends=True)
    assert "".join(line.removeprefix("  ") for line in body) == BODY
    opened(page, portico, password)
    relay.forget()
    button(page, "ByInputs").click()
    alert(page, "Invalid login credentials")
    (request,) = relay.requests("/auth/v1/token")
    assert request.form == {"email": EMAIL, "password": password}


def test_s1_4_the_script_stands_as_in_the_seed() -> None:
    """S1-4: word for word, below the comment that says so to the lint."""
    comment, _, script = (PACKAGE / "modules" / "Login" / "scripts" / "Login.js").read_text().partition("\n")
    assert comment.startswith("// portico: ignore ")
    assert script == SCRIPT


# What signin does


def test_s1_5_the_user_is_not_kept(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S1-5: `delete data.user` comes before anything is stored; the answer did have one."""
    page.goto(f"{portico.url}/{LOBBY}/Code")
    fill(page, within="EmailInput")
    relay.forget()
    button(page, "Caught").click()
    # The lobby asks another API than the token is of, and takes it all the same.
    expect(page).to_have_url(f"{portico.url}/{LOBBY}/Home")
    kept_keys = page.get_by_text(re.compile("^kept: ")).inner_text().removeprefix("kept: ").split()
    assert "access_token" in kept_keys
    assert "user" not in kept_keys
    assert '"user":' in relay.answers()


def test_s1_6_every_other_key_is_stored(page: Page, portico: PorticoServer) -> None:
    """S1-6: although the calls are not awaited, all of them are there before Home opens."""
    page.goto(f"{portico.url}/{LOBBY}/Code")
    fill(page, within="EmailInput")
    button(page, "Caught").click()
    expect(
        page.get_by_text("kept: access_token expires_at expires_in refresh_token token_type")
    ).to_be_visible()


def test_s1_7_a_refusal_rejects(page: Page, portico: PorticoServer) -> None:
    """S1-7: the caller may catch it; where nobody does, the user is told the API's words."""
    page.goto(f"{portico.url}/{LOBBY}/Code")
    fill(page, password="wrong-password", within="EmailInput")
    button(page, "Caught").click()
    alert(page, "caught: Invalid login credentials")
    opened(page, portico, "wrong-password")
    button(page, "ByObject").click()
    alert(page, "Invalid login credentials")
    expect(page).to_have_url(re.compile("/OwnForm$"))
    expect(field(page, "EmailInput")).to_have_value(EMAIL)
    assert sessions_of(page) == []


def test_s1_8_parameters_reach_inputs_of_the_same_name(
    page: Page, portico: PorticoServer, relay: Relay
) -> None:
    """S1-8: `run({password})` counts for that one request; what is not given comes from the instance."""
    page.goto(f"{portico.url}/{LOBBY}/Code")
    fill(page, within="EmailInput")
    relay.forget()
    button(page, "ByParameters").click()
    alert(page, "Invalid login credentials")
    expect(page.get_by_text("status: 400")).to_be_visible()
    button(page, "ByInputs").click()
    expect(page.get_by_text("status: 200")).to_be_visible()
    forms = [request.form for request in relay.requests("/auth/v1/token")]
    assert forms == [
        {"email": EMAIL, "password": "given to run"},
        {"email": EMAIL, "password": PASSWORD},
    ]


# Publishing, and using it


def test_s1_9_the_package_is_published(tmp_path: Path) -> None:
    """S1-9: into a registry, from which an app takes it; both its modules are shown with what they take."""
    registry = tmp_path / "registry"
    registry.mkdir()
    assert portico_says("package", "publish", PACKAGE, "--to", registry)[0] == 0
    code, said = portico_says("package", "show", "auth-code", "--from", registry)
    assert code == 0, said
    for word in ("sign_in", "Login", "signin", "email", "password"):
        assert word in said
    app = copied(tmp_path, CRM, replaced("app.yaml", "  auth-code: {path: ../packages/auth-code}\n", ""))
    assert portico_says("check", app)[0] == 1
    added = portico_says("package", "add", "auth-code", "--app", app, "--from", registry)
    assert added[0] == 0, added
    assert portico_says("check", app)[0] == 0


def test_s1_10_app_and_package_belong_together(tmp_path: Path) -> None:
    """S1-10: what is not in the app's workspace, a folder or a registry, cannot be used, and is told with
    its place; the script module finds the query module beside it."""
    moved = replaced("app.yaml", "{path: ../packages/auth-code}", "{path: ../elsewhere/auth-code}")
    code, said = portico_says("check", copied(tmp_path, CRM, moved))
    assert code == 1
    assert "app.yaml" in said
    assert "there is no such folder" in said
    assert contract("Login")["modules"] == {"sign_in": {"module": "sign_in"}}


def test_s1_11_a_form_of_the_apps_own(tmp_path: Path) -> None:
    """S1-11: Text and Inputs are the app's, the module is named below `modules` of the page; `portico check`
    finds it sound, and complains when the form lacks what the module is given."""
    page = yaml.safe_load((EXAMPLES / CRM / "pages" / "OwnForm" / "page.yaml").read_text())
    assert page["modules"]["Login1"]["module"] == "auth-code/Login"
    (form,) = [widget for widget in page["widgets"] if widget["type"] == "Form"]
    assert {"Text", "Input", "Button"} <= {widget["type"] for widget in form["widgets"]}
    assert portico_says("check", copied(tmp_path / "good", CRM, lambda _: None))[0] == 0
    renamed = replaced("pages/OwnForm/page.yaml", "- name: EmailInput", "- name: Mail")
    code, said = portico_says("check", copied(tmp_path / "bad", CRM, renamed))
    assert code == 1
    assert "EmailInput" in said


@pytest.mark.parametrize("way", WAYS)
def test_s1_12_three_ways_to_call_it(page: Page, portico: PorticoServer, relay: Relay, way: str) -> None:
    """S1-12: by one object, by position as in the seed's `login(hello@email.com, password@123)`, and by the
    inputs of the instance: each sends the same and signs in."""
    opened(page, portico)
    relay.forget()
    button(page, way).click()
    at_home(page, portico, CRM)
    (request,) = relay.requests("/auth/v1/token")
    assert request.form == {"email": EMAIL, "password": PASSWORD}


def test_s1_13_a_match_leads_on(page: Page, portico: PorticoServer) -> None:
    """S1-13: the button runs the function; only with the right password a new page opens."""
    opened(page, portico, "wrong-password")
    button(page, "ByObject").click()
    alert(page, "Invalid login credentials")
    expect(page).to_have_url(re.compile("/OwnForm$"))
    field(page, "PasswordInput").fill(PASSWORD)
    button(page, "ByObject").click()
    at_home(page, portico, CRM)


def test_s1_14_log_out_leaves_nothing(
    page: Page, portico: PorticoServer, relay: Relay, auth_server: AuthServer
) -> None:
    """S1-14: revoke, `clearStore()`, LoginPage: of all the keys that were stored none is left, and GoTrue's
    session is over: neither its access token nor its refresh token is worth anything."""
    empty = kept(portico.store)
    opened(page, portico)
    relay.forget()
    button(page, "ByObject").click()
    at_home(page, portico, CRM)
    token = relay.token()
    mine = kept(portico.store) - empty
    assert "session" in {table for table, _ in mine}, "the search looks at the store"
    assert status_of(auth_server.url, token) == 200
    button(page, "LogoutButton").click()
    expect(page).to_have_url(re.compile("/LoginPage"))
    assert mine & kept(portico.store) == set()
    assert sessions_of(page) == []
    assert status_of(auth_server.url, token) == 401
    page.goto(f"{portico.url}/{CRM}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))


def test_no_key_of_the_answer_reaches_the_browser(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S1-6: every key is stored, and none of them leaves the server: neither token in answers, addresses,
    cookies or storage."""
    relay.forget()
    with everything(page) as seen:
        opened(page, portico)
        button(page, "ByObject").click()
        at_home(page, portico, CRM)
        page.reload()
        at_home(page, portico, CRM)
        found = seen()
    answer = re.search(r'\{"access_token".*?"refresh_token":\s*"([^"]+)"', relay.answers())
    assert answer is not None
    assert "Example Bakery" in found, "the search looks at what the page showed"
    assert relay.token() not in found
    assert answer[1] not in found


def test_the_module_for_gotrue(page: Page, portico: PorticoServer) -> None:
    """S0-7 and S1-13 for an API that says `access_token`: from the sign-in page, in GoTrue's own words."""
    page.goto(f"{portico.url}/{CRM}/LoginPage")
    page.get_by_role("button", name="Sign in with GoTrue").click()
    expect(page).to_have_url(f"{portico.url}/{CRM}/GoTrueLogin")
    expect(page.get_by_text("Sign in with your GoTrue account.")).to_be_visible()
    button(page, "LoginModule1.loginButton").click()
    alert(page, "Enter both email and password")
    fill(page, password="wrong-password")
    button(page, "LoginModule1.loginButton").click()
    alert(page, "Invalid login credentials")
    field(page, "LoginModule1.passwordInput").fill(PASSWORD)
    button(page, "LoginModule1.loginButton").click()
    at_home(page, portico, CRM)


def test_the_module_for_gotrue_and_an_answer_without_a_token(page: Page, tmp_path: Path) -> None:
    """S0-8, for that module too."""
    with Upstream(plain("200 OK", json.dumps({"token_type": "bearer"}).encode())) as upstream:
        settings = {"AUTH_URL": upstream.url}
        with PorticoServer([FOLDERS[CRM]], folder=tmp_path, settings=settings) as portico:
            page.goto(f"{portico.url}/{CRM}/GoTrueLogin")
            fill(page)
            button(page, "LoginModule1.loginButton").click()
            alert(page, "The sign-in service answered without a token")
            assert sessions_of(page) == []
