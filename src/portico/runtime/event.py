"""What a browser posts, and what its values mean to the widgets of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.model.paths import split_address
from portico.model.widget import VALUE
from portico.runtime.surface import Surface

#: Events of the page itself.
LOAD, TICK, CHANGE, ANSWER = "load", "tick", "change", "answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The browser's answer to a question: yes or no, what it found, and why not."""

    to: str
    agreed: bool
    value: Any = field(default=None, repr=False)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What an event starts: an event of the widget at `path`, or a command of its type; `row` is the
    row, or the detail, that it is of."""

    path: str
    name: str
    row: str | None = None

    def message(self, ev: str) -> dict[str, Any]:
        """The input that starts it."""
        return {"k": "event", "ev": ev, "w": self.path, "p": self.name, "row": self.row}


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What a browser posts (`docs/design/events.md`). `values` are by address (`model.paths`).

    `widget` is the address that the event is of, None for the page's own. `row` is the key of the row
    that a type draws itself. `timer` belongs to `tick`, `answer` to `answer`, `fragment` to `load`.
    `scripted`: the browser runs our client. `insists`: no other process got it that holds the page.
    """

    n: int
    widget: str | None
    event: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    row: str | None = None
    timer: str | None = None
    answer: Answer | None = None
    fragment: str | None = field(default=None, repr=False)
    scripted: bool = True
    insists: bool = False

    @property
    def path(self) -> str | None:
        """The widget that it is of."""
        return None if self.widget is None else split_address(self.widget)[0]

    @property
    def cause(self) -> str:
        """What it is, for whoever builds the app."""
        return f"{self.widget} {self.event}" if self.widget else self.event

    @property
    def acted(self) -> bool:
        """Whether the user did something, and not the page by itself."""
        return self.event not in (LOAD, TICK)


def cleared(surface: Surface) -> list[list[Any]]:
    """The cells that take away what must not be kept."""
    cells = []
    for path, secret in surface.secrets():
        kind = surface.type_of(path)
        wanted = (secret, "isDirty") if secret == kind.value else (secret,)
        cells += [[path, name, kind.meta[name]] for name in kind.meta if name in wanted]
    return cells


def fired_by(surface: Surface, address: str) -> Start | None:
    """What a change of this input starts: an event, if an action hangs on it, or a command of the type.
    The change itself may have hidden the widget."""
    path, part, detail = split_address(address)
    widget = surface.widget(path)
    found = surface.type_of(path).inputs.get(part) if widget is not None else None
    if widget is None or found is None:
        return None
    if found.command is not None:
        return Start(path, found.command, detail)
    return Start(path, found.event) if found.event in widget.events else None


def values_of(surface: Surface) -> dict[str, Any]:
    """The present values of what browsers hold themselves, by address."""
    return {address: surface.value(address) for address in surface.controls()} | dict(surface.held())


def set_since(surface: Surface, before: Mapping[str, Any]) -> dict[str, Any]:
    """Values that differ from `before` and that the browser is to show; never a secret that is not
    empty."""
    found = {}
    for address, value in values_of(surface).items():
        path, part, detail = split_address(address)
        hidden = part == VALUE and surface.secret(path) and value not in (None, "")
        # A control that was not there comes with what it holds.
        if detail and (value is None or address not in before):
            continue
        if surface.shown(path) and value != before.get(address) and not hidden:
            found[address] = value
    return found
