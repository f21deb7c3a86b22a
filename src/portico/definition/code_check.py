"""Code and actions against the names that are known where they stand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from portico.definition.actions import Actions
from portico.definition.bindings import Snippet
from portico.definition.diagnostics import Problems
from portico.definition.draft import Entities, ModuleDraft, ScriptDraft, WidgetDraft
from portico.definition.events import Event
from portico.definition.lookup import check_defined, check_exists
from portico.definition.modules import MEMBERS, VALUES
from portico.definition.names import suggestion
from portico.definition.parts import event_snippets, property_snippets, query_snippets
from portico.definition.scope import Reading
from portico.definition.source import Scalar
from portico.definition.text import Text
from portico.definition.value import Value, snippets
from portico.model.place import Place
from portico.model.program import FRAMEWORK_NAMES, ROW_NAMES

#: Functions whose first argument names a widget.
_NAMING_WIDGETS = frozenset({"resetWidget", "showModal", "closeModal"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What code at a place may name. Where a file could not be read, names may be missing and are not
    judged: `names` is None; so are `widgets` where code runs on several pages. `scripts` by name,
    `instances` too; None for one whose module is not known."""

    names: frozenset[str] | None
    widgets: frozenset[str] | None
    queries: frozenset[str] = frozenset()
    scripts: Mapping[str, ScriptDraft] = field(default_factory=dict)
    instances: Mapping[str, ModuleDraft | None] = field(default_factory=dict)

    def within(self, rows: frozenset[str]) -> "Names":
        """The same in rows of a list, where `rows` are the names of the widgets that stand there."""
        if not rows:
            return self
        return replace(
            self,
            names=None if self.names is None else self.names | rows | ROW_NAMES,
            widgets=None if self.widgets is None else self.widgets | rows,
        )


def names_of(
    widgets: tuple[WidgetDraft, ...],
    entities: Iterable[Entities],
    instances: Mapping[str, ModuleDraft | None],
    *,
    more: frozenset[str] = frozenset(),
    broken: bool = False,
) -> Names:
    """What code beside these may name: widgets in the rows of a list are known in these rows alone."""
    found = tuple(entities)
    named = frozenset(widget.name for widget in widgets if "[]" not in widget.path)
    queries = frozenset(query.name for one in found for query in one.queries)
    scripts = {script.name: script for one in found for script in one.scripts}
    known = named | queries | scripts.keys() | instances.keys() | FRAMEWORK_NAMES | more
    return Names(
        names=None if broken or any(one.broken for one in found) else known,
        widgets=None if broken else named,
        queries=queries,
        scripts=scripts,
        instances=instances,
    )


