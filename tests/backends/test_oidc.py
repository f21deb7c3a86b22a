"""Portico signs users in with oidc-provider: the whole stay, and what attackers and browsers do to it."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route

from tests.backends.servers import Backend, Credentials, started
from tests.browser import chromium
from tests.journeys.servers import PorticoServer

pytestmark = pytest.mark.parametrize("backend", ["oidc-provider"], indirect=True)

START, CALLBACK, HOME = "/hr/_auth/start?next=/hr/Home", "/hr/_auth/callback", "/hr/Home"
#: Seconds that an access token is good for, where it ends within a test.
SHORT = 33

APP = """\
name: HR
auth:
  entry_page: Enter
  home_page: Home
  oidc:
    issuer: {issuer}
    client_id: {client_id}
    {secret}
    scopes: [openid, profile, email{offline}]
    allow_private: true
  audience: [provider]
"""
ENTER = """\
title: Enter
access: public
widgets:
  - {name: SignIn, type: Button, text: Sign in, onClick: "{{ auth.signIn() }}"}
"""
PAGE = """\
title: Home
widgets:
  - {name: Who, type: Text, text: "user {{ auth.uid }} {{ auth.user.email }}"}
  - {name: Answer, type: Text, text: "answer {{ ask.data.sub }} {{ ask.responseMeta.statusCode }}"}
  - {name: Ask, type: Button, text: Ask, onClick: "{{ ask.run() }}"}
  - {name: Leave, type: Button, text: Log out, onClick: "{{ logoutUser() }}"}
"""


class House:
    """Portico with one app, registered at a provider with or without a secret."""

    def __init__(self, backend: Backend, folder: Path, *, public: bool, offline: bool = True) -> None:
        self.backend = backend
        app = folder / "hr"
        self.server = PorticoServer([app], folder=folder)
        registered = httpx.post(
            f"{backend.url}/reg",
            json={
                "redirect_uris": [f"{self.server.url}{CALLBACK}"],
                "post_logout_redirect_uris": [f"{self.server.url}/hr/_auth/signed-out"],
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none" if public else "client_secret_post",
            },
            trust_env=False,
        ).json()
        files = {
            "app.yaml": APP.format(
                issuer=backend.url,
                client_id=registered["client_id"],
                secret="" if public else "client_secret: {secret: HR_SECRET}",
                offline=", offline_access" if offline else "",
            ),
            "pages/Enter/page.yaml": ENTER,
            "pages/Home/page.yaml": PAGE,
            "pages/Home/queries/ask.yaml": "datasource: provider\npath: /me\nrun: manual\n",
            "datasources/provider.yaml": f"url: {backend.url}\nallow_private: true\n",
        }
        for name, text in files.items():
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(text)
        if not public:
            self.server._env["PORTICO_SECRET_HR_SECRET"] = registered["client_secret"]

    def browser(self) -> httpx.Client:
        """A browser that knows nothing, and says where it comes from."""
        said = {"Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}
        return httpx.Client(base_url=self.server.url, headers=said, trust_env=False, timeout=30)


@pytest.fixture(params=[True, False], ids=["public", "with a secret"])
def house(backend: Backend, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Both kinds of clients."""
    found = House(backend, tmp_path, public=request.param)
    with found.server:
        yield found


@pytest.fixture
def portico(backend: Backend, tmp_path: Path) -> Iterator[House]:
    """A client with a secret."""
    found = House(backend, tmp_path, public=False)
    with found.server:
        yield found


def there(browser: httpx.Client) -> str:
    """Where the browser is sent."""
    answer = browser.get(START)
    assert answer.status_code == 303
    return answer.headers["location"]


def walk(browser: httpx.Client, address: str, user: Credentials) -> str:
    """Through the provider's pages; the address that it sends the browser back to."""
    answer = browser.get(address)
    for form in (
        {"prompt": "login", "login": user.login, "password": user.password},
        {"prompt": "consent"},
    ):
        page = browser.get(place(answer))
        if f'value="{form["prompt"]}"' not in page.text:
            # Who is signed in there is asked for consent alone.
            continue
        answer = browser.get(place(browser.post(page.url, data=form)))
    return place(answer)


def place(answer: httpx.Response) -> str:
    """Where an answer leads."""
    return str(answer.url.join(answer.headers["location"]))


