"""The widgets of a page as they stand now: those that the page was written with, and those of rows.

Widgets are addressed by path (`model.paths`); one in a row of a list is there as long as its row is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.model.page import Page
from portico.model.paths import in_row, instance_of, template_of
from portico.model.widget import Widget


class Tree:
    """The widgets of `page`; `props` are their properties as last computed, by path."""

    def __init__(self, page: Page, props: Mapping[str, Mapping[str, Any]]) -> None:
        self.page = page
        self.props = props

    def widget(self, path: str) -> Widget | None:
        """The widget at `path`, if it is there now."""
        return self.page.widgets.get(template_of(path)) if path in self.props else None

    def placed_widget(self, path: str) -> Widget:
        """The widget at `path`, which is there. Raises KeyError for one that the page never has."""
        return self.page.widgets[template_of(path)]

    def parent(self, path: str) -> str | None:
        """The path of what a widget stands in."""
        found = self.placed_widget(path).parent
        return None if found is None else instance_of(found, path)

    def around(self, path: str) -> Iterator[str]:
        """The paths of all that a widget stands in, from the inside out."""
        parent = self.parent(path)
        while parent is not None:
            yield parent
            parent = self.parent(parent)

    def rows(self, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The rows of a list: the key of each, and the paths of the widgets that stand in it."""
        children = self.placed_widget(path).children
        for key in self.props[path].get("rows") or ():
            there = (in_row(child, path, key) for child in children)
            yield key, tuple(at for at in there if at in self.props)

    def children(self, path: str) -> Iterator[str]:
        """The paths of the widgets that stand in one, hidden ones too; row by row in a list."""
        widget = self.placed_widget(path)
        if widget.repeats:
            for _, row in self.rows(path):
                yield from row
        else:
            yield from (instance_of(child, path) for child in widget.children)

    def everything(self, under: str | None = None) -> Iterator[str]:
        """All widgets, or those inside one, parents first, in document order."""
        for path in self.page.roots if under is None else self.children(under):
            yield path
            yield from self.everything(path)
