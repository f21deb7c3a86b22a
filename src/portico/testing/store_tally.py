"""Checks of `Tally`."""

import asyncio
from datetime import timedelta

from portico.auth.ports import Allowance
from portico.testing.store_trial import MINUTE, RACERS, Trial, expect

#: The trial's clock goes on: what a slow machine may take.
_SLOW = timedelta(seconds=25)


def _three(key: str = "k") -> Allowance:
    return Allowance(key=key, burst=3, every=MINUTE)


def _about(wait: timedelta | None, expected: timedelta) -> bool:
    return wait is not None and expected - _SLOW < wait <= expected


async def an_allowance_is_used_up(trial: Trial) -> None:
    """By whichever handle; each key has its own."""
    for handle in (trial.stores, trial.other, trial.stores):
        expect(await handle.tally.take([_three()]) is None, "one of three was not given")
    for handle in (trial.stores, trial.other):
        wait = await handle.tally.take([_three()])
        expect(_about(wait, MINUTE), f"the fourth of three: wait {wait}")
    expect(await trial.other.tally.take([_three("other")]) is None, "keys share an allowance")


async def an_allowance_comes_back_one_by_one(trial: Trial) -> None:
    """Who waits as told gets one, and no more; after long enough all are there, and not more than all."""
    tally = trial.stores.tally
    for _ in range(3):
        await tally.take([_three()])
    trial.clock.advance(MINUTE / 2)
    wait = await tally.take([_three()])
    expect(_about(wait, MINUTE / 2), f"half a minute before the next: wait {wait}")
    trial.clock.advance(wait or MINUTE)
    expect(await trial.other.tally.take([_three()]) is None, "who waited as told got none")
    wait = await tally.take([_three()])
    expect(_about(wait, MINUTE), f"one came back, and is taken: wait {wait}")
    trial.clock.advance(60 * MINUTE)
    given = [await tally.take([_three()]) is None for _ in range(5)]
    expect(given == [True] * 3 + [False] * 2, f"after an hour: {given}")


async def one_of_each_or_none_is_taken(trial: Trial) -> None:
    """What is refused for one key is not counted for the other; the longest wait is told."""
    tally, slow = trial.stores.tally, Allowance(key="slow", burst=1, every=10 * MINUTE)
    expect(await tally.take([_three(), slow]) is None, "one of each was not given")
    for _ in range(5):
        wait = await trial.other.tally.take([_three(), slow])
        expect(_about(wait, 10 * MINUTE), f"one of the two is used up: wait {wait}")
    given = [await tally.take([_three()]) is None for _ in range(3)]
    expect(given == [True, True, False], f"refused attempts were counted: {given}")


async def what_is_forgiven_was_not_taken(trial: Trial) -> None:
    """Of that key alone."""
    tally = trial.stores.tally
    for _ in range(3):
        await tally.take([_three(), _three("other")])
    await trial.other.tally.forgive("k")
    await trial.other.tally.forgive("absent")
    given = [await tally.take([_three()]) is None for _ in range(4)]
    expect(given == [True] * 3 + [False], f"after it was forgiven: {given}")
    expect(await tally.take([_three("other")]) is not None, "another key was forgiven")


async def many_take_no_more_than_there_is(trial: Trial) -> None:
    """Two processes count together (P71)."""
    handles = [trial.stores.tally, trial.other.tally] * RACERS
    taken = await asyncio.gather(*(handle.take([_three()]) for handle in handles))
    # Who looked at the clock before the first of them may have been refused by what lies between.
    count = taken.count(None) + [await trial.other.tally.take([_three()]) for _ in range(3)].count(None)
    expect(count == 3, f"{count} of three were taken")
