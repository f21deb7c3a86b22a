"""`portico dev` in a real browser: pages that follow their files, and the builder's panel."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect

from tests.browser import chromium as launched
from tests.journeys.servers import DevServer
from tests.journeys.upstream import Upstream, plain

BENCH = Path(__file__).parent / "apps" / "bench"
AXE = Path(__file__).parents[2] / "build" / "test-assets" / "axe.min.js"
PASSWORD = "s3cret pass/word"

Change = Callable[..., None]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for this module."""
    with launched() as browser:
        yield browser


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A copy of the app that the tests change."""
    return Path(shutil.copytree(BENCH, tmp_path / "bench"))


@pytest.fixture
def api() -> Iterator[Upstream]:
    """The API behind the app."""
    with Upstream(plain("200 OK", json.dumps({"word": "hello"}).encode())) as upstream:
        yield upstream


@pytest.fixture
def server(bench: Path, api: Upstream, tmp_path: Path) -> Iterator[DevServer]:
    """The app, served while it is built."""
    with DevServer([bench], folder=tmp_path, settings={"OTHER_URL": api.url}) as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet; at the end no script may have failed, and no policy was broken."""
    failures: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            failures.append(message.text)

    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.on("console", heard)
    context.on("weberror", lambda error: failures.append(str(error.error)))
    yield context
    context.close()
    assert failures == []


@pytest.fixture
def page(context: BrowserContext, server: DevServer) -> Page:
    """A tab that shows the app's home page."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{server.url}/bench/Home")
    expect(page.locator("html.js")).to_have_count(1)
    return page


@pytest.fixture
def change(bench: Path) -> Change:
    """Writes a file of the app anew: with every `old` replaced by its `new`."""

    def write(file: str, *pairs: tuple[str, str]) -> None:
        path = bench / file
        text = path.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)

    return write


HOME = "pages/Home/page.yaml"
SECOND = ("First version", "Second version")


def field(page: Page, name: str) -> Locator:
    """The control of an input."""
    return page.locator(f"[id='c.{name}']")


def until(page: Page, condition: str) -> None:
    """Wait for something of the page; under its policy, Playwright itself may not."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(30)
    raise AssertionError(condition)


def open_panel(page: Page, tab: str) -> Locator:
    """The panel's list, with this tab chosen."""
    pill = page.get_by_role("button", name=re.compile("^Portico dev"))
    if pill.is_visible():
        pill.click()
    page.get_by_role("tab", name=re.compile(f"^{tab}")).click()
    return page.locator("portico-dev").get_by_role("tabpanel")


def test_a_change_shows_and_takes_nothing_away(page: Page, change: Change) -> None:
    """Text, focus, caret, scroll, the chosen tab and what was typed in it stay; the page does not reload."""
    page.evaluate("window.mark = 'the same document'")
    field(page, "NameInput").fill("Ada Lovelace")
    field(page, "SecretInput").fill(PASSWORD)
    field(page, "LongInput").fill("two\nlines")
    expect(page.get_by_text("Hello Ada Lovelace")).to_be_visible()
    field(page, "ColorSelect").select_option(label="Green")
    field(page, "AgreeBox").check()
    page.get_by_role("tab", name="Far").click()
    field(page, "FarInput").fill("Antarctica")
    field(page, "FarSecret").fill("penguin")
    page.mouse.wheel(0, 300)
    field(page, "FarInput").evaluate(
        "(it) => { it.focus({preventScroll: true}); it.setSelectionRange(3, 5) }"
    )
    until(page, "scrollY > 100")
    scrolled = page.evaluate("scrollY")

    change(HOME, SECOND)
    expect(page.get_by_text("Second version")).to_have_count(1)
    expect(page.get_by_text("Hello Ada Lovelace")).to_have_count(1)
    expect(field(page, "NameInput")).to_have_value("Ada Lovelace")
    expect(field(page, "SecretInput")).to_have_value(PASSWORD)
    expect(field(page, "LongInput")).to_have_value("two\nlines")
    expect(field(page, "ColorSelect").locator("option:checked")).to_have_text("Green")
    expect(field(page, "AgreeBox")).to_be_checked()
    expect(page.get_by_role("tab", name="Far")).to_have_attribute("aria-selected", "true")
    expect(field(page, "FarInput")).to_have_value("Antarctica")
    expect(field(page, "FarSecret")).to_have_value("penguin")
    expect(field(page, "FarInput")).to_be_focused()
    assert field(page, "FarInput").evaluate("(it) => [it.selectionStart, it.selectionEnd]") == [3, 5]
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate("window.mark") == "the same document"


