"""The template of a table. Its controls belong to the page's own form, also inside a Form: Enter in an
input of that form must never mean the next page of a table, or a download."""

from portico.ui.widgets import menu

#: What a button posts: `press` an event or command of the table, `put` a value of a part of it.
_BUTTONS = """\
{% macro icon_of(lines) -%}
{{ picture(lines) }}
{%- endmacro %}
{% macro worded(icon, words) -%}
{{ icon_of(icons[icon]) }}<span class="words">{{ words }}</span>
{%- endmacro %}
{% macro press(value, name, classes="button secondary small", id="", more="") -%}
<button class="{{ classes }}" type="submit" form="portico" name="portico.event"
  value="{{ w.path }} {{ value }}" formnovalidate{{ attribute("aria-label", name) }}
  {{- attribute("id", id) }}{{ more }}>
  {{- caller() }}</button>
{%- endmacro %}
{% macro put(part, value, id, classes, more="") -%}
<button class="{{ classes }}" type="submit" form="portico" name="v.{{ w.path }}:{{ part }}"
  value="{{ value }}" formnovalidate id="{{ id }}"{{ more }}>{{ caller() }}</button>
{%- endmacro %}
"""

#: What is wrong with a cell is told when the row is saved, by the server alone: a message that appears as
#: a control is left moves the button away from under the pointer that is about to press it.
_CONTROLS = """\
{% macro choices(address, label, options, chosen, live="event", more="") -%}
<span class="choose"><select id="c.{{ address }}" class="control" name="v.{{ address }}" form="portico"
  aria-label="{{ label }}"{{ attribute("data-live", live) }}{{ more }}>
{%- for value, words in options %}<option value="{{ value }}"
  {%- if value|string == chosen|string %} selected{% endif %}>{{ words }}</option>{% endfor -%}
</select></span>
{%- endmacro %}
{% macro control(c, column, key, name) %}
{% set address = w.path ~ ":cell:" ~ key ~ ":" ~ column.id %}
{% set label = column.label ~ ", " ~ name %}
{% set usual %} name="v.{{ address }}" form="portico" aria-label="{{ label }}"{% endset %}
{% set rules %}{% if c.wrong %} aria-invalid="true" data-broken data-error="{{ c.wrong }}"{% endif %}
  {#- #} aria-describedby="e.{{ address }}"
  {%- if c.required %} aria-required="true"{% endif %}{% if c.submits %} data-events="onSubmit"{% endif %}
{%- endset %}
{% if c.kind == "choice" %}
{{ choices(address, label, [("", "")] + c.options|list, c.value, "event" if c.lively else "", rules) }}
{% elif c.kind == "truth" %}
<input type="hidden" name="v.{{ address }}" value="false" form="portico">
<span class="tick"><input id="c.{{ address }}" class="control" type="checkbox" value="true"{{ usual }}
  {%- if c.value %} checked{% endif %}></span>
{% elif c.kind == "lines" %}
<textarea id="c.{{ address }}" class="control" rows="2"{{ usual }}{{ rules }}>
{{ c.value }}</textarea>
{% else %}
<input id="c.{{ address }}" class="control" type="{{ native.get(c.kind, "text") }}" value="{{ c.value }}"
  {%- if c.kind == "number" %} step="any" inputmode="decimal"{% endif %} autocomplete="off"
  {{- usual }}{{ rules }}>
{% endif %}
<p class="message" id="e.{{ address }}"{% if not c.wrong %} hidden{% endif %}>{{ c.wrong }}</p>
{% endmacro %}
"""

