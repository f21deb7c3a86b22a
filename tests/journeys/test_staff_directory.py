"""Seed S4 in a real browser, by lists of actions alone: rows S4-1 to S4-14 on `examples/staff-directory`."""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.servers import EXAMPLES, AuthServer, PorticoServer

APP = "staff-directory"
USERNAME, PASSWORD = "emilys", "emilyspass"
COOKIE = re.compile(rf"portico-\d+\.{APP}")

#: Moves all clocks of a server by the seconds that a file holds.
MOVABLE = """
import pathlib
from datetime import timedelta
from portico.clock import Clock
_now, _file = Clock.now, pathlib.Path({file!r})
Clock.now = lambda self: _now(self) + timedelta(seconds=float(_file.read_text()))
"""


class StaffServer(AuthServer):
    """The embedded auth server with somebody of its directory, and a clock that tests move."""

    def __init__(self, folder: Path) -> None:
        self._clock = folder / "seconds"
        self._clock.write_text("0")
        super().__init__(
            *("--jwt-management", "refresh"),
            accounts=(
                f"{USERNAME}:emily.sample@example.com:{PASSWORD}",
                "michaeld:michael.draft@example.com:michaeldpass",
            ),
            broken=MOVABLE.format(file=str(self._clock)),
        )

    def advance(self, seconds: float) -> None:
        """Let time pass here."""
        self._clock.write_text(str(float(self._clock.read_text()) + seconds))


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffServer]:
    """The auth API."""
    with StaffServer(tmp_path_factory.mktemp("staff")) as server:
        yield server


@pytest.fixture
def portico(staff: StaffServer, tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico serving the example."""
    with serving(EXAMPLES / APP, staff, tmp_path) as server:
        yield server


def serving(app: Path, staff: StaffServer, folder: Path) -> PorticoServer:
    """Portico serving an app, not yet started."""
    return PorticoServer([app], folder=folder, settings={"AUTH_URL": staff.url})


Changed = Callable[[Mapping[str, tuple[str, str]]], PorticoServer]


@pytest.fixture
def changed(staff: StaffServer, tmp_path: Path) -> Changed:
    """Portico serving the example with another text in some files."""

    def start(changes: Mapping[str, tuple[str, str]]) -> PorticoServer:
        app = tmp_path / APP
        shutil.copytree(EXAMPLES / APP, app)
        for name, (before, after) in changes.items():
            text = (app / name).read_text()
            assert before in text, name
            (app / name).write_text(text.replace(before, after))
        return serving(app, staff, tmp_path)

    return start


def log_in(page: Page, portico: PorticoServer, username: str = USERNAME, password: str = PASSWORD) -> None:
    """The form of the entry page."""
    page.goto(f"{portico.url}/{APP}/")
    page.get_by_label("Username").fill(username)
    page.locator('input[name="v.PasswordInput"]').fill(password)
    page.get_by_role("button", name="Log in").click()


def at_home(page: Page, portico: PorticoServer) -> None:
    """Signed in, with the list that only a token opens."""
    expect(page).to_have_url(f"{portico.url}/{APP}/Home")
    expect(page.get_by_text("Hello Emily Sample")).to_be_visible()
    expect(page.get_by_role("cell", name="Research Analyst")).to_be_visible()


def cookie(context: BrowserContext) -> dict[str, object]:
    """The session's."""
    (found,) = (dict(one) for one in context.cookies() if COOKIE.fullmatch(str(one.get("name"))))
    return found


def refusals(portico: PorticoServer) -> list[dict[str, str]]:
    """The sign-ins that the log says were refused."""
    lines = (json.loads(line) for line in portico.read_log().splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] == "sign-in refused"]


def test_pages_by_login_status(page: Page, portico: PorticoServer) -> None:
    """S4-1, S4-2: custom authentication is on; the entry page for signed-out visitors, also of others' links,
    and the logged-in page at the start for those who are signed in."""
    page.goto(f"{portico.url}/{APP}/")
    expect(page).to_have_url(f"{portico.url}/{APP}/Entry")
    page.goto(f"{portico.url}/{APP}/Home")
    expect(page).to_have_url(re.compile(r"/Entry\?next="))
    log_in(page, portico)
    at_home(page, portico)
    page.goto(f"{portico.url}/{APP}/")
    at_home(page, portico)


def test_a_sign_in_leads_to_the_logged_in_page(page: Page, changed: Changed) -> None:
    """S4-2: the redirect after a sign-in is automatic; no action has to navigate."""
    with changed({"pages/Entry/page.yaml": ("              - navigate: Home\n", "")}) as portico:
        log_in(page, portico)
        at_home(page, portico)


