"""The client in a real browser: events, answers, and what the user typed."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portico.ui.render import PageView, render_widget
from tests.ui.conftest import OpenPage
from tests.ui.sites import TABS, login, main_page, view_of, widget
from tests.ui.stage import Stage

USER, PASSWORD, BUTTON = "#c\\.UsernameInput", "#c\\.PasswordInput", "#c\\.LoginButton"
CLICK = frozenset({"onClick"})


def until(condition: Callable[[], object], page: Page) -> None:
    """Wait for something on the stage; the browser goes on meanwhile."""
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        page.wait_for_timeout(20)


def press_again(page: Page) -> None:
    """Press the button once the press before is answered: until then it counts for the same."""
    expect(page.locator(BUTTON)).not_to_have_attribute("aria-busy", "true")
    page.click(BUTTON)


def form_html(**changes: Any) -> str:
    """The login form as rendered anew, with other words and values than at first."""
    view = login()
    props = {path: dict(values) for path, values in view.props.items()}
    props["Heading"]["text"] = "Try again"
    props["UsernameInput"]["text"] = "from the server"
    for name, value in changes.items():
        props[name] |= value
    return render_widget(login(props=props), "LoginForm")


def alive(page: Page) -> None:
    """The client has started."""
    expect(page.locator("html.js")).to_have_count(1)


def test_a_click_posts_one_event(stage: Stage, open_page: OpenPage) -> None:
    """The request has the header, the body and the type that the server demands (events.md)."""
    page = open_page()
    page.goto(stage.show(login()) + "?next=%2Fhr%2FHome")
    alive(page)
    page.fill(USER, "ada")
    page.fill(PASSWORD, "pw")
    page.click(BUTTON)
    until(lambda: stage.posts, page)
    (post,) = stage.posts
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", post.pop("visit"))
    assert post == {
        "n": 1,
        "widget": "LoginButton",
        "event": "onClick",
        "values": {"UsernameInput": "ada", "PasswordInput": "pw"},
        "row": None,
    }
    assert stage.heads[0]["portico-event"] == "1"
    assert stage.heads[0]["content-type"] == "application/json"
    assert stage.heads[0]["sec-fetch-site"] == "same-origin"
    assert page.url.endswith("?next=%2Fhr%2FHome")


def test_events_are_numbered_in_order(stage: Stage, open_page: OpenPage) -> None:
    """A visit that the page came with goes on counting from its number; events leave in their order."""
    buttons = [widget("Button", name, text=name, events=CLICK) for name in "ABC"]
    page = open_page()
    page.goto(stage.show(view_of(*buttons, visit="v" * 22, n=7)))
    alive(page)
    for name in "ABC":
        page.click(f"#c\\.{name}")
    until(lambda: len(stage.posts) == 3, page)
    assert [(post["visit"], post["n"], post["widget"]) for post in stage.posts] == [
        ("v" * 22, 8, "A"),
        ("v" * 22, 9, "B"),
        ("v" * 22, 10, "C"),
    ]


def test_a_slow_event_holds_nothing_up(stage: Stage, open_page: OpenPage) -> None:
    """The next leaves while it runs, and is answered before it; each button is busy as long as its own."""
    buttons = [widget("Button", name, text=name, events=CLICK) for name in "AB"]
    page = open_page()
    page.goto(stage.show(view_of(*buttons)))
    alive(page)
    stage.answer("wait", {"alerts": [{"message": "slow", "style": "info"}]})
    stage.answer({"alerts": [{"message": "quick", "style": "info"}]})
    page.click("#c\\.A")
    page.click("#c\\.B")
    expect(page.locator(".alert")).to_have_text(["quick×"])
    expect(page.locator("#c\\.A")).to_have_attribute("aria-busy", "true")
    expect(page.locator("#c\\.B")).not_to_have_attribute("aria-busy", "true")
    stage.gate.set()
    expect(page.locator(".alert")).to_have_text(["quick×", "slow×"])
    expect(page.locator("#c\\.A")).not_to_have_attribute("aria-busy", "true")


def test_an_older_answer_that_comes_late_changes_nothing_newer(stage: Stage, open_page: OpenPage) -> None:
    """Numbers say in which order the page changed: what a late answer brings for a widget that has
    shown something newer is left out, and what is newer inside of what it brings is put back."""

    def boxes(text: str) -> PageView:
        box = widget(
            "Container", "Box", widget("Text", "Inner", text=text), widget("Text", "Beside", text=text)
        )
        buttons = [widget("Button", name, text=name, events=CLICK) for name in "AB"]
        return view_of(box, widget("Text", "Other", text=text), *buttons)

    page = open_page()
    page.goto(stage.show(boxes("first")))
    alive(page)
    newest, older = boxes("newest"), boxes("older")
    stage.answer({"version": 9, "html": {name: render_widget(newest, name) for name in ("Inner", "Other")}})
    stage.answer({"version": 8, "html": {name: render_widget(older, name) for name in ("Box", "Other")}})
    page.click("#c\\.A")
    expect(page.locator("#w\\.Other")).to_contain_text("newest")
    page.click("#c\\.B")
    expect(page.locator("#w\\.Beside")).to_contain_text("older")
    expect(page.locator("#w\\.Inner")).to_contain_text("newest")
    expect(page.locator("#w\\.Other")).to_contain_text("newest")


def test_an_answer_keeps_what_was_typed(stage: Stage, open_page: OpenPage) -> None:
    """New HTML changes the words, not the text in controls, the focus or the place of the caret."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.fill(PASSWORD, "pw")
    page.fill(USER, "ada lovelace")
    page.locator(USER).evaluate("(found) => found.setSelectionRange(2, 5)")
    stage.answer({"html": {"LoginForm": form_html()}})
    page.evaluate("document.querySelector('[name=\"portico.event\"]').click()")
    expect(page.locator("h2")).to_have_text("Try again")
    assert page.input_value(USER) == "ada lovelace"
    assert page.input_value(PASSWORD) == "pw"
    expect(page.locator(USER)).to_be_focused()
    assert page.locator(USER).evaluate("(found) => [found.selectionStart, found.selectionEnd]") == [2, 5]


