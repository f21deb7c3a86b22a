"""Answers that are spoiled: cut, of another type, without a field, or far too large."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from portico.authserver.fault_kinds import Html, Huge, Kind, Malformed, Missing, Truncated, WrongTypes

Spoiler = Truncated | Malformed | Html | WrongTypes | Missing | Huge
SPOILERS = (Truncated, Malformed, Html, WrongTypes, Missing, Huge)

Header = tuple[bytes, bytes]

_PAGE = (
    b'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>One moment</title></head>\n'
    b"<body><h1>One moment, please</h1><p>This page comes from something between you and the API.</p>"
    b"</body></html>\n"
)
_TYPE = b"content-type"
_LENGTH = b"content-length"
_COOKIE = b"set-cookie"
_BODILESS = (204, 304)
_NUMBER = 42


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A whole answer, and how many bytes its body is filled up to."""

    status: int
    headers: tuple[Header, ...]
    body: bytes
    filled_to: int = 0

    @property
    def size(self) -> int:
        """Bytes of its body as it is sent."""
        return max(len(self.body), self.filled_to)

    @property
    def head(self) -> list[Header]:
        """The headers, with the length that the body has."""
        kept = [(name, value) for name, value in self.headers if name.lower() != _LENGTH]
        return [*kept, (_LENGTH, str(self.size).encode())]


def spoiled(answer: Answer, kinds: Sequence[Kind]) -> Answer:
    """The answer, after each of `kinds` that spoils one; others leave it as it is."""
    for kind in kinds:
        if isinstance(kind, SPOILERS):
            answer = _spoil(answer, kind)
    # What has a body now is no answer without one.
    return replace(answer, status=200) if answer.size and answer.status in _BODILESS else answer


def _spoil(answer: Answer, kind: Spoiler) -> Answer:
    match kind:
        case Truncated():
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case Malformed():
            # As long as it was, and no JSON whatever it was: a reader that goes by length notices nothing.
            return replace(answer, body=b"{," + answer.body[2:] if len(answer.body) > 1 else b"{,")
        case Html():
            return replace(
                answer, headers=_typed(answer.headers, b"text/html; charset=utf-8"), body=_PAGE, filled_to=0
            )
        case WrongTypes(fields=fields):
            return _edited(answer, lambda value: _retyped(value, fields))
        case Missing(fields=fields):
            kept = tuple(header for header in answer.headers if not _carries(header, fields))
            return _edited(replace(answer, headers=kept), lambda value: _without(value, fields))
        case Huge(size=size):
            return replace(answer, filled_to=size)
        case _:
            assert_never(kind)


def _edited(answer: Answer, edit: Callable[[object], object]) -> Answer:
    """With its JSON edited; what is no JSON has neither fields nor types."""
    try:
        value = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json.dumps(edit(value), separators=(",", ":")).encode())


def _retyped(value: object, fields: Sequence[str]) -> object:
    """With values of other types; named fields are retyped whole, whatever is in them."""
    match value:
        case dict():
            return {
                key: _other(below) if key in fields else _retyped(below, fields)
                for key, below in value.items()
            }
        case list():
            return [_retyped(below, fields) for below in value]
        case _:
            return value if fields else _other(value)


def _other(value: object) -> object:
    return _NUMBER if isinstance(value, str) else json.dumps(value)


def _without(value: object, fields: Sequence[str]) -> object:
    match value:
        case dict():
            return {key: _without(below, fields) for key, below in value.items() if key not in fields}
        case list():
            return [_without(below, fields) for below in value]
        case _:
            return value


def _carries(header: Header, fields: Sequence[str]) -> bool:
    name, value = header[0].lower(), header[1]
    if name == _COOKIE:
        return value.partition(b"=")[0].decode("latin-1") in fields
    return name.decode("latin-1") in {field.lower() for field in fields}


def _typed(headers: Sequence[Header], content_type: bytes) -> tuple[Header, ...]:
    return (*(header for header in headers if header[0].lower() != _TYPE), (_TYPE, content_type))
