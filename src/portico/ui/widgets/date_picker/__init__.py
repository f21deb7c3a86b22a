"""DatePicker: a day, or a day and a time, picked with the browser's own control."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.field import ATTRIBUTES, FOOT, LABEL, LABELLED, live, required, surroundings
from portico.ui.widgets.library import library
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

PRECISIONS = ("minute", "second", "millisecond", "None")
#: What to say while nothing is picked and something has to be.
MISSING = "Please pick a date."

#: How a control writes what it holds, and the step that lets it do so, by precision.
_WRITTEN = {
    "day": ("%Y-%m-%d", None),
    "minute": ("%Y-%m-%dT%H:%M", None),
    "second": ("%Y-%m-%dT%H:%M:%S", "1"),
    "millisecond": ("%Y-%m-%dT%H:%M:%S.%f", "0.001"),
}


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """A posted date as the control of this widget writes it; "" for none. Raises ValueError for what is
    no date."""
    if not isinstance(posted, str) or len(posted) > 40:
        raise ValueError("not a date")
    if posted.strip() == "":
        return ""
    try:
        found = datetime.fromisoformat(posted.strip())
    except ValueError as error:
        raise ValueError("not a date") from error
    if found.tzinfo is not None or found.year < 1000:
        raise ValueError("not a date on the wall")
    precision = _precision(props)
    text = found.strftime(_WRITTEN[precision][0])
    return text[:-3] if precision == "millisecond" else text


def _precision(props: Mapping[str, Any]) -> str:
    found = as_text(props.get("precision"))
    return found if found in _WRITTEN else "minute"


TYPE = WidgetType(
    name="DatePicker",
    help="A date, with or without a time of day.",
    properties={
        "defaultDate": Property(
            kind="any",
            default="",
            help="The date until the user picks one: ISO 8601, a date of code or of moment, or text as "
            "`dateFormat` writes it.",
        ),
        "dateFormat": Property(
            kind="text",
            default="YYYY-MM-DD HH:mm",
            help="How `formattedDate` is written, in the letters of moment, such as `D MMM YYYY`; without an "
            "hour in it, a day is picked.",
        ),
        "timePrecision": Property(
            kind="choice",
            default="minute",
            choices=PRECISIONS,
            help="How exact a time is, where the format shows one; `None` for days alone.",
        ),
        "minDate": Property(kind="any", default="", help="The first date that it takes."),
        "maxDate": Property(kind="any", default="", help="The last date that it takes."),
        **LABELLED,
        **required("no date is picked"),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onDateSelected", "onFocus", "onBlur"),
    meta={"picked": None, "isDirty": False},
    derived={
        "precision": "library.precisionOf(self)",
        "wall": "library.pickedWall(self)",
        "held": "library.heldText(self.wall, self.precision)",
        "least": "library.heldText(library.boundWall(self, 'minDate'), self.precision)",
        "most": "library.heldText(library.boundWall(self, 'maxDate'), self.precision)",
        "selectedDate": "library.isoText(self.wall)",
        "formattedDate": "library.shownText(self.wall, library.formatOf(self))",
        "value": "self.selectedDate",
        "problem": "library.problemOf(self)",
        "isValid": 'self.problem === ""',
        "message": "library.messageOf(self)",
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": "(date) => { self.picked = library.written(date); }",
    },
    # Dates as a Table reads and writes them.
    library=library("table/dates", "date_picker/picked"),
    zoned=True,
    inputs={VALUE: Input(meta="picked", parse=parse, event="onDateSelected", shows="held")},
    private=frozenset({"picked", "precision", "wall", "held", "least", "most", "problem"}),
    inner=frozenset({"wall"}),
    reset=("picked", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The attributes of the control: the browser's own for days, or for days and times."""
    props, around = node.props, surroundings(node)
    precision = _precision(props)
    return {
        **around,
        "attributes": {
            "type": "date" if precision == "day" else "datetime-local",
            "form": node.owner,
            "value": as_text(props["held"]),
            "min": as_text(props["least"]),
            "max": as_text(props["most"]),
            "step": _WRITTEN[precision][1],
            "aria-label": None if around["label"] else humanised(node.widget.name),
            "aria-describedby": around["described"],
            "aria-invalid": "true" if around["wrong"] else None,
            "data-missing": MISSING if props["isRequired"] else None,
            "data-live": live(node, "onDateSelected"),
            "data-events": " ".join(event for event in ("onFocus", "onBlur") if node.fires(event)),
        },
        "flags": {"required": props["isRequired"], "disabled": props["isDisabled"]},
    }


LOOK = Look(
    template="""\
<div {{ root("w-input label-" ~ position, p) }}>
"""
    + LABEL
    + """\
<div class="field">
<input id="c.{{ w.path }}" class="control" name="v.{{ w.path }}"
"""
    + ATTRIBUTES
    + """\
>
</div>
"""
    + FOOT
    + """\
</div>
""",
    prepare=prepare,
)
