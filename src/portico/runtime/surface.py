"""What a page shows now, seen from its properties: which widgets leave the server, which take
values, which are valid. The same for every type: what a type is stands in the model."""

from collections.abc import Iterable, Mapping
from typing import Any

from portico.model.page import Page
from portico.model.widget import WidgetType

Props = dict[str, dict[str, Any]]


class Surface:
    """The widgets of a page with their properties as last computed, by path."""

    def __init__(self, page: Page, types: Mapping[str, WidgetType]) -> None:
        self.props: Props = {path: {} for path in page.widgets}
        self._page = page
        self._types = types

    def clear(self) -> None:
        """Nothing is known of any widget."""
        self.props = {path: {} for path in self._page.widgets}

    def merge(self, patch: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over what a turn changed."""
        for path, changes in patch.items():
            if path in self.props:
                self.props[path].update(changes)

    def type_of(self, path: str) -> WidgetType:
        """The type of a widget of this page."""
        return self._types[self._page.widgets[path].type]

    def shown(self, path: str) -> bool:
        """Whether the widget and all it stands in leave the server now."""
        return self.placed(path) and bool(self.props[path].get("isVisible", True))

    def placed(self, path: str) -> bool:
        """Whether there is a place for the widget on the page as shown: all that it stands in is
        shown, and its tab is the selected one."""
        widget = self._page.widgets.get(path)
        if widget is None:
            return False
        if widget.parent is None:
            return True
        chosen = self.type_of(widget.parent).slot_property
        if chosen is not None and self.props[widget.parent].get(chosen) != widget.slot:
            return False
        return self.shown(widget.parent)

    def enabled(self, path: str) -> bool:
        """Whether the user may act on it: shown, and not disabled."""
        return self.shown(path) and not self.props[path].get("isDisabled")

    def takes(self, path: str) -> bool:
        """Whether a posted value for `path` counts: an input that is shown and enabled."""
        return path in self._page.widgets and self.type_of(path).value is not None and self.enabled(path)

    def value(self, path: str) -> Any:
        """The present value of an input."""
        props, kind = self.props[path], self.type_of(path)
        return props["value"] if "value" in kind.derived else props.get(str(kind.slot_property or kind.value))

    def secret(self, path: str) -> bool:
        """Whether the value of an input must not be kept or sent back."""
        return self.type_of(path).secret(self.props[path])

    def invalid(self, path: str) -> list[str]:
        """The inputs that are not valid in the form around `path`, in document order."""
        form = self.form_of(path)
        if form is None:
            return []
        return [
            inner
            for inner in self.inputs(form)
            if self.shown(inner) and self.props[inner].get("isValid") is False
        ]

    def inputs(self, under: str | None = None) -> Iterable[str]:
        """Paths of the widgets that take a value, inside `under` or on the whole page."""
        return (
            path
            for path in self._page.widgets
            if self.type_of(path).value is not None and (under is None or self._inside(path, under))
        )

    def form_of(self, path: str) -> str | None:
        """The nearest widget around `path` that can be valid or not: its form."""
        widget = self._page.widgets[path]
        while widget.parent is not None:
            widget = self._page.widgets[widget.parent]
            if "isValid" in self.type_of(widget.path).derived:
                return widget.path
        return None

    def _inside(self, path: str, under: str) -> bool:
        widget = self._page.widgets[path]
        while widget.parent is not None:
            if widget.parent == under:
                return True
            widget = self._page.widgets[widget.parent]
        return False
