"""Script contexts in worker processes: the way into the sandbox.

A worker serves one app, so that one that hangs, crashes or is taken over costs that app alone.
Contexts are caches: any of them may be gone at its next use, which then raises WorkerLost, and
whoever holds it builds another from its snapshot.
"""

import asyncio
import base64
import contextlib
import itertools
import json
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from portico.errors import ScriptFailed, ScriptTooMuch, TooMany, WorkerLost
from portico.model.program import Program
from portico.sandbox.answer import Fields, load
from portico.sandbox.learning import Learning
from portico.sandbox.limits import Limits
from portico.sandbox.process import NotSent, WorkerProcess
from portico.sandbox.turn import Turn, parse
from portico.sandbox.wire import Op

Inputs = Sequence[Mapping[str, Any]]
T = TypeVar("T")

#: How often opening a context is tried, if workers go away meanwhile.
ATTEMPTS = 3


@dataclass(eq=False, slots=True)
class Place:
    """A worker, and what the pool knows of it. One that is `retired` gets no more contexts."""

    worker: WorkerProcess
    programs: dict[str, int] = field(default_factory=dict)
    contexts: "OrderedDict[int, Context]" = field(default_factory=OrderedDict)
    used: float = 0.0
    idle: asyncio.TimerHandle | None = None
    retired: bool = False


@dataclass(eq=False, slots=True)
class Crew:
    """The workers of one app. `hiring` is held while one is started."""

    places: list[Place] = field(default_factory=list)
    hiring: asyncio.Lock = field(default_factory=asyncio.Lock)


class Context:
    """One program with its state, in a worker. Made by `Pool.open`."""

    def __init__(self, pool: "Pool", place: Place, number: int, learning: Learning) -> None:
        self._pool = pool
        self._learning = learning
        self._place = place
        self._number = number
        self._gone = False
        self.open = 0

    @property
    def alive(self) -> bool:
        """Whether it can be used: neither closed, failed nor let go, and its worker lives."""
        return not self._gone and self._place.worker.alive

    async def turn(self, inputs: Inputs, now: datetime) -> Turn:
        """Apply inputs. Turns of one context follow one another in the order they were asked for.

        Raises ScriptOverrun, ScriptMemory, ScriptTooMuch, WorkerLost or ScriptFailed; the context
        is gone then, as it is when the caller is cancelled: what the turn changed is not known.
        """
        told = self._learning.before(inputs)
        body = message([*told, *inputs], now, self._pool.limits, random=self._learning.random)
        return await self.take(Op.TURN, body)

    async def snapshot(self) -> dict[str, Any]:
        """What another context can be built again from, by an input `restore`. Raises as `turn`."""
        return await self._ask(Op.SNAPSHOT, "", lambda text: Fields(load(text)).values)

    async def close(self) -> None:
        """Let it go. Closing twice, or one that is gone, is nothing."""
        if self.alive:
            self._leave()
            await self._pool.drop(self._place, self._number)

    async def take(self, op: Op, body: str) -> Turn:
        """The turn that a frame leads to; for the pool."""
        turn = await self._ask(op, body, parse)
        self.open = turn.open
        return turn

    async def _ask(self, op: Op, body: str, read: Callable[[str], T]) -> T:
        if not self.alive:
            raise NotSent("the context is gone")
        self._pool.touch(self._place, self._number)
        begun, outcome = time.monotonic(), "cancelled"
        try:
            found = read(await self._place.worker.ask(op, self._number, body))
            outcome = "ok"
            return found
        except BaseException as error:
            if isinstance(error, ScriptFailed):
                outcome = error.code
            self._leave()
            self._pool.background(self._pool.drop(self._place, self._number))
            raise
        finally:
            self._pool.turned(outcome, time.monotonic() - begun)

    def _leave(self) -> None:
        self._gone = True
        self._place.contexts.pop(self._number, None)


