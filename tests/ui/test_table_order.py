"""Table: sorting, searching, filters and pages, in the real sandbox."""

from datetime import timedelta
from typing import Any

import pytest

from portico.sandbox.limits import Limits
from tests.ui.tables import COLUMNS, PROBE, Table, alerts, files

MANY = [{"id": at, "name": f"person {at}", "n": (at * 7919) % 1000} for at in range(57)]


def ids(table: Table) -> list[str]:
    """The rows of the page."""
    return [str(one) for one in table.words("id")]


# Sorting


@pytest.mark.parametrize(
    ("column", "values", "ascending", "descending"),
    [
        ({}, ["b", "A", None, "a", "", "C"], "130524", "501324"),
        ({"type": "number"}, [10, 9, None, "8", "x", -1], "5310", None),
        ({"type": "currency"}, [2, 2, 1], "201", "012"),
        ({"type": "date"}, ["2024-02-01", "2023-12-31T23:59:00Z", "never", ""], "10", "01"),
        ({"type": "date", "inputFormat": "DD/MM/YYYY"}, ["01/02/2024", "02/01/2024"], "10", "01"),
        ({"type": "checkbox"}, [True, False, True], "102", "021"),
        (
            {"type": "select", "selectOptions": [{"label": "z", "value": 1}, {"label": "y", "value": 2}]},
            [1, 2],
            "10",
            "01",
        ),
        ({"type": "url", "displayText": "{{ currentRow.t }}"}, ["a", "b"], "10", "01"),
        ({"value": "{{ -currentRow.x }}", "type": "number"}, [1, 2, 3], "210", "012"),
    ],
)
def test_sorting_by_type(
    column: dict[str, Any], values: list[Any], ascending: str, descending: str | None
) -> None:
    """Numbers by size, dates by time, words without regard to case, options and links by their words;
    equal ones keep their order, and what is empty or cannot be read is last both ways."""
    rows = [{"id": at, "x": value, "t": "zyx"[at % 3]} for at, value in enumerate(values)]
    table = Table(rows, columns=[{"id": "id"}, {"id": "x", **column}])
    for order, expected in (("asc", ascending), ("desc", descending)):
        table.post("sort", f"{order} x")
        if expected is not None:
            found = "".join(ids(table))
            assert (found[: len(expected)], sorted(found)) == (expected, sorted(map(str, range(len(values)))))
    table.post("sort", "")
    assert ids(table) == [str(at) for at in range(len(values))]


def test_the_heading_says_how_it_is_sorted() -> None:
    """Three states: up, down, and the order of the data."""
    table = Table(more=PROBE)
    assert [one["sorted"] for one in table.view["columns"]][:2] == ["", ""]
    table.post("sort", "desc name")
    assert [one["sorted"] for one in table.view["columns"]][:2] == ["", "desc"]
    assert table.read("T.sortOrder") == {"column": "name", "order": "desc"}
    table.post("sort", "")
    assert table.read("T.sortOrder") == {"column": "", "order": None}


def test_a_server_that_sorts_its_pages_is_not_corrected() -> None:
    """With pages of the server's making and `onSort`, rows are left in the order in which they came."""
    own: dict[str, Any] = {"serverSidePaginationEnabled": True, "onSort": "{{ users.run() }}"}
    rows = [{"id": 2}, {"id": 1}]
    table = Table(rows, **own)
    table.post("sort", "asc id")
    assert ids(table) == ["2", "1"]
    table = Table(rows, serverSidePaginationEnabled=True)
    table.post("sort", "asc id")
    assert ids(table) == ["1", "2"]


def test_rows_that_compare_oddly_never_break_the_table() -> None:
    """Objects, lists, dates and text in one column of numbers."""
    values = [{"a": 1}, [2], "3", None, float("1e308"), "NaN", {}, "", True]
    for kind in ("text", "number", "date", "select", "currency", "checkbox"):
        table = Table(
            [{"id": at, "x": value} for at, value in enumerate(values)],
            columns=[{"id": "id"}, {"id": "x", "type": kind}],
        )
        table.post("sort", "asc x")
        assert sorted(ids(table)) == sorted(map(str, range(9)))
        assert table.last.errors == ()


# Searching


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ADA", "1"),
        ("a", "123"),
        ("1906", "2"),
        ("36", "1"),
        ("true", ""),
        ("no such", ""),
        ("", "1234"),
        ("  ", ""),
    ],
)
def test_searching(text: str, found: str) -> None:
    """Anywhere in the visible columns, without regard to case; not across two cells."""
    table = Table(columns=COLUMNS)
    table.post("search", text)
    assert "".join(ids(table)) == found


def test_words_and_values_are_both_found() -> None:
    """What a cell shows and what stands behind it; what no column shows is not found."""
    rows = [{"id": 1, "k": "x1", "hidden": "needle"}, {"id": 2, "k": "x2"}]
    options = [{"label": "First", "value": "x1"}, {"label": "Second", "value": "x2"}]
    columns = [
        {"id": "id"},
        {"id": "k", "type": "select", "selectOptions": options},
        {"id": "c", "value": "{{ 'c' + currentRow.id }}"},
    ]
    table = Table(rows, columns=columns)
    for text, found in (("first", ["1"]), ("x2", ["2"]), ("c1", ["1"]), ("needle", [])):
        table.post("search", text)
        assert ids(table) == found


