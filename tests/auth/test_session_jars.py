"""Cookies in the record of a session: written where they change, lost by nobody, and never after its end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portico.auth.evidence import Granted
from portico.auth.handles import cookie_slot
from portico.auth.jar import Jar
from portico.auth.manager import SessionManager
from portico.auth.session import Session, SessionEnded
from portico.auth.set_cookie import Issuer, SetCookies, read
from portico.auth.succession import with_cookies
from portico.clock import Clock
from portico.model.identity import Identity
from portico.stores.memory import open_memory
from portico.values import Secret
from tests.auth.sessions import APP, House, counted, evidence, house, manager_of

API = Issuer(datasource="api", scheme="https", host="api.example.com", port=443)
SID = cookie_slot(API.key, "sid")


def setting(at: House, *lines: str) -> tuple[SetCookies, ...]:
    """An answer with these cookies."""
    return (read([("Set-Cookie", line) for line in lines], API, "/", at.clock.now()),)


def sent(at: House, session: Session) -> str | None:
    """What goes along."""
    return session.jar.header(API, "/", at.clock.now())


async def resumed(at: House, session: Session) -> Session | None:
    """The session as it is stored."""
    return await at.manager.resume(APP, session.ticket.cookie_value())


async def by_cookie(at: House, *lines: str, current: Session | None = None, uid: str = "u1") -> Session:
    """Somebody whose token is the cookie `sid`."""
    cookies = setting(at, *lines)
    cookie = Jar().taking(cookies, at.clock.now()).at(SID)
    assert cookie is not None
    granted = Granted(
        token=cookie.value,
        identity=Identity(uid=uid),
        expires_at=cookie.expires_at,
        carrier=SID,
        cookies=cookies,
    )
    return await at.manager.sign_in(granted, app=APP, current=current)


async def test_cookies_are_kept_with_the_session() -> None:
    """Of a user and of a visitor; the record opens with the ticket alone, and has all of them."""
    at = house()
    for session in (await at.user(), await at.manager.begin(APP)):
        kept = await at.manager.keep_cookies(session, setting(at, "a=1", "b=2; HttpOnly"))
        found = await resumed(at, session)
        assert found == kept
        assert sent(at, kept) == "a=1; b=2"
        assert (kept.generation, kept.expires_at) == (session.generation, session.expires_at)


async def test_nothing_is_written_where_nothing_changed() -> None:
    """An answer that says the same costs nothing."""
    clock = Clock()
    stores, calls = counted(open_memory(clock))
    at = House(open_memory(clock), clock)
    at.manager = manager_of(stores, clock)
    session = await at.manager.keep_cookies(await at.user(), setting(at, "a=1; Max-Age=3600"))
    calls.clear()
    clock.advance(timedelta(seconds=20))
    assert (
        await at.manager.keep_cookies(session, setting(at, "a=1; Max-Age=3600", "x=; Max-Age=0")) is session
    )
    assert calls == []
    await at.manager.keep_cookies(session, setting(at, "a=2"))
    assert calls.count("replace") == 1, "the control: a change is"


async def overwriting(self: SessionManager, session: Session, cookies: Any, **_: Any) -> Session:
    """Keeps cookies without a look at what others wrote."""
    changed = with_cookies(session, cookies, self._clock.now(), timedelta(days=14))
    held = await self.resume(session.app, session.ticket.cookie_value())
    assert held is not None
    return await self._records.replace(replace(session, version=held.version), changed) or changed


@pytest.mark.parametrize("broken", [False, True])
async def test_answers_at_the_same_time_lose_nothing(broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten that were sent with the same jar, and a renewal of the tokens between them."""
    if broken:
        monkeypatch.setattr(SessionManager, "keep_cookies", overwriting)
    at = house()
    session = await at.user()
    answers = [at.manager.keep_cookies(session, setting(at, f"c{number}=1")) for number in range(6)]
    await asyncio.gather(*answers[:3], at.manager.renew(session, evidence("second")), *answers[3:])
    found = await resumed(at, session)
    assert found is not None
    names = {cookie.name for cookie in found.jar.held.get(API.key, ())}
    whole = names == {f"c{number}" for number in range(6)}
    assert (whole and found.tokens is not None and found.tokens.access == Secret("second")) is not broken


