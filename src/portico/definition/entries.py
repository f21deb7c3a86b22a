"""The entities of a program, as its definition lists them (`docs/design/program.md`)."""

from typing import Any

from portico.definition.chunks import Chunks
from portico.definition.draft import QueryDraft, ScriptDraft, WidgetDraft
from portico.definition.liveness import type_of
from portico.definition.scopes import Scope, World
from portico.definition.value import Body, Pairs


def definition(slug: str, page: str, chunks: Chunks, world: World) -> dict[str, Any]:
    """A definition without evaluations."""
    types = {found.name: found for found in (type_of(widget) for _, widget in world.widgets)}
    return {
        "app": slug,
        "page": page,
        "chunks": [],
        "types": {name: chunks.widget_type(found) for name, found in types.items()},
        "modules": [_instance(chunks, scope, world) for scope in world.scopes if scope.path],
        "widgets": [_widget(chunks, widget) for _, widget in world.widgets],
        "queries": [_query(chunks, found) for scope in world.scopes for found in scope.queries],
        "scripts": [_script(chunks, found) for scope in world.scopes for found in scope.scripts],
        "evaluations": {},
    }


def names(world: World) -> frozenset[str]:
    """The names that code of any scope may take."""
    rows = {widget.name for _, widget in world.widgets}
    return frozenset(rows.union(*(scope.ids for scope in world.scopes)))


def _instance(chunks: Chunks, scope: Scope, world: World) -> dict[str, Any]:
    module, instance = scope.module, scope.instance
    if module is None or instance is None:
        raise ValueError(f"{scope.path} is no instance")
    path, contract = scope.path, module.contract
    inputs: dict[str, Any] = {}
    for name in contract.inputs:
        if name in instance.inputs:
            inputs[name] = {"given": chunks.value(instance.inputs[name].value, path, name)}
        elif name in module.defaults:
            inputs[name] = {"default": chunks.value(module.defaults[name], path, name)}
        else:
            inputs[name] = {}
    script = world.scripts.get(scope.main or "")
    functions = {
        name: {"names": list(found.names), "one": found.one}
        for name, found in (script[1].functions if script is not None else {}).items()
        if name in contract.functions
    }
    return {
        "path": path,
        "name": instance.name,
        "kind": contract.kind,
        "inputs": inputs,
        "outputs": {name: chunks.value(found.value, path, name) for name, found in module.outputs.items()},
        "main": scope.main,
        "functions": functions,
    }


def _widget(chunks: Chunks, widget: WidgetDraft) -> dict[str, Any]:
    return {
        "path": widget.path,
        "name": widget.name,
        "type": type_of(widget).name,
        "parent": widget.parent,
        "slot": widget.slot,
        "props": {name: chunks.value(value, widget.path, name) for name, value in widget.properties.items()},
        "events": {
            # What an event of a record is called with is the row that it happens in.
            name: [chunks.action(event, widget.path, name, given=type_of(widget).names_of(name))]
            for name, event in widget.events.items()
        },
    }


def _script(chunks: Chunks, draft: ScriptDraft) -> dict[str, Any]:
    asked = {name: found.confirm for name, found in draft.behaviours.items() if found.confirm is not None}
    return {"path": draft.name, "name": _local(draft.name), "chunk": chunks.script(draft), "confirm": asked}


def _query(chunks: Chunks, draft: QueryDraft) -> dict[str, Any]:
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
        "name": _local(name),
        "request": request,
        "confirm": settings.confirm,
        "automatic": settings.run == "automatic",
    }


def _body(chunks: Chunks, body: Body, name: str) -> Any:
    if isinstance(body, Pairs):
        return [[key, chunks.value(value, name, f"body.{key}")] for key, value in body.members]
    return chunks.value(body, name, "body")


def _local(path: str) -> str:
    """What an entity is called where it stands."""
    return path.rpartition(".")[2]
