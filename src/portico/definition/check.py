"""The pieces of an app against each other: names, pages, datasources, who may see what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from portico.definition.actions import Actions
from portico.definition.bindings import Snippet
from portico.definition.contract import check_contract
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, Entities, PageDraft, ScriptDraft, WidgetDraft
from portico.definition.events import Event
from portico.definition.lookup import check_defined, check_exists
from portico.definition.names import is_page_like
from portico.definition.parts import event_snippets, property_snippets, query_snippets
from portico.definition.scope import Reading
from portico.definition.text import Text
from portico.model.access import Public
from portico.model.place import Place
from portico.model.program import FRAMEWORK_NAMES, ROW_NAMES


def check(app: AppDraft, problems: Problems) -> None:
    """Report everything that does not fit together."""
    _Checker(app, problems).check()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scope:
    """What code at a place may name. Where a file could not be read, names may be missing and are not
    judged: `names` is None; so are `widgets` where code runs on several pages. `scripts` by name."""

    names: frozenset[str] | None
    widgets: frozenset[str] | None
    queries: frozenset[str] = frozenset()
    scripts: Mapping[str, ScriptDraft] = field(default_factory=dict)

    def within(self, rows: frozenset[str]) -> "_Scope":
        """The same in rows of a list, where `rows` are the names of the widgets that stand there."""
        if not rows:
            return self
        return replace(
            self,
            names=None if self.names is None else self.names | rows | ROW_NAMES,
            widgets=None if self.widgets is None else self.widgets | rows,
        )


class _Checker:
    def __init__(self, app: AppDraft, problems: Problems) -> None:
        self._app = app
        self._problems = problems
        self._shared = _places(app.entities)

    def check(self) -> None:
        self._doubled(self._shared)
        names = frozenset(name for name, _ in self._shared)
        shared = _Scope(names=None if self._app.entities.broken else names | FRAMEWORK_NAMES, widgets=None)
        self._entities(self._app.entities, shared)
        for page in self._app.pages.values():
            self._page(page)
        if self._app.manifest.sound:
            self._manifest()

    def _page(self, page: PageDraft) -> None:
        placed = [(widget.name, widget.place) for widget in page.widgets] + _places(page.entities)
        self._doubled([*placed, *self._shared])
        scope = self._scope(page)
        self._entities(page.entities, scope)
        for widget in page.widgets:
            here = scope.within(_in_rows(page, widget))
            for snippet in (*property_snippets(widget), *event_snippets(widget)):
                self._snippet(snippet, here)
            for event in widget.events.values():
                self._references(event, here)
        rule = page.access
        if isinstance(rule, Snippet):
            check_defined(rule.source, rule.start, rule.reading, frozenset({"auth"}), self._problems)

    def _scope(self, page: PageDraft) -> _Scope:
        """What code of a page may name: widgets in the rows of a list are known in these rows alone."""
        broken = page.broken or page.entities.broken or self._app.entities.broken
        widgets = frozenset(widget.name for widget in page.widgets if "[]" not in widget.path)
        entities = (page.entities, self._app.entities)
        queries = frozenset(query.name for found in entities for query in found.queries)
        scripts = {script.name: script for found in entities for script in found.scripts}
        names = widgets | queries | scripts.keys() | FRAMEWORK_NAMES
        return _Scope(
            names=None if broken else names,
            widgets=None if page.broken else widgets,
            queries=queries,
            scripts=scripts,
        )

    def _entities(self, entities: Entities, scope: _Scope) -> None:
        for query in entities.queries:
            word = query.datasource
            if word is not None:
                self._exists("E405", word.place, word.text.value, self._app.datasources, "datasource")
            for snippet in query_snippets(query):
                self._snippet(snippet, scope)
        for script in entities.scripts:
            self._code(script.text, 0, script.reading, scope)

    def _snippet(self, snippet: Snippet, scope: _Scope) -> None:
        self._code(snippet.source, snippet.start, snippet.reading, scope, snippet.declared)

    def _code(
        self,
        text: Text,
        start: int,
        reading: Reading,
        scope: _Scope,
        declared: frozenset[str] = frozenset(),
    ) -> None:
        for call in reading.calls:
            place = text.place(start + call.offset)
            if call.name == "navigateTo" and is_page_like(call.argument):
                self._exists("E404", place, call.argument, self._app.pages, "page")
            elif call.name in _NAMING_WIDGETS and scope.widgets is not None:
                self._exists("E406", place, call.argument, scope.widgets, "widget")
        if scope.names is not None:
            check_defined(text, start, reading, scope.names | declared, self._problems)

    def _references(self, event: Event, scope: _Scope) -> None:
        """What a list of actions names without code."""
        for reference in event.references if isinstance(event, Actions) else ():
            name, place = reference.name, reference.place
            if reference.kind == "page" and is_page_like(name):
                self._exists("E404", place, name, self._app.pages, "page")
            elif reference.kind == "widget" and scope.widgets is not None:
                self._exists("E406", place, name, scope.widgets, "widget")
            elif reference.kind == "runnable" and scope.names is not None:
                self._runnable(name, place, scope)

    def _runnable(self, name: str, place: Place, scope: _Scope) -> None:
        owner, dot, function = name.partition(".")
        if not dot:
            self._exists("E409", place, name, scope.queries, "query")
        elif owner not in scope.scripts:
            self._exists("E409", place, owner, scope.scripts, "script")
        else:
            self._exists("E409", place, function, scope.scripts[owner].members, f"function in {owner}")

    def _exists(self, code: str, place: Place, name: str, known: Iterable[str], what: str) -> None:
        check_exists(code, place, name, known, what, self._problems)

    def _doubled(self, placed: list[tuple[str, Place]]) -> None:
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

    def _manifest(self) -> None:
        manifest = self._app.manifest
        home = manifest.home_page
        if home is not None:
            self._exists("E407", home.place, home.text.value, self._app.pages, "page")
        if home is not None and manifest.auth is not None:
            self._problems.add(
                "E201",
                home.place,
                "`home_page` of an app with sign-in stands below `auth`",
                remedy="move it there",
            )
        if manifest.auth is not None:
            check_contract(self._app, manifest.auth, self._problems)
        elif not manifest.has_auth:
            self._nobody_signs_in()

    def _nobody_signs_in(self) -> None:
        for page in self._app.pages.values():
            if page.access is not None and not isinstance(page.access, Public):
                self._problems.add(
                    "E503",
                    page.access_place,
                    "nobody can sign in to this app, so nobody could open this page",
                    remedy="write `access: public`, or declare `auth:` in app.yaml",
                )


#: Functions whose first argument names a widget.
_NAMING_WIDGETS = frozenset({"resetWidget", "showModal", "closeModal"})


def _in_rows(page: PageDraft, widget: WidgetDraft) -> frozenset[str]:
    """The names of the widgets that share a row with `widget`, itself included; none outside of rows."""
    around = [widget.path[: at + 3] for at in range(len(widget.path)) if widget.path.startswith("[].", at)]
    return frozenset(
        other.name
        for other in page.widgets
        for prefix in around
        if other.path.startswith(prefix) and "[]" not in other.path[len(prefix) :]
    )


def _places(entities: Entities) -> list[tuple[str, Place]]:
    found = [(query.name, query.place) for query in entities.queries]
    return found + [(script.name, Place(script.text.file, 1, 1)) for script in entities.scripts]
