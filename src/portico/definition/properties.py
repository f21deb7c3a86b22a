"""Values of widget properties, checked against their kind."""

import re
from collections.abc import Mapping
from typing import Any

from portico.definition.diagnostics import Problems
from portico.definition.fields import wrong_type
from portico.definition.names import suggestion
from portico.definition.shapes import BINDING, FLAG, VALUE, Key, Schema, either, one_of
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.value import Composed, Fixed, Value, is_binding, of_node
from portico.model.widget import Property, WidgetType

#: Properties that every type has (`model.widget.WidgetType.properties`).
COMMON: Mapping[str, Property] = {
    "isVisible": Property(kind="boolean", default=True, help="Whether it is shown."),
    "animateLoading": Property(kind="boolean", default=True, help="Whether it shows that it is loading."),
}

_COLOR = re.compile(
    r"#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|[a-zA-Z]{3,30}|(rgb|hsl)a?\([0-9a-z.,%/ -]{1,60}\)|"
)
_SIZE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?([a-z]{1,4}|%)?|[a-zA-Z_-]{1,30}|")

#: Names of events, as every tool of this kind has them.
_EVENTS = re.compile(r"on[A-Z]\w*", re.ASCII)

_WANTED: Mapping[str, str] = {
    "text": "text",
    "boolean": "true or false",
    "number": "a number",
    "choice": "one of a few words",
    "color": "a colour",
    "size": "a size",
    "list": "a list",
    "object": "a mapping",
    "any": "a value",
    "records": "a list of mappings",
    "record": "a mapping",
}
_REMEDIES: Mapping[str, str] = {
    "text": 'write text; `""` is empty text, and true or null as text stand in quotes',
    "boolean": "write `true` or `false`, without quotes",
    "number": "write a number, without quotes",
    "color": 'write a colour like "#0f766e", in quotes, or red',
    "size": "write a size like 1rem or 16px",
    "list": "write one `- ` line for each item",
    "object": "write `key: value` lines, indented below it",
    "any": "write a value",
    "records": "write one `- ` line for each item",
    "record": "write `key: value` lines, indented below it",
}


def of(widget_type: WidgetType) -> dict[str, Property]:
    """All properties of a type; what every type has, unless this one computes it itself."""
    common = {name: prop for name, prop in COMMON.items() if name not in widget_type.derived}
    return {**common, **widget_type.properties}


def defaults(widget_type: WidgetType) -> dict[str, Any]:
    """What the properties of a type are where nobody sets them."""
    return {name: prop.default for name, prop in of(widget_type).items()}


def literals(widget_type: WidgetType, given: Mapping[str, Value]) -> dict[str, Any]:
    """What a widget begins with before anything is computed, its state included, of what leaves the
    sandbox. `given` are the properties that its author set."""
    values = {**widget_type.meta, **defaults(widget_type)}
    for name, value in given.items():
        if isinstance(value, Fixed):
            values[name] = value.value
        else:
            values.pop(name, None)
    computed = widget_type.inner | widget_type.derived.keys()
    return {name: value for name, value in values.items() if name not in computed}


def key(prop: Property) -> Key:
    """A property as a key of a widget."""
    schema = {**schema_of(prop)}
    if isinstance(prop.default, str | int | float):
        schema["default"] = prop.default
    return Key(schema=schema, help=prop.help, required=prop.required)


def schema_of(prop: Property) -> Schema:
    """What a property can be: a literal of its kind, or a binding."""
    match prop.kind:
        case "text":
            return {"type": ["string", "number"]}
        case "color":
            return either(_matching(_COLOR), _BOUND)
        case "size":
            return either(_matching(_SIZE), {"type": "number", "minimum": 0}, _BOUND)
        case "choice":
            return either(one_of(prop.choices), _BOUND)
        case "boolean":
            return either(FLAG, BINDING)
        case "number" | "object":
            return either({"type": prop.kind}, BINDING)
        case "list":
            return either({"type": "array"}, BINDING)
    return VALUE


#: Text with bindings in it.
_BOUND: Schema = {"type": "string", "pattern": r"\{\{"}


def _matching(pattern: re.Pattern[str]) -> Schema:
    return {"type": "string", "pattern": f"^({pattern.pattern})$"}


def read(name: str, prop: Property, node: Node, problems: Problems) -> Value | None:
    """The value of a property, or None and a problem."""
    value = of_node(node, problems, inert=_EVENTS if prop.foreign else None)
    if value is None or is_binding(value):
        return value
    if isinstance(value, Fixed):
        return _literal(name, prop, value.value, node, problems)
    whole = prop.kind in ("boolean", "number", "list", "object") if not isinstance(value, Composed) else False
    if whole:
        problems.add(
            "E305",
            node.place,
            f"`{name}` is {_WANTED[prop.kind]}, not text with bindings in it",
            received=_written(node),
            remedy="write exactly one `{{ }}` binding and nothing around it",
        )
        return None
    if isinstance(value, Composed) and not _is_structure(prop, node):
        _wrong(name, prop, node, problems)
        return None
    return value


def _literal(name: str, prop: Property, value: Any, node: Node, problems: Problems) -> Fixed | None:
    if prop.kind in ("text", "color", "size") and _is_number(value) and isinstance(node, Scalar):
        value = node.text.value
    if _fits(prop, value):
        return Fixed(value)
    if prop.kind == "choice" and isinstance(value, str):
        problems.add(
            "E207",
            node.place,
            f"`{name}` cannot be this",
            received=value,
            remedy=suggestion(value, prop.choices, none="remove it"),
        )
    else:
        _wrong(name, prop, node, problems)
    return None


def _fits(prop: Property, value: Any) -> bool:
    match prop.kind:
        case "text":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "number":
            return _is_number(value)
        case "choice":
            return value in prop.choices
        case "color":
            return isinstance(value, str) and _COLOR.fullmatch(value) is not None
        case "size":
            return isinstance(value, str) and _SIZE.fullmatch(value) is not None
        case "list" | "records":
            return isinstance(value, list)
        case "object" | "record":
            return isinstance(value, dict)
        case "any":
            return value is not None


def _is_structure(prop: Property, node: Node) -> bool:
    if isinstance(node, Items):
        return prop.kind in ("list", "any")
    return isinstance(node, Table) and prop.kind in ("object", "any")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _written(node: Node) -> str | None:
    return node.text.value if isinstance(node, Scalar) else None


def _wrong(name: str, prop: Property, node: Node, problems: Problems) -> None:
    remedy = _REMEDIES.get(prop.kind) or f"write one of {', '.join(prop.choices)}"
    wrong_type(problems, node, f"`{name}` is {_WANTED[prop.kind]}", remedy, code="E207")
