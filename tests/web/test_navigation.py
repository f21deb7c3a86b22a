"""`navigation` of an app: links to the pages that the visitor may open, and to no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from portico.definition.load import load
from portico.ui.widgets import CATALOGUE
from portico.web.service import Service
from tests.web.contracts import AUTH, AuthApi, House, portico

LISTED = f"{AUTH}navigation: {{orientation: side, pages: [Home, Ruled, Admin, Open, Enter]}}\n"
FILES = {
    "pages/Ruled/page.yaml": "title: Ruled\naccess: \"{{ auth.uid === 'root' }}\"\n"
    "widgets: [{name: Mark, type: Text, text: ruled}]\n"
}
_LINK = re.compile(r'<li><a href="/app/(\w+)"( aria-current="page")?>(\w+)</a></li>')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An app with links, whose user root is an administrator."""
    with AuthApi() as api, portico(tmp_path, api, auth=LISTED, files=FILES) as house:
        api.roles["root"] = ["admin"]
        yield house


def links(answer: httpx.Response) -> dict[str, bool]:
    """The pages that a page links to, and whether each is the one that is shown."""
    assert answer.status_code == 200
    return {name: bool(current) for name, current, _ in _LINK.findall(answer.text)}


def test_users_have_links_to_the_pages_that_they_may_open(house: House) -> None:
    """By role and by rule, in the order that the app says; where users sign in there are none."""
    ann, root = house.user("ann"), house.user("root")
    assert links(ann.get("/app/Home")) == {"Home": True, "Open": False}
    assert links(root.get("/app/Admin")) == {"Home": False, "Ruled": False, "Admin": True, "Open": False}
    assert list(links(root.get("/app/Admin"))) == ["Home", "Ruled", "Admin", "Open"]
    assert links(root.get("/app/Enter")) == {}


def test_what_one_visitor_may_open_is_shown_to_no_other(house: House) -> None:
    """A public page that is the same for everybody is not, once its links differ."""
    assert links(house.user("root").get("/app/Open")).keys() == {"Home", "Ruled", "Admin", "Open"}
    assert links(house.client().get("/app/Open")) == {"Open": True}
    assert links(house.user("ann").get("/app/Open")).keys() == {"Home", "Open"}


def test_a_page_posted_without_scripts_has_them_too(house: House) -> None:
    """The answer to a form is the whole page."""
    ann = house.user("ann")
    assert links(ann.post("/app/Home", data={"portico.event": "Ask onClick"})).keys() == {"Home", "Open"}


def test_control_a_link_for_everybody_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard, everybody is told of every page."""

    async def open_to_all(*_: object) -> bool:
        return True

    monkeypatch.setattr(Service, "_may_open", open_to_all)
    assert "Admin" in links(house.user("ann").get("/app/Home"))


def test_without_a_list_all_pages_are_meant(tmp_path: Path) -> None:
    """By name; the entry page is none of them."""
    with (
        AuthApi() as api,
        portico(tmp_path, api, auth=f"{AUTH}navigation: {{}}\n", files=FILES) as house,
    ):
        api.roles["root"] = ["admin"]
        answer = house.user("root").get("/app/Home")
        assert list(links(answer)) == ["Admin", "Home", "Open", "Ruled"]
        assert '<body class="wide">' in answer.text


@pytest.mark.parametrize(
    ("written", "code", "line"),
    [
        ("navigation: {pages: [Home, Hoem]}", "E407", "3:28"),
        ("navigation: {orientation: left}", "E204", "3:27"),
        ("navigation: {page: [Home]}", "E201", "3:14"),
        ("navigation: [Home]", "E202", "3:13"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(written: str, code: str, line: str, tmp_path: Path) -> None:
    """With its place and a remedy."""
    (tmp_path / "pages/Home").mkdir(parents=True)
    (tmp_path / "pages/Home/page.yaml").write_text("title: Home\n")
    (tmp_path / "app.yaml").write_text(f"name: App\nauth: none\n{written}\n")
    problems = load(tmp_path, types=CATALOGUE, settings={}).problems
    assert [(each.code, f"{each.place.line}:{each.place.column}") for each in problems] == [(code, line)]
    assert problems[0].remedy
