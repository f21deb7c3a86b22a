"""How long sessions last, and how many a user has (rows 9, 10, 12)."""

from datetime import timedelta

import pytest

from portico.auth.limits import SessionLimits
from portico.auth.seen import Seen
from portico.auth.timeline import End
from tests.auth.sessions import APP, House, counted, evidence, house

IDLE = timedelta(minutes=20)
SECOND = timedelta(seconds=1)


async def _why(at: House, cookie: str) -> str | None:
    await at.manager.timelines.flush()
    return await at.manager.why_ended(APP, cookie)


async def test_an_idle_session_ends_to_the_second() -> None:
    """By the server's clock; nothing of it stays, and its user can be told why."""
    at = house(SessionLimits(idle=IDLE))
    user = await at.user()
    at.clock.advance(IDLE - SECOND)
    assert await at.lives(user)
    await at.manager.sign(user)
    at.clock.advance(IDLE - SECOND)
    assert await at.lives(user)
    at.clock.advance(2 * SECOND)
    assert not await at.lives(user)
    assert await _why(at, user.ticket.cookie_value()) == "idle"
    assert await at.stores.sessions.load(user.ticket.key("session")) is None
    await at.manager.timelines.flush()
    history = await at.manager.directory.history(at.manager.id_of(user))
    assert history is not None
    assert history.entries[-1].event == End(reason="idle")


async def test_only_a_sign_of_the_user_prolongs() -> None:
    """Not that the session is looked at, whoever does so and however often."""
    at = house(SessionLimits(idle=IDLE))
    user = await at.user()
    for _ in range(4):
        at.clock.advance(IDLE / 4)
        await at.lives(user)
    assert not await at.lives(user)


async def test_signs_are_written_at_most_twenty_times_a_limit() -> None:
    """However much the user does: the record beside the session's is written, that itself is not."""
    at = house(SessionLimits(idle=IDLE))
    stores, calls = counted(at.stores)
    at = House(stores, at.clock, SessionLimits(idle=IDLE))
    user = await at.user()
    calls.clear()
    for _ in range(1200):
        at.clock.advance(SECOND)
        await at.manager.sign(user)
    assert 15 <= calls.count("create") + calls.count("replace") <= 20
    now = await at.manager.resume(APP, user.ticket.cookie_value())
    assert now is not None
    assert now.version == user.version


async def test_the_absolute_limit_holds_whatever_the_user_does() -> None:
    """To the second, and exactly once."""
    at = house(SessionLimits(idle=IDLE, absolute=timedelta(hours=2)))
    user = await at.user()
    for _ in range(11):
        at.clock.advance(timedelta(minutes=10))
        assert await at.lives(user)
        await at.manager.sign(user)
    at.clock.advance(timedelta(minutes=10) - SECOND)
    assert await at.lives(user)
    at.clock.advance(SECOND)
    assert not await at.lives(user)
    assert await _why(at, user.ticket.cookie_value()) == "absolute"


async def test_a_renewal_goes_no_further_than_the_absolute_limit() -> None:
    """Another token, the same end."""
    at = house(SessionLimits(absolute=timedelta(hours=2)))
    user = await at.manager.sign_in(evidence(), app=APP, current=None, renewable=True)
    at.clock.advance(timedelta(hours=1))
    renewed = await at.manager.renew(user, evidence("another"), renewable=True)
    assert abs(renewed.expires_at - user.expires_at) < SECOND


async def test_the_oldest_of_too_many_sessions_ends() -> None:
    """Of one user of one app; the others go on, and so does everybody else."""
    at = house(SessionLimits(per_user=3))
    other = await at.user("u2")
    first, *rest = [await at.user() for _ in range(4)]
    assert not await at.lives(first)
    assert [await at.lives(session) for session in [*rest, other]] == [True] * 4
    assert await _why(at, first.ticket.cookie_value()) == "too many"


async def test_sessions_are_listed_by_user_over_apps() -> None:
    """Two apps of one server, of which one user is signed in to both."""
    at = house()
    one = await at.user()
    two = await at.manager.sign_in(evidence(uid="u1"), app="other", current=None)
    await at.user("u2")
    found = [session async for session in at.manager.directory.all()]
    mine = [session.card for session in found if hasattr(session, "card") and session.card.uid == "u1"]
    assert {(card.app, card.id) for card in mine} == {
        (APP, at.manager.id_of(one)),
        ("other", at.manager.id_of(two)),
    }
    (listed,) = await at.manager.directory.of_user("other", "u1")
    assert listed.card.id == at.manager.id_of(two)


async def test_a_cookie_that_never_was_has_no_reason() -> None:
    """Nor one of another app."""
    at = house()
    user = await at.user()
    await at.manager.timelines.flush()
    found = await at.manager.directory.by_id(at.manager.id_of(user))
    assert found is not None
    await at.manager.dismissals.end(found, "operator")
    cookie = user.ticket.cookie_value()
    assert await _why(at, cookie) == "operator"
    assert await at.manager.why_ended("other", cookie) is None
    assert await _why(at, "x" * 87) is None
    assert await _why(at, cookie.swapcase()) is None


async def test_control_a_limit_that_looking_prolongs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look as a sign of the user."""
    lives = Seen.lives

    async def prolonging(self: Seen, session: object, idle: timedelta | None) -> bool:
        alive = await lives(self, session, idle)  # type: ignore[arg-type]
        if alive:
            await self.sign(session, idle)  # type: ignore[arg-type]
        return alive

    monkeypatch.setattr(Seen, "lives", prolonging)
    with pytest.raises(AssertionError):
        await test_only_a_sign_of_the_user_prolongs()
