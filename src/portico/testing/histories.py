"""The timelines of the sessions on a stage, for whoever looks for what went wrong."""

from datetime import datetime

from portico.auth.manager import SessionManager
from portico.auth.ports import TimelineStore
from portico.auth.timeline_words import words
from portico.clock import Clock
from portico.stores.stores import Stores


class NotedTimelines:
    """`TimelineStore` that notes in `keys` which timelines there are: they lead nobody to a session."""

    def __init__(self, store: TimelineStore, keys: list[str]) -> None:
        self._store = store
        self._keys = keys

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """As the port says."""
        if key not in self._keys:
            self._keys.append(key)
        await self._store.append(key, entry, expires_at=expires_at, most=most)

    async def read(self, key: str) -> tuple[bytes, ...]:
        """As the port says."""
        return await self._store.read(key)

    async def delete(self, key: str) -> None:
        """As the port says."""
        await self._store.delete(key)


async def history(stores: Stores, keys: list[str], clock: Clock) -> list[str]:
    """What happened to the sessions of these timelines, a line each, the oldest first."""
    manager = SessionManager(
        stores.sessions, stores.index, stores.visits, stores.outbox, stores.timeline, clock, stores.key
    )
    entries = [entry for key in keys for entry in await manager.timelines.read(key)]
    return [f"{entry.at:%H:%M:%S} {words(entry)}" for entry in sorted(entries, key=lambda one: one.at)]
