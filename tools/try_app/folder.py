"""An app's folder as plain data, to be read with other pages than it has."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from portico.definition.diagnostics import Problems
from portico.definition.load import Loaded, load
from portico.definition.source import Items, Node, Scalar, Table, read
from portico.ui.widgets import CATALOGUE

#: An address at which nobody listens.
NOWHERE = "http://127.0.0.1:9"


def plain(node: Node) -> Any:
    """What a file says, without the places."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(entry.node) for key, entry in node.entries.items()}


def as_yaml(value: Any) -> str:
    """Plain data as a file says it. JSON is YAML, but for its halves of characters."""
    return json.dumps(value, ensure_ascii=False)


class AppFolder:
    """The folder of an app. Pages are read as everybody's: who may open them is not what is tried."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, path: Path) -> Any:
        """A YAML file as plain data; None if it cannot be read."""
        node = read(path.name, path.read_text(), Problems())
        return None if node is None else plain(node)

    def pages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Pages by name."""
        for file in sorted(self.root.glob("pages/*/page.yaml")):
            page = self.file(file)
            if isinstance(page, dict):
                yield file.parent.name, page

    def opened_up(self) -> dict[str, str]:
        """Files, by their path, that make the app one without a sign-in."""
        manifest = self.file(self.root / "app.yaml") or {}
        files = {"app.yaml": as_yaml({**manifest, "auth": "none"})}
        for name, page in self.pages():
            files[f"pages/{name}/page.yaml"] = as_yaml({**page, "access": "public"})
        return files

    def settings(self) -> dict[str, str]:
        """Something for each setting that addresses name."""
        found = {}
        for file in self.root.glob("datasources/*.yaml"):
            found.update(dict.fromkeys(re.findall(r"\$\{(\w+)\}", file.read_text()), NOWHERE))
        return {**found, **os.environ}

    def load(self, planned: Mapping[str, str]) -> Loaded:
        """The app with these files in place of its own."""
        return load(self.root, types=CATALOGUE, settings=self.settings(), planned=planned)
