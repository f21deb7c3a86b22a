"""Renewals by several processes over one store: leases, intents, late holders (P98-P103, P106-P108, P112).

Each "process" is a manager and a refresher of its own over its own handle of the store.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from portico.auth import refresh, turns
from portico.auth.intent import REPLAYS, Intent, fingerprint
from portico.auth.ports import Held
from portico.auth.refresh import Deferred, Ended, Limits, Outcome, Refresher, Renewed, StillFresh
from portico.auth.session import Session
from portico.auth.tokens import TokenSet
from portico.errors import CallFailed, SignInRefused, StoreUnavailable
from portico.stores.stores import Stores
from portico.testing.store_trial import Trial
from portico.values import Secret
from tests.auth.sessions import APP, House
from tests.auth.test_refresh import HOUR, Api, granted
from tests.stores.redis_servers import RedisProcess
from tests.stores.trials import Opener, memory_trial, redis_trial, sqlite_trial


@asynccontextmanager
async def own_redis_trial(folder: Path) -> AsyncIterator[Trial]:
    """A Redis server of its own, with two clients."""
    with RedisProcess(folder / "redis") as server:
        async with redis_trial(server) as trial:
            yield trial


#: The stores that the promises hold for.
STORES = [memory_trial, sqlite_trial, own_redis_trial]
QUICK = Limits(patience=timedelta(seconds=0.3))
LEASE = Limits().lease


class Process:
    """One of several; they know each other only by the store."""

    def __init__(self, stores: Stores, trial: Trial, api: Api, *, limits: Limits = QUICK) -> None:
        self.house = House(stores, trial.clock)
        self.api = api
        self.refresher = Refresher(self.house.manager, trial.clock, limits)
        self.house.manager.revocations.serve(lambda _: api)

    async def fresh(self, session: Session, refused: str | None = None) -> Outcome:
        """Ask for a token that is worth sending."""
        secret = Secret(refused) if refused is not None else None
        return await self.refresher.fresh(session, self.api, refused=secret)

    async def now(self, session: Session) -> Session:
        """The session as the store has it."""
        held = await self.house.manager.resume(APP, session.ticket.cookie_value())
        assert held is not None
        return held


class Pair:
    """Two processes, and somebody whose token `a0` lasts an hour. What the auth API is asked and told by
    both is noted together; whether it answers, for each."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.clock = trial, trial.clock
        self.asked: list[str] = []
        self.revoked: list[TokenSet] = []
        self.one = self.process(trial.stores)
        self.other = self.process(trial.other)

    def process(self, stores: Stores, limits: Limits = QUICK) -> Process:
        """Another one."""
        return Process(stores, self.trial, Api(asked=self.asked, revoked=self.revoked), limits=limits)

    async def sign_in(self) -> Session:
        """That somebody."""
        evidence = granted("a0", refresh="r0", expires_at=self.clock.now() + HOUR)
        return await self.one.house.manager.sign_in(evidence, app=APP, current=None, renewable=True)

    async def begun(self, session: Session, refused: str | None = None) -> asyncio.Task[Outcome]:
        """The first process sends the token, and there is no answer yet."""
        self.one.api.open.clear()
        asking = asyncio.create_task(self.one.fresh(session, refused))
        await self.one.api.called.wait()
        return asking

    async def died(self, session: Session) -> asyncio.Task[Outcome]:
        """The first process sends the token and is never heard of again; its lease runs out."""
        lost = await self.begun(session, "a0")
        self.clock.advance(LEASE)
        return lost


@pytest.fixture(params=STORES)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    """Over each kind of store."""
    opener: Opener = request.param
    async with opener(tmp_path) as trial:
        yield Pair(trial)


