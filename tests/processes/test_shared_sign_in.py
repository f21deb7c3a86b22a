"""Two apps that share a sign-in, served by two processes on one store."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.logins import CRM, HR, ROWS, button, copied, fill
from tests.journeys.relay import Relay, status_of
from tests.journeys.servers import PASSWORD, USERNAME, AuthServer
from tests.journeys.test_shared_sign_in import FOLLOWS, sharing
from tests.processes.alternating import Cluster, cluster
from tests.stores.shared import KINDS, store

#: Seconds until what is told behind the user's back must have been told.
PATIENCE = 10.0
#: No app is one of a group.
SEPARATE = """
from portico.web.sessions import Sessions
Sessions.admit = lambda self, app: self._manager.groups.leave(app.slug)
"""


@pytest.fixture(scope="module")
def relay(auth_server: AuthServer) -> Iterator[Relay]:
    """What Portico and the auth server say to each other."""
    with Relay(auth_server.url) as between:
        yield between


def examples(folder: Path) -> Sequence[Path]:
    """Both, sharing."""
    return [copied(folder, app, sharing) for app in (HR, CRM)]


@pytest.fixture(scope="module", params=KINDS)
def sharing_pair(
    request: pytest.FixtureRequest, relay: Relay, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """On one file and on one Redis."""
    folder = tmp_path_factory.mktemp("sharing")
    with (
        store(request.param, folder) as address,
        cluster(examples(folder), store=address, folder=folder, settings={"AUTH_URL": relay.url}) as running,
    ):
        yield running


class Walk:
    """A browser without scripts that chooses the process which it asks."""

    def __init__(self, pair: Cluster) -> None:
        self.pair = pair
        headers = {"Origin": pair.url, "Sec-Fetch-Site": "same-origin"}
        self._browser = httpx.Client(trust_env=False, timeout=60, headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()

    def get(self, at: int, path: str) -> httpx.Response:
        """A page of the n-th process."""
        return self._browser.get(f"http://127.0.0.1:{self.pair.servers[at].port}{path}")

    def post(self, at: int, path: str, event: str, **values: str) -> httpx.Response:
        """Press a button of a page of it."""
        form = {"portico.event": event, **{f"v.{name}": value for name, value in values.items()}}
        hidden = re.findall(r'name="(portico\.[a-z]+)" value="([^"]*)"', self.get(at, path).text)
        url = f"http://127.0.0.1:{self.pair.servers[at].port}{path}"
        return self._browser.post(url, data={**dict(hidden), **form})

    def sign_in(self, at: int, app: str) -> None:
        """By the login module."""
        typed = {
            "LoginModule1.emailInput": f"{USERNAME}@example.com",
            "LoginModule1.passwordInput": PASSWORD,
        }
        answer = self.post(at, f"/{app}/LoginPage", "LoginModule1.loginButton onClick", **typed)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/{app}/Home"), answer.text

    def shows(self, at: int, app: str) -> bool:
        """Whether its home page is there, with a row that its own API was asked for; else it leads away."""
        answer = self.get(at, f"/{app}/Home")
        if answer.status_code == 303:
            assert answer.headers["location"].startswith(f"/{app}/LoginPage")
            return False
        assert ROWS[app] in answer.text, answer.text
        return True


def test_one_password_opens_the_other_app_in_the_other_process(sharing_pair: Cluster) -> None:
    """And its own app, too; the process that opens it has seen nothing of the sign-in."""
    with Walk(sharing_pair) as walk:
        walk.sign_in(0, HR)
        assert walk.shows(1, CRM)
        assert walk.shows(1, HR)
        assert walk.shows(0, CRM)


@pytest.mark.parametrize(("at", "app"), [(0, HR), (1, CRM)])
def test_a_log_out_ends_both_in_both(
    sharing_pair: Cluster, relay: Relay, auth_server: AuthServer, at: int, app: str
) -> None:
    """Wherever it comes from; the API takes the token no more."""
    relay.forget()
    with Walk(sharing_pair) as walk:
        walk.sign_in(0, HR)
        assert walk.shows(1, CRM)
        token = relay.token()
        assert status_of(auth_server.url, token) == 200
        walk.post(at, f"/{app}/Home", "LogoutButton onClick")
        assert [walk.shows(one, other) for one in (0, 1) for other in (HR, CRM)] == [False] * 4
    end = time.monotonic() + PATIENCE
    while status_of(auth_server.url, token) != 401:
        assert time.monotonic() < end, "the API takes the token on"
        time.sleep(0.05)


def test_tabs_follow_whichever_process_their_requests_reach(page: Page, sharing_pair: Cluster) -> None:
    """A tab of each app, of one browser, behind the address that takes turns."""
    page.goto(f"{sharing_pair.url}/{HR}/LoginPage")
    fill(page)
    button(page, "LoginModule1.loginButton").click()
    expect(page.get_by_text(ROWS[HR], exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto(f"{sharing_pair.url}/{CRM}/Home")
    expect(other.get_by_text(ROWS[CRM], exact=True)).to_be_visible()
    button(page, "LogoutButton").click()
    expect(page).to_have_url(re.compile(f"/{HR}/LoginPage"))
    expect(other).to_have_url(re.compile(f"/{CRM}/LoginPage"), timeout=FOLLOWS)
    expect(other.get_by_text(ROWS[CRM], exact=True)).to_have_count(0)


def test_control_processes_that_know_of_no_group(relay: Relay, tmp_path: Path) -> None:
    """The other app wants the password, whichever process has it."""
    settings, apps = {"AUTH_URL": relay.url}, examples(tmp_path)
    store = f"sqlite:{tmp_path}/store.db"
    with (
        cluster(apps, store=store, folder=tmp_path, settings=settings, broken=SEPARATE) as pair,
        Walk(pair) as walk,
    ):
        walk.sign_in(0, HR)
        assert walk.shows(1, HR), "it is the group that is missing, not the session"
        assert not walk.shows(1, CRM)
        walk.post(1, f"/{HR}/Home", "LogoutButton onClick")
        assert not walk.shows(0, HR)
