"""Table: its HTML, what a browser does with it, and how it looks."""

import gzip
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portico.ui.render import render_widget
from portico.ui.widgets.table.look import CONDITIONS
from tests.ui.conftest import OpenPage
from tests.ui.markup import Element
from tests.ui.payloads import PAYLOADS
from tests.ui.stage import Stage
from tests.ui.tables import COLUMNS, PEOPLE, Table, view_of
from tests.ui.test_ui_client import alive, until
from tests.ui.test_ui_looks import AXE

#: One column of each kind, with everything that can be said of it.
KINDS: list[dict[str, Any]] = [
    {"id": "id", "type": "number", "label": "No."},
    {"id": "name", "isEditable": True, "isRequired": True},
    {"id": "site", "type": "url", "displayText": "Site of {{ currentRow.name }}", "isEditable": True},
    {"id": "pay", "type": "currency", "currencyCode": "EUR", "isEditable": True, "min": 1},
    {"id": "active", "type": "checkbox", "isEditable": True},
    {"id": "news", "type": "switch", "isEditable": True},
    {"id": "flag", "type": "checkbox"},
    {"id": "role", "type": "select", "selectOptions": ["admin", "viewer"], "isEditable": True},
    {"id": "since", "type": "date", "outputFormat": "D MMM YYYY", "isEditable": True},
    {"id": "face", "type": "image"},
    {"id": "note", "type": "html", "isEditable": True},
    {
        "id": "state",
        "textColor": "{{ currentRow.late ? '#b91c1c' : '' }}",
        "cellBackground": "{{ currentRow.late ? '#fee2e2' : '' }}",
    },
    {
        "id": "mail",
        "label": "",
        "type": "button",
        "buttonLabel": "Write",
        "buttonVariant": "SECONDARY",
        "onClick": "{{ 1 }}",
    },
    {
        "id": "drop",
        "label": "",
        "type": "iconButton",
        "iconName": "trash",
        "onClick": "{{ 1 }}",
        "isDisabled": "{{ currentRow.late }}",
    },
]
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def staff(count: int = 25) -> list[dict[str, Any]]:
    """People with a value of every kind, some of them long."""
    names = (
        "Ada Lovelace",
        "Grace",
        "A name that goes on and on, as some names do, and does not end there",
        "李",
    )
    return [
        {
            "id": at + 1,
            "name": names[at % 4],
            "site": f"https://example.com/{at}",
            "pay": 1000.5 * at,
            "active": at % 2 == 0,
            "news": at % 3 == 0,
            "flag": at % 2 == 1,
            "role": "admin",
            "since": "2024-05-01",
            "face": DOT,
            "note": "a <b>word</b>",
            "state": "late" if at % 3 == 1 else "fine",
            "late": at % 3 == 1,
        }
        for at in range(count)
    ]


def everything(**props: Any) -> Table:
    """A table with every kind of column."""
    return Table(staff(), **{"columns": KINDS, "primaryKey": "id", "multiRowSelection": True, **props})


def editing() -> Table:
    """A row that is being edited with mistakes in it, one that was switched, one that is being added."""
    table = everything(allowAddNewRow=True)
    table.command("edit", "p1")
    table.command("addRow")
    table.post("cell", "", "p1:name")
    table.post("cell", "0", "p1:pay")
    table.command("save", "p1")
    table.command("check", "p3:active")
    return table


def filtering() -> Table:
    """Filters of several kinds, and an order."""
    table = everything()
    for at, column in enumerate(("name", "since", "active", "pay"), 1):
        table.command("addFilter")
        table.post("filter", column, f"{at}:column")
    table.post("sort", "desc pay")
    return table


def cells(table: Table, at: int = 0) -> list[Element]:
    """The cells of a row, without the one that selects it."""
    row = list(list(table.rendered().find("tbody").matching("tr"))[at].children)
    return [cell for cell in row if cell.get("class") != "pick"]


