"""Input: a line or several of text, a number, an address, a password."""

import re
from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.autofill import autocomplete
from portico.ui.widgets.field import live
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    NUMBER_OF,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)

INPUT_TYPES = ("TEXT", "MULTI_LINE_TEXT", "NUMBER", "PASSWORD", "EMAIL")
LABEL_POSITIONS = ("Top", "Left", "Auto")
#: Characters of a value where the author sets no limit.
LONGEST = 100_000

PROPERTIES = {
    "inputType": Property(kind="choice", default="TEXT", choices=INPUT_TYPES, help="What is typed in."),
    "label": Property(kind="text", default="Label", help="The words beside it."),
    "labelPosition": Property(
        kind="choice", default="Top", choices=LABEL_POSITIONS, help="Where the label stands."
    ),
    "defaultText": Property(kind="any", default="", help="The value until the user types."),
    "placeholderText": Property(kind="text", default="", help="An example, shown while it is empty."),
    "isRequired": Property(kind="boolean", default=False, help="Whether it is invalid while empty."),
    "maxChars": Property(kind="number", help="The most characters it takes."),
    "minNum": Property(kind="number", help="The least number it takes."),
    "maxNum": Property(kind="number", help="The greatest number it takes."),
    "regex": Property(
        kind="text", default="", help="A JavaScript regular expression that the text has to match somewhere."
    ),
    "validation": Property(
        kind="boolean", default=True, help="Whether the value is valid, by your own rule."
    ),
    "errorMessage": Property(kind="text", default="", help="What to say when it is not valid."),
    "isSpellCheck": Property(kind="boolean", default=False, help="Whether the browser checks the spelling."),
    "autoFocus": Property(
        kind="boolean", default=False, help="Whether it has the focus when the page opens."
    ),
    "resetOnSubmit": Property(kind="boolean", default=True, help="Whether `onSubmit` resets it afterwards."),
    "showStepArrows": Property(kind="boolean", default=False, help="Whether a NUMBER has arrows."),
    "shouldAllowAutofill": Property(
        kind="boolean", default=True, help="Whether the browser and password managers may fill it in."
    ),
    "autocomplete": Property(
        kind="text", default="", help="The HTML `autocomplete` value; worked out if not set."
    ),
    **TOOLTIP,
    **DISABLED,
    **COMMON,
}

TEXT = """((typed) => {
  if (self.inputType === "NUMBER") {
    const number = typed === null || typed === undefined || String(typed).trim() === "" ? NaN : Number(typed);
    return Number.isFinite(number) ? number : null;
  }
  if (typed === null || typed === undefined) return "";
  return typeof typed === "object" ? JSON.stringify(typed) : String(typed);
})(self.typed ?? self.defaultText)"""

#: What is wrong with the value, in one word; empty if nothing is. What is empty is never checked
#: further, and a rule that fails to evaluate counts as broken.
PROBLEM = r"""(() => {
  const bound = NUMBER_OF;
  const text = self.text;
  if (text === null || text === "") return self.isRequired ? "required" : "";
  if (self.inputType === "NUMBER") {
    if (text < bound(self.minNum)) return "low";
    if (text > bound(self.maxNum)) return "high";
  } else if (text.length > bound(self.maxChars)) return "long";
  if (self.inputType === "EMAIL" && !/^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/.test(text)) return "email";
  if (self.regex !== "" && self.regex !== null && self.regex !== undefined) {
    const slashed = /^\/([^]+)\/([a-z]*)$/.exec(String(self.regex));
    const pattern = slashed ? new RegExp(slashed[1], slashed[2]) : new RegExp(String(self.regex));
    if (!pattern.test(String(text))) return "pattern";
  }
  return self.validation ? "" : "rule";
})()""".replace("NUMBER_OF", NUMBER_OF)

MESSAGE = """(self.problem === "" ? "" : self.problem === "required" ? "Please fill in this field."
  : self.errorMessage || {
    email: "Please enter an e-mail address.",
    low: "Please enter " + self.minNum + " or more.",
    high: "Please enter " + self.maxNum + " or less.",
    long: "Please enter at most " + self.maxChars + " characters.",
  }[self.problem] || "Please check this value.")"""

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str | int | float | None:
    """A posted value as this input holds it. Raises ValueError for what cannot be its value."""
    if props.get("inputType") == "NUMBER":
        return _number(posted, props)
    if not isinstance(posted, str):
        raise ValueError("not text")  # noqa: TRY004  # the one error of `parse`
    text = posted.replace("\r\n", "\n").replace("\0", "")
    if props.get("inputType") != "MULTI_LINE_TEXT":
        text = text.replace("\n", "").replace("\r", "")
    return text[: _limit(props.get("maxChars"))]


def _number(posted: object, props: Mapping[str, Any]) -> str | int | float | None:
    """Empty is null where it is so already, else "": the user took a default away."""
    text = as_text(posted).strip()
    if text == "":
        return None if props.get("text") is None else ""
    if isinstance(posted, bool) or not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("too great")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def parse_focus(posted: object, props: Mapping[str, Any], detail: str = "") -> bool:
    """Whether it has the focus, as the client says. Raises ValueError for anything else."""
    if not isinstance(posted, bool):
        raise ValueError("neither true nor false")  # noqa: TRY004  # the one error of `parse`
    return posted


