"""Reading what a worker sends. It is not trusted: what is not as expected is ScriptFailed."""

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

from portico.errors import ScriptFailed

T = TypeVar("T")


def load(text: str) -> Any:
    """JSON from a worker, as values that can be written as JSON and UTF-8 again."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # JavaScript strings may hold half a surrogate pair, which no encoding has.
        if "\\ud" in text.lower():
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise ScriptFailed(f"the worker's answer is not JSON: {error}") from None
    return value


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


class Fields:
    """An object of the answer; every reader raises ScriptFailed for what is not of its type."""

    def __init__(self, values: object) -> None:
        if not isinstance(values, dict):
            raise ScriptFailed("the worker's answer lacks an object")
        self.values: dict[str, Any] = values

    def _checked(self, name: str, fits: Callable[[Any], bool]) -> Any:
        value = self.values.get(name)
        if not fits(value):
            raise ScriptFailed(f"the worker's answer has no proper {name}")
        return value

    def text(self, name: str) -> str:
        """A string."""
        return cast(str, self._checked(name, lambda value: isinstance(value, str)))

    def text_or_none(self, name: str) -> str | None:
        """A string or null."""
        return cast("str | None", self._checked(name, lambda value: value is None or isinstance(value, str)))

    def flag(self, name: str) -> bool:
        """A boolean."""
        return cast(bool, self._checked(name, lambda value: isinstance(value, bool)))

    def count(self, name: str) -> int:
        """A whole number from 0."""
        return cast(int, self._checked(name, _is_count))

    def count_or_none(self, name: str) -> int | None:
        """A whole number from 0, or null."""
        return cast("int | None", self._checked(name, lambda value: value is None or _is_count(value)))

    def one_of(self, name: str, choices: tuple[T, ...]) -> T:
        """One of the choices."""
        return cast(T, self._checked(name, lambda value: value in choices))

    def mapping(self, name: str) -> dict[str, Any]:
        """An object."""
        return cast("dict[str, Any]", self._checked(name, lambda value: isinstance(value, dict)))

    def each(self, name: str) -> "Iterable[Fields]":
        """The objects of a list."""
        return (Fields(item) for item in self._checked(name, lambda value: isinstance(value, list)))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(self._checked(name, _are_texts))

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of strings."""
        return tuple(_pair(item) for item in self._checked(name, lambda value: isinstance(value, list)))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _pair(item: object) -> tuple[str, str]:
    match item:
        case [str(name), str(value)]:
            return name, value
    raise ScriptFailed("the worker's answer has no proper pair")