def test_users_stay_logged_in(page: Page, chromium: Browser, portico: PorticoServer) -> None:
    """S4-3: by default, through a restart of the browser, which keeps cookies with an age alone, and one of
    the server; until they log out."""
    log_in(page, portico)
    at_home(page, portico)
    kept = cookie(page.context)
    assert isinstance(kept["expires"], float)
    assert kept["expires"] > 0
    portico.restart()
    again = chromium.new_context()
    again.add_cookies([kept])  # type: ignore[list-item]
    reopened = again.new_page()
    reopened.goto(f"{portico.url}/{APP}/")
    at_home(reopened, portico)
    reopened.get_by_role("button", name="Log out").click()
    expect(reopened).to_have_url(f"{portico.url}/{APP}/Entry")
    page.reload()
    expect(page).to_have_url(re.compile("/Entry"))
    again.close()


@pytest.mark.parametrize(
    "change",
    [
        {"app.yaml": ("persist_sessions: true ", "persist_sessions: false")},
        {"pages/Entry/page.yaml": ('                  token: "{{ result.accessToken }}"\n', "")},
    ],
    ids=["switched off", "no token"],
)
def test_a_session_that_does_not_persist(
    change: Mapping[str, tuple[str, str]], page: Page, changed: Changed
) -> None:
    """S4-3: without `persist_sessions`, and for a log-in that is given no token, it ends with the browser."""
    with changed(change) as portico:
        log_in(page, portico)
        at_home(page, portico)
        assert cookie(page.context)["expires"] == -1


