"""What package.yaml says of a package, read before the rest: that can only be read with what it needs."""

from dataclasses import dataclass, field
from pathlib import Path

from semantic_version import NpmSpec, Version

from portico.definition import source
from portico.definition.diagnostics import Problems
from portico.definition.folder import Folder
from portico.definition.source import Scalar, Table
from portico.definition.versions import version, versions_range

FILE_NAME = "package.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What could be read; what is wrong is missing, and reported when the package is read."""

    name: str | None = None
    version: Version | None = None
    packages: dict[str, NpmSpec] = field(default_factory=dict)


def head(folder: Path) -> Head:
    """The head of the package in a folder."""
    problems = Problems()
    text = Folder(folder, problems).text(FILE_NAME)
    table = None if text is None else source.read(FILE_NAME, text, problems)
    if not isinstance(table, Table):
        return Head()
    name, number = _word(table, "name"), _word(table, "version")
    entry = table.entries.get("packages")
    listed = entry.node if entry is not None else None
    found: dict[str, NpmSpec] = {}
    for key in listed.entries if isinstance(listed, Table) else ():
        wanted = versions_range(_word(listed, key) or "") if isinstance(listed, Table) else None
        if wanted is not None:
            found[key] = wanted
    return Head(name=name, version=version(number or ""), packages=found)


def _word(table: Table, key: str) -> str | None:
    entry = table.entries.get(key)
    return entry.node.text.value if entry is not None and isinstance(entry.node, Scalar) else None
