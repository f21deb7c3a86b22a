"""What users set in a table: pages, order, search, filters, selection and cells, as browsers post them.

Each function gives the state that a posted value leads to, from the view that the user saw, and raises
ValueError for what that view does not offer.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portico.ui.prose import as_text

#: Characters of a search or a filter, and of a cell.
SHORT, LONG = 1000, 100_000

Props = Mapping[str, Any]


def view_of(props: Props) -> Mapping[str, Any]:
    """The view that the sandbox gave; empty where it gave none."""
    view = props.get("view")
    return view if isinstance(view, Mapping) else {}


def records(value: object) -> Iterator[Mapping[str, Any]]:
    """The mappings in a list."""
    return (one for one in value if isinstance(one, Mapping)) if isinstance(value, list | tuple) else iter(())


def search(posted: object, props: Props, detail: str) -> str:
    """What is searched for."""
    if not props.get("isVisibleSearch"):
        raise ValueError("there is no search")
    return _text(posted, SHORT)


def page(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """A page that there is, with what it is a page of."""
    view, number = view_of(props), _number(posted)
    pages = view.get("pages")
    if not props.get("isVisiblePagination") or number < 1 or (isinstance(pages, int) and number > pages):
        raise ValueError("no such page")
    return {"page": number, "stamp": view.get("stamp")}


def size(posted: object, props: Props, detail: str) -> int:
    """A number of rows that is offered."""
    number = _number(posted)
    if not props.get("isVisiblePagination") or number not in _listed(view_of(props), "sizes"):
        raise ValueError("no such size")
    return number


def sort(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """`asc` or `desc` and the id of a column that can be sorted by; nothing for the order of the data."""
    if posted == "":
        return {"column": "", "order": None}
    order, _, column = _text(posted, SHORT).partition(" ")
    sortable = {
        one.get("id") for one in records(view_of(props).get("columns")) if one.get("sorted") is not None
    }
    if order not in ("asc", "desc") or column not in sortable:
        raise ValueError("not to be sorted by")
    return {"column": column, "order": order}


def row(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """`+` or `-` and the key of a row of this page, or `*` for all of them, to select it or not to."""
    text, view = _text(posted, SHORT), view_of(props)
    sign, key, several = text[:1], text[1:], bool(props.get("multiRowSelection"))
    shown = [one["key"] for one in records(view.get("rows")) if isinstance(one.get("key"), str)]
    meant = shown if key == "*" and several else [key]
    if not props.get("isSelectable") or sign not in ("+", "-") or not set(meant) <= set(shown):
        raise ValueError("no such row")
    before = [one for one in _listed(view, "keys") if one not in meant] if several else []
    return {"keys": [*before, *meant] if sign == "+" else before, "added": sign == "+"}


def filters(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """The filters with one of their parts set: `operator`, or column, condition or value of a line."""
    offered = view_of(props).get("filters")
    present = props.get("chosenFilters")
    if not isinstance(offered, Mapping) or not isinstance(present, Mapping):
        raise ValueError("there are no filters")  # noqa: TRY004  # the one error of `parse`
    text = _text(posted, SHORT)
    if detail == "operator" and text in ("AND", "OR"):
        return {**present, "operator": text}
    number, _, part = detail.partition(":")
    line = next((one for one in records(offered.get("lines")) if str(one.get("id")) == number), None)
    if line is None or not _may_be(part, text, line, offered):
        raise ValueError("no such filter")
    return {**present, "lines": [_with(one, number, part, text) for one in records(present.get("lines"))]}


def cell(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """The drafts with one cell set: of a row that is being edited, in a column that it can be edited in."""
    key, _, column = detail.partition(":")
    drafts = props.get("drafts")
    draft = drafts.get(key) if isinstance(drafts, Mapping) else None
    control = _control(view_of(props), key, column)
    if not isinstance(drafts, Mapping) or not isinstance(draft, Mapping) or control is None:
        raise ValueError("not a cell to be edited")
    typed = _typed(posted, control)
    before = draft.get("typed", {})
    # What a control holds without having been touched is no change.
    if before.get(column, control.get("value")) == typed:
        return drafts
    return {**drafts, key: {**draft, "typed": {**before, column: typed}}}


def offers(props: Props, event: str, row: str | None) -> bool:
    """Whether what a click in a cell means can happen now: the button or the item is there, and can be used.
    Of a row that is not on the page, the table itself says that it is gone."""
    view = view_of(props)
    clicks = event.startswith("columns.") and event.endswith(".onClick")
    if not clicks or row not in [one.get("key") for one in records(view.get("rows"))]:
        return True
    for column in records(view.get("columns")):
        own = f"columns.{column.get('id')}"
        cell = _cell(view, row or "", column.get("id")) if event.startswith(f"{own}.") else None
        if cell is not None and not cell.get("off"):
            keys = [one.get("key") for one in records(cell.get("items")) if not one.get("off")]
            if event == f"{own}.onClick" or event in [f"{own}.menuItems.{key}.onClick" for key in keys]:
                return True
    return False


def _cell(view: Mapping[str, Any], key: str, column: object) -> Mapping[str, Any] | None:
    """The button in a cell, if there is one."""
    found = next((one.get("cells") for one in records(view.get("rows")) if one.get("key") == key), None)
    ids = [one.get("id") for one in records(view.get("columns"))]
    if column not in ids or not isinstance(found, list | tuple):
        return None
    cell = found[ids.index(column)]
    inner = cell["cell"] if isinstance(cell, Mapping) and "ground" in cell else cell
    return inner if isinstance(inner, Mapping) and "off" in inner else None


def _may_be(part: str, text: str, line: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    """Whether a part of a filter can be this."""
    match part:
        case "column":
            return text in [column for column, _ in _listed(offered, "columns")]
        case "condition":
            return text in _listed(line, "conditions")
    return part == "value"


def _with(line: Mapping[str, Any], number: str, part: str, text: str) -> Mapping[str, Any]:
    return {**line, part: text} if str(line.get("id")) == number else line


def _control(view: Mapping[str, Any], key: str, column: str) -> Mapping[str, Any] | None:
    """What the control of a cell is, if there is one."""
    drafted = next((one for one in records(view.get("rows")) if one.get("key") == key), None)
    cells = view.get("adding") if key == "new" else drafted.get("cells") if drafted is not None else None
    ids = [one.get("id") for one in records(view.get("columns"))]
    if column not in ids or not isinstance(cells, list | tuple):
        return None
    found = cells[ids.index(column)]
    control = found.get("control") if isinstance(found, Mapping) else None
    return control if isinstance(control, Mapping) else None


def _typed(posted: object, control: Mapping[str, Any]) -> str | bool:
    match control.get("kind"):
        case "truth" if posted in (True, "true", False, "false"):
            return posted in (True, "true")
        case "choice":
            text = _text(posted, LONG)
            if text and text not in [value for value, _ in _listed(control, "options")]:
                raise ValueError("not offered")
            return text
        case "lines":
            return _text(posted, LONG).replace("\r\n", "\n")
        case "text" | "number" | "date" | "moment":
            return _text(posted, LONG).replace("\n", "").replace("\r", "")
    raise ValueError("not a value of this cell")


def _listed(view: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = view.get(name)
    return found if isinstance(found, list | tuple) else ()


def _text(posted: object, most: int) -> str:
    if not isinstance(posted, str) or len(posted) > most:
        raise ValueError("not text, or too long")
    return posted.replace("\0", "")


def _number(posted: object) -> int:
    text = as_text(posted)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("not a number")
    return int(text)
