"""Where a contract that was found goes: into an app, or into a new one that is only printed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from portico.cli.console import Stop
from portico.cli.import_target import Target
from portico.definition.preset import DATASOURCE
from portico.importers.probe_contract import (
    ENTRY,
    HOME,
    Draft,
    auth_of,
    files_of,
    home_page,
    login_page,
)
from portico.importers.probe_findings import Findings
from portico.importers.probe_presets import login_of
from portico.importers.yaml_text import dump

_NONE = re.compile(r"^auth:[ \t]*[\"']?none[\"']?[ \t]*(#.*)?$", re.MULTILINE)
_HOME = re.compile(r"^home_page:.*\n?", re.MULTILINE)
_MANIFEST = "app.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An app without sign-in: its app.yaml, its pages, and the one that it begins with. `target` is None for
    an app that is not there."""

    target: Target | None
    manifest: str
    pages: tuple[str, ...]
    home: str | None

    @classmethod
    def new(cls) -> Self:
        """None that is there."""
        return cls(target=None, manifest="", pages=(), home=None)

    @classmethod
    def of(cls, folder: Path, secrets: Path | None) -> Self:
        """Read an app. Raises Stop for a folder that is none, and for an app that has a contract."""
        target = Target.of(folder, secrets)
        manifest = (folder / _MANIFEST).read_text(encoding="utf-8-sig")
        try:
            content = yaml.safe_load(manifest) or {}
        except yaml.YAMLError:
            raise Stop(message=f"{folder}/{_MANIFEST} cannot be read; portico check says why.") from None
        if not isinstance(content, dict):
            raise Stop(message=f"{folder}/{_MANIFEST} is no mapping; portico check says more.")
        auth = content.get("auth")
        if auth not in (None, "none") or (auth == "none" and not _NONE.search(manifest)):
            raise Stop(
                message=f"{folder}/{_MANIFEST} says how users sign in already, and nothing is written over "
                "it. Without --app the contract is printed, and --out writes it into a file of its own."
            )
        pages = tuple(sorted(found.parent.name for found in folder.glob("pages/*/page.yaml")))
        home = content.get("home_page")
        return cls(
            target=target, manifest=manifest, pages=pages, home=home if isinstance(home, str) else None
        )

    @property
    def folder(self) -> Path:
        """The app's folder."""
        return self.target.folder if self.target is not None else Path()

    def files(self, draft: Draft, found: Findings) -> dict[str, str]:
        """The files of the contract by their paths, app.yaml first, with the pages that are missing."""
        home = self.home or next((page for page in self.pages if page != ENTRY), HOME)
        auth = dump({"auth": auth_of(draft, ENTRY, home)})
        files = {_MANIFEST: self._manifest(auth), **files_of(draft)}
        if ENTRY not in self.pages:
            login = login_of(found.calls["sign_in"]) if "sign_in" in found.calls else ""
            files[f"pages/{ENTRY}/page.yaml"] = login_page(draft, login)
        if home not in self.pages:
            files[f"pages/{home}/page.yaml"] = home_page()
        return files

    def write(self, files: Mapping[str, str]) -> None:
        """Write them: all, or none. Raises Stop where one but app.yaml is there, and with the problems
        printed where the app would have an error that it does not have now."""
        target = self.target
        if target is None:
            raise ValueError("there is no app to write into")
        present = [path for path in files if path != _MANIFEST and (target.folder / path).exists()]
        if present:
            raise Stop(
                message=f"There already: {', '.join(str(target.folder / path) for path in present)}. Nothing "
                f"was written. Rename it (the contract needs these names: {DATASOURCE}, sign_in, me, "
                "refresh, sign_out), or print the contract without --app."
            )
        target.write(files, (), replace=False, changed=(_MANIFEST,))

    def _manifest(self, auth: str) -> str:
        """app.yaml with the contract, in the place of `auth: none` or at the end; the rest as it was."""
        text = _HOME.sub("", self.manifest)
        if _NONE.search(text):
            return _NONE.sub(lambda _: auth.rstrip("\n"), text, count=1)
        gap = "\n" if text and not text.endswith("\n") else ""
        return f"{text}{gap}{auth}"
