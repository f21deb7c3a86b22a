"""Tabs: which is selected, who may choose, and that the others stay on the server."""

from pathlib import Path
from typing import Any

import pytest

from portico.ui.render import render_widget
from portico.ui.view import PageView
from portico.ui.widgets.tabs import TYPE, parse
from tests.ui.markup import parse as html
from tests.ui.running import Running, does
from tests.ui.script import run
from tests.ui.sites import view_of, widget

GATE = [
    {"id": "authorized", "label": "authorized", "isVisible": True},
    {"id": "unauthorized", "label": "unauthorized", "isVisible": True},
]
NAMED = [
    {"id": "a", "label": "People"},
    {"id": "b", "label": "a"},
    {"id": "c", "label": "Third", "isVisible": False},
]


USELESS: list[object] = ["", None, False, True, 0, 1, [], "nobody"]


def selected(missing: tuple[str, ...] = (), tabs: object = None, **props: Any) -> Any:
    """The selected tab of Tabs with these properties."""
    return run(
        TYPE, {"tabsObj": GATE if tabs is None else tabs, **props}, "self.selectedTab", missing=missing
    )


def test_a_gate_that_fails_opens_nothing() -> None:
    """A `defaultTab` that fails, is empty or names no tab selects no tab (hard-cases 22), also where
    `shouldShowTabs` fails."""
    assert selected(("defaultTab",), shouldShowTabs=False) == ""
    assert selected(("defaultTab", "shouldShowTabs")) == ""
    assert [selected(defaultTab=value, shouldShowTabs=False) for value in USELESS] == [""] * 8


def test_where_users_may_choose_the_first_tab_is_shown() -> None:
    """They could open it anyway. Apps keep the tab chosen last in the store, which is empty at first."""
    assert selected(("defaultTab",)) == "authorized"
    assert [selected(defaultTab=value) for value in USELESS] == ["authorized"] * 8
    assert selected(tabs=[{"id": "a", "label": "A", "isVisible": False}], defaultTab="") == ""


def test_a_default_that_was_not_set_is_the_first_tab() -> None:
    """Only where the author said nothing at all, the first visible tab is shown."""
    assert selected() == "authorized"
    assert selected(tabs=[{"id": "a", "label": "A", "isVisible": False}, {"id": "b", "label": "B"}]) == "b"
    assert selected(tabs=[]) == ""


def test_a_default_names_a_tab_by_label_or_id() -> None:
    """The label wins over the id; a tab that is not visible cannot be named."""
    assert selected(defaultTab="unauthorized") == "unauthorized"
    assert selected(tabs=NAMED, defaultTab="People") == "a"
    assert selected(tabs=NAMED, defaultTab="a") == "b"
    assert selected(tabs=NAMED, defaultTab="b") == "b"
    assert selected(tabs=NAMED, defaultTab="Third", shouldShowTabs=False) == ""


def test_tabs_whose_visibility_failed_are_not_there() -> None:
    """A tab whose `isVisible` gave nothing is not visible; a list that failed has no tabs."""
    assert selected(tabs=[{"id": "a", "label": "A", "isVisible": None}]) == ""
    assert selected(("tabsObj",)) == ""


def test_users_choose_only_where_they_see_the_tabs() -> None:
    """The choice wins over the default, unless the headers are hidden or the tab went away."""
    assert selected(defaultTab="authorized", chosen="unauthorized") == "unauthorized"
    assert selected(defaultTab="unauthorized", chosen="authorized", shouldShowTabs=False) == "unauthorized"
    assert selected(defaultTab="unauthorized", chosen="gone") == "unauthorized"
    assert selected(("defaultTab",), chosen="authorized", shouldShowTabs=False) == ""


def test_a_posted_choice_is_checked() -> None:
    """A choice is the id of a visible tab, and only where the headers are shown."""
    props = {"visibleTabs": GATE, "shouldShowTabs": True}
    assert parse("authorized", props) == "authorized"
    for posted, given in (
        ("nobody", props),
        (None, props),
        ("authorized", {**props, "shouldShowTabs": False}),
    ):
        with pytest.raises(ValueError, match="tab"):
            parse(posted, given)


