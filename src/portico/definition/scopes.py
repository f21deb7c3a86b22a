"""A page with its module instances written out: which scopes there are, and what each name is there.

An entity has an id: its name on a page, `Instance.name` in a module. Ids are paths (`model.paths`) that
leave out rows; names of the framework and of JavaScript are ids of themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from portico.definition.behaviour import Behaviour
from portico.definition.draft import (
    AppDraft,
    Entities,
    InstanceDraft,
    ModuleDraft,
    PackageDraft,
    PackageUse,
    QueryDraft,
    ScriptDraft,
    WidgetDraft,
)
from portico.definition.module_check import INPUTS
from portico.definition.module_lookup import ModuleLookup
from portico.definition.parts import event_snippets, property_snippets, query_snippets
from portico.definition.scope import Reading
from portico.definition.value import Value, snippets

#: How many module instances a page can hold, those in others included.
INSTANCE_LIMIT = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """The page (`path` is ""), or a module instance on it.

    `queries` and `scripts` have their ids as names; `ids` gives the ids of names that stand here.
    `sources` are the names of datasources in the app by those that queries here write.
    """

    path: str
    outer: "Scope | None" = None
    instance: InstanceDraft | None = None
    module: ModuleDraft | None = None
    queries: tuple[QueryDraft, ...] = ()
    scripts: tuple[ScriptDraft, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def id(self, name: str) -> str:
        """What a name is here."""
        return self.ids.get(name, name)

    @property
    def main(self) -> str | None:
        """The id of the query or script that the module is about."""
        return self.ids.get(self.module.main) if self.module is not None and self.module.main else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """Code, and the scope that it stands in; `script` is the id of the script that it is a part of."""

    scope: Scope
    reading: Reading
    script: str | None = None

    def steps(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What it reads: ids, and what is read of each. `this` in a script is the script."""
        for use in self.reading.uses:
            own = use.name == "this" and self.script is not None
            yield (self.script or "") if own else self.scope.id(use.name), use.path


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """All scopes of a page, outer ones first; all widgets with their scopes, parents first, with whole
    paths; these, scripts and instances by id."""

    scopes: tuple[Scope, ...]
    widgets: tuple[tuple[Scope, WidgetDraft], ...]
    by_id: Mapping[str, tuple[Scope, WidgetDraft]]
    scripts: Mapping[str, tuple[Scope, ScriptDraft]]
    instances: Mapping[str, Scope]

    def located(self, scope: Scope, *values: Value | None) -> Iterator[Located]:
        """The code in values that stand in a scope."""
        for value in values:
            for snippet in snippets(value) if value is not None else ():
                yield Located(scope=scope, reading=snippet.reading)

    def bindings(self) -> Iterator[Located]:
        """The code of the properties of all widgets, and of outputs whose changes an instance acts on."""
        for scope, widget in self.widgets:
            for snippet in property_snippets(widget):
                yield Located(scope=scope, reading=snippet.reading)
            if widget.instance is not None and widget.events and widget.path in self.instances:
                yield from self.outputs(self.instances[widget.path])

    def code(self) -> Iterator[Located]:
        """All code that the page may run."""
        yield from self.bindings()
        for scope, widget in self.widgets:
            for snippet in event_snippets(widget):
                yield Located(scope=scope, reading=snippet.reading)
        for scope in self.scopes:
            for query in scope.queries:
                for snippet in query_snippets(query):
                    yield Located(scope=scope, reading=snippet.reading)
            for script in scope.scripts:
                yield Located(scope=scope, reading=script.reading, script=script.name)
            yield from self.outputs(scope)
            yield from self.inputs(scope)

    def outputs(self, scope: Scope, name: str | None = None) -> Iterator[Located]:
        """The code of one output of an instance, or of all."""
        for key, output in scope.module.outputs.items() if scope.module is not None else ():
            if name in (None, key):
                yield from self.located(scope, output.value)

    def inputs(self, scope: Scope, name: str | None = None) -> Iterator[Located]:
        """The code of one input of an instance, or of all: what is given, else the default."""
        if scope.module is None or scope.instance is None or scope.outer is None:
            return
        for key in scope.module.contract.inputs:
            if name not in (None, key):
                continue
            given = scope.instance.inputs.get(key)
            if given is not None:
                yield from self.located(scope.outer, given.value)
            else:
                yield from self.located(scope, scope.module.defaults.get(key))


