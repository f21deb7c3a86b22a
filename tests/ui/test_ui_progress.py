"""Progress: how far it is, as a bar, a ring, and for screen readers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portico.ui.render import render_widget
from tests.ui.conftest import OpenPage
from tests.ui.looking import SCHEMES, look
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.sites import view_of, widget
from tests.ui.stage import Stage


def bar(**props: Any) -> Element:
    """The rendered bar."""
    return parse(render_widget(view_of(widget("Progress", "Upload", **props)), "Upload")).find(
        role="progressbar"
    )


@pytest.mark.parametrize(
    ("given", "now"),
    [
        (40, "40"),
        (0, "0"),
        (-5, "0"),
        (140, "100"),
        ("62.25", "62.2"),
        (None, "50"),
        ("far", "50"),
        ([], "50"),
        (True, "50"),
        (float("nan"), "50"),
    ],
)
def test_progress_is_from_0_to_100(given: object, now: str) -> None:
    """`progress` is told to screen readers, within bounds; what is no number counts as the default."""
    found = bar(progress=given)
    assert [found[name] for name in ("aria-valuenow", "aria-valuemin", "aria-valuemax")] == [now, "0", "100"]
    assert found["aria-label"] == "Upload"
    assert bar(label="Files sent")["aria-label"] == "Files sent"


def widths(found: Element, kind: str) -> list[float]:
    """How wide the parts of a bar are."""
    return [float(part["width"]) for part in found.matching("rect", class_=kind)]


@pytest.mark.parametrize(
    ("steps", "done"), [(1, [62.0]), (4, [100, 100, 48]), (None, [62.0]), (0, [62.0]), ("x", [62.0])]
)
def test_a_bar_has_steps(steps: object, done: list[float]) -> None:
    """As many as `steps` says: those before are full, the present one in part, and they fill the line."""
    found = bar(progress=62, steps=steps)
    whole = widths(found, "length")
    assert [round(part * 100 / whole[0], 1) for part in widths(found, "done")] == done
    last = list(found.matching("rect", class_="length"))[-1]
    assert round(float(last["x"]) + float(last["width"]), 1) == 100
    assert len(widths(bar(steps=5000), "length")) == 100


def test_a_ring_is_a_dashed_circle() -> None:
    """`progressType` circular, either way round."""
    found = bar(progress=25, progressType="circular")
    (done,) = found.matching("circle", class_="done")
    assert (done["stroke-dasharray"], done["pathLength" if "pathLength" in done else "pathlength"]) == (
        "25.000 100",
        "100",
    )
    assert "back" not in found["class"].split()
    assert "back" in bar(progressType="circular", counterClockwise=True)["class"].split()
    assert list(bar(progress=0, progressType="circular").matching("circle", class_="done")) == []


def test_the_result_is_said() -> None:
    """`showResult` writes the percentage, which screen readers hear from the bar."""
    result = bar(progress=40, showResult=True).find("span")
    assert (result.text, result["aria-hidden"]) == ("40%", "true")
    assert list(bar(progress=40).matching("span")) == []


def test_nobody_may_know_how_far() -> None:
    """`isIndeterminate`: something moves, and no number is told."""
    found = bar(isIndeterminate=True, showResult=True)
    assert ("aria-valuenow" in found, "waits" in found["class"].split(), list(found.matching("span"))) == (
        False,
        True,
        [],
    )


def test_colours_and_words_do_not_break_out() -> None:
    """fillColor is an attribute for the client; 40 payloads in it and in `label` make no element."""
    assert bar(fillColor="#16a34a")["data-fill"] == "#16a34a"
    tags = [element.tag for element in bar().all]
    for payload in PAYLOADS:
        found = bar(fillColor=payload, label=payload, progress=payload)
        assert [element.tag for element in found.all] == tags
        assert "style" not in {name for element in found.all for name in element.attributes}


def test_scripts_move_it(tmp_path: Path) -> None:
    """setProgress and setVisibility; code reads `progress`."""
    page = Running(
        tmp_path,
        {"name": "Upload", "type": "Progress", "progress": 10},
        {"name": "Seen", "type": "Text", "text": "{{ Upload.progress }}"},
        does("On", "Upload.setProgress(Upload.progress + 30)"),
        does("Gone", "Upload.setVisibility(false)"),
    )
    page.press("On")
    assert (page.widget("Upload").find(role="progressbar")["aria-valuenow"], page.widget("Seen").text) == (
        "40",
        "40",
    )
    page.press("Gone")
    assert page.value("Upload", "isVisible") is False


@SCHEMES
def test_looks(stage: Stage, open_page: OpenPage, tmp_path: Path, scheme: str, width: int) -> None:
    """No rule of axe is broken, in each shape."""
    shapes: list[Mapping[str, Any]] = [
        {"showResult": True, "steps": 5},
        {"progressType": "circular", "showResult": True, "fillColor": "#16a34a"},
        {"isIndeterminate": True},
        {"isIndeterminate": True, "progressType": "circular"},
    ]
    named = [{"name": f"P{at}", "type": "Progress", **shape} for at, shape in enumerate(shapes)]
    look(stage, open_page, tmp_path, named, scheme, width)
