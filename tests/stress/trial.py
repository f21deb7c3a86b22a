"""What `make stress` tries, one after the other, and what it says of each."""

import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from portico.errors import PorticoError

#: Seconds between two lines about how far it is, where a line cannot be written over.
EVERY = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How long it is to take."""

    rounds: int = 1000
    requests: int = 200
    kills: int = 1000
    sessions: int = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """Something that must hold: `run` raises AssertionError if it does not, and returns figures."""

    name: str
    run: Callable[["Bench"], str]


@dataclass(kw_only=True)
class Bench:
    """Where a trial runs: an empty folder, and how it says how far it is."""

    folder: Path
    name: str
    said: float = 0.0

    def progress(self, total: int) -> Callable[[int], None]:
        """Tells how many of so many are done."""

        def told(done: int) -> None:
            if sys.stdout.isatty():
                print(f"\r{self.name}: {done} of {total}\033[K", end="", flush=True)
            elif time.monotonic() - self.said > EVERY:
                self.said = time.monotonic()
                print(f"{self.name}: {done} of {total}", flush=True)

        return told


def run(trials: Sequence[Trial]) -> bool:
    """Try all, whatever fails, and close on a line with how many passed. True if all did."""
    failed = sum(not _passes(trial) for trial in trials)
    print(f"{len(trials) - failed} passed, {failed} failed", flush=True)
    return failed == 0


def _passes(trial: Trial) -> bool:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        if sys.stdout.isatty():
            print(f"\r{trial.name}\033[K", end="", flush=True)
        try:
            found = trial.run(Bench(folder=Path(folder), name=trial.name))
        except (AssertionError, OSError, RuntimeError, httpx.HTTPError, PorticoError):
            _say("FAILED", trial, "", begin)
            traceback.print_exc(file=sys.stdout)
            print("".join(f"  {line}\n" for line in _logs(Path(folder))), flush=True)
            return False
    _say("passed", trial, found, begin)
    return True


def _say(how: str, trial: Trial, found: str, begin: float) -> None:
    rewind = "\r" if sys.stdout.isatty() else ""
    note = f": {found}" if found else ""
    print(
        f"{rewind}{how}  {trial.name}{note} ({time.monotonic() - begin:.0f} s)"
        + ("\033[K" if rewind else ""),
        flush=True,
    )


def _logs(folder: Path) -> Iterator[str]:
    """The last that each process said."""
    for file in sorted(folder.glob("*.log")):
        yield from (f"{file.name}: {line}" for line in file.read_text().splitlines()[-4:])
