"""Container: a box around other widgets."""

from portico.model.widget import WidgetType
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL, SET_VISIBILITY

TYPE = WidgetType(
    name="Container",
    help="A box around widgets.",
    properties={**COMMON, **SCROLL, **FRAME},
    children="widgets",
    methods=SET_VISIBILITY,
)

LOOK = Look(
    template="""\
<div {{ root("w-container frame", p) }}{{ scrolls(p) }}>
<div class="{{ flow }}">
{{ inside }}
</div>
</div>
""",
)
