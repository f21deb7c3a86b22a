"""A session that apps share, as each of them sees it: tokens once, names and roles each its own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portico.auth.cards import Cards
from portico.auth.evidence import Granted
from portico.auth.groups import Member
from portico.auth.manager import SessionManager
from portico.auth.sealing import Vault
from portico.auth.session import Session, decode, encode
from portico.auth.set_cookie import Cookie, SetCookies
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.model.identity import Identity
from portico.stores.memory import Memory, MemorySessionStore, open_memory
from portico.values import Secret
from tests.auth.sessions import manager_of

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJlLW9mLWFubg"
OTHER_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJuIjoyfQ.YW5vdGhlci1zaWduYXR1cmU"
ANN = Identity(uid="ann", user={"id": "ann"}, roles=frozenset({"admin"}))


class Apps:
    """A manager of two apps of a group, and one of its own."""

    def __init__(self, *, asks: bool = True) -> None:
        self.clock = Clock()
        stores = open_memory(self.clock, key=Secret("k" * 43))
        self.stores = stores
        self.manager = SessionManager(
            *(stores.sessions, stores.index, stores.visits, stores.outbox, stores.timeline),
            self.clock,
            stores.key,
        )
        for app in ("hr", "crm"):
            self.manager.groups.admit(Member(app=app, group="company", origin="o", asks=asks))

    async def ann(self, token: str = JWT) -> Session:
        """Ann, signed in to hr, with a cookie."""
        cookie = Cookie(name="sid", value=Secret("cookie-of-ann"), path="/")
        granted = Granted(
            token=Secret(token),
            refresh=Secret("refresh-token-of-ann"),
            identity=ANN,
            cookies=(SetCookies(issuer="api https://x", cookies=(cookie,), at=self.clock.now()),),
        )
        return await self.manager.sign_in(granted, app="hr", current=None, renewable=True)

    async def seen(self, session: Session, app: str) -> Session:
        """The session as another app sees it."""
        found = await self.manager.resume(app, session.ticket.cookie_value())
        assert found is not None
        return found


def _vault(session: Session) -> Vault:
    vault = Vault()
    vault.hold(session.slots, session.handles)
    return vault


async def test_a_sealed_token_of_one_app_opens_in_no_other() -> None:
    """Tokens and cookies: each app has names of its own for them, and they open nothing elsewhere."""
    apps = Apps()
    hr = await apps.ann()
    crm = await apps.manager.confirm(await apps.seen(hr, "crm"), ANN)
    hr = await apps.seen(crm, "hr")
    assert hr.slots == crm.slots
    assert hr.handles.keys().isdisjoint(crm.handles)
    assert {handle.slot for handle in hr.handles.values()} == {handle.slot for handle in crm.handles.values()}
    here, there = _vault(hr), _vault(crm)
    for slot in ("access", "refresh"):
        sealed = here.own(slot)
        assert sealed is not None
        assert here.opened(sealed) == hr.slots[slot].reveal()
        assert there.opened(sealed) == sealed
    for handle in hr.jar.handles:
        assert here.opened(handle) == "cookie-of-ann"
        assert there.opened(handle) == handle


async def test_names_outlive_a_renewal_in_the_other_app() -> None:
    """After hr renewed the token, crm's old name opens the new one, and it has a name for its claims."""
    apps = Apps()
    crm = await apps.manager.confirm(await apps.seen(await apps.ann(), "crm"), ANN)
    old = _vault(crm).own("access")
    assert old is not None
    hr = await apps.seen(crm, "hr")
    granted = Granted(token=Secret(OTHER_JWT), identity=ANN)
    await apps.manager.renew(hr, granted, renewable=True)
    crm = await apps.seen(crm, "crm")
    vault = _vault(crm)
    assert vault.opened(old) == OTHER_JWT
    new = vault.own("access")
    assert new is not None
    assert vault.opened(new) == OTHER_JWT
    assert new.split(".")[-1] in crm.handles


async def test_what_the_user_is_to_one_app_is_not_known_in_another() -> None:
    """Until it has asked by itself; then each has what it was told, whoever writes."""
    apps = Apps()
    hr = await apps.ann()
    crm = await apps.seen(hr, "crm")
    assert crm.identity == Identity(uid="ann", user={}, roles=frozenset())
    assert crm.joining
    clerk = Identity(uid="ann", user={"team": 1}, roles=frozenset({"clerk"}))
    crm = await apps.manager.confirm(crm, clerk)
    assert (crm.identity, crm.joining) == (clerk, False)
    hr = await apps.seen(crm, "hr")
    assert hr.identity == ANN
    hr = await apps.manager.renew(hr, Granted(token=Secret(OTHER_JWT), identity=ANN), renewable=True)
    assert (await apps.seen(hr, "crm")).identity == clerk