def test_a_server_may_search_itself() -> None:
    """With `onSearchTextChanged` and without client-side search, all rows are what the server found."""
    table = Table(columns=COLUMNS, onSearchTextChanged="{{ users.run() }}", enableClientSideSearch=False)
    table.post("search", "ada")
    assert len(ids(table)) == 4
    table = Table(columns=COLUMNS, onSearchTextChanged="{{ users.run() }}")
    table.post("search", "ada")
    assert ids(table) == ["1"]


def test_a_search_to_begin_with() -> None:
    """`defaultSearchText` is searched for until the user searches, and after a reset again."""
    table = Table(columns=COLUMNS, defaultSearchText="ada", more=PROBE)
    assert (ids(table), table.shown("T", "searchText")) == (["1"], "ada")
    table.post("search", "")
    assert len(ids(table)) == 4
    table.turn({"k": "reset", "w": "T"})
    assert ids(table) == ["1"]


# Filters


def filtered(lines: list[tuple[str, str, str]], operator: str = "AND", **props: Any) -> str:
    """The ids of the rows that lines of column, condition and value leave."""
    table = Table(**{"columns": COLUMNS, **props})
    for at, (column, condition, value) in enumerate(lines, 1):
        table.command("addFilter")
        table.post("filter", column, f"{at}:column")
        table.post("filter", condition, f"{at}:condition")
        if table.view["filters"]["lines"][-1]["value"] is not None:
            table.post("filter", value, f"{at}:value")
    table.post("filter", operator, "operator")
    assert table.last.errors == ()
    return "".join(ids(table))


@pytest.mark.parametrize(
    ("column", "condition", "value", "left"),
    [
        ("name", "contains", "A", "123"),
        ("name", "doesNotContain", "a", "4"),
        ("name", "startsWith", "al", "3"),
        ("name", "endsWith", "CE", "2"),
        ("name", "isExactly", "ada", "1"),
        ("name", "empty", "", "4"),
        ("name", "notEmpty", "", "123"),
        ("age", "isEqualTo", "36", "1"),
        ("age", "notEqualTo", "36", "234"),
        ("age", "greaterThan", "36", "2"),
        ("age", "greaterThanEqualTo", "36", "12"),
        ("age", "lessThan", "36", "4"),
        ("age", "lessThanEqualTo", "36", "14"),
        ("age", "empty", "", "3"),
        ("age", "greaterThan", "words", "1234"),
        ("born", "is", "1906-12-09", "2"),
        ("born", "isNot", "1906-12-09", "134"),
        ("born", "isBefore", "1906-12-09", "1"),
        ("born", "isAfter", "1906-12-09", "3"),
        ("born", "empty", "", "4"),
        ("active", "isChecked", "", "13"),
        ("active", "isUnChecked", "", "24"),
        ("name", "contains", "", "1234"),
    ],
)
def test_each_condition(column: str, condition: str, value: str, left: str) -> None:
    """By type, as authors know them; a line that lacks its value leaves everything."""
    assert filtered([(column, condition, value)]) == left


def test_filters_together() -> None:
    """All of them, or any; unfinished lines count for neither."""
    lines = [("team", "isExactly", "a"), ("age", "greaterThan", "30"), ("name", "contains", "")]
    assert filtered(lines) == "1"
    assert filtered(lines, "OR") == "123"


def test_filters_are_offered_by_type_and_can_be_removed() -> None:
    """Another column brings its own conditions; a removed line leaves the others as they are."""
    table = Table(columns=COLUMNS, more=PROBE)
    table.command("addFilter")
    table.command("addFilter")
    table.post("filter", "born", "2:column")
    first, second = table.view["filters"]["lines"]
    assert (first["conditions"][0], first["condition"], second["condition"]) == (
        "isEqualTo",
        "isEqualTo",
        "is",
    )
    table.post("filter", "1906-12-09", "2:value")
    table.command("removeFilter", "1")
    assert ids(table) == ["2"]
    assert table.read("T.filters") == [
        {"column": "born", "condition": "is", "value": "1906-12-09", "operator": "AND"}
    ]
    table.command("addFilter")
    assert [line["id"] for line in table.view["filters"]["lines"]] == [2, 3]


def test_filters_that_are_not_offered_do_not_exist() -> None:
    """Without `isVisibleFilters`, or of a column that is not filterable or not visible."""
    table = Table(columns=COLUMNS, isVisibleFilters=False)
    assert alerts(table.command("addFilter")) == ["This cannot be done here."]
    assert table.view["filters"] is None
    table = Table(
        columns=[
            {"id": "name", "isFilterable": False},
            {"id": "age", "isVisible": False},
            {"id": "b", "type": "button"},
        ]
    )
    assert table.view["filters"]["columns"] == []
    for _ in range(30):
        table = Table(columns=COLUMNS) if _ == 0 else table
        table.command("addFilter")
    assert len(table.view["filters"]["lines"]) == 20


