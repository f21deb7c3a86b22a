"""The widgets of a page, with their properties, events and places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from portico.definition import events, instances, properties, records
from portico.definition.bindings import has_binding
from portico.definition.diagnostics import Problems
from portico.definition.draft import WidgetDraft
from portico.definition.events import Event
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.names import entity_name_problem, suggestion
from portico.definition.shapes import TEXT, WORD, Key, Schema, Shape, each, integer, named, one_of
from portico.definition.source import Node, Scalar
from portico.definition.value import Fixed, Value, of_fields, of_list, of_text
from portico.model.widget import Position, Property, WidgetType

#: Columns of the grid, and the last row that makes sense.
COLUMNS = 64
ROWS = 100_000

#: The type of instances of UI modules: what stands in them comes from the module, and `type` is not written.
MODULE_TYPE = "Module"

#: The property in which a type with slots finds its tabs; authors write `tabs`.
TABS_PROPERTY = "tabsObj"

_VISIBLE = properties.COMMON["isVisible"]
_WIDGETS = Key(schema=each(named("widget")), help="The widgets inside it.")
_POSITION = Shape(
    "a position",
    {
        "left": Key(schema=integer(0, COLUMNS - 1), help="The first column.", required=True),
        "top": Key(schema=integer(0, ROWS), help="The first row.", required=True),
        "width": Key(schema=integer(1, COLUMNS), help="Columns.", required=True),
        "height": Key(schema=integer(1, ROWS), help="Rows.", required=True),
    },
)
_TAB = Shape(
    "a tab",
    {
        "id": Key(schema=WORD, help="Tells it from the others; its label by default."),
        "label": Key(schema=TEXT, help="What stands on it.", required=True),
        "isVisible": properties.key(_VISIBLE),
        "widgets": _WIDGETS,
    },
)
#: What every widget has.
_COMMON = {
    "name": Key(schema=WORD, help="How code calls it.", required=True),
    "type": Key(schema=WORD, help="What it is.", required=True),
    "position": Key(
        schema=_POSITION.schema(), help=f"Where it stands, on a grid of {COLUMNS} columns and rows of 10 px."
    ),
}
_TABS = Key(schema=each(_TAB.schema()), help="Its tabs, and the widgets in each.")
#: A widget whose type is not known: all that may stand in one is looked at.
_ANY = Shape("a widget", {**_COMMON, "widgets": _WIDGETS, "tabs": _TABS, **instances.KEYS})


def shape(widget_type: WidgetType) -> Shape:
    """A widget of this type."""
    given = {name: records.key(name, prop) for name, prop in _written(widget_type)}
    does = {name: Key(schema=events.SCHEMA, help="What happens then.") for name in widget_type.events}
    if widget_type.name == MODULE_TYPE:
        common = {name: key for name, key in _COMMON.items() if name != "type"}
        return Shape("an instance of a UI module", {**common, **instances.KEYS, **given, **does})
    inside = {"none": {}, "slots": {"tabs": _TABS}}.get(widget_type.children, {"widgets": _WIDGETS})
    return Shape(f"a widget of type {widget_type.name}", {**_COMMON, **inside, **given, **does})


def _written(widget_type: WidgetType) -> Iterator[tuple[str, Property]]:
    """The properties that authors write: tabs are written as `tabs`."""
    for name, prop in properties.of(widget_type).items():
        if widget_type.children != "slots" or name != TABS_PROPERTY:
            yield name, prop


def schema(types: Mapping[str, WidgetType]) -> Schema:
    """A widget of any of these types, or an instance of a module: what else it can hold follows from its
    `type`."""
    written = sorted(name for name in types if name != MODULE_TYPE)
    branches: list[Schema] = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": shape(types[name]).schema(),
        }
        for name in written
    ]
    if MODULE_TYPE in types:
        branches.append({"if": {"required": ["module"]}, "then": shape(types[MODULE_TYPE]).schema()})
    return {
        "type": "object",
        "required": ["name"],
        "anyOf": [{"required": ["type"]}, {"required": ["module"]}],
        "properties": {"type": one_of(written)},
        "allOf": branches,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What a widget stands in: `prefix` begins the paths of those in the rows of a list."""

    parent: str | None = None
    slot: str | None = None
    form: str | None = None
    prefix: str = ""