def test_it_is_a_table() -> None:
    """A caption, headings with their scope, a heading for each row, and a name for the box that scrolls."""
    tree = Table(columns=COLUMNS, label="Pioneers").rendered()
    assert tree.find("caption").text == "Pioneers"
    assert (tree.find(class_="table-box")["aria-label"], tree.find(class_="table-box")["tabindex"]) == (
        "Pioneers",
        "0",
    )
    headings = list(tree.find("thead").matching("th"))
    assert [(one.get("scope"), one.text.removesuffix(" ▲")) for one in headings] == [
        ("col", text) for text in ("Selected", "id", "name", "age", "active", "born", "team")
    ]
    assert [one.text for one in tree.find("tbody").matching("th", scope="row")] == ["1", "2", "3", "4"]
    assert "style" not in {name for element in tree.all for name in element.attributes}


def test_headings_sort() -> None:
    """Up, down, and back to the order of the data; the sorted one says so to screen readers."""
    table = Table(columns=[{"id": "name"}, {"id": "age", "isSortable": False}])
    for value, spoken in (("asc name", None), ("desc name", "ascending"), ("", "descending")):
        heading, other = list(table.rendered().find("thead").matching("th"))[1:]
        button = heading.find("button")
        assert (button["name"], button["value"], button["form"]) == ("v.T:sort", value, "portico")
        assert heading.get("aria-sort") == spoken
        assert list(other.matching("button")) == []
        table.post("sort", value)


def test_rows_are_selected_by_buttons() -> None:
    """Each names its row and says whether it is selected; several rows have a button for all."""
    table = Table(columns=COLUMNS, primaryKey="id")
    first, second = list(table.rendered().find("tbody").matching("button", name="v.T:row"))[:2]
    assert (first["value"], first["aria-pressed"], first["aria-label"]) == ("-p1", "true", "Select 1")
    assert (second["value"], second["aria-pressed"]) == ("+p2", "false")
    assert list(table.rendered().find("thead").matching("button", name="v.T:row")) == []
    every = everything().rendered().find("thead").find("button", name="v.T:row")
    assert (every["value"], every["role"], every["aria-checked"]) == ("+*", "checkbox", "false")
    assert list(Table(isSelectable=False).rendered().matching("button", name="v.T:row")) == []


def test_the_foot_says_what_is_shown() -> None:
    """Which rows of how many, and how many are selected, in words that are read out when they change."""

    def status(**props: Any) -> str:
        return Table(staff(57), **props).rendered().find(role="status").text

    assert status() == "Rows 1–10 of 57 · 1 selected"
    assert status(defaultSelectedRowIndex=-1) == "Rows 1–10 of 57"
    assert status(serverSidePaginationEnabled=True, totalRecordsCount=12345).startswith("Rows 1–10 of 12,345")
    assert Table([]).rendered().find(role="status").text == "No rows"
    assert Table([]).rendered().find(class_="empty").text == "No rows yet."
    assert Table([], emptyText="Nobody").rendered().find(class_="empty").text == "Nobody"
    table = Table()
    table.post("search", "nobody like this")
    assert table.rendered().find(class_="empty").text == "No rows match."


def test_pages_have_buttons() -> None:
    """Those that lead nowhere say so, and can still be focused; where there is one page there are none."""
    table = Table(staff(57))
    buttons = list(table.rendered().find("nav").matching("button"))
    assert [(one["aria-label"], one.get("value"), one.get("aria-disabled")) for one in buttons] == [
        ("First page", None, "true"),
        ("Previous page", None, "true"),
        ("Next page", "2", None),
        ("Last page", "6", None),
    ]
    assert {one["type"] for one in buttons if "aria-disabled" in one} == {"button"}
    assert {button["id"] for button in buttons} == {f"g.T:{at}" for at in range(1, 5)}
    assert table.rendered().find("select", name="v.T:size")["data-live"] == "event"
    assert list(Table().rendered().matching("nav")) == []
    unknown = Table(staff(10), serverSidePaginationEnabled=True).rendered().find("nav")
    assert [one["aria-label"] for one in unknown.matching("button")] == [
        "First page",
        "Previous page",
        "Next page",
    ]


def test_what_is_switched_off_is_not_there() -> None:
    """No search, no filters, no download, no pages, no bar."""
    off: dict[str, Any] = dict.fromkeys(
        ("isVisibleSearch", "isVisibleFilters", "isVisibleDownload", "isVisiblePagination"), False
    )
    tree = Table(staff(57), **off).rendered()
    assert list(tree.matching(class_="table-bar")) == []
    assert list(tree.matching("nav")) == []
    assert [one["name"] for one in tree.matching("input")] == []


