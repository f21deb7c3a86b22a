"""The shapes that an app gives to data: fields, and what each of them holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

#: What a field can hold, besides what has another type of the app.
Basic = Literal["string", "number", "integer", "boolean", "datetime", "json"]
BASICS: tuple[Basic, ...] = get_args(Basic)


@dataclass(frozen=True, kw_only=True, slots=True)
class DataField:
    """One field. `type` is one of BASICS or the name of a data type; `source` leads to it in JSON."""

    type: str
    source: tuple[str, ...]
    required: bool = False
    list: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DataType:
    """One data type, by the names of its fields."""

    name: str
    fields: Mapping[str, DataField]
