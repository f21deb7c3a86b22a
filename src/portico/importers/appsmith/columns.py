"""Columns of Appsmith's tables, old and new, as records of ours."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portico.importers.appsmith import code
from portico.importers.appsmith.loose import dig, items, mapping, number, objects, text
from portico.importers.appsmith.model import Node

_NOT_IN_IDS = re.compile(r"[\s\x00-,/:-@\[-^`{-\x7f]+")
#: Ways to write dates that are read anyway.
DATES = ("YYYY-MM-DDTHH:mm:ss.SSSZ", "YYYY-MM-DDTHH:mm:ss.SSS[Z]", "YYYY-MM-DD", "YYYY-MM-DDTHH:mm:ss")
#: Appsmith's names of fields by ours.
_RENAMED = {
    "isSortable": "enableSort",
    "isFilterable": "enableFilter",
    "align": "horizontalAlignment",
    "buttonColor": "buttonColor",
    "tooltip": "tooltip",
}
#: The same for a column of menus.
_OF_MENUS = {"buttonLabel": "menuButtonLabel", "buttonVariant": "menuVariant", "buttonColor": "menuColor"}
_VALIDATION = {
    "isRequired": "isColumnEditableCellRequired",
    "validation": "isColumnEditableCellValid",
    "regex": "regex",
    "min": "min",
    "max": "max",
    "errorMessage": "errorMessage",
}
#: What a field is in Appsmith where nobody chose, so that it is worth no line.
_USUAL: Mapping[str, Any] = {
    "align": "LEFT",
    "decimals": 0,
    "currencyCode": "USD",
    "thousandSeparator": True,
    "buttonVariant": "PRIMARY",
}


def records(
    node: Node, fields: frozenset[str], events: frozenset[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The columns in their order, each with Appsmith's word for its type. Values are as Appsmith has them,
    but for those of each row, which are of one row here."""
    given = {
        name: found
        for name, found in mapping(node.properties.get("primaryColumns")).items()
        if isinstance(found, dict)
    }
    order = [name for name in items(node.properties.get("columnOrder")) if isinstance(name, str)]
    places = {name: place for place, name in enumerate(order)}
    seen: set[str] = set()
    for name, raw in sorted(
        given.items(), key=lambda one: (places.get(one[0], len(order)), _index(one[1]), one[0])
    ):
        kind = text(raw.get("columnType")) or "text"
        made = kind == "menuButton" and _is_made(raw)
        yield (
            "menuButton with items made of data" if made else kind,
            _record(node, name, raw, fields, events, seen),
        )


def _is_made(raw: Mapping[str, Any]) -> bool:
    """Whether the items of its menu are made of data."""
    return text(raw.get("menuItemsSource")).upper() == "DYNAMIC"


def _index(raw: Mapping[str, Any]) -> float:
    return number(raw.get("index")) or 0


def _record(
    node: Node,
    name: str,
    raw: Mapping[str, Any],
    fields: frozenset[str],
    events: frozenset[str],
    seen: set[str],
) -> dict[str, Any]:
    key = text(raw.get("originalId")) or text(raw.get("id")) or name
    own = identity(text(raw.get("alias")) or key, seen, "column")
    record: dict[str, Any] = {"id": own}
    label = raw.get("label")
    if isinstance(label, str | int | float) and str(label) != own:
        record["label"] = label
    record["type"] = text(raw.get("columnType")) or "text"
    if key != own:
        record["alias"] = key
    shown = _of_row(raw.get("computedValue"))
    if isinstance(shown, str) and shown.strip() and code.member_of(shown, "currentRow") != key:
        record["value"] = shown
    unused = set() if raw.get("isEditable") not in (None, False, "") else {"isCellEditable"}
    for field in sorted(fields - record.keys() - {"alias", "value"} - unused):
        value = _of_row(_given(raw, field))
        if value is not None and value != "" and value != _USUAL.get(field):
            record[field] = value
    for event in sorted(events):
        if text(raw.get(event)).strip():
            record[event] = raw[event]
    return record


def _given(raw: Mapping[str, Any], field: str) -> Any:
    if field in _VALIDATION:
        return dig(raw, "validation", _VALIDATION[field])
    if field == "menuItems" and (raw.get("columnType") != "menuButton" or _is_made(raw)):
        return None
    renamed = _OF_MENUS if raw.get("columnType") == "menuButton" else _RENAMED
    value = raw.get(renamed.get(field, field))
    if field in ("inputFormat", "outputFormat") and (value in DATES or text(raw.get("columnType")) != "date"):
        return None
    if field in ("decimals", "currencyCode", "thousandSeparator") and raw.get("columnType") not in (
        "currency",
        "number",
    ):
        return None
    return value


def identity(wanted: str, seen: set[str], otherwise: str) -> str:
    """A name as an id, which none of those that were `seen` is; it is one of them from now on."""
    word = _NOT_IN_IDS.sub("_", wanted).strip("_")[:90] or otherwise
    number_, name = 1, word
    while name in seen:
        number_ += 1
        name = f"{word}_{number_}"
    seen.add(name)
    return name


def _of_row(value: Any) -> Any:
    if not isinstance(value, str) or "currentRow" not in value:
        return value
    return code.per_row(value, "currentRow") or value


def page_size(node: Node) -> int | None:
    """The rows that fit into the table, which is what Appsmith shows; None where nothing says."""
    top, bottom = number(node.properties.get("topRow")), number(node.properties.get("bottomRow"))
    if top is None or bottom is None or bottom <= top:
        return None
    row = {"SHORT": 20, "TALL": 60}.get(text(node.properties.get("compactMode")), 40)
    shown = (
        "isVisibleSearch",
        "isVisibleFilters",
        "isVisibleDownload",
        "isVisiblePagination",
        "allowAddNewRow",
    )
    toolbar = 40 if any(node.properties.get(name) for name in shown) else 0
    return max(int(((bottom - top) * 10 - 10 - toolbar - 32) // row), 1)


def has_columns(node: Node) -> bool:
    """Whether a widget says which columns it has."""
    return bool(objects(list(mapping(node.properties.get("primaryColumns")).values())))
