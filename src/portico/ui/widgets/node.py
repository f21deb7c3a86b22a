"""A widget in its place, as templates see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portico.model.widget import Widget, WidgetType
from portico.ui.view import PageView


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One widget of a view. `props` holds every property of its type."""

    view: PageView
    widget: Widget
    kind: WidgetType
    props: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Its path: the part of ids and names that differs from widget to widget."""
        return self.widget.path

    @property
    def form(self) -> str | None:
        """The path of the nearest Form around it."""
        return next((outer.path for outer in self._around() if outer.type == "Form"), None)

    @property
    def owner(self) -> str | None:
        """The `form` attribute that its control needs: outside a Form, the page's own empty form."""
        return None if self.form else "portico"

    @property
    def siblings(self) -> Iterator[Widget]:
        """The widgets of the same form in document order, itself included."""
        form = self.form
        return (other for other in self.view.page.widgets.values() if self._form_of(other) == form)

    def fires(self, event: str) -> bool:
        """Whether an action hangs on `event`."""
        return event in self.widget.events

    def pending(self, value: object) -> bool:
        """Whether `value` is still to come, and its place may show that."""
        return (
            self.view.loading and bool(self.props["animateLoading"]) and (value is None or value in ("", []))
        )

    def _around(self) -> Iterator[Widget]:
        return _around(self.view, self.widget)

    def _form_of(self, widget: Widget) -> str | None:
        return next((outer.path for outer in _around(self.view, widget) if outer.type == "Form"), None)


def _around(view: PageView, widget: Widget) -> Iterator[Widget]:
    while widget.parent is not None:
        widget = view.page.widgets[widget.parent]
        yield widget


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a type is rendered: a Jinja2 template, and what it needs besides the properties.

    The template sees `w` (the Node), `p` (its properties), `inside` (its shown children, rendered)
    and what `prepare` returns.
    """

    template: str
    prepare: Callable[[Node], Mapping[str, Any]] = lambda node: {}
