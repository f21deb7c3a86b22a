"""Store addresses and the server key."""

import asyncio
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portico.clock import Clock
from portico.stores import StoreAddressUnknown, open_stores
from portico.stores import key as server_key
from portico.stores.key import ServerKeyUnusable, key_beside
from portico.stores.redis_address import RedisAddress, parse_redis
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
    ["", "memory", "memory:x", "sqlite", "sqlite:", "sqlite://host/a.db", "valkey://localhost", "s.db"],
)
def test_other_addresses_are_refused(address: str) -> None:
    """The message names what came and what can be used."""
    with pytest.raises(StoreAddressUnknown, match="sqlite:PATH") as refusal:
        open_stores(address, clock=Clock())
    assert repr(address) in refusal.value.message


def test_an_address_of_redis_is_read() -> None:
    """User, password, host, port, database, TLS and options; what is left out has a default."""
    assert parse_redis("redis://localhost") == RedisAddress(
        host="localhost",
        port=6379,
        db=0,
        username=None,
        password=None,
        tls=False,
        ca=None,
        prefix="portico:",
    )
    assert parse_redis("rediss://us%40er:p%2F%23@[::1]:7000/3?prefix=hr:&ca=/etc/ca.pem") == RedisAddress(
        host="::1",
        port=7000,
        db=3,
        username="us@er",
        password=Secret("p/#"),
        tls=True,
        ca=Path("/etc/ca.pem"),
        prefix="hr:",
    )
    assert parse_redis("redis://:secret@host").username is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("redis://", "host is missing"),
        ("redis://:pa55word@", "host is missing"),
        ("redis://:pa55word@host:port", "host or port cannot be read"),
        ("redis://:pa55word@host:99999", "host or port cannot be read"),
        ("redis://:pa55word/1@host", "`%2F`"),
        ("redis://:1?pa55word@host", "`%3F`"),
        ("redis://u:1?pa55word=x@host", "`%3F`"),
        ("redis://:1#pa55word@host", "`%23`"),
        ("redis://:pa55word\u2100@host", "host or port cannot be read"),
        ("redis://:pa55word@host/name", "database is not a number"),
        ("redis://:pa55word@host/0/1", "database is not a number"),
        ("redis://:pa55word#1@host", "`%23`"),
        ("redis://:pa55word@host?db=1", "'db' is none of `prefix` and `ca`"),
        ("redis://:pa55word@host?prefix=", "'prefix' is empty"),
        ("redis://:pa55word@host?prefix=a&prefix=b", "given twice"),
        ("redis://:pa55word@host?ca=/ca.pem", "`ca` is for rediss://"),
        ("redis+tls://:pa55word@host", "redis://HOST"),
        ("redis:host", "host is missing"),
    ],
)
def test_a_wrong_address_of_redis_is_told_without_its_password(address: str, why: str) -> None:
    """What is wrong, and what is expected."""
    with pytest.raises(StoreAddressUnknown) as refusal:
        open_stores(address, clock=Clock(), key=_KEY)
    assert why in refusal.value.message
    assert "redis://" in refusal.value.message
    assert "pa55word" not in f"{refusal.value.message} {refusal.value.detail}"


def test_an_address_is_printed_without_its_password() -> None:
    """In logs and tracebacks."""
    address = parse_redis("redis://user:pa55word@host:7000/3")
    assert str(address) == "host:7000/3"
    assert "pa55word" not in repr(address)


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


def test_redis_py_is_imported_by_who_names_a_redis(tmp_path: Path) -> None:
    """It takes its time. The control: an address of one that is not there."""
    code = """
import sys
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores.address import open_stores
from portico.values import Secret
for address in ("memory:", f"sqlite:{sys.argv[1]}/s.db"):
    open_stores(address, clock=Clock())
print("redis" in sys.modules)
try:
    open_stores("redis://127.0.0.1:1", clock=Clock(), key=Secret("k" * 32))
except StoreUnavailable:
    print("redis" in sys.modules)
"""
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True, timeout=60
    )
    assert said.stdout.split() == ["False", "True"]
