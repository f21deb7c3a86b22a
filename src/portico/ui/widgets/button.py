"""Button: fires `onClick`, with the values of its form."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.style import choice
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, DISABLED, SET_DISABLED, SET_VISIBILITY, TOOLTIP

VARIANTS = ("PRIMARY", "SECONDARY", "TERTIARY")
PLACEMENTS = ("START", "BETWEEN", "CENTER")

TYPE = WidgetType(
    name="Button",
    properties={
        "text": Property(kind="text", default="Submit", help="The label."),
        "buttonVariant": Property(
            kind="choice", default="PRIMARY", choices=VARIANTS, help="Filled, outlined, or plain."
        ),
        "buttonColor": Property(kind="color", help="A colour as in CSS; the brand colour if not set."),
        "placement": Property(
            kind="choice", default="CENTER", choices=PLACEMENTS, help="Where the label stands in the button."
        ),
        "disabledWhenInvalid": Property(
            kind="boolean",
            default=False,
            help="Whether it does nothing while an input of its form is invalid. The server checks.",
        ),
        "resetFormOnClick": Property(
            kind="boolean", default=False, help="Whether its form is reset after a click that succeeded."
        ),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onClick",),
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        "setLabel": "(label) => { self.text = String(label); }",
        "setColor": "(color) => { self.buttonColor = color; }",
    },
)


def prepare(node: Node) -> Mapping[str, Any]:
    """Whether a click does anything, and whether it waits for a valid form."""
    props = node.props
    return {
        "acts": node.fires("onClick") or bool(props["resetFormOnClick"]),
        "needs_valid": bool(props["disabledWhenInvalid"]) and node.form is not None,
        "variant": choice(props["buttonVariant"], VARIANTS),
        "placement": choice(props["placement"], PLACEMENTS),
    }


LOOK = Look(
    template="""\
<div {{ root("w-button", p) }}>
<button id="c.{{ w.path }}" class="button {{ variant }} label-{{ placement }}
  {{- tone(p.buttonColor, "fill") }}"
  {%- if acts %} type="submit" name="portico.event" value="{{ w.path }} onClick"
  {%- else %} type="button"{% endif %}
  {{- attribute("form", w.owner) }}{{ bound("fill", p.buttonColor) }}
  {%- if needs_valid %} data-needs-valid{% elif acts %} formnovalidate{% endif %}
  {%- if p.tooltip|text %} aria-describedby="h.{{ w.path }}"{% endif %}
  {%- if p.isDisabled %} disabled{% endif %}><span class="label">{{ p.text|text }}</span></button>
{% if p.tooltip|text %}
<span class="tip" role="tooltip" id="h.{{ w.path }}">{{ p.tooltip|text }}</span>
{% endif %}
</div>
""",
    prepare=prepare,
)
