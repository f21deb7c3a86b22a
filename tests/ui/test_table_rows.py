"""Table: from whatever is bound to it to rows with columns, keys and a selection, in the real sandbox."""

from typing import Any

import pytest

from tests.ui.tables import COLUMNS, PEOPLE, PROBE, Table

ROWS = [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("data", [None, "", "  ", [], {}, "[]", "null"])
def test_nothing_is_an_empty_table(data: Any) -> None:
    """What is not there yet is no mistake: no rows, and nothing in the log."""
    table = Table(data, more=PROBE)
    assert table.view["rows"] == []
    assert table.last.errors == ()
    assert table.read("[T.tableData, T.selectedRow, T.selectedRowIndex, T.filteredTableData]") == [
        [],
        {},
        -1,
        [],
    ]


def test_json_text_is_read() -> None:
    """An API that answers its JSON as a text needs no help."""
    assert Table('[{"a": 1}, {"a": 2}]').words("a") == ["1", "2"]


@pytest.mark.parametrize(
    ("data", "described"),
    [
        ("words", "the text words"),
        ('{"a": 1}', 'the text {"a": 1}'),
        ("[1", "the text [1"),
        ({"rows": []}, "an object"),
        (5, "the number 5"),
        (True, "true"),
        ("x" * 100, f"the text {'x' * 40}…"),
    ],
)
def test_what_is_no_list_is_said(data: Any, described: str) -> None:
    """Any other type is an empty table, and an error that names widget and property."""
    table = Table(data, more=PROBE)
    assert (table.view["rows"], table.read("T.tableData")) == ([], [])
    (error,) = table.last.errors
    assert (error.owner, error.property) == ("T", "tableData")
    assert error.message == f"tableData has to be a list of objects, or JSON text of one, not {described}"


def test_items_that_are_no_rows_are_left_out() -> None:
    """The others are shown, and the first odd one is named."""
    table = Table([{"a": 1}, 7, None, [1], "x", {"a": 2}])
    assert table.words("a") == ["1", "2"]
    (error,) = table.last.errors
    assert error.message == "tableData has to be a list of objects; item 1 is the number 7, and is left out"


def test_a_failing_binding_is_an_empty_table() -> None:
    """The error of the binding is told, and the rest of the page goes on."""
    table = Table(tableData="{{ users.data.no.such.thing }}", more=PROBE)
    assert table.view["rows"] == []
    assert {(error.owner, error.property) for turn in table.turns for error in turn.errors} == {
        ("T", "tableData")
    }


def test_an_error_is_said_once() -> None:
    """The same complaint is not repeated with every turn; another one is."""
    table = Table("words")
    assert table.post("search", "x").errors == ()
    assert len(table.refetch("others").errors) == 1


# Columns


def test_columns_come_from_the_data() -> None:
    """Without `columns`: keys in the order in which they appear, typed by what they hold."""
    rows = [
        {"b": "x", "__a": 1, "when": "2024-05-01T10:30:00Z"},
        {"n": 5, "yes": False, "deep": {"k": [1]}, "day": "2024-05-01"},
    ]
    table = Table(rows)
    types = {column["id"]: column["type"] for column in table.view["columns"]}
    assert list(types.items()) == [
        ("b", "text"),
        ("when", "date"),
        ("n", "number"),
        ("yes", "checkbox"),
        ("deep", "text"),
        ("day", "date"),
    ]
    assert (table.words("when"), table.words("day")) == (["2024-05-01 10:30", ""], ["", "2024-05-01"])
    assert table.words("deep") == ["", '{"k":[1]}']


def test_columns_that_fail_show_nothing() -> None:
    """Columns may be there to hide a field: if their binding breaks the data do not show all they have."""
    table = Table(columns=[{"id": "name", "label": "{{ users.data.no.such }}"}])
    assert (table.view["columns"], table.view["rows"][0]["cells"]) == ([], [])
    assert "Ada" not in str(table.props["T"])


def test_columns_as_declared() -> None:
    """Label, alias, order and visibility are the author's; what is not visible does not leave."""
    columns = [
        {"id": "who", "alias": "name", "label": "Who {{ 1 + 1 }}"},
        {"id": "id", "isVisible": False},
        {"id": "age", "type": "number", "align": "CENTER", "isSortable": False},
    ]
    table = Table(columns=columns)
    assert [(one["id"], one["label"], one["align"], one["sorted"]) for one in table.view["columns"]] == [
        ("who", "Who 2", "left", ""),
        ("age", "age", "center", None),
    ]
    assert table.words("who") == ["Ada", "grace", "Alan", ""]


def test_cells_are_computed_for_each_row() -> None:
    """`value` and its kind see the row and its place in the data, whatever the order on the page."""
    columns = [
        {"id": "at", "value": "{{ currentIndex }}: {{ currentRow.name }}"},
        {"id": "name", "isCellVisible": "{{ currentRow.active }}"},
    ]
    table = Table(columns=columns, more=PROBE)
    table.post("sort", "desc name")
    assert table.words("at") == ["1: grace", "2: Alan", "0: Ada", "3: "]
    assert table.words("name") == [None, "Alan", "Ada", None]
    assert table.read("T.selectedRow.at") == "1: grace"


def test_a_cell_that_fails_is_empty_and_said_once() -> None:
    """One error for each column, with the place in the file, however many rows fail."""
    table = Table([{"a": None}] * 9, columns=[{"id": "x", "value": "{{ currentRow.a.b }}"}])
    assert table.words("x") == [""] * 9
    (error,) = table.last.errors
    assert (error.owner, error.property) == ("T", "columns.x.value")
    assert error.line is not None
    assert table.app.pages["Home"].program.locate(error.line, error.column or 1) is not None


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ({"type": "number"}, 1234567.5, "1234567.5"),
        ({"type": "number", "decimals": 2, "thousandSeparator": True}, "1234.5", "1,234.50"),
        ({"type": "number"}, "n/a", "n/a"),
        ({"type": "number"}, True, "true"),
        ({"type": "currency"}, -1234.5, "-$1,234.50"),
        ({"type": "currency", "currencyCode": "EUR", "decimals": 0}, 5, "€5"),
        ({"type": "currency", "currencyCode": "JPY"}, 1500, "¥1,500"),
        ({"type": "currency", "currencyCode": "CHF"}, 1, "CHF 1.00"),
        ({"type": "date"}, "2024-05-01", "2024-05-01"),
        ({"type": "date"}, 0, "1970-01-01 00:00"),
        (
            {"type": "date", "outputFormat": "D MMM YYYY, h:mm A"},
            "2024-05-01T13:05:00Z",
            "1 May 2024, 1:05 PM",
        ),
        ({"type": "date", "outputFormat": "[on the] Do, dddd"}, "2024-05-22", "on the 22nd, Wednesday"),
        ({"type": "date", "inputFormat": "DD/MM/YYYY"}, "31/12/2023", "2023-12-31"),
        ({"type": "date", "inputFormat": "DD/MM/YYYY"}, "31/02/2023", "31/02/2023"),
        ({"type": "date", "inputFormat": "Epoch"}, 1714521600, "2024-05-01 00:00"),
        ({"type": "date", "inputFormat": "Milliseconds"}, "1714521600000", "2024-05-01 00:00"),
        ({"type": "date", "inputFormat": "MMM D YY, h a"}, "May 1 24, 3 pm", "2024-05-01 15:00"),
        ({"type": "date", "outputFormat": "LL"}, "2024-05-01T23:30:00+02:00", "May 1, 2024"),
        ({"type": "date"}, "soon", "soon"),
        ({"type": "checkbox"}, "false", {"on": False, "set": False}),
        ({"type": "switch"}, 1, {"on": True, "set": False}),
        ({"type": "select", "selectOptions": [{"label": "One", "value": 1}]}, 1, "One"),
        ({"type": "select", "selectOptions": '[{"label": "One", "value": "1"}]'}, 1, "One"),
        ({"type": "select", "selectOptions": ["a", "b"]}, "c", "c"),
        (
            {"type": "url", "displayText": "{{ currentIndex }}"},
            "https://x.io",
            {"address": "https://x.io", "words": "0"},
        ),
        ({"type": "text"}, [1, {"a": 2}], '[1,{"a":2}]'),
        ({"type": "text"}, None, ""),
    ],
)
def test_values_as_they_are_shown(column: dict[str, Any], value: Any, shown: Any) -> None:
    """Each type of column formats in its way; what it cannot read is shown as it is."""
    table = Table([{"x": value}], columns=[{"id": "x", **column}])
    assert table.words("x") == [shown]
    assert table.last.errors == ()


