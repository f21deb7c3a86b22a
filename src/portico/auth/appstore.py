"""What an app stored for a session (`storeValue`): a record of its own, so that an innocent write can
never disturb the tokens, nor a refresh a write (hard-cases 2)."""

import asyncio
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from portico.auth.envelope import seal, unseal
from portico.auth.ports import SessionStore
from portico.auth.session import KIND as SESSION
from portico.auth.session import Session, SessionEnded
from portico.auth.ticket import Ticket
from portico.errors import Busy, TooLarge

KIND = "store"

#: Most bytes of JSON that one session may keep in one app.
LIMIT = 256 << 10
_ATTEMPTS = 12
_PAUSE = 0.002


class StoreFull(TooLarge):
    """An app wanted to keep more for a session than fits; nothing was changed."""

    code = "store_full"
    default_message = "This page tried to keep more data than it may."


@dataclass(frozen=True, slots=True)
class Removed:
    """In a set of changes: this key goes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept for one session: values by key, and the tokens behind the handles in them."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sealed: Mapping[str, str] = field(default_factory=dict, repr=False)


class AppStore:
    """Reads and merges the `store` records of sessions."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store

    async def read(self, ticket: Ticket) -> Kept:
        """Everything kept under this ticket. Raises StoreUnavailable."""
        return (await self._load(ticket))[0]

    async def merge(
        self,
        session: Session,
        changes: Mapping[str, Any],
        *,
        clear: bool = False,
        keep: Collection[str] = (),
        sealed: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Apply `changes` key by key, if `clear` after dropping all keys but `keep`. `sealed` are the tokens
        behind handles in them: they stay as long as something that is kept names them.

        Other requests may write at the same time: keys that are not mentioned stay as they made
        them. Returns what is kept now. Raises StoreFull, SessionEnded if the session ended
        meanwhile (nothing is left behind then), Busy if others never let up, StoreUnavailable.
        """
        for attempt in range(_ATTEMPTS):
            held, version = await self._load(session.ticket)
            values = {key: value for key, value in held.values.items() if not clear or key in keep}
            values = {
                key: value for key, value in {**values, **changes}.items() if not isinstance(value, Removed)
            }
            wanted = Kept(values=values, sealed={**held.sealed, **sealed})
            if await self.write(session.ticket, wanted, version, session.expires_at):
                await self._still(session)
                return values
            # Spread, so that writers do not meet again in step.
            await asyncio.sleep(secrets.randbelow(1000) / 1000 * _PAUSE * 2**attempt)
        raise Busy("the store record kept changing")

    async def write(self, ticket: Ticket, kept: Kept, version: int | None, expires_at: datetime) -> bool:
        """Write the whole record over `version` (None: where there is none). False: another was
        there. Raises StoreFull, StoreUnavailable."""
        values = json.dumps(kept.values, separators=(",", ":"))
        sealed = {handle: token for handle, token in kept.sealed.items() if handle in values}
        content = json.dumps({"values": kept.values, "sealed": sealed}, separators=(",", ":")).encode()
        # What an app keeps is what is counted; the tokens behind it are bounded too.
        if len(values) > LIMIT or len(content) > 2 * LIMIT:
            raise StoreFull(f"{len(values)} of {len(content)} bytes in the store of a session")
        key = ticket.key(KIND)
        blob = seal(content, secret=ticket.secret, kind=KIND, key=key)
        if version is None:
            return await self._store.create(key, blob, expires_at=expires_at) is not None
        written = await self._store.replace(key, blob, expected_version=version, expires_at=expires_at)
        return written is not None

    async def delete(self, ticket: Ticket) -> None:
        """Drop everything kept under this ticket. Raises StoreUnavailable."""
        await self._store.delete(ticket.key(KIND))

    async def _load(self, ticket: Ticket) -> tuple[Kept, int | None]:
        key = ticket.key(KIND)
        stored = await self._store.load(key)
        if stored is None:
            return Kept(), None
        content = unseal(stored.blob, secret=ticket.secret, kind=KIND, key=key)
        # A damaged record is written over: it can be read by nobody.
        return (Kept(**json.loads(content)) if content else Kept()), stored.version

    async def _still(self, session: Session) -> None:
        """Log-out deletes the session first and this record after it: whoever wrote in between, or
        behind it, finds the session gone and takes the record away again."""
        if await self._store.load(session.ticket.key(SESSION)) is None:
            await self.delete(session.ticket)
            raise SessionEnded("a store was written after its session had ended")
