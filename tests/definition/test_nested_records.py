"""Records in records, a single record, and what their code sees: a ButtonGroup and a MenuButton as files."""

from pathlib import Path

import pytest

from portico.definition.load import Loaded, load
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import HOME_PAGE, PLAIN, brief, write

GROUP = """\
widgets:
  - name: Views
    type: ButtonGroup
    groupButtons:
      - id: more
        buttonType: MENU
        menuItems:
          - ITEM
"""
MENU = """\
widgets:
  - name: Assign
    type: MenuButton
    sourceData: [{name: Ada}]
    configureMenuItems: MADE
"""


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a page of this text, and where."""
    found = loaded(folder, text).problems
    return [problem.removeprefix(f"{HOME_PAGE}:") for problem in brief(found)]


def loaded(folder: Path, text: str) -> Loaded:
    """An app with this page, and the widget types as they are shipped."""
    return load(write(folder, {**PLAIN, HOME_PAGE: text}), types=CATALOGUE, settings={})


def events(found: Loaded, widget: str) -> list[str]:
    """What a widget of the page does."""
    assert found.app is not None, found.problems
    return sorted(found.app.pages["Home"].widgets[widget].events)


def test_events_are_called_by_the_way_to_them(tmp_path: Path) -> None:
    """Through each record by its id, and through a single record by its name."""
    group = loaded(tmp_path / "a", GROUP.replace("ITEM", '{id: csv, onClick: "{{ showAlert(1) }}"}'))
    assert events(group, "Views") == ["groupButtons.more.menuItems.csv.onClick"]
    made = '{label: "{{ currentItem.name }}", onClick: "{{ showAlert(currentItem.name + currentIndex) }}"}'
    menu = loaded(tmp_path / "b", MENU.replace("MADE", made))
    assert events(menu, "Assign") == ["configureMenuItems.onClick"]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ("{label: Export}", ["8:13 E203"]),
        ("{id: a b}", ["8:18 E207"]),
        ("{id: csv, colour: red}", ["8:23 E206"]),
        ("{id: csv, iconAlign: top}", ["8:34 E207"]),
        ("{id: csv, onClick: 5}", ["8:32 E208"]),
        ("{id: csv}\n          - {id: csv}", ["9:18 E401"]),
        ("x", ["8:13 E202"]),
        ('{id: csv, onClick: "{{ showAlert(currentRow) }}"}', ["8:46 E403"]),
        ('{id: csv, onClick: "{{ showAlert(currentItem) }}"}', ["8:46 E403"]),
    ],
)
def test_records_in_records_with_mistakes(item: str, found: list[str], tmp_path: Path) -> None:
    """Each at its place; nothing is of a row there."""
    assert problems(tmp_path, GROUP.replace("ITEM", item)) == found


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ("[]", ["5:25 E202"]),
        ("{id: a}", ["5:26 E206"]),
        ("{label: [a]}", ["5:33 E207"]),
        ("{isDisabled: maybe}", ["5:38 E207"]),
        ('{label: "{{ currentRow.name }}"}', ["5:37 E403"]),
        ("{onClick: 5}", ["5:35 E208"]),
        ("{}", []),
    ],
)
def test_a_single_record_with_mistakes(made: str, found: list[str], tmp_path: Path) -> None:
    """Each at its place; it has no id, and sees `currentItem`."""
    assert problems(tmp_path, MENU.replace("MADE", made)) == found


def test_a_list_of_records_is_written_out(tmp_path: Path) -> None:
    """Not bound, and not a mapping."""
    for wrong, place in (("'{{ [] }}'", "4:16 E207"), ("{a: {}}", "4:16 E207")):
        text = f"widgets:\n  - name: M\n    type: MenuButton\n    menuItems: {wrong}\n"
        assert problems(tmp_path, text) == [place]
