"""Time zones, out of the database that Python uses: the system's, else the package `tzdata`.

A zone travels to scripts as one line of text (`docs/design/program.md`): its name, its kinds of
time, every change there was or is planned, and the rule that holds after the last.
"""

import re
import struct
import zoneinfo
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

UTC = "UTC"

#: A POSIX TZ string as RFC 9636 allows it: names in <> or of letters, offsets west of Greenwich, and
#: days as month, week and weekday, which is how all zones of today say it.
_TIME = r"[+-]?\d{1,3}(?::\d\d){0,2}"
_NAME = r"<[A-Za-z0-9+-]+>|[A-Za-z]+"
_FOOTER = re.compile(
    rf"(?P<standard>{_NAME})(?P<offset>{_TIME})"
    rf"(?:(?P<summer>{_NAME})(?P<summer_offset>{_TIME})?,(?P<begin>M[\d.]+(?:/{_TIME})?),(?P<end>M[\d.]+(?:/{_TIME})?))?"
)

#: Seconds since 1970, and the number of the kind of time that begins then.
_Change = tuple[int, int]
#: Seconds east of Greenwich, and what such a time is called.
_Kind = tuple[int, str]


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """All names of the database, links included."""
    return frozenset(zoneinfo.available_timezones())


def exists(name: str) -> bool:
    """Whether the database has a zone of this name, letter by letter."""
    return name in names()


@lru_cache(maxsize=64)
def line(name: str) -> str:
    """A zone as one line: `name|kinds|changes|rule`.

    Kinds: `offset,abbreviation` in seconds east of Greenwich, joined by `;`; the first holds before
    all changes. Changes: the time since the one before (the first: since 1970) in seconds and the
    kind that begins, both to base 36, joined by `.`, then by spaces. Rule, or nothing where the last
    kind stays: the kinds of standard and summer time, then the month, week, weekday and second
    of the day at which each ends. Raises KeyError for a name that does not exist.
    """
    if not exists(name):
        raise KeyError(name)
    changes, kinds, footer = _parsed(_read(name))
    return _line(name, changes, kinds, footer)


@lru_cache(maxsize=1)
def table() -> str:
    """The lines of all zones, sorted by name."""
    return "\n".join(_line(name, *_parsed(_read(name))) for name in sorted(names()))


def _read(name: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def _parsed(data: bytes) -> tuple[list[_Change], list[_Kind], str]:
    """Changes, kinds of time and footer of a TZif file (RFC 9636)."""
    header = struct.Struct(">4sc15x6l")
    size = 4
    _, version, *counts = header.unpack_from(data)
    start = header.size
    if version != b"\0":
        # The first part is for old readers; the second has 64 bits a time.
        start += _length(counts, size) + header.size
        size = 8
        _, _, *counts = header.unpack_from(data, start - header.size)
    changes, kinds = counts[3], counts[4]
    times = struct.unpack_from(f">{changes}{'q' if size == 8 else 'l'}", data, start)
    which = data[start + changes * size : start + changes * (size + 1)]
    at = start + changes * (size + 1)
    abbreviations = data[at + kinds * 6 :]
    found = []
    for offset, _, index in struct.iter_unpack(">lBB", data[at : at + kinds * 6]):
        found.append((offset, abbreviations[index : abbreviations.index(b"\0", index)].decode()))
    end = start + _length(counts, size)
    footer = data[end:].decode().strip("\n") if size == 8 else ""
    return list(zip(times, which, strict=True)), found, footer


def _length(counts: list[int], size: int) -> int:
    """Bytes of a part, its header aside: changes, kinds, names, leap seconds, indicators."""
    indicators, local, leaps, changes, kinds, letters = counts
    return changes * (size + 1) + kinds * 6 + letters + leaps * (size + 4) + local + indicators


def _line(name: str, changes: list[_Change], kinds: list[_Kind], footer: str) -> str:
    rule = _rule(footer, kinds)
    steps = [(moment - before, kind) for (before, _), (moment, kind) in pairwise([(0, 0), *changes])]
    shown = ";".join(f"{offset},{abbreviation}" for offset, abbreviation in kinds)
    return f"{name}|{shown}|{' '.join(f'{_base36(step)}.{_base36(kind)}' for step, kind in steps)}|{rule}"


def _rule(footer: str, kinds: list[_Kind]) -> str:
    """The rule in a footer; kinds of time that it alone mentions are added to `kinds`."""
    found = _FOOTER.fullmatch(footer)
    if found is None or found["summer"] is None:
        return ""
    offset = -_seconds(found["offset"])
    summer = offset + 3600 if found["summer_offset"] is None else -_seconds(found["summer_offset"])
    numbers = []
    for kind in ((offset, found["standard"].strip("<>")), (summer, found["summer"].strip("<>"))):
        if kind not in kinds:
            kinds.append(kind)
        numbers.append(str(kinds.index(kind)))
    return ",".join([*numbers, _day(found["begin"]), _day(found["end"])])


def _day(text: str) -> str:
    """`M3.5.0/2` as month, week, weekday and second of the day; two in the morning is the default."""
    day, _, time = text.removeprefix("M").partition("/")
    return f"{day}.{_seconds(time or '2')}"


def _seconds(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    hours, *rest = (int(part) for part in text.lstrip("+-").split(":"))
    minutes, seconds = [*rest, 0, 0][:2]
    return sign * (hours * 3600 + minutes * 60 + seconds)


def _base36(number: int) -> str:
    digits = ""
    left = abs(number)
    while left or not digits:
        left, digit = divmod(left, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"-{digits}" if number < 0 else digits
