"""From a checked app to the model: pages with their programs, the contract, the access rules'."""

from collections.abc import Iterable, Iterator, Mapping

from portico.definition import auth, properties, stages
from portico.definition.bindings import Snippet
from portico.definition.chunks import Chunks
from portico.definition.draft import AppDraft, ContractDraft, Entities, PageDraft, QueryDraft, WidgetDraft
from portico.definition.entries import definition, names
from portico.definition.liveness import live, parts, read, type_of, words
from portico.definition.module_lookup import query_id
from portico.definition.needs import is_local, reads_zone
from portico.definition.parts import query_snippets
from portico.definition.reach import reached
from portico.definition.scope import Reading
from portico.definition.scopes import Located, Scope, World, world
from portico.definition.stages import Step
from portico.definition.statements import understood
from portico.model.access import Access, Public, Rule, SignedIn
from portico.model.app import Navigation
from portico.model.page import Page
from portico.model.program import FRAMEWORK_NAMES, ROW_NAMES, Program
from portico.model.query import OWN, READING, Contract, Query, Role
from portico.model.statement import Statement, dialect_of
from portico.model.widget import Widget

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


def query(app: AppDraft, draft: QueryDraft, scope: Scope) -> Query:
    """A query as the server sees it."""
    written = draft.datasource.text.value if draft.datasource is not None else ""
    named = scope.sources.get(written, written)
    return Query(
        name=draft.name,
        datasource=named,
        kind=draft.kind,
        statement=_statement(app, draft, named),
        call=draft.call,
        method=draft.method,
        body_type=draft.body_type,
        place=draft.place,
        timeout=draft.timeout,
        seal=draft.seal,
    )


def _statement(app: AppDraft, draft: QueryDraft, named: str) -> Statement | None:
    """What a query of SQL runs, in the dialect of its datasource: the app's, or one that a package brings."""
    found = draft.statement
    if found is None:
        return None
    package, _, name = named.rpartition("/")
    brought = app.packages.get(package)
    sources = app.datasources if not package or brought is None else brought.datasources
    source = sources.get(name)
    dialect = dialect_of(source.url) if source is not None else ""
    return understood(found.parts, dialect, prepared=found.prepared).statement


def queries(app: AppDraft) -> dict[str, Query]:
    """The queries of the app, those in its modules included, by their ids."""
    return _queries(app, world(app, app.entities))


def _queries(app: AppDraft, found: World) -> dict[str, Query]:
    return {draft.name: query(app, draft, scope) for scope in found.scopes for draft in scope.queries}


def contract(app: AppDraft, draft: ContractDraft) -> Contract:
    """The contract as the server sees it."""
    named = _named(app, draft)
    provider = draft.provider.provider if draft.provider is not None else None
    return Contract(
        entry_page=draft.entry_page.text.value if draft.entry_page else "",
        home_page=draft.home_page.text.value if draft.home_page else "",
        token_key=draft.token_key.text.value if draft.token_key else None,
        queries=named,
        keep=frozenset(word.text.value for word in draft.keep),
        refreshes=provider is not None or ("sign_in" in named and named.get("refresh") in queries(app)),
        slides=_slides(app, draft),
        persist=draft.persist,
        datasources=covered(app, draft),
        sending=draft.sending,
        pending_page=draft.pending_page.text.value if draft.pending_page else None,
        max_stale=draft.max_stale,
        idle_timeout=draft.idle_timeout,
        absolute_timeout=draft.absolute_timeout,
        sessions_per_user=draft.sessions_per_user,
        own_users=_own_users(app, named),
        trusts_script="sign_in" in draft.roles and draft.roles["sign_in"].trusted,
        user_type=draft.user_type.text.value if draft.user_type is not None else None,
        provider=provider,
        authorize=draft.authorize.text.value if draft.authorize is not None else None,
        says_refused=draft.refused is not None,
    )


def covered(app: AppDraft, draft: ContractDraft) -> frozenset[str]:
    """The datasources that the contract's tokens are sent to."""
    return _covered(app, _named(app, draft).values()) | {word.text.value for word in draft.audience}


