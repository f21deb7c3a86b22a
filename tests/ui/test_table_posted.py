"""Table: what a browser posts is believed only where the view offered it."""

from typing import Any

import pytest

from portico.ui.widgets.table import TYPE
from tests.ui.tables import PEOPLE, Table

COLUMNS = [
    {"id": "name", "isEditable": True},
    {"id": "age", "type": "number", "isSortable": False},
    {"id": "active", "type": "checkbox", "isEditable": True, "isFilterable": False},
    {"id": "team", "type": "select", "selectOptions": ["a", "b"], "isEditable": True},
    {"id": "hidden", "isVisible": False, "isEditable": True},
]
ROWS = [{**row, "hidden": "h"} for row in PEOPLE] + [{"id": at} for at in range(10, 40)]


@pytest.fixture(scope="module", name="table")
def opened() -> Table:
    """Rows of several pages; one filter, one row in controls, and a row that is being added."""
    table = Table(ROWS, primaryKey="id", columns=COLUMNS, multiRowSelection=True, allowAddNewRow=True)
    table.command("addFilter")
    table.command("edit", "p1")
    table.command("addRow")
    return table


JUNK: dict[str, Any] = {
    "nothing": None,
    "number": 5,
    "truth": True,
    "list": [],
    "mapping": {},
    "too long": "x" * 200_000,
    "half a character": "\ud800",
}

ACCEPTED: list[tuple[str, str, Any, Any]] = [
    ("search", "", "a\0b", "ab"),
    ("size", "", "25", 25),
    ("size", "", 200, 200),
    ("sort", "", "desc name", {"column": "name", "order": "desc"}),
    ("sort", "", "", {"column": "", "order": None}),
    ("row", "", "+p2", {"keys": ["p1", "p2"], "added": True}),
    ("row", "", "+p1", {"keys": ["p1"], "added": True}),
    ("row", "", "-p1", {"keys": [], "added": False}),
    ("cell", "p1:active", "true", None),
    ("cell", "p1:active", False, False),
    ("cell", "p1:team", "b", "b"),
    ("cell", "p1:team", "", ""),
    ("cell", "p1:name", "\nx\r", "x"),
    ("cell", "new:team", "a", "a"),
]
REFUSED: list[tuple[str, str, Any]] = [
    *(("page", "", posted) for posted in ("0", "5", "-1", "1.0", "١", "99999999999", "", " 1", "1e1")),
    *(("size", "", posted) for posted in ("7", "0", "-10", "10.5", "1000")),
    *(
        ("sort", "", posted)
        for posted in ("asc age", "asc hidden", "asc", "up name", "asc  name", "name", "asc nowhere")
    ),
    *(("row", "", posted) for posted in ("p1", "*p1", "+p99", "+p30", "+", "-", "+p1 ", "+i0~x")),
    *(
        ("filter", detail, "name")
        for detail in ("2:column", "1:no", "1", "", ":", "1:column:x", "operator:x")
    ),
    *(("filter", "1:column", posted) for posted in ("active", "hidden", "nowhere", "")),
    *(("filter", "1:condition", posted) for posted in ("is", "greaterThan", "")),
    *(("filter", "operator", posted) for posted in ("and", "XOR", "")),
    *(
        ("cell", detail, "x")
        for detail in (
            "p2:name",
            "p1:age",
            "p1:hidden",
            "p1",
            "p1:",
            ":name",
            "new:age",
            "new:hidden",
            "p99:name",
        )
    ),
    *(("cell", "p1:active", posted) for posted in ("yes", "", "True")),
    *(("cell", "p1:team", posted) for posted in ("c", "A", " a")),
]


def parse(table: Table, part: str, posted: Any, detail: str = "") -> Any:
    """What the server makes of a posted value."""
    return TYPE.inputs[part].parse(posted, table.props["T"], detail)


