"""The single-file export of Appsmith."""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith.artefact import Artefact, Raw, RawPage, RawScript, unpublished
from portico.importers.appsmith.intake import NotImportable
from portico.importers.appsmith.loose import dig, mapping, objects, text

#: Of what an export decrypted only this is kept: which kind of sign-in it was for, never a value.
_KINDS = ("authType", "authenticationType")


def is_export(value: Any) -> bool:
    """Whether JSON is an export of an application."""
    return isinstance(value, dict) and isinstance(value.get("exportedApplication"), dict)


def read(value: Mapping[str, Any], source: str, notes: tuple[str, ...] = ()) -> Artefact:
    """The application in an export. Raises NotImportable for one without pages."""
    pages = tuple(_pages(value))
    if not pages:
        raise NotImportable(message="The export has no pages.")
    return Artefact(
        source=source,
        form="export",
        application={**mapping(value["exportedApplication"]), "pageOrder": value.get("pageOrder")},
        pages=pages,
        actions=tuple(objects(value.get("actionList"))),
        scripts=tuple(_scripts(value)),
        datasources=tuple(objects(value.get("datasourceList"))),
        libraries=tuple(objects(value.get("customJSLibList"))),
        theme=mapping(value.get("editModeTheme")) or mapping(value.get("publishedTheme")),
        instances=tuple(objects(value.get("moduleInstanceList"))),
        origins=tuple(objects(value.get("sourceModuleList"))),
        credentials={
            name: {key: found[key] for key in _KINDS if isinstance(found.get(key), str)}
            for name, found in mapping(value.get("decryptedFields")).items()
            if isinstance(found, dict)
        },
        notes=notes,
    )


def _pages(value: Raw) -> Iterator[RawPage]:
    for raw in objects(value.get("pageList")):
        page = unpublished(raw, "Page")
        layouts = objects(page.get("layouts")) if page is not None else []
        yield RawPage(raw=raw, dsl=mapping(layouts[0].get("dsl")) if layouts else {})


def _scripts(value: Raw) -> Iterator[RawScript]:
    for raw in objects(value.get("actionCollectionList")):
        collection = unpublished(raw, "Collection") or {}
        body = text(collection.get("body")) or text(dig(raw, "publishedCollection", "body"))
        yield RawScript(raw=raw, body=body)
