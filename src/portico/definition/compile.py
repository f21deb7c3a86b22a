"""From a checked app to the model: pages with their programs, the contract's, the access rules'."""

from collections.abc import Mapping
from typing import Any

from portico.definition import auth, properties
from portico.definition.bindings import Snippet
from portico.definition.chunks import Chunks, reads_inputs
from portico.definition.draft import AppDraft, ContractDraft, Entities, PageDraft, QueryDraft, WidgetDraft
from portico.definition.parts import property_snippets
from portico.definition.reach import Reached, reached
from portico.definition.scope import Reading
from portico.definition.value import Body, Fixed, Pairs
from portico.model.access import Access, Public, Rule, SignedIn
from portico.model.page import Page
from portico.model.program import FRAMEWORK_NAMES, Program
from portico.model.query import READING, Contract, Query
from portico.model.widget import Widget, WidgetType

#: Names whose values differ between visitors or moments (hard-cases 16).
_VARYING = frozenset(
    {
        "appsmith",
        "portico",
        "auth",
        "Date",
        "Math",
        "Intl",
        "moment",
        "globalThis",
        "eval",
        "Function",
        "this",
    }
)
#: Members of query objects that a load of the page fills.
_DATA = frozenset({"", "data", "responseMeta"})


def query(draft: QueryDraft, *, on_load: bool) -> Query:
    """A query as the server sees it."""
    return Query(
        name=draft.name,
        datasource=draft.datasource.text.value if draft.datasource is not None else "",
        method=draft.method,
        body_type=draft.body_type,
        on_load=on_load,
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

    def page(self) -> Page:
        draft = self._draft
        queries = {found.name: query(found, on_load=self._on_load(found)) for found in self._entities.queries}
        who = access(self._app, draft)
        at_load = any(found.on_load for found in queries.values())
        return Page(
            name=draft.name,
            title=draft.title,
            access=who,
            widgets=self._widgets(),
            roots=tuple(widget.name for widget in draft.widgets if widget.parent is None),
            queries=queries,
            program=self._program(),
            cacheable=isinstance(who, Public) and not at_load and not self._varies(),
            place=draft.place,
        )

    def _on_load(self, found: QueryDraft) -> bool:
        """Without a word of the author, a query that changes nothing runs when something shows its data."""
        if found.run_on_load is not None:
            return found.run_on_load
        return found.method in READING and self._shows_data(found.name)

    def _shows_data(self, name: str) -> bool:
        return any((name, member) in self._reached for member in _DATA)

    def _varies(self) -> bool:
        names = {name for name, _ in self._reached}
        if names & _VARYING or names & self._scripts.keys():
            return True
        if any(self._shows_data(found.name) for found in self._entities.queries):
            return True
        return any(_is_varying(found) for found in self._bindings)

    def _widgets(self) -> dict[str, Widget]:
        live = _live(self._draft.widgets, self._reached)
        return {
            widget.name: Widget(
                path=widget.name,
                name=widget.name,
                type=_type(widget).name,
                place=widget.place,
                parent=widget.parent,
                slot=widget.slot,
                events=frozenset(widget.events),
                children=tuple(child.name for child in self._draft.widgets if child.parent == widget.name),
                position=widget.position,
                live=widget.name in live,
            )
            for widget in self._draft.widgets
        }

    def _program(self) -> Program:
        names = {widget.name for widget in self._draft.widgets} | _names(self._entities)
        chunks = Chunks(FRAMEWORK_NAMES | names)
        types = {_type(widget).name: _type(widget) for widget in self._draft.widgets}
        on_page: dict[str, Any] = {
            "types": {name: _type_definition(chunks, found) for name, found in types.items()},
            "widgets": [_widget_definition(chunks, widget) for widget in self._draft.widgets],
        }
        shared = _definition(self._slug, self._draft.name, chunks, self._entities)
        return chunks.program(shared | on_page)


def _definition(slug: str, page_name: str, chunks: Chunks, entities: Entities) -> dict[str, Any]:
    """The parts of a definition that every program has."""
    return {
        "app": slug,
        "page": page_name,
        "chunks": [],
        "types": {},
        "widgets": [],
        "queries": [_query_definition(chunks, found) for found in entities.queries],
        "scripts": [
            {"path": script.name, "name": script.name, "chunk": chunks.script(script)}
            for script in entities.scripts
        ],
        "evaluations": {},
    }


def _type_definition(chunks: Chunks, found: WidgetType) -> dict[str, Any]:
    return {
        "meta": dict(found.meta),
        "derived": {name: chunks.derived(source) for name, source in found.derived.items()},
        "methods": {name: chunks.derived(source) for name, source in found.methods.items()},
        "value": found.value,
        "reset": list(found.reset),
    }


def _widget_definition(chunks: Chunks, widget: WidgetDraft) -> dict[str, Any]:
    defaults = {name: Fixed(prop.default) for name, prop in properties.of(_type(widget)).items()}
    values = {**defaults, **widget.properties}
    return {
        "path": widget.name,
        "name": widget.name,
        "type": _type(widget).name,
        "parent": widget.parent,
        "slot": widget.slot,
        "props": {name: chunks.value(value, widget.name, name) for name, value in values.items()},
        "events": {
            name: [chunks.action(snippet, widget.name, name)] for name, snippet in widget.events.items()
        },
    }


def _query_definition(chunks: Chunks, draft: QueryDraft) -> dict[str, Any]:
    name = draft.name
    request: dict[str, Any] = {
        "path": chunks.value(draft.path, name, "path"),
        "params": [[key, chunks.value(value, name, f"params.{key}")] for key, value in draft.params],
        "headers": [[key, chunks.value(value, name, f"headers.{key}")] for key, value in draft.headers],
    }
    if draft.body is not None:
        request["body"] = _body(chunks, draft.body, name)
    return {"path": name, "name": name, "request": request}


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
    inputs that do something when they change."""
    named = {name for name, _ in found}
    inside: dict[str | None, bool] = {None: False}
    live = set()
    for widget in widgets:
        kind = _type(widget)
        looked_into = inside.get(widget.parent, False)
        inside[widget.name] = looked_into or _looks_inside(widget.name, kind, found)
        changes = kind.change_event is not None and kind.change_event in widget.events
        if kind.value is not None and (widget.name in named or looked_into or changes):
            live.add(widget.name)
    return live


def _looks_inside(name: str, kind: WidgetType, found: Reached) -> bool:
    """Whether a binding reads a value of the widget that is made of the inputs inside it."""
    read = {member for owner, member in found if owner == name}
    sources: Mapping[str, str] = kind.derived
    return any(reads_inputs(source, sources) for key, source in sources.items() if key in read or "" in read)


def _is_varying(found: Reading) -> bool:
    """Whether code uses a method whose result depends on language or zone, or reaches for the engine."""
    return any(
        name.startswith("toLocale") or name in ("localeCompare", "constructor") for name in found.properties
    )
