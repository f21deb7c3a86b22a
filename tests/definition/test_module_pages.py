"""Pages with instances written out: names, places, what runs at load, what is live, what may be kept."""

# ruff: noqa: E501  (files of apps stand on one line)

from pathlib import Path

import pytest

from portico.model.page import Page
from portico.sandbox.turn import ShowAlert
from tests.definition.apps import GUARDED, brief
from tests.definition.apps import app as load_app
from tests.definition.packages import (
    ASK_QUERY,
    HOME,
    KIT,
    LOGIN,
    MANIFEST,
    PACKAGE,
    SIGN,
    TOOLS_SCRIPT,
    USING,
    fine,
    said,
    swapped,
    using,
)
from tests.definition.programs import check_with_node, definition, programs
from tests.sandbox.sessions import Session, commands, posted, request

LOGINS = "".join(
    f"  - {{name: Login{number}, module: kit/Login, inputs: {{logo: x}}}}\n" for number in range(20)
)


def home(folder: Path, widgets: str = "", more: dict[str, str] | None = None, modules: str = "") -> Page:
    """Page Home with these widgets and instances."""
    head = f"modules:\n{modules}" if modules else ""
    return fine(folder, {HOME: f"{head}widgets:\n{widgets or '  []'}\n", **(more or {})}).pages["Home"]


def text(binding: str) -> str:
    """A Text that shows a binding."""
    return f'  - name: Shown\n    type: Text\n    text: "{{{{ {binding} }}}}"\n'


LOGIN1 = "  - {name: Login1, module: kit/Login, inputs: {logo: x}}\n"


# ---- Names


def test_names_of_a_module_are_its_own(tmp_path: Path) -> None:
    """The page, two instances and another module may use the same names for other things."""
    same = """\
widgets:
  - {name: email, type: Text, text: page}
  - {name: go, type: Button, onClick: "{{ send.run() }}"}
  - {name: Login1, module: kit/Login, inputs: {logo: "{{ email.text }}"}}
  - {name: Login2, module: kit/Login, inputs: {logo: "{{ Login1.typed }}"}}
"""
    found = fine(tmp_path, {HOME: same, "pages/Home/queries/send.yaml": "datasource: api\npath: /mine\n"})
    page = found.pages["Home"]
    assert {path: widget.type for path, widget in page.widgets.items() if widget.name == "email"} == {
        "email": "Text",
        "Login1.email": "Input",
        "Login2.email": "Input",
    }
    assert {name: query.datasource for name, query in page.queries.items() if name.endswith("send")} == {
        "send": "api",
        "Login1.send": "kit/auth_api",
        "Login2.send": "kit/auth_api",
    }
    session = Session(page.program)
    session.turn(posted("Login1.email", "a@b"))
    asked = request(session.event("Login2.go"))
    assert (asked.query, asked.request.body) == ("Login2.send", '{"email": ""}')
    assert request(session.event("go")).query == "send"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (swapped(SIGN, "send.run()", "getUser.run()"), f"{SIGN}:3:26 E403"),
        (swapped(SIGN, "send.run()", "Shown.text"), f"{SIGN}:3:26 E403"),
        (swapped(LOGIN, "inputs.title", "Ask1.data"), f"{LOGIN}:12:43 E403"),
        (swapped(ASK_QUERY, "inputs.id", "currentItem.id"), f"{ASK_QUERY}:2:17 E403"),
        (swapped(HOME, "Login1.token", "email.text"), f"{HOME}:8:15 E403"),
        (swapped(HOME, "Login1.token", "sign.logIn.data"), f"{HOME}:8:15 E403"),
        (swapped(HOME, "Login1.token", "inputs.logo"), f"{HOME}:8:15 E403"),
        (swapped(HOME, "logo: a.svg", 'logo: "{{ heading.text }}"'), f"{HOME}:5:58 E403"),
        (swapped(LOGIN, "email.text", "Login1.typed"), f"{LOGIN}:7:14 E403"),
    ],
)
def test_neither_side_sees_the_names_of_the_other(
    changes: dict[str, str], expected: str, tmp_path: Path
) -> None:
    """What passes between them are inputs and outputs."""
    assert brief(using(tmp_path, changes).problems) == [expected]


