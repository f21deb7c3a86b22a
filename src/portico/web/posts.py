"""Reading an event from what a browser posted (`docs/design/events.md`).

The browser is not trusted: what is not of its type is refused, by the name of the field.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from portico.errors import BadRequest
from portico.runtime.event import ANSWER, CHANGE, Answer, Event
from portico.values import new_id
from portico.web.body import LIST
from portico.web.handing import VISIT_ID

#: How many values are believed, and how long texts may be.
VALUE_LIMIT = 1000
NAME_LIMIT = 400
FRAGMENT_LIMIT = 16 << 10

VALUE_PREFIX = "v."

Read = tuple[str, Event, int | str]


def from_json(fields: Mapping[str, Any]) -> Read:
    """Visit, event and key of a JSON body. Raises BadRequest, naming the field."""
    visit, n, values = fields.get("visit"), fields.get("n"), fields.get("values", {})
    name = _text(fields, "event")
    if not isinstance(visit, str) or not VISIT_ID.fullmatch(visit):
        raise BadRequest("visit")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BadRequest("n")
    if not isinstance(values, dict) or len(values) > VALUE_LIMIT:
        raise BadRequest("values")
    insists = fields.get("insists", False)
    if not isinstance(insists, bool):
        raise BadRequest("insists")
    if not name:
        raise BadRequest("event")
    event = Event(
        n=n,
        widget=_text(fields, "widget"),
        event=name,
        values=values,
        row=_text(fields, "row"),
        timer=_text(fields, "timer"),
        answer=_answer(fields.get("answer")),
        fragment=_text(fields, "fragment", FRAGMENT_LIMIT),
        insists=insists,
    )
    if (event.answer is not None) is not (event.event == ANSWER):
        raise BadRequest("event")
    if event.fragment and not event.fragment.startswith("#"):
        raise BadRequest("fragment")
    return visit, event, n


def from_form(fields: Mapping[str, str]) -> Read:
    """Visit, event and key of a form. The same form posted twice as it stands is one event (a double
    click); with another value in it, it is a new one."""
    visit = fields.get("portico.visit", "")
    values: dict[str, Any] = {
        key.removeprefix(VALUE_PREFIX): value for key, value in fields.items() if key.startswith(VALUE_PREFIX)
    }
    # The first of a list stands for none: forms do not post a box that is not ticked.
    values |= {
        key.removeprefix(LIST): json.loads(value)[1:] for key, value in fields.items() if key.startswith(LIST)
    }
    answer = _pressed(fields.get("portico.answer"))
    widget, name, row = (None, ANSWER, None) if answer else _button(fields.get("portico.event", CHANGE))
    event = Event(n=0, widget=widget, event=name, values=values, row=row, answer=answer, scripted=False)
    digest = hashlib.sha256(json.dumps(sorted(fields.items())).encode()).hexdigest()
    return visit if VISIT_ID.fullmatch(visit) else new_id(), event, digest


def _button(value: str) -> tuple[str | None, str, str | None]:
    """Widget, event and row of the button that was pressed."""
    match value.split(" "):
        case [name] if name:
            return None, name, None
        case [widget, name] if widget and name:
            return widget, name, None
        case [widget, name, row] if widget and name:
            return widget, name, row
    raise BadRequest("portico.event")


def _text(fields: Mapping[str, Any], name: str, limit: int = NAME_LIMIT) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > limit:
        raise BadRequest(name)
    return value


def _answer(given: Any) -> Answer | None:
    """The answer to a question, from a script."""
    match given:
        case None:
            return None
        case {"to": str(to), "agreed": bool(agreed)} if len(to) <= NAME_LIMIT:
            reason = given.get("reason", "")
            if not isinstance(reason, str):
                raise BadRequest("answer")
            return Answer(to=to, agreed=agreed, value=given.get("value"), reason=reason[:NAME_LIMIT])
    raise BadRequest("answer")


def _pressed(value: str | None) -> Answer | None:
    """The answer to a question, from one of its two buttons."""
    if value is None:
        return None
    to, _, word = value.rpartition(" ")
    if not to or word not in ("yes", "no"):
        raise BadRequest("portico.answer")
    return Answer(to=to, agreed=word == "yes")
