"""The widgets of a page, with their properties, events and places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portico.definition import properties
from portico.definition.bindings import Snippet, has_binding, only, split
from portico.definition.diagnostics import Problems
from portico.definition.draft import WidgetDraft
from portico.definition.fields import Fields, table, wrong_type
from portico.definition.names import entity_name_problem, suggestion
from portico.definition.source import Items, Node, Scalar
from portico.definition.value import Fixed, Value, of_fields, of_list, of_text
from portico.model.widget import Position, WidgetType

#: Columns of the grid, and the last row that makes sense.
COLUMNS = 64
ROWS = 100_000

#: The property in which a type with slots finds its tabs; authors write `tabs`.
TABS_PROPERTY = "tabsObj"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What a widget stands in."""

    parent: str | None = None
    slot: str | None = None
    form: str | None = None


class WidgetReader:
    """Reads the widgets of one page, parents first."""

    def __init__(self, types: Mapping[str, WidgetType], file: str, problems: Problems) -> None:
        self._types = types
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
        fields = Fields(found, self._problems, "a widget")
        name = self._name(fields)
        widget_type = self._type(fields)
        if widget_type is not None:
            fields = Fields(found, self._problems, f"a widget of type {widget_type.name}")
            fields.node("name"), fields.node("type")
        position = _position(fields)
        if widget_type is not None and widget_type.name == "Form" and around.form is not None:
            self._problems.add(
                "E210",
                found.place,
                f"a Form cannot stand inside the Form `{around.form}`",
                remedy="move it out, or use a Container",
            )
        form = name if widget_type is not None and widget_type.name == "Form" else around.form
        inside = _Around(parent=name, form=form)
        tabs, values, children = self._children(fields, widget_type, inside)
        given = {} if widget_type is None else self._properties(fields, widget_type, skip=bool(tabs))
        events = {} if widget_type is None else dict(self._events(fields, widget_type))
        if widget_type is not None:
            fields.done(code="E206")
        if name is not None:
            yield WidgetDraft(
                name=name,
                type=widget_type,
                place=found.place,
                parent=around.parent,
                slot=around.slot,
                position=position,
                properties={**given, **values},
                events=events,
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
        word = fields.required_word("type", f"write one of {', '.join(sorted(self._types))}")
        if word is None or word.text.value in self._types:
            return None if word is None else self._types[word.text.value]
        self._problems.add(
            "E205",
            word.place,
            f"there is no widget type `{word.text.value}`",
            received=word.text.value,
            remedy=suggestion(word.text.value, self._types, none="there are none"),
        )
        return None

    def _children(
        self, fields: Fields, widget_type: WidgetType | None, inside: _Around
    ) -> tuple[bool, dict[str, Value], list[WidgetDraft]]:
        """Whether there are tabs, the property that lists them, and the widgets inside."""
        kind = widget_type.children if widget_type is not None else None
        drafts: list[WidgetDraft] = []
        if kind in ("widgets", None):
            drafts += self._list(fields.items_of("widgets"), inside)
        if kind not in ("slots", None):
            return False, {}, drafts
        tabs = []
        seen: set[str] = set()
        for node in fields.items_of("tabs"):
            value, nodes, slot = self._tab(node, seen)
            tabs += [value] if value is not None else []
            drafts += self._list(nodes, _Around(parent=inside.parent, slot=slot, form=inside.form))
        return kind == "slots", {TABS_PROPERTY: of_list(tabs)} if tabs else {}, drafts

    def _tab(self, node: Node, seen: set[str]) -> tuple[Value | None, tuple[Node, ...], str | None]:
        found = table(node, self._problems, "a tab", self._file)
        if found is None:
            return None, (), None
        fields = Fields(found, self._problems, "a tab")
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

    def _properties(self, fields: Fields, widget_type: WidgetType, *, skip: bool) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, prop in properties.of(widget_type).items():
            if skip and name == TABS_PROPERTY:
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

    def _events(self, fields: Fields, widget_type: WidgetType) -> Iterator[tuple[str, Snippet]]:
        for name in widget_type.events:
            node = fields.node(name)
            snippet = None if node is None else self._event(name, node)
            if snippet is not None:
                yield name, snippet

    def _event(self, name: str, node: Node) -> Snippet | None:
        if isinstance(node, Items):
            wrong_type(
                self._problems,
                node,
                f"`{name}` is an event, and an event is a {{{{ }}}} binding",
                "write the actions as JavaScript in one {{ }} binding",
                code="E208",
            )
            return None
        if (
            not isinstance(node, Scalar)
            or not isinstance(node.value, str)
            or not has_binding(node.text.value)
        ):
            wrong_type(
                self._problems,
                node,
                f"`{name}` is an event, and an event is a {{{{ }}}} binding",
                'put the code between braces: "{{ … }}"',
                code="E208",
            )
            return None
        parts = split(node.text, self._problems, action=True)
        snippet = only(parts) if parts is not None else None
        if parts is not None and snippet is None:
            self._problems.add(
                "E208",
                node.place,
                f"`{name}` is one {{{{ }}}} binding with nothing around it",
                received=node.text.value,
                remedy="put all of the code into one pair of {{ }}",
            )
        return snippet


_VISIBLE = properties.COMMON["isVisible"]


def _position(fields: Fields) -> Position | None:
    node = fields.table_of("position")
    if node is None:
        return None
    inner = Fields(node, fields.problems, "a position")
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
