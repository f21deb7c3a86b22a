"""RadioGroup: one of a few values, all of them in sight."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import attribute
from portico.ui.widgets import choices
from portico.ui.widgets.field import CAPTION, FOOT, LABELLED, live, required, surroundings
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)
from portico.ui.widgets.select import MISSING, SELECTED, parse

TYPE = WidgetType(
    name="RadioGroup",
    help="A choice of one among a few that are all in sight.",
    properties={
        "options": choices.OPTIONS_PROPERTY,
        "defaultOptionValue": Property(
            kind="any", default="", help="The value that is chosen until the user chooses."
        ),
        "isInline": Property(
            kind="boolean", default=True, help="Whether they stand beside each other where there is room."
        ),
        **LABELLED,
        **required("nothing is chosen"),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onSelectionChange",),
    meta={"chosen": None, "isDirty": False},
    derived={
        "options": choices.OWN_OPTIONS,
        "selectedOption": SELECTED,
        "selectedOptionValue": 'self.selectedOption?.value ?? ""',
        "selectedOptionLabel": 'self.selectedOption?.label ?? ""',
        "value": "self.selectedOptionValue",
        "isValid": '!self.isRequired || self.selectedOptionValue !== ""',
        "message": f'self.isValid ? "" : "{MISSING}"',
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setSelectedOption": '(option) => { self.chosen = option ?? ""; }',
        "setData": "(options) => { self.options = options; }",
    },
    inputs={VALUE: Input(meta="chosen", parse=parse, event="onSelectionChange")},
    private=frozenset({"chosen"}),
    reset=("chosen", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The options, and what each radio button carries."""
    props, around = node.props, surroundings(node)
    chosen = {as_text(props["selectedOptionValue"])} if props["selectedOption"] is not None else set()
    return {
        **around,
        "name": humanised(node.widget.name),
        "options": choices.boxes(node.path, props["options"], chosen),
        "pending": node.pending(props["options"]),
        "more": (
            attribute("form", node.owner)
            + attribute("data-live", live(node, "onSelectionChange"))
            + attribute("data-missing", MISSING if props["isRequired"] else None)
            + attribute("required", "required" if props["isRequired"] else None)
        ),
    }


LOOK = Look(
    template=choices.MACROS
    + """\
<div {{ root("w-input label-" ~ position, p) }}>
"""
    + CAPTION
    + """\
<div id="c.{{ w.path }}" class="options{{ " inline" if p.isInline }}{{ " pending" if pending }}"
  role="radiogroup"
  {%- if label %} aria-labelledby="l.{{ w.path }}"{% else %} aria-label="{{ name }}"{% endif %}
  aria-describedby="{{ described }}"{% if p.isRequired %} aria-required="true"{% endif %}>
{% for one in options %}
<div class="tick">
{{ box(one, "radio", "v.", more) }}
</div>
{% endfor %}
</div>
"""
    + FOOT
    + """\
</div>
""",
    prepare=prepare,
)
