"""Stored visits: bound to session and id, capped, one process at a time (hard-cases 5, 6, 17)."""

import asyncio
from datetime import timedelta

import pytest

from portico.auth import visits as module
from portico.auth.ports import Held
from portico.auth.visits import Visit
from portico.errors import Busy, TooLarge
from portico.stores.memory import MemorySessionStore
from tests.auth.sessions import APP, House, house

_TTL = timedelta(seconds=30)
_NOW = timedelta(0)


async def test_a_visit_comes_back_as_saved() -> None:
    """For users, for visitors with a session, and for those without."""
    at = house()
    for session in (await at.user(), await at.manager.begin(APP), None):
        visits = at.manager.visits
        first = await visits.save(APP, session, "v", b"one", version=None)
        assert await visits.save(APP, session, "v", b"bad", version=None) is None
        second = await visits.save(APP, session, "v", b"two", version=first)
        assert second is not None
        assert await visits.save(APP, session, "v", b"bad", version=first) is None
        assert await visits.load(APP, session, "v") == Visit(content=b"two", version=second)
        await visits.delete(APP, session, "v")
        assert await visits.load(APP, session, "v") is None


async def test_a_visit_is_bound_to_its_browser() -> None:
    """Who knows the id alone, in another session, in none or in another app, finds nothing."""
    at = house()
    ann, bob = await at.user("ann"), await at.user("bob")
    visits = at.manager.visits
    await visits.save(APP, ann, "v", b"secret", version=None)
    for app, session in ((APP, bob), (APP, None), ("other", ann), ("other", None)):
        assert await visits.load(app, session, "v") is None
    assert await visits.load(APP, ann, "V") is None
    assert await visits.load(APP, ann, "v") is not None


async def test_a_visit_is_sealed() -> None:
    """With the id, where there is no session: the store has neither."""
    at = house()
    await at.manager.visits.save(APP, None, "visit-id", b"typed text", version=None)
    assert isinstance(at.stores.sessions, MemorySessionStore)
    ((key, visit),) = at.stores.sessions._memory.visits.items()
    assert b"typed" not in visit.stored.blob
    assert "visit-id" not in key + visit.tag


async def test_a_visit_goes_on_when_its_page_signs_in() -> None:
    """The page that signs in saves its visit over the version it has; other pages' visits were
    sealed for the visitor, cannot be opened any more, and make room."""
    at = house()
    visitor = await at.manager.begin(APP)
    visits = at.manager.visits
    version = await visits.save(APP, visitor, "here", b"one", version=None)
    await visits.save(APP, visitor, "elsewhere", b"one", version=None)
    user = await at.user(current=visitor)
    assert await visits.save(APP, user, "here", b"two", version=version) is not None
    assert await visits.load(APP, user, "here") is not None
    assert await visits.load(APP, user, "elsewhere") is None
    assert await visits.save(APP, user, "elsewhere", b"new", version=None) is not None


async def test_visits_of_a_session_are_capped() -> None:
    """The one that was saved longest ago goes."""
    at = house()
    user, visits = await at.user(), at.manager.visits
    versions = [await visits.save(APP, user, f"{number}", b"", version=None) for number in range(20)]
    await visits.save(APP, user, "0", b"again", version=versions[0])
    await visits.save(APP, user, "20", b"", version=None)
    alive = [number for number in range(21) if await visits.load(APP, user, f"{number}")]
    assert alive == [0, *range(2, 21)]


async def test_visits_of_strangers_are_capped_together() -> None:
    """However many ids they make up; users are not touched by it."""
    at = house()
    visits = module.Visits(at.stores.visits, at.manager._tags, at.clock, anonymous_cap=3)
    user = await at.user()
    await visits.save(APP, user, "v", b"", version=None)
    for number in range(10):
        await visits.save(APP, None, f"{number}", b"", version=None)
    assert [number for number in range(10) if await visits.load(APP, None, f"{number}")] == [7, 8, 9]
    assert await visits.load(APP, user, "v") is not None


async def test_visits_end() -> None:
    """After half an hour without a session, half a day with one, and never after the session."""
    at = house()
    user, visitor, visits = await at.user(), await at.manager.begin(APP), at.manager.visits
    for session in (user, visitor, None):
        await visits.save(APP, session, "v", b"", version=None)
    at.clock.advance(timedelta(minutes=31))
    assert await visits.load(APP, None, "v") is None
    assert await visits.load(APP, visitor, "v") is None
    at.clock.advance(timedelta(hours=11))
    assert await visits.load(APP, user, "v") is not None
    at.clock.advance(timedelta(hours=1))
    assert await visits.load(APP, user, "v") is None


async def test_a_visit_is_bounded() -> None:
    """1 MB."""
    visits = house().manager.visits
    assert await visits.save(APP, None, "v", b"x" * module.LIMIT, version=None) is not None
    with pytest.raises(TooLarge):
        await visits.save(APP, None, "w", b"x" * (module.LIMIT + 1), version=None)


async def test_one_works_on_a_visit_at_a_time() -> None:
    """The other waits for it to be given back, or gives up."""
    at = house()
    visits, order = at.manager.visits, list[str]()

    async def work(name: str, patience: timedelta) -> None:
        async with visits.lease(APP, None, "v", ttl=_TTL, patience=patience) as lease:
            assert isinstance(lease, Held)
            order.append(f"{name} begins")
            for _ in range(5):
                await asyncio.sleep(0.01)
            order.append(f"{name} ends")

    first = asyncio.ensure_future(work("first", _NOW))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await work("hasty", _NOW)
    await asyncio.gather(first, work("second", _TTL))
    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_an_error_under_the_lease_is_passed_on() -> None:
    """And the lease is given back."""
    visits = house().manager.visits
    with pytest.raises(KeyError):
        async with visits.lease(APP, None, "v", ttl=_TTL, patience=_NOW):
            raise KeyError
    async with visits.lease(APP, None, "v", ttl=_TTL, patience=_NOW) as lease:
        assert lease.fence


async def test_dropping_takes_the_visits_of_one_session() -> None:
    """And of no other."""
    at: House = house()
    ann, bob, visits = await at.user("ann"), await at.user("bob"), at.manager.visits
    for session in (ann, bob, None):
        await visits.save(APP, session, "v", b"", version=None)
    await visits.drop(APP, ann)
    assert [bool(await visits.load(APP, session, "v")) for session in (ann, bob, None)] == [False, True, True]
