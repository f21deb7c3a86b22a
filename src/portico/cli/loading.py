"""Reading app folders, and telling what is wrong with them."""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portico.cli.console import Stop, err
from portico.cli.secrets import read_secrets
from portico.definition.diagnostics import Diagnostic
from portico.definition.lint.finding import Finding, open_findings
from portico.definition.load import Loaded, load, together
from portico.definition.secrets import PREFIX, Secrets
from portico.model.app import App
from portico.ui.widgets import CATALOGUE

#: What the name of an app's folder looks like: it is the first part of its address.
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def load_all(folders: Sequence[Path], secrets: Path | None) -> list[tuple[Path, Loaded]]:
    """Every app folder with its problems, and with those that the apps have together. As `load_each`."""
    loaded = load_each(folders, secrets)
    return list(zip(folders, together([result for _, result in loaded]), strict=True))


def load_each(
    folders: Sequence[Path],
    secrets: Path | None,
    settings_of: Callable[[Path], Mapping[str, str]] = lambda _: os.environ,
) -> list[tuple[Path, Loaded]]:
    """Every app folder with its problems, as if it were alone; `secrets` is the file that was named for them,
    `settings_of` says which settings each is read with.

    Raises Stop for what is no app folder at all, Stop or SecretsUnusable for a bad file of secrets.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        slug = folder.resolve().name
        if not folder.is_dir():
            raise Stop(message=f"{folder} is not a folder. An app is a folder with an app.yaml.")
        if not SLUG.fullmatch(slug):
            raise Stop(
                message=f"{folder}: the folder's name becomes part of the app's address, so it may hold "
                "lower-case letters, digits and hyphens only."
            )
        if slug in found:
            raise Stop(message=f"{found[slug]} and {folder} would both be served at /{slug}/. Rename one.")
        found[slug] = folder
    values = read_secrets(secrets, folders)
    return [(folder, read(folder, values, settings_of(folder))) for folder in folders]


def read(folder: Path, secrets: Secrets, settings: Mapping[str, str] = os.environ) -> Loaded:
    """One app as it is now, with what the lint finds in it."""
    return load(folder, types=CATALOGUE, settings=settings, secrets=secrets, linted=True)


def load_apps(folders: Sequence[Path], secrets: Path | None) -> list[App]:
    """The apps, or Stop with all their problems printed: also if a secret is not set."""
    loaded = load_all(folders, secrets)
    count = report([(folder, result.problems) for folder, result in loaded])
    tell([(folder, open_findings(result.findings)) for folder, result in loaded])
    apps = [result.app for _, result in loaded if result.app is not None]
    if count or len(apps) < len(loaded):
        raise Stop(message=f"{count} {'problem' if count == 1 else 'problems'}; nothing was started.")
    if missing := {name for app in apps for source in app.datasources.values() for name in source.unset}:
        raise Stop(
            message=f"Secrets that are not set: {', '.join(sorted(missing))}; nothing was started. Set "
            f"{PREFIX}<NAME> in the environment, or put them into secrets.toml (--secrets)."
        )
    return apps


def report(found: Sequence[tuple[Path, Sequence[Diagnostic]]]) -> int:
    """Print all problems; returns how many are errors."""
    errors = 0
    for folder, problems in found:
        for problem in problems:
            errors += problem.severity == "error"
            err.print(f"{folder}/{problem.as_text()}", markup=False, soft_wrap=True)
    return errors


def tell(found: Sequence[tuple[Path, Sequence[Finding]]]) -> int:
    """Print what the lint found; returns how much that is."""
    for folder, findings in found:
        for finding in findings:
            err.print(f"{folder}/{finding.as_text()}", markup=False, soft_wrap=True)
    return sum(len(findings) for _, findings in found)


def as_json(loaded: Sequence[tuple[Path, Loaded]]) -> str:
    """All problems and findings, those that are silenced too, as one JSON array."""
    told: list[tuple[Path, Diagnostic | Finding]] = []
    for folder, result in loaded:
        told += [(folder, problem) for problem in result.problems]
        told += [(folder, finding) for finding in result.findings]
    rows = [{"app": str(folder), **one.as_json()} for folder, one in told]
    return json.dumps(rows, indent=2, ensure_ascii=False)
