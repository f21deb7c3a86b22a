"""MenuButton: a button that opens a menu, whose items are written down or made of data."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets import menu
from portico.ui.widgets.button import PLACEMENTS, SIDES, VARIANTS
from portico.ui.widgets.icons import find
from portico.ui.widgets.library import library
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, DISABLED, SET_DISABLED, SET_VISIBILITY, TOOLTIP

_WRITTEN, _MADE = "menuItems", "configureMenuItems"


def offers(props: Mapping[str, Any], event: str, row: str | None) -> bool:
    """Whether the item of this event is in the menu now, and can be pressed."""
    made = event == f"{_MADE}.onClick"
    if bool(props.get("made")) is not made:
        return False
    wanted = row if made else event.removeprefix(f"{_WRITTEN}.").removesuffix(".onClick")
    return any(one.get("key") == wanted and not one.get("off") for one in menu.records(props.get("entries")))


TYPE = WidgetType(
    name="MenuButton",
    help="A button that opens a menu.",
    properties={
        "label": Property(kind="text", default="Open menu", help="What stands on it."),
        _WRITTEN: Property(
            kind="records",
            default=(),
            help="The items, each with an `id` and an `onClick`.",
            fields=menu.fields(),
            events=("onClick",),
            names=(),
        ),
        "sourceData": Property(
            kind="any",
            default=(),
            help="Data that items are made of by `configureMenuItems`: a list, or JSON text of one.",
        ),
        _MADE: Property(
            kind="record",
            help="What the item of each entry of `sourceData` is, over `currentItem` and `currentIndex`; its "
            "items then take the place of `menuItems`.",
            fields=menu.fields(per_row=True),
            events=("onClick",),
            names=("currentItem", "currentIndex"),
        ),
        "menuVariant": Property(
            kind="choice", default="PRIMARY", choices=VARIANTS, help="Filled, outlined, or plain."
        ),
        "menuColor": Property(kind="color", help="A colour as in CSS; the brand colour if not set."),
        "placement": Property(
            kind="choice", default="CENTER", choices=PLACEMENTS, help="Where the label stands in the button."
        ),
        "iconName": Property(
            kind="text", default="", help="An icon beside the label, like `plus`, `edit` or `trash`."
        ),
        "iconAlign": Property(
            kind="choice", default="left", choices=SIDES, help="On which side of the label the icon stands."
        ),
        "isCompact": Property(kind="boolean", default=False, help="Whether its items stand close together."),
        **TOOLTIP,
        **DISABLED,
        **COMMON,
    },
    derived={
        "made": "library.isMade(self)",
        "entries": "self.made ? library.madeOf(self, kit) : library.itemsOf(self.menuItems)",
    },
    methods={
        **SET_VISIBILITY,
        **SET_DISABLED,
        "setLabel": "(label) => { self.label = String(label); }",
        "rowAt": "(key) => library.itemAt(self, key)",
    },
    library=library("menu/items"),
    private=frozenset({"made", "entries", "rowAt"}),
    inner=frozenset({_WRITTEN, "sourceData", _MADE}),
    offers=offers,
    parts=frozenset({menu.PART}),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The button, and its items."""
    props = node.props
    icon = find(props["iconName"])
    label = as_text(props["label"])
    made = bool(props["made"])

    def item(one: Mapping[str, Any]) -> Mapping[str, Any]:
        key = as_text(one.get("key"))
        if made:
            return menu.pressed(node, one, f"{_MADE}.onClick", key)
        return menu.pressed(node, one, f"{_WRITTEN}.{key}.onClick")

    return {
        "face_of": {
            "iconColor": None,
            "label": label,
            "picture": icon,
            "right": choice(props["iconAlign"], ("LEFT", "RIGHT")) == "right",
        },
        "name": ""
        if label
        else as_text(props["tooltip"]) or (icon.meaning if icon else "") or humanised(node.widget.name),
        "variant": choice(props["menuVariant"], VARIANTS),
        "placement": choice(props["placement"], PLACEMENTS),
        "entries": [item(one) for one in menu.records(props["entries"])],
    }


LOOK = Look(
    template=menu.MACROS
    + """\
{% set classes %}button {{ variant }} label-{{ placement }}{{ tone(p.menuColor, "fill") }}{% endset %}
{% set usual %} id="c.{{ w.path }}" class="{{ classes }}"{{ bound("fill", p.menuColor) }}
  {{- attribute("aria-label", name) }}
  {%- if p.tooltip|text %} aria-describedby="h.{{ w.path }}"{% endif %}{% endset %}
<div {{ root("w-button w-menu", p) }}>
{% if p.isDisabled %}
<button type="button"{{ usual }} disabled>{{ face(face_of) }}{{ down() }}</button>
{% else %}
<details class="menu{% if p.isCompact %} compact{% endif %}" id="m.{{ w.path }}">
<summary{{ usual }}>{{ face(face_of) }}{{ down() }}</summary>
{{ items(entries) }}
</details>
{% endif %}
{% if p.tooltip|text %}
<span class="tip" role="tooltip" id="h.{{ w.path }}">{{ p.tooltip|text }}</span>
{% endif %}
</div>
""",
    prepare=prepare,
)
