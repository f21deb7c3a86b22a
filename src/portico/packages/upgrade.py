"""Packages of an app brought to other versions: what differs for it, and whether it would still run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from semantic_version import NpmSpec, Version

from portico.definition.diagnostics import Diagnostic
from portico.definition.module_uses import ModuleUse
from portico.errors import InstallationRefused
from portico.packages.change import changing
from portico.packages.comparison import Change, compare
from portico.packages.installation import Origin, Plan, compatible, exactly, new_entries, sources, unchanged
from portico.packages.listing import MANIFEST, AppPackages, read
from portico.packages.manifest_text import Entry
from portico.packages.reader import Reader
from portico.packages.registry import Published, Registry
from portico.packages.resolution import Want, resolve


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """A difference of contracts, and the instances of the app that it concerns."""

    change: Change
    uses: tuple[ModuleUse, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A package at another version. `before` is None for one that is needed now and was not."""

    name: str
    before: Version | None
    after: Version
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgrade:
    """What became of an app. With `problems` it is as it was; `notes` are about packages that stay."""

    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def upgrade(root: Path, names: Sequence[str], to: Version | None, origin: Origin, reader: Reader) -> Upgrade:
    """Bring packages of an app to the newest versions in its ranges, or one of them to the version `to`.

    No `names` are all. Nothing is changed if the app would have an error with them.
    """
    with changing(root) as change:
        app = read(root)
        ranges = _ranges(app, names or sorted(app.listed))
        registries = {name: _registry(app, name, origin) for name in ranges}
        wants = [
            Want(name=name, within=within if to is None else exactly(to), by=MANIFEST)
            for name, within in ranges.items()
        ]
        chosen = resolve(wants, sources(app, registries, origin))
        unchanged(app, chosen)
        moved = {name: package for name, package in chosen.items() if app.version(name) != package.version}
        notes = (
            *(_followed(app, name) for name in names or sorted(app.listed) if name not in ranges),
            *(_newest(app, registries[name], name, ranges[name]) for name in ranges if name not in moved),
        )
        if not moved:
            return Upgrade(notes=notes)
        plan = Plan(app, moved, _entries(app, moved, to, origin), change)
        before, after = reader.app(root), plan.load(reader)
        # An app with errors tells no uses; it may have been made ready for what comes.
        uses = before.uses or after.uses
        steps = tuple(_step(app, package, uses, reader) for _, package in sorted(moved.items()))
        errors = tuple(problem for problem in after.problems if problem.severity == "error")
        problems = errors or tuple(_missed(steps))
        if not problems:
            plan.commit()
        return Upgrade(steps=steps, notes=notes, problems=problems)


def concerned(change: Change, package: str, uses: Sequence[ModuleUse]) -> tuple[ModuleUse, ...]:
    """The uses of a package that a change of its contract concerns."""
    return tuple(
        use
        for use in uses
        if use.package == package
        and change.module in ("", use.module)
        and (change.everyone or change.name in _used(change, use))
    )


def _used(change: Change, use: ModuleUse) -> frozenset[str]:
    match change.subject:
        case "input":
            return use.inputs
        case "output":
            return use.outputs
        case "function":
            return use.functions
        case _:
            return frozenset()


def _missed(steps: Sequence[Step]) -> Iterator[Diagnostic]:
    """What the app reads and is not there any more. Read as `Instance.name` that is nothing, and no error."""
    for step in steps:
        for change, uses in ((concern.change, concern.uses) for concern in step.concerns):
            for use in uses if change.gone else ():
                yield Diagnostic(
                    code="E705",
                    place=use.place,
                    message=f"{change.words} in {step.after}, and the app uses it",
                    received=f"{use.instance}.{change.name}",
                    remedy="change what uses it, then upgrade",
                )


def _step(app: AppPackages, package: Published, uses: Sequence[ModuleUse], reader: Reader) -> Step:
    name, before = package.name, app.version(package.name)
    if before is None:
        return Step(name=name, before=None, after=package.version)
    others = {other: folder for other, folder in app.folders().items() if other != name}
    changes = compare(reader.contract(app.folder(name), others), reader.published(package))
    concerns = tuple(Concern(change=it, uses=concerned(it, name, uses)) for it in changes)
    return Step(name=name, before=before, after=package.version, concerns=concerns)


def _entries(
    app: AppPackages, moved: Mapping[str, Published], to: Version | None, origin: Origin
) -> dict[str, Entry]:
    entries = new_entries(app, moved, {}, origin)
    for name in moved if to is not None else ():
        within = app.listed[name].within if name in app.listed else None
        if within is not None and moved[name].version not in within:
            entries[name] = Entry(within=compatible(moved[name].version).expression)
    return entries


def _ranges(app: AppPackages, names: Sequence[str]) -> dict[str, NpmSpec]:
    """The ranges of those that are not followed."""
    found = {name: app.listing(name).within for name in names}
    return {name: within for name, within in found.items() if within is not None}


def _followed(app: AppPackages, name: str) -> str:
    return f"{name} follows the files in {app.listing(name).path}, and is always as they are"


def _registry(app: AppPackages, name: str, origin: Origin) -> Registry:
    if not app.is_whole(name):
        raise InstallationRefused(
            message=f"{app.folder(name)} is missing, or is not what portico.lock pins. Put it back first: "
            f"portico package add {name} --app {app.root}"
        )
    return origin.of(name, app)


def _newest(app: AppPackages, registry: Registry, name: str, within: NpmSpec) -> str:
    version = app.version(name)
    beyond = [
        it for it in registry.versions(name) if version is not None and it > version and not it.prerelease
    ]
    more = f"; beyond that there is {beyond[-1]}" if beyond else ""
    return f"{name} {version} is the newest in {within.expression}{more}"
