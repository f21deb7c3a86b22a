"""Bodies of queries: JSON written as text or as YAML, forms, parts, plain text; all may hold bindings."""

import json
from collections.abc import Iterator

from portico.definition.bindings import Part, Snippet, only
from portico.definition.diagnostics import Problems
from portico.definition.fields import Fields, wrong_type
from portico.definition.shapes import TEXT, VALUE, Key, Shape
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.text import Text
from portico.definition.value import (
    Body,
    Bound,
    Fixed,
    JsonText,
    Pairs,
    Value,
    of_list,
    of_node,
    of_text,
)
from portico.model.query import BodyType

SCHEMA = VALUE

#: What a file is made of, as file pickers of low-code tools hand it over.
_FILE = Shape(
    "a file",
    {
        "name": Key(schema=TEXT, help="The file's name.", required=True),
        "type": Key(schema=TEXT, help="Its media type."),
        "data": Key(schema=VALUE, help="What is in it.", required=True),
        "dataFormat": Key(schema=TEXT, help="How `data` is written."),
    },
)


def read(node: Node, body_type: BodyType, problems: Problems) -> Body | None:
    """The body, or None and a problem."""
    if body_type == "form":
        return _form(node, problems)
    if body_type == "multipart":
        return _multipart(node, problems)
    if body_type == "text":
        return _plain(node, problems)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return json_text(node.text, problems)
    return of_node(node, problems)


def _form(node: Node, problems: Problems) -> Body | None:
    """Pairs; a single binding gives an object of them when it runs."""
    if isinstance(node, Table):
        pairs = [(name, item) for name, entry in node.entries.items() for item in _several(entry.node)]
        values = [(name, _field(item, problems, name)) for name, item in pairs]
        return Pairs(tuple((name, value) for name, value in values if value is not None))
    return _object(node, problems, "a form is a mapping of names to text")


def _object(node: Node, problems: Problems, what: str) -> Value | None:
    """One binding that gives an object when it runs."""
    value = of_text(node.text, problems) if isinstance(node, Scalar) and isinstance(node.value, str) else None
    if isinstance(value, Bound) and only(value.parts):
        return value
    if value is not None or not (isinstance(node, Scalar) and isinstance(node.value, str)):
        wrong_type(problems, node, what, "write `name: value` lines, or one binding that gives an object")
    return None


def _multipart(node: Node, problems: Problems) -> Body | None:
    """Pairs of a name and any value: unlike a form, what a binding gives is not made text, as it may
    be a file. A single binding gives an object of them."""
    if not isinstance(node, Table):
        return _object(node, problems, "a multipart body is a mapping of names to text and files")
    pairs = [(name, item) for name, entry in node.entries.items() for item in _several(entry.node)]
    parts = [(name, _part(item, problems, name)) for name, item in pairs]
    return of_list([of_list([Fixed(name), part]) for name, part in parts if part is not None])


def _part(node: Node, problems: Problems, name: str) -> Value | None:
    if not isinstance(node, Table):
        return _field(node, problems, name)
    fields = Fields(node, problems, _FILE)
    for key in ("name", "data"):
        fields.required(key, "write `{name: …, type: …, data: …}`")
    fields.done()
    return of_node(node, problems)


def _several(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else (node,)


def _field(node: Node, problems: Problems, name: str) -> Value | None:
    if isinstance(node, Scalar) and node.value is not None:
        return of_text(node.text, problems)
    wrong_type(
        problems, node, f"`{name}` is text", 'write text, a number or a `{{ }}` binding; `""` is empty text'
    )
    return None


def _plain(node: Node, problems: Problems) -> Value | None:
    if isinstance(node, Scalar) and node.value is not None:
        return of_text(node.text, problems)
    wrong_type(problems, node, "a body of type text is text", "write it after `|`")
    return None


def json_text(text: Text, problems: Problems) -> Value | None:
    """JSON written as text, in which bindings stand for values and inside quotes for text."""
    value = of_text(text, problems)
    if value is None or (isinstance(value, Bound) and only(value.parts)):
        return value
    parts: tuple[Part, ...] = value.parts if isinstance(value, Bound) else (text.value,)
    marked = tuple(_marked(parts))
    sample, origins = _sample(marked, text)
    try:
        # Digits of any number are the other side's matter.
        json.loads(sample, parse_int=str, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        offset = _origin(origins, error.pos)
        place = text.place(offset)
        problems.add(
            "E215",
            place,
            f"the body is not JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            received=text.value[offset:].partition("\n")[0] or "the end",
            remedy="names and text stand in double quotes; a binding stands alone or inside quotes",
        )
        return None
    except (ValueError, RecursionError) as error:
        problems.add("E215", text.place(0), f"the body is not JSON: {error}")
        return None
    # Also without a binding: as a value it would go through the numbers of JavaScript.
    return JsonText(marked)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not part of it")


def _marked(parts: tuple[Part, ...]) -> Iterator[str | tuple[Snippet, bool]]:
    """Each binding with whether it stands inside quotes."""
    quoted = escaped = False
    for part in parts:
        if isinstance(part, Snippet):
            yield part, quoted
            continue
        for char in part:
            if escaped:
                escaped = False
            elif quoted and char == "\\":
                escaped = True
            elif char == '"':
                quoted = not quoted
        yield part


def _sample(parts: tuple[str | tuple[Snippet, bool], ...], text: Text) -> tuple[str, list[tuple[int, int]]]:
    """The text with something in place of each binding, and where its parts begin in sample and text."""
    sample, origins, offset = "", [], 0
    for part in parts:
        origins.append((len(sample), offset))
        if isinstance(part, str):
            sample += part
            offset += len(part)
        else:
            sample += "" if part[1] else "0"
            offset = part[0].end + 2
    return sample, origins


def _origin(origins: list[tuple[int, int]], position: int) -> int:
    begin, offset = max((origin for origin in origins if origin[0] <= position), default=(0, 0))
    return offset + position - begin