_CONTENT = """\
{# What takes the place of a button has its id, so that the focus stays where it is. #}
{% macro actions(column, row) %}
{% set id = "b." ~ w.path ~ ":" ~ row.key %}
{% set usual = "button secondary small" %}
<span class="actions">
{% if row.editable and not row.drafted %}
{% call press("edit " ~ row.key, "Edit " ~ row.name, usual, id) %}{{ worded("edit", "Edit") }}{% endcall %}
{% endif %}
{% if row.drafted or (row.edited and p.inlineEditingSaveOption != "CUSTOM") %}
{% set place = id if row.drafted or not row.editable else "" %}
{% call press("save " ~ row.key, column.save ~ " " ~ row.name, usual, place) %}
{{ worded("floppy-disk", column.save) }}{% endcall %}
{% endif %}
{% if row.drafted or row.edited %}
{% call press("discard " ~ row.key, column.discard ~ " " ~ row.name, usual) %}
{{ worded("undo", column.discard) }}{% endcall %}
{% endif %}
</span>
{% endmacro %}
{% macro switch(cell, column, row) %}
{% if cell.set %}
{% set state %} role="{{ cell.kind }}" aria-checked="{{ "true" if cell.on else "false" }}"{% endset %}
{% set place = row.key ~ ":" ~ column.id %}
{% set name = column.label ~ ", " ~ row.name %}
{% set id = "k." ~ w.path ~ ":" ~ place %}
{% call press("check " ~ place, name, "check " ~ cell.kind, id, state) %}{% endcall %}
{% else %}
<span class="check {{ cell.kind }}" role="img" aria-label="{{ "Yes" if cell.on else "No" }}"
  {%- if cell.on %} data-on{% endif %}></span>
{% endif %}
{% endmacro %}
{% macro button(cell, column, row) -%}
<button class="button small {{ cell.variant }}{{ cell.tone }}{% if cell.lines %} icon-button{% endif %}"
  id="a.{{ w.path }}:{{ row.key }}:{{ column.id }}"
  {%- if cell.acts %} type="submit" form="portico" name="portico.event"
  value="{{ w.path }} columns.{{ column.id }}.onClick {{ row.key }}" formnovalidate
  {%- else %} type="button"{% endif %} aria-label="{{ cell.words }}, {{ row.name }}"{{ cell.fill }}
  {%- if cell.off %} disabled{% endif %}><span class="label">
  {%- if cell.lines %}{{ icon_of(cell.lines) }}{% else %}{{ cell.words }}{% endif %}</span></button>
{%- endmacro %}
{% macro opens(cell, column, row) %}
{% set name %}{{ cell.words }}, {{ row.name }}{% endset %}
{% set classes = "button small " ~ cell.variant ~ cell.tone %}
{% set place = row.key ~ ":" ~ column.id %}
{% if cell.off %}
<button type="button" class="{{ classes }}" id="a.{{ w.path }}:{{ place }}" aria-label="{{ name }}"
  {{- cell.fill }} disabled>{{ cell.words }}{{ down() }}</button>
{% else %}
<details class="menu" id="m.{{ w.path }}:{{ place }}">
<summary class="{{ classes }}" id="a.{{ w.path }}:{{ place }}" aria-label="{{ name }}"{{ cell.fill }}>
{{- cell.words }}{{ down() }}</summary>
<ul class="drop">
{% for one in cell["items"] %}
<li><button class="item{{ tone(one.color, "color") if not one.ground }}"{{ bound("color", one.color) }}
  {{- bound("background", one.ground) }}
  {%- if one.value %} type="submit" form="portico" name="portico.event" value="{{ one.value }} {{ row.key }}"
  formnovalidate{% else %} type="button"{% endif %}{{ attribute("aria-label", one.name) }}
  {%- if one.off %} disabled{% endif %}>{{ face(one) }}</button></li>
{% else %}
<li class="none">Nothing to choose.</li>
{% endfor %}
</ul>
</details>
{% endif %}
{% endmacro %}
{% macro content(cell, column, row) %}
{% if cell is string %}{{ cell }}
{%- elif cell is none %}
{%- elif cell.as == "control" %}{{ control(cell, column, row.key, row.name) }}
{%- elif cell.as == "actions" %}{{ actions(column, row) }}
{%- elif cell.as == "check" %}{{ switch(cell, column, row) }}
{%- elif cell.as == "button" %}{{ button(cell, column, row) }}
{%- elif cell.as == "menu" %}{{ opens(cell, column, row) }}
{%- elif cell.as == "html" %}<div class="text">{{ cell.html }}</div>
{%- elif cell.as == "image" %}<img src="{{ cell.url }}" alt="{{ column.label }}" loading="lazy"
  decoding="async">
{%- elif cell.as == "link" %}<a href="{{ cell.address }}" target="_blank" rel="noopener noreferrer">
  {{- cell.words }}</a>
{%- endif %}
{% endmacro %}
"""

