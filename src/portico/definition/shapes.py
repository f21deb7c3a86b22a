"""What a mapping of a file can hold: its keys, what their values can be, and what they mean.

A reader asks for the keys of its shape and no others, editors complete and check them (JSON Schema,
draft 7), and the reference lists them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A key, the schema of its value, and what it means, for people."""

    schema: Schema
    help: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping with these keys. `what` names it in messages: "a query", "a widget"."""

    what: str
    keys: Mapping[str, Key]

    def schema(self) -> Schema:
        """What an editor checks a mapping against."""
        return mapping(
            {name: {**key.schema, "description": key.help} for name, key in self.keys.items()},
            required=[name for name, key in self.keys.items() if key.required],
        )


class Kinds(Shape):
    """A mapping of one of some kinds, each with keys of its own; `kind` says which, the first where it says
    nothing. `of` says what mappings of one kind are called."""

    def __init__(self, what: str, shapes: Mapping[str, Shape]) -> None:
        super().__init__(what, {name: key for shape in shapes.values() for name, key in shape.keys.items()})
        object.__setattr__(self, "shapes", shapes)

    shapes: Mapping[str, Shape]

    def schema(self) -> Schema:
        """What an editor checks a mapping against."""
        return either(*(shape.schema() for shape in self.shapes.values()))


def mapping(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    """A mapping of these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


#: Text that is used as it is written; a number counts as one.
WORD: Schema = {"type": ["string", "number"], "not": {"type": "string", "pattern": r"\{\{"}}
#: Text that may hold bindings.
TEXT: Schema = {"type": ["string", "number", "boolean"]}
#: Exactly one binding.
BINDING: Schema = {"type": "string", "pattern": r"^\s*\{\{[\s\S]*\}\}\s*$"}
FLAG: Schema = {"type": "boolean"}
#: Any value, `null` as well.
ANYTHING: Schema = {}
#: Any value, with bindings wherever text may stand.
VALUE: Schema = {"not": {"type": "null"}}
DURATION: Schema = {
    "anyOf": [
        {"type": "number", "minimum": 0.1, "maximum": 60},
        {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s)?$"},
    ]
}
#: A time with its unit: seconds, minutes, hours or days.
LASTING: Schema = {"type": "string", "pattern": r"^[0-9]{1,6}[smhd]$"}


def one_of(words: Iterable[str]) -> Schema:
    """One of some words."""
    return {"enum": list(words)}


def integer(least: int, most: int) -> Schema:
    """A whole number in a range."""
    return {"type": "integer", "minimum": least, "maximum": most}


def each(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def table(value: Schema) -> Schema:
    """A mapping of names that the author chooses."""
    return {"type": "object", "additionalProperties": value}


def either(*schemas: Schema) -> Schema:
    """Any of these."""
    return {"anyOf": list(schemas)}


def named(name: str) -> Schema:
    """A schema that stands once in its file, because it contains itself."""
    return {"$ref": f"#/definitions/{name}"}