@pytest.mark.parametrize("call", ["resetWidget('email')", "resetWidget('Login1')"])
def test_widgets_are_named_where_they_stand(call: str, tmp_path: Path) -> None:
    """By functions that take a name too: a module's in the module, the instance on the page."""
    inside = swapped(LOGIN, "{{ sign.logIn() }}", f"{{{{ {call} }}}}")
    outside = {HOME: f'widgets:\n{LOGIN1}  - {{name: Go, type: Button, onClick: "{{{{ {call} }}}}"}}\n'}
    wrong, right = (outside, inside) if "email" in call else (inside, outside)
    assert [problem.code for problem in using(tmp_path / "a", wrong).problems] == ["E406"]
    assert using(tmp_path / "b", right).problems == ()


# ---- What the page is made of


def test_chunks_are_shared_by_all_instances(tmp_path: Path) -> None:
    """Twenty instances have the code of one."""
    one = definition(home(tmp_path / "a", LOGIN1).program)
    twenty = definition(home(tmp_path / "b", LOGINS).program)
    assert len(one["chunks"]) == len(twenty["chunks"])
    assert len(twenty["modules"]) == 20


def test_programs_are_scripts_for_another_engine_too(tmp_path: Path) -> None:
    """What is emitted for modules is JavaScript."""
    for program in programs(fine(tmp_path)):
        check_with_node(program)


def test_an_error_in_a_module_names_its_file(tmp_path: Path) -> None:
    """Line and column of what the package's author wrote, whichever instance it happens in."""
    broken = swapped(SIGN, "await send.run()", "undefined.there")
    page = home(tmp_path, LOGINS, broken)
    for number in (0, 19):
        (error,) = Session(page.program).event(f"Login{number}.go").errors
        assert error.line is not None
        assert error.column is not None
        place = page.program.locate(error.line, error.column)
        assert place is not None
        assert (place.file, place.line, error.owner) == (SIGN, 3, f"Login{number}.go")


def test_widgets_of_an_instance_stand_in_it(tmp_path: Path) -> None:
    """As children of its container, with places in the module's file."""
    page = home(tmp_path, f"  - name: Box\n    type: Container\n    widgets:\n    {LOGIN1}")
    assert page.roots == ("Box",)
    assert page.widgets["Box"].children == ("Login1",)
    assert page.widgets["Login1"].children == ("Login1.heading", "Login1.email", "Login1.go")
    assert str(page.widgets["Login1.email"].place) == f"{LOGIN}:13:5"
    assert page.widgets["Login1"].type == "Module"


# ---- What runs when the page opens


@pytest.mark.parametrize(
    ("binding", "on_load"),
    [
        ("Ask1.data", True),
        ("Ask1.responseMeta", True),
        ("Ask1.name", True),
        ("Ask1.outputs.name", True),
        ("JSON.stringify(Ask1)", True),
        ("Ask1.isLoading", False),
        ("Ask2.data", False),
    ],
)
def test_a_query_module_runs_when_something_shows_its_data(
    binding: str, on_load: bool, tmp_path: Path
) -> None:
    """Itself or by an output, as a query does; another instance of it does not."""
    modules = "  Ask1: {module: kit/ask}\n  Ask2: {module: kit/ask, run: manual}\n"
    assert home(tmp_path, text(binding), modules=modules).load == ((("Ask1.ask",),) if on_load else ())


def test_what_an_instance_says_of_its_query_counts(tmp_path: Path) -> None:
    """Over what the module says; each says its own."""
    changes = {ASK_QUERY: USING[ASK_QUERY] + "run: on_load\nconfirm: 'Really?'\n"}
    modules = "  A: {module: kit/ask}\n  B: {module: kit/ask, run: manual}\n  C: {module: kit/ask, run: automatic}\n"
    page = home(tmp_path, more=changes, modules=modules)
    assert page.load == (("A.ask", "C.ask"),)
    assert page.waits_for_browser
    queries = {query["path"]: query for query in definition(page.program)["queries"]}
    assert {path: query["automatic"] for path, query in queries.items()} == {
        "getUser": False,
        "A.ask": False,
        "B.ask": False,
        "C.ask": True,
    }
    assert queries["B.ask"]["confirm"] == "Really?"


