"""The git layouts of Appsmith, formats 1 to 5."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith.artefact import Artefact, Raw, RawPage, RawScript
from portico.importers.appsmith.intake import Intake, NotImportable
from portico.importers.appsmith.loose import dig, mapping, number, objects, text

#: The newest format; what comes after it may mean anything.
NEWEST = 5
#: The folder of instances of modules, as Appsmith writes it.
_INSTANCES = "module instances"
#: The folder that says which modules these are of.
_ORIGINS = "source modules"


def read(files: Intake, source: str) -> Artefact:
    """The application, or package, in a folder. Raises NotImportable for a format that is not known."""
    metadata = mapping(files.json("metadata.json"))
    form = _format(metadata, files)
    package = mapping(files.json("package.json")) if metadata.get("artifactJsonType") == "PACKAGE" else None
    application = mapping(files.json("application.json"))
    # Formats 2 to 4 keep some of the settings of the application there.
    application = {**{key: metadata[key] for key in ("pageOrder",) if key in metadata}, **application}
    folders = _folders(files, "modules" if package is not None else "pages")
    reader = _Reader(files, "Module" if package is not None else "Page")
    pages = list(reader.pages(folders))
    return Artefact(
        source=source,
        form=f"git layout, format {form}",
        application=application,
        pages=tuple(pages),
        actions=tuple(reader.actions(folders)),
        scripts=tuple(reader.scripts(folders)),
        datasources=tuple(_all(files, "datasources")),
        libraries=tuple(_all(files, "jslibs")),
        theme=mapping(files.json("theme.json")),
        package=package,
        instances=tuple(reader.instances(folders)),
        origins=tuple(_origins(files)),
        notes=tuple(files.notes),
    )


def _format(metadata: Raw, files: Intake) -> int:
    found = number(metadata.get("fileFormatVersion"))
    if found is None and any(name.endswith(".json") for name in files.names("pages")):
        return 1
    if found is None:
        raise NotImportable(message="metadata.json does not say its fileFormatVersion.")
    if not 1 <= found <= NEWEST:
        raise NotImportable(
            message=f"The git layout has format {found:g}; formats 1 to {NEWEST} are read. "
            "Export the application as a file instead."
        )
    return int(found)


def _origins(files: Intake) -> Iterator[Raw]:
    """What modules are called, in files that may lie in a folder for each package."""
    yield from _all(files, _ORIGINS)
    for folder in _folders(files, _ORIGINS):
        yield from _all(files, folder)


def _folders(files: Intake, top: str) -> list[str]:
    return [f"{top}/{name}" for name in files.names(top) if files.is_folder(f"{top}/{name}")]


def _all(files: Intake, folder: str) -> Iterator[Raw]:
    """The objects in the files of JSON of a folder."""
    for name in files.names(folder):
        if name.endswith(".json"):
            yield from objects([files.json(f"{folder}/{name}")])


class _Reader:
    """Pages and what belongs to them; in a package modules, by the word `what`."""

    def __init__(self, files: Intake, what: str) -> None:
        self._files = files
        self._what = what

    def pages(self, folders: list[str]) -> Iterator[RawPage]:
        """Those of folders, and those of format 1, which are files."""
        for name in self._files.names("pages"):
            if name.endswith(".json"):
                raw = mapping(self._files.json(f"pages/{name}"))
                yield RawPage(raw=raw, dsl=_dsl(raw, self._what))
        for folder in folders:
            name = folder.rpartition("/")[2]
            raw = mapping(self._files.json(f"{folder}/{name}.json"))
            if not raw:
                raw = mapping(self._files.json(f"{folder}/canvas.json"))
            yield RawPage(raw=raw, dsl=self._tree(folder, _dsl(raw, self._what)))

    def actions(self, folders: list[str]) -> Iterator[Raw]:
        """Queries, and functions of script objects."""
        yield from _all(self._files, "queries")
        for folder in folders:
            for name in self._files.names(f"{folder}/queries"):
                path = f"{folder}/queries/{name}"
                if name.endswith(".json"):
                    yield from objects([self._files.json(path)])
                elif self._files.is_folder(path):
                    raw = self._files.json(f"{path}/metadata.json")
                    if isinstance(raw, dict):
                        yield _with_body(raw, self._body(path, name, ".txt"))

    def scripts(self, folders: list[str]) -> Iterator[RawScript]:
        """Script objects with their code."""
        for raw in _all(self._files, "jsobjects"):
            yield RawScript(raw=raw, body=_own_body(raw))
        for folder in folders:
            for name in self._files.names(f"{folder}/jsobjects"):
                path = f"{folder}/jsobjects/{name}"
                if name.endswith(".json"):
                    for raw in objects([self._files.json(path)]):
                        yield RawScript(raw=raw, body=_own_body(raw))
                elif self._files.is_folder(path):
                    found = self._files.json(f"{path}/metadata.json")
                    if isinstance(found, dict):
                        yield RawScript(raw=found, body=self._body(path, name, ".js") or "")

    def instances(self, folders: list[str]) -> Iterator[Raw]:
        """Instances of modules."""
        for folder in folders:
            yield from _all(self._files, f"{folder}/{_INSTANCES}")

    def _body(self, folder: str, name: str, ending: str) -> str | None:
        """The code beside a file of settings: it goes by the name of the folder."""
        if self._files.is_file(f"{folder}/{name}{ending}"):
            return self._files.text(f"{folder}/{name}{ending}")
        others = [other for other in self._files.names(folder) if other.endswith(ending)]
        return self._files.text(f"{folder}/{others[0]}") if others else None

    def _tree(self, folder: str, dsl: Raw) -> Raw:
        """The whole tree of a page: widgets of format 5 lie in files of their own."""
        found = list(self._widgets(f"{folder}/widgets", 0))
        return joined(dsl, found) if found else dsl

    def _widgets(self, folder: str, depth: int) -> Iterator[Raw]:
        for name in self._files.names(folder):
            path = f"{folder}/{name}"
            if name.endswith(".json"):
                yield from objects([self._files.json(path)])
            elif depth < 60 and self._files.is_folder(path):
                yield from self._widgets(path, depth + 1)


def joined(dsl: Raw, widgets: list[Raw]) -> Raw:
    """A tree of widgets that lie beside each other: `parentId` says where each stands. A canvas stands in
    the file of its owner. What stands nowhere, or in itself, stands on the page."""
    main = {**dsl, "children": list(objects(dsl.get("children")))}
    homes: dict[str, dict[str, Any]] = {text(main.get("widgetId")) or "0": main}
    copies = [_copied(widget, homes) for widget in widgets]
    for copy in copies:
        home = homes.get(text(copy.get("parentId")))
        if home is None or home is copy or _holds(copy, home, homes):
            home = main
        home.setdefault("children", []).append(copy)
    return main


def _copied(widget: Raw, homes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A widget of its own, and the canvases in it, by their ids."""
    copy = {**widget, "children": [_copied(child, homes) for child in objects(widget.get("children"))]}
    homes.setdefault(text(widget.get("widgetId")), copy)
    return copy


