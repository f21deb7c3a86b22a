"""Figures: medians of several rounds with their spread, and what one is to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, Self

#: Seconds, bytes, counts and ratios, and how they are written.
Unit = Literal["s", "bytes", "count", "per second", "times"]


@dataclass(frozen=True, slots=True)
class Sample:
    """The values that the rounds gave; at least one."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """A sample of these. Raises ValueError if there are none."""
        if not values:
            raise ValueError("a sample of nothing")
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """The middle one, which a round that was disturbed does not move."""
        return median(self.values)

    @property
    def low(self) -> float:
        """The smallest."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The largest."""
        return max(self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """A bound that the median has to keep: at most `bound`, or at least."""

    bound: float
    least: bool = False

    def met(self, sample: Sample) -> bool:
        """Whether it is kept."""
        return sample.median >= self.bound if self.least else sample.median <= self.bound


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line of the table: `figures` by product, and the goal that Portico's has, if any."""

    part: str
    what: str
    unit: Unit
    figures: Mapping[str, Sample]
    goal: Goal | None = None


def ratio(sample: Sample, base: Sample) -> float | None:
    """How many times `base` a sample is, by their medians; None where that says nothing."""
    return sample.median / base.median if base.median > 0 else None


def written(value: float, unit: Unit) -> str:
    """A value with three significant digits and its unit."""
    match unit:
        case "s":
            return _scaled(value, ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")))
        case "bytes":
            return _scaled(value, ((1e6, "MB"), (1e3, "KB"), (1.0, "B")))
        case "count":
            return f"{value:.0f}"
        case "per second":
            return f"{_rounded(value)}/s"
        case "times":
            return f"×{_rounded(value)}"


def spread(sample: Sample, unit: Unit) -> str:
    """`median (low–high)`, or the one value that all rounds gave."""
    middle, low, high = (written(value, unit) for value in (sample.median, sample.low, sample.high))
    return middle if low == high else f"{middle} ({low} – {high})"


def bound(goal: Goal, unit: Unit) -> str:
    """A goal in words."""
    return f"{'≥' if goal.least else '≤'} {written(goal.bound, unit)}"


def times(factor: float | None) -> str:
    """A ratio in words."""
    return "" if factor is None else f"×{_rounded(factor)}"


def _scaled(value: float, scales: Sequence[tuple[float, str]]) -> str:
    size, name = next((scale for scale in scales if abs(value) >= scale[0]), scales[-1])
    return f"{_rounded(value / size)} {name}"


def _rounded(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
