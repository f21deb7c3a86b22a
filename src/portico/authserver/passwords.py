"""argon2id in a bounded pool: hashing may be slow, the event loop may not (P72, P73)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import ClassVar, TypeVar

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from portico.authserver.settings import HashCost
from portico.errors import TooMany
from portico.values import Secret, new_id

_Result = TypeVar("_Result")


class HashingBusy(TooMany):
    """As many passwords as allowed are being hashed or wait for it."""

    code: ClassVar[str] = "hashing_busy"


class Passwords:
    """Hashes and checks passwords. A check without an account costs what any other check costs (P67)."""

    def __init__(self, cost: HashCost, hasher: PasswordHasher | None = None) -> None:
        """`hasher` replaces the one that `cost` describes."""
        self._hasher = hasher or PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes, type=Type.ID
        )
        self._pool = ThreadPoolExecutor(max_workers=cost.workers, thread_name_prefix="auth-password")
        self._places = BoundedSemaphore(cost.workers + cost.waiting)
        self._decoy = ""

    async def open(self) -> None:
        """Make the hash that stands in for accounts that do not exist."""
        self._decoy = await self.hash(Secret(new_id()))

    def close(self) -> None:
        """Finish the hash in progress, drop those that wait."""
        self._pool.shutdown(cancel_futures=True)

    async def hash(self, password: Secret) -> str:
        """The encoded argon2id hash. Raises `HashingBusy`."""
        return await self._in_pool(lambda: self._hasher.hash(password.reveal()))

    async def check(self, stored: str | None, password: Secret) -> bool:
        """Whether `password` is the one behind `stored`; never for None, after the same work.

        Raises `HashingBusy`.
        """
        matches = await self._in_pool(lambda: self._verify(stored or self._decoy, password))
        return matches and stored is not None

    def is_weak(self, stored: str) -> bool:
        """Whether `stored` was made more cheaply than hashes are made now."""
        parameters = extract_parameters(stored)
        return (
            parameters.type is not Type.ID
            or parameters.memory_cost < self._hasher.memory_cost
            or parameters.time_cost < self._hasher.time_cost
        )

    def _verify(self, stored: str, password: Secret) -> bool:
        try:
            return self._hasher.verify(stored, password.reveal())
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _in_pool(self, work: Callable[[], _Result]) -> _Result:
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        future = self._pool.submit(work)
        # The place is free when the thread is, not when the client stops waiting.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)