class CodeCheck:
    """Checks code. `goes` is told of each page that code goes to, `calls` of each datasource that a query
    calls; `reads` sees all code, with where it begins."""

    def __init__(
        self,
        problems: Problems,
        *,
        goes: Callable[[str, Place], None],
        calls: Callable[[Scalar], None],
        reads: Callable[[Text, int, Reading], None] = lambda text, start, reading: None,
        refers: Callable[[str, str, Place], None] = lambda kind, name, place: None,
    ) -> None:
        self._problems = problems
        self._goes = goes
        self._calls = calls
        self._reads = reads
        self._refers = refers

    def entities(self, entities: Entities, scope: Names) -> None:
        """Queries, scripts, and what instances are given."""
        for query in entities.queries:
            if query.datasource is not None:
                self._calls(query.datasource)
            for snippet in query_snippets(query):
                self._snippet(snippet, scope)
        for script in entities.scripts:
            self._code(script.text, 0, script.reading, scope)
        for instance in entities.instances:
            for given in instance.inputs.values():
                self.value(given.value, scope)

    def widgets(self, widgets: tuple[WidgetDraft, ...], scope: Names) -> None:
        """Widgets, each among those that share its row."""
        for widget in widgets:
            here = scope.within(_in_rows(widgets, widget))
            for snippet in (*property_snippets(widget), *event_snippets(widget)):
                self._snippet(snippet, here)
            for event in widget.events.values():
                self._references(event, here)
            for given in widget.instance.inputs.values() if widget.instance is not None else ():
                self.value(given.value, here)

    def value(self, value: Value, scope: Names) -> None:
        """A value that stands for itself."""
        for snippet in snippets(value):
            self._snippet(snippet, scope)

    def doubled(self, placed: list[tuple[str, Place]]) -> None:
        """Names given twice, at each place that gives them."""
        by_name: dict[str, list[Place]] = {}
        for name, place in placed:
            by_name.setdefault(name, []).append(place)
        for name, places in by_name.items():
            for place in places if len(places) > 1 else ():
                others = ", ".join(str(other) for other in places if other != place)
                self._problems.add(
                    "E401",
                    place,
                    f"the name `{name}` is also given at {others}",
                    received=name,
                    remedy="rename one of them",
                )

    def _snippet(self, snippet: Snippet, scope: Names) -> None:
        self._code(snippet.source, snippet.start, snippet.reading, scope, snippet.declared)

    def _code(
        self,
        text: Text,
        start: int,
        reading: Reading,
        scope: Names,
        declared: frozenset[str] = frozenset(),
    ) -> None:
        for call in reading.calls:
            place = text.place(start + call.offset)
            if call.name == "navigateTo":
                self._goes(call.argument, place)
            elif call.name in _NAMING_WIDGETS and scope.widgets is not None:
                self._exists("E406", place, call.argument, scope.widgets, "widget")
        self._reads(text, start, reading)
        self._members(text, start, reading, scope)
        if scope.names is not None:
            check_defined(text, start, reading, scope.names | declared, self._problems)

    def _members(self, text: Text, start: int, reading: Reading, scope: Names) -> None:
        """What code reads of instances, against what their modules give."""
        for use in reading.uses:
            module = scope.instances.get(use.name)
            if module is None or not use.path:
                continue
            outputs = module.contract.outputs.keys()
            inside = use.path[0] == "outputs"
            if inside and len(use.path) == 1:
                continue
            known = outputs if inside else {"outputs", *outputs, *module.members}
            name = use.path[1] if inside else use.path[0]
            if name not in known:
                self._problems.add(
                    "E705",
                    text.place(start + use.offset),
                    f"the module {module.title} has no {'output' if inside else 'member'} `{name}`",
                    received=f"{use.name}.{'.'.join(use.path)}",
                    remedy=suggestion(name, known, none="it has none"),
                )

    def _references(self, event: Event, scope: Names) -> None:
        """What a list of actions names without code."""
        for reference in event.references if isinstance(event, Actions) else ():
            name, place = reference.name, reference.place
            self._refers(reference.kind, name, place)
            if reference.kind == "page":
                self._goes(name, place)
            elif reference.kind == "widget" and scope.widgets is not None:
                self._exists("E406", place, name, scope.widgets, "widget")
            elif reference.kind == "runnable" and scope.names is not None:
                self._runnable(name, place, scope)

    def _runnable(self, name: str, place: Place, scope: Names) -> None:
        owner, dot, function = name.partition(".")
        if owner in scope.instances:
            self._of_instance(owner, function if dot else "run", place, scope.instances[owner])
        elif not dot:
            self._exists("E409", place, name, scope.queries | _runnable_instances(scope), "query")
        elif owner not in scope.scripts:
            self._exists("E409", place, owner, scope.scripts, "script")
        else:
            self._exists("E409", place, function, scope.scripts[owner].members, f"function in {owner}")

    def _of_instance(self, owner: str, function: str, place: Place, module: ModuleDraft | None) -> None:
        if module is not None:
            kind = module.contract.kind
            known = (MEMBERS[kind] - VALUES) | module.contract.functions.keys()
            self._exists("E409", place, function, known, f"function of {owner}")

    def _exists(self, code: str, place: Place, name: str, known: Iterable[str], what: str) -> None:
        check_exists(code, place, name, known, what, self._problems)


def _runnable_instances(scope: Names) -> frozenset[str]:
    return frozenset(
        name
        for name, module in scope.instances.items()
        if module is not None and module.contract.kind == "query"
    )


def places(entities: Entities) -> list[tuple[str, Place]]:
    """The names that a folder gives, and where."""
    found = [(query.name, query.place) for query in entities.queries]
    found += [(script.name, Place(script.text.file, 1, 1)) for script in entities.scripts]
    return found + [(instance.name, instance.place) for instance in entities.instances]


def _in_rows(widgets: tuple[WidgetDraft, ...], widget: WidgetDraft) -> frozenset[str]:
    """The names of the widgets that share a row with `widget`, itself included; none outside of rows."""
    around = [widget.path[: at + 3] for at in range(len(widget.path)) if widget.path.startswith("[].", at)]
    return frozenset(
        other.name
        for other in widgets
        for prefix in around
        if other.path.startswith(prefix) and "[]" not in other.path[len(prefix) :]
    )
