"""What an operator sees of a house's sessions: another process' view, on the same store."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from portico.auth.directory import Found, History, Sealed
from portico.auth.manager import SessionManager
from portico.auth.timeline import Entry, Event
from portico.stores.sqlite import open_sqlite
from tests.web.contracts import PATIENCE, House

Value = TypeVar("Value")


@dataclass(frozen=True)
class Operator:
    """Looks at the store of a house."""

    house: House

    def sessions(self) -> list[Found]:
        """Those that live."""

        async def listed(manager: SessionManager) -> list[Found]:
            return [found async for found in manager.directory.all() if not isinstance(found, Sealed)]

        return self._run(listed)

    def session(self) -> str:
        """The public id of the only one."""
        (found,) = self.sessions()
        return found.card.id

    def history(self, session: str) -> History | None:
        """The timeline that a session is part of."""

        async def read(manager: SessionManager) -> History | None:
            return await manager.directory.history(session)

        return self._run(read)

    def entries(self, session: str) -> list[Entry]:
        """Its entries so far."""
        history = self.history(session)
        return list(history.entries) if history is not None else []

    def end(self, session: str) -> None:
        """As `portico sessions revoke` does."""

        async def ended(manager: SessionManager) -> None:
            found = await manager.directory.by_id(session)
            assert found is not None
            await manager.dismissals.end(found, "operator")
            await manager.timelines.flush()

        self._run(ended)

    def waits_for(self, session: str, kind: type[Event], count: int = 1) -> list[Event]:
        """The events of a kind, once there are so many."""
        end = time.monotonic() + PATIENCE
        while True:
            found = [entry.event for entry in self.entries(session) if isinstance(entry.event, kind)]
            if len(found) >= count:
                return found
            assert time.monotonic() < end, self.entries(session)
            time.sleep(0.05)

    def _run(self, work: Callable[[SessionManager], Coroutine[Any, Any, Value]]) -> Value:
        # Where Playwright runs, so does an event loop in this thread.
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(asyncio.run, self._with(work)).result()

    async def _with(self, work: Callable[[SessionManager], Coroutine[Any, Any, Value]]) -> Value:
        stores = open_sqlite(self.house.folder.parent / "store.db", self.house.clock)
        try:
            manager = SessionManager(
                stores.sessions,
                stores.index,
                stores.visits,
                stores.outbox,
                stores.timeline,
                self.house.clock,
                stores.key,
            )
            return await work(manager)
        finally:
            await stores.close()