@pytest.mark.parametrize("height", ["DEFAULT", "SHORT", "TALL"])
def test_rows_are_as_high_as_the_author_says(height: str) -> None:
    """`compactMode` is a class that the stylesheet knows."""
    tree = Table(compactMode=height).rendered()
    assert tree.find("table")["class"] == f"rows-{height.lower()}"


def test_cells_of_every_kind() -> None:
    """Native elements with names; numbers on the right."""
    row = dict(zip([column["id"] for column in KINDS], cells(everything()), strict=False))
    assert (row["id"]["class"], row["id"].text, row["pay"].text) == ("right", "1", "€0.00")
    link = row["site"].find("a")
    assert (link["href"], link.text, link["rel"]) == (
        "https://example.com/0",
        "Site of Ada Lovelace",
        "noopener noreferrer",
    )
    box = row["active"].find("button")
    assert (box["role"], box["aria-checked"], box["value"], box["aria-label"]) == (
        "checkbox",
        "true",
        "T check p1:active",
        "active, 1",
    )
    assert row["news"].find("button")["role"] == "switch"
    assert row["flag"].find("span")["aria-label"] == "No"
    assert row["face"].find("img")["src"] == DOT
    assert row["note"].find("b").text == "word"
    assert (row["since"].text, row["role"].text) == ("1 May 2024", "admin")
    write, drop = row["mail"].find("button"), row["drop"].find("button")
    assert (write["value"], write["aria-label"], "disabled" in write) == (
        "T columns.mail.onClick p1",
        "Write, 1",
        False,
    )
    assert (drop["aria-label"], drop["class"]) == ("Delete, 1", "button small tertiary icon-button")
    late = cells(everything(), 1)[11]
    assert (late["data-background"], late["data-color"], late["class"]) == (
        "#fee2e2",
        "#b91c1c",
        "left color-red",
    )
    assert "disabled" in cells(everything(), 1)[13].find("button")


def test_a_button_that_does_nothing_posts_nothing() -> None:
    """Without `onClick` it is no submit button."""
    table = Table(columns=[{"id": "go", "type": "button"}])
    assert cells(table)[0].find("button")["type"] == "button"


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://a.io/x?y=1", True),
        (" HTTP://a.io ", True),
        ("mailto:a@b.c", True),
        ("tel:+1", True),
        ("javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.io", False),
        ("/path", False),
        ("https:evil", False),
        ("vbscript:x", False),
        ("", False),
    ],
)
def test_links_lead_only_where_links_may(address: str, linked: bool) -> None:
    """Anything else is shown as words."""
    (cell,) = cells(Table([{"x": address}], columns=[{"id": "x", "type": "url"}]))
    assert [found["href"] for found in cell.matching("a")] == ([address.strip()] if linked else [])
    assert cell.text == " ".join(address.split())


@pytest.mark.parametrize(
    "source", ["javascript:alert(1)", "data:text/html,x", "nothing.png", "", "file:///etc/passwd"]
)
def test_pictures_come_from_where_pictures_may(source: str) -> None:
    """By the rules of the Image widget; what is none shows nothing."""
    (cell,) = cells(Table([{"x": source}], columns=[{"id": "x", "type": "image"}]))
    assert (list(cell.matching("img")), cell.text) == ([], "")


def test_no_cell_breaks_out() -> None:
    """40 payloads as every value, label, colour, option and key: words and attributes, never elements."""
    rows = [
        dict.fromkeys((column["id"] for column in KINDS), payload) | {"id": payload} for payload in PAYLOADS
    ]
    hostile = [
        {
            **column,
            "label": PAYLOADS[0],
            "textColor": "{{ currentRow.name }}",
            "cellBackground": "{{ currentRow.name }}",
        }
        for column in KINDS
    ]
    table = Table(rows, columns=hostile, primaryKey="id", label=PAYLOADS[1], pageSize=50, allowAddNewRow=True)
    assert len(table.view["rows"]) == len(PAYLOADS)
    for at in range(0, len(PAYLOADS), 7):
        table.command("edit", table.key(at))
    table.command("addFilter")
    table.post("filter", PAYLOADS[2], "1:value") if table.view["filters"]["lines"][0][
        "kind"
    ] == "text" else None
    table.post("search", "")
    tree = table.rendered()
    outside = [
        element for cell in tree.matching("tr") for element in cell.all if element.tag not in ("b", "p")
    ]
    allowed = {
        *(
            "tr",
            "th",
            "td",
            "button",
            "span",
            "svg",
            "path",
            "a",
            "div",
            "input",
            "textarea",
            "select",
            "option",
            "br",
        )
    }
    assert {element.tag for element in outside} <= allowed | {"h2", "table", "tbody", "details"}
    for element in tree.all:
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert not (element.get("href") or "").lower().replace("\t", "").startswith(("javascript", "data"))


