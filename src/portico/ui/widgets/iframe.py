"""Iframe: another page inside this one, of an origin that the app declares; or HTML of its own, at rest."""

import json
from collections.abc import Mapping
from typing import Any

from portico.model.app import App
from portico.model.origins import is_declared, origin_of
from portico.model.widget import Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, FRAME, SET_VISIBILITY

#: The part of the client that hears what frames say.
FRAMES = "frames"
#: Characters of a message.
MESSAGE_LIMIT = 64 << 10


def parse_message(posted: object, props: Mapping[str, Any], detail: str = "") -> Mapping[str, Any]:
    """What a frame said, as the client heard it: as true as anything that a browser posts. Raises ValueError
    for what is none."""
    if not isinstance(posted, str) or len(posted) > MESSAGE_LIMIT:
        raise ValueError("no message")
    try:
        found = json.loads(posted)
    except RecursionError as error:
        raise ValueError("no message") from error
    if not isinstance(found, dict) or found.keys() != {"data", "origin"}:
        raise ValueError("no message")
    if found["origin"] != origin_of(as_text(props.get("source"))):
        raise ValueError("of another origin")
    return found


TYPE = WidgetType(
    name="Iframe",
    help="A page of another origin, or HTML without scripts.",
    properties={
        "source": Property(
            kind="text",
            default="",
            loads="frames",
            help="The address of a page, of an origin that `browser.frames` of app.yaml names.",
        ),
        "srcDoc": Property(
            kind="text", default="", help="HTML that is shown instead: no script runs and no form is sent."
        ),
        "title": Property(kind="text", default="", help="What screen readers call it."),
        **FRAME,
        **COMMON,
    },
    events=("onURLChanged", "onSrcDocChanged", "onMessageReceived"),
    meta={"received": None},
    derived={
        "message": "self.received?.data",
        "messageMetadata": "self.received === null ? undefined : { origin: self.received?.origin }",
    },
    methods={**SET_VISIBILITY, "setURL": '(address) => { self.source = address ?? ""; }'},
    inputs={"message": Input(meta="received", parse=parse_message, typed=False, event="onMessageReceived")},
    private=frozenset({"received"}),
    parts=frozenset({FRAMES}),
)


def framed(app: App, address: str) -> bool:
    """Whether pages may show this address in a frame: an absolute one, of a declared origin."""
    origin = origin_of(address)
    return origin is not None and is_declared(origin, app.browser.frames)


def prepare(node: Node) -> Mapping[str, Any]:
    """What stands in the frame, or why nothing does."""
    props = node.props
    source, own = as_text(props["source"]).strip(), as_text(props["srcDoc"])
    origin = origin_of(source)
    shown = "own" if own.strip() else "page" if framed(node.view.app, source) else ""
    return {
        "shown": shown,
        "source": source,
        "own": own,
        "origin": origin,
        "title": as_text(props["title"]) or humanised(node.widget.name),
        "pending": not shown and node.pending(props["source"]),
        "told": [name for name in ("onURLChanged", "onSrcDocChanged") if node.fires(name)],
        "hears": shown == "page" and (node.fires("onMessageReceived") or node.widget.live),
    }


#: A page of another origin keeps that origin, and so its own cookies; it cannot lead this page away. HTML of
#: the app's own has no origin, and the policy of the page around it: nothing in it runs.
LOOK = Look(
    template="""\
<div {{ root("w-iframe frame", p) }}>
{% if shown == "own" %}
<iframe class="inside" title="{{ title }}" sandbox="" srcdoc="{{ own }}"
  referrerpolicy="no-referrer"></iframe>
{% elif shown == "page" %}
<iframe class="inside" title="{{ title }}" src="{{ source }}" loading="lazy"
  sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"
  referrerpolicy="strict-origin-when-cross-origin" allow="fullscreen"></iframe>
{% elif origin %}
<p class="withheld">This app does not show pages of <b>{{ origin }}</b>.
<a href="{{ source }}" target="_blank" rel="noopener noreferrer">Open it in a tab of its own</a></p>
{% else %}
<p class="withheld{% if pending %} pending{% endif %}">{% if not pending %}Nothing to show{% endif %}</p>
{% endif %}
{% for name in told %}
<button type="submit" form="portico" name="portico.event" value="{{ w.path }} {{ name }}" hidden
  formnovalidate data-told="{{ name }}"></button>
{% endfor %}
{% if hears %}
<button type="submit" form="portico" name="v.{{ w.path }}:message" value="" hidden formnovalidate
  data-heard="{{ origin }}"></button>
{% endif %}
</div>
""",
    prepare=prepare,
)
