"""Modal: widgets in a window over the page, which scripts open and the user can close."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, FRAME, SCROLL

#: The part of its address by which the user closes it.
CLOSED = "closed"


def parse(posted: object, props: Mapping[str, Any], detail: str) -> bool:
    """The user can close it, never open it. Raises ValueError for anything else."""
    if (posted is not True and posted != "true") or not props.get("isVisible"):
        raise ValueError("not open, or not to be closed")
    return False


TYPE = WidgetType(
    name="Modal",
    help="Widgets in a window over the page, which scripts open and the user can close.",
    properties={
        "title": Property(kind="text", default="", help="What the window is called."),
        "canOutsideClickClose": Property(
            kind="boolean", default=True, help="Whether a click beside it closes it."
        ),
        "canEscapeKeyClose": Property(kind="boolean", default=True, help="Whether Escape closes it."),
        "width": Property(kind="number", help="Pixels; 456 if not set."),
        **{name: prop for name, prop in COMMON.items() if name != "isVisible"},
        **SCROLL,
        **FRAME,
    },
    events=("onClose",),
    children="widgets",
    meta={"isOpen": False},
    derived={"isVisible": "Boolean(self.isOpen)"},
    methods={
        "show": "() => { self.isOpen = true; }",
        "close": "() => { if (self.isOpen) { self.isOpen = false; kit.fire(self, 'onClose'); } }",
    },
    inputs={CLOSED: Input(meta="isOpen", parse=parse, event="onClose", typed=False)},
    reset=("isOpen",),
)

#: Widths that have a class; the class is the greatest that is not above what is asked for.
WIDTHS = (320, 456, 640, 800, 1024)


def prepare(node: Node) -> Mapping[str, Any]:
    """How wide it is, and what it is called."""
    width = node.props["width"]
    wanted = width if isinstance(width, int | float) and not isinstance(width, bool) else 456
    title = as_text(node.props["title"])
    return {
        "title": title,
        "name": title or humanised(node.widget.name),
        "size": max((size for size in WIDTHS if size <= wanted), default=WIDTHS[0]),
        "closes": [
            name
            for name, prop in (("escape", "canEscapeKeyClose"), ("outside", "canOutsideClickClose"))
            if node.props[prop]
        ],
    }


#: Without scripts it is an open dialog of the page; the client makes it one that holds the focus.
LOOK = Look(
    template="""\
<dialog {{ root("w-modal frame modal-" ~ size, p) }} open data-modal="{{ closes|join(" ") }}"
  aria-label="{{ name }}">
<div class="modal-head">
{% if title %}<h2>{{ title }}</h2>{% endif %}
<button class="close" type="submit" form="portico" name="v.{{ w.path }}:closed" value="true" formnovalidate
  aria-label="Close"><svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
<path d="M6 6l12 12M18 6L6 18"/></svg></button>
</div>
<div class="modal-body"{{ scrolls(p) }}>
<div class="{{ flow }}">
{{ inside }}
</div>
</div>
</dialog>
""",
    prepare=prepare,
)
