"""Button: fires `onClick`, with the values of its form."""

import re
from collections.abc import Mapping
from typing import Any

from portico.model.widget import Input, Property, WidgetType
from portico.ui.prose import as_text
from portico.ui.style import choice
from portico.ui.widgets import icons
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, DISABLED, SET_DISABLED, SET_VISIBILITY, TOOLTIP

VARIANTS = ("PRIMARY", "SECONDARY", "TERTIARY")
PLACEMENTS = ("CENTER", "START", "BETWEEN")
SIDES = ("left", "right")
RECAPTCHAS = ("V3", "V2")

#: The part of the client that asks Google, and the part of a Button's inputs that it fills in.
RECAPTCHA = "recaptcha"
#: Google's tokens have some 2,000 characters.
_TOKEN = re.compile(r"[\w.~+/=-]{1,16384}", re.ASCII)
NOT_PROVEN = (
    "This needs a check by reCAPTCHA, which did not happen. It takes JavaScript and access to www.google.com."
)


def parse_token(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """A token of reCAPTCHA, as text. Raises ValueError for what cannot be one, and where there is no key
    to ask for one. Whether it is genuine only Google can tell."""
    if not _key(props) or not isinstance(posted, str) or not _TOKEN.fullmatch(posted):
        raise ValueError("no token")
    return posted


def _key(props: Mapping[str, Any]) -> str:
    return as_text(props.get("googleRecaptchaKey")).strip()


TYPE = WidgetType(
    name="Button",
    help="Does something when it is pressed.",
    properties={
        "text": Property(kind="text", default="Submit", help="The label."),
        "buttonVariant": Property(
            kind="choice", default="PRIMARY", choices=VARIANTS, help="Filled, outlined, or plain."
        ),
        "buttonColor": Property(kind="color", help="A colour as in CSS; the brand colour if not set."),
        "placement": Property(
            kind="choice", default="CENTER", choices=PLACEMENTS, help="Where the label stands in the button."
        ),
        "iconName": Property(
            kind="text", default="", help="An icon beside the label, like `plus`, `edit` or `trash`."
        ),
        "iconAlign": Property(
            kind="choice", default="left", choices=SIDES, help="On which side of the label the icon stands."
        ),
        "googleRecaptchaKey": Property(
            kind="text",
            default="",
            part=RECAPTCHA,
            help="A site key of Google reCAPTCHA: each click brings a token, `recaptchaToken`.",
        ),
        "recaptchaType": Property(
            kind="choice",
            default="V3",
            choices=RECAPTCHAS,
            help="What the key is for: V3, which gives a score, or V2, which may ask the user (invisible).",
        ),
        "disabledWhenInvalid": Property(
            kind="boolean",
            default=False,
            help="Whether it does nothing while an input of its form is invalid. The server checks.",
        ),
        "resetFormOnClick": Property(
            kind="boolean", default=False, help="Whether its form is reset after a click that succeeded."
        ),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onClick",),
    meta={"recaptchaToken": None},
    inputs={
        RECAPTCHA: Input(
            meta="recaptchaToken", parse=parse_token, demand=lambda props: NOT_PROVEN if _key(props) else ""
        )
    },
    inner=frozenset({"recaptchaToken"}),
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        "setLabel": "(label) => { self.text = String(label); }",
        "setColor": "(color) => { self.buttonColor = color; }",
    },
)


def prepare(node: Node) -> Mapping[str, Any]:
    """Whether a click does anything, whether it waits for a valid form or for reCAPTCHA, and its icon."""
    props = node.props
    icon = icons.find(props["iconName"])
    acts = node.fires("onClick") or bool(props["resetFormOnClick"])
    return {
        "acts": acts,
        "needs_valid": bool(props["disabledWhenInvalid"]) and node.form is not None,
        "variant": choice(props["buttonVariant"], VARIANTS),
        "placement": choice(props["placement"], PLACEMENTS),
        "icon": icon,
        "on_the_right": choice(props["iconAlign"], ("LEFT", "RIGHT")) == "right",
        "name": "" if as_text(props["text"]) else as_text(props["tooltip"]) or (icon.meaning if icon else ""),
        "key": _key(props) if acts else "",
        "version": choice(props["recaptchaType"], RECAPTCHAS),
    }


LOOK = Look(
    template="""\
<div {{ root("w-button", p) }}>
<button id="c.{{ w.path }}" class="button {{ variant }} label-{{ placement }}
  {{- tone(p.buttonColor, "fill") }}"
  {%- if acts %} type="submit" name="portico.event" value="{{ w.path }} onClick"
  {%- else %} type="button"{% endif %}
  {{- attribute("form", w.owner) }}{{ bound("fill", p.buttonColor) }}{{ attribute("aria-label", name) }}
  {%- if needs_valid %} data-needs-valid{% elif acts %} formnovalidate{% endif %}
  {%- if key %}{{ attribute("data-recaptcha", version) }}{{ attribute("data-key", key) }}{% endif %}
  {%- if p.tooltip|text %} aria-describedby="h.{{ w.path }}"{% endif %}
  {%- if p.isDisabled %} disabled{% endif %}>
  {%- if not on_the_right %}{{ picture(icon, "label") }}{% endif -%}
  <span class="label">{{ p.text|text }}</span>
  {%- if on_the_right %}{{ picture(icon, "label") }}{% endif %}</button>
{% if p.tooltip|text %}
<span class="tip" role="tooltip" id="h.{{ w.path }}">{{ p.tooltip|text }}</span>
{% endif %}
{% if key %}
<input type="hidden" class="control" id="t.{{ w.path }}" name="v.{{ w.path }}:recaptcha"
  {{- attribute("form", w.owner) }}{% if p.isDisabled %} disabled{% endif %}>
<p class="message" id="e.{{ w.path }}" role="alert" hidden></p>
<noscript><p class="message">This button needs JavaScript: it asks reCAPTCHA.</p></noscript>
{% endif %}
</div>
""",
    prepare=prepare,
)
