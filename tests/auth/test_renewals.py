"""Another token for the same session (row S3-6): same ticket, same user, no longer than it may last."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from portico.auth.session import Session, SessionEnded
from portico.auth.tokens import TokenSet, due
from portico.errors import SignInRefused
from portico.values import Secret
from tests.auth.sessions import APP, House, evidence, house, jwt


async def _resumed(at: House, session: Session) -> Session:
    found = await at.manager.resume(APP, session.ticket.cookie_value())
    assert found is not None
    return found


async def test_a_renewal_goes_on_with_the_session() -> None:
    """Cookie, lineage, pages and what the app stored stay; token, user data and generation are new."""
    at = house()
    before = await at.user()
    await at.manager.merge_store(before, {"cart": [1]})
    after = await at.manager.renew(before, evidence("second", user={"name": "Ann"}))
    assert (after.ticket, after.lineage, after.tag) == (before.ticket, before.lineage, before.tag)
    assert after.generation == before.generation + 1
    found = await _resumed(at, before)
    assert found == after
    assert found.tokens is not None
    assert found.tokens.access.reveal() == "second"
    assert found.identity is not None
    assert found.identity.user == {"name": "Ann"}
    assert await at.manager.read_store(found) == {"cart": [1]}


async def test_a_session_whose_tokens_are_renewed_outlives_each_of_them() -> None:
    """But not its lifetime, counted from its beginning."""
    at = house()
    ends = at.clock.now() + timedelta(hours=1)
    session = await at.manager.sign_in(evidence(jwt(ends)), app=APP, current=None, renewable=True)
    assert session.expires_at > at.clock.now() + timedelta(days=13)
    for day in range(1, 15):
        at.clock.advance(timedelta(hours=23))
        token = jwt(at.clock.now() + timedelta(hours=1))
        session = await at.manager.renew(session, evidence(token), renewable=True)
        assert session.expires_at <= session.created_at + timedelta(days=14), day
    at.clock.advance(timedelta(hours=15))
    assert not await at.lives(session)


async def test_a_renewal_that_is_not_renewable_ends_with_its_token() -> None:
    """As a sign-in does."""
    at = house()
    session = await at.user()
    ends = at.clock.now() + timedelta(minutes=5)
    renewed = await at.manager.renew(session, evidence(jwt(ends)))
    assert renewed.expires_at <= ends
    at.clock.advance(timedelta(minutes=5))
    assert not await at.lives(session)


@pytest.mark.parametrize("uid", ["u2", "U1", "u1 ", ""])
async def test_nobody_else_goes_on_with_a_session(uid: str) -> None:
    """A token of somebody else, or of nobody, changes nothing."""
    at = house()
    session = await at.user()
    with pytest.raises(SignInRefused):
        await at.manager.renew(session, evidence("second", uid=uid))
    assert await _resumed(at, session) == session


async def test_a_visitor_has_nothing_to_renew() -> None:
    """Who is not signed in signs in: with a new ticket (promise 5)."""
    at = house()
    with pytest.raises(SignInRefused):
        await at.manager.renew(await at.manager.begin(APP), evidence())


async def test_an_expired_token_renews_nothing() -> None:
    """Even if the auth API took it."""
    at = house()
    session = await at.user()
    late = jwt(at.clock.now() - timedelta(seconds=1))
    with pytest.raises(SignInRefused, match="expired"):
        await at.manager.renew(session, evidence(late))
    assert await at.lives(session)


async def test_a_log_out_wins_over_a_renewal() -> None:
    """A session that ended does not come back (promise 8)."""
    at = house()
    session = await at.user()
    await at.manager.sign_out(session)
    with pytest.raises(SessionEnded):
        await at.manager.renew(session, evidence("second"))
    assert not await at.lives(session)


async def test_two_renewals_at_once_both_count() -> None:
    """The later one is written over the earlier, never beside it."""
    at = house()
    session = await at.user()
    first, second = await asyncio.gather(
        at.manager.renew(session, evidence("a")), at.manager.renew(session, evidence("b"))
    )
    assert {first.generation, second.generation} == {session.generation + 1, session.generation + 2}
    found = await _resumed(at, session)
    assert found == max(first, second, key=lambda one: one.generation)


async def test_a_renewal_keeps_how_long_the_browser_holds_it() -> None:
    """A session that ends with the browser stays one."""
    at = house()
    session = await at.manager.sign_in(evidence(), app=APP, current=None, brief=True)
    renewed = await at.manager.renew(session, evidence("second"))
    assert (session.brief, renewed.brief, (await _resumed(at, session)).brief) == (True, True, True)
    assert not (await at.user()).brief


async def test_control_a_renewal_in_place_of_a_sign_in_is_found() -> None:
    """What tells a renewal from a sign-in is the ticket: the test of fixation looks at just that."""
    at = house()
    before = await at.user()
    renewed = await at.manager.renew(before, evidence("second"))
    signed_in = await at.user(current=renewed)
    assert renewed.ticket == before.ticket
    assert signed_in.ticket != before.ticket
    assert not await at.lives(before)


def test_what_only_a_good_token_renews_is_due_from_the_middle_of_its_life_on() -> None:
    """Counted from when it came; by the margin alone where that is not known, never without an end."""
    now = house().clock.now()
    margin = timedelta(seconds=30)
    tokens = TokenSet(access=Secret("a"), expires_at=now + timedelta(days=4), obtained_at=now)
    middle = now + timedelta(days=2)
    assert due(tokens, now=middle, margin=margin, early=True)
    assert not due(tokens, now=middle - timedelta(seconds=1), margin=margin, early=True)
    assert not due(tokens, now=middle, margin=margin)
    assert not due(replace(tokens, expires_at=None), now=middle, margin=margin, early=True)
    undated = replace(tokens, obtained_at=None)
    assert not due(undated, now=middle, margin=margin, early=True)
    assert due(undated, now=now + timedelta(days=4) - margin, margin=margin, early=True)


async def test_a_renewal_begins_another_life() -> None:
    """The session keeps when its token came, in the store too."""
    at = house()
    session = await at.manager.sign_in(
        evidence(jwt(at.clock.now() + timedelta(hours=2))), app=APP, current=None, renewable=True
    )
    at.clock.advance(timedelta(hours=1))
    token = jwt(at.clock.now() + timedelta(hours=4))
    renewed = await at.manager.renew(session, evidence(token), renewable=True)
    found = await _resumed(at, renewed)
    assert found.tokens is not None
    for minutes, expected in ((119, False), (120, True)):
        later = at.clock.now() + timedelta(minutes=minutes)
        assert due(found.tokens, now=later, margin=timedelta(0), early=True) is expected
