"""JSON Schemas (draft 7) of the files of an app: what editors complete and check them with."""

from collections.abc import Mapping

from portico.definition import (
    actions,
    data_types,
    datasources,
    dialect_shapes,
    journey_dialects,
    journey_steps,
    journeys,
    lock,
    manifest,
    modules,
    packages,
    pages,
    queries,
    scripts,
    widgets,
)
from portico.definition.shapes import Schema, Shape
from portico.model.widget import WidgetType

_DRAFT = "http://json-schema.org/draft-07/schema#"

#: The files, as a pattern from the app's folder, and the shapes of what they hold.
FILES: Mapping[str, tuple[str, Shape]] = {
    "app": ("app.yaml", manifest.SHAPE),
    "type": ("types/*.yaml", data_types.SHAPE),
    "datasource": ("**/datasources/*.yaml", datasources.SHAPE),
    "query": ("**/queries/*.yaml", queries.SHAPE),
    "script": ("**/scripts/*.yaml", scripts.SHAPE),
    "page": ("pages/*/page.yaml", pages.SHAPE),
    "package": (f"packages/*/{packages.FILE_NAME}", packages.SHAPE),
    "module": ("packages/*/modules/*/module.yaml", modules.SHAPE),
    "lock": (lock.FILE_NAME, lock.SHAPE),
    "journeys": (f"{journeys.FOLDER}*.yaml", journeys.SHAPE),
    "dialect": (f"{journeys.FOLDER}{journey_dialects.FOLDER}/*.yaml", dialect_shapes.IMITATION),
}
#: Those in which widgets stand.
_WITH_WIDGETS = frozenset({"page", "module"})


def schemas(types: Mapping[str, WidgetType]) -> dict[str, Schema]:
    """By the names of `FILES`; `types` are the widget types that there are.

    They accept what `check` accepts. What only the whole app can tell (names, pages, code in bindings)
    is for `check`.
    """
    shared = {"widget": widgets.schema(types), "actions": actions.schema()}
    found: dict[str, Schema] = {}
    for name, (pattern, shape) in FILES.items():
        head = {"$schema": _DRAFT, "title": f"Portico: {pattern}"}
        found[name] = {**head, **shape.schema(), **({"definitions": shared} if name in _WITH_WIDGETS else {})}
    found["journeys"] = {**found["journeys"], "definitions": {"steps": journey_steps.schema()}}
    found["dialect"] = {**found["dialect"], "definitions": dialect_shapes.definitions()}
    return found
