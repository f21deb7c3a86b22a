"""Widgets come over with their names, places, properties and code."""

from pathlib import Path
from typing import Any

import yaml

from portico.importers.appsmith.importing import Imported, import_application
from portico.importers.appsmith.widget_table import TABLE
from portico.model.widget import Property, WidgetType
from portico.ui.widgets import CATALOGUE
from tests.importers.appsmith.shop import (
    ORDERS,
    TYPES,
    canvas,
    holding,
    lines,
    of_page,
    page,
    root,
    widget,
    write_git,
)


def page_of(found: Imported, name: str = "Home") -> dict[str, Any]:
    """What a page says."""
    content: dict[str, Any] = yaml.safe_load(found.files[f"pages/{name}/page.yaml"])
    return content


def widgets_of(found: Imported, name: str = "Home") -> dict[str, dict[str, Any]]:
    """All widgets of a page by name."""
    waiting, all_ = list(page_of(found, name).get("widgets", [])), {}
    while waiting:
        one = waiting.pop(0)
        all_[one["name"]] = one
        waiting += one.get("widgets", []) + [inner for tab in one.get("tabs", []) for inner in tab["widgets"]]
    return all_


def test_a_page_as_it_is_written(tmp_path: Path) -> None:
    """Short places, defaults and theme left out, columns of one row each, code as it was."""
    found = of_page(tmp_path, ORDERS)
    assert (
        found.files["pages/Home/page.yaml"]
        == """\
title: Home
widgets:
  - name: Title
    type: Text
    position: {left: 0, top: 0, width: 64, height: 4}
    text: "Orders of {{getMe.data.username}}"
  - name: Orders
    type: Table
    position: {left: 0, top: 5, width: 64, height: 35}
    tableData: "{{getOrders.data}}"
    columns:
      - id: id
        label: Nr
        type: number
      - id: state
        label: State
        alias: customColumn1
        value: "{{ currentRow.days > 30 ? 'late' : 'fine' }}"
    primaryKey: id
    pageSize: 7
  - name: Out
    type: Button
    position: {left: 50, top: 41, width: 14, height: 4}
    text: Log out
    onClick: "{{Session.logOut()}}"
"""
    )


def test_boxes_as_high_as_their_content_do_not_scroll(tmp_path: Path) -> None:
    """Appsmith keeps the wish of a box that had a height of its own once, and does not heed it."""
    high = {"shouldScrollContents": True}
    dsl = root(
        {**holding("Grows", "CONTAINER_WIDGET", (0, 0, 9, 9)), **high, "dynamicHeight": "AUTO_HEIGHT"},
        {**holding("Fixed", "CONTAINER_WIDGET", (9, 0, 18, 9)), **high, "dynamicHeight": "FIXED"},
        {**holding("Old", "CONTAINER_WIDGET", (18, 0, 27, 9)), **high},
    )
    all_ = widgets_of(of_page(tmp_path, dsl))
    scrolling = {name for name, one in all_.items() if one.get("shouldScrollContents")}
    assert scrolling == {"Fixed", "Old"}


def test_canvases_are_dissolved(tmp_path: Path) -> None:
    """Containers, forms, modals and tabs hold their widgets themselves; a form in a form is a container."""
    lower = widget("Inside", "TEXT_WIDGET", (0, 4, 9, 8))
    tabs = widget(
        "Tabs1",
        "TABS_WIDGET",
        (0, 20, 64, 40),
        tabsObj={
            "b": {"id": "b", "label": "Second", "index": 1, "widgetId": "id-B", "isVisible": "{{x}}"},
            "a": {"id": "a", "label": "First", "index": 0, "widgetId": "id-A", "isVisible": True},
        },
        children=[
            canvas("B", widget("InB", "TEXT_WIDGET"), tabId="b"),
            canvas("A", widget("InA", "TEXT_WIDGET"), tabId="a"),
        ],
    )
    dsl = root(
        holding("Box", "CONTAINER_WIDGET", (0, 0, 30, 10), lower, widget("Above", "TEXT_WIDGET")),
        holding("Outer", "FORM_WIDGET", (30, 0, 64, 20), holding("Inner", "FORM_WIDGET", (0, 0, 9, 9))),
        holding("Window", "MODAL_WIDGET", (0, 0, 9, 9), widget("Close", "BUTTON_WIDGET"), width=640),
        tabs,
    )
    found = of_page(tmp_path, dsl)
    all_ = widgets_of(found)
    assert [one["name"] for one in all_["Box"]["widgets"]] == ["Above", "Inside"]
    assert all_["Outer"]["type"] == "Form"
    assert all_["Inner"]["type"] == "Container"
    assert all_["Window"]["width"] == 640
    assert "position" not in all_["Window"]
    assert all_["Tabs1"]["tabs"] == [
        {"label": "First", "widgets": [all_["InA"]]},
        {"label": "Second", "isVisible": "{{x}}", "widgets": [all_["InB"]]},
    ]
    assert any("Inner" in line and "Container" in line for line in lines(found, "changed"))


