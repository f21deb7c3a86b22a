"""Inputs with something before the field: a country of a phone number, a currency of an amount."""

from typing import Any

from portico.model.widget import Property
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.field import ATTRIBUTES, FOOT, LABEL, LABELLED, live, required, surroundings
from portico.ui.widgets.node import Node
from portico.ui.widgets.properties import COMMON, DISABLED, TOOLTIP

#: Characters of what is typed.
LONGEST = 100

EVENTS = ("onTextChanged", "onFocus", "onBlur", "onSubmit")
_POSTED_BY_CLIENT = ("onSubmit", "onFocus", "onBlur")

PROPERTIES = {
    **LABELLED,
    "placeholderText": Property(kind="text", default="", help="An example, shown while it is empty."),
    **required("it is empty"),
    "regex": Property(
        kind="text", default="", help="A JavaScript regular expression that the text has to match somewhere."
    ),
    "validation": Property(
        kind="boolean", default=True, help="Whether the value is valid, by your own rule."
    ),
    "errorMessage": Property(kind="text", default="", help="What to say when it is not valid."),
    "autoFocus": Property(
        kind="boolean", default=False, help="Whether it has the focus when the page opens."
    ),
    "resetOnSubmit": Property(kind="boolean", default=True, help="Whether `onSubmit` resets it afterwards."),
    **TOOLTIP,
    **DISABLED,
    **COMMON,
}

#: What is wrong with the text by rules of the author's own, in one word; empty if nothing is.
OWN_RULES = r"""(() => {
  if (self.regex !== "" && self.regex !== null && self.regex !== undefined) {
    const slashed = /^\/([^]+)\/([a-z]*)$/.exec(String(self.regex));
    const pattern = slashed ? new RegExp(slashed[1], slashed[2]) : new RegExp(String(self.regex));
    if (!pattern.test(self.text)) return "pattern";
  }
  return self.validation ? "" : "rule";
})()"""


def message(words: str) -> str:
    """The JavaScript of a message, from an object of what to say by problem."""
    return f"""(self.problem === "" ? "" : self.problem === "required" ? "Please fill in this field."
  : self.errorMessage || ({words})[self.problem] || "Please check this value.")"""


def typed(posted: object) -> str:
    """What was typed, on one line. Raises ValueError for what is no text, or too long."""
    if not isinstance(posted, str) or len(posted) > LONGEST:
        raise ValueError("not text, or too long")
    return " ".join(posted.replace("\0", "").split())


def attributes(node: Node, **own: str | None) -> dict[str, Any]:
    """What surrounds the control, its attributes and its flags; `own` are attributes of its type."""
    props, around = node.props, surroundings(node)
    hint = as_text(props["placeholderText"])
    broken = as_text(props["problem"]) not in ("", "required")
    return {
        **around,
        "name": humanised(node.widget.name),
        "attributes": {
            **own,
            "form": node.owner,
            "value": as_text(props["text"]),
            "placeholder": hint,
            "maxlength": str(LONGEST),
            "data-regex": props["regex"] if isinstance(props["regex"], str) else None,
            "data-error": as_text(props["errorMessage"]) or (as_text(props["message"]) if broken else ""),
            "aria-label": None if around["label"] else hint or humanised(node.widget.name),
            "aria-describedby": around["described"],
            "aria-invalid": "true" if around["wrong"] else None,
            "data-live": live(node, "onTextChanged"),
            "data-events": " ".join(event for event in _POSTED_BY_CLIENT if node.fires(event)),
        },
        "flags": {
            "required": props["isRequired"],
            "disabled": props["isDisabled"],
            "autofocus": props["autoFocus"],
            "data-broken": broken,
        },
    }


#: `part`, `before` (what stands there), `choices` (value and words of each; none to choose from) and
#: `chosen` are the type's own.
TEMPLATE = (
    """\
<div {{ root("w-input label-" ~ position, p) }}>
"""
    + LABEL
    + """\
<div class="field prefixed">
{% if choices %}
<span class="choose"><span class="unseen" id="p.{{ w.path }}">{{ part_name }}</span>
<span class="shown" aria-hidden="true">{{ before }}</span>
<select id="c.{{ w.path }}:{{ part }}" class="control" name="v.{{ w.path }}:{{ part }}"
  aria-labelledby="p.{{ w.path }}" data-live="event"{{ attribute("form", w.owner) }}
  {%- if p.isDisabled %} disabled{% endif %}>
{% for value, words in choices %}
<option value="{{ value }}"{% if value == chosen %} selected{% endif %}>{{ words }}</option>
{% endfor %}
</select></span>
{% elif before %}
<span class="before" id="p.{{ w.path }}">{{ before }}</span>
{% endif %}
<input id="c.{{ w.path }}" class="control" name="v.{{ w.path }}" type="{{ type }}"
"""
    + ATTRIBUTES
    + """>
</div>
"""
    + FOOT
    + """\
</div>
"""
)
