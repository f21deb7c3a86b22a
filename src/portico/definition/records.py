"""Properties that are lists of records, such as a table's columns, or one: fields and events of their own."""

import re
from dataclasses import dataclass, field

from portico.definition import events, properties
from portico.definition.diagnostics import Problems
from portico.definition.events import Event
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.shapes import Key, Shape, each
from portico.definition.source import Items, Node
from portico.definition.value import Fixed, Value, of_fields, of_list, per_row
from portico.model.widget import Property

#: An id is a part of addresses and of names of events: no space, and of ASCII's signs `_`, `-` and `.`.
_ID = re.compile(r"[^\s\x00-,/:-@\[-^`{-\x7f]{1,100}")

#: Kinds of properties that are records.
KINDS = ("records", "record")


@dataclass(kw_only=True, slots=True)
class Records:
    """The list as a value, and what its records do, by `<property>.<id>.<event>`; of a single record by
    `<property>.<event>`."""

    value: Value | None = None
    events: dict[str, Event] = field(default_factory=dict)


def shape(name: str, prop: Property) -> Shape:
    """A record of the property `name`."""
    identity = {"type": ["string", "number"], "pattern": f"^{_ID.pattern}$"}
    fields = {field: key(field, inner) for field, inner in prop.fields.items()}
    does = {event: Key(schema=events.SCHEMA, help="What happens then.") for event in prop.events}
    if prop.kind == "record":
        return Shape(f"`{name}`", {**fields, **does})
    own = Key(schema=identity, help="Tells it from the others.", required=True)
    return Shape(f"an item of `{name}`", {"id": own, **fields, **does})


def key(name: str, prop: Property) -> Key:
    """A property as a key of a widget, or of a record."""
    if prop.kind not in KINDS:
        return properties.key(prop)
    inside = shape(name, prop).schema()
    schema = inside if prop.kind == "record" else each(inside)
    return Key(schema=schema, help=prop.help, required=prop.required)


def read(name: str, prop: Property, node: Node, file: str, problems: Problems) -> Records:
    """The records of a property; those with problems are left out."""
    return (_one if prop.kind == "record" else _several)(name, prop, node, file, problems)


def _one(name: str, prop: Property, node: Node, file: str, problems: Problems) -> Records:
    found = Records()
    record = table(node, problems, f"`{name}`", file)
    if record is not None:
        fields = Fields(record, problems, shape(name, prop))
        given, done = _inside(prop, fields, file, problems)
        fields.done(code="E206")
        found.value = of_fields(given)
        found.events = {f"{name}.{event}": action for event, action in done.items()}
    return found


def _several(name: str, prop: Property, node: Node, file: str, problems: Problems) -> Records:
    found = Records()
    if not isinstance(node, Items):
        wrong_type(problems, node, f"`{name}` is a list", "write one `- ` line for each item", code="E207")
        return found
    of_one = shape(name, prop)
    values: list[Value] = []
    seen: set[str] = set()
    for item in node.items:
        record = table(item, problems, f"an item of `{name}`", file)
        if record is None:
            continue
        fields = Fields(record, problems, of_one)
        word = fields.required_word("id", "give it an `id` that the others do not have")
        given, done = _inside(prop, fields, file, problems)
        fields.done(code="E206")
        if word is None:
            continue
        identity = word.text.value
        if not _ID.fullmatch(identity):
            problems.add(
                "E207",
                word.place,
                "an `id` is letters, digits, `_`, `-` and `.`",
                received=identity,
                remedy="write one without spaces; what it shows is another matter",
            )
        if identity in seen:
            problems.add(
                "E401",
                word.place,
                f"`{name}` has two items `{identity}`",
                received=identity,
                remedy="give one of them another `id`",
            )
        seen.add(identity)
        values.append(of_fields({"id": Fixed(identity), **given}))
        found.events |= {f"{name}.{identity}.{event}": action for event, action in done.items()}
    found.value = of_list(values)
    return found


def _inside(
    prop: Property, fields: Fields, file: str, problems: Problems
) -> tuple[dict[str, Value], dict[str, Event]]:
    """The fields of a record, and what it does; what the records in it do, by `<field>.<id>.<event>`."""
    values: dict[str, Value] = {}
    done = _events(prop, fields, file, problems)
    for name, inner in prop.fields.items():
        node = fields.node(name)
        if node is None:
            values[name] = Fixed(inner.default)
        elif inner.kind in KINDS:
            nested = read(name, inner, node, file, problems)
            values |= {name: nested.value} if nested.value is not None else {}
            done |= nested.events
        elif (value := properties.read(name, inner, node, problems)) is not None:
            values[name] = per_row(value, prop.names) if inner.per_row else value
    return values, done


def _events(prop: Property, fields: Fields, file: str, problems: Problems) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for name in prop.events:
        node = fields.node(name)
        event = None if node is None else events.read(name, node, file, problems)
        if event is not None:
            found[name] = events.declaring(event, prop.names)
    return found