def test_lists_repeat_their_template(tmp_path: Path) -> None:
    """Of new lists the container is dissolved; code of old ones is that of one item."""
    template = holding(
        "Row",
        "CONTAINER_WIDGET",
        (0, 0, 64, 12),
        widget("Name", "TEXT_WIDGET", text="{{currentItem.name}}"),
    )
    new = holding(
        "People",
        "LIST_WIDGET_V2",
        (0, 0, 64, 30),
        template,
        listData="{{[{id: 1, name: 'Ada'}]}}",
        primaryKeys='{{People.listData.map((currentItem, currentIndex) => currentItem["id"])}}',
        pageSize=5,
        onItemClick="{{showAlert(People.selectedItem.name)}}",
    )
    old = holding(
        "Things",
        "LIST_WIDGET",
        (0, 31, 64, 60),
        holding(
            "OldRow",
            "CONTAINER_WIDGET",
            (0, 0, 64, 12),
            widget(
                "What", "TEXT_WIDGET", text="A {{Things.listData.map((currentItem) => currentItem.what)}}!"
            ),
        ),
        listData=[{"what": "box"}],
    )
    all_ = widgets_of(of_page(tmp_path, root(new, old)))
    assert all_["People"]["primaryKey"] == "id"
    assert all_["People"]["rowsPerPage"] == 5
    assert [one["name"] for one in all_["People"]["widgets"]] == ["Name"]
    assert all_["What"]["text"] == "A {{ currentItem.what }}!"
    assert all_["Things"]["listData"] == [{"what": "box"}]


def test_auto_layout_is_read_by_its_layers(tmp_path: Path) -> None:
    """Where auto layout left places that cover each other, widgets follow each other."""
    first, second = (
        widget("First", "TEXT_WIDGET", (0, 0, 64, 9)),
        widget("Second", "TEXT_WIDGET", (0, 0, 64, 9)),
    )
    layers = [{"children": [{"id": "id-Second"}]}, {"children": [{"id": "id-First"}]}]
    found = page_of(of_page(tmp_path, root(first, second, flexLayers=layers, useAutoLayout=True)))
    assert [one["name"] for one in found["widgets"]] == ["Second", "First"]
    assert not any("position" in one for one in found["widgets"])


def test_odd_places(tmp_path: Path) -> None:
    """Broken numbers are rounded, and everything stays on the grid."""
    dsl = root(
        widget("A", "TEXT_WIDGET", (60, 3, 80, 4)),
        {
            **widget("B", "TEXT_WIDGET"),
            "leftColumn": 1.4,
            "rightColumn": "9.6",
            "topRow": -3,
            "bottomRow": -3,
        },
        {**widget("C", "TEXT_WIDGET"), "leftColumn": None},
    )
    found = of_page(tmp_path, dsl)
    all_ = widgets_of(found)
    assert all_["A"]["position"] == {"left": 60, "top": 3, "width": 4, "height": 1}
    assert all_["B"]["position"] == {"left": 1, "top": 0, "width": 9, "height": 1}
    assert "position" not in all_["C"]
    assert any("C" in line and "no place" in line for line in lines(found, "note"))


def test_what_there_is_not_is_told(tmp_path: Path) -> None:
    """The type, an event, a bound property; what reads the widget gets undefined and goes on."""
    dsl = root(
        widget("Where", "MAP_WIDGET", mapCenter="{{1}}"),
        widget(
            "Reads", "TEXT_WIDGET", text="{{Where.center.lat}}", onHover="{{showAlert('x')}}", glow="{{2}}"
        ),
    )
    found = of_page(tmp_path, dsl)
    assert lines(found, "left-out") == [
        "Home › Reads.glow: a Text has no such property",
        "Home › Reads.onHover: a Text has no such event",
        "Home › Where: there is no widget for MAP_WIDGET",
    ]
    assert found.files["pages/Home/scripts/Where.js"] == (
        "// Stands for `Where`: the widget of the type MAP_WIDGET did not come over.\nexport default {}\n"
    )
    assert widgets_of(found)["Reads"]["text"] == "{{Where.center.lat}}"


def test_a_frame_without_a_widget_keeps_what_stands_in_it(tmp_path: Path) -> None:
    """A statistics box is a container as long as there is nothing better."""
    box = holding("Stat", "STATBOX_WIDGET", (0, 0, 20, 10), widget("Figure", "TEXT_WIDGET", text="3"))
    odd = holding("Odd", "SOMETHING_WIDGET", (0, 20, 20, 30), widget("Kept", "TEXT_WIDGET", text="4"))
    all_ = widgets_of(of_page(tmp_path, root(box, odd)))
    assert all_["Stat"]["type"] in ("Statbox", "Container")
    assert all_["Figure"]["text"] == "3"
    assert all_["Odd"]["type"] in ("Placeholder", "Container")
    assert "Kept" in all_ or all_["Odd"]["type"] == "Placeholder"