def test_every_condition_has_words() -> None:
    """What the sandbox offers as a condition can be read by people."""
    table = Table(
        [dict.fromkeys(("t", "n", "d", "c"), 1)],
        columns=[
            {"id": "t"},
            {"id": "n", "type": "number"},
            {"id": "d", "type": "date"},
            {"id": "c", "type": "checkbox"},
        ],
    )
    offered = set()
    for at, column in enumerate("tndc", 1):
        table.command("addFilter")
        table.post("filter", column, f"{at}:column")
        offered |= set(table.view["filters"]["lines"][-1]["conditions"])
    assert offered == set(CONDITIONS)


def test_data_that_are_still_to_come_may_show_it() -> None:
    """While the page loads them their place shimmers, unless the author forbids it."""
    for animated in (True, False):
        table = Table([], animateLoading=animated)
        tree = table.rendered(loading=True)
        assert bool(list(tree.matching(class_="pending"))) is animated
        assert tree.find(role="status").text == ("Loading…" if animated else "No rows")


@pytest.mark.parametrize(
    "view",
    [
        None,
        "",
        [],
        {},
        {"rows": [{}], "columns": [{}]},
        {"rows": [{"cells": [1, {}, []]}], "columns": [{"type": "url"}, {"type": "button"}, {}]},
    ],
)
def test_a_view_that_is_none_breaks_nothing(view: Any) -> None:
    """Whatever the sandbox gave, there is a table."""
    table = Table()
    table.props["T"]["view"] = view
    assert list(table.rendered().matching("table"))


# In a browser


def posted(stage: Stage, page: Page, count: int = 1) -> Mapping[str, Any]:
    """The last of so many events."""
    until(lambda: len(stage.posts) >= count, page)
    return stage.posts[-1]


def test_buttons_post_what_they_stand_for(stage: Stage, open_page: OpenPage) -> None:
    """Order, page, row, switch and the buttons of rows, by mouse and by keyboard."""
    page = open_page()
    page.goto(stage.show(view_of(everything())))
    alive(page)
    presses: list[tuple[Callable[[], None], tuple[str, str, str | None], dict[str, str]]] = [
        (
            lambda: page.get_by_role("button", name="name", exact=True).press("Enter"),
            ("T:sort", "change", None),
            {"T:sort": "asc name"},
        ),
        (
            lambda: page.get_by_role("button", name="Next page").press("Space"),
            ("T:page", "change", None),
            {"T:page": "2"},
        ),
        (
            lambda: page.get_by_role("button", name="Select 2", exact=True).press("Space"),
            ("T:row", "change", None),
            {"T:row": "+p2"},
        ),
        (
            lambda: page.get_by_text("Grace", exact=True).first.click(),
            ("T:row", "change", None),
            {"T:row": "+p2"},
        ),
        (lambda: page.get_by_role("switch").first.click(), ("T", "check", "p1:news"), {}),
        (
            lambda: page.get_by_role("button", name="Write, 1", exact=True).click(),
            ("T", "columns.mail.onClick", "p1"),
            {},
        ),
        (lambda: page.get_by_role("button", name="Edit 1", exact=True).click(), ("T", "edit", "p1"), {}),
        (lambda: page.get_by_role("button", name="Download").click(), ("T", "download", None), {}),
    ]
    for number, (press, (widget, event, row), values) in enumerate(presses, 1):
        press()
        post = posted(stage, page, number)
        assert (post["widget"], post["event"], post.get("row")) == (widget, event, row)
        assert {name: value for name, value in post["values"].items() if name in values} == values


