"""Chart: series as lines, columns, bars, areas or a pie, or ECharts' own options."""

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from portico.model.widget import Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.style import choice
from portico.ui.widgets.chart.figures import of_option, of_series
from portico.ui.widgets.chart.options import cleaned, option_of
from portico.ui.widgets.chart.series import Series, series_of
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, FRAME, SET_VISIBILITY

#: The part of the client that draws.
CHART = "chart"
KINDS = ("LINE_CHART", "BAR_CHART", "COLUMN_CHART", "PIE_CHART", "AREA_CHART", "CUSTOM_ECHART")
ORIENTATIONS = ("auto", "slant", "rotate", "stagger")
_TURNED = {"slant": 45, "rotate": 90}
_WORDS = {
    "LINE_CHART": "Line chart",
    "BAR_CHART": "Bar chart",
    "COLUMN_CHART": "Column chart",
    "PIE_CHART": "Pie chart",
    "AREA_CHART": "Area chart",
    "CUSTOM_ECHART": "Chart",
}
#: Characters of options that are sent to a browser, and of a point that one posts.
OPTION_LIMIT, POINT_LIMIT = 1 << 20, 4000

#: The author's options without functions, which cannot leave the server; each is told of once.
CONFIG = """((given) => {
  const clean = (value, path, depth) => {
    if (typeof value === "function") {
      kit.complain(path, new TypeError(path + " is a function; options of a chart are data"));
      return undefined;
    }
    if (value === null || typeof value !== "object" || depth > 24) return value;
    if (Array.isArray(value)) return value.map((inner, index) => clean(inner, path + "." + index, depth + 1));
    if (value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value)
      .map(([key, inner]) => [key, clean(inner, path + "." + key, depth + 1)])
      .filter(([, inner]) => inner !== undefined));
  };
  return clean(given, "customEChartConfig", 0);
})(kit.given(self, "customEChartConfig"))"""


def parse_point(posted: object, props: Mapping[str, Any], detail: str = "") -> Mapping[str, Any]:
    """The point that was chosen, as code has it. Of plain charts it is looked up; of an author's own it is
    what the browser says. Raises ValueError for what is no point."""
    if not isinstance(posted, str) or len(posted) > POINT_LIMIT:
        raise ValueError("no point")
    try:
        found = json.loads(posted)
    except RecursionError as error:
        raise ValueError("no point") from error
    if not isinstance(found, dict):
        raise ValueError("no point")  # noqa: TRY004  # the one error of `parse`
    series, index = found.get("series"), found.get("index")
    if not _is_index(series) or not _is_index(index):
        raise ValueError("no point")
    if _kind(props) != "CUSTOM_ECHART":
        drawn = _drawn(props)
        if series >= len(drawn) or index >= len(drawn[series].points):
            raise ValueError("no such point")
        x, y = drawn[series].points[index]
        raw = {"seriesIndex": series, "dataIndex": index, "name": x, "value": y}
        return {"x": x, "y": y, "seriesTitle": drawn[series].name, "rawEventData": raw}
    raw = {"seriesIndex": series, "dataIndex": index}
    raw |= {key: found[key] for key in ("name", "value", "seriesName", "data") if key in found}
    value = found.get("value")
    y = value[1] if isinstance(value, list) and len(value) > 1 else value
    return {"x": found.get("name"), "y": y, "seriesTitle": found.get("seriesName"), "rawEventData": raw}


