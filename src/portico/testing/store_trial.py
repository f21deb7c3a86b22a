"""What a check of a store works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portico.clock import Clock
from portico.stores.stores import Stores

MINUTE = timedelta(minutes=1)
#: How many go for the same thing at the same time.
RACERS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """An empty store for one check. `other` is a second handle to the same data, or `stores` itself;
    `clock` is the one that both read, and is moved to make things age. `sweeps`: how many kinds of things are
    swept: 5, or 1 where all but the index goes by itself."""

    stores: Stores
    other: Stores
    clock: Clock
    sweeps: int = 5

    def later(self, by: timedelta = MINUTE) -> datetime:
        """A moment to come."""
        return self.clock.now() + by

    async def create(self, key: str = "k", blob: bytes = b"one") -> int:
        """A session record that ends in a minute; returns its version."""
        return some(await self.stores.sessions.create(key, blob, expires_at=self.later()))

    async def save(self, key: str, *, tag: str = "t") -> int:
        """A new visit that ends in a minute; returns its version."""
        saved = await self.stores.visits.save(
            key, b"one", expected_version=None, tag=tag, expires_at=self.later()
        )
        return some(saved)

    async def file(self, key: str, *tags: str, card: bytes = b"card") -> None:
        """Enter a session that ends in a minute in the index."""
        await self.stores.index.put(key, tags, card=card, expires_at=self.later())

    async def filed(self, tag: str) -> tuple[str, ...]:
        """The keys of all that is filed under a tag, by the other handle."""
        return tuple(entry.key for entry in await self.other.index.find(tag, limit=100))


Check = Callable[[Trial], Awaitable[None]]


def expect(holds: object, otherwise: str) -> None:
    """Raise AssertionError unless it holds, also where assertions are switched off."""
    if not holds:
        raise AssertionError(otherwise)


def some(version: int | None) -> int:
    """The version of a write that must have succeeded."""
    if version is None or version < 1:
        raise AssertionError(f"a write that nobody disturbed gave version {version}")
    return version
