"""Instances against the modules that there are."""

from collections.abc import Mapping

from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, Entities, InstanceDraft, ModuleDraft, PackageDraft
from portico.definition.modules import check_type
from portico.definition.names import nearest, suggestion
from portico.definition.versions import version, versions_range


class ModuleLookup:
    """Finds the modules that instances name. `packages` are those of the app, or those at hand."""

    def __init__(self, packages: Mapping[str, PackageDraft | None]) -> None:
        self._packages = packages

    def find(self, instance: InstanceDraft, home: str | None) -> ModuleDraft | None:
        """The module; None if it is not known. `home` is the package that the instance stands in."""
        if instance.reference is None:
            return None
        package, name = _split(instance.reference.text.value, home)
        found = self._packages.get(package or "")
        return None if found is None else found.modules.get(name)

    def check(
        self, instance: InstanceDraft, home: str | None, problems: Problems, *, widget: bool
    ) -> ModuleDraft | None:
        """The module, if it is known and of a kind that goes there; what is wrong is reported."""
        if instance.reference is None:
            return None
        word = instance.reference
        package, name = _split(word.text.value, home)
        if package is None or package not in self._packages:
            problems.add(
                "E705",
                word.place,
                f"there is no package `{package}` here" if package else "a module is named `package/Module`",
                received=word.text.value,
                remedy=self._missing(package, home),
            )
            return None
        found = self._packages[package]
        if found is None:
            return None
        if name not in found.modules:
            problems.add(
                "E705",
                word.place,
                f"the package `{package}` has no module `{name}`",
                received=word.text.value,
                remedy=suggestion(name, found.modules, none="it has none"),
            )
            return None
        module = found.modules[name]
        if module is None:
            return None
        # What code reads of one at the wrong place is not judged: it is meant for another.
        return module if _Instance(instance, module, problems).check(widget=widget) else None

    def _missing(self, package: str | None, home: str | None) -> str:
        """What to do about a package that is not at hand."""
        if package is None:
            return "write the name of its package before it, and a slash"
        near = nearest(package, self._packages)
        if near is not None:
            return f"did you mean `{near}`?"
        listed = "package.yaml, and of app.yaml" if home is not None else "app.yaml"
        return f"list the package below `packages` of {listed}"


class _Instance:
    def __init__(self, instance: InstanceDraft, module: ModuleDraft, problems: Problems) -> None:
        self._instance = instance
        self._module = module
        self._problems = problems

    def check(self, *, widget: bool) -> bool:
        """Whether the module is of a kind that goes there."""
        kind = self._module.contract.kind
        fits = widget == (kind == "ui")
        if not fits:
            where = "below `modules`" if widget else "among `widgets`"
            self._problems.add(
                "E706",
                self._instance.place,
                f"{self._module.title} is a {kind} module, and those are used {where}",
                remedy="move it there",
            )
        self._settings(kind)
        self._inputs()
        return fits

    def _settings(self, kind: str) -> None:
        owners = {"run": "query", "confirm": "query", "functions": "script"}
        for key, place in self._instance.settings.items():
            if owners[key] != kind:
                self._problems.add(
                    "E706",
                    place,
                    f"`{key}` is for {owners[key]} modules, and {self._module.title} is a {kind} module",
                    remedy="remove it",
                )
        functions = self._module.contract.functions
        for name in self._instance.functions:
            if kind == "script" and name not in functions:
                self._problems.add(
                    "E408",
                    self._instance.settings["functions"],
                    f"{self._module.title} has no function `{name}`",
                    received=name,
                    remedy=suggestion(name, functions, none="it has none"),
                )

    def _inputs(self) -> None:
        inputs = self._module.contract.inputs
        for name, given in self._instance.inputs.items():
            if name not in inputs:
                self._problems.add(
                    "E707",
                    given.place,
                    f"{self._module.title} has no input `{name}`",
                    received=name,
                    remedy=suggestion(name, inputs, none="it has none"),
                )
            else:
                check_type(
                    f"the input `{name}` of {self._module.title}",
                    inputs[name].type,
                    given.value,
                    given.place,
                    self._problems,
                )
        # What a query or a function needs may come with the call.
        for name, found in inputs.items():
            if found.required and name not in self._instance.inputs and self._module.contract.kind == "ui":
                self._problems.add(
                    "E707",
                    self._instance.place,
                    f"{self._module.title} needs the input `{name}`",
                    remedy=f"write `inputs: {{{name}: …}}`"
                    + (f" ({found.description})" if found.description else ""),
                )


def query_instances(app: AppDraft, entities: Entities) -> dict[str, ModuleDraft | None]:
    """The instances of query modules that stand there, by name; None for one whose module is not known."""
    lookup = ModuleLookup(app.packages)
    found = {instance.name: lookup.find(instance, None) for instance in entities.instances}
    return {
        name: module for name, module in found.items() if module is None or module.contract.kind == "query"
    }


def query_id(app: AppDraft, name: str) -> str:
    """The id of the query that a name stands for: a query, or the one that a query module is about."""
    for entities in (app.entities, *(page.entities for page in app.pages.values())):
        module = query_instances(app, entities).get(name)
        if module is not None and module.main is not None:
            return f"{name}.{module.main}"
    return name


def check_needs(package: PackageDraft, known: Mapping[str, PackageDraft | None], problems: Problems) -> None:
    """Report packages that a package needs and that are not at hand in a version that will do."""
    for name, word in package.needs.items():
        if name not in known:
            problems.add(
                "E705",
                word.place,
                f"the package `{package.name}` needs `{name}`",
                received=word.text.value,
                remedy=f"list `{name}` below `packages` of app.yaml too",
            )
            continue
        other = known[name]
        wanted, number = versions_range(word.text.value), version(other.version) if other else None
        if other is not None and wanted is not None and number is not None and not wanted.match(number):
            problems.add(
                "E703",
                word.place,
                f"the package `{package.name}` needs another version of `{name}` than {other.version}",
                received=word.text.value,
                remedy="use versions that go with each other",
            )


def _split(reference: str, home: str | None) -> tuple[str | None, str]:
    package, slash, name = reference.partition("/")
    return (package, name) if slash else (home, reference)