NEW_BUTTON = "  - {name: NewButton, type: Button, text: New, onClick: \"{{ showAlert('new works') }}\"}\n"


def test_widgets_come_and_go_and_work(page: Page, change: Change) -> None:
    """A new one is there and answers, a removed one is not, and what follows from typing goes on."""
    change(
        HOME,
        SECOND,
        (
            "  - {name: FailButton",
            NEW_BUTTON + "  - {name: FailButton",
        ),
        ("  - {name: LongInput, type: Input, inputType: MULTI_LINE_TEXT, label: Notes}\n", ""),
    )
    expect(page.get_by_text("Second version")).to_be_visible()
    expect(field(page, "LongInput")).to_have_count(0)
    page.get_by_role("button", name="New").click()
    expect(page.get_by_text("new works")).to_be_visible()
    field(page, "NameInput").fill("Grace")
    expect(page.get_by_text("Hello Grace")).to_be_visible()


def test_what_the_user_did_not_touch_follows_the_author(page: Page, change: Change) -> None:
    """Another default shows in an input that nobody typed in, and in what depends on it."""
    expect(page.get_by_text("Hello nobody")).to_be_visible()
    change(
        HOME,
        ("defaultText: nobody", "defaultText: somebody"),
        ("defaultCheckedState: false", "defaultCheckedState: true"),
        ("defaultOptionValue: red", "defaultOptionValue: green"),
    )
    expect(page.get_by_text("Hello somebody")).to_be_visible()
    expect(field(page, "NameInput")).to_have_value("somebody")
    expect(field(page, "AgreeBox")).to_be_checked()
    expect(field(page, "ColorSelect").locator("option:checked")).to_have_text("Green")
    field(page, "NameInput").fill("me")
    change(HOME, ("defaultText: somebody", "defaultText: everybody"), SECOND)
    expect(page.get_by_text("Second version")).to_be_visible()
    expect(field(page, "NameInput")).to_have_value("me")


def test_theme_positions_title_and_pictures_show(page: Page, change: Change, bench: Path) -> None:
    """What is not HTML is new too: colours, a stylesheet of positions, the title, the logo."""
    button = page.get_by_role("button", name="Say")
    assert button.evaluate("(it) => getComputedStyle(it).backgroundColor") == "rgb(15, 118, 110)"
    logo = page.locator(".brand img")
    assert logo.evaluate("(it) => it.naturalWidth") != 77
    change("app.yaml", ("#0f766e", "#9f1239"), ("name: Bench", "name: Other bench"))
    change(
        HOME,
        ("title: Home", "title: Start"),
        ("text: First version,", "text: First version, position: {left: 8, top: 0, width: 20, height: 6},"),
    )
    svg = re.sub(r'width="\d+" height="\d+"', "", (bench / "logo.svg").read_text())
    (bench / "logo.svg").write_text(svg.replace("<svg", '<svg width="77" height="77"', 1))
    expect(page).to_have_title("Start · Other bench")
    expect(button).to_have_css("background-color", "rgb(159, 18, 57)")
    expect(page.locator("[id='w.Heading']")).to_have_css("grid-column-start", "9")
    until(page, "document.querySelector('.brand img').naturalWidth === 77")
    assert page.locator("head > link[rel=stylesheet]").count() == 2


def test_what_is_pressed_meanwhile_goes_to_the_new_version(
    page: Page, change: Change, context: BrowserContext
) -> None:
    """A button that is pressed while the page is fetched does what it does by then, once."""
    held: list[Route] = []
    context.route(
        "**/bench/Home",
        lambda route: held.append(route) if route.request.method == "GET" else route.continue_(),
    )
    change(
        HOME,
        ('text: Say, onClick: "{{ Tools.say() }}"', "text: Say, onClick: \"{{ showAlert('the second') }}\""),
    )
    while not held:
        page.wait_for_timeout(20)
    page.get_by_role("button", name="Say").click()
    page.wait_for_timeout(300)
    assert page.get_by_text("the second").count() == 0
    held[0].continue_()
    expect(page.get_by_text("the second")).to_have_count(1)


