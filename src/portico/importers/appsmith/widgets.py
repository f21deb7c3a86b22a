"""Widgets of Appsmith as widgets of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from portico.definition import properties
from portico.definition.names import entity_name_problem
from portico.definition.widgets import TABS_PROPERTY
from portico.importers.appsmith import code, columns, json_form, placing, values
from portico.importers.appsmith.code import Renaming
from portico.importers.appsmith.loose import mapping, number, objects, text, word
from portico.importers.appsmith.model import Node
from portico.importers.appsmith.naming import entity_word
from portico.importers.appsmith.report import Kind, Report
from portico.importers.appsmith.widget_table import (
    CANVAS,
    KEPT_BY_APPSMITH,
    PLACEHOLDER,
    TABLE,
    Entry,
    not_meant,
)
from portico.model.widget import Property, WidgetType

#: Kinds of properties that are records of fields and events.
_RECORDS = frozenset({"records", "record"})
#: An event property, whatever Appsmith's own list of them says.
_EVENT = "on"
#: Code of a frame of its own: braces in it are not bindings.
_NOT_BOUND = frozenset({"srcDoc", "uncompiledSrcDoc"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Around:
    """What a widget stands in. `row`: what code of an old list calls an item of its data."""

    form: bool = False
    row: str = ""
    in_rows: bool = False


@dataclass(kw_only=True, slots=True)
class WidgetWriter:
    """Writes the widgets of one page. `left_out` are the names of those that are not there, with the type
    that each was; `taken` are all names of the page."""

    page: str
    types: Mapping[str, WidgetType]
    renaming: Renaming
    report: Report
    taken: set[str] = field(default_factory=set)
    left_out: dict[str, str] = field(default_factory=dict)

    def page_widgets(self, root: Node | None) -> list[dict[str, Any]]:
        """All widgets of a page."""
        return [] if root is None else self._canvas(root, _Around())

    def _canvas(self, canvas: Node, around: _Around) -> list[dict[str, Any]]:
        """The widgets of a canvas, in order. Where auto layout left places that cover each other, widgets
        follow each other instead."""
        found = [(node, widget) for node in placing.ordered(canvas) for widget in self._widget(node, around)]
        places = [widget["position"] for _, widget in found if "position" in widget]
        if placing.is_automatic(canvas) and placing.overlap(places):
            for _, widget in found:
                widget.pop("position", None)
        return [widget for _, widget in found]

    def _widget(self, node: Node, around: _Around) -> Iterator[dict[str, Any]]:
        """A widget, or those in it where it is nothing but a canvas."""
        if node.type == CANVAS:
            yield from self._canvas(node, around)
            return
        if not node.type:
            self._tell("left-out", node, "a widget without a type")
            return
        entry, kind = self._kind(node, around)
        if kind is None:
            self._leave_out(node)
            return
        name = self._name(node)
        self.report.counts["widgets"] += 1
        self.report.widgets[(node.type, kind.name)] += 1
        widget: dict[str, Any] = {"name": name, "type": kind.name}
        if kind.name == PLACEHOLDER:
            self._tell(
                "left-out",
                node,
                f"there is no widget for {node.type}; a placeholder keeps its name and properties",
            )
            widget |= {"widget": node.type, "properties": self._kept(node, kind)}
            shown = {name: node.properties.get(name) for name in properties.COMMON}
            widget |= self._properties(replace(node, properties=shown), entry, kind, around)
        if (place := placing.position(node)) is not None and kind.name != "Modal":
            widget["position"] = place
        elif place is None and kind.name != "Modal":
            self._tell("note", node, "it says no place, and follows the one before it")
        if kind.name != PLACEHOLDER:
            widget |= self._properties(node, entry, kind, around)
        widget |= self._inside(node, entry, kind, around)
        yield widget

    def _kind(self, node: Node, around: _Around) -> tuple[Entry, WidgetType | None]:
        entry = TABLE.get(node.type) or Entry(of=node.type, to=PLACEHOLDER)
        wanted = [entry.to, entry.otherwise, PLACEHOLDER]
        if entry.to == "Form" and around.form:
            self._tell(
                "changed", node, "a Form in a Form is a Container here: forms cannot stand in each other"
            )
            wanted = ["Container"]
        found = next((self.types[name] for name in wanted if name in self.types), None)
        if found is None and any(child.children for child in node.children):
            # What stands in it is worth more than its frame.
            self._tell(
                "left-out", node, f"there is no widget for {node.type}; what stands in it is in a Container"
            )
            return replace(entry, inside="canvas"), self.types["Container"]
        return entry, found

    def _leave_out(self, node: Node) -> None:
        self._tell("left-out", node, f"there is no widget for {node.type}")
        self.report.counts["widgets left out"] += 1
        self.left_out[node.name] = node.type

    def _name(self, node: Node) -> str:
        name = self.renaming.names.get(node.name, node.name)
        if entity_name_problem(name) is not None or name in self.taken:
            new = entity_word(name, self.taken)
            self._tell("changed", node, f"it is called {new} here: the name cannot be used, or is used twice")
            name = new
        self.taken.add(name)
        return name

    def _tell(self, kind: Kind, node: Node, message: str, *, part: str = "", code: str = "") -> None:
        self.report.add(kind, message, page=self.page, name=node.name, part=part, code=code)

    # Properties

    def _properties(self, node: Node, entry: Entry, kind: WidgetType, around: _Around) -> dict[str, Any]:
        known = properties.of(kind)
        given: dict[str, Any] = dict(entry.set)
        unmeant = not_meant(node.properties)
        for name, value in node.properties.items():
            ours = entry.renamed.get(name, name)
            if ours == TABS_PROPERTY or (ours in known and known[ours].kind in _RECORDS):
                continue
            if name in unmeant:
                continue
            if ours in kind.events:
                given |= (
                    {ours: event} if (event := self._event(node, name, value, around)) is not None else {}
                )
            elif ours in known and (
                ours == name or ours not in node.properties or node.properties[ours] in ("", None)
            ):
                found = self._value(node, name, known[ours], value, around)
                given |= (
                    {ours: found} if found is not None and not values.is_default(found, known[ours]) else {}
                )
            elif ours not in known:
                self._lost(node, entry, name, value)
        given |= self._of_type(node, kind)
        given = {
            name: value
            for name, value in given.items()
            if name not in known or not values.is_default(value, known[name])
        }
        for name, prop in known.items():
            if prop.kind in _RECORDS:
                given |= {name: found} if (found := self._records(node, name, prop, kind, around)) else {}
        return {name: given[name] for name in (*known, *kind.events) if name in given}

    def _value(self, node: Node, name: str, prop: Property, value: Any, around: _Around) -> Any:
        is_code = name in _NOT_BOUND and isinstance(value, dict)
        value = values.unbound(value) if is_code else self._written(value, around)
        found = values.of(prop, value)
        if found is values.UNFIT:
            self._tell("left-out", node, "the value cannot be one here", part=name, code=values.shown(value))
            return None
        return found

    def _written(self, value: Any, around: _Around) -> Any:
        """A value with what its bindings need to be changed in."""
        if isinstance(value, str):
            if "{{" not in value:
                return value
            if around.row and around.row in value:
                value = code.per_row(value, around.row) or value
            return self.renaming.of_text(code.as_expression(value))
        if isinstance(value, list):
            return [self._written(one, around) for one in value]
        if isinstance(value, dict):
            return {key: self._written(one, around) for key, one in value.items()}
        return value

    def _event(self, node: Node, name: str, value: Any, around: _Around) -> str | None:
        if not isinstance(value, str) or not value.strip() or values.is_empty_binding(value):
            return None
        if "{{" not in value:
            self._tell("left-out", node, "the event is text, not code", part=name, code=values.shown(value))
            return None
        if around.row and around.row in value:
            value = code.per_row(value, around.row) or value
        return self.renaming.of_text(code.as_event(value.strip()), action=True)

    def _lost(self, node: Node, entry: Entry, name: str, value: Any) -> None:
        """A property that there is not here: what is bound or does something is told, the rest is counted."""
        if name in KEPT_BY_APPSMITH or name in entry.unused or value in (None, "", [], {}, False):
            return
        if values.follows_theme(value) or values.is_empty_binding(value):
            return
        if name.startswith(_EVENT) and name[2:3].isupper() and isinstance(value, str):
            self._tell(
                "left-out", node, f"a {entry.to} has no such event", part=name, code=values.shown(value)
            )
        elif values.is_bound(value) and name not in _NOT_BOUND:
            self._tell(
                "left-out", node, f"a {entry.to} has no such property", part=name, code=values.shown(value)
            )
        else:
            self.report.cosmetic[(node.type, name)] += 1

    def _of_type(self, node: Node, kind: WidgetType) -> dict[str, Any]:
        """What single types say in another way."""
        given: dict[str, Any] = {}
        if kind.name == "Table":
            if node.properties.get("label") == "Data":
                given["label"] = ""
            if not number(node.properties.get("defaultPageSize")):
                size = columns.page_size(node)
                given["pageSize"] = size if size is not None else 10
        if kind.name == "List":
            keys = text(node.properties.get("primaryKeys"))
            one = code.per_row(keys, "currentItem") if "currentItem" in keys else None
            member = code.member_of(one, "currentItem") if one is not None else None
            if member is not None:
                given["primaryKey"] = member
        return {name: value for name, value in given.items() if name in properties.of(kind)}

    def _records(self, node: Node, name: str, prop: Property, kind: WidgetType, around: _Around) -> Any:
        """A property that is records: a list of them, or a single one."""
        if kind.name == "Table" and name == "columns":
            return list(self._columns(node, prop, around))
        if kind.name == "JSONForm" and name == "fields":
            lost = partial(self._tell, "left-out", node)
            return self._recorded(node, name, prop, json_form.fields(node, lost), around)
        raw = node.properties.get(name)
        if raw is None or name in not_meant(node.properties):
            return None
        return self._recorded(node, name, prop, raw, around)

    def _recorded(self, node: Node, where: str, prop: Property, raw: Any, around: _Around) -> Any:
        if prop.kind != "records":
            single = mapping(raw)
            return self._record(node, where, prop, mapping(single.get("config")) or single, around)
        found = list(raw.values()) if isinstance(raw, dict) else raw
        listed = sorted(objects(found), key=lambda one: number(one.get("index")) or 0)
        return [
            {
                "id": one.get("id"),
                **self._record(node, f"{where}.{word(one.get('id'))}", prop, one, around),
            }
            for one in listed
        ]

    def _record(
        self, node: Node, where: str, prop: Property, raw: Mapping[str, Any], around: _Around
    ) -> dict[str, Any]:
        """The fields and events of a record. Of what is computed for each row, the code is of one row."""
        record: dict[str, Any] = {}
        row = next(iter(prop.names), "")
        inside = replace(around, row=row or around.row)
        for name, inner in prop.fields.items():
            if name not in prop.events:
                found = self._said(node, f"{where}.{name}", inner, raw.get(name), inside)
                record |= {name: found} if found is not None else {}
        for event in prop.events:
            if (does := self._event(node, f"{where}.{event}", raw.get(event), inside)) is not None:
                record[event] = does
        return record

    def _said(self, node: Node, where: str, prop: Property, raw: Any, around: _Around) -> Any:
        """The value of a field of a record; None where it says nothing."""
        if prop.kind in _RECORDS:
            return None if raw is None else self._recorded(node, where, prop, raw, around) or None
        value = self._value(node, where, prop, raw, around)
        return None if value is None or values.is_default(value, prop) else value

    def _columns(self, node: Node, prop: Property, around: _Around) -> Iterator[dict[str, Any]]:
        kinds = prop.fields["type"].choices
        for kind_of, raw in columns.records(node, frozenset(prop.fields), frozenset(prop.events)):
            where = f"columns.{raw['id']}"
            if kind_of not in kinds:
                if kind_of not in ("video", "null"):
                    self._tell(
                        "left-out",
                        node,
                        f"there is no column of the type {kind_of}; it shows text",
                        part=where,
                    )
                raw["type"] = "text"
            record: dict[str, Any] = {"id": raw["id"]}
            for name, inner in prop.fields.items():
                found = self._said(node, f"{where}.{name}", inner, raw.get(name), around)
                record |= {name: found} if found is not None else {}
            for event in prop.events:
                if (does := self._event(node, f"{where}.{event}", raw.get(event), around)) is not None:
                    record[event] = does
            yield record

    def _kept(self, node: Node, kind: WidgetType) -> dict[str, Any]:
        """The properties that a placeholder keeps; events as text, if it takes them so, as nothing can fire
        them."""
        kept = {}
        foreign = getattr(kind.properties.get("properties"), "foreign", False)
        for name, value in node.properties.items():
            if name in KEPT_BY_APPSMITH | _NOT_BOUND | properties.COMMON.keys() or values.follows_theme(
                value
            ):
                continue
            if not foreign and name.startswith(_EVENT) and name[2:3].isupper():
                self._lost(node, Entry(of=node.type, to=PLACEHOLDER), name, value)
            elif not values.is_empty_binding(value) and value not in (None, ""):
                kept[name] = self._written(value, _Around())
        return kept

    # What stands inside

    def _inside(self, node: Node, entry: Entry, kind: WidgetType, around: _Around) -> dict[str, Any]:
        inner = replace(around, form=around.form or kind.name == "Form")
        if kind.children == "slots":
            return {"tabs": list(self._tabs(node, inner))}
        if kind.children == "rows":
            return {"widgets": self._rows(node, inner)}
        if kind.children == "widgets":
            return {"widgets": [widget for child in node.children for widget in self._widget(child, inner)]}
        if node.children and kind.name != PLACEHOLDER:
            self._tell("left-out", node, f"what stands in it: a {kind.name} holds no widgets")
        for child in node.children:
            for lost in child.all():
                self.left_out.setdefault(lost.name, lost.type)
        return {}

    def _tabs(self, node: Node, around: _Around) -> Iterator[dict[str, Any]]:
        said = objects(list(mapping(node.properties.get("tabsObj")).values()))
        said = said or objects(node.properties.get("tabs"))
        left = list(node.children)
        labels: set[str] = set()
        for raw in sorted(said, key=lambda one: number(one.get("index")) or 0):
            canvas = next(
                (
                    child
                    for child in left
                    if child.id == raw.get("widgetId") or child.properties.get("tabId") == raw.get("id")
                ),
                None,
            )
            if canvas is not None:
                left.remove(canvas)
            label = self._written(text(raw.get("label")) or text(raw.get("id")) or "Tab", around)
            tab: dict[str, Any] = {"label": label}
            if label in labels or "{{" in label:
                tab = {"id": text(raw.get("id")) or f"tab{len(labels)}", **tab}
            labels.add(label)
            shown = self._value(
                node, f"tabs.{label}.isVisible", Property(kind="boolean"), raw.get("isVisible"), around
            )
            if shown is not None and shown is not True:
                tab["isVisible"] = shown
            tab["widgets"] = self._widgets_of(canvas, around)
            yield tab
        for canvas in left:
            self._tell("left-out", node, f"what stands in {canvas.name}: no tab leads to it")
            for lost in canvas.all():
                self.left_out.setdefault(lost.name, lost.type)

    def _widgets_of(self, canvas: Node | None, around: _Around) -> list[dict[str, Any]]:
        return [] if canvas is None else list(self._widget(canvas, around))

    def _rows(self, node: Node, around: _Around) -> list[dict[str, Any]]:
        """The template of a list: the widgets in the one container that Appsmith repeats."""
        inner = replace(around, row="currentItem" if node.type == "LIST_WIDGET" else "", in_rows=True)
        template = node
        while len(template.children) == 1 and template.children[0].type in (CANVAS, "CONTAINER_WIDGET"):
            template = template.children[0]
            if template.type == CANVAS and not all(
                child.type == "CONTAINER_WIDGET" for child in template.children
            ):
                break
        if template.type == CANVAS:
            return self._canvas(template, inner)
        return [widget for child in template.children for widget in self._widget(child, inner)]
