"""Checks of `SessionStore`: records, their expiry and their versions."""

import asyncio
from datetime import timedelta

from portico.testing.store_trial import MINUTE, RACERS, Trial, expect, some


async def a_record_comes_back_as_written(trial: Trial) -> None:
    """Blob, version and expiry, also through the other handle; any bytes are fine."""
    blob, ends = bytes(range(256)), trial.later()
    version = some(await trial.stores.sessions.create("k", blob, expires_at=ends))
    for handle in (trial.stores, trial.other):
        found = await handle.sessions.load("k")
        expect(found, "the record is not there")
        if found is not None:
            expect((found.blob, found.version) == (blob, version), "blob or version changed")
            expect(abs(found.expires_at - ends) < timedelta(milliseconds=1), "the expiry changed")
    expect(await trial.stores.sessions.load("K") is None, "another key found it")


async def create_refuses_an_existing_key(trial: Trial) -> None:
    """The record that is there stays as it is."""
    await trial.create()
    for handle in (trial.stores, trial.other):
        again = await handle.sessions.create("k", b"two", expires_at=trial.later())
        expect(again is None, "create overwrote a record")
    found = await trial.stores.sessions.load("k")
    expect(found and found.blob == b"one", "the record changed")


async def an_expired_record_is_absent(trial: Trial) -> None:
    """Not before its time, and to every method; its key is free again."""
    version = await trial.create()
    trial.clock.advance(timedelta(seconds=59))
    expect(await trial.stores.sessions.load("k"), "it expired early")
    trial.clock.advance(timedelta(seconds=2))
    expect(await trial.stores.sessions.load("k") is None, "load found an expired record")
    lost = await trial.stores.sessions.replace(
        "k", b"two", expected_version=version, expires_at=trial.later()
    )
    expect(lost is None, "replace revived an expired record")
    expect(await trial.create() != version, "a version came back")


async def replace_needs_the_version(trial: Trial) -> None:
    """The one that is there; a wrong one and an absent record change nothing."""
    sessions, version = trial.stores.sessions, await trial.create()
    wrong = await sessions.replace("k", b"bad", expected_version=version + 7, expires_at=trial.later())
    expect(wrong is None, "replace ignored the version")
    new = some(await sessions.replace("k", b"two", expected_version=version, expires_at=trial.later()))
    expect(new != version, "a write kept the version")
    stale = await trial.other.sessions.replace(
        "k", b"bad", expected_version=version, expires_at=trial.later()
    )
    expect(stale is None, "a version worked twice")
    found = await sessions.load("k")
    expect(found and (found.blob, found.version) == (b"two", new), "the record is not the last written")
    absent = await sessions.replace("absent", b"bad", expected_version=1, expires_at=trial.later())
    expect(absent is None and await sessions.load("absent") is None, "replace made a record")


async def replace_sets_the_expiry(trial: Trial) -> None:
    """Longer or shorter."""
    version = await trial.create()
    await trial.stores.sessions.replace(
        "k", b"two", expected_version=version, expires_at=trial.later(2 * MINUTE)
    )
    trial.clock.advance(timedelta(seconds=90))
    expect(await trial.stores.sessions.load("k"), "replace did not prolong the record")


async def a_version_never_comes_back(trial: Trial) -> None:
    """A writer that slept through a deletion does not overwrite the record made after it."""
    seen = set()
    for _ in range(5):
        seen.add(version := await trial.create())
        await trial.stores.sessions.delete("k")
        await trial.create()
        lost = await trial.stores.sessions.replace(
            "k", b"bad", expected_version=version, expires_at=trial.later()
        )
        expect(lost is None, "a late writer overwrote a new record")
        await trial.stores.sessions.delete("k")
    expect(len(seen) == 5, "a key had a version twice")


async def one_of_many_replaces_wins(trial: Trial) -> None:
    """Whichever handle they come through."""
    version = await trial.create()
    handles = [trial.stores.sessions, trial.other.sessions] * (RACERS // 2)
    blobs = [f"racer {number}".encode() for number in range(RACERS)]
    results = await asyncio.gather(
        *(
            handle.replace("k", blob, expected_version=version, expires_at=trial.later())
            for handle, blob in zip(handles, blobs, strict=True)
        )
    )
    winners = [blob for blob, result in zip(blobs, results, strict=True) if result is not None]
    expect(len(winners) == 1, f"{len(winners)} replaces of one version succeeded")
    found = await trial.other.sessions.load("k")
    expect(found and found.blob == winners[0], "the record is not the winner's")


async def one_of_many_creates_wins(trial: Trial) -> None:
    """Whichever handle they come through."""
    handles = [trial.stores.sessions, trial.other.sessions] * (RACERS // 2)
    results = await asyncio.gather(
        *(handle.create("k", b"racer", expires_at=trial.later()) for handle in handles)
    )
    expect(sum(result is not None for result in results) == 1, "several creates of one key succeeded")


async def delete_makes_absent(trial: Trial) -> None:
    """Also what is absent already, and also for the other handle."""
    await trial.stores.sessions.delete("absent")
    version = await trial.create()
    await trial.create("other")
    await trial.stores.sessions.delete("k")
    await trial.stores.sessions.delete("k")
    expect(await trial.other.sessions.load("k") is None, "the record is still there")
    lost = await trial.stores.sessions.replace(
        "k", b"two", expected_version=version, expires_at=trial.later()
    )
    expect(lost is None, "replace revived a deleted record")
    expect(await trial.stores.sessions.load("other"), "another record went as well")


async def a_working_store_checks(trial: Trial) -> None:
    """And its records are as before."""
    await trial.create()
    await trial.stores.sessions.check()
    expect(await trial.stores.sessions.load("k"), "check lost a record")
