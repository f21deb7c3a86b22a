"""A dump of the store is useless: nothing in it can be read or used (promise 7)."""

import base64
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from portico.auth.manager import Session
from portico.clock import Clock
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from tests.auth.sessions import APP, House, evidence
from tests.stores.redis_servers import BINARIES, RedisProcess
from tests.stores.trials import KEY, PATIENT, open_at

_CANARY = "cNrY0123456789abcdef"


def _used(folder: Path) -> AbstractAsyncContextManager[tuple[House, Session]]:
    """A store in SQLite that was used."""
    clock = Clock()
    return _using(open_sqlite(folder / "s.db", clock, patience=PATIENT), clock)


@asynccontextmanager
async def _using(stores: Stores, clock: Clock) -> AsyncIterator[tuple[House, Session]]:
    """Stores in which somebody signed in, kept something, has a page open, and is to be revoked."""
    at = House(stores, clock)
    visitor = await at.manager.begin(APP)
    await at.manager.merge_store(visitor, {f"{_CANARY}-key": f"{_CANARY}-value"})
    proof = evidence(f"{_CANARY}-token", uid=f"{_CANARY}-uid", user={"mail": f"{_CANARY}@example.com"})
    user = await at.manager.sign_in(proof, app=APP, current=visitor)
    await at.manager.visits.save(APP, user, f"{_CANARY}-visit", _CANARY.encode(), version=None)
    await at.manager.visits.save(APP, None, f"{_CANARY}-other", _CANARY.encode(), version=None)
    await at.manager.revocations.file(user)
    yield at, user
    await stores.close()


def _dump(folder: Path) -> dict[str, bytes]:
    """Every byte of the database, its log and its index of the log."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("s.db")}


def _findings(dump: dict[str, bytes], session: Session) -> list[str]:
    """Which secrets stand in which file, as they are, in base64, or as bytes."""
    parts = [session.ticket.id.reveal(), session.ticket.secret.reveal()]
    needles = [_CANARY.encode(), base64.b64encode(_CANARY.encode())[:24], session.lineage.encode()]
    needles += [part.encode() for part in parts]
    needles += [base64.urlsafe_b64decode(part + "=") for part in parts]
    return [name for name, content in dump.items() for needle in needles if needle in content]


async def test_nothing_in_the_files_can_be_used(tmp_path: Path) -> None:
    """No token, user, stored value or cookie in db, -wal or -shm, while running and afterwards."""
    async with _used(tmp_path) as (_, user):
        dump = _dump(tmp_path)
        assert {"s.db", "s.db-wal", "s.db-shm"} <= set(dump)
        assert user.ticket.key("session").encode() in dump["s.db-wal"]
        assert _findings(dump, user) == []
    assert _findings(_dump(tmp_path), user) == []


async def test_control_the_search_finds_what_is_not_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sealing switched off the same search finds the canary, and an unhashed id as well."""
    for name in ("records", "appstore", "visits", "cards", "revocations"):
        monkeypatch.setattr(f"portico.auth.{name}.seal", lambda plain, **_: plain)
    async with _used(tmp_path) as (at, user):
        assert "s.db-wal" in _findings(_dump(tmp_path), user)
        clean = {"s.db": b""}
        assert _findings(clean, user) == []
        await at.stores.index.put(user.ticket.id.reveal(), ("t",), card=b"", expires_at=user.expires_at)
        assert user.ticket.id.reveal().encode() in _dump(tmp_path)["s.db-wal"]


@pytest.mark.parametrize("binary", BINARIES)
async def test_nothing_in_redis_can_be_used(
    binary: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor in its snapshot and its log; and the control, by the same search, with sealing switched off."""
    clock = Clock()
    with RedisProcess(tmp_path / "redis", binary=binary, rdbcompression="no") as server:

        def dump() -> dict[str, bytes]:
            server.redis.save()
            return {path.name: path.read_bytes() for path in server.folder.rglob("*") if path.is_file()}

        def kinds(names: Iterable[str]) -> set[str]:
            return {Path(name).suffix for name in names} & {".aof", ".rdb"}

        async with _using(open_at(server, clock), clock) as (_, user):
            found, key = dump(), user.ticket.key("session").encode()
            assert kinds(name for name, content in found.items() if key in content) == {".aof", ".rdb"}
            assert _findings(found, user) == []
            assert not any(KEY.reveal().encode() in content for content in found.values())
        for name in ("records", "appstore", "visits", "cards", "revocations"):
            monkeypatch.setattr(f"portico.auth.{name}.seal", lambda plain, **_: plain)
        async with _using(open_at(server, clock), clock) as (_, user):
            assert kinds(_findings(dump(), user)) == {".aof", ".rdb"}


async def test_the_server_key_is_not_in_the_store(tmp_path: Path) -> None:
    """It lies in a file of its own, which backups of the store need not contain."""
    async with _used(tmp_path) as (at, _):
        key = at.stores.key.reveal().encode()
        holders = [name for name, content in _dump(tmp_path).items() if key in content]
    assert holders == ["s.db.key"]


async def test_a_session_outlives_the_process(tmp_path: Path) -> None:
    """The cookie opens it after a restart, with the same page tag and everything kept (P114)."""
    async with _used(tmp_path) as (_, user):
        pass
    clock = Clock()
    stores = open_sqlite(tmp_path / "s.db", clock, patience=PATIENT)
    at = House(stores, clock)
    again = await at.manager.resume(APP, user.ticket.cookie_value())
    assert again == user
    assert await at.manager.read_store(user) == {f"{_CANARY}-key": f"{_CANARY}-value"}
    assert await at.manager.visits.load(APP, user, f"{_CANARY}-visit") is not None
    await stores.close()
