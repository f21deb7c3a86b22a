"""Chart: what is drawn, what is left out of an author's options, and the table beside it."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets import chart
from portico.ui.widgets.chart import options
from portico.ui.widgets.chart.figures import ROWS, of_option
from portico.ui.widgets.chart.options import cleaned
from portico.ui.widgets.chart.series import MOST_POINTS, MOST_SERIES, series_of
from tests.definition.apps import write
from tests.journeys.servers import PorticoServer
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.sites import at, view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

SALES = [
    {
        "seriesName": "Tea",
        "data": [{"x": "Jan", "y": 3}, {"x": "Feb", "y": "4.5"}, {"x": "Mar", "y": "none"}],
    },
    {"seriesName": "Rum", "color": "#ff0000", "data": [{"x": "Feb", "y": 1}, {"x": "Apr", "y": 2}]},
]
CUSTOM = {
    "title": {"text": "Load"},
    "xAxis": {"type": "category", "data": ["Mo", "Tu"]},
    "yAxis": {},
    "series": [{"type": "bar", "name": "CPU", "data": [5, 20]}],
}


def drawn(events: frozenset[str] = frozenset(), **props: Any) -> Element:
    """A rendered Chart."""
    return parse(render_widget(view_of(widget("Chart", "Sales", events=events, **props)), "Sales"))


def option(**props: Any) -> Any:
    """The options that its client is given."""
    return json.loads(drawn(**props).find("div", class_="plot")["data-option"])


@pytest.mark.parametrize("data", [SALES, json.dumps(SALES), {"a": SALES[0], "b": SALES[1]}])
def test_series_are_lists_or_mappings(data: object) -> None:
    """Of objects or their JSON; numbers as text are numbers, and what is none has a place without a value."""
    tea, rum = series_of(data)
    assert (tea.name, list(tea.points)) == ("Tea", [("Jan", 3), ("Feb", 4.5), ("Mar", None)])
    assert (rum.color, list(rum.points)) == ("#ff0000", [("Feb", 1), ("Apr", 2)])


@pytest.mark.parametrize("data", [None, 5, "x", "[" * 9999, [None, 5], {"a": 1}, [{"data": [1, {"y": 2}]}]])
def test_what_is_no_series_draws_nothing(data: object) -> None:
    """And says that there is nothing."""
    assert drawn(chartData=data).find("p").text == "No data to show"


def test_there_is_an_end_to_series() -> None:
    """Of series and of points."""
    found = series_of([{"data": [{"x": n, "y": n} for n in range(MOST_POINTS + 5)]}] * (MOST_SERIES + 5))
    assert (len(found), len(found[0].points)) == (MOST_SERIES, MOST_POINTS)


@pytest.mark.parametrize(
    ("kind", "type_", "lying"),
    [
        ("LINE_CHART", "line", False),
        ("AREA_CHART", "line", False),
        ("COLUMN_CHART", "bar", False),
        ("BAR_CHART", "bar", True),
        ("nonsense", "line", False),
    ],
)
def test_kinds(kind: str, type_: str, lying: bool) -> None:
    """Each by its series and axes; what one series lacks has no value in it."""
    found = option(chartType=kind, chartData=SALES)
    assert [one["type"] for one in found["series"]] == [type_, type_]
    assert [one["data"] for one in found["series"]] == [[3, 4.5, None, None], [None, 1, None, 2]]
    assert found["yAxis" if lying else "xAxis"]["data"] == ["Jan", "Feb", "Mar", "Apr"]
    assert ("areaStyle" in found["series"][0]) is (kind == "AREA_CHART")
    assert found["series"][1]["itemStyle"] == {"color": "#ff0000"}
    assert found["tooltip"]["renderMode"] == "richText"


def test_a_pie_shows_the_first_series() -> None:
    """Its points are its pieces."""
    (pie,) = option(chartType="PIE_CHART", chartData=SALES)["series"]
    assert (pie["type"], pie["data"][0]) == ("pie", {"name": "Jan", "value": 3})
    assert len(list(drawn(chartType="PIE_CHART", chartData=SALES).find("thead").matching("th"))) == 2


def test_wishes() -> None:
    """Names of axes, labels, turned words, a slider, an axis that adapts."""
    found = option(
        chartType="COLUMN_CHART",
        chartData=SALES,
        xAxisName="Month",
        yAxisName="Litres",
        showDataPointLabel=True,
        labelOrientation="rotate",
        allowScroll=True,
        setAdaptiveYMin=True,
    )
    assert (found["xAxis"]["name"], found["yAxis"]["name"]) == ("Month", "Litres")
    assert found["series"][0]["label"]["show"] is True
    assert (found["xAxis"]["axisLabel"]["rotate"], found["yAxis"]["scale"]) == (90, True)
    assert found["dataZoom"][0]["orient"] == "horizontal"


def test_a_table_says_the_same() -> None:
    """Open where no script draws; with what it is called."""
    tree = drawn(chartType="COLUMN_CHART", chartData=SALES, chartName="Sold", xAxisName="Month")
    assert tree.find("figcaption").text == "Sold"
    assert tree.find("div", class_="plot")["aria-label"] == "Column chart: Sold"
    assert "open" in tree.find("details")
    assert [one.text for one in tree.find("thead").matching("th")] == ["Month", "Tea", "Rum"]
    rows = [[cell.text for cell in row.all if cell.tag in ("th", "td")] for row in tree.matching("tr")][1:]
    assert rows == [["Jan", "3", ""], ["Feb", "4.5", "1"], ["Mar", "", ""], ["Apr", "", "2"]]


@pytest.mark.parametrize(
    ("given", "heads", "rows"),
    [
        (CUSTOM, ["Name", "CPU"], [("Mo", ["5"]), ("Tu", ["20"])]),
        (
            {"series": {"type": "pie", "data": [{"name": "A", "value": 1}, {"name": "A", "value": 2}]}},
            ["Name", "Series 1"],
            [("A", ["1"]), ("A (2)", ["2"])],
        ),
        (
            {"series": [{"type": "scatter", "data": [[1, 2], [3, 4, 5]]}]},
            None,
            [("1", ["2"]), ("3", ["[4, 5]"])],
        ),
        (
            {"dataset": {"source": [["day", "a"], ["Mo", 1]]}, "series": [{"type": "bar"}]},
            ["Name", "a"],
            [("Mo", ["1"])],
        ),
        (
            {"dataset": {"source": [{"day": "Mo", "a": 1}]}, "series": [{"type": "bar"}]},
            ["Name", "a"],
            [("Mo", ["1"])],
        ),
        ({"series": 5}, ["Name"], []),
    ],
)
def test_tables_of_an_authors_options(given: Any, heads: list[str] | None, rows: list[Any]) -> None:
    """From axes, points, datasets; as far as they can be told."""
    found = of_option(given)
    assert [(name, list(values)) for name, values, _ in found.rows] == rows
    assert heads is None or list(found.heads) == heads


def test_a_long_table_ends() -> None:
    """And says how much more there is."""
    data = [{"data": [{"x": n, "y": n} for n in range(ROWS + 7)]}]
    tree = drawn(chartData=data)
    assert len(list(tree.find("tbody").matching("tr"))) == ROWS
    assert tree.find("p", class_="hint").text == "and 7 more"


EVIL: dict[str, Any] = {
    "__proto__": {"polluted": 1},
    "title": {"text": "T", "link": "javascript:alert(1)", "sublink": "https://evil.io", "target": "self"},
    "tooltip": {
        "renderMode": "html",
        "formatter": "<img src=x onerror=alert(1)>{b}<br/><b>{c}</b>",
        "extraCssText": "position:fixed",
        "className": "evil",
        "appendTo": "body",
    },
    "toolbox": {"feature": {"dataView": {"lang": ["<b>"]}, "restore": {}}},
    "graphic": [
        {"type": "image", "style": {"image": "https://evil.io/track.png"}},
        {"type": "image", "style": {"image": "data:image/png;base64,iVBORw0KGgo="}},
        {"type": "image", "style": {"image": "data:image/svg+xml,<svg onload=alert(1)>"}},
    ],
    "series": [
        {
            "type": "scatter",
            "symbol": "image://https://evil.io/pixel.png",
            "data": [
                {"value": [1, 2], "symbol": "  IMAGE://http://evil.io/a", "constructor": {"prototype": 1}}
            ],
            "markPoint": {"symbol": "image://data:image/png;base64,iVBORw0KGgo="},
            "tooltip": {"renderMode": "html"},
            "renderItem": "x",
        }
    ],
}


def test_what_is_more_than_a_drawing_is_left_out() -> None:
    """No HTML, no page to open, no address of another origin, nothing that reaches into the page or into
    objects of its scripts."""
    found = cleaned(EVIL)
    text = json.dumps(found)
    for word in ("javascript:", "evil", "<", "__proto__", "constructor", "prototype", "dataView", "https:"):
        assert word not in text, word
    assert found["tooltip"] == {"renderMode": "richText", "confine": True, "formatter": "{b}\n{c}"}
    assert found["series"][0]["tooltip"]["renderMode"] == "richText"
    assert found["toolbox"] == {"feature": {"restore": {}}}
    assert found["title"] == {"text": "T"}
    assert [one["style"] for one in found["graphic"]] == [
        {},
        {"image": "data:image/png;base64,iVBORw0KGgo="},
        {},
    ]
    assert "markPoint" in found["series"][0]
    assert "symbol" not in found["series"][0]


def test_the_check_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with nothing dropped, the same options hold all of it."""
    monkeypatch.setattr(options, "_DROPPED", frozenset())
    monkeypatch.setattr(options, "_text", lambda key, text: text)
    text = json.dumps(cleaned(EVIL))
    assert all(word in text for word in ("javascript:", "evil", "<", "__proto__", "dataView"))


