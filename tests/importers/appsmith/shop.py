"""A small application of our own, in each format that Appsmith has written: made here, of nobody's."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portico.importers.appsmith.importing import Imported, import_application
from portico.ui.widgets import CATALOGUE

#: Never to be found in any file of an imported app.
CANARY = "cNrY8f3Kq2Zx7Lw5Tn9B"

#: The types that these tests are about: others, and placeholders for what there is not, may come.
TYPES = {
    name: CATALOGUE[name]
    for name in (
        *("Form", "Input", "Select", "Checkbox", "Button", "IconButton", "Text", "Image", "Divider"),
        *("Container", "Tabs", "Modal", "Module", "List", "Table", "JSONForm"),
    )
}

Json = dict[str, Any]
THEMED = "{{appsmith.theme.borderRadius.appBorderRadius}}"


def widget(name: str, kind: str, place: tuple[int, int, int, int] = (0, 0, 16, 4), **more: Any) -> Json:
    """A widget at left, top, right, bottom."""
    left, top, right, bottom = place
    return {
        "widgetName": name,
        "widgetId": f"id-{name}",
        "type": kind,
        "leftColumn": left,
        "topRow": top,
        "rightColumn": right,
        "bottomRow": bottom,
        "parentId": "0",
        "version": 1,
        "isVisible": True,
        "borderRadius": THEMED,
        **more,
    }


def canvas(name: str, *children: Json, **more: Any) -> Json:
    """A canvas, which is no widget of its own."""
    return {
        "widgetName": name,
        "widgetId": f"id-{name}",
        "type": "CANVAS_WIDGET",
        "parentId": "",
        "children": list(children),
        **more,
    }


def holding(name: str, kind: str, place: tuple[int, int, int, int], *children: Json, **more: Any) -> Json:
    """A widget with a canvas in it."""
    return widget(name, kind, place, children=[canvas(f"{name}Canvas", *children)], **more)


def root(*children: Json, version: int | None = 94, **more: Any) -> Json:
    """The tree of a page."""
    return {**canvas("MainContainer", *children), "widgetId": "0", "version": version, **more}


def page(name: str, dsl: Json, **more: Any) -> Json:
    """A page of an application."""
    return {"unpublishedPage": {"name": name, "slug": name.lower(), "layouts": [{"dsl": dsl}], **more}}


def rest(page_name: str, name: str, **more: Any) -> Json:
    """A REST query. `datasource` and `configuration` are as Appsmith has them."""
    configuration = {
        "httpMethod": "GET",
        "path": "/",
        "headers": [],
        "queryParameters": [],
        "bodyFormData": [],
        "formData": {"apiContentType": "none"},
        "timeoutInMillisecond": 10000,
        **more.pop("configuration", {}),
    }
    return {
        "id": f"{page_name}_{name}",
        "pluginId": more.pop("plugin", "restapi-plugin"),
        "pluginType": "API",
        "unpublishedAction": {
            "name": name,
            "pageId": page_name,
            "datasource": more.pop("datasource", {"id": "Shop API", "name": "Shop API"}),
            "actionConfiguration": configuration,
            "runBehaviour": "MANUAL",
            **more,
        },
    }


def script(page_name: str, name: str, body: str) -> Json:
    """A script object."""
    return {
        "id": f"{page_name}_{name}",
        "unpublishedCollection": {"name": name, "pageId": page_name, "pluginId": "js-plugin", "body": body},
    }


def function(page_name: str, owner: str, name: str, run: str) -> Json:
    """What is said of a function of a script object."""
    return {
        "id": f"{page_name}_{owner}.{name}",
        "pluginId": "js-plugin",
        "pluginType": "JS",
        "unpublishedAction": {
            "name": name,
            "pageId": page_name,
            "fullyQualifiedName": f"{owner}.{name}",
            "collectionId": f"{page_name}_{owner}",
            "runBehaviour": run,
            "actionConfiguration": {},
        },
    }


LOGIN = root(
    holding(
        "LoginForm",
        "FORM_WIDGET",
        (10, 2, 50, 40),
        widget("Email", "INPUT_WIDGET_V2", (0, 0, 64, 7), label="E-mail", inputType="EMAIL"),
        widget("Password", "INPUT_WIDGET_V2", (0, 7, 64, 14), label="Password", inputType="PASSWORD"),
        widget(
            "LogIn",
            "BUTTON_WIDGET",
            (0, 16, 20, 20),
            text="Log in",
            buttonColor="{{appsmith.theme.colors.primaryColor}}",
            onClick="{{logIn.run().then(() => { storeValue('token', logIn.data.jwt); "
            "navigateTo('My Orders'); })}}",
            dynamicTriggerPathList=[{"key": "onClick"}],
        ),
    )
)
_COMPUTED = (
    "{{(() => { const tableData = Orders.processedTableData || []; return tableData.length > 0 ? "
    "tableData.map((currentRow, currentIndex) => (%s)) : %s })()}}"
)
ORDERS = root(
    widget("Title", "TEXT_WIDGET", (0, 0, 64, 4), text="Orders of {{getMe.data.username}}"),
    widget(
        "Orders",
        "TABLE_WIDGET_V2",
        (0, 5, 64, 40),
        tableData="{{getOrders.data}}",
        primaryColumnId="id",
        primaryColumns={
            "id": {
                "id": "id",
                "originalId": "id",
                "alias": "id",
                "index": 0,
                "label": "Nr",
                "columnType": "number",
                "computedValue": _COMPUTED % ('currentRow["id"]', "id"),
            },
            "customColumn1": {
                "id": "customColumn1",
                "originalId": "customColumn1",
                "alias": "state",
                "index": 1,
                "label": "State",
                "columnType": "text",
                "computedValue": _COMPUTED % ("currentRow.days > 30 ? 'late' : 'fine'", "''"),
            },
        },
        columnOrder=["id", "customColumn1"],
    ),
    widget("Mystery", "MAP_WIDGET", (0, 41, 20, 60), mapCenter="{{Orders.selectedRow.place}}"),
    widget("Out", "BUTTON_WIDGET", (50, 41, 64, 45), text="Log out", onClick="{{Session.logOut()}}"),
)
GUARD = """export default {
  async check() {
    if (!appsmith.store.token) {
      navigateTo('Login');
    }
  },
  logOut() {
    removeValue('token').then(() => navigateTo('Login'));
  }
}"""
ACTIONS = [
    rest(
        "Login",
        "logIn",
        configuration={
            "httpMethod": "POST",
            "path": "/auth/local",
            "body": '{"identifier": {{Email.text}}, "password": {{Password.text}}}',
            "formData": {"apiContentType": "application/json"},
        },
    ),
    rest(
        "My Orders",
        "getOrders",
        runBehaviour="ON_PAGE_LOAD",
        configuration={
            "path": "/orders",
            "headers": [
                {"key": "Authorization", "value": "Bearer {{appsmith.store.token}}"},
                {"key": "X-Api-Key", "value": CANARY},
            ],
            "queryParameters": [{"key": "size", "value": "20"}],
            "timeoutInMillisecond": 20000,
        },
    ),
    rest(
        "My Orders",
        "getMe",
        runBehaviour="ON_PAGE_LOAD",
        configuration={
            "path": "/users/me",
            "headers": [{"key": "Authorization", "value": "Bearer {{appsmith.store.token}}"}],
        },
    ),
    {
        **rest("My Orders", "countOrders", plugin="snowflake-plugin", configuration={"body": "SELECT 1"}),
        "pluginType": "DB",
    },
    function("My Orders", "Session", "check", "ON_PAGE_LOAD"),
    function("My Orders", "Session", "logOut", "MANUAL"),
]
SCRIPTS = [script("My Orders", "Session", GUARD)]
PAGES = [page("Login", LOGIN), page("My Orders", ORDERS)]
SETTINGS: Json = {"pages": [{"id": "My Orders", "isDefault": False}, {"id": "Login", "isDefault": True}]}
SOURCES = [{"name": "Shop API", "pluginId": "restapi-plugin"}]
THEME: Json = {"name": "Custom", "properties": {"colors": {"primaryColor": "#0F766E"}}}


def export(**more: Any) -> Json:
    """The shop as a single file; numbers are floats, as Appsmith writes them."""
    whole = {
        "clientSchemaVersion": 1.0,
        "exportedApplication": {**SETTINGS},
        "datasourceList": SOURCES,
        "pageList": PAGES,
        "actionList": ACTIONS,
        "actionCollectionList": SCRIPTS,
        "editModeTheme": THEME,
        **more,
    }
    found: Json = json.loads(json.dumps(whole), parse_int=float)
    return found


def write_export(folder: Path, name: str = "export.json", **more: Any) -> Path:
    """The export as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(export(**more)))
    return folder / name


