"""A real browser: Chromium, by Playwright, neither of which comes with Portico.

Its page is handed over as a tree of elements, with what style sheets hide marked, so that everything is found
as it is without a browser. What is done goes through the real mouse and keyboard, and is over when the page
has nothing under way any more.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from portico.errors import PorticoError
from portico.testing.failure import StepFailed
from portico.testing.looks import UNSHOWN, is_secret
from portico.testing.markup import Element
from portico.testing.wire import LANGUAGE

try:
    from playwright.sync_api import Browser as Program
    from playwright.sync_api import BrowserContext, ElementHandle, JSHandle, Page, Request, sync_playwright
    from playwright.sync_api import Error as BrowserError
except ModuleNotFoundError as missing:
    if missing.name != "playwright":
        raise
    sync_playwright = None  # type: ignore[assignment]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Seconds until a page has settled; milliseconds between two looks, and how many quiet ones it takes.
PATIENCE, LOOK, QUIET = 30.0, 40, 3
#: Milliseconds after which the client posts what was typed.
TYPED = 400
_ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Journeys call nothing but this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

#: Every element as [tag, attributes, children, value, ticked], and the elements themselves in their order.
_TREE = (
    """() => {
  const nodes = [];
  const read = (element) => {
    const attributes = {};
    for (const { name, value } of element.attributes) attributes[name] = value;
    attributes["data-node"] = String(nodes.push(element) - 1);
    const part = ["OPTION", "OPTGROUP", "HEAD", "HTML"].includes(element.tagName) || element.closest("head");
    if (!part && !element.checkVisibility({ visibilityProperty: true })) attributes["UNSHOWN"] = "";
    if (element.disabled) attributes.disabled = "";
    const box = ["checkbox", "radio"].includes(element.type);
    const typed = !box && ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName) ? element.value : null;
    const inside = [...element.childNodes]
      .filter((child) => child.nodeType === 1 || child.nodeType === 3)
      .map((child) => (child.nodeType === 3 ? child.data : read(child)));
    return [element.localName, attributes, inside, typed, box ? element.checked : null];
  };
  return { tree: read(document.documentElement), nodes };
}"""
).replace("UNSHOWN", UNSHOWN)


class NoBrowser(PorticoError):
    """There is no browser to be had."""

    code = "no_browser"
    default_message = "There is no browser for --browser."


def ensure_browser() -> str:
    """The browser's program. Raises NoBrowser, which says how to get what is missing."""
    if sync_playwright is None:
        raise NoBrowser(message="--browser needs Playwright: pip install playwright, and Chromium beside it.")
    program = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if program is None:
        raise NoBrowser(
            message="--browser needs Chromium: apt-get install chromium, or another package with one of the "
            f"programs {', '.join(PROGRAMS)}."
        )
    return program


@contextmanager
def chromium() -> Iterator["Chromium"]:
    """Chromium, for as long as the context lasts. Raises NoBrowser."""
    program = ensure_browser()
    # As root it has no sandbox.
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=arguments,
            # Playwright switches it off, and with it what users see after Back.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        try:
            yield Chromium(started)
        finally:
            started.close()


class Chromium:
    """The program, which makes browsers that know nothing of each other."""

    def __init__(self, program: "Program") -> None:
        self._program = program

    def browser(self) -> "ChromiumBrowser":
        """A browser of one user."""
        context = self._program.new_context(
            locale=LANGUAGE.partition(",")[0], timezone_id="UTC", viewport={"width": 1280, "height": 900}
        )
        return ChromiumBrowser(context)


class ChromiumBrowser:
    """A user's browser."""

    def __init__(self, context: "BrowserContext") -> None:
        self._context = context

    def tab(self) -> "ChromiumTab":
        """A new tab."""
        return ChromiumTab(self._context.new_page())

    def close(self) -> None:
        """End it, and all tabs."""
        self._context.close()


