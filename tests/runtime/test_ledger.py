"""Which events of a page were seen, in whatever order they come (hard-cases 5, 35)."""

import json

from hypothesis import given
from hypothesis import strategies as st

from portico.runtime.ledger import Ledger
from portico.runtime.numbers import KEPT, Numbers


@given(st.permutations(list(range(1, 30))))
def test_numbers_are_a_set_in_any_order(order: list[int]) -> None:
    """Each is seen once it was added, and no other."""
    numbers = Numbers()
    for count, n in enumerate(order, 1):
        assert n not in numbers
        numbers.add(n)
        assert {one for one in range(1, 40) if one in numbers} == set(order[:count])
        assert numbers.highest == max(order[:count])
    assert numbers.as_json() == [29, []]


@given(st.lists(st.integers(1, 500), max_size=80))
def test_what_is_kept_does_not_grow(added: list[int]) -> None:
    """However many gaps a client leaves; nothing that was seen is ever forgotten."""
    numbers = Numbers()
    for n in added:
        numbers.add(n)
    upto, beyond = json.loads(json.dumps(numbers.as_json()))
    assert len(beyond) <= KEPT
    again = Numbers(upto, beyond)
    assert all(n in again for n in added)
    assert again.highest == numbers.highest == max(added, default=0)


@given(st.lists(st.integers(1, 500), max_size=80))
def test_numbers_far_behind_count_as_seen(added: list[int]) -> None:
    """An event that comes that late never runs: it could be a second time."""
    numbers = Numbers()
    for n in added:
        numbers.add(n)
    assert all(n in numbers for n in range(1, numbers.highest - KEPT + 1))
    near = set(range(max(numbers.highest - KEPT + 1, 1), numbers.highest + 1))
    assert {n for n in near if n in numbers} == near & set(added)


def test_an_event_that_wrote_begins_once() -> None:
    """Whoever takes over from a process that died knows that it may have written."""
    ledger = Ledger()
    assert ledger.begin(3)
    assert not ledger.begin(3)
    ledger.answer(3)
    assert (ledger.begun, 3 in ledger.answered) == (set(), True)


def test_values_of_an_overtaken_event_do_not_count() -> None:
    """What was typed later stays (hard-cases 35)."""
    ledger = Ledger()
    assert [ledger.overtakes(n) for n in (1, 3, 2, 3, 4)] == [True, True, False, True, True]


def test_a_ledger_goes_to_another_process() -> None:
    """All but the answers themselves."""
    ledger = Ledger()
    for n in (1, 2, 5):
        ledger.answer(n)
    ledger.begin(6)
    ledger.overtakes(5)
    assert [ledger.next_line() for _ in range(3)] == [1, 2, 3]
    again = Ledger()
    again.read(json.loads(json.dumps(ledger.as_json())))
    assert again.as_json() == ledger.as_json()
    assert [n in again.answered for n in range(1, 7)] == [True, True, False, False, True, False]
    assert not again.begin(6)
    assert not again.overtakes(4)
    assert again.next_line() == 4
