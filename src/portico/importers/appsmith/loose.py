"""JSON of somebody else: anything may stand anywhere, and what is of the wrong type counts as missing."""

from collections.abc import Mapping
from typing import Any

#: Numbers that make sense here: beyond them they are somebody's joke.
_GREATEST = 2**53


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A list; empty for anything else."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [item for item in items(value) if isinstance(item, dict)]


def text(value: Any) -> str:
    """A text; empty for anything else."""
    return value if isinstance(value, str) else ""


def word(value: Any) -> str:
    """A text, or a number or truth value as text; empty for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(plain_number(value))
    return text(value)


def number(value: Any) -> float | None:
    """A number, also one that is written as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("px"))
        except ValueError:
            return None
    if not isinstance(value, int | float) or not -_GREATEST <= value <= _GREATEST:
        return None
    return float(value)


def plain_number(value: float) -> int | float:
    """A number as people write it: exports write 94 as 94.0."""
    return int(value) if float(value).is_integer() else value


def flag(value: Any) -> bool:
    """Whether it is `true`."""
    return value is True or value == "true"


def dig(value: Any, *keys: str) -> Any:
    """What stands under keys of objects in each other; None where one is missing."""
    for key in keys:
        value = mapping(value).get(key)
    return value


def coerced(value: Any) -> Any:
    """The same JSON with whole numbers as such, and without what no number is."""
    if isinstance(value, float):
        return plain_number(value)
    if isinstance(value, list):
        return [coerced(item) for item in value]
    if isinstance(value, dict):
        return {key: coerced(item) for key, item in value.items()}
    return value
