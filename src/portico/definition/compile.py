"""From a checked app to the model: pages with their programs, the contract's, the access rules'."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portico.definition import auth, properties, stages
from portico.definition.bindings import Snippet
from portico.definition.chunks import Chunks, reads_inputs
from portico.definition.draft import (
    AppDraft,
    ContractDraft,
    Entities,
    PageDraft,
    QueryDraft,
    ScriptDraft,
    WidgetDraft,
)
from portico.definition.needs import is_local, reads_zone
from portico.definition.parts import event_snippets, property_snippets, query_snippets
from portico.definition.reach import Reached, reached
from portico.definition.scope import Reading
from portico.definition.stages import Step
from portico.definition.value import Body, Fixed, Pairs
from portico.model.access import Access, Public, Rule, SignedIn
from portico.model.page import Page
from portico.model.program import FRAMEWORK_NAMES, RECORD_NAMES, ROW_NAMES, Program
from portico.model.query import READING, Contract, Query
from portico.model.widget import Widget, WidgetType

#: Names whose values differ between visitors or moments (hard-cases 16).
_VARYING = frozenset(
    [
        "appsmith",
        "portico",
        "auth",
        "Date",
        "Math",
        "Intl",
        "moment",
        "_",
        "globalThis",
        "eval",
        "Function",
        "this",
    ]
)
#: What a function at load cannot do without a browser at hand.
_OF_THE_BROWSER = frozenset({"setTimeout", "setInterval", "download", "copyToClipboard"})
#: The object that knows the address, and what of it holds the fragment.
_WORLD = frozenset({"appsmith", "portico"})
_FRAGMENT = frozenset({(), ("URL",), ("URL", "hash"), ("URL", "fullPath")})


def query(draft: QueryDraft) -> Query:
    """A query as the server sees it."""
    return Query(
        name=draft.name,
        datasource=draft.datasource.text.value if draft.datasource is not None else "",
        method=draft.method,
        body_type=draft.body_type,
        place=draft.place,
        timeout=draft.timeout,
    )


def contract(draft: ContractDraft) -> Contract:
    """The contract as the server sees it."""
    return Contract(
        entry_page=draft.entry_page.text.value if draft.entry_page else "",
        home_page=draft.home_page.text.value if draft.home_page else "",
        token_key=draft.token_key.text.value if draft.token_key else None,
        me=draft.me.text.value if draft.me else None,
        keep=frozenset(word.text.value for word in draft.keep),
        refresh=draft.refresh.text.value if draft.refresh is not None else None,
        starts=frozenset(word.text.value for word in draft.starts),
    )


def page(app: AppDraft, slug: str, draft: PageDraft) -> Page:
    """A page with its program."""
    return _Page(app, slug, draft).page()


def access(app: AppDraft, draft: PageDraft) -> Access:
    """Who may open a page; what it does not say follows from the app."""
    if isinstance(draft.access, Snippet):
        return Rule(f"access.{draft.name}")
    if draft.access is not None:
        return draft.access
    manifest = app.manifest
    if not manifest.has_auth:
        return Public()
    entry = manifest.auth.entry_page if manifest.auth is not None else None
    return Public() if entry is not None and entry.text.value == draft.name else SignedIn()


def contract_program(app: AppDraft, slug: str) -> Program | None:
    """The program of the query `me` and the mappings over its answer; None without `me`."""
    draft = app.manifest.auth
    if draft is None or draft.me is None:
        return None
    name = draft.me.text.value
    asked = Entities(queries=tuple(query for query in app.entities.queries if query.name == name))
    shared = Entities(queries=asked.queries, scripts=app.entities.scripts)
    chunks = Chunks(FRAMEWORK_NAMES | _names(shared) | {"response"})
    evaluations: dict[str, Any] = {}
    for mapping, default in auth.DEFAULTS.items():
        snippet = draft.mappings.get(mapping)
        if snippet is not None:
            value: dict[str, Any] = {"b": chunks.expression((snippet,), "auth.me", mapping)}
        elif mapping == "roles":
            value = {"v": []}
        else:
            value = {"b": chunks.expression((default,), "auth.me", mapping, names=("response",))}
        evaluations[f"me.{mapping}"] = {"names": ["response"], "value": value}
    return chunks.program(
        _definition(slug, "", chunks, shared) | {"evaluations": evaluations},
    )


def guard_program(app: AppDraft, slug: str) -> Program | None:
    """The program of the access rules; None if there are none."""
    chunks = Chunks(frozenset({"auth"}))
    evaluations = {}
    for name, draft in app.pages.items():
        if isinstance(draft.access, Snippet):
            chunk = chunks.expression((draft.access,), name, "access")
            evaluations[f"access.{name}"] = {"names": ["auth"], "value": {"b": chunk}}
    if not evaluations:
        return None
    return chunks.program(_definition(slug, "", chunks, Entities()) | {"evaluations": evaluations})


class _Page:
    def __init__(self, app: AppDraft, slug: str, draft: PageDraft) -> None:
        self._app = app
        self._slug = slug
        self._draft = draft
        self._entities = Entities(
            queries=(*app.entities.queries, *draft.entities.queries),
            scripts=(*app.entities.scripts, *draft.entities.scripts),
        )
        self._scripts = {script.name: script for script in self._entities.scripts}
        self._bindings = [
            snippet.reading for widget in draft.widgets for snippet in property_snippets(widget)
        ]
        self._reached = reached(self._bindings, self._scripts)
        self._steps = tuple(self._at_load())

    def page(self) -> Page:
        draft = self._draft
        who = access(self._app, draft)
        return Page(
            name=draft.name,
            title=draft.title,
            access=who,
            widgets=self._widgets(),
            roots=tuple(widget.path for widget in draft.widgets if widget.parent is None),
            queries={found.name: query(found) for found in self._entities.queries},
            program=self._program(),
            cacheable=isinstance(who, Public) and not self._steps and not self._varies(),
            place=draft.place,
            load=stages.stages(self._steps),
            waits_for_browser=any(self._needs_browser(step) for step in self._steps),
            reads_fragment=_reads_fragment(self._everything()),
            locates=any("geolocation" in found.properties for found in self._everything()),
            zoned=self._zoned(),
            parts=frozenset(part for widget in draft.widgets for part in _parts(widget)),
        )

    def _at_load(self) -> Iterator[Step]:
        for script in self._entities.scripts:
            for name, settings in script.behaviours.items():
                if settings.run == "on_load":
                    yield stages.of_function(script, name, self._scripts)
        for found in self._entities.queries:
            if self._runs(found):
                yield stages.of_query(found, self._scripts)

    def _runs(self, found: QueryDraft) -> bool:
        """Without a word of the author, a query that changes nothing runs when something shows its data."""
        if found.behaviour.run is not None:
            return found.behaviour.run != "manual"
        return found.method in READING and self._shows_data(found.name)

    def _shows_data(self, name: str) -> bool:
        return any((name, member) in self._reached for member in stages.DATA)

    def _needs_browser(self, step: Step) -> bool:
        """Whether a step of the load starts timers, asks the user something, or reads the fragment."""
        asks = {found.name for found in self._entities.queries if found.behaviour.confirm is not None}
        if step.query in asks or any((name, "run") in step.reached for name in asks):
            return True
        for script in self._entities.scripts:
            for name, settings in script.behaviours.items():
                asked = settings.confirm is not None
                if asked and (step.name == f"{script.name}.{name}" or (script.name, name) in step.reached):
                    return True
        return any(name in _OF_THE_BROWSER for name, _ in step.reached) or _reads_fragment(step.readings)

    def _everything(self) -> Iterator[Reading]:
        """All code that the page may run."""
        yield from self._bindings
        for widget in self._draft.widgets:
            yield from (snippet.reading for snippet in event_snippets(widget))
        for found in self._entities.queries:
            yield from (snippet.reading for snippet in query_snippets(found))
        yield from (script.reading for script in self._entities.scripts)

    def _varies(self) -> bool:
        names = {name for name, _ in self._reached}
        if names & _VARYING or names & self._scripts.keys() or self._has_zoned_widgets():
            return True
        if any(self._shows_data(found.name) for found in self._entities.queries):
            return True
        return any(_is_varying(found) for found in self._bindings)

    def _has_zoned_widgets(self) -> bool:
        return any(_type(widget).zoned for widget in self._draft.widgets)

    def _zoned(self) -> bool:
        """Whether a widget, a binding, a script or a query of the load looks at the time zone."""
        if self._has_zoned_widgets():
            return True
        at_load = [found for found in self._entities.queries if self._runs(found)]
        code = [script.reading for script in self._entities.scripts]
        code += [snippet.reading for found in at_load for snippet in query_snippets(found)]
        local = any(is_local(name) for found in (*self._bindings, *code) for name in found.properties)
        return local or reads_zone(self._reached, code)

    def _widgets(self) -> dict[str, Widget]:
        live = _live(self._draft.widgets, self._reached)
        named = _words(self._everything())
        return {
            widget.path: Widget(
                path=widget.path,
                name=widget.name,
                type=_type(widget).name,
                place=widget.place,
                parent=widget.parent,
                slot=widget.slot,
                literals=properties.literals(_type(widget), widget.properties),
                events=frozenset(widget.events),
                children=tuple(child.path for child in self._draft.widgets if child.parent == widget.path),
                position=widget.position,
                live=widget.path in live,
                read=_read(widget, named),
                repeats=_type(widget).children == "rows",
            )
            for widget in self._draft.widgets
        }

    def _program(self) -> Program:
        names = {widget.name for widget in self._draft.widgets} | _names(self._entities)
        chunks = Chunks(FRAMEWORK_NAMES | ROW_NAMES | names)
        types = {_type(widget).name: _type(widget) for widget in self._draft.widgets}
        on_page: dict[str, Any] = {
            "types": {name: chunks.widget_type(found) for name, found in types.items()},
            "widgets": [_widget_definition(chunks, widget) for widget in self._draft.widgets],
        }
        shared = _definition(self._slug, self._draft.name, chunks, self._entities)
        return chunks.program(shared | on_page, zoned=any(found.zoned for found in types.values()))


def _definition(slug: str, page_name: str, chunks: Chunks, entities: Entities) -> dict[str, Any]:
    """The parts of a definition that every program has."""
    return {
        "app": slug,
        "page": page_name,
        "chunks": [],
        "types": {},
        "widgets": [],
        "queries": [_query_definition(chunks, found) for found in entities.queries],
        "scripts": [_script_definition(chunks, script) for script in entities.scripts],
        "evaluations": {},
    }


def _widget_definition(chunks: Chunks, widget: WidgetDraft) -> dict[str, Any]:
    return {
        "path": widget.path,
        "name": widget.name,
        "type": _type(widget).name,
        "parent": widget.parent,
        "slot": widget.slot,
        "props": {name: chunks.value(value, widget.path, name) for name, value in widget.properties.items()},
        "events": {
            # What an event of a record is called with is the row that it happens in.
            name: [chunks.action(event, widget.path, name, given=RECORD_NAMES if "." in name else ())]
            for name, event in widget.events.items()
        },
    }


def _script_definition(chunks: Chunks, draft: ScriptDraft) -> dict[str, Any]:
    asked = {name: found.confirm for name, found in draft.behaviours.items() if found.confirm is not None}
    return {"path": draft.name, "name": draft.name, "chunk": chunks.script(draft), "confirm": asked}


def _query_definition(chunks: Chunks, draft: QueryDraft) -> dict[str, Any]:
    name = draft.name
    request: dict[str, Any] = {
        "path": chunks.value(draft.path, name, "path"),
        "params": [[key, chunks.value(value, name, f"params.{key}")] for key, value in draft.params],
        "headers": [[key, chunks.value(value, name, f"headers.{key}")] for key, value in draft.headers],
    }
    if draft.body is not None:
        request["body"] = _body(chunks, draft.body, name)
    settings = draft.behaviour
    return {
        "path": name,
        "name": name,
        "request": request,
        "confirm": settings.confirm,
        "automatic": settings.run == "automatic",
    }


def _body(chunks: Chunks, body: Body, name: str) -> Any:
    if isinstance(body, Pairs):
        return [[key, chunks.value(value, name, f"body.{key}")] for key, value in body.members]
    return chunks.value(body, name, "body")


def _names(entities: Entities) -> set[str]:
    return {found.name for found in entities.queries} | {script.name for script in entities.scripts}


def _type(widget: WidgetDraft) -> WidgetType:
    if widget.type is None:
        raise ValueError(f"{widget.name} was not checked")
    return widget.type


def _live(widgets: tuple[WidgetDraft, ...], found: Reached) -> set[str]:
    """Inputs whose value a binding reads, by their own name or through a widget around them, and
    inputs that do something when they change. Rows are read through their list, so all of them count."""
    named = {name for name, _ in found}
    inside: dict[str | None, bool] = {None: False}
    live = set()
    for widget in widgets:
        kind = _type(widget)
        looked_into = inside.get(widget.parent, False)
        rows_read = kind.children == "rows" and widget.name in named
        inside[widget.path] = looked_into or rows_read or _looks_inside(widget.name, kind, found)
        changes = any(part.event in widget.events for part in kind.inputs.values())
        if kind.inputs and (widget.name in named or looked_into or changes):
            live.add(widget.path)
    return live


def _words(readings: Iterable[Reading]) -> frozenset[str]:
    """Every name that code may read, wherever it reads it from."""
    found = tuple(readings)
    used = {use.name for reading in found for use in reading.uses}
    return frozenset(used.union(*(reading.properties | reading.words for reading in found)))


def _read(widget: WidgetDraft, named: frozenset[str]) -> frozenset[str]:
    """The meta properties of its inputs that code may read: rows are reached through their list, so
    it is enough that both names occur."""
    metas = {part.meta for part in _type(widget).inputs.values()}
    return frozenset(metas & named) if widget.name in named else frozenset()


def _parts(widget: WidgetDraft) -> Iterator[str]:
    """The parts of the client that what it sets needs; a binding may turn out to need it."""
    for name, prop in _type(widget).properties.items():
        value = widget.properties.get(name)
        if prop.part is not None and value is not None and value != Fixed(prop.default):
            yield prop.part


def _looks_inside(name: str, kind: WidgetType, found: Reached) -> bool:
    """Whether a binding reads a value of the widget that is made of the inputs inside it."""
    read = {member for owner, member in found if owner == name}
    sources: Mapping[str, str] = kind.derived
    return any(reads_inputs(source, sources) for key, source in sources.items() if key in read or "" in read)


def _reads_fragment(readings: Iterable[Reading]) -> bool:
    """Whether code reads what only the browser knows of the address."""
    return any(
        use.name in _WORLD and use.path[:2] in _FRAGMENT for reading in readings for use in reading.uses
    )


def _is_varying(found: Reading) -> bool:
    """Whether code uses a method whose result depends on language or zone, or reaches for the engine."""
    return any(is_local(name) or name == "constructor" for name in found.properties)