def test_too_much_is_not_drawn() -> None:
    """Deep and large options end; a table is left."""
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    assert json.dumps(cleaned(deep)).count("a") < 40
    assert len(json.dumps(cleaned({"series": [list(range(300_000))]}))) < 3 << 20
    assert cleaned([]) == {}
    text = "x" * (chart.OPTION_LIMIT + 1)
    tree = drawn(chartType="CUSTOM_ECHART", customEChartConfig={**CUSTOM, "title": {"text": text}})
    assert list(tree.matching("div", class_="plot")) == []
    assert "Tu" in tree.find("tbody").text


def test_no_word_breaks_out() -> None:
    """40 payloads as each name, category and value."""
    for payload in PAYLOADS:
        data = [{"seriesName": payload, "color": payload, "data": [{"x": payload, "y": 1}]}]
        tags = {one.tag for one in drawn(chartData=data, chartName=payload, xAxisName=payload).all}
        assert tags <= {
            *("", "figure", "figcaption", "div", "details", "summary", "span", "table"),
            *("thead", "tbody", "tr", "th", "td"),
        }


def test_functions_are_left_out_and_told_of(tmp_path: Path) -> None:
    """Each by where it stands; the rest is drawn."""
    given = "{{ ({series: [{type: 'bar', data: [1], label: {formatter: (p) => p.name}}], legend: {}}) }}"
    page = Running(
        tmp_path, {"name": "C", "type": "Chart", "chartType": "CUSTOM_ECHART", "customEChartConfig": given}
    )
    assert page.value("C", "customEChartConfig") == {
        "series": [{"type": "bar", "data": [1], "label": {}}],
        "legend": {},
    }
    (error,) = page._session.turns[0].errors
    assert error.property == "customEChartConfig.series.0.label.formatter"
    assert "is a function; options of a chart are data" in error.message


