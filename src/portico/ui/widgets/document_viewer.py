"""DocumentViewer: a document inside the page where that is safe, and a link to it where it is not."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from portico.model.origins import is_declared, origin_of
from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.image import image_url
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, FRAME, SET_VISIBILITY

#: Kinds of documents by the ends of their names.
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".svg"})
_PAGES = frozenset({".txt", ".csv", ".html", ".htm", ".md", ".json", ".xml"})
#: What a document that comes along as data may be saved as. Nothing of it is opened in place.
_DATA = re.compile(r"data:([a-z]+/[a-z0-9.+-]{1,80})(?:;[\w=.-]{1,60}){0,4},", re.IGNORECASE | re.ASCII)
_ENDINGS = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "text/csv": "csv",
    "application/json": "json",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}

TYPE = WidgetType(
    name="DocumentViewer",
    help="A PDF, a picture or a text inside the page; other documents to open or save.",
    properties={
        "docUrl": Property(
            kind="text",
            default="",
            loads="frames",
            help="Its address, of an origin that `browser.frames` names; a data URI; a picture of the app.",
        ),
        "title": Property(kind="text", default="", help="What screen readers call it."),
        **FRAME,
        **COMMON,
    },
    methods={**SET_VISIBILITY, "setURL": '(address) => { self.docUrl = address ?? ""; }'},
)


def prepare(node: Node) -> Mapping[str, Any]:
    """How the document is shown: as a picture, in a frame, as a link, or not at all."""
    props, app = node.props, node.view.app
    address = as_text(props["docUrl"]).strip()
    title = as_text(props["title"]) or humanised(node.widget.name)
    found = {"title": title, "address": address, "name": "", "way": "", "pending": False}
    data = _DATA.match(address)
    origin = origin_of(address)
    if address in app.files or (data is not None and data[1].lower().startswith("image/")):
        source = image_url(app, address)
        return {**found, "way": "picture", "address": source} if source else found
    if data is not None:
        ending = _ENDINGS.get(data[1].lower())
        return {**found, "way": "save", "name": f"{title}.{ending}"} if ending else found
    if origin is None:
        return {**found, "pending": node.pending(props["docUrl"])}
    path = PurePosixPath(unquote(urlsplit(address).path))
    ending, name = path.suffix.lower(), path.name or title
    if ending in _PICTURES and is_declared(origin, app.browser.images):
        return {**found, "way": "picture"}
    if not is_declared(origin, app.browser.frames):
        return {**found, "way": "open", "name": name}
    if ending == ".pdf":
        return {**found, "way": "pdf", "name": name}
    if ending in _PICTURES | _PAGES:
        return {**found, "way": "page", "name": name}
    return {**found, "way": "open", "name": name}


#: Browsers show no PDF in a sandbox. What else a declared origin sends may do nothing in its frame.
LOOK = Look(
    template="""\
<div {{ root("w-document frame", p) }}>
{% if way == "picture" %}
<img class="image fit-contain" src="{{ address }}" alt="{{ title }}" loading="lazy" decoding="async">
{% elif way == "pdf" %}
<iframe class="inside" title="{{ title }}" src="{{ address }}" loading="lazy"
  referrerpolicy="strict-origin-when-cross-origin"></iframe>
{% elif way == "page" %}
<iframe class="inside" title="{{ title }}" src="{{ address }}" loading="lazy" sandbox=""
  referrerpolicy="strict-origin-when-cross-origin"></iframe>
{% elif way == "save" %}
<p class="withheld"><a class="button secondary" href="{{ address }}" download="{{ name }}"
>Save {{ name }}</a></p>
{% elif not way %}
<p class="withheld{% if pending %} pending{% endif %}">{% if not pending %}No document to show{% endif %}</p>
{% endif %}
{% if way in ("pdf", "page", "open") %}
<p class="beside"><a href="{{ address }}" target="_blank" rel="noopener noreferrer">Open {{ name }}</a></p>
{% endif %}
</div>
""",
    prepare=prepare,
)