def test_a_removed_page_is_not_found_and_comes_back(page: Page, bench: Path, tmp_path: Path) -> None:
    """The not-found page shows by itself; with the page, what was typed is there again, secrets are not."""
    field(page, "NameInput").fill("Ada")
    field(page, "SecretInput").fill(PASSWORD)
    shutil.move(bench / "pages/Home", tmp_path / "Home")
    app = bench / "app.yaml"
    app.write_text(app.read_text().replace("home_page: Home\n", ""))
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    kept = str(page.evaluate("JSON.stringify(sessionStorage)"))
    assert "Ada" in kept
    assert PASSWORD not in kept
    shutil.move(tmp_path / "Home", bench / "pages/Home")
    expect(page.get_by_text("First version")).to_be_visible()
    expect(field(page, "NameInput")).to_have_value("Ada")
    expect(page.get_by_text("Hello Ada")).to_be_visible()
    expect(field(page, "SecretInput")).to_have_value("")


def test_another_policy_is_loaded_with_what_was_typed(page: Page, change: Change) -> None:
    """What pages may load from cannot change in an open document: it is loaded again, and is filled again."""
    page.evaluate("window.mark = 1")
    field(page, "NameInput").fill("Ada")
    change("app.yaml", ("auth: none", "auth: none\nbrowser:\n  images: [https://images.example.com]"))
    tag = page.locator("script[data-dev]")
    expect(tag).to_have_attribute("data-origins", re.compile("https://images.example.com"))
    expect(field(page, "NameInput")).to_have_value("Ada")
    expect(page.get_by_text("Hello Ada")).to_be_visible()
    assert page.evaluate("window.mark") is None


BROKEN = ("type: Select", "type: Selekt")


def test_errors_lie_over_the_page_and_the_version_before_goes_on(
    page: Page, change: Change, server: DevServer
) -> None:
    """As `portico check` says them, with a panel and a terminal that say the same; mended, all is gone."""
    field(page, "NameInput").fill("Ada")
    change(HOME, SECOND, BROKEN)
    overlay = page.get_by_role("dialog", name="Bench has 1 error")
    expect(overlay).to_be_visible()
    for words in ("pages/Home/page.yaml:9:11", "E205", "received: Selekt", "did you mean `Select`?"):
        expect(overlay).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(overlay).to_have_count(0)
    expect(field(page, "NameInput")).to_be_focused()
    expect(page.get_by_text("First version")).to_be_visible()
    field(page, "NameInput").fill("Grace")
    expect(page.get_by_text("Hello Grace")).to_be_visible()
    listed = open_panel(page, "Errors")
    expect(listed).to_contain_text("pages/Home/page.yaml:9:11")
    page.reload()
    expect(page.get_by_text("First version")).to_be_visible()
    expect(listed).to_contain_text("E205")
    expect(overlay).to_have_count(0)

    change(HOME, ("type: Selekt", "type: Selekts"))
    expect(overlay).to_be_visible()
    change(HOME, ("type: Selekts", "type: Select"))
    expect(overlay).to_have_count(0)
    expect(page.get_by_text("Second version")).to_be_visible()
    expect(listed).not_to_contain_text("E205")
    assert "page.yaml:9:11 E205" in server.read_log()


def test_an_app_that_never_was_sound_heals_by_itself(
    context: BrowserContext, bench: Path, change: Change, tmp_path: Path, api: Upstream
) -> None:
    """It is served with its errors; they follow the files, and give way to the page."""
    change(HOME, BROKEN)
    with DevServer([bench], folder=tmp_path, settings={"OTHER_URL": api.url}) as server:
        page = context.new_page()
        answer = page.goto(f"{server.url}/bench/Home")
        assert answer is not None
        assert answer.status == 503
        expect(page.get_by_role("heading", name="bench cannot run yet")).to_be_visible()
        expect(page.locator("main")).to_contain_text("received: Selekt")
        expect(page.get_by_role("dialog")).to_have_count(0)
        change(HOME, ("type: Selekt", "type: Selekty"))
        expect(page.locator("main")).to_contain_text("received: Selekty")
        page.goto(f"{server.url}/")
        page.get_by_role("link", name="bench").click()
        expect(page.locator("main")).to_contain_text("received: Selekty")
        page.goto(f"{server.url}/bench/Home")
        change(HOME, ("type: Selekty", "type: Select"))
        expect(page.get_by_text("First version")).to_be_visible()


