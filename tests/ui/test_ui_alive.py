"""Pages that outlive their session: other tabs, and the way back (hard-cases 7)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.conftest import OpenPage
from tests.ui.sites import login
from tests.ui.stage import Stage

BACK = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
SEEN = "document.dispatchEvent(new Event('visibilitychange'))"


def opened(stage: Stage, page: Page, session_tag: str | None) -> None:
    """A page of a session, whose client has started."""
    page.goto(stage.show(login(session_tag=session_tag)))
    started(page)


def started(page: Page) -> None:
    """The client of this document has started."""
    expect(page.locator("html.js")).to_have_count(1)


def until(condition: Callable[[], bool], page: Page) -> None:
    """Wait for something on the stage."""
    for _ in range(500):
        if condition():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("event", [BACK, SEEN])
def test_a_page_of_another_session_is_loaded_anew(stage: Stage, open_page: OpenPage, event: str) -> None:
    """Coming back to a page whose session has ended loads it again."""
    page = open_page()
    opened(stage, page, "tag")
    stage.alive = ""
    page.evaluate(event)
    until(lambda: len(stage.gets) == 2, page)
    started(page)


@pytest.mark.parametrize("event", [BACK, SEEN])
def test_a_page_of_this_session_stays(stage: Stage, open_page: OpenPage, event: str) -> None:
    """Coming back within the same session changes nothing: the text and the focus are still there."""
    page = open_page()
    opened(stage, page, "tag")
    page.fill("#c\\.UsernameInput", "ada")
    stage.alive = "tag"
    page.evaluate(event)
    until(lambda: stage.asked == 1, page)
    expect(page.locator("html[data-checking]")).to_have_count(0)
    expect(page.locator("#c\\.UsernameInput")).to_have_value("ada")
    expect(page.locator("#c\\.UsernameInput")).to_be_focused()
    assert len(stage.gets) == 1


def test_nothing_is_seen_before_the_answer(stage: Stage, open_page: OpenPage) -> None:
    """A page from the back/forward cache is hidden until the server says whose it is."""
    page = open_page()
    opened(stage, page, "tag")
    stage.alive = None
    page.evaluate(BACK)
    until(lambda: stage.asked >= 2, page)
    expect(page.locator("html[data-checking]")).to_have_count(1)
    expect(page.locator("main")).to_be_hidden()
    stage.alive = "tag"
    expect(page.locator("html[data-checking]")).to_have_count(0)
    expect(page.locator("main")).to_be_visible()


def test_a_tab_that_was_open_all_the_time_stays_readable(stage: Stage, open_page: OpenPage) -> None:
    """Without network, what was in this tab anyway is not taken away."""
    page = open_page()
    opened(stage, page, "tag")
    stage.alive = None
    page.evaluate(SEEN)
    until(lambda: stage.asked == 1, page)
    expect(page.locator("html[data-checking]")).to_have_count(0)
    expect(page.locator("#offline")).to_be_visible()


def test_a_page_for_everybody_never_asks(stage: Stage, open_page: OpenPage) -> None:
    """A page that no session has a part in has nothing to ask."""
    page = open_page()
    opened(stage, page, None)
    page.evaluate(BACK)
    page.evaluate(SEEN)
    page.wait_for_timeout(200)
    assert stage.asked == 0


@pytest.mark.parametrize("told", ["signed-out", "signed-in"])
def test_other_tabs_are_told(stage: Stage, open_page: OpenPage, told: str) -> None:
    """Signing in or out in one tab makes the others ask, and load anew."""
    before, after = ("tag", "") if told == "signed-out" else ("", "tag")
    one, other = open_page(), open_page()
    opened(stage, one, before)
    opened(stage, other, before)
    stage.alive = after
    stage.answer({"session": told})
    one.click("#c\\.LoginButton")
    until(lambda: len(stage.gets) == 3, other)
    started(other)
    assert stage.asked == 1
