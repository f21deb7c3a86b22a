"""A whole app folder as drafts: which files there are, and what each must hold."""

from collections.abc import Mapping
from dataclasses import replace

from portico.definition import data_types, datasources, lock, manifest, oidc, pages, queries, secrets
from portico.definition.draft import (
    AppDraft,
    Entities,
    ManifestDraft,
    PackageDraft,
    PackageUse,
    PageDraft,
    PresetDraft,
    TypeDraft,
)
from portico.definition.entities import EntityReader
from portico.definition.finder import Finder
from portico.definition.packages import PackageReader
from portico.definition.preset import DATASOURCE
from portico.model.app import BrowserOrigins, Theme
from portico.model.place import Place
from portico.model.query import Datasource
from portico.model.widget import WidgetType


class AppReader:
    """Reads the files of one app."""

    def __init__(
        self,
        files: EntityReader,
        types: Mapping[str, WidgetType],
        sources: datasources.Reader,
        packages: PackageReader,
        finder: Finder,
        provider: oidc.Reader,
    ) -> None:
        self._files = files
        self._folder = files.folder
        self._types = types
        self._sources = sources
        self._packages = packages
        self._finder = finder
        self._provider = provider
        self._problems = files.problems

    def read(self) -> AppDraft:
        """The app, as far as it can be read."""
        found = self._files.yaml("app.yaml", "app.yaml", "write app.yaml with `name` and `auth`")
        if self._folder.exists(secrets.FILE_NAME):
            self._problems.add(
                "E604",
                Place(secrets.FILE_NAME, 1, 1),
                "secrets lie inside the app folder, which is copied, shared and kept in version control",
                remedy="move the file out of the folder; if it was shared, change what it holds",
            )
        slug = self._folder.root.name
        if found is not None:
            draft = manifest.read(slug, found, self._folder, self._provider, self._problems)
        else:
            draft = ManifestDraft(
                name=slug,
                theme=Theme(),
                browser=BrowserOrigins(),
                auth=None,
                has_auth=True,
                home_page=None,
                sound=False,
            )
        datasources, entities = dict(self._datasources()), self._files.entities("")
        preset = draft.auth.preset if draft.auth is not None else None
        if preset is not None:
            datasources = {DATASOURCE: self._preset_datasource(preset), **datasources}
            entities = self._with_preset(entities, preset)
        return AppDraft(
            manifest=draft,
            datasources=datasources,
            entities=replace(entities, instances=draft.instances),
            pages=dict(self._pages()),
            types=dict(self._data_types()),
            packages={name: self._package(use) for name, use in draft.packages.items()},
        )

    def _preset_datasource(self, preset: PresetDraft) -> Datasource | None:
        return None if preset.datasource is None else self._sources.read(DATASOURCE, preset.datasource)

    def _with_preset(self, own: Entities, preset: PresetDraft) -> Entities:
        """The app's own queries, and those of the preset whose names it does not use."""
        taken = {query.name for query in own.queries}
        brought = tuple(
            replace(queries.read(name, table, table.place.file, self._problems), place=table.place)
            for name, table in preset.queries.items()
            if name not in taken
        )
        return replace(own, queries=(*own.queries, *brought))

    def _package(self, use: PackageUse) -> PackageDraft | None:
        """A package that the app uses, which is the one that the app means."""
        prefix = self._finder.prefix(use)
        found = None if prefix is None else self._packages.read(prefix, frozenset(use.datasources))
        if found is None or found.name == use.name:
            self._pinned(use, found)
            return found
        # One without a name that can be was reported.
        if found.name == "":
            return None
        self._problems.add(
            "E702",
            use.place,
            f"the package in {prefix} is called `{found.name}`: two packages of an app cannot share a name",
            received=use.name,
            remedy=f"write `{found.name}:`, the package's own name",
        )
        return None

    def _pinned(self, use: PackageUse, found: PackageDraft | None) -> None:
        """The hash says what the package is; what version that is, it says itself."""
        pinned = self._finder.pinned(use) if found is not None else None
        if found is not None and pinned is not None and pinned.version != found.version:
            self._problems.add(
                "E703",
                pinned.place,
                f"{use.name} is {found.version} by its own {found.place.file}",
                received=pinned.version,
                remedy=lock.REMEDY,
            )

    def _data_types(self) -> list[tuple[str, TypeDraft]]:
        found = []
        for name, file in self._files.files("types/", ".yaml"):
            self._files.file_name(name, file)
            content = self._files.yaml(file, "a data type", "")
            if content is not None:
                found.append((name, data_types.read(name, content, file, self._problems)))
            else:
                found.append((name, TypeDraft(name=name, place=Place(file, 1, 1), fields={})))
        return found

    def _datasources(self) -> list[tuple[str, Datasource | None]]:
        found = []
        for name, file in self._files.files("datasources/", ".yaml"):
            self._files.file_name(name, file)
            content = self._files.yaml(file, "a datasource", "")
            datasource = None
            if content is not None:
                datasource = self._sources.read(name, content)
            found.append((name, datasource))
        return found

    def _pages(self) -> list[tuple[str, PageDraft]]:
        found = []
        for name, prefix in self._files.folders(
            "pages/", "a page is a folder pages/<Name> with page.yaml in it"
        ):
            found.append((name, self._page(name, prefix)))
        if not found:
            self._problems.add(
                "E101", Place("pages", 1, 1), "the app has no page", remedy="write pages/Home/page.yaml"
            )
        return found

    def _page(self, name: str, prefix: str) -> PageDraft:
        file = f"{prefix}page.yaml"
        entities = self._files.entities(prefix)
        self._files.others(
            prefix, ("page.yaml", "queries", "scripts"), "a page has page.yaml, queries/ and scripts/"
        )
        content = self._files.yaml(file, "a page", "write page.yaml with `title` and `widgets`")
        if content is None:
            return pages.broken(name, file, entities)
        return pages.read(name, content, file, entities, self._types, self._problems)
