"""Table: dates in the visitor's time zone; in the real sandbox."""

from datetime import timedelta
from typing import Any

import pytest

from portico.culture import zones
from portico.sandbox.limits import Limits
from tests.ui.tables import PROBE, Table, app_of, files

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def dated(value: Any, zone: str = BERLIN, **column: Any) -> Table:
    """A table with one date that can be edited, seen from a zone."""
    table = Table(
        [{"id": 1, "at": value}],
        primaryKey="id",
        columns=[{"id": "at", "type": "date", "isEditable": True, **column}],
        inlineEditingSaveOption="CUSTOM",
        more=PROBE,
    )
    seen_from(table, zone)
    return table


def seen_from(table: Table, zone: str) -> None:
    """Tell where the visitor is."""
    table.turn({"k": "learn", "zones": zones.line(zone)}, {"k": "env", "zone": zone, "locale": "en-GB"})


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        ("2024-05-01T23:30:00Z", {}, "2024-05-02 01:30"),
        ("2024-12-01T23:30:00Z", {}, "2024-12-02 00:30"),
        ("2024-05-01 23:30:00.5 +0000", {}, "2024-05-02 01:30"),
        ("2024-05-01T23:30:00-05:00", {}, "2024-05-02 06:30"),
        ("2024-05-01T23:30:00", {}, "2024-05-01 23:30"),
        ("2024-05-01 23:30", {}, "2024-05-01 23:30"),
        ("2024-05-01", {}, "2024-05-01"),
        ("May 1, 2024 23:30", {"outputFormat": "YYYY-MM-DD HH:mm"}, "2024-05-01 23:30"),
        (1714606200, {"inputFormat": "Epoch"}, "2024-05-02 01:30"),
        ("1714606200000", {"inputFormat": "Milliseconds"}, "2024-05-02 01:30"),
        ("01/05/2024 23:30", {"inputFormat": "DD/MM/YYYY HH:mm"}, "2024-05-01 23:30"),
        ("01/05/2024 23:30 +00:00", {"inputFormat": "DD/MM/YYYY HH:mm Z"}, "2024-05-02 01:30"),
        ("2024-05-01T23:30:00Z", {"outputFormat": "D MMM, HH:mm Z"}, "2 May, 01:30 +02:00"),
        ("2024-05-01T23:30:00Z", {"outputFormat": "X"}, "1714606200"),
        ("2024-05-01T23:30:00Z", {"outputFormat": "dddd"}, "Thursday"),
    ],
)
def test_moments_are_shown_as_the_visitors_clock_says(value: Any, column: dict[str, Any], shown: str) -> None:
    """What has no zone is shown as it is."""
    assert dated(value, **column).words("at") == [shown]


def test_a_page_with_a_table_depends_on_the_zone() -> None:
    """It has the data of zones at hand, is the same for nobody else, and is brought up to date when the
    browser's zone becomes known."""
    page = app_of([{"name": "T", "type": "Table", "tableData": "{{ [{at: 0}] }}"}]).pages["Home"]
    assert (page.zoned, page.cacheable, page.program.needs.libraries) == (True, False, ("zones",))


def test_another_zone_shows_another_time() -> None:
    """The table is made anew when the zone becomes known."""
    table = dated("2024-05-01T23:30:00Z")
    seen_from(table, NEW_YORK)
    assert table.words("at") == ["2024-05-01 19:30"]


@pytest.mark.parametrize(
    ("value", "column", "held", "posted", "kept"),
    [
        ("2024-05-01T23:30:00Z", {}, "2024-05-02T01:30", "2024-05-02T03:00", "2024-05-02T01:00:00.000Z"),
        ("2024-05-01T23:30:00", {}, "2024-05-01T23:30", "2024-05-02T03:00", "2024-05-02T03:00:00"),
        ("2024-05-01 23:30", {}, "2024-05-01T23:30", "2024-05-02T03:00", "2024-05-02 03:00:00"),
        ("2024-05-01", {}, "2024-05-01", "2024-05-03", "2024-05-03"),
        (1714606200, {"inputFormat": "Epoch"}, "2024-05-02T01:30", "2024-05-02T03:00", 1714611600),
        (
            "01/05/2024 23:30 +00:00",
            {"inputFormat": "DD/MM/YYYY HH:mm Z"},
            "2024-05-02T01:30",
            "2024-12-02T03:00",
            "02/12/2024 03:00 +01:00",
        ),
    ],
)
def test_an_edited_moment_is_the_one_that_was_meant(
    value: Any, column: dict[str, Any], held: str, posted: str, kept: Any
) -> None:
    """The control holds what the visitor's clock says, and the data get it in their own form."""
    table = dated(value, **column)
    table.command("edit", "p1")
    assert table.words("at")[0]["control"]["value"] == held
    table.post("cell", posted, "p1:at")
    table.command("save", "p1")
    assert table.read("T.updatedRows[0].updatedFields.at") == kept


def test_an_untouched_moment_stays() -> None:
    """Saving a row that nobody typed into changes nothing."""
    table = dated("2024-05-01T23:30:00Z")
    table.command("edit", "p1")
    table.command("save", "p1")
    assert table.read("T.updatedRows") == []


def test_filters_are_by_the_visitors_day() -> None:
    """23:30 in London is tomorrow in Berlin."""
    table = dated("2024-05-01T23:30:00Z")
    table.command("addFilter")
    table.post("filter", "is", "1:condition")
    for day, found in (("2024-05-01", 0), ("2024-05-02", 1)):
        table.post("filter", day, "1:value")
        assert table.view["total"] == found


def test_fifty_thousand_moments_stay_within_the_limits() -> None:
    """Those of memory and messages: sorted, filtered and taken along in a zone with summer time. How long
    that takes depends on the machine."""
    rows = [
        {"id": at, "at": f"20{10 + at % 20}-{1 + at % 12:02d}-{1 + at % 28:02d}T10:00:00Z"}
        for at in range(50_000)
    ]
    limits = Limits(cpu=timedelta(seconds=20), wall=timedelta(seconds=60))
    table = Table(rows, columns=[{"id": "id"}, {"id": "at", "type": "date"}], limits=limits)
    seen_from(table, BERLIN)
    table.post("sort", "desc at")
    assert table.words("at")[0] == "2029-12-28 11:00"
    table.command("addFilter")
    table.post("filter", "at", "1:column")
    table.post("filter", "isAfter", "1:condition")
    table.post("filter", "2028-01-01", "1:value")
    assert 4_000 < table.view["total"] < 6_000
    table.command("removeFilter", "1")
    (file,) = files(table.command("download"))
    assert file.data.count("\r\n") == 50_001
