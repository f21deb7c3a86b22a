"""`make stress` says what passed and what did not; what it tries is tried in short by other tests."""

import subprocess
import sys

import pytest

from tests.stress.trial import Bench, Trial, run


def holds(bench: Bench) -> str:
    """A trial that passes, in a folder of its own."""
    assert list(bench.folder.iterdir()) == []
    bench.progress(2)(1)
    return "all of 2"


def fails(bench: Bench) -> str:
    """One that does not, and what its server said last."""
    (bench.folder / "0.log").write_text("the last line\n")
    raise AssertionError("a session was lost")


def test_all_are_tried_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """One that fails stops none, and its reason is told."""
    trials = [Trial(name="first", run=fails), Trial(name="second", run=holds)]
    assert not run(trials)
    said = capsys.readouterr().out
    assert "FAILED  first" in said
    assert "a session was lost" in said
    assert "0.log: the last line" in said
    assert "passed  second: all of 2" in said
    assert said.splitlines()[-1] == "1 passed, 1 failed"


def test_where_all_pass_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code follows."""
    assert run([Trial(name="only", run=holds)])
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"


def test_the_command_knows_its_parts() -> None:
    """A part that there is none of is an error, before anything runs."""
    command = [sys.executable, "-m", "tests.stress", "--only", "storms"]
    child = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert child.returncode == 2
    said = " ".join(child.stderr.replace("│", " ").split())
    assert "storms is none of storm, stop, crash, kill, outage, held" in said