# Pages


def test_pages_of_the_data() -> None:
    """Ten rows at first; the last page has what is left, and `totalRecordsCount` plays no part."""
    table = Table(MANY, totalRecordsCount=5, more=PROBE)
    view = table.view
    assert (view["page"], view["pages"], view["total"], view["first"], len(view["rows"])) == (1, 6, 57, 1, 10)
    table.post("page", "6")
    assert (ids(table), table.read("[T.pageNo, T.pageOffset, T.pageSize]")) == (
        [str(at) for at in range(50, 57)],
        [6, 50, 10],
    )


def test_another_question_begins_at_the_first_page() -> None:
    """After searching, sorting, filtering or choosing a size the first page is shown."""
    for part, posted in (("search", "person"), ("sort", "asc n"), ("size", "25")):
        table = Table(MANY)
        table.post("page", "3")
        assert table.view["page"] == 3
        table.post(part, posted)
        assert table.view["page"] == 1
    table = Table(MANY)
    table.post("page", "6")
    table.refetch(MANY[:15])
    assert (table.view["page"], len(table.view["rows"])) == (2, 5)


@pytest.mark.parametrize(
    ("given", "size"),
    [(15, 15), ("20", 20), (0, 10), (-3, 10), (None, 10), ("x", 10), (5000, 1000), ({}, 10)],
)
def test_the_size_of_a_page(given: Any, size: int) -> None:
    """The author's number until the user chooses another of those that are offered."""
    table = Table(MANY, more=PROBE, pageSize="{{ (" + repr(given).replace("None", "null") + ") }}")
    assert table.read("T.pageSize") == size
    assert table.view["sizes"] == sorted({10, 25, 50, 100, 200, size})
    table.post("size", "25")
    assert (table.read("T.pageSize"), len(table.view["rows"])) == (25, 25)
    assert table.view["sizes"] == sorted({10, 25, 50, 100, 200, size})
    table.turn({"k": "reset", "w": "T"})
    assert table.read("T.pageSize") == size


def test_without_pagination_all_rows_are_shown() -> None:
    """But never more than a browser can take."""
    assert len(Table(MANY, isVisiblePagination=False).view["rows"]) == 57
    assert len(Table([{"a": at} for at in range(1500)], isVisiblePagination=False).view["rows"]) == 1000


def test_pages_of_the_servers_making() -> None:
    """`tableData` is one page; how many there are is told, or found out by going on."""
    served: dict[str, Any] = {"serverSidePaginationEnabled": True, "more": PROBE}
    table = Table(MANY[:10], totalRecordsCount=57, **served)
    assert (table.view["pages"], len(table.view["rows"])) == (6, 10)
    table.post("page", "2")
    assert (table.words("id")[0], table.view["first"], table.read("[T.pageNo, T.pageOffset]")) == (
        "0",
        11,
        [2, 10],
    )
    table = Table(MANY[:10], **served)
    assert (table.view["pages"], table.view["total"]) == (None, None)
    table.post("page", "123")
    assert table.read("T.pageNo") == 123


# Many


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {
            "columns": [
                {"id": "id", "type": "number"},
                {"id": "name", "value": "{{ currentRow.name.trim() }}"},
                {"id": "n", "type": "number"},
                {"id": "at", "type": "date", "outputFormat": "DD MMM YYYY"},
            ]
        },
    ],
)
def test_fifty_thousand_rows_stay_within_the_limits(columns: dict[str, Any]) -> None:
    """Those of memory and messages: showing, sorting, searching, filtering, selecting and taking them along.
    How long that takes depends on the machine."""
    rows = [
        {
            "id": at,
            "name": f"Person {at * 7919 % 50000}",
            "mail": f"p{at}@example.com",
            "n": at * 31 % 9973 / 7,
            "ok": at % 3 == 0,
            "at": f"2024-05-{1 + at % 28:02d}T10:00:00Z",
        }
        for at in range(50_000)
    ]
    limits = Limits(cpu=timedelta(seconds=20), wall=timedelta(seconds=60))
    table = Table(rows, primaryKey="id", limits=limits, **columns)
    assert (table.view["total"], table.view["pages"]) == (50_000, 5000)
    for column in ("name", "n", "at"):
        table.post("sort", f"desc {column}")
    assert table.view["rows"][0]["key"] == "p27"
    table.post("search", "person 4999")
    assert table.view["total"] == 11
    table.post("search", "")
    table.command("addFilter")
    table.post("filter", "n", "1:column")
    table.post("filter", "greaterThan", "1:condition")
    table.post("filter", "1000", "1:value")
    assert 14_000 < table.view["total"] < 15_000
    table.post("row", "+" + table.key(3))
    table.command("removeFilter", "1")
    (file,) = files(table.command("download"))
    assert file.data.count("\r\n") == 50_001
    assert table.snapshot()["lost"] == [["users", "data", "size"]]
