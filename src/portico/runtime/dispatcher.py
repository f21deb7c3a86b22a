"""Opening a page, and one event on it: from posted values to what the browser is told."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from portico.auth.manager import SessionManager
from portico.auth.refresh import Refresher
from portico.auth.session import Session
from portico.clock import Clock
from portico.model.app import App
from portico.model.page import Page
from portico.runtime import questions
from portico.runtime.contract import ContractRunner
from portico.runtime.door import Door
from portico.runtime.effects import NOT_AGREED, Effects, goes_on
from portico.runtime.event import LOAD, TICK, Event, cleared, set_since, values_of
from portico.runtime.load import load, may_run
from portico.runtime.outcome import Asked, ToPage, Update
from portico.runtime.posted import Posted
from portico.runtime.replies import reply
from portico.runtime.run import Run
from portico.runtime.sealed import sealed_fragment
from portico.runtime.starting import start
from portico.runtime.visit import Visit
from portico.runtime.visitor import Visitor
from portico.runtime.visits import Visits, Woken
from portico.sandbox.turn import Awaited

log = logging.getLogger("portico.runtime")

Tell = Callable[[Update], None]

#: Seconds until an event's answer says that it is not done (R3), and until it begins to stream (R4).
PATIENCE = 30.0
EARLY = 0.15
#: Seconds that a page waits for its load when it is shown (hard-cases 12), and that a `load` event
#: waits before it answers that more is to come.
SHOW_WAIT = 1.0
LOAD_WAIT = 3.0
#: Milliseconds that timers run for a browser without scripts before the answer (R5).
FORM_TIMERS = 2000

SLOW = "This is taking longer than usual. What is still missing will appear with your next action."

FAILED = "This action failed. The details are in the log."

#: The event that showing a page is.
SHOWN = Event(n=0, widget=None, event=LOAD, scripted=False)


class Dispatcher:
    """Opens pages, and dispatches events to visits."""

    def __init__(
        self,
        *,
        visits: Visits,
        contract: ContractRunner,
        manager: SessionManager,
        refresher: Refresher,
        clock: Clock,
    ) -> None:
        self._visits = visits
        self._manager = manager
        self._contract = contract
        self._refresher = refresher
        self._clock = clock

    # Pages

    @asynccontextmanager
    async def open(self, app: App, page: Page, visitor: Visitor) -> AsyncIterator[tuple[Visit, Update]]:
        """Show a page: its bindings, and what of its load may run for a GET, waited for 1 s at most.

        Gives the visit and what came of it. Raises ScriptFailed, TooMany, StoreUnavailable.
        """
        async with self._visits.opened(app, page, visitor) as visit:
            await self._visits.wake(visit, visitor)
            run = visit.begin(SHOWN.cause, partial(self._mark, visit, visitor, SHOWN))
            effects = self._effects(visit, visitor, run, acted=False, shows=True)
            try:
                await self._load(visit, visitor, run, effects, patience=SHOW_WAIT, browser=False)
                navigation = effects.navigation
                if effects.door.changed_hands:
                    navigation = navigation or ToPage(visitor.here)
                asked = None if navigation else questions.ask(visit, SHOWN, run, effects)
                await self._keep_shown(visit, effects.session, asked)
                yield (
                    visit,
                    Update(
                        alerts=effects.taken(),
                        navigation=navigation,
                        session=effects.session,
                        started=effects.starts,
                        returned=effects.door.returned,
                        loading=asked is None and visit.loads,
                        asked=asked,
                        handed=await self._hand_on(visit, effects),
                    ),
                )
            finally:
                visit.end_or_park(run)

    async def _keep_shown(self, visit: Visit, session: Session | None, asked: Asked | None) -> None:
        """Store a page that was just opened, if another process must not begin with it anew: its load wrote
        to another server, or waits for an answer. Strangers' pages stay in memory (hard-cases 17)."""
        if session is not None and (visit.ledger.begun or asked is not None):
            await self._visits.save(visit, session)

    async def _load(
        self, visit: Visit, visitor: Visitor, run: Run, effects: Effects, *, patience: float, browser: bool
    ) -> None:
        """Run what the page still lacks. Nothing of it is an action of the user's."""
        acted, effects.door.acted = effects.door.acted, False
        await load(
            visit,
            run,
            may=partial(may_run, visit.page, write=visitor.may_write, browser=browser),
            perform=partial(goes_on, run, effects),
            patience=patience,
        )
        await effects.settle(visit.page)
        effects.door.acted = acted

    # Events

    async def dispatch(
        self, visit: Visit, visitor: Visitor, event: Event, *, tell: Tell | None = None
    ) -> Update:
        """Run an event on an entered visit, and return what came of it. `tell` hears from 150 ms on
        whatever is known before (R4).

        Raises EventRefused, HeldElsewhere, QuestionOver, ScriptFailed, StoreUnavailable, SessionEnded,
        CallFailed.
        """
        questions.refuse_elsewhere(visit, event)
        woken = await self._visits.wake(visit, visitor)
        origin, run, effects = self._begun(visit, visitor, event)
        if woken is Woken.ANEW:
            run.changed.update(visit.surface.everything())
        try:
            posted = await self._apply(visit, visitor, event, run)
            before = values_of(visit.surface)
            await self._bring_up(visit, visitor, event, woken, run, effects, posted)
            if woken is not Woken.LIVE:
                await posted.write()
            posted.drop()
            focus = None
            if effects.navigation is None:
                focus = await start(visit, event, run, effects, posted.new)
                await self._follow(visit, run, effects, tell)
            if not event.scripted:
                await self._tick_now(visit, run, effects)
            if focus is None:
                await self._finish(visit, visitor, origin, run, effects)
                await self._follow(visit, run, effects, tell)
            values = {} if effects.navigation else set_since(visit.surface, before)
            return await self._conclude(visit, visitor, event, run, effects, values, focus)
        finally:
            visit.end_or_park(run)

    async def again(self, visit: Visit, visitor: Visitor) -> Update:
        """The whole page as it is now: for an event that was answered, where the answer is not at hand. What
        stands in controls stays, for the user may have typed since.

        Raises ScriptFailed, StoreUnavailable.
        """
        await self._visits.wake(visit, visitor)
        run = visit.begin(SHOWN.cause)
        try:
            world = await self._visits.environment(visit, visitor.url, visitor.session)
            await visit.turn([{**world, "ev": run.ev}], run)
        finally:
            visit.end(run)
        return Update(
            changed=frozenset(visit.surface.everything()),
            session=visitor.session,
            loading=visit.loads,
        )

    def _begun(self, visit: Visit, visitor: Visitor, event: Event) -> tuple[Event, Run, Effects]:
        """What an event goes on with: nothing so far; the load that did not end in time; or, for the
        answer to a question, the event that asked."""
        before_write = partial(self._mark, visit, visitor, event)
        if event.answer is not None:
            question = questions.taken(visit, event.answer)
            question.run.before_write = before_write
            question.effects.door.session = visitor.session
            return question.event, question.run, question.effects
        if event.event == LOAD and visit.loading is not None:
            run, visit.loading = visit.loading, None
            run.before_write = before_write
            visit.overtake(run)
        else:
            run = visit.begin(event.cause, before_write)
        return event, run, self._effects(visit, visitor, run, acted=event.acted)

    def _effects(
        self, visit: Visit, visitor: Visitor, run: Run, *, acted: bool, shows: bool = False
    ) -> Effects:
        door = Door(
            app=visit.app,
            session=visitor.session,
            tab_store=visit.tab_store,
            manager=self._manager,
            contract=self._contract,
            witness=visit.witness,
            vault=visit.vault,
            acted=acted,
            expected=visitor.expected,
            shows=shows,
            refresher=self._refresher,
            clock=self._clock,
            run=run,
            cookies=visit.cookies,
        )
        run.tokens, run.address, run.agent = door, visitor.address, visitor.agent
        return Effects(
            app=visit.app,
            here=visitor.here,
            return_to=visitor.return_to,
            tab_store=visit.tab_store,
            door=door,
            answer=partial(self._tell_script, visit, visitor, run, door),
        )

    async def _tell_script(
        self,
        visit: Visit,
        visitor: Visitor,
        run: Run,
        door: Door,
        command: Awaited,
        refused: str | None,
        value: object = None,
    ) -> None:
        """Tell a script what became of a command that it waits for, and who is signed in now."""
        world = await self._visits.environment(visit, visitor.url, door.session)
        # Who said no is told nothing.
        value = "cancelled" if refused == NOT_AGREED else value
        answer = reply(command, ok=refused is None, value=value, message=refused or "")
        await visit.turn([{**world, "ev": run.ev}, answer], run)

    async def _mark(self, visit: Visit, visitor: Visitor, event: Event) -> None:
        """Remember that this event wrote to another server, before it does: should this process
        die, a repetition must not write again (hard-cases 5)."""
        if visit.ledger.begin(event.n) and (event is not SHOWN or visitor.session is not None):
            await self._visits.mark(visit, visitor.session)

    async def _apply(self, visit: Visit, visitor: Visitor, event: Event, run: Run) -> Posted:
        """Write the posted values, but for those of an event that a later one has overtaken."""
        if event.fragment is not None:
            visit.fragment = sealed_fragment(visit.app, event.fragment, visit.vault)
        world = await self._visits.environment(visit, visitor.url, visitor.session)
        await visit.turn([{**world, "ev": run.ev}], run)
        values = event.values if visit.ledger.overtakes(event.n) else {}
        posted = Posted(visit, run, values, insists=event.insists or not event.scripted)
        await posted.write()
        if visit.surface.has_uploads and (files := await visit.files.given(visit.surface, ev=run.ev)):
            await visit.turn(files, run)
        return posted

    async def _bring_up(
        self,
        visit: Visit,
        visitor: Visitor,
        event: Event,
        woken: Woken,
        run: Run,
        effects: Effects,
        posted: Posted,
    ) -> None:
        """Load what the page lacks: for its `load` event, and where it begins again; longer, if posted
        values wait for it. A page that is built again after its timers are gone starts them again (R6)."""
        if event.event == LOAD and event.widget is None:
            await self._load(visit, visitor, run, effects, patience=LOAD_WAIT, browser=True)
            return
        if woken is Woken.RESTORED and event.event == TICK:
            visit.load_again(lambda step: step not in visit.page.queries)
        if woken is not Woken.LIVE:
            patience = PATIENCE if posted.waits else SHOW_WAIT
            await self._load(visit, visitor, run, effects, patience=patience, browser=event.scripted)
            # This event waits for the rest itself.
            visit.loading = None

    async def _follow(self, visit: Visit, run: Run, effects: Effects, tell: Tell | None) -> None:
        """Perform what the event asks for until it is quiet, navigates, asks, or takes too long."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        while await goes_on(run, effects) and not run.asks and not run.quiet:
            waited = loop.time() - start
            if waited >= PATIENCE:
                effects.alert(SLOW)
                return
            if tell is not None and waited >= EARLY and (run.changed or effects.alerts):
                # What was computed for somebody else is of no use to the page that is shown.
                changed = frozenset() if effects.door.changed_hands else run.take_changed()
                tell(Update(changed=changed, alerts=effects.taken(), done=False))
            await run.news(EARLY - waited if waited < EARLY else PATIENCE - waited)

    async def _tick_now(self, visit: Visit, run: Run, effects: Effects) -> None:
        """Without scripts in the browser, timers that fire once and soon do so before the answer."""
        left = FORM_TIMERS
        while effects.navigation is None and (timer := effects.next_timer(within=left)) is not None:
            await asyncio.sleep(timer.ms / 1000)
            left -= timer.ms
            await visit.turn([{"k": "tick", "ev": run.ev, "t": timer.id}], run)
            await self._follow(visit, run, effects, None)

    # The end

    async def _finish(self, visit: Visit, visitor: Visitor, event: Event, run: Run, effects: Effects) -> None:
        """What follows an action: the store, messages of errors, the form's reset."""
        await effects.settle(visit.page)
        failed = [error for error in run.errors if error.unhandled]
        run.errors.clear()
        # Of a session that ended, that is all there is to say.
        for error in failed if not effects.door.ended else ():
            effects.alert(error.message if error.query else FAILED, "error")
        if effects.door.stale and effects.navigation is None:
            world = await self._visits.environment(visit, visitor.url, effects.session)
            await visit.turn([{**world, "ev": run.ev}], run)
        path = event.path
        done = not failed and not run.asks and effects.navigation is None and effects.consent is None
        if path is None or not done or visit.surface.widget(path) is None:
            return
        props, form = visit.surface.props[path], visit.surface.form_of(path)
        if event.event == "onClick" and form is not None and props.get("resetFormOnClick"):
            await visit.turn([{"k": "reset", "ev": run.ev, "w": form}], run)
        elif event.event == "onSubmit" and props.get("resetOnSubmit"):
            await visit.turn([{"k": "reset", "ev": run.ev, "w": path}], run)

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
        changed = run.take_changed()
        navigation, handed = effects.navigation, None
        changed_hands = effects.door.changed_hands
        asked = None if navigation or changed_hands else questions.ask(visit, event, run, effects)
        if asked is None:
            await _forget_secrets(visit, run)
        visit.ledger.answer(event.n)
        if changed_hands:
            # What the page shows was computed for somebody else: nothing of it goes on, nor out.
            await self._visits.leave(visit, visitor.session)
            changed, values = frozenset(), {}
            navigation = navigation or ToPage(visitor.here)
        elif not isinstance(navigation, ToPage) or navigation.window == "NEW_WINDOW":
            if (effects.session is None) is not (visitor.session is None):
                self._visits.rebind(visit, visitor, effects.session)
            await self._visits.save(visit, effects.session)
        else:
            handed = await self._hand_on(visit, effects)
        return Update(
            changed=changed,
            values=values,
            alerts=effects.taken(),
            navigation=navigation,
            session=effects.session,
            started=effects.starts,
            returned=effects.door.returned,
            focus=focus,
            loading=asked is None and navigation is None and visit.loads,
            invalid=focus is not None,
            asked=asked,
            requests=effects.requests(),
            handed=handed,
        )

    async def _hand_on(self, visit: Visit, effects: Effects) -> str | None:
        """The visit that the next page of this tab begins with, if this one kept something for it."""
        page = effects.next_page
        if page is None or not visit.tab_store:
            return None
        return await self._visits.hand_on(visit, page, effects.session)


async def _forget_secrets(visit: Visit, run: Run) -> None:
    cells = cleared(visit.surface)
    if cells and visit.live and visit.alone(run):
        await visit.forget(cells)
