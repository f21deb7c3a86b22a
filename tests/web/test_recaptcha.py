"""Buttons with a key of Google reCAPTCHA: who loads what, and what a click brings.

Google's script is played by one of ours that `page.route` answers with; nothing leaves this machine.
"""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser import chromium as launched
from tests.journeys.servers import PorticoServer
from tests.web.posts import Tab
from tests.web.test_language_forms import press

HUMAN, OTHER = "/language/Human", "/language/Modals"
GOOGLE = ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/")
FRAMES = ("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/")

#: The part of Google's interface that is used: V3 answers at once, V2 once its user has ticked a box.
SCRIPT = """
let made = 0, counted = 0;
window.asked = [];
window.grecaptcha = {
  ready: (then) => setTimeout(then),
  execute(what, options) {
    asked.push([what, options?.action]);
    if (typeof what === "string") return Promise.resolve(`v3-${what}-${++counted}`);
    document.getElementById(`box-${what}`).hidden = false;
  },
  reset(what) { asked.push(["reset", what]) },
  render(place, { sitekey, size, callback }) {
    const id = made++;
    const box = document.createElement("button");
    Object.assign(box, { id: `box-${id}`, hidden: true, textContent: "I am human" });
    box.addEventListener("click", () => {
      box.hidden = true;
      callback(`v2-${sitekey}-${size}-${++counted}`);
    });
    place.append(box);
    return id;
  },
};
"""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium."""
    with launched() as browser:
        yield browser


@pytest.fixture
def open_human(chromium: Browser, server: PorticoServer) -> Iterator[Open]:
    """Opens a page; `google` answers whatever it asks of others. Nothing may break the policy."""
    contexts = []
    broken: list[str] = []

    def open_one(google: Callable[[Route], None], path: str = HUMAN) -> Page:
        context = chromium.new_context()
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: broken.append(said.text) if "Security Policy" in said.text else None)
        page.on("pageerror", lambda error: broken.append(error.message))
        page.route(lambda url: not url.startswith(server.url), google)
        page.goto(server.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert broken == []


def sources(answer: httpx.Response, directive: str) -> list[str]:
    """The sources that the policy of an answer gives for a directive."""
    parts = (part.strip().split(" ") for part in answer.headers["content-security-policy"].split(";"))
    return next((words for name, *words in parts if name == directive), [])


def test_only_pages_that_ask_google_may_load_from_it(client: httpx.Client) -> None:
    """A page with `googleRecaptchaKey` names Google's sources, whichever way it is answered; other pages
    and errors have our own scripts and no frames."""
    for answer in (client.get(HUMAN), press(client, HUMAN, "Plain onClick")):
        assert "key-v3" in answer.text
        assert sources(answer, "script-src") == ["'self'", *GOOGLE]
        assert sources(answer, "frame-src") == [*FRAMES]
    for answer in (client.get(OTHER), press(client, OTHER, "Open onClick"), client.get("/language/None")):
        assert sources(answer, "script-src") == ["'self'"]
        assert sources(answer, "frame-src") == []
        assert "recaptcha" not in answer.text


def test_a_click_without_a_token_does_nothing(client: httpx.Client) -> None:
    """The server insists: a click that brings no token, or none that can be one, runs nothing and says why.
    Another button's token is not its own."""
    tab = Tab(client, HUMAN)
    nothing: list[dict[str, Any]] = [{}, {"Score:recaptcha": ""}, {"Score:recaptcha": "a b"}]
    for values in (*nothing, {"Check:recaptcha": "token"}):
        refused = tab.send(widget="Score", event="onClick", values=values)
        (said,) = refused["alerts"]
        assert "reCAPTCHA" in said
        assert refused["focus"] == "Score"
    assert tab.post("Plain")["alerts"] == ["plain"]
    brings: dict[str, Any] = {"Note": "x", "Score:recaptcha": "token"}
    assert tab.post("Score", **brings)["alerts"] == ["x brought token"]


