"""Widgets in the rows of a list, and properties that are lists of records."""

from pathlib import Path
from typing import Any

import pytest

from tests.definition.apps import HOME_PAGE, brief, page
from tests.definition.programs import definition
from tests.sandbox.sessions import Session

LIST = """\
widgets:
  - name: Cards
    type: List
    listData: "{{ [{n: 'a'}, {n: 'b'}] }}"
    widgets:
      - name: Box
        type: Container
        widgets:
          - {name: Name, type: Text, text: "{{ currentItem.n + currentIndex + Note.text }}"}
      - {name: Note, type: Input}
  - {name: All, type: Text, text: "{{ Cards.rows.length }}"}
"""


def test_widgets_in_a_list_are_templates(tmp_path: Path) -> None:
    """Their path says so, in the page as in the program."""
    home = page(tmp_path, LIST).app
    assert home is not None
    widgets = home.pages["Home"].widgets
    assert list(widgets) == ["Cards", "Cards[].Box", "Cards[].Name", "Cards[].Note", "All"]
    assert widgets["Cards"].repeats
    assert widgets["Cards"].children == ("Cards[].Box", "Cards[].Note")
    assert (widgets["Cards[].Name"].parent, widgets["Cards[].Name"].name) == ("Cards[].Box", "Name")
    assert widgets["Cards[].Note"].live
    compiled = definition(home.pages["Home"].program)
    assert [widget["path"] for widget in compiled["widgets"]] == list(widgets)


def test_rows_run(tmp_path: Path) -> None:
    """The compiled page, in the real sandbox."""
    compiled = page(tmp_path, LIST).app
    assert compiled is not None
    session = Session(compiled.pages["Home"].program)
    assert session.props["Cards[1].Name"]["text"] == "b1"
    assert session.props["All"]["text"] == 2


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        # Names of rows are known in their rows alone.
        (("Cards.rows.length", "Note.text"), ["11:39 E403"]),
        (("Cards.rows.length", "currentItem"), ["11:39 E403"]),
        (("name: Note", "name: All"), ["9:79 E403", "10:9 E401", "11:5 E401"]),
        (("name: Note", "name: currentItem"), ["9:79 E403", "10:16 E402"]),
        (("name: Note", "name: currentRow"), ["9:79 E403", "10:16 E402"]),
    ],
)
def test_names_of_rows(changed: tuple[str, str], problems: list[str], tmp_path: Path) -> None:
    """Outside of them they are not there; inside they are."""
    text = LIST.replace(*changed)
    found = [problem.removeprefix(f"{HOME_PAGE}:") for problem in brief(page(tmp_path, text).problems)]
    assert found == problems


GRID = """\
widgets:
  - {{name: NameInput, type: Input}}
  - name: Table1
    type: Grid
    columns:
{columns}
"""


def grid(folder: Path, *columns: str) -> Any:
    """A page with these columns."""
    text = GRID.format(columns="\n".join(f"      - {column}" for column in columns))
    return page(folder, text)


def test_records_become_a_list_with_functions_of_their_row(tmp_path: Path) -> None:
    """Literals stay, bindings over the row become functions, events take the row."""
    result = grid(
        tmp_path,
        '{id: name, label: Name, value: "{{ currentRow.n + currentIndex + NameInput.text }}"}',
        "{id: go, type: button, onClick: \"{{ showAlert(currentRow.n + '/' + currentIndex) }}\"}",
        "{id: seen, isVisible: \"{{ NameInput.text === '' }}\", value: 3}",
    )
    assert [problem.as_text() for problem in result.problems] == []
    compiled = definition(result.app.pages["Home"].program)
    (table,) = (widget for widget in compiled["widgets"] if widget["name"] == "Table1")
    assert list(table["events"]) == ["columns.go.onClick"]
    session = Session(result.app.pages["Home"].program)
    first, second, third = session.shown("Table1", "columns")
    assert first == {"id": "name", "label": "Name", "type": "text", "isVisible": True}  # functions stay there
    assert second["type"] == "button"
    assert (third["value"], third["isVisible"]) == (3, True)
    turn = session.turn({"k": "event", "ev": "e", "w": "Table1", "p": "columns.go.onClick", "row": "4"})
    assert turn.errors[0].message == "cannot read property 'n' of null"


@pytest.mark.parametrize(
    ("columns", "problems"),
    [
        (["{label: x}"], ["6:9 E203"]),
        (["{id: a}", "{id: a}"], ["7:14 E401"]),
        (["{id: a b}"], ["6:14 E207"]),
        (["{id: a, colour: red}"], ["6:17 E206"]),
        (["{id: a, type: sound}"], ["6:23 E207"]),
        (["{id: a, isVisible: maybe}"], ["6:28 E207"]),
        (["{id: '{{ 1 }}'}"], ["6:14 E213"]),
        (['{id: a, value: "{{ currentRwo.n }}"}'], ["6:28 E403"]),
        (['{id: a, label: "{{ currentRow.n }}"}'], ["6:28 E403"]),
        (["{id: a, onClick: 5}"], ["6:26 E208"]),
        (["{id: a, onClick: [{alert: '{{ currentRow.n }}'}]}"], []),
        (["x"], ["6:9 E202"]),
    ],
)
def test_records_with_mistakes(columns: list[str], problems: list[str], tmp_path: Path) -> None:
    """Each at its place."""
    found = [problem.removeprefix(f"{HOME_PAGE}:") for problem in brief(grid(tmp_path, *columns).problems)]
    assert found == problems


def test_records_are_a_list(tmp_path: Path) -> None:
    """Nothing else."""
    text = "widgets:\n  - {name: T, type: Grid, columns: '{{ [] }}'}\n"
    assert brief(page(tmp_path, text).problems) == [f"{HOME_PAGE}:2:36 E207"]
