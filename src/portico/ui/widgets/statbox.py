"""Statbox: a box around the few widgets that show one figure."""

from portico.model.widget import WidgetType
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL, SET_VISIBILITY

TYPE = WidgetType(
    name="Statbox",
    help="A box around the widgets that show one figure: what it is, the figure, how it changed.",
    properties={**COMMON, **SCROLL, **FRAME},
    children="widgets",
    methods=SET_VISIBILITY,
)

#: Its widgets are close together.
LOOK = Look(
    template="""\
<div {{ root("w-container w-statbox frame", p) }}{{ scrolls(p) }}>
<div class="{{ flow }}">
{{ inside }}
</div>
</div>
""",
)
