"""Modules against their contracts: what they use, they declare."""

from collections.abc import Iterable, Iterator, Mapping

from portico.definition.code_check import CodeCheck, Names, names_of, places
from portico.definition.diagnostics import Problems
from portico.definition.draft import InstanceDraft, ModuleDraft, PackageDraft
from portico.definition.module_lookup import ModuleLookup, check_needs
from portico.definition.names import is_page_like, suggestion
from portico.definition.scope import Reading
from portico.definition.source import Scalar
from portico.definition.text import Text
from portico.model.package import ANYTHING
from portico.model.place import Place

#: What code inside a module finds its inputs in.
INPUTS = "inputs"
#: Functions that write the store under the key that they are given first, and the one that writes all of it.
_WRITING = ("storeValue", "removeValue")
_CLEARING = "clearStore"
_CLEARED = "it clears the store"
#: How many modules can stand in each other.
DEPTH_LIMIT = 20


def check_package(
    package: PackageDraft, known: Mapping[str, PackageDraft | None], problems: Problems
) -> None:
    """Report everything in a package that does not fit together. `known` are all packages at hand."""
    check_needs(package, known, problems)
    visible = {name: found for name, found in known.items() if name in (package.name, *package.needs)}
    for module in package.modules.values():
        if module is not None:
            _ModuleCheck(package, module, ModuleLookup(visible), problems).check()


def check_circles(known: Mapping[str, PackageDraft | None], problems: Problems) -> bool:
    """Report modules that use themselves, through others or at once. Returns whether there are none."""
    lookup = ModuleLookup(known)
    heights: dict[str, int] = {}
    before = problems.count
    for package in known.values():
        for module in package.modules.values() if package is not None else ():
            if module is not None:
                _height(module, lookup, [], heights, problems)
    return problems.count == before


def instances_of(module: ModuleDraft) -> Iterator[InstanceDraft]:
    """The modules that a module uses."""
    yield from module.entities.instances
    yield from (widget.instance for widget in module.widgets if widget.instance is not None)


def _height(
    module: ModuleDraft,
    lookup: ModuleLookup,
    above: list[str],
    heights: dict[str, int],
    problems: Problems,
) -> int:
    """How many modules stand in each other there, this one included; circles are reported and do not
    count, what is too high is reported where it becomes so."""
    if module.title in heights:
        return heights[module.title]
    way = [*above, module.title]
    height = 1
    for instance in instances_of(module):
        inner = lookup.find(instance, module.package)
        if inner is None:
            continue
        if inner.title in way:
            circle = [*way[way.index(inner.title) :], inner.title]
            _report("modules use each other in a circle", instance, circle, problems)
            continue
        # Not as deep as the author likes: what is further down is looked at by itself.
        below = DEPTH_LIMIT
        if len(way) <= DEPTH_LIMIT:
            below = _height(inner, lookup, way, heights, problems)
        if below == DEPTH_LIMIT:
            message = f"modules stand more than {DEPTH_LIMIT} deep in each other"
            _report(message, instance, [module.title, inner.title, "…"], problems)
        height = max(height, below + 1)
    heights[module.title] = height
    return height


def _report(message: str, instance: InstanceDraft, way: list[str], problems: Problems) -> None:
    problems.add("E708", instance.place, message, received=" → ".join(way), remedy="leave out one of them")


