"""Counts in Redis. How they are counted: `allowances`; this is the same in a script."""

from collections.abc import Sequence
from datetime import timedelta

from portico.auth.ports import Allowance
from portico.stores.redis_scripts import TAKE
from portico.stores.redis_server import TICK, RedisServer, named


class RedisTally:
    """`Tally` in Redis."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def take(self, allowances: Sequence[Allowance]) -> timedelta | None:
        """As the port says."""
        words = [
            word
            for one in allowances
            for word in (named(one.key), one.every // TICK, one.burst * one.every // TICK)
        ]
        wait = int(await self._server.run(TAKE, *words))
        return wait * TICK if wait > 0 else None

    async def forgive(self, key: str) -> None:
        """As the port says."""
        await self._server.command("DEL", self._server.key("c", named(key)))
