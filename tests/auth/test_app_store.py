"""What apps store for a session: merged key by key, bounded, apart from the tokens (hard-cases 2, 31)."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from portico.auth import appstore
from portico.auth.manager import Removed, StoreFull
from portico.auth.sealing import Vault
from portico.clock import Clock
from portico.errors import Busy, TooLarge
from portico.stores.memory import MemorySessionStore
from portico.stores.sqlite import open_sqlite
from tests.auth.sessions import APP, House, closing, house
from tests.stores.trials import PATIENT


async def test_merging_changes_only_what_it_names() -> None:
    """Set, overwrite, remove; the answer is what is stored."""
    at = house()
    user = await at.user()
    assert await at.manager.read_store(user) == {}
    await at.manager.merge_store(user, {"a": 1, "b": [None, "ü\ud800"], "c": {"d": True}})
    merged = await at.manager.merge_store(user, {"a": True, "b": Removed(), "absent": Removed()})
    assert merged == await at.manager.read_store(user) == {"a": True, "c": {"d": True}}
    assert merged["a"] is True


async def test_tokens_behind_handles_are_kept_apart_and_as_long_as_they_are_named() -> None:
    """The values hold handles, the tokens are beside them, and go with the last value that names them."""
    at = house()
    user, vault = await at.user(), Vault()
    shown = vault.seal("refresh-token-canary")
    deep = {"deep": [f"Bearer {shown}"]}
    await at.manager.merge_store(user, {"a": shown, "b": deep}, sealed=vault.kept(shown))
    kept = await at.manager.read_kept(user)
    assert kept.values == {"a": shown, "b": deep}
    assert list(kept.sealed.values()) == ["refresh-token-canary"]
    again = Vault()
    again.learn(kept.sealed)
    assert again.opened(shown) == "refresh-token-canary"
    await at.manager.merge_store(user, {"a": Removed()})
    assert (await at.manager.read_kept(user)).sealed == kept.sealed
    await at.manager.merge_store(user, {"b": Removed()})
    assert (await at.manager.read_kept(user)).sealed == {}


async def test_values_that_compare_equal_are_still_written() -> None:
    """1 and True are different values to a script."""
    at = house()
    user = await at.user()
    await at.manager.merge_store(user, {"a": 1})
    await at.manager.merge_store(user, {"a": True})
    assert (await at.manager.read_store(user))["a"] is True


async def test_clearing_keeps_what_it_is_told_to() -> None:
    """And can set keys in the same step."""
    at = house()
    user = await at.user()
    await at.manager.merge_store(user, {"a": 1, "b": 2, "theme": "dark"})
    assert await at.manager.merge_store(user, {"c": 3}, clear=True, keep={"theme", "b"}) == {
        "b": 2,
        "theme": "dark",
        "c": 3,
    }
    assert await at.manager.clear_store(user, keep={"theme"}) == {"theme": "dark"}
    assert await at.manager.clear_store(user) == await at.manager.read_store(user) == {}


async def test_visitors_have_a_store_too() -> None:
    """As long as their session lasts."""
    at = house()
    visitor = await at.manager.begin(APP)
    await at.manager.merge_store(visitor, {"a": 1})
    at.clock.advance(visitor.expires_at - visitor.created_at)
    assert await at.manager.read_store(visitor) == {}


async def test_writing_the_store_leaves_the_session_alone() -> None:
    """Version and tokens are untouched: a refresh never loses against an innocent `storeValue`."""
    at = house()
    user = await at.user()
    before = await at.stores.sessions.load(user.ticket.key("session"))
    await at.manager.merge_store(user, {"a": 1})
    assert await at.stores.sessions.load(user.ticket.key("session")) == before


async def test_the_store_is_bounded() -> None:
    """256 KB of JSON; what does not fit changes nothing."""
    at = house()
    user = await at.user()
    room = appstore.LIMIT - len('{"a":""}')
    await at.manager.merge_store(user, {"a": "x" * room})
    with pytest.raises(StoreFull) as full:
        await at.manager.merge_store(user, {"b": 1})
    assert full.value.code == "store_full"
    assert isinstance(full.value, TooLarge)
    assert list(await at.manager.read_store(user)) == ["a"]


async def test_no_write_of_many_is_lost(tmp_path: Path) -> None:
    """Tabs that write different keys at the same time all find their key there, on SQLite and
    through two processes' handles."""
    clock = Clock()
    async with (
        closing(open_sqlite(tmp_path / "s.db", clock, patience=PATIENT)) as one,
        closing(open_sqlite(tmp_path / "s.db", clock, patience=PATIENT)) as two,
    ):
        houses = [House(one, clock), House(two, clock)]
        user = await houses[0].user()
        await asyncio.gather(
            *(houses[number % 2].manager.merge_store(user, {f"k{number}": number}) for number in range(12))
        )
        stored = await houses[1].manager.read_store(user)
    assert stored == {f"k{number}": number for number in range(12)}


class Contested(MemorySessionStore):
    """Loses its first `losses` writes over a record to somebody else."""

    losses = 1

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        return None if self._lost(key) else await super().create(key, blob, expires_at=expires_at)

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        if self._lost(key):
            return None
        return await super().replace(key, blob, expected_version=expected_version, expires_at=expires_at)

    def _lost(self, key: str) -> bool:
        self.losses -= key.startswith("store:")
        return key.startswith("store:") and self.losses >= 0


def _contested(losses: int) -> House:
    at = house()
    assert isinstance(at.stores.sessions, MemorySessionStore)
    store = Contested(at.stores.sessions._memory)
    store.losses = losses
    return House(replace(at.stores, sessions=store), at.clock)


async def test_a_lost_race_is_run_again() -> None:
    """For a new record and for one that is there."""
    at = _contested(3)
    user = await at.user()
    await at.manager.merge_store(user, {"a": 1})
    await at.manager.merge_store(user, {"b": 2})
    assert await at.manager.read_store(user) == {"a": 1, "b": 2}


async def test_a_race_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error that says so, not by overwriting."""
    monkeypatch.setattr(appstore, "_PAUSE", 0)
    at = _contested(10**6)
    user = await at.user()
    with pytest.raises(Busy):
        await at.manager.merge_store(user, {"a": 1})
    assert await at.manager.read_store(user) == {}


async def test_a_damaged_record_is_written_over() -> None:
    """It reads as empty, and does not stand in the way."""
    at = house()
    user = await at.user()
    await at.manager.merge_store(user, {"a": 1})
    key = user.ticket.key("store")
    stored = await at.stores.sessions.load(key)
    assert stored is not None
    await at.stores.sessions.replace(
        key, b"\x01garbage", expected_version=stored.version, expires_at=user.expires_at
    )
    assert await at.manager.read_store(user) == {}
    assert await at.manager.merge_store(user, {"b": 2}) == {"b": 2}
