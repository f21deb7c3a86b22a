"""A browser without a browser: tabs with a history, cookies, forms, and the client of Portico's pages.

It shows what a browser shows that runs the page's scripts, as far as HTML says it: no styles, no pictures.
"""

import time
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urljoin, urlsplit

from portico.clock import Clock
from portico.testing.client import Client, press_box
from portico.testing.jar import Jar
from portico.testing.looks import is_ticked, value_of
from portico.testing.markup import Element, document
from portico.testing.messages import Messages
from portico.testing.wire import Answer, Wire, allows

#: Seconds between two looks at a page that is waited for.
LOOK = 0.03


@dataclass(slots=True)
class _Stop:
    """A place in the history of a tab; `page` is kept of one that may be shown again without asking."""

    url: str
    page: "Element | None" = None
    client: Client | None = None


class HeadlessBrowser:
    """A user's browser: what is one for all tabs. Cookies age with `clock`."""

    def __init__(self, clock: Clock) -> None:
        self.wire = Wire(Jar(clock))
        self.tabs: list[HeadlessTab] = []

    def tab(self) -> "HeadlessTab":
        """A new tab."""
        tab = HeadlessTab(self)
        self.tabs.append(tab)
        return tab

    def close(self) -> None:
        """End it."""
        self.wire.close()


class HeadlessTab:
    """One tab. `url` is its address."""

    def __init__(self, browser: HeadlessBrowser) -> None:
        self.wire = browser.wire
        self._browser = browser
        self._messages = Messages()
        self._history: list[_Stop] = []
        self._page = Element("html", {})
        self._client: Client | None = None
        self.url = "about:blank"
        self._beside: HeadlessTab | None = None

    def open(self, url: str) -> None:
        """Enter an address, or take a bookmark."""
        self._go(url, at="")

    def reload(self) -> None:
        """Ask for the page anew."""
        self._messages.travel()
        self._arrive(self.wire.navigate(self.url, at=self.url))

    def back(self) -> None:
        """The page before, as browsers show it: those that may not be stored are asked for again."""
        if len(self._history) < 2:
            return
        self._history.pop()
        stop = self._history[-1]
        if stop.page is None:
            self._arrive(self.wire.navigate(stop.url, at=self.url))
            return
        self._page, self._client, self.url = stop.page, stop.client, stop.url
        self.woken()

    def page(self) -> Element:
        """The page as it is now."""
        self._messages.shown_on(self._page)
        return self._page

    def fill(self, control: Element, text: str) -> None:
        """Type a text in the place of what stands in a field."""
        if self._client is not None:
            self._client.fill(control, text)
        else:
            control.typed = text

    def choose(self, control: Element, value: str) -> None:
        """Choose an option."""
        if self._client is not None:
            self._client.choose(control, value)
        else:
            control.typed = value

    def press(self, control: Element) -> None:
        """Click on something."""
        if control.tag == "a":
            self._follow(control)
        elif control.tag == "summary":
            details = control.parent
            if details is not None:
                _toggle(details, "open")
        elif "data-reveal" in control.attrs:
            self._reveal(control)
        elif control.attrs.get("type") in ("checkbox", "radio"):
            if self._client is not None:
                self._client.tick(control)
            else:
                press_box(control)
        elif self._client is not None:
            self._client.press(control)
        else:
            self._submit(control)

    def wait(self) -> bool:
        """Let a moment pass; whether anything may change by itself."""
        coming = self._client.idle() if self._client is not None else False
        time.sleep(LOOK)
        return coming or self._messages.waiting

    def woken(self) -> None:
        """The tab can be seen again, or a page of it came back from memory."""
        if self._client is not None:
            self._client.ask_alive()

    def take_beside(self) -> "HeadlessTab | None":
        """A tab that the page has opened, once."""
        opened, self._beside = self._beside, None
        return opened

    def screenshot(self, _: str) -> bool:
        """There are no pictures here."""
        return False

    # What the client asks of its tab

    def leave(self, url: str) -> None:
        """The page goes to another."""
        self._go(url, at=self.url)

    def open_beside(self, url: str) -> None:
        """The page opens another tab."""
        self._beside = self._browser.tab()
        self._beside.open(url)

    def tell_others(self, shared: str) -> None:
        """Tabs of the same browser hear of a sign-in or log-out."""
        for other in self._browser.tabs:
            if other is not self:
                other.told(shared)

    def told(self, shared: str) -> None:
        """Somebody signed in or out in another tab."""
        if self._client is not None and self._client.shared == shared:
            self._client.ask_alive()

    def _go(self, url: str, *, at: str) -> None:
        if url.partition("#")[0] == self.url.partition("#")[0] and "#" in url and at:
            self.url = url
            return
        self._messages.travel()
        self._arrive(self._get(url, at), new=True)

    def _get(self, url: str, at: str) -> Answer:
        if not allows(url):
            # Elsewhere: only the address is known.
            return Answer(url=url, status=200, headers={}, text="")
        answer = self.wire.navigate(url, at=at)
        fragment = urlsplit(url).fragment
        if fragment and "#" not in answer.url:
            return replace(answer, url=f"{answer.url}#{fragment}")
        return answer

    def _arrive(self, answer: Answer, *, new: bool = False) -> None:
        """Show an answer."""
        self._page = document(answer.text)
        ours = "data-app" in self._page.attrs and "data-page" in self._page.attrs
        self._client = Client(self._page, answer, self, self._messages) if ours else None
        self.url = answer.url
        stop = _Stop(answer.url)
        if answer.kept and ours:
            stop.page, stop.client = self._page, self._client
        if new or not self._history:
            self._history.append(stop)
        else:
            self._history[-1] = stop
        if self._client is not None:
            client = self._client
            client.start()
            if self._client is client:
                self.url = stop.url = client.url

    def _follow(self, link: Element) -> None:
        url = urljoin(self.url, link.attrs["href"])
        if urlsplit(url).scheme not in ("http", "https"):
            return
        if link.attrs.get("target") == "_blank":
            self.open_beside(url)
        else:
            self._go(url, at=self.url)

    def _submit(self, button: Element) -> None:
        """A form of a page without our client."""
        form = button.closest(lambda one: one.tag == "form")
        if form is None or button.attrs.get("type", "submit") != "submit":
            return
        fields = [(one.attrs["name"], value_of(one)) for one in form.walk() if _counts(one, button)]
        url = urljoin(self.url, form.attrs.get("action") or self.url)
        body = urlencode(fields)
        self._messages.travel()
        if form.attrs.get("method", "get").lower() == "post":
            sort = "application/x-www-form-urlencoded"
            answer = self.wire.navigate(url, method="POST", body=body.encode(), sort=sort, at=self.url)
        else:
            answer = self._get(f"{url.partition('?')[0]}?{body}", self.url)
        self._arrive(answer, new=True)

    def _reveal(self, button: Element) -> None:
        control = self._page.by_id(button.attrs.get("aria-controls", ""))
        if control is not None:
            control.attrs["type"] = "password" if control.attrs.get("type") == "text" else "text"


def _counts(one: Element, pressed: Element) -> bool:
    """Whether a form posts it."""
    if not one.attrs.get("name") or "disabled" in one.attrs:
        return False
    if one.tag == "button" or one.attrs.get("type") in ("submit", "image", "button", "reset"):
        return one is pressed
    if one.attrs.get("type") in ("checkbox", "radio"):
        return is_ticked(one)
    return one.tag in ("input", "select", "textarea")


def _toggle(element: Element, name: str) -> None:
    if name in element.attrs:
        del element.attrs[name]
    else:
        element.attrs[name] = ""