_BAR = """\
{% macro filter_line(line, number) %}
{% set address = w.path ~ ":filter:" ~ line.id %}
<div class="filter-line" role="group" aria-label="Filter {{ number }}">
{% if number == 2 %}
{{ choices(w.path ~ ":filter:operator", "All or any", [("AND", "and"), ("OR", "or")], filters.operator) }}
{% else %}
<span>{{ "where" if number == 1 else filters.operator|lower }}</span>
{% endif %}
{{ choices(address ~ ":column", "Column", filters.columns, line.column) }}
{{ choices(address ~ ":condition", "Condition", line.conditions, line.condition) }}
{% if line.value is not none %}
<input id="c.{{ address }}:value" class="control" type="{{ native.get(line.kind, "text") }}"
  name="v.{{ address }}:value" form="portico" value="{{ line.value }}" aria-label="Value" maxlength="1000"
  autocomplete="off" data-live="event"{% if line.kind == "number" %} step="any"{% endif %}>
{% endif %}
{% set id = "f." ~ w.path ~ ":" ~ number %}
{% set classes = "button secondary small icon-button" %}
{% call press("removeFilter " ~ line.id, "Remove filter %d"|format(number), classes, id) %}
{{ icon_of(icons.cross) }}{% endcall %}
</div>
{% endmacro %}
{% macro bar() %}
<div class="table-bar">
{% if p.isVisibleSearch %}
<input id="c.{{ w.path }}:search" class="control search" type="search" name="v.{{ w.path }}:search"
  form="portico" value="{{ search }}" placeholder="Search" aria-label="Search {{ name }}" maxlength="1000"
  autocomplete="off" data-live="event">
{% endif %}
{% if filters %}
<details class="filters"{% if filters.lines %} open{% endif %}>
<summary class="button secondary small">{{ icon_of(icons.filter) }}Filters
{%- if filters.lines %} ({{ filters.lines|length }}){% endif %}</summary>
<div class="filter-lines">
{% for line in filters.lines %}
{{ filter_line(line, loop.index) }}
{% endfor %}
{% call press("addFilter", "") %}Add a filter{% endcall %}
</div>
</details>
{% endif %}
{% if applies %}
<button class="button secondary small apply" type="submit" form="portico" formnovalidate>Apply</button>
{% endif %}
{% if p.isVisibleDownload %}
{% call press("download", "Download %s as CSV"|format(name)) %}
{{ icon_of(icons.download) }}Download{% endcall %}
{% endif %}
{% if p.allowAddNewRow %}
{% call press("addRow", "") %}{{ icon_of(icons.plus) }}Add a row{% endcall %}
{% endif %}
</div>
{% endmacro %}
"""

