"""CheckboxGroup: several of a few values, all of them in sight."""

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

#: The values that are chosen, as they are in the data and in its order.
SELECTED = f"""(() => {{
  const given = {choices.LISTED}(self.chosen ?? self.defaultSelectedValues);
  const wanted = given.map(({{ value }}) => String(value));
  return (self.options ?? []).map(({{ value }}) => value).filter((value) => wanted.includes(String(value)));
}})()"""


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> list[Any]:
    """The values that were posted, of the type they have in the data. Raises ValueError for what is not
    offered now."""
    return [option["value"] for option in choices.among(posted, props.get("options"))]


TYPE = WidgetType(
    name="CheckboxGroup",
    help="A choice of several among a few that are all in sight.",
    properties={
        "options": choices.OPTIONS_PROPERTY,
        "defaultSelectedValues": Property(
            kind="any",
            default=(),
            help="The values that are chosen until the user chooses: a list, or text with commas.",
        ),
        "isSelectAll": Property(
            kind="boolean", default=False, help="Whether a button chooses all of them at once."
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
        "selectedValues": SELECTED,
        "value": "self.selectedValues",
        "isValid": "!self.isRequired || self.selectedValues.length > 0",
        "message": f'self.isValid ? "" : "{choices.MISSING}"',
    },
    methods={
        "chooseAll": choices.choose_all(
            "isSelectAll", "self.options.map(({ value }) => value)", "onSelectionChange"
        ),
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setSelectedOptions": "(values) => { self.chosen = values ?? []; }",
        "setData": "(options) => { self.options = options; }",
    },
    commands=frozenset({"chooseAll"}),
    inputs={
        VALUE: Input(meta="chosen", parse=parse, event="onSelectionChange"),
    },
    private=frozenset({"chooseAll", "chosen"}),
    reset=("chosen", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The options, and what each box carries."""
    props, around = node.props, surroundings(node)
    values = props["selectedValues"]
    chosen = {as_text(value) for value in values} if isinstance(values, list | tuple) else set()
    options = choices.boxes(node.path, props["options"], chosen)
    return {
        **around,
        "name": humanised(node.widget.name),
        "options": options,
        "all_of_them": bool(options) and all(one["chosen"] for one in options),
        "pending": node.pending(props["options"]),
        "more": (
            attribute("form", node.owner)
            + attribute("data-live", live(node, "onSelectionChange"))
            + attribute("data-missing", choices.MISSING if props["isRequired"] else None)
            + attribute("aria-invalid", "true" if around["wrong"] else None)
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
  role="group"{% if label %} aria-labelledby="l.{{ w.path }}"{% else %} aria-label="{{ name }}"{% endif %}
  aria-describedby="{{ described }}">
{{ none_of_them() }}
{% if p.isSelectAll and options %}
{{ toggle(all_of_them) }}
{% endif %}
{% for one in options %}
<div class="tick">
{{ box(one, "checkbox", "m.", more) }}
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
