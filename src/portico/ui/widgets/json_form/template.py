"""The template of a form. Its first button is the one that Enter presses; nobody sees it."""

_CONTROLS = """\
{% macro words(f) %}{{ f.label }}
{%- if f.required %}<span class="required" aria-hidden="true"> *</span>{% endif %}{% endmacro %}
{% macro foot(f) %}
{% if f.tooltip %}<p class="hint" id="h.{{ f.address }}">{{ f.tooltip }}</p>{% endif %}
<p class="message" id="e.{{ f.address }}"{% if not f.wrong %} hidden{% endif %}>{{ f.wrong }}</p>
{% endmacro %}
{% macro label(f) %}
{% if f.label %}<label for="c.{{ f.address }}">{{ words(f) }}</label>{% endif %}
{% endmacro %}
{% macro usual(f) -%}
id="c.{{ f.address }}" name="v.{{ f.address }}"{{ f.attributes }}{{ f.more }}
{%- if not f.label %}{{ attribute("aria-label", f.name) }}{% endif %}
{%- endmacro %}
{% macro box(f, one, type, prefix) -%}
<input id="{{ one.id }}" class="control" type="{{ type }}" name="{{ prefix }}{{ f.address }}"
  value="{{ one.key }}"{{ f.more }}{% if one.chosen %} checked{% endif %}>
<label for="{{ one.id }}">{{ one.label }}</label>
{%- endmacro %}
{% macro called(f) %}
{%- if f.label %} aria-labelledby="l.{{ f.address }}"{% endif %}
{%- if not f.label %}{{ attribute("aria-label", f.name) }}{% endif %}
  {#- #} aria-describedby="{{ f.described }}"
{%- endmacro %}
{% macro caption(f) %}
{% if f.label %}<span class="caption" id="l.{{ f.address }}">{{ words(f) }}</span>{% endif %}
{% endmacro %}
{% macro switched(f) %}
<input type="hidden" name="v.{{ f.address }}" value="false"{% if f.off %} disabled{% endif %}>
<div class="tick">
<input class="control{% if f.kind == "switch" %} switch{% endif %}" type="checkbox" value="true"
  {%- if f.kind == "switch" %} role="switch"{% endif %} {{ usual(f) }}{% if f.value %} checked{% endif %}>
{{ label(f) }}
</div>
{% endmacro %}
{% macro radios(f) %}
{{ caption(f) }}
<div id="c.{{ f.address }}" class="options" role="radiogroup"{{ called(f) }}
  {%- if f.required %} aria-required="true"{% endif %}>
{% for one in f.options %}
<div class="tick">{{ box(f, one, "radio", "v.") }}</div>
{% else %}
<p class="hint">Nothing to choose.</p>
{% endfor %}
</div>
{% endmacro %}
{% macro several(f) %}
{{ caption(f) }}
<div id="c.{{ f.address }}" class="options picker" role="group"{{ called(f) }}>
<input type="hidden" name="m.{{ f.address }}" value=""{% if f.off %} disabled{% endif %}>
{% set chosen %}<span id="s.{{ f.address }}" data-none="{{ f.hint or "Select options" }}"
  {%- if not f.said %} class="none"{% endif %}>{{ f.said or f.hint or "Select options" }}</span>{% endset %}
{% if f.off %}
<div class="picked" aria-disabled="true">{{ chosen }}</div>
{% else %}
<details class="menu" id="m.{{ f.address }}">
<summary class="picked{% if f.wrong %} wrong{% endif %}"
  {%- if f.label %} aria-labelledby="l.{{ f.address }} s.{{ f.address }}"{% endif %}>{{ chosen }}</summary>
<div class="drop"><ul>
{% for one in f.options %}
<li class="tick">{{ box(f, one, "checkbox", "m.") }}</li>
{% else %}
<li class="none">Nothing to choose.</li>
{% endfor %}
</ul></div>
</details>
{% endif %}
</div>
{% endmacro %}
{% macro single(f) %}
{{ label(f) }}
{% if f.kind == "choice" %}
<div class="field choose"><select class="control" {{ usual(f) }}>
<option class="none" value=""{% if not f.value %} selected{% endif %}>{{ f.hint or "Select option" }}</option>
{% for one in f.options %}
<option value="{{ one.key }}"{% if one.chosen %} selected{% endif %}>{{ one.label }}</option>
{% endfor %}
</select></div>
{% elif f.kind == "lines" %}
<div class="field"><textarea class="control" rows="4" {{ usual(f) }}>
{{ f.value }}</textarea></div>
{% elif f.kind == "money" %}
<div class="field prefixed"><span class="before" id="p.{{ f.address }}">{{ f.sign }}</span>
<input class="control" {{ usual(f) }}{{ attribute("value", f.value) }}></div>
{% else %}
<div class="field"><input class="control" {{ usual(f) }}{{ attribute("value", f.value) }}>
{% if f.kind == "password" %}
<button type="button" class="reveal" data-reveal aria-controls="c.{{ f.address }}" aria-pressed="false"
  aria-label="Show {{ f.name }}">{{ eye }}</button>
{% endif %}
</div>
{% endif %}
{% endmacro %}
"""

