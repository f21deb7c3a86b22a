"""Checks of `VisitStore`."""

import asyncio

from portico.testing.store_trial import MINUTE, RACERS, Trial, expect, some


async def a_visit_is_saved_over_its_version(trial: Trial) -> None:
    """New only where there is none; else over the version that is there, through any handle."""
    visits, version = trial.stores.visits, await trial.save("v")

    async def save(expected: int | None) -> int | None:
        return await visits.save("v", b"two", expected_version=expected, tag="t", expires_at=trial.later())

    expect(await save(None) is None, "a new visit overwrote one")
    expect(await save(version + 7) is None, "save ignored the version")
    found = await trial.other.visits.load("v")
    expect(found and (found.blob, found.version) == (b"one", version), "the visit changed")
    second = some(await save(version))
    expect(second != version and await save(version) is None, "a version worked twice")
    found = await trial.other.visits.load("v")
    expect(found and (found.blob, found.version) == (b"two", second), "the visit is not the last saved")
    absent = await visits.save("absent", b"", expected_version=1, tag="t", expires_at=trial.later())
    expect(absent is None, "a version of an absent visit was overwritten")
    await visits.delete("v")
    await visits.delete("v")
    expect(await trial.other.visits.load("v") is None, "a deleted visit is still there")
    expect(await save(second) is None, "a late save revived a deleted visit")
    expect(await trial.save("v") not in (version, second), "a version came back")


async def one_of_many_saves_wins(trial: Trial) -> None:
    """Whichever handle they come through."""
    version = await trial.save("v")
    results = await asyncio.gather(
        *(
            handle.save("v", b"racer", expected_version=version, tag="t", expires_at=trial.later())
            for handle in [trial.stores.visits, trial.other.visits] * (RACERS // 2)
        )
    )
    expect(sum(result is not None for result in results) == 1, "several saves of one version succeeded")


async def an_expired_visit_is_absent(trial: Trial) -> None:
    """To load, to save and to its tag."""
    version = await trial.save("v")
    trial.clock.advance(MINUTE)
    expect(await trial.stores.visits.load("v") is None, "load found an expired visit")
    expect(await trial.stores.visits.oldest("t", keep=0) == (), "its tag found an expired visit")
    expect(await trial.save("v") != version, "a version came back")


async def the_longest_untouched_visits_are_named(trial: Trial) -> None:
    """All but the last saved ones of that tag, the first to go first."""
    first = await trial.save("d")
    for key in ("a", "c", "b"):
        await trial.save(key)
    await trial.save("z", tag="other")
    await trial.other.visits.save("d", b"", expected_version=first, tag="t", expires_at=trial.later())
    found = [await trial.stores.visits.oldest("t", keep=keep) for keep in (0, 2, 4, 9)]
    expect(found == [("a", "c", "b", "d"), ("a", "c"), (), ()], f"named {found}")
