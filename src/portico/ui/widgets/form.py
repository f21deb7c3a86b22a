"""Form: inputs that belong together, and the buttons that send them."""

from portico.model.widget import WidgetType
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL, SET_VISIBILITY

TYPE = WidgetType(
    name="Form",
    help="Inputs and buttons that belong together: its `data` are their values, and it can be reset.",
    properties={**COMMON, **SCROLL, **FRAME},
    children="widgets",
    derived={
        "data": """kit.inputs(self).reduce((data, input) => {
  if (input.value !== undefined) data[input.name] = input.value;
  return data;
}, {})""",
        "hasChanges": "kit.inputs(self).some((input) => Boolean(input.isDirty))",
        # What cannot be seen cannot be put right.
        "isValid": "kit.inputs(self).every((input) => !input.isVisible || input.isValid !== false)",
    },
    methods=SET_VISIBILITY,
)

#: A form in a form is not HTML: the inner one is a group, and its controls belong to the outer.
LOOK = Look(
    template="""\
{% set tag = "div" if w.form else "form" %}
<{{ tag }} {{ root("w-form frame", p) }} data-form
  {%- if not w.form %} method="post" action=""{{ encoding }}{% endif %}{{ scrolls(p) }}>
{% if not w.form %}{{ envelope() }}{% endif %}
<div class="{{ flow }}">
{{ inside }}
</div>
</{{ tag }}>
""",
)
