"""Seed S2 as an app: every snippet word for word, through the whole of this folder."""

import shutil
from pathlib import Path

import pytest

from portico.definition.load import load
from portico.model.access import Public, SignedIn
from portico.model.app import App
from portico.model.page import Page
from portico.ui.widgets import CATALOGUE
from tests.definition.programs import check_with_node, chunk, definition, programs

EXAMPLE = Path(__file__).parents[2] / "examples" / "jwt-login"

BODY = """
  {
    identifier: UsernameInput.text,
    password: PasswordInput.text
  }
"""
LOG_IN = """
    login_api.run(() => {
        const jwt = login_api?.data?.jwt;

        if (jwt) {
            storeValue('jwt', jwt);
            navigateTo('MainPage', {});
        } else {
            showAlert('Login failed!', 'error');
        }
    })
"""
GATE = """
  SecureQuery.data.status == "200 OK"? "authorized": "unauthorized"
"""
LOG_OUT = """
  (() => {
    storeValue("jwt", undefined);
    navigateTo("LoginPage");
  })()
"""


@pytest.fixture(name="seed")
def seed_app() -> App:
    """The example as it is shipped."""
    result = load(EXAMPLE, types=CATALOGUE, settings={})
    assert [problem.as_text() for problem in result.problems] == []
    assert result.app is not None
    return result.app


def _spaceless(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _has(page: Page, snippet: str) -> bool:
    return _spaceless(snippet) in _spaceless(page.program.source)


def test_the_seeds_snippets_stand_in_the_programs(seed: App) -> None:
    """Rows S2-5, S2-7, S2-10 and S2-14, not a character changed but indentation."""
    login, main = seed.pages["LoginPage"], seed.pages["MainPage"]
    assert _has(login, LOG_IN)
    assert _has(login, BODY)
    assert _has(main, GATE)
    assert _has(main, LOG_OUT)
    for program in programs(seed):
        check_with_node(program)


def test_pages_and_who_may_open_them(seed: App) -> None:
    """S2-1 with a guard, and S2-11 and S2-13 on a page of their own (hard-cases 22)."""
    assert {name: page.access for name, page in seed.pages.items()} == {
        "LoginPage": Public(),
        "MainPage": SignedIn(),
        "MainPageAsInSeed": Public(),
    }
    assert seed.contract is not None
    assert (seed.contract.entry_page, seed.contract.home_page) == ("LoginPage", "MainPage")
    assert (seed.contract.token_key, seed.contract.me) == ("jwt", "me")


def test_the_login_page_is_the_same_for_everybody(seed: App) -> None:
    """Its bindings stand in events and queries only; `login_api` never runs by itself."""
    login = seed.pages["LoginPage"]
    assert login.cacheable
    assert login.load == ()
    assert (login.queries["login_api"].method, login.queries["login_api"].body_type) == ("POST", "json")
    assert login.widgets["LoginButton"].events == {"onClick"}


@pytest.mark.parametrize("name", ["MainPage", "MainPageAsInSeed"])
def test_the_gate_runs_its_query(name: str, seed: App) -> None:
    """S2-10: the binding of `defaultTab` shows SecureQuery's data, so it runs when the page opens."""
    page = seed.pages[name]
    assert page.load == (("SecureQuery",),)
    assert not page.cacheable
    made = definition(page.program)
    gate = next(widget for widget in made["widgets"] if widget["type"] == "Tabs")
    tab = gate["props"]["defaultTab"]["b"]
    assert chunk(page.program, tab, {"SecureQuery": {"data": {"status": "200 OK"}}}) == "authorized"
    assert chunk(page.program, tab, {"SecureQuery": {"data": {"status": "401"}}}) == "unauthorized"
    assert [tab["id"] for tab in gate["props"]["tabsObj"]["v"]] == ["authorized", "unauthorized"]
    assert {page.widgets[child].slot for child in page.widgets[gate["path"]].children} == {
        "authorized",
        "unauthorized",
    }


def test_the_bearer_header_and_the_body(seed: App) -> None:
    """S2-9: text around a binding; S2-5: one binding as the whole body."""
    main = seed.pages["MainPage"].program
    secure = next(query for query in definition(main)["queries"] if query["name"] == "SecureQuery")
    name, value = secure["request"]["headers"][0]
    assert (name, value["t"][0]) == ("Authorization", "Bearer ")
    assert chunk(main, value["t"][1], {"appsmith": {"store": {"jwt": "T"}}}) == "T"
    login = seed.pages["LoginPage"].program
    body = next(query for query in definition(login)["queries"] if query["name"] == "login_api")["request"][
        "body"
    ]
    names = {"UsernameInput": {"text": "a"}, "PasswordInput": {"text": "b"}}
    assert chunk(login, body["b"], names) == {"identifier": "a", "password": "b"}


def test_the_settings_move_the_auth_api(seed: App) -> None:
    """The port of a demo is not in the files."""
    moved = load(EXAMPLE, types=CATALOGUE, settings={"AUTH_URL": "http://127.0.0.1:9999"}).app
    assert moved is not None
    assert moved.datasources["auth_api"].url == "http://127.0.0.1:9999"
    assert moved.version != seed.version


def test_a_typing_mistake_in_the_seed_is_found(tmp_path: Path) -> None:
    """The positive control: the example is not clean because nothing is checked."""
    copy = tmp_path / "jwt-login"
    shutil.copytree(EXAMPLE, copy)
    file = copy / "pages" / "LoginPage" / "page.yaml"
    file.write_text(file.read_text().replace("navigateTo('MainPage'", "navigateTo('MainPgae'"))
    query = copy / "pages" / "LoginPage" / "queries" / "login_api.yaml"
    query.write_text(query.read_text().replace("UsernameInput", "UserInput"))
    result = load(copy, types=CATALOGUE, settings={})
    assert result.app is None
    assert [(problem.code, problem.received) for problem in result.problems] == [
        ("E404", "MainPgae"),
        ("E403", "UserInput"),
    ]