_TABLE = """\
{% macro heading(column, number) %}
<th scope="col" class="{{ column.classes }}"{{ attribute("aria-sort", column.spoken) }}>
{%- if column.sort is not none %}
{% call put("sort", column.sort, "s." ~ w.path ~ ":" ~ number, "sort") %}{{ column.label }}
<span class="arrow" aria-hidden="true">{{ "▼" if column.spoken == "descending" else "▲" }}</span>{% endcall %}
{%- elif column.silent %}<span class="unseen">{{ column.label }}</span>
{%- else %}{{ column.label }}{% endif %}</th>
{% endmacro %}
{% macro pick_all() %}
{% set state %} role="checkbox" aria-checked="{{ "true" if all_picked else "false" }}"
  aria-label="Select all rows of this page"{% endset %}
{% set value = "-*" if all_picked else "+*" %}
{% call put("row", value, "r." ~ w.path ~ ":*", "check checkbox", state) %}{% endcall %}
{% endmacro %}
{% set pick_classes = "check " ~ ("checkbox" if several else "radio") %}
<div class="table-box" role="group" tabindex="0" aria-label="{{ name }}">
<table class="rows-{{ height }}">
<caption class="unseen">{{ name }}</caption>
<thead><tr>
{% if picks %}
<th scope="col" class="pick">
{%- if several and body %}{{ pick_all() }}{% else %}<span class="unseen">Selected</span>{% endif %}</th>
{% endif %}
{% for column in columns %}
{{ heading(column, loop.index0) }}
{% endfor %}
</tr></thead>
<tbody>
{% if adding is not none %}
<tr class="adding" id="o.{{ w.path }}:new">
{% if picks %}<td class="pick"></td>{% endif %}
{% for open, cell, close in adding %}
{{ open }}{{ content(cell, columns[loop.index0], new_row) }}{{ close }}
{% endfor %}
</tr>
{% endif %}
{% for row in body %}
<tr id="o.{{ w.path }}:{{ row["key"] }}"{% if picks %} data-picks{% endif %}
  {%- if row["selected"] %} class="selected"{% endif %}>
{% if picks %}
<td class="pick"><button class="{{ pick_classes }}" type="submit" form="portico" name="v.{{ w.path }}:row"
  value="{{ "-" if row["selected"] else "+" }}{{ row["key"] }}" formnovalidate
  id="r.{{ w.path }}:{{ row["key"] }}" aria-pressed="{{ "true" if row["selected"] else "false" }}"
  aria-label="Select {{ row["name"] }}"></button></td>
{% endif %}
{% for open, cell, close in row["cells"] %}
{% if cell is string %}
{{ open }}{{ cell }}{{ close }}
{% else %}
{{ open }}{{ content(cell, columns[loop.index0], row) }}{{ close }}
{% endif %}
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
{% if not body and pending %}
{% for _ in range(3) %}<div class="pending" aria-hidden="true"></div>{% endfor %}
{% elif not body %}
<p class="empty">{{ empty }}</p>
{% endif %}
</div>
"""

_FOOT = """\
{% macro turn(words, sign, page, number) %}
{% set id = "g." ~ w.path ~ ":" ~ number %}
{% set classes = "button secondary small icon-button" %}
{% set spoken %} aria-label="{{ words }}"{% endset %}
{% if page %}
{% call put("page", page, id, classes, spoken) %}<span aria-hidden="true">{{ sign }}</span>{% endcall %}
{% else %}
<button class="{{ classes }}" type="button" aria-disabled="true" id="{{ id }}"{{ spoken }}><span
  aria-hidden="true">{{ sign }}</span></button>
{% endif %}
{% endmacro %}
<div class="table-foot">
<p role="status">{{ status }}</p>
{% if p.isVisiblePagination and (pages.several or body|length >= 10) %}
<span class="sizes"><label for="c.{{ w.path }}:size">Rows per page</label>
{{ choices(w.path ~ ":size", "Rows per page", sizes, p.pageSize) }}</span>
{% endif %}
{% if p.isVisiblePagination and pages.several %}
<nav class="pages" aria-label="Pages of {{ name }}">
{% for words, sign, page in pages.buttons %}
{% if loop.index == 3 %}<span aria-live="polite">{{ pages.text }}</span>{% endif %}
{{ turn(words, sign, page, loop.index) }}
{% endfor %}
</nav>
{% endif %}
</div>
"""

TEMPLATE = (
    menu.MACROS
    + _BUTTONS
    + _CONTROLS
    + _CONTENT
    + _BAR
    + """\
<div {{ root("w-table", p) }}>
{% if p.isVisibleSearch or filters or p.isVisibleDownload or p.allowAddNewRow %}
{{ bar() }}
{% endif %}
"""
    + _TABLE
    + _FOOT
    + "</div>\n"
)
