"""Checks of `Outbox`."""

import asyncio
from datetime import timedelta

from portico.testing.store_trial import MINUTE, RACERS, Trial, expect


async def the_outbox_hands_out_what_is_due(trial: Trial) -> None:
    """The longest due first, at most as many as asked for, none before its time or after its end."""
    outbox, ends = trial.stores.outbox, trial.later(10 * MINUTE)
    for key, minutes in (("b", 2), ("a", 1), ("c", 3), ("later", 9)):
        await outbox.put(key, key.encode(), due_at=trial.later(minutes * MINUTE), expires_at=ends)
    await outbox.put("ended", b"", due_at=trial.later(), expires_at=trial.later(2 * MINUTE))
    expect(await outbox.due(limit=9, hold=MINUTE) == (), "handed out before its time")
    trial.clock.advance(3 * MINUTE)
    first = await outbox.due(limit=2, hold=MINUTE)
    expect([entry.key for entry in first] == ["a", "b"], f"handed out {first}")
    expect(first[0].blob == b"a" and first[0].attempts == 0, "an entry changed")
    second = await trial.other.outbox.due(limit=9, hold=MINUTE)
    expect([entry.key for entry in second] == ["c"], f"handed out {second} while others are held")


async def an_entry_not_done_is_due_again(trial: Trial) -> None:
    """After the hold, and counted; done entries are gone, others can be put off."""
    outbox = trial.stores.outbox
    for key in ("again", "done", "off"):
        await outbox.put(key, b"", due_at=trial.clock.now(), expires_at=trial.later(60 * MINUTE))
    await outbox.due(limit=9, hold=MINUTE)
    await outbox.done("done")
    await outbox.done("done")
    await outbox.later("off", due_at=trial.later(5 * MINUTE))
    await outbox.later("absent", due_at=trial.later())
    trial.clock.advance(timedelta(seconds=61))
    due = await trial.other.outbox.due(limit=9, hold=MINUTE)
    expect([(entry.key, entry.attempts) for entry in due] == [("again", 1)], f"due again: {due}")
    await outbox.put("again", b"new", due_at=trial.clock.now(), expires_at=trial.later(60 * MINUTE))
    due = await outbox.due(limit=9, hold=MINUTE)
    expect([(entry.blob, entry.attempts) for entry in due] == [(b"new", 0)], f"put again: {due}")


async def one_of_many_takes_an_entry(trial: Trial) -> None:
    """Two processes never deliver the same message at the same time."""
    for number in range(RACERS):
        await trial.stores.outbox.put(
            f"{number}", b"", due_at=trial.clock.now(), expires_at=trial.later(60 * MINUTE)
        )
    handles = [trial.stores.outbox, trial.other.outbox] * RACERS
    results = await asyncio.gather(*(handle.due(limit=2, hold=MINUTE) for handle in handles))
    keys = [entry.key for result in results for entry in result]
    expect(len(keys) == len(set(keys)) == RACERS, f"{len(keys)} were handed out, {len(set(keys))} different")
