"""One sign-in for the two example apps that share a provider, in a real browser (issue 6)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.logins import (
    CRM,
    HR,
    ROWS,
    at_home,
    button,
    copied,
    kept,
    log_in,
    portico_says,
    sessions_of,
)
from tests.journeys.relay import Relay, status_of
from tests.journeys.servers import USERNAME, AuthServer, PorticoServer

#: How long a tab may take to follow what happened in another (promise 110).
FOLLOWS = 2000


def sharing(app: Path) -> None:
    """An example that shares its sign-in."""
    manifest = app / "app.yaml"
    text = manifest.read_text()
    assert "auth:\n" in text
    manifest.write_text(text.replace("auth:\n", "auth:\n  session: shared\n"))


def as_it_is(app: Path) -> None:
    """An example as it is."""


def two(folder: Path, change: Callable[[Path], None]) -> list[Path]:
    """Copies of both examples, changed."""
    return [copied(folder, app, change) for app in (HR, CRM)]


@pytest.fixture(scope="module")
def relay(auth_server: AuthServer) -> Iterator[Relay]:
    """What Portico and the auth server say to each other."""
    with Relay(auth_server.url) as between:
        yield between


@pytest.fixture(scope="module")
def portico(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Both, sharing."""
    folder = tmp_path_factory.mktemp("shared")
    with PorticoServer(two(folder, sharing), folder=folder, settings={"AUTH_URL": relay.url}) as server:
        yield server


def log_out(page: Page) -> None:
    """Press the button, and wait for the sign-in page."""
    button(page, "LogoutButton").click()
    expect(page).to_have_url(re.compile("/LoginPage"))


def beside(page: Page, portico: PorticoServer, app: str) -> Page:
    """Another tab of the same browser, at the home page of an app."""
    tab = page.context.new_page()
    tab.goto(f"{portico.url}/{app}/Home")
    at_home(tab, portico, app)
    return tab


@pytest.mark.parametrize(("first", "second"), [(HR, CRM), (CRM, HR)])
def test_one_password_opens_both(page: Page, portico: PorticoServer, first: str, second: str) -> None:
    """Whichever is first: the other shows its own rows, which its own query asked the API for."""
    log_in(page, portico, first)
    at_home(page, portico, first)
    page.goto(f"{portico.url}/{second}/")
    at_home(page, portico, second)
    assert len(sessions_of(page)) == 1


def test_separate_apps_ask_each(page: Page, relay: Relay, tmp_path: Path) -> None:
    """The control, and the default: without a word the second app wants the password."""
    folders = two(tmp_path, as_it_is)
    with PorticoServer(folders, folder=tmp_path, settings={"AUTH_URL": relay.url}) as portico:
        log_in(page, portico, HR)
        at_home(page, portico, HR)
        page.goto(f"{portico.url}/{CRM}/Home")
        expect(page).to_have_url(re.compile(f"/{CRM}/LoginPage"))
        assert ROWS[CRM] not in page.content()


def test_a_log_out_in_one_ends_both(
    page: Page, portico: PorticoServer, auth_server: AuthServer, relay: Relay
) -> None:
    """Tabs of both follow within two seconds, nothing of the session is left in the store, the API takes
    the token no more."""
    empty = kept(portico.store)
    relay.forget()
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    token = relay.token()
    other, third = beside(page, portico, CRM), beside(page, portico, HR)
    assert status_of(auth_server.url, token) == 200
    log_out(page)
    for tab, app in ((other, CRM), (third, HR)):
        expect(tab).to_have_url(re.compile(f"/{app}/LoginPage"), timeout=FOLLOWS)
        expect(tab.get_by_text(ROWS[app], exact=True)).to_have_count(0)
    assert status_of(auth_server.url, token) == 401
    left = {key for table, key in kept(portico.store) - empty if table in ("session", "filed")}
    assert left == set()
    assert sessions_of(page) == []


def test_a_tab_that_nobody_tells_stays(page: Page, portico: PorticoServer) -> None:
    """The control: without the channel that apps of a group share, the tab of the other shows its rows on."""
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    other = page.context.new_page()
    other.add_init_script("delete window.BroadcastChannel")
    other.goto(f"{portico.url}/{CRM}/Home")
    at_home(other, portico, CRM)
    log_out(page)
    with pytest.raises(AssertionError):
        expect(other).to_have_url(re.compile(f"/{CRM}/LoginPage"), timeout=FOLLOWS)
    expect(other.get_by_text(ROWS[CRM], exact=True)).to_be_visible()


def test_back_shows_nothing_of_the_other_app(page: Page, portico: PorticoServer) -> None:
    """Its page waits in the back/forward cache while the log-out happens in the first."""
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    other = beside(page, portico, CRM)
    other.goto(f"{portico.url}/")
    log_out(page)
    other.go_back(wait_until="commit")
    expect(other).to_have_url(re.compile(f"/{CRM}/LoginPage"))
    expect(other.get_by_text(ROWS[CRM], exact=True)).to_have_count(0)
    expect(other.get_by_text(f"Hello {USERNAME}")).to_have_count(0)


def test_back_would_show_it_otherwise(page: Page, portico: PorticoServer) -> None:
    """The control: without the log-out that page does come back from the cache."""
    log_in(page, portico, HR)
    at_home(page, portico, HR)
    other = page.context.new_page()
    other.add_init_script(
        "addEventListener('pageshow', e => { if (e.persisted) document.title = 'restored' })"
    )
    other.goto(f"{portico.url}/{CRM}/Home")
    at_home(other, portico, CRM)
    other.goto(f"{portico.url}/")
    other.go_back(wait_until="commit")
    expect(other).to_have_title("restored")
    at_home(other, portico, CRM)


@pytest.mark.parametrize("command", ["check", "run"])
def test_different_contracts_are_an_error(tmp_path: Path, command: str) -> None:
    """Both apps are told, with the place in the other; nothing is started."""
    hr, crm = two(tmp_path, sharing)
    query = crm / "queries" / "me.yaml"
    query.write_text(query.read_text().replace("/auth/v1/user", "/auth/v2/user"))
    code, words = portico_says(command, hr, crm)
    assert code == 1
    assert (
        f"{crm}/queries/me.yaml:2:1 E532 the app shares the sign-in `shared` with {HR}, and has another "
        "contract: `path` of the query `me`\n    received: /auth/v2/user\n"
        f"    fix: make it what {HR}/queries/me.yaml:2:1 says, /auth/v1/user; or write `session: separate`"
    ) in words
    assert f"{hr}/queries/me.yaml:2:1 E532" in words
    query.write_text(query.read_text().replace("/auth/v2/user", "/auth/v1/user"))
    code, words = portico_says("check", hr, crm)
    assert (code, "ok: 2 apps" in words) == (0, True)
