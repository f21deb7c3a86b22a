"""Timelines as they are written: in few writes, in order, sealed, bounded, and never in anybody's way."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portico.auth import timeline as events
from portico.auth.cards import Cards
from portico.auth.session import Session
from portico.auth.timeline import (
    Denied,
    End,
    Entry,
    Event,
    Refreshed,
    SignedIn,
    decode,
    encode,
    masked,
    merged,
)
from portico.auth.timeline_words import words
from portico.auth.timelines import BURST_LIMIT, FIRST_HOLD, MOST, Timelines
from portico.errors import StoreUnavailable
from portico.stores.memory import MemoryTimelineStore
from portico.values import Secret
from tests.auth.sessions import APP, House, evidence, house

_AT = datetime(2030, 1, 1, tzinfo=UTC)
_EVENTS: list[Event] = [
    SignedIn(by="query", name="login", roles=("a", "b"), session="s"),
    events.StepAsked(),
    Refreshed(why="due", outcome="deferred", cause="timeout", rotated=True),
    events.Asked(outcome="known", gained=("a",), lost=("b",)),
    Denied(page="Admin", reason="no_role"),
    events.Retried(query="q", status="200 OK"),
    events.SealedSent(query="q", why="another origin"),
    events.CookiesSet(names=("sid",)),
    events.Told(state="given up", cause="timeout"),
    End(reason="idle"),
]


def test_events_come_back_as_they_were_written() -> None:
    """Every kind; and each has words of its own."""
    entries = [Entry(at=_AT, event=event, times=number + 1) for number, event in enumerate(_EVENTS)]
    assert decode(encode(entries)) == entries
    assert {type(event) for event in _EVENTS} == set(events._KINDS.values()), "a kind has no example"
    assert len({words(entry) for entry in entries}) == len(entries)


def test_events_of_a_later_version_are_left_out() -> None:
    """The rest of the timeline is read."""
    content = encode([Entry(at=_AT, event=End(reason="user"))]).replace(b'"end"', b'"new"')
    assert decode(content) == []


def test_the_same_event_in_a_row_is_one_entry() -> None:
    """With the times added up, also across writers; another one in between counts anew."""
    denied, other = Denied(page="A", reason="no_role"), Denied(page="B", reason="no_role")
    entries = [
        Entry(at=_AT, event=event, times=times) for event, times in [(denied, 1), (denied, 4), (other, 1)]
    ]
    assert [entry.times for entry in merged([*entries, entries[0]])] == [5, 1, 1]


@pytest.mark.parametrize(
    "token", ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "ref-" + "a1B2" * 8, "x" * 24]
)
def test_what_other_servers_say_is_masked(token: str) -> None:
    """Whatever could be a token; words stay."""
    assert masked(f"no: {token} is\nunknown") == "no: ••• is\ufffdunknown"
    assert (
        masked("the auth API does not renew the token (400)") == "the auth API does not renew the token (400)"
    )


class Writes(MemoryTimelineStore):
    """Remembers what was appended; `out`: the store takes nothing."""

    def __init__(self, inner: MemoryTimelineStore) -> None:
        super().__init__(inner._memory)
        self.blobs: list[bytes] = []
        self.out = False

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        if self.out:
            raise StoreUnavailable("out")
        self.blobs.append(entry)
        await super().append(key, entry, expires_at=expires_at, most=most)


def _watched() -> tuple[House, Writes]:
    at = house()
    assert isinstance(at.stores.timeline, MemoryTimelineStore)
    writes = Writes(at.stores.timeline)
    return House(replace(at.stores, timeline=writes), at.clock), writes


async def _read(at: House, session: Session) -> list[Entry]:
    return list(await at.manager.timelines.read(Cards(at.stores.key).timeline_of(session)))


async def test_a_burst_is_one_write_in_its_order() -> None:
    """However many events; the store sees none of it in the clear, and gets it when it is flushed alone."""
    at, writes = _watched()
    user = await at.user()
    for page in ("A", "B", "C"):
        at.manager.timelines.note(user, Denied(page=page, reason="no_role"))
    assert writes.blobs == []
    await at.manager.timelines.flush()
    assert len(writes.blobs) == 1
    assert b"no_role" not in writes.blobs[0]
    found = [entry.event for entry in await _read(at, user)]
    assert [event.page for event in found if isinstance(event, Denied)] == ["A", "B", "C"]
    assert isinstance(found[0], SignedIn)


async def test_another_server_key_reads_nothing() -> None:
    """Nor does an entry open under the key of another timeline."""
    at, _ = _watched()
    user, other = await at.user(), await at.user("u2")
    await at.manager.timelines.flush()
    key = Cards(at.stores.key).timeline_of(user)
    stranger = Timelines(
        at.stores.timeline,
        Cards(Secret("x" * 43)),
        at.clock,
        Secret("x" * 43),
        latest=lambda session: session.expires_at,
    )
    assert await stranger.read(key) == ()
    assert len(await at.manager.timelines.read(key)) == 1
    (blob,) = await at.stores.timeline.read(key)
    moved = Cards(at.stores.key).timeline_of(other)
    await at.stores.timeline.append(moved, blob, expires_at=user.expires_at, most=MOST)
    assert len(await at.manager.timelines.read(moved)) == 1


async def test_repetitions_are_counted_and_written_now_and_then() -> None:
    """One write at first; one with the count when its time has come, and then less and less often."""
    at, writes = _watched()
    user = await at.user()
    denied = Denied(page="A", reason="no_role")
    at.manager.timelines.note(user, denied)
    await at.manager.timelines.flush()
    for _ in range(5):
        at.manager.timelines.note(user, denied)
        await at.manager.timelines.flush()
    assert len(writes.blobs) == 1
    at.clock.advance(FIRST_HOLD)
    await at.manager.timelines.flush()
    assert len(writes.blobs) == 2
    at.manager.timelines.note(user, denied)
    at.clock.advance(FIRST_HOLD)
    await at.manager.timelines.flush()
    assert len(writes.blobs) == 2, "the second time it is held twice as long"
    await at.manager.timelines.close()
    assert [entry.times for entry in await _read(at, user)] == [1, 7]


async def test_a_timeline_and_what_waits_are_bounded() -> None:
    """The oldest entries go; of one burst, too."""
    at, _ = _watched()
    user = await at.user()
    for number in range(BURST_LIMIT * 2):
        at.manager.timelines.note(user, Denied(page=f"P{number}", reason="no_role"))
    await at.manager.timelines.flush()
    assert len(await _read(at, user)) == BURST_LIMIT
    for number in range(MOST + 20):
        at.manager.timelines.note(user, Denied(page=f"Q{number}", reason="no_role"))
        await at.manager.timelines.flush()
    found = await _read(at, user)
    assert len(found) == MOST
    assert found[-1].event == Denied(page=f"Q{MOST + 19}", reason="no_role")


async def test_a_store_that_is_out_costs_one_line_and_no_request(caplog: pytest.LogCaptureFixture) -> None:
    """What it did not take is gone; what happens later is written."""
    at, writes = _watched()
    writes.out = True
    with caplog.at_level(logging.WARNING, "portico.auth"):
        user = await at.user()
        await at.manager.timelines.flush()
        at.manager.timelines.note(user, Denied(page="A", reason="no_role"))
        await at.manager.timelines.flush()
    assert [record.message for record in caplog.records] == ["timelines are not written"]
    assert await at.lives(user)
    writes.out = False
    at.manager.timelines.note(user, Denied(page="B", reason="no_role"))
    await at.manager.timelines.flush()
    assert [entry.event for entry in await _read(at, user)] == [Denied(page="B", reason="no_role")]


async def test_the_work_in_the_background_writes_by_itself() -> None:
    """Soon after something happened, and nobody waits for it."""
    at, writes = _watched()
    written = asyncio.Event()
    at.manager.timelines.listen(lambda: written.set() if writes.blobs else None)
    work = asyncio.create_task(at.manager.timelines.work())
    try:
        await at.user()
        assert writes.blobs == []
        await asyncio.wait_for(written.wait(), 10)
    finally:
        work.cancel()
    assert len(writes.blobs) == 1


async def test_a_timeline_goes_on_when_its_user_signs_in_anew() -> None:
    """Under both public ids; another user's begins anew."""
    at, _ = _watched()
    first = await at.user()
    again = await at.user(current=first)
    other = await at.user("u2", current=again)
    await at.manager.timelines.flush()
    directory = at.manager.directory
    for session in (first, again):
        history = await directory.history(at.manager.id_of(session))
        assert history is not None
        kinds = [type(entry.event) for entry in history.entries]
        assert kinds == [SignedIn, SignedIn, End]
    history = await directory.history(at.manager.id_of(other))
    assert history is not None
    assert [type(entry.event) for entry in history.entries] == [SignedIn]


