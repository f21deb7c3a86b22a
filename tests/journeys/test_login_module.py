"""Seed S0 in a real browser: a login built once, as a UI module of a package (rows S0-1 to S0-19)."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from portico.definition.load import load
from portico.testing.serving import free_port
from portico.ui.widgets import CATALOGUE
from tests.journeys.canaries import ANSWERED
from tests.journeys.logins import (
    CRM,
    EMAIL,
    FOLDERS,
    HR,
    LOBBY,
    ROWS,
    alert,
    at_home,
    button,
    copied,
    everything,
    field,
    fill,
    kept,
    log_in,
    portico_says,
    replaced,
    sessions_of,
    shown,
)
from tests.journeys.relay import Relay, status_of
from tests.journeys.servers import EXAMPLES, PASSWORD, USERNAME, AuthServer, PorticoServer
from tests.journeys.upstream import Answer, Upstream, plain

LOGIN = EXAMPLES / "packages" / "login" / "modules" / "Login"
BRANDS = {HR: ("HR Portal", "rgb(124, 58, 237)"), CRM: ("CRM Dashboard", "rgb(3, 105, 161)")}

#: As the seed writes them.
BODY = """\
{
  "email": {{emailInput.text}},
  "password": {{passwordInput.text}}
}
"""
SCRIPT = """\
export default {
  async loginUser() {
    // Validate that both email and password fields are filled
    if (!emailInput.text || !passwordInput.text) {
      showAlert("Enter both email and password", "error");
      return { token: "", isLoggedIn: false };
    }

    try {
      // Call the login API query with the user-provided credentials
      const response = await login.run({
        email: emailInput.text,
        password: passwordInput.text
      });

      // If the API returns a token, store it and navigate to the Home page
      if (response.token) {
        await storeValue("access_token", response.token); // Store token for app-wide access
        navigateTo("Home"); // Redirect user after successful login
        return { token: response.token, isLoggedIn: true }; // Return token and status to be used as module outputs
      } else {
        showAlert("Login failed", "error");
        return { token: "", isLoggedIn: false };
      }
    } catch (e) {
      // Handle any API or network errors
      showAlert("Invalid credentials", "error");
      return { token: "", isLoggedIn: false };
    }
  }
};
"""  # noqa: E501


@pytest.fixture(scope="module")
def relay(auth_server: AuthServer) -> Iterator[Relay]:
    """What Portico and the auth server say to each other."""
    with Relay(auth_server.url) as between:
        yield between


@pytest.fixture(scope="module")
def portico(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Both examples, and an app that uses modules in further ways."""
    folder = tmp_path_factory.mktemp("logins")
    with PorticoServer(list(FOLDERS.values()), folder=folder, settings={"AUTH_URL": relay.url}) as server:
        yield server


Behind = Callable[[str], PorticoServer]


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    """Starts a Portico of its own whose API is at the given address."""
    with ExitStack() as running:
        yield lambda url: running.enter_context(
            PorticoServer([FOLDERS[HR]], folder=tmp_path, settings={"AUTH_URL": url})
        )


def brand(page: Page, module: str = "LoginModule1") -> str:
    """The name that a module shows."""
    return shown(page, f"{module}.brandName").inner_text().strip()


# What the package holds


def test_s0_1_one_module_serves_both_apps(page: Page, portico: PorticoServer) -> None:
    """S0-1: HR Portal and CRM Dashboard side by side, each with its own name, logo and colour, from one
    folder with one module."""
    other = page.context.new_page()
    pictures = set()
    for tab, app in ((page, HR), (other, CRM)):
        tab.goto(f"{portico.url}/{app}/LoginPage")
        name, colour = BRANDS[app]
        assert brand(tab) == name
        logo = shown(tab, "LoginModule1.brandLogo").locator("img")
        expect(logo).to_be_visible()
        assert logo.get_attribute("src") == f"/{app}/_files/logo.svg"
        expect(logo).to_have_js_property("complete", value=True)
        assert logo.evaluate("(img) => img.naturalWidth") > 0
        pictures.add(httpx.get(f"{portico.url}/{app}/_files/logo.svg", trust_env=False).content)
        expect(button(tab, "LoginModule1.loginButton")).to_have_css("background-color", colour)
        assert tab.title().startswith("Sign in")
    assert len(pictures) == 2
    for app in (HR, CRM):
        assert "path: ../packages/login" in (EXAMPLES / app / "app.yaml").read_text()
        assert not list((EXAMPLES / app).rglob("authUtils*"))