@pytest.mark.parametrize(
    "posted",
    [
        *(None, 1, "", "{", "[]", "{}", '{"series": 0}', '{"series": true, "index": 0}'),
        *('{"series": -1, "index": 0}', '{"series": 9, "index": 0}', '{"series": 0, "index": 9}'),
        *("[" * 3000, '{"series": 0, "index": 0, "name": "' + "x" * 5000 + '"}'),
    ],
)
def test_what_is_no_point_is_dropped(posted: object) -> None:
    """Of another shape, or not in the chart."""
    with pytest.raises(ValueError):  # noqa: PT011  # of any kind: that is the contract
        chart.parse_point(posted, {"chartType": "LINE_CHART", "chartData": SALES})


def test_a_point_is_looked_up(tmp_path: Path) -> None:
    """What code reads of a plain chart comes from its data, whatever the browser says; the event runs; a
    reset forgets it."""
    page = Running(
        tmp_path,
        {
            "name": "C",
            "type": "Chart",
            "chartData": f"{{{{ {json.dumps(SALES)} }}}}",
            "onDataPointClick": "{{ showAlert(C.selectedDataPoint.x + ' ' + C.selectedDataPoint.y) }}",
        },
        text_of("Seen", "C.selectedDataPoint.seriesTitle"),
        does("Clear", "resetWidget('C')"),
    )
    assert page.post("C:point", '{"series":1,"index":0,"name":"lies","value":99}')
    assert (page.said, page.widget("Seen").text) == (["Feb 1"], '"Rum"')
    page.press("Clear")
    assert page.widget("Seen").text == "null"


def test_a_point_of_an_authors_own_is_what_the_browser_says() -> None:
    """By name, value and series."""
    posted = json.dumps(
        {"series": 0, "index": 1, "name": "Tu", "value": [7, 20], "seriesName": "CPU", "x": 1}
    )
    assert chart.parse_point(posted, {"chartType": "CUSTOM_ECHART"}) == {
        "x": "Tu",
        "y": 20,
        "seriesTitle": "CPU",
        "rawEventData": {
            "seriesIndex": 0,
            "dataIndex": 1,
            "name": "Tu",
            "value": [7, 20],
            "seriesName": "CPU",
        },
    }


# In a browser

