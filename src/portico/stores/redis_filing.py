"""What Redis files of sessions: the index, messages that wait, and timelines."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from portico.auth.ports import Filed, Waiting
from portico.stores.redis_index_scripts import DROP, FILE, FIND, SWEEP
from portico.stores.redis_scripts import APPEND, DONE, DUE, LATER, SEND
from portico.stores.redis_server import RedisServer, kept, moment, named, ticks

#: Most entries that are looked at in one go: nobody else is served meanwhile.
_GO = 500
#: How long an entry stays that nobody swept. Redis does not take it out of what it is filed under.
UNSWEPT = timedelta(days=30)
#: Bytes before the entries of a timeline: its end, and how many there are.
_HEAD = 9


class RedisSessionIndex:
    """`SessionIndex` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        """As the port says."""
        ttl = kept(expires_at, self._server.now(), margin=UNSWEPT)
        names = b"".join(sorted({named(tag) for tag in tags}))
        await self._server.run(FILE, named(key), key, card, ticks(expires_at), ttl, names)

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        """As the port says."""
        found: list[Filed] = []
        while (wanted := min(limit - len(found), _GO)) > 0:
            more, after, entries = await self._server.run(FIND, named(tag), after, wanted)
            found += (
                Filed(key=key.decode(), card=card, number=number, expires_at=moment(expires))
                for key, card, number, expires in entries
            )
            if not more:
                break
        return tuple(found)

    async def drop(self, key: str) -> None:
        """As the port says."""
        await self._server.run(DROP, named(key))

    async def sweep(self, *, limit: int) -> int:
        """As the port says."""
        return int(await self._server.run(SWEEP, limit))


class RedisOutbox:
    """`Outbox` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        """As the port says."""
        ttl = kept(expires_at, self._server.now())
        await self._server.run(SEND, key, blob, ticks(due_at), ticks(expires_at), ttl)

    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        """As the port says."""
        entries = await self._server.run(DUE, limit, ticks(self._server.now() + hold))
        return tuple(
            Waiting(key=key.decode(), blob=blob, attempts=attempts) for key, blob, attempts in entries
        )

    async def later(self, key: str, *, due_at: datetime) -> None:
        """As the port says."""
        await self._server.run(LATER, key, ticks(due_at))

    async def done(self, key: str) -> None:
        """As the port says."""
        await self._server.run(DONE, key)


class RedisTimelineStore:
    """`TimelineStore` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """As the port says."""
        ttl = kept(expires_at, self._server.now())
        await self._server.run(APPEND, named(key), entry, ticks(expires_at), ttl, most)

    async def read(self, key: str) -> tuple[bytes, ...]:
        """As the port says."""
        value = await self._server.get("t", named(key))
        if value is None or moment(int.from_bytes(value[:7])) <= self._server.now():
            return ()
        return tuple(_entries(value[_HEAD:]))

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._server.command("DEL", self._server.key("t", named(key)))


def _entries(value: bytes) -> Iterator[bytes]:
    """Each entry has its length before it."""
    at = 0
    while at < len(value):
        begin = at + 3
        at = begin + int.from_bytes(value[at:begin])
        yield value[begin:at]
