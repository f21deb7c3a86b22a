"""How a table is rendered: its bar, its rows, its pages."""

from collections.abc import Mapping
from typing import Any

from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.icons import ICONS
from portico.ui.widgets.node import Node
from portico.ui.widgets.table.cells import Cells, classes_of
from portico.ui.widgets.table.posted import records, view_of

CONDITIONS: Mapping[str, str] = {
    "contains": "contains",
    "doesNotContain": "does not contain",
    "startsWith": "starts with",
    "endsWith": "ends with",
    "isExactly": "is exactly",
    "empty": "is empty",
    "notEmpty": "is not empty",
    "isEqualTo": "is equal to",
    "notEqualTo": "is not equal to",
    "greaterThan": "is greater than",
    "greaterThanEqualTo": "is at least",
    "lessThan": "is less than",
    "lessThanEqualTo": "is at most",
    "is": "is on",
    "isNot": "is not on",
    "isBefore": "is before",
    "isAfter": "is after",
    "isChecked": "is checked",
    "isUnChecked": "is not checked",
}
_ICONS = ("filter", "cross", "download", "plus", "edit", "floppy-disk", "undo")
_NEXT = {"": "asc ", "asc": "desc "}
_SPOKEN = {"asc": "ascending", "desc": "descending"}
#: Kinds of controls → types of inputs, where that is not text.
_NATIVE = {"number": "number", "date": "date", "moment": "datetime-local"}
_NEW_ROW = {"key": "new", "name": "new row", "drafted": True, "edited": False, "editable": False}


def prepare(node: Node) -> Mapping[str, Any]:
    """The view as the template wants it."""
    props, view = node.props, view_of(node.props)
    name = as_text(props["label"]) or humanised(node.widget.name)
    cells = Cells(node, list(records(view.get("columns"))))
    rows = [cells.row(row) for row in records(view.get("rows"))]
    adding = view.get("adding")
    return {
        "name": name,
        "icons": {icon: ICONS[icon][1] for icon in _ICONS},
        "columns": [_heading(column) for column in cells.columns],
        "body": rows,
        "adding": cells.among(adding) if isinstance(adding, list | tuple) else None,
        "new_row": _NEW_ROW,
        "native": _NATIVE,
        "picks": bool(props["isSelectable"]),
        "several": bool(props["multiRowSelection"]),
        "all_picked": bool(rows) and all(row["selected"] for row in rows),
        "pending": node.pending(rows),
        "empty": _empty(props, view),
        "height": choice(props["compactMode"], ("DEFAULT", "SHORT", "TALL")),
        "search": as_text(props["searchText"]),
        "filters": _filters(view.get("filters")),
        "status": "Loading…" if node.pending(rows) else _status(view, len(rows)),
        "pages": _pages(view, len(rows), _integer(props["pageSize"])),
        "sizes": [(size, size) for size in view.get("sizes", ()) if isinstance(size, int)],
        "applies": bool(props["isVisibleSearch"] or props["isVisiblePagination"] or view.get("filters")),
    }


def _heading(column: Mapping[str, Any]) -> Mapping[str, Any]:
    """A column with what a press on its heading asks for: up, down, as the data are."""
    order, word = column.get("sorted"), as_text(column.get("id"))
    follows = None if order is None else f"{_NEXT[order]}{word}" if order in _NEXT else ""
    label = as_text(column.get("label"))
    return {
        **dict.fromkeys(("id", "type", "save", "discard"), ""),
        **column,
        "classes": classes_of(column),
        "sort": follows,
        "spoken": _SPOKEN.get(as_text(order)),
        "label": label or humanised(word),
        "silent": not label,
    }


def _filters(given: object) -> Mapping[str, Any] | None:
    if not isinstance(given, Mapping) or not given.get("columns"):
        return None
    lines = [
        {
            **line,
            "conditions": [(one, CONDITIONS.get(one, one)) for one in line.get("conditions", ())],
        }
        for line in records(given.get("lines"))
    ]
    return {"columns": given["columns"], "operator": given.get("operator"), "lines": lines}


def _empty(props: Mapping[str, Any], view: Mapping[str, Any]) -> str:
    return "No rows match." if view.get("hasData") else as_text(props["emptyText"])


def _status(view: Mapping[str, Any], count: int) -> str:
    """Which rows these are, and how many are selected; it is read out when it changes."""
    first, total, selected = (_integer(view.get(key)) for key in ("first", "total", "selected"))
    parts = [f"Rows {_grouped(first)}–{_grouped(first + count - 1)}" if count else "No rows"]
    if count and view.get("total") is not None:
        parts[0] += f" of {_grouped(total)}"
    return " · ".join([*parts, f"{_grouped(selected)} selected"] if selected else parts)


def _pages(view: Mapping[str, Any], count: int, size: int) -> Mapping[str, Any]:
    """The page, and the pages that its buttons lead to; None where there is none."""
    page, pages = max(_integer(view.get("page")), 1), view.get("pages")
    last = pages if isinstance(pages, int) else None
    further = page < last if last is not None else count >= size > 0
    return {
        "text": f"Page {_grouped(page)}" + (f" of {_grouped(last)}" if last is not None else ""),
        "buttons": [
            ("First page", "«", 1 if page > 1 else None),
            ("Previous page", "‹", page - 1 if page > 1 else None),
            ("Next page", "›", page + 1 if further else None),
            *([("Last page", "»", last if further else None)] if last is not None else []),
        ],
        "several": page > 1 or further,
    }


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _grouped(number: int) -> str:
    return f"{number:,}"
