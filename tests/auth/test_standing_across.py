"""Of several processes over one store, one asks the auth API who that is (hard-cases 27)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portico.auth.evidence import Confirmed, Granted
from portico.auth.refresh import Refresher
from portico.auth.revocations import Keep
from portico.auth.session import Session
from portico.auth.standing import EVERY, Current, Standing, Verdict
from portico.stores.stores import Stores
from portico.testing.store_trial import Trial
from portico.values import Secret
from tests.auth.sessions import APP, House, evidence
from tests.auth.test_refresh_across import STORES
from tests.stores.trials import Opener


class Me:
    """An auth API that counts how often it is asked, and takes its time."""

    def __init__(self) -> None:
        self.asked = 0
        self.called, self.open = asyncio.Event(), asyncio.Event()

    async def confirm(self, session: Session) -> Confirmed:
        self.asked += 1
        self.called.set()
        await self.open.wait()
        assert session.identity is not None
        return Confirmed(token=Secret("a0"), identity=session.identity)

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        raise AssertionError("nothing is renewed")

    def revokes(self, session: Session) -> bool:
        return False

    async def revoke(self, session: Session, keep: Keep) -> None:
        raise AssertionError("nothing is revoked")


class Process:
    """One of several."""

    def __init__(self, stores: Stores, trial: Trial, me: Me) -> None:
        self.house, self._me = House(stores, trial.clock), me
        manager = self.house.manager
        self._standing = Standing(manager, Refresher(manager, trial.clock), trial.clock)

    async def verdict(self, session: Session) -> Verdict:
        """Whether the session stands."""
        return await self._standing.of(session, self._me, max_stale=timedelta(minutes=10))

    async def leaves(self, session: Session) -> None:
        """Have it asked, and wait for nothing."""
        await self._standing.of(session, self._me, max_stale=timedelta(minutes=10), patience=0.0)

    async def close(self) -> None:
        """End it."""
        await self._standing.close()


@pytest.mark.parametrize("opener", STORES)
async def test_of_two_processes_one_asks(opener: Opener, tmp_path: Path) -> None:
    """The other one goes on with what was said last, and with the answer once it is there."""
    async with opener(tmp_path) as trial:
        me = Me()
        one, other = Process(trial.stores, trial, me), Process(trial.other, trial, me)
        session = await one.house.manager.sign_in(evidence("a0"), app=APP, current=None)
        trial.clock.advance(EVERY)
        asking = asyncio.create_task(one.verdict(session))
        await me.called.wait()
        meanwhile = await other.verdict(session)
        assert isinstance(meanwhile, Current)
        assert meanwhile.session.confirmed_at == session.confirmed_at
        me.open.set()
        await asking
        after = await other.verdict(session)
        assert isinstance(after, Current)
        assert after.session.confirmed_at != session.confirmed_at
        assert me.asked == 1


@pytest.mark.parametrize("opener", STORES)
async def test_a_process_that_ends_asks_no_more(opener: Opener, tmp_path: Path) -> None:
    """Another one need not wait for a lease to run out: it asks at once."""
    async with opener(tmp_path) as trial:
        me = Me()
        one, other = Process(trial.stores, trial, me), Process(trial.other, trial, me)
        session = await one.house.manager.sign_in(evidence("a0"), app=APP, current=None)
        trial.clock.advance(EVERY)
        await one.leaves(session)
        await me.called.wait()
        await one.close()
        me.open.set()
        after = await other.verdict(session)
        assert isinstance(after, Current)
        assert after.session.confirmed_at != session.confirmed_at
        assert me.asked == 2


@pytest.mark.parametrize("opener", STORES)
async def test_control_each_asks_when_its_minute_is_over(opener: Opener, tmp_path: Path) -> None:
    """It is the minute that holds the second one back, and nothing else."""
    async with opener(tmp_path) as trial:
        me = Me()
        me.open.set()
        one, other = Process(trial.stores, trial, me), Process(trial.other, trial, me)
        session = await one.house.manager.sign_in(evidence("a0"), app=APP, current=None)
        for process in (one, other):
            trial.clock.advance(EVERY)
            await process.verdict(session)
        assert me.asked == 2
