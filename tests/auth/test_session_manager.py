"""Sessions: begun, resumed, signed in, signed out (promises 5, 6, 8, 14, 109)."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portico.auth.cards import Cards
from portico.auth.compact import packed
from portico.auth.directory import ALL
from portico.auth.limits import SessionLimits
from portico.auth.session import SessionEnded, as_json, decode
from portico.auth.ticket import Ticket
from portico.auth.tokens import TokenSet
from portico.clock import Clock
from portico.errors import SignInRefused, StoreUnavailable
from portico.stores.memory import MemorySessionStore, open_memory
from portico.values import Secret
from tests.auth.sessions import APP, House, counted, evidence, house, jwt, manager_of

# Resuming


async def test_a_session_resumes_as_it_was() -> None:
    """Signed in or not; everything but the ticket's own parts comes out of the record."""
    at = house()
    user = {"name": "Ann", "nested": {"list": [1, None, "ü"]}}
    proof = evidence("token", uid="u1", user=user, roles=frozenset({"a", "b"}))
    for session in (await at.manager.begin(APP), await at.manager.sign_in(proof, app=APP, current=None)):
        assert await at.manager.resume(APP, session.ticket.cookie_value()) == session


async def test_a_record_keeps_refresh_token_and_its_expiry() -> None:
    """Whatever a token set holds."""
    at = house()
    session = await at.user()
    tokens = TokenSet(access=Secret("a"), refresh=Secret("r"), expires_at=at.clock.now())
    full = replace(session, tokens=tokens)
    again = decode(packed(as_json(full)), ticket=full.ticket, version=full.version, tag=full.tag)
    assert again == full


async def test_no_cookie_never_touches_the_store() -> None:
    """Strangers and their public pages cost no store access and no row (promise 14)."""
    stores, calls = counted(open_memory(Clock()))
    manager = manager_of(stores, Clock())
    for value in (None, "", "x", "a.b", Ticket.new().cookie_value()[:-1], "x" * 70_000):
        for _ in range(100):
            assert await manager.resume(APP, value) is None
    assert calls == []


async def test_control_a_well_formed_cookie_is_counted() -> None:
    """The counter of the test above counts."""
    stores, calls = counted(open_memory(Clock()))
    assert await manager_of(stores, Clock()).resume(APP, Ticket.new().cookie_value()) is None
    assert calls == ["load"]


async def test_an_unknown_id_is_not_adopted() -> None:
    """A well-formed id that this server did not issue stays unknown, also after a sign-in with it
    in the browser (promise 6)."""
    at = house()
    planted = Ticket.new().cookie_value()
    assert await at.manager.resume(APP, planted) is None
    session = await at.user()
    assert session.ticket.cookie_value() != planted
    assert await at.manager.resume(APP, planted) is None


async def test_an_id_with_another_secret_is_unknown() -> None:
    """Who learns an id from the store's hash, or from a log, has nothing; the session lives on."""
    at = house()
    session = await at.user()
    forged = Ticket(session.ticket.id, Ticket.new().secret)
    assert await at.manager.resume(APP, forged.cookie_value()) is None
    assert await at.lives(session)


async def test_a_session_belongs_to_one_app() -> None:
    """The cookie of one app opens no session of another."""
    at = house()
    session = await at.user()
    assert await at.manager.resume("other", session.ticket.cookie_value()) is None
    with pytest.raises(ValueError, match="another app"):
        await at.manager.sign_in(evidence(), app="other", current=session)


async def test_a_record_of_another_format_is_no_session() -> None:
    """What a newer server wrote is not guessed at."""
    session = await house().user()
    content = as_json(session)
    assert decode(packed(content), ticket=session.ticket, version=1, tag="") is not None
    assert decode(packed(content | {"f": 99}), ticket=session.ticket, version=1, tag="") is None
    assert decode(b"\x02\xff", ticket=session.ticket, version=1, tag="") is None


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
async def test_any_cookie_value_is_answered(value: str) -> None:
    """Bad bytes, other forms and whole headers give None, never an error (promise 8)."""
    assert await house().manager.resume(APP, value) is None


async def test_control_every_mutation_of_a_real_cookie_is_nobody() -> None:
    """A changed character opens no session, and the cookie as it was does."""
    at = house()
    value = (await at.user()).ticket.cookie_value()
    for place in range(len(value)):
        changed = value[:place] + ("A" if value[place] != "A" else "E") + value[place + 1 :]
        assert await at.manager.resume(APP, changed) is None
    assert await at.manager.resume(APP, value) is not None


async def test_an_outage_is_not_nobody() -> None:
    """A store that cannot be asked raises, whatever is asked of the manager (promise 115)."""
    at = house()
    session = await at.user()
    await at.stores.close()
    for call in (
        at.manager.resume(APP, session.ticket.cookie_value()),
        at.manager.begin(APP),
        at.manager.sign_in(evidence(), app=APP, current=None),
        at.manager.sign_out(session),
        at.manager.read_store(session),
        at.manager.merge_store(session, {"a": 1}),
        at.manager.sweep(),
    ):
        with pytest.raises(StoreUnavailable):
            await call


