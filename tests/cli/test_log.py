"""The log of an outage: one line in ten seconds (promise 115)."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from portico.cli import log
from portico.clock import Clock
from portico.errors import StoreUnavailable


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error of a command that has set its log up."""
    stream, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("portico")
    level, own = root.level, ours.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", stream)
    log.configure(Clock())
    yield stream
    root.setLevel(level)
    ours.setLevel(own)


def _say(at: float, logger: str = "portico.trial", **extra: object) -> None:
    """A line, at a moment in seconds."""
    record = logging.makeLogRecord(
        {"name": logger, "levelno": logging.ERROR, "levelname": "ERROR", "msg": "problem", "at": at, **extra}
    )
    record.created = at
    logging.getLogger(logger).handle(record)


def _lines(written: io.StringIO) -> list[tuple[float, int | None]]:
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    return [(event["at"], event.get("left_out")) for event in events]


def test_an_outage_is_one_line_in_ten_seconds(written: io.StringIO) -> None:
    """Whoever logs it, and by whichever name; the next line says how many there were."""
    for at in (100.0, 100.5, 109.9, 110.0, 111.0, 300.0):
        _say(at, code=StoreUnavailable.code)
        _say(at, logger="portico.other", why=StoreUnavailable.code)
    assert _lines(written) == [(100.0, 0), (110.0, 5), (300.0, 3)]


def test_other_lines_are_not_left_out(written: io.StringIO) -> None:
    """Nor any after a clock was set back."""
    _say(100.0, code=StoreUnavailable.code)
    _say(101.0, code="busy")
    _say(101.0)
    _say(50.0, code=StoreUnavailable.code)
    assert [at for at, _ in _lines(written)] == [100.0, 101.0, 101.0, 50.0]