class Pool:
    """Worker processes. Use it as an async context manager, or close it.

    limits               of every context and worker
    contexts_per_worker  beyond it the context used longest ago is let go, one that waits for
                         no request if there is one
    workers_per_app      an app's contexts are spread over as many
    max_workers          beyond it the idle worker used longest ago is stopped
    idle_after           a worker not used for so long is stopped
    turned               hears of each piece of work: `ok` or an error's code, and its seconds
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        contexts_per_worker: int = 200,
        workers_per_app: int = 1,
        max_workers: int = 32,
        idle_after: timedelta = timedelta(minutes=10),
        turned: Callable[[str, float], None] = lambda outcome, seconds: None,
    ) -> None:
        self.limits = limits or Limits()
        self._contexts_per_worker = contexts_per_worker
        self._workers_per_app = workers_per_app
        self._max_workers = max_workers
        self._idle_after = idle_after.total_seconds()
        self.turned = turned
        self._crews: dict[str, Crew] = {}
        self._starting = 0
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop every worker."""
        self._closed = True
        await asyncio.gather(*(self._stop(place) for place in self._places()))
        while self._tasks:
            await asyncio.gather(*self._tasks)

    @property
    def workers(self) -> dict[str, list[int]]:
        """Process ids of the living workers, by app."""
        living = {
            key: [place.worker.pid for place in crew.places if place.worker.alive]
            for key, crew in self._crews.items()
        }
        return {key: pids for key, pids in living.items() if pids}

    @property
    def open_for_work(self) -> bool:
        """Whether contexts can be opened: it was not closed."""
        return not self._closed

    async def open(
        self, app_key: str, program: Program, inputs: Inputs, now: datetime, *, cpu: timedelta | None = None
    ) -> tuple[Context, Turn]:
        """A new context, and its first turn, whose patch holds every computed property.

        `app_key` says whose worker: an app's name and version. `cpu` replaces the limit of a
        turn for this context. Raises as `Context.turn`, and TooMany if all workers are busy.
        """
        learning = Learning(program.needs)
        told = [*learning.before(inputs), *inputs]
        span = min(cpu or self.limits.cpu, self.limits.wall).total_seconds()
        lost = WorkerLost("no worker was tried")
        for _ in range(ATTEMPTS):
            place = await self._place(app_key)
            # Anew for each: no two contexts are given the same random bytes.
            text = message(told, now, self.limits, random=learning.random)
            try:
                return await self._open(place, program, learning, text, span)
            except WorkerLost as error:
                # A worker may have died before it was asked. Nothing has been performed yet.
                lost = error
        raise lost

    async def _open(
        self, place: Place, program: Program, learning: Learning, text: str, cpu: float
    ) -> tuple[Context, Turn]:
        await self._make_room(place)
        number = next(self._numbers)
        context = Context(self, place, number, learning)
        head = {
            "program": await self._program(place, program.source),
            "generation": f"g{number}",
            "libraries": program.needs.libraries,
            "cpu": cpu,
        }
        place.contexts[number] = context
        return context, await context.take(Op.OPEN, json.dumps(head) + "\n" + text)

    async def _program(self, place: Place, source: str) -> int:
        """The number of a program in this worker, which is sent there once."""
        number = place.programs.get(source)
        if number is None:
            number = next(self._numbers)
            await place.worker.ask(Op.PROGRAM, number, source)
            place.programs[source] = number
        return number

    async def _make_room(self, place: Place) -> None:
        while len(place.contexts) >= self._contexts_per_worker:
            resting = (context for context in place.contexts.values() if context.open == 0)
            oldest = next(resting, None) or next(iter(place.contexts.values()))
            await oldest.close()

    # Workers

    async def _place(self, app_key: str) -> Place:
        """The worker of an app with the fewest contexts, started if there is none."""
        crew = self._crews.setdefault(app_key, Crew())
        async with crew.hiring:
            crew.places = [place for place in crew.places if place.worker.alive]
            hired = [place for place in crew.places if not place.retired]
            best = min(hired, key=lambda place: len(place.contexts), default=None)
            if best is None or (best.contexts and len(hired) < self._workers_per_app):
                best = await self._hire()
                crew.places.append(best)
                if self._closed:
                    await self._stop(best)
            return best

    async def _hire(self) -> Place:
        if self._closed:
            raise WorkerLost("the pool is closed")
        self._starting += 1
        try:
            if (
                len([place for place in self._places() if place.worker.alive]) + self._starting
                > self._max_workers
            ):
                await self._dismiss_oldest()
            return Place(worker=await WorkerProcess.start(self.limits))
        finally:
            self._starting -= 1

    async def _dismiss_oldest(self) -> None:
        idle = [place for place in self._places() if place.worker.alive and not place.worker.busy]
        if not idle:
            raise TooMany("every worker is busy")
        await self._stop(min(idle, key=lambda place: place.used))

    def _places(self) -> list[Place]:
        return [place for crew in self._crews.values() for place in crew.places]

    def touch(self, place: Place, number: int) -> None:
        """A context is being used: neither it nor its worker is the next to go."""
        if number in place.contexts:
            place.contexts.move_to_end(number)
        loop = asyncio.get_running_loop()
        place.used = loop.time()
        if place.idle is not None:
            place.idle.cancel()
        place.idle = loop.call_later(self._idle_after, lambda: self.background(self._stop(place)))

    async def drop(self, place: Place, number: int) -> None:
        """Free a context in its worker."""
        with contextlib.suppress(ScriptFailed):
            await place.worker.ask(Op.DROP, number, "")
        if place.retired and not place.contexts:
            self.background(self._stop(place))

    def retire(self, app_key: str) -> None:
        """No more contexts of this app: a worker of its is stopped when it has none left."""
        for place in self._crews.get(app_key, Crew()).places:
            place.retired = True
            if not place.contexts:
                self.background(self._stop(place))

    async def _stop(self, place: Place) -> None:
        if place.idle is not None:
            place.idle.cancel()
        await place.worker.stop()

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that nobody waits for."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def message(inputs: Inputs, now: datetime, limits: Limits, *, random: bool = False) -> str:
    """A message to a context, with `random` bytes of its own. Raises ScriptTooMuch if it is larger or deeper
    than allowed."""
    whole = {"now": int(now.timestamp() * 1000), "inputs": list(inputs)}
    if random:
        whole["random"] = base64.b64encode(secrets.token_bytes(limits.random)).decode()
    try:
        try:
            text = json.dumps(whole, allow_nan=False)
        except ValueError:
            text = json.dumps(_finite(whole), allow_nan=False)
    except RecursionError:
        raise ScriptTooMuch("an input is nested too deeply") from None
    if len(text) > limits.message:
        raise ScriptTooMuch("the message is too large")
    return text


def _finite(value: Any) -> Any:
    """The value with null for numbers that JSON does not have."""
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _finite(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_finite(inner) for inner in value]
    return value