class _ModuleCheck:
    def __init__(
        self, package: PackageDraft, module: ModuleDraft, lookup: ModuleLookup, problems: Problems
    ) -> None:
        self._package = package
        self._module = module
        self._contract = module.contract
        self._lookup = lookup
        self._problems = problems
        self._code = CodeCheck(
            problems, goes=self._goes, calls=self._calls, reads=self._reads, refers=self._refers
        )

    def check(self) -> None:
        module = self._module
        used = {
            instance.name: self._used(instance, widget=widget)
            for widget, instance in (
                *((False, found) for found in module.entities.instances),
                *((True, found.instance) for found in module.widgets if found.instance is not None),
            )
        }
        placed = [(widget.name, widget.place) for widget in module.widgets] + places(module.entities)
        self._code.doubled(placed)
        for name, place in placed:
            if name == INPUTS:
                self._problems.add(
                    "E402",
                    place,
                    "in a module this is the name of its inputs",
                    received=name,
                    remedy="rename it",
                )
        scope = names_of(module.widgets, [module.entities], used, more=frozenset({INPUTS}))
        self._code.entities(module.entities, scope)
        self._code.widgets(module.widgets, scope)
        self._values(scope)
        for name in self._contract.datasources:
            missing = self._package.secrets.get(name, frozenset()) - self._contract.secrets
            for secret in sorted(missing):
                self._undeclared("secrets", secret, module.place, f"its datasource `{name}` needs the secret")

    def _values(self, scope: Names) -> None:
        for output in self._module.outputs.values():
            self._code.value(output.value, scope)
        for value in self._module.defaults.values():
            self._code.value(value, scope)

    def _used(self, instance: InstanceDraft, *, widget: bool) -> ModuleDraft | None:
        """A module inside, whose effects are those of the one around it."""
        inner = self._lookup.check(instance, self._package.name, self._problems, widget=widget)
        if inner is None:
            return None
        for key, theirs in (("stores", inner.contract.stores), ("navigates", inner.contract.navigates)):
            for name in sorted(theirs):
                if not self._declares(key, name):
                    self._undeclared(key, name, instance.place, f"{inner.title}, which it uses, declares")
        return inner

    def _goes(self, name: str, place: Place) -> None:
        if (name == ANYTHING or is_page_like(name)) and not self._declares("navigates", name):
            why = "where it goes is computed" if name == ANYTHING else "it goes to the page"
            self._undeclared("navigates", name, place, why)

    def _calls(self, word: Scalar) -> None:
        if word.text.value not in self._contract.datasources:
            self._undeclared("datasources", word.text.value, word.place, "its query calls the datasource")

    def _refers(self, kind: str, name: str, place: Place) -> None:
        if kind == "key" and not self._declares("stores", name):
            why = _CLEARED if name == ANYTHING else "it writes the store key"
            self._undeclared("stores", name, place, why)

    def _reads(self, text: Text, start: int, reading: Reading) -> None:
        for call in reading.calls:
            if call.name in _WRITING and not self._declares("stores", call.argument):
                place = text.place(start + call.offset)
                self._undeclared("stores", call.argument, place, "it writes the store key")
        computed = [use for name in (*_WRITING, _CLEARING) for use in reading.unwritten(name)]
        for key, uses in (("stores", computed), ("navigates", reading.unwritten("navigateTo"))):
            for use in uses:
                if not self._declares(key, ANYTHING):
                    place = text.place(start + use.offset)
                    why = _CLEARED if use.name == _CLEARING else f"what it gives `{use.name}` is computed"
                    self._undeclared(key, ANYTHING, place, why)
        self._inputs(text, start, reading)

    def _inputs(self, text: Text, start: int, reading: Reading) -> None:
        for use in reading.uses:
            if use.name == INPUTS and use.path and use.path[0] not in self._contract.inputs:
                self._problems.add(
                    "E710",
                    text.place(start + use.offset),
                    f"the module declares no input `{use.path[0]}`",
                    received=f"inputs.{use.path[0]}",
                    remedy=suggestion(use.path[0], self._contract.inputs, none="write it below `inputs`"),
                )

    def _declares(self, key: str, name: str) -> bool:
        declared = self._contract.stores if key == "stores" else self._contract.navigates
        return name in declared or ANYTHING in declared

    def _undeclared(self, key: str, name: str, place: Place, why: str) -> None:
        shown = f" `{name}`" if name != ANYTHING else ""
        written = f'"{name}"' if name == ANYTHING else name
        self._problems.add(
            "E710",
            place,
            f"the module {self._module.title} does not declare this below `{key}`: {why}{shown}",
            received=None if name == ANYTHING else name,
            remedy=f"add it to module.yaml: `{key}: [{_listed(self._declared(key), written)}]`",
        )

    def _declared(self, key: str) -> Iterable[str]:
        contract = self._contract
        return {
            "stores": contract.stores,
            "navigates": contract.navigates,
            "datasources": contract.datasources,
            "secrets": contract.secrets,
        }[key]


def _listed(names: Iterable[str], name: str) -> str:
    return ", ".join([*sorted(names), name])
