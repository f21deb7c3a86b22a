"""Placeholder: stands for a widget of another tool that there is no type for."""

from portico.model.widget import Property, WidgetType
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY

TYPE = WidgetType(
    name="Placeholder",
    help="Stands for a widget of an imported app that there is no type for yet.",
    properties={
        "widget": Property(
            kind="text", default="", help="What it is called where it comes from, like `MAP_WIDGET`."
        ),
        "properties": Property(
            kind="object",
            default={},
            foreign=True,
            help="Its properties there, which code reads as members of it; events in them never run.",
        ),
        **COMMON,
    },
    children="widgets",
    methods=SET_VISIBILITY,
    # Data of any kind and size, which nobody is shown.
    inner=frozenset({"properties"}),
    members="properties",
)

LOOK = Look(
    template="""\
<div {{ root("w-placeholder", p) }}>
<p class="stands-in"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true"
><path d="M12 8v5m0 3v.01M12 3 2 20h20z"/></svg>
<span><b>{{ w.widget.name }}</b>: {{ p.widget|text or "this widget" }} is not supported yet</span></p>
{% if inside %}
<div class="{{ flow }}">
{{ inside }}
</div>
{% endif %}
</div>
""",
)
