"""Applications of each kind are imported, checked, opened, compared and signed in to by `scripts/try_app`."""

import re
from pathlib import Path

import pytest

from tests.cli.test_import import portico
from tests.importers.appsmith.shop import write_git
from tests.try_app.applications import APPLICATIONS
from tools.try_app import __main__ as program
from tools.try_app.sign_in_file import read_sign_in
from tools.try_app.sign_in_shape import SIGN_IN
from tools.try_app.signing_in import signed_in

MANUAL = Path(__file__).parents[2] / "docs" / "appsmith.md"
SIGN_INS = Path(__file__).parent / "sign-ins"
#: Of these Appsmith's file is read, of the others its git layout.
EXPORTED = ("gotrue", "listed")
PHASES = (
    "Home leads to Login",
    "a wrong password is refused",
    "the right one leads to Home",
    "Home is there",
    "and after a reload",
    "a log-out closes it",
)


def tried(source: Path, name: str) -> int:
    """What the whole of it comes to."""
    return program.main([str(source), "--sign-in", str(SIGN_INS / f"{name}.yaml")])


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_signs_in(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the closed page to the log-out, with nothing changed but the addresses."""
    application = APPLICATIONS[name]()
    write = application.write_export if name in EXPORTED else application.write
    status = tried(write(tmp_path / "source"), name)
    said = capsys.readouterr().out
    assert status == 0, said
    for phase in PHASES:
        assert f"ok   sign-in: {phase}\n" in said
    assert "ok   open: Home: 303" in said
    assert "ok   open: Login: 200" in said
    assert "bindings: 100.00 %" in said


def test_the_file_of_the_manual(tmp_path: Path) -> None:
    """It is tried as it stands, and the manual names every key that there is."""
    text = MANUAL.read_text()
    found = re.search(r"`sign-in\.yaml`\n\n```yaml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    (tmp_path / "sign-in.yaml").write_text(found[1])
    write_git(tmp_path / "source")
    assert portico("import", "appsmith", "source", "shop", cwd=tmp_path).returncode == 0
    shown = list(signed_in(tmp_path / "shop", read_sign_in(tmp_path / "sign-in.yaml")))
    assert [each.ok for each in shown] == [True] * len(PHASES), shown
    table = text[found.end() :].partition("Fields and buttons are called")[0]
    named = {
        key
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for key in re.findall(r"`(\w+)`", row)
    }
    assert named == set(SIGN_IN.keys)
