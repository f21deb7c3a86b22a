"""Placeholder: a widget that there is not, which bindings still find."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from portico.definition.load import load
from portico.ui.render import render_widget
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import PLAIN, write
from tests.ui.conftest import OpenPage
from tests.ui.markup import parse
from tests.ui.opened import opened
from tests.ui.payloads import PAYLOADS
from tests.ui.running import Running, does, text_of
from tests.ui.sites import view_of, widget
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive
from tests.ui.test_ui_looks import AXE

MAP = {
    "name": "Map1",
    "type": "Placeholder",
    "widget": "MAP_WIDGET",
    "properties": {
        "center": {"lat": 48.1, "lng": "{{ 11 + 0.5 }}"},
        "markers": ["{{ Place.text }}", "Pasing"],
        "zoom": 7,
        "title": "Around {{ Place.text }}",
        "broken": "{{ nothing.at.all }}",
        "isVisible": "mine",
        "onMarkerClick": "{{ showAlert('it ran') }}",
        "menu": {"a": {"onClick": "{{ not a binding", "label": "A"}},
    },
}
PLACE = {"name": "Place", "type": "Input", "label": "Place", "defaultText": "Trudering"}
#: What the page itself defines, so that only reading it fails.
NOTHING = {"name": "nothing", "type": "Text", "text": "x"}


def running(folder: Path, *codes: str) -> list[str]:
    """What Texts show that are bound to these."""
    texts = [text_of(f"T{number}", code) for number, code in enumerate(codes)]
    page = Running(folder, NOTHING, PLACE, MAP, *texts)
    return [page.widget(f"T{number}").text for number in range(len(codes))]


def test_its_properties_are_read_like_members(tmp_path: Path) -> None:
    """Literals, bindings alone, in text and deep inside; what there is not is undefined."""
    assert running(
        tmp_path,
        "Map1.center",
        "Map1.markers",
        "[Map1.zoom, Map1.title, Map1.name, Map1.widget]",
        "[typeof Map1.nowhere, typeof Map1.toString, typeof Map1.constructor]",
        "Object.keys(Map1).filter((name) => ['center', 'onMarkerClick', 'name'].includes(name)).sort()",
    ) == [
        '{"lat":48.1,"lng":11.5}',
        '["Trudering","Pasing"]',
        '[7,"Around Trudering","Map1","MAP_WIDGET"]',
        '["undefined","undefined","undefined"]',
        '["center","name","onMarkerClick"]',
    ]


def test_a_binding_that_fails_takes_nothing_else_away(tmp_path: Path) -> None:
    """The others are what they are."""
    assert running(tmp_path, "[Map1.broken, Map1.zoom]") == ["[null,7]"]


def test_its_own_members_are_those_of_every_widget(tmp_path: Path) -> None:
    """What the other tool says of `isVisible` is not what makes it visible here."""
    assert running(tmp_path, "Map1.isVisible") == ["true"]
    hidden = Running(tmp_path / "hidden", {**MAP, "isVisible": "{{ Place.text === 'x' }}"}, PLACE, NOTHING)
    assert "hidden" in hidden.widget("Map1")


def test_events_are_data_and_never_run(tmp_path: Path) -> None:
    """What is named like an event, however deep, is the text that was written, even where it is none that
    parses; nobody can run it."""
    assert running(tmp_path, "Map1.onMarkerClick", "Map1.menu") == [
        "\"{{ showAlert('it ran') }}\"",
        '{"a":{"onClick":"{{ not a binding","label":"A"}}',
    ]


def test_a_binding_elsewhere_is_still_checked(tmp_path: Path) -> None:
    """The control of the test above: under another name the same text is an error, at its place."""
    broken = 'widgets:\n  - {name: M, type: Placeholder, properties: {label: "{{ not a binding"}}\n'
    found = load(write(tmp_path, {**PLAIN, "pages/Home/page.yaml": broken}), types=CATALOGUE, settings={})
    assert [(problem.code, problem.place.line) for problem in found.problems] == [("E302", 2)]


def test_bindings_follow(tmp_path: Path) -> None:
    """What it is made of may change, and what reads it changes with it; `setVisibility` works."""
    page = Running(
        tmp_path,
        NOTHING,
        {**PLACE, "defaultText": "Pasing"},
        MAP,
        text_of("Seen", "Map1.markers[0]"),
        does("Hide", "Map1.setVisibility(false)"),
        does("Move", "Map1.setCenter(1)"),
    )
    assert page.widget("Seen").text == '"Pasing"'
    page.post("Place", "Laim")
    assert page.widget("Seen").text == '"Laim"'
    page.press("Hide")
    assert "hidden" in page.widget("Map1")


def test_what_it_knows_stays_on_the_server(tmp_path: Path) -> None:
    """Of its properties only what a binding shows leaves the server."""
    known = {"key": "{{ 'sec' + 'ret' }}", "a": "hush"}
    page = Running(tmp_path, NOTHING, PLACE, {**MAP, "properties": known})
    assert "properties" not in page._session.props["Map1"]
    html = str([element.text for element in page.page.all])
    assert "secret" not in html
    assert "hush" not in html


def test_it_says_what_it_stands_for(tmp_path: Path) -> None:
    """The name and the kind; and what was inside is shown inside."""
    page = opened(
        tmp_path,
        """
- name: Tree1
  type: Placeholder
  widget: TREE_WIDGET
  widgets:
    - {name: Inner, type: Input, label: Inner}
- {name: Bare, type: Placeholder}
""",
    )
    shown = page.shown("Tree1")
    assert shown.find("b").text == "Tree1"
    assert shown.find("p", class_="stands-in").text.startswith(": TREE_WIDGET is not supported yet")
    assert shown.find("input")["name"] == "v.Inner"
    assert page.shown("Bare").find("p").text.startswith(": this widget is not supported yet")


def test_no_word_breaks_out() -> None:
    """40 payloads as the kind stay words."""
    for payload in PAYLOADS:
        found = parse(render_widget(view_of(widget("Placeholder", "M", widget=payload)), "M"))
        assert {element.tag for element in found.all} <= {"", "div", "p", "svg", "path", "span", "b"}


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 1280)])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and nothing overflows."""
    page = open_page(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.goto(
        stage.show(
            view_of(
                widget("Placeholder", "Map1", widget="MAP_WIDGET"),
                widget("Placeholder", "Long", widget="MAP_WIDGET" * 30),
                widget("Placeholder", "Tree1", widget("Text", "Inside", text="Inside"), widget="TREE"),
            )
        )
    )
    alive(page)
    expect(page.locator("#w\\.Map1")).to_have_text("Map1: MAP_WIDGET is not supported yet")
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then((found) => found.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
