"""Properties that are lists of records, such as a table's columns: fields and events of their own."""

import re
from dataclasses import dataclass, field

from portico.definition import events, properties
from portico.definition.diagnostics import Problems
from portico.definition.events import Event
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.shapes import Key, Shape
from portico.definition.source import Items, Node
from portico.definition.value import Fixed, Value, of_fields, of_list, per_row
from portico.model.program import RECORD_NAMES
from portico.model.widget import Property

#: An id is a part of addresses and of names of events: no space, and of ASCII's signs `_`, `-` and `.`.
_ID = re.compile(r"[^\s\x00-,/:-@\[-^`{-\x7f]{1,100}")


@dataclass(kw_only=True, slots=True)
class Records:
    """The list as a value, and what its records do, by `<property>.<id>.<event>`."""

    value: Value | None = None
    events: dict[str, Event] = field(default_factory=dict)


def shape(name: str, prop: Property) -> Shape:
    """A record of the property `name`."""
    identity = {"type": ["string", "number"], "pattern": f"^{_ID.pattern}$"}
    own = Key(schema=identity, help="Tells it from the others.", required=True)
    fields = {field: properties.key(inner) for field, inner in prop.fields.items()}
    does = {event: Key(schema=events.SCHEMA, help="What happens then.") for event in prop.events}
    return Shape(f"an item of `{name}`", {"id": own, **fields, **does})


def read(name: str, prop: Property, node: Node, file: str, problems: Problems) -> Records:
    """The records of a property; those with problems are left out."""
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
        given = _fields(prop, fields, problems)
        done = _events(prop, fields, file, problems)
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


def _fields(prop: Property, fields: Fields, problems: Problems) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, inner in prop.fields.items():
        node = fields.node(name)
        value = Fixed(inner.default) if node is None else properties.read(name, inner, node, problems)
        if value is not None:
            found[name] = per_row(value, RECORD_NAMES) if inner.per_row else value
    return found


def _events(prop: Property, fields: Fields, file: str, problems: Problems) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for name in prop.events:
        node = fields.node(name)
        event = None if node is None else events.read(name, node, file, problems)
        if event is not None:
            found[name] = events.declaring(event, RECORD_NAMES)
    return found