_GROUPS = """\
{% macro press(value, id, name="", classes="button secondary small", more="") -%}
<button class="{{ classes }}" type="submit" name="portico.event" value="{{ w.path }} {{ value }}"
  id="{{ id }}" formnovalidate{{ attribute("aria-label", name) }}{{ more }}>{{ caller() }}</button>
{%- endmacro %}
{% macro object(f) %}
<fieldset class="group">
{% if f.label %}<legend>{{ f.label }}</legend>{% endif %}
{% if f.tooltip %}<p class="hint">{{ f.tooltip }}</p>{% endif %}
{{ all(f.fields) }}
</fieldset>
{% endmacro %}
{% macro array(f) %}
<fieldset class="group" id="f.{{ f.address }}" aria-describedby="e.{{ f.address }}">
{% if f.label %}<legend>{{ words(f) }}</legend>{% endif %}
{% if f.tooltip %}<p class="hint">{{ f.tooltip }}</p>{% endif %}
{% for row in f.rows %}
<fieldset class="entry" id="f.{{ w.path }}:{{ row.place }}" data-row>
<legend>{{ f.name }} {{ loop.index }}</legend>
{{ all(row.fields) }}
{% if not f.off %}
{% call press("removeRow " ~ row.place, "x." ~ w.path ~ ":" ~ row.place,
  "Remove %s %d"|format(f.name, loop.index)) %}Remove{% endcall %}
{% endif %}
</fieldset>
{% endfor %}
{% if f.grows and not f.off %}
{% call press("addRow " ~ f.place, "x." ~ w.path ~ ":" ~ f.place, "Add to " ~ f.name, more=" data-adds") %}
Add{% endcall %}
{% endif %}
<p class="message" id="e.{{ f.address }}"{% if not f.wrong %} hidden{% endif %}>{{ f.wrong }}</p>
</fieldset>
{% endmacro %}
{% macro all(fields) %}
{% for f in fields %}
{% if f.group == "object" %}{{ object(f) }}
{% elif f.group == "array" %}{{ array(f) }}
{% else %}
<div class="w-input">
{% if f.kind in ("check", "switch") %}{{ switched(f) }}
{% elif f.kind == "radios" %}{{ radios(f) }}
{% elif f.kind == "several" %}{{ several(f) }}
{% else %}{{ single(f) }}{% endif %}
{{ foot(f) }}
</div>
{% endif %}
{% endfor %}
{% endmacro %}
"""

#: A form in a form is not HTML: the inner one is a group, and its controls belong to the outer.
TEMPLATE = (
    _CONTROLS
    + _GROUPS
    + """\
{% set tag = "div" if w.form else "form" %}
{% set needs = " data-needs-valid" if p.disabledWhenInvalid else "" %}
<{{ tag }} {{ root("w-json-form frame", p) }} data-form
  {%- if w.form %} role="group"{% else %} method="post" action=""{{ encoding }}{% endif %}
  {%- if title %} aria-labelledby="l.{{ w.path }}"{% else %} aria-label="{{ name }}"{% endif %}
  {{- scrolls(p) }}>
{% if not w.form %}{{ envelope() }}{% endif %}
<button type="submit" hidden name="portico.event" value="{{ w.path }} submit"{{ needs }}></button>
{% if title %}<h2 id="l.{{ w.path }}">{{ title }}</h2>{% endif %}
{% if pending %}
<div class="pending" aria-hidden="true"></div>
{% endif %}
{{ all(fields) }}
<div class="ends">
<button class="button primary" type="submit" name="portico.event" value="{{ w.path }} submit"
  id="c.{{ w.path }}"{{ needs }}><span class="label">{{ submit }}</span></button>
{% if p.showReset %}
{% call press("reset", "x." ~ w.path ~ ":reset", "", "button secondary") %}<span class="label">
{{- reset }}</span>{% endcall %}
{% endif %}
</div>
</{{ tag }}>
"""
)
