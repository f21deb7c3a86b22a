"""A whole app folder as drafts: which files there are, and what each must hold."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from portico.definition import datasources, manifest, pages, queries, scripts, secrets, source
from portico.definition.diagnostics import Problems
from portico.definition.draft import AppDraft, Entities, ManifestDraft, PageDraft, ScriptDraft
from portico.definition.fields import table
from portico.definition.folder import Folder
from portico.definition.names import entity_name_problem, file_name_problem
from portico.definition.source import Table
from portico.definition.text import whole
from portico.model.app import BrowserOrigins, Theme
from portico.model.place import Place
from portico.model.query import Datasource
from portico.model.widget import WidgetType


class AppReader:
    """Reads the files of one app."""

    def __init__(
        self,
        folder: Folder,
        types: Mapping[str, WidgetType],
        sources: datasources.Reader,
        problems: Problems,
    ) -> None:
        self._folder = folder
        self._types = types
        self._sources = sources
        self._problems = problems

    def read(self) -> AppDraft:
        """The app, as far as it can be read."""
        found = self._yaml("app.yaml", "app.yaml", "write app.yaml with `name` and `auth`")
        if self._folder.exists(secrets.FILE_NAME):
            self._problems.add(
                "E604",
                Place(secrets.FILE_NAME, 1, 1),
                "secrets lie inside the app folder, which is copied, shared and kept in version control",
                remedy="move the file out of the folder; if it was shared, change what it holds",
            )
        slug = self._folder.root.name
        if found is not None:
            draft = manifest.read(slug, found, self._folder, self._problems)
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
        return AppDraft(
            manifest=draft,
            datasources=dict(self._datasources()),
            entities=self._entities(""),
            pages=dict(self._pages()),
        )

    def _datasources(self) -> list[tuple[str, Datasource | None]]:
        found = []
        for name, file in self._files("datasources/", ".yaml"):
            self._file_name(name, file)
            content = self._yaml(file, "a datasource", "")
            datasource = None
            if content is not None:
                datasource = self._sources.read(name, content)
            found.append((name, datasource))
        return found

    def _pages(self) -> list[tuple[str, PageDraft]]:
        found = []
        for name in self._folder.names("pages"):
            place = f"pages/{name}"
            if not self._folder.is_folder(place):
                self._stray(place, "a page is a folder pages/<Name> with page.yaml in it")
                continue
            self._file_name(name, place)
            found.append((name, self._page(name, f"{place}/")))
        if not found:
            self._problems.add(
                "E101", Place("pages", 1, 1), "the app has no page", remedy="write pages/Home/page.yaml"
            )
        return found

    def _page(self, name: str, prefix: str) -> PageDraft:
        file = f"{prefix}page.yaml"
        entities = self._entities(prefix)
        for other in self._folder.names(prefix):
            if other not in ("page.yaml", "queries", "scripts"):
                self._stray(prefix + other, "a page has page.yaml, queries/ and scripts/")
        content = self._yaml(file, "a page", "write page.yaml with `title` and `widgets`")
        if content is None:
            return pages.broken(name, file, entities)
        return pages.read(name, content, file, entities, self._types, self._problems)

    def _entities(self, prefix: str) -> Entities:
        broken = False
        found_queries, found_scripts = [], []
        for name, file in self._files(f"{prefix}queries/", ".yaml"):
            self._entity_name(name, file)
            content = self._yaml(file, "a query", "")
            if content is None:
                broken = True
            else:
                found_queries.append(queries.read(name, content, file, self._problems))
        for name, file in self._scripts(f"{prefix}scripts/"):
            self._entity_name(name, file)
            script = self._script(name, file)
            if script is None:
                broken = True
            else:
                found_scripts.append(script)
        return Entities(queries=tuple(found_queries), scripts=tuple(found_scripts), broken=broken)

    def _scripts(self, prefix: str) -> list[tuple[str, str]]:
        """Names and paths of the scripts of a folder. A file of settings needs the script beside it."""
        names = self._folder.names(prefix)
        for name in names:
            path = PurePosixPath(name)
            if path.suffix != ".js" and (path.suffix != ".yaml" or f"{path.stem}.js" not in names):
                self._stray(prefix + name, "files of this folder are <name>.js, and <name>.yaml beside it")
        return [(PurePosixPath(name).stem, prefix + name) for name in names if name.endswith(".js")]

    def _script(self, name: str, file: str) -> ScriptDraft | None:
        text = self._folder.text(file)
        script = None if text is None else scripts.read(name, whole(file, text), self._problems)
        settings = file.removesuffix(".js") + ".yaml"
        if script is None or not self._folder.exists(settings):
            return script
        content = self._yaml(settings, "settings of a script", "")
        if content is None:
            return script
        return scripts.with_behaviours(script, content, settings, self._problems)

    def _files(self, prefix: str, ending: str) -> list[tuple[str, str]]:
        """Names and paths of the files of a folder that end in `ending`."""
        found = []
        for name in self._folder.names(prefix):
            if name.endswith(ending):
                found.append((PurePosixPath(name).stem, prefix + name))
            else:
                self._stray(prefix + name, f"files of this folder end in {ending}")
        return found

    def _yaml(self, file: str, what: str, remedy: str) -> Table | None:
        if not self._folder.exists(file):
            self._problems.add("E101", Place(file, 1, 1), f"{file} is missing", remedy=remedy)
            return None
        content = self._folder.text(file)
        if content is None:
            return None
        before = self._problems.count
        node = source.read(file, content, self._problems)
        if node is None and self._problems.count > before:
            return None
        return table(node, self._problems, what, file)

    def _stray(self, path: str, remedy: str) -> None:
        self._problems.add("W101", Place(path, 1, 1), "nothing reads this", remedy=remedy)

    def _file_name(self, name: str, path: str) -> None:
        problem = file_name_problem(name)
        if problem is not None:
            self._problems.add("E114", Place(path, 1, 1), problem, received=name, remedy="rename it")

    def _entity_name(self, name: str, path: str) -> None:
        problem = entity_name_problem(name)
        if problem is not None:
            self._problems.add("E402", Place(path, 1, 1), problem, received=name, remedy="rename the file")