# Ends


async def test_sessions_end_by_the_servers_clock() -> None:
    """Fourteen days signed in, thirty minutes not."""
    at = house()
    visitor, user = await at.manager.begin(APP), await at.user()
    at.clock.advance(timedelta(minutes=29))
    assert await at.lives(visitor)
    at.clock.advance(timedelta(minutes=2))
    assert not await at.lives(visitor)
    at.clock.advance(timedelta(days=13, hours=23))
    assert await at.lives(user)
    at.clock.advance(timedelta(hours=1))
    assert not await at.lives(user)


async def test_limits_can_be_set() -> None:
    """Both of them."""
    clock = Clock()
    limits = SessionLimits(absolute=timedelta(hours=1))
    manager = manager_of(open_memory(clock), clock, limits, anonymous_lifetime=timedelta(seconds=5))
    visitor, user = await manager.begin(APP), await manager.sign_in(evidence(), app=APP, current=None)
    assert visitor.expires_at - visitor.created_at == timedelta(seconds=5)
    assert abs(user.expires_at - user.created_at - timedelta(hours=1)) < timedelta(seconds=5)


async def test_a_store_that_forgets_to_expire_keeps_nobody_in() -> None:
    """The session's own end counts as well."""

    class Eternal(MemorySessionStore):
        async def load(self, key: str) -> Any:
            return self._memory.sessions.get(key)

    at = house()
    assert isinstance(at.stores.sessions, MemorySessionStore)
    at = House(replace(at.stores, sessions=Eternal(at.stores.sessions._memory)), at.clock)
    user = await at.user()
    assert await at.lives(user)
    at.clock.advance(timedelta(days=15))
    assert not await at.lives(user)


async def test_a_session_ends_with_its_token() -> None:
    """Where the token says when it ends and nothing can renew it."""
    at = house()
    ends = at.clock.now() + timedelta(hours=1)
    user = await at.manager.sign_in(evidence(jwt(ends)), app=APP, current=None)
    assert ends - timedelta(seconds=1) < user.expires_at <= ends
    at.clock.advance(timedelta(hours=1))
    assert not await at.lives(user)


async def test_an_expired_token_signs_nobody_in() -> None:
    """Even if the auth API took it: the session would be over before it began."""
    at = house()
    with pytest.raises(SignInRefused, match="expired"):
        await at.manager.sign_in(evidence(jwt(at.clock.now() - timedelta(seconds=1))), app=APP, current=None)


# Signing in


async def test_sign_in_makes_a_new_session_and_ends_the_old() -> None:
    """The visitor's session so far, planted or not, is dead; so is each earlier one (promise 5)."""
    at = house()
    sessions = [await at.manager.begin(APP)]
    for _ in range(3):
        sessions.append(await at.user(current=sessions[-1]))
    assert len({session.ticket.cookie_value() for session in sessions}) == 4
    assert [await at.lives(session) for session in sessions] == [False, False, False, True]
    assert len({session.tag for session in sessions[1:]}) == 3
    assert [session.generation for session in sessions] == [0, 1, 2, 3]


async def test_control_fixation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """If tickets were not new at sign-in, the test above would see one cookie twice."""
    at = house()
    before = await at.manager.begin(APP)
    await at.stores.sessions.delete(before.ticket.key("session"))
    monkeypatch.setattr(Ticket, "new", lambda: before.ticket)
    after = await at.user(current=before)
    assert after.ticket.cookie_value() == before.ticket.cookie_value()
    assert not await at.lives(after)


async def test_what_a_visitor_kept_moves_over() -> None:
    """The store and the lineage of a visitor who signs in, or of the same user again."""
    at = house()
    visitor = await at.manager.begin(APP)
    await at.manager.merge_store(visitor, {"cart": [1, 2]})
    user = await at.user(current=visitor)
    again = await at.user(current=user)
    assert await at.manager.read_store(again) == {"cart": [1, 2]}
    assert visitor.lineage == user.lineage == again.lineage
    for old in (visitor, user):
        assert await at.manager.read_store(old) == {}


async def test_another_user_inherits_nothing() -> None:
    """Who signs in over somebody else's session gets neither their store nor their lineage, but for
    keys that outlive a log-out anyway."""
    at = house()
    ann = await at.user("ann")
    await at.manager.merge_store(ann, {"salary": 9, "theme": "dark"})
    await at.manager.visits.save(APP, ann, "v", b"typed", version=None)
    bob = await at.manager.sign_in(evidence(uid="bob"), app=APP, current=ann, keep={"theme"})
    assert await at.manager.read_store(bob) == {"theme": "dark"}
    assert bob.lineage != ann.lineage
    assert await at.manager.visits.load(APP, ann, "v") is None
    cyd = await at.user("cyd", current=bob)
    assert await at.manager.read_store(cyd) == {}


