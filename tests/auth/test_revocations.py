"""Auth APIs hear of log-outs, whatever fails on the way (P109, hard-cases 3)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portico.auth import revocations
from portico.auth.ending import Endings
from portico.auth.envelope import unseal
from portico.auth.revocations import GRACE, HOLD, LIFE, Keep, Message, Revocations
from portico.auth.session import Session
from portico.auth.tokens import TokenSet
from portico.errors import CallFailed, PorticoError, ScriptFailed, SignInRefused, StoreUnavailable
from portico.testing.store_trial import Trial
from portico.values import Secret
from tests.auth.sessions import APP, House
from tests.auth.test_refresh import HOUR, granted
from tests.auth.test_refresh_across import STORES
from tests.stores.trials import Opener


@dataclass
class Api:
    """Hears of revocations, unless it raises `error`; renews the tokens first if `renews`."""

    error: PorticoError | None = None
    renews: bool = False
    tried: int = 0
    heard: list[TokenSet] = field(default_factory=list)

    def revokes(self, session: Session) -> bool:
        return True

    async def revoke(self, session: Session, keep: Keep) -> None:
        self.tried += 1
        assert session.tokens is not None
        if self.renews and session.tokens.refresh == Secret("r0"):
            session = replace(session, tokens=replace(session.tokens, refresh=Secret("r1")))
            await keep(session)
        if self.error is not None:
            raise self.error
        assert session.tokens is not None
        self.heard.append(session.tokens)


class Pair:
    """Two processes over one store."""

    def __init__(self, trial: Trial) -> None:
        self.trial, self.clock, self.api = trial, trial.clock, Api()
        self.one, self.other = House(trial.stores, trial.clock), House(trial.other, trial.clock)
        for house in (self.one, self.other):
            house.manager.revocations.serve(lambda app: self.api if app == APP else None)

    async def sign_in(self) -> Session:
        """Somebody with tokens."""
        evidence = granted("a0", refresh="r0", expires_at=self.clock.now() + HOUR)
        return await self.one.manager.sign_in(evidence, app=APP, current=None, renewable=True)

    async def log_out(self) -> None:
        """Somebody logs out, and the API was told once or could not be."""
        await self.one.manager.sign_out(await self.sign_in(), revoke=True)
        await self.one.manager.revocations.close()

    async def later(self, by: timedelta) -> None:
        """The other process looks into the outbox after a while."""
        self.clock.advance(by)
        await self.other.manager.revocations.deliver_due()

    async def left(self) -> int:
        """How many messages wait."""
        self.clock.advance(timedelta(hours=1, seconds=1))
        return len(await self.trial.stores.outbox.due(limit=99, hold=timedelta(0)))


@pytest.fixture(params=STORES)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    """Over each kind of store."""
    opener: Opener = request.param
    async with opener(tmp_path) as trial:
        yield Pair(trial)


async def test_a_log_out_is_told_at_once(pair: Pair) -> None:
    """With the tokens that the session has, and nothing waits then."""
    await pair.log_out()
    assert [tokens.slots for tokens in pair.api.heard] == [{"access": Secret("a0"), "refresh": Secret("r0")}]
    assert await pair.left() == 0


async def test_it_has_the_tokens_of_the_moment(pair: Pair) -> None:
    """A page may know older ones than the session has by now."""
    session = await pair.sign_in()
    await pair.other.manager.renew(
        session, granted("a1", refresh="r1", expires_at=pair.clock.now() + HOUR), renewable=True
    )
    await pair.one.manager.sign_out(session, revoke=True)
    await pair.one.manager.revocations.close()
    assert [tokens.refresh for tokens in pair.api.heard] == [Secret("r1")]


async def test_nothing_is_told_that_is_not_to_be(pair: Pair) -> None:
    """A session that the auth API itself ended, a user who signs in twice."""
    session = await pair.sign_in()
    evidence = granted("b0", refresh="s0", expires_at=pair.clock.now() + HOUR)
    session = await pair.one.manager.sign_in(evidence, app=APP, current=session, revoke=True)
    await pair.one.manager.sign_out(session)
    await pair.one.manager.revocations.close()
    assert (pair.api.heard, await pair.left()) == ([], 0)


async def test_who_takes_over_has_the_user_before_revoked(pair: Pair) -> None:
    """Another user in the same browser."""
    evidence = granted("b0", refresh="s0", expires_at=pair.clock.now() + HOUR, uid="u2")
    await pair.one.manager.sign_in(evidence, app=APP, current=await pair.sign_in(), revoke=True)
    await pair.one.manager.revocations.close()
    assert [tokens.refresh for tokens in pair.api.heard] == [Secret("r0")]


@pytest.mark.parametrize("error", [CallFailed("down"), ScriptFailed("x")])
async def test_an_api_that_is_down_is_told_later_and_not_all_the_time(
    error: PorticoError, pair: Pair
) -> None:
    """For hours, and less and less often; by whichever process lives."""
    pair.api.error = error
    await pair.log_out()
    assert pair.api.tried == 1
    for _ in range(8 * 60):
        await pair.later(timedelta(minutes=1))
    assert 8 <= pair.api.tried <= 30
    pair.api.error = None
    await pair.later(timedelta(hours=1))
    assert len(pair.api.heard) == 1
    assert await pair.left() == 0


async def test_it_is_given_up_after_a_day(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """And said so, without a token."""
    pair.api.error = CallFailed("down")
    await pair.log_out()
    for _ in range(2 * int(LIFE / HOUR)):
        await pair.later(timedelta(minutes=59))
    tried = pair.api.tried
    await pair.later(LIFE)
    assert pair.api.tried == tried
    assert await pair.left() == 0
    assert "never told" in caplog.text
    assert not {"a0", "r0"} & set(caplog.text.split())


async def test_it_is_given_up_with_a_word_by_who_looks_late(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody looked at the end of the day: it is tried once more, and not gone in silence."""
    pair.api.error = CallFailed("down")
    await pair.log_out()
    await pair.later(LIFE + HOUR)
    assert pair.api.tried == 2
    assert "never told" in caplog.text
    assert await pair.left() == 0


