"""Which events of a page were seen: their numbers count up, and may come out of order."""

from collections.abc import Iterable


class Numbers:
    """A set of numbers from 1, most of them without gaps: all up to `upto`, and some beyond."""

    def __init__(self, upto: int = 0, beyond: Iterable[int] = ()) -> None:
        self._upto = upto
        self._beyond = set(beyond)

    def __contains__(self, n: int) -> bool:
        return n <= self._upto or n in self._beyond

    def add(self, n: int) -> None:
        """Note a number. Far beyond the others, those below it count as seen: a gap is closed late, if
        at all, and what is kept must not grow with it."""
        self._beyond.add(n)
        self._upto = max(self._upto, n - KEPT)
        while self._upto + 1 in self._beyond:
            self._upto += 1
        self._beyond = {number for number in self._beyond if number > self._upto}

    @property
    def highest(self) -> int:
        """The greatest number seen; 0 at first."""
        return max(self._beyond, default=self._upto)

    def as_json(self) -> list[object]:
        """For `Numbers(*…)` in another process."""
        return [self._upto, sorted(self._beyond)]


#: How far apart numbers that are under way may be.
KEPT = 64
