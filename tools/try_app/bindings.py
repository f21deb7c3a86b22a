"""The bindings of a page that say a value, as they stand in its files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.definition.bindings import Snippet, has_binding, split
from portico.definition.diagnostics import Problems
from portico.definition.text import whole
from tools.try_app.folder import AppFolder

#: What the code of a row, or of a query that is sent, is given besides.
GIVEN = ("currentItem", "currentIndex", "currentView", "currentRow", "triggeredItem")
_EVENT = re.compile(r"on[A-Z]\w*")
_MEMBER = re.compile(r"\b(?:currentItem|currentRow)\s*\??\.?\s*(?:\[\s*[\"']([^\"']+)[\"']\s*\]|(\w+))")


@dataclass(frozen=True, slots=True)
class Binding:
    """Code of one binding, and the way to it in its file."""

    where: str
    code: str

    @property
    def sample(self) -> dict[str, str]:
        """A row that has whatever the code asks of one."""
        return {name: f"{name} 1" for found in _MEMBER.findall(self.code) for name in found if name}


@dataclass(slots=True)
class Found:
    """Those that are JavaScript, and how many are not."""

    bindings: list[Binding]
    broken: int = 0


def of_page(folder: AppFolder, name: str, page: dict[str, Any]) -> Found:
    """The bindings of a page's widgets and queries, without what happens at events."""
    found = Found([])
    _collect(page.get("widgets"), f"{name}/page.yaml", found)
    for file in sorted((folder.root / "pages" / name / "queries").glob("*.yaml")):
        _collect(folder.file(file), f"{name}/queries/{file.name}", found)
    return found


def script_objects(folder: AppFolder, name: str) -> Iterator[tuple[str, Path]]:
    """Script objects of a page, by name."""
    for file in sorted((folder.root / "pages" / name / "scripts").glob("*.js")):
        yield file.stem, file


def _collect(value: Any, where: str, found: Found) -> None:
    match value:
        case dict():
            called = f"{where} {value['name']}" if isinstance(value.get("name"), str) else where
            for key, each in value.items():
                if not _EVENT.fullmatch(key):
                    _collect(each, f"{called}.{key}", found)
        case list():
            for each in value:
                _collect(each, where, found)
        case str() if has_binding(value):
            parts = split(whole(where, value), Problems())
            if parts is None:
                found.broken += 1
            for part in parts or ():
                if isinstance(part, Snippet):
                    found.bindings.append(Binding(where, part.text))