# Keys and selection


def test_keys_are_the_primary_key_or_place_and_content() -> None:
    """Keys hold nothing that an address or an event cannot."""
    assert [Table(primaryKey="id").key(at) for at in (0, 1)] == ["p1", "p2"]
    odd = [{"id": "a b:c/é"}, {"id": "x" * 300}, {"id": ""}, {"id": "a b:c/é"}]
    keys = [row["key"] for row in Table(odd, primaryKey="id").view["rows"]]
    assert keys[0] == "pa%20b%3Ac%2F%C3%A9"
    assert [key[:3] for key in keys[1:]] == ["i1~", "i2~", "i3~"]
    assert len(set(keys)) == 4


def test_the_first_row_is_selected_unless_the_author_says_otherwise() -> None:
    """`defaultSelectedRowIndex` is a place among the rows as they stand now."""
    table = Table(more=PROBE)
    assert table.read("[T.selectedRowIndex, T.selectedRow.name, T.selectedRowIndices, T.selectedRows]") == [
        0,
        "Ada",
        [],
        [],
    ]
    table.post("sort", "desc id")
    assert table.read("T.selectedRow.id") == 4
    for given in ("-1", "'x'", "null", "99", "1.5", "{}"):
        table = Table(more=PROBE, defaultSelectedRowIndex="{{ (" + given + ") }}")
        assert table.read("[T.selectedRowIndex, T.selectedRow.name]") == [-1, ""]


