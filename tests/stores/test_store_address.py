"""Store addresses and the server key."""

import asyncio
import stat
from pathlib import Path

import pytest

from portico.clock import Clock
from portico.stores import StoreAddressUnknown, open_stores
from portico.stores import key as server_key
from portico.stores.key import ServerKeyUnusable, key_beside
from portico.values import Secret

_KEY = Secret("k" * 32)


async def test_memory_has_a_key_of_its_own() -> None:
    """Random for each opening, and it says that it keeps nothing."""
    one, two = open_stores("memory:", clock=Clock()), open_stores("memory:", clock=Clock())
    assert one.key != two.key
    assert not one.durable
    assert open_stores("memory:", clock=Clock(), key=_KEY).key == _KEY


def test_sqlite_is_opened_at_a_path(tmp_path: Path) -> None:
    """Relative or absolute; a given key is used and not written anywhere."""
    for address in (f"sqlite:{tmp_path}/a.db", f"sqlite://{tmp_path}/b.db"):
        stores = open_stores(address, clock=Clock(), key=_KEY)
        assert stores.durable
        assert stores.key == _KEY
        asyncio.run(stores.close())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db", "b.db"]


@pytest.mark.parametrize(
    "address",
    ["", "memory", "memory:x", "sqlite", "sqlite:", "sqlite://host/a.db", "redis://localhost", "s.db"],
)
def test_other_addresses_are_refused(address: str) -> None:
    """The message names what came and what can be used."""
    with pytest.raises(StoreAddressUnknown, match="sqlite:PATH") as refusal:
        open_stores(address, clock=Clock())
    assert repr(address) in refusal.value.message


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    """And a store that was opened for it is closed again."""
    for address in ("memory:", f"sqlite:{tmp_path}/a.db"):
        with pytest.raises(ServerKeyUnusable, match="32 characters"):
            open_stores(address, clock=Clock(), key=Secret("k" * 31))


def test_the_key_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    """The same at every start; nobody else can read it."""
    one = key_beside(tmp_path / "s.db")
    assert key_beside(tmp_path / "s.db") == one
    assert [file.name for file in tmp_path.iterdir()] == ["s.db.key"]
    assert stat.S_IMODE((tmp_path / "s.db.key").stat().st_mode) == 0o600


def test_whoever_is_second_uses_the_first_key(tmp_path: Path) -> None:
    """Two processes that both find no key agree on one."""
    path = tmp_path / "s.db.key"
    server_key._make(path)
    first = path.read_text()
    server_key._make(path)
    assert path.read_text() == first
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "short\n", "\udcff"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, content: str) -> None:
    """Rather than replaced: with another key nothing filed under the old one is found."""
    (tmp_path / "s.db.key").write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(ServerKeyUnusable):
        key_beside(tmp_path / "s.db")


def test_a_key_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """With the path in the message."""
    with pytest.raises(ServerKeyUnusable, match="nowhere"):
        key_beside(tmp_path / "nowhere" / "s.db")
