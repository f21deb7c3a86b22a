"""One event in progress."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from portico.errors import PorticoError
from portico.sandbox.turn import Ask, Command, ScriptError


@dataclass(eq=False, slots=True)
class Run:
    """What its turns left to do, and what they changed.

    `before_write` is awaited before a request that may change something at another server, `cause` says
    what the event is in words of the app: "LoginButton onClick". `open`
    counts its requests that wait for an answer, `asks` are its questions to the browser, `succeeded` the
    queries that were answered well.
    """

    ev: str
    before_write: Callable[[], Awaitable[None]]
    cause: str = ""
    open: int = 0
    commands: list[Command] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    errors: list[ScriptError] = field(default_factory=list)
    succeeded: set[str] = field(default_factory=set)
    failure: PorticoError | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def quiet(self) -> bool:
        """None of its requests is open (R3)."""
        return self.open == 0

    async def news(self, seconds: float) -> None:
        """Wait until a request was answered, `seconds` at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), max(seconds, 0))
        self.wake.clear()

    def take(self) -> list[Command]:
        """The commands that came since the last call."""
        commands, self.commands = self.commands, []
        return commands

    def take_changed(self) -> frozenset[str]:
        """The widgets that changed since the last call."""
        changed = frozenset(self.changed)
        self.changed.clear()
        return changed


async def nothing() -> None:
    """The `before_write` of a run that need not be noted."""
