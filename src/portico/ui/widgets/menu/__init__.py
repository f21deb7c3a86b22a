"""Menus: buttons behind a button that opens them. They open and close by HTML alone."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.button import SIDES
from portico.ui.widgets.icons import find
from portico.ui.widgets.node import Node

#: The part of the client that closes what is open, and steers with arrow keys.
PART = "menus"


def fields(*, per_row: bool = False) -> dict[str, Property]:
    """What may be said of an item of a menu; `per_row`: over the item of the data that it is made of."""
    return {
        "label": Property(kind="text", default="", per_row=per_row, help="What stands on it."),
        "iconName": Property(
            kind="text",
            default="",
            per_row=per_row,
            help="An icon beside that, like `plus`, `cog` or `trash`.",
        ),
        "iconAlign": Property(
            kind="choice",
            default="left",
            choices=SIDES,
            per_row=per_row,
            help="On which side of the label the icon stands.",
        ),
        "iconColor": Property(kind="color", per_row=per_row, help="A colour as in CSS."),
        "textColor": Property(kind="color", per_row=per_row, help="A colour as in CSS."),
        "backgroundColor": Property(kind="color", per_row=per_row, help="A colour as in CSS."),
        "isVisible": Property(kind="boolean", default=True, per_row=per_row, help="Whether it is there."),
        "isDisabled": Property(
            kind="boolean", default=False, per_row=per_row, help="Whether it can be used."
        ),
    }


def records(value: object) -> list[Mapping[str, Any]]:
    """What is shown, as it left the sandbox."""
    found = value if isinstance(value, list | tuple) else ()
    return [one for one in found if isinstance(one, Mapping)]


def pressed(node: Node, shown: Mapping[str, Any], event: str, row: str = "") -> Mapping[str, Any]:
    """A button as the template shows it: its words, its icon, and what a press of it posts."""
    icon = find(shown.get("icon"))
    label = as_text(shown.get("label"))
    return {
        **shown,
        "label": label,
        "name": "" if label else (icon.meaning if icon else "") or humanised(as_text(shown.get("key"))),
        "picture": icon,
        "right": shown.get("side") == "right",
        "value": f"{node.path} {event} {row}".rstrip() if node.fires(event) else "",
    }


#: `face(one)`: icon and words of a button. `items(list)`: the menu that belongs to a summary before it.
MACROS = """\
{% macro face(one) -%}
{% set icon -%}
{{ picture(one.picture, tone(one.iconColor, "color")|trim, bound("color", one.iconColor)) }}
{%- endset %}
{%- if not one.right %}{{ icon }}{% endif -%}
{% if one.label %}<span class="label">{{ one.label }}</span>{% endif %}
{%- if one.right %}{{ icon }}{% endif -%}
{%- endmacro %}
{% macro down() %}<span class="down" aria-hidden="true"></span>{% endmacro %}
{% macro act(one) -%}
{%- if one.value %} type="submit" name="portico.event" value="{{ one.value }}" formnovalidate
{%- else %} type="button"{% endif %}{{ attribute("form", w.owner) }}{{ attribute("aria-label", one.name) }}
{%- if one.off %} disabled{% endif %}
{%- endmacro %}
{% macro items(list) %}
<ul class="drop">
{% for one in list %}
<li><button class="item{{ tone(one.color, "color") if not one.ground }}"{{ bound("color", one.color) }}
  {{- bound("background", one.ground) }}{{ act(one) }}>{{ face(one) }}</button></li>
{% else %}
<li class="none">Nothing to choose.</li>
{% endfor %}
</ul>
{% endmacro %}
"""