def _named(app: AppDraft, draft: ContractDraft) -> dict[Role, str]:
    """The ids of the contract's queries, by their roles."""
    return {
        role: query_id(app, word.text.value) for role in auth.ROLES if (word := draft.query(role)) is not None
    }


def _own_users(app: AppDraft, named: Mapping[Role, str]) -> bool:
    """Whether the sign-in asks no API."""
    found = _every(app).get(named.get("sign_in", ""))
    return found is not None and found[1].kind in OWN


def _every(app: AppDraft) -> dict[str, tuple[Scope, QueryDraft]]:
    """All queries of the app and its pages by their ids, as they were read, and where each stands."""
    worlds = [world(app, page.entities, page.widgets) for page in app.pages.values()]
    return {
        draft.name: (scope, draft)
        for one in (world(app, app.entities), *worlds)
        for scope in one.scopes
        for draft in scope.queries
    }


def _slides(app: AppDraft, draft: ContractDraft) -> bool:
    """Whether the query `refresh` sends the token that it renews, and no token for that purpose."""
    word = draft.query("refresh")
    found = next((query for query in app.entities.queries if word and query.name == word.text.value), None)
    snippets = query_snippets(found) if found is not None else ()
    paths = {use.path[:2] for snippet in snippets for use in snippet.reading.uses if use.name == "this"}
    return ("params", "token") in paths and ("params", "refreshToken") not in paths


def _covered(app: AppDraft, named: Iterable[str]) -> frozenset[str]:
    """The datasources of these queries."""
    every = _every(app)
    found = (every[name] for name in named if name in every)
    return frozenset(query(app, draft, scope).datasource for scope, draft in found)


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
    auth = manifest.auth
    open_to_all = (auth.entry_page, auth.pending_page) if auth is not None else ()
    named = {word.text.value for word in open_to_all if word is not None}
    return Public() if draft.name in named else SignedIn()


def navigation(app: AppDraft) -> Navigation | None:
    """The links of the app; None if there are none."""
    draft, auth = app.manifest.navigation, app.manifest.auth
    if draft is None:
        return None
    entry = auth.entry_page.text.value if auth is not None and auth.entry_page is not None else None
    listed = [page.text.value for page in draft.pages] if draft.pages is not None else list(app.pages)
    return Navigation(orientation=draft.orientation, pages=tuple(name for name in listed if name != entry))


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
    return chunks.program(definition(slug, "", chunks, world(app, Entities())) | {"evaluations": evaluations})


