"""Widgets in a page's file, field by field."""

from pathlib import Path

import pytest

from tests.definition.apps import brief, page
from tests.definition.programs import definition

HOME = "pages/Home/page.yaml"


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("- §Text", "E202"),
        ("- §{type: Text}", "E203"),
        ("- §{name: A}", "E203"),
        ("- {name: §'{{ a }}', type: Text}", "E213"),
        ("- {name: §class, type: Text}", "E402"),
        ("- {name: §appsmith, type: Text}", "E402"),
        ("- {name: §Math, type: Text}", "E402"),
        ("- {name: §await, type: Text}", "E402"),
        ("- {name: A, type: Text, text: 5}", ""),
        ("- {name: A, type: Text, text: 1.50, fontSize: 2rem}", ""),
        ("- {name: A, type: Text, text: §true}", "E207"),
        ("- {name: A, type: Text, text:§ }", "E207"),
        ("- {name: A, type: Text, text: §[a]}", "E207"),
        ("- {name: A, type: Text, fontSize: §very large}", "E207"),
        ("- {name: A, type: Input, inputType: §PASSWRD}", "E207"),
        ("- {name: A, type: Input, inputType: '{{ §B }}'}", "E403"),
        ("- {name: A, type: Input, maxChars: §'5'}", "E207"),
        ("- {name: A, type: Input, maxChars: 5}", ""),
        ("- {name: A, type: Input, isVisible: §no}", "E207"),
        ("- §{name: A, type: Image}", "E203"),
        ("- {name: A, type: Container, backgroundColor: '#0f766e'}", ""),
        ("- {name: A, type: Container, backgroundColor: 'rgb(1, 2, 3)'}", ""),
        ("- {name: A, type: Container, backgroundColor: §'red;x'}", "E207"),
        ("- {name: A, type: Container, backgroundColor: §'#12345'}", "E207"),
        ("- {name: A, type: Select, options: §x}", "E207"),
        ("- {name: A, type: Select, options: §{a: '{{ 1 }}'}}", "E207"),
        ("- {name: A, type: Select, options: ['{{ 1 }} x', 2]}", ""),
        ("- {name: A, type: Select, options: §'{{ [1] }} x'}", "E305"),
        ("- {name: A, type: Text, §widgets: []}", "E206"),
        ("- {name: A, type: Text, §onClick: '{{ 1 }}'}", "E206"),
        ("- {name: A, type: Button, onClick: §'{{ 1 }} {{ 2 }}'}", "E208"),
        ("- {name: A, type: Button, onClick: §5}", "E208"),
        ("- {name: A, type: Button, onClick: §''}", "E208"),
        ("- {name: A, type: Tabs, §widgets: []}", "E206"),
        ("- {name: A, type: Tabs, §tabsObj: []}", "E206"),
        ("- {name: A, type: Tabs, tabs: [{label: a}, §{label: a}]}", "E401"),
        ("- {name: A, type: Tabs, tabs: [§{id: a}]}", "E203"),
        ("- {name: A, type: Tabs, tabs: [{label: §'{{ 1 }}'}]}", "E213"),
        ("- {name: A, type: Tabs, tabs: [{label: a, isVisible: §maybe}]}", "E207"),
        ("- {name: A, type: Tabs, tabs: [§a]}", "E202"),
        ("- {name: A, type: Text, position: {left: 0, top: 0, width: 64, height: 1}}", ""),
        ("- {name: A, type: Text, position: §{left: 1, top: 0, width: 64, height: 1}}", "E209"),
        ("- {name: A, type: Text, position: {left: §-1, top: 0, width: §0, height: 1}}", "E219"),
        ("- {name: A, type: Text, position: §{left: 0, width: 4, height: 1}}", "E203"),
        ("- {name: A, type: Text, position: §[1, 2, 3, 4]}", "E202"),
        ("- {name: A, type: Form, widgets: [§{name: B, type: Form, widgets: []}]}", "E210"),
    ],
)
def test_widgets_field_by_field(marked: str, code: str, tmp_path: Path) -> None:
    """Literals by their kind, events, children, tabs and positions; `§` stands before each mistake."""
    pieces = marked.split("§")
    places = [3 + len("".join(pieces[: number + 1])) for number in range(len(pieces) - 1)]
    found = page(tmp_path, f"widgets:\n  {''.join(pieces)}\n").problems
    assert brief(found) == [f"{HOME}:2:{column} {code}" for column in places]


def test_text_keeps_what_was_written(tmp_path: Path) -> None:
    """A number as text is not 1.5 instead of 1.50."""
    result = page(tmp_path, "widgets:\n  - {name: A, type: Text, text: 1.50}\n")
    assert result.app is not None
    assert definition(result.app.pages["Home"].program)["widgets"][0]["props"]["text"] == {"v": "1.50"}
