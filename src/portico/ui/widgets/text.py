"""Text: words, with a little HTML if the author wants."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, is_html, prose
from portico.ui.style import choice, font_size
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SET_DISABLED, SET_REQUIRED, SET_VISIBILITY

OVERFLOWS = ("NONE", "SCROLL", "TRUNCATE")
ALIGNS = ("LEFT", "CENTER", "RIGHT")

TYPE = WidgetType(
    name="Text",
    help="Words; HTML in them is cleaned.",
    properties={
        "text": Property(kind="text", default="", help="Plain text, or HTML, which is cleaned."),
        "fontSize": Property(kind="size", default="1rem", help="A length as in CSS."),
        "fontStyle": Property(
            kind="text", default="", help="`BOLD`, `ITALIC`, `UNDERLINE`, several with commas, or empty."
        ),
        "textAlign": Property(
            kind="choice", default="LEFT", choices=ALIGNS, help="How the lines are aligned."
        ),
        "textColor": Property(kind="color", help="A colour as in CSS; the theme's own if not set."),
        "overflow": Property(
            kind="choice", default="NONE", choices=OVERFLOWS, help="What happens to text that is too long."
        ),
        "disableLink": Property(
            kind="boolean", default=False, help="Whether addresses in the text stay plain text."
        ),
        "isDisabled": Property(
            kind="boolean",
            default=False,
            help="Whether it belongs to something that cannot be used: muted, and its links are plain text.",
        ),
        "isRequired": Property(
            kind="boolean", default=False, help="Whether a star follows, as in the label of a required Input."
        ),
        **COMMON,
    },
    derived={"value": "self.text"},
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setText": "(text) => { self.text = text; }",
        "setTextColor": "(color) => { self.textColor = color; }",
    },
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The cleaned content, and the element and classes it gets."""
    props = node.props
    text = as_text(props["text"])
    styles = {part.strip().upper() for part in as_text(props["fontStyle"]).split(",")}
    size, exact = font_size(as_text(props["fontSize"]))
    heading = "BOLD" in styles and size >= 5 and not is_html(text) and bool(text.strip())
    classes = [name.lower() for name in ("BOLD", "ITALIC", "UNDERLINE") if name in styles]
    overflow = choice(props["overflow"], OVERFLOWS)
    return {
        "tag": "h2" if heading else "div",
        "content": prose(text, links=not (props["disableLink"] or props["isDisabled"])),
        "classes": [
            f"size-{size}",
            f"align-{choice(props['textAlign'], ALIGNS)}",
            f"overflow-{overflow}",
            *classes,
            *(["muted"] if props["isDisabled"] else []),
        ],
        "exact": exact,
        # Muted is a colour of its own.
        "color": None if props["isDisabled"] else props["textColor"],
        "focusable": overflow == "scroll",
        "pending": node.pending(props["text"]),
    }


#: Large bold text is a heading: that is what it is for, and screen readers can then find it.
LOOK = Look(
    template="""\
<div {{ root("w-text", p) }}>
<{{ tag }} class="text {{ classes|join(" ") }}
  {{- tone(color, "color") }}{% if pending %} pending{% endif %}"
  {{- bound("color", color) }}{{ attribute("data-font-size", exact) }}
  {%- if focusable %} tabindex="0"{% endif %}>{{ content }}
  {%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span
  ><span class="unseen"> (required)</span>{% endif %}</{{ tag }}>
</div>
""",
    prepare=prepare,
)
