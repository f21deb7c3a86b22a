"""Checks of `SessionIndex`, and of sweeping."""

from portico.testing.store_trial import MINUTE, Trial, expect


async def the_index_finds_by_tag(trial: Trial) -> None:
    """In the order of filing, whichever handle filed it."""
    await trial.stores.index.put("b", ("app", "user 1"), expires_at=trial.later())
    await trial.other.index.put("a", ("app", "user 2"), expires_at=trial.later())
    await trial.stores.index.put("c", ("user 1", "user 1"), expires_at=trial.later())
    found = [await trial.stores.index.find(tag) for tag in ("app", "user 1", "user 2", "User 1")]
    expect(found == [("b", "a"), ("b", "c"), ("a",), ()], f"found {found}")


async def filing_again_replaces(trial: Trial) -> None:
    """Tags that are not given again are gone, and the key counts as filed last."""
    await trial.stores.index.put("a", ("x", "y"), expires_at=trial.later())
    await trial.stores.index.put("b", ("y",), expires_at=trial.later())
    await trial.stores.index.put("a", ("y",), expires_at=trial.later())
    expect(await trial.stores.index.find("x") == (), "an old tag still finds the key")
    expect(await trial.other.index.find("y") == ("b", "a"), "the order is not that of filing")


async def dropped_keys_are_not_found(trial: Trial) -> None:
    """Under none of their tags; others stay."""
    await trial.stores.index.put("a", ("x", "y"), expires_at=trial.later())
    await trial.stores.index.put("b", ("x",), expires_at=trial.later())
    await trial.other.index.drop("a")
    await trial.other.index.drop("a")
    expect(await trial.stores.index.find("x") == ("b",), "drop took the wrong key")
    expect(await trial.stores.index.find("y") == (), "a dropped key is still found")


async def an_expired_key_is_not_found(trial: Trial) -> None:
    """Whether or not anybody swept."""
    await trial.stores.index.put("a", ("x",), expires_at=trial.later())
    trial.clock.advance(MINUTE)
    expect(await trial.stores.index.find("x") == (), "an expired key was found")


async def sweeping_is_bounded_and_takes_only_what_expired(trial: Trial) -> None:
    """In every port of the place: each kind of entry gives its room back."""
    for number in range(5):
        await trial.create(f"old {number}")
        await trial.save(f"old {number}")
        await trial.stores.index.put(f"old {number}", ("x", "y"), expires_at=trial.later())
        await trial.stores.outbox.put(f"old {number}", b"", due_at=trial.later(), expires_at=trial.later())
    expect(await trial.stores.index.sweep(limit=100) == 0, "sweep took what had not expired")
    trial.clock.advance(MINUTE)
    await trial.create("new")
    await trial.save("new")
    swept = [await trial.stores.index.sweep(limit=4)]
    expect(swept == [4], f"sweep did {swept[0]} of 4")
    while swept[-1] == 4:
        swept.append(await trial.other.index.sweep(limit=4))
    expect(sum(swept) >= 20 and swept[-1] < 4, f"sweeps took {swept}")
    expect(await trial.stores.index.sweep(limit=4) == 0, "sweep left something behind")
    expect(await trial.stores.sessions.load("new"), "sweep took a living record")
    expect(await trial.stores.visits.load("new"), "sweep took a living visit")
