"""The auth server's pages in a real browser: the policy lets a form through to the app, and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.authserver.gotrue_flows_calls import PKCE, VERIFIER
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
