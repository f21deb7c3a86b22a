"""List: the widgets inside it once for each row, rows that can be chosen, and pages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from portico.ui.render import render_widget
from portico.ui.widgets.list import parse_page, parse_row
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element, parse
from tests.ui.payloads import PAYLOADS
from tests.ui.running import FRAME, FRAMED, Running, does, framing, text_of
from tests.ui.sites import people
from tests.ui.stage import Stage
from tests.ui.test_ui_client import alive, until

CHOICE = frozenset({"onItemClick"})


def rendered(*rows: str, **props: Any) -> Element:
    """The rendered list."""
    return parse(render_widget(people(rows, **props), "People"))


def test_each_row_has_widgets_of_its_own() -> None:
    """Their addresses hold the key of the row, and so do the ids."""
    root = rendered("1", "a%20b")
    assert [row.text for row in root.matching("li")] == ["Person 1 Greet", "Person a%20b Greet"]
    assert [button["value"] for button in root.matching("button")] == [
        "People[1].Greet onClick",
        "People[a%20b].Greet onClick",
    ]
    assert root.find(id="w.People[1].Name")["data-widget"] == "People[1].Name"


def test_without_rows_it_says_so() -> None:
    """In the words of the app; while its query runs it shows that it waits."""
    assert rendered(emptyText="No one yet.").find("p").text == "No one yet."
    assert not list(rendered().matching("ul"))


def test_rows_can_be_chosen_where_that_does_something() -> None:
    """A button with a name over the ground of the row; the chosen one is marked."""
    assert not list(rendered("1").matching("button", class_="whole"))
    root = rendered("1", "2", events=CHOICE, selectedKey="2")
    chosen = list(root.matching("button", class_="whole"))
    assert [(found["name"], found["value"]) for found in chosen] == [
        ("v.People:selected", "1"),
        ("v.People:selected", "2"),
    ]
    assert all(found["aria-label"] for found in chosen)
    assert [row.get("aria-current") for row in root.matching("li")] == [None, "true"]


@pytest.mark.parametrize(
    ("page", "pages", "off"), [(1, 3, ["Previous"]), (2, 3, []), (3, 3, ["Next"]), (1, 2, ["Previous"])]
)
def test_pages(page: int, pages: int, off: list[str]) -> None:
    """Two buttons that post the page, those that lead nowhere disabled."""
    nav = rendered("1", pageNo=page, pages=pages).find("nav")
    buttons = list(nav.matching("button"))
    assert [button.text for button in buttons if "disabled" in button] == off
    assert [(button["name"], button["value"]) for button in buttons] == [
        ("v.People:page", str(page - 1)),
        ("v.People:page", str(page + 1)),
    ]
    assert f"Page {page} of {pages}" in nav.text


@pytest.mark.parametrize(("page", "pages"), [(1, 1), (None, None), ("1", "9"), (True, [])])
def test_one_page_needs_no_buttons(page: object, pages: object) -> None:
    """Nor do numbers that are none."""
    assert not list(rendered("1", pageNo=page, pages=pages).matching("nav"))


def test_only_pages_and_rows_that_there_are_can_be_posted() -> None:
    """Anything else is refused."""
    assert parse_page("2", {"pages": 2}, "") == 2
    odd: tuple[object, ...] = ("0", "3", "-1", "1.5", "", "x", "\u0662", "9" * 40, None, [], True)
    for posted in odd:
        with pytest.raises(ValueError, match="page"):
            parse_page(posted, {"pages": 2}, "")
    with pytest.raises(ValueError, match="page"):
        parse_page("1", {}, "")
    assert parse_row("a", {"rows": ["a"]}, "") == "a"
    pairs: tuple[tuple[object, object], ...] = (
        ("b", ["a"]),
        (None, ["a"]),
        (1, [1]),
        ("a", None),
        ("a", "a"),
    )
    for key, rows in pairs:
        with pytest.raises(ValueError, match="row"):
            parse_row(key, {"rows": rows}, "")


def test_no_payload_gets_out() -> None:
    """Labels and words for empty lists are text."""
    for payload in PAYLOADS:
        assert rendered("1", label=payload).find("ul")["aria-label"] == payload
        found = rendered(emptyText=payload).find("p")
        assert (found.attributes, not found.children) == ({"class": "empty"}, True)


FIVE = "{{ [5, 4, 3, 2, 1].map((id) => ({ id, name: 'N' + id })) }}"


def running(folder: Path, **props: Any) -> Running:
    """A page with a List of people who can be greeted, and what scripts see of it."""
    row = (
        {"name": "Name", "type": "Text", "text": "{{ currentItem.name }}"},
        {"name": "Note", "type": "Input", "label": "Note"},
        does("Greet", "showAlert('hello ' + currentItem.name + ' ' + L.triggeredItem.name)"),
    )
    people = {
        "name": "L",
        "type": "List",
        "listData": FIVE,
        "primaryKey": "id",
        "rowsPerPage": 2,
        "widgets": row,
        "onItemClick": "{{ showAlert('chose ' + L.selectedItem.name) }}",
        "onPageChange": "{{ showAlert('page ' + L.pageNo) }}",
        **props,
    }
    return Running(
        folder,
        people,
        text_of("Items", "L.currentItems.map(({ name }) => name)"),
        text_of("Views", "L.currentItemsView.map(({ Name, Note }) => [Name.text, Note.text])"),
        text_of("Shown", "L.shownItems.map(({ key, item, index }) => [key, item.name, index])"),
        text_of("Selected", "[L.selectedItem?.name, L.selectedItemView.Note?.text]"),
        text_of("Triggered", "[L.triggeredKey, L.triggeredItem?.name, L.triggeredItemView.Note?.text]"),
        does("Hide", "L.setVisibility(false)"),
        does("Show", "L.setVisibility(true)"),
        does("Turn", "L.setData([{ id: 4, name: 'New' }, { id: 9, name: 'Nine' }])"),
    )


def rows_of(page: Running) -> list[str]:
    """The names of the rows that are shown."""
    return [
        row.find(class_="text size-2 align-left overflow-none").text
        for row in page.widget("L").matching("li")
    ]


def test_items_of_the_page_and_their_views(tmp_path: Path) -> None:
    """`rowsPerPage`, `pageSize`, `shownItems`, `currentItems`, `currentItemsView`: of the page shown."""
    page = running(tmp_path)
    assert (page.value("L", "pageSize"), page.value("L", "pages"), rows_of(page)) == (2, 3, ["N5", "N4"])
    assert page.widget("Items").text == '["N5","N4"]'
    assert page.widget("Shown").text == '[["5","N5",0],["4","N4",1]]'
    page.post("L[4].Note", "dear")
    assert page.widget("Views").text == '[["N5",""],["N4","dear"]]'
    page.post("L:page", "3")
    assert (rows_of(page), page.widget("Items").text) == (["N1"], '["N1"]')


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ("1", 1),
        ("2.9", 2),
        ("'3'", 3),
        ("0", 10),
        ("-1", 10),
        ("'many'", 10),
        ("5000", 200),
        ("null", 10),
        ("[3]", 10),
    ],
)
def test_rows_per_page_is_a_whole_number_up_to_a_limit(tmp_path: Path, given: str, size: int) -> None:
    """`rowsPerPage`: what is no such number is ten."""
    assert running(tmp_path, rowsPerPage=f"{{{{ {given} }}}}").value("L", "pageSize") == size


def test_turning_the_page_fires(tmp_path: Path) -> None:
    """`onPageChange` once the page is the new one; a page that there is not, or the present one, is none."""
    page = running(tmp_path)
    assert page.post("L:page", "2")
    assert page.said == ["page 2"]
    assert not page.post("L:page", "2")
    assert not page.post("L:page", "4")


def test_choosing_an_item_fires(tmp_path: Path) -> None:
    """`onItemClick` with `selectedItem` and `selectedItemView` of that item; it is the triggered one too."""
    page = running(tmp_path)
    page.post("L[4].Note", "dear")
    assert page.widget("Selected").text == "[null,null]"
    assert page.post("L:selected", "4")
    assert page.said == ["chose N4"]
    assert page.widget("Selected").text == '["N4","dear"]'
    assert page.widget("Triggered").text == '["4","N4","dear"]'
    assert not page.post("L:selected", "1")


def test_what_happens_in_a_row_is_told_with_its_item(tmp_path: Path) -> None:
    """`triggeredKey`, `triggeredItem`, `triggeredItemView`: before the action runs; nothing is selected."""
    page = running(tmp_path)
    page.press("L[5].Greet")
    assert page.said == ["hello N5 N5"]
    assert page.widget("Triggered").text == '["5","N5",""]'
    assert page.widget("Selected").text == "[null,null]"


@pytest.mark.parametrize(("key", "kept"), [("id", "dear"), ("", "")])
def test_what_is_typed_stays_with_its_item(tmp_path: Path, key: str, kept: str) -> None:
    """`primaryKey`, then `setData`: the item with the same key keeps what was typed; without one it is its
    place that counts."""
    page = running(tmp_path, primaryKey=key)
    page.post("L[4].Note" if key else "L[1].Note", "dear")
    page.press("Turn")
    assert rows_of(page) == ["New", "Nine"]
    assert page.value("L[4].Note" if key else "L[0].Note", "text") == kept


def test_set_data_goes_back_to_the_first_page(tmp_path: Path) -> None:
    """`setData` replaces what is bound."""
    page = running(tmp_path)
    page.post("L:page", "3")
    page.press("Turn")
    assert (page.value("L", "pageNo"), page.value("L", "pages"), rows_of(page)) == (1, 1, ["New", "Nine"])


@pytest.mark.parametrize(
    ("total", "pages"), [("5", 3), ("'5'", 3), ("0", 2), ("-1", 2), ("null", 2), ("'many'", 2), ("[9]", 2)]
)
def test_pages_of_the_server(tmp_path: Path, total: str, pages: int) -> None:
    """`serverSidePagination`: `listData` is the page, `totalRecordsCount` says how many there are; without
    it there may be one more as long as pages are full."""
    bound = f"{{{{ {total} }}}}"
    full = "{{ [{ id: 1, name: 'a' }, { id: 2, name: 'b' }] }}"
    page = running(tmp_path, serverSidePagination=True, totalRecordsCount=bound, listData=full)
    assert page.value("L", "pages") == pages
    assert page.post("L:page", "2")
    assert (page.value("L", "pageNo"), rows_of(page)) == (2, ["a", "b"])


def test_set_visibility_hides_all_rows(tmp_path: Path) -> None:
    """`setVisibility(false)`: no row leaves the server, takes a value or can be chosen."""
    page = running(tmp_path)
    page.press("Hide")
    assert page.widget("L").children == []
    assert not page.post("L[5].Note", "smuggled")
    assert not page.post("L:selected", "5")
    page.press("Show")
    assert rows_of(page) == ["N5", "N4"]


def test_its_frame_is_of_each_row(tmp_path: Path) -> None:
    """`backgroundColor`, `borderColor`, `borderWidth`, `borderRadius`, `boxShadow`: rows are the boxes."""
    found = running(tmp_path, **FRAME).widget("L")
    assert [framing(row) for row in found.matching("li")] == [FRAMED] * 2
    assert framing(found) == {}


@pytest.mark.parametrize(
    "items", ["[10n, 11n]", "(() => { const a = {}; a.a = a; return [a, a] })()", "[() => 1, Symbol('s')]"]
)
def test_items_that_json_lacks_have_rows(tmp_path: Path, items: str) -> None:
    """An item that cannot be written stands in a row like any other, instead of taking the page along."""
    row = (
        {"name": "Kind", "type": "Text", "text": "{{ typeof currentItem }}"},
        {"name": "Note", "type": "Input"},
    )
    people = {"name": "L", "type": "List", "listData": f"{{{{ {items} }}}}", "widgets": row}
    page = Running(tmp_path, people)
    assert len(list(page.widget("L").matching("li"))) == 2
    assert page.post("L[1].Note", "typed")
    assert page.value("L[1].Note", "text") == "typed"


@pytest.mark.parametrize("width", [375, 1280])
def test_the_whole_row_can_be_clicked(stage: Stage, open_page: OpenPage, width: int) -> None:
    """What stands in a row is above its ground and keeps its own click."""
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(stage.show(people(pages=2, events=CHOICE)))
    alive(page)
    rows = page.get_by_role("listitem")
    expect(rows).to_have_count(3)
    box = rows.nth(1).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 8)
    until(lambda: len(stage.posts) == 1, page)
    rows.nth(1).get_by_role("button", name="Greet").click()
    until(lambda: len(stage.posts) == 2, page)
    page.get_by_role("button", name="Next").click()
    until(lambda: len(stage.posts) == 3, page)
    assert [(post["widget"], post["event"]) for post in stage.posts] == [
        ("People:selected", "change"),
        ("People[2].Greet", "onClick"),
        ("People:page", "change"),
    ]
    assert stage.posts[0]["values"]["People:selected"] == "2"


def test_a_row_can_be_chosen_by_keyboard(stage: Stage, open_page: OpenPage) -> None:
    """Its button takes the focus, and shows it around the whole row."""
    page = open_page()
    page.goto(stage.show(people(("1",), events=CHOICE)))
    alive(page)
    row = page.get_by_role("listitem")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.whole')"):
            break
    focused, whole = page.locator(":focus").bounding_box(), row.bounding_box()
    assert focused is not None
    assert whole is not None
    assert abs(focused["width"] - whole["width"]) <= 4
    page.keyboard.press("Enter")
    until(lambda: len(stage.posts) == 1, page)
    assert stage.posts[0]["widget"] == "People:selected"