PLACEHOLDER = WidgetType(
    name="Placeholder",
    properties={
        "widget": Property(kind="text", default=""),
        "properties": Property(kind="object", default={}),
    },
)
MAP = WidgetType(name="Switch", properties={"label": Property(kind="text", default="")}, events=("onChange",))


def test_a_type_joins_by_its_entry(tmp_path: Path) -> None:
    """A type of the table is used once Portico has it, and a placeholder keeps the properties of others."""
    dsl = root(
        widget("Where", "MAP_WIDGET", mapCenter="{{1 + 1}}", zoom=3, onClick="{{showAlert('x')}}"),
        widget("On", "SWITCH_WIDGET", label="On", onChange="{{showAlert('on')}}"),
    )
    source = write_git(tmp_path / "source", pages=[page("Home", dsl)], actions=[], scripts=[], settings={})
    types = {name: kind for name, kind in CATALOGUE.items() if name not in ("Switch", "Placeholder")}
    without = import_application(source, "shop", types)
    assert widgets_of(without) == {}
    found = import_application(source, "shop", {**types, "Placeholder": PLACEHOLDER, "Switch": MAP})
    all_ = widgets_of(found)
    assert all_["Where"]["type"] == "Placeholder"
    assert all_["Where"]["widget"] == "MAP_WIDGET"
    assert all_["Where"]["properties"] == {"mapCenter": "{{1 + 1}}", "zoom": 3}
    assert all_["On"] == {
        "name": "On",
        "type": "Switch",
        "position": {"left": 0, "top": 0, "width": 16, "height": 4},
        "label": "On",
        "onChange": "{{showAlert('on')}}",
    }


def test_code_of_frames_is_no_binding(tmp_path: Path) -> None:
    """What stands in a custom widget's own code is text, whatever braces are in it."""
    code = {"html": "<b></b>", "js": "const a = <p style={{color: 'red'}} />"}
    dsl = root(widget("Own", "CUSTOM_WIDGET", srcDoc=code))
    source = write_git(tmp_path / "source", pages=[page("Home", dsl)], actions=[], scripts=[], settings={})
    own = WidgetType(name="Custom", properties={"srcDoc": Property(kind="object", default={})})
    found = widgets_of(import_application(source, "shop", {**TYPES, "Custom": own}))["Own"]
    assert found["srcDoc"] == {"html": "<b></b>", "js": "const a = <p style={{ '{{' }}color: 'red'}} />"}


def test_the_table_names_types_once() -> None:
    """Each of Appsmith's types has one entry; those that exist lead to a type that exists."""
    assert all(entry.of == name for name, entry in TABLE.items())
    for name in ("Text", "Button", "Input", "Table", "List", "Tabs", "Modal", "Form", "Container", "Select"):
        assert any(entry.to == name for entry in TABLE.values())
        assert name in CATALOGUE


def test_menus_in_cells(tmp_path: Path) -> None:
    """A column of menus has its items, each over one row; one whose items are made of data is told."""
    per_row = "{{Orders.processedTableData.map((currentRow, currentIndex) => (currentRow.%s))}}"
    acts = {
        "id": "acts",
        "originalId": "acts",
        "alias": "acts",
        "index": 0,
        "columnType": "menuButton",
        "menuButtonLabel": "More",
        "menuVariant": "SECONDARY",
        "menuColor": "{{appsmith.theme.colors.primaryColor}}",
        "menuItemsSource": "STATIC",
        "menuItems": {
            "b": {
                "id": "b",
                "index": 1,
                "label": "Drop",
                "isVisible": True,
                "isDisabled": per_row % "locked",
            },
            "a": {"id": "a", "index": 0, "label": "Edit", "onClick": "{{edit.run({id: currentRow.id})}}"},
        },
    }
    made = {
        **acts,
        "id": "made",
        "originalId": "made",
        "alias": "made",
        "index": 1,
        "menuItemsSource": "DYNAMIC",
    }
    plain = {
        "id": "x",
        "originalId": "x",
        "alias": "x",
        "index": 2,
        "columnType": "text",
        "menuItems": {"a": {}},
    }
    table = widget(
        "Orders",
        "TABLE_WIDGET_V2",
        tableData="{{[]}}",
        primaryColumns={"acts": acts, "made": made, "x": plain},
    )
    found = of_page(tmp_path, root(table))
    assert widgets_of(found)["Orders"]["columns"] == [
        {
            "id": "acts",
            "type": "menuButton",
            "buttonLabel": "More",
            "buttonVariant": "SECONDARY",
            "menuItems": [
                {"id": "a", "label": "Edit", "onClick": "{{edit.run({id: currentRow.id})}}"},
                {"id": "b", "label": "Drop", "isDisabled": "{{ currentRow.locked }}"},
            ],
        },
        {"id": "made", "buttonLabel": "More", "buttonVariant": "SECONDARY"},
        {"id": "x"},
    ]
    assert any("menuButton with items made of data" in line for line in lines(found, "left-out"))
