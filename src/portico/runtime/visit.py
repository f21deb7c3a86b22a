"""One open page in one tab, as this process holds it.

A visit is plain versioned data; the script context is a cache of one version that can be thrown
away and built again from the data at any time between events (hard-cases 5).
"""

import asyncio
import contextlib
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portico.auth.session import SessionEnded
from portico.clock import Clock
from portico.errors import AnswerTooLarge, PorticoError, ScriptFailed, ScriptTooMuch, WorkerLost
from portico.model.app import App
from portico.model.page import Page
from portico.model.query import READING
from portico.model.widget import WidgetType
from portico.runtime import queries
from portico.runtime.http import Client
from portico.runtime.surface import Surface
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import Command, RunQuery, ScriptError, Turn

log = logging.getLogger("portico.script")

Inputs = Sequence[Mapping[str, Any]]

JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")

#: Query data above this is left out of a snapshot and fetched again (R6).
DATA_LIMIT = 256 << 10


async def _nothing() -> None:
    pass


@dataclass(slots=True)
class Run:
    """One event in progress: what its turns left to do, and what they changed. `before_write` is
    awaited before a request that may change something at another server."""

    ev: str
    before_write: Callable[[], Awaitable[None]]
    open: int = 0
    commands: list[Command] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    errors: list[ScriptError] = field(default_factory=list)
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


