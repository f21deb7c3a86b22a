"""Any order of the steps of renewals, a log-out and a change, with deaths and stops at any of them.

Each store operation and each exchange with the auth API is a step; Hypothesis decides whose comes next, who
dies before his, and when a lease runs out. The auth API is a model of the two kinds there are.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portico.auth import refresh, turns
from portico.auth.amendment import Amendment
from portico.auth.evidence import Confirmed, Granted
from portico.auth.manager import SessionManager
from portico.auth.ports import Held, SessionStore, Stored, Taken
from portico.auth.refresh import Ended, Limits, Refresher, Renewed, StillFresh
from portico.auth.revocations import Keep
from portico.auth.session import Session, SessionEnded
from portico.clock import Clock
from portico.errors import SignInRefused
from portico.stores.memory import open_memory
from portico.stores.stores import Stores
from portico.values import Secret
from tests.auth.sessions import APP
from tests.auth.test_refresh import granted

LEASE = Limits().lease
Step = Callable[[str], Awaitable[None]]


class Stepped:
    """A session store that waits for its step before, and after, it does something."""

    def __init__(self, inner: SessionStore, step: Step) -> None:
        self._inner, self._step = inner, step

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        await self._step("create")
        return await self._inner.create(key, blob, expires_at=expires_at)

    async def load(self, key: str) -> Stored | None:
        await self._step("load")
        return await self._inner.load(key)

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        await self._step("replace")
        found = await self._inner.replace(key, blob, expected_version=expected_version, expires_at=expires_at)
        await self._step("replaced")
        return found

    async def delete(self, key: str) -> None:
        await self._step("delete")
        await self._inner.delete(key)

    @asynccontextmanager
    async def lease(self, key: str, *, ttl: timedelta) -> AsyncIterator[Held | Taken]:
        await self._step("lease")
        async with self._inner.lease(key, ttl=ttl) as lease:
            yield lease
            await self._step("give back")

    async def check(self) -> None:
        await self._inner.check()


@dataclass
class Model:
    """An auth API with one sign-in. `once`: a refresh token is good once; else the one before the newest is
    answered with the newest again (GoTrue)."""

    once: bool
    newest: int = 0
    revoked: bool = False
    uses: Counter[int] = field(default_factory=Counter)

    def renew(self, number: int) -> Granted:
        """What it answers to refresh token `number`."""
        self.uses[number] += 1
        again = not self.once and number == self.newest - 1
        if self.revoked or not (again or number == self.newest):
            raise SignInRefused("used, or ended")
        if not again:
            self.newest += 1
        return granted(f"a{self.newest}", refresh=f"r{self.newest}", expires_at=None)

    def revoke(self, number: int) -> None:
        """One that counts single tokens ends the newest alone; one that knows families, all."""
        self.revoked = self.revoked or not self.once or number == self.newest


class Process:
    """A process whose steps are decided by the test."""

    def __init__(self, world: "World") -> None:
        self.dead = False
        self._world = world
        stores, clock = world.stores, world.clock
        self.manager = SessionManager(
            Stepped(stores.sessions, self.step),
            stores.index,
            stores.visits,
            stores.outbox,
            stores.timeline,
            clock,
            stores.key,
        )
        self.manager.revocations.serve(lambda _: self)
        self.refresher = Refresher(self.manager, clock)

    async def step(self, what: str) -> None:
        """Wait until it is this step's turn: for ever, if the process dies before."""
        turn = asyncio.get_running_loop().create_future()
        self._world.waiting.append((self, what, turn))
        await turn

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        assert session.tokens is not None
        assert session.tokens.refresh is not None
        await self.step("send")
        sending()
        try:
            return self._world.model.renew(_number(session.tokens.refresh))
        finally:
            await self.step("answer")

    async def confirm(self, session: Session) -> Confirmed:
        raise AssertionError("nobody asks who that is")

    def revokes(self, session: Session) -> bool:
        return True

    async def revoke(self, session: Session, keep: Keep) -> None:
        assert session.tokens is not None
        assert session.tokens.refresh is not None
        self._world.model.revoke(_number(session.tokens.refresh))

    # What processes do

    async def asks(self, session: Session) -> None:
        """A call was refused with 401."""
        outcome = await self.refresher.fresh(session, self, refused=Secret("a0"))
        if isinstance(outcome, Ended) and not self._world.left:
            await self.manager.sign_out(session)

    async def leaves(self, session: Session) -> None:
        """The user logs out."""
        self._world.left = True
        await self.manager.sign_out(session, revoke=True)

    async def changes(self, session: Session) -> None:
        """A script changes something of the user."""
        try:
            await self.manager.amend(session, Amendment(user=lambda known: {**known, "name": "Bo"}))
            self._world.changed = True
        except SessionEnded:
            pass


