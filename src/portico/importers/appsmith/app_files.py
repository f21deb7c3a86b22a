"""The app that an import makes, before it is written."""

from dataclasses import dataclass, field
from typing import Any

from portico.importers.appsmith.page_text import Written, write


@dataclass(kw_only=True, slots=True)
class Script:
    """A script object, and what the file beside it says. `standing`: it stands for something that the
    application names and that did not come over."""

    body: str
    settings: dict[str, Any] = field(default_factory=dict)
    standing: bool = False


@dataclass(kw_only=True, slots=True)
class PageFiles:
    """A page, or a module: `head` is its own file."""

    head: dict[str, Any]
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    scripts: dict[str, Script] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class AppFiles:
    """All files: those of pages by the name of the page. `queries` are the app's own, `packages` those
    that lie in it."""

    manifest: dict[str, Any]
    datasources: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, PageFiles] = field(default_factory=dict)
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    packages: "dict[str, AppFiles]" = field(default_factory=dict)
    head: str = "app.yaml"
    page_head: str = "page.yaml"
    folder: str = "pages"

    def files(self) -> dict[str, str]:
        """The content of each file, by its path."""
        return {path: written.text for path, written in self.written().items()}

    def written(self) -> dict[str, Written]:
        """The same, with the ways back from lines."""
        found = {self.head: write(self.manifest)}
        found |= {f"datasources/{name}.yaml": write(data) for name, data in sorted(self.datasources.items())}
        found |= {f"queries/{name}.yaml": write(data) for name, data in sorted(self.queries.items())}
        for name in self.pages:
            found |= self.page(name)
        for name, package in sorted(self.packages.items()):
            found |= {f"packages/{name}/{path}": text for path, text in package.written().items()}
        return found

    def page(self, name: str) -> dict[str, Written]:
        """Those of one page."""
        folder, page = f"{self.folder}/{name}", self.pages[name]
        found = {f"{folder}/{self.page_head}": write(page.head)}
        for query, data in page.queries.items():
            found[f"{folder}/queries/{query}.yaml"] = write(data)
        for script, one in page.scripts.items():
            found[f"{folder}/scripts/{script}.js"] = Written(text=one.body)
            if one.settings:
                found[f"{folder}/scripts/{script}.yaml"] = write(one.settings)
        return found
