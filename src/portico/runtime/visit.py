"""One open page in one tab, as this process holds it.

A visit is plain versioned data; the script context is a cache of one version that can be thrown
away and built again from the data at any time between events (hard-cases 5).
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portico.auth.manager import SessionManager
from portico.auth.sealing import Vault
from portico.auth.session import SessionEnded
from portico.clock import Clock
from portico.culture.culture import Culture
from portico.errors import AnswerTooLarge, PorticoError, ScriptFailed, ScriptTooMuch, WorkerLost
from portico.model.app import App
from portico.model.page import Page
from portico.model.query import READING
from portico.model.widget import WidgetType
from portico.runtime.attempts import Attempts
from portico.runtime.callees import Callee
from portico.runtime.calls import Calls
from portico.runtime.contract import ContractRunner
from portico.runtime.cookies import Cookies
from portico.runtime.digests import Digests
from portico.runtime.effects import Effects
from portico.runtime.event import Event
from portico.runtime.files import Files
from portico.runtime.kept import apart, bounded, with_snapshot
from portico.runtime.ledger import Ledger
from portico.runtime.observer import Observer
from portico.runtime.outcome import Asked
from portico.runtime.replies import reply
from portico.runtime.run import Run, nothing
from portico.runtime.surface import Surface
from portico.runtime.witness import Witness
from portico.sandbox.digest import Digest
from portico.sandbox.pool import Context, Pool
from portico.sandbox.turn import Ask, Awaited, RunQuery, Turn

Inputs = Sequence[Mapping[str, Any]]
#: Seconds for which a page with timers, or with a load that wrote to another server, is left to its process.
HELD = 90.0

#: What a question is told that nobody is there to answer.
NOBODY = "There was nobody to answer the question."


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Question:
    """What an event waits for: the browser's answer to `asked`. It goes on with `run` and `effects`,
    unless `expire` comes first, at `until` (seconds since the epoch)."""

    asked: Asked
    event: Event
    run: Run
    effects: Effects
    expire: asyncio.TimerHandle
    until: float


class Visit:
    """A page, its properties as last computed, and the context that computes them.

    `surface` is what it shows now; `unloaded` are the stages of the page's load that have not run, and
    `loading` the run of the load where it did not end in time. `version` counts saved states,
    `ledger` says what became of its events. `fragment` is the part of the address that only the browser
    knows, `asked` are questions that it has not answered yet, `vault` opens the sealed tokens that its
    scripts were given. `culture` is what the surface was computed for, once it was. `process` names this
    process; until `elsewhere` (seconds since the epoch) another one holds what cannot be stored.
    """

    def __init__(
        self,
        app: App,
        page: Page,
        types: Mapping[str, WidgetType],
        *,
        visit_id: str,
        process: str,
        pool: Pool,
        client: Callee,
        contract: ContractRunner,
        attempts: Attempts,
        digests: Digests,
        manager: SessionManager,
        clock: Clock,
        files: Files,
        observer: Observer | None = None,
    ) -> None:
        self.app, self.files = app, files
        self.page = page
        self.id = visit_id
        self._process = process
        self.surface = Surface(page, types)
        self.witness = Witness(app, page, self.surface, visit_id=visit_id, observer=observer)
        self.tab_store: dict[str, Any] = {}
        self.vault = Vault()
        self.cookies = Cookies(app, manager, clock)
        self.culture: Culture | None = None
        self.fragment = ""
        self.unloaded = [list(stage) for stage in page.load]
        self.loading: Run | None = None
        self.asked: dict[str, Question] = {}
        self.elsewhere = 0.0
        self.snapshot: str | None = None
        self.version = 0
        self.ledger = Ledger()
        self.timers = 0
        self.dispatching = 0
        self.lease = contextlib.AsyncExitStack()
        self.waking = asyncio.Lock()
        self.saving = asyncio.Lock()
        self.touched = clock.now()
        self._pool = pool
        self._digests = digests
        self._calls = Calls(
            app,
            client=client,
            contract=contract,
            attempts=attempts,
            witness=self.witness,
            cookies=self.cookies,
            files=files,
        )
        self.clock = clock
        self._context: Context | None = None
        self._turns = asyncio.Lock()
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._names = 0
        self._late: set[str] = set()
        self._withheld: list[Turn] = []

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
        """Whether it is needed now: an event, a request or a question is under way."""
        return bool(self.dispatching or self._tasks or self.asked)

    def begin(self, cause: str, before_write: Callable[[], Awaitable[None]] = nothing) -> Run:
        """A new event. It gets what changed too late for the one before."""
        self._names += 1
        run = Run(f"e{self._names}", before_write, cause)
        self.overtake(run)
        self._runs[run.ev] = run
        for turn in self._withheld:
            self.surface.merge(turn.patch, turn.gone)
        self._withheld.clear()
        return run

    def end(self, run: Run) -> None:
        """The event is answered; what it still causes belongs to the next."""
        self._runs.pop(run.ev, None)

    def end_or_park(self, run: Run) -> None:
        """The same, unless something will take the event up again: an answer, or a `load`."""
        waits = self.loading is run or any(question.run is run for question in self.asked.values())
        if not waits:
            self.end(run)

    async def boot(self, environment: Mapping[str, Any]) -> None:
        """Make a context: from the snapshot if there is one, else from nothing."""
        inputs = [environment]
        if self.snapshot is not None:
            inputs.append({"k": "restore", "state": json.loads(self.snapshot)})
        try:
            context, turn = await self._pool.open(self.app.key, self.page.program, inputs, self.clock.now())
        except ScriptFailed as error:
            self.witness.stopped(error)
            raise
        self._context = context
        self.files.forget()
        self.loading = None
        self._drop_questions()
        self.surface.clear()
        self._withheld.clear()
        self._absorb(turn, None)

    async def turn(self, inputs: Inputs, run: Run | None) -> Turn:
        """One message to the context. Raises ScriptFailed; the context is then gone."""
        async with self._turns:
            if self._context is None:
                raise WorkerLost("the context was dropped")
            try:
                turn = await self._context.turn(inputs, self.clock.now())
            except ScriptFailed as error:
                self.witness.stopped(error)
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
                turn = await self._context.turn([{"k": "set", "set": cells}], self.clock.now())
                self._withheld.append(turn)

    def _absorb(self, turn: Turn, run: Run | None) -> None:
        self.surface.merge(turn.patch, turn.gone)
        self.timers = turn.timers
        if run is not None:
            changed = run.changed if run.ev in self._runs else self._late
            changed |= set(turn.patch)
        for effect in turn.effects:
            owner = self._runs.get(effect.ev or "")
            if isinstance(effect, RunQuery | Digest):
                self._request(effect, owner)
            elif isinstance(effect, Ask):
                self._ask(effect, owner)
            elif owner is not None:
                owner.commands.append(effect)
            elif isinstance(effect, Awaited):
                self.spawn(self._unanswered(effect))
        for error in turn.errors:
            owner = self._runs.get(error.event or "")
            self.witness.failed(error, owner.cause if owner else "")
            if owner is not None:
                owner.errors.append(error)
        for line in turn.logs:
            self.witness.said(line)

    def _request(self, effect: RunQuery | Digest, run: Run | None) -> None:
        if run is not None:
            run.open += 1
        self.spawn(self._answer(effect, run))

    def _ask(self, effect: Ask, run: Run | None) -> None:
        """A question of an event that is over finds nobody to answer it."""
        if run is not None:
            run.asks.append(effect)
            run.wake.set()
        else:
            self.spawn(self._unanswered(effect))

    async def _unanswered(self, effect: Ask | Awaited) -> None:
        with contextlib.suppress(ScriptFailed):
            await self.turn([reply(effect, ok=False, message=NOBODY)], None)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that this visit waits for when it is closed."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, effect: RunQuery | Digest, run: Run | None) -> None:
        try:
            if isinstance(effect, Digest):
                answer = await self._digests.answer(effect, self.id)
            else:
                answer = await self._called(effect, run)
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

    async def _called(self, effect: RunQuery, run: Run | None) -> Mapping[str, Any]:
        query = self.page.queries[effect.query]
        if run is not None and query.method not in READING:
            await run.before_write()
        answered = self.witness.called(effect, query, run.cause if run else "")
        result = await self._calls.call(query, effect.request, run, self.vault)
        answered(result)
        if self.witness.stayed(query, result.stayed) and run is not None and run.tokens is not None:
            run.tokens.stayed(query.name, result.stayed)
        if run is not None and result.ok:
            run.succeeded.add(effect.query)
        found = {"ok": result.ok, "value": result.value, "meta": result.meta, "message": result.message}
        return {"k": "result", "id": effect.id, **found}

    def overtake(self, run: Run) -> None:
        """Give a run what changed too late for those before it."""
        run.changed |= self._late
        self._late.clear()

    async def keep(self) -> None:
        """Take a snapshot of the context: what `boot` starts from next time. One that an event beside this
        one has lost leaves none: what was kept before stays."""
        async with self._turns:
            if self._context is None:
                return
            state = await self._context.snapshot()
        self.witness.lost(state.get("lost", ()))
        self.snapshot, dropped = bounded(state, frozenset(self.surface.secrets()))
        # What was too large to keep is fetched again for the next context.
        self.load_again(dropped.__contains__)

    def load_again(self, wanted: Callable[[str], bool]) -> None:
        """Have steps of the page's load run again, besides those that have not run."""
        unloaded = {step for stage in self.unloaded for step in stage}
        stages = [[step for step in stage if step in unloaded or wanted(step)] for stage in self.page.load]
        self.unloaded = [stage for stage in stages if stage]

    def content(self, *, whole: bool = True) -> bytes:
        """What is stored of it; if not `whole`, without its snapshot."""
        known = {
            "app": self.app.version,
            "page": self.page.name,
            "events": self.ledger.as_json(),
            "held": {"by": self._process, "until": self._held_until()},
            "unloaded": self.unloaded,
            "tab_store": self.tab_store,
            "sealed": self.vault.values,
        }
        return with_snapshot(known, self.snapshot if whole else None)

    def _held_until(self) -> float:
        """Until when only this process can go on with it: a question is open, timers run, or a load that
        wrote to another server."""
        held = [self.files.until, *(question.until for question in self.asked.values())]
        if self.timers or (self.loading is not None and self.ledger.begun):
            held.append(self.clock.now().timestamp() + HELD)
        return max(held, default=0.0)

    def adopt(self, version: int, content: bytes) -> None:
        """Go on from what was stored. What is of another version of the app, or of another page, only
        tells which events were answered."""
        state, snapshot = apart(content)
        self.version = version
        self.ledger.read(state["events"])
        held = state.get("held", {"by": self._process})
        self.elsewhere = 0.0 if held["by"] == self._process else held["until"]
        if (state["app"], state["page"]) == (self.app.version, self.page.name):
            self.unloaded, self.tab_store = state["unloaded"], state["tab_store"]
            self.snapshot = snapshot
            self.vault.learn(state.get("sealed", {}))

    async def rest(self) -> None:
        """Let the context go; the snapshot stays."""
        async with self._turns:
            await self._drop()

    def alone(self, run: Run) -> bool:
        """Whether no other event is in progress."""
        others = (other for other in self._runs.values() if other is not run and other is not self.loading)
        return not any(others)

    @property
    def loads(self) -> bool:
        """Whether something of the page's load is still to come."""
        return self.loading is not None or bool(self.unloaded)

    async def wipe(self) -> None:
        """Somebody signed in or out: forget all that was shown and kept, but which events were
        answered, and how. Requests that are open go on; their answers find nobody."""
        async with self._turns:
            await self._drop()
        self.surface.clear()
        self.snapshot, self.version, self.vault = None, 0, Vault()
        self.cookies.forget()
        self.files.end()
        self.tab_store.clear()

    async def close(self) -> None:
        """End everything that is under way: whoever waits for an event is told that it ended."""
        for run in self._runs.values():
            run.failure = SessionEnded("the visit was closed")
            run.wake.set()
        self._drop_questions()
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.rest()

    def _drop_questions(self) -> None:
        for question in self.asked.values():
            question.expire.cancel()
        self.asked.clear()

    async def _drop(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            await context.close()
