"""What a page shows now, seen from its properties: which widgets leave the server, which take
values, which are valid. The same for every type: what a type is stands in the model."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from portico.model.page import Page
from portico.model.paths import split_address, template_of
from portico.model.tree import Tree
from portico.model.widget import VALUE, Input, WidgetType


class Surface(Tree):
    """The widgets of an open page, and what their types say of them."""

    props: dict[str, dict[str, Any]]

    def __init__(self, page: Page, types: Mapping[str, WidgetType]) -> None:
        super().__init__(page, {})
        self._types = types
        self.clear()

    def clear(self) -> None:
        """Nothing is known but what stands in the app's files, and no row is there."""
        self.props = {
            path: dict(widget.literals) for path, widget in self.page.widgets.items() if "[]" not in path
        }

    def type_of(self, path: str) -> WidgetType:
        """The type of a widget that is there."""
        return self._types[self.placed_widget(path).type]

    def merge(self, patch: Mapping[str, Mapping[str, Any]], gone: Iterable[str] = ()) -> None:
        """Take over what a turn changed; widgets of rows come and go."""
        for path in gone:
            self.props.pop(path, None)
        for path, changes in patch.items():
            widget = self.page.widgets.get(template_of(path))
            if widget is not None:
                self.props.setdefault(path, dict(widget.literals)).update(changes)

    # What leaves the server

    def shown(self, path: str) -> bool:
        """Whether the widget and all it stands in leave the server now."""
        return self.placed(path) and bool(self.props[path].get("isVisible", True))

    def placed(self, path: str) -> bool:
        """Whether there is a place for the widget on the page as shown: all that it stands in is
        shown, and its tab is the selected one."""
        widget = self.widget(path)
        if widget is None:
            return False
        parent = self.parent(path)
        if parent is None:
            return True
        if not self.shown(parent):
            return False
        chosen = self.type_of(parent).slot_property
        return chosen is None or self.props[parent].get(chosen) == widget.slot

    def enabled(self, path: str) -> bool:
        """Whether the user may act on it: shown, and not disabled."""
        return self.shown(path) and not self.props[path].get("isDisabled")

    # Values

    @property
    def has_uploads(self) -> bool:
        """Whether a widget of the page takes files."""
        kinds = {widget.type for widget in self.page.widgets.values()}
        return any(part.uploads for kind in kinds for part in self._types[kind].inputs.values())

    def input_at(self, address: str) -> Input | None:
        """What a posted value for `address` would set: of an input that is shown and enabled."""
        path, part, _ = split_address(address)
        if not self.enabled(path):
            return None
        return self.type_of(path).inputs.get(part)

    def demand(self, path: str, posted: Iterable[str]) -> str:
        """What to tell a user whose click on this widget lacks what it has to bring; empty if it may
        go on."""
        for part, found in self.type_of(path).inputs.items():
            text = "" if f"{path}:{part}" in posted else found.demand(self.props[path])
            if text:
                return text
        return ""

    def value(self, address: str) -> Any:
        """The present value of an input."""
        path, part, _ = split_address(address)
        props, kind = self.props[path], self.type_of(path)
        found = kind.inputs.get(part)
        if found is not None and (part != VALUE or found.shows):
            return props.get(found.shows or found.meta)
        return props["value"] if "value" in kind.derived else props.get(str(kind.slot_property or kind.value))

    def controls(self) -> Iterator[str]:
        """Addresses of what the user types or chooses, which a browser holds itself."""
        for path in self.everything():
            for part, found in self.type_of(path).inputs.items():
                if found.typed and not found.many:
                    yield f"{path}:{part}" if part else path

    def held(self) -> Iterator[tuple[str, Any]]:
        """What controls hold of which a widget has many and which a turn may change, by address."""
        for path in self.everything():
            for part, found in self.type_of(path).inputs.items():
                for detail, value in (found.holds(self.props[path]) if found.holds else {}).items():
                    yield f"{path}:{part}:{detail}", value

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Widgets, and properties of theirs, that must not be kept."""
        for path in self.everything():
            kind = self.type_of(path)
            yield from ((path, name) for name in sorted(kind.secrets))
            if kind.value is not None and self.secret(path):
                yield path, kind.value

    def passwords(self) -> Iterator[str]:
        """What is typed there now, as far as it is text."""
        for path, name in self.secrets():
            held = self.value(path) if name == self.type_of(path).value else self.props[path].get(name)
            texts = held.values() if isinstance(held, Mapping) else (held,)
            yield from (text for text in texts if isinstance(text, str) and text)

    def secret(self, path: str) -> bool:
        """Whether the value of an input must not be kept or sent back."""
        return self.type_of(path).secret(self.props[path])

    def inputs(self, under: str | None = None) -> Iterator[str]:
        """Paths of the widgets that have a value, inside `under` or on the whole page."""
        return (path for path in self.everything(under) if self.type_of(path).value is not None)

    # Forms

    def waits_for_form(self, path: str) -> bool:
        """Whether the widget acts only while the form around it is valid. One that is a form itself looks
        at its own fields."""
        widget = self.widget(path)
        own = widget is not None and "isValid" in self.type_of(path).derived
        return not own and bool(self.props.get(path, {}).get("disabledWhenInvalid"))

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

    def form_of(self, path: str) -> str | None:
        """The nearest widget around `path` that can be valid or not: its form."""
        return next((outer for outer in self.around(path) if "isValid" in self.type_of(outer).derived), None)
