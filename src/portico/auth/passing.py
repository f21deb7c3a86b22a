"""Secrets on their way from one answer to the same browser's next request, which another process may get.

Answers log-outs and sign-ins that get lost between two processes. What waits is a record like any other:
sealed with the key that the browser is given, which the store never sees, and gone once it was taken.
"""

from datetime import timedelta

from portico.auth.envelope import seal, unseal
from portico.auth.ports import SessionStore
from portico.clock import Clock
from portico.values import Secret, hashed, new_id

KIND = "passing"


class Passing:
    """Leaves things, and takes them up once."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def leave(self, content: bytes, *, holder: str, life: timedelta) -> str:
        """The key under which `content` waits for `life`. `holder` is what else has to be known to take it.
        Raises StoreUnavailable."""
        key = new_id()
        record, expires_at = _record(key), self._clock.now() + life
        blob = seal(content, secret=_secret(key, holder), kind=KIND, key=record)
        await self._store.create(record, blob, expires_at=expires_at)
        return key

    async def take(self, key: str, *, holder: str) -> bytes | None:
        """What waits there; None the second time, when it waited too long, and for another holder, who
        takes nothing away. Raises StoreUnavailable."""
        record = _record(key)
        stored = await self._store.load(record)
        content = unseal(stored.blob, secret=_secret(key, holder), kind=KIND, key=record) if stored else None
        if stored is None or content is None:
            return None
        # Of two that read it, one writes over it: that one has it.
        mine = await self._store.replace(
            record, b"", expected_version=stored.version, expires_at=stored.expires_at
        )
        if mine is None:
            return None
        await self._store.delete(record)
        return content


def _record(key: str) -> str:
    return f"{KIND}:{hashed(key)}"


def _secret(key: str, holder: str) -> Secret:
    return Secret(f"{key}\0{holder}")