def test_typing_and_choosing_post_at_once(stage: Stage, open_page: OpenPage) -> None:
    """The search after a pause, a choice at once; Enter in a cell saves its row."""
    table = filtering()
    table.command("edit", table.key(0))
    page = open_page()
    page.goto(stage.show(view_of(table)))
    alive(page)
    page.get_by_label("Search T").fill("ada")
    assert posted(stage, page)["values"]["T:search"] == "ada"
    page.get_by_label("Rows per page").select_option("25")
    post = posted(stage, page, 2)
    assert (post["widget"], post["values"]["T:size"]) == ("T:size", "25")
    page.get_by_label("Condition").first.select_option("startsWith")
    post = posted(stage, page, 3)
    assert (post["widget"], post["values"]["T:filter:1:condition"]) == ("T:filter:1:condition", "startsWith")
    key = table.key(0)
    control = page.locator(f'[name="v.T:cell:{key}:name"]')
    control.fill("new")
    control.press("Enter")
    post = posted(stage, page, 4)
    assert (post["widget"], post["event"]) == (f"T:cell:{key}:name", "onSubmit")
    assert post["values"][f"T:cell:{key}:name"] == "new"


def test_clicks_on_what_does_something_do_not_select(stage: Stage, open_page: OpenPage) -> None:
    """Controls, and text that is being marked to be copied; a plain click selects."""
    page = open_page()
    page.goto(stage.show(view_of(editing())))
    alive(page)
    page.get_by_label("name, 1", exact=True).click()
    place = page.get_by_text("Grace", exact=True).first.bounding_box()
    assert place is not None
    left, middle = place["x"], place["y"] + place["height"] / 2
    page.mouse.move(left + 14, middle)
    page.mouse.down()
    page.mouse.move(left + 60, middle)
    page.mouse.up()
    assert page.evaluate("String(getSelection())") != ""
    page.wait_for_timeout(100)
    assert stage.posts == []
    page.mouse.click(left + 20, middle)
    page.mouse.click(left + 20, middle)
    assert posted(stage, page)["widget"] == "T:row"


def test_an_answer_keeps_focus_and_what_is_open(stage: Stage, open_page: OpenPage) -> None:
    """The next page leaves the focus on its button, the filters open, and the box where it was scrolled to;
    on the last page the button is still there to be focused."""
    table = everything()
    page = open_page(viewport={"width": 600, "height": 700})
    page.goto(stage.show(view_of(table)))
    alive(page)
    page.locator("summary").click()
    page.locator(".table-box").evaluate("(box) => box.scrollLeft = 200")
    for number in (2, 3):
        table.post("page", str(number))
        stage.answer({"html": {"T": render_widget(view_of(table), "T")}})
        page.get_by_role("button", name="Next page").click()
        expect(page.get_by_role("status").last).to_contain_text(f"Rows {number - 1}1")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Next page"
        assert page.locator(".table-box").evaluate("(box) => box.scrollLeft") == 200
        expect(page.locator("details")).to_have_attribute("open", "")
    assert page.get_by_role("button", name="Next page").get_attribute("aria-disabled") == "true"
    count = len(stage.posts)
    page.get_by_role("button", name="Next page").press("Enter")
    page.wait_for_timeout(100)
    assert len(stage.posts) == count


def test_focus_goes_on_when_a_row_is_done_with(stage: Stage, open_page: OpenPage) -> None:
    """From the button to the one in its place, from a saved control to its row, from a row that is gone
    to the table."""
    table = everything()
    page = open_page()
    page.goto(stage.show(view_of(table)))
    alive(page)

    def answered(act: Callable[[], None]) -> str | None:
        stage.answer({"html": {"T": render_widget(view_of(table), "T")}})
        with page.expect_response(lambda response: response.request.method == "POST"):
            act()
        page.wait_for_timeout(50)
        found: str | None = page.evaluate("document.activeElement.getAttribute('aria-label')")
        return found

    table.command("edit", "p2")
    assert answered(lambda: page.get_by_role("button", name="Edit 2", exact=True).click()) == "Save 2"
    table.command("discard", "p2")
    assert answered(lambda: page.get_by_label("name, 2", exact=True).press("Enter")) == "Edit 2"
    table.refetch(staff()[:1] + staff()[2:])
    assert answered(lambda: page.get_by_role("button", name="Write, 2", exact=True).click()) == "T"


