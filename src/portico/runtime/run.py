"""One event in progress."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from portico.auth.evidence import Cookies
from portico.auth.session import Session
from portico.auth.set_cookie import SetCookies
from portico.errors import PorticoError
from portico.runtime.meaning import Grant, Meaning
from portico.runtime.queries import Result
from portico.sandbox.turn import Ask, Command, ScriptError
from portico.values import Secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A sign-in that needs another step: the answer to this one, sealed, and the tokens behind the handles
    in it, with the cookies that it set."""

    answer: Any = field(repr=False)
    sealed: Mapping[str, str] = field(repr=False)
    cookies: Cookies = ()


class NotNow:
    """Whether there is another token cannot be said: the auth API does not answer."""


class Tokens(Protocol):
    """The tokens of the session that an event is in."""

    @property
    def carried(self) -> Secret | None:
        """The session's token, where it is one that goes along as a cookie."""
        ...

    async def refresh(self, refused: Secret | None) -> bool | NotNow:
        """Make sure that there is a token worth sending, or another than the one that was `refused`: whether
        there is another now."""
        ...

    def retried(self, query: str, status: str) -> None:
        """Note that a query was answered 401 and sent again with another token, and how that was answered."""
        ...

    def stayed(self, query: str, why: str) -> None:
        """Note that a query sent a token as it was sealed."""
        ...

    async def exchange(
        self, send: Callable[[], Awaitable[tuple[Result, Meaning]]], *, call: timedelta
    ) -> Result:
        """Let a script renew the token, as the only one that does, in a call that takes `call` at most.
        Raises Busy, StoreUnavailable."""
        ...

    def follow(self, session: Session) -> None:
        """The session goes on as this."""
        ...


@dataclass(eq=False, slots=True)
class Run:
    """What its turns left to do, and what they changed.

    `before_write` is awaited before a request that may change something at another server, `cause` says
    what the event is in words of the app: "LoginButton onClick". `open`
    counts its requests that wait for an answer, `asks` are its questions to the browser, `succeeded` the
    queries that were answered well, `grants` what the auth API's answers handed out, in their order, and
    `cookies` what these answers, and those after them, set: they are the session's once somebody signed in.
    `vouched_for` is awaited once a script has signed somebody in by the last answer that proves nothing by
    itself. `tokens` are those of the session that it is in, `address` is whose event it is, and `agent` what
    the browser calls itself.
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
    cookies: list[SetCookies] | None = None
    vouched_for: Callable[[], Awaitable[None]] | None = None
    tokens: Tokens | None = None
    address: str = ""
    agent: str = ""
    failure: PorticoError | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def granted(self, found: Grant | Step) -> None:
        """An answer of the auth API handed this out."""
        self.grants.append(found)
        if found.cookies:
            self.cookies = [*(self.cookies or ()), *found.cookies]

    def drop_grants(self) -> None:
        """What was handed out so far is used up, or signs nobody in."""
        self.grants.clear()
        self.cookies = None
        self.vouched_for = None

    @property
    def grant(self) -> Grant | None:
        """The last of the grants that hold a token, or need none."""
        granted = (grant for grant in reversed(self.grants) if isinstance(grant, Grant))
        return next((grant for grant in granted if grant.token is not None or grant.proven), None)

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