def test_a_restarted_server_brings_the_page_up_to_date(page: Page, change: Change, server: DevServer) -> None:
    """What was typed stays; a change that was made while it was down shows when it is back."""
    page.evaluate("window.mark = 1")
    field(page, "NameInput").fill("Ada")
    server.stop()
    change(HOME, SECOND)
    server.start()
    expect(page.get_by_text("Second version")).to_be_visible()
    expect(field(page, "NameInput")).to_have_value("Ada")
    expect(page.get_by_text("Hello Ada")).to_be_visible()
    assert page.evaluate("window.mark") == 1
    server.restart()
    page.get_by_role("button", name="Say").click()
    expect(open_panel(page, "Logs")).to_contain_text("said Ada")


def test_a_tab_that_nobody_sees_catches_up(page: Page, change: Change, context: BrowserContext) -> None:
    """It holds no connection, of which browsers have few; when it is seen again, it is up to date."""
    hide = "(is) => { Object.defineProperty(document, 'hidden', { value: is, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')) }"
    other = context.new_page()
    other.goto(page.url)
    page.evaluate(hide, True)
    change(HOME, SECOND)
    expect(other.get_by_text("Second version")).to_be_visible()
    assert page.get_by_text("First version").is_visible()
    page.evaluate(hide, False)
    expect(page.get_by_text("Second version")).to_be_visible()


def test_pages_without_the_client_are_loaded_again(
    page: Page, change: Change, context: BrowserContext
) -> None:
    """The list of apps, and an error page: both are of the new version."""
    index, missing = context.new_page(), context.new_page()
    index.goto(page.url.replace("bench/Home", ""))
    missing.goto(page.url.replace("Home", "Nowhere"))
    change("app.yaml", ("name: Bench", "name: Other bench"))
    expect(index.get_by_role("link", name="Other bench")).to_be_visible()
    expect(missing).to_have_title("Page not found · Other bench")


def test_a_page_that_fails_says_why_and_heals(page: Page, change: Change) -> None:
    """An error of the scripts that keeps the page from showing is told to the builder, until it is mended."""
    change(HOME, ("Hello {{ NameInput.text }}", "Hello {{ (() => { while (true); })() }}"))
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    expect(page.locator("main")).to_contain_text("For you, who builds it")
    change(HOME, ("{{ (() => { while (true); })() }}", "again"))
    expect(page.get_by_text("Hello again")).to_be_visible()


def test_a_folder_that_is_replaced_is_followed_still(
    page: Page, bench: Path, change: Change, tmp_path: Path
) -> None:
    """As when another branch is checked out: gone is an error, back is the new version, and so it goes on."""
    shutil.move(bench, tmp_path / "away")
    expect(page.get_by_role("dialog")).to_contain_text("E101")
    shutil.copytree(tmp_path / "away", bench)
    expect(page.get_by_role("dialog")).to_have_count(0)
    change(HOME, SECOND)
    expect(page.get_by_text("Second version")).to_be_visible()


def test_the_panel_shows_errors_of_scripts_with_their_place(page: Page) -> None:
    """Page, widget, property, file, line and column, message; the same error again is counted."""
    page.get_by_role("button", name="Fail").click()
    listed = open_panel(page, "Errors")
    for words in (
        "pages/Home/scripts/Tools.js:8:",
        "TypeError",
        "Home",
        "FailButton.onClick",
        "in FailButton onClick",
    ):
        expect(listed).to_contain_text(words)
    page.get_by_role("button", name="Fail").click()
    expect(listed).to_contain_text("2×")
    page.get_by_role("button", name="Clear").click()
    expect(listed).to_contain_text("No errors")


def test_the_panel_shows_what_scripts_print(page: Page) -> None:
    """With its level; what is lost with the script context is told; a password that is typed is not shown."""
    field(page, "NameInput").fill("Ada")
    field(page, "SecretInput").fill(PASSWORD)
    page.get_by_role("button", name="Say").click()
    listed = open_panel(page, "Logs")
    expect(listed).to_contain_text("said Ada •••")
    expect(listed.locator("li.warn").first).to_be_visible()
    expect(listed).to_contain_text("Tools.started holds a value (Map)")
    assert PASSWORD not in str(page.locator("portico-dev").evaluate("(it) => it.shadowRoot.innerHTML"))


