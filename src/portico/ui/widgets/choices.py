"""Choices that are all in sight, or dropped down: boxes and radio buttons, one for each option."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from portico.model.widget import Property
from portico.ui.prose import as_text
from portico.ui.widgets.select import OPTIONS, offered

#: What to say while nothing is chosen and something has to be.
MISSING = "Please choose at least one."

#: `options` as the author gave them, read like the `sourceData` of a Select.
OWN_OPTIONS = (
    OPTIONS.replace("self.sourceData", "kit.given(self, 'options')")
    .replace("self.optionValue", '"value"')
    .replace("self.optionLabel", '"label"')
)

#: The values that a list of them says, with their labels where it has any: a list of values or of options,
#: as JSON text too, text with commas between them, or one value alone.
LISTED = """((given) => {
  const read = (text) => {
    try {
      const found = JSON.parse(text);
      if (Array.isArray(found)) return found;
    } catch {}
    return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  };
  const isPlain = (value) => Number.isFinite(value) || ["string", "boolean"].includes(typeof value);
  const list = typeof given === "string" ? read(given) : Array.isArray(given) ? given : [given];
  const options = list.map((one) => {
    const value = one !== null && typeof one === "object" ? one.value : one;
    const label = one !== null && typeof one === "object" ? one.label : undefined;
    return { label: isPlain(label) ? String(label) : String(value), value };
  });
  return options.filter(({ value }) => isPlain(value));
})"""

OPTIONS_PROPERTY = Property(
    kind="any",
    default=(),
    help="The options: a list of `label` and `value`, of plain values, or either as JSON text.",
)


def among(posted: object, options: object) -> Iterator[Mapping[str, Any]]:
    """The options of a list whose values were posted, in its order. Raises ValueError for what is not in
    it."""
    given = options if isinstance(options, list | tuple) else []
    if not isinstance(posted, list | tuple) or not all(isinstance(key, str) for key in posted):
        raise ValueError("not a list of values")
    keys = [key for key, _, _ in offered({"options": given})]
    if not set(posted) <= set(keys):
        raise ValueError("not offered")
    return (option for option in given if as_text(option["value"]) in posted)


def choose_all(allowed: str, values: str, event: str) -> str:
    """The command of the button that chooses all, or none: `allowed` is the property that puts it there,
    `values` what is chosen then."""
    return f"""(which) => {{
  if (!self.{allowed}) throw kit.refusal("There is no such button.");
  self.chosen = which === "true" ? {values} : [];
  self.isDirty = true;
  kit.fire(self, "{event}");
}}"""


def boxes(path: str, options: object, chosen: set[str]) -> list[Mapping[str, Any]]:
    """The options as the template shows them; `chosen` are the values of those that are, as text."""
    return [
        # A letter before, as a value may be empty; what an id may not hold is written otherwise.
        {"id": f"o.{path}:{quote(key, safe='')}", "key": key, "label": label, "chosen": key in chosen}
        for key, _, label in offered({"options": options})
    ]


#: `box(one, type, prefix, more)`: a control and its label.
MACROS = """\
{% macro box(one, type, prefix, more="") -%}
<input id="{{ one.id }}" class="control" type="{{ type }}" name="{{ prefix }}{{ w.path }}"
  value="{{ one.key }}"{{ more }}{% if one.chosen %} checked{% endif %}
  {%- if p.isDisabled %} disabled{% endif %}>
<label for="{{ one.id }}">{{ one.label }}</label>
{%- endmacro %}
{% macro none_of_them() -%}
<input type="hidden" name="m.{{ w.path }}" value=""{{ attribute("form", w.owner) }}
  {%- if p.isDisabled %} disabled{% endif %}>
{%- endmacro %}
{% macro toggle(all) -%}
<button class="button tertiary all" type="submit" name="portico.event" formnovalidate
  value="{{ w.path }} chooseAll {{ "false" if all else "true" }}"
  {{- attribute("form", w.owner) }}{% if p.isDisabled %} disabled{% endif %}
  {{- attribute("aria-describedby", "l." ~ w.path if label else "") }}>
  {{- "Select none" if all else "Select all" }}</button>
{%- endmacro %}
"""
