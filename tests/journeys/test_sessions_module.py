"""The module that comes with Portico, in two browsers of one user; and an operator who ends a session."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portico.packages.installation import Origin, Request, add
from tests.packages.shelves import READER
from tests.web.contracts import AUTH, PATIENCE, AuthApi, House, portico
from tests.web.histories import Operator

APP_YAML = f'name: App\nauth:\n{AUTH}packages: {{portico-sessions: "^1.0"}}\n'
MINE = "title: Mine\nwidgets:\n  - {name: Mine, module: portico-sessions/Sessions}\n"


def packaged(folder: Path) -> dict[str, str]:
    """The files that `portico package add portico-sessions` brings."""
    root = folder / "small"
    root.mkdir()
    (root / "app.yaml").write_text("name: Small\nauth: none\n")
    assert not add(root, Request(name="portico-sessions"), Origin(), READER).problems
    brought = [path for path in root.rglob("*") if path.is_file() and path.name != "app.yaml"]
    return {str(path.relative_to(root)): path.read_text() for path in brought}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app with the module on a page."""
    files = {**packaged(tmp_path), "app.yaml": APP_YAML, "pages/Mine/page.yaml": MINE}
    with AuthApi() as api, portico(tmp_path, api, files=files) as running:
        yield running


@pytest.fixture
def browsers(chromium: Browser, house: House) -> Iterator[tuple[Page, Page]]:
    """Two browsers in which ann is signed in."""
    contexts = [chromium.new_context(viewport={"width": 1280, "height": 800}) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(f"{house.url}/app/Enter")
        page.get_by_label("Email").fill("ann@example.com")
        page.get_by_role("button", name="SignIn").click()
        expect(page.get_by_text("user ann")).to_be_visible()
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def test_one_browser_ends_the_session_of_the_other(house: House, browsers: tuple[Page, Page]) -> None:
    """Both are listed, this one marked; the other is told with its next request, and why."""
    one, two = browsers
    two.goto(f"{house.url}/app/Mine")
    expect(two.get_by_text("Chrome on Linux")).to_have_count(2)
    expect(two.get_by_text("· this device")).to_have_count(1)
    two.get_by_role("button", name="End", exact=True).click()
    expect(two.get_by_text("was signed out")).to_be_visible()
    expect(two.get_by_text("Chrome on Linux · this device")).to_be_visible()
    expect(two.get_by_role("button", name="End", exact=True)).to_have_count(0)
    one.get_by_role("button", name="Ask").click()
    expect(one).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")
    expect(one.get_by_text("ended from another one of yours")).to_be_visible()


def test_all_others_end_and_then_this_one(house: House, browsers: tuple[Page, Page]) -> None:
    """After a question; the last button is a log-out."""
    one, two = browsers
    one.goto(f"{house.url}/app/Mine")
    one.get_by_role("button", name="End all others").click()
    one.get_by_role("dialog").get_by_role("button").first.wait_for()
    one.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(one.get_by_text("One other session was ended")).to_be_visible()
    two.get_by_role("button", name="Ask").click()
    expect(two).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")
    one.get_by_role("button", name="Log out").click()
    expect(one.get_by_role("button", name="SignIn")).to_be_visible()


def test_an_operator_ends_a_session_in_a_browser(house: House, browsers: tuple[Page, Page]) -> None:
    """All of its tabs follow when they are looked at; the other browser stays."""
    one, two = browsers
    tab = one.context.new_page()
    tab.goto(f"{house.url}/app/Home")
    operator = Operator(house)
    first = operator.sessions()[0].card.id
    operator.end(first)
    one.get_by_role("button", name="Ask").click()
    expect(one).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")
    expect(tab.get_by_role("button", name="SignIn")).to_be_visible()
    two.reload()
    expect(two.get_by_text("user ann")).to_be_visible()


#: What a tab in sight waits for at most before it asks whether its session lives (docs/sessions.md).
LOOKS = 33_000


def watched(house: House, page: Page) -> tuple[Page, list[str]]:
    """A tab whose clock the test moves, beside a page; and how often it asked."""
    tab, asked = page.context.new_page(), list[str]()
    tab.on("request", lambda request: asked.append(request.url) if "/_portico/alive" in request.url else None)
    tab.clock.install()
    tab.goto(f"{house.url}/app/Home")
    expect(tab.get_by_text("user ann")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    asked.clear()
    return tab, asked


def look(tab: Page, asked: list[str]) -> None:
    """Let time go by in it until it asks once more."""
    before, end = len(asked), time.monotonic() + PATIENCE
    while len(asked) == before:
        assert time.monotonic() < end, "it does not ask"
        tab.clock.fast_forward(LOOKS)
        tab.wait_for_timeout(50)


def seen(tab: Page, state: str) -> None:
    """It is in sight from now on, or not."""
    tab.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true}) }",
        state,
    )
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def ended_by_the_operator(house: House) -> None:
    """The first of both sessions."""
    Operator(house).end(Operator(house).sessions()[0].card.id)


