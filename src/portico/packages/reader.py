"""Reading packages and apps with one set of widget types, settings and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portico.definition.diagnostics import Diagnostic
from portico.definition.load import Loaded, load
from portico.definition.packages import LoadedPackage, load_package
from portico.definition.secrets import Secrets
from portico.errors import PackageNotFound, PorticoError
from portico.model.package import PackageContract
from portico.model.widget import WidgetType
from portico.packages.needs import Head, head
from portico.packages.registry import Published, Registry
from portico.packages.resolution import Sources, Want, resolve


class ProblemsFound(PorticoError):
    """A package has errors, so it is none that can be used."""

    code = "package_problems"
    default_message = "The package has errors."

    def __init__(self, message: str, problems: tuple[Diagnostic, ...]) -> None:
        super().__init__(message=message)
        self.problems = problems


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """With what packages and apps are read."""

    types: Mapping[str, WidgetType]
    settings: Mapping[str, str]
    secrets: Secrets

    def package(self, folder: Path, packages: Mapping[str, Path]) -> LoadedPackage:
        """A package with those that it needs, by their folders."""
        return load_package(
            folder, types=self.types, settings=self.settings, secrets=self.secrets, packages=packages
        )

    def contract(self, folder: Path, packages: Mapping[str, Path]) -> PackageContract:
        """What a package promises. Raises ProblemsFound for one with errors."""
        loaded = self.package(folder, packages)
        if loaded.contract is None:
            raise ProblemsFound(f"{folder} has errors.", loaded.problems)
        return loaded.contract

    def published(self, package: Published) -> PackageContract:
        """What a published package promises."""
        by = f"{package.name} {package.version}"
        return self.contract(package.folder, needed(head(package.folder), by, package.registry))

    def app(
        self,
        folder: Path,
        planned: Mapping[str, str] | None = None,
        packages: Mapping[str, Path] | None = None,
    ) -> Loaded:
        """An app, as if files and packages were there that are not yet."""
        return load(
            folder,
            types=self.types,
            settings=self.settings,
            secrets=self.secrets,
            planned=planned,
            packages=packages,
        )


def needed(package: Head, by: str, registry: Registry | None) -> dict[str, Path]:
    """The folders of the packages that a package needs, and of those that they need, by name.

    Raises PackageNotFound if one is not in the registry, or if there is no registry and it needs some.
    """
    if not package.packages:
        return {}
    if registry is None:
        raise PackageNotFound(
            message=f"{by} needs other packages ({', '.join(sorted(package.packages))}), and no registry is "
            "named: --from REGISTRY, or PORTICO_REGISTRY in the environment."
        )
    wants = [Want(name=name, within=within, by=by) for name, within in package.packages.items()]
    chosen = resolve(wants, Sources(registries=dict.fromkeys(package.packages, registry)))
    return {name: found.folder for name, found in chosen.items()}
