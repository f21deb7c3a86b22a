"""Rows of databases as JSON (`docs/queries.md`)."""

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from portico.errors import AnswerTooLarge

#: Numbers that JavaScript holds exactly.
_EXACT = 1 << 53


def json_of(columns: Sequence[str], rows: Iterable[Sequence[Any]], limit: int) -> bytes:
    """The rows as a JSON list of objects. Of two columns of one name the last counts. Raises AnswerTooLarge
    as soon as it is over the limit."""
    texts, size = list[bytes](), 2
    for row in rows:
        values = {name: plain(value) for name, value in zip(columns, row, strict=True)}
        texts.append(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
        size += len(texts[-1]) + 1
        if size > limit:
            raise AnswerTooLarge(f"more than {limit} bytes of rows")
    return b"[" + b",".join(texts) + b"]"


def plain(value: Any) -> Any:
    """A value of a row as JSON has it."""
    found = _CONVERTED.get(type(value))
    if found is not None:
        return found(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return str(value)


def _integer(value: int) -> int | str:
    return value if -_EXACT < value < _EXACT else str(value)


def _float(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _decimal(value: Decimal) -> float | int | str | None:
    if not value.is_finite():
        return None
    if value == value.to_integral_value():
        return _integer(int(value)) if value.adjusted() < 40 else str(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f"{_trimmed(value.isoformat())}Z"


def _time(value: time) -> str:
    return _trimmed(value.isoformat())


def _trimmed(text: str) -> str:
    """Without zeros at the end of a fraction."""
    whole, dot, fraction = text.partition(".")
    return f"{whole}{dot}{fraction.rstrip('0')}" if dot and fraction.isdigit() else text


def _clock(value: timedelta) -> str:
    """Times of a day, which may be over a day or under none, as MySQL has them."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds, rest = divmod(value, timedelta(seconds=1))
    fraction = f".{rest.microseconds:06}".rstrip("0") if rest else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def _bytes(value: bytes | bytearray | memoryview) -> str:
    return base64.b64encode(bytes(value)).decode()


def _same(value: Any) -> Any:
    return value


_CONVERTED: Mapping[type, Callable[[Any], Any]] = {
    type(None): _same,
    bool: _same,
    str: _same,
    int: _integer,
    float: _float,
    Decimal: _decimal,
    datetime: _moment,
    date: date.isoformat,
    time: _time,
    timedelta: _clock,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
}


def in_pieces(fetch: Callable[[int], Sequence[Any]], size: int = 200) -> Iterator[Any]:
    """Rows, fetched piece by piece."""
    while rows := fetch(size):
        yield from rows
