"""The way of a newcomer: make an app, serve it while it is built, sign in, change it, sign out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portico.cli import new
from portico.testing.serving import free_port
from tests.journeys.servers import PASSWORD, USERNAME, DevServer


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevServer]:
    """What `portico new` made, under `portico dev --auth-server`."""
    new.create("first-app", tmp_path, new.DEFAULT)
    monkeypatch.chdir(tmp_path)
    options = ("--auth-server", "--auth-port", str(free_port()))
    tells = {"portico.stdout": "the demo's credentials, for whoever tries it out"}
    with DevServer([Path("first-app")], *options, folder=tmp_path, tells=tells) as running:
        yield running


@pytest.mark.parametrize("width", [1280, 375])
def test_a_new_app_signs_in_and_out(server: DevServer, chromium: Browser, tmp_path: Path, width: int) -> None:
    """A refusal in the API's words, the greeting with data of the API, a change, and nothing left behind."""
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{server.url}/first-app/")
    expect(page).to_have_title("Sign in · First App")
    sign_in(page, "wrong-password")
    expect(page.get_by_role("alert").get_by_text("Invalid identifier or password")).to_be_visible()
    sign_in(page, PASSWORD)
    expect(page).to_have_url(f"{server.url}/first-app/Home")
    expect(page.get_by_text(f"Hello, {USERNAME}")).to_be_visible()
    expect(page.get_by_text(f"E-mail: {USERNAME}@example.com")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Member since: \w{3} \w{3} \d\d \d{4}"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_text("This is up to date.")).to_be_visible()

    home = tmp_path / "first-app/pages/Home/page.yaml"
    home.write_text(home.read_text().replace("Hello, ", "Good to see you, "))
    expect(page.get_by_text(f"Good to see you, {USERNAME}")).to_be_visible()
    page.get_by_role("button", name="Portico dev").click()
    errors = page.locator("portico-dev").get_by_role("tabpanel")
    expect(errors, "the page says itself what a refusal means").to_contain_text("No errors")
    page.get_by_role("tab", name="Queries").click()
    queries = page.locator("portico-dev").get_by_role("tabpanel")
    for words in ("logIn", "me", "getProfile", "200 OK", "400 Bad Request"):
        expect(queries).to_contain_text(words)
    shown = str(page.locator("portico-dev").evaluate("(it) => it.shadowRoot.innerHTML"))
    assert PASSWORD not in shown
    assert "eyJ" not in shown
    page.get_by_role("button", name="Close").click()

    server.restart()
    page.reload()
    expect(page.get_by_text(f"E-mail: {USERNAME}@example.com")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/first-app/Login$"))
    page.goto(f"{server.url}/first-app/Home")
    expect(page).to_have_url(re.compile("/first-app/Login"))
    page.close()


def sign_in(page: Page, password: str) -> None:
    """Fill in the form and press its button."""
    page.get_by_label("Username or e-mail").fill(USERNAME)
    page.locator("[id='c.PasswordInput']").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def provider_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevServer]:
    """What `portico new --auth oidc` made, beside an app of another preset: one auth server for both."""
    new.create("first-app", tmp_path, new.DEFAULT, "oidc")
    new.create("other-app", tmp_path, new.DEFAULT, "strapi")
    monkeypatch.chdir(tmp_path)
    options = ("--auth-server", "--auth-port", str(free_port()))
    tells = {"portico.stdout": "the demo's credentials, for whoever tries it out"}
    with DevServer([Path("first-app"), Path("other-app")], *options, folder=tmp_path, tells=tells) as running:
        yield running


def test_a_new_app_with_a_provider_signs_in_and_out(provider_server: DevServer, chromium: Browser) -> None:
    """There and back: no line of its own about the provider, and nothing to register."""
    url = provider_server.url
    page = chromium.new_page()
    page.goto(f"{url}/first-app/Home")
    expect(page).to_have_url(re.compile("/first-app/Login"))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("To go on to first-app.")).to_be_visible()
    page.get_by_label("Username or e-mail").fill(USERNAME)
    page.get_by_label("Password").fill("wrong-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{url}/first-app/Home")
    expect(page.get_by_text(f"Hello, {USERNAME}")).to_be_visible()
    expect(page.get_by_text(f"email: {USERNAME}@example.com")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign out").click()
    expect(page).to_have_url(f"{url}/first-app/Login")
    page.goto(f"{url}/first-app/Home")
    expect(page).to_have_url(re.compile("/first-app/Login"))

    page.goto(f"{url}/other-app/")
    page.get_by_label("Username or e-mail").fill(USERNAME)
    page.locator("[id='c.PasswordInput']").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"Hello, {USERNAME}")).to_be_visible()
    page.close()


@pytest.fixture
def preset_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevServer]:
    """What `portico new --auth supabase` made, under `portico dev --auth-server`."""
    new.create("first-app", tmp_path, new.DEFAULT, "supabase")
    monkeypatch.chdir(tmp_path)
    options = ("--auth-server", "--auth-port", str(free_port()))
    tells = {"portico.stdout": "the demo's credentials, for whoever tries it out"}
    with DevServer([Path("first-app")], *options, folder=tmp_path, tells=tells) as running:
        yield running


def test_a_new_app_with_a_preset_signs_up_in_and_out(preset_server: DevServer, chromium: Browser) -> None:
    """Its three pages, without a line of its own about the API; no token in any of them."""
    url = f"{preset_server.url}/first-app"
    page = chromium.new_page()
    seen: list[str] = []
    page.on("response", lambda response: seen.append(str(response.all_headers())))
    page.goto(f"{url}/Home")
    expect(page).to_have_url(re.compile("/first-app/Login"))
    page.get_by_label("E-mail").fill(f"{USERNAME}@example.com")
    page.locator("[id='c.PasswordInput']").fill("wrong-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").get_by_text("Invalid login credentials")).to_be_visible()
    page.locator("[id='c.PasswordInput']").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"Hello, {USERNAME}@example.com")).to_be_visible()
    expect(page.get_by_text(f"email: {USERNAME}@example.com")).to_be_visible()
    seen.append(page.content())
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{url}/Login")

    page.get_by_role("button", name="Make an account").click()
    expect(page).to_have_title("Sign up · First App")
    page.get_by_label("E-mail").fill("newcomer@example.com")
    page.locator("[id='c.PasswordInput']").fill("a long sentence")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("Hello, newcomer@example.com")).to_be_visible()
    seen.append(page.content())
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{url}/Login")
    page.goto(f"{url}/Home")
    expect(page).to_have_url(re.compile("/first-app/Login"))
    assert "newcomer@example.com" in "".join(seen), "the search looks at what the pages showed"
    assert "eyJ" not in "".join(seen)
    page.close()
