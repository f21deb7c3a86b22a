"""Checkbox: yes or no."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.field import live
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

ALIGNMENTS = ("LEFT", "RIGHT")
LABEL_POSITIONS = ("Right", "Left")
#: What to say while it is not ticked and has to be.
MISSING = "Please tick this box."

#: Data often says false in words.
CHECKED = """((state) => state !== "false" && Boolean(state))(
  self.checked ?? self.defaultCheckedState
)"""

_POSTED = {"true": True, "false": False}


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> bool:
    """Scripts post a boolean, forms its name. Raises ValueError for anything else."""
    if isinstance(posted, bool):
        return posted
    if not isinstance(posted, str) or posted not in _POSTED:
        raise ValueError("neither true nor false")
    return _POSTED[posted]


TYPE = WidgetType(
    name="Checkbox",
    help="A box that is ticked or not.",
    properties={
        "label": Property(kind="text", default="Label", help="The words beside it."),
        "labelPosition": Property(
            kind="choice",
            default="Right",
            choices=LABEL_POSITIONS,
            help="On which side of the box the label stands.",
        ),
        "alignWidget": Property(
            kind="choice", default="LEFT", choices=ALIGNMENTS, help="On which side of its place it stands."
        ),
        "defaultCheckedState": Property(
            kind="boolean", default=False, help="Whether it is ticked until the user decides."
        ),
        "isRequired": Property(
            kind="boolean", default=False, help="Whether it is invalid while it is not ticked."
        ),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onCheckChange",),
    meta={"checked": None, "isDirty": False},
    derived={
        "isChecked": CHECKED,
        "value": "self.isChecked",
        "isValid": "!self.isRequired || self.isChecked",
        "message": f'self.isValid ? "" : "{MISSING}"',
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": "(checked) => { self.checked = Boolean(checked); }",
    },
    inputs={VALUE: Input(meta="checked", parse=parse, event="onCheckChange")},
    reset=("checked", "isDirty"),
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
            f"words-{choice(props['labelPosition'], ('RIGHT', 'LEFT'))}",
        ],
        "attributes": {
            "form": node.owner,
            "aria-label": None if label else humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-missing": MISSING if props["isRequired"] else None,
            "data-live": live(node, "onCheckChange"),
        },
        "flags": {
            "required": props["isRequired"],
            "disabled": props["isDisabled"],
            "checked": props["isChecked"],
        },
    }


#: Forms do not post a box that is not ticked: the hidden input before it then says so, and where both
#: are posted the last of them counts.
LOOK = Look(
    template="""\
<div {{ root("w-checkbox " ~ places|join(" "), p) }}>
<div class="tick">
<input type="hidden" name="v.{{ w.path }}" value="false"{{ attribute("form", w.owner) }}
  {%- if p.isDisabled %} disabled{% endif %}>
<input id="c.{{ w.path }}" class="control" type="checkbox" name="v.{{ w.path }}" value="true"
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- for name, set in flags.items() if set %} {{ name }}{% endfor %}>
{% if label %}
<label for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
</div>
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}"{% if not wrong %} hidden{% endif %}>
{%- if wrong %}{{ p.message|text }}{% endif %}</p>
</div>
""",
    prepare=prepare,
)