async def test_an_app_that_cannot_ask_goes_by_what_was_granted() -> None:
    """It takes the session over at once, and follows what renewals say."""
    apps = Apps(asks=False)
    crm = await apps.seen(await apps.ann(), "crm")
    assert (crm.identity, crm.joining) == (ANN, False)
    assert crm.handles
    boss = Identity(uid="ann", user={"id": "ann"}, roles=frozenset({"boss"}))
    hr = await apps.seen(crm, "hr")
    await apps.manager.renew(hr, Granted(token=Secret(OTHER_JWT), identity=boss), renewable=True)
    assert (await apps.seen(crm, "crm")).identity == boss


async def test_records_come_back_as_they_were() -> None:
    """Every field of a shared session is in its record."""
    apps = Apps()
    crm = await apps.manager.confirm(await apps.seen(await apps.ann(), "crm"), ANN)
    for session in (crm, await apps.seen(crm, "hr")):
        again = decode(encode(session), ticket=session.ticket, version=session.version, tag=session.tag)
        assert again == session


async def test_others_see_nothing_of_it() -> None:
    """An app of its own, one of another group, and one of another auth API."""
    apps = Apps()
    cookie = (await apps.ann()).ticket.cookie_value()
    apps.manager.groups.admit(Member(app="shop", group="public", origin="o", asks=True))
    apps.manager.groups.admit(Member(app="lab", group="company", origin="other", asks=True))
    for app in ("alone", "company", "shop", "lab"):
        assert await apps.manager.resume(app, cookie) is None
    apps.manager.groups.leave("crm")
    assert await apps.manager.resume("crm", cookie) is None
    assert await apps.manager.resume("hr", cookie) is not None


async def test_it_is_filed_for_each_app() -> None:
    """Who lists or ends the sessions of a user finds it under each."""
    apps = Apps()
    session = await apps.ann()
    cards = Cards(apps.stores.key)
    tags = apps.manager._tags
    for app in ("hr", "crm"):
        (filed,) = await apps.stores.index.find(tags.tag("user", app, "ann"), after=0, limit=5)
        card = cards.read(filed)
        assert card is not None
        assert card.uid == "ann"
    await apps.manager.sign_out(session)
    for app in ("hr", "crm"):
        assert not await apps.stores.index.find(tags.tag("user", app, "ann"), after=0, limit=5)


def _memory(apps: Apps) -> Memory:
    assert isinstance(apps.stores.sessions, MemorySessionStore)
    return apps.stores.sessions._memory


@pytest.mark.parametrize("by", ["operator", "too many"])
async def test_who_ends_it_without_its_cookie_leaves_nothing_of_any_app(by: str) -> None:
    """What each app stored goes with it, although this process serves neither; a timeline is still found. The
    control: a card that names no apps."""
    apps = Apps()
    for control in (False, True):
        hr = await apps.ann()
        await apps.manager.merge_store(hr, {"theme": "dark"})
        await apps.manager.merge_store(await apps.seen(hr, "crm"), {"theme": "light"})
        elsewhere = manager_of(apps.stores, apps.clock)
        operator, ends = elsewhere.directory, elsewhere.dismissals
        found = await operator.by_id(apps.manager.id_of(hr))
        assert found is not None
        assert (found.card.app, set(found.card.apps)) == ("company", {"hr", "crm"})
        found = replace(found, card=replace(found.card, apps=())) if control else found
        if by == "operator" or control:
            await ends.end(found, "operator")
        else:
            await ends.keep_newest("crm", "ann", 0, own="")
        left = [key.partition(":")[0] for key in _memory(apps).sessions]
        assert sorted(left) == (["store.crm", "store.hr"] if control else [])
        history = await operator.history(found.card.id)
        assert history is not None
        assert not history.lives


async def test_an_app_that_joins_later_is_on_the_card() -> None:
    """One that the process of the sign-in does not serve."""
    apps = Apps()
    hr = await apps.ann()
    other = manager_of(apps.stores, apps.clock)
    for app in ("crm", "wiki"):
        other.groups.admit(Member(app=app, group="company", origin="o", asks=app == "crm"))
    wiki = await other.resume("wiki", hr.ticket.cookie_value())
    assert wiki is not None
    found = await other.directory.by_id(apps.manager.id_of(hr))
    assert found is not None
    assert {"hr", "crm", "wiki"} <= set(found.card.apps)


@pytest.mark.parametrize("asks", [True, False])
async def test_a_store_without_writes_lets_an_app_in(asks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a session is enough to know it."""
    apps = Apps(asks=asks)
    hr = await apps.ann()

    async def replace(*_: object, **__: object) -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(apps.stores.sessions, "replace", replace)
    crm = await apps.seen(hr, "crm")
    assert crm.identity is not None
    assert crm.identity.uid == "ann"


async def test_a_session_ends_for_each_at_its_end() -> None:
    """Limits are the group's."""
    apps = Apps()
    session = await apps.ann()
    apps.clock.advance(timedelta(days=15))
    for app in ("hr", "crm"):
        assert await apps.manager.resume(app, session.ticket.cookie_value()) is None
