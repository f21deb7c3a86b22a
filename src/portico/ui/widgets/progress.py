"""Progress: how far something is, as a bar or a ring."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY

TYPES = ("linear", "circular")
MOST_STEPS = 100

TYPE = WidgetType(
    name="Progress",
    help="How far something is, as a bar or a ring.",
    properties={
        "progress": Property(kind="number", default=50, help="How far it is, from 0 to 100."),
        "progressType": Property(kind="choice", default="linear", choices=TYPES, help="A bar, or a ring."),
        "isIndeterminate": Property(
            kind="boolean", default=False, help="Whether nobody knows how far: something moves all the time."
        ),
        "steps": Property(
            kind="number", default=1, help=f"Steps that it is divided into, up to {MOST_STEPS}."
        ),
        "showResult": Property(kind="boolean", default=False, help="Whether it says how far, in percent."),
        "counterClockwise": Property(
            kind="boolean", default=False, help="Whether a ring fills against the clock."
        ),
        "fillColor": Property(kind="color", help="A colour as in CSS; the brand colour if not set."),
        "label": Property(kind="text", default="", help="What it is called by screen readers."),
        **COMMON,
    },
    methods={
        **SET_VISIBILITY,
        "setProgress": "(progress) => { self.progress = progress; }",
    },
)


def _within(value: object, default: float, least: float, most: float) -> float:
    """A number between bounds; text counts as what it reads as."""
    try:
        number = default if isinstance(value, bool) else float(as_text(value))
    except ValueError:
        return default
    return min(max(number, least), most) if number == number else default  # NaN


def prepare(node: Node) -> Mapping[str, Any]:
    """Its steps: where each begins and ends on a line of 100, and how much of it is done."""
    props = node.props
    done = _within(props["progress"], 50.0, 0.0, 100.0)
    count = int(_within(props["steps"], 1.0, 1.0, MOST_STEPS))
    ring = choice(props["progressType"], ("LINEAR", "CIRCULAR")) == "circular"
    waits = bool(props["isIndeterminate"])
    return {
        "name": as_text(props["label"]) or humanised(node.widget.name),
        "ring": ring,
        "now": as_text(round(done, 1)),
        "waits": waits,
        "steps": _steps(100.0 if waits else done, 1 if waits else count, ring=ring),
    }


def _steps(done: float, count: int, *, ring: bool) -> list[dict[str, str]]:
    """Each with its start, its length, and how much of it is done. A ring has a gap behind the last too."""
    gap = 0.0 if count == 1 else min(1.5, 25 / count)
    length = (100 - gap * (count if ring else count - 1)) / count
    steps = []
    for at in range(count):
        share = min(max(done * count / 100 - at, 0.0), 1.0)
        sizes = {"start": at * (length + gap), "length": length, "done": length * share}
        steps.append({name: f"{size:.3f}" for name, size in sizes.items()})
    return steps


#: Lengths are attributes of SVG, as the policy allows no style. A ring is a circle whose way is 100 long.
LOOK = Look(
    template="""\
<div {{ root("w-progress" ~ (" ring" if ring), p) }}>
<div class="progress{{ tone(p.fillColor, "fill") }}{{ " waits" if waits }}{{ " back" if p.counterClockwise }}"
  role="progressbar" aria-label="{{ name }}" aria-valuemin="0" aria-valuemax="100"
  {%- if not waits %} aria-valuenow="{{ now }}"{% endif %}{{ bound("fill", p.fillColor) }}>
{% if ring %}
<svg viewBox="0 0 40 40" aria-hidden="true">
{% for kind in ("length", "done") %}
{% for step in steps if step[kind] != "0.000" %}
<circle class="{{ kind }}" cx="20" cy="20" r="17" pathLength="100"
  stroke-dasharray="{{ "25" if waits and kind == "done" else step[kind] }} 100"
  stroke-dashoffset="-{{ step.start }}"></circle>
{% endfor %}
{% endfor %}
</svg>
{% else %}
<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
{% for kind in ("length", "done") %}
{% for step in steps if step[kind] != "0.000" %}
<rect class="{{ kind }}" x="{{ step.start }}" y="0" height="10"
  width="{{ "30" if waits and kind == "done" else step[kind] }}"></rect>
{% endfor %}
{% endfor %}
</svg>
{% endif %}
{% if p.showResult and not waits %}
<span class="result" aria-hidden="true">{{ now }}%</span>
{% endif %}
</div>
</div>
""",
    prepare=prepare,
)
