"""Divider: a line between things."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text
from portico.ui.style import choice
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY

ORIENTATIONS = ("HORIZONTAL", "VERTICAL")
STROKES = ("SOLID", "DASHED", "DOTTED")
#: Thicknesses that have a class, in pixels, and the greatest that makes a line.
STEPS = (1, 2, 4, 8)
THICKEST = 64

TYPE = WidgetType(
    name="Divider",
    help="A line between things.",
    properties={
        "orientation": Property(
            kind="choice", default="horizontal", choices=("horizontal", "vertical"), help="How the line runs."
        ),
        "thickness": Property(kind="number", default=2, help="In pixels."),
        "dividerColor": Property(kind="color", help="A colour as in CSS; the theme's own if not set."),
        "strokeStyle": Property(
            kind="choice",
            default="solid",
            choices=("solid", "dashed", "dotted"),
            help="How the line is drawn.",
        ),
        **COMMON,
    },
    methods=SET_VISIBILITY,
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The classes of the line, and its thickness where no class says it exactly."""
    pixels = _pixels(node.props["thickness"])
    step = min(STEPS, key=lambda step: abs(step - pixels))
    return {
        "orientation": choice(node.props["orientation"], ORIENTATIONS),
        "stroke": choice(node.props["strokeStyle"], STROKES),
        "step": step,
        "exact": None if pixels == step else f"{pixels:g}px",
    }


def _pixels(value: object) -> float:
    """`thickness` as a number; what is none is the usual 2."""
    try:
        pixels = float(as_text(value).strip().removesuffix("px"))
    except ValueError:
        return 2
    return min(pixels, THICKEST) if pixels > 0 else 2


LOOK = Look(
    template="""\
<div {{ root("w-divider " ~ orientation, p) }}>
<hr class="divider {{ stroke }} thick-{{ step }}{{ tone(p.dividerColor, "color") }}"
  {%- if orientation == "vertical" %} aria-orientation="vertical"{% endif %}
  {{- attribute("data-border-width", exact) }}{{ bound("border-color", p.dividerColor) }}>
</div>
""",
    prepare=prepare,
)