def test_only_values_change_controls(stage: Stage, open_page: OpenPage) -> None:
    """`values` overwrite a control; a password can only be emptied."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.fill(USER, "ada")
    page.fill(PASSWORD, "pw")
    stage.answer({"values": {"UsernameInput": "eve", "PasswordInput": "never"}})
    stage.answer({"values": {"UsernameInput": None, "PasswordInput": ""}, "focus": "PasswordInput"})
    page.click(BUTTON)
    expect(page.locator(USER)).to_have_value("eve")
    assert page.input_value(PASSWORD) == "pw"
    press_again(page)
    expect(page.locator(USER)).to_have_value("")
    expect(page.locator(PASSWORD)).to_have_value("")
    expect(page.locator(PASSWORD)).to_be_focused()


def test_lines_are_shown_as_they_come(stage: Stage, open_page: OpenPage) -> None:
    """An answer in several lines is shown line by line; the button is busy until the last."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    early = render_widget(login(props={"Heading": {"text": "Working"}}), "Heading")
    stage.answer({"html": {"Heading": early}, "done": False}, "wait", {"title": "Done"})
    page.fill(USER, "ada")
    page.click(BUTTON)
    expect(page.locator("#w\\.Heading")).to_have_text("Working")
    expect(page.locator(BUTTON)).to_have_attribute("aria-busy", "true")
    stage.gate.set()
    expect(page.locator(BUTTON)).not_to_have_attribute("aria-busy", "true")
    expect(page).to_have_title("Done")


