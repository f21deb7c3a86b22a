"""IconButton: a button that is a picture, with a name for those who do not see it."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.button import VARIANTS
from portico.ui.widgets.icons import NEUTRAL, find
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, DISABLED, SET_DISABLED, SET_VISIBILITY, TOOLTIP

TYPE = WidgetType(
    name="IconButton",
    help="A button that shows an icon and no words.",
    properties={
        "iconName": Property(kind="text", default="plus", help="The icon, like `plus`, `edit` or `trash`."),
        "buttonVariant": Property(
            kind="choice", default="PRIMARY", choices=VARIANTS, help="Filled, outlined, or plain."
        ),
        "buttonColor": Property(kind="color", help="A colour as in CSS; the brand colour if not set."),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onClick",),
    methods={**SET_VISIBILITY, **SET_DISABLED},
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The icon, and what it is called: the tooltip, else what the icon means, else the widget's name."""
    props = node.props
    icon = find(props["iconName"])
    return {
        "name": as_text(props["tooltip"]) or (icon.meaning if icon else "") or humanised(node.widget.name),
        "icon": icon or NEUTRAL,
        "acts": node.fires("onClick"),
        "variant": choice(props["buttonVariant"], VARIANTS),
    }


#: The tip says what the name says already, so it is for the eyes alone.
LOOK = Look(
    template="""\
<div {{ root("w-icon-button", p) }}>
<button id="c.{{ w.path }}" class="button icon-button {{ variant }}{{ tone(p.buttonColor, "fill") }}"
  {%- if acts %} type="submit" name="portico.event" value="{{ w.path }} onClick" formnovalidate
  {%- else %} type="button"{% endif %} aria-label="{{ name }}"
  {{- attribute("form", w.owner) }}{{ bound("fill", p.buttonColor) }}
  {%- if p.isDisabled %} disabled{% endif %}>{{ picture(icon, "label") }}</button>
{% if p.tooltip|text %}
<span class="tip" aria-hidden="true">{{ p.tooltip|text }}</span>
{% endif %}
</div>
""",
    prepare=prepare,
)
