"""Durations as people write them, and clocks that several processes share."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portico.clock import Clock, ClockUnusable, SharedClock, duration, spelled


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("61m", timedelta(minutes=61)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("1w500ms", timedelta(weeks=1, milliseconds=500)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    """And what is spelled of it is read as the same."""
    assert duration(text) == span
    assert duration(spelled(span)) == span


@pytest.mark.parametrize(
    "text", ["", "61", "m", "1.5h", "-5m", "5 m", "5m ", "1y", "9999999999d", "999999999w7"]
)
def test_what_is_no_duration_says_so(text: str) -> None:
    """Whole numbers with a unit, and nothing else."""
    with pytest.raises(ValueError, match="duration"):
        duration(text)


def test_clocks_of_one_file_move_together(tmp_path: Path) -> None:
    """Both at once, and by all that either was moved by."""
    first, second = SharedClock(tmp_path / "clock"), SharedClock(tmp_path / "clock")
    first.advance(timedelta(minutes=61))
    second.advance(timedelta(milliseconds=500))
    assert first.offset == second.offset == timedelta(minutes=61, milliseconds=500)
    plain = Clock()
    assert timedelta(minutes=61) <= second.now() - plain.now() < timedelta(minutes=62)
    assert SharedClock.at_present(tmp_path / "clock").offset == timedelta(0)
    assert first.offset == timedelta(0)
    first.close()


def test_processes_move_a_clock_at_once(tmp_path: Path) -> None:
    """Nothing of 4 x 200 steps is lost."""
    path = tmp_path / "clock"
    script = (
        "import sys; from datetime import timedelta; from pathlib import Path\n"
        "from portico.clock import SharedClock\n"
        "clock = SharedClock(Path(sys.argv[1]))\n"
        "for _ in range(200): clock.advance(timedelta(milliseconds=1))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert SharedClock(path).offset == timedelta(milliseconds=800)


def _readable(path: Path) -> None:
    path.touch(mode=0o644)
    path.chmod(0o644)


def _long(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text("somebody's notes")


def _linked(path: Path) -> None:
    path.with_name("elsewhere").touch(mode=0o600)
    path.symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_readable, "Others may move"),
        (_long, "not the file of a clock"),
        (_linked, "cannot be opened"),
        (Path.mkdir, "cannot be opened"),
    ],
)
def test_a_file_that_is_no_clock_is_refused(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    """One that others may write would let them end sessions; what is in another is left as it is."""
    path = tmp_path / "clock"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(ClockUnusable, match=said):
        SharedClock(path)
    assert path.is_dir() or path.read_bytes() == before