@pytest.mark.parametrize(("part", "detail", "posted", "expected"), ACCEPTED)
def test_what_is_offered_is_taken(table: Table, part: str, detail: str, posted: Any, expected: Any) -> None:
    """Pages, sizes, orders, rows and cells that the view shows."""
    found = parse(table, part, posted, detail)
    if part == "cell":
        key, column = detail.split(":")
        found = found[key]["typed"].get(column)
    assert found == expected


def test_a_page_carries_what_it_is_a_page_of(table: Table) -> None:
    """So that it does not hold for another search."""
    assert parse(table, "page", "4") == {"page": 4, "stamp": table.view["stamp"]}


def test_an_untouched_control_is_no_change(table: Table) -> None:
    """All controls of a page are posted with every event: those that hold what they were given change
    nothing, and leave the state the very same."""
    assert parse(table, "cell", "Ada", "p1:name") is table.props["T"]["drafts"]
    touched = parse(table, "cell", "Bea", "p1:name")
    assert TYPE.inputs["cell"].parse("Ada", {**table.props["T"], "drafts": touched}, "p1:name") != touched


@pytest.mark.parametrize(("part", "detail", "posted"), REFUSED)
def test_what_is_not_offered_is_refused(table: Table, part: str, detail: str, posted: Any) -> None:
    """Another page, a column that cannot be sorted by, a row of another page, a cell without a control."""
    with pytest.raises(ValueError, match=r"no |not "):
        parse(table, part, posted, detail)


@pytest.mark.parametrize("part", list(TYPE.inputs))
@pytest.mark.parametrize("posted", JUNK.values(), ids=JUNK)
def test_junk_is_refused(table: Table, part: str, posted: Any) -> None:
    """What is no text, or too long, is refused by the one error that the server knows."""
    for detail in ("", "p1:name", "p1:active", "1:value", "operator"):
        try:
            parse(table, part, posted, detail)
        except ValueError:
            continue
        assert (part, posted) in [
            ("search", "\ud800"),
            ("filter", "\ud800"),
            ("cell", "\ud800"),
            ("cell", True),
        ]


def test_nothing_is_taken_where_it_is_switched_off() -> None:
    """Search, pages, filters, selection: what the author took away cannot be posted either."""
    off: dict[str, Any] = dict.fromkeys(
        ("isVisibleSearch", "isVisiblePagination", "isVisibleFilters", "isSelectable", "isSortable"), False
    )
    table = Table(ROWS, primaryKey="id", columns=COLUMNS, **off)
    for part, posted in (
        ("search", "x"),
        ("page", "1"),
        ("size", "25"),
        ("row", "+p1"),
        ("sort", "asc name"),
        ("filter", "AND"),
    ):
        with pytest.raises(ValueError, match=r"no |not "):
            parse(table, part, posted, "operator" if part == "filter" else "")


def test_one_row_at_a_time_unless_several_may_be() -> None:
    """In a table for one row another takes its place, and there is no way to take all."""
    table = Table(ROWS, primaryKey="id")
    assert parse(table, "row", "+p2")["keys"] == ["p2"]
    with pytest.raises(ValueError, match="no such row"):
        parse(table, "row", "+*")


@pytest.mark.parametrize(
    "view",
    [None, "x", [], {}, {"rows": 5, "columns": "x", "sizes": None}, {"rows": [5], "filters": {"lines": [1]}}],
)
def test_a_view_that_is_none_offers_nothing(view: Any) -> None:
    """Whatever the sandbox gives: the answer is a refusal, not a crash."""
    props = {
        "view": view,
        "isVisibleSearch": False,
        "isVisiblePagination": True,
        "isSelectable": True,
        "drafts": {"p1": {}},
        "chosenFilters": {},
    }
    for part in TYPE.inputs:
        for detail in ("", "p1:name", "1:column"):
            if (part, view) == ("page", view) and not detail:
                continue
            with pytest.raises(ValueError, match=r"no |not "):
                TYPE.inputs[part].parse("x", props, detail)
