"""The neutral model of an application, from what either format holds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith.artefact import Artefact, Raw, RawPage, RawScript, unpublished
from portico.importers.appsmith.intake import NotImportable
from portico.importers.appsmith.loose import dig, flag, mapping, number, objects, text
from portico.importers.appsmith.model import (
    Application,
    Function,
    Instance,
    Library,
    Node,
    Page,
    Query,
    Run,
    Script,
    Source,
)

#: Widgets in widgets, canvases counted.
_DEPTH = 60
#: Before it the grid had 16 columns, and much else was otherwise.
OLDEST = 19
#: The name of a datasource that belongs to one query.
_EMBEDDED = "DEFAULT_REST_DATASOURCE"
_RUNS: Mapping[str, Run] = {
    "MANUAL": "manual",
    "ON_PAGE_LOAD": "on_load",
    "AUTOMATIC": "automatic",
    "ON_PAGE_UNLOAD": "on_unload",
}


def read(artefact: Artefact) -> Application:
    """The application. Raises NotImportable for one without pages, or of a kind that is not read."""
    what = "Module" if artefact.package is not None else "Page"
    raw_pages = [page for page in artefact.pages if unpublished(page.raw, what) is not None]
    if not raw_pages:
        raise NotImportable(message="The application has no pages that could be read.")
    detail = _detail(artefact.application)
    if artefact.package is None and _positioning(detail, raw_pages) == "ANVIL":
        raise NotImportable(
            message="The application has Appsmith's Anvil layout, whose widgets (WDS) are other ones. "
            "Only fixed and auto layout are read."
        )
    reader = _Reader(artefact)
    pages = tuple(reader.page(page, what) for page in _ordered(raw_pages, artefact.application, what))
    return Application(
        source=artefact.source,
        form=artefact.form,
        name=text(artefact.application.get("name")),
        pages=pages,
        default_page=_default(artefact.application, pages),
        sources=tuple(reader.sources()),
        libraries=tuple(_libraries(artefact)),
        theme=artefact.theme,
        navigation=_navigation(detail),
        positioning=_positioning(detail, raw_pages),
        is_package=artefact.package is not None,
        id=text((artefact.package or {}).get("packageUUID")),
        notes=artefact.notes,
    )


def _detail(application: Raw) -> Raw:
    return mapping(application.get("unpublishedApplicationDetail")) or mapping(
        application.get("applicationDetail")
    )


def _navigation(detail: Raw) -> str | None:
    """Shown unless an application says otherwise."""
    if dig(detail, "navigationSetting", "showNavbar") is False:
        return None
    return "side" if dig(detail, "navigationSetting", "orientation") == "side" else "top"


def _positioning(detail: Raw, pages: list[RawPage]) -> str:
    said = text(dig(detail, "appPositioning", "type")).upper()
    if said:
        return said
    anvil = any("layout" in page.dsl and "flexLayers" not in page.dsl for page in pages)
    return "ANVIL" if anvil else "FIXED"


def _ordered(pages: list[RawPage], application: Raw, what: str) -> list[RawPage]:
    """In the order of the application's list of pages, then by name."""
    order = [text(page.get("id")) for page in objects(application.get("pages"))]
    names = {id(page): text((unpublished(page.raw, what) or {}).get("name")) for page in pages}
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    return sorted(pages, key=lambda page: (places.get(names[id(page)], len(order)), names[id(page)]))


def _default(application: Raw, pages: tuple[Page, ...]) -> str:
    names = {page.name for page in pages}
    for page in objects(application.get("pages")):
        if flag(page.get("isDefault")) and text(page.get("id")) in names:
            return text(page.get("id"))
    return pages[0].name


def _libraries(artefact: Artefact) -> Iterator[Library]:
    for raw in artefact.libraries:
        accessors = raw.get("accessor")
        named = (
            [accessors] if isinstance(accessors, str) else accessors if isinstance(accessors, list) else []
        )
        yield Library(
            name=text(raw.get("name")),
            version=text(raw.get("version")),
            accessors=tuple(name for name in named if isinstance(name, str)),
        )


