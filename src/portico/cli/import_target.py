"""An app that something is imported into."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from portico.cli.console import Stop
from portico.cli.loading import load_all, report
from portico.cli.secrets import ensure_outside, read_secrets
from portico.definition.load import Loaded, load
from portico.definition.names import suggestion
from portico.definition.secrets import FILE_NAME, Secrets
from portico.importers.files import Draft, write_all
from portico.importers.secret_names import Wanted
from portico.importers.secrets_file import with_secrets
from portico.importers.sources import Source, sources_of
from portico.ui.widgets import CATALOGUE
from portico.values import Secret

#: Who may read a new file of secrets.
OWNER_ONLY = 0o600


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """An app as it is, possibly with errors: a page may name a query that is about to be imported."""

    folder: Path
    loaded: Loaded
    secrets: Secrets
    secrets_file: Path

    @classmethod
    def of(cls, folder: Path, secrets_file: Path | None) -> Self:
        """Read an app. Raises Stop for a folder that is none."""
        ((_, loaded),) = load_all([folder], secrets_file)
        if not (folder / "app.yaml").is_file():
            raise Stop(message=f"{folder} has no app.yaml, so it is not the folder of an app.")
        return cls(
            folder=folder,
            loaded=loaded,
            secrets=read_secrets(secrets_file, [folder]),
            secrets_file=secrets_file or Path(FILE_NAME),
        )

    @property
    def slug(self) -> str:
        """The name by which a file of secrets knows the app."""
        return self.folder.resolve().name

    @property
    def known(self) -> dict[str, Secret]:
        """The secrets that are set for the app."""
        return self.secrets.known(self.slug)

    @property
    def sources(self) -> list[Source]:
        """Its datasources."""
        return sources_of(self.loaded.datasources, self.folder)

    def queries(self, page: str | None) -> str:
        """The folder of the queries of a page, or of the app. Raises Stop for a page it does not have."""
        if page is None:
            return "queries"
        pages = [found.parent.name for found in self.folder.glob("pages/*/page.yaml")]
        if page not in pages:
            raise Stop(
                message=f"{self.folder} has no page {page}: {suggestion(page, pages, none='none yet')}"
            )
        return f"pages/{page}/queries"

    def widgets(self, page: str | None) -> tuple[str, ...]:
        """The names of the widgets of a page, as far as they are known."""
        app = self.loaded.app
        return tuple(app.pages[page].widgets) if app is not None and page is not None else ()

    def write(
        self,
        files: Mapping[str, str],
        wanted: Sequence[Wanted],
        *,
        replace: bool,
        changed: Collection[str] = (),
    ) -> None:
        """Write files of the app, and values into the file of secrets: all or nothing. Those that are
        `changed` may be there whatever `replace` says.

        Raises Stop if a file is there and not to be replaced, and, with the problems printed, if
        the app would have an error that it does not have now.
        """
        present = ", ".join(
            str(self.folder / path) for path in files if path not in changed and (self.folder / path).exists()
        )
        if present and not replace:
            raise Stop(
                message=f"There already: {present}. Choose another name with --query or --datasource, or "
                "replace it with --force."
            )
        self._check(files)
        drafts = [
            Draft(path=self.folder / path, content=content, replace=replace or path in changed)
            for path, content in files.items()
        ]
        write_all([*drafts, *([self._secrets(wanted)] if wanted else [])])

    def _check(self, files: Mapping[str, str]) -> None:
        planned = load(
            self.folder, types=CATALOGUE, settings=os.environ, secrets=self.secrets, planned=dict(files)
        )
        added = tuple(
            problem
            for problem in planned.problems
            if problem.severity == "error" and problem not in self.loaded.problems
        )
        if added:
            report([(self.folder, added)])
            raise Stop(message="With these files the app would have more errors; nothing was written.")

    def _secrets(self, wanted: Sequence[Wanted]) -> Draft:
        file = self.secrets_file
        ensure_outside(file, [self.folder])
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        content = with_secrets(before, self.slug, wanted, file)
        return Draft(path=file, content=content, replace=True, mode=OWNER_ONLY)