PAGE = """
title: Charts
widgets:
  - name: Sold
    type: Chart
    chartType: COLUMN_CHART
    chartName: Sold
    chartData: "{{ [{seriesName: 'Tea', data: [{x: 'Jan', y: More.isChecked ? 9 : 3}, {x: 'Feb', y: 4}]}] }}"
    onDataPointClick: "{{ showAlert(Sold.selectedDataPoint.x + ' ' + Sold.selectedDataPoint.y) }}"
  - {name: More, type: Checkbox, label: More}
  - name: Own
    type: Chart
    chartType: CUSTOM_ECHART
    customEChartConfig:
      title: {text: Own, link: "javascript:window.__xss=1"}
      tooltip: {renderMode: html, formatter: "<img src=x onerror=window.__xss=1>"}
      graphic: [{type: image, style: {image: "https://evil.example/x.png"}}]
      xAxis: {data: [a, b]}
      yAxis: {}
      series: [{type: bar, symbol: "image://https://evil.example/y.png", data: [1, 2]}]
  - name: Map1
    type: Chart
    chartType: CUSTOM_ECHART
    customEChartConfig: {series: [{type: map, map: nowhere}]}
"""


def serve(folder: Path) -> PorticoServer:
    """A server with this page, and one without a chart."""
    files = {
        "app.yaml": "auth: none\n",
        "pages/Home/page.yaml": PAGE,
        "pages/Plain/page.yaml": "title: Plain\nwidgets: [{name: T, type: Text, text: x}]\n",
    }
    return PorticoServer([write(folder, files)], folder=folder)


def test_it_is_drawn_and_chosen(tmp_path: Path, open_page: OpenPage) -> None:
    """On a canvas, under the policy, loading nothing from elsewhere; a click and a key choose a point; new
    data are drawn; what cannot be drawn has its table still."""
    with serve(tmp_path) as server:
        page = open_page(viewport={"width": 900, "height": 900})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server.url}/shop/Home")
        alive(page)
        expect(page.locator("#w\\.Sold .plot.drawn")).to_be_visible()
        canvas = "document.querySelector('#w\\\\.Sold .plot').shadowRoot.querySelector('canvas')"
        before = page.evaluate(f"{canvas}.toDataURL()")
        expect(page.locator("#w\\.Sold details")).not_to_have_attribute("open", "")
        box = page.locator("#w\\.Sold .plot").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] - 60)
        expect(page.get_by_text("Jan 3")).to_be_visible()
        page.locator("#w\\.Sold summary").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="4", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Feb 4")).to_be_visible()
        page.get_by_label("More").check()
        expect(page.get_by_role("button", name="9", exact=True)).to_be_visible()
        until(lambda: page.evaluate(f"{canvas}.toDataURL()") != before, page)
        own = page.locator("#w\\.Own .plot")
        own.hover()
        own.click(position={"x": 30, "y": 15})
        assert page.evaluate("window.__xss") is None
        assert all(url.startswith((server.url, "data:", "blob:")) for url in asked), asked
        expect(page.get_by_text("This cannot be drawn.")).to_be_visible()
        expect(page.locator("#w\\.Map1 details")).to_be_visible()


def test_other_pages_load_none_of_it(tmp_path: Path, open_page: OpenPage) -> None:
    """Neither the library nor what draws by it."""
    with serve(tmp_path) as server:
        page = open_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server.url}/shop/Plain")
        alive(page)
        assert not [url for url in asked if "chart" in url]
        page.goto(f"{server.url}/shop/Home")
        alive(page)
        assert len([url for url in asked if "chart" in url]) == 2, "the control"


def test_it_works_without_scripts(tmp_path: Path, open_page: OpenPage) -> None:
    """The table is there, and its numbers can be chosen."""
    with serve(tmp_path) as server:
        page = open_page(java_script_enabled=False)
        page.goto(f"{server.url}/shop/Home")
        assert not page.locator("#w\\.Sold .plot").is_visible()
        page.get_by_role("button", name="4", exact=True).click()
        assert page.get_by_text("Feb 4").count() == 1


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows, with the table open and closed."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    wide = [{"seriesName": f"Series {n}", "data": [{"x": "a" * 30, "y": n}]} for n in range(12)]
    click = frozenset({"onDataPointClick"})
    view = view_of(
        widget("Chart", "A", chartData=SALES, chartName="Sold", events=click, position=at(0, 0, 32, 32)),
        widget("Chart", "B", chartData=wide, chartType="BAR_CHART"),
        widget("Chart", "C", chartData=SALES, chartType="PIE_CHART"),
        widget("Chart", "D"),
        parts=frozenset({"chart"}),
    )
    page.goto(stage.show(view))
    alive(page)
    expect(page.locator(".plot.drawn")).to_have_count(3)
    heights = page.evaluate(
        "[...document.querySelectorAll('.plot.drawn')].map((plot) =>"
        " [plot.clientHeight, plot.shadowRoot.querySelector('canvas').clientHeight])"
    )
    assert all(plot == canvas >= 100 for plot, canvas in heights), heights
    page.locator("#w\\.A summary").click()
    page.locator("#w\\.B summary").click()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