def test_s0_2_the_modules_widgets(page: Page, portico: PorticoServer) -> None:
    """S0-2: two Inputs of which one is masked, a Button, a Text and an Image, by the seed's names."""
    page.goto(f"{portico.url}/{HR}/LoginPage")
    assert field(page, "LoginModule1.emailInput").get_attribute("type") == "email"
    assert field(page, "LoginModule1.passwordInput").get_attribute("type") == "password"
    expect(button(page, "LoginModule1.loginButton")).to_have_text("Log in")
    assert brand(page) == "HR Portal"
    expect(shown(page, "LoginModule1.brandLogo").locator("img")).to_be_visible()


@pytest.mark.parametrize(
    "password", [PASSWORD, 'a "quoted" one', "back\\slash {{1 + 1}}", "päss 🔑 </script>", "null"]
)
def test_s0_3_credentials_reach_the_api_as_json(
    page: Page, portico: PorticoServer, relay: Relay, password: str
) -> None:
    """S0-3: the seed's body, whose bindings stand without quotes, becomes JSON whatever is typed; the names
    in it are the module's own."""
    query = (LOGIN / "queries" / "login.yaml").read_text()
    assert (
        "".join(line.removeprefix("  ") for line in query.partition("body: |\n")[2].splitlines(True)) == BODY
    )
    assert "method: POST\npath: /auth/v1/token?grant_type=password\n" in query
    relay.forget()
    log_in(page, portico, HR, password)
    if password == PASSWORD:
        at_home(page, portico, HR)
    else:
        alert(page, "Invalid credentials")
    (request,) = relay.requests("/auth/v1/token")
    assert request.line.startswith("POST /plain/auth/v1/token?grant_type=password ")
    assert request.form == {"email": EMAIL, "password": password}


def test_s0_4_the_script_stands_as_in_the_seed() -> None:
    """S0-4: word for word, and under the name that the seed's step 6 uses."""
    assert (LOGIN / "scripts" / "authUtils.js").read_text() == SCRIPT


# What loginUser does


@pytest.mark.parametrize(("email", "password"), [("", ""), (EMAIL, ""), ("", PASSWORD)])
def test_s0_5_empty_fields_are_told_without_a_call(
    page: Page, portico: PorticoServer, relay: Relay, email: str, password: str
) -> None:
    """S0-5: the seed's words, and nothing is sent."""
    page.goto(f"{portico.url}/{HR}/LoginPage")
    fill(page, email, password)
    relay.forget()
    button(page, "LoginModule1.loginButton").click()
    alert(page, "Enter both email and password")
    assert relay.requests("/") == []
    assert sessions_of(page) == []


