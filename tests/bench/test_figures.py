"""The arithmetic and the words of the benchmarks' table."""

import pytest

from bench.figures import Goal, Sample, Unit, bound, ratio, spread, times, written


def test_median_stands_for_a_sample() -> None:
    """A disturbed round moves the spread, not the figure."""
    sample = Sample.of([3.0, 1.0, 200.0, 2.0, 4.0])
    assert (sample.low, sample.median, sample.high) == (1.0, 3.0, 200.0)


def test_median_of_an_even_number_lies_between() -> None:
    """As everybody computes it."""
    assert Sample.of([1.0, 2.0, 4.0, 9.0]).median == 3.0


def test_nothing_has_no_median() -> None:
    """A part that measured nothing is an error, not a zero."""
    with pytest.raises(ValueError, match="a sample of nothing"):
        Sample.of([])


def test_ratio_compares_medians() -> None:
    """And says nothing where the base is zero."""
    assert ratio(Sample.of([10.0, 30.0, 20.0]), Sample.of([4.0, 5.0, 100.0])) == 4.0
    assert ratio(Sample.of([1.0]), Sample.of([0.0])) is None
    assert times(4.0) == "×4"
    assert times(0.123456) == "×0.123"
    assert times(None) == ""


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234, "s", "1.23 s"),
        (0.0456, "s", "45.6 ms"),
        (0.000029, "s", "29 µs"),
        (0.0, "s", "0 µs"),
        (-0.002, "s", "-2 ms"),
        (23_062, "bytes", "23.1 KB"),
        (2_892_111, "bytes", "2.89 MB"),
        (586, "bytes", "586 B"),
        (4, "count", "4"),
        (9338.2, "per second", "9,338/s"),
        (44.38, "per second", "44.4/s"),
    ],
)
def test_values_are_written_with_their_unit(value: float, unit: Unit, text: str) -> None:
    """Three significant digits: more would be noise."""
    assert written(value, unit) == text


def test_spread_is_left_out_where_there_is_none() -> None:
    """Bytes and requests are the same in every round."""
    assert spread(Sample.of([4, 4, 4]), "count") == "4"
    assert spread(Sample.of([0.1, 0.2, 0.4]), "s") == "200 ms (100 ms – 400 ms)"


@pytest.mark.parametrize(
    ("goal", "values", "met"),
    [
        (Goal(bound=6), [6, 6, 6], True),
        (Goal(bound=6), [5, 7, 8], False),
        (Goal(bound=500, least=True), [100, 500, 501], True),
        (Goal(bound=500, least=True), [499, 499, 900], False),
    ],
)
def test_goal_holds_for_the_median(goal: Goal, values: list[float], met: bool) -> None:
    """At most, or at least; the bound itself is met."""
    assert goal.met(Sample.of(values)) is met


def test_goal_in_words() -> None:
    """As it stands in the table."""
    assert bound(Goal(bound=25_000), "bytes") == "≤ 25 KB"
    assert bound(Goal(bound=4000, least=True), "per second") == "≥ 4,000/s"