def test_a_busy_button_ignores_further_clicks(stage: Stage, open_page: OpenPage) -> None:
    """A double click is one event, also when the button was rendered anew in between."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    stage.answer({"html": {"LoginForm": form_html()}, "done": False}, "wait", {})
    page.dblclick(BUTTON)
    expect(page.locator("h2")).to_have_text("Try again")
    page.click(BUTTON)
    stage.gate.set()
    expect(page.locator(BUTTON)).not_to_have_attribute("aria-busy", "true")
    assert len(stage.posts) == 1
    page.click(BUTTON)
    until(lambda: len(stage.posts) == 2, page)


@pytest.mark.parametrize("failure", ["cut", "gateway"])
def test_a_lost_answer_is_asked_for_again(stage: Stage, open_page: OpenPage, failure: str) -> None:
    """The same event is posted with the same number until it is answered, and says its alerts once."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.fill(USER, "ada")
    said = {"alerts": [{"message": "Saved", "style": "success"}]}
    if failure == "cut":
        stage.answer({**said, "done": False}, "cut")
    else:
        stage.answer({}, status=502)
    stage.answer("wait", said)
    page.click(BUTTON)
    until(lambda: len(stage.posts) == 2, page)
    expect(page.locator("#offline")).to_be_visible()
    assert page.input_value(USER) == "ada"
    stage.gate.set()
    expect(page.locator("#offline")).to_have_count(0)
    expect(page.locator(".alert.success")).to_have_count(1)
    assert stage.posts[0] == stage.posts[1]
    press_again(page)
    until(lambda: len(stage.posts) == 3, page)
    assert stage.posts[2]["n"] == 2


def test_a_click_without_network_is_delivered_later(stage: Stage, open_page: OpenPage) -> None:
    """Nothing is lost while the network is away, and the page says so."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.fill(USER, "ada")
    page.context.set_offline(True)
    page.click(BUTTON)
    expect(page.locator("#offline")).to_be_visible()
    assert stage.posts == []
    assert page.input_value(USER) == "ada"
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_count(0)
    assert [post["values"]["UsernameInput"] for post in stage.posts] == ["ada"]


def test_a_refusal_is_said_and_the_page_goes_on(stage: Stage, open_page: OpenPage) -> None:
    """A problem is an error alert with its id, whatever the status; the next event works."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    stage.answer({"problem": {"code": "busy", "message": "Please wait.", "id": "Zx8"}}, status=409)
    page.click(BUTTON)
    expect(page.locator("[role=alert] .alert.error")).to_contain_text("Please wait. (Zx8)")
    press_again(page)
    until(lambda: len(stage.posts) == 2, page)


def test_alerts_last_five_seconds(stage: Stage, open_page: OpenPage) -> None:
    """Exactly 5 s (checklist 2A), longer only while the pointer is on them; they can be closed."""
    page = open_page()
    page.clock.install()
    page.goto(stage.show(login()))
    alive(page)
    stage.answer(
        {"alerts": [{"message": "Saved", "style": "success"}, {"message": "<b>Bad</b>", "style": "error"}]}
    )
    page.click(BUTTON)
    expect(page.locator("[role=status] .alert")).to_contain_text("Saved")
    expect(page.locator("[role=alert] .alert")).to_contain_text("<b>Bad</b>")
    # The page's clock also runs by itself, so the step stops well before the five seconds.
    page.clock.fast_forward(3000)
    expect(page.locator(".alert")).to_have_count(2)
    page.locator("[role=alert] .alert").dispatch_event("mouseenter")
    page.clock.fast_forward(2100)
    expect(page.locator("[role=status] .alert")).to_have_count(0)
    page.clock.fast_forward(20_000)
    expect(page.locator("[role=alert] .alert")).to_have_count(1)
    page.locator("[role=alert] .alert button").dispatch_event("click")
    expect(page.locator(".alert")).to_have_count(0)


def test_alerts_of_the_page_itself_go_too(stage: Stage, open_page: OpenPage) -> None:
    """Alerts that came with the HTML last as long as others."""
    page = open_page()
    page.clock.install()
    html = stage.show(login())
    stage.pages["/hr/Home"] = stage.pages["/hr/Home"].replace(
        '<div role="status">', '<div role="status"><div class="alert info">Welcome</div>'
    )
    page.goto(html)
    expect(page.locator(".alert")).to_contain_text("Welcome")
    page.clock.fast_forward(5100)
    expect(page.locator(".alert")).to_have_count(0)


