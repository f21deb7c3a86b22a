"""Renewing a session's token: what each outcome means, and that one asks for all (P98, 103, 106, 107)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from portico.auth.evidence import Confirmed, Granted
from portico.auth.refresh import Deferred, Ended, Outcome, Refresher, Renewed, StillFresh
from portico.auth.revocations import Keep
from portico.auth.session import Session
from portico.auth.tokens import TokenSet, due
from portico.errors import CallFailed, PorticoError, ScriptFailed, ServiceTimeout, SignInRefused
from portico.model.identity import Identity
from portico.values import Secret
from tests.auth.sessions import APP, House, house, jwt

HOUR = timedelta(hours=1)
IDENTITY = Identity(uid="u1", user={}, roles=frozenset())


def granted(token: str, *, refresh: str | None, expires_at: datetime | None, uid: str = "u1") -> Granted:
    """What an auth API hands out."""
    return Granted(
        token=Secret(token),
        identity=replace(IDENTITY, uid=uid),
        refresh=Secret(refresh) if refresh is not None else None,
        expires_at=expires_at,
    )


@dataclass
class Api:
    """An auth API in this process: hands out numbered tokens, or raises `error`, once `open` is set."""

    error: PorticoError | None = None
    asked: list[str] = field(default_factory=list)
    revoked: list[TokenSet] = field(default_factory=list)
    refresh: bool = True
    ends: datetime | None = None
    uid: str = "u1"
    open: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    #: how many are asked for at once, now and at most; `full` is set when there are `room`
    running: int = 0
    most: int = 0
    room: int = 0
    full: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        assert session.tokens is not None
        sending()
        self.asked.append(session.tokens.access.reveal())
        self.called.set()
        number = len(self.asked)
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self.room:
            self.full.set()
        await self.open.wait()
        self.running -= 1
        if self.error is not None:
            raise self.error
        refresh = f"r{number}" if self.refresh else None
        return granted(f"a{number}", refresh=refresh, expires_at=self.ends, uid=self.uid)

    async def confirm(self, session: Session) -> Confirmed:
        raise AssertionError("nobody asks who that is")

    def revokes(self, session: Session) -> bool:
        return True

    async def revoke(self, session: Session, keep: Keep) -> None:
        assert session.tokens is not None
        self.revoked.append(session.tokens)


class Scene:
    """A signed-in user, and who renews."""

    def __init__(self, at: House, session: Session, api: Api) -> None:
        self.at, self.session, self.api = at, session, api
        self.refresher = Refresher(at.manager, at.clock)
        at.manager.revocations.serve(lambda _: api)

    async def fresh(self, refused: str | None = None) -> Outcome:
        """Ask for a token that is worth sending."""
        secret = Secret(refused) if refused is not None else None
        return await self.refresher.fresh(self.session, self.api, refused=secret)


async def scene(**api: object) -> Scene:
    """Somebody whose token `a0` lasts an hour."""
    at = house()
    evidence = granted("a0", refresh="r0", expires_at=at.clock.now() + HOUR)
    session = await at.manager.sign_in(evidence, app=APP, current=None, renewable=True)
    return Scene(at, session, Api(**api))  # type: ignore[arg-type]


async def test_nothing_is_asked_while_a_token_is_good() -> None:
    """Until 39 to 30 s before its end, which differs from session to session."""
    found = await scene()
    assert await found.fresh() == StillFresh(session=found.session)
    found.at.clock.advance(HOUR - timedelta(seconds=40))
    assert isinstance(await found.fresh(), StillFresh)
    found.at.clock.advance(timedelta(seconds=11))
    assert isinstance(await found.fresh(), Renewed)
    assert found.api.asked == ["a0"]


async def test_what_is_renewed_is_stored_before_anybody_has_it() -> None:
    """P103: whoever gets the new token finds it in the store."""
    found = await scene()
    outcome = await found.fresh(refused="a0")
    assert isinstance(outcome, Renewed)
    held = await found.at.manager.resume(APP, found.session.ticket.cookie_value())
    assert held == outcome.session
    assert held is not None
    assert held.tokens is not None
    assert held.tokens.slots == {"access": Secret("a1"), "refresh": Secret("r1")}


async def test_an_answer_without_a_refresh_token_keeps_the_old_one() -> None:
    """P103."""
    found = await scene(refresh=False)
    outcome = await found.fresh(refused="a0")
    assert isinstance(outcome, Renewed)
    assert outcome.session.tokens is not None
    assert outcome.session.tokens.refresh == Secret("r0")


@pytest.mark.parametrize("refused", [None, "a0"])
async def test_of_two_hundred_one_asks(refused: str | None) -> None:
    """P98: together, and those who come with an old session when it is over."""
    found = await scene()
    found.at.clock.advance(HOUR)
    found.api.open.clear()
    waiting = [asyncio.create_task(found.fresh(refused)) for _ in range(200)]
    await asyncio.sleep(0)
    found.api.open.set()
    outcomes = await asyncio.gather(*waiting)
    late = await found.fresh(refused)
    tokens = [one.session.tokens for one in (*outcomes, late) if isinstance(one, Renewed)]
    assert [one.access for one in tokens if one is not None] == [Secret("a1")] * 201
    assert found.api.asked == ["a0"]


async def test_a_token_that_was_replaced_already_is_not_replaced_again() -> None:
    """A late 401 for the token before."""
    found = await scene()
    outcome = await found.fresh(refused="a0")
    assert isinstance(outcome, Renewed)
    found.session = outcome.session
    assert await found.fresh(refused="a0") == Renewed(session=outcome.session)
    assert found.api.asked == ["a0"]


async def test_a_fresh_token_that_is_refused_is_not_what_is_wrong() -> None:
    """Not for a few seconds: a call that always answers 401 does not renew at every click."""
    found = await scene()
    outcome = await found.fresh(refused="a0")
    assert isinstance(outcome, Renewed)
    found.session = outcome.session
    assert isinstance(await found.fresh(refused="a1"), StillFresh)
    found.at.clock.advance(timedelta(seconds=6))
    assert isinstance(await found.fresh(refused="a1"), Renewed)


async def test_who_gives_up_waiting_stops_nobody() -> None:
    """The exchange goes on: its answer is the only one that there will be."""
    found = await scene()
    found.api.open.clear()
    first = asyncio.create_task(found.fresh("a0"))
    second = asyncio.create_task(found.fresh("a0"))
    await found.api.called.wait()
    first.cancel()
    found.api.open.set()
    assert isinstance(await second, Renewed)
    assert found.api.asked == ["a0"]


async def test_a_refusal_ends_and_an_outage_does_not() -> None:
    """P106: outcomes are types, and only one of them signs out."""
    assert isinstance(await (await scene(error=SignInRefused("no"))).fresh("a0"), Ended)
    for error in (CallFailed("x"), ServiceTimeout("x"), ScriptFailed("x")):
        found = await scene(error=error)
        assert isinstance(await found.fresh("a0"), Deferred)
        assert await found.at.lives(found.session)


async def test_an_auth_api_that_is_down_is_asked_less_and_less() -> None:
    """P106: at most one attempt a step; and at once again when one succeeded."""
    found = await scene(error=CallFailed("x"))
    for _ in range(120):
        await found.fresh("a0")
        found.at.clock.advance(timedelta(seconds=0.25))
    assert 6 <= len(found.api.asked) <= 14
    found.api.error = None
    found.at.clock.advance(timedelta(seconds=5))
    assert isinstance(await found.fresh("a0"), Renewed)


async def test_a_log_out_wins_and_what_came_late_is_revoked() -> None:
    """P107."""
    found = await scene()
    found.api.open.clear()
    waiting = asyncio.create_task(found.fresh("a0"))
    await found.api.called.wait()
    await found.at.manager.sign_out(found.session)
    found.api.open.set()
    assert isinstance(await waiting, Ended)
    await found.at.manager.revocations.close()
    assert not await found.at.lives(found.session)
    assert [tokens.refresh for tokens in found.api.revoked] == [Secret("r1")]


async def test_a_session_that_is_gone_is_not_asked_for() -> None:
    """P101: it is read again before the auth API is asked."""
    found = await scene()
    await found.at.manager.sign_out(found.session)
    assert isinstance(await found.fresh("a0"), Ended)
    assert found.api.asked == []


async def test_another_user_ends_it() -> None:
    """A renewal is of the same user."""
    found = await scene(uid="u2")
    assert isinstance(await found.fresh("a0"), Ended)


async def test_a_token_whose_end_lies_in_the_past_is_not_always_due() -> None:
    """The other clock is wrong, or ours: what was handed out this moment is good."""
    found = await scene()
    late = jwt(found.at.clock.now() - HOUR)
    evidence = Granted(token=Secret(late), identity=IDENTITY, refresh=Secret("r"))
    found.session = await found.at.manager.sign_in(evidence, app=APP, current=None, renewable=True)
    assert isinstance(await found.fresh(), StillFresh)


@pytest.mark.parametrize(
    ("life", "left", "expected"), [(3600, 31, False), (3600, 30, True), (9, 4, False), (9, 3, True)]
)
def test_when_a_token_is_due(life: int, left: int, expected: bool) -> None:
    """In the last 30 s of its life; in the last third, where that is shorter."""
    now = house().clock.now()
    tokens = TokenSet(
        access=Secret("a"),
        obtained_at=now,
        expires_at=now + timedelta(seconds=life),
    )
    later = now + timedelta(seconds=life - left)
    assert due(tokens, now=later, margin=timedelta(seconds=30)) is expected