def test_s0_6_run_resolves_to_the_body(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S0-6: `login.run({…})` brings the body, whose `token` is what the app then sends."""
    relay.forget()
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    token = relay.token()
    asked = relay.requests("/plain/auth/v1/user")
    assert {request.headers["authorization"] for request in asked} == {f"Bearer {token}"}


@pytest.mark.parametrize("app", [HR, CRM])
def test_s0_7_success_stores_and_leads_home(page: Page, portico: PorticoServer, app: str) -> None:
    """S0-7: the right password ends on Home of the app, signed in, with its greeting and its rows."""
    page.goto(f"{portico.url}/{app}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))
    log_in(page, portico, app)
    at_home(page, portico, app)
    assert len(sessions_of(page)) == 1


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"jwt": "x"}, {"user": {"token": "x"}}])
def test_s0_8_an_answer_without_a_token(page: Page, behind: Behind, body: object) -> None:
    """S0-8: a 2xx whose body has no token signs nobody in."""
    with Upstream(plain("200 OK", json.dumps(body).encode())) as upstream:
        log_in(page, behind(upstream.url), HR)
        alert(page, "Login failed")
        expect(page).to_have_url(re.compile("/LoginPage$"))
        assert sessions_of(page) == []


def test_s0_9_a_wrong_password(page: Page, portico: PorticoServer) -> None:
    """S0-9: the API answers 401, `run` rejects; what was typed stays, and the right one gets in."""
    log_in(page, portico, HR, "wrong-password")
    alert(page, "Invalid credentials")
    expect(field(page, "LoginModule1.emailInput")).to_have_value(EMAIL)
    assert sessions_of(page) == []
    field(page, "LoginModule1.passwordInput").fill(PASSWORD)
    button(page, "LoginModule1.loginButton").click()
    at_home(page, portico, HR)
    expect(page.get_by_text("Invalid credentials")).to_have_count(0)


BAD: dict[str, Answer] = {
    "error": plain("500 Oops", b'{"message": "db password is hunter2"}'),
    "dropped": lambda connection: None,
    "no-http": lambda connection: connection.sendall(b"SSH-2.0-hello\r\n"),
}


@pytest.mark.parametrize("kind", ["down", *BAD])
def test_s0_9_an_api_that_is_down_or_broken(page: Page, behind: Behind, kind: str) -> None:
    """S0-9: any error of the API or the network is told in the seed's words, and nothing of it shows."""
    if kind == "down":
        log_in(page, behind(f"http://127.0.0.1:{free_port()}"), HR)
        alert(page, "Invalid credentials")
        return
    with Upstream(BAD[kind]) as upstream:
        log_in(page, behind(upstream.url), HR)
        alert(page, "Invalid credentials")
        assert "hunter2" not in page.content()


def test_a_made_up_token_signs_nobody_in(page: Page, behind: Behind) -> None:
    """`response.token` alone is no sign-in until the API itself accepts it."""
    with Upstream(plain("200 OK", b'{"token": "made-up"}')) as upstream:
        refused = plain("401 Unauthorized", b'{"message": "no such token"}')

        def by_path(connection: object) -> None:
            about = upstream.requests[-1]
            (refused if b"/auth/v1/user" in about else plain("200 OK", b'{"token": "made-up"}'))(connection)  # type: ignore[arg-type]

        upstream.answer = by_path
        portico = behind(upstream.url)
        log_in(page, portico, HR)
        expect(page.get_by_role("alert").locator(".alert")).to_have_count(1)
        assert sessions_of(page) == []
        page.goto(f"{portico.url}/{HR}/Home")
        expect(page).to_have_url(re.compile(r"/LoginPage\?next="))


# What is kept, and where


def test_s0_10_the_token_is_the_apps_and_lasts(page: Page, behind: Behind, relay: Relay) -> None:
    """S0-10: stored once, it is there on every page of the app, after a reload, and after a restart."""
    portico = behind(relay.url)
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    page.reload()
    at_home(page, portico, HR)
    portico.restart()
    other = page.context.new_page()
    other.goto(f"{portico.url}/{HR}/Home")
    at_home(other, portico, HR)


def test_s0_10_it_is_no_other_apps(page: Page, portico: PorticoServer) -> None:
    """One module, but each app has a store of its own."""
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    page.goto(f"{portico.url}/{CRM}/Home")
    expect(page).to_have_url(re.compile(rf"/{CRM}/LoginPage\?next="))
    assert ROWS[CRM] not in page.content()


def test_s0_11_later_calls_use_the_stored_token(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S0-11: the rows come with it; once it was revoked elsewhere there are none, and the API says why."""
    relay.forget()
    log_in(page, portico, CRM)
    at_home(page, portico, CRM)
    token = relay.token()
    (asked,) = relay.requests("/plain/customers")
    assert asked.headers["authorization"] == f"Bearer {token}"
    bearer = {"Authorization": f"Bearer {token}"}
    revoked = httpx.post(f"{relay.url}/plain/auth/v1/revoke", headers=bearer, trust_env=False)
    assert revoked.status_code == 204
    page.reload()
    expect(page.get_by_text("The token is not valid, has expired or was revoked")).to_be_visible()
    expect(page.get_by_text(ROWS[CRM], exact=True)).to_have_count(0)


def test_s0_12_framework_functions_act_on_the_app(page: Page, portico: PorticoServer) -> None:
    """S0-12: `storeValue`, `navigateTo` and `showAlert` in the module's code are those of the app around it:
    of whichever app, and of one that has a Home of another kind."""
    for app in (HR, CRM):
        log_in(page, portico, app)
        at_home(page, portico, app)
    page.goto(f"{portico.url}/{LOBBY}/Two")
    fill(page)
    button(page, "LoginModule1.loginButton").click()
    expect(page).to_have_url(f"{portico.url}/{LOBBY}/Home")
    expect(page.get_by_text("kept: access_token")).to_be_visible()


@pytest.mark.parametrize("how", ["click", "enter"])
def test_s0_13_the_button_runs_login_user(page: Page, portico: PorticoServer, how: str) -> None:
    """S0-13: by `onClick`, and by the key that sends a form."""
    page.goto(f"{portico.url}/{HR}/LoginPage")
    fill(page)
    if how == "click":
        button(page, "LoginModule1.loginButton").click()
    else:
        field(page, "LoginModule1.passwordInput").press("Enter")
    at_home(page, portico, HR)


# Inputs, outputs, instances


def test_s0_14_an_input_follows_its_binding(page: Page, portico: PorticoServer) -> None:
    """S0-14: `appName` and `logoUrl` change with what they are bound to, in the same document; what was typed
    into the module stays."""
    page.goto(f"{portico.url}/{LOBBY}/Two")
    page.evaluate("window.mark = 'the same document'")
    fill(page)
    name = shown(page, "LoginModule1.brandName")
    expect(name).to_have_text("First")
    expect(shown(page, "LoginModule1.brandLogo").locator("img")).to_have_count(0)
    field(page, "NameInput").fill("Pictured")
    expect(name).to_have_text("Pictured")
    expect(shown(page, "LoginModule1.brandLogo").locator("img")).to_have_attribute(
        "src", f"/{LOBBY}/_files/logo.svg"
    )
    expect(shown(page, "LoginModule2.brandName")).to_have_text("Second")
    expect(field(page, "LoginModule1.emailInput")).to_have_value(EMAIL)
    assert page.evaluate("window.mark") == "the same document"


def test_s0_14_an_input_left_out_has_its_default(page: Page, portico: PorticoServer) -> None:
    """Nothing of the module is written in the app to change it, and the second has no logo."""
    text = (EXAMPLES / HR / "pages" / "LoginPage" / "page.yaml").read_text()
    assert "inputs:\n      appName: HR Portal\n      logoUrl: logo.svg\n" in text
    module = (LOGIN / "module.yaml").read_text()
    assert 'text: "{{ inputs.appName }}"' in module
    assert 'image: "{{ inputs.logoUrl }}"' in module
    page.goto(f"{portico.url}/{LOBBY}/Two")
    expect(shown(page, "LoginModule2.brandLogo").locator("img")).to_have_count(0)


def test_s0_15_the_output_is_the_last_result(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S0-15: `{{ authUtils.loginUser.data.token }}`, empty until somebody signs in. Reading it does not run
    `loginUser` when the page opens: no call, and no alert."""
    assert '"{{ authUtils.loginUser.data.token }}"' in (LOGIN / "module.yaml").read_text()
    relay.forget()
    page.goto(f"{portico.url}/{LOBBY}/Two")
    expect(page.locator("html.js")).to_have_count(1)
    expect(page.get_by_text("first: has none")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".alert")).to_have_count(0)
    assert relay.requests("/") == []


def test_s0_15_both_ways_to_read_an_output(page: Page, portico: PorticoServer) -> None:
    """`LoginModule1.outputs.token` and `LoginModule1.token` are the same."""
    page.goto(f"{portico.url}/{LOBBY}/Shows")
    fill(page)
    button(page, "LoginModule1.askButton").click()
    expect(page.get_by_text("Somebody is here")).to_be_visible()
    expect(page.get_by_text("both ways to read it agree: true")).to_be_visible()


def problems(app: Path) -> list[str]:
    """What a check says of an app."""
    result = load(app, types=CATALOGUE, settings={})
    return [problem.as_text() for problem in result.problems]


def test_s0_16_publishing_makes_the_module_available(tmp_path: Path) -> None:
    """S0-16: the app gets its own copy of a version, pinned by its hash; a change of the module reaches it
    by a new version and an upgrade, and not before."""
    listed = "packages:\n  login:\n    path: ../packages/login\n    datasources: {auth_api: company_api}\n"
    app = copied(tmp_path, HR, replaced("app.yaml", listed, ""))
    package, registry = tmp_path / "packages" / "login", tmp_path / "registry"
    registry.mkdir()
    assert portico_says("check", app)[0] == 1, "without the package the app does not run"
    assert portico_says("package", "publish", package, "--to", registry)[0] == 0
    bound = ("--datasource", "auth_api=company_api")
    added = portico_says("package", "add", "login@^1.0", "--app", app, "--from", registry, *bound)
    assert added[0] == 0, added
    assert portico_says("check", app)[0] == 0
    ours, theirs = (
        folder / "modules" / "Login" / "scripts" / "authUtils.js"
        for folder in (app / "packages" / "login", package)
    )
    theirs.write_text(SCRIPT.replace("Invalid credentials", "Try again"))
    again = portico_says("package", "publish", package, "--to", registry)
    assert again[0] == 1
    assert "1.0.0" in again[1]
    manifest = package / "package.yaml"
    manifest.write_text(manifest.read_text().replace("version: 1.0.0", "version: 1.0.1"))
    assert portico_says("package", "publish", package, "--to", registry)[0] == 0
    assert ours.read_text() == SCRIPT
    assert portico_says("package", "upgrade", "--app", app)[0] == 0
    assert "Try again" in ours.read_text()
    assert portico_says("check", app)[0] == 0
    ours.write_text(SCRIPT)
    changed = portico_says("check", app)
    assert changed[0] == 1
    assert "its hash is another" in changed[1]


def test_s0_17_a_module_is_put_on_a_page_by_five_lines(tmp_path: Path) -> None:
    """S0-17: an instance with a name of its own, and its inputs; what is wrong is told with its place."""
    page = "pages/LoginPage/page.yaml"
    assert problems(copied(tmp_path / "good", HR, lambda _: None)) == []
    for old, new, expected in (
        ("module: login/Login", "module: login/Logon", "Logon"),
        ("appName: HR Portal", "apName: HR Portal", "apName"),
        ("appName: HR Portal", "appName: [HR, Portal]", "appName"),
    ):
        (found,) = problems(copied(tmp_path / new.replace("/", ""), HR, replaced(page, old, new)))
        assert page in found
        assert expected in found


def test_s0_17_several_instances_on_one_page(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S0-17: LoginModule1 and LoginModule2 have fields, queries and results of their own."""
    page.goto(f"{portico.url}/{LOBBY}/Two")
    assert (brand(page), brand(page, "LoginModule2")) == ("First", "Second")
    fill(page, "somebody@example.com", "else entirely")
    relay.forget()
    button(page, "LoginModule2.loginButton").click()
    alert(page, "Enter both email and password")
    assert relay.requests("/") == []
    fill(page, within="LoginModule2.emailInput")
    button(page, "LoginModule2.loginButton").click()
    expect(page).to_have_url(f"{portico.url}/{LOBBY}/Home")
    assert [request.form["email"] for request in relay.requests("/auth/v1/token")] == [EMAIL]


def test_s0_18_the_parent_redirects_by_the_output(page: Page, portico: PorticoServer) -> None:
    """S0-18: `onOutputChange` stores what a module that neither stores nor navigates gives, and leads on."""
    page.goto(f"{portico.url}/{LOBBY}/Redirect")
    fill(page, password="wrong-password")
    button(page, "LoginModule1.askButton").click()
    alert(page, "Wrong e-mail address or password.")
    expect(page).to_have_url(re.compile("/Redirect$"))
    fill(page)
    button(page, "LoginModule1.askButton").click()
    expect(page).to_have_url(f"{portico.url}/{LOBBY}/Home")
    expect(page.get_by_text(f"Hello {USERNAME}")).to_be_visible()


def test_s0_18_the_parent_shows_and_asks_by_the_output(
    page: Page, portico: PorticoServer, relay: Relay
) -> None:
    """S0-18: `isVisible` follows the output without a reload, and a query of the page is authorized by it;
    the token itself stays on the server, and nobody is signed in by it."""
    with everything(page) as seen:
        page.goto(f"{portico.url}/{LOBBY}/Shows")
        expect(page.get_by_text("Nobody is here yet")).to_be_visible()
        expect(page.get_by_text("Somebody is here")).to_have_count(0)
        fill(page)
        relay.forget()
        button(page, "LoginModule1.askButton").click()
        expect(page.get_by_text("Somebody is here")).to_be_visible()
        expect(page.get_by_text("Nobody is here yet")).to_have_count(0)
        button(page, "AskEmployees").click()
        expect(page.get_by_text("rows: 12")).to_be_visible()
        (asked,) = relay.requests("/plain/employees")
        assert asked.headers["authorization"] == f"Bearer {relay.token()}"
        assert relay.token() not in seen()
    page.goto(f"{portico.url}/{LOBBY}/Home")
    expect(page).to_have_url(re.compile(r"/Two\?next="))


# Log-out


def log_out(page: Page) -> None:
    """The button of both homes."""
    button(page, "LogoutButton").click()
    expect(page).to_have_url(re.compile("/LoginPage"))


@pytest.mark.parametrize("app", [HR, CRM])
def test_s0_19_log_out_leaves_nothing(
    page: Page, portico: PorticoServer, relay: Relay, auth_server: AuthServer, app: str
) -> None:
    """S0-19: revoke, `clearStore()`, LoginPage: no record of the session or its pages is left, no cookie,
    and the API takes the token no more."""
    assert "/auth/v1/revoke" in (EXAMPLES / app / "pages" / "Home" / "queries" / "revoke.yaml").read_text()
    empty = kept(portico.store)
    relay.forget()
    log_in(page, portico, app)
    at_home(page, portico, app)
    field(page, f"{'Employees' if app == HR else 'Customers'}:search").fill(ROWS[app])
    expect(page.get_by_role("row")).to_have_count(2)
    mine = kept(portico.store) - empty
    assert {table for table, _ in mine} == {"session", "filed", "visit"}, "the search looks at the store"
    token = relay.token()
    assert status_of(auth_server.url, token) == 200

    log_out(page)
    assert mine & kept(portico.store) == set()
    assert sessions_of(page) == []
    assert status_of(auth_server.url, token) == 401
    page.goto(f"{portico.url}/{app}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))
    assert ROWS[app] not in page.content()


def test_s0_19_other_sign_ins_live_on(page: Page, chromium: Browser, portico: PorticoServer) -> None:
    """A log-out ends this session, not that of the same user elsewhere."""
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    log_in(other, portico, HR)
    at_home(other, portico, HR)
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    log_out(page)
    other.reload()
    at_home(other, portico, HR)
    elsewhere.close()


def test_s0_19_back_shows_nothing(page: Page, portico: PorticoServer) -> None:
    """Neither in the tab that logged out nor in one that stood elsewhere meanwhile."""
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    waiting = page.context.new_page()
    waiting.goto(f"{portico.url}/{HR}/Home")
    at_home(waiting, portico, HR)
    waiting.goto(f"{portico.url}/")
    log_out(page)
    for tab in (page, waiting):
        tab.go_back(wait_until="commit")
        expect(tab).to_have_url(re.compile("/LoginPage"))
        expect(tab.get_by_text(ROWS[HR])).to_have_count(0)
        expect(tab.get_by_text(f"Hello {USERNAME}")).to_have_count(0)


def test_s0_19_log_out_while_the_api_is_down(page: Page, auth_server: AuthServer, behind: Behind) -> None:
    """The user is signed out here all the same, and is told that the token lives on there."""
    with Relay(auth_server.url) as between:
        portico = behind(between.url)
        log_in(page, portico, HR)
        at_home(page, portico, HR)
        between.cut()
        button(page, "LogoutButton").click()
        expect(page).to_have_url(re.compile("/LoginPage"))
        alert(page, "You are signed out here, but the API was not told")
    assert sessions_of(page) == []
    page.goto(f"{portico.url}/{HR}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))


# Promises


def test_the_token_reaches_nothing_in_the_browser(page: Page, portico: PorticoServer, relay: Relay) -> None:
    """S0-10, promises 58 and 60: the token that is the module's output is in no answer, address, cookie or
    storage; neither is the password in what is answered."""
    relay.forget()
    with everything(page) as seen:
        log_in(page, portico, HR)
        at_home(page, portico, HR)
        page.reload()
        at_home(page, portico, HR)
        found = seen()
    assert ROWS[HR] in found, "the search looks at what the page showed"
    assert relay.token() not in found
    assert "eyJ" not in found
    assert PASSWORD not in found.replace(f"{EMAIL} and {PASSWORD}", "")


def test_control_a_token_that_is_shown_is_found(page: Page, relay: Relay, tmp_path: Path) -> None:
    """The search above finds a token that an app puts on its page, where no sealing keeps it from it."""
    show = replaced(
        "pages/Home/page.yaml", "Hello {{ auth.user.name }}", "Hello {{ appsmith.store.access_token }}"
    )
    app = copied(tmp_path, HR, show)
    relay.forget()
    settings = {"AUTH_URL": relay.url}
    open_ = "import portico.auth.sealing as sealing\nsealing.Vault.seal = lambda vault, token: token\n"
    tells = {ANSWERED: "nothing is sealed"}
    server = PorticoServer([app], folder=tmp_path, settings=settings, broken=open_, tells=tells)
    with server as portico, everything(page) as seen:
        log_in(page, portico, HR)
        expect(page).to_have_url(f"{portico.url}/{HR}/Home")
        expect(page.get_by_text(ROWS[HR], exact=True)).to_be_visible()
        found = seen()
    assert relay.token() in found


def leaks(url: str, app: str) -> list[str]:
    """What a visitor who is not signed in gets of Home, by every way of asking."""
    with httpx.Client(base_url=url, trust_env=False, follow_redirects=True) as client:
        origin = {"Origin": url}
        event = {"visit": "v" * 22, "n": 1, "widget": None, "event": "load", "values": {}}
        click = event | {"widget": "LogoutButton", "event": "onClick"}
        answers = [
            client.get(f"/{app}/Home"),
            client.post(f"/{app}/Home", json=event, headers={"Portico-Event": "1", **origin}),
            client.post(f"/{app}/Home", json=click, headers={"Portico-Event": "1", **origin}),
            client.post(f"/{app}/Home", data={"portico.event": "load"}, headers=origin),
        ]
        return [
            hop.text for answer in answers for hop in (*answer.history, answer) if "LogoutButton" in hop.text
        ]


@pytest.mark.parametrize("app", [HR, CRM])
def test_home_is_guarded(portico: PorticoServer, relay: Relay, app: str) -> None:
    """Nothing of Home leaves the server without a sign-in, and the API is not even asked."""
    relay.forget()
    assert leaks(portico.url, app) == []
    assert relay.requests("/plain/") == []


def test_control_without_the_guard_home_leaks(tmp_path: Path, relay: Relay) -> None:
    """The test above notices a server whose guard lets everybody in."""
    broken = (
        "from portico.auth import guard\nfrom portico.model.access import Public\ndecide = guard.decide\n"
        "guard.decide = lambda access, identity, **more: decide(Public(), identity, **more)"
    )
    settings = {"AUTH_URL": relay.url}
    with PorticoServer([FOLDERS[HR]], folder=tmp_path, settings=settings, broken=broken) as portico:
        assert leaks(portico.url, HR) != []


def test_control_a_log_out_that_revokes_nothing_is_found_out(
    page: Page, relay: Relay, auth_server: AuthServer, tmp_path: Path
) -> None:
    """The test of log-out notices an app that only forgets the token."""
    app = copied(tmp_path, HR, replaced("pages/Home/page.yaml", "revoke.run()", "Promise.resolve()"))
    server = PorticoServer([app], folder=tmp_path, settings={"AUTH_URL": relay.url})
    with server as portico, pytest.raises(AssertionError, match="200 == 401"):
        test_s0_19_log_out_leaves_nothing(page, portico, relay, auth_server, HR)


def test_control_a_session_that_stays_is_found_out(
    page: Page, relay: Relay, auth_server: AuthServer, tmp_path: Path
) -> None:
    """The test of log-out notices a server that keeps the session's record."""
    broken = (
        "from portico.stores.sqlite import SQLiteSessionStore\n"
        "async def nothing(*_, **__): pass\n"
        "SQLiteSessionStore.delete = nothing"
    )
    settings = {"AUTH_URL": relay.url}
    server = PorticoServer([FOLDERS[HR]], folder=tmp_path, settings=settings, broken=broken)
    with server as portico, pytest.raises(AssertionError, match="session"):
        test_s0_19_log_out_leaves_nothing(page, portico, relay, auth_server, HR)


# Without scripts in the browser


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_same_journey_without_scripts(scriptless: Page, portico: PorticoServer) -> None:
    """S0-5, S0-7, S0-9 and S0-19 by plain forms: empty fields, a wrong password, Enter, log-out."""
    page = scriptless
    page.goto(f"{portico.url}/{HR}/LoginPage")
    button(page, "LoginModule1.loginButton").click()
    alert(page, "Enter both email and password")
    log_in(page, portico, HR, "wrong-password")
    alert(page, "Invalid credentials")
    expect(field(page, "LoginModule1.emailInput")).to_have_value(EMAIL)
    field(page, "LoginModule1.passwordInput").fill(PASSWORD)
    field(page, "LoginModule1.passwordInput").press("Enter")
    at_home(page, portico, HR)
    log_out(page)
    page.goto(f"{portico.url}/{HR}/Home")
    expect(page).to_have_url(re.compile(r"/LoginPage\?next="))
    assert ROWS[HR] not in page.content()
