"""What other processes do to a store in tests. Each function is the whole life of one process."""

import asyncio
import resource
from datetime import timedelta
from pathlib import Path

from portico.auth.ports import Held
from portico.clock import Clock
from portico.errors import StoreUnavailable
from portico.stores.redis import open_redis
from portico.stores.redis_address import parse_redis
from portico.stores.sqlite import open_sqlite
from portico.stores.stores import Stores
from portico.values import Secret

_LIFE = timedelta(hours=1)
_PATIENCE = timedelta(seconds=20)

#: A file of SQLite's, or an address of Redis's.
Place = Path | str


def _open(place: Place) -> Stores:
    if isinstance(place, Path):
        return open_sqlite(place, Clock(), patience=_PATIENCE)
    return open_redis(parse_redis(place), Clock(), key=Secret("k" * 32), patience=_PATIENCE)


def server_key(path: Path) -> str:
    """Open the store, perhaps as the first, and tell its key."""
    stores = _open(path)
    asyncio.run(stores.close())
    return stores.key.reveal()


def replace_once(place: Place, version: int) -> bool:
    """Try to be the one who overwrites `version`."""

    async def life() -> bool:
        stores = _open(place)
        written = await stores.sessions.replace(
            "k", b"mine", expected_version=version, expires_at=Clock().now() + _LIFE
        )
        await stores.close()
        return written is not None

    return asyncio.run(life())


def count_up(place: Place, times: int) -> None:
    """Add to a number in a record, by compare-and-swap."""

    async def life() -> None:
        stores = _open(place)
        done = 0
        while done < times:
            stored = await stores.sessions.load("k")
            assert stored is not None
            written = await stores.sessions.replace(
                "k",
                b"%d" % (int(stored.blob) + 1),
                expected_version=stored.version,
                expires_at=stored.expires_at,
            )
            done += written is not None
        await stores.close()

    asyncio.run(life())


def count_up_carelessly(place: Place, times: int) -> None:
    """The same, by writing over whatever is there by then."""

    async def life() -> None:
        stores = _open(place)
        for _ in range(times):
            stored = await stores.sessions.load("k")
            assert stored is not None
            await asyncio.sleep(0)
            while (now := await stores.sessions.load("k")) is not None:
                if await stores.sessions.replace(
                    "k",
                    b"%d" % (int(stored.blob) + 1),
                    expected_version=now.version,
                    expires_at=now.expires_at,
                ):
                    break
        await stores.close()

    asyncio.run(life())


def count_up_alone(place: Place, counter: Path, times: int) -> list[int]:
    """Add to a number in a plain file, each time under a lease. Returns the fences."""

    async def life() -> list[int]:
        stores, fences = _open(place), list[int]()
        while len(fences) < times:
            async with stores.sessions.lease("k", ttl=timedelta(minutes=1)) as lease:
                if isinstance(lease, Held):
                    number = await asyncio.to_thread(counter.read_text)
                    await asyncio.to_thread(counter.write_text, str(int(number) + 1))
                    fences.append(lease.fence)
            await asyncio.sleep(0.001)
        await stores.close()
        return fences

    return asyncio.run(life())


def write_for_ever(path: Path) -> None:
    """Create records and say so, until killed."""

    async def life() -> None:
        stores, number = _open(path), 0
        while True:
            key, ends = f"{path.name} {number}", Clock().now() + _LIFE
            await stores.sessions.create(key, b"x" * 3000, expires_at=ends)
            print(key, flush=True)
            await stores.sessions.lease(key, ttl=_LIFE).__aenter__()
            number += 1

    asyncio.run(life())


def meet_a_full_disk(path: Path) -> None:
    """Fail to write where there is no room, and go on when there is."""
    stores = _open(path)
    size = path.stat().st_size

    async def life() -> None:
        ends = Clock().now() + _LIFE
        await stores.sessions.create("before", b"1", expires_at=ends)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            await stores.sessions.create("big", b"x" * 4_000_000, expires_at=ends)
        except StoreUnavailable as error:
            print("refused:", error.detail)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        print("big is there:", await stores.sessions.load("big") is not None)
        print("before is there:", await stores.sessions.load("before") is not None)
        await stores.sessions.create("after", b"1", expires_at=ends)
        await stores.close()

    asyncio.run(life())
