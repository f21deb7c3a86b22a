"""Sign-in with oidc-provider in Chromium: the pages, what stands in addresses, and a log-out that ends both
sessions."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from portico.cli import new
from tests.backends.oidc_house import CALLBACK, HOME, House, register
from tests.backends.servers import Backend, Credentials
from tests.browser import chromium
from tests.journeys.servers import PorticoServer

pytestmark = pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)

#: What every JWT begins with.
JWT = "eyJ"


@contextmanager
def page_in(browser: Browser, *, scripts: bool = True) -> Iterator[Page]:
    """A page of a new browser, which stays on this machine: the provider's pages ask for a font from
    elsewhere."""
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.route(re.compile(r"^(?!http://(127\.0\.0\.1|localhost)[:/])"), stay_here)
    yield page
    context.close()


def stay_here(route: Route) -> None:
    """Nothing leaves."""
    route.abort()


def sign_in(page: Page, portico: House, user: Credentials) -> None:
    """From the guarded page to the provider, and back to it."""
    page.goto(f"{portico.server.url}{HOME}")
    page.get_by_role("button", name="Sign in").click()
    sign_in_there(page, user)
    page.wait_for_url(f"{portico.server.url}{HOME}")


def test_a_browser(backend: Backend, tmp_path: Path) -> None:
    """With scripts: a button, the provider's pages, the app, its API."""
    user = backend.make_user()
    with House(backend, tmp_path, public=False) as portico, chromium() as browser, page_in(browser) as page:
        sign_in(page, portico, user)
        page.get_by_text(f"user {user.login} {user.email}").wait_for()
        page.get_by_role("button", name="Ask").click()
        page.get_by_text(f"answer {user.login} 200 OK").wait_for()


def test_a_browser_without_scripts(backend: Backend, tmp_path: Path) -> None:
    """The same by forms and links: no form post ends at another origin, which Chromium would stop."""
    user = backend.make_user()
    with (
        House(backend, tmp_path, public=False) as portico,
        chromium() as browser,
        page_in(browser, scripts=False) as page,
    ):
        sign_in(page, portico, user)
        page.get_by_text(f"user {user.login} {user.email}").wait_for()
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{portico.server.url}/hr/Enter")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["same site", "another site"])
@pytest.mark.parametrize("shown", [False, True], ids=["provider", "id_token"])
def test_a_log_out_ends_both_sessions(backend: Backend, tmp_path: Path, shown: bool, host: str) -> None:
    """Also where the provider's cookies, SameSite=Lax, are those of another site; and P60: of all addresses
    and referrers on the way none has a token, but where the app says so, and the code is in the callback's
    alone."""
    more, user = "logout: id_token" if shown else "", backend.make_user()
    with (
        House(backend, tmp_path, public=False, more=more, host=host) as portico,
        chromium() as browser,
        page_in(browser) as page,
    ):
        seen: list[str] = []
        page.on("request", lambda request: seen.extend([request.url, request.headers.get("referer", "")]))
        sign_in(page, portico, user)
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{portico.server.url}/hr/Enter")
        page.goto(f"{portico.server.url}{HOME}")
        page.get_by_role("button", name="Sign in").click()
        page.locator('input[name="login"]').wait_for()
    with_tokens = {found.partition("?")[0] for found in seen if JWT in found}
    assert with_tokens == ({f"{backend.url}/session/end"} if shown else set())
    assert {found.partition("?")[0] for found in seen if "code=" in found} == {
        f"{portico.server.url}{CALLBACK}"
    }


@pytest.mark.parametrize("path", ["/userinfo", "/me"], ids=["as it is", "with its userinfo"])
def test_a_new_app(backend: Backend, tmp_path: Path, path: str) -> None:
    """What `portico new --auth oidc` makes: in, who it is, out. This provider's userinfo is at `/me`; where
    it is looked for elsewhere, the page shows what the sign-in brought."""
    new.create("shop", tmp_path, new.DEFAULT, "oidc")
    query = tmp_path / "shop" / "pages" / "Home" / "queries" / "userinfo.yaml"
    query.write_text(query.read_text().replace("path: /userinfo", f"path: {path}"))
    server = PorticoServer([tmp_path / "shop"], folder=tmp_path)
    client = register(backend, f"{server.url}/shop", public=True)
    server._env |= {"AUTH_URL": backend.url, "AUTH_CLIENT_ID": client["client_id"]}
    user = backend.make_user()
    with server, chromium() as browser, page_in(browser) as page:
        page.goto(f"{server.url}/shop/Home")
        page.get_by_role("button", name="Sign in").click()
        sign_in_there(page, user)
        page.get_by_text(f"Hello, {user.login}").wait_for()
        page.get_by_text(f"email: {user.email}").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{server.url}/shop/Login")
        page.goto(f"{server.url}/shop/Home")
        page.get_by_role("button", name="Sign in").wait_for()


def sign_in_there(page: Page, user: Credentials) -> None:
    """The provider's two forms."""
    page.locator('input[name="login"]').fill(user.login)
    page.locator('input[name="password"]').fill(user.password)
    page.locator("button[type=submit]").click()
    page.locator('input[name="prompt"][value="consent"]').wait_for(state="attached")
    page.locator("button[type=submit]").click()
