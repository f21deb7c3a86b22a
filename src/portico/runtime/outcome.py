"""What an event comes to, as values: `web` turns them into HTML, headers and cookies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.auth.session import Session
from portico.errors import PorticoError
from portico.values import Secret, SitePath

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


@dataclass(frozen=True, kw_only=True, slots=True)
class ToSignIn:
    """A navigation to the app's OpenID provider, or to one that the auth API knows by this name, over an
    address of ours, to come back to `back`."""

    back: SitePath
    provider: str | None = None
    window: Window = "SAME_WINDOW"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToSignOut:
    """The same for a browser whose session here has ended, to end the provider's too."""

    id_token: Secret
    window: Window = "SAME_WINDOW"


Navigation = ToPage | ToUrl | ToSignIn | ToSignOut


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question to the browser: the event goes on with the answer to `id`. `confirm` is for the
    user, `position` for the device (`options` as in the Geolocation API)."""

    id: str
    about: Literal["confirm", "position"]
    question: str = ""
    yes: str = "Yes"
    no: str = "No"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timer:
    """Post a tick for `id` after `ms` milliseconds, again and again if `repeat`."""

    id: str
    ms: int
    repeat: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file for the user: its text, or where it is (http, https or data)."""

    name: str
    type: str
    text: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """What the browser is asked to do besides showing: nothing that the server waits for.

    `timers` begin, `stopped` are ids of those that end; `copied` are texts for the clipboard.
    """

    timers: tuple[Timer, ...] = ()
    stopped: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    copied: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What changed for the browser: one line of an event's answer.

    `changed` are paths of widgets to render anew. `values` are values of inputs, by address, that a
    turn set and that differ from what was posted. `session` is the session that the browser belongs
    to from now on; `started`: it was sent something to come back with, `returned`: it has.
    `loading`: requests of the page's load are still open. `invalid`: the event's form did not
    validate and its action did not run; `focus` is its first such widget. `handed` is the id of the
    visit that the page navigated to begins with. `problem` is what cut the event short.
    """

    changed: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    navigation: Navigation | None = None
    session: Session | None = None
    started: bool = False
    returned: bool = False
    focus: str | None = None
    loading: bool = False
    invalid: bool = False
    asked: Asked | None = None
    requests: Requests = Requests()
    handed: str | None = None
    problem: PorticoError | None = None
    done: bool = True
