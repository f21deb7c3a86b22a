"""Records in Redis: sessions, visits, and the leases of both."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import TracebackType

from portico.auth.ports import Held, Lease, Stored, Taken
from portico.stores.redis_scripts import DELETE, GIVE_BACK, LEASE, NUMBER, OLDEST, WRITE
from portico.stores.redis_server import RedisServer, kept, moment, named, ticks
from portico.values import new_id

_ABSENT = ""
#: Bytes before the tag of a record, and where among them version, end and the length of the tag begin.
_HEAD, _ENDS, _LENGTH = 16, 7, 14


class RedisSessionStore:
    """`SessionStore` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        """As the port says."""
        return await _write(self._server, "s", named(key), _ABSENT, blob, expires_at)

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        return await _load(self._server, "s", named(key))

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        return await _write(self._server, "s", named(key), str(expected_version), blob, expires_at)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._server.command("DEL", self._server.key("s", named(key)))

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _RedisLease(self._server, f"session {key}", ttl)

    async def check(self) -> None:
        """As the port says."""
        await self._server.run(NUMBER)


class RedisVisitStore:
    """`VisitStore` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def load(self, key: str) -> Stored | None:
        """As the port says."""
        return await _load(self._server, "v", key.encode())

    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        """As the port says."""
        expected = _ABSENT if expected_version is None else str(expected_version)
        return await _write(self._server, "v", key.encode(), expected, blob, expires_at, named(tag))

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._server.run(DELETE, "v", key)

    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        """As the port says."""
        keys: list[bytes] = await self._server.run(OLDEST, named(tag), keep)
        return tuple(key.decode() for key in keys)

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As the port says."""
        return _RedisLease(self._server, f"visit {key}", ttl)


class _RedisLease(AbstractAsyncContextManager[Held | Taken]):
    """A key that is ours until it expires. `owner` tells ours from a later holder's."""

    def __init__(self, server: RedisServer, key: str, ttl: timedelta) -> None:
        self._server = server
        self._key = key
        self._ttl = ttl
        self._owner = new_id()
        self._held = False

    async def __aenter__(self) -> Held | Taken:
        now = self._server.now()
        ends = now + self._ttl
        try:
            fence = await self._server.run(LEASE, self._key, self._owner, ticks(ends), kept(ends, now))
        except BaseException:
            # Cancelled or too slow: it may have been taken all the same.
            self._server.post(GIVE_BACK, self._key, self._owner)
            raise
        self._held = fence is not None
        return Taken() if fence is None else Held(fence=int(fence))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held:
            # Waited for, but not cancelled with the waiting.
            await asyncio.wait([self._server.post(GIVE_BACK, self._key, self._owner)])


async def _load(server: RedisServer, kind: str, name: bytes) -> Stored | None:
    value = await server.get(kind, name)
    if value is None or (expires_at := moment(int.from_bytes(value[_ENDS:_LENGTH]))) <= server.now():
        return None
    begin = _HEAD + int.from_bytes(value[_LENGTH:_HEAD])
    return Stored(blob=value[begin:], version=int.from_bytes(value[:_ENDS]), expires_at=expires_at)


async def _write(
    server: RedisServer,
    kind: str,
    name: bytes,
    expected: str,
    blob: bytes,
    expires_at: datetime,
    tag: bytes = b"",
) -> int | None:
    ttl = kept(expires_at, server.now())
    number = await server.run(WRITE, kind, name, expected, blob, ticks(expires_at), ttl, tag)
    return None if number is None else int(number)
