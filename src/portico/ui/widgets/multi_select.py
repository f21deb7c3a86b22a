"""MultiSelect: several of many values, from a list that is written down or comes from a query."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import attribute
from portico.ui.widgets import choices, menu
from portico.ui.widgets.field import CAPTION, FOOT, LABELLED, live, required, surroundings
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import (
    COMMON,
    DISABLED,
    SET_DISABLED,
    SET_REQUIRED,
    SET_VISIBILITY,
    TOOLTIP,
)
from portico.ui.widgets.select import OPTIONS, parse_filter
from portico.ui.widgets.select import TYPE as SELECT

#: Chosen options that are not offered any more: where a query searches them, they stay.
KEPT = f"""(() => {{
  if (!self.serverSideFiltering) return [];
  const offered = new Set((self.options ?? []).map(({{ value }}) => String(value)));
  const kept = new Map();
  for (const option of {choices.LISTED}(self.chosen ?? self.defaultOptionValue))
    if (!offered.has(String(option.value))) kept.set(String(option.value), option);
  return [...kept.values()];
}})()"""

#: What is chosen, in the order in which it is shown.
SELECTED = f"""(() => {{
  const given = {choices.LISTED}(self.chosen ?? self.defaultOptionValue);
  const wanted = given.map(({{ value }}) => String(value));
  return self.entries.filter(({{ value }}) => wanted.includes(String(value)));
}})()"""


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> list[Mapping[str, Any]]:
    """The options whose values were posted. Raises ValueError for what is not shown now."""
    return list(choices.among(posted, props.get("entries")))


TYPE = WidgetType(
    name="MultiSelect",
    help="A choice of several among some.",
    properties={
        **{name: SELECT.properties[name] for name in ("sourceData", "optionLabel", "optionValue")},
        "defaultOptionValue": Property(
            kind="any",
            default=(),
            help="What is chosen until the user chooses: a list of values or options, or text with commas.",
        ),
        "placeholderText": Property(
            kind="text", default="Select options", help="What it says while nothing is chosen."
        ),
        "isFilterable": Property(
            kind="boolean", default=True, help="Whether users may search among the options."
        ),
        "serverSideFiltering": SELECT.properties["serverSideFiltering"],
        "allowSelectAll": Property(
            kind="boolean", default=False, help="Whether a button chooses all of them at once."
        ),
        **LABELLED,
        **required("nothing is chosen"),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    events=("onOptionChange", "onFilterUpdate", "onDropdownOpen", "onDropdownClose"),
    meta={"chosen": None, "filterText": "", "isDirty": False},
    derived={
        "options": OPTIONS,
        "entries": f"[...{KEPT}, ...(self.options ?? [])]",
        "selectedOptions": SELECTED,
        "selectedOptionValues": "self.selectedOptions.map(({ value }) => value)",
        "selectedOptionLabels": "self.selectedOptions.map(({ label }) => label)",
        "value": "self.selectedOptionValues",
        "isValid": "!self.isRequired || self.selectedOptions.length > 0",
        "message": f'self.isValid ? "" : "{choices.MISSING}"',
    },
    methods={
        "chooseAll": choices.choose_all("allowSelectAll", "[...self.entries]", "onOptionChange"),
        **SET_VISIBILITY,
        **SET_DISABLED,
        **SET_REQUIRED,
        "setSelectedOptions": "(options) => { self.chosen = options ?? []; }",
    },
    commands=frozenset({"chooseAll"}),
    inputs={
        VALUE: Input(meta="chosen", parse=parse, event="onOptionChange", shows="selectedOptions"),
        "filter": Input(meta="filterText", parse=parse_filter, event="onFilterUpdate"),
    },
    private=frozenset({"chooseAll", "chosen", "entries"}),
    # What is shown has them all.
    inner=frozenset({"options"}),
    reset=("chosen", "filterText", "isDirty"),
    parts=frozenset({menu.PART}),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The options, what is said of those that are chosen, and what each box carries."""
    props, around = node.props, surroundings(node)
    selected = menu.records(props["selectedOptions"])
    chosen = {as_text(option.get("value")) for option in selected}
    entries = choices.boxes(node.path, props["entries"], chosen)
    return {
        **around,
        "name": humanised(node.widget.name),
        "options": entries,
        "all_of_them": bool(entries) and all(one["chosen"] for one in entries),
        "said": ", ".join(as_text(option.get("label")) for option in selected),
        "hint": as_text(props["placeholderText"]),
        "searches": as_text(props["filterText"]),
        "searched": bool(props["serverSideFiltering"]),
        "pending": node.pending(props["entries"]),
        "toggles": [
            (word, event)
            for word, event in (("open", "onDropdownOpen"), ("closed", "onDropdownClose"))
            if node.fires(event)
        ],
        "more": (
            attribute("form", node.owner)
            + attribute("data-live", live(node, "onOptionChange"))
            + attribute("data-missing", choices.MISSING if props["isRequired"] else None)
        ),
    }


#: The buttons that nobody sees are pressed by the client: they tell that it was opened or closed.
LOOK = Look(
    template=choices.MACROS
    + """\
{% macro finds() %} autocomplete="off" placeholder="Search"
  aria-label="{{ "Search in " ~ (label or name) }}"{% endmacro %}
{% macro words() %}<span id="s.{{ w.path }}" data-none="{{ hint }}"{% if not said %} class="none"{% endif %}>
{{- said or hint }}</span>{% endmacro %}
<div {{ root("w-input label-" ~ position, p) }}>
"""
    + CAPTION
    + """\
<div id="c.{{ w.path }}" class="options picker{% if pending %} pending{% endif %}" role="group"
  {%- if label %} aria-labelledby="l.{{ w.path }}"{% else %} aria-label="{{ name }}"{% endif %}
  aria-describedby="{{ described }}">
{{ none_of_them() }}
{% if p.isDisabled %}
<div class="picked" aria-disabled="true">{{ words() }}</div>
{% else %}
<details class="menu" id="m.{{ w.path }}">
<summary class="picked{% if wrong %} wrong{% endif %}"
  aria-labelledby="{% if label %}l.{{ w.path }} {% endif %}s.{{ w.path }}">
{{- words() }}</summary>
<div class="drop">
{% if searched %}
<input id="c.{{ w.path }}:filter" class="control" type="search" name="v.{{ w.path }}:filter"
  value="{{ searches }}" data-live="event"{{ attribute("form", w.owner) }}{{ finds() }}>
<noscript><button class="button secondary" type="submit" formnovalidate
  {{- attribute("form", w.owner) }}>Search</button></noscript>
{% elif p.isFilterable %}
<input class="narrow" type="search"{{ finds() }}>
{% endif %}
{% if p.allowSelectAll and options %}
{{ toggle(all_of_them) }}
{% endif %}
<ul>
{% for one in options %}
<li id="{{ one.id }}:row" class="tick">
{{ box(one, "checkbox", "m.", more) }}
</li>
{% else %}
<li class="none">Nothing to choose.</li>
{% endfor %}
</ul>
</div>
</details>
{% for word, event in toggles %}
<button type="submit" hidden data-when="{{ word }}" name="portico.event" value="{{ w.path }} {{ event }}"
  form="portico" formnovalidate></button>
{% endfor %}
{% endif %}
</div>
"""
    + FOOT
    + """\
</div>
""",
    prepare=prepare,
)