def write_git(
    folder: Path,
    form: int = 5,
    *,
    pages: list[Json] | None = None,
    actions: list[Json] | None = None,
    scripts: list[Json] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Path:
    """The shop, or what is given in its place, in a git layout."""
    files = _Files(folder)
    files.json(
        "metadata.json", {"fileFormatVersion": form, "clientSchemaVersion": 2, "serverSchemaVersion": 12}
    )
    files.json("application.json", dict(SETTINGS if settings is None else settings))
    files.json("theme.json", THEME)
    for source in SOURCES:
        files.json(f"datasources/{source['name']}.json", source)
    for one in PAGES if pages is None else pages:
        _write_page(files, copy.deepcopy(one), form)
    for one in ACTIONS if actions is None else actions:
        _write_action(files, copy.deepcopy(one), form)
    for one in SCRIPTS if scripts is None else scripts:
        _write_script(files, copy.deepcopy(one), form)
    return folder


class _Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def json(self, path: str, value: Any) -> None:
        self.text(path, json.dumps(value))

    def text(self, path: str, text: str) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _write_page(files: _Files, one: Json, form: int) -> None:
    name = one["unpublishedPage"]["name"]
    if form == 1:
        files.json(f"pages/{name}.json", one)
    elif form < 5:
        files.json(f"pages/{name}/canvas.json", one)
    else:
        dsl = one["unpublishedPage"]["layouts"][0]["dsl"]
        children = dsl.pop("children", [])
        files.json(f"pages/{name}/{name}.json", one)
        for child in children:
            _write_widget(files, f"pages/{name}/widgets", child, "0")


def _write_widget(files: _Files, folder: str, one: Json, parent: str) -> None:
    """A widget in a file of its own: one with canvases in a folder, its canvases with it, without theirs."""
    one["parentId"] = parent
    canvases = one.get("children", [])
    inner = [(found, found.pop("children", [])) for found in canvases if found["type"] == "CANVAS_WIDGET"]
    for found, _ in inner:
        found["parentId"] = one["widgetId"]
    name = one["widgetName"]
    home = f"{folder}/{name}" if inner else folder
    files.json(f"{home}/{name}.json", one)
    for found, children in inner:
        for child in children:
            _write_widget(files, home, child, found["widgetId"])


def _write_action(files: _Files, one: Json, form: int) -> None:
    action = one["unpublishedAction"]
    home, name = action["pageId"], action.get("fullyQualifiedName", action["name"]).replace(".", "-")
    if form == 1:
        files.json(f"queries/{name}_{home}.json", one)
    elif form < 4:
        files.json(f"pages/{home}/queries/{name}.json", one)
    else:
        body = action["actionConfiguration"].pop("body", None)
        files.json(f"pages/{home}/queries/{name}/metadata.json", one)
        if body is not None:
            files.text(f"pages/{home}/queries/{name}/{name}.txt", body)


def _write_script(files: _Files, one: Json, form: int) -> None:
    collection = one["unpublishedCollection"]
    home, name = collection["pageId"], collection["name"]
    if form == 1:
        files.json(f"jsobjects/{name}_{home}.json", one)
    elif form == 2:
        files.json(f"pages/{home}/jsobjects/{name}.json", one)
    else:
        files.text(f"pages/{home}/jsobjects/{name}/{name}.js", collection.pop("body"))
        files.json(f"pages/{home}/jsobjects/{name}/metadata.json", one)


def imported(source: Path) -> Imported:
    """An application as an app called `shop`."""
    return import_application(source, "shop", TYPES)


def of_page(
    folder: Path, dsl: Json, *, actions: list[Json] | None = None, scripts: list[Json] | None = None
) -> Imported:
    """An application of one page, `Home`."""
    source = write_git(
        folder / "source",
        pages=[page("Home", dsl)],
        actions=actions or [],
        scripts=scripts or [],
        settings={"pages": [{"id": "Home", "isDefault": True}]},
    )
    return imported(source)


def lines(found: Imported, kind: str) -> list[str]:
    """What the report says under a heading."""
    return [line.as_text() for line in found.report.lines() if line.kind == kind]
