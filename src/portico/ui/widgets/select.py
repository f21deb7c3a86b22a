"""Select: one of several values, from a list that is written down or comes from a query."""

from collections.abc import Iterator, Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
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

#: What the client posts as the user comes and goes: a browser does not tell when its own list is open.
ENTERED = ("onFocus", "onBlur", "onDropdownOpen", "onDropdownClose")
#: What to say while nothing is chosen and something has to be.
MISSING = "Please choose one."

#: `sourceData` as `{label, value}` items whose values are text, numbers or booleans, each with a
#: text of its own: that text is what a browser posts. What cannot be an option is left out.
OPTIONS = """(() => {
  const read = (data) => {
    if (typeof data !== "string") return data;
    try { return JSON.parse(data); } catch { return null; }
  };
  const isPlain = (value) => Number.isFinite(value) || ["string", "boolean"].includes(typeof value);
  const part = (item, index, where, usual) =>
    Array.isArray(where) ? where[index] : typeof item === "object" ? item[where || usual] : item;
  const data = read(self.sourceData);
  const options = new Map();
  for (const [index, item] of (Array.isArray(data) ? data : []).entries()) {
    if (item === null || item === undefined) continue;
    const found = part(item, index, self.optionValue, "value");
    const value = found === null ? "" : found;
    if (!isPlain(value) || options.has(String(value))) continue;
    const label = part(item, index, self.optionLabel, "label") ?? "";
    const text = typeof label === "object" ? JSON.stringify(label) : String(label);
    options.set(String(value), { label: text || String(value), value });
  }
  return [...options.values()];
})()"""

#: The option that is chosen: the very value, else the one that reads the same, else one that stands
#: for nothing; null if there is none.
_CHOSEN = """(() => {
  const wanted = self.chosen ?? self.defaultOptionValue;
  const value = (wanted !== null && typeof wanted === "object" ? wanted.value : wanted) ?? "";
  const options = self.options ?? [];
  return options.find((option) => option.value === value)
    ?? options.find((option) => String(option.value) === String(value))
    ?? KEPT options.find((option) => option.value === "") ?? null;
})()"""
SELECTED = _CHOSEN.replace("KEPT ", "")

#: Where a query searches the options, what was chosen stays so while others are offered, with the label
#: that it had.
_KEPT = """(() => {
      const isPlain = Number.isFinite(value) || ["string", "boolean"].includes(typeof value);
      if (!self.serverSideFiltering || !isPlain || value === "") return undefined;
      const known = [self.kept, wanted].find((one) => one?.label !== undefined && one.value === value);
      return { label: String(known?.label ?? value), value };
    })() ??"""

#: What is shown: the options, and before them the one that is chosen and not offered now.
_ENTRIES = """(() => {
  const options = self.options ?? [];
  const chosen = self.selectedOption;
  const offered = chosen === null || options.some((option) => option.value === chosen.value);
  return offered ? options : [chosen, ...options];
})()"""

#: Characters of what is searched for.
LONGEST = 1000


