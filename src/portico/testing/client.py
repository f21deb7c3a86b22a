"""The client of an open page, without a browser: posts events and shows answers, as `ui/static/client` does.

Events go out one after the other, each when the one before is answered. What a page has to do later (a timer,
asking again while something still runs) is done when somebody waits (`idle`).
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

from portico.testing import morphing
from portico.testing.failure import StepFailed
from portico.testing.looks import is_list, is_ticked, mates, value_of
from portico.testing.markup import Element
from portico.testing.messages import Messages
from portico.testing.questions import Question, question
from portico.testing.validity import controls_of, hold_buttons, scope_of, tell
from portico.testing.wire import Answer, NoConnection, Wire
from portico.values import new_id

#: Seconds until what is still running is asked for again; between two ticks of a timer.
AGAIN, SHORTEST = 0.15, 0.25
#: Seconds between two attempts to post an event, and how many there are.
PAUSE, ATTEMPTS = 0.3, 40
#: How often a server is looked for that waits with this page.
PASSES = 20
#: Tokens in a fragment: they are taken out of the address at once.
_SECRET = re.compile(r"[#&](access_token|refresh_token|id_token|provider_token|token|code)=")


class Window(Protocol):
    """The tab that a page is open in."""

    wire: Wire

    def leave(self, url: str) -> None:
        """Go to another page."""
        ...

    def open_beside(self, url: str) -> None:
        """Open another tab."""
        ...

    def reload(self) -> None:
        """Ask for the page anew."""
        ...

    def tell_others(self, shared: str) -> None:
        """Tell the other tabs of the browser that somebody signed in or out."""
        ...


class Client:
    """A page of an app that is open. `messages` are alerts, which outlive it."""

    def __init__(self, root: Element, answer: Answer, window: Window, messages: Messages) -> None:
        self.root = root
        self.url = answer.url
        self._window = window
        self._messages = messages
        self._visit = self._data("visit") or new_id()
        self._n = int(self._data("n") or 0)
        self._left = False
        self._chosen: dict[str, str] = {}
        self._focus: Element | None = None
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}
        self._question: Question | None = None

    def start(self) -> None:
        """What the client does when a page has loaded."""
        messages = self.root.by_id("alerts")
        for alert in messages.all(lambda one: one.has_class("alert")) if messages else ():
            style = alert.attrs.get("class", "").removeprefix("alert").strip()
            alert.remove()
            self._messages.add(alert.text, style)
        fragment = self._take_fragment()
        zone = self._data("zone")
        moved = zone is not None and zone != "UTC" and "tz=UTC" not in self._window.wire.jar.header(self.url)
        self._window.wire.jar.take(self.url, "tz=UTC; Path=/; Max-Age=31536000; SameSite=Lax")
        hold_buttons(self.root)
        self._adopt_question()
        if self._data("load") is not None or fragment or moved:
            self.post(None, "load", {"fragment": fragment} if fragment else {})

    def fill(self, control: Element, text: str) -> None:
        """Type into a field that can be typed in."""
        self._focus_on(control)
        control.typed = text
        self._changed(control)

    def choose(self, control: Element, value: str) -> None:
        """Choose an option."""
        self._focus_on(control)
        control.typed = value
        self._changed(control)

    def tick(self, control: Element) -> None:
        """Press a box."""
        self._focus_on(control)
        press_box(control)
        self._changed(control)

    def press(self, button: Element) -> None:
        """Press a button of the page."""
        if self._question is not None and "data-answers" in button.attrs:
            return self._answered(button.attrs["data-answers"])
        self._focus_on(button)
        name, value = button.attrs.get("name", ""), button.attrs.get("value", "")
        if button.attrs.get("type", "submit") != "submit":
            return None
        if name == "portico.event":
            scope = scope_of(button)
            checked = scope is not None and "formnovalidate" not in button.attrs
            if scope is not None and checked and [one for one in controls_of(scope) if tell(self.root, one)]:
                return None
            widget, _, rest = value.partition(" ")
            event, _, row = rest.partition(" ")
            self._messages.dismiss_complaints()
            self.post(widget, event, {"row": row} if row else {})
        elif name.startswith("v."):
            self._chosen[name[2:]] = value
            self.post(name[2:], "change")
        return None

    def post(self, widget: str | None, event: str, more: Mapping[str, Any] | None = None) -> None:
        """Post an event, and show what it is answered. Raises StepFailed if nobody does."""
        if self._left:
            return
        self._n += 1
        body = {
            "visit": self._visit,
            "n": self._n,
            "session": self._data("session"),
            "widget": widget,
            "event": event,
            "values": self._values(),
            **(more or {}),
        }
        self._chosen.clear()
        answer = self._delivered({name: value for name, value in body.items() if value is not None})
        if answer.kind != "application/x-ndjson":
            self._messages.add("Something went wrong. Please reload the page.", "error")
            return
        for line in answer.text.splitlines():
            if line.strip() and not self._left:
                self._show(json.loads(line))

    def ask_alive(self) -> None:
        """Whether this page is still this visitor's; loads it anew if not."""
        session = self._data("session")
        if session is None or self._left:
            return
        url = urljoin(self.url, "/_portico/alive?app=" + quote(self._data("app") or "", safe=""))
        for _ in range(ATTEMPTS):
            try:
                answer = self._window.wire.fetch("GET", url, {})
            except NoConnection:
                answer = None
            if answer is not None and answer.status == 200:
                if (json.loads(answer.text)["session"] or "") != session:
                    self._left = True
                    self._window.reload()
                return
            time.sleep(PAUSE)
        raise StepFailed("the server does not say whose page this is")

    def idle(self) -> bool:
        """Do what is due by now; whether anything is to come."""
        now = time.monotonic()
        for key, (at, act) in list(self._due.items()):
            if at <= now and self._due.get(key, (0, None))[1] is act:
                del self._due[key]
                act()
        return bool(self._due) and not self._left

    @property
    def shared(self) -> str:
        """Which apps share a sign-in with this page's."""
        return self._data("shared") or self._data("app") or ""

    def _data(self, name: str) -> str | None:
        return self.root.attrs.get(f"data-{name}")

    def _values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in self.root.walk():
            name = one.attrs.get("name", "")
            if not name or "disabled" in one.attrs:
                continue
            if one.has_class("control"):
                _take(found, name[2:], one)
            if "data-focus" in one.attrs:
                found[f"{name[2:]}:focus"] = one is self._focus
        return found | self._chosen

    def _delivered(self, body: dict[str, Any]) -> Answer:
        """The answer to an event, which is posted with the same number until there is one."""
        passes, headers = 0, {"Content-Type": "application/json", "Portico-Event": "1"}
        for _ in range(ATTEMPTS):
            try:
                answer = self._window.wire.fetch("POST", self.url, headers, json.dumps(body).encode())
            except NoConnection:
                time.sleep(PAUSE)
                continue
            if answer.status == 421:
                passes += 1
                body["insists"] = passes >= PASSES
                time.sleep(0.1)
                continue
            return answer
        raise StepFailed("the event was not answered: the server cannot be reached")

    def _show(self, answer: Mapping[str, Any]) -> None:
        for path, html in (answer.get("html") or {}).items():
            morphing.put(self.root, path, html)
        for address, value in (answer.get("values") or {}).items():
            morphing.write(self.root.by_id(f"c.{address}"), value)
        hold_buttons(self.root)
        for alert in answer.get("alerts") or ():
            self._messages.add(alert["message"], alert["style"])
        if problem := answer.get("problem"):
            self._messages.add(problem["message"], "error")
        if answer.get("session"):
            self._window.tell_others(self.shared)
        self._go_on(answer)

    def _go_on(self, answer: Mapping[str, Any]) -> None:
        """Do what an answer asks for, once it is shown."""
        for timer in answer.get("stopped") or ():
            self._due.pop(f"timer {timer}", None)
        for timer in answer.get("timers") or ():
            self._start(timer)
        if "navigate" in answer:
            self._navigate(answer["navigate"])
        elif "ask" in answer:
            self._ask(answer["ask"])
        elif answer.get("load") and answer.get("done"):
            self._later("load", AGAIN, lambda: self.post(None, "load"))

    def _navigate(self, where: Mapping[str, Any]) -> None:
        url = urljoin(self.url, where["url"])
        if urlsplit(url).scheme not in ("http", "https"):
            return
        if where.get("target") == "NEW_WINDOW":
            self._window.open_beside(url)
            return
        self._left = True
        if cookie := where.get("cookie"):
            self._window.wire.jar.take(self.url, cookie)
        self._window.leave(url)

    def _start(self, timer: Mapping[str, Any]) -> None:
        wait = max(timer["ms"] / 1000, SHORTEST)

        def due() -> None:
            if timer["repeat"]:
                self._later(f"timer {timer['id']}", wait, due)
            self.post(None, "tick", {"timer": timer["id"]})

        self._later(f"timer {timer['id']}", wait, due)

    def _later(self, key: str, seconds: float, act: Callable[[], None]) -> None:
        self._due[key] = (time.monotonic() + seconds, act)

    def _ask(self, asked: Mapping[str, Any]) -> None:
        if asked["about"] == "position":
            reason = "This browser does not know where it is."
            self.post(None, "answer", {"answer": {"to": asked["id"], "agreed": False, "reason": reason}})
            return
        self._question = question(asked["id"], asked["question"], asked["yes"], asked["no"])
        (self.root.first(lambda one: one.tag == "body") or self.root).append(self._question.dialog)

    def _adopt_question(self) -> None:
        shown = self.root.by_id("ask")
        if shown is None:
            return
        yes, no = (button.text for button in shown.all(lambda one: one.tag == "button"))
        words = shown.first(lambda one: one.tag == "p")
        shown.remove()
        self._ask(
            {
                "id": shown.attrs["data-ask"],
                "about": "confirm",
                "question": words.text if words else "",
                "yes": yes,
                "no": no,
            }
        )

    def _answered(self, word: str) -> None:
        asked, self._question = self._question, None
        if asked is not None:
            asked.dialog.remove()
            self.post(None, "answer", {"answer": {"to": asked.id, "agreed": word == "yes"}})

    def _focus_on(self, element: Element) -> None:
        before, self._focus = self._focus, element
        if before is element:
            return
        leaving, entering = ("onBlur", "onDropdownClose"), ("onFocus", "onDropdownOpen")
        for one, events in ((before, leaving), (element, entering)):
            if one is None:
                continue
            address = one.attrs.get("name", "")[2:]
            if "data-focus" in one.attrs:
                self.post(f"{address}:focus", "change")
            for event in events:
                if event in one.attrs.get("data-events", "").split():
                    self.post(address, event)

    def _changed(self, control: Element) -> None:
        control.attrs.pop("data-broken", None)
        tell(self.root, control)
        hold_buttons(self.root)
        if "data-live" in control.attrs:
            self.post(control.attrs.get("name", "")[2:], "change")

    def _take_fragment(self) -> str:
        fragment = urlsplit(self.url).fragment
        found = f"#{fragment}" if fragment else ""
        if not (_SECRET.search(found) or (found and self._data("fragment") is not None)):
            return ""
        self.url = self.url.partition("#")[0]
        return found


def press_box(control: Element) -> None:
    """Press a box, or a radio button, which stays pressed until another one is."""
    if control.attrs.get("type") != "radio":
        control.ticked = not is_ticked(control)
        return
    for mate in mates(control):
        mate.ticked = mate is control


def _take(found: dict[str, Any], address: str, control: Element) -> None:
    """What a control says, among others of its name."""
    if is_list(control):
        found.setdefault(address, []).extend([value_of(control)] if is_ticked(control) else [])
    elif control.attrs.get("type") == "radio":
        found[address] = value_of(control) if is_ticked(control) else found.get(address, "")
    else:
        box = control.attrs.get("type") == "checkbox"
        found[address] = is_ticked(control) if box else value_of(control)
