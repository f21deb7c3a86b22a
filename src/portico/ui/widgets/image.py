"""Image: a picture of the app, of an allowed origin, or given as data."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from portico.model.app import App
from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.icons import ICONS
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY, TOOLTIP

FITS = ("COVER", "CONTAIN", "AUTO")
#: The part of the client that zooms and turns, and how far it zooms.
PICTURES = "pictures"
MOST_ZOOM = 16.0

TYPE = WidgetType(
    name="Image",
    help="A picture.",
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
        "maxZoomLevel": Property(
            kind="number",
            default=1,
            part=PICTURES,
            help="How far users can zoom in, up to 16; 1: not at all.",
        ),
        "enableRotation": Property(
            kind="boolean", default=False, part=PICTURES, help="Whether users can turn it by 90 degrees."
        ),
        "enableDownload": Property(
            kind="boolean", default=False, help="Whether a link to download it stands on it."
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
        **_tools(node, source or fallback),
    }


def _tools(node: Node, source: str | None) -> Mapping[str, Any]:
    """What users can do with the picture: buttons of the client, and a link."""
    props, most = node.props, _most(node.props["maxZoomLevel"])
    buttons = [("zoom", "2", "zoom-in"), ("zoom", "0.5", "zoom-out")] if most > 1 else []
    if props["enableRotation"]:
        buttons += [("turn", "-90", "image-rotate-left"), ("turn", "90", "image-rotate-right")]
    label, lines = ICONS["download"]
    name = _file_name(node, source) if source and props["enableDownload"] else None
    return {
        "most": f"{most:g}",
        "buttons": [(f"data-{what}", by, *ICONS[icon]) for what, by, icon in buttons] if source else [],
        "download": None if name is None else {"file": name, "label": label, "lines": lines},
        # Browsers do not save what another origin sends: there it opens in a tab of its own.
        "elsewhere": (source or "").lower().startswith("http"),
        "called": as_text(props["alt"]) or as_text(props["tooltip"]) or humanised(node.widget.name),
    }


def _most(value: object) -> float:
    """The greatest zoom that is meant."""
    try:
        most = float(as_text(value))
    except ValueError:
        return 1.0
    return min(max(1.0, most), MOST_ZOOM)


def _file_name(node: Node, source: str) -> str:
    """What a picture is called when it is saved."""
    if found := re.match(r"data:image/([a-z]+)", source, re.IGNORECASE):
        kind = found[1].lower()
        return f"{humanised(node.widget.name)}.{ {'jpeg': 'jpg', 'x': 'ico'}.get(kind, kind) }"
    return unquote(urlsplit(source).path.rpartition("/")[2])


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
{% macro clickable() %}
{% if w.fires("onClick") %}
<button id="c.{{ w.path }}" class="plain" type="submit" form="portico" name="portico.event"
  value="{{ w.path }} onClick" formnovalidate>{{ picture() }}</button>
{% else %}
{{ picture() }}
{% endif %}
{% endmacro %}
{% macro icon(lines) %}<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{{ lines }}"/></svg>
{%- endmacro %}
<div {{ root("w-image", p) }}>
{% if buttons or download %}
<div class="picture" data-most="{{ most }}">
<div class="sight" role="group" aria-label="{{ called }}">{{ clickable() }}</div>
<div class="tools" role="group" aria-label="Tools: {{ called }}">
{% for what, by, label, lines in buttons %}
<button type="button" class="tool" {{ what }}="{{ by }}" aria-label="{{ label }}"
  {%- if by == "0.5" %} aria-disabled="true"{% endif %}>{{ icon(lines) }}</button>
{% endfor %}
{% if download %}
<a class="tool" href="{{ source }}" download="{{ download.file }}" aria-label="{{ download.label }}"
  {%- if elsewhere %} target="_blank" rel="noopener noreferrer"{% endif %}>{{ icon(download.lines) }}</a>
{% endif %}
<span class="unseen" role="status"></span>
</div>
</div>
{% else %}
{{ clickable() }}
{% endif %}
</div>
""",
    prepare=prepare,
)
