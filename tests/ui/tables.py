"""Tables as an app has them: compiled from a page's file, in a sandbox, and rendered from what leaves it."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portico.definition.load import load
from portico.model.app import App
from portico.model.page import Page
from portico.sandbox.limits import Limits
from portico.sandbox.turn import Download, ShowAlert, Turn
from portico.ui.assets import Assets
from portico.ui.render import render_widget
from portico.ui.view import PageView
from portico.ui.widgets import CATALOGUE
from portico.ui.widgets.table import TYPE
from tests.sandbox.sessions import Session, request
from tests.ui.markup import Element, parse

PEOPLE: Sequence[Mapping[str, Any]] = (
    {"id": 1, "name": "Ada", "age": 36, "active": True, "born": "1815-12-10", "team": "a"},
    {"id": 2, "name": "grace", "age": 85, "active": False, "born": "1906-12-09", "team": "b"},
    {"id": 3, "name": "Alan", "age": None, "active": True, "born": "1912-06-23", "team": "a"},
    {"id": 4, "name": "", "age": 7, "active": False, "born": None, "team": "b"},
)
COLUMNS: Sequence[Mapping[str, Any]] = (
    {"id": "id", "type": "number"},
    {"id": "name"},
    {"id": "age", "type": "number"},
    {"id": "active", "type": "checkbox"},
    {"id": "born", "type": "date"},
    {"id": "team"},
)


class Table(Session):
    """A page with the table `T`, whose data are the answer of the query `users`.

    `props` stand in the page's file as they are; `more` are further widgets of the page.
    """

    def __init__(
        self,
        data: Any = PEOPLE,
        *,
        more: Sequence[Mapping[str, Any]] = (),
        limits: Limits | None = None,
        **props: Any,
    ) -> None:
        given = {"tableData": "{{ users.data }}", **props}
        self.app = app_of([{"name": "T", "type": "Table", **given}, *more])
        super().__init__(self.page.program, limits=limits)
        self.asked = request(self.turn({"k": "run", "ev": "load", "q": "users", "load": True}))
        self.last = self.answer(self.asked, data)

    @property
    def page(self) -> Page:
        """The page."""
        return self.app.pages["Home"]

    @property
    def view(self) -> Any:
        """What leaves the sandbox of the table."""
        return self.shown("T", "view")

    def refetch(self, data: Any) -> Turn:
        """Other data."""
        asked = request(self.turn({"k": "run", "ev": "again", "q": "users"}))
        return self.answer(asked, data)

    def words(self, column: str) -> list[Any]:
        """The cells of a column of the page."""
        at = [one["id"] for one in self.view["columns"]].index(column)
        return [row["cells"][at] for row in self.view["rows"]]

    def key(self, at: int) -> str:
        """The key of a row of the page."""
        return str(self.view["rows"][at]["key"])

    def post(self, part: str, posted: Any, detail: str = "") -> Turn:
        """A value as a browser posts it, read as the server reads it."""
        found = TYPE.inputs[part]
        value = found.parse(posted, self.props["T"], detail)
        return self.turn({"k": "set", "set": [["T", found.meta, value]]})

    def command(self, name: str, row: str | None = None) -> Turn:
        """An event of the table itself, or a command of its type."""
        self._events += 1
        self.last = self.turn({"k": "event", "ev": f"e{self._events}", "w": "T", "p": name, "row": row})
        return self.last

    def read(self, code: str) -> Any:
        """What a script of the page would read: the page needs `PROBE` among its widgets."""
        turn = self.turn({"k": "set", "set": [["Probe", "typed", code]]}, self._click())
        assert turn.errors == ()
        (said,) = alerts(turn)
        return json.loads(said)

    def _click(self) -> Mapping[str, Any]:
        self._events += 1
        return {"k": "event", "ev": f"e{self._events}", "w": "Ask", "p": "onClick"}

    def rendered(self, **view: Any) -> Element:
        """The table as HTML."""
        return parse(render_widget(view_of(self, **view), "T"))


def alerts(turn: Turn) -> list[str]:
    """The messages of a turn."""
    return [effect.message for effect in turn.effects if isinstance(effect, ShowAlert)]


def files(turn: Turn) -> list[Download]:
    """The files that a turn hands out."""
    return [effect for effect in turn.effects if isinstance(effect, Download)]


#: Widgets with which `Table.read` asks for what scripts see.
PROBE: Sequence[Mapping[str, Any]] = (
    {"name": "Probe", "type": "Input"},
    {
        "name": "Ask",
        "type": "Button",
        "onClick": "{{ showAlert(JSON.stringify(new Function('T', 'return ' + Probe.text)(T)) ?? 'null') }}",
    },
)


def app_of(widgets: Sequence[Mapping[str, Any]]) -> App:
    """An app with one page of these widgets and the query `users`. JSON is YAML too."""
    return _compiled(json.dumps({"title": "Home", "widgets": list(widgets)}))


@cache
def _compiled(page: str) -> App:
    files = {
        "app.yaml": "name: Tables\nauth: none\n",
        "datasources/api.yaml": "url: https://api.example.com\n",
        "pages/Home/page.yaml": page,
        "pages/Home/queries/users.yaml": "datasource: api\npath: /users\n",
        "pages/Home/queries/save.yaml": "datasource: api\npath: /save\nmethod: POST\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            file = Path(folder) / "tables" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        found = load(Path(folder) / "tables", types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in found.problems] == []
    assert found.app is not None
    return found.app


def view_of(table: Table, **view: Any) -> PageView:
    """The page as a browser is shown it."""
    return PageView(app=table.app, page=table.page, assets=Assets([table.app]), props=table.props, **view)
