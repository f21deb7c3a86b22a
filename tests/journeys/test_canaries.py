"""Promises 58 to 60: what the search in every server of these journeys finds, and that it is at work.

The search itself is `canaries.Canaries`. Whoever starts a Portico by `PorticoServer`, `DevServer` or
`portal.serving` has it, without doing anything.
"""

import ast
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.canaries import ADDRESS, ANSWERED, ASKED, COOKIE, PASSWORD, SENT, TOKEN, UPSTREAM
from tests.journeys.servers import EXAMPLES, USERNAME, AuthServer, PorticoServer
from tests.journeys.servers import PASSWORD as TYPED_PASSWORD

EMAIL = f"{USERNAME}@example.com"
TESTS = Path(__file__).parents[1]
#: The examples, with a page behind the sign-in and the key of its token.
APPS = (
    ("jwt-login", "MainPage", "jwt"),
    ("js-free", "MainPage", "jwt"),
    ("sign-up", "Home", "access_token"),
)
#: A page that shows, logs and throws what it holds, to be put into the examples.
TELLTALE = """
  - {name: Telltale, type: Text, text: "{{ 'It holds ' + appsmith.store.KEY }}"}
  - {name: Telling, type: Text, text: "{{ console.log(appsmith.store.KEY.split('.')[2]) }}"}
"""
UNSEALED = "import portico.auth.sealing as sealing\nsealing.Vault.seal = lambda vault, token: token\n"


@pytest.fixture(scope="module")
def api() -> Iterator[AuthServer]:
    """An auth server whose tokens end soon, so that they are renewed."""
    with AuthServer("--access-lifetime", "62") as server:
        yield server


def enter(client: httpx.Client, app: str) -> httpx.Response:
    """The seed's sign-in, by a form."""
    form = {"v.UsernameInput": USERNAME, "v.PasswordInput": TYPED_PASSWORD}
    return client.post(f"/{app}/LoginPage", data={**form, "portico.event": "LoginButton onClick"})


def client_of(server: PorticoServer) -> httpx.Client:
    """A browser without scripts."""
    return httpx.Client(base_url=server.url, trust_env=False, headers={"Origin": server.url}, timeout=30)


def use_forms(server: PorticoServer) -> None:
    """The seed's sign-in and the one without JavaScript, both with forms alone; then what fails."""
    for app in ("jwt-login", "js-free"):
        with client_of(server) as client:
            assert enter(client, app).status_code == 303
            assert "The secure content" in client.get(f"/{app}/MainPage").text
            for path in (f"/{app}/Nowhere", "/nothing", f"/{app}/%00", "/_portico/alive"):
                client.get(path)
            bad = {"Portico-Event": "1", "Content-Type": "application/json"}
            client.post(f"/{app}/MainPage", content=b"{", headers=bad)
            client.post(f"/{app}/MainPage", data={"portico.event": "LogoutButton onClick"})


