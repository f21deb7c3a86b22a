"""`scripts/try_app` sees what is wrong with an app, and that nothing is."""

from pathlib import Path

import pytest

from tests.importers.appsmith.test_packages import package
from tools.try_app import __main__ as program
from tools.try_app import differential

EXAMPLES = Path(__file__).parents[1] / "examples"
PAGE = """
widgets:
  - {name: Name, type: Input, defaultText: Ada}
  - name: Rows
    type: Table
    tableData: "{{ [{id: 1}, {id: 2}] }}"
    columns: [{id: id, value: "{{ currentRow.id * 2 }}"}]
  - name: Text1
    type: Text
    text: "{{ _.upperFirst(Name.text) }} at {{ moment().format() }} {{ Lib.twice(Name.text) }}"
  - {name: Text2, type: Text, text: "{{ Nobody.data.length }}"}
  - {name: Text3, type: Text, text: "{{ this.params }}"}
"""
SCRIPT = "export default { suffix: '!', twice(text) { return text + text + this.suffix } }"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app of one page."""
    folder = tmp_path / "trial"
    (folder / "pages/Home/scripts").mkdir(parents=True)
    (folder / "app.yaml").write_text("name: Trial\nauth: none\n")
    (folder / "pages/Home/page.yaml").write_text(PAGE)
    (folder / "pages/Home/scripts/Lib.js").write_text(SCRIPT)
    return folder


@pytest.mark.parametrize("name", ["hr-portal", "staff-directory"])
def test_an_example_is_well(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its pages open although nobody is signed in, and its bindings are as in Node."""
    assert program.main([str(EXAMPLES / name)]) == 0
    said = capsys.readouterr().out
    assert "ok   open: Home: 200" in said
    assert "bindings: 100.00 %" in said


def test_bindings_are_compared_in_the_scope_of_their_page(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Entities, libraries, script objects, rows, time; what fails fails in both."""
    (app / "pages/Home/page.yaml").write_text(PAGE.replace("Nobody", "Name"))
    assert program.main([str(app)]) == 0, capsys.readouterr().out
    assert "100.00 % of 7 as in Node (1 fail in both)" in capsys.readouterr().out


def test_control_a_difference_is_seen(
    app: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node without one of the libraries gives other answers."""
    (app / "pages/Home/page.yaml").write_text(PAGE.replace("Nobody", "Name"))
    monkeypatch.setattr(differential, "LIBRARIES", ("moment", "moment-timezone"))
    assert program.main([str(app)]) == 1
    said = capsys.readouterr().out
    assert "FAIL bindings: 85.71 %" in said
    assert "_.upperFirst(Name.text)" in said


def test_an_app_with_errors_fails(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that nothing has."""
    assert program.main([str(app)]) == 1
    assert "FAIL check: 1 of severity error" in capsys.readouterr().out


def test_a_package_stands_on_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no app, so one is made around it."""
    assert program.main([str(package(tmp_path / "source"))]) == 0, capsys.readouterr().out
    said = capsys.readouterr().out
    assert "ok   a package: its modules stand on a page of an app" in said
    assert "ok   open: Home: 200" in said


def test_control_a_module_with_errors_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One whose query sends what nothing has."""
    source = package(tmp_path / "source")
    query = source / "modules/signIn/queries/signIn/metadata.json"
    query.write_text(query.read_text().replace("{{inputs.more}}", "{{nobody.text}}"))
    assert program.main([str(source)]) == 1
    assert "FAIL check: " in capsys.readouterr().out
