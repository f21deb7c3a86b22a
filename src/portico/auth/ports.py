"""What the heart asks of a store: six small ports over plain values.

A store sees keys that are hashes, blobs that are sealed and tags that are keyed hashes: whoever
reads it learns how many sessions there are, and nothing else (P7).

One contract holds for every method of every port:

* **Failure.** `StoreUnavailable` means that the store could not be asked, within a bound of about a
  second. Whether a write took effect is then unknown. It never means "absent": a caller must
  not read it as "signed out" (P115).
* **Absent.** A record whose `expires_at` has come is absent, whether or not it was swept.
* **Versions.** Every write of a record gives it a new version, a positive number which that key never
  had before, not even before a deletion: a late writer cannot mistake a new record for its own.
* **Atomic.** Each method happens as a whole or not at all, also between processes.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A record as the store holds it."""

    blob: bytes = field(repr=False)
    version: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The lease is ours. `fence` is greater than that of every earlier holder of the same key."""

    fence: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """Somebody else has the lease. This is an answer, not a failure (P116)."""


Lease = AbstractAsyncContextManager[Held | Taken]


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """An entry of the outbox. `attempts` counts how often it was handed out before."""

    key: str
    blob: bytes = field(repr=False)
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """A session as the index holds it. `card` says what session it is, sealed by the caller; `number` is
    its place in the order of filing, which no other entry has or had."""

    key: str
    card: bytes = field(repr=False)
    number: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """Under `key`, `burst` at once, and one more each time that `every` has gone by."""

    key: str
    burst: int
    every: timedelta


class SessionStore(Protocol):
    """Sealed records by key: sessions, and what an app stored for them."""

    async def create(self, key: str, blob: bytes, *, expires_at: datetime) -> int | None:
        """Write a record that is absent. Returns its version; None: there is one, and it stays."""
        ...

    async def load(self, key: str) -> Stored | None:
        """The record, or None if it is absent."""
        ...

    async def replace(
        self, key: str, blob: bytes, *, expected_version: int, expires_at: datetime
    ) -> int | None:
        """Overwrite a record that still has `expected_version`. Returns its new version; None:
        somebody else wrote or deleted it, and nothing was changed."""
        ...

    async def delete(self, key: str) -> None:
        """Make it absent. Fine if it is."""
        ...

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """Be the only one, for at most `ttl`: `Held` or `Taken` at once, without waiting.

        Leaving gives the lease back, unless it ran out and is somebody else's by now. Leaving
        never raises: a lease that cannot be given back runs out. Leases are no records: a key
        may have one without the other.
        """
        ...

    async def check(self) -> None:
        """Do nothing, if the store can be read and written; else raise StoreUnavailable."""
        ...


class SessionIndex(Protocol):
    """Which sessions belong together: keys found by tags, which are keyed hashes."""

    async def put(self, key: str, tags: Collection[str], *, card: bytes, expires_at: datetime) -> None:
        """File `key` under these tags, and no others, with a card of at most 4 KB."""
        ...

    async def find(self, tag: str, *, limit: int, after: int = 0) -> tuple[Filed, ...]:
        """At most `limit` of what is filed under `tag`, in the order of filing.

        The next page begins `after` the number of the last one. Whoever reads page by page misses
        nothing that was filed before and stays filed; what is filed again meanwhile comes twice.
        """
        ...

    async def drop(self, key: str) -> None:
        """Take `key` out, wherever it is filed. Fine if it is nowhere."""
        ...

    async def sweep(self, *, limit: int) -> int:
        """Delete at most `limit` expired entries, here and in the ports that share this place, but for what
        goes by itself.

        Returns how many; less than `limit` means that no more are left.
        """
        ...


class VisitStore(Protocol):
    """Sealed records of open pages, filed under one tag each."""

    async def load(self, key: str) -> Stored | None:
        """The record, or None if it is absent."""
        ...

    async def save(
        self, key: str, blob: bytes, *, expected_version: int | None, tag: str, expires_at: datetime
    ) -> int | None:
        """Write the record if it has `expected_version`, or if that is None and it is absent.
        Returns its new version; None: it is otherwise, and nothing was changed."""
        ...

    async def delete(self, key: str) -> None:
        """Make it absent. Fine if it is."""
        ...

    async def oldest(self, tag: str, *, keep: int) -> tuple[str, ...]:
        """The keys under `tag` but for the `keep` last saved, longest untouched first."""
        ...

    def lease(self, key: str, *, ttl: timedelta) -> Lease:
        """As `SessionStore.lease`; the two ports do not share leases."""
        ...


class Outbox(Protocol):
    """Messages that must reach another server some day: revocations waiting (hard-cases 3)."""

    async def put(self, key: str, blob: bytes, *, due_at: datetime, expires_at: datetime) -> None:
        """Add an entry. An entry of the same key is overwritten and counts as new."""
        ...

    async def due(self, *, limit: int, hold: timedelta) -> tuple[Waiting, ...]:
        """Hand out at most `limit` entries whose time has come, the longest due first.

        For `hold` they are handed out to nobody else; if until then they are neither `done` nor
        put off, they are due again.
        """
        ...

    async def later(self, key: str, *, due_at: datetime) -> None:
        """Put an entry off. Fine if it is gone."""
        ...

    async def done(self, key: str) -> None:
        """Delete an entry. Fine if it is gone."""
        ...


class TimelineStore(Protocol):
    """What happened to a session, for its operator: a few sealed entries under one key."""

    async def append(self, key: str, entry: bytes, *, expires_at: datetime, most: int) -> None:
        """Add an entry; beyond `most` the oldest go. The whole expires at the latest moment given."""
        ...

    async def read(self, key: str) -> tuple[bytes, ...]:
        """The entries, oldest first; none if it is absent."""
        ...

    async def delete(self, key: str) -> None:
        """Make it absent. Fine if it is."""
        ...


class Tally(Protocol):
    """What is counted together by all processes, for a while: attempts of an address, or for an account."""

    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        """Take one of each and return None, if each has one. Else nothing is taken; returns how long until
        each has, if nobody takes any meanwhile."""
        ...

    async def forgive(self, key: str) -> None:
        """Nothing was taken under `key`. Fine if nothing was."""
        ...
