"""Who may open a page, and the contract by which users sign in."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from portico.model.access import Access, AnyRole, Public, Rule, SignedIn
from portico.model.query import Contract
from tests.definition.apps import GUARDED, PLAIN, app, brief, loaded
from tests.definition.programs import check_with_node, chunk, definition, programs

HOME = "pages/Home/page.yaml"


@pytest.mark.parametrize(
    ("base", "access", "expected"),
    [
        (PLAIN, "", Public()),
        (PLAIN, "access: public\n", Public()),
        (GUARDED, "", SignedIn()),
        (GUARDED, "access: signed-in\n", SignedIn()),
        (GUARDED, "access: public\n", Public()),
        (GUARDED, "access: {roles: [admin, 7]}\n", AnyRole(frozenset({"admin", "7"}))),
        (GUARDED, 'access: "{{ auth.uid === 1 }}"\n', Rule("access.Home")),
    ],
)
def test_access_is_what_the_page_says_or_signed_in(
    base: Mapping[str, str], access: str, expected: Access, tmp_path: Path
) -> None:
    """Only `auth: none` makes pages public by default (hard-cases 26)."""
    assert app(tmp_path, {**base, HOME: f"title: Home\n{access}"}).pages["Home"].access == expected


def test_the_entry_page_is_public_without_saying_so(tmp_path: Path) -> None:
    """Signed-out visitors must be able to see it."""
    assert app(tmp_path, GUARDED).pages["Login"].access == Public()


@pytest.mark.parametrize(
    ("access", "problem"),
    [
        ("everybody", "E204"),
        ("yes", "E204"),
        ("true", "E204"),
        ("[admin]", "E204"),
        ("", "E204"),
        ("{roles: []}", "E203"),
        ("{role: admin}", "E201"),
        ("{roles: admin}", "E202"),
        ('"signed-in {{ true }}"', "E305"),
        ('"{{ auth.user. }}"', "E301"),
        ('"{{ appsmith.store.admin }}"', "E403"),
        ('"{{ NameInput.text }}"', "E403"),
        ('"{{ await auth.user }}"', "E304"),
    ],
)
def test_an_access_that_is_wrong_is_an_error(access: str, problem: str, tmp_path: Path) -> None:
    """Never a default: a rule sees `auth` and nothing of the page (hard-cases 15)."""
    result = loaded(
        tmp_path, {**GUARDED, HOME: f"access: {access}\nwidgets: [{{name: NameInput, type: Input}}]\n"}
    )
    assert result.app is None
    assert problem in {found.code for found in result.problems}
    assert {found.place.file for found in result.problems} == {HOME}


def test_rules_compile_to_a_program_of_their_own(tmp_path: Path) -> None:
    """It knows `auth` and nothing else, and leads back to the page."""
    rule = "title: Home\naccess: \"{{ auth.user.role === 'boss' }}\"\n"
    found = app(tmp_path, {**GUARDED, HOME: rule})
    program = found.guard_program
    assert program is not None
    assert definition(program) == {
        "app": "shop",
        "page": "",
        "chunks": [["auth"]],
        "types": {},
        "widgets": [],
        "modules": [],
        "queries": [],
        "scripts": [],
        "evaluations": {"access.Home": {"names": ["auth"], "value": {"b": 0}}},
    }
    assert chunk(program, 0, {"auth": {"user": {"role": "boss"}}}) is True
    assert [(run.owner, run.property, str(run.place)) for run in program.runs] == [
        ("Home", "access", "pages/Home/page.yaml:2:12")
    ]
    assert app(tmp_path, {**GUARDED, HOME: "title: Home\n"}).guard_program is None


def test_a_contract_and_its_program(tmp_path: Path) -> None:
    """The query `me`, the mappings over its answer, and the scripts of the app that it may use."""
    found = app(
        tmp_path,
        {
            **GUARDED,
            "app.yaml": """\
auth:
  entry_page: Login
  home_page: Home
  store_keys: {token: jwt}
  me:
    query: me
    uid: "{{ response.body.documentId }}"
    roles: "{{ [response.body.role.type] }}"
  keep: [language]
