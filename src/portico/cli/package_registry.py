"""`portico package publish`, `list`, `show` and `diff`: what is in a registry, and what comes into it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from semantic_version import NpmSpec

from portico.cli.console import Stop
from portico.cli.package_journeys import ensure_passing
from portico.cli.package_options import (
    VARIABLE,
    Format,
    FromRegistry,
    dump,
    is_json,
    number,
    problems_told,
    reader,
    registry,
    tell,
    tell_change,
    usual_registry,
)
from portico.definition.diagnostics import clean
from portico.definition.versions import version as parsed
from portico.model.package import FunctionContract, ModuleContract, PackageContract
from portico.packages.comparison import Level, bump_of, compare, demanded, level_of
from portico.packages.contract_json import of_changes, of_package
from portico.packages.needs import FILE_NAME, head
from portico.packages.publication import Publication, prepare
from portico.packages.publication import publish as put
from portico.packages.reader import needed
from portico.packages.registry import Registry

EXAMPLES: Mapping[str, str] = {
    "publish": "Example:\n\n`portico package publish packages/login --to registry`",
    "list": "Example:\n\n`portico package list --from registry`",
    "show": "Examples:\n\n`portico package show login`\n\n`portico package show login@1.0.0 --format json`",
    "diff": "Examples:\n\n`portico package diff login@1.0.0 login@2.0.0`\n\n"
    "`portico package diff login packages/login`",
}

#: A package: its folder, or its name in a registry.
_WHICH = "NAME or NAME@VERSION in the registry, or the folder of a package."


def publish(
    package: Annotated[Path, typer.Argument(help="Folder of the package.", show_default=False)],
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            help=f"The registry, a folder.  [default: {VARIABLE}]",
            show_default=False,
            metavar="REGISTRY",
        ),
    ] = None,
) -> None:
    """Check a package, compare it with what is published, take its journeys, and put it into a registry.

    A version that promises more compatibility than there is, is refused, and so is one whose journeys fail.
    What is published never changes.
    """
    if to is None and usual_registry() is None:
        raise Stop(message=f"No registry is named: --to REGISTRY, or {VARIABLE} in the environment.")
    shelf = registry(to)
    with problems_told():
        found = prepare(package, shelf, reader())
    _tell_comparison(found)
    if not found.is_there and found.shortfall is None:
        ensure_passing(package)
    name = f"{found.contract.name} {found.version}"
    if put(found, shelf):
        tell(("published: ", "green"), f"{name} in {shelf.folder}")
    else:
        tell(f"{name} is in {shelf.folder} already, with the same content.")


def list_(source: FromRegistry = None, form: Format = "text") -> None:
    """List the packages of a registry, with their versions."""
    shelf = registry(source)
    tools = is_json(form)
    found = {name: [str(version) for version in shelf.versions(name)] for name in shelf.names()}
    if tools:
        dump(found)
        return
    for name, versions in found.items():
        tell((name, "bold"), f"  {', '.join(versions)}")
    if not found:
        tell(f"Nothing is published in {shelf.folder} yet.")


def show(
    package: Annotated[str, typer.Argument(help=_WHICH, show_default=False)],
    source: FromRegistry = None,
    form: Format = "text",
) -> None:
    """Show what a package promises: its modules, what they take, give and do."""
    tools = is_json(form)
    found = _contract(package, source)
    if tools:
        dump(of_package(found))
    else:
        _tell(found)


def diff(
    old: Annotated[str, typer.Argument(help=_WHICH, show_default=False)],
    new: Annotated[str, typer.Argument(help=_WHICH, show_default=False)],
    source: FromRegistry = None,
    form: Format = "text",
) -> None:
    """Show what differs between two versions of a package, and the least bump that this asks for."""
    tools = is_json(form)
    before, after = _contract(old, source), _contract(new, source)
    changes = compare(before, after)
    if tools:
        dump(
            {
                "old": _named(before),
                "new": _named(after),
                "least": level_of(changes),
                "changes": of_changes(changes),
            }
        )
        return
    for change in changes:
        tell_change(change, "")
    if not changes:
        tell(f"{_called(before)} and {_called(after)} promise the same.")
    tell(f"Asked for is a {_asked(before, level_of(changes))} bump of {before.version}.")


#: By name, in the order of the help.
COMMANDS: Mapping[str, Callable[..., Any]] = {"publish": publish, "list": list_, "show": show, "diff": diff}


def _tell_comparison(found: Publication) -> None:
    """Which version is asked for, and why."""
    comparison = found.comparison
    if comparison is None:
        if not found.is_there:
            tell(f"{found.contract.name} is new here: nothing to compare it with.")
        return
    tell(f"Compared with {found.contract.name} {comparison.base}:")
    for change in comparison.changes:
        tell_change(change)
    if not comparison.changes:
        tell("  it promises the same")
    if comparison.least is None:
        tell(f"Between prereleases any bump will do; {found.version} it is.")
    else:
        bump = bump_of(comparison.base, found.version)
        breaking = comparison.base.major == 0 and level_of(comparison.changes) == "major"
        early = " (before 1.0.0 a minor bump may break)" if breaking else ""
        tell(f"Asked for is a {comparison.least} bump{early}; {found.version} is a {bump} one.")


def _contract(which: str, source: Path | None) -> PackageContract:
    """What a package promises, from its folder or from a registry."""
    name, at, wanted = which.partition("@")
    folder = Path(which)
    with problems_told():
        if "/" in which or (folder / FILE_NAME).is_file():
            named = source or usual_registry()
            others = needed(head(folder), which, Registry(named) if named is not None else None)
            return reader().contract(folder, others)
        shelf = registry(source)
        version = number(wanted) if at else _newest(shelf, name)
        return reader().published(shelf.get(name, version))


def _newest(shelf: Registry, name: str) -> Any:
    """The newest release, else the newest prerelease."""
    versions = shelf.versions(name)
    if versions and all(version.prerelease for version in versions):
        return versions[-1]
    return shelf.newest(name, NpmSpec("*"))


def _asked(old: PackageContract, level: Level) -> Level:
    version = parsed(old.version)
    return level if version is None else demanded(version, level)


def _named(package: PackageContract) -> dict[str, str]:
    return {"name": package.name, "version": package.version}


def _called(package: PackageContract) -> str:
    return f"{package.name} {package.version}"


def _tell(package: PackageContract) -> None:
    tell((_called(package), "bold"), _after(package.description))
    for name, within in sorted(package.packages.items()):
        tell(f"  needs the package {name}, {within}")
    for name in sorted(package.datasources):
        tell(f"  brings the datasource {name}")
    for name in sorted(package.modules):
        _tell_module(package.modules[name])


def _tell_module(module: ModuleContract) -> None:
    tell("\n", (module.name, "bold"), f", a {module.kind} module", _after(module.description))
    for name, taken in module.inputs.items():
        needed = ", every instance gives it" if taken.required else ""
        tell(f"  input {name}: {taken.type}{needed}{_after(taken.description)}")
    for name, given in module.outputs.items():
        tell(f"  output {name}: {given.type}{_after(given.description)}")
    for name, function in module.functions.items():
        tell(f"  {_signature(name, function)}{_after(function.description)}")
    for words, names in (
        ("writes the store keys", module.stores),
        ("goes to the pages", module.navigates),
        ("calls the datasources", module.datasources),
        ("needs the secrets", module.secrets),
    ):
        if names:
            tell(f"  {words} {', '.join(sorted(names))}")


def _signature(name: str, function: FunctionContract) -> str:
    return f"function {name}({', '.join(function.parameters)})"


def _after(description: str) -> str:
    return f" – {clean(description)}" if description else ""
