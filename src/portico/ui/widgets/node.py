"""A widget in its place, as templates see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portico.model.tree import Tree
from portico.model.widget import Widget, WidgetType
from portico.ui.view import PageView


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One widget of a view. `path` is the part of ids and names that differs from widget to widget,
    `props` holds every property of its type."""

    view: PageView
    path: str
    widget: Widget
    kind: WidgetType
    props: Mapping[str, Any]

    @property
    def form(self) -> str | None:
        """The path of the nearest Form around it."""
        return _form_of(self.view.tree, self.path)

    @property
    def owner(self) -> str | None:
        """The `form` attribute that its control needs: outside a Form, the page's own empty form."""
        return None if self.form else "portico"

    @property
    def siblings(self) -> Iterator[str]:
        """The paths of the widgets of the same form in document order, its own included."""
        tree, form = self.view.tree, self.form
        return (path for path in tree.everything(form) if _form_of(tree, path) == form)

    def fires(self, event: str) -> bool:
        """Whether an action hangs on `event`."""
        return event in self.widget.events

    def pending(self, value: object) -> bool:
        """Whether `value` is still to come, and its place may show that."""
        return (
            self.view.loading and bool(self.props["animateLoading"]) and (value is None or value in ("", []))
        )


def _form_of(tree: Tree, path: str) -> str | None:
    return next((outer for outer in tree.around(path) if tree.placed_widget(outer).type == "Form"), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a type is rendered: a Jinja2 template, and what it needs besides the properties.

    The template sees `w` (the Node), `p` (its properties), `inside` (its shown children, rendered),
    `rows` (the same row by row, each with its `key`) and what `prepare` returns.
    """

    template: str
    prepare: Callable[[Node], Mapping[str, Any]] = lambda node: {}