def offered(props: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """The options: as posted, as the app sees it, and its label."""
    options = props.get("options")
    for option in options if isinstance(options, list | tuple) else ():
        if isinstance(option, Mapping) and isinstance(option.get("value"), str | int | float):
            yield as_text(option["value"]), option["value"], as_text(option.get("label"))


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str | int | float:
    """The value of the option that was posted, of the type it has in the data; "" for none. Raises
    ValueError for what is not offered now."""
    if not isinstance(posted, str | int | float):
        raise ValueError("not the value of an option")  # noqa: TRY004  # the one error of `parse`
    shown = props.get("entries", props.get("options"))
    values: dict[str, str | int | float] = {key: value for key, value, _ in offered({"options": shown})}
    key = as_text(posted)
    if key and key not in values:
        raise ValueError("not offered")
    return values.get(key, "")


def parse_filter(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """What is searched for. Raises ValueError for what is no text, and where no query searches."""
    if not isinstance(posted, str) or len(posted) > LONGEST or not props.get("serverSideFiltering"):
        raise ValueError("not text to search for")
    return posted.replace("\0", "")


TYPE = WidgetType(
    name="Select",
    help="A choice of one among some.",
    properties={
        "sourceData": Property(
            kind="any",
            default=(),
            help="The options: a list of `label` and `value`, of plain values, or either as JSON text.",
        ),
        "optionLabel": Property(
            kind="text", default="label", help="The key of the labels, or a list with the label of each item."
        ),
        "optionValue": Property(
            kind="text", default="value", help="The key of the values, or a list with the value of each item."
        ),
        "defaultOptionValue": Property(
            kind="any", default="", help="The value that is chosen until the user chooses."
        ),
        "placeholderText": Property(
            kind="text", default="Select option", help="What it says while nothing is chosen."
        ),
        "serverSideFiltering": Property(
            kind="boolean",
            default=False,
            help="Whether `onFilterUpdate` fetches the options that `filterText` finds.",
        ),
        "label": Property(kind="text", default="Label", help="The words beside it."),
        "labelPosition": Property(
            kind="choice", default="Top", choices=LABEL_POSITIONS, help="Where the label stands."
        ),
        "isRequired": Property(
            kind="boolean", default=False, help="Whether it is invalid while nothing is chosen."
        ),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onOptionChange", "onFilterUpdate", *ENTERED),
    meta={"chosen": None, "kept": None, "filterText": "", "isDirty": False},
    derived={
        "options": OPTIONS,
        "selectedOption": _CHOSEN.replace("KEPT", _KEPT),
        "entries": _ENTRIES,
        "selectedOptionValue": 'self.selectedOption?.value ?? ""',
        "selectedOptionLabel": 'self.selectedOption?.label ?? ""',
        "value": "self.selectedOptionValue",
        "isValid": '!self.isRequired || self.selectedOptionValue !== ""',
        "message": f'self.isValid ? "" : "{MISSING}"',
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setSelectedOption": '(option) => { self.chosen = option ?? ""; }',
        "noteChoice": '() => { self.kept = self.selectedOption; kit.fire(self, "onOptionChange"); }',
    },
    commands=frozenset({"noteChoice"}),
    inputs={
        VALUE: Input(meta="chosen", parse=parse, command="noteChoice"),
        "filter": Input(meta="filterText", parse=parse_filter, event="onFilterUpdate"),
    },
    private=frozenset({"kept", "entries", "noteChoice"}),
    # What is shown has them all.
    inner=frozenset({"options", "kept"}),
    reset=("chosen", "kept", "filterText", "isDirty"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The options, and the attributes of the control."""
    props = node.props
    options = [(key, label) for key, _, label in offered({"options": props["entries"]})]
    searched = bool(props["serverSideFiltering"])
    keys = {key for key, _ in options}
    chosen, hint, label = (
        as_text(props[name]) for name in ("selectedOptionValue", "placeholderText", "label")
    )
    wrong = bool(props["isDirty"]) and props["isValid"] is False
    described = [f"h.{node.path}"] if as_text(props["tooltip"]) else []
    return {
        "options": options,
        "chosen": chosen if chosen in keys else "",
        # Nothing can be chosen too, unless the author offers it in words of their own.
        "placeholder": None if "" in keys else hint,
        "label": label,
        "searched": searched,
        "searches": as_text(props["filterText"]),
        "name": label or hint or humanised(node.widget.name),
        "wrong": wrong,
        "pending": node.pending(props["entries"]),
        "position": choice(props["labelPosition"], ("TOP", "LEFT", "AUTO")),
        "attributes": {
            "form": node.owner,
            "aria-label": None if label else hint or humanised(node.widget.name),
            "aria-describedby": " ".join([*described, f"e.{node.path}"]),
            "aria-invalid": "true" if wrong else None,
            "data-missing": MISSING if props["isRequired"] else None,
            "data-events": " ".join(event for event in ENTERED if node.fires(event)),
            # What is chosen is noted with its label before others are offered.
            "data-live": "event"
            if searched or node.fires("onOptionChange")
            else "value"
            if node.widget.live
            else None,
        },
        "flags": {"required": props["isRequired"], "disabled": props["isDisabled"]},
    }


LOOK = Look(
    template="""\
<div {{ root("w-input w-select label-" ~ position, p) }}>
{% if label %}
<label for="c.{{ w.path }}">{{ label }}
{%- if p.isRequired %}<span class="required" aria-hidden="true"> *</span>{% endif %}</label>
{% endif %}
{% if searched %}
<input id="c.{{ w.path }}:filter" class="control" type="search" name="v.{{ w.path }}:filter"
  value="{{ searches }}" autocomplete="off" placeholder="Search" aria-label="{{ "Search in " ~ name }}"
  data-live="event"{{ attribute("form", w.owner) }}{% if p.isDisabled %} disabled{% endif %}>
<noscript><button class="button secondary" type="submit" formnovalidate
  {{- attribute("form", w.owner) }}>Search</button></noscript>
{% endif %}
<div class="field{% if pending %} pending{% endif %}">
<select id="c.{{ w.path }}" class="control" name="v.{{ w.path }}"
{%- for name, value in attributes.items() %}{{ attribute(name, value) }}{% endfor %}
{%- for name, set in flags.items() if set %} {{ name }}{% endfor %}>
{% if placeholder is not none %}
<option class="none" value=""{% if not chosen %} selected{% endif %}>{{ placeholder }}</option>
{% endif %}
{% for key, text in options %}
<option value="{{ key }}"{% if key == chosen %} selected{% endif %}>{{ text }}</option>
{% endfor %}
</select>
</div>
{% if p.tooltip|text %}<p class="hint" id="h.{{ w.path }}">{{ p.tooltip|text }}</p>{% endif %}
<p class="message" id="e.{{ w.path }}"{% if not wrong %} hidden{% endif %}>
{%- if wrong %}{{ p.message|text }}{% endif %}</p>
</div>
""",
    prepare=prepare,
)
