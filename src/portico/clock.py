"""The only source of time. Everything that needs it is given a `Clock`."""

import fcntl
import mmap
import os
import re
import stat
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Self, final

from portico.errors import PorticoError

_OFFSET = struct.Struct("<q")
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_SPELLED = re.compile(r"(?:[0-9]{1,9}(?:ms|[wdhms]))+")
_PART = re.compile(r"([0-9]{1,9})(ms|[wdhms])")


class Clock:
    """Wall-clock time in UTC, moved by one offset: tests and trials move everything at once."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        """Move this clock, for good."""
        self.offset += by


class ClockUnusable(PorticoError):
    """A file that is to hold the offset of several clocks, and cannot."""

    code: ClassVar[str] = "clock_unusable"
    default_message: ClassVar[str] = "The file of the clock cannot be used."


@final
class SharedClock(Clock):
    """A clock whose offset stands in a file: processes that opened the same move together, at once.

    For development alone: whoever may write the file decides when sessions end. `portico run` has no way to
    open one (hard-cases 20; a rule of `tests/architecture_rules.py` holds it).
    """

    def __init__(self, path: Path) -> None:
        """Open the file, and make it if it is not there. Raises `ClockUnusable` for one that is no file, that
        another user owns or may write, or that is not of this kind."""
        self._file = _open(path)
        self._offset = mmap.mmap(self._file, _OFFSET.size)

    @classmethod
    def at_present(cls, path: Path) -> Self:
        """One that begins at the present moment, whatever the file held."""
        clock = cls(path)
        clock.offset = timedelta(0)
        return clock

    @property
    def offset(self) -> timedelta:
        """By how much time was moved."""
        return timedelta(milliseconds=_OFFSET.unpack_from(self._offset)[0])

    @offset.setter
    def offset(self, offset: timedelta) -> None:
        _OFFSET.pack_into(self._offset, 0, offset // timedelta(milliseconds=1))

    def advance(self, by: timedelta) -> None:
        """Move the clocks of all processes, for good."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            self.offset += by
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._offset.close()
        os.close(self._file)


def _open(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ClockUnusable(message=f"{path} cannot be opened: {error.strerror}.") from error
    try:
        _prepare(file, path)
    except BaseException:
        os.close(file)
        raise
    return file


def _prepare(file: int, path: Path) -> None:
    known = os.fstat(file)
    if known.st_uid != os.geteuid() or stat.S_IMODE(known.st_mode) & 0o077:
        raise ClockUnusable(message=f"Others may move the clock in {path}: delete the file.")
    if not stat.S_ISREG(known.st_mode) or known.st_size not in (0, _OFFSET.size):
        raise ClockUnusable(message=f"{path} is not the file of a clock.")
    os.ftruncate(file, _OFFSET.size)


def duration(text: str) -> timedelta:
    """What `61m`, `1h30m`, `2d` or `500ms` says: whole numbers of w, d, h, m, s and ms, one after the other.

    Raises `ValueError`, whose text says what was expected.
    """
    if _SPELLED.fullmatch(text) is None:
        raise ValueError(f"a duration is written 61m, 1h30m or 2d, not {text!r}")
    try:
        return sum((int(number) * _UNITS[unit] for number, unit in _PART.findall(text)), timedelta(0))
    except OverflowError as error:
        raise ValueError(f"too long a duration: {text!r}") from error


def spelled(span: timedelta) -> str:
    """As `duration` reads it, in as few units as there are; rounded down to milliseconds, `0s` for none."""
    left = span // _UNITS["ms"]
    parts = []
    for unit, length in _UNITS.items():
        count, left = divmod(left, length // _UNITS["ms"])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
