"""How many events one visitor may post (hard-cases 17): a bucket for each session or address."""

from collections import OrderedDict
from dataclasses import dataclass

from portico.clock import Clock
from portico.errors import TooMany

#: Events at once, and a second; and how many visitors are remembered.
BURST = 300.0
RATE = 50.0
REMEMBERED = 10_000


@dataclass(slots=True)
class Bucket:
    """What a visitor has left, as of `at` (seconds since the epoch)."""

    left: float
    at: float


class Pace:
    """Counts the events of this process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def count(self, visitor: str) -> None:
        """One event more. Raises TooMany beyond the burst and rate."""
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault(visitor, Bucket(BURST, now))
        self._buckets.move_to_end(visitor)
        bucket.left = min(BURST, bucket.left + max(now - bucket.at, 0.0) * RATE)
        bucket.at = now
        if bucket.left < 1:
            raise TooMany("events of one visitor")
        bucket.left -= 1
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
