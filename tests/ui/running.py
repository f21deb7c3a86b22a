"""A page of real widgets in the real sandbox: what its user and its scripts do, and what is then shown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.model.paths import split_address
from portico.runtime.event import Start, cleared, fired_by, set_since, values_of
from portico.runtime.kept import bounded
from portico.runtime.posted import cells_of
from portico.runtime.surface import Surface
from portico.sandbox.turn import ShowAlert, Turn
from portico.ui.assets import Assets
from portico.ui.render import render_page, render_widget
from portico.ui.view import PageView
from portico.ui.widgets import CATALOGUE
from tests.sandbox.sessions import Session, commands
from tests.ui.markup import Element, parse


class Running:
    """The open page. `widgets` are those of its page file, `packages` names folders below `folder` that the
    app uses; `said` are the alerts of the last event."""

    def __init__(self, folder: Path, *widgets: Mapping[str, Any], packages: Sequence[str] = ()) -> None:
        root = folder / "running"
        (root / "pages" / "Home").mkdir(parents=True)
        # JSON is YAML.
        used = {name: {"path": f"../{name}"} for name in packages}
        (root / "app.yaml").write_text(json.dumps({"auth": "none", "packages": used}))
        (root / "pages" / "Home" / "page.yaml").write_text(json.dumps({"title": "Home", "widgets": widgets}))
        loaded = load(root, types=CATALOGUE, settings={})
        assert loaded.app is not None, loaded.problems
        self._app, self._page = loaded.app, loaded.app.pages["Home"]
        self._assets = Assets([self._app])
        self._session = Session(self._page.program)
        self._surface = Surface(self._page, CATALOGUE)
        self._surface.props = self._session.props
        self.said: list[str] = []

    def offers(self, button: str, event: str, row: str | None = None) -> bool:
        """Whether the type of a widget has a button for this event now."""
        return self._surface.type_of(button).offers(self._surface.props[button], event, row)

    def press(self, button: str, event: str = "onClick", row: str | None = None) -> bool:
        """A click on a button of a widget, if the server takes it now."""
        if self.offers(button, event, row) and self._surface.enabled(button):
            self._happened(self._session.turn(Start(button, event, row).message("pressed")))
            return True
        return False

    def post(self, address: str, value: Any) -> bool:
        """The user sets this value of a widget, and what hangs on it runs; whether anything was set."""
        path, cells = split_address(address)[0], cells_of(self._surface, address, value, {})
        if not cells:
            return False
        values = {"k": "set", "set": [[path, name, cell] for name, cell in cells.items()]}
        start = fired_by(self._surface, address)
        self._happened(self._session.turn(values, *([start.message("posted")] if start else [])))
        return True

    def conclude(self) -> None:
        """The end of an event: what must not be kept is forgotten."""
        self._happened(self._session.turn({"k": "set", "set": cleared(self._surface)}))

    def held(self) -> Mapping[str, Any]:
        """What the browser may be told that its controls hold, by address."""
        return values_of(self._surface)

    def told(self, before: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the browser is told that they hold, which is not what they did."""
        return set_since(self._surface, before)

    def passwords(self) -> Iterator[str]:
        """What logs must not hold."""
        return self._surface.passwords()

    def kept(self, *, all_of_it: bool = False) -> Mapping[str, Any]:
        """What is stored of the page; `all_of_it` is the control: what must not be kept with it."""
        secrets = frozenset() if all_of_it else frozenset(self._surface.secrets())
        kept: Mapping[str, Any] = json.loads(bounded(self._session.snapshot(), secrets)[0])
        return kept

    def value(self, path: str, name: str) -> Any:
        """A property as the server knows it."""
        return self._session.shown(path, name)

    def enabled(self, path: str) -> bool:
        """Whether the server takes events and values of this widget now."""
        return self._surface.enabled(path)

    def widget(self, path: str) -> Element:
        """A widget as it is shown now."""
        return parse(render_widget(self.view, path)).children[0]

    @property
    def page(self) -> Element:
        """The whole page as it is shown now."""
        return parse(render_page(self.view))

    @property
    def view(self) -> PageView:
        """What it is shown from."""
        return PageView(
            app=self._app, page=self._page, assets=self._assets, props=self._session.props, visit="v"
        )

    def _happened(self, turn: Turn) -> None:
        assert turn.errors == (), turn.errors
        self.said = [command.message for command in commands(turn) if isinstance(command, ShowAlert)]


def does(name: str, code: str) -> Mapping[str, Any]:
    """A Button that runs this code."""
    return {"name": name, "type": "Button", "text": name, "onClick": f"{{{{ {code} }}}}"}


def text_of(name: str, code: str) -> Mapping[str, Any]:
    """A Text that shows a value as JSON."""
    return {"name": name, "type": "Text", "text": f"{{{{ JSON.stringify({code} ?? null) }}}}"}


#: How a box may be framed, and what then stands in its element for the client to set.
FRAME: Mapping[str, Any] = {
    "backgroundColor": "#fef3c7",
    "borderColor": "rgb(1, 2, 3)",
    "borderWidth": 2.5,
    "borderRadius": "{{ '4 8px 1rem' }}",
    "boxShadow": "0 1px 2px black",
}
FRAMED: Mapping[str, str] = {
    "data-background": "#fef3c7",
    "data-border-color": "rgb(1, 2, 3)",
    "data-border-width": "2.5px",
    "data-radius": "4px 8px 1rem",
    "data-shadow": "0 1px 2px black",
}


def framing(element: Element) -> Mapping[str, str]:
    """What an element says of its frame."""
    return {name: value for name, value in element.attributes.items() if name in FRAMED}