def test_what_an_instance_says_of_functions_counts(tmp_path: Path) -> None:
    """A run does not take the question away that the module asks."""
    settings = f"{PACKAGE}modules/Tools/scripts/Tools.yaml"
    changes = {settings: "functions: {length: {confirm: 'Measure?'}}\n"}
    modules = "  A: {module: kit/Tools, functions: {length: {run: on_load}}}\n  B: {module: kit/Tools}\n"
    page = home(tmp_path, more=changes, modules=modules)
    assert page.load == (("A.Tools.length",),)
    assert page.waits_for_browser
    assert [script["confirm"] for script in definition(page.program)["scripts"]] == [
        {"length": "Measure?"}
    ] * 2


def test_what_runs_at_load_is_in_order(tmp_path: Path) -> None:
    """Through inputs and outputs: what is given something of another comes after it."""
    modules = """\
  Third: {module: kit/ask, inputs: {id: "{{ Second.name }}"}, run: on_load}
  Second: {module: kit/ask, inputs: {id: "{{ First.data.id }}"}, run: on_load}
  First: {module: kit/ask, run: on_load}
  Tools1: {module: kit/Tools, inputs: {unit: "{{ Third.data.unit }}"}, functions: {length: {run: on_load}}}
"""
    changes = {TOOLS_SCRIPT: "export default { length(value) { return value + inputs.unit } }\n"}
    assert home(tmp_path, more=changes, modules=modules).load == (
        ("First.ask",),
        ("Second.ask",),
        ("Third.ask",),
        ("Tools1.Tools.length",),
    )


def test_functions_come_before_queries_in_instances_too(tmp_path: Path) -> None:
    """A function gets things ready, wherever it is from."""
    modules = "  Ask1: {module: kit/ask, run: on_load}\n  T: {module: kit/Tools, functions: {length: {run: on_load}}}\n"
    assert home(tmp_path, modules=modules).load == (("T.Tools.length",), ("Ask1.ask",))


# ---- What is live, and what may be kept


@pytest.mark.parametrize(
    ("widgets", "live"),
    [
        (LOGIN1, set()),
        (LOGIN1 + text("Login1.typed"), {"Login1.email"}),
        (LOGIN1 + text("Login1.outputs.typed"), {"Login1.email"}),
        (LOGIN1 + text("Login1.token"), set()),
        (LOGIN1.replace("}}", "}, onOutputChange: \"{{ showAlert('x') }}\"}"), {"Login1.email"}),
        (LOGIN1 + LOGIN1.replace("Login1", "Login2") + text("Login2.typed"), {"Login2.email"}),
    ],
)
def test_an_input_of_a_module_is_live_when_something_reads_it(
    widgets: str, live: set[str], tmp_path: Path
) -> None:
    """Through an output that is shown, or whose change does something: of that instance alone."""
    page = home(tmp_path, widgets)
    assert {path for path, widget in page.widgets.items() if widget.live} == live


def test_an_input_that_a_module_is_given_is_live(tmp_path: Path) -> None:
    """If the module shows it."""
    typed = "  - {name: Box, type: Input}\n"
    shown = "  - {name: Login1, module: kit/Login, inputs: {logo: x, title: '{{ Box.text }}'}}\n"
    hidden = "  - {name: Login1, module: kit/Login, inputs: {logo: '{{ Box.text }}'}}\n"
    assert home(tmp_path / "a", typed + shown).widgets["Box"].live
    assert not home(tmp_path / "b", typed + hidden).widgets["Box"].live


