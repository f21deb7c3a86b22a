"""A registry: a folder of packages that never change once they are in it.

`<name>/<version>/` holds the files and `<name>/<version>.sha256` what they hash to. A version counts as
published when both are there: the hash comes last, by a link that only one can make.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from semantic_version import NpmSpec, Version

from portico.definition.content import content_hash
from portico.definition.names import file_name_problem, suggestion
from portico.definition.versions import version as parsed
from portico.errors import PackageNotFound, PackageUnusable, PublicationRefused, RegistryUnusable
from portico.packages.claim import claim
from portico.packages.copies import copy, sync, write
from portico.values import new_id

SIDECAR = ".sha256"
#: What names of unfinished publications begin with; hidden, so nobody takes them for packages.
STAGING = ".publishing-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A version in a registry; `folder` was found to hash to `hash` when it was asked for."""

    registry: "Registry"
    name: str
    version: Version
    folder: Path
    hash: str


class Registry:
    """The registry in a folder. Raises RegistryUnusable wherever that cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> tuple[str, ...]:
        """The packages that have a version, sorted."""
        found = self._names_in(self.folder)
        return tuple(name for name in found if file_name_problem(name) is None and self.versions(name))

    def versions(self, name: str) -> tuple[Version, ...]:
        """What is published of a package, the oldest first; nothing for a name that is not known."""
        if file_name_problem(name) is not None or name not in self._names_in(self.folder):
            return ()
        listed = self._names_in(self.folder / name)
        marked = {entry.removesuffix(SIDECAR) for entry in listed if entry.endswith(SIDECAR)}
        found = (parsed(entry) for entry in marked.intersection(listed))
        return tuple(sorted(number for number in found if number is not None))

    def newest(self, name: str, within: NpmSpec) -> Version:
        """The newest version in a range. Raises PackageNotFound, with what there is."""
        versions = self._some(name)
        found = [number for number in versions if number in within]
        if not found:
            raise PackageNotFound(
                message=f"{self.folder} has no version of {name} in {within.expression}. There is: "
                f"{', '.join(map(str, versions))}"
                + ("; a prerelease has to be named." if all(it.prerelease for it in versions) else ".")
            )
        return found[-1]

    def get(self, name: str, version: Version) -> Published:
        """A version, its content compared with its hash.

        Raises PackageNotFound, and RegistryUnusable if it is not what was published.
        """
        versions = self._some(name)
        if version not in versions:
            raise PackageNotFound(
                message=f"{self.folder} has no {name} {version}. There is: {', '.join(map(str, versions))}."
            )
        folder = self.folder / name / str(version)
        promised = self._sidecar(folder)
        if self._hash(folder) != promised:
            raise self._changed(folder)
        return Published(registry=self, name=name, version=version, folder=folder, hash=promised)

    def copy(self, package: Published, target: Path) -> None:
        """Copy a version to `target`, which is not there yet. Judged is the copy, not what it is made of."""
        try:
            found = copy(package.folder, target)
        except PackageUnusable as error:
            raise RegistryUnusable(message=error.message) from None
        if found != package.hash:
            raise self._changed(package.folder)

    def publish(
        self, source: Path, name: str, version: Version, *, expected: str, seen: tuple[Version, ...]
    ) -> bool:
        """Put the package in `source` here, whole or not at all; whether it was not here already.

        It was judged when it hashed to `expected` and the versions `seen` were here. Raises
        PublicationRefused if that has changed, and if the version is here with another content.
        """
        self._names_in(self.folder)
        with self._writing(), claim(self.folder):
            self._sweep()
            staged = self.folder / f"{STAGING}{new_id(6)}"
            try:
                if copy(source, staged / "package") != expected:
                    raise PublicationRefused(
                        message=f"{source} was changed meanwhile. Nothing was published: try again."
                    )
                shelf = self.folder / name
                if self._is_there(shelf / str(version), expected):
                    return False
                if self.versions(name) != seen:
                    raise PublicationRefused(
                        message=f"Another version of {name} was published meanwhile. Nothing was published: "
                        "try again."
                    )
                self._put(staged, shelf / str(version), expected)
                return True
            finally:
                shutil.rmtree(staged, ignore_errors=True)

    def _is_there(self, target: Path, expected: str) -> bool:
        """Whether the version is published. Raises PublicationRefused if it is another content."""
        if not target.with_name(f"{target.name}{SIDECAR}").exists():
            return False
        published = self._sidecar(target)
        if published != expected:
            raise PublicationRefused(
                message=f"{target.parent.name} {target.name} is published with another content, and what is "
                "published never changes."
            )
        if not target.is_dir() or self._hash(target) != published:
            raise self._changed(target)
        return True

    def _put(self, staged: Path, target: Path, expected: str) -> None:
        """Move a package from where it was staged to its shelf."""
        shelf = target.parent
        write(staged / "hash", f"{expected}\n".encode())
        shelf.mkdir(exist_ok=True)
        placed = False
        try:
            placed = self._place(staged / "package", target, expected)
            # Unlike a rename this fails if somebody else was faster.
            target.with_name(f"{target.name}{SIDECAR}").hardlink_to(staged / "hash")
        except BaseException:
            with suppress(OSError):
                if placed:
                    target.rename(staged / "package")
                shelf.rmdir()
            raise
        sync(shelf)
        sync(self.folder)

    def _place(self, package: Path, target: Path, expected: str) -> bool:
        """Whether it was moved there; else the same is there already, without a hash."""
        try:
            package.rename(target)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
            # Files without a hash: a publication that was cut off, or a hash that was lost.
            if not target.is_dir() or self._hash(target) != expected:
                raise RegistryUnusable(
                    message=f"{target} is there without {target.name}{SIDECAR}, and holds another content: a "
                    "publication was cut off, or the file was lost. Bring it back, or remove the folder."
                ) from None
            return False
        return True

    def _sweep(self) -> None:
        """Remove what publications left that were killed: the folder is held, so none of them goes on."""
        for name in self._listed(self.folder):
            if name.startswith(STAGING):
                shutil.rmtree(self.folder / name, ignore_errors=True)

    def _some(self, name: str) -> tuple[Version, ...]:
        versions = self.versions(name)
        if not versions:
            remedy = suggestion(name, self.names(), none="nothing is published there yet")
            raise PackageNotFound(message=f"{self.folder} has no package {name}: {remedy}")
        return versions

    def _sidecar(self, folder: Path) -> str:
        file = folder.with_name(f"{folder.name}{SIDECAR}")
        try:
            return file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise RegistryUnusable(message=f"{file} cannot be read.") from None

    def _hash(self, folder: Path) -> str:
        try:
            return content_hash(folder)
        except PackageUnusable as error:
            raise RegistryUnusable(message=error.message) from None

    def _changed(self, folder: Path) -> RegistryUnusable:
        return RegistryUnusable(
            message=f"{folder} is not what was published: its content does not have the hash in "
            f"{folder.name}{SIDECAR}. Bring both back from where the registry is kept."
        )

    def _names_in(self, folder: Path) -> tuple[str, ...]:
        return tuple(name for name in self._listed(folder) if not name.startswith("."))

    def _listed(self, folder: Path) -> tuple[str, ...]:
        try:
            return tuple(sorted(path.name for path in folder.iterdir()))
        except FileNotFoundError:
            raise RegistryUnusable(
                message=f"There is no registry {self.folder}. A registry is a folder: make it, or mount it, "
                "or name another one."
            ) from None
        except NotADirectoryError:
            # A file among the packages is none of them.
            if folder != self.folder:
                return ()
            raise RegistryUnusable(message=f"{folder} is not a folder, so it is no registry.") from None
        except OSError as error:
            raise RegistryUnusable(
                message=f"The registry {folder} cannot be read: {error.strerror}."
            ) from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RegistryUnusable(
                message=f"The registry {self.folder} cannot be written: {error.strerror}. Nothing was "
                "published."
            ) from None