def back(browser: httpx.Client, address: str) -> str:
    """Come back; where Portico leads on to."""
    answer = browser.get(address, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    return answer.headers["location"]


def enter(browser: httpx.Client, user: Credentials) -> None:
    """Sign in."""
    assert back(browser, walk(browser, there(browser), user)) == HOME


def is_signed_in(browser: httpx.Client) -> bool:
    """Whether the guarded page opens."""
    return browser.get(HOME).status_code == 200


def asked(browser: httpx.Client) -> str:
    """What the provider's userinfo answers to the app's query, as the page shows it."""
    page = browser.post(HOME, data={"portico.event": "Ask onClick"})
    found = re.search(r"answer ([^<]*)<", page.text)
    return found[1] if found else f"{page.status_code} {page.headers.get('location')}"


def test_a_stay(house: House, backend: Backend) -> None:
    """The guarded page sends to the entry page; there and back; the user, the token at work; out."""
    with house.browser() as browser:
        assert browser.get(HOME).headers["location"].startswith("/hr/Enter?next=")
        user = backend.make_user()
        enter(browser, user)
        assert f"user {user.login} {user.email}" in browser.get(HOME).text
        assert asked(browser) == f"{user.login} 200 OK"
        name = f"portico-{house.server.port}.hr"
        session = browser.cookies[name]
        page = browser.post(HOME, data={"portico.event": "Leave onClick"})
        way = re.search(r'href="([^"]*/_auth/leave/[^"]*)"', page.text)
        assert way is not None
        end = browser.get(way[1]).headers["location"]
        assert end.startswith(f"{backend.url}/session/end?id_token_hint=")
        # The provider asks, then comes back to a clean address.
        form = re.search(r'name="xsrf" value="(\w+)"', browser.get(end).text)
        assert form is not None
        answer = browser.post(f"{backend.url}/session/end/confirm", data={"xsrf": form[1], "logout": "yes"})
        assert answer.headers["location"] == f"{house.server.url}/hr/_auth/signed-out"
        assert browser.get(answer.headers["location"]).headers["location"] == "/hr/Enter"
        browser.cookies.set(name, session)
        assert not is_signed_in(browser)
        assert 'value="login"' in browser.get(place(browser.get(there(browser)))).text


def test_log_out_ends_the_tokens(portico: House, backend: Backend) -> None:
    """Another browser's, of the same user, live on."""
    with portico.browser() as one, portico.browser() as other:
        user = backend.make_user()
        enter(one, user)
        enter(other, user)
        one.post(HOME, data={"portico.event": "Leave onClick"})
        assert not is_signed_in(one)
        assert asked(other) == f"{user.login} 200 OK"


def test_two_tabs(portico: House, backend: Backend) -> None:
    """Both begun before either is done."""
    with portico.browser() as browser:
        user = backend.make_user()
        first, second = there(browser), there(browser)
        ended = walk(browser, second, user)
        assert back(browser, ended) == HOME
        assert back(browser, walk(browser, first, user)) == HOME
        assert is_signed_in(browser)


def test_a_code_again(portico: House, backend: Backend) -> None:
    """The same answer again, in this browser and in another: refused; the session goes on."""
    with portico.browser() as browser, portico.browser() as other:
        address = walk(browser, there(browser), backend.make_user())
        assert back(browser, address) == HOME
        assert back(browser, address) == "/hr/_auth/failed"
        assert back(other, address) == "/hr/_auth/failed"
        assert is_signed_in(browser)
        assert not is_signed_in(other)


def test_states_swapped_between_browsers(portico: House, backend: Backend) -> None:
    """Neither is signed in as the other."""
    with portico.browser() as victim, portico.browser() as attacker:
        planted = httpx.URL(walk(attacker, there(attacker), backend.make_user()))
        own = httpx.URL(walk(victim, there(victim), backend.make_user()))
        assert back(victim, str(planted)) == "/hr/_auth/failed"
        mixed = own.copy_set_param("code", planted.params["code"])
        assert back(victim, str(mixed)) == "/hr/_auth/failed"
        assert not is_signed_in(victim)


def test_a_user_who_turns_back(portico: House) -> None:
    """`access_denied`, as this provider says it."""
    with portico.browser() as browser:
        page = browser.get(place(browser.get(there(browser))))
        link = re.search(r'href="([^"]*/abort)"', page.text)
        assert link is not None
        answer = browser.get(str(page.url.join(link[1])))
        address = place(browser.get(place(answer)))
        assert "error=access_denied" in address
        assert back(browser, address) == "/hr/_auth/failed"
        assert "The sign-in was cancelled." in browser.get("/hr/_auth/failed").text


def test_who_is_not_signed_in_there(portico: House) -> None:
    """`prompt=none`: an answer without a page, `login_required`."""
    with portico.browser() as browser:
        address = str(httpx.URL(there(browser)).copy_set_param("prompt", "none"))
        answer = place(browser.get(address))
        assert "error=login_required" in answer
        assert back(browser, answer) == "/hr/_auth/failed"
        assert "sign in there first" in browser.get("/hr/_auth/failed").text


def test_pkce_that_was_taken_out(portico: House, backend: Backend) -> None:
    """The provider wants it; an answer to a request with another challenge is not for this verifier."""
    with portico.browser() as browser:
        address = httpx.URL(there(browser)).copy_set_param("code_challenge", "x" * 43)
        assert back(browser, walk(browser, str(address), backend.make_user())) == "/hr/_auth/failed"
        assert not is_signed_in(browser)


def test_renewal_and_expiry(backend: Backend, tmp_path: Path) -> None:
    """Access tokens of half a minute: with a refresh token the stay goes on under another, twice;
    without one it ends with the token."""
    with started("oidc-provider", access_seconds=SHORT) as short:
        lasting = House(short, tmp_path / "lasting", public=False)
        brief = House(short, tmp_path / "brief", public=True, offline=False)
        with lasting.server, brief.server, lasting.browser() as one, brief.browser() as other:
            user = short.make_user()
            enter(one, user)
            enter(other, user)
            assert is_signed_in(other)
            for _ in range(2):
                # Within half a minute of its end a token is renewed.
                time.sleep(4)
                assert asked(one) == f"{user.login} 200 OK"
            time.sleep(SHORT - 8)
            assert asked(one) == f"{user.login} 200 OK"
            assert not is_signed_in(other)


def test_a_browser(portico: House, backend: Backend) -> None:
    """With scripts: a button, the provider's pages, the app, a log-out that ends both sessions."""
    user = backend.make_user()
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(20_000)
        page.route(re.compile("^(?!http://127\\.0\\.0\\.1)"), stay_here)
        page.goto(f"{portico.server.url}{HOME}")
        page.get_by_role("button", name="Sign in").click()
        sign_in_there(page, user)
        page.wait_for_url(f"{portico.server.url}{HOME}")
        assert page.get_by_text(f"user {user.login} {user.email}").is_visible()
        page.get_by_role("button", name="Ask").click()
        page.get_by_text(f"answer {user.login} 200 OK").wait_for()
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("button", name="Yes, sign me out").click()
        page.wait_for_url(f"{portico.server.url}/hr/Enter")
        page.goto(f"{portico.server.url}{HOME}")
        page.get_by_role("button", name="Sign in").click()
        page.locator('input[name="login"]').wait_for()


def test_a_browser_without_scripts(portico: House, backend: Backend) -> None:
    """The same by forms and links: no form post ends at another origin, which Chromium would stop."""
    user = backend.make_user()
    with chromium() as browser:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.set_default_timeout(20_000)
        page.route(re.compile("^(?!http://127\\.0\\.0\\.1)"), stay_here)
        page.goto(f"{portico.server.url}/hr/Enter")
        page.get_by_role("button", name="Sign in").click()
        sign_in_there(page, user)
        page.wait_for_url(f"{portico.server.url}{HOME}")
        assert page.get_by_text(f"user {user.login} {user.email}").is_visible()


def stay_here(route: Route) -> None:
    """The development pages ask for a font from elsewhere."""
    route.abort()


def sign_in_there(page: Page, user: Credentials) -> None:
    """The provider's two forms."""
    page.locator('input[name="login"]').fill(user.login)
    page.locator('input[name="password"]').fill(user.password)
    page.locator("button[type=submit]").click()
    page.locator('input[name="prompt"][value="consent"]').wait_for(state="attached")
    page.locator("button[type=submit]").click()