class WidgetReader:
    """Reads the widgets of one page, parents first."""

    def __init__(self, types: Mapping[str, WidgetType], file: str, problems: Problems) -> None:
        self._types = types
        self._shapes = {name: shape(widget_type) for name, widget_type in types.items()}
        self._file = file
        self._problems = problems

    def read(self, nodes: tuple[Node, ...]) -> tuple[WidgetDraft, ...]:
        """All widgets of a list and the widgets inside them."""
        return tuple(self._list(nodes, _Around()))

    def _list(self, nodes: tuple[Node, ...], around: _Around) -> Iterator[WidgetDraft]:
        for node in nodes:
            yield from self._widget(node, around)

    def _widget(self, node: Node, around: _Around) -> Iterator[WidgetDraft]:
        found = table(node, self._problems, "a widget", self._file)
        if found is None:
            return
        fields = Fields(found, self._problems, _ANY)
        name = self._name(fields)
        is_module = "module" in found.entries and "type" not in found.entries
        widget_type = self._types.get(MODULE_TYPE) if is_module else self._type(fields)
        if widget_type is not None:
            fields = Fields(found, self._problems, self._shapes[widget_type.name])
        position = _position(fields)
        if widget_type is not None and widget_type.name == "Form" and around.form is not None:
            self._problems.add(
                "E210",
                found.place,
                f"a Form cannot stand inside the Form `{around.form}`",
                remedy="move it out, or use a Container",
            )
        form = name if widget_type is not None and widget_type.name == "Form" else around.form
        path = around.prefix + (name or "")
        rows = widget_type is not None and widget_type.children == "rows"
        inside = _Around(parent=path, form=form, prefix=f"{path}[]." if rows else around.prefix)
        instance = instances.of_widget(name or "", fields) if is_module else None
        if is_module and "[]" in path:
            self._problems.add(
                "E706",
                found.place,
                "a module does not stand in the rows of a List",
                remedy="write its widgets out there, or use the module outside of the list",
            )
        values, children = ({}, []) if is_module else self._children(fields, widget_type, inside)
        given = {} if widget_type is None else self._properties(fields, widget_type)
        does = {} if widget_type is None else dict(self._events(fields, widget_type))
        if widget_type is not None:
            does |= self._records(fields, widget_type, given)
            fields.done(code="E206")
        if name is not None:
            yield WidgetDraft(
                name=name,
                path=path,
                type=widget_type,
                place=found.place,
                parent=around.parent,
                slot=around.slot,
                position=position,
                properties={**given, **values},
                events=does,
                instance=instance,
            )
        yield from children

    def _name(self, fields: Fields) -> str | None:
        word = fields.required_word("name", "give it a name that bindings can use, like EmailInput")
        if word is None:
            return None
        problem = entity_name_problem(word.text.value)
        if problem is not None:
            self._problems.add(
                "E402",
                word.place,
                problem,
                received=word.text.value,
                remedy="choose another name, like EmailInput",
            )
        return word.text.value

    def _type(self, fields: Fields) -> WidgetType | None:
        known = {name: found for name, found in self._types.items() if name != MODULE_TYPE}
        word = fields.required_word("type", f"write one of {', '.join(sorted(known))}")
        if word is None or word.text.value in known:
            return None if word is None else known[word.text.value]
        self._problems.add(
            "E205",
            word.place,
            f"there is no widget type `{word.text.value}`",
            received=word.text.value,
            remedy=suggestion(word.text.value, known, none="there are none"),
        )
        return None

    def _children(
        self, fields: Fields, widget_type: WidgetType | None, inside: _Around
    ) -> tuple[dict[str, Value], list[WidgetDraft]]:
        """The property that lists its tabs, and the widgets inside."""
        kind = widget_type.children if widget_type is not None else None
        drafts: list[WidgetDraft] = []
        if kind in ("widgets", "rows", None):
            drafts += self._list(fields.items_of("widgets"), inside)
        if kind not in ("slots", None):
            return {}, drafts
        tabs = []
        seen: set[str] = set()
        for node in fields.items_of("tabs"):
            value, nodes, slot = self._tab(node, seen)
            tabs += [value] if value is not None else []
            drafts += self._list(nodes, replace(inside, slot=slot))
        return {TABS_PROPERTY: of_list(tabs)} if tabs else {}, drafts

    def _tab(self, node: Node, seen: set[str]) -> tuple[Value | None, tuple[Node, ...], str | None]:
        found = table(node, self._problems, "a tab", self._file)
        if found is None:
            return None, (), None
        fields = Fields(found, self._problems, _TAB)
        identity = fields.word("id")
        label = fields.required("label", "write what stands on the tab")
        shown = fields.node("isVisible")
        nodes = fields.items_of("widgets")
        fields.done()
        if label is None or not isinstance(label, Scalar) or label.value is None:
            if label is not None:
                wrong_type(self._problems, label, "`label` is text", "write what stands on the tab")
            return None, nodes, None
        text = of_text(label.text, self._problems)
        if identity is None and has_binding(label.text.value):
            self._problems.add(
                "E213",
                label.place,
                "a tab with a bound label needs an `id`",
                remedy="write `id: details` or the like",
            )
        slot = identity.text.value if identity is not None else label.text.value
        if slot in seen:
            self._problems.add(
                "E401",
                found.place,
                f"there are two tabs `{slot}`",
                received=slot,
                remedy="give one of them another `id`",
            )
        seen.add(slot)
        visible = (
            Fixed(True) if shown is None else properties.read("isVisible", _VISIBLE, shown, self._problems)
        )
        if text is None or visible is None:
            return None, nodes, slot
        return of_fields({"id": Fixed(slot), "label": text, "isVisible": visible}), nodes, slot

    def _properties(self, fields: Fields, widget_type: WidgetType) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, prop in _written(widget_type):
            if prop.kind in records.KINDS:
                continue
            node = fields.node(name)
            if node is not None:
                value = properties.read(name, prop, node, self._problems)
                found |= {name: value} if value is not None else {}
            elif prop.required:
                self._problems.add(
                    "E203",
                    fields.place,
                    f"a {widget_type.name} needs `{name}`",
                    remedy=prop.help or f"write `{name}`",
                )
        return found

    def _records(
        self, fields: Fields, widget_type: WidgetType, given: dict[str, Value]
    ) -> Mapping[str, Event]:
        """Adds the lists of records to the properties; returns what they do."""
        does: dict[str, Event] = {}
        for name, prop in widget_type.properties.items():
            node = fields.node(name) if prop.kind in records.KINDS else None
            if node is None:
                continue
            found = records.read(name, prop, node, self._file, self._problems)
            if found.value is not None:
                given[name] = found.value
            does |= found.events
        return does

    def _events(self, fields: Fields, widget_type: WidgetType) -> Iterator[tuple[str, Event]]:
        for name in widget_type.events:
            node = fields.node(name)
            event = None if node is None else events.read(name, node, self._file, self._problems)
            if event is not None:
                yield name, event


def _position(fields: Fields) -> Position | None:
    node = fields.table_of("position")
    if node is None:
        return None
    inner = Fields(node, fields.problems, _POSITION)
    for name in ("left", "top", "width", "height"):
        if name not in node.entries:
            fields.problems.add(
                "E203", node.place, f"a position needs `{name}`", remedy="write left, top, width and height"
            )
    left = inner.integer("left", least=0, most=COLUMNS - 1)
    top = inner.integer("top", least=0, most=ROWS)
    width = inner.integer("width", least=1, most=COLUMNS)
    height = inner.integer("height", least=1, most=ROWS)
    inner.done()
    if left is None or top is None or width is None or height is None:
        return None
    if left + width > COLUMNS:
        fields.problems.add(
            "E209",
            node.place,
            f"the widget ends right of the grid's {COLUMNS} columns",
            received=f"left {left} + width {width} = {left + width}",
            remedy=f"make left + width {COLUMNS} at most",
        )
        return None
    return Position(left, top, width, height)
