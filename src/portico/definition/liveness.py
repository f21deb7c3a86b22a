"""What the server has to hear of a widget's user: values that code reads, and parts of the client."""

from collections.abc import Iterable, Iterator, Mapping

from portico.definition.chunks import reads_inputs
from portico.definition.draft import WidgetDraft
from portico.definition.reach import Reached
from portico.definition.scope import Reading
from portico.definition.scopes import World
from portico.definition.value import Fixed
from portico.model.widget import WidgetType


def live(world: World, found: Reached) -> frozenset[str]:
    """Paths of inputs whose value a binding reads, by their own name or through a widget around them, and
    of inputs that do something when they change. Rows are read through their list, so all of them count."""
    named = {name for name, _ in found}
    inside: dict[str | None, bool] = {None: False}
    paths = set()
    for scope, widget in world.widgets:
        kind = type_of(widget)
        own = scope.id(widget.name)
        looked_into = inside.get(widget.parent, False)
        rows_read = kind.children == "rows" and own in named
        inside[widget.path] = looked_into or rows_read or _looks_inside(own, kind, found)
        changes = any(part.event in widget.events for part in kind.inputs.values())
        if kind.inputs and (own in named or looked_into or changes):
            paths.add(widget.path)
    return frozenset(paths)


def words(readings: Iterable[Reading]) -> frozenset[str]:
    """Every name that code may read, wherever it reads it from."""
    found = tuple(readings)
    used = {use.name for reading in found for use in reading.uses}
    return frozenset(used.union(*(reading.properties | reading.words for reading in found)))


def read(widget: WidgetDraft, named: frozenset[str]) -> frozenset[str]:
    """The meta properties of its inputs that code may read: rows are reached through their list, so
    it is enough that both names occur."""
    metas = {part.meta for part in type_of(widget).inputs.values()}
    return frozenset(metas & named) if widget.name in named else frozenset()


def parts(widget: WidgetDraft) -> Iterator[str]:
    """The parts of the client that it and what it sets need; a binding may turn out to need it."""
    if (own := type_of(widget).part) is not None:
        yield own
    for name, prop in type_of(widget).properties.items():
        value = widget.properties.get(name)
        if prop.part is not None and value is not None and value != Fixed(prop.default):
            yield prop.part


def type_of(widget: WidgetDraft) -> WidgetType:
    """The type of a widget that was checked."""
    if widget.type is None:
        raise ValueError(f"{widget.name} was not checked")
    return widget.type


def _looks_inside(own: str, kind: WidgetType, found: Reached) -> bool:
    """Whether a binding reads a value of the widget that is made of the inputs inside it."""
    members = {member for owner, member in found if owner == own}
    sources: Mapping[str, str] = kind.derived
    return any(
        reads_inputs(source, sources) for key, source in sources.items() if key in members or "" in members
    )
