"""Sessions that somebody ends who does not hold their cookie."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portico.auth.cards import Card, Cards
from portico.auth.compact import unpacked
from portico.auth.directory import Found
from portico.auth.dismissal import Dismissals
from portico.auth.envelope import unseal
from portico.auth.limits import SessionLimits
from portico.auth.session import Session
from portico.errors import StoreUnavailable
from tests.auth.sessions import House, manager_of
from tests.auth.test_refresh_across import STORES
from tests.auth.test_revocations import Pair
from tests.stores.trials import Opener


@pytest.fixture(params=STORES)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    """Over each kind of store."""
    opener: Opener = request.param
    async with opener(tmp_path) as trial:
        yield Pair(trial)


async def found_by(house: House, session: Session) -> Found:
    """The session as others see it."""
    found = await house.manager.directory.by_id(house.manager.id_of(session))
    assert found is not None
    return found


async def test_whoever_ends_one_has_none_of_its_tokens(pair: Pair) -> None:
    """It is over in every process; the record opens with the cookie alone: nobody is told (hard-cases 3)."""
    session = await pair.sign_in()
    await pair.other.manager.dismissals.end(await found_by(pair.other, session), "own list")
    assert not await pair.one.lives(session)
    await pair.other.manager.revocations.close()
    assert pair.api.heard == []
    assert await pair.left() == 0


async def test_a_sign_in_does_not_fail_with_the_end_of_another(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one ends what was too many."""
    pair.one.manager = manager_of(pair.trial.stores, pair.clock, SessionLimits(per_user=1))
    first = await pair.sign_in()

    async def fails(*_: object, **__: object) -> None:
        raise StoreUnavailable("out")

    with monkeypatch.context() as patch:
        patch.setattr(Dismissals, "end", fails)
        second = await pair.sign_in()
    assert [await pair.one.lives(session) for session in (first, second)] == [True, True]
    third = await pair.sign_in()
    assert [await pair.one.lives(session) for session in (first, second, third)] == [False, False, True]


async def test_no_card_has_what_opens_a_record(pair: Pair) -> None:
    """Store and server key together open no tokens (P7)."""
    assert await _given_away(pair) == []


async def test_control_a_card_that_has(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that would let others tell the auth API."""
    of = Cards.of

    def talkative(self: Cards, session: Session, *given: Any, **more: Any) -> Card:
        return of(self, _named(session, session.ticket.secret.reveal()), *given, **more)

    monkeypatch.setattr(Cards, "of", talkative)
    assert await _given_away(pair) != []


def _named(session: Session, agent: str) -> Session:
    return replace(session, agent=agent)


async def _given_away(pair: Pair) -> list[str]:
    """What of a session's cookie and tokens stands in its card, read with the server key, while it lives and
    after it."""
    session = await pair.sign_in()
    cards, public = Cards(pair.trial.stores.key), pair.one.manager.id_of(session)
    filed = list(await pair.trial.stores.index.find(cards.tag_of(public), limit=9))
    await pair.one.manager.sign_out(session)
    filed += await pair.trial.stores.index.find(cards.past_tag_of(public), limit=9)
    assert len(filed) == 2
    plain = [
        unseal(entry.card, secret=pair.trial.stores.key, kind="card", key=entry.key) or b"" for entry in filed
    ]
    read = json.dumps([unpacked(content) for content in plain])
    assert session.tokens is not None
    secrets = [session.ticket.id, session.ticket.secret, *session.tokens.slots.values()]
    return [secret.reveal() for secret in secrets if secret.reveal() in read]