async def test_an_api_that_knows_no_such_token_has_heard(pair: Pair) -> None:
    """401, 403, 404: there is nothing to end."""
    pair.api.error = SignInRefused("401")
    await pair.log_out()
    assert (pair.api.tried, await pair.left()) == (1, 0)


async def test_a_process_that_dies_before_it_tells_is_stood_in_for(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is there before the session is gone; not before its grace is over, and once."""
    monkeypatch.setattr(pair.one.manager.revocations, "post", lambda _: None)
    await pair.log_out()
    await pair.later(GRACE - timedelta(seconds=1))
    assert pair.api.heard == []
    await pair.later(timedelta(seconds=1))
    await pair.later(HOLD)
    assert len(pair.api.heard) == 1


async def test_a_log_out_that_died_before_the_session_was_gone_is_finished(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever delivers the message deletes the session as well."""
    session = await pair.sign_in()

    async def dies(*_: object, **__: object) -> None:
        raise StoreUnavailable("dead")

    with monkeypatch.context() as patch:
        patch.setattr(pair.one.stores.sessions, "replace", dies)
        with pytest.raises(StoreUnavailable):
            await pair.one.manager.sign_out(session, revoke=True)
    assert await pair.other.lives(session)
    await pair.later(GRACE)
    assert not await pair.other.lives(session)
    assert len(pair.api.heard) == 1


async def test_a_session_that_cannot_be_filed_goes_on(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log-out is whole or not at all: an outbox that cannot be written refuses it."""
    session = await pair.sign_in()

    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(pair.one.stores.outbox, "put", full)
    with pytest.raises(StoreUnavailable):
        await pair.one.manager.sign_out(session, revoke=True)
    assert await pair.one.lives(session)
    assert pair.api.tried == 0


async def test_of_two_processes_one_tells(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one has in hand the other leaves."""
    monkeypatch.setattr(pair.one.manager.revocations, "post", lambda _: None)
    for _ in range(15):
        await pair.log_out()
    pair.clock.advance(GRACE)
    await asyncio.gather(
        pair.one.manager.revocations.deliver_due(), pair.other.manager.revocations.deliver_due()
    )
    assert (pair.api.tried, len(pair.api.heard)) == (15, 15)


async def test_tokens_that_were_renewed_to_be_revoked_are_kept(pair: Pair) -> None:
    """If that fails, the old ones may be good for nothing any more."""
    pair.api.renews, pair.api.error = True, CallFailed("down")
    await pair.log_out()
    pair.api.renews, pair.api.error = False, None
    await pair.later(HOUR)
    assert [tokens.refresh for tokens in pair.api.heard] == [Secret("r1")]


async def test_messages_of_other_apps_and_other_keys(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """An app that this process does not serve is left to others; what another key sealed, nobody can read."""
    session = await pair.sign_in()
    outbox, sessions = pair.trial.stores.outbox, pair.trial.stores.sessions
    await pair.one.manager.revocations.file(replace(session, app="elsewhere"))
    timelines = pair.one.manager.timelines
    await Revocations(outbox, sessions, pair.clock, Secret("k" * 43), timelines).file(session)
    await pair.later(GRACE)
    assert pair.api.tried == 0
    assert "another server key" in caplog.text
    assert await pair.left() == 1


async def test_the_outbox_holds_nothing_that_can_be_read(pair: Pair) -> None:
    """Sealed with the server key, which is not in the store; and nothing of the user but who it is."""
    session = await pair.sign_in()
    await pair.one.manager.revocations.file(session)
    pair.clock.advance(GRACE)
    (entry,) = await pair.trial.stores.outbox.due(limit=9, hold=HOLD)
    content = unseal(entry.blob, secret=pair.trial.stores.key, kind="revocation", key=entry.key)
    # Long enough that random bytes never hold them.
    words = (b'"session":', b'"access"]', b'"refresh"]')
    assert content is not None
    assert [word for word in words if word in content] == list(words)
    assert not [word for word in words if word in entry.blob]
    assert not unseal(entry.blob, secret=pair.trial.stores.key, kind="revocation", key="other")


async def test_one_that_nobody_can_deliver_holds_up_no_other(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong with it; it is tried again."""
    monkeypatch.setattr(pair.one.manager.revocations, "post", lambda _: None)
    await pair.log_out()
    session = await pair.sign_in()
    await pair.one.manager.revocations.file(replace(session, tokens=None))
    await pair.later(GRACE)
    assert "a revocation failed" in caplog.text
    assert len(pair.api.heard) == 1
    assert await pair.left() == 1


async def test_who_works_delivers_by_itself(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process looks again and again, also after a store that was not there."""
    monkeypatch.setattr(revocations, "EVERY", timedelta(milliseconds=10))
    monkeypatch.setattr(pair.one.manager.revocations, "post", lambda _: None)
    due, failures = pair.trial.other.outbox.due, [StoreUnavailable("x")]
    await pair.log_out()
    pair.clock.advance(GRACE)
    done = asyncio.Event()

    async def hiccup(*, limit: int, hold: timedelta) -> object:
        if failures:
            raise failures.pop()
        if pair.api.heard:
            done.set()
        return await due(limit=limit, hold=hold)

    monkeypatch.setattr(pair.trial.other.outbox, "due", hiccup)
    working = asyncio.create_task(pair.other.manager.revocations.work())
    await asyncio.wait_for(done.wait(), 20)
    working.cancel()
    assert len(pair.api.heard) == 1


async def _renewed_while_it_is_filed(pair: Pair) -> None:
    """A log-out whose message is in the outbox when the tokens are renewed, before the session is gone."""
    session = await pair.sign_in()
    filed = pair.one.stores.outbox.put
    renewals: list[Session] = []

    async def put(key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        await filed(key, blob, due_at=due_at, expires_at=expires_at)
        if not renewals:
            evidence = granted("a1", refresh="r1", expires_at=pair.clock.now() + HOUR)
            renewals.append(await pair.other.manager.renew(session, evidence, renewable=True))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair.one.stores.outbox, "put", put)
        await pair.one.manager.sign_out(session, revoke=True)
    await pair.one.manager.revocations.close()
    assert not await pair.other.lives(session)
    assert [tokens.refresh for tokens in pair.api.heard] == [Secret("r1")]
    assert await pair.left() == 0


async def test_a_renewal_in_the_middle_of_a_log_out_is_told_of_too(pair: Pair) -> None:
    """The message is about the very tokens that the session ended with (P107, P109)."""
    await _renewed_while_it_is_filed(pair)


async def test_control_a_message_that_is_filed_once(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody could renew between that and the end."""

    async def once(self: Endings, session: Session) -> Message:
        return await self._revocations.file(session, ends=True)

    monkeypatch.setattr(Endings, "_filed", once)
    with pytest.raises(AssertionError):
        await _renewed_while_it_is_filed(pair)