""",
        },
    )
    assert found.contract == Contract(
        entry_page="Login",
        home_page="Home",
        token_key="jwt",
        queries={"me": "me"},
        keep=frozenset({"language"}),
        datasources=frozenset({"api"}),
    )
    assert found.home == "Home"
    program = found.contract_program
    assert program is not None
    made = definition(program)
    assert [query["path"] for query in made["queries"]] == ["me"]
    assert list(made["evaluations"]) == [
        *("me.succeeded", "me.uid", "me.user", "me.roles", "me.error"),
        "me.refused",
    ]
    assert {tuple(found["names"]) for found in made["evaluations"].values()} == {("response",)}
    at = {name: found["value"]["b"] for name, found in made["evaluations"].items()}
    answer = {"status": 200, "body": {"documentId": "x1", "role": {"type": "admin"}}}
    assert chunk(program, at["me.uid"], {"response": answer}) == "x1"
    assert chunk(program, at["me.roles"], {"response": answer}) == ["admin"]
    assert chunk(program, at["me.user"], {"response": answer}) == answer["body"]
    header = made["queries"][0]["request"]["headers"][0]
    assert header[0] == "Authorization"
    assert chunk(program, header[1]["t"][1], {}, this={"params": {"token": "T"}}) == "T"
    for one in programs(found):
        check_with_node(one)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"id": 2}, {"succeeded": True, "uid": 2, "error": None}),
        (204, {"sub": "s"}, {"succeeded": True, "uid": "s", "error": None}),
        (200, {"uid": "u"}, {"succeeded": True, "uid": "u", "error": None}),
        (302, None, {"succeeded": False, "uid": None, "error": None}),
        (401, "no entry", {"succeeded": False, "uid": None, "error": "no entry"}),
        (401, {"message": "a"}, {"succeeded": False, "uid": None, "error": "a"}),
        (401, {"msg": "b"}, {"succeeded": False, "uid": None, "error": "b"}),
        (401, {"detail": "c"}, {"succeeded": False, "uid": None, "error": "c"}),
        (401, {"error": {"message": "d"}}, {"succeeded": False, "uid": None, "error": "d"}),
        (401, {"errors": [{"message": "e"}]}, {"succeeded": False, "uid": None, "error": "e"}),
        (
            500,
            {"detail": [{"loc": 1}], "error": "x", "errors": []},
            {"succeeded": False, "uid": None, "error": None},
        ),
    ],
)
def test_what_an_app_does_not_say_has_a_default(
    status: int, body: object, expected: dict[str, object], tmp_path: Path
) -> None:
    """The mappings over the answers of common auth APIs."""
    program = app(tmp_path, GUARDED).contract_program
    assert program is not None
    evaluations = definition(program)["evaluations"]
    assert evaluations["me.roles"]["value"] == {"v": []}
    answer = {"response": {"status": status, "body": body}}
    assert {
        name: chunk(program, evaluations[f"me.{name}"]["value"]["b"], answer) for name in expected
    } == expected
    assert chunk(program, evaluations["me.user"]["value"]["b"], answer) == body


CONTRACT = GUARDED["app.yaml"]


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        ({"app.yaml": "auth: yes\n"}, ["app.yaml:1:7 E501"]),
        ({"app.yaml": "auth:\n"}, ["app.yaml:1:6 E501"]),
        ({"app.yaml": "auth: {}\n"}, ["app.yaml:1:1 W501", "app.yaml:1:7 E203", "app.yaml:1:7 E203"]),
        ({"app.yaml": CONTRACT + "  refresh: me\n"}, ["app.yaml:6:12 E202"]),
        ({"app.yaml": CONTRACT + "  refresh: {query: mee}\n"}, ["app.yaml:6:20 E505"]),
        ({"app.yaml": CONTRACT + "  sign_up: {query: [me]}\n"}, ["app.yaml:6:20 E202"]),
        ({"app.yaml": CONTRACT + "  otp: {}\n"}, ["app.yaml:6:8 E203"]),
        ({"app.yaml": CONTRACT + "  recover: {query: me, uid: x}\n"}, ["app.yaml:6:24 E201"]),
        ({"app.yaml": CONTRACT.replace("jwt", "[jwt]")}, ["app.yaml:1:1 W501", "app.yaml:4:23 E202"]),
        ({"app.yaml": CONTRACT.replace("query: me", "query: em")}, ["app.yaml:5:15 E505"]),
        (
            {"app.yaml": CONTRACT.replace("{query: me}", '{query: me, uid: "{{ answr.body }}"}')},
            ["app.yaml:5:28 E403"],
        ),
        ({"app.yaml": CONTRACT.replace("{query: me}", "{query: me, uid: id}")}, ["app.yaml:5:24 E305"]),
        ({"app.yaml": CONTRACT + "home_page: Home\n"}, ["app.yaml:6:12 E201"]),
        ({"app.yaml": "auth: none\nhome_page: Hom\n"}, ["app.yaml:2:12 E407"]),
        ({"queries/me.yaml": "datasource: api\npath: /me\n"}, []),
        (
            {"queries/me.yaml": "datasource: api\npath: /me\nheaders: {authorization: Basic}\n"},
            ["queries/me.yaml:1:1 E505"],
        ),
        (
            {"queries/me.yaml": "datasource: api\npath: [\n"},
            ["queries/me.yaml:3:1 E105"],
        ),
    ],
)
def test_contracts_that_do_not_hold(files: dict[str, str], problems: list[str], tmp_path: Path) -> None:
    """Each mistake at its place, and no other for the same reason."""
    assert brief(loaded(tmp_path, {**GUARDED, **files}).problems) == problems


def test_me_on_a_page_is_told_where_it_belongs(tmp_path: Path) -> None:
    """The contract's queries are the app's."""
    files = {path: text for path, text in GUARDED.items() if path != "queries/me.yaml"}
    result = loaded(tmp_path, {**files, "pages/Home/queries/me.yaml": GUARDED["queries/me.yaml"]})
    assert [found.remedy for found in result.problems] == [
        "move pages/Home/queries/me.yaml to queries/ beside app.yaml"
    ]


def test_the_home_of_an_app_without_sign_in(tmp_path: Path) -> None:
    """What it says, else its first page."""
    files = {**PLAIN, "pages/About/page.yaml": "title: About\n"}
    assert app(tmp_path, files).home == "About"
    assert app(tmp_path, {**files, "app.yaml": "auth: none\nhome_page: Home\n"}).home == "Home"


STEPS = """\
auth:
  entry_page: Login
  home_page: Home
  sign_in: {query: me, pending: "{{ response.body.needs }}"}
  verify: {query: me}
  pending_page: Code
  send: {cookie: sid}
  max_stale: 120