def gate(tab: str | None, **props: Any) -> PageView:
    """The seed's gate with a text in each tab."""
    return view_of(
        widget(
            "Tabs",
            "Gate",
            widget("Text", "Secret", text="the secret message", slot="authorized"),
            widget("Text", "Plain", text="You must log in.", slot="unauthorized"),
            **{"tabsObj": GATE, "visibleTabs": GATE, "selectedTab": tab, "shouldShowTabs": True, **props},
        )
    )


def test_only_the_selected_tab_leaves_the_server() -> None:
    """Nothing of another tab is in the HTML, and nothing at all if no tab is selected."""
    assert "the secret message" in render_widget(gate("authorized"), "Gate")
    for tab in ("unauthorized", "", None):
        assert "secret" not in render_widget(gate(tab), "Gate")
        assert "Secret" not in render_widget(gate(tab), "Gate")


def test_hidden_headers_leave_a_plain_box() -> None:
    """Without headers there are no tabs to speak of, for nobody."""
    tree = html(render_widget(gate("unauthorized", shouldShowTabs=False), "Gate"))
    assert [list(tree.matching(role=role)) for role in ("tablist", "tab", "tabpanel")] == [[], [], []]
    assert tree.find(id="p.Gate").text == "You must log in."


def test_headers_follow_the_tabs_pattern() -> None:
    """Headers are submit buttons, the selected one is tied to its panel (ARIA APG, tabs)."""
    tree = html(render_widget(gate("unauthorized"), "Gate"))
    first, second = tree.find(role="tablist").matching("button", role="tab")
    assert (first["type"], first["name"], first["value"], first["form"]) == (
        "submit",
        "v.Gate",
        "authorized",
        "portico",
    )
    assert (first["aria-selected"], second["aria-selected"]) == ("false", "true")
    panel = tree.find(role="tabpanel")
    assert (panel["aria-labelledby"], second["aria-controls"]) == (second["id"], panel["id"])
    assert "aria-controls" not in first


def test_ids_hold_no_spaces() -> None:
    """A tab may be called anything; what ties elements together is not made of its name."""
    tabs = [{"id": "Tab 1", "label": "Tab 1"}]
    tree = html(render_widget(gate("Tab 1", tabsObj=tabs, visibleTabs=tabs), "Gate"))
    assert all(" " not in element["id"] for element in tree.all if "id" in element)


def running(folder: Path, **props: Any) -> Running:
    """A page whose Tabs say what was chosen."""
    tabs = {
        "name": "T",
        "type": "Tabs",
        "tabs": [
            {"id": "a", "label": "First", "widgets": [{"name": "One", "type": "Text", "text": "one"}]},
            {"id": "b", "label": "Second", "widgets": [{"name": "Two", "type": "Input"}]},
        ],
        "onTabSelected": "{{ showAlert('now ' + T.selectedTab) }}",
        **props,
    }
    return Running(
        folder, tabs, does("Hide", "T.setVisibility(false)"), does("Show", "T.setVisibility(true)")
    )


def test_choosing_another_tab_fires(tmp_path: Path) -> None:
    """`onTabSelected` sees the tab that is selected now; the same tab again, or none of them, is nothing."""
    page = running(tmp_path)
    assert page.post("T", "b")
    assert (page.said, page.value("T", "selectedTab")) == (["now b"], "b")
    assert not page.post("T", "b")
    assert not page.post("T", "gone")
    assert page.post("T", "a")
    assert page.said == ["now a"]


def test_set_visibility_hides_it_with_its_tabs(tmp_path: Path) -> None:
    """`setVisibility(false)`: no tab is shown or can be chosen; afterwards the choice is still there."""
    page = running(tmp_path)
    page.post("T", "b")
    page.press("Hide")
    assert (page.value("T", "isVisible"), page.widget("T").children) == (False, [])
    assert not page.post("T", "a")
    assert not page.post("Two", "smuggled")
    page.press("Show")
    assert page.widget("T").find("button", aria_selected="true").text == "Second"


@pytest.mark.parametrize("scrolls", [True, False])
def test_its_panel_scrolls_not_its_headers(tmp_path: Path, scrolls: bool) -> None:
    """`shouldScrollContents`: the panel can then be reached by keyboard."""
    tabs = running(tmp_path, shouldScrollContents=scrolls).widget("T")
    assert [found["id"] for found in tabs.all if "data-scrolls" in found] == (["p.T"] if scrolls else [])
    assert tabs.find(id="p.T").get("tabindex") == ("0" if scrolls else None)