def entry(folder: Path, widget: str, more: dict[str, str] | None = None) -> Page:
    """The public entry page of an app with sign-in."""
    files = {
        **GUARDED,
        **KIT,
        MANIFEST: GUARDED[MANIFEST] + "packages: {kit: {path: packages/kit}}\n",
        "pages/Login/page.yaml": f"widgets:\n{widget}",
        **(more or {}),
    }
    return load_app(folder, files).pages["Login"]


@pytest.mark.parametrize(
    ("widget", "changes", "cacheable"),
    [
        (LOGIN1, {}, True),
        (LOGIN1 + text("Login1.typed"), {}, True),
        (LOGIN1.replace("logo: x", "logo: x, title: '{{ 1 + 1 }}'"), {}, True),
        (LOGIN1.replace("logo: x", "logo: x, title: '{{ appsmith.store.t }}'"), {}, False),
        (LOGIN1.replace("logo: x", "logo: x, title: '{{ new Date().getFullYear() }}'"), {}, False),
        (LOGIN1.replace("logo: x", "logo: x, title: '{{ (5).toLocaleString() }}'"), {}, False),
        (LOGIN1.replace("logo: x", "logo: '{{ auth.uid }}'"), {}, True),
        (LOGIN1, swapped(LOGIN, "default: Sign in", "default: '{{ portico.URL.host }}'"), False),
        (LOGIN1 + text("Login1.token"), {}, False),
        (LOGIN1 + text("Login1.typed"), swapped(LOGIN, "{{ email.text }}", "{{ Date.now() }}"), False),
        (LOGIN1, swapped(LOGIN, "{{ email.text }}", "{{ Date.now() }}"), True),
    ],
)
def test_a_public_page_of_modules_is_kept_while_it_is_the_same_for_all(
    widget: str, changes: dict[str, str], cacheable: bool, tmp_path: Path
) -> None:
    """Literal inputs change nothing; what an input or a shown output reads may."""
    assert entry(tmp_path, widget, changes).cacheable is cacheable


def test_a_page_whose_instances_run_at_load_is_not_kept(tmp_path: Path) -> None:
    """Even if nothing shows what they bring."""
    page = entry(tmp_path, f"{LOGIN1}modules: {{Ask1: {{module: kit/ask, run: on_load}}}}\n")
    assert not page.cacheable


def test_code_modules_that_wait_keep_nothing_from_being_kept(tmp_path: Path) -> None:
    """A function that runs at a click is code, and no data."""
    page = entry(tmp_path, f"{LOGIN1}modules: {{Tools1: {{module: kit/Tools}}, Ask1: {{module: kit/ask}}}}\n")
    assert page.cacheable


def test_a_list_in_a_module(tmp_path: Path) -> None:
    """Its rows are in the module's scope: what a row does, the module's code sees."""
    files = {
        LOGIN: """\
kind: ui
inputs: {people: {default: []}}
widgets:
  - name: rows
    type: List
    listData: "{{ inputs.people }}"
    widgets:
      - {name: who, type: Text, text: "{{ currentItem + helper.mark }}"}
      - {name: say, type: Button, onClick: "{{ helper.say(currentItem) }}"}
""",
        f"{PACKAGE}modules/Login/scripts/helper.js": "export default { mark: '!', say(who) { showAlert(who + this.mark) } }\n",
    }
    kit = {path: content for path, content in USING.items() if "/Login/" not in path}
    page = load_app(
        tmp_path,
        {
            **kit,
            **files,
            HOME: "widgets: [{name: L, module: kit/Login, inputs: {people: \"{{ ['a', 'b'] }}\"}}]\n",
        },
    ).pages["Home"]
    session = Session(page.program)
    assert [session.shown(f"L.rows[{key}].who", "text") for key in (0, 1)] == ["a!", "b!"]
    (alert,) = commands(session.event("L.rows[1].say"))
    assert isinstance(alert, ShowAlert)
    assert alert.message == "b!"


def test_the_app_is_fine(tmp_path: Path) -> None:
    """The control of all cases that change it."""
    assert said(tmp_path, {}) == ""