async def test_of_two_processes_one_asks(pair: Pair) -> None:
    """P99: the other one waits, and goes on with what came."""
    session = await pair.sign_in()
    first = await pair.begun(session, "a0")
    patient = pair.process(pair.trial.other, Limits())
    second = asyncio.create_task(patient.fresh(session, "a0"))
    await asyncio.sleep(0.05)
    pair.one.api.open.set()
    outcomes = await asyncio.gather(first, second)
    assert [_access(outcome) for outcome in outcomes] == ["a1", "a1"]
    assert pair.asked == ["a0"]


async def test_a_token_that_is_still_good_is_not_waited_for(pair: Pair) -> None:
    """It is renewed early: while another process does that, it is sent as it is; when it is over, others
    wait, and are told to come again if that takes too long. The session stays."""
    session = await pair.sign_in()
    pair.clock.advance(HOUR - timedelta(seconds=20))
    first = await pair.begun(session)
    assert isinstance(await pair.other.fresh(session), StillFresh)
    assert isinstance(await pair.other.fresh(session, "a0"), Deferred)
    pair.clock.advance(timedelta(seconds=17))
    assert isinstance(await pair.other.fresh(session), Deferred)
    pair.one.api.open.set()
    assert isinstance(await first, Renewed)


async def test_a_token_that_was_renewed_elsewhere_is_not_renewed_again(pair: Pair) -> None:
    """P101: with the lease in hand the session is read again."""
    session = await pair.sign_in()
    assert _access(await pair.one.fresh(session, "a0")) == "a1"
    assert _access(await pair.other.fresh(session, "a0")) == "a1"
    assert pair.asked == ["a0"]


async def test_a_refused_token_that_took_the_place_of_a_refused_one_is_not_what_is_wrong(pair: Pair) -> None:
    """In every process, for a few seconds."""
    session = await pair.sign_in()
    outcome = await pair.one.fresh(session, "a0")
    assert isinstance(outcome, Renewed)
    assert isinstance(await pair.other.fresh(outcome.session, "a1"), StillFresh)
    pair.clock.advance(timedelta(seconds=6))
    assert isinstance(await pair.other.fresh(outcome.session, "a1"), Renewed)


async def test_an_intent_is_there_before_the_token_is_sent(pair: Pair) -> None:
    """P112: a hash of the token and the fence of the lease, and gone with the answer."""
    session = await pair.sign_in()
    assert session.tokens is not None
    lost = await pair.died(session)
    intent = (await pair.other.now(session)).intent
    assert intent is not None
    assert (intent.token, intent.replays, intent.until) == (fingerprint(session.tokens), 0, None)
    assert "r0" not in str(intent)
    pair.one.api.open.set()
    assert isinstance(await lost, Renewed)
    assert (await pair.other.now(session)).intent is None


async def test_what_a_dead_process_left_is_sent_once_more(pair: Pair) -> None:
    """P112: the API takes it again, and the session goes on."""
    session = await pair.sign_in()
    lost = await pair.died(session)
    assert _access(await pair.other.fresh(session, "a0")) == "a2"
    assert not lost.done()
    assert pair.asked == ["a0", "a0"]


async def test_an_api_that_takes_it_once_ends_the_session_once(pair: Pair) -> None:
    """P112: one refusal, and nothing is sent after it, by whoever ends the session."""
    session = await pair.sign_in()
    await pair.died(session)
    pair.other.api.error = SignInRefused("used")
    assert isinstance(await pair.other.fresh(session, "a0"), Ended)
    assert pair.asked == ["a0", "a0"]


async def test_a_token_is_not_sent_for_ever_by_processes_that_die(pair: Pair) -> None:
    """Each leaves an intent that nobody knows the end of: after some, the session ends."""
    session = await pair.sign_in()
    for _ in range(REPLAYS + 1):
        await pair.died(session)
        pair.one = pair.process(pair.trial.stores)
    assert isinstance(await pair.other.fresh(session, "a0"), Ended)
    assert len(pair.asked) == REPLAYS + 1


