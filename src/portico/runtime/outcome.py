"""What an event comes to, as values: `web` turns them into HTML, headers and cookies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.auth.session import Session
from portico.errors import PorticoError
from portico.values import SitePath

Style = Literal["info", "success", "warning", "error"]
Window = Literal["SAME_WINDOW", "NEW_WINDOW"]


@dataclass(frozen=True, slots=True)
class Alert:
    """A message for the user, shown for 5 seconds."""

    message: str
    style: Style = "info"


@dataclass(frozen=True, slots=True)
class ToPage:
    """A navigation to a page of this server."""

    path: SitePath
    window: Window = "SAME_WINDOW"


@dataclass(frozen=True, slots=True)
class ToUrl:
    """A navigation to another origin; `url` has passed `auth.redirects.safe_target`."""

    url: str
    window: Window = "SAME_WINDOW"


Navigation = ToPage | ToUrl


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What changed for the browser: one line of an event's answer.

    `changed` are paths of widgets to render anew. `values` are values of input widgets that a
    turn set and that differ from what was posted. `session` is the session that the browser
    belongs to from now on. `loading`: requests of the page's load are still open. `invalid`: the
    event's form did not validate and its action did not run; `focus` is its first such widget.
    `problem` is what cut the event short.
    """

    changed: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    navigation: Navigation | None = None
    session: Session | None = None
    focus: str | None = None
    loading: bool = False
    invalid: bool = False
    problem: PorticoError | None = None
    done: bool = True
