"""The timeline of a session: what happened to it and why, for its operator.

Answers "why was I signed out?" without a debugger. No event holds a token, a handle, a password, an address
with its parameters, or what is known of a user: names of pages, queries and roles, codes and times alone
(`reference/security.md` row 59). What other servers say is masked before it is written down.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

By = Literal["query", "provider", "script", "link"]
Why = Literal["due", "early", "refused", "script"]
Reason = Literal[
    "user",
    "another user",
    "another step",
    "auth API",
    "provider",
    "operator",
    "own list",
    "too many",
    "idle",
    "absolute",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """Somebody signed in: by the answer of a query, at a provider, by what a script stored, by a link.
    `session` is the public id from then on."""

    by: By
    name: str = ""
    roles: tuple[str, ...] = ()
    session: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepAsked:
    """A sign-in needs another step."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """The auth API was asked for another token, and why. `rotated`: what renews is another one, too."""

    why: Why
    outcome: Literal["renewed", "still fresh", "ended", "deferred"]
    cause: str = ""
    rotated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The auth API was asked who that is (`me`)."""

    outcome: Literal["known", "refused", "not answered"]
    cause: str = ""
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Denied:
    """The guard did not open a page."""

    page: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Retried:
    """A query was answered 401 and sent again with another token; `status` is of the second answer."""

    query: str
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedSent:
    """A token was sent as it was sealed: to an origin that it is not of, or where it is not opened."""

    query: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CookiesSet:
    """Cookies that the auth API keeps its session in are others by now, or gone: their names."""

    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The auth API is to be told that the session's tokens are used no more."""

    state: Literal["waiting", "delivered", "not yet", "of no use", "given up"]
    cause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """The session is over."""

    reason: Reason
    cause: str = ""


Event = SignedIn | StepAsked | Refreshed | Asked | Denied | Retried | SealedSent | CookiesSet | Told | End

_KINDS: dict[str, Callable[..., Event]] = {
    "in": SignedIn,
    "step": StepAsked,
    "refresh": Refreshed,
    "me": Asked,
    "denied": Denied,
    "401": Retried,
    "sealed": SealedSent,
    "cookies": CookiesSet,
    "revoke": Told,
    "end": End,
}
_NAMES: dict[object, str] = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An event, when it happened last, and how often in a row."""

    at: datetime
    event: Event
    times: int = 1


#: Longest text in an event, and runs of characters in it that could be a token.
TEXT_LIMIT = 200
_TOKENS = re.compile(r"[A-Za-z0-9_+/=.~-]{24,}")


def masked(text: str) -> str:
    """What was said, without whatever could be a token, in one line."""
    line = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return _TOKENS.sub("•••", line)[:TEXT_LIMIT]


def encode(entries: Iterable[Entry]) -> bytes:
    """Entries in few bytes; what an event leaves at its default is not written."""
    return json.dumps([_row(entry) for entry in entries], ensure_ascii=False, separators=(",", ":")).encode()


def decode(content: bytes) -> list[Entry]:
    """What `encode` wrote; events that this version does not know are left out."""
    return [entry for row in json.loads(content) if (entry := _entry(row)) is not None]


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Entries in their order, with the same event several times in a row as one."""
    found: list[Entry] = []
    for entry in entries:
        if found and found[-1].event == entry.event:
            times = found[-1].times + entry.times
            found[-1] = Entry(at=max(found[-1].at, entry.at), event=entry.event, times=times)
        else:
            found.append(entry)
    return found


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry for tools: `at`, `event`, `times`, and what the event says."""
    event = entry.event
    said = {field.name: getattr(event, field.name) for field in fields(event)}
    return {"at": entry.at.isoformat(), "event": _NAMES[type(event)], "times": entry.times, **said}


def _row(entry: Entry) -> list[Any]:
    event = entry.event
    said = {
        field.name: getattr(event, field.name)
        for field in fields(event)
        if field.default is MISSING or getattr(event, field.name) != field.default
    }
    return [round(entry.at.timestamp() * 1000), _NAMES[type(event)], said, entry.times]


def _entry(row: list[Any]) -> Entry | None:
    milliseconds, name, said, times = row
    kind = _KINDS.get(name)
    if kind is None:
        return None
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
    return Entry(at=datetime.fromtimestamp(milliseconds / 1000, UTC), event=kind(**values), times=times)