async def test_evidence_must_name_somebody() -> None:
    """And be evidence; a user whose record is too large is refused as well, and nothing changes."""
    at = house()
    visitor = await at.manager.begin(APP)
    for proof in (evidence(uid=""), evidence(user={"photo": "x" * (400 << 10)})):
        with pytest.raises(SignInRefused):
            await at.manager.sign_in(proof, app=APP, current=visitor)
    with pytest.raises(AttributeError):
        await at.manager.sign_in(cast("Any", "a token"), app=APP, current=visitor)
    assert await at.lives(visitor)


async def test_a_store_that_knows_a_new_id_is_not_trusted() -> None:
    """256 random bits that are taken already are no accident."""

    class Stuck(MemorySessionStore):
        async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
            return None

    at = house()
    assert isinstance(at.stores.sessions, MemorySessionStore)
    at = House(replace(at.stores, sessions=Stuck(at.stores.sessions._memory)), at.clock)
    with pytest.raises(StoreUnavailable, match="taken"):
        await at.manager.begin(APP)


async def test_the_page_tag_tells_sessions_apart() -> None:
    """Short, the same at each request, none for visitors, and no part of the cookie."""
    at = house()
    visitor, ann, bob = await at.manager.begin(APP), await at.user("ann"), await at.user("bob")
    assert visitor.tag == ""
    assert ann.tag != bob.tag
    assert len(ann.tag) == 16
    assert ann.tag not in ann.ticket.cookie_value()
    assert not visitor.signed_in
    assert ann.signed_in


async def test_a_user_is_found_by_tag_only_with_the_server_key() -> None:
    """All sessions of a user, and none under the plain name."""
    at = house()
    one, two = await at.user("ann"), await at.user("ann")
    await at.user("bob")
    tag = at.manager._tags.tag("user", APP, "ann")
    found = [filed.key for filed in await at.stores.index.find(tag, limit=9)]
    assert found == [one.ticket.key("session"), two.ticket.key("session")]
    assert await at.stores.index.find("ann", limit=9) == ()
    assert len(await at.stores.index.find(at.manager._tags.tag("app", APP), limit=9)) == 3


# Signing out


async def test_sign_out_leaves_nothing() -> None:
    """No record, no visit, and in no list but for the card by which its timeline is found; other sessions
    stay (promise 109, hard-cases 31)."""
    at = house()
    other, user = await at.user("other"), await at.user("ann")
    await at.manager.merge_store(user, {"a": 1})
    await at.manager.visits.save(APP, user, "v", b"typed", version=None)
    assert isinstance(at.stores.sessions, MemorySessionStore)
    memory = at.stores.sessions._memory
    await at.manager.sign_out(user)
    await at.manager.sign_out(user)
    assert not await at.lives(user)
    assert list(memory.sessions) == [other.ticket.key("session")]
    assert [filed.key for filed in await at.stores.index.find(ALL, limit=9)] == list(memory.sessions)
    (past,) = set(memory.index) - set(memory.sessions)
    own = Cards(at.stores.key)
    assert memory.index[past].tags == {own.past_tag_of(own.id_of(past))}
    assert not memory.visits
    assert await at.lives(other)


async def test_sign_out_ends_the_session_first(caplog: pytest.LogCaptureFixture) -> None:
    """If the store fails right after that, the user is signed out all the same."""

    class FailsLater(MemorySessionStore):
        deleted = 0

        async def delete(self, key: str) -> None:
            await super().delete(key)
            self.deleted += 1
            if self.deleted == 1:
                await memory.close()

    at = house()
    assert isinstance(at.stores.sessions, MemorySessionStore)
    memory = at.stores.sessions._memory
    at = House(replace(at.stores, sessions=FailsLater(memory)), at.clock)
    user = await at.user()
    with caplog.at_level(logging.WARNING, "portico.auth"):
        await at.manager.sign_out(user)
    assert user.ticket.key("session") not in memory.sessions
    records: list[Any] = list(caplog.records)
    assert [record.what for record in records] == ["store", "visits", "last sign", "index"]
    assert {record.code for record in records} == {"store_unavailable"}


async def test_a_write_during_sign_out_leaves_nothing_behind() -> None:
    """Whoever stores something just after the session ended is told so, and it is taken away."""
    at = house()
    user = await at.user()
    await at.manager.sign_out(user)
    with pytest.raises(SessionEnded):
        await at.manager.merge_store(user, {"late": 1})
    assert await at.manager.read_store(user) == {}


async def test_sweeping_deletes_what_expired() -> None:
    """In batches, until nothing is left."""
    at = house()
    for _ in range(1200):
        await at.manager.begin(APP)
    user = await at.user()
    assert await at.manager.sweep() == 0
    at.clock.advance(timedelta(hours=1))
    assert await at.manager.sweep() == 1200
    assert await at.lives(user)
