"""Publishing: what a package has to be like, and which version it has to have."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semantic_version import Version

from portico.definition.content import content_hash
from portico.definition.versions import version as parsed
from portico.errors import PublicationRefused
from portico.model.package import PackageContract
from portico.packages.comparison import LEVELS, Change, Level, bump_of, bumped, compare, demanded, level_of
from portico.packages.needs import head
from portico.packages.reader import Reader, needed
from portico.packages.registry import Registry


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A package beside a version that was published before.

    `least` is the bump that the changes ask for; None between prereleases, which promise nothing.
    `sufficient` is a version that would do.
    """

    base: Version
    changes: tuple[Change, ...]
    least: Level | None
    sufficient: Version


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """A package that was read and is sound, and how it compares with what is published.

    `seen` are the versions that were there. `comparison` is None for the first one, and for one that
    `is_there` already.
    """

    folder: Path
    contract: PackageContract
    version: Version
    hash: str
    seen: tuple[Version, ...]
    is_there: bool
    comparison: Comparison | None

    @property
    def shortfall(self) -> str | None:
        """Why the version does not do, in words, with one that would; None if it does."""
        found = self.comparison
        if found is None or found.least is None:
            return None
        bump = bump_of(found.base, self.version)
        if LEVELS.index(bump) >= LEVELS.index(found.least):
            return None
        return (
            f"{self.version} is a {bump} bump of {found.base}, and the changes ask for a {found.least} one. "
            f"Nothing was published: a version that would do is {found.sufficient}."
        )


def prepare(folder: Path, registry: Registry, reader: Reader) -> Publication:
    """Read the package in `folder`, with what it needs of the registry, and compare it.

    Raises ProblemsFound with all that is wrong with it, PublicationRefused if its version is
    published with another content.
    """
    digest = content_hash(folder)
    contract = reader.contract(folder, needed(head(folder), str(folder), registry))
    version = _version(contract)
    seen = registry.versions(contract.name)
    if version in seen:
        if registry.get(contract.name, version).hash != digest:
            raise PublicationRefused(message=_taken(contract, seen, registry, reader))
        comparison = None
    else:
        comparison = _compared(contract, version, seen, registry, reader)
    return Publication(
        folder=folder,
        contract=contract,
        version=version,
        hash=digest,
        seen=seen,
        is_there=version in seen,
        comparison=comparison,
    )


def publish(publication: Publication, registry: Registry) -> bool:
    """Put the package into the registry; whether it was not there already.

    Raises PublicationRefused for a version that does not do.
    """
    if publication.shortfall is not None:
        raise PublicationRefused(message=publication.shortfall)
    return registry.publish(
        publication.folder,
        publication.contract.name,
        publication.version,
        expected=publication.hash,
        seen=publication.seen,
    )


def base_of(version: Version, published: Sequence[Version]) -> Version | None:
    """The version that a new one is compared with: the newest lower release, else the newest lower one."""
    lower = [other for other in published if other < version]
    releases = [other for other in lower if not other.prerelease]
    return max(releases or lower, default=None)


def _compared(
    contract: PackageContract, version: Version, seen: Sequence[Version], registry: Registry, reader: Reader
) -> Comparison | None:
    base = base_of(version, seen)
    if base is None:
        return None
    before = reader.published(registry.get(contract.name, base))
    changes = compare(before, contract)
    least = demanded(base, level_of(changes))
    newest = base == seen[-1]
    return Comparison(
        base=base,
        changes=changes,
        least=None if base.prerelease else least,
        sufficient=bumped(base, least) if newest else _sufficient(contract, seen[-1], registry, reader),
    )


def _sufficient(contract: PackageContract, newest: Version, registry: Registry, reader: Reader) -> Version:
    """A version after the newest one that the package could have."""
    before = reader.published(registry.get(contract.name, newest))
    return bumped(newest, demanded(newest, level_of(compare(before, contract))))


def _taken(contract: PackageContract, seen: Sequence[Version], registry: Registry, reader: Reader) -> str:
    """That the version is there with another content, and which one would do."""
    wanted = _sufficient(contract, seen[-1], registry, reader)
    return (
        f"{contract.name} {contract.version} is published with another content, and what is published never "
        f"changes. Write `version: {wanted}` into package.yaml: it would do for the changes since {seen[-1]}."
    )


def _version(contract: PackageContract) -> Version:
    found = parsed(contract.version)
    if found is None:
        raise PublicationRefused(message=f"{contract.version} is not a version. Write x.y.z.")
    return found