class _Reader:
    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._origins = {text(raw.get("moduleUUID")): raw for raw in artefact.origins}
        self._scripts: dict[str, list[RawScript]] = defaultdict(list)
        self._actions: dict[str, list[tuple[Raw, Raw]]] = defaultdict(list)
        for script in artefact.scripts:
            found = unpublished(script.raw, "Collection")
            if found is not None:
                self._scripts[_home(found)].append(script)
        for raw in artefact.actions:
            found = unpublished(raw, "Action")
            if found is not None:
                self._actions[_home(found)].append((raw, found))

    def page(self, raw: RawPage, what: str) -> Page:
        """A page with what belongs to it."""
        page = unpublished(raw.raw, what) or {}
        name = text(page.get("name"))
        loaded = _at_load(page)
        queries, functions = self._split(name, loaded)
        version = number(raw.dsl.get("version"))
        return Page(
            name=name,
            slug=text(page.get("slug")),
            hidden=flag(page.get("isHidden")),
            version=None if version is None else int(version),
            root=_node(raw.dsl, 0) if raw.dsl else None,
            queries=queries,
            scripts=tuple(self._page_scripts(name, functions)),
            instances=tuple(self._instances(name)),
            kind=text(raw.raw.get("type")),
            inputs=_inputs(page),
            id=text(raw.raw.get("moduleUUID")),
        )

    def sources(self) -> Iterator[Source]:
        """The datasources that the application lists, each once."""
        seen = set()
        for raw in self._artefact.datasources:
            name = text(raw.get("name"))
            if name and name not in seen:
                seen.add(name)
                yield Source(
                    name=name,
                    plugin=text(raw.get("pluginId")),
                    configuration=mapping(raw.get("datasourceConfiguration")),
                    decrypted=name in self._artefact.credentials,
                )

    def _split(
        self, page: str, loaded: frozenset[str]
    ) -> tuple[tuple[Query, ...], dict[str, dict[str, Function]]]:
        """The queries of a page, and what is said of the functions of its scripts."""
        queries: dict[str, Query] = {}
        functions: dict[str, dict[str, Function]] = defaultdict(dict)
        for raw, action in self._actions[page]:
            name = text(action.get("name"))
            owner = _owner(raw, action)
            if owner:
                functions[owner][name] = Function(
                    run=_run(action, loaded, f"{owner}.{name}"), confirm=_confirms(action)
                )
            elif name not in queries:
                queries[name] = _query(raw, action, _run(action, loaded, name))
        return tuple(queries[name] for name in sorted(queries)), functions

    def _page_scripts(self, page: str, functions: dict[str, dict[str, Function]]) -> Iterator[Script]:
        found: dict[str, Script] = {}
        for script in self._scripts[page]:
            collection = unpublished(script.raw, "Collection") or {}
            name = text(collection.get("name"))
            found.setdefault(
                name,
                Script(
                    name=name,
                    body=script.body,
                    functions=functions.get(name, {}),
                    instance=_instance_of(script.raw, collection),
                ),
            )
        yield from (found[name] for name in sorted(found))

    def _instances(self, page: str) -> Iterator[Instance]:
        for raw in self._artefact.instances:
            found = unpublished(raw, "ModuleInstance")
            if found is not None and _home(found) == page:
                module = text(raw.get("moduleUUID"))
                origin = self._origins.get(module, {})
                yield Instance(
                    name=text(found.get("name")),
                    kind=text(raw.get("type")) or text(found.get("type")),
                    package=text(raw.get("packageUUID")) or text(origin.get("packageUUID")),
                    module=module,
                    inputs=mapping(found.get("inputs")),
                    package_name=text(origin.get("packageName")),
                    module_name=text(origin.get("moduleName")),
                    id=text(raw.get("id")),
                )


def _home(found: Raw) -> str:
    return text(found.get("pageId")) or text(found.get("moduleId"))


def _owner(raw: Raw, action: Raw) -> str:
    """The script object that an action is a function of."""
    if text(raw.get("pluginType")) != "JS" and text(action.get("pluginType")) != "JS":
        return ""
    full = text(action.get("fullyQualifiedName"))
    if "." in full:
        return full.partition(".")[0]
    collection = text(action.get("collectionId"))
    prefix = f"{_home(action)}_"
    return collection.removeprefix(prefix) if collection.startswith(prefix) else collection


def _query(raw: Raw, action: Raw, run: Run | None) -> Query:
    datasource = mapping(action.get("datasource"))
    name = text(datasource.get("name")) or text(datasource.get("id"))
    plugin = text(raw.get("pluginId")) or text(datasource.get("pluginId"))
    embedded = name in ("", _EMBEDDED, "UNUSED_DATASOURCE") or bool(
        mapping(datasource.get("datasourceConfiguration")).get("url") and not datasource.get("id")
    )
    return Query(
        name=text(action.get("name")),
        plugin=plugin,
        source=Source(
            name=name, plugin=plugin, configuration=mapping(datasource.get("datasourceConfiguration"))
        ),
        embedded=embedded,
        configuration=mapping(action.get("actionConfiguration")),
        run=run,
        confirm=_confirms(action),
        instance=_instance_of(raw, action),
    )


def _instance_of(raw: Raw, found: Raw) -> str:
    return text(raw.get("moduleInstanceId")) or text(found.get("moduleInstanceId"))


def _confirms(action: Raw) -> bool:
    return flag(action.get("confirmBeforeExecute"))


def _run(action: Raw, loaded: frozenset[str], name: str) -> Run | None:
    """When something runs by itself; older versions only recorded what runs at load."""
    said = _RUNS.get(text(action.get("runBehaviour")))
    if said is not None:
        return said
    if flag(action.get("executeOnLoad")) or name in loaded:
        return "on_load"
    return "manual" if "executeOnLoad" in action or loaded else None


def _at_load(page: Raw) -> frozenset[str]:
    """The names of what is recorded to run when a page opens; lists of lists, in stages."""
    found = set()
    for layout in objects(page.get("layouts")):
        for stage in (
            layout.get("layoutOnLoadActions") or ()
            if isinstance(layout.get("layoutOnLoadActions"), list)
            else ()
        ):
            found |= {text(action.get("name")) for action in objects(stage)}
    return frozenset(found - {""})


def _inputs(module: Raw) -> dict[str, Any]:
    """The inputs of a module, with their defaults."""
    found = {}
    for section in objects(module.get("inputsForm")):
        for field in objects(section.get("children")):
            name = text(field.get("propertyName")).removeprefix("inputs.")
            if name:
                found[name] = field.get("defaultValue")
    return found


def _node(raw: Raw, depth: int) -> Node:
    """A widget and those in it. What is nested beyond all reason is left out by its reader's limits."""
    children = objects(raw.get("children")) if depth < _DEPTH else []
    return Node(
        id=text(raw.get("widgetId")),
        name=text(raw.get("widgetName")),
        type=text(raw.get("type")),
        properties={key: value for key, value in raw.items() if key != "children"},
        children=tuple(_node(child, depth + 1) for child in children),
    )
