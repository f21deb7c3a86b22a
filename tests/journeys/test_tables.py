"""A table in a real browser against a real server, with scripts and without: what its users do all day."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.servers import PorticoServer

APP = Path(__file__).parents[1] / "web" / "apps" / "tables"


@pytest.fixture(name="server")
def running(tmp_path: Path) -> Iterator[PorticoServer]:
    """Portico with the app of the tables."""
    with PorticoServer([APP], folder=tmp_path) as server:
        yield server


@pytest.fixture(name="page", params=["with scripts", "without scripts"])
def tab(chromium: Browser, server: PorticoServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page with the table, in a browser that runs scripts, and in one that does not."""
    context = chromium.new_context(java_script_enabled=request.param == "with scripts")
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{server.url}/tables/People")
    yield page
    context.close()


def names(page: Page) -> list[str]:
    """The first column."""
    return page.locator("tbody th[scope=row]").all_inner_texts()


def applied(page: Page) -> None:
    """Without scripts what stands in the controls is sent by a button."""
    button = page.get_by_role("button", name="Apply")
    if button.is_visible():
        button.click()


def test_looking_around(page: Page) -> None:
    """Sort, search, filter, pages, size, selection."""
    expect(page.locator("tbody tr")).to_have_count(10)
    for order in ("ascending", "descending"):
        page.get_by_role("button", name="Age", exact=True).click()
        expect(page.locator("thead [aria-sort]")).to_have_attribute("aria-sort", order)
    assert names(page)[0] == "Tim"
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".table-foot [role=status]")).to_contain_text("Rows 11–12 of 12")
    page.get_by_label("Rows per page").select_option("25")
    applied(page)
    expect(page.locator("tbody tr")).to_have_count(12)
    page.get_by_label("Search Everybody").fill("ada")
    applied(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Search Everybody").fill("")
    applied(page)
    expect(page.locator("tbody tr")).to_have_count(12)
    page.get_by_role("button", name="Select Ken").click()
    expect(page.locator("[data-widget=Selected]")).to_have_text("Ken")
    expect(page.get_by_role("button", name="Select Ken")).to_have_attribute("aria-pressed", "true")
    page.locator("summary").click()
    page.get_by_role("button", name="Add a filter").click()
    page.get_by_label("Condition").select_option("startsWith")
    page.get_by_label("Value").fill("d")
    applied(page)
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Remove filter 1").click()
    expect(page.locator("tbody tr")).to_have_count(12)


def test_changing_rows(page: Page) -> None:
    """Edit with a mistake and without, switch, delete, add; give up an edit."""
    page.get_by_role("button", name="Edit Grace").click()
    page.get_by_label("Name, Grace").fill("")
    page.get_by_role("button", name="Save Grace").click()
    expect(page.get_by_text("Please fill in this field.")).to_be_visible()
    page.get_by_label("Name, Grace").fill("Grace Hopper")
    page.get_by_label("Role, Grace").select_option("admin")
    page.get_by_label("Active, Grace").check()
    page.get_by_role("button", name="Save Grace").click()
    expect(page.get_by_role("row", name="Grace Hopper")).to_contain_text("Administrator")
    expect(page.get_by_role("switch", name="Active, Grace Hopper")).to_have_attribute("aria-checked", "true")
    page.get_by_role("switch", name="Active, Linus").click()
    expect(page.get_by_role("switch", name="Active, Linus")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Discard Linus").click()
    expect(page.get_by_role("switch", name="Active, Linus")).to_have_attribute("aria-checked", "false")
    page.get_by_role("button", name="Delete, Alan").click()
    expect(page.get_by_role("row", name="Alan")).to_have_count(0)
    page.get_by_role("button", name="Add a row").click()
    page.get_by_label("Name, new row").fill("Zoe")
    page.get_by_role("button", name="Save new row").click()
    page.get_by_label("Search Everybody").fill("Zoe")
    applied(page)
    expect(page.get_by_role("row", name="Zoe")).to_contain_text("Viewer")


def test_taking_it_along(page: Page) -> None:
    """The file has the rows that are found, in the order in which they stand."""
    page.get_by_role("button", name="Name", exact=True).click()
    page.get_by_label("Search Everybody").fill("d")
    applied(page)
    expect(page.locator("tbody tr")).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download Everybody as CSV").click()
        if page.get_by_role("button", name="Apply").is_visible():
            page.get_by_role("link", name="Download People.csv").click()
    rows = list(csv.reader(Path(download.value.path()).read_text().splitlines()))
    assert download.value.suggested_filename == "People.csv"
    assert [row[0] for row in rows] == ["Name", "Ada", "Dennis", "Donald", "Edsger", "Radia"]
