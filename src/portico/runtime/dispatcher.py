"""One event, from posted values to what the browser is told."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from portico.auth.manager import SessionManager
from portico.clock import Clock
from portico.errors import EventRefused
from portico.runtime.contract import ContractRunner
from portico.runtime.effects import Effects
from portico.runtime.http import Client
from portico.runtime.outcome import ToPage, Update
from portico.runtime.visit import Run, Visit
from portico.runtime.visits import Visitor, Visits
from portico.sandbox.pool import Pool

log = logging.getLogger("portico.runtime")

Tell = Callable[[Update], None]

#: Seconds until an event's answer says that it is not done (R3), and until it begins to stream (R4).
PATIENCE = 30.0
EARLY = 0.15
#: Seconds that a `load` event waits before it answers that more is to come: events of the same page
#: that the user caused meanwhile stand in line behind it.
LOAD_WAIT = 3.0
#: How often posted values are applied anew because earlier ones showed further inputs.
ROUNDS = 3

SLOW = "This is taking longer than usual. What is still missing will appear with your next action."


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What a browser posts (`docs/design/events.md`). `values` are by widget path; `widget` is
    None for the page's own event `load`."""

    n: int
    widget: str | None
    event: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Dispatcher:
    """Dispatches events to visits."""

    def __init__(
        self, *, visits: Visits, pool: Pool, client: Client, manager: SessionManager, clock: Clock
    ) -> None:
        self._visits = visits
        self._manager = manager
        self._contract = ContractRunner(pool=pool, client=client, clock=clock)

    async def dispatch(
        self, visit: Visit, visitor: Visitor, event: Event, *, tell: Tell | None = None
    ) -> Update:
        """Run an event on an entered visit, and return what came of it. `tell` hears from 150 ms on
        whatever is known before (R4).

        Raises EventRefused, ScriptFailed, StoreUnavailable, SessionEnded, CallFailed.
        """
        anew = await self._visits.wake(visit, visitor)
        effects = Effects(
            app=visit.app,
            session=visitor.session,
            return_to=visitor.return_to,
            tab_store=visit.tab_store,
            manager=self._manager,
            contract=self._contract,
        )
        run = visit.begin(partial(self._mark, visit, visitor, event))
        if anew:
            run.changed.update(visit.page.widgets)
        try:
            before, posted = await self._apply(visit, visitor, event, run)
            focus = await self._start(visit, visitor, event, run, posted)
            await self._follow(visit, run, effects, tell)
            if focus is None:
                await self._finish(visit, visitor, event, run, effects)
            values = {} if effects.navigation else _values(visit, before)
            return await self._conclude(visit, visitor, event, run, effects, values, focus)
        finally:
            visit.end(run)

    async def _mark(self, visit: Visit, visitor: Visitor, event: Event) -> None:
        """Remember that this event wrote to another server, before it does: should this process
        die, a repetition must not write again (hard-cases 5)."""
        if event.n > visit.begun:
            visit.begun = event.n
            await self._visits.mark(visit, visitor.session)

    # The event

    async def _apply(
        self, visit: Visit, visitor: Visitor, event: Event, run: Run
    ) -> tuple[dict[str, Any], list[str]]:
        """Write the posted values of inputs that are shown and enabled now; others are dropped
        and counted. Returns the values of all inputs after that, and which ones were new."""
        await visit.turn([await self._visits.environment(visit, visitor.url, visitor.session)], run)
        waiting, posted = dict(event.values), []
        for _ in range(ROUNDS):
            cells = [
                cell
                for path in list(waiting)
                if visit.surface.takes(path)
                for cell in _cells(visit, path, waiting.pop(path))
            ]
            if not cells:
                break
            posted += [path for path, name, _ in cells if name == visit.surface.type_of(path).value]
            await visit.turn([{"k": "set", "set": cells}], run)
        if waiting:
            log.info(
                "values dropped",
                extra={"app": visit.app.slug, "page": visit.page.name, "count": len(waiting)},
            )
        return {path: visit.surface.value(path) for path in visit.surface.inputs()}, posted

    async def _start(
        self, visit: Visit, visitor: Visitor, event: Event, run: Run, posted: list[str]
    ) -> str | None:
        """Start the action. Returns the first invalid widget of its form, if that forbids it."""
        if event.widget is None:
            await self._start_own(visit, visitor, event, run, posted)
            return None
        action = self._action(visit, event.widget, event.event)
        if visit.surface.props[event.widget].get("disabledWhenInvalid"):
            invalid = visit.surface.invalid(event.widget)
            if invalid:
                cells = [
                    [path, "isDirty", True]
                    for path in invalid
                    if "isDirty" in visit.surface.type_of(path).meta
                ]
                await visit.turn([{"k": "set", "set": cells}], run)
                return invalid[0]
        if action is not None:
            await visit.turn([{"k": "event", "ev": run.ev, "w": event.widget, "p": action}], run)
        return None

    async def _start_own(
        self, visit: Visit, visitor: Visitor, event: Event, run: Run, posted: list[str]
    ) -> None:
        """The page's own events: `load` waits for what the page still fetches; `change`, which a
        form posts without scripts, fires the change events of what it changed."""
        if event.event == "load":
            await self._visits.load(visit, visitor)
            await visit.quiet(LOAD_WAIT)
            visit.overtake(run)
        elif event.event == "change":
            fired = [
                path
                for path in posted
                if visit.surface.type_of(path).change_event in visit.page.widgets[path].events
            ]
            await visit.turn(
                [
                    {"k": "event", "ev": run.ev, "w": path, "p": visit.surface.type_of(path).change_event}
                    for path in fired
                ],
                run,
            )
        else:
            raise EventRefused(f"the page has no event {event.event[:80]}")

    def _action(self, visit: Visit, path: str, name: str) -> str | None:
        """The action that an event starts; None for one that only changes values. Refuses what
        this widget does not offer now: no event names a query, a function or code (P55)."""
        widget = visit.page.widgets.get(path)
        if widget is None or not visit.surface.enabled(path):
            raise EventRefused(f"{path} is not there to act on")
        kind = visit.surface.type_of(path)
        if name == "change" and kind.value is not None:
            return kind.change_event if kind.change_event in widget.events else None
        if name in widget.events:
            return name
        if name == "onClick" and visit.surface.props[path].get("resetFormOnClick"):
            return None
        raise EventRefused(f"{path} declares no {name}")

    async def _follow(self, visit: Visit, run: Run, effects: Effects, tell: Tell | None) -> None:
        """Perform what the event asks for until it is quiet, navigates, or takes too long."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        while True:
            await effects.perform(run.take())
            if run.failure is not None:
                raise run.failure
            waited = loop.time() - start
            if effects.navigation is not None or run.quiet:
                return
            if waited >= PATIENCE:
                effects.alert(SLOW)
                return
            if tell is not None and waited >= EARLY and (run.changed or effects.alerts):
                tell(Update(changed=_taken(run), alerts=effects.taken(), done=False))
            await run.news(EARLY - waited if waited < EARLY else PATIENCE - waited)

    # The end

    async def _finish(self, visit: Visit, visitor: Visitor, event: Event, run: Run, effects: Effects) -> None:
        """What follows an action: the store, messages of errors, the form's reset."""
        if effects.navigation is None:
            await effects.commit()
        failed = [error for error in run.errors if error.unhandled]
        for error in failed:
            effects.alert(
                error.message if error.query else "This action failed. The details are in the log.", "error"
            )
        if effects.stale and effects.navigation is None:
            await visit.turn([await self._visits.environment(visit, visitor.url, effects.session)], run)
        if event.widget is None or failed or effects.navigation is not None:
            return
        props, form = visit.surface.props[event.widget], visit.surface.form_of(event.widget)
        if event.event == "onClick" and form is not None and props.get("resetFormOnClick"):
            await visit.turn([{"k": "reset", "w": form}], run)
        elif event.event == "onSubmit" and props.get("resetOnSubmit"):
            await visit.turn([{"k": "reset", "w": event.widget}], run)

    async def _conclude(
        self,
        visit: Visit,
        visitor: Visitor,
        event: Event,
        run: Run,
        effects: Effects,
        values: Mapping[str, Any],
        focus: str | None,
    ) -> Update:
        """Forget secrets, keep the visit, and say what came of the event."""
        changed = _taken(run)
        secrets = [
            cell
            for path in visit.surface.inputs()
            if visit.surface.secret(path)
            for cell in _cleared(visit, path)
        ]
        if secrets and visit.live and visit.alone(run):
            await visit.forget(secrets)
        visit.answered = max(visit.answered, event.n)
        navigation = effects.navigation
        if effects.identity_changed:
            # What the page shows was computed for somebody else: nothing of it goes on, nor out.
            await self._visits.leave(visit, visitor.session)
            changed, values = frozenset(), {}
            navigation = navigation or ToPage(visitor.here)
        elif not isinstance(navigation, ToPage) or navigation.window == "NEW_WINDOW":
            if effects.session is not visitor.session:
                self._visits.rebind(visit, visitor, effects.session)
            await self._visits.save(visit, effects.session)
        return Update(
            changed=changed,
            values=values,
            alerts=effects.taken(),
            navigation=navigation,
            session=effects.session,
            focus=focus,
            loading=visit.waiting and event.widget is None,
            invalid=focus is not None,
        )