def test_several_rows_may_be_selected_at_first() -> None:
    """`defaultSelectedRowIndices` are places; what is no place of a row is left out."""
    for given, selected in (([2, 0], [2, 0]), ([], []), ([1, 1, 9, "x"], [1]), ("{{ null }}", [])):
        table = Table(more=PROBE, multiRowSelection=True, defaultSelectedRowIndices=given)
        assert table.read("T.selectedRowIndices") == selected


def test_a_selection_stays_with_its_row() -> None:
    """With a primary key it survives sorting, searching for something else, and other data."""
    table = Table(more=PROBE, primaryKey="id")
    table.post("row", "+p2")
    assert table.read("[T.selectedRowIndex, T.selectedRow.name]") == [1, "grace"]
    table.post("sort", "desc age")
    assert table.read("T.selectedRowIndex") == 0
    table.post("search", "alan")
    assert table.read("[T.selectedRowIndex, T.selectedRow.name]") == [-1, ""]
    table.post("search", "")
    table.refetch([{"id": 9, "age": 1}, {"id": 2, "name": "Grace H.", "age": 3}])
    assert table.read("[T.selectedRowIndex, T.selectedRow.name]") == [0, "Grace H."]


def test_without_a_primary_key_another_row_is_not_taken_for_it() -> None:
    """The same data keep the selection; where the row has another content by now there is none."""
    table = Table(more=PROBE)
    table.post("row", "+" + table.key(1))
    table.refetch([dict(row) for row in PEOPLE])
    assert table.read("T.selectedRow.name") == "grace"
    table.refetch([*PEOPLE[1:]])
    assert table.read("T.selectedRowIndex") == -1


def test_several_rows_can_be_selected() -> None:
    """In the order in which they were chosen; the last is `selectedRow`."""
    table = Table(more=PROBE, primaryKey="id", multiRowSelection=True)
    assert table.read("T.selectedRowIndices") == [0]
    table.post("row", "+p4")
    table.post("row", "+p2")
    assert table.read("[T.selectedRowIndices, T.selectedRow.id, T.selectedRows.map((row) => row.id)]") == [
        [0, 3, 1],
        2,
        [1, 4, 2],
    ]
    table.post("row", "-p4")
    assert table.read("T.selectedRowIndices") == [0, 1]
    table.post("row", "+*")
    assert table.read("T.selectedRowIndices") == [0, 1, 2, 3]
    table.post("row", "-*")
    assert table.read("T.selectedRowIndices") == []


def test_scripts_select_and_set_data() -> None:
    """`setSelectedRowIndex` takes a place or a list of them, `setData` rows in place of the binding."""
    table = Table(more=PROBE)
    assert table.read("(T.setSelectedRowIndex(2), T.selectedRow.name)") == "Alan"
    assert table.read("(T.setSelectedRowIndex(-1), T.selectedRowIndex)") == -1
    assert table.read("(T.setSelectedRowIndex('length'), T.selectedRowIndex)") == -1
    assert table.read("(T.setData([{a: 5}]), [T.tableData, T.selectedRowIndex])") == [[{"a": 5}], -1]
    assert table.words("a") == ["5"]
    assert table.read("(T.setVisibility(0), T.isVisible)") is False


def test_rows_cannot_be_selected_where_the_author_forbids_it() -> None:
    """`isSelectable: false`: nothing is selected, and nothing can be."""
    table = Table(more=PROBE, isSelectable=False)
    assert table.read("T.selectedRowIndex") == -1
    with pytest.raises(ValueError, match="no such row"):
        table.post("row", "+" + table.key(0))


def test_members_as_scripts_read_them() -> None:
    """The names of the vendor's reference, over processed and filtered rows."""
    table = Table(
        more=PROBE,
        columns=[
            *COLUMNS,
            {"id": "twice", "value": "{{ currentRow.age * 2 }}"},
            {"id": "go", "type": "button"},
        ],
    )
    table.post("search", "a")
    assert table.read("T.filteredTableData.map((row) => row.twice)") == [72, 170, 0]
    assert table.read("[T.processedTableData.length, T.searchText, T.pageNo, T.pageOffset, T.sortOrder]") == [
        4,
        "a",
        1,
        0,
        {"column": "", "order": None},
    ]
    assert table.read("Object.keys(T.selectedRow)") == [*PEOPLE[0], "twice"]
    assert table.read("T.tableHeaders.at(-1)") == {"id": "go", "label": "go", "isVisible": True}
    assert table.read("Object.keys(T)") != []


def test_nothing_but_the_view_leaves_the_sandbox() -> None:
    """Of 30 rows ten are shown: the server never hears of the others, nor of fields without a column."""
    rows = [{"id": at, "secret": f"s3cret-{at}", "name": f"person {at}"} for at in range(30)]
    table = Table(rows, columns=[{"id": "name"}, {"id": "id", "isVisible": False}])
    said = str([turn.patch for turn in table.turns])
    assert "person 9" in said
    assert "person 10" not in said
    assert "s3cret" not in said