def world(app: AppDraft, entities: Entities, widgets: tuple[WidgetDraft, ...] = ()) -> World:
    """What stands in `entities` and `widgets` of an app, with what stands in the modules there."""
    builder = _Builder(app.packages, app.manifest.packages)
    builder.scope(Scope(path=""), entities, widgets)
    return builder.world()


def module_world(packages: Mapping[str, PackageDraft | None], module: ModuleDraft) -> World:
    """One instance of a module, called like the module, that is given nothing."""
    builder = _Builder(packages, {})
    page = Scope(path="")
    instance = InstanceDraft(name=module.contract.name, place=module.place, reference=None, inputs={})
    empty = Scope(path=instance.name, outer=page, instance=instance, module=module)
    builder.scope(empty, module.entities, module.widgets)
    return builder.world()


class _Builder:
    def __init__(self, packages: Mapping[str, PackageDraft | None], uses: Mapping[str, PackageUse]) -> None:
        self._packages = packages
        self._uses = uses
        self._lookup = ModuleLookup(packages)
        self._scopes: list[Scope] = []
        self._widgets: list[tuple[Scope, WidgetDraft]] = []

    def world(self) -> World:
        """Everything that was added."""
        return World(
            scopes=tuple(self._scopes),
            widgets=tuple(self._widgets),
            by_id={scope.id(widget.name): (scope, widget) for scope, widget in self._widgets},
            scripts={script.name: (scope, script) for scope in self._scopes for script in scope.scripts},
            instances={scope.path: scope for scope in self._scopes if scope.path},
        )

    def scope(self, empty: Scope, entities: Entities, widgets: tuple[WidgetDraft, ...]) -> None:
        """Add a scope, and those inside it."""
        prefix = f"{empty.path}." if empty.path else ""
        scripts = tuple(
            replace(script, name=prefix + script.name, behaviours=self._behaviours(empty, script))
            for script in entities.scripts
        )
        queries = tuple(
            replace(query, name=prefix + query.name, behaviour=self._query_behaviour(empty, query))
            for query in entities.queries
        )
        names = [
            *(query.name for query in entities.queries),
            *(script.name for script in entities.scripts),
            *(instance.name for instance in entities.instances),
            *(widget.name for widget in widgets),
            *([INPUTS] if empty.path else []),
        ]
        scope = replace(empty, queries=queries, scripts=scripts, ids={name: prefix + name for name in names})
        self._scopes.append(scope)
        for instance in entities.instances:
            self._instance(scope, instance, prefix + instance.name)
        for widget in widgets:
            path = prefix + widget.path
            parent = prefix + widget.parent if widget.parent is not None else empty.path or None
            self._widgets.append((scope, replace(widget, path=path, parent=parent)))
            if widget.instance is not None:
                self._instance(scope, widget.instance, path)

    def _instance(self, outer: Scope, instance: InstanceDraft, path: str) -> None:
        home = outer.module.package if outer.module is not None else None
        module = self._lookup.find(instance, home)
        # More than that were reported (`check_loops`).
        if module is not None and len(self._scopes) <= INSTANCE_LIMIT + 1:
            empty = Scope(
                path=path,
                outer=outer,
                instance=instance,
                module=module,
                sources=self._sources(module.package),
            )
            self.scope(empty, module.entities, module.widgets)

    def _sources(self, package: str) -> dict[str, str]:
        found = self._packages[package]
        use = self._uses.get(package)
        brought = {name: f"{package}/{name}" for name in (found.datasources if found is not None else ())}
        bound = {name: word.text.value for name, word in use.datasources.items()} if use is not None else {}
        return brought | bound

    def _query_behaviour(self, scope: Scope, query: QueryDraft) -> Behaviour:
        if scope.module is None or scope.instance is None or query.name != scope.module.main:
            return query.behaviour
        return _over(scope.instance.behaviour, query.behaviour)

    def _behaviours(self, scope: Scope, script: ScriptDraft) -> Mapping[str, Behaviour]:
        if scope.module is None or scope.instance is None or script.name != scope.module.main:
            return script.behaviours
        said = {
            name: _over(behaviour, script.behaviours.get(name, Behaviour()))
            for name, behaviour in scope.instance.functions.items()
        }
        return {**script.behaviours, **said}


def _over(said: Behaviour, own: Behaviour) -> Behaviour:
    """What an instance says stands over what the module says."""
    return Behaviour(run=said.run or own.run, confirm=said.confirm or own.confirm)
