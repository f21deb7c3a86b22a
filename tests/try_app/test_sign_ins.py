"""Applications of each kind are imported, checked, opened, compared and signed in to by `scripts/try_app`."""

from pathlib import Path

import pytest

from tests.try_app.applications import APPLICATIONS
from tools.try_app import __main__ as program

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
