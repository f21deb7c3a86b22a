"""Whether this process lives, and whether it should be sent requests: for load balancers and supervisors.

Neither asks who asks, reads a cookie or says more than a word: anybody may ask.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.auth.ports import SessionStore
from portico.errors import StoreUnavailable

log = logging.getLogger("portico.web")

#: Seconds for which an answer of the store holds: however often it is asked, the store is asked once.
HOLDS = 1.0
#: Seconds that the store has.
PATIENCE = 2.0


@dataclass(slots=True)
class Drain:
    """Whether this process is about to end: then it is not ready. What comes nevertheless is answered."""

    begun: bool = False

    def begin(self) -> None:
        """It is."""
        self.begun = True


class LastAnswers:
    """The ASGI layer under which each answer of a process that is about to end closes its connection: proxies
    that keep connections for the next request have none left to it when it ends, where the next request
    would be lost."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._drain.begun:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, closing)


class Health:
    """The two answers. `up` says whether scripts can be run, `apps` whether there is an app."""

    def __init__(
        self, store: SessionStore, drain: Drain, *, up: Callable[[], bool], apps: Callable[[], bool]
    ) -> None:
        self._store = store
        self._drain = drain
        self._up = up
        self._apps = apps
        self._checked = (0.0, "")
        self._checking = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [Route("/_portico/health", self.health), Route("/_portico/ready", self.ready)]

    async def health(self, request: Request) -> Response:
        """200 as long as the process answers at all. The store is not asked: to start a process again
        mends no store."""
        return PlainTextResponse("alive\n")

    async def ready(self, request: Request) -> Response:
        """200, or 503 with one word for the reason: `draining`, `apps`, `scripts` or `store`."""
        reason = await self.reason()
        if reason:
            return PlainTextResponse(f"{reason}\n", 503, headers={"Retry-After": "1"})
        return PlainTextResponse("ready\n")

    async def reason(self) -> str:
        """Why it is not ready; empty if it is."""
        if self._drain.begun:
            return "draining"
        if not self._apps():
            return "apps"
        if not self._up():
            return "scripts"
        return await self._store_reason()

    async def _store_reason(self) -> str:
        async with self._checking:
            at, reason = self._checked
            if at and time.monotonic() - at < HOLDS:
                return reason
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._store.check()
                reason = ""
            except (StoreUnavailable, TimeoutError) as error:
                log.warning("not ready", extra={"reason": "store", "error": type(error).__name__})
                reason = "store"
            self._checked = (time.monotonic(), reason)
            return reason