def use_browser(page: Page, server: PorticoServer) -> None:
    """Sign-in, a renewal when the page is opened again, a restart, log-out."""
    page.goto(f"{server.url}/sign-up/LoginPage")
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator('input[name="v.password"]').fill(TYPED_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    page.wait_for_timeout(2500)
    page.reload()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    server.restart(signal.SIGKILL)
    page.reload()
    expect(page.get_by_text(f"Hello {EMAIL}")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def telling(folder: Path) -> list[Path]:
    """Copies of the examples, one page of each of which tells what it holds."""
    for name, page, key in APPS:
        shutil.copytree(EXAMPLES / name, folder / name)
        file = folder / name / "pages" / page / "page.yaml"
        file.write_text(file.read_text().rstrip() + TELLTALE.replace("KEY", key))
    return [folder / name for name, *_ in APPS]


@pytest.mark.parametrize(
    ("broken", "tells"),
    [
        pytest.param("", {}, id="as it is"),
        pytest.param(
            UNSEALED, dict.fromkeys((ANSWERED, "portico.log"), "nothing is sealed"), id="without sealing"
        ),
    ],
)
def test_pages_that_tell_what_they_hold(
    broken: str, tells: Mapping[str, str], chromium: Browser, api: AuthServer, tmp_path: Path
) -> None:
    """Sign-in with and without JavaScript, renewal, restart, errors, log-out: pages that show, log and throw
    tokens have sealed ones. The control has none, and is found in what clients get and in the log."""
    apps = telling(tmp_path / "apps")
    folder = tmp_path / "portico"
    folder.mkdir()
    settings = {"AUTH_URL": api.url}
    with PorticoServer(apps, folder=folder, settings=settings, broken=broken, tells=tells) as server:
        use_forms(server)
        context = chromium.new_context()
        page = context.new_page()
        page.set_default_timeout(20_000)
        use_browser(page, server)
        context.close()
    assert b"Hello" in server.wire.answered
    # Strapi's tokens of one second are one token.
    kinds = Counter(canary.kind for canary in server.canaries.known())
    assert kinds[TOKEN] >= 4, kinds
    assert kinds[COOKIE] >= 3, kinds
    assert kinds[PASSWORD] == 1, kinds


#: Servers that tell in one way each, and where that is found.
TELLTALES = {
    "a line in the log": (
        """
        import logging
        from portico.runtime.http import Client
        exchange = Client._exchange
        async def told(self, datasource, destination, outgoing):
            logging.getLogger("portico.runtime").debug("asks", extra={"headers": str(outgoing.headers)})
            return await exchange(self, datasource, destination, outgoing)
        Client._exchange = told
        """,
        "portico.log",
    ),
    "something printed": (
        """
        from portico.values import Secret
        made = Secret.__init__
        def __init__(self, value):
            print(value, flush=True)
            made(self, value)
        Secret.__init__ = __init__
        """,
        "portico.stdout",
    ),
    "a page that repeats its cookie": (
        """
        from portico.web.pages import Pages
        page = Pages.page
        async def repeated(self, request):
            answer = await page(self, request)
            answer.headers["X-Cookie"] = request.headers.get("cookie", "")
            return answer
        Pages.page = repeated
        """,
        ANSWERED,
    ),
    "an address of the API": (
        """
        from portico.runtime.http import Client
        exchange = Client._exchange
        async def addressed(self, datasource, destination, outgoing):
            for name, value in outgoing.headers:
                if name.lower() == b"authorization":
                    outgoing.url.target += b"?t=" + value.rpartition(b" ")[2]
            return await exchange(self, datasource, destination, outgoing)
        Client._exchange = addressed
        """,
        UPSTREAM,
    ),
    "a cookie that is passed on": (
        """
        from portico.runtime.http import Client
        from portico.web.sessions import Sessions
        exchange, value_of, seen = Client._exchange, Sessions._value, []
        def value(self, connection, wanted):
            seen.append(value_of(self, connection, wanted))
            return seen[-1]
        async def passed(self, datasource, destination, outgoing):
            outgoing.headers += [(b"X-Session", value.encode()) for value in seen if value]
            return await exchange(self, datasource, destination, outgoing)
        Sessions._value, Client._exchange = value, passed
        """,
        ASKED,
    ),
    "an open store": (
        """
        import portico.auth.envelope as envelope
        envelope.seal = lambda plain, **_: plain
        envelope.unseal = lambda blob, **_: blob
        """,
        "store.db-wal",
    ),
}  # fmt: skip


def used(server: PorticoServer, steps: Callable[[httpx.Client], None]) -> None:
    """A journey of somebody who signs in by a form."""
    with server, client_of(server) as client:
        assert enter(client, "jwt-login").status_code == 303
        steps(client)


def told_by(server: PorticoServer, steps: Callable[[httpx.Client], None]) -> str:
    """What the search says of a journey; never a secret."""
    with pytest.raises(AssertionError, match="secrets were told") as told:
        used(server, steps)
    said = str(told.value)
    assert [canary for canary in server.canaries.known() if canary.text.decode() in said] == []
    return said


def look(client: httpx.Client) -> None:
    """Open the guarded page, twice."""
    for _ in range(2):
        assert "The secure content" in client.get("/jwt-login/MainPage").text


@pytest.mark.parametrize("telltale", TELLTALES)
def test_a_server_that_tells_is_found_out(telltale: str, api: AuthServer, tmp_path: Path) -> None:
    """The control, one for each place: the search that runs in every journey finds it there."""
    broken, place = TELLTALES[telltale]
    server = PorticoServer(
        [EXAMPLES / "jwt-login"], folder=tmp_path, settings={"AUTH_URL": api.url}, broken=dedent(broken)
    )
    assert f"'{place}'" in told_by(server, look)


def test_clients_that_tell_are_found_out(api: AuthServer, tmp_path: Path) -> None:
    """The control of what goes the other way: a page that would put passwords into addresses, and one that
    could read the cookie of its session."""

    def tell(client: httpx.Client) -> None:
        (cookie,) = client.cookies.jar
        client.get("/jwt-login/LoginPage", params={"given": TYPED_PASSWORD})
        client.post("/jwt-login/LoginPage", content=f"sent={cookie.value}")

    server = PorticoServer([EXAMPLES / "jwt-login"], folder=tmp_path, settings={"AUTH_URL": api.url})
    said = told_by(server, tell)
    assert f"'{ADDRESS}'" in said
    assert f"'{SENT}'" in said


def test_a_search_that_sees_no_token_says_so(api: AuthServer, tmp_path: Path) -> None:
    """The control of the search being at work: whoever is signed in was so by a token that it must know."""
    server = PorticoServer([EXAMPLES / "jwt-login"], folder=tmp_path, settings={"AUTH_URL": api.url})
    with pytest.raises(AssertionError, match="no token was seen"):
        used(server, lambda _: api.wire.connections.clear())


def test_who_tells_on_purpose() -> None:
    """Servers of tests that must tell, by the reasons that they give: nobody adds one in passing."""
    reasons: Counter[str] = Counter()
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "tells":
                reasons[file.relative_to(TESTS).as_posix()] += 1
    assert reasons == {
        "cli/test_guides.py": 1,
        "journeys/test_canaries.py": 1,
        "journeys/test_faults.py": 2,
        "journeys/test_login_module.py": 1,
        "journeys/test_new_app.py": 3,
        "web/test_boundary.py": 1,
        "web/test_sealed_tokens.py": 5,
    }
