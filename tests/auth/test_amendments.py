"""What an app changes of a session that goes on (row S4-11): what is given, and nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portico.auth.amendment import KEEP, Amendment
from portico.auth.evidence import Confirmed, Granted, Vouched
from portico.auth.refresh import Refresher, Renewed
from portico.auth.revocations import Keep
from portico.auth.session import Session, SessionEnded
from portico.errors import CallFailed, SignInRefused
from portico.model.identity import Identity
from portico.values import Secret
from tests.auth.sessions import APP, House, evidence, house

#: An amendment as a test writes it: a name that is missing is not given.
Change = dict[str, Any]

#: What `signed_in` makes, in the words of the model.
KNOWN: dict[str, Any] = {"token": "t0", "refresh": "r0", "expires": 5, "user": {"a": 0}, "roles": ["clerk"]}

_TIMES = st.integers(1, 1000)
_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "token": st.none(),
        "refresh": st.none() | st.sampled_from(["r1", "r2"]),
        "expires": st.none() | _TIMES,
        "user": st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 3), max_size=3),
    },
)


async def signed_in(at: House) -> Session:
    """A session with a token that can be renewed."""
    granted = Granted(
        token=Secret("t0"),
        identity=Identity(uid="u1", user={"a": 0}, roles=frozenset({"clerk"})),
        refresh=Secret("r0"),
        expires_at=at.clock.now() + timedelta(minutes=5),
    )
    return await at.manager.sign_in(granted, app=APP, current=None)


def amendment(change: Change, start: datetime) -> Amendment:
    """A change as the manager takes it."""
    refresh, expires, user = (change.get(name, KEEP) for name in ("refresh", "expires", "user"))
    return Amendment(
        token=None if "token" in change else KEEP,
        refresh=Secret(refresh) if isinstance(refresh, str) else refresh,
        expires_at=start + timedelta(minutes=expires) if isinstance(expires, int) else expires,
        user=(lambda known: {**known, **change["user"]}) if user is not KEEP else None,
    )


def model(known: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """The rule, in as few words as there are: what is given replaces, field by field of the user; without a
    token there is nothing that could be renewed or end, and nothing to ask about roles with."""
    merged = {**known, **change, "user": {**known["user"], **change.get("user", {})}}
    if merged["token"] is None:
        merged |= {"token": None, "refresh": None, "expires": None, "roles": []}
    return merged


def shown(session: Session, start: datetime) -> dict[str, Any]:
    """A session in the words of the model."""
    tokens, identity = session.tokens, session.identity
    assert identity is not None
    expires = tokens.expires_at if tokens is not None else None
    return {
        "token": tokens.access.reveal() if tokens is not None else None,
        "refresh": tokens.refresh.reveal() if tokens is not None and tokens.refresh is not None else None,
        "expires": round((expires - start) / timedelta(minutes=1)) if expires is not None else None,
        "user": dict(identity.user),
        "roles": sorted(identity.roles),
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(_CHANGES, max_size=6))
def test_changes_are_what_the_rule_says(changes: list[Change]) -> None:
    """Any sequence of them: the session is what the model is; who it is stays."""

    async def compare() -> None:
        at = house()
        start = at.clock.now()
        session = await signed_in(at)
        known = KNOWN
        for change in changes:
            session = await at.manager.amend(session, amendment(change, start), renewable=True)
            known = model(known, change)
            found = await at.manager.resume(APP, session.ticket.cookie_value())
            assert found == session
            assert shown(session, start) == known
            assert session.identity is not None
            assert session.identity.uid == "u1"

    asyncio.run(compare())


@settings(max_examples=30, deadline=None)
@given(_CHANGES, _CHANGES)
def test_changes_at_once_lose_nothing(one: Change, other: Change) -> None:
    """Two tabs that change different things of what both have seen: both changes are there."""

    async def compare() -> None:
        at = house()
        start = at.clock.now()
        seen = await signed_in(at)
        await at.manager.amend(seen, amendment(one, start), renewable=True)
        after = await at.manager.amend(seen, amendment(other, start), renewable=True)
        known = model(model(KNOWN, one), other)
        assert shown(after, start) == known

    asyncio.run(compare())


class Renewing:
    """An auth API that hands out the next token, and says of the user what the session said; while it is
    asked for the first time, the app changes that."""

    def __init__(self, at: House) -> None:
        self.asked = 0
        self._at = at

    async def renew(self, session: Session, sending: Callable[[], None]) -> Granted:
        """Another token."""
        self.asked += 1
        assert session.identity is not None
        if self.asked == 1:
            await self._at.manager.amend(session, Amendment(user=lambda known: {**known, "name": "Bo"}))
        return Granted(token=Secret(f"t{self.asked}"), identity=session.identity)

    async def confirm(self, session: Session) -> Confirmed:
        """Not asked for here."""
        raise CallFailed("not asked for")

    def revokes(self, session: Session) -> bool:
        """Nothing to tell."""
        return False

    async def revoke(self, session: Session, keep: Keep) -> None:
        """Nothing to note."""


async def test_a_renewal_at_the_same_time_keeps_the_change() -> None:
    """The new token, and the user as changed meanwhile; and a change is no renewal."""
    at = house()
    session = await signed_in(at)
    refresher = Refresher(at.manager, at.clock)
    api = Renewing(at)
    outcome = await refresher.fresh(session, api, refused=Secret("t0"))
    assert isinstance(outcome, Renewed)
    assert outcome.session.identity is not None
    assert outcome.session.tokens is not None
    assert outcome.session.identity.user == {"a": 0, "name": "Bo"}
    assert outcome.session.tokens.access.reveal() == "t1"
    # Of a session that only its user changed of, the token is as stale as before.
    stale = outcome.session
    await at.manager.amend(stale, Amendment(user=dict))
    at.clock.advance(timedelta(minutes=1))
    assert isinstance(await refresher.fresh(stale, api, refused=Secret("t1")), Renewed)
    assert api.asked == 2


async def test_without_a_token_it_lasts_as_long_as_the_browser() -> None:
    """S4-3: at the sign-in, and when the token goes."""
    at = house()
    vouched = Vouched(identity=Identity(uid="u1"))
    session = await at.manager.sign_in(vouched, app=APP, current=None)
    assert session.brief
    assert session.tokens is None
    assert await at.lives(session)
    granted = await signed_in(at)
    assert not granted.brief
    assert (await at.manager.amend(granted, Amendment(token=None))).brief


async def test_what_the_auth_api_says_of_a_token_that_is_gone_brings_no_roles_back() -> None:
    """An answer of `me` that was under way when the token was cleared; of one that is there it counts."""
    at = house()
    session = await signed_in(at)
    said = Identity(uid="u1", roles=frozenset({"clerk", "admin"}))
    with_token = await at.manager.confirm(session, said)
    assert with_token.identity is not None
    assert with_token.identity.roles == {"clerk", "admin"}
    await at.manager.amend(with_token, Amendment(token=None))
    without = await at.manager.confirm(with_token, said)
    assert without.identity is not None
    assert without.identity.roles == frozenset()


async def test_an_expiry_ends_a_session_that_cannot_be_renewed() -> None:
    """As at a sign-in; one that can be renewed goes on."""
    at = house()
    ends = at.clock.now() + timedelta(minutes=1)
    for renewable in (False, True):
        session = await at.manager.sign_in(evidence(), app=APP, current=None)
        amended = await at.manager.amend(session, Amendment(expires_at=ends), renewable=renewable)
        assert (amended.expires_at == ends) is not renewable


async def test_tokens_that_came_meanwhile_are_not_changed() -> None:
    """A refresh token and an expiry for the ones that the script saw would be wrong for others; what is known
    of the user is changed all the same, and to drop them is about whatever there is."""
    at = house()
    seen = await signed_in(at)
    assert seen.identity is not None
    newer = Granted(token=Secret("t1"), identity=seen.identity, refresh=Secret("r1"))
    renewed = await at.manager.renew(seen, newer, renewable=True)
    late = Amendment(refresh=Secret("r0-again"), expires_at=at.clock.now(), user=lambda _: {"name": "Bo"})
    found = await at.manager.amend(seen, late, renewable=True)
    assert found.tokens == renewed.tokens
    assert found.identity is not None
    assert found.identity.user == {"name": "Bo"}
    assert (await at.manager.amend(seen, Amendment(token=None))).tokens is None


async def test_the_word_of_the_app_outlives_that_of_the_auth_api() -> None:
    """On the user, once the app changed it, and not the roles; before that, the auth API's counts."""
    at = house()
    session = await signed_in(at)
    said = Identity(uid="u1", user={"a": 1}, roles=frozenset({"boss"}))
    confirmed = await at.manager.confirm(session, said)
    assert confirmed.identity == said
    amended = await at.manager.amend(confirmed, Amendment(user=lambda _: {"a": 2}))
    for again in (
        await at.manager.confirm(amended, replace(said, user={"a": 3}, roles=frozenset())),
        await at.manager.renew(
            amended, Granted(token=Secret("t1"), identity=replace(said, user={"a": 3}, roles=frozenset()))
        ),
    ):
        assert again.identity == Identity(uid="u1", user={"a": 2}, roles=frozenset())


async def test_nobody_is_changed() -> None:
    """Neither a visitor nor who has left."""
    at = house()
    with pytest.raises(SignInRefused):
        await at.manager.amend(await at.manager.begin(APP), Amendment(user=dict))
    session = await signed_in(at)
    await at.manager.sign_out(session)
    with pytest.raises(SessionEnded):
        await at.manager.amend(session, Amendment(user=dict))
