"""What users set in a form, as browsers post it: each field by its place.

Each function gives the state that a posted value leads to, from the view that the user saw, and raises
ValueError for what that view does not offer: a field that is hidden, disabled, or of other data by now.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portico.ui.prose import as_text

#: Characters of a value, and of one that is a line of some kind of number.
LONG, SHORT = 100_000, 100

Props = Mapping[str, Any]
Control = Mapping[str, Any]

#: Kinds that hold one line of text.
_LINE = frozenset({"text", "email", "phone"})
#: What a Number Input posts.
_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?|", re.ASCII)


def controls_of(props: Props) -> Mapping[str, Control]:
    """The controls of the view, by their places; none where the sandbox gave none."""
    return {place: one for place, one in _given(props).items() if isinstance(one, Mapping)}


def field(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """What is typed, with one field set, and without what was typed for other data. What a control was given
    to hold is no change."""
    control = _usable(props, detail)
    present = _typed(props, "typed")
    if control.get("kind") == "password":
        raise ValueError("a password is posted as one")
    value, held = _value(posted, control)
    current = _current(present, detail)
    if held == control.get("value"):
        return present if len(current) == len(present) else current
    return {**current, detail: value}


def password(posted: object, props: Props, detail: str) -> Mapping[str, Any]:
    """The passwords that are typed, with one of them set. A control that is empty says nothing, unless
    something was typed before."""
    control = _usable(props, detail)
    present = _typed(props, "passwords")
    if control.get("kind") != "password":
        raise ValueError("no password")
    text, current = _line(posted, LONG), _current(present, detail)
    if text == "" and detail not in present:
        return present if len(current) == len(present) else current
    return {**current, detail: text}


def held_by_fields(props: Props) -> Mapping[str, Any]:
    """What each control holds that is no password."""
    controls = controls_of(props).items()
    return {place: one.get("value") for place, one in controls if one.get("kind") != "password"}


def held_by_passwords(props: Props) -> Mapping[str, Any]:
    """Where nothing is typed: what is typed is told to nobody."""
    controls = controls_of(props).items()
    return {
        place: None if one.get("typed") else "" for place, one in controls if one.get("kind") == "password"
    }


def offers(props: Props, event: str, row: str | None) -> bool:
    """Whether an event of a field can happen now: the field is there, and can be used."""
    if not event.startswith("fields."):
        return True
    control = controls_of(props).get(row or "")
    return control is not None and not control.get("off") and control.get("event") == event


def _usable(props: Props, detail: str) -> Control:
    # All controls of a page are posted with each event: they are looked up one by one.
    control = _given(props).get(detail)
    if not isinstance(control, Mapping) or control.get("off"):
        raise ValueError("no such field, or not to be used")
    return control


def _given(props: Props) -> Mapping[str, Any]:
    view = props.get("view")
    found = view.get("controls") if isinstance(view, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _typed(props: Props, name: str) -> Mapping[str, Any]:
    found = props.get(name)
    return found if isinstance(found, Mapping) else {}


def _current(present: Mapping[str, Any], detail: str) -> Mapping[str, Any]:
    """What was typed for the same data."""
    mark = detail.partition("/")[0] + "/"
    return {place: value for place, value in present.items() if place.startswith(mark)}


def _value(posted: object, control: Control) -> tuple[Any, Any]:
    """What a posted value is as state, and as what its control then holds."""
    match control.get("kind"):
        case "check" | "switch":
            return _truth(posted)
        case "choice" | "radios":
            return _choice(posted, control)
        case "several":
            return _choices(posted, control)
        case "number":
            return _number(posted)
        case "date":
            return _date(posted, control)
        case "lines":
            text = _text(posted, LONG).replace("\r\n", "\n").replace("\r", "\n")
        case "money":
            text = _line(posted, SHORT)
        case kind if kind in _LINE:
            text = _line(posted, LONG)
        case _:
            raise ValueError("not a value of this field")
    return _cut(text, control), text.strip() if control.get("kind") == "email" else text


def _truth(posted: object) -> tuple[bool, bool]:
    if posted not in (True, "true", False, "false"):
        raise ValueError("neither true nor false")
    on = posted in (True, "true")
    return on, on


def _choice(posted: object, control: Control) -> tuple[Any, str]:
    key, offered = _line(posted, LONG), _offered(control)
    if key and key not in offered:
        raise ValueError("not offered")
    return offered.get(key, ""), key


def _choices(posted: object, control: Control) -> tuple[list[Any], list[str]]:
    """Those that were chosen, in the order of the options; as the control has them where it has the same."""
    if not isinstance(posted, list | tuple):
        raise ValueError("not a list")  # noqa: TRY004  # the one error of `parse`
    keys, offered = [_line(one, LONG) for one in posted], _offered(control)
    if not set(keys) <= offered.keys():
        raise ValueError("not offered")
    ordered, held = [key for key in offered if key in keys], control.get("value")
    same = isinstance(held, list | tuple) and set(held) == set(keys)
    return [offered[key] for key in ordered], list(held) if same and held else ordered


def _number(posted: object) -> tuple[str, str]:
    text = _line(posted, SHORT).strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return text, text


def _offered(control: Control) -> dict[str, Any]:
    """The options: as posted, and as the app sees them."""
    options = control.get("options")
    listed = options if isinstance(options, list | tuple) else ()
    return {as_text(one.get("value")): one.get("value") for one in listed if isinstance(one, Mapping)}


def _date(posted: object, control: Control) -> tuple[str, str]:
    text = _line(posted, 40).strip()
    if text == "":
        return "", ""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("not a date") from error
    if found.tzinfo is not None or found.year < 1000:
        raise ValueError("not a date on the wall")
    written = found.strftime("%Y-%m-%dT%H:%M" if control.get("timed") else "%Y-%m-%d")
    return written, written


def _cut(text: str, control: Control) -> str:
    most = as_text(control.get("most"))
    return text[: int(most)] if most.isascii() and most.isdigit() and 0 < len(most) < 7 else text


def _line(posted: object, most: int) -> str:
    return _text(posted, most).replace("\n", "").replace("\r", "")


def _text(posted: object, most: int) -> str:
    if not isinstance(posted, str) or len(posted) > most:
        raise ValueError("not text, or too long")
    return posted.replace("\0", "")
