"""What an event starts on its page, once it is known that it may."""

from portico.errors import EventRefused
from portico.model.paths import split_address
from portico.runtime import questions
from portico.runtime.effects import Effects
from portico.runtime.event import CHANGE, Event, Start, fired_by
from portico.runtime.run import Run
from portico.runtime.visit import Visit


async def start(visit: Visit, event: Event, run: Run, effects: Effects, posted: list[str]) -> str | None:
    """Start the action. Returns the widget that forbids it, if one does: invalid, or not proven."""
    if event.answer is not None:
        await questions.go_on(visit, run, effects, event.answer)
        return None
    path = event.path
    if path is None:
        await _start_own(visit, event, run, posted)
        return None
    action = _action(visit, event, path, posted)
    if visit.surface.waits_for_form(path):
        invalid = visit.surface.invalid(path)
        if invalid:
            dirty = [inner for inner in invalid if "isDirty" in visit.surface.type_of(inner).meta]
            cells = [[inner, "isDirty", True] for inner in dirty]
            await visit.turn([{"k": "set", "ev": run.ev, "set": cells}], run)
            return invalid[0]
    if event.event == "onClick" and (demand := visit.surface.demand(path, posted)):
        effects.alert(demand, "error")
        return path
    if action is not None:
        await visit.turn([action.message(run.ev)], run)
    return None


async def _start_own(visit: Visit, event: Event, run: Run, posted: list[str]) -> None:
    """The page's own events: `change`, which a form posts without scripts, fires the change events
    of what it changed; `tick` runs a timer; `load` has done its work already."""
    match event.event:
        case "load":
            return
        case "change":
            fired = (fired_by(visit.surface, address) for address in posted)
            await visit.turn([start.message(run.ev) for start in fired if start is not None], run)
        case "tick" if event.timer is not None:
            await visit.turn([{"k": "tick", "ev": run.ev, "t": event.timer}], run)
        case _:
            raise EventRefused(f"the page has no event {event.event[:80]}")


def _action(visit: Visit, event: Event, path: str, posted: list[str]) -> Start | None:
    """The action that an event starts; None for one that only changes values. Refuses what
    this widget does not offer now: no event names a query, a function or code (P55)."""
    name, address = event.event, event.widget or ""
    if name == CHANGE and (address in posted or visit.surface.input_at(address) is not None):
        return fired_by(visit.surface, address)
    widget = visit.surface.widget(path)
    if widget is None or not visit.surface.enabled(path):
        raise EventRefused(f"{path} is not there to act on")
    if name in visit.surface.type_of(path).commands:
        return Start(path, name, event.row or split_address(address)[2])
    kind = visit.surface.type_of(path)
    if name in widget.events and (event.row is not None) is bool(kind.names_of(name)):
        if not kind.offers(visit.surface.props[path], name, event.row):
            raise EventRefused(f"{path} does not offer {name} now")
        return Start(path, name, event.row)
    if name == "onClick" and visit.surface.props[path].get("resetFormOnClick"):
        return None
    raise EventRefused(f"{path} declares no {name}")