def test_a_tab_in_sight_follows_by_itself(house: House, browsers: tuple[Page, Page]) -> None:
    """Nobody touches it: it asks again and again, and goes when its session is over. It is told why."""
    tab, asked = watched(house, browsers[0])
    for _ in range(2):
        look(tab, asked)
        expect(tab.get_by_text("user ann")).to_be_visible()
    ended_by_the_operator(house)
    look(tab, asked)
    expect(tab).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")
    expect(tab.get_by_text("ended by an administrator")).to_be_visible()


def test_a_tab_out_of_sight_asks_nobody(house: House, browsers: tuple[Page, Page]) -> None:
    """Until it is looked at again; nor does a page on which nobody is signed in."""
    tab, asked = watched(house, browsers[0])
    for state in ("hidden", "visible"):
        seen(tab, state)
        if state == "hidden":
            ended_by_the_operator(house)
            tab.clock.fast_forward(4 * LOOKS)
            tab.evaluate("fetch('/app/Open').then(answer => answer.text())")
            assert asked == []
            expect(tab.get_by_text("user ann")).to_be_visible()
    expect(tab).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")
    tab.wait_for_load_state("networkidle")
    asked.clear()
    tab.clock.fast_forward(4 * LOOKS)
    tab.evaluate("fetch('/app/Open').then(answer => answer.text())")
    assert asked == []


def test_an_answer_that_does_not_come_changes_nothing(house: House, browsers: tuple[Page, Page]) -> None:
    """A server that is away for a moment is no log-out, and nobody is troubled; it is asked again."""
    tab, asked = watched(house, browsers[0])
    tab.route(re.compile("/_portico/alive"), lambda route: route.fulfill(status=503, body="not now"))
    tab.get_by_role("button", name="Ask").focus()
    for _ in range(2):
        look(tab, asked)
    expect(tab.get_by_text("user ann")).to_be_visible()
    expect(tab.get_by_role("button", name="Ask")).to_be_focused()
    assert tab.locator("html[data-checking]").count() == 0
    tab.unroute_all()
    ended_by_the_operator(house)
    look(tab, asked)
    expect(tab).to_have_url(f"{house.url}/app/Enter?next=%2Fapp%2FHome")


def test_control_a_tab_that_does_not_look(house: House, browsers: tuple[Page, Page]) -> None:
    """As it was: it stays until somebody touches it."""
    tab, asked = watched(house, browsers[0])
    seen(tab, "hidden")
    tab.evaluate("delete document.visibilityState")
    ended_by_the_operator(house)
    tab.clock.fast_forward(4 * LOOKS)
    tab.evaluate("fetch('/app/Open').then(answer => answer.text())")
    assert asked == []
    expect(tab.get_by_text("user ann")).to_be_visible()