def test_the_panel_shows_queries_without_secrets(page: Page, api: Upstream) -> None:
    """Name, method, path, status, time, size, event and id; no header, no body, no value of a parameter."""
    seen: list[bytes] = []
    page.on("response", lambda answer: seen.append(answer.body()) if "assets" in answer.url else None)
    field(page, "SecretInput").fill(PASSWORD)
    page.get_by_role("button", name="Word").click()
    listed = open_panel(page, "Queries")
    row = listed.locator("li", has_text="fetchWord")
    expect(row).to_contain_text("200 OK")
    for words in ("GET /words/•••?access_token=…", "in WordButton onClick", " ms", "17 B", "Home"):
        expect(row).to_contain_text(words)
    expect(row).to_contain_text(re.compile(r"g\d+\.\d+"))
    api.answer = plain("403 Forbidden", json.dumps({"message": "not for you"}).encode())
    page.get_by_role("button", name="Refused").click()
    refused = listed.locator("li", has_text="refused")
    expect(refused).to_contain_text("403 Forbidden")
    expect(refused).to_contain_text("not for you")
    shown = str(page.locator("portico-dev").evaluate("(it) => it.shadowRoot.innerHTML"))
    for secret in (PASSWORD, "s3cret", "hidden-value", "hidden-header"):
        assert secret not in shown
    assert b"hidden-header" in api.requests[0], "the control: it was sent"


def test_the_panel_goes_with_the_tab_and_remembers_itself(page: Page, context: BrowserContext) -> None:
    """What happened on the page before is still there; another tab has none of it; open stays open."""
    page.get_by_role("button", name="Say").click()
    listed = open_panel(page, "Logs")
    expect(listed).to_contain_text("a warning")
    page.get_by_role("button", name="Other").click()
    expect(page.get_by_text("The other page")).to_be_visible()
    expect(listed).to_contain_text("a warning")
    other = context.new_page()
    other.goto(page.url.replace("Other", "Home"))
    expect(other.locator("portico-dev").get_by_role("tabpanel")).to_contain_text("Nothing yet")


def test_the_panel_is_there_for_the_keyboard(page: Page) -> None:
    """It opens, changes tabs, closes, and gives the focus back to its button."""
    pill = page.get_by_role("button", name="Portico dev")
    pill.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Errors")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Logs")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Session")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Errors")).to_be_focused()
    page.keyboard.press("Escape")
    expect(pill).to_be_focused()
    page.reload()
    expect(pill).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing_and_nothing_is_out_of_reach(
    chromium: Browser, server: DevServer, change: Change, width: int, scheme: Literal["light", "dark"]
) -> None:
    """Closed, open with each tab filled, and below the overlay; the end of the page can be seen."""
    context = chromium.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 700}
    )
    page = context.new_page()
    page.goto(f"{server.url}/bench/Home")
    clean(page)
    for name in ("Say", "Fail", "Word"):
        page.get_by_role("button", name=name, exact=True).click()
    for tab, words in (("Errors", "TypeError"), ("Logs", "a warning"), ("Queries", "200 OK")):
        expect(open_panel(page, tab)).to_contain_text(words)
        clean(page)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    low = page.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
    top = page.locator("portico-dev .panel").evaluate("(it) => it.getBoundingClientRect().top")
    assert low <= top
    change(HOME, BROKEN)
    expect(page.get_by_role("dialog")).to_be_visible()
    clean(page)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_broken_app(
    chromium: Browser, bench: Path, change: Change, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """Nor is anything wider than a telephone."""
    change(HOME, BROKEN, ("type: Checkbox", "type: Chekbox"))
    with DevServer([bench], folder=tmp_path) as server:
        context = chromium.new_context(
            bypass_csp=True, color_scheme=scheme, viewport={"width": 375, "height": 700}
        )
        page = context.new_page()
        page.goto(f"{server.url}/bench/Home")
        clean(page)
        context.close()


def clean(page: Page) -> None:
    """No rule of axe is broken, and nothing is wider than the window."""
    page.add_script_tag(path=AXE)
    page.wait_for_timeout(200)
    page.locator("#alerts .alert button").evaluate_all("(them) => them.forEach((it) => it.click())")
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
