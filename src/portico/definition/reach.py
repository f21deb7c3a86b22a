"""What bindings depend on, through the script objects and module instances that they use."""

from collections.abc import Iterable, Iterator

from portico.definition import javascript
from portico.definition.draft import ScriptDraft
from portico.definition.javascript import Code
from portico.definition.module_check import INPUTS
from portico.definition.modules import MEMBERS
from portico.definition.scope import reading
from portico.definition.scopes import Located, Scope, World
from portico.model.widget import WidgetType

#: An id and the first member read of it; the member is "" where the whole is taken.
Reached = frozenset[tuple[str, str]]


def reached(readings: Iterable[Located], world: World, *, computed: bool = False) -> Reached:
    """Everything that `readings` read, and what the members of scripts, the outputs and the inputs that
    they use read in turn.

    `computed`: only what they are computed again for; properties of widgets count then too, and what a
    function read that gave its `data` does not.
    """
    found: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [step for located in readings for step in located.steps()]
    while waiting:
        step = waiting.pop()
        if step in found:
            continue
        found.add(step)
        name, path = step
        waiting += _aliases(name, path, world)
        if computed and _is_kept(name, path, world):
            continue
        opened = [*_opened(name, path, world), *(_properties(name, path, world) if computed else ())]
        waiting += [inner for located in opened for inner in located.steps()]
    return frozenset((name, path[0] if path else "") for name, path in found)


def _aliases(name: str, path: tuple[str, ...], world: World) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The entity in a module that a member of its instance is one of."""
    scope = world.instances.get(name)
    if scope is None or scope.module is None or scope.main is None:
        return
    contract = scope.module.contract
    if not path or path[0] in MEMBERS[contract.kind] or path[0] in contract.functions:
        yield scope.main, path


def _opened(name: str, path: tuple[str, ...], world: World) -> Iterator[Located]:
    """The code behind a member of a script, an output or an input."""
    if name in world.scripts:
        scope, script = world.scripts[name]
        yield from members(scope, script, path[0] if path else "")
    elif name in world.instances:
        named = path[1:] if path[:1] == ("outputs",) else path
        yield from world.outputs(world.instances[name], named[0] if named else None)
    elif (owner := _owner(name, world)) is not None:
        yield from world.inputs(owner, path[0] if path else None)


def _is_kept(name: str, path: tuple[str, ...], world: World) -> bool:
    """Whether it is what the last call of a function gave."""
    _, script = world.scripts.get(name, (None, None))
    return script is not None and path[:1] != () and path[0] in script.functions and path[1:2] == ("data",)


def _properties(name: str, path: tuple[str, ...], world: World) -> Iterator[Located]:
    """The code behind a property of a widget, or behind those that its type computes it from."""
    scope, widget = world.by_id.get(name, (None, None))
    if scope is None or widget is None or widget.type is None or not path:
        return
    for member in _sources(widget.type, path[0]):
        yield from world.located(scope, widget.properties.get(member))


def _sources(kind: WidgetType, member: str) -> frozenset[str]:
    """The members that one is computed from, itself included."""
    found: set[str] = set()
    waiting = [member]
    while waiting:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        code = javascript.expression(kind.derived.get(current, "null"))
        uses = reading(code).uses if isinstance(code, Code) else ()
        waiting += [use.path[0] for use in uses if use.name == "self" and use.path]
    return frozenset(found)


def _owner(name: str, world: World) -> Scope | None:
    """The instance whose inputs an id stands for."""
    return world.instances.get(name.removesuffix(f".{INPUTS}")) if name.endswith(f".{INPUTS}") else None


def members(scope: Scope, script: ScriptDraft, member: str) -> Iterator[Located]:
    """What a member reads, with the helpers of its file; all of the script where it is not one member."""
    own = [script.members[member]] if member in script.members else list(script.members.values())
    for found in (*own, script.helpers):
        yield Located(scope=scope, reading=found, script=script.name)
