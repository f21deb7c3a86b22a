"""Packages and apps that use them, written as text, and what reads them."""

from collections.abc import Mapping
from pathlib import Path

from portico.definition.content import content_hash
from portico.definition.secrets import Secrets
from portico.definition.versions import version
from portico.packages.reader import Reader
from portico.packages.registry import Registry
from portico.ui.widgets import CATALOGUE

READER = Reader(types=CATALOGUE, settings={}, secrets=Secrets())

MODULE = "modules/Greeting/module.yaml"
GREETING = """\
kind: ui
inputs:
  name: {type: string, default: you}
outputs:
  shown: {value: "{{ Hello.text }}", type: string}
widgets:
  - {name: Hello, type: Text, text: "Hello {{ inputs.name }}"}
"""

#: An app with an instance of that module, which gives its input and reads its output.
APP: Mapping[str, str] = {
    "app.yaml": "# The shop.\nname: Shop   # on top\nauth: none\n",
    "pages/Home/page.yaml": """\
title: Home
widgets:
  - {name: Greeting1, module: greeting/Greeting, inputs: {name: Ann}}
  - {name: Echo, type: Text, text: "{{ Greeting1.shown }}"}
""",
}


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def package(
    root: Path,
    number: str = "1.0.0",
    *,
    name: str = "greeting",
    module: str = GREETING,
    needs: Mapping[str, str] | None = None,
    more: Mapping[str, str] | None = None,
) -> Path:
    """A package of one module."""
    listed = "".join(f'  {other}: "{within}"\n' for other, within in (needs or {}).items())
    head = f"name: {name}\nversion: {number}\n" + (f"packages:\n{listed}" if listed else "")
    return write(root, {"package.yaml": head, MODULE: module, **(more or {})})


def put(registry: Registry, folder: Path, name: str, number: str) -> bool:
    """Publish without asking whether the version does."""
    wanted = version(number)
    assert wanted is not None
    return registry.publish(folder, name, wanted, expected=content_hash(folder), seen=registry.versions(name))


def shelf(root: Path, *numbers: str) -> Registry:
    """A registry that has these versions of the package, each of other words."""
    registry = Registry(root / "registry")
    registry.folder.mkdir(exist_ok=True)
    for number in numbers:
        words = GREETING.replace("Hello {{", f"Hello from {number} {{{{")
        put(registry, package(root / "sources" / number, number, module=words), "greeting", number)
    return registry


def app(root: Path, more: Mapping[str, str] | None = None) -> Path:
    """The app, and what `more` replaces."""
    return write(root / "shop", {**APP, **(more or {})})


def content(root: Path) -> dict[str, bytes]:
    """Every file below a folder, the hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def errors(root: Path) -> list[str]:
    """The codes of the errors of an app."""
    return [problem.code for problem in READER.app(root).problems if problem.severity == "error"]
