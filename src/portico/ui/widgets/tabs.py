"""Tabs: several places, of which one is shown. Only what stands in it leaves the server."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import VALUE, Input, Property, WidgetType
from portico.ui.prose import as_text
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, SCROLL, SET_VISIBILITY

#: What `defaultTab` is where the author did not set it: the first tab that is visible. A word of its
#: own, because a binding that fails gives nothing, an empty one the empty string, and where users may not
#: choose, both select no tab at all (hard-cases 22): a gate that breaks must not open.
FIRST = "(first tab)"


def visible(props: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tabs that are visible now."""
    tabs = props.get("visibleTabs")
    return [tab for tab in tabs if isinstance(tab, Mapping)] if isinstance(tabs, list | tuple) else []


def parse(posted: object, props: Mapping[str, Any], detail: str = "") -> str:
    """The id of the tab that was chosen. Raises ValueError for one that cannot be chosen now."""
    ids = [tab.get("id") for tab in visible(props)]
    if not props.get("shouldShowTabs") or not isinstance(posted, str) or posted not in ids:
        raise ValueError("no such tab to choose")
    return posted


TYPE = WidgetType(
    name="Tabs",
    help="Groups of widgets of which one is shown; only that one leaves the server.",
    properties={
        "tabsObj": Property(
            kind="list", default=(), help="The tabs: `id`, `label`, and `isVisible` if it is not always true."
        ),
        "defaultTab": Property(
            kind="text",
            default=FIRST,
            help="Label or id of the tab that is shown first. What names no tab selects the first where "
            "users may choose, and none where they may not.",
        ),
        "shouldShowTabs": Property(
            kind="boolean", default=True, help="Whether users see the tabs and may choose."
        ),
        **SCROLL,
        **COMMON,
    },
    events=("onTabSelected",),
    children="slots",
    meta={"chosen": None},
    derived={
        "visibleTabs": """(() => {
  const tabs = self.tabsObj;
  const list = Array.isArray(tabs) ? tabs : tabs && typeof tabs === "object" ? Object.values(tabs) : [];
  return list.filter((tab) => tab && (tab.isVisible === undefined || Boolean(tab.isVisible)));
})()""",
        "selectedTab": f"""(() => {{
  const tabs = self.visibleTabs || [];
  const byId = (id) => tabs.find((tab) => tab.id === id);
  const chosen = self.shouldShowTabs && typeof self.chosen === "string" ? byId(self.chosen) : undefined;
  const wanted = self.defaultTab;
  const named = typeof wanted === "string" && wanted !== ""
    ? tabs.find((tab) => tab.label === wanted) || byId(wanted)
    : undefined;
  const tab = chosen || named || (self.shouldShowTabs || wanted === "{FIRST}" ? tabs[0] : undefined);
  return tab ? tab.id : "";
}})()""",
    },
    methods=SET_VISIBILITY,
    inputs={VALUE: Input(meta="chosen", parse=parse, event="onTabSelected")},
    slot_property="selectedTab",
    reset=("chosen",),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """The headers, and which of them is selected."""
    tabs = [
        {"id": as_text(tab.get("id")), "label": as_text(tab.get("label")) or as_text(tab.get("id"))}
        for tab in visible(node.props)
    ]
    shown = node.props["selectedTab"]
    index = next((index for index, tab in enumerate(tabs) if tab["id"] == shown), None)
    return {
        "tabs": tabs if node.props["shouldShowTabs"] else [],
        "selected": index,
        "name": next((tab["label"] for tab in tabs if tab["id"] == shown), None),
    }


#: The headers are buttons of the page's own form, so that Enter in an input never means a tab.
LOOK = Look(
    template="""\
<div {{ root("w-tabs", p) }}>
{% if tabs %}
<div class="tablist" role="tablist">
{% for tab in tabs %}
<button class="tab" type="submit" form="portico" name="v.{{ w.path }}" value="{{ tab.id }}" role="tab"
  formnovalidate id="t.{{ w.path }}.{{ loop.index0 }}"
  aria-selected="{{ "true" if loop.index0 == selected else "false" }}"
  {%- if loop.index0 == selected %} aria-controls="p.{{ w.path }}"{% endif %}>{{ tab.label }}</button>
{% endfor %}
</div>
{% endif %}
<div class="panel" id="p.{{ w.path }}"{{ scrolls(p) }}
  {%- if tabs and selected is not none %} role="tabpanel"
  aria-labelledby="t.{{ w.path }}.{{ selected }}"{% endif %}>
<div class="{{ flow }}">
{{ inside }}
</div>
</div>
</div>
""",
    prepare=prepare,
)