def test_alerts_travel_with_a_navigation(stage: Stage, open_page: OpenPage) -> None:
    """`showAlert(…); navigateTo(…)` shows the alert on the next page, once (hard-cases 32)."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    there = stage.show(main_page(), "/hr/MainPage")
    stage.answer(
        {
            "alerts": [{"message": "Hello", "style": "warning"}],
            "navigate": {"url": "/hr/MainPage", "target": "SAME_WINDOW"},
        }
    )
    page.click(BUTTON)
    page.wait_for_url(there)
    expect(page.locator(".alert.warning")).to_contain_text("Hello")
    page.reload()
    alive(page)
    expect(page.locator(".alert")).to_have_count(0)


def test_a_new_window_leaves_this_one(stage: Stage, open_page: OpenPage) -> None:
    """NEW_WINDOW opens a tab that has no hold on this one."""
    page = open_page()
    here = stage.show(login())
    page.goto(here)
    alive(page)
    stage.show(main_page(), "/hr/MainPage")
    stage.answer({"navigate": {"url": "/hr/MainPage", "target": "NEW_WINDOW"}})
    with page.context.expect_page() as opened:
        page.click(BUTTON)
    assert opened.value.evaluate("window.opener") is None
    assert page.url == here


@pytest.mark.parametrize(
    "url", ["javascript:document.title='xss'", "java\nscript:1", "data:text/html,x", "http://["]
)
def test_no_navigation_runs_a_script(stage: Stage, open_page: OpenPage, url: str) -> None:
    """The client goes to web, mail and telephone addresses only (promise 26)."""
    page = open_page()
    here = stage.show(login())
    page.goto(here)
    alive(page)
    stage.answer({"navigate": {"url": url, "target": "SAME_WINDOW"}})
    page.click(BUTTON)
    press_again(page)
    until(lambda: len(stage.posts) == 2, page)
    assert page.url == here
    assert page.title() == "Sign in · HR Portal"


def waiting_form(**props: Any) -> Any:
    """A form whose button waits until it is valid."""
    return view_of(
        widget(
            "Form",
            "F",
            widget(
                "Input",
                "Mail",
                inputType="EMAIL",
                isRequired=True,
                label="E-mail",
                text="",
                isValid=False,
                problem="",
            ),
            widget(
                "Input",
                "Code",
                regex="^[0-9]+$",
                errorMessage="Digits only",
                label="Code",
                text="",
                isValid=True,
            ),
            widget("Button", "Go", text="Go", disabledWhenInvalid=True, events=CLICK, **props),
        )
    )


def test_a_button_waits_for_a_valid_form(stage: Stage, open_page: OpenPage) -> None:
    """The client disables it while an input is invalid, and again after new HTML."""
    page = open_page()
    page.goto(stage.show(waiting_form()))
    go = page.locator("#c\\.Go")
    expect(go).to_be_disabled()
    page.fill("#c\\.Mail", "a@x.io")
    expect(go).to_be_enabled()
    page.fill("#c\\.Code", "1a")
    expect(go).to_be_disabled()
    page.fill("#c\\.Code", "12")
    stage.answer({"html": {"F": render_widget(waiting_form(), "F")}})
    go.click()
    until(lambda: stage.posts, page)
    expect(go).to_be_enabled()
    page.fill("#c\\.Mail", "")
    expect(go).to_be_disabled()


def test_a_button_that_is_disabled_stays_so(stage: Stage, open_page: OpenPage) -> None:
    """What the server disabled is not enabled by a valid form."""
    page = open_page()
    page.goto(stage.show(waiting_form(isDisabled=True)))
    alive(page)
    page.fill("#c\\.Mail", "a@x.io")
    expect(page.locator("#c\\.Go")).to_be_disabled()


def test_messages_stand_beside_what_is_wrong(stage: Stage, open_page: OpenPage) -> None:
    """After a change the message appears and is tied to the control; typing the right thing removes it."""
    page = open_page()
    page.goto(stage.show(waiting_form()))
    alive(page)
    code = page.locator("#c\\.Code")
    code.fill("x")
    expect(page.locator("#e\\.Code")).to_be_hidden()
    code.blur()
    expect(page.locator("#e\\.Code")).to_have_text("Digits only")
    expect(code).to_have_attribute("aria-invalid", "true")
    code.fill("5")
    expect(page.locator("#e\\.Code")).to_be_hidden()
    expect(code).not_to_have_attribute("aria-invalid", "true")


def test_enter_in_an_invalid_form_says_what_is_missing(stage: Stage, open_page: OpenPage) -> None:
    """Where the button is disabled, Enter shows the messages and goes to the first of them."""
    page = open_page()
    page.goto(stage.show(waiting_form()))
    alive(page)
    page.press("#c\\.Code", "Enter")
    expect(page.locator("#e\\.Mail")).to_have_text("Please fill in this field.")
    expect(page.locator("#c\\.Mail")).to_be_focused()
    assert stage.posts == []


def test_enter_submits_a_form(stage: Stage, open_page: OpenPage) -> None:
    """Enter in an input presses its form's button."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.press(PASSWORD, "Enter")
    until(lambda: stage.posts, page)
    assert stage.posts[0]["widget"] == "LoginButton"