class _Page:
    def __init__(self, app: AppDraft, slug: str, draft: PageDraft) -> None:
        self._app = app
        self._slug = slug
        self._draft = draft
        self._world = world(app, app.entities.merged(draft.entities), draft.widgets)
        self._bindings = tuple(self._world.bindings())
        self._reached = reached(self._bindings, self._world)
        self._steps = tuple(self._at_load())

    def page(self) -> Page:
        draft = self._draft
        who = access(self._app, draft)
        return Page(
            name=draft.name,
            title=draft.title,
            access=who,
            widgets=self._widgets(),
            roots=tuple(widget.path for _, widget in self._world.widgets if widget.parent is None),
            queries=_queries(self._app, self._world),
            program=self._program(),
            cacheable=isinstance(who, Public) and not self._steps and not self._varies(),
            place=draft.place,
            load=stages.stages(self._steps),
            waits_for_browser=any(self._needs_browser(step) for step in self._steps),
            reads_fragment=_reads_fragment(found.reading for found in self._world.code()),
            locates=any("geolocation" in found.reading.properties for found in self._world.code()),
            zoned=self._zoned(),
            parts=frozenset(part for _, widget in self._world.widgets for part in parts(widget)),
        )

    def _at_load(self) -> Iterator[Step]:
        for scope, script in self._world.scripts.values():
            for name, settings in script.behaviours.items():
                if settings.run == "on_load":
                    yield stages.of_function(script, name, scope, self._world)
        for scope, found in self._queries():
            if self._runs(found):
                yield stages.of_query(found, scope, self._world)

    def _queries(self) -> Iterator[tuple[Scope, QueryDraft]]:
        for scope in self._world.scopes:
            for found in scope.queries:
                yield scope, found

    def _runs(self, found: QueryDraft) -> bool:
        """Without a word of the author, a query that changes nothing runs when something shows its data."""
        if found.behaviour.run is not None:
            return found.behaviour.run != "manual"
        return found.method in READING and self._shows_data(found.name)

    def _shows_data(self, name: str) -> bool:
        return any((name, member) in self._reached for member in stages.DATA)

    def _needs_browser(self, step: Step) -> bool:
        """Whether a step of the load starts timers, asks the user something, or reads the fragment."""
        asks = {found.name for _, found in self._queries() if found.behaviour.confirm is not None}
        if step.query in asks or any((name, "run") in step.reached for name in asks):
            return True
        for _, script in self._world.scripts.values():
            for name, settings in script.behaviours.items():
                asked = settings.confirm is not None
                if asked and (step.name == f"{script.name}.{name}" or (script.name, name) in step.reached):
                    return True
        return any(name in _OF_THE_BROWSER for name, _ in step.reached) or _reads_fragment(
            found.reading for found in step.readings
        )

    def _varies(self) -> bool:
        found = {name for name, _ in self._reached}
        if found & _VARYING or found & self._world.scripts.keys() or self._has_zoned_widgets():
            return True
        if any(self._shows_data(query.name) for _, query in self._queries()):
            return True
        return any(_is_varying(located.reading) for located in self._everything_shown())

    def _everything_shown(self) -> Iterator[Located]:
        """The code of bindings, and what stands behind the names of instances, used or not."""
        yield from self._bindings
        for scope in self._world.scopes:
            yield from self._world.outputs(scope)
            yield from self._world.inputs(scope)

    def _has_zoned_widgets(self) -> bool:
        return any(type_of(widget).zoned for _, widget in self._world.widgets)

    def _zoned(self) -> bool:
        """Whether a widget, a binding, a script or a query of the load looks at the time zone."""
        if self._has_zoned_widgets():
            return True
        at_load = [found for _, found in self._queries() if self._runs(found)]
        code = [script.reading for _, script in self._world.scripts.values()]
        code += [snippet.reading for found in at_load for snippet in query_snippets(found)]
        shown = [found.reading for found in self._everything_shown()]
        local = any(is_local(name) for found in (*shown, *code) for name in found.properties)
        return local or reads_zone(self._reached, code)

    def _widgets(self) -> dict[str, Widget]:
        lively = live(self._world, self._reached)
        named = words(found.reading for found in self._world.code())
        inside: dict[str | None, list[str]] = {}
        for _, widget in self._world.widgets:
            inside.setdefault(widget.parent, []).append(widget.path)
        return {
            widget.path: self._widget(widget, inside, widget.path in lively, named)
            for _, widget in self._world.widgets
        }

    def _widget(
        self, widget: WidgetDraft, inside: dict[str | None, list[str]], lively: bool, named: frozenset[str]
    ) -> Widget:
        return Widget(
            path=widget.path,
            name=widget.name,
            type=type_of(widget).name,
            place=widget.place,
            parent=widget.parent,
            slot=widget.slot,
            literals=properties.literals(type_of(widget), widget.properties),
            events=frozenset(widget.events),
            children=tuple(inside.get(widget.path, ())),
            position=widget.position,
            live=lively,
            read=read(widget, named),
            repeats=type_of(widget).children == "rows",
        )

    def _program(self) -> Program:
        chunks = Chunks(FRAMEWORK_NAMES | ROW_NAMES | names(self._world))
        whole = definition(self._slug, self._draft.name, chunks, self._world)
        return chunks.program(whole, zoned=self._has_zoned_widgets())


def _reads_fragment(readings: Iterable[Reading]) -> bool:
    """Whether code reads what only the browser knows of the address."""
    return any(
        use.name in _WORLD and use.path[:2] in _FRAGMENT for reading in readings for use in reading.uses
    )


def _is_varying(found: Reading) -> bool:
    """Whether code uses a method whose result depends on language or zone, or reaches for the engine."""
    return any(is_local(name) or name == "constructor" for name in found.properties)
