"""An Appsmith application in its git layout, as large as the largest that are public.

What its widgets are, how many of each there are and what their properties hold is about as it was counted
over real applications: 40 % texts, most with a binding, a quarter buttons, inputs, 5 % tables of a query's
rows. A page has a query for ten widgets; some of them run when it is opened.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Pages, widgets of a page, and of the largest one.
PAGES, WIDGETS, LARGEST = 16, 100, 120
#: Queries of a page that run when it is opened; the others wait for a button.
AT_LOAD = 4

Widget = dict[str, Any]


def write(folder: Path, api: str) -> int:
    """Write the application into `folder`, with the address of the API that has its rows; how many widgets it
    has."""
    names = [f"Page {number}" for number in range(1, PAGES + 1)]
    _put(folder / "metadata.json", {"artifactJsonType": "APPLICATION", "fileFormatVersion": 5})
    pages = [{"id": name, "isDefault": name == names[0]} for name in names]
    _put(folder / "application.json", {"evaluationVersion": 2, "applicationVersion": 2, "pages": pages})
    _put(folder / "theme.json", {"name": "Classic", "displayName": "Modern"})
    _put(
        folder / "datasources" / "Api.json",
        {
            "gitSyncId": "d_1",
            "name": "Api",
            "pluginId": "restapi-plugin",
            "datasourceConfiguration": {"url": api},
        },
    )
    counts = [LARGEST, *[WIDGETS] * (PAGES - 1)]
    for name, count in zip(names, counts, strict=True):
        _page(folder / "pages" / name, name, count)
    return sum(counts)


def _page(folder: Path, name: str, count: int) -> None:
    main = {
        "type": "CANVAS_WIDGET",
        "widgetId": "0",
        "widgetName": "MainContainer",
        "version": 94,
        "snapColumns": 64,
        "rightColumn": 4896,
        "bottomRow": 4000,
        "detachFromLayout": True,
    }
    page = {"isHidden": False, "layouts": [{"dsl": main}], "name": name, "slug": name.lower()}
    _put(folder / f"{name}.json", {"gitSyncId": f"p_{name}", "unpublishedPage": page})
    for widget in _widgets(count):
        _put(folder / "widgets" / f"{widget['widgetName']}.json", widget)
    for number in range(count // 10):
        _query(folder / "queries" / f"query{number}", name, f"query{number}", at_load=number < AT_LOAD)
    _script(folder / "jsobjects" / "Actions", name)


def _widgets(count: int) -> Iterator[Widget]:
    for number in range(count):
        widget, at = _kind(number), (number % 4) * 16
        yield {
            **widget,
            "widgetId": f"w{number}",
            "parentId": "0",
            "leftColumn": at,
            "rightColumn": at + 16,
            "topRow": number // 4 * 8,
            "bottomRow": number // 4 * 8 + 7,
            "isVisible": True,
            "renderMode": "CANVAS",
            "version": 1,
        }


def _kind(number: int) -> Widget:
    """A kind of widget for each number, in about the shares that they have."""
    query = f"query{number // 10}"
    match number % 20:
        case 0 | 3 | 6 | 10 | 12 | 13 | 16 | 17:
            text = f"{{{{ {query}.data?.length ?? 0 }}}} rows, {{{{ moment(0).format('YYYY') }}}}"
            return {
                "type": "TEXT_WIDGET",
                "widgetName": f"Text{number}",
                "text": text,
                "dynamicBindingPathList": [{"key": "text"}],
            }
        case 1 | 4 | 11:
            return {
                "type": "BUTTON_WIDGET",
                "widgetName": f"Button{number}",
                "text": "Go",
                **_clicked(query, number),
            }
        case 14 | 15:
            name = f"IconButton{number}"
            return {
                "type": "ICON_BUTTON_WIDGET",
                "widgetName": name,
                "iconName": "refresh",
                **_clicked(query, number),
            }
        case 2 | 5 | 18:
            return {
                "type": "INPUT_WIDGET_V2",
                "widgetName": f"Input{number}",
                "inputType": "TEXT",
                "label": "Name",
                "defaultText": "{{ appsmith.store.last ?? '' }}",
                "dynamicBindingPathList": [{"key": "defaultText"}],
            }
        case 7:
            return {
                "type": "SELECT_WIDGET",
                "widgetName": f"Select{number}",
                "sourceData": "{{ [1, 2, 3].map((each) => ({ label: 'No. ' + each, value: each })) }}",
                "optionLabel": "label",
                "optionValue": "value",
                "dynamicBindingPathList": [{"key": "sourceData"}],
            }
        case 8:
            return _table(number, query)
        case _:
            return {"type": "IMAGE_WIDGET", "widgetName": f"Image{number}", "image": "", "objectFit": "cover"}


def _clicked(query: str, number: int) -> Widget:
    code = f"{{{{ {query}.run().then(() => storeValue('last', {number})) }}}}"
    return {"onClick": code, "dynamicTriggerPathList": [{"key": "onClick"}]}


def _table(number: int, query: str) -> Widget:
    name = f"Table{number}"
    columns = {
        key: {
            "id": key,
            "originalId": key,
            "alias": key,
            "label": key,
            "index": index,
            "columnType": "text",
            "isVisible": True,
            "computedValue": f"{{{{{name}.processedTableData.map((currentRow, currentIndex) => "
            f'(currentRow["{key}"]))}}}}',
        }
        for index, key in enumerate(("id", "name", "email", "state"))
    }
    return {
        "type": "TABLE_WIDGET_V2",
        "widgetName": name,
        "tableData": f"{{{{ {query}.data ?? [] }}}}",
        "primaryColumns": columns,
        "columnOrder": list(columns),
        "dynamicBindingPathList": [
            {"key": "tableData"},
            *({"key": f"primaryColumns.{key}.computedValue"} for key in columns),
        ],
    }


def _query(folder: Path, page: str, name: str, *, at_load: bool) -> None:
    configuration = {
        "httpMethod": "GET",
        "path": "/open/rows",
        "headers": [{"key": "Authorization", "value": "Bearer {{appsmith.store.token}}"}],
        "formData": {"apiContentType": "none"},
        "timeoutInMillisecond": 10000,
        "pluginSpecifiedTemplates": [{"value": True}],
    }
    action = {
        "name": name,
        "pageId": page,
        "runBehaviour": "ON_PAGE_LOAD" if at_load else "MANUAL",
        "datasource": {"id": "Api", "name": "Api", "pluginId": "restapi-plugin"},
        "dynamicBindingPathList": [{"key": "headers[0].value"}],
        "actionConfiguration": configuration,
    }
    _put(
        folder / "metadata.json",
        {
            "id": f"{page}_{name}",
            "pluginId": "restapi-plugin",
            "pluginType": "API",
            "unpublishedAction": action,
        },
    )


def _script(folder: Path, page: str) -> None:
    collection = {"name": "Actions", "pageId": page, "pluginId": "js-plugin", "variables": []}
    _put(
        folder / "metadata.json",
        {"id": f"{page}_Actions", "unpublishedCollection": collection},
    )
    lines = ["export default {"]
    lines += [f"\tasync act{each}() {{ return (await query{each}.run())?.length }}," for each in range(8)]
    (folder / "Actions.js").write_text("\n".join([*lines, "}"]))


def _put(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=2))
