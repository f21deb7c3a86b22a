"""An application as the files of an app, before anybody looked whether they load."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portico.definition.names import entity_name_problem
from portico.importers.appsmith import libraries, theme
from portico.importers.appsmith.app_files import AppFiles, PageFiles
from portico.importers.appsmith.code import Renaming
from portico.importers.appsmith.instances import InstanceWriter
from portico.importers.appsmith.model import Application, Page
from portico.importers.appsmith.modules import Modules
from portico.importers.appsmith.naming import PageNames, entity_word
from portico.importers.appsmith.page_text import comment
from portico.importers.appsmith.queries import QueryWriter
from portico.importers.appsmith.reading import OLDEST
from portico.importers.appsmith.report import Report
from portico.importers.appsmith.scripts import ScriptWriter
from portico.importers.appsmith.sources import SourceWriter
from portico.importers.appsmith.widget_table import CANVAS
from portico.importers.appsmith.widgets import WidgetWriter
from portico.model.widget import WidgetType

#: The oldest version of pages that is read without anything to say.
_TRIED = 51


@dataclass(kw_only=True, slots=True)
class Written:
    """The files, and what stands behind them: `lost` says of names that did not come over, page by page,
    what they were; `names` what pages are called."""

    files: AppFiles
    sources: SourceWriter
    names: PageNames
    lost: dict[str, dict[str, str]] = field(default_factory=dict)
    modules: Modules = field(default_factory=Modules)


def write(
    application: Application, types: Mapping[str, WidgetType], report: Report, modules: Modules | None = None
) -> Written:
    """All files of the app. `modules` are those that its instances are of."""
    names = PageNames([page.name for page in application.pages])
    sources = SourceWriter(listed={source.name: source for source in application.sources}, report=report)
    files = AppFiles(manifest=_manifest(application, names, report), datasources=sources.files)
    written = Written(files=files, sources=sources, names=names, modules=modules or Modules())
    _tell(application, report)
    for page in application.pages:
        writer = _PageWriter(page, written, types, report)
        files.pages[names.of(page.name)] = writer.write()
        report.counts["pages"] += 1
        if names.of(page.name) != page.name:
            report.add(
                "changed",
                f"the page is called {names.of(page.name)} here, as its name is part of addresses",
                page=page.name,
            )
    _missing_pages(written, report)
    return written


def _manifest(application: Application, names: PageNames, report: Report) -> dict[str, Any]:
    manifest: dict[str, Any] = {"name": application.name} if application.name else {}
    manifest["auth"] = "none"
    manifest["home_page"] = names.of(application.default_page)
    linked = [names.of(page.name) for page in application.pages if not page.hidden]
    if application.navigation is not None and len(linked) > 1:
        side = {"orientation": "side"} if application.navigation == "side" else {}
        manifest["navigation"] = {**side, "pages": linked}
    brand = theme.brand(application.theme)
    if brand is not None:
        manifest["theme"] = {"brand": brand}
    elif application.theme:
        report.add("note", "the colour of its theme is not known; theme.brand in app.yaml is Portico's own")
    return manifest


def _tell(application: Application, report: Report) -> None:
    for note in application.notes:
        report.add("note", note)
    libraries.tell(application.libraries, report)


def _missing_pages(written: Written, report: Report) -> None:
    """A page for each that code goes to and the application does not have, so that nobody is lost there."""
    for called, name in written.names.missing.items():
        report.add(
            "missing",
            f"code goes to the page {called}, which the application does not have; pages/{name} says so",
        )
        text = "This page was named by the imported app, which does not have it."
        written.files.pages[name] = PageFiles(
            head={"title": called, "widgets": [{"name": "MissingPage", "type": "Text", "text": text}]}
        )


class _PageWriter:
    def __init__(self, page: Page, written: Written, types: Mapping[str, WidgetType], report: Report) -> None:
        self._page = page
        self._written = written
        self._types = types
        self._report = report
        self._renamed = dict(self._names())
        self._renaming = Renaming(pages=written.names.target, names=self._renamed)

    def write(self) -> PageFiles:
        """The page with its widgets, queries and scripts."""
        self._tell_version()
        lost = self._written.lost.setdefault(self._written.names.of(self._page.name), {})
        widgets = WidgetWriter(
            page=self._page.name, types=self._types, renaming=self._renaming, report=self._report
        )
        queries = QueryWriter(
            page=self._page.name, renaming=self._renaming, sources=self._written.sources, report=self._report
        )
        scripts = ScriptWriter(page=self._page.name, renaming=self._renaming, report=self._report)
        instances = InstanceWriter(
            page=self._page, modules=self._written.modules, renaming=self._renaming, report=self._report
        )
        made = PageFiles(head=self._head())
        modules, unknown = instances.write()
        for query in self._page.queries:
            if instances.is_part(query):
                continue
            name = self._renamed.get(query.name, query.name)
            data = queries.write(query)
            if data is None:
                lost[name] = f"the query of {query.plugin or 'a module'} did not come over"
                self._report.counts["queries left out"] += 1
            else:
                made.queries[name] = data
                self._report.counts["queries"] += 1
        for script in self._page.scripts:
            if instances.is_part(script):
                continue
            name = self._renamed.get(script.name, script.name)
            if script.instance:
                lost[name] = "it is part of an instance of a module, whose code is in its package"
                continue
            made.scripts[name] = scripts.write(script)
            self._report.counts["scripts"] += 1
        lost |= unknown
        if modules:
            made.head["modules"] = modules
        widgets.taken |= {*made.queries, *made.scripts, *modules}
        made.head["widgets"] = widgets.page_widgets(self._page.root)
        lost |= {
            name: f"the widget of the type {kind} did not come over"
            for name, kind in widgets.left_out.items()
        }
        if not made.head["widgets"]:
            made.head.pop("widgets")
        return made

    def _head(self) -> dict[str, Any]:
        name = self._written.names.of(self._page.name)
        return {"title": name if "{{" in self._page.name else self._page.name}

    def _tell_version(self) -> None:
        version = self._page.version
        if version is None:
            return
        if version < OLDEST:
            self._report.add(
                "question",
                f"the page has version {version}, from before the grid of 64 columns: open it once in "
                "Appsmith and export it again, else places and properties are wrong",
                page=self._page.name,
            )
        elif version < _TRIED:
            self._report.add(
                "note",
                f"the page has version {version}; since version {_TRIED} all is tried",
                page=self._page.name,
            )

    def _names(self) -> Iterator[tuple[str, str]]:
        """Names that cannot be had here, and those in their place."""
        nodes = self._page.root.all() if self._page.root is not None else ()
        widgets = [node.name for node in nodes if node.type != CANVAS and node is not self._page.root]
        given = [
            *widgets,
            *(query.name for query in self._page.queries),
            *(one.name for one in self._page.scripts),
        ]
        taken = set(given)
        for name in dict.fromkeys(given):
            if entity_name_problem(name) is not None:
                new = entity_word(name, taken)
                taken.add(new)
                self._report.add(
                    "changed",
                    f"it is called {new} here, also in code: {entity_name_problem(name)}",
                    page=self._page.name,
                    name=name,
                )
                yield name, new


def remark(data: dict[str, Any], key: str, text: str) -> None:
    """Take something out of a mapping and keep its text in a comment."""
    data.pop(key, None)
    data.setdefault("#", []).extend(comment(text))
