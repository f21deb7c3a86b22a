"""Switch: on or off."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.checkbox import ALIGNMENTS, parse
from portico.ui.widgets.field import ATTRIBUTES, FOOT, live, required
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

LABEL_POSITIONS = ("Left", "Right")
#: What to say while it is off and has to be on.
MISSING = "Please switch this on."

#: Data often says false in words.
ON = """((state) => state !== "false" && Boolean(state))(
  self.switched ?? self.defaultSwitchState
)"""

TYPE = WidgetType(
    name="Switch",
    help="A switch that is on or off.",
    properties={
        "label": Property(kind="text", default="Label", help="The words beside it."),
        "labelPosition": Property(
            kind="choice",
            default="Left",
            choices=LABEL_POSITIONS,
            help="On which side of the switch the label stands.",
        ),
        "alignWidget": Property(
            kind="choice", default="LEFT", choices=ALIGNMENTS, help="On which side of its place it stands."
        ),
        "defaultSwitchState": Property(
            kind="boolean", default=False, help="Whether it is on until the user decides."
        ),
        "accentColor": Property(kind="color", help="Its colour while it is on; the brand colour if not set."),
        **required("it is off"),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onChange",),
    meta={"switched": None, "isDirty": False},
    derived={
        "isSwitchedOn": ON,
        "value": "self.isSwitchedOn",
        "isValid": "!self.isRequired || self.isSwitchedOn",
        "message": f'self.isValid ? "" : "{MISSING}"',
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": "(on) => { self.switched = Boolean(on); }",
        "setColor": "(color) => { self.accentColor = color; }",
    },
    inputs={VALUE: Input(meta="switched", parse=parse, event="onChange")},
    reset=("switched", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The attributes of the control, and where it stands."""
    props = node.props
    label = as_text(props["label"])
    wrong = bool(props["isDirty"]) and props["isValid"] is False
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    return {
        "label": label,
        "wrong": wrong,
        "places": [
            f"stands-{choice(props['alignWidget'], ALIGNMENTS)}",
            f"words-{choice(props['labelPosition'], ('LEFT', 'RIGHT'))}",
        ],
        "attributes": {
            "form": node.owner,
            "aria-label": None if label else humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-missing": MISSING if props["isRequired"] else None,
            "data-live": live(node, "onChange"),
        },
        "flags": {
            "required": props["isRequired"],
            "disabled": props["isDisabled"],
            "checked": props["isSwitchedOn"],
        },
    }


#: As with a Checkbox, the hidden input says that it is off where forms do not post it.
LOOK = Look(
    template="""\
<div {{ root("w-switch " ~ places|join(" "), p) }}>
<div class="tick">
<input type="hidden" name="v.{{ w.path }}" value="false"{{ attribute("form", w.owner) }}
  {%- if p.isDisabled %} disabled{% endif %}>
<input id="c.{{ w.path }}" class="control switch{{ tone(p.accentColor, "fill") }}" type="checkbox"
  role="switch" name="v.{{ w.path }}" value="true"{{ bound("fill", p.accentColor) }}
"""
    + ATTRIBUTES
    + """\
>
{% if label %}
<label for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
</div>
"""
    + FOOT
    + """\
</div>
""",
    prepare=prepare,
)
