"""Journeys: what a simulated user of an app does and sees, step by step, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from portico.model.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account of the auth server of a journey. Journeys know no real ones: its password is no secret.
    Without a `role` it has none but what its API gives everybody."""

    username: str
    email: str
    password: str = field(repr=False)
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthSettings:
    """What is special about the auth server of a journey. `one_long_token`: Strapi's older way. `dialect`:
    the API that it imitates, a file of the app by its path there, or one of Portico's by its name."""

    access_lifetime: timedelta | None = None
    one_long_token: bool | None = None
    email_confirmation: bool = False
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A page is opened by its address."""

    page: str


@dataclass(frozen=True, slots=True)
class Fill:
    """Text is typed into a field."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Click:
    """A button, a link or a box is pressed."""

    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """An option is chosen."""

    name: str
    option: str


@dataclass(frozen=True, slots=True)
class See:
    """A text is there, or with `wanted` of false it is not."""

    text: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Holds:
    """This stands in a control, or with `wanted` of false something else does."""

    name: str
    value: str
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class At:
    """This page is open."""

    page: str


@dataclass(frozen=True, slots=True)
class Advance:
    """Time passes, for the app's server and the auth server."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class SetFault:
    """Something goes wrong at the auth server from now on."""

    spelled: str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ClearFaults:
    """Nothing goes wrong there any more."""


@dataclass(frozen=True, slots=True)
class As:
    """Another user acts, with a browser of their own."""

    user: str


@dataclass(frozen=True, slots=True)
class SwitchTab:
    """The user goes to a tab; a new one if there is none of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class OpenMail:
    """The link of the last mail to an address is opened, or its code typed into a field."""

    to: str
    code_into: str = ""


@dataclass(frozen=True, slots=True)
class Simple:
    """A step that needs nothing besides its name."""

    what: Literal["reload", "restart", "back"]


Action = (
    Open
    | Fill
    | Click
    | Select
    | See
    | Holds
    | At
    | Advance
    | SetFault
    | ClearFaults
    | As
    | SwitchTab
    | OpenMail
    | Simple
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A step, where it stands, and where its steps were used; `words` is it in a line, without passwords."""

    action: Action
    place: Place
    words: str
    used_at: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Journey:
    """One journey of a file."""

    name: str
    place: Place
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class JourneyFile:
    """The journeys of one file, and what they need: accounts, settings and secrets of the environment.

    `left_out` are standard journeys that the app cannot have, and why."""

    path: str
    journeys: tuple[Journey, ...]
    accounts: tuple[Account, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: AuthSettings = AuthSettings()
    left_out: Mapping[str, str] = field(default_factory=dict)
