"""Table: the file that users take along; in the real sandbox."""

import csv
import io
from typing import Any

import pytest

from tests.ui.tables import COLUMNS, PEOPLE, PROBE, Table, alerts, files


def text_of(table: Table) -> str:
    """The file's text."""
    (file,) = files(table.command("download"))
    return file.data


def lines_of(table: Table, delimiter: str = ",") -> list[list[str]]:
    """The file as a reader of CSV takes it."""
    return list(csv.reader(io.StringIO(text_of(table), newline=""), delimiter=delimiter))


def test_the_file_has_the_rows_that_are_found_in_their_order() -> None:
    """All pages of the Table, columns as they stand, with dates and choices as they read."""
    table = Table(
        PEOPLE,
        pageSize=1,
        columns=[
            {"id": "name", "label": "Name"},
            {"id": "born", "type": "date", "outputFormat": "D MMM YYYY"},
            {"id": "team", "type": "select", "selectOptions": [{"label": "Red", "value": "a"}]},
            {"id": "age", "type": "currency", "thousandSeparator": True},
            {"id": "id", "isVisible": False},
            {"id": "go", "type": "button"},
        ],
    )
    table.post("sort", "desc age")
    table.post("search", "a")
    assert lines_of(table) == [
        ["Name", "born", "team", "age"],
        ["grace", "9 Dec 1906", "b", "85"],
        ["Ada", "10 Dec 1815", "Red", "36"],
        ["Alan", "23 Jun 1912", "Red", ""],
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_values_come_back_as_they_were(delimiter: str) -> None:
    """Whatever the Table's `delimiter` is, and whatever stands in its cells."""
    odd = ['a "quoted" word', "two\nlines", "a,b;c|d\te", "plain", "", "ünï 李", " spaces "]
    table = Table([{"text": text, "n": at} for at, text in enumerate(odd)], delimiter=delimiter)
    assert lines_of(table, delimiter) == [["text", "n"], *([text, str(at)] for at, text in enumerate(odd))]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-12.5", "-12.5"),
        ("+49", "+49"),
        (-3, "-3"),
        ("a=1", "a=1"),
    ],
)
def test_no_cell_is_a_formula(value: Any, written: str) -> None:
    """A spreadsheet would run it, for whoever opens the file; numbers stay numbers."""
    assert lines_of(Table([{"first": value, "last": value}]))[1] == [written, written]


def test_a_heading_is_no_formula_either() -> None:
    """Names of fields come with the data."""
    assert lines_of(Table([{"=1+1": 1}])) == [["'=1+1"], ["1"]]


def test_edits_and_computed_values_are_in_it() -> None:
    """The file has what the table shows."""
    table = Table(
        PEOPLE[:2],
        primaryKey="id",
        columns=[
            {"id": "name"},
            {"id": "active", "type": "checkbox", "isEditable": True},
            {"id": "twice", "value": "{{ currentRow.age * 2 }}"},
        ],
    )
    table.command("check", "p1:active")
    assert lines_of(table)[1:] == [["Ada", "false", "72"], ["grace", "false", "170"]]


def test_a_file_is_handed_out_only_where_the_author_allows_it() -> None:
    """`isVisibleDownload` takes the button of the Table away, and what it does."""
    table = Table(PEOPLE, columns=COLUMNS, isVisibleDownload=False)
    turn = table.command("download")
    assert (files(turn), alerts(turn)) == ([], ["This cannot be done here."])


def test_too_much_is_refused_in_words() -> None:
    """The user is told what to do."""
    table = Table([{"text": "x" * 300_000} for _ in range(20)], more=PROBE)
    turn = table.command("download")
    assert (files(turn), alerts(turn)) == ([], ["There is too much to download. Please filter first."])
