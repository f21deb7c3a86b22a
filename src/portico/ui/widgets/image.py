"""Image: a picture of the app, of an allowed origin, or given as data."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from portico.model.app import App
from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY, TOOLTIP

FITS = ("COVER", "CONTAIN", "AUTO")

TYPE = WidgetType(
    name="Image",
    properties={
        "image": Property(
            kind="text", default="", help="A file of the app, an http(s) address, a data URI, or base64."
        ),
        "defaultImage": Property(kind="text", default="", help="Shown where `image` is missing or fails."),
        "objectFit": Property(
            kind="choice",
            default="cover",
            choices=("cover", "contain", "auto"),
            help="How the picture fills its place.",
        ),
        "alt": Property(kind="text", default="", help="What it shows, in words; the tooltip if not set."),
        **TOOLTIP,
        **COMMON,
    },
    events=("onClick",),
    methods={**SET_VISIBILITY, "setImage": "(image) => { self.image = image; }"},
)

_DATA = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|svg\+xml)(?:;[\w=.-]+)*,", re.IGNORECASE
)
#: How pictures begin in base64.
_BASE64 = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
    "PHN2Zy": "image/svg+xml",
}


def image_url(app: App, value: object) -> str | None:
    """The address to load a picture from, or None for what is no picture we would load."""
    text = as_text(value).strip()
    if text in app.files:
        return file_url(app, text)
    if _DATA.match(text):
        return text
    kind = next((kind for start, kind in _BASE64.items() if text.startswith(start)), None)
    if kind is not None:
        return f"data:{kind};base64,{re.sub(r'[^A-Za-z0-9+/=]', '', text)}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def file_url(app: App, name: str) -> str:
    """The address of a picture that the app carries."""
    return f"/{quote(app.slug)}/_files/{quote(name, safe='')}"


def prepare(node: Node) -> Mapping[str, Any]:
    """Where the picture comes from, what it is called, and what stands in for it."""
    props, app = node.props, node.view.app
    source, fallback = image_url(app, props["image"]), image_url(app, props["defaultImage"])
    alt = as_text(props["alt"]) or as_text(props["tooltip"])
    return {
        "source": source or fallback,
        "fallback": fallback if source else None,
        # A picture that does something must have a name; one that only decorates must not.
        "alt": alt or (humanised(node.widget.name) if node.fires("onClick") else ""),
        "fit": choice(props["objectFit"], FITS),
        "pending": node.pending(props["image"]),
    }


LOOK = Look(
    template="""\
{% macro picture() %}
{% if source %}
<img class="image fit-{{ fit }}" src="{{ source }}" alt="{{ alt }}" loading="lazy" decoding="async"
  {{- attribute("data-fallback", fallback) }}{{ attribute("title", p.tooltip|text) }}>
{% else %}
<span class="image missing{% if pending %} pending{% endif %}"
  {%- if alt %} role="img" aria-label="{{ alt }}"{% endif %}></span>
{% endif %}
{% endmacro %}
<div {{ root("w-image", p) }}>
{% if w.fires("onClick") %}
<button id="c.{{ w.path }}" class="plain" type="submit" form="portico" name="portico.event"
  value="{{ w.path }} onClick" formnovalidate>{{ picture() }}</button>
{% else %}
{{ picture() }}
{% endif %}
</div>
""",
    prepare=prepare,
)