"""


def test_a_contract_with_two_steps(tmp_path: Path) -> None:
    """The page for the second is public without saying so; what the app does not map has no value."""
    found = app(tmp_path, {**GUARDED, "app.yaml": STEPS, "pages/Code/page.yaml": "title: Code\n"})
    contract = found.contract
    assert contract is not None
    assert (contract.pending_page, contract.max_stale.total_seconds()) == ("Code", 120)
    assert (contract.sending.header, contract.sending.scheme, contract.sending.cookie) == (
        "Cookie",
        "",
        "sid",
    )
    assert contract.role_of("me") in ("sign_in", "verify")
    assert found.pages["Code"].access == Public()
    assert found.contract_program is not None
    evaluations = definition(found.contract_program)["evaluations"]
    assert evaluations["verify.pending"]["value"] == evaluations["sign_in.roles"]["value"] == {"v": None}
    assert "b" in evaluations["sign_in.pending"]["value"]


@pytest.mark.parametrize(
    ("files", "problems"),
    [
        ({"app.yaml": STEPS.replace("Code", "Cod")}, ["app.yaml:6:17 E407"]),
        ({"app.yaml": STEPS.replace("120", "-1")}, ["app.yaml:8:14 E219"]),
        ({"app.yaml": f"{STEPS}  idle_timeout: 30\n"}, ["app.yaml:9:17 E202"]),
        ({"app.yaml": f"{STEPS}  idle_timeout: 59s\n"}, ["app.yaml:9:17 E219"]),
        ({"app.yaml": f"{STEPS}  absolute_timeout: 366d\n"}, ["app.yaml:9:21 E219"]),
        ({"app.yaml": f"{STEPS}  sessions_per_user: 0\n"}, ["app.yaml:9:22 E219"]),
        ({"app.yaml": STEPS.replace("sid", "'s d'")}, ["app.yaml:7:18 E216"]),
        ({"pages/Code/page.yaml": "title: C\naccess: signed-in\n"}, ["pages/Code/page.yaml:2:1 E502"]),
        (
            {
                "app.yaml": STEPS + "  refresh: {query: renew}\n",
                "pages/Home/queries/renew.yaml": "datasource: api\npath: /renew\n",
            },
            ["app.yaml:9:20 E505"],
        ),
    ],
)
def test_a_contract_with_two_steps_that_is_wrong(
    files: dict[str, str], problems: list[str], tmp_path: Path
) -> None:
    """With `sign_in`, `refresh` is run by this server, and so a query of the app."""
    given = {**GUARDED, "app.yaml": STEPS, "pages/Code/page.yaml": "title: Code\n", **files}
    assert brief(loaded(tmp_path, given).problems) == problems


def test_a_contract_with_limits(tmp_path: Path) -> None:
    """Times with their units; without them fourteen days, no idle limit and a hundred sessions."""
    files = {**GUARDED, "pages/Code/page.yaml": "title: Code\n"}
    limits = "  idle_timeout: 30m\n  absolute_timeout: 12h\n  sessions_per_user: 3\n"
    found = app(tmp_path, {**files, "app.yaml": STEPS + limits}).contract
    assert found is not None
    assert (found.idle_timeout, found.absolute_timeout) == (timedelta(minutes=30), timedelta(hours=12))
    assert found.sessions_per_user == 3
    usual = app(tmp_path, {**files, "app.yaml": STEPS}).contract
    assert usual is not None
    assert (usual.idle_timeout, usual.absolute_timeout) == (None, timedelta(days=14))
    assert usual.sessions_per_user == 100