async def test_control_without_intents_it_is(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deaths, and nothing to count them by."""

    async def unwritten(_: object, session: Session, __: Intent | None) -> Session:
        return session

    monkeypatch.setattr("portico.auth.manager.SessionManager.note", unwritten)
    session = await pair.sign_in()
    for _ in range(REPLAYS + 3):
        await pair.died(session)
        pair.one = pair.process(pair.trial.stores)
    assert len(pair.asked) == REPLAYS + 3


async def refused_twice(pair: Pair) -> None:
    """The auth API says no, and the session is asked about again before anybody ends it."""
    session = await pair.sign_in()
    for process in (pair.one, pair.other):
        process.api.error = SignInRefused("no")
    for process in (pair.one, pair.one, pair.other):
        assert isinstance(await process.fresh(session, "a0"), Ended)


async def test_a_token_that_was_refused_is_not_sent_again(pair: Pair) -> None:
    """P106: by no process. Who had it renewed may not be the one who ends the session, and requests go on
    meanwhile."""
    await refused_twice(pair)
    assert pair.asked == ["a0"]


async def test_control_what_was_refused_is_not_noted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, and nobody writes it down."""
    monkeypatch.setattr(Intent, "refused", lambda self: self)
    await refused_twice(pair)
    assert len(pair.asked) > 1


async def test_an_api_that_is_down_is_left_alone_by_all(pair: Pair) -> None:
    """P106: one attempt a step, not one a process; no attempt that this server saw the end of counts as a
    death, however long it takes."""
    session = await pair.sign_in()
    for process in (pair.one, pair.other):
        process.api.error = CallFailed("down")
    for _ in range(100):
        for process in (pair.one, pair.other):
            assert isinstance(await process.fresh(session, "a0"), Deferred)
        pair.clock.advance(timedelta(seconds=0.5))
    assert 8 <= len(pair.asked) <= 20
    pair.other.api.error = None
    pair.clock.advance(timedelta(seconds=5))
    assert isinstance(await pair.other.fresh(session, "a0"), Renewed)


async def test_a_late_holder_sends_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """P100: it was stopped with the lease in its hand, and another process was served meanwhile."""
    session = await pair.sign_in()
    stopped, go_on = asyncio.Event(), asyncio.Event()
    noted = pair.one.house.manager.note

    async def slowly(held: Session, intent: Intent | None) -> Session | None:
        found = await noted(held, intent)
        stopped.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(pair.one.house.manager, "note", slowly)
    monkeypatch.setattr(turns, "monotonic", lambda: pair.clock.now().timestamp())
    late = asyncio.create_task(pair.one.fresh(session, "a0"))
    await stopped.wait()
    pair.clock.advance(LEASE)
    assert _access(await pair.other.fresh(session, "a0")) == "a1"
    go_on.set()
    assert _access(await late) == "a1"
    assert pair.asked == ["a0"]


async def test_a_late_answer_undoes_nothing(pair: Pair) -> None:
    """P100: the session has newer tokens by then. What came is of the same sign-in: it is not revoked, as
    that would end what goes on."""
    session = await pair.sign_in()
    late = await pair.died(session)
    assert _access(await pair.other.fresh(session, "a0")) == "a2"
    pair.one.api.open.set()
    assert _access(await late) == "a2"
    assert _access(Renewed(session=await pair.one.now(session))) == "a2"
    assert pair.revoked == []


async def test_a_refusal_of_a_replay_ends_nothing_that_a_slow_holder_renewed(pair: Pair) -> None:
    """The holder before was only slow: its answer counts, and the refusal that others got does not."""
    session = await pair.sign_in()
    late = await pair.died(session)
    pair.other.api.error = SignInRefused("used")
    pair.other.api.open.clear()
    second = asyncio.create_task(pair.other.fresh(session, "a0"))
    await pair.other.api.called.wait()
    pair.one.api.open.set()
    assert _access(await late) == "a1"
    pair.other.api.open.set()
    assert _access(await second) == "a1"


async def test_a_log_out_elsewhere_wins(pair: Pair) -> None:
    """P107: nothing comes back, and what came is revoked."""
    session = await pair.sign_in()
    waiting = await pair.begun(session, "a0")
    await pair.other.house.manager.sign_out(await pair.other.now(session), revoke=True)
    pair.one.api.open.set()
    assert isinstance(await waiting, Ended)
    for process in (pair.one, pair.other):
        await process.house.manager.revocations.close()
        assert not await process.house.lives(session)
    assert {tokens.refresh for tokens in pair.revoked} == {Secret("r0"), Secret("r1")}


async def test_a_store_that_cannot_be_asked_for_the_lease_is_no_lease(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P116: an outage is neither "taken" nor "yours"."""
    session = await pair.sign_in()

    @asynccontextmanager
    async def broken(key: str, *, ttl: timedelta) -> AsyncIterator[Held]:
        if ttl:
            raise StoreUnavailable(f"no lease for {key}")
        yield Held(fence=1)

    monkeypatch.setattr(pair.one.house.stores.sessions, "lease", broken)
    assert await pair.one.fresh(session, "a0") == Deferred(cause="store_unavailable")
    assert pair.asked == []


async def test_an_answer_is_kept_though_the_store_hiccups(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P103: there is no second one, so it is written when the store is back."""
    session = await pair.sign_in()
    renew, failures = pair.one.house.manager.renew, [StoreUnavailable("x"), StoreUnavailable("x")]

    async def hiccup(*given: object, **more: object) -> Session:
        if failures:
            raise failures.pop()
        return await renew(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(pair.one.house.manager, "renew", hiccup)
    assert _access(await pair.one.fresh(session, "a0")) == "a1"
    assert pair.asked == ["a0"]


@pytest.mark.parametrize("at_once", [5, 8])
async def test_so_many_renewals_are_made_at_once(at_once: int, pair: Pair) -> None:
    """P108: sessions that end in the same second are renewed, but not all at the same time. The number is
    what decides: another one gives another most."""
    process = pair.process(pair.trial.stores, replace(QUICK, at_once=at_once))
    process.api.room = at_once
    process.api.open.clear()
    sessions = [await pair.sign_in() for _ in range(40)]
    pair.clock.advance(HOUR)
    asking = [asyncio.create_task(process.fresh(session)) for session in sessions]
    await process.api.full.wait()
    process.api.open.set()
    assert all(isinstance(outcome, Renewed) for outcome in await asyncio.gather(*asking))
    assert (len(pair.asked), process.api.most) == (40, at_once)


async def test_sessions_of_one_second_are_due_at_different_times(pair: Pair) -> None:
    """P108: by themselves, not by chance: a session is due at the same time in every process."""
    sessions = [await pair.sign_in() for _ in range(60)]
    shares = [refresh._share(session) for session in sessions]
    assert len({round(share, 1) for share in shares}) > 5
    pair.clock.advance(HOUR - timedelta(seconds=35))
    due = [isinstance(await pair.one.fresh(session), Renewed) for session in sessions]
    assert {True, False} == set(due)


@pytest.mark.parametrize(("call", "lease"), [(30, 45), (20, 39)])
def test_a_call_must_end_well_before_its_lease(call: int, lease: int) -> None:
    """P100: else others would send the same token meanwhile."""
    with pytest.raises(ValueError, match="half"):
        Limits(call=timedelta(seconds=call), lease=timedelta(seconds=lease))


def test_limits_follow_the_lease() -> None:
    """The usual ones are those of 45 s."""
    assert Limits.of_lease(timedelta(seconds=45), at_once=20) == Limits()
    short = Limits.of_lease(timedelta(seconds=4.5), at_once=3)
    assert (short.call, short.patience, short.at_once) == (timedelta(seconds=2), timedelta(seconds=1), 3)


def _access(outcome: Outcome) -> str:
    assert isinstance(outcome, Renewed), outcome
    assert outcome.session.tokens is not None
    return outcome.session.tokens.access.reveal()
