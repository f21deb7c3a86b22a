"""Where widgets stand: 64 columns where there is room, one below the other where there is not.

Positions are known when an app is compiled, so they are a stylesheet of the page, not a style of
the widget (hard-cases 11). Widgets are rendered in reading order, so that one column needs no rule
and the tab key goes the way the eye does.
"""

import re
from collections.abc import Iterable, Sequence

from portico.model.page import Page
from portico.model.paths import template_of
from portico.model.widget import Widget

#: Pixels of a row, and the width from which the grid is used.
ROW = 10
WIDE = 720
#: Who puts widgets on 64 columns has a screen in mind, not a line to read.
_ROOMY = "body:has(main>.grid){--wide:96rem}"

_BESIDE_A_FORM = frozenset({"Text", "Image", "Button"})
_OF_A_FORM = frozenset({"Form", "Input", "Checkbox", "Button", "Text", "Image", "Divider"})
_MOST_INPUTS = 4


def in_reading_order(page: Page, paths: Iterable[str]) -> Sequence[str]:
    """The paths of these widgets: those with a position by top and left, then the rest as written."""

    def order(path: str) -> tuple[int, int, int]:
        position = page.widgets[template_of(path)].position
        return (0, position.top, position.left) if position else (1, 0, 0)

    return sorted(paths, key=order)


def is_grid(page: Page, paths: Iterable[str]) -> bool:
    """Whether any of these widgets has a position."""
    return any(page.widgets[template_of(path)].position is not None for path in paths)


def place_class(widget: Widget) -> str:
    """The class that the stylesheet of the page places the widget by: the same in each row of a list."""
    return f" at-{widget.name}" if widget.position is not None else ""


def page_css(page: Page) -> str:
    """The positions of a page's widgets as CSS; empty if none has one."""
    rules = [_rule(widget) for widget in page.widgets.values() if widget.position is not None]
    return f"@media (min-width:{WIDE}px){{{_ROOMY}{''.join(rules)}}}\n" if rules else ""


def is_card(page: Page) -> bool:
    """Whether the page is one form and nothing else to speak of: shown as a card in the middle."""
    boxes = [path for path in page.roots if page.widgets[path].type not in _BESIDE_A_FORM]
    return len(boxes) == 1 and not is_grid(page, page.roots) and _is_form(page, boxes[0])


def _is_form(page: Page, path: str) -> bool:
    """Whether a widget is a form, or a module that is a small one."""
    widget = page.widgets[path]
    if widget.type != "Module":
        return widget.type == "Form"
    inside = [found for found in page.widgets.values() if found.path.startswith(f"{path}.")]
    kinds = [found.type for found in inside]
    return (
        set(kinds) <= _OF_A_FORM
        and 1 <= kinds.count("Input") <= _MOST_INPUTS
        and kinds.count("Form") <= 1
        and "Button" in kinds
        and all(found.position is None for found in inside)
    )


def _rule(widget: Widget) -> str:
    place = widget.position
    if place is None:
        return ""
    return (
        f".grid>.w.at-{_identifier(widget.name)}{{grid-column:{place.left + 1}/span {max(place.width, 1)};"
        f"grid-row:{place.top + 1}/span {max(place.height, 1)};--height:{max(place.height, 1) * ROW}px}}"
    )


def _identifier(name: str) -> str:
    """A name as part of a CSS identifier (CSS Syntax 3, escaping)."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f"\\{ord(found[0]):x} ", name)
