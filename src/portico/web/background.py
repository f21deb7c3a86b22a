"""Work that goes on beside requests for as long as the server runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger("portico.web")

#: Seconds until work that failed begins again.
PAUSE = 5.0


async def lasting(work: Callable[[], Awaitable[None]]) -> None:
    """Do work that never ends, until cancelled. An error that the work itself did not expect is logged, and
    it begins again: a loop that ended in silence would be missed only when the store is full."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("work in the background failed")
        await asyncio.sleep(PAUSE)
