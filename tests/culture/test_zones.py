"""Zones as they travel: what scripts make of them is what the database says."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.culture import zones
from portico.sandbox.engine import Box

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = sorted(zones.names())
#: Kinds of zones: none, two changes a year, half an hour, negative and eccentric ones, old and late.
TELLING = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Dublin"),
    *("Africa/Casablanca", "America/Nuuk", "Pacific/Apia", "Asia/Tehran", "America/Sao_Paulo", "Etc/GMT+5"),
)

PROGRAM = """__page({"chunks": [["console"]], "types": {"T": {}},
 "widgets": [{"path": "W", "name": "W", "type": "T", "props": {}, "events": {"onClick": [0]}}]},
 [function () { return function () { console.log(JSON.stringify(%s)) } }])"""


def offsets(zone: str, moments: list[int]) -> list[int]:
    """Minutes east of Greenwich at these seconds since 1970, as a script sees them."""
    if len(moments) > 500:
        return offsets(zone, moments[:500]) + offsets(zone, moments[500:])
    box = Box(
        PROGRAM % f"{moments}.map((s) => -new Date(s * 1000).getTimezoneOffset())",
        generation="g",
        libraries=("zones",),
    )
    learn = {"k": "learn", "zones": zones.line(zone)}
    click = {"k": "event", "ev": "e", "w": "W", "p": "onClick"}
    answer = json.loads(
        box.turn(json.dumps({"now": 0, "inputs": [learn, {"k": "env", "zone": zone}, click]}))
    )
    found: list[int] = json.loads(answer["logs"][0]["text"])
    return found


def expected(zone: str, moments: list[int]) -> list[int]:
    """The same by Python's own reading of the database; parts of minutes are cut off towards zero."""
    found = []
    for second in moments:
        offset = (EPOCH + timedelta(seconds=second)).astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        found.append(int(offset.total_seconds() / 60))
    return found


@pytest.mark.parametrize("zone", TELLING)
def test_a_zone_has_its_offsets_around_every_change(zone: str) -> None:
    """Just before, at and after each change from 1900 to 2090, and in between."""
    step = 7 * 86400
    moments = list(range(-2208988800, 3786912000, step))
    offset = expected(zone, moments)
    around = [
        moment
        for (first, one), (last, other) in zip(
            zip(moments, offset, strict=True), list(zip(moments, offset, strict=True))[1:], strict=False
        )
        if one != other
        for moment in _change(zone, first, last)
    ]
    chosen = [*moments[::9], *around]
    assert offsets(zone, chosen) == expected(zone, chosen)


def _change(zone: str, first: int, last: int) -> tuple[int, int]:
    """The second before the offset changes between two moments, and the one where it does."""
    before = expected(zone, [first])
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if expected(zone, [middle]) == before else (first, middle)
    return first, last


@given(zone=st.sampled_from(NAMES), moments=st.lists(st.integers(-2208988800, 7258118399), max_size=20))
def test_any_zone_has_its_offsets(zone: str, moments: list[int]) -> None:
    """All names of the database, any second from 1900 to 2199."""
    assert offsets(zone, moments) == expected(zone, moments)


def test_the_table_has_every_name_once() -> None:
    """Each line of it is what the zone is told by alone."""
    lines = zones.table().split("\n")
    assert [line.partition("|")[0] for line in lines] == NAMES
    assert zones.line("Europe/Berlin") in lines


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "europe/berlin", "../../etc/passwd", "Europe/Berlin\0", "posixrules"]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    """Names are taken letter by letter, and nothing else is opened."""
    assert not zones.exists(name)
    with pytest.raises(KeyError):
        zones.line(name)
