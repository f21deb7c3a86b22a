"""ButtonGroup: buttons side by side, each with an action or a menu of its own."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets import menu
from portico.ui.widgets.button import PLACEMENTS, VARIANTS
from portico.ui.widgets.library import library
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, DISABLED, SET_DISABLED, SET_VISIBILITY, TOOLTIP

ORIENTATIONS = ("horizontal", "vertical")
BUTTON_TYPES = ("SIMPLE", "MENU")

#: What an item of a menu may be, without what only a menu has.
_BUTTON = {name: prop for name, prop in menu.fields().items() if name not in ("textColor", "backgroundColor")}


def _names(button: str, item: str = "") -> str:
    """The event of a button, or of an item of its menu."""
    return f"groupButtons.{button}.menuItems.{item}.onClick" if item else f"groupButtons.{button}.onClick"


def offers(props: Mapping[str, Any], event: str, row: str | None) -> bool:
    """Whether the button or the item of this event is there now, and can be pressed."""
    for button in menu.records(props.get("buttons")):
        key = as_text(button.get("key"))
        if button.get("off"):
            continue
        if event == _names(key):
            return not button.get("opens")
        for item in menu.records(button.get("items")):
            if event == _names(key, as_text(item.get("key"))):
                return not item.get("off")
    return False


TYPE = WidgetType(
    name="ButtonGroup",
    help="Buttons side by side, each with an action or a menu of its own.",
    properties={
        "groupButtons": Property(
            kind="records",
            default=(),
            help="The buttons, each with an `id`, and an `onClick` or `menuItems`.",
            fields={
                **_BUTTON,
                "placement": Property(
                    kind="choice",
                    default="CENTER",
                    choices=PLACEMENTS,
                    help="Where the label stands in the button.",
                ),
                "buttonColor": Property(
                    kind="color", help="A colour as in CSS; the brand colour if not set."
                ),
                "buttonType": Property(
                    kind="choice",
                    default="SIMPLE",
                    choices=BUTTON_TYPES,
                    help="`MENU` for one that opens its `menuItems`.",
                ),
                "menuItems": Property(
                    kind="records",
                    default=(),
                    help="The items of its menu, each with an `id` and an `onClick`.",
                    fields=menu.fields(),
                    events=("onClick",),
                    names=(),
                ),
            },
            events=("onClick",),
            names=(),
        ),
        "orientation": Property(
            kind="choice",
            default="horizontal",
            choices=ORIENTATIONS,
            help="Whether they stand beside each other, or one below the other.",
        ),
        "buttonVariant": Property(
            kind="choice", default="PRIMARY", choices=VARIANTS, help="Filled, outlined, or plain."
        ),
        "label": Property(kind="text", default="", help="What the group is called by screen readers."),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    derived={"buttons": "library.buttonsOf(self.groupButtons)"},
    methods={**SET_VISIBILITY, **SET_DISABLED},
    library=library("menu/items"),
    private=frozenset({"buttons"}),
    inner=frozenset({"groupButtons"}),
    offers=offers,
    parts=frozenset({menu.PART}),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The buttons, and what their menus hold."""
    props = node.props
    off = bool(props["isDisabled"])
    buttons = []
    for shown in menu.records(props["buttons"]):
        key = as_text(shown.get("key"))
        items = [
            menu.pressed(node, one, _names(key, as_text(one.get("key"))))
            for one in menu.records(shown.get("items"))
        ]
        button = menu.pressed(node, shown, "" if shown.get("opens") else _names(key))
        place = choice(shown.get("placement"), PLACEMENTS)
        buttons.append({**button, "items": items, "place": place, "off": off or bool(shown.get("off"))})
    return {
        "name": as_text(props["label"]) or humanised(node.widget.name),
        "variant": choice(props["buttonVariant"], VARIANTS),
        "direction": choice(props["orientation"], ("HORIZONTAL", "VERTICAL")),
        "buttons_shown": buttons,
    }


LOOK = Look(
    template=menu.MACROS
    + """\
{% macro looks(one) -%}
class="button {{ variant }} label-{{ one.place }}{{ tone(one.fill, "fill") }}"{{ bound("fill", one.fill) }}
{%- endmacro %}
<div {{ root("w-button w-button-group", p) }}>
<div class="buttons {{ direction }}" role="group" aria-label="{{ name }}"
  {%- if p.tooltip|text %} aria-describedby="h.{{ w.path }}"{% endif %}>
{% for one in buttons_shown %}
{% if one.opens and not one.off %}
<details class="menu" id="m.{{ w.path }}:{{ one.key }}">
<summary {{ looks(one) }}{{ attribute("aria-label", one.name) }}>{{ face(one) }}{{ down() }}</summary>
{{ items(one["items"]) }}
</details>
{% else %}
<button id="b.{{ w.path }}:{{ one.key }}" {{ looks(one) }}{{ act(one) }}>{{ face(one) }}
{%- if one.opens %}{{ down() }}{% endif %}</button>
{% endif %}
{% endfor %}
</div>
{% if p.tooltip|text %}
<span class="tip" role="tooltip" id="h.{{ w.path }}">{{ p.tooltip|text }}</span>
{% endif %}
</div>
""",
    prepare=prepare,
)