def test_what_is_typed_in_a_cell_stays_with_its_row(stage: Stage, open_page: OpenPage) -> None:
    """Rows come and go around it, and another row's controls get nothing of it."""
    table = everything()
    table.command("edit", "p2")
    page = open_page()
    page.goto(stage.show(view_of(table)))
    alive(page)
    page.get_by_label("name, 2", exact=True).fill("typed")
    table.command("edit", "p1")
    table.post("sort", "desc pay")
    table.post("sort", "asc pay")
    stage.answer({"html": {"T": render_widget(view_of(table), "T")}})
    page.get_by_role("button", name="pay", exact=True).click()
    expect(page.get_by_label("name, 1", exact=True)).to_have_value("Ada Lovelace")
    expect(page.get_by_label("name, 2", exact=True)).to_have_value("typed")


def test_it_works_without_scripts(stage: Stage, open_page: OpenPage) -> None:
    """Every button posts the page's own form, with everything that stands in the table's controls."""
    page = open_page(java_script_enabled=False)
    address = stage.show(view_of(editing()))
    page.goto(address)
    page.get_by_label("Search T").fill("ada")
    page.get_by_label("name, 1", exact=True).fill("Bea")
    page.get_by_label("news, 1", exact=True).uncheck()
    page.get_by_role("button", name="Save 1", exact=True).click()
    (form,) = stage.forms
    assert form["portico.event"] == "T save p1"
    assert (form["v.T:search"], form["v.T:cell:p1:name"], form["v.T:cell:p1:news"]) == ("ada", "Bea", "false")
    page.goto(address)
    page.get_by_role("button", name="Next page").click()
    assert stage.forms[-1]["v.T:page"] == "2"
    page.goto(address)
    page.get_by_role("button", name="Apply").click()
    assert "portico.event" not in stage.forms[-1]


STATES: Mapping[str, Callable[[], Table]] = {
    "few": lambda: Table(PEOPLE, columns=COLUMNS),
    "many": everything,
    "without columns": lambda: Table(staff(), compactMode="SHORT"),
    "empty": lambda: Table([], columns=KINDS, allowAddNewRow=True),
    "editing": editing,
    "filtering": filtering,
    "high": lambda: everything(compactMode="TALL", multiRowSelection=False, isVisibleSearch=False),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_looks(stage: Stage, open_page: OpenPage, scheme: str, width: int) -> None:
    """No rule of axe is broken and the page is no wider than its window, whatever state it is in."""
    page = open_page(
        bypass_csp=True,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 800},
    )
    found = {}
    for name, made in STATES.items():
        for loading in (False, True) if name == "empty" else (False,):
            page.goto(stage.show(view_of(made(), loading=loading)))
            alive(page)
            page.add_script_tag(path=AXE)
            violations = page.evaluate("axe.run().then((found) => found.violations)")
            found[name, loading] = [
                (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations
            ]
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert {name: one for name, one in found.items() if one} == {}


def test_a_narrow_window_scrolls_in_the_box(stage: Stage, open_page: OpenPage) -> None:
    """By keyboard too: the box can be focused, and the arrow keys move it."""
    page = open_page(viewport={"width": 375, "height": 800})
    page.goto(stage.show(view_of(everything())))
    alive(page)
    box = page.locator(".table-box")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth")
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    until(lambda: box.evaluate("(box) => box.scrollLeft") > 0, page)


def test_no_payload_runs(stage: Stage, open_page: OpenPage) -> None:
    """40 payloads in cells of every kind, in Chromium under the real policy: nothing runs, nothing tries."""
    rows = [dict.fromkeys((column["id"] for column in KINDS), payload) for payload in PAYLOADS]
    page = open_page()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(stage.show(view_of(Table(rows, columns=KINDS, pageSize=50))))
    alive(page)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.__xss") is None
    assert dialogs == []


def test_two_hundred_rows_are_small() -> None:
    """What a row weighs beside its words, as it is sent: some hundred bytes, a few when compressed."""
    html = render_widget(view_of(Table(staff(200), columns=COLUMNS, pageSize=200)), "T").encode()
    assert len(html) < 200 * 900
    assert len(gzip.compress(html)) < 200 * 60
