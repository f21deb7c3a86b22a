"""Options for ECharts: made of series, or an author's own with all left out that is more than a drawing.

What is left is JSON. Functions did not leave the sandbox; HTML, links, addresses of other origins and what
would reach into the page around do not leave this module (hard-cases 11, promises 51 and 52).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portico.ui.widgets.chart.series import Series

#: How deep options are nested, and how many values they hold.
DEEPEST, MOST = 24, 100_000

#: Keys that name pages to open, reach into the page, hold HTML, or are no data at all, wherever they stand.
_DROPPED = frozenset(
    {
        *("__proto__", "constructor", "prototype"),
        *("link", "sublink", "target", "subtarget"),
        *("appendTo", "appendToBody", "className", "extraCssText", "container", "renderMode"),
        *("dataView", "optionToContent", "contentToOption", "renderItem"),
    }
)
#: Pictures that come along as data, of kinds that are nothing but pictures.
_PICTURE = re.compile(r"(?:image://)?data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]*", re.ASCII)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")

Option = dict[str, Any]


def cleaned(option: object) -> Option:
    """An author's options as a drawing alone; nothing for what are none."""
    if not isinstance(option, Mapping):
        return {}
    left = [MOST]
    found = _object(option, left, 0)
    found["tooltip"] = _tooltip(found.get("tooltip", {}))
    return found


def _value(key: str, value: object, left: list[int], depth: int) -> Any:
    """A value, or None for what is left out."""
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        return None
    match value:
        case str():
            return _text(key, value)
        case Mapping():
            found = _object(value, left, depth)
            return _tooltip(found) if key == "tooltip" else found
        case list():
            return [_value(key, inner, left, depth + 1) for inner in value]
        case bool() | int() | float() | None:
            return value
    return None


def _object(value: Mapping[str, Any], left: list[int], depth: int) -> Option:
    found = {}
    for key, inner in value.items():
        if key not in _DROPPED:
            clean = _value(key, inner, left, depth + 1)
            # What was left out is left to the default; null is a word of its own.
            if clean is not None or inner is None:
                found[key] = clean
    return found


def _text(key: str, text: str) -> str | None:
    lower = text.lstrip().lower()
    if key == "image" or lower.startswith("image://"):
        return text if _PICTURE.fullmatch(text) else None
    if lower.startswith(("javascript:", "vbscript:", "data:text")) or (key == "url" and lower):
        return None
    # Hints are drawn, so HTML in them would be seen as such.
    return _TAG.sub("", _BREAK.sub("\n", text)) if key == "formatter" else text


def _tooltip(found: object) -> Option:
    """Hints are drawn on the canvas: no HTML, no style."""
    return {**(found if isinstance(found, dict) else {}), "renderMode": "richText", "confine": True}


def option_of(kind: str, series: Sequence[Series], **words: Any) -> Option:
    """The options of a plain chart of this kind, `LINE_CHART` and so on. `words` are `x` and `y` (names of
    the axes), `turned` (degrees of the words below), `labels`, `scrolls` and `adapts`."""
    if kind == "PIE_CHART":
        return _pie(series[:1], labels=words["labels"])
    categories = list(dict.fromkeys(x for one in series for x, _ in one.points))
    along: Option = {"type": "category", "data": categories, "name": words["x"], "nameLocation": "middle"}
    across: Option = {
        "type": "value",
        "name": words["y"],
        "nameLocation": "middle",
        "scale": bool(words["adapts"]),
    }
    lying, pointer = kind == "BAR_CHART", "line" if _line(kind) else "shadow"
    along["axisLabel"] = {"rotate": 0 if lying else words["turned"], "hideOverlap": True}
    for axis, gap in ((along, 34), (across, 46)):
        axis["nameGap"] = gap
    if lying:
        along["inverse"] = True
    option: Option = {
        "xAxis": across if lying else along,
        "yAxis": along if lying else across,
        "tooltip": _tooltip({"trigger": "axis", "axisPointer": {"type": pointer}}),
        "legend": {"show": len(series) > 1, "type": "scroll", "top": 0},
        "grid": {"left": 24, "right": 24, "top": 44 if len(series) > 1 else 20, "bottom": 32},
        "series": [_plain(kind, one, categories, labels=words["labels"]) for one in series],
    }
    if words["scrolls"]:
        option["dataZoom"] = [{"type": "slider", "orient": "vertical" if lying else "horizontal"}]
        option["grid"]["right" if lying else "bottom"] = 72
    return option


def _line(kind: str) -> bool:
    return kind in ("LINE_CHART", "AREA_CHART")


def _plain(kind: str, series: Series, categories: Sequence[str], *, labels: bool) -> Option:
    values = dict(series.points)
    found: Option = {
        "type": "line" if _line(kind) else "bar",
        "name": series.name,
        "data": [values.get(category) for category in categories],
        "label": {"show": bool(labels), "position": "right" if kind == "BAR_CHART" else "top"},
    }
    if kind == "AREA_CHART":
        found["areaStyle"] = {"opacity": 0.25}
    if _line(kind):
        found["symbolSize"] = 7
    return {**found, **({"itemStyle": {"color": series.color}} if series.color else {})}


def _pie(series: Sequence[Series], *, labels: bool) -> Option:
    return {
        "tooltip": _tooltip({"trigger": "item"}),
        "legend": {"type": "scroll", "top": 0},
        "series": [
            {
                "type": "pie",
                "name": one.name,
                "radius": "62%",
                "center": ["50%", "56%"],
                "label": {"formatter": "{b}: {c}" if labels else "{b}"},
                "data": [{"name": x, "value": y} for x, y in one.points],
            }
            for one in series
        ],
    }
