"""How widgets look in a browser: no rule of axe is broken, and nothing is wider than the window."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from portico.ui.view import PageView
from tests.ui.conftest import OpenPage
from tests.ui.running import Running
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_looks import AXE

#: Light and narrow, dark and wide, and the other way round.
SCHEMES = pytest.mark.parametrize(
    ("scheme", "width"), [("light", 375), ("dark", 375), ("light", 1280), ("dark", 1280)]
)


def show(stage: Stage, page: Page, view: PageView) -> Page:
    """The page of a view, its client running."""
    page.goto(stage.show(view))
    alive(page)
    return page


def look(
    stage: Stage,
    open_page: OpenPage,
    folder: Path,
    widgets: Sequence[Mapping[str, Any]],
    scheme: str,
    width: int,
    *opened: str,
) -> None:
    """Look at widgets, and again each time one of `opened` is."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900})
    title = {"name": "T", "type": "Text", "text": "Heading", "fontSize": "1.5rem", "fontStyle": "BOLD"}
    show(stage, page, Running(folder, title, *widgets).view)
    assert_sound(page, width)
    for selector in opened:
        # By keyboard: what dropped down before may lie over it.
        page.focus(selector)
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert_sound(page, width)


def assert_sound(page: Page, width: int) -> None:
    """Nothing is wrong with how it looks now."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    broken = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert (broken, wide <= width) == ([], True), (broken, wide)