async def test_visitors_have_no_timeline() -> None:
    """Who signs in to nothing fills nothing (P14)."""
    at, writes = _watched()
    visitor = await at.manager.begin(APP)
    at.manager.timelines.note(visitor, Denied(page="A", reason="not_signed_in"))
    at.manager.timelines.note(None, Denied(page="A", reason="not_signed_in"))
    await at.manager.timelines.close()
    assert writes.blobs == []


async def test_a_timeline_is_shown_for_seven_days_after_the_end() -> None:
    """Whatever the store still has."""
    at, _ = _watched()
    user = await at.manager.sign_in(evidence(), app=APP, current=None, renewable=True)
    await at.manager.sign_out(user)
    await at.manager.timelines.flush()
    directory, session = at.manager.directory, at.manager.id_of(user)
    at.clock.advance(timedelta(days=6, hours=23))
    assert await directory.history(session) is not None
    at.clock.advance(timedelta(hours=2))
    assert await directory.history(session) is None


async def test_control_a_timeline_of_a_ticket_would_end_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the lineage is its key."""

    def of_ticket(self: Cards, session: Session) -> Any:
        return f"timeline:{session.ticket.key('session')}"

    monkeypatch.setattr(Cards, "timeline_of", of_ticket)
    with pytest.raises(AssertionError):
        await test_a_timeline_goes_on_when_its_user_signs_in_anew()


async def test_control_each_repetition_would_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the last event is remembered."""

    def note(self: Timelines, key: str, until: datetime, event: Event, now: datetime) -> None:
        self._add(key, until, Entry(at=now, event=event))

    monkeypatch.setattr(Timelines, "_note", note)
    with pytest.raises(AssertionError):
        await test_repetitions_are_counted_and_written_now_and_then()