def _bound(value: object) -> str | None:
    """`minNum` or `maxNum` as HTML writes it; None for what is no number."""
    text = as_text(value).strip()
    return text if _NUMBER.fullmatch(text) and not isinstance(value, bool) else None


def _limit(value: object) -> int:
    """`maxChars` as a number of characters."""
    try:
        limit = int(float(as_text(value)))
    except (ValueError, OverflowError):
        return LONGEST
    return min(limit, LONGEST) if limit > 0 else LONGEST


TYPE = WidgetType(
    name="Input",
    help="A field for text, numbers, e-mail addresses or passwords.",
    properties=PROPERTIES,
    events=("onTextChanged", "onFocus", "onBlur", "onSubmit"),
    meta={"typed": None, "isDirty": False, "isFocused": False},
    derived={
        "text": TEXT,
        "inputText": "self.text",
        "value": "self.text",
        "problem": PROBLEM,
        "isValid": 'self.problem === ""',
        "message": MESSAGE,
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        "setValue": '(value) => { self.typed = value ?? ""; }',
        **SET_REQUIRED,
    },
    inputs={
        VALUE: Input(meta="typed", parse=parse, event="onTextChanged"),
        "focus": Input(meta="isFocused", parse=parse_focus),
    },
    # Nothing of how it looks depends on it.
    inner=frozenset({"isFocused"}),
    secret=lambda props: props.get("inputType") == "PASSWORD",
    reset=("typed", "isDirty"),
)

_NATIVE = {"TEXT": "text", "NUMBER": "number", "PASSWORD": "password", "EMAIL": "email"}
_POSTED_BY_CLIENT = ("onSubmit", "onFocus", "onBlur")


def prepare(node: Node) -> Mapping[str, Any]:
    """The attributes of the control, with everything that has the same meaning in HTML."""
    props = node.props
    kind = props["inputType"] if props["inputType"] in INPUT_TYPES else "TEXT"
    secret = kind == "PASSWORD"
    label = as_text(props["label"])
    wrong = bool(props["isDirty"]) and props["isValid"] is False
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    hint = as_text(props["placeholderText"])
    return {
        "multiline": kind == "MULTI_LINE_TEXT",
        "secret": secret,
        "wrong": wrong,
        "label": label,
        "text": "" if secret else as_text(props["text"]),
        "position": choice(props["labelPosition"], ("TOP", "LEFT", "AUTO")),
        "attributes": {
            "type": _NATIVE.get(kind),
            "form": node.owner,
            "autocomplete": autocomplete(node),
            "inputmode": {"NUMBER": "decimal", "EMAIL": "email"}.get(kind),
            "placeholder": hint,
            "maxlength": str(_limit(props["maxChars"])) if _limit(props["maxChars"]) < LONGEST else None,
            "min": _bound(props["minNum"]) if kind == "NUMBER" else None,
            "max": _bound(props["maxNum"]) if kind == "NUMBER" else None,
            "step": "any" if kind == "NUMBER" else None,
            "data-regex": props["regex"] if isinstance(props["regex"], str) else None,
            "data-error": as_text(props["errorMessage"]),
            "spellcheck": "true" if props["isSpellCheck"] and not secret else "false",
            "autocapitalize": "none" if kind in ("EMAIL", "PASSWORD") else None,
            "aria-label": None if label else hint or humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-live": live(node, "onTextChanged"),
            "data-events": " ".join(event for event in _POSTED_BY_CLIENT if node.fires(event)),
        },
        "flags": {
            "required": props["isRequired"],
            "disabled": props["isDisabled"],
            "autofocus": props["autoFocus"],
            "data-secret": secret,
            "data-broken": props["problem"] == "rule",
            "data-focus": "isFocused" in node.widget.read,
        },
    }


LOOK = Look(
    template="""\
{% macro control_attributes() -%}
id="c.{{ w.path }}" class="control" name="v.{{ w.path }}"
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- for name, set in flags.items() if set %} {{ name }}{% endfor %}
{%- endmacro %}
<div {{ root("w-input label-" ~ position, p) }}>
{% if label %}
<label for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
<div class="field{% if p.inputType == "NUMBER" and p.showStepArrows %} steps{% endif %}">
{% if multiline %}
<textarea {{ control_attributes() }} rows="4">
{{ text }}</textarea>
{% else %}
<input {{ control_attributes() }}{{ attribute("value", text) }}>
{% endif %}
{% if secret %}
<button type="button" class="reveal" data-reveal aria-controls="c.{{ w.path }}" aria-pressed="false"
  aria-label="Show {{ label or "password" }}">{{ eye }}</button>
{% endif %}
</div>
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}"{% if not wrong %} hidden{% endif %}>
{%- if wrong %}{{ p.message|text }}{% endif %}</p>
</div>
""",
    prepare=prepare,
)
