"""Reading app folders, and telling what is wrong with them."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from portico.cli.console import Stop, err
from portico.definition.load import Loaded, load
from portico.model.app import App
from portico.ui.widgets import CATALOGUE

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def load_all(folders: Sequence[Path]) -> list[tuple[Path, Loaded]]:
    """Every app folder with its problems. Raises Stop for what is no app folder at all."""
    found: dict[str, Path] = {}
    for folder in folders:
        slug = folder.resolve().name
        if not folder.is_dir():
            raise Stop(message=f"{folder} is not a folder. An app is a folder with an app.yaml.")
        if not _SLUG.fullmatch(slug):
            raise Stop(
                message=f"{folder}: the folder's name becomes part of the app's address, so it may hold "
                "lower-case letters, digits and hyphens only."
            )
        if slug in found:
            raise Stop(message=f"{found[slug]} and {folder} would both be served at /{slug}/. Rename one.")
        found[slug] = folder
    return [(folder, load(folder, types=CATALOGUE, settings=os.environ)) for folder in folders]


def load_apps(folders: Sequence[Path]) -> list[App]:
    """The apps, or Stop with all their problems printed."""
    loaded = load_all(folders)
    count = report(loaded)
    apps = [result.app for _, result in loaded if result.app is not None]
    if count or len(apps) < len(loaded):
        raise Stop(message=f"{count} {'problem' if count == 1 else 'problems'}; nothing was started.")
    return apps


def report(loaded: Sequence[tuple[Path, Loaded]]) -> int:
    """Print all problems; returns how many are errors."""
    errors = 0
    for folder, result in loaded:
        for problem in result.problems:
            errors += problem.severity == "error"
            err.print(f"{folder}/{problem.as_text()}", markup=False, soft_wrap=True)
    return errors


def as_json(loaded: Sequence[tuple[Path, Loaded]]) -> str:
    """All problems as one JSON array."""
    rows = [
        {"app": str(folder), **problem.as_json()} for folder, result in loaded for problem in result.problems
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)
