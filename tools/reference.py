"""Writes `docs/reference.md`: every key of every file of an app, and every widget, from the code."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from portico.definition.schemas import FILES, schemas
from portico.definition.shapes import ANYTHING, BINDING, DURATION, TEXT, VALUE, WORD, Schema
from portico.definition.widgets import MODULE_TYPE
from portico.model.widget import WidgetType
from portico.ui.widgets import CATALOGUE

FILE = Path(__file__).parents[1] / "docs" / "reference.md"

HEAD = """\
# Reference of the app format

Made by `make docs` from the code that reads the files; [the app format](app-format.md) explains it.
`portico schema` gives the same to editors.

"""


def text() -> str:
    """The whole page."""
    found = schemas(CATALOGUE)
    parts = [HEAD]
    for name, (pattern, _) in FILES.items():
        parts.append(f"## `{pattern}`\n\n")
        for kind in found[name].get("anyOf", ()):
            parts.append(f"### With `kind: {kind['properties']['kind']['enum'][0]}`\n\n")
            parts += _table(("key", "value", "meaning"), _keys(kind))
        if "properties" in found[name]:
            parts += _table(("key", "value", "meaning"), _keys(found[name]))
    for name, schema in found["dialect"]["definitions"].items():
        parts.append(f"### Of an imitated API: {name}\n\n")
        parts += _table(("key", "value", "meaning"), _keys(schema))
    definitions = found["page"]["definitions"]
    parts.append(
        "## Actions\n\nAn item of a list of actions is a binding, one of these words, or a mapping.\n\n"
    )
    words, *mappings = definitions["actions"]["items"]["anyOf"]
    parts.append(f"Words: {_words(words['anyOf'][0])}.\n\n")
    parts += _table(
        ("key", "value", "meaning"),
        (row for mapping in mappings for row in _keys(mapping)),
    )
    parts.append("## Widgets\n\n")
    for case in definitions["widget"]["allOf"]:
        # An instance of a module says no type.
        kind = case["if"]["properties"]["type"]["const"] if "properties" in case["if"] else MODULE_TYPE
        parts += _widget(CATALOGUE[kind], case["then"])
    return "".join(parts)


def _widget(kind: WidgetType, schema: Schema) -> Iterator[str]:
    """One type: what authors write, and what code finds."""
    yield f"### {kind.name}\n\n{kind.help}\n\n"
    common = ("name", "type", "position", *kind.events)
    given = {key: value for key, value in schema["properties"].items() if key not in common}
    yield from _table(("property", "value", "meaning"), _keys({**schema, "properties": given}))
    read = [name for name in (*kind.meta, *kind.derived) if name not in {*kind.private, *kind.properties}]
    methods = [name for name in kind.methods if name not in kind.private]
    for title, names in (("Events", kind.events), ("Read by code besides", read), ("Methods", methods)):
        if names:
            yield f"{title}: {', '.join(f'`{name}`' for name in names)}.\n\n"


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    cells = list(head)
    yield f"| {' | '.join(cells)} |\n|{'---|' * len(cells)}\n"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |\n"
    yield "\n"


def _keys(schema: Schema, prefix: str = "") -> Iterator[tuple[str, ...]]:
    """A row for each key, those inside it below it."""
    for key, inner in schema["properties"].items():
        needed = " (required)" if key in schema["required"] else ""
        yield f"`{prefix}{key}`{needed}", _words(inner), inner.get("description", "")
        for within, step in _mappings(inner):
            yield from _keys(within, f"{prefix}{key}{step}.")


def _mappings(schema: Schema) -> Iterator[tuple[Schema, str]]:
    """The mappings with keys of their own that a value can be, or is made of."""
    if "properties" in schema:
        yield schema, ""
    for inner in schema.get("anyOf", ()):
        yield from _mappings(inner)
    for part, step in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(schema.get(part), Mapping):
            for within, more in _mappings(schema[part]):
                yield within, step + more


#: What people call the schemas that have a name.
_NAMES: tuple[tuple[Schema, str], ...] = (
    (WORD, "text"),
    (TEXT, "text, may hold bindings"),
    (BINDING, "a binding"),
    (VALUE, "any value"),
    (ANYTHING, "any value"),
    (DURATION, "seconds, or `10s`, `500ms`"),
)
_TYPES = {"boolean": "true or false", "object": "a mapping", "array": "a list", "string": "text"}


def _words(schema: Schema) -> str:
    """What a value can be, in words."""
    bare = {key: value for key, value in schema.items() if key not in ("description", "default")}
    known = next((name for one, name in _NAMES if dict(one) == bare), None)
    default = f"; default {_literal(schema['default'])}" if schema.get("default", "") != "" else ""
    return (known or _described(bare)) + default


def _described(schema: Schema) -> str:
    if "$ref" in schema:
        return {
            "#/definitions/widget": "a widget",
            "#/definitions/actions": "[actions](#actions)",
            "#/definitions/steps": "[steps](journeys.md#steps)",
            "#/definitions/endpoint": "[an endpoint](#of-an-imitated-api-endpoint)",
            "#/definitions/refusals": "[refusals](#of-an-imitated-api-refusals)",
            "#/definitions/refusal": "[an answer](#of-an-imitated-api-refusal)",
        }[schema["$ref"]]
    if "anyOf" in schema:
        return _joined(_words(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(_literal(one) for one in schema["enum"])
    kinds = schema.get("type")
    if isinstance(schema.get("additionalProperties"), Mapping) and "$ref" in schema["additionalProperties"]:
        return f"a mapping; each: {_words(schema['additionalProperties'])}"
    if kinds == "array":
        return f"a list; each: {_words(schema['items'])}" if schema.get("items") else "a list"
    if kinds == "integer":
        return f"{schema['minimum']} to {schema['maximum']}"
    if isinstance(kinds, list):
        return "text"
    return _TYPES.get(str(kinds), str(kinds))


def _joined(words: Iterable[str]) -> str:
    """Each way of writing it once; that a literal can be a binding goes without a pattern."""
    return " or ".join(dict.fromkeys(words))


def _literal(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else '`""`'


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
