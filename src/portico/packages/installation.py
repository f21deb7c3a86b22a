"""Packages that come into an app: chosen, staged, checked with it, and put in place all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from semantic_version import NpmSpec, Version

from portico.definition import lock
from portico.definition.diagnostics import Diagnostic
from portico.definition.load import Loaded
from portico.definition.lock import Locked
from portico.errors import InstallationRefused
from portico.model.place import Place
from portico.packages.change import Change, changing
from portico.packages.listing import MANIFEST, AppPackages, read
from portico.packages.manifest_text import Entry, with_packages
from portico.packages.needs import head
from portico.packages.own import FOLDER, own_registry
from portico.packages.reader import Reader
from portico.packages.registry import Published, Registry
from portico.packages.resolution import Sources, Want, resolve


@dataclass(frozen=True, kw_only=True, slots=True)
class Addition:
    """What was put into an app, or would have been without `problems`; nothing if it was there."""

    packages: tuple[Published, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A package that is wanted: without `within` in the range of app.yaml, else in the one in which the
    newest version stays compatible. `datasources` are those of the app that stand for its own."""

    name: str
    within: NpmSpec | None = None
    datasources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where packages come from: the registry that was `named` for this, and the one `otherwise`."""

    named: Path | None = None
    otherwise: Path | None = None

    def of(self, name: str, app: AppPackages) -> Registry:
        """The registry of a package: as named, as the app says, Portico's own, as is usual here.

        Raises InstallationRefused if nothing says one.
        """
        found = self.named or app.registry(name) or own_registry(name) or self.otherwise
        if found is None:
            raise InstallationRefused(
                message=f"Nothing says where {name} comes from: neither {MANIFEST} nor {lock.FILE_NAME} "
                "names a registry. Name one: --from REGISTRY, or PORTICO_REGISTRY in the environment."
            )
        return Registry(found)


class Plan:
    """Versions that are staged in an app, with app.yaml and portico.lock as they are to be."""

    def __init__(
        self,
        app: AppPackages,
        packages: Mapping[str, Published],
        entries: Mapping[str, Entry],
        change: Change,
    ) -> None:
        self._app = app
        self._change = change
        # The order in which they are put in place: app.yaml asks for nothing that is not there.
        self._folders = {name: change.staged(f"packages/{name}") for name in packages}
        for name, package in packages.items():
            package.registry.copy(package, self._folders[name])
        manifest = with_packages(app.manifest, entries)
        kept = {name: it for name, it in app.locked.items() if name in app.listed}
        pinned = lock.text({**kept, **{name: self._locked(package) for name, package in packages.items()}})
        self._planned = {lock.FILE_NAME: pinned, MANIFEST: manifest}
        change.file(lock.FILE_NAME, pinned)
        if manifest != app.manifest:
            change.file(MANIFEST, manifest)

    def load(self, reader: Reader) -> Loaded:
        """The app as it would be."""
        return reader.app(self._app.root, self._planned, self._folders)

    def commit(self) -> None:
        """Put everything in place."""
        self._change.commit()

    def _locked(self, package: Published) -> Locked:
        return Locked(
            version=str(package.version),
            hash=package.hash,
            registry=None
            if package.registry.folder == FOLDER
            else self._app.address(package.registry.folder),
            place=Place(lock.FILE_NAME, 1, 1),
        )


def add(root: Path, request: Request, origin: Origin, reader: Reader) -> Addition:
    """Put a package, and what it needs, into an app; one whose copy is damaged, back as it is pinned.

    What would give the app an error that it does not have is not put in.
    """
    with changing(root) as change:
        app = read(root)
        if _is_there(app, request):
            return Addition()
        name, registry = request.name, origin.of(request.name, app)
        wanted = _wanted(app, request, registry)
        chosen = resolve(
            [Want(name=name, within=wanted, by="the app")], sources(app, {name: registry}, origin)
        )
        unchanged(app, chosen)
        own = Entry(within=wanted.expression, datasources=request.datasources)
        plan = Plan(app, chosen, new_entries(app, chosen, {name: own}, origin), change)
        problems = _added(reader.app(root), plan.load(reader))
        if not problems:
            plan.commit()
        return Addition(packages=tuple(chosen.values()), problems=problems)


def sources(app: AppPackages, registries: Mapping[str, Registry], origin: Origin) -> Sources:
    """Where to choose from for packages of an app, whose other packages stay as they are."""
    others = [listing for name, listing in app.listed.items() if name not in registries]
    fixed = {it.name: app.version(it.name) for it in others if it.path is not None or app.is_whole(it.name)}
    limits = {
        it.name: Want(name=it.name, within=it.within, by=MANIFEST)
        for it in others
        if it.within is not None and it.name not in fixed
    }
    own = {name: Registry(origin.named or found) for name in limits if (found := app.registry(name))}
    return Sources(registries={**own, **registries}, fixed=fixed, limits=limits)


def unchanged(app: AppPackages, chosen: Mapping[str, Published]) -> None:
    """Raise InstallationRefused if a version that the app has is another content in its registry."""
    for name, package in chosen.items():
        if app.version(name) == package.version and app.locked[name].hash != package.hash:
            raise InstallationRefused(
                message=f"{name} {package.version} in {package.registry.folder} is not the one that "
                f"{lock.FILE_NAME} pins: it has another hash. Is it the right registry? The app is as it was."
            )


def new_entries(
    app: AppPackages, chosen: Mapping[str, Published], asked: Mapping[str, Entry], origin: Origin
) -> dict[str, Entry]:
    """What app.yaml has to list besides: packages as they were `asked` for, else as they are needed."""
    registry = None if origin.named is None else app.address(origin.named)
    found: dict[str, Entry] = {}
    for package in chosen.values():
        for name, within in head(package.folder).packages.items():
            found[name] = Entry(within=within.expression)
    return {
        name: replace(entry, registry=registry)
        for name, entry in {**found, **asked}.items()
        if name not in app.listed
    }


def compatible(version: Version) -> NpmSpec:
    """The range in which a version stays compatible."""
    found = f"^{version}" if version.prerelease else f"^{version.major}.{version.minor}"
    return NpmSpec(found)


def exactly(version: Version) -> NpmSpec:
    """The range of one version."""
    return NpmSpec(str(version))


def _is_there(app: AppPackages, request: Request) -> bool:
    """Whether nothing is to be done. Raises InstallationRefused if app.yaml says otherwise."""
    name, listing = request.name, app.listed.get(request.name)
    if listing is None:
        return False
    if listing.within is None:
        raise InstallationRefused(
            message=f"{app.root}/{MANIFEST} takes {name} from the files in {listing.path}, which are always "
            "as they are. For a published one remove that line first."
        )
    if request.within is not None and request.within.expression != listing.within.expression:
        raise InstallationRefused(
            message=f"{app.root}/{MANIFEST} lists {name} as {listing.within.expression} already. Change the "
            f"range there, or take a version with portico package upgrade {name} --to VERSION."
        )
    if request.datasources:
        raise InstallationRefused(
            message=f"{app.root}/{MANIFEST} lists {name} already. Write its datasources there, without "
            "--datasource."
        )
    version = app.version(name)
    return app.is_whole(name) and version is not None and version in listing.within


def _wanted(app: AppPackages, request: Request, registry: Registry) -> NpmSpec:
    """The range to choose from: one version where that is pinned and still allowed."""
    listing, pinned = app.listed.get(request.name), app.version(request.name)
    if listing is None or listing.within is None:
        return request.within or _usual(registry, request.name)
    return exactly(pinned) if pinned is not None and pinned in listing.within else listing.within


def _usual(registry: Registry, name: str) -> NpmSpec:
    return compatible(registry.newest(name, NpmSpec("*")))


def _added(before: Loaded, after: Loaded) -> tuple[Diagnostic, ...]:
    """The errors that are new; those of app.yaml may have moved by a line."""
    known = {_essence(problem) for problem in before.problems}
    return tuple(
        problem
        for problem in after.problems
        if problem.severity == "error" and _essence(problem) not in known
    )


def _essence(problem: Diagnostic) -> tuple[object, ...]:
    place = problem.place.file if problem.place.file == MANIFEST else problem.place
    return (problem.code, place, problem.message, problem.received)
