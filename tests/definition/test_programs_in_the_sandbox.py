"""Emitted programs in the sandbox they are written for."""

from pathlib import Path

import pytest

from portico.definition.load import load
from portico.definition.names import GLOBALS
from portico.model.app import App
from portico.sandbox.turn import Navigate, StoreValue
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import GUARDED, PLAIN, app
from tests.sandbox.sessions import Session, commands, posted, request, requests

EXAMPLE = Path(__file__).parents[2] / "examples" / "jwt-login"
HOME = "pages/Home/page.yaml"


@pytest.fixture(name="seed")
def seed_app() -> App:
    """The example as it is shipped."""
    found = load(EXAMPLE, types=CATALOGUE, settings={}).app
    assert found is not None
    return found


def test_the_names_that_need_no_definition_are_those_of_the_sandbox(tmp_path: Path) -> None:
    """Every global that the check lets pass exists there, and no other does."""
    text = (
        "widgets:\n  - name: A\n    type: Text\n    text: |\n"
        "      {{ [_, moment, Intl, CryptoJS, uuid, jwtDecode].length\n"
        "         && Object.getOwnPropertyNames(globalThis) }}\n"
    )
    page = app(tmp_path, {**PLAIN, HOME: text}).pages["Home"]
    found = set(Session(page.program).shown("A", "text"))
    assert found == GLOBALS - {"arguments"}


def test_seed_s2_signs_in(seed: App) -> None:
    """Rows S2-5 and S2-7: typed values become the body, the answer a stored token and a navigation."""
    session = Session(seed.pages["LoginPage"].program)
    turn = session.event(
        "LoginButton", "onClick", posted("UsernameInput", "appsmith_user"), posted("PasswordInput", "secret")
    )
    asked = request(turn)
    assert asked.request.path == "/api/auth/local"
    assert asked.request.body == {"identifier": "appsmith_user", "password": "secret"}
    done = session.answer(asked, {"jwt": "T"})
    stored, went = commands(done)
    assert isinstance(stored, StoreValue)
    assert (stored.key, stored.value, stored.clear) == ("jwt", "T", False)
    assert isinstance(went, Navigate)
    assert (went.to, dict(went.params)) == ("MainPage", {})
    assert done.errors == ()


def test_an_error_in_a_snippet_names_its_place(tmp_path: Path) -> None:
    """Line and column of the engine, through the line table, are those of the file."""
    text = """\
widgets:
  - name: Go
    type: Button
    onClick: |
      {{
        const nothing = undefined;
        nothing.at.all;
      }}
"""
    program = app(tmp_path, {**PLAIN, HOME: text}).pages["Home"].program
    turn = Session(program).event("Go", "onClick")
    (error,) = turn.errors
    assert error.line is not None
    assert error.column is not None
    assert str(program.locate(error.line, error.column)) == f"{HOME}:7:9"


def test_tabs_and_lists_with_bindings(tmp_path: Path) -> None:
    """A composed value follows what it reads."""
    text = """\
widgets:
  - {name: NameInput, type: Input}
  - name: Gate
    type: Tabs
    tabs:
      - {label: first, isVisible: "{{ NameInput.text === 'x' }}"}
      - {id: two, label: "Hi {{ NameInput.text }}"}
"""
    session = Session(app(tmp_path, {**PLAIN, HOME: text}).pages["Home"].program)
    session.turn(posted("NameInput", "x"))
    assert session.shown("Gate", "tabsObj") == [
        {"id": "first", "label": "first", "isVisible": True},
        {"id": "two", "label": "Hi x", "isVisible": True},
    ]


def test_forms_bodies_and_parameters(tmp_path: Path) -> None:
    """Pairs, text and JSON text arrive as the contract says."""
    query = """\
datasource: api
method: POST
path: /token/{{ this.params.id }}
params: {page: 2, tag: [a, "{{ NameInput.text }}"]}
"""
    text = """\
widgets:
  - {name: NameInput, type: Input}
  - {name: Go, type: Button, onClick: "{{ form.run({id: 7}); json.run({id: 8}) }}"}
"""
    files = {
        **PLAIN,
        HOME: text,
        "pages/Home/queries/form.yaml": query
        + 'body_type: form\nbody: {user: "{{ NameInput.text }}", n: 1}\n',
        "pages/Home/queries/json.yaml": query
        + 'body: \'{"a": {{ NameInput.text }}, "b": "<{{ NameInput.text }}>"}\'\n',
    }
    session = Session(app(tmp_path, files).pages["Home"].program)
    form, json = requests(session.event("Go", "onClick", posted("NameInput", 'x"')))
    assert form.request.path == "/token/7"
    assert form.request.params == (("page", "2"), ("tag", "a"), ("tag", 'x"'))
    assert form.request.body == [["user", 'x"'], ["n", "1"]]
    assert json.request.path == "/token/8"
    assert json.request.body == '{"a": "x\\"", "b": "<x\\">"}'


def test_scripts_helpers_and_this(tmp_path: Path) -> None:
    """A script object with helpers, variables and `this`."""
    script = "const twice = (n) => 2 * n\nexport default { base: 4, count() { return twice(this.base) } }\n"
    text = 'widgets:\n  - {name: A, type: Text, text: "{{ Tools.count() }}"}\n'
    page = app(tmp_path, {**PLAIN, HOME: text, "pages/Home/scripts/Tools.js": script}).pages["Home"]
    assert Session(page.program).shown("A", "text") == 8


def test_the_contract_and_the_rules(tmp_path: Path) -> None:
    """`me` asks with the token it is given; mappings and rules are evaluations."""
    found = app(tmp_path, {**GUARDED, HOME: "access: \"{{ auth.roles.includes('boss') }}\"\n"})
    assert found.contract_program is not None
    assert found.guard_program is not None
    session = Session(found.contract_program, {"k": "run", "ev": "me", "q": "me", "params": {"token": "T"}})
    assert dict(request(session.turns[0]).request.headers) == {"Authorization": "Bearer T"}
    values = {"response": {"status": 200, "body": {"id": 2}, "headers": {}, "cookies": {}}}
    names = ["me.succeeded", "me.uid", "me.user", "me.roles", "me.error"]
    turn = session.turn(*({"k": "evaluate", "ev": "me", "name": name, "values": values} for name in names))
    assert turn.results == {
        "me.succeeded": True,
        "me.uid": 2,
        "me.user": {"id": 2},
        "me.roles": [],
        "me.error": None,
    }
    guard = Session(found.guard_program)
    for roles, expected in ((["boss"], True), ([], False)):
        question = {"k": "evaluate", "ev": "a", "name": "access.Home", "values": {"auth": {"roles": roles}}}
        assert guard.turn(question).results == {"access.Home": expected}
