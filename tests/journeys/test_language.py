"""What scripts ask of a browser, in a real one: timers, files, the clipboard, modals, questions, rows."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.servers import AuthServer, PorticoServer

APPS = Path(__file__).parents[1] / "web" / "apps"


@pytest.fixture(scope="module")
def portico(auth_server: AuthServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PorticoServer]:
    """Portico serving the app of the language."""
    folder = tmp_path_factory.mktemp("language")
    settings = {"AUTH_URL": auth_server.url}
    with PorticoServer([APPS / "language"], folder=folder, settings=settings) as server:
        yield server


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that may write to the clipboard and knows where it is."""
    context = chromium.new_context(
        permissions=["clipboard-read", "clipboard-write", "geolocation"],
        geolocation={"latitude": 52.5, "longitude": 13.4},
    )
    yield context
    context.close()


def opened(page: Page, portico: PorticoServer, name: str) -> Page:
    """A page of the app, its client running."""
    page.goto(f"{portico.url}/language/{name}")
    expect(page.locator("html.js")).to_have_count(1)
    return page


def test_an_interval_ticks_until_it_is_stopped(page: Page, portico: PorticoServer) -> None:
    """setInterval and clearInterval; what is typed meanwhile stays."""
    opened(page, portico, "Timers").get_by_label("Note").fill("typed")
    page.get_by_role("button", name="Start").click()
    count = page.locator('[id="w.Count"]')
    expect(count).to_have_text(re.compile(r"^[3-9]|\d\d"))
    expect(page.get_by_label("Note")).to_have_value("typed")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(400)
    stopped = count.inner_text()
    page.wait_for_timeout(900)
    assert count.inner_text() == stopped


def test_a_timeout_fires_later(page: Page, portico: PorticoServer) -> None:
    """setTimeout."""
    opened(page, portico, "Timers").get_by_role("button", name="Later").click()
    expect(page.get_by_text("later", exact=True)).to_be_visible()
    expect(page.locator('[id="w.Count"]')).to_have_text("100")


def test_timers_of_the_load_tick_and_survive_a_restart(page: Page, portico: PorticoServer) -> None:
    """R6: the page goes on ticking in the next process."""
    ticks = opened(page, portico, "Loading").locator('[id="w.Ticks"]')
    expect(ticks).to_have_text(re.compile(r"^[2-9]|\d\d"))
    portico.restart()
    before = int(ticks.inner_text())
    page.wait_for_function(
        "(least) => Number(document.getElementById('w.Ticks').innerText) >= least", arg=before + 3
    )


def test_a_file_is_saved(page: Page, portico: PorticoServer) -> None:
    """download: under its name, with its text."""
    opened(page, portico, "Handing").get_by_label("Value").fill("a,b; ü")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    assert download.value.suggested_filename == "value.txt"
    assert Path(download.value.path()).read_text() == "a,b; ü"


def test_a_text_is_copied(page: Page, portico: PorticoServer) -> None:
    """copyToClipboard."""
    opened(page, portico, "Handing").get_by_label("Value").fill("words")
    page.get_by_role("button", name="Copy").click()
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.clipboard.readText()") == "words"


def test_where_the_clipboard_is_closed_the_user_can_copy(chromium: Browser, portico: PorticoServer) -> None:
    """The text is shown, selected."""
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    opened(page, portico, "Handing").get_by_label("Value").fill("words")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("dialog").get_by_label("Text to copy")).to_have_value("words")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    context.close()


def test_what_a_tab_keeps_goes_along_and_ends_at_reload(page: Page, portico: PorticoServer) -> None:
    """storeValue with persist false."""
    opened(page, portico, "Handing").get_by_label("Value").fill("half done")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("draft: half done")).to_be_visible()
    page.get_by_role("button", name="On").click()
    expect(page).to_have_url(f"{portico.url}/language/Tab?again=1")
    expect(page.get_by_text("draft: half done")).to_be_visible()
    page.reload()
    expect(page.get_by_text("draft: none")).to_be_visible()


def test_a_modal_holds_the_focus_and_closes_in_every_way(page: Page, portico: PorticoServer) -> None:
    """showModal, closeModal, Escape, a click beside it, its own button; the focus goes back."""
    state = opened(page, portico, "Modals").locator('[id="w.State"]')
    opener = page.get_by_role("button", name="Open", exact=True)
    dialog = page.get_by_role("dialog", name="Details")
    ways: tuple[Callable[[], None], ...] = (
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(5, 5),
        lambda: dialog.get_by_role("button", name="Close").click(),
        lambda: dialog.get_by_role("button", name="Done").click(),
    )
    for number, close in enumerate(ways):
        opener.click()
        expect(dialog).to_be_visible()
        assert page.evaluate("document.querySelector('dialog').matches(':modal')")
        dialog.get_by_label("Note").fill("words")
        dialog.get_by_role("button", name="Say").click()
        expect(page.get_by_text("said words").last).to_be_visible()
        close()
        expect(dialog).to_have_count(0)
        expect(state).to_have_text(f"closed {number + 1}")
        expect(opener).to_be_focused()


def test_a_modal_that_may_not_be_closed_so_stays(page: Page, portico: PorticoServer) -> None:
    """canEscapeKeyClose and canOutsideClickClose."""
    opened(page, portico, "Modals").get_by_role("button", name="Open locked").click()
    dialog = page.get_by_role("dialog", name="Locked")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    page.wait_for_timeout(400)
    expect(dialog).to_be_visible()


def test_a_question_is_a_dialog(page: Page, portico: PorticoServer) -> None:
    """Confirm before calling: yes goes on, no does nothing."""
    opened(page, portico, "Asking").get_by_role("button", name="Wipe").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Are you sure?")).to_be_visible()
    expect(dialog.get_by_role("button", name="No")).to_be_focused()
    dialog.get_by_role("button", name="No").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Wipe").click()
    dialog.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("wiped all")).to_be_visible()


def test_the_position_comes_from_the_browser(page: Page, portico: PorticoServer) -> None:
    """appsmith.geolocation.getCurrentPosition."""
    opened(page, portico, "Asking").get_by_role("button", name="Where").click()
    expect(page.get_by_text("at 52.5")).to_be_visible()


def test_rows_by_keyboard(page: Page, portico: PorticoServer) -> None:
    """Each row has its own input and button; a row is chosen, pages are turned."""
    opened(page, portico, "Rows")
    page.get_by_label("Note").nth(1).fill("dear")
    page.get_by_role("button", name="Greet").nth(1).press("Enter")
    expect(page.get_by_text("hello Bob dear")).to_be_visible()
    page.get_by_role("button", name="Choose item 1").press("Enter")
    expect(page.get_by_text("chose Ada")).to_be_visible()
    expect(page.locator("li[aria-current]")).to_have_count(1)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Eve")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_label("Note").nth(1)).to_have_value("dear")


def test_pages_with_everything_are_accessible(page: Page, portico: PorticoServer) -> None:
    """axe finds nothing, at both widths, with a modal open too."""
    axe = (Path(__file__).parents[2] / "build" / "test-assets" / "axe.min.js").read_text()
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        for name, button in (("Rows", None), ("Modals", "Open"), ("Asking", "Wipe")):
            opened(page, portico, name)
            if button:
                page.get_by_role("button", name=button, exact=True).click()
                expect(page.get_by_role("dialog")).to_be_visible()
            page.evaluate(axe)
            found = page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))")
            assert found == [], (name, width)
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0
