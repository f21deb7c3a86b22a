"""The table of the benchmarks: kept, merged and put into the manual."""

from pathlib import Path

import pytest

from bench.figures import Goal, Row, Sample
from bench.report import BEGIN, END, Report, as_markdown, cells, put, read

BYTES = Row(
    part="first-load",
    what="bytes",
    unit="bytes",
    figures={"portico": Sample.of([20_000, 20_000]), "nicegui": Sample.of([500_000, 400_000, 410_000])},
    goal=Goal(bound=25_000),
)
PAGES = Row(
    part="pages",
    what="pages",
    unit="per second",
    figures={"portico": Sample.of([90.0, 100.0, 110.0])},
    goal=Goal(bound=500, least=True),
)
REPORT = Report(machine="2 cores", versions={"nicegui": "3"}, rows=(BYTES, PAGES))


def test_row_holds_figures_ratios_and_the_goal() -> None:
    """Others are compared with Portico; who was not measured has an empty cell."""
    assert cells(BYTES) == ["bytes", "20 KB", "410 KB (400 KB – 500 KB) ×20.5", "", "≤ 25 KB: met"]
    assert cells(PAGES) == ["pages", "100/s (90/s – 110/s)", "", "", "≥ 500/s: MISSED"]


def test_report_survives_its_file(tmp_path: Path) -> None:
    """What is read is what was written; no file is no report."""
    path = tmp_path / "bench.json"
    assert read(path) is None
    path.write_text(REPORT.to_json())
    assert read(path) == REPORT


def test_parts_that_were_measured_again_replace_their_own() -> None:
    """A single part can be repeated without losing the rest."""
    again = Row(part="pages", what="pages", unit="per second", figures={"portico": Sample.of([600.0])})
    order = ["first-load", "pages"]
    merged = Report(machine="4 cores", versions={}, rows=(again,)).merged(REPORT, order=order)
    assert merged.rows == (BYTES, again)
    assert merged.machine == "4 cores"
    assert REPORT.merged(None, order=order) == REPORT
    first = Report(machine="2 cores", versions={"nicegui": "3"}, rows=(BYTES,))
    assert first.merged(REPORT, order=order) == REPORT, "the order of the table is kept"


def test_markdown_is_one_table() -> None:
    """A head, a rule and a line for each row, all of as many cells."""
    lines = [line for line in as_markdown(REPORT).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {line.count("|") for line in lines} == {6}
    assert "with nicegui 3" in as_markdown(REPORT)


def test_manual_keeps_what_stands_around_the_table() -> None:
    """Only what is between the marks is replaced, however often."""
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = put(text, REPORT, whole=True)
    assert once == f"before\n{BEGIN}\n{as_markdown(REPORT)}\n{END}\nafter\n"
    assert put(once, REPORT, whole=True) == once


def test_rows_that_were_not_measured_stay_in_the_manual() -> None:
    """Those that were take the place of their own, new ones follow; of the whole benchmark nothing else is
    left."""
    again = Row(part="pages", what="pages", unit="per second", figures={"portico": Sample.of([600.0])})
    new = Row(part="sealing", what="sealing", unit="s", figures={"portico": Sample.of([0.1])})
    found = Report(machine="4 cores", versions={}, rows=(again, new))
    text = put(f"{BEGIN}\n{END}", REPORT, whole=True)
    rows = [line.split("|")[1:3] for line in put(text, found, whole=False).splitlines() if "|" in line]
    assert rows == [
        ["  ", " Portico "],
        [" --- ", " ---: "],
        [" bytes ", " 20 KB "],
        [" pages ", " 600/s "],
        [" sealing ", " 100 ms "],
    ]
    assert "On 2 cores" in put(text, found, whole=False)
    assert "bytes" not in put(text, found, whole=True)


@pytest.mark.parametrize("text", ["nothing", f"{BEGIN} only", f"{END} only"])
def test_manual_without_marks_is_refused(text: str) -> None:
    """Rather than written somewhere."""
    with pytest.raises(ValueError, match="needs the marks"):
        put(text, REPORT, whole=False)