def _cells(visit: Visit, path: str, posted: Any) -> list[list[Any]]:
    """The cells that a posted value sets: none if it cannot be a value, or is the present one."""
    kind = visit.surface.type_of(path)
    try:
        value = kind.parse(posted, visit.surface.props[path])
    except ValueError:
        return []
    if value == visit.surface.value(path) and not visit.surface.secret(path):
        return []
    cells = [[path, kind.value, value]]
    if "isDirty" in kind.meta:
        cells.append([path, "isDirty", True])
    return cells


def _cleared(visit: Visit, path: str) -> list[list[Any]]:
    kind = visit.surface.type_of(path)
    return [[path, name, kind.meta[name]] for name in kind.meta if name in (kind.value, "isDirty")]


def _values(visit: Visit, before: Mapping[str, Any]) -> dict[str, Any]:
    """Values that a turn set after the posted ones were in; never a secret that is not empty."""
    after = {path: visit.surface.value(path) for path in visit.surface.inputs() if visit.surface.shown(path)}
    return {
        path: value
        for path, value in after.items()
        if value != before.get(path) and not (visit.surface.secret(path) and value not in (None, ""))
    }


def _taken(run: Run) -> frozenset[str]:
    changed = frozenset(run.changed)
    run.changed.clear()
    return changed
