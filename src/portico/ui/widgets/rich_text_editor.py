"""RichTextEditor: text with headings, lists and links, as HTML that is cleaned; or Markdown as typed."""

from collections.abc import Mapping
from typing import Any

import nh3

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import DROPPED, SCHEMES, TAGS, as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.field import live
from portico.ui.widgets.input import LABEL_POSITIONS
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

#: The part of the client that edits HTML as it looks.
EDITOR = "editor"
#: Characters of a text.
LONGEST = 200_000
MISSING = "Please fill in this field."
INPUT_TYPES = ("html", "markdown")
#: What is left of HTML that a user wrote, besides what any text may hold: no style, no class, no picture.
RICH = frozenset(TAGS | {"h1"})
_ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def cleaned(html: str) -> str:
    """HTML with nothing in it but text, structure and links (promise 51)."""
    return nh3.clean(
        # Half a surrogate pair is no text.
        html.encode("utf-8", "replace").decode(),
        tags=set(RICH),
        clean_content_tags=set(DROPPED),
        attributes=_ATTRIBUTES,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """A posted text as this widget holds it: HTML is cleaned here, whoever sent it. Raises ValueError for
    what is no text."""
    if not isinstance(posted, str):
        raise ValueError("not text")  # noqa: TRY004  # the one error of `parse`
    text = posted.replace("\r\n", "\n").replace("\0", "")[:LONGEST]
    return text if props.get("inputType") == "markdown" else cleaned(text)


TYPE = WidgetType(
    name="RichTextEditor",
    help="A field for text with headings, lists and links.",
    properties={
        "inputType": Property(
            kind="choice", default="html", choices=INPUT_TYPES, help="What `text` is written in."
        ),
        "labelText": Property(kind="text", default="", help="The words beside it."),
        "labelPosition": Property(
            kind="choice", default="Top", choices=LABEL_POSITIONS, help="Where the label stands."
        ),
        "defaultText": Property(kind="text", default="", help="The text until the user types."),
        "isToolbarHidden": Property(
            kind="boolean", default=False, help="Whether it has no buttons for bold, lists and so on."
        ),
        "isRequired": Property(kind="boolean", default=False, help="Whether it is invalid while empty."),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onTextChange",),
    meta={"typed": None, "isDirty": False},
    derived={
        "text": """((text) => text === null || text === undefined ? ""
  : typeof text === "object" ? JSON.stringify(text) : String(text))(self.typed ?? self.defaultText)""",
        "value": "self.text",
        # Tags and blanks that are written out are no text.
        "isValid": r'!self.isRequired || self.text.replace(/<[^<>]*>|&nbsp;|\s/g, "") !== ""',
        "message": f'self.isValid ? "" : "{MISSING}"',
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setValue": '(text) => { self.typed = text ?? ""; }',
    },
    inputs={VALUE: Input(meta="typed", parse=parse, event="onTextChange")},
    parts=frozenset({EDITOR}),
    reset=("typed", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The field, and what the client needs to edit it as it looks."""
    props = node.props
    label, text = as_text(props["labelText"]), as_text(props["text"])
    rich = props["inputType"] != "markdown"
    wrong = bool(props["isDirty"]) and props["isValid"] is False
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    return {
        "label": label,
        "rich": rich,
        "text": cleaned(text[:LONGEST]) if rich else text,
        "wrong": wrong,
        "position": choice(props["labelPosition"], ("TOP", "LEFT", "AUTO")),
        "attributes": {
            "form": node.owner,
            "maxlength": str(LONGEST),
            "aria-label": None if label else humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-missing": MISSING if props["isRequired"] else None,
            "data-live": live(node, "onTextChange"),
        },
        "flags": {"required": props["isRequired"], "disabled": props["isDisabled"]},
    }


#: Without scripts the field holds the HTML itself. The client puts its editor into the empty box before it,
#: and new HTML of the page leaves that alone.
LOOK = Look(
    template="""\
<div {{ root("w-input w-rich label-" ~ position, p) }}>
{% if label %}
<label id="l.{{ w.path }}" for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
<div class="field">
{% if rich %}
<div id="r.{{ w.path }}" class="rich" data-kept{% if p.isToolbarHidden %} data-bare{% endif %}></div>
{% endif %}
<textarea id="c.{{ w.path }}" class="control" name="v.{{ w.path }}" rows="8"
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- for name, set in flags.items() if set %} {{ name }}{% endfor %}>
{{ text }}</textarea>
</div>
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}"{% if not wrong %} hidden{% endif %}>
{%- if wrong %}{{ p.message|text }}{% endif %}</p>
</div>
""",
    prepare=prepare,
)
