"""How many events one visitor may post (hard-cases 17)."""

from datetime import timedelta

import pytest

from portico.clock import Clock
from portico.errors import TooMany
from portico.web.pace import BURST, RATE, REMEMBERED, Pace


def test_a_visitor_is_slowed_down_and_others_are_not() -> None:
    """Beyond the burst events are refused until time has passed; another visitor notices nothing."""
    clock = Clock()
    pace = Pace(clock)
    _spend(pace, "one", int(BURST))
    with pytest.raises(TooMany):
        _spend(pace, "one", int(BURST))
    pace.count("other")
    clock.advance(timedelta(seconds=1))
    _spend(pace, "one", int(RATE))


def _spend(pace: Pace, visitor: str, events: int) -> None:
    for _ in range(events):
        pace.count(visitor)


def test_strangers_do_not_fill_the_memory() -> None:
    """Only so many visitors are remembered, the latest."""
    pace = Pace(Clock())
    for number in range(REMEMBERED + 50):
        pace.count(str(number))
    assert len(pace._buckets) == REMEMBERED