def _is_index(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


TYPE = WidgetType(
    name="Chart",
    help="Numbers as a picture, with a table of them beside it.",
    properties={
        "chartName": Property(kind="text", default="", help="What it shows."),
        "chartType": Property(
            kind="choice",
            default="LINE_CHART",
            choices=KINDS,
            help="How it is drawn; `CUSTOM_ECHART` draws `customEChartConfig`.",
        ),
        "chartData": Property(
            kind="any",
            default={},
            help="The series: a list, or a mapping by any names, of `{seriesName, color, data: [{x, y}]}`.",
        ),
        "customEChartConfig": Property(
            kind="object", default={}, help="Options of ECharts, as data: functions are left out."
        ),
        "xAxisName": Property(kind="text", default="", help="What stands along."),
        "yAxisName": Property(kind="text", default="", help="What stands up."),
        "showDataPointLabel": Property(
            kind="boolean", default=False, help="Whether the numbers stand at their points."
        ),
        "labelOrientation": Property(
            kind="choice", default="auto", choices=ORIENTATIONS, help="How the words below are turned."
        ),
        "allowScroll": Property(kind="boolean", default=False, help="Whether a slider shows a part of it."),
        "setAdaptiveYMin": Property(
            kind="boolean", default=False, help="Whether the axis begins near the least number, not at 0."
        ),
        **FRAME,
        **COMMON,
    },
    events=("onDataPointClick",),
    meta={"selectedDataPoint": {}},
    derived={"customEChartConfig": CONFIG},
    methods={**SET_VISIBILITY},
    inputs={
        "point": Input(meta="selectedDataPoint", parse=parse_point, typed=False, event="onDataPointClick")
    },
    parts=frozenset({CHART}),
    reset=("selectedDataPoint",),
)


def _kind(props: Mapping[str, Any]) -> str:
    return choice(props.get("chartType"), KINDS).upper()


def _drawn(props: Mapping[str, Any]) -> list[Series]:
    found = series_of(props.get("chartData"))
    return found[:1] if _kind(props) == "PIE_CHART" else found


def prepare(node: Node) -> Mapping[str, Any]:
    """The options to draw, and the table of what they show."""
    props = node.props
    kind, name = _kind(props), as_text(props["chartName"])
    if kind == "CUSTOM_ECHART":
        option = cleaned(props["customEChartConfig"])
        figures = of_option(option)
        empty = not option.get("series") and not option.get("baseOption")
        name = name or _title(option)
    else:
        series = _drawn(props)
        figures = of_series(series, as_text(props["xAxisName"]))
        empty = not any(one.points for one in series)
        option = option_of(
            kind,
            series,
            x=as_text(props["xAxisName"]),
            y=as_text(props["yAxisName"]),
            turned=_TURNED.get(choice(props["labelOrientation"], ("AUTO", "SLANT", "ROTATE", "STAGGER")), 0),
            labels=bool(props["showDataPointLabel"]),
            scrolls=bool(props["allowScroll"]),
            adapts=bool(props["setAdaptiveYMin"]),
        )
    text = json.dumps(option, ensure_ascii=False, separators=(",", ":"))
    fits = len(text) <= OPTION_LIMIT
    return {
        "name": name,
        "caption": as_text(props["chartName"]),
        "words": f"{_WORDS[kind]}: {name or humanised(node.widget.name)}",
        "option": text if fits and not empty else "",
        "empty": empty,
        "fits": fits,
        "figures": figures,
        "chooses": node.fires("onDataPointClick") or node.widget.live,
        "pending": empty and node.pending(props["chartData"] or props["customEChartConfig"] or None),
    }


def _title(option: Mapping[str, Any]) -> str:
    title = option.get("title")
    first = title[0] if isinstance(title, list) and title else title
    return as_text(first.get("text")) if isinstance(first, dict) else ""


#: The table stands open where no script draws; numbers in it are buttons where a choice does something.
LOOK = Look(
    template="""\
<figure {{ root("w-chart frame", p) }}>
{% if caption %}<figcaption>{{ caption }}</figcaption>{% endif %}
{% if empty %}
<p class="empty{% if pending %} pending{% endif %}">{% if not pending %}No data to show{% endif %}</p>
{% else %}
{% if option %}
<div class="plot" role="img" aria-label="{{ words }}" data-option="{{ option }}"></div>
{% else %}
<p class="empty">This is too much to draw.</p>
{% endif %}
{% if chooses %}
<button type="submit" form="portico" name="v.{{ w.path }}:point" value="" hidden formnovalidate
  data-point></button>
{% endif %}
<details class="figures" open>
<summary>Numbers<span class="unseen"> of {{ words }}</span></summary>
<div class="figures-box" tabindex="0" role="group" aria-label="Numbers of {{ words }}">
<table>
<thead><tr>{% for head in figures.heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for head, values, points in figures.rows %}
<tr><th scope="row">{{ head }}</th>
{%- for value in values %}<td>
{%- if chooses and value and points[loop.index0] %}<button type="submit" form="portico" class="figure"
  name="v.{{ w.path }}:point" formnovalidate
  value='{"series":{{ points[loop.index0][0] }},"index":{{ points[loop.index0][1] }}}'>{{ value }}</button>
{%- else %}{{ value }}{% endif %}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
{% if figures.more %}<p class="hint">and {{ figures.more }} more</p>{% endif %}
</div>
</details>
{% endif %}
</figure>
""",
    prepare=prepare,
)
