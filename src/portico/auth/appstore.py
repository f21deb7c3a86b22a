"""What an app stored for a session (`storeValue`): a record of its own, so that an innocent write can
never disturb the tokens, nor a refresh a write (hard-cases 2)."""

import asyncio
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from portico.auth.envelope import seal, unseal
from portico.auth.ports import SessionStore
from portico.auth.session import KIND as SESSION
from portico.auth.session import Session, SessionEnded
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

    async def read(self, session: Session, *, app: str) -> Kept:
        """Everything that an app keeps in a session. Raises StoreUnavailable."""
        return (await self._load(session, app))[0]

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
            held, version = await self._load(session, session.app)
            values = {key: value for key, value in held.values.items() if not clear or key in keep}
            values = {
                key: value for key, value in {**values, **changes}.items() if not isinstance(value, Removed)
            }
            wanted = Kept(values=values, sealed={**held.sealed, **sealed})
            if await self.write(session, wanted, version, app=session.app):
                await self._still(session)
                return values
            # Spread, so that writers do not meet again in step.
            await asyncio.sleep(secrets.randbelow(1000) / 1000 * _PAUSE * 2**attempt)
        raise Busy("the store record kept changing")

    async def write(self, session: Session, kept: Kept, version: int | None, *, app: str) -> bool:
        """Write the whole record of an app over `version` (None: where there is none). False: another was
        there. Raises StoreFull, StoreUnavailable."""
        values = json.dumps(kept.values, separators=(",", ":"))
        sealed = {handle: token for handle, token in kept.sealed.items() if handle in values}
        content = json.dumps({"values": kept.values, "sealed": sealed}, separators=(",", ":")).encode()
        # What an app keeps is what is counted; the tokens behind it are bounded too.
        if len(values) > LIMIT or len(content) > 2 * LIMIT:
            raise StoreFull(f"{len(values)} of {len(content)} bytes in the store of a session")
        key, ends = _key(session, app), session.expires_at
        blob = seal(content, secret=session.ticket.secret, kind=KIND, key=key)
        if version is None:
            return await self._store.create(key, blob, expires_at=ends) is not None
        written = await self._store.replace(key, blob, expected_version=version, expires_at=ends)
        return written is not None

    async def delete(self, session: Session, *, app: str) -> None:
        """Drop everything that an app keeps in a session. Raises StoreUnavailable."""
        await self._store.delete(_key(session, app))

    async def forget(self, session_key: str, *, apps: Collection[str]) -> None:
        """Drop everything that is kept in the session whose record has this key, which these `apps` share;
        none: it is one app's. Raises StoreUnavailable."""
        for app in apps or (None,):
            await self._store.delete(key_of(session_key, app))

    async def _load(self, session: Session, app: str) -> tuple[Kept, int | None]:
        key = _key(session, app)
        stored = await self._store.load(key)
        if stored is None:
            return Kept(), None
        content = unseal(stored.blob, secret=session.ticket.secret, kind=KIND, key=key)
        # A damaged record is written over: it can be read by nobody.
        return (Kept(**json.loads(content)) if content else Kept()), stored.version

    async def _still(self, session: Session) -> None:
        """Log-out deletes the session first and this record after it: whoever wrote in between, or
        behind it, finds the session gone and takes the record away again."""
        if await self._store.load(session.ticket.key(SESSION)) is None:
            await self.delete(session, app=session.app)
            raise SessionEnded("a store was written after its session had ended")


def key_of(session_key: str, app: str | None) -> str:
    """The key of the record that goes with a session's. Of a session that apps share, each has a record of
    its own (hard-cases 2): `app` is None where it is one app's."""
    kind = KIND if app is None else f"{KIND}.{app}"
    return f"{kind}:{session_key.removeprefix(f'{SESSION}:')}"


def _key(session: Session, app: str) -> str:
    return key_of(session.ticket.key(SESSION), app if session.shared is not None else None)
