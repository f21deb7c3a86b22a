"""Divider: a line that screen readers know as one."""

from pathlib import Path
from typing import Any

import pytest

from portico.ui.render import render_widget
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does
from tests.ui.sites import at, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_looks import AXE


def line(**props: Any) -> Element:
    """The rendered line."""
    return parse(render_widget(view_of(widget("Divider", "D", **props)), "D")).find("hr")


def classes(**props: Any) -> set[str]:
    """The classes of the line."""
    return set(line(**props)["class"].split())


def test_it_is_a_separator() -> None:
    """The native element; it says how it runs where that is not the usual way."""
    assert "aria-orientation" not in line()
    assert line(orientation="vertical")["aria-orientation"] == "vertical"
    root = parse(render_widget(view_of(widget("Divider", "D", orientation="vertical")), "D")).find(id="w.D")
    assert "vertical" in root["class"].split()


@pytest.mark.parametrize(
    ("given", "expected"), [("dashed", "dashed"), ("dotted", "dotted"), ("double", "solid"), (None, "solid")]
)
def test_strokes_are_classes(given: object, expected: str) -> None:
    """A stroke that does not exist is the usual one."""
    assert expected in classes(strokeStyle=given)


@pytest.mark.parametrize(
    ("given", "step", "exact"),
    [
        (2, "thick-2", None),
        (1, "thick-1", None),
        ("4px", "thick-4", None),
        (3, "thick-2", "3px"),
        (1.5, "thick-1", "1.5px"),
        (500, "thick-8", "64px"),
        (0, "thick-2", None),
        (-3, "thick-2", None),
        ("much", "thick-2", None),
        ("nan", "thick-2", None),
        (None, "thick-2", None),
        ([], "thick-2", None),
    ],
)
def test_a_thickness_is_a_class_and_data(given: object, step: str, exact: str | None) -> None:
    """The nearest class is seen where no script runs; the exact value is for the client."""
    assert step in classes(thickness=given)
    assert line(thickness=given).get("data-border-width") == exact


def test_a_colour_is_a_class_and_data() -> None:
    """What is no colour is left out; near black and near white are the theme's."""
    found = line(dividerColor="#dc2626")
    assert (found["data-border-color"], "color-red" in found["class"].split()) == ("#dc2626", True)
    for none in ("red; background: url(x)", "", None, 5, "#000"):
        assert "data-border-color" not in line(dividerColor=none)
    for payload in PAYLOADS:
        odd = line(dividerColor=payload, thickness=payload, strokeStyle=payload, orientation=payload)
        assert odd.attributes == {"class": "divider solid thick-2"}


def test_one_that_is_not_visible_does_not_leave_the_server() -> None:
    """An empty place stays."""
    assert render_widget(view_of(widget("Divider", "D", isVisible=False)), "D").endswith("hidden></div>")


def test_set_visibility_takes_it_away(tmp_path: Path) -> None:
    """`setVisibility`: whatever it is given counts as true or false."""
    page = Running(
        tmp_path,
        {"name": "D", "type": "Divider"},
        does("Hide", "D.setVisibility(null)"),
        does("Show", "D.setVisibility(1)"),
    )
    page.press("Hide")
    assert (page.value("D", "isVisible"), page.widget("D").children) == (False, [])
    page.press("Show")
    assert page.value("D", "isVisible") is True
    assert list(page.widget("D").matching("hr"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """It is as thick and as long as it says, and no rule of axe is broken."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    view = view_of(
        widget("Text", "T", text="Lines", fontSize="1.5rem", fontStyle="BOLD", position=at(0, 0, 64, 5)),
        widget("Divider", "H", thickness=3, dividerColor="rgb(220, 38, 38)", position=at(0, 5, 64, 3)),
        widget("Divider", "V", orientation="vertical", strokeStyle="dashed", position=at(0, 8, 4, 20)),
    )
    page.goto(stage.show(view))
    alive(page)

    def style(name: str, *wanted: str) -> list[str]:
        found: list[str] = page.locator(f"#w\\.{name} hr").evaluate(
            f"(found) => {list(wanted)}.map((name) => getComputedStyle(found)[name])"
        )
        return found

    assert style("H", "borderTopWidth", "borderTopStyle", "borderBottomWidth", "borderTopColor") == [
        "3px",
        "solid",
        "0px",
        "rgb(220, 38, 38)",
    ]
    wide = width > 720
    # On a narrow page all stand below each other, and a line between them can only be level.
    assert (
        style("V", "borderLeftStyle", "borderTopStyle") == ["dashed", "none"] if wide else ["none", "dashed"]
    )
    box = page.locator("#w\\.V hr").bounding_box()
    assert box is not None
    assert (box["height"] > 150, box["width"] > 150) == (wide, not wide)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
