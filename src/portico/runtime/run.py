"""One event in progress."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from portico.errors import PorticoError
from portico.runtime.meaning import Grant, Meaning
from portico.runtime.queries import Result
from portico.sandbox.turn import Ask, Command, ScriptError
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A sign-in that needs another step: the answer to this one, sealed, and the tokens behind the handles
    in it."""

    answer: Any = field(repr=False)
    sealed: Mapping[str, str] = field(repr=False)


class NotNow:
    """Whether there is another token cannot be said: the auth API does not answer."""


class Tokens(Protocol):
    """The tokens of the session that an event is in."""

    async def refresh(self, refused: Secret | None) -> bool | NotNow:
        """Make sure that there is a token worth sending, or another than the one that was `refused`: whether
        there is another now."""
        ...

    async def exchange(self, send: Callable[[], Awaitable[tuple[Result, Meaning]]]) -> Result:
        """Let a script renew the token, as the only one that does."""
        ...


@dataclass(eq=False, slots=True)
class Run:
    """What its turns left to do, and what they changed.

    `before_write` is awaited before a request that may change something at another server, `cause` says
    what the event is in words of the app: "LoginButton onClick". `open`
    counts its requests that wait for an answer, `asks` are its questions to the browser, `succeeded` the
    queries that were answered well, `grants` what the auth API's answers handed out, in their order.
    `tokens` are those of the session that it is in, `address` is whose event it is.
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
    grants: list[Grant | Step] = field(default_factory=list)
    tokens: Tokens | None = None
    address: str = ""
    failure: PorticoError | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def grant(self) -> Grant | None:
        """The last of the grants that hold a token."""
        granted = (grant for grant in reversed(self.grants) if isinstance(grant, Grant))
        return next((grant for grant in granted if grant.token is not None), None)

    @property
    def vouched(self) -> Grant | None:
        """The last of those that hold none."""
        granted = (grant for grant in reversed(self.grants) if isinstance(grant, Grant))
        return next((grant for grant in granted if grant.token is None), None)

    @property
    def step(self) -> Step | None:
        """The step that a sign-in waits behind, unless an answer after it granted something."""
        last = self.grants[-1] if self.grants else None
        return last if isinstance(last, Step) else None

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