def test_an_earlier_token_does_not_count_for_the_next_click(client: httpx.Client) -> None:
    """`recaptchaToken` stays readable, but each click brings its own."""
    tab = Tab(client, HUMAN)
    first: dict[str, Any] = {"Score:recaptcha": "first"}
    assert tab.post("Score", **first)["alerts"] == [" brought first"]
    assert "reCAPTCHA" in tab.post("Score")["alerts"][0]


def test_without_scripts_the_page_says_so(client: httpx.Client) -> None:
    """A form post brings no token: the page comes back with the reason."""
    assert "This button needs JavaScript" in client.get(HUMAN).text
    answer = press(client, HUMAN, "Score onClick", **{"Note": "x", "Score:recaptcha": ""})
    assert "It takes JavaScript" in answer.text
    assert "brought" not in answer.text


def google(route: Route) -> None:
    """Google, as long as it is asked for its script."""
    assert route.request.url == "https://www.google.com/recaptcha/api.js?render=key-v3"
    route.fulfill(body=SCRIPT, content_type="text/javascript")


def test_a_score_is_fetched_for_each_click(open_human: Open) -> None:
    """V3: the token of the click is `recaptchaToken` in its event, the next click has another."""
    page = open_human(google)
    page.get_by_label("Note").fill("ada")
    page.get_by_role("button", name="Score").click()
    expect(page.get_by_text("ada brought v3-key-v3-1")).to_be_visible()
    page.get_by_role("button", name="Score").click()
    expect(page.get_by_text("ada brought v3-key-v3-2")).to_be_visible()
    assert page.evaluate("asked") == [["key-v3", "submit"]] * 2


def test_a_check_may_ask_the_user(open_human: Open) -> None:
    """V2: the click goes on once the user has shown to be one; until then the button can be pressed again."""
    page = open_human(google)
    button = page.get_by_role("button", name="Check")
    button.click()
    expect(page.get_by_role("button", name="I am human")).to_be_visible()
    expect(button).not_to_have_attribute("aria-busy", "true")
    button.click()
    page.get_by_role("button", name="I am human").click()
    expect(page.get_by_text("checked v2-key-v2-invisible-1")).to_be_visible()
    assert page.evaluate("asked") == [[0, None], ["reset", 0], [0, None]]


def test_other_buttons_do_not_wait_for_it(open_human: Open) -> None:
    """A button without a key is pressed as ever, though Google never answers."""
    page = open_human(lambda route: None)
    page.get_by_role("button", name="Score").click()
    expect(page.locator('[id="c.Score"]')).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Plain").click()
    expect(page.get_by_text("plain", exact=True)).to_be_visible()


def test_a_script_that_does_not_load_is_a_message(open_human: Open) -> None:
    """The user learns what is wrong, nothing runs, and the next click tries again."""
    page = open_human(lambda route: route.abort())
    page.get_by_role("button", name="Score").click()
    message = page.locator('[id="e.Score"]')
    expect(message).to_contain_text("reCAPTCHA could not be loaded")
    expect(page.get_by_role("button", name="Score")).not_to_have_attribute("aria-busy", "true")
    page.unroute_all()
    page.route("https://www.google.com/**", google)
    page.get_by_role("button", name="Score").click()
    expect(page.get_by_text("brought v3-key-v3-1")).to_be_visible()
    expect(message).to_be_hidden()


def test_a_script_that_never_comes_is_a_message(open_human: Open) -> None:
    """After 15 seconds of the page's clock nobody waits any longer."""
    page = open_human(lambda route: None, path=OTHER)
    page.clock.install()
    page.goto(page.url.replace(OTHER, HUMAN))
    expect(page.locator("html.js")).to_have_count(1)
    page.get_by_role("button", name="Score").click()
    page.clock.fast_forward(16_000)
    expect(page.locator('[id="e.Score"]')).to_contain_text("reCAPTCHA could not be loaded")


def test_only_pages_that_ask_google_do(open_human: Open) -> None:
    """No other page sends a request elsewhere; the positive control is that this one does."""
    asked: list[str] = []

    def heard(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page = open_human(heard, path=OTHER)
    page.wait_for_load_state("networkidle")
    assert asked == []
    open_human(heard).wait_for_load_state("networkidle")
    assert asked == ["https://www.google.com/recaptcha/api.js?render=key-v3"]
