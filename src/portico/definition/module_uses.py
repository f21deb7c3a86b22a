"""Which modules an app uses, where, and what it uses of each."""

from dataclasses import dataclass

from portico.definition.draft import AppDraft
from portico.definition.scopes import World, world
from portico.model.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class ModuleUse:
    """An instance that the app itself has, on a page or, where `page` is "", on all of them.

    `inputs` are those that it is given, `outputs` and `functions` those that code of the app names; of an
    instance of the app's they are gathered from all pages.
    """

    page: str
    instance: str
    package: str
    module: str
    place: Place
    inputs: frozenset[str]
    outputs: frozenset[str]
    functions: frozenset[str]


def module_uses(app: AppDraft) -> tuple[ModuleUse, ...]:
    """The instances of a sound app, page by page."""
    if not app.packages:
        return ()
    found: dict[tuple[str, str], ModuleUse] = {}
    for page in app.pages.values():
        entities = app.entities.merged(page.entities)
        shared = {instance.name for instance in app.entities.instances}
        for use in _of(page.name, world(app, entities, page.widgets)):
            key = ("" if use.instance in shared else page.name, use.instance)
            known = found.get(key)
            found[key] = ModuleUse(
                page=key[0],
                instance=use.instance,
                package=use.package,
                module=use.module,
                place=use.place,
                inputs=use.inputs,
                outputs=use.outputs | (known.outputs if known is not None else frozenset()),
                functions=use.functions | (known.functions if known is not None else frozenset()),
            )
    return tuple(found.values())


def _of(page: str, written: World) -> list[ModuleUse]:
    """The instances that stand on the page itself."""
    uses = []
    read: dict[str, set[str]] = {}
    for located in written.code():
        for owner, members in located.steps() if located.scope.path == "" else ():
            read.setdefault(owner, set()).update(members[:2])
    for path, scope in written.instances.items():
        if scope.module is None or scope.instance is None or scope.outer is None or scope.outer.path:
            continue
        names = read.get(path, set())
        contract = scope.module.contract
        uses.append(
            ModuleUse(
                page=page,
                instance=path,
                package=scope.module.package,
                module=contract.name,
                place=scope.instance.place,
                inputs=frozenset(scope.instance.inputs),
                outputs=frozenset(names & contract.outputs.keys()),
                functions=frozenset(names & contract.functions.keys()),
            )
        )
    return uses
