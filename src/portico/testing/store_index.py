"""Checks of `SessionIndex`, and of sweeping."""

from datetime import timedelta

from portico.testing.store_trial import MINUTE, Trial, expect


async def the_index_finds_by_tag(trial: Trial) -> None:
    """In the order of filing, whichever handle filed it."""
    await trial.file("b", "app", "user 1")
    await trial.other.index.put("a", ("app", "user 2"), card=b"", expires_at=trial.later())
    await trial.file("c", "user 1", "user 1")
    found = [await trial.filed(tag) for tag in ("app", "user 1", "user 2", "User 1")]
    expect(found == [("b", "a"), ("b", "c"), ("a",), ()], f"found {found}")


async def an_entry_comes_back_as_filed(trial: Trial) -> None:
    """Card and expiry, whatever bytes the card has; the last filed where it was filed twice."""
    card, ends = bytes(range(256)) * 8, trial.later(2 * MINUTE)
    await trial.file("a", "x", card=b"old")
    await trial.stores.index.put("a", ("x", "y"), card=card, expires_at=ends)
    for tag in ("x", "y"):
        found = await trial.other.index.find(tag, limit=9)
        expect([(entry.key, entry.card) for entry in found] == [("a", card)], f"found {found}")
        expect(abs(found[0].expires_at - ends) < timedelta(milliseconds=1), "the expiry changed")


async def the_index_is_read_page_by_page(trial: Trial) -> None:
    """In one order, with nothing missed or found twice, also while earlier entries go and others come."""
    for number in range(7):
        await trial.file(f"{number}", "x")
    pages = [await trial.stores.index.find("x", limit=3)]
    await trial.stores.index.drop("2")
    await trial.file("7", "x")
    while pages[-1]:
        pages.append(await trial.other.index.find("x", limit=3, after=pages[-1][-1].number))
    keys = [[entry.key for entry in page] for page in pages]
    expect(keys == [["0", "1", "2"], ["3", "4", "5"], ["6", "7"], []], f"pages {keys}")


async def the_index_holds_many_of_each_tag(trial: Trial) -> None:
    """Tags with one entry, with some and with hundreds, while entries come, go, and come again."""
    kept: dict[str, tuple[str, ...]] = {}
    for number in range(450):
        key = f"{number * 7 % 310}"
        tags = ("all", f"some {number % 19}", f"few {number % 97}", f"own {key}")
        await trial.file(key, *tags)
        kept.pop(key, None)
        kept[key] = tags
        if number % 5 == 0:
            gone = next(iter(kept))
            del kept[gone]
            await trial.other.index.drop(gone)
    for tag in {tag for tags in kept.values() for tag in tags} | {"own 0"}:
        keys, after = [], 0
        while page := await trial.other.index.find(tag, limit=70, after=after):
            keys += [entry.key for entry in page]
            after = page[-1].number
        expect(keys == [key for key, tags in kept.items() if tag in tags], f"found {keys} under {tag!r}")


async def filing_again_replaces(trial: Trial) -> None:
    """Tags that are not given again are gone, and the key counts as filed last."""
    await trial.file("a", "x", "y")
    await trial.file("b", "y")
    await trial.file("a", "y")
    expect(await trial.filed("x") == (), "an old tag still finds the key")
    expect(await trial.filed("y") == ("b", "a"), "the order is not that of filing")


async def dropped_keys_are_not_found(trial: Trial) -> None:
    """Under none of their tags; others stay."""
    await trial.file("a", "x", "y")
    await trial.file("b", "x")
    await trial.stores.index.drop("a")
    await trial.other.index.drop("a")
    expect(await trial.filed("x") == ("b",), "drop took the wrong key")
    expect(await trial.filed("y") == (), "a dropped key is still found")


async def an_expired_key_is_not_found(trial: Trial) -> None:
    """Whether or not anybody swept; and it takes no place on a page."""
    await trial.file("a", "x")
    await trial.stores.index.put("b", ("x",), card=b"", expires_at=trial.later(2 * MINUTE))
    trial.clock.advance(MINUTE)
    found = await trial.stores.index.find("x", limit=1)
    expect([entry.key for entry in found] == ["b"], f"found {found}")


async def sweeping_is_bounded_and_takes_only_what_expired(trial: Trial) -> None:
    """In every port of the place: each kind of entry gives its room back, unless it goes by itself."""
    for number in range(5):
        await trial.create(f"old {number}")
        await trial.save(f"old {number}")
        await trial.file(f"old {number}", "x", "y")
        await trial.stores.outbox.put(f"old {number}", b"", due_at=trial.later(), expires_at=trial.later())
        await trial.stores.timeline.append(f"old {number}", b"", expires_at=trial.later(), most=2)
    expect(await trial.stores.index.sweep(limit=100) == 0, "sweep took what had not expired")
    trial.clock.advance(MINUTE)
    await trial.create("new")
    await trial.save("new")
    swept = [await trial.stores.index.sweep(limit=4)]
    expect(swept == [4], f"sweep did {swept[0]} of 4")
    while swept[-1] == 4:
        swept.append(await trial.other.index.sweep(limit=4))
    expect(sum(swept) >= 5 * trial.sweeps and swept[-1] < 4, f"sweeps took {swept}")
    expect(await trial.stores.index.sweep(limit=4) == 0, "sweep left something behind")
    expect(await trial.stores.sessions.load("new"), "sweep took a living record")
    expect(await trial.stores.visits.load("new"), "sweep took a living visit")
