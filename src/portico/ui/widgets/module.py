"""Module: a box around the widgets of a UI module."""

from portico.model.widget import WidgetType
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL, SET_VISIBILITY

TYPE = WidgetType(
    name="Module",
    help="An instance of a UI module.",
    properties={**COMMON, **SCROLL, **FRAME},
    events=("onOutputChange",),
    children="widgets",
    methods=SET_VISIBILITY,
)

LOOK = Look(
    template="""\
<div {{ root("w-module frame", p) }}{{ scrolls(p) }}>
<div class="{{ flow }}">
{{ inside }}
</div>
</div>
""",
)