class World:
    """Processes over one store, with one clock."""

    def __init__(self, *, once: bool) -> None:
        self.clock = Clock()
        _CLOCK[:] = [self.clock]
        self.stores: Stores = open_memory(self.clock)
        self.model = Model(once=once)
        self.waiting: list[tuple[Process, str, asyncio.Future[None]]] = []
        self.left = self.changed = False
        self.disturbed = 0

    async def settle(self) -> None:
        """Let everything run until it waits for a step."""
        for _ in range(12):
            await asyncio.sleep(0)

    def open(self) -> list[tuple[Process, str, asyncio.Future[None]]]:
        """The steps that can be next."""
        return [entry for entry in self.waiting if not entry[0].dead and not entry[2].done()]

    async def go(self, entry: tuple[Process, str, asyncio.Future[None]]) -> None:
        """Do one."""
        self.waiting.remove(entry)
        entry[2].set_result(None)
        await self.settle()

    async def finish(self, task: asyncio.Task[Any]) -> Any:
        """Do all steps in their order until a task is done; leases of the dead run out meanwhile."""
        for _ in range(600):
            await self.settle()
            if task.done():
                return task.result()
            steps = self.open()
            if steps:
                await self.go(steps[0])
                self.clock.advance(timedelta(milliseconds=200))
        raise AssertionError("it does not come to an end")


def _number(token: Secret) -> int:
    return int(token.reveal()[1:])


async def play(once: bool, leaves: bool, draw: Callable[[int], int]) -> None:
    """One history; `draw` gives a number below its argument."""
    world = World(once=once)
    waits = [Process(world) for _ in range(4)]
    first = asyncio.create_task(
        waits[0].manager.sign_in(
            granted("a0", refresh="r0", expires_at=None), app=APP, current=None, renewable=True
        )
    )
    session: Session = await world.finish(first)
    acts = [process.asks(session) for process in waits[:2]]
    acts.append(waits[2].changes(session))
    acts.append(waits[3].leaves(session) if leaves else waits[3].asks(session))
    tasks = [asyncio.create_task(act) for act in acts]
    deaths = 0
    for _ in range(80):
        await world.settle()
        steps = world.open()
        if not steps:
            break
        event = draw(60) if world.disturbed < 3 else 0
        if event == 1 and deaths < 2:
            steps[draw(len(steps))][0].dead = True
            deaths += 1
            world.disturbed += 1
        elif event == 2:
            world.clock.advance(LEASE)
            world.disturbed += 1
        else:
            await world.go(steps[draw(len(steps))])
    for process, task in zip(waits, tasks, strict=True):
        if not process.dead:
            await world.finish(task)
    for task in tasks:
        task.cancel()
    await judge(world, session, deaths)