def test_user_data_have_the_type(page: Page, portico: PorticoServer) -> None:
    """S4-4, S4-9, S4-10: the login's JSON becomes the user data type; its fields and the auth properties are
    read in bindings. `update_user` changes what is given, nested data included (S4-11)."""
    log_in(page, portico)
    at_home(page, portico)
    text = page.locator("main").inner_text()
    assert "emilys, emily.sample@example.com. Number 1, role: admin." in text
    assert re.search(r"Your token ends at \d+:\d\d [AP]M", text)
    page.get_by_role("button", name="Show my full profile").click()
    expect(page.get_by_text("Engineering, Hamburg, Germany")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Engineering, Hamburg, Germany")).to_be_visible()
    expect(page.get_by_text("Hello Emily Sample")).to_be_visible()


def test_json_that_does_not_fit_refuses(page: Page, changed: Changed) -> None:
    """S4-9: JSON to data type. What does not fit signs nobody in: the log names field, kind expected and kind
    received, and no value; the user is told that it could not be confirmed."""
    with changed(
        {"types/AuthUser.yaml": ("lastName: {type: string}", "lastName: {type: boolean}")}
    ) as portico:
        log_in(page, portico)
        expect(page.get_by_role("alert").get_by_text("The sign-in could not be confirmed.")).to_be_visible()
        page.goto(f"{portico.url}/{APP}/Home")
        expect(page).to_have_url(re.compile("/Entry"))
        (refused,) = refusals(portico)
        assert refused["why"] == (
            "user data: AuthUser.lastName does not fit: expected true or false, received a text"
        )
        assert "Sample" not in portico.read_log()


def test_signing_up(page: Page, portico: PorticoServer) -> None:
    """S4-5: a sign-up page and a log-in page that lead to each other; the example's API keeps nothing."""
    page.goto(f"{portico.url}/{APP}/")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Username").fill("ada")
    page.locator('input[name="v.PasswordInput"]').fill("a-good-password")
    page.get_by_role("button", name="Sign up").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/Entry")
    expect(page.get_by_text("Welcome, Ada! You are number 21.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_branches(scripts: bool, chromium: Browser, portico: PorticoServer) -> None:
    """S4-6, S4-7, S4-14: the FALSE branch is the builder's, and nothing else is shown; the TRUE branch logs
    in. Also in a browser without scripts."""
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(15_000)
    log_in(page, portico, password="wrong-password")
    expect(page.get_by_text("Invalid credentials")).to_be_visible()
    expect(page.get_by_text("Invalid credentials")).to_have_count(1)
    expect(page.get_by_text("This action failed")).to_have_count(0)
    log_in(page, portico)
    at_home(page, portico)
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/Entry"))
    context.close()


def test_a_uid_is_what_the_api_says(page: Page, changed: Changed) -> None:
    """S4-8: token, refresh token, expiry and uid are given to `log_in`. Positive control: a uid of another
    user, and a role in the user data, change neither who it is nor what may be opened."""
    changes = {
        "pages/Entry/page.yaml": ('uid: "{{ result.id }}"', "uid: 2"),
        "types/AuthUser.yaml": (
            "  address: {type: Address}",
            "  address: {type: Address}\n  role: {type: string}",
        ),
        "pages/SignUp/page.yaml": ("access: public", "access: {roles: [owner]}"),
        "pages/Home/page.yaml": (
            'department: "{{ result.company.department }}"\n',
            'department: "{{ result.company.department }}"\n                    role: owner\n',
        ),
    }
    with changed(changes) as portico:
        log_in(page, portico)
        at_home(page, portico)
        expect(page.get_by_text("Number 1, role: admin.")).to_be_visible()
        page.get_by_role("button", name="Show my full profile").click()
        expect(page.get_by_text("Engineering, Hamburg, Germany")).to_be_visible()
        expect(page.get_by_text("Number 1, role: admin.")).to_be_visible()
        assert "a script gave another uid than the auth API" in portico.read_log()
        answer = page.goto(f"{portico.url}/{APP}/SignUp")
        assert answer is not None
        assert answer.status == 404


WITHOUT_REFRESH = {"app.yaml": ("  refresh: {query: renew}\n", "")}


def test_a_401_leads_to_an_update(page: Page, changed: Changed, staff: StaffServer) -> None:
    """S4-11, S4-13, S4-14: the token lives for half an hour, then the API answers 401; nothing renews it but
    the FALSE branch, by the renew API and `update_user`. The refresh token and the user stay."""
    with changed(WITHOUT_REFRESH) as portico:
        log_in(page, portico)
        at_home(page, portico)
        staff.advance(31 * 60)
        page.reload()
        expect(page.get_by_text("Hello Emily Sample")).to_be_visible()
        expect(page.get_by_role("cell", name="Research Analyst")).to_have_count(0)
        page.get_by_role("button", name="Load the list again").click()
        expect(page.get_by_text("Your token was renewed.")).to_be_visible()
        expect(page.get_by_role("cell", name="Research Analyst")).to_be_visible()
        page.reload()
        at_home(page, portico)
        # Once more, by the refresh token that came with the update.
        staff.advance(31 * 60)
        page.get_by_role("button", name="Load the list again").click()
        expect(page.get_by_text("Your token was renewed.")).to_be_visible()


def test_the_contract_renews_by_itself(page: Page, portico: PorticoServer, staff: StaffServer) -> None:
    """S4-13: with `refresh` in the contract no page sees the 401."""
    log_in(page, portico)
    at_home(page, portico)
    staff.advance(31 * 60)
    page.reload()
    at_home(page, portico)
    page.get_by_role("button", name="Load the list again").click()
    expect(page.get_by_text("20 people.")).to_be_visible()
    page.get_by_role("button", name="Renew now").click()
    expect(page.get_by_text("Your token was renewed.")).to_be_visible()
    at_home(page, portico)


def test_log_out(page: Page, portico: PorticoServer, staff: StaffServer) -> None:
    """S4-12: the session is over, here and at the API; the page that was left shows nothing any more."""
    log_in(page, portico)
    at_home(page, portico)
    kept = cookie(page.context)
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{portico.url}/{APP}/Entry")
    page.go_back()
    expect(page).to_have_url(re.compile("/Entry"))
    answer = httpx.get(
        f"{portico.url}/{APP}/Home", cookies={str(kept["name"]): str(kept["value"])}, trust_env=False
    )
    assert answer.status_code == 303
    assert "Emily" not in answer.text


def test_no_token_reaches_the_browser(page: Page, portico: PorticoServer) -> None:
    """S4-8, S4-13: what pages read of tokens is sealed; the real ones stand nowhere in the browser."""
    seen: list[str] = []
    page.on("response", lambda answer: seen.append(answer.text() if "/Home" in answer.url else ""))
    log_in(page, portico)
    at_home(page, portico)
    page.get_by_role("button", name="Renew now").click()
    expect(page.get_by_text("Your token was renewed.")).to_be_visible()
    assert any("Hello Emily Sample" in text for text in seen)
    assert not re.search(r"eyJ[\w-]+\.eyJ[\w-]+\.(?!sealed)[\w-]{20,}", "".join(seen))


def test_the_app_holds_no_javascript_but_bindings() -> None:
    """S4-6: what people see who write none: no script file, and no function called but for a time."""
    files = [path for path in (EXAMPLES / APP).rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".js"]
    for path in files:
        if path.suffix == ".yaml":
            code = "".join(re.findall(r"\{\{(.*?)\}\}", path.read_text()))
            assert "(" not in re.sub(r"moment\(auth\.expiresAt\)\.format\('LT'\)", "", code), path