def loose(**props: Any) -> Any:
    """An input and a button outside any form."""
    return view_of(
        widget("Input", "A", label="A", text="", isValid=True, **props),
        widget(
            "Input",
            "Notes",
            inputType="MULTI_LINE_TEXT",
            label="Notes",
            text="",
            isValid=True,
            events=props.get("events", frozenset()),
        ),
        widget("Button", "Delete", text="Delete", events=CLICK),
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_enter_outside_a_form_does_nothing(stage: Stage, open_page: OpenPage, scripts: bool) -> None:
    """No button is pressed by accident, with and without scripts."""
    page = open_page(java_script_enabled=scripts)
    page.goto(stage.show(loose()))
    page.press("#c\\.A", "Enter")
    page.wait_for_timeout(200)
    assert (stage.posts, stage.forms) == ([], [])


def test_enter_fires_on_submit(stage: Stage, open_page: OpenPage) -> None:
    """An input that declares `onSubmit` fires it; several lines need Ctrl as well."""
    page = open_page()
    page.goto(stage.show(loose(events=frozenset({"onSubmit"}))))
    alive(page)
    page.fill("#c\\.A", "x")
    page.press("#c\\.A", "Enter")
    page.press("#c\\.Notes", "Enter")
    page.press("#c\\.Notes", "Control+Enter")
    until(lambda: len(stage.posts) == 2, page)
    assert [(post["widget"], post["event"]) for post in stage.posts] == [
        ("A", "onSubmit"),
        ("Notes", "onSubmit"),
    ]
    assert stage.posts[1]["values"] == {"A": "x", "Notes": "\n"}


def test_focus_events_are_posted(stage: Stage, open_page: OpenPage) -> None:
    """`onFocus` and `onBlur` are posted where they are declared."""
    page = open_page()
    page.goto(stage.show(loose(events=frozenset({"onFocus", "onBlur"}))))
    alive(page)
    page.focus("#c\\.A")
    page.locator("#c\\.A").blur()
    until(lambda: len(stage.posts) == 2, page)
    assert [post["event"] for post in stage.posts] == ["onFocus", "onBlur"]


def test_live_changes_are_posted_once_typing_rests(stage: Stage, open_page: OpenPage) -> None:
    """Several keys are one `change`."""
    page = open_page()
    page.goto(stage.show(loose(live=True)))
    alive(page)
    page.locator("#c\\.A").press_sequentially("abc", delay=20)
    until(lambda: stage.posts, page)
    page.wait_for_timeout(400)
    (post,) = stage.posts
    assert (post["widget"], post["event"], post["values"]["A"]) == ("A", "change", "abc")


def test_a_change_is_told_before_a_click(stage: Stage, open_page: OpenPage) -> None:
    """`onTextChanged` comes before the `onClick` that follows it."""
    page = open_page()
    page.goto(stage.show(loose(events=frozenset({"onTextChanged"}))))
    alive(page)
    page.fill("#c\\.A", "abc")
    page.evaluate("document.getElementById('c.Delete').click()")
    until(lambda: len(stage.posts) == 2, page)
    assert [post["event"] for post in stage.posts] == ["change", "onClick"]


def test_tabs_are_chosen_by_mouse_and_keyboard(stage: Stage, open_page: OpenPage) -> None:
    """Arrows move along the headers, Enter chooses; the answer brings the tab's content."""
    page = open_page()
    page.goto(stage.show(main_page()))
    alive(page)
    tabs = page.locator("[role=tab]")
    assert tabs.evaluate_all("(all) => all.map((tab) => tab.tabIndex)") == [0, -1, -1]
    tabs.nth(0).focus()
    page.keyboard.press("ArrowLeft")
    expect(tabs.nth(2)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    assert stage.posts == []
    view = view_of(
        widget(
            "Tabs",
            "Sections",
            widget("Text", "Two", text="Second", slot="requests"),
            tabsObj=TABS,
            visibleTabs=TABS,
            selectedTab="requests",
            shouldShowTabs=True,
        )
    )
    stage.answer({"html": {"Sections": render_widget(view, "Sections")}})
    page.keyboard.press("Enter")
    expect(page.locator("[role=tabpanel]")).to_have_text("Second")
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(tabs.nth(1)).to_be_focused()
    expect(page.locator("[role=tabpanel]")).not_to_have_attribute("aria-busy", "true")
    post = stage.posts[0]
    assert (post["widget"], post["event"], post["values"]["Sections"]) == ("Sections", "change", "requests")


def test_load_is_posted_until_nothing_runs(stage: Stage, open_page: OpenPage) -> None:
    """A page that is not ready posts `load` at once, and again while the answer says so."""
    page = open_page()
    stage.answer({"load": True})
    stage.answer({"html": {"Heading": render_widget(login(props={"Heading": {"text": "Ready"}}), "Heading")}})
    page.goto(stage.show(login(loading=True)))
    expect(page.locator("#w\\.Heading")).to_have_text("Ready")
    assert [(post["widget"], post["event"]) for post in stage.posts] == [(None, "load")] * 2


def test_a_password_can_be_shown(stage: Stage, open_page: OpenPage) -> None:
    """The button shows and hides the password, and an answer does not undo it."""
    page = open_page()
    page.goto(stage.show(login()))
    alive(page)
    page.fill(PASSWORD, "pw")
    page.click("[data-reveal]")
    expect(page.locator(PASSWORD)).to_have_attribute("type", "text")
    stage.answer({"html": {"LoginForm": form_html()}})
    page.click(BUTTON)
    expect(page.locator("h2")).to_have_text("Try again")
    expect(page.locator(PASSWORD)).to_have_attribute("type", "text")
    expect(page.locator("[data-reveal]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-reveal]")
    expect(page.locator(PASSWORD)).to_have_attribute("type", "password")
    assert page.input_value(PASSWORD) == "pw"


def test_a_missing_picture_is_replaced(stage: Stage, open_page: OpenPage) -> None:
    """The default picture stands in for one that fails to load."""
    page = open_page()
    files = {"logo.svg": stage_logo(), "gone.png": stage_logo()}
    picture = widget("Image", "P", image="gone.png", defaultImage="logo.svg", alt="Us")
    page.goto(stage.show(view_of(picture, app={"files": files})))
    expect(page.locator("img.image")).to_have_attribute("src", "/hr/_files/logo.svg")


def stage_logo() -> Any:
    """Any path: the stage has the picture."""
    return __file__


def test_bound_looks_are_set_by_script(stage: Stage, open_page: OpenPage) -> None:
    """Colours and sizes arrive through CSSOM under a policy without inline style, and again after new
    HTML; a colour that could not be read gives way."""
    tree = (
        widget("Button", "B", text="Go", buttonColor="#fde047", events=CLICK),
        widget("Text", "T", text="dark blue", textColor="#1d4ed8", fontSize="1.6rem"),
        widget("Text", "Pale", text="pale", textColor="#fef9c3"),
        widget(
            "Container",
            "C",
            backgroundColor="#111827",
            borderRadius="20px",
            borderColor="red",
            borderWidth="3px",
        ),
    )
    view = view_of(*tree)
    # Without motion no colour is read on its way to another.
    page = open_page(color_scheme="light", reduced_motion="reduce")
    page.goto(stage.show(view))
    alive(page)

    def style(path: str, name: str) -> Any:
        return page.evaluate(f"getComputedStyle(document.getElementById('{path}')).{name}")

    assert style("c.B", "backgroundColor") == "rgb(253, 224, 71)"
    assert style("c.B", "color") == "rgb(17, 17, 17)"
    assert page.locator("#w\\.T .text").evaluate("(e) => getComputedStyle(e).color") == "rgb(29, 78, 216)"
    assert page.locator("#w\\.T .text").evaluate("(e) => getComputedStyle(e).fontSize") == "25.6px"
    assert (
        page.locator("#w\\.Pale .text").evaluate("(e) => getComputedStyle(e).color") != "rgb(254, 249, 195)"
    )
    assert [style("w.C", name) for name in ("backgroundColor", "borderTopLeftRadius", "borderTopWidth")] == [
        "rgb(17, 24, 39)",
        "20px",
        "3px",
    ]
    assert page.evaluate("document.getElementById('w.C').classList.contains('on-dark')")
    stage.answer({"html": {"C": render_widget(view, "C"), "B": render_widget(view, "B")}, "title": "Again"})
    page.click("#c\\.B")
    expect(page).to_have_title("Again")
    assert style("w.C", "backgroundColor") == "rgb(17, 24, 39)"
    assert style("c.B", "backgroundColor") == "rgb(253, 224, 71)"


def test_plain_http_is_enough(stage: Stage, open_page: OpenPage) -> None:
    """What browsers keep for https is not needed: `crypto.subtle`, `randomUUID`."""
    page = open_page()
    page.add_init_script(
        "for (const name of ['subtle', 'randomUUID'])"
        " Object.defineProperty(Crypto.prototype, name, {value: undefined})"
    )
    page.goto(stage.show(login()))
    alive(page)
    page.click(BUTTON)
    until(lambda: stage.posts, page)


def test_forms_work_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """The same page posts the same values as a form, with its visit; disabled is nothing."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(login(visit="v" * 22, n=3)))
    assert page.locator("[data-reveal]").is_hidden()
    page.fill(USER, "ada")
    page.fill(PASSWORD, "pw")
    page.press(PASSWORD, "Enter")
    until(lambda: stage.forms, page)
    assert stage.forms == [
        {
            "portico.visit": "v" * 22,
            "portico.n": "3",
            "v.UsernameInput": "ada",
            "v.PasswordInput": "pw",
            "portico.event": "LoginButton onClick",
        }
    ]


def test_controls_outside_forms_are_posted_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """A button outside any form posts the page's loose inputs; a tab posts its id."""
    page = open_page(java_script_enabled=False)
    page.goto(stage.show(loose()))
    page.fill("#c\\.A", "x")
    page.click("#c\\.Delete")
    until(lambda: stage.forms, page)
    assert stage.forms == [{"v.A": "x", "v.Notes": "", "portico.event": "Delete onClick"}]
    page.goto(stage.show(main_page()))
    page.click("[role=tab] >> nth=2")
    until(lambda: len(stage.forms) == 2, page)
    assert stage.forms[1] == {"v.Comment": "", "v.Sections": "reports"}