async def test_a_log_out_wins() -> None:
    """Whatever comes later is nobody's, and leaves nothing behind."""
    at = house()
    session = await at.user()
    await at.manager.sign_out(session)
    with pytest.raises(SessionEnded):
        await at.manager.keep_cookies(session, setting(at, "a=1"))
    assert await resumed(at, session) is None


async def test_a_sign_in_wins() -> None:
    """What a visitor's request brings after it is not the user's."""
    at = house()
    visitor = await at.manager.begin(APP)
    user = await at.user(current=visitor)
    with pytest.raises(SessionEnded):
        await at.manager.keep_cookies(visitor, setting(at, "sid=anonymous"))
    found = await resumed(at, user)
    assert found is not None
    assert sent(at, found) is None


async def test_cookies_of_a_visitor_go_on_at_a_sign_in_and_not_to_another_user() -> None:
    """With their names: a handle from before stands for the value by then."""
    at = house()
    visitor = await at.manager.keep_cookies(await at.manager.begin(APP), setting(at, "csrf=1"))
    first = await by_cookie(at, "sid=1; HttpOnly", current=visitor)
    assert sent(at, first) == "csrf=1; sid=1"
    assert first.jar.handle(API.key, "csrf") == visitor.jar.handle(API.key, "csrf")
    again = await by_cookie(at, "sid=2; HttpOnly", current=first)
    assert sent(at, again) == "csrf=1; sid=2"
    other = await by_cookie(at, "sid=3; HttpOnly", current=again, uid="u2")
    assert sent(at, other) == "sid=3"
    assert other.jar.key != again.jar.key
    left = await at.manager.sign_out(other, keep={"x"})
    assert left is None


async def test_the_token_is_what_its_cookie_says_by_now() -> None:
    """It is no slot of its own, its end is the cookie's, and one that was taken away leaves it: what that
    means, the auth API says next."""
    at = house()
    session = await by_cookie(at, "sid=first; HttpOnly; Max-Age=600")
    assert session.tokens is not None
    assert session.slots.keys() == {SID}
    cookie = session.jar.at(SID)
    assert cookie is not None
    assert session.expires_at == session.tokens.expires_at == cookie.expires_at
    at.clock.advance(timedelta(seconds=300))
    slid = await at.manager.keep_cookies(session, setting(at, "sid=second; HttpOnly; Max-Age=600"))
    assert slid.tokens is not None
    assert slid.tokens.access == Secret("second")
    assert slid.expires_at - session.expires_at >= timedelta(seconds=300)
    assert slid.generation == session.generation + 1
    gone = await at.manager.keep_cookies(slid, setting(at, "sid=; Max-Age=0"))
    assert gone.tokens == slid.tokens
    assert sent(at, gone) is None


async def test_it_never_lasts_longer_than_a_session_may() -> None:
    """However often its cookie is put off."""
    at = house()
    session = await by_cookie(at, "sid=0; HttpOnly; Max-Age=864000")
    for day in range(1, 14):
        at.clock.advance(timedelta(days=1))
        session = await at.manager.keep_cookies(session, setting(at, f"sid={day}; HttpOnly; Max-Age=864000"))
        assert session.expires_at <= session.created_at + timedelta(days=14)
    at.clock.advance(timedelta(days=1))
    assert await resumed(at, session) is None


async def test_a_renewal_and_a_confirmation_bring_cookies() -> None:
    """In the same write as what they are for."""
    at = house()
    session = await by_cookie(at, "sid=1; HttpOnly", "rid=1; Path=/auth")
    cookies = setting(at, "sid=2; HttpOnly", "rid=2; Path=/auth")
    granted = Granted(token=Secret("2"), identity=Identity(uid="u1"), carrier=SID, cookies=cookies)
    renewed = await at.manager.renew(session, granted, renewable=True)
    assert renewed.jar.header(API, "/auth", at.clock.now()) == "rid=2; sid=2"
    confirmed = await at.manager.confirm(renewed, Identity(uid="u1"), setting(at, "sid=3; HttpOnly"))
    assert confirmed.tokens is not None
    assert confirmed.tokens.access == Secret("3")
    assert await resumed(at, session) == confirmed


@pytest.mark.parametrize(("age", "brief"), [("", True), ("; Max-Age=600", False)])
async def test_a_cookie_of_the_browser_makes_a_session_of_the_browser(age: str, brief: bool) -> None:
    """It has no end: where a browser holds it, it ends when that is closed."""
    assert (await by_cookie(house(), f"sid=1; HttpOnly{age}")).brief is brief
