"""A page as rules see it: everything that stands on it, module instances written out, as pieces of code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from portico.definition import compile as compiling
from portico.definition.draft import AppDraft, PageDraft, QueryDraft, WidgetDraft
from portico.definition.lint import piece
from portico.definition.lint.piece import Piece
from portico.definition.modules import MEMBERS
from portico.definition.scopes import Scope, World, world
from portico.definition.value import Body, Pairs, Value
from portico.model.access import Public


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The code of a property or of an event of a widget."""

    widget: WidgetDraft
    name: str
    piece: Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """The code of a part of a query's request; `key` is the name of a header or parameter."""

    query: QueryDraft
    part: str
    key: str
    piece: Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """The code of an output of a module instance."""

    name: str
    piece: Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """The code of an input that the instance `scope` is given."""

    scope: Scope
    name: str
    piece: Piece


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One page. Queries and scripts are by their ids (`scopes`)."""

    page: PageDraft
    public: bool
    world: World
    queries: Mapping[str, QueryDraft]
    scripts: Mapping[str, Piece]
    properties: tuple[Part, ...]
    events: tuple[Part, ...]
    requests: tuple[Sent, ...]
    outputs: tuple[Output, ...]
    inputs: tuple[Handed, ...]

    def acting(self) -> Iterator[Piece]:
        """The code that does something: events and scripts."""
        yield from (part.piece for part in self.events)
        yield from self.scripts.values()

    def id(self, scope: Scope, name: str, member: str) -> str:
        """What a name is in a scope: of an instance, the query or script that its member is one of."""
        found = scope.id(name)
        instance = self.world.instances.get(found)
        if instance is None or instance.module is None or instance.main is None:
            return found
        contract = instance.module.contract
        own = member in MEMBERS[contract.kind] or member in contract.functions
        return instance.main if own else found

    def function(self, script: str, name: str) -> Node | None:
        """A function of a script."""
        found = self.scripts.get(script)
        return member(found, name) if found is not None else None

    def at_load(self) -> Iterator[tuple[Piece, Node]]:
        """The functions that run when the page opens."""
        for identity, (_, script) in self.world.scripts.items():
            for name, behaviour in script.behaviours.items():
                node = self.function(identity, name) if behaviour.run == "on_load" else None
                if node is not None:
                    yield self.scripts[identity], node


def view(app: AppDraft, page: PageDraft) -> View:
    """A page of an app that has no error."""
    found = world(app, app.entities.merged(page.entities), page.widgets)
    scripts = {
        identity: made
        for identity, (scope, script) in found.scripts.items()
        if (made := piece.of_script(script, scope)) is not None
    }
    return View(
        page=page,
        public=isinstance(compiling.access(app, page), Public),
        world=found,
        queries={query.name: query for scope in found.scopes for query in scope.queries},
        scripts=scripts,
        properties=tuple(_properties(found)),
        events=tuple(_events(found)),
        requests=tuple(
            sent for scope in found.scopes for query in scope.queries for sent in _sent(scope, query)
        ),
        outputs=tuple(_outputs(found)),
        inputs=tuple(_inputs(found)),
    )


def member(script: Piece, name: str) -> Node | None:
    """What a script has under a name: a method, or the value of the pair."""
    for statement in script.root.named_children:
        assignment = statement.named_children[0] if statement.type == "expression_statement" else None
        content = assignment.child_by_field_name("right") if assignment is not None else None
        for node in content.named_children if content is not None and content.type == "object" else ():
            key = node.child_by_field_name("key") or node.child_by_field_name("name")
            if key is not None and script.word(key).strip("\"'") == name:
                return node.child_by_field_name("value") or node
    return None


def _properties(found: World) -> Iterator[Part]:
    for scope, widget in found.widgets:
        for name, value in widget.properties.items():
            for made in piece.of_value(value, scope):
                yield Part(widget=widget, name=name, piece=made)


def _events(found: World) -> Iterator[Part]:
    for scope, widget in found.widgets:
        for name, event in widget.events.items():
            for made in piece.of_event(event, scope):
                yield Part(widget=widget, name=name, piece=made)


def _sent(scope: Scope, query: QueryDraft) -> Iterator[Sent]:
    for part, key, value in _values(query):
        for made in piece.of_value(value, scope):
            yield Sent(query=query, part=part, key=key, piece=made)


def _values(query: QueryDraft) -> Iterator[tuple[str, str, Value]]:
    yield "path", "", query.path
    for part, members in (("params", query.params), ("headers", query.headers)):
        for key, value in members:
            yield part, key, value
    for key, value in _of_body(query.body):
        yield "body", key, value


def _of_body(body: Body | None) -> Iterator[tuple[str, Value]]:
    match body:
        case None:
            return
        case Pairs(members):
            yield from members
        case _:
            yield "", body


def _outputs(found: World) -> Iterator[Output]:
    for scope in found.scopes:
        for name, output in scope.module.outputs.items() if scope.module is not None else ():
            for made in piece.of_value(output.value, scope):
                yield Output(name=name, piece=made)


def _inputs(found: World) -> Iterator[Handed]:
    for scope in found.scopes:
        if scope.instance is None or scope.outer is None:
            continue
        for name, given in scope.instance.inputs.items():
            for made in piece.of_value(given.value, scope.outer):
                yield Handed(scope=scope, name=name, piece=made)
