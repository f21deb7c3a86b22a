"""The package and the app of `docs/packages.md` are what the manual says they are."""

import re
from pathlib import Path

from portico.packages.installation import Origin, Request, add
from portico.packages.publication import prepare, publish
from portico.packages.registry import Registry
from tests.packages.shelves import READER, errors, write

MANUAL = Path(__file__).parents[2] / "docs" / "packages.md"
_FILE = re.compile(
    r"^```\w+\n(?:#|//) (?P<path>(?:login|hr-portal)/\S+)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL
)


def test_the_manual_works(tmp_path: Path) -> None:
    """The package is published, and the app, which lists it, is sound once it is added."""
    files = {found["path"]: found["content"] for found in _FILE.finditer(MANUAL.read_text(encoding="utf-8"))}
    assert len(files) == 7
    write(tmp_path, files)
    write(tmp_path, {"hr-portal/pages/Home/page.yaml": "title: Home\n"})
    registry = Registry(tmp_path / "registry")
    registry.folder.mkdir()
    assert publish(prepare(tmp_path / "login", registry, READER), registry)
    shop = tmp_path / "hr-portal"
    assert "E703" in errors(shop)
    add(shop, Request(name="login"), Origin(otherwise=registry.folder), READER)
    assert errors(shop) == []
    assert (shop / "app.yaml").read_text() == files["hr-portal/app.yaml"]