async def judge(world: World, session: Session, deaths: int) -> None:
    """What must hold when the dust has settled."""
    world.clock.advance(LEASE)
    last = Process(world)
    await world.finish(asyncio.create_task(last.manager.revocations.deliver_due()))
    held = await world.finish(asyncio.create_task(last.manager.resume(APP, session.ticket.cookie_value())))
    model = world.model
    assert max(model.uses.values(), default=0) <= 1 + world.disturbed, model.uses
    if world.left:
        if held is None and (not model.once or not world.disturbed):
            assert model.revoked, "tokens live on after a log-out"
        if not deaths:
            assert held is None, "a log-out was undone"
        return
    if held is None:
        assert model.once, "a session was lost that the auth API would have gone on with"
        assert world.disturbed, "a session was lost for nothing"
        return
    assert held.tokens is not None
    outcome = await world.finish(
        asyncio.create_task(last.refresher.fresh(held, last, refused=held.tokens.access))
    )
    if model.once and world.disturbed and isinstance(outcome, Ended):
        return
    assert isinstance(outcome, Renewed | StillFresh), outcome
    assert outcome.session.tokens is not None
    assert outcome.session.tokens.refresh is not None
    assert _number(outcome.session.tokens.refresh) == model.newest
    if world.changed:
        assert outcome.session.identity is not None
        assert outcome.session.identity.user.get("name") == "Bo", "a change was lost"


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for real, and the monotonic clock is that of the world."""
    for module in (refresh, turns):
        monkeypatch.setattr(module, "pause", _pause)
        monkeypatch.setattr(module, "monotonic", lambda: _CLOCK[-1].now().timestamp())


_CLOCK: list[Clock] = []


async def _pause() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.booleans(), st.data())
def test_no_order_of_steps_loses_or_undoes_anything(once: bool, leaves: bool, data: st.DataObject) -> None:
    """P98-P101, P103, P107, P112."""
    asyncio.run(play(once, leaves, lambda below: data.draw(st.integers(0, below - 1))))


def histories(count: int) -> None:
    """The same with chance alone, which needs no shrinking to find what is broken."""
    for seed in range(count):
        chance = random.Random(seed)
        asyncio.run(play(seed % 2 == 0, seed % 4 < 2, chance.randrange))


def _no_lease(patch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def lease(self: object, key: str, *, ttl: timedelta) -> AsyncIterator[Held]:
        yield Held(fence=1)

    patch.setattr(Stepped, "lease", lease)


def _no_intent(patch: pytest.MonkeyPatch) -> None:
    """And so nothing is read again either before the token is sent."""

    async def note(self: object, session: Session, intent: object) -> Session:
        return session

    @asynccontextmanager
    async def turn(
        self: Any, session: Session, *, ttl: timedelta | None = None
    ) -> AsyncIterator[turns.Turn | turns.NoTurn]:
        async with original(self, session, ttl=ttl) as found:
            yield replace(found, session=session) if isinstance(found, turns.Turn) else found

    original = turns.Turns.turn
    patch.setattr(SessionManager, "note", note)
    patch.setattr(turns.Turns, "turn", turn)


def _no_version(patch: pytest.MonkeyPatch) -> None:
    async def write(
        self: Stepped, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        await self._step("replace")
        await self._inner.delete(key)
        return await self._inner.create(key, blob, expires_at=expires_at)

    patch.setattr(Stepped, "replace", write)


def _no_replay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("portico.auth.intent.REPLAYS", 0)


def _no_late_revocation(patch: pytest.MonkeyPatch) -> None:
    async def drop(*_: object) -> None:
        """Nothing is told."""

    patch.setattr(Refresher, "drop", drop)


CONTROLS = [_no_lease, _no_intent, _no_version, _no_replay, _no_late_revocation]


@pytest.mark.parametrize("take_out", CONTROLS, ids=lambda one: one.__name__.strip("_"))
def test_control_the_histories_notice(
    take_out: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is needed."""
    take_out(monkeypatch)
    with pytest.raises(AssertionError):
        histories(200)


def test_the_same_histories_with_everything_in_place() -> None:
    """So that it is what was taken out that they notice."""
    histories(200)
