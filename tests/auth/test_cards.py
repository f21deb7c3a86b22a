"""Cards of sessions: what they say, to whom, and what they keep to themselves."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portico.auth.cards import Card, Cards
from portico.auth.evidence import Vouched
from portico.auth.ports import Filed
from portico.auth.session import Session
from portico.auth.timelines import KEPT
from portico.model.identity import Identity
from portico.values import Secret
from tests.auth.sessions import APP, House, evidence, house


async def _filed(at: House, session: Session) -> Filed:
    """The entry of a session in the index, found by its public id."""
    cards = Cards(at.stores.key)
    tag = cards.tag_of(cards.id_of(session.ticket.key("session")))
    (filed,) = await at.stores.index.find(tag, limit=9)
    return filed


async def _user(at: House, **identity: Any) -> Session:
    return await at.manager.sign_in(evidence(**identity), app=APP, current=None, brief=True)


async def test_a_card_tells_what_a_session_is() -> None:
    """To whoever has the server key, without the session's cookie."""
    at = house()
    session = await _user(at, uid="u7", user={"email": "ann@example.com"})
    filed = await _filed(at, session)
    card = Cards(at.stores.key).read(filed)
    assert card == Card(
        id=Cards(at.stores.key).id_of(filed.key),
        app=APP,
        uid="u7",
        name="ann@example.com",
        created_at=session.created_at,
        expires_at=session.expires_at,
        brief=True,
        timeline=Cards(at.stores.key).timeline_of(session),
        idle=0,
        agent="",
    )
    assert filed.expires_at == session.expires_at + KEPT


async def test_a_card_follows_a_renewal() -> None:
    """A session that goes on longer, and a user who has another name by now."""
    at = house()
    session = await at.manager.sign_in(evidence(), app=APP, current=None, renewable=True)
    at.clock.advance(timedelta(hours=1))
    proof = evidence("another", user={"username": "ann"})
    renewed = await at.manager.renew(session, proof, renewable=True)
    card = Cards(at.stores.key).read(await _filed(at, session))
    assert card is not None
    assert (card.name, card.expires_at) == ("ann", renewed.expires_at)


async def test_visitors_have_no_card() -> None:
    """Who is not signed in is in no list."""
    at = house()
    visitor = await at.manager.begin(APP)
    cards = Cards(at.stores.key)
    tag = cards.tag_of(cards.id_of(visitor.ticket.key("session")))
    assert await at.stores.index.find(tag, limit=9) == ()


async def test_a_card_opens_for_its_own_entry_alone() -> None:
    """Not with another server key, and not in the place of another session's card."""
    at = house()
    one, two = await _filed(at, await _user(at)), await _filed(at, await _user(at))
    cards = Cards(at.stores.key)
    assert cards.read(one) is not None
    assert Cards(Secret("another key of 32 characters or so")).read(one) is None
    assert cards.read(replace(one, card=two.card)) is None
    assert cards.read(replace(one, card=one.card[:-1])) is None
    assert cards.read(replace(one, card=b"")) is None


async def test_a_public_id_is_short_and_is_not_the_key() -> None:
    """Twelve letters and digits, other ones for each session, which take the server key to make."""
    at = house()
    keys = [(await _user(at)).ticket.key("session") for _ in range(50)]
    cards = Cards(at.stores.key)
    ids = [cards.id_of(key) for key in keys]
    assert len(set(ids)) == 50
    assert all(re.fullmatch("[0-9A-Za-z]{12}", session_id) for session_id in ids)
    assert len(set("".join(ids))) > 50, "only some of the characters are used"
    assert ids == [Cards(at.stores.key).id_of(key) for key in keys]
    assert set(ids).isdisjoint(Cards(Secret("another key of 32 characters or so")).id_of(key) for key in keys)


@pytest.mark.parametrize("filling", ["\U0001f600", '"', "\n", "\udcff", "\x1b[31m"])
async def test_a_card_is_small_and_can_be_printed(filling: str) -> None:
    """At most 2 KB, however long uid and name are, and without what would move a terminal's cursor."""
    at = house()
    long = filling * 2000
    identity = Identity(uid=long, user={"email": f"x{long}"})
    session = await at.manager.sign_in(Vouched(identity=identity), app=APP, current=None)
    filed = await _filed(at, session)
    card = Cards(at.stores.key).read(filed)
    assert card is not None
    assert len(filed.card) <= 2048
    assert len(card.uid) == 255
    assert card.name
    assert (card.uid + card.name).isprintable()


def test_cards_do_not_show_the_key_or_the_user() -> None:
    """In logs and tracebacks."""
    key = "k" * 32
    assert key not in repr(Cards(Secret(key)))
