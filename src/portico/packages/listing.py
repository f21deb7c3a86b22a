"""Which packages an app lists in app.yaml, and which it has."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from semantic_version import NpmSpec, Version

from portico.definition import lock, source
from portico.definition.content import content_hash
from portico.definition.diagnostics import Problems
from portico.definition.folder import Folder
from portico.definition.lock import Locked
from portico.definition.names import suggestion
from portico.definition.source import Node, Scalar, Table
from portico.definition.versions import version, versions_range
from portico.errors import InstallationRefused, PackageUnusable
from portico.packages.needs import head

MANIFEST = "app.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """A package as app.yaml lists it: by a range, or by the path of its files."""

    name: str
    within: NpmSpec | None = None
    path: str | None = None
    registry: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AppPackages:
    """The packages of an app; `manifest` is the text of its app.yaml, as it is."""

    root: Path
    manifest: str
    listed: Mapping[str, Listing]
    locked: Mapping[str, Locked]

    def folder(self, name: str) -> Path:
        """Where the files of a package lie, or are to lie."""
        path = self.listed[name].path if name in self.listed else None
        return self.root / (f"packages/{name}" if path is None else path)

    def folders(self) -> dict[str, Path]:
        """The folders of all packages that are there."""
        found = {name: self.folder(name) for name in self.listed}
        return {name: folder for name, folder in found.items() if folder.is_dir()}

    def version(self, name: str) -> Version | None:
        """The version that an app has of a package; None if that is whatever its files say, or nothing."""
        if name in self.listed and self.listed[name].path is not None:
            return head(self.folder(name)).version
        return version(self.locked[name].version) if name in self.locked else None

    def is_whole(self, name: str) -> bool:
        """Whether the copy of a package is there, and is what the lock says."""
        try:
            return name in self.locked and content_hash(self.folder(name)) == self.locked[name].hash
        except PackageUnusable:
            return False

    def listing(self, name: str) -> Listing:
        """The listing of a package. Raises InstallationRefused if there is none."""
        if name not in self.listed:
            remedy = suggestion(name, self.listed, none="it lists no packages")
            raise InstallationRefused(message=f"{self.root}/{MANIFEST} lists no package {name}: {remedy}")
        return self.listed[name]

    def registry(self, name: str) -> Path | None:
        """The registry that app.yaml, else the lock, names for a package."""
        given = self.listed[name].registry if name in self.listed else None
        pinned = self.locked[name].registry if name in self.locked else None
        found = given or pinned
        return None if found is None else self.root / found

    def address(self, registry: Path) -> str:
        """A registry as files of the app name it: from the app's folder, if they have a common root."""
        root, target = os.path.realpath(self.root), os.path.realpath(registry)
        shared = os.path.commonpath([root, target])
        return target if shared == os.path.sep else Path(os.path.relpath(target, root)).as_posix()


def read(root: Path) -> AppPackages:
    """What an app says. Raises InstallationRefused for what is no app, and for what cannot be told."""
    manifest, table = _table(root, MANIFEST)
    if manifest is None:
        raise InstallationRefused(message=f"{root} has no {MANIFEST}, so it is not the folder of an app.")
    entry = table.entries.get("packages") if table is not None else None
    listed = entry.node if entry is not None else None
    return AppPackages(
        root=root,
        manifest=manifest,
        listed={name: _listing(root, name, it.node) for name, it in _entries(root, listed)},
        locked=_locked(root),
    )


def _entries(root: Path, node: Node | None) -> list[tuple[str, source.Entry]]:
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return []
    if not isinstance(node, Table):
        raise InstallationRefused(message=f"{root}/{node.place}: `packages` is a mapping of names.")
    return list(node.entries.items())


def _listing(root: Path, name: str, node: Node) -> Listing:
    table = node if isinstance(node, Table) else None
    path, registry = _word(table, "path"), _word(table, "registry")
    if path is not None:
        return Listing(name=name, path=path, registry=registry)
    text = _word(table, "version") if table is not None else _text(node)
    within = None if text is None else versions_range(text)
    if within is None:
        raise InstallationRefused(
            message=f"{root}/{node.place}: {name} needs a range of versions such as ^1.0, or a `path`."
        )
    return Listing(name=name, within=within, registry=registry)


def _locked(root: Path) -> dict[str, Locked]:
    problems = Problems()
    text, table = _table(root, lock.FILE_NAME)
    if text is None:
        return {}
    found = {} if table is None else lock.read(table, problems)
    if table is None or problems.failed:
        told = "".join(f" {problem.as_text()}" for problem in problems.sorted()[:1])
        raise InstallationRefused(
            message=f"{root}/{lock.FILE_NAME} cannot be used: bring it back as it was, or remove it and add "
            f"the packages again.{told}"
        )
    return found


def _table(root: Path, name: str) -> tuple[str | None, Table | None]:
    """The text of a file, as it is, and what it holds."""
    problems = Problems()
    folder = Folder(root, problems)
    if not folder.exists(name):
        return None, None
    data = folder.data(name)
    text = folder.text(name)
    node = None if text is None else source.read(name, text, problems)
    if problems.failed or data is None or not (node is None or isinstance(node, Table)):
        told = "; ".join(problem.as_text() for problem in problems.sorted()[:1]) or "it is no mapping"
        raise InstallationRefused(message=f"{root}/{name} cannot be used: {told}")
    return data.decode("utf-8"), node


def _word(table: Table | None, key: str) -> str | None:
    entry = table.entries.get(key) if table is not None else None
    return None if entry is None else _text(entry.node)


def _text(node: Node) -> str | None:
    return node.text.value if isinstance(node, Scalar) and node.value is not None else None
