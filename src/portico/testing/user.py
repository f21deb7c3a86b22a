"""A simulated user: opens pages of an app, fills them in, clicks, and looks at what is there.

With tabs, and a browser of their own: without one (`headless`) or a real one (`chromium`). What a step names
is found by `finding`, the same way in both. A step waits for what it expects as long as the page may still
change, and raises StepFailed if it does not come.
"""

import time
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from portico.testing import finding
from portico.testing.failure import StepFailed
from portico.testing.finding import CHOICES, FIELDS, PRESSED
from portico.testing.looks import Control, Kind, reach, text_of
from portico.testing.markup import Element

#: Seconds that a step waits at most.
PATIENCE = 20.0
#: What the tab is called that a user begins with.
FIRST = "1"


class Tab(Protocol):
    """One tab of a browser."""

    @property
    def url(self) -> str:
        """Its address."""
        ...

    def open(self, url: str) -> None:
        """Enter an address."""
        ...

    def reload(self) -> None:
        """Ask for the page anew."""
        ...

    def back(self) -> None:
        """Go to the page before."""
        ...

    def page(self) -> Element:
        """The page as it is now."""
        ...

    def fill(self, control: Element, text: str) -> None:
        """Type a text in the place of what stands in a control of `page`."""
        ...

    def choose(self, control: Element, value: str) -> None:
        """Choose the option with this value."""
        ...

    def press(self, control: Element) -> None:
        """Click on a control."""
        ...

    def wait(self) -> bool:
        """Let a moment pass; whether the page may change by itself."""
        ...

    def woken(self) -> None:
        """The user looks at this tab again."""
        ...

    def take_beside(self) -> "Tab | None":
        """Another tab that the page has opened, once; None if it has not."""
        ...

    def screenshot(self, path: str) -> bool:
        """Write a picture of it; whether there is one."""
        ...


class Browser(Protocol):
    """What makes tabs that belong to one user."""

    def tab(self) -> Tab:
        """A new tab."""
        ...

    def close(self) -> None:
        """End it, and all tabs."""
        ...


class User:
    """Somebody with a browser, at the app that is served at `home` (`http://127.0.0.1:8000/shop/`)."""

    def __init__(self, browser: Browser, home: str, *, patience: float = PATIENCE) -> None:
        self.home = home
        self._browser = browser
        self._patience = patience
        self._tabs: dict[str, Tab] = {}
        self._at = FIRST

    def close(self) -> None:
        """End the browser."""
        self._browser.close()

    def open(self, page: str) -> None:
        """Open a page by its name, with parameters if it needs some; a path of the server; or a whole
        address of this machine."""
        self._tab.open(self.address(page))

    def reload(self) -> None:
        """Load the page anew."""
        self._tab.reload()

    def back(self) -> None:
        """Go back to the page before."""
        self._tab.back()

    def fill(self, name: str, text: str) -> None:
        """Type into the field called `name`."""
        self._tab.fill(self._usable(name, FIELDS).element, text)

    def select(self, name: str, option: str) -> None:
        """Choose an option, by its words or its value."""
        control = self._usable(name, CHOICES)
        self._tab.choose(control.element, finding.option(control, option))

    def click(self, name: str) -> None:
        """Click on the button, link or box called `name`."""
        self._tab.press(self._usable(name, PRESSED).element)
        self._follow_new_tab()

    def see(self, text: str) -> None:
        """This text is there, or comes."""
        self._await(lambda: None if finding.shows(self._tab.page(), text) else f'"{text}" is not there')

    def not_see(self, text: str) -> None:
        """This text is not there, or goes."""
        self._await(lambda: f'"{text}" is there' if finding.shows(self._tab.page(), text) else None)

    def holds(self, name: str, value: str) -> None:
        """This stands in a control: a text, the words of an option, `ticked` or `not ticked`."""
        self._await(lambda: finding.holds(self._tab.page(), name, value))

    def not_holds(self, name: str, value: str) -> None:
        """Something else stands in it."""

        def holds() -> str | None:
            held = finding.holds(self._tab.page(), name, value) is None
            return f'"{name}" holds what it must not' if held else None

        self._await(holds)

    def at(self, page: str) -> None:
        """The page that is open is this one, as `open` takes it. Parameters count only if they are named."""
        wanted = self.address(page)

        def elsewhere() -> str | None:
            url = self._tab.url
            at = url if "?" in wanted or "#" in wanted else url.partition("#")[0].partition("?")[0]
            return None if at.rstrip("/") == wanted.rstrip("/") else f"this is {self.shown_address}"

        self._await(elsewhere)

    def tab(self, name: str) -> None:
        """Go to the tab with this name; a new one if there is none."""
        name = str(name)
        known = name in self._tabs
        self._at = name
        tab = self._tab
        if known:
            tab.woken()

    def text(self) -> str:
        """What can be seen."""
        return text_of(reach(self._tab.page()))

    def screenshot(self, path: str) -> bool:
        """Write a picture of the page; whether there is one."""
        return self._at in self._tabs and self._tab.screenshot(path)

    def address(self, page: str) -> str:
        """The whole address of a page."""
        if page.startswith(("http://", "https://")):
            return page
        return urljoin(self.home, page)

    @property
    def shown_address(self) -> str:
        """The address of the page that is open, from the app on, without values of parameters."""
        url = self._tab.url
        parts = urlsplit(url)
        short = url.removeprefix(self.home) if url.startswith(self.home) else f"{parts.netloc}{parts.path}"
        path, _, query = short.partition("#")[0].partition("?")
        names = "&".join(f"{pair.partition('=')[0]}=…" for pair in query.split("&") if pair)
        return f"{path}?{names}" if names else path or "/"

    @property
    def _tab(self) -> Tab:
        if self._at not in self._tabs:
            self._tabs[self._at] = self._browser.tab()
        return self._tabs[self._at]

    def _usable(self, name: str, kinds: tuple[Kind, ...]) -> Control:
        """A control that is there and can be used, now or in a while."""
        found: list[Control] = []

        def missing() -> str | None:
            try:
                found[:] = [finding.usable(finding.find(self._tab.page(), name, kinds))]
            except StepFailed as failure:
                return failure.message
            return None

        self._await(missing)
        return found[0]

    def _follow_new_tab(self) -> None:
        """A page that opened another tab has brought its user there."""
        if (beside := self._tab.take_beside()) is not None:
            self._at = str(len(self._tabs) + 1)
            self._tabs[self._at] = beside

    def _await(self, wrong: "Wrong") -> None:
        """Until nothing is wrong any more. Raises StepFailed with what is."""
        limit = time.monotonic() + self._patience
        while True:
            found = wrong()
            if found is None:
                return
            changes = self._tab.wait()
            if not changes or time.monotonic() > limit:
                if (found := wrong()) is not None:
                    raise StepFailed(found)
                return


class Wrong(Protocol):
    """What is wrong, in words; None if nothing."""

    def __call__(self) -> str | None:
        """Look."""
        ...
