"""Checks of `TimelineStore`."""

import asyncio

from portico.testing.store_trial import MINUTE, RACERS, Trial, expect


async def a_timeline_is_read_in_order(trial: Trial) -> None:
    """Oldest first, whichever handle wrote it; each key has its own, and equal entries are two."""
    timeline, entries = trial.stores.timeline, [b"b", b"a", bytes(range(256)), b"a"]
    for entry, handle in zip(entries, (trial.stores, trial.other) * 2, strict=True):
        await handle.timeline.append("k", entry, expires_at=trial.later(), most=9)
    await timeline.append("l", b"other", expires_at=trial.later(), most=9)
    for handle in (trial.stores, trial.other):
        expect(await handle.timeline.read("k") == tuple(entries), "the entries or their order changed")
    expect(await timeline.read("l") == (b"other",), "two timelines are mixed")
    expect(await timeline.read("K") == (), "another key found it")


async def a_timeline_keeps_the_last(trial: Trial) -> None:
    """At most as many as the last append says."""
    for number in range(5):
        await trial.stores.timeline.append("k", b"%d" % number, expires_at=trial.later(), most=3)
    expect(await trial.other.timeline.read("k") == (b"2", b"3", b"4"), "it does not keep the last three")
    await trial.stores.timeline.append("k", b"5", expires_at=trial.later(), most=1)
    expect(await trial.other.timeline.read("k") == (b"5",), "it does not keep the last alone")


async def a_timeline_expires_as_a_whole(trial: Trial) -> None:
    """With the latest moment that was given, also where that came with an entry that went; then it begins
    anew."""
    timeline = trial.stores.timeline
    await timeline.append("k", b"long", expires_at=trial.later(3 * MINUTE), most=2)
    await timeline.append("k", b"one", expires_at=trial.later(), most=2)
    await timeline.append("k", b"two", expires_at=trial.later(), most=2)
    trial.clock.advance(2 * MINUTE)
    expect(await timeline.read("k") == (b"one", b"two"), "it expired before the latest moment given")
    trial.clock.advance(MINUTE)
    expect(await timeline.read("k") == (), "an expired timeline was read")
    await timeline.append("k", b"new", expires_at=trial.later(), most=2)
    expect(await trial.other.timeline.read("k") == (b"new",), "an expired timeline went on")
    trial.clock.advance(MINUTE)
    expect(await timeline.read("k") == (), "it kept the expiry of the one before")


async def a_deleted_timeline_is_absent(trial: Trial) -> None:
    """Its key is free again, and others stay."""
    timeline = trial.stores.timeline
    for key in ("k", "l"):
        await timeline.append(key, b"one", expires_at=trial.later(), most=9)
    await timeline.delete("k")
    await trial.other.timeline.delete("k")
    expect(await timeline.read("k") == (), "a deleted timeline is still there")
    expect(await timeline.read("l") == (b"one",), "delete took the wrong timeline")
    await timeline.append("k", b"new", expires_at=trial.later(), most=9)
    expect(await trial.other.timeline.read("k") == (b"new",), "a deleted timeline came back")


async def no_entry_of_many_is_lost(trial: Trial) -> None:
    """Whichever handle they come through."""
    await asyncio.gather(
        *(
            handle.timeline.append("k", b"%d" % number, expires_at=trial.later(), most=RACERS)
            for number, handle in enumerate([trial.stores, trial.other] * (RACERS // 2))
        )
    )
    found = await trial.stores.timeline.read("k")
    expect(sorted(found) == sorted(b"%d" % number for number in range(RACERS)), f"kept {found}")
