"""Pages of widgets as they are shipped, compiled from their files and opened in the sandbox."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.model.page import Page
from portico.sandbox.turn import Turn
from portico.ui.render import render_widget
from portico.ui.view import PageView
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import PLAIN, write
from tests.sandbox.sessions import Session
from tests.ui.markup import Element, parse
from tests.ui.sites import app_of, plain_assets


@dataclass(frozen=True)
class Opened:
    """A page, and its program at work."""

    page: Page
    session: Session

    def shown(self, path: str) -> Element:
        """A widget as it is rendered now."""
        view = PageView(app=app_of(), page=self.page, assets=plain_assets(), props=self.session.props)
        return parse(render_widget(view, path))

    def post(self, path: str, meta: str, value: Any) -> None:
        """What the user of a widget set."""
        self.session.turn({"k": "set", "set": [[path, meta, value]]})

    def press(self, path: str = "Go") -> Turn:
        """A click."""
        return self.session.event(path)


def opened(folder: Path, widgets: str) -> Opened:
    """The page whose `widgets:` are this text. It must have no problem."""
    indented = "".join(f"  {line}\n" for line in widgets.strip("\n").splitlines())
    found = load(
        write(folder, {**PLAIN, "pages/Home/page.yaml": f"widgets:\n{indented}"}),
        types=CATALOGUE,
        settings={},
    )
    assert [problem.as_text() for problem in found.problems] == []
    assert found.app is not None
    page = found.app.pages["Home"]
    return Opened(page, Session(page.program))
