"""The auth server's pages in a real browser: the policy lets a form through to the app, and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.authserver.gotrue_flows_calls import PKCE, VERIFIER
from tests.authserver.oidc_calls import ASKED
from tests.browser import chromium
from tests.journeys.servers import AuthServer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def server() -> Iterator[AuthServer]:
    with AuthServer() as server:
        yield server


class App(BaseHTTPRequestHandler):
    """An app of another origin: one page that says nothing."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>App</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), App) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when the policy of a page stops something."""
    context = browser.new_context()
    page = context.new_page()
    stopped: list[str] = []
    page.on("console", lambda message: stopped.append(message.text))
    yield page
    context.close()
    assert not [text for text in stopped if "Content Security Policy" in text]


def authorize(server: AuthServer, app: str, **more: str) -> str:
    """Where an app sends a browser."""
    asked = {"provider": "github", "redirect_to": f"{app}/back", **more}
    return str(httpx.URL(f"{server.url}/auth/v1/authorize", params=asked))


def sign_in(page: Page) -> None:
    """Fill in the provider's page and consent."""
    page.get_by_label("User name at github").fill("nora")
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_role("button", name="Sign in and allow").click()


def test_signing_in_by_a_provider(page: Page, server: AuthServer, app: str) -> None:
    """P89: form, callback and app are one way through, though the app is of another origin."""
    page.goto(authorize(server, app, **PKCE))
    assert page.title() == "Sign in"
    assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
    sign_in(page)
    page.wait_for_url(f"{app}/back?code=*")
    code = httpx.URL(page.url).params["code"]
    answer = httpx.post(
        f"{server.url}/token?grant_type=pkce",
        json={"auth_code": code, "code_verifier": VERIFIER},
        trust_env=False,
    )
    assert answer.json()["user"]["email"] == "nora@example.com"


def test_the_implicit_flow(page: Page, server: AuthServer, app: str) -> None:
    """The tokens are behind the `#`, where the app's own script finds them, and no server sees them."""
    page.goto(authorize(server, app))
    sign_in(page)
    page.wait_for_url(f"{app}/back#access_token=*")


def test_denying(page: Page, server: AuthServer, app: str) -> None:
    """Who denies needs to fill in nothing."""
    page.goto(authorize(server, app, **PKCE))
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{app}/back?error=access_denied*")


def test_a_link_in_the_mailbox(page: Page, server: AuthServer, app: str) -> None:
    """A mail that is read at `/_mails` signs in by a click."""
    form = {"email": "otto@example.com"}
    httpx.post(f"{server.url}/otp", params={"redirect_to": f"{app}/in"}, json=form, trust_env=False)
    page.goto(f"{server.url}/_mails?to=otto@example.com")
    page.get_by_role("link").click()
    page.wait_for_url(f"{app}/in#access_token=*")


def test_an_app_cannot_read_or_press(page: Page, server: AuthServer, app: str) -> None:
    """P20, P23: a page of another origin reads no mail, frames no page and posts no consent."""
    page.goto(app)
    read = "url => fetch(url).then(a => a.text(), () => 'not to be read')"
    assert page.evaluate(read, f"{server.url}/_mails.json") == "not to be read"
    page.set_content(
        f'<form method="post" action="{server.url}/_provider">'
        '<input name="decision" value="allow"><input name="account" value="x">'
        '<input name="email" value="x@example.com"><input name="provider" value="github">'
        "<button>Go</button></form>"
    )
    with page.expect_response(f"{server.url}/_provider") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403


def provider(server: AuthServer, app: str, **changes: str) -> str:
    """Where an app with an OpenID provider sends a browser."""
    asked = {**ASKED, "redirect_uri": f"{app}/back", **changes}
    return str(httpx.URL(f"{server.url}/oidc/authorize", params=asked))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_openid_provider(browser: Browser, server: AuthServer, app: str, scripts: bool) -> None:
    """There, a wrong password, back, and out again, by keyboard alone: the app is of another origin."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(provider(server, app, login_hint="appsmith_user"))
    page.get_by_label("Password").press_sequentially("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    expect(page.get_by_label("Username or e-mail")).to_have_value("appsmith_user")
    page.get_by_label("Password").press_sequentially("appsmith_password")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app}/back?code=*")
    page.goto(provider(server, app))
    page.wait_for_url(f"{app}/back?code=*")
    page.goto(f"{server.url}/oidc/logout?client_id=shop&post_logout_redirect_uri={app}/out")
    page.get_by_role("button", name="Yes, sign out").press("Enter")
    page.wait_for_url(f"{app}/out")
    page.goto(provider(server, app))
    page.get_by_role("button", name="Cancel").press("Enter")
    page.wait_for_url(f"{app}/back?error=access_denied*")
    context.close()


def test_its_pages_are_accessible(page: Page, server: AuthServer, app: str) -> None:
    """axe finds nothing, at both widths: on the form, its refusal, the question and what ends there."""
    axe = (Path(__file__).parents[2] / "build" / "test-assets" / "axe.min.js").read_text()

    def looked_at() -> None:
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate(axe)
            found = page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))")
            assert found == [], (page.title(), width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(provider(server, app, client_id="a-client-with-a-very-long-name-" * 5))
    looked_at()
    page.get_by_label("Username or e-mail").fill("appsmith_user")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    looked_at()
    page.get_by_label("Password").fill("appsmith_password")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{app}/back?code=*")
    page.goto(f"{server.url}/oidc/logout")
    looked_at()
    page.get_by_role("button", name="Yes, sign out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    looked_at()
    page.goto(provider(server, "https://evil.example"))
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at()


def test_a_page_elsewhere_signs_nobody_in(page: Page, server: AuthServer, app: str) -> None:
    """P20: a form of another origin that posts a name and a password, with whatever it knows."""
    page.goto(app)
    page.set_content(
        f'<form method="post" action="{server.url}/oidc/login">'
        '<input name="username" value="appsmith_user"><input name="password" value="appsmith_password">'
        '<input name="decision" value="allow"><input name="form" value="x"><button>Go</button></form>'
    )
    with page.expect_response(f"{server.url}/oidc/login") as answered:
        page.get_by_role("button").click()
    assert answered.value.status == 403