class Visit:
    """A page, its properties as last computed, and the context that computes them.

    `surface` is what it shows now; `unloaded` are queries of the page's load that have
    not run. `version` counts saved states, `answered` is the number of the last answered event,
    `begun` that of the last one that wrote to another server; `answers` holds the answers to the
    last few, for clients that lost one.
    """

    def __init__(
        self,
        app: App,
        page: Page,
        types: Mapping[str, WidgetType],
        *,
        visit_id: str,
        pool: Pool,
        client: Client,
        clock: Clock,
    ) -> None:
        self.app = app
        self.page = page
        self.id = visit_id
        self.surface = Surface(page, types)
        self.tab_store: dict[str, Any] = {}
        self.unloaded = list(page.on_load)
        self.snapshot: Mapping[str, Any] | None = None
        self.version = 0
        self.answered = 0
        self.begun = 0
        self.dispatching = 0
        self.answers: OrderedDict[object, asyncio.Future[Any]] = OrderedDict()
        self.lease = contextlib.AsyncExitStack()
        self.waking = asyncio.Lock()
        self.touched = clock.now()
        self._pool = pool
        self._client = client
        self._clock = clock
        self._context: Context | None = None
        self._turns = asyncio.Lock()
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._names = 0
        self._late: set[str] = set()
        self._withheld: list[Mapping[str, Mapping[str, Any]]] = []

    # Turns

    @property
    def live(self) -> bool:
        """Whether a context is at hand."""
        return self._context is not None and self._context.alive

    @property
    def waiting(self) -> bool:
        """Whether a request is open."""
        return bool(self._tasks)

    @property
    def busy(self) -> bool:
        """Whether it is needed now: an event or a request is under way."""
        return bool(self.dispatching or self._runs or self._tasks)

    def begin(self, before_write: Callable[[], Awaitable[None]] = _nothing) -> Run:
        """A new event. It gets what changed too late for the one before."""
        self._names += 1
        run = Run(f"e{self._names}", before_write)
        self.overtake(run)
        self._runs[run.ev] = run
        for patch in self._withheld:
            self.surface.merge(patch)
        self._withheld.clear()
        return run

    def end(self, run: Run) -> None:
        """The event is answered; what it still causes belongs to the next."""
        self._runs.pop(run.ev, None)

    async def boot(self, environment: Mapping[str, Any]) -> None:
        """Make a context: from the snapshot if there is one, else from nothing."""
        inputs = [environment]
        if self.snapshot is not None:
            inputs.append({"k": "restore", "state": self.snapshot})
        context, turn = await self._pool.open(
            f"{self.app.slug}@{self.app.version}", self.page.program, inputs, self._clock.now()
        )
        self._context = context
        self.surface.clear()
        self._withheld.clear()
        self._absorb(turn, None)

    async def turn(self, inputs: Inputs, run: Run | None) -> Turn:
        """One message to the context. Raises ScriptFailed; the context is then gone."""
        async with self._turns:
            if self._context is None:
                raise WorkerLost("the context was dropped")
            try:
                turn = await self._context.turn(inputs, self._clock.now())
            except ScriptFailed:
                if not self._context.alive:
                    await self._drop()
                raise
            self._absorb(turn, run)
            return turn

    async def forget(self, cells: list[list[Any]]) -> None:
        """Set cells behind the browser's back: what it is shown next, and may still hold itself,
        stays as the event left it; scripts and snapshots see the cells as they are now."""
        async with self._turns:
            if self._context is not None:
                turn = await self._context.turn([{"k": "set", "set": cells}], self._clock.now())
                self._withheld.append(turn.patch)

    def _absorb(self, turn: Turn, run: Run | None) -> None:
        self.surface.merge(turn.patch)
        if run is not None:
            changed = run.changed if run.ev in self._runs else self._late
            changed |= set(turn.patch)
        for effect in turn.effects:
            owner = self._runs.get(effect.ev or "")
            if isinstance(effect, RunQuery):
                self._ask(effect, owner)
            elif owner is not None:
                owner.commands.append(effect)
        for error in turn.errors:
            self._report(error)
            if (owner := self._runs.get(error.event or "")) is not None:
                owner.errors.append(error)
        for line in turn.logs:
            log.info(
                "console",
                extra={
                    "app": self.app.slug,
                    "page": self.page.name,
                    "level": line.level,
                    "said": self._masked(line.text),
                },
            )

    def _ask(self, effect: RunQuery, run: Run | None) -> None:
        if run is not None:
            run.open += 1
        task = asyncio.create_task(self._answer(effect, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, effect: RunQuery, run: Run | None) -> None:
        try:
            query = self.page.queries[effect.query]
            if run is not None and query.method not in READING:
                await run.before_write()
            result = await queries.run(self._client, self.app, query, effect.request)
            answer = {
                "k": "result",
                "id": effect.id,
                "ok": result.ok,
                "value": result.value,
                "meta": result.meta,
                "message": result.message,
            }
            try:
                await self.turn([answer], run)
            except ScriptTooMuch:
                message = AnswerTooLarge.default_message
                await self.turn([{**answer, "ok": False, "value": None, "message": message}], run)
        except PorticoError as error:
            if run is not None:
                run.failure = error
        finally:
            if run is not None:
                run.open -= 1
                run.wake.set()

    def _report(self, error: ScriptError) -> None:
        place = self.page.program.locate(error.line, error.column or 1) if error.line else None
        log.warning(
            "script error",
            extra={
                "app": self.app.slug,
                "page": self.page.name,
                "owner": error.owner,
                "property": error.property,
                "place": str(place) if place else None,
                "error": self._masked(f"{error.name}: {error.message}"),
            },
        )

    def _masked(self, text: str) -> str:
        """What a script said, without passwords that are typed on this page and without JWTs: a
        script may print anything, a log must not keep it."""
        for path in self.surface.inputs():
            value = self.surface.value(path)
            if self.surface.secret(path) and isinstance(value, str) and value:
                text = text.replace(value, "•••")
        return JWT.sub("eyJ•••", text)

    async def settle(self, run: Run, seconds: float) -> None:
        """Wait until the run is quiet, `seconds` at most."""
        end = asyncio.get_running_loop().time() + seconds
        while not run.quiet and (left := end - asyncio.get_running_loop().time()) > 0:
            await run.news(left)

    async def quiet(self, seconds: float) -> None:
        """Wait until no request of this visit is open, `seconds` at most."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    def overtake(self, run: Run) -> None:
        """Give a run what changed too late for those before it."""
        run.changed |= self._late
        self._late.clear()

    async def keep(self) -> None:
        """Take a snapshot of the context: what `boot` starts from next time."""
        if self._context is None:
            return
        async with self._turns:
            state = await self._context.snapshot()
        self.snapshot = self._bounded(state)

    def _bounded(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The state without values that must not be kept (R6)."""
        cells = {path: dict(values) for path, values in state.get("cells", {}).items()}
        for path, values in cells.items():
            if path in self.page.widgets and self.surface.secret(path):
                values.pop(str(self.surface.type_of(path).value), None)
        data = {path: kept for path, kept in state.get("data", {}).items() if _size(kept) <= DATA_LIMIT}
        dropped = state.get("data", {}).keys() - data.keys()
        self.unloaded = [path for path in self.page.on_load if path in dropped or path in self.unloaded]
        return {**state, "cells": {path: values for path, values in cells.items() if values}, "data": data}

    def state(self) -> dict[str, Any]:
        """What is stored of it."""
        return {
            "app": self.app.version,
            "page": self.page.name,
            "answered": self.answered,
            "begun": self.begun,
            "unloaded": self.unloaded,
            "tab_store": self.tab_store,
            "snapshot": self.snapshot,
        }

    def adopt(self, version: int, state: Mapping[str, Any]) -> None:
        """Go on from a stored state. One of another version of the app, or of another page, only
        tells which events were answered."""
        self.version = version
        self.answered, self.begun = state["answered"], state["begun"]
        if (state["app"], state["page"]) == (self.app.version, self.page.name):
            self.unloaded, self.tab_store = state["unloaded"], state["tab_store"]
            self.snapshot = state["snapshot"]

    async def rest(self) -> None:
        """Let the context go; the snapshot stays."""
        async with self._turns:
            await self._drop()

    def alone(self, run: Run) -> bool:
        """Whether no other event is in progress."""
        return self._runs.keys() <= {run.ev}

    async def wipe(self) -> None:
        """Somebody signed in or out: forget all that was shown and kept, but which events were
        answered, and how. Requests that are open go on; their answers find nobody."""
        async with self._turns:
            await self._drop()
        self.surface.clear()
        self.snapshot, self.version = None, 0
        self.tab_store.clear()

    async def close(self) -> None:
        """End everything that is under way: whoever waits for an event is told that it ended."""
        for run in self._runs.values():
            run.failure = SessionEnded("the visit was closed")
            run.wake.set()
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.rest()

    async def _drop(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            await context.close()


def _size(value: object) -> int:
    """Roughly the JSON size of a value, without building it."""
    match value:
        case str():
            return len(value) + 2
        case dict():
            return sum(len(str(key)) + 3 + _size(inner) for key, inner in value.items()) + 2
        case list():
            return sum(_size(inner) + 1 for inner in value) + 2
    return 8