class ChromiumTab:
    """One tab."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._under_way: set[Request] = set()
        self._heading = "about:blank"
        self._nodes: JSHandle | None = None
        self._beside: ChromiumTab | None = None
        page.set_default_timeout(PATIENCE * 1000)
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        page.on("popup", self._opened)

    @property
    def url(self) -> str:
        """Its address; also of a page on another machine, which is not loaded."""
        return self._heading if self._page.url.startswith("chrome-error:") else self._page.url

    def open(self, url: str) -> None:
        """Enter an address."""
        try:
            self._page.goto(url)
        except BrowserError as error:
            raise StepFailed(f"{url} cannot be opened: {_short(error)}") from None
        self._settle()

    def reload(self) -> None:
        """Ask for the page anew."""
        self._doing(lambda: self._page.reload())

    def back(self) -> None:
        """Go to the page before, as this browser does."""
        self._doing(lambda: self._page.go_back(wait_until="commit"))

    def page(self) -> Element:
        """The page as it is now."""
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                found = self._page.evaluate_handle(_TREE)
                tree = found.get_property("tree").json_value()
                self._nodes = found.get_property("nodes")
                return _element(tree)
            except BrowserError as error:
                # It is just going to another page.
                if time.monotonic() > limit:
                    raise StepFailed(f"the page cannot be read: {_short(error)}") from None
                self._page.wait_for_timeout(LOOK)

    def fill(self, control: Element, text: str) -> None:
        """Type a text in the place of what stands in a field."""
        node = self._node(control)
        # Playwright's errors repeat what was typed.
        shown = "a text that is not shown" if is_secret(control) else f'"{text}"'
        try:
            node.fill(text, timeout=5000)
        except BrowserError:
            raise StepFailed(f"{shown} cannot be typed: the field is covered, or takes none") from None
        self._typed(control)

    def choose(self, control: Element, value: str) -> None:
        """Choose an option."""
        node = self._node(control)
        self._doing(lambda: node.select_option(value, timeout=5000))

    def press(self, control: Element) -> None:
        """Click on it."""
        node = self._node(control)
        self._doing(lambda: node.click(timeout=5000))

    def wait(self) -> bool:
        """Let a moment pass; it is never known that nothing comes."""
        self._page.wait_for_timeout(LOOK)
        return True

    def woken(self) -> None:
        """The user looks at it again: pages without a window hear nothing of that by themselves."""
        self._page.bring_to_front()
        self._page.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')) }")
        self._settle()

    def take_beside(self) -> "ChromiumTab | None":
        """A tab that the page has opened, once."""
        opened, self._beside = self._beside, None
        return opened

    def screenshot(self, path: str) -> bool:
        """Write a picture of it."""
        try:
            self._page.screenshot(path=path, full_page=True, timeout=10_000)
        except BrowserError:
            return False
        return True

    def _doing(self, act: Any) -> None:
        try:
            act()
        except BrowserError as error:
            raise StepFailed(f"the browser could not do it: {_short(error)}") from None
        self._settle()

    def _typed(self, control: Element) -> None:
        if "data-live" in control.attrs:
            self._page.wait_for_timeout(TYPED)
        self._settle()

    def _settle(self) -> None:
        """Wait until nothing is under way, as somebody does who watches the page."""
        limit, quiet = time.monotonic() + PATIENCE, 0
        while quiet < QUIET and time.monotonic() < limit:
            self._page.wait_for_timeout(LOOK)
            quiet = 0 if self._under_way else quiet + 1
        while not self._is_loaded():
            if time.monotonic() > limit:
                raise StepFailed("the page does not finish loading")
            self._page.wait_for_timeout(LOOK)

    def _is_loaded(self) -> bool:
        """As the document says: of a page that comes back from the cache no event tells it."""
        try:
            return bool(self._page.evaluate("document.readyState === 'complete'"))
        except BrowserError:
            # It is just going to another page.
            return False

    def _node(self, control: Element) -> "ElementHandle":
        node = None
        if self._nodes is not None:
            node = self._nodes.get_property(control.attrs["data-node"]).as_element()
        if node is None:
            raise StepFailed("the control went away")
        return node

    def _began(self, request: "Request") -> None:
        if request.is_navigation_request() and request.frame == self._page.main_frame:
            self._heading = request.url
        self._under_way.add(request)

    def _ended(self, request: "Request") -> None:
        self._under_way.discard(request)

    def _opened(self, page: "Page") -> None:
        self._beside = ChromiumTab(page)


def _element(tree: list[Any]) -> Element:
    tag, attributes, inside, typed, ticked = tree
    element = Element(tag, attributes, typed=typed, ticked=ticked)
    for child in inside:
        element.append(child if isinstance(child, str) else _element(child))
    return element


def _short(error: Exception) -> str:
    """The first line of what Playwright says."""
    return str(error).partition("\n")[0]
