"""Inputs that depend on themselves, through outputs; and how many instances there are on a page."""

from collections.abc import Iterable, Iterator, Mapping

from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, PackageDraft
from portico.definition.module_check import INPUTS
from portico.definition.reach import reached
from portico.definition.scopes import INSTANCE_LIMIT, Located, Scope, World, module_world, world
from portico.definition.value import snippets
from portico.model.place import Place


def check_loops(app: AppDraft, problems: Problems) -> None:
    """Report inputs that depend on themselves: on a page what stands there itself, what stands in a module
    once for all its instances."""
    if not app.packages:
        return
    for page in app.pages.values():
        found = world(app, app.entities.merged(page.entities), page.widgets)
        if len(found.instances) > INSTANCE_LIMIT:
            problems.add(
                "E714",
                page.place,
                f"the page has more than {INSTANCE_LIMIT} instances of modules",
                remedy="use fewer, or write some widgets out",
            )
        else:
            _check(found, "", problems)
    check_module_loops(app.packages, app.packages.values(), problems)


def check_module_loops(
    known: Mapping[str, PackageDraft | None], packages: Iterable[PackageDraft | None], problems: Problems
) -> None:
    """Report inputs inside modules of `packages` that depend on themselves, whatever an instance gives."""
    for package in packages:
        for module in package.modules.values() if package is not None else ():
            if module is not None:
                found = module_world(known, module)
                if len(found.instances) <= INSTANCE_LIMIT:
                    _check(found, module.contract.name, problems)


def _check(found: World, around: str, problems: Problems) -> None:
    """What is given in the scope `around`: what leads further out and back comes through its own inputs."""
    for path, scope in found.instances.items():
        for name, place, read in _inputs(scope, found, around):
            reads = reached(read, found, computed=True)
            if (f"{path}.{INPUTS}", name) not in reads:
                continue
            outputs = sorted(
                member for owner, member in reads if owner == path and member not in ("", "outputs")
            )
            through = f" through the output `{outputs[0]}`" if outputs else ""
            problems.add(
                "E709",
                place,
                f"the input `{name}` of `{scope.instance.name if scope.instance else path}` depends on "
                f"itself{through}",
                received=name,
                remedy="give it something that does not come out of the same instance",
            )


def _inputs(scope: Scope, found: World, around: str) -> Iterator[tuple[str, Place, tuple[Located, ...]]]:
    """The inputs that come from the scope `around`, with where they are written: what its instances are
    given, and the defaults of the module that it is of."""
    if scope.instance is None or scope.module is None or scope.outer is None:
        return
    for name in scope.module.contract.inputs:
        given = scope.instance.inputs.get(name)
        if given is not None and scope.outer.path == around:
            yield name, given.place, tuple(found.inputs(scope, name))
        elif given is None and scope.path == around:
            read = tuple(found.inputs(scope, name))
            for snippet in tuple(snippets(scope.module.defaults[name]))[:1] if read else ():
                yield name, snippet.source.place(snippet.start), read