def _holds(widget: Raw, home: Raw, homes: Mapping[str, Raw]) -> bool:
    """Whether `home` stands in `widget`."""
    waiting, seen = [home], 0
    while waiting and seen < 1000:
        current = waiting.pop()
        seen += 1
        if current is widget:
            return True
        outer = homes.get(text(current.get("parentId")))
        waiting += [outer] if outer is not None else []
    return seen >= 1000


def _dsl(raw: Raw, what: str) -> Raw:
    for key in (f"unpublished{what}", f"published{what}"):
        for layout in objects(dig(raw, key, "layouts")):
            if isinstance(layout.get("dsl"), dict):
                return mapping(layout["dsl"])
    return {}


def _own_body(raw: Raw) -> str:
    return text(dig(raw, "unpublishedCollection", "body")) or text(dig(raw, "publishedCollection", "body"))


def _with_body(raw: Raw, body: str | None) -> Raw:
    """An action with its code, which has its own file and wins over what the settings say."""
    action = mapping(raw.get("unpublishedAction"))
    if body is None or body == "" or not action:
        return raw
    configuration = mapping(action.get("actionConfiguration"))
    if raw.get("pluginType") == "REMOTE":
        changed = {**configuration, "formData": _form(body)}
    else:
        changed = {**configuration, "body": body}
    return {**raw, "unpublishedAction": {**action, "actionConfiguration": changed}}


def _form(body: str) -> Raw:
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}
