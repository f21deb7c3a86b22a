"""Reads the words that name a kind of fault: `status 429 retry-after 30s`, `wrong types expires_in`."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import ClassVar

from portico.authserver.fault_kinds import (
    ChangedRole,
    Delay,
    DisabledUser,
    Drop,
    ExpiredAtOnce,
    Html,
    Huge,
    Kind,
    Malformed,
    Missing,
    NewKey,
    RefreshPolicy,
    RefreshReuse,
    RevokedSession,
    Skew,
    Status,
    Truncated,
    When,
    WrongTypes,
)
from portico.clock import duration
from portico.errors import BadRequest

#: Every kind, as it is written.
SPELLINGS = (
    "delay 3s",
    "status 503",
    "status 429 retry-after 30s",
    "drop",
    "drop after",
    "drop midway",
    "truncated",
    "malformed",
    "html",
    "wrong types [FIELD…]",
    "missing FIELD…",
    "huge 64MB",
    "skew 5m",
    "skew -5m",
    "expired at once",
    "strict refresh",
    "replayed refresh",
    "family revocation",
    "revoked session",
    "disabled user",
    "role NAME",
    "new key",
)

_LONGEST_DELAY = timedelta(minutes=10)
_LONGEST_SKEW = timedelta(days=3650)
_LARGEST = 1_000_000_000
_USUAL_SIZE = 64_000_000
_SIZE = re.compile(r"([0-9]{1,4})MB")
_FIELD = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
_ROLE = re.compile(r"[^\s:]{1,100}")
_ALONE: tuple[Kind, ...] = (
    Truncated(),
    Malformed(),
    Html(),
    ExpiredAtOnce(),
    RevokedSession(),
    DisabledUser(),
    NewKey(),
    *(RefreshReuse(policy=policy) for policy in RefreshPolicy),
)


class FaultInvalid(BadRequest):
    """Not a fault as it is written. Its message repeats the words and says what there is."""

    code: ClassVar[str] = "fault_invalid"


def kind_of(text: str) -> Kind:
    """The kind that these words name. Raises `FaultInvalid`."""
    words = text.split()
    for kind in _ALONE:
        if words == kind.words.split():
            return kind
    read = _WITH_PARAMETERS.get(words[0]) if words else None
    if read is None:
        raise FaultInvalid(message=f"There is no fault {text!r}: there are {', '.join(SPELLINGS)}.")
    return read(words[1:])


def _delay(words: Sequence[str]) -> Kind:
    by = _duration(_one(words, "delay 3s"))
    if by > _LONGEST_DELAY:
        raise FaultInvalid(message="A delay is at most 10m.")
    return Delay(by=by)


def _status(words: Sequence[str]) -> Kind:
    match words:
        case [code]:
            after = None
        case [code, "retry-after", text]:
            after = _duration(text)
        case _:
            raise FaultInvalid(message="Written status 503, or status 429 retry-after 30s.")
    if re.fullmatch("[45][0-9]{2}", code) is None:
        raise FaultInvalid(message=f"A status of a fault is from 400 to 599, not {code!r}.")
    return Status(code=int(code), retry_after=after)


def _drop(words: Sequence[str]) -> Kind:
    when = _one(words, "drop midway") if words else When.BEFORE
    if when not in list(When):
        raise FaultInvalid(message=f"Written drop, drop after or drop midway, not drop {when}.")
    return Drop(when=When(when))


def _wrong_types(words: Sequence[str]) -> Kind:
    if not words or words[0] != "types":
        raise FaultInvalid(message="Written wrong types, or wrong types FIELD….")
    return WrongTypes(fields=_fields(words[1:]))


def _missing(words: Sequence[str]) -> Kind:
    if not words:
        raise FaultInvalid(message="Which field is missing? Written missing refresh_token.")
    return Missing(fields=_fields(words))


def _huge(words: Sequence[str]) -> Kind:
    if not words:
        return Huge(size=_USUAL_SIZE)
    match = _SIZE.fullmatch(_one(words, "huge 64MB"))
    size = int(match[1]) * 1_000_000 if match else 0
    if not 0 < size <= _LARGEST:
        raise FaultInvalid(message="Written huge 64MB, with at most 1000MB.")
    return Huge(size=size)


def _skew(words: Sequence[str]) -> Kind:
    text = _one(words, "skew 5m, or skew -5m")
    by = _duration(text.removeprefix("-"))
    if by > _LONGEST_SKEW:
        raise FaultInvalid(message="A skew is at most ten years.")
    return Skew(by=-by if text.startswith("-") else by)


def _role(words: Sequence[str]) -> Kind:
    role = _one(words, "role editor")
    if _ROLE.fullmatch(role) is None:
        raise FaultInvalid(message=f"Not the name of a role: {role!r}.")
    return ChangedRole(role=role)


_WITH_PARAMETERS: dict[str, Callable[[Sequence[str]], Kind]] = {
    "delay": _delay,
    "status": _status,
    "drop": _drop,
    "wrong": _wrong_types,
    "missing": _missing,
    "huge": _huge,
    "skew": _skew,
    "role": _role,
}


def _one(words: Sequence[str], written: str) -> str:
    if len(words) != 1:
        raise FaultInvalid(message=f"Written {written}.")
    return words[0]


def _duration(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise FaultInvalid(message=f"{error}.".capitalize()) from error


def _fields(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if _FIELD.fullmatch(name) is None:
            raise FaultInvalid(message=f"Not the name of a field: {name!r}.")
    return tuple(names)
