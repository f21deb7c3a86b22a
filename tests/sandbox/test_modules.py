"""Module instances while they run: inputs, outputs, functions, and what hangs on changes."""

# ruff: noqa: E501  (files of apps stand on one line)

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portico.definition.load import load
from portico.model.page import Page
from portico.sandbox.turn import ClearStore, Navigate, ShowAlert, StoreValue, Turn
from tests.definition.apps import PLAIN, TYPES, write
from tests.sandbox.sessions import Session, asks, commands, posted, request, requests, result

HOME = "pages/Home/page.yaml"


def module(name: str, contract: str, **files: str) -> dict[str, str]:
    """The files of a module; `s_x` is the script `x`, `q_x` the query `x`."""
    folder = f"packages/kit/modules/{name}/"
    found = {f"{folder}module.yaml": contract}
    for key, content in files.items():
        kind, _, own = key.partition("_")
        path = f"scripts/{own}.js" if kind == "s" else f"queries/{own}.yaml"
        found[folder + path] = content
    return found


def page(home: str, *modules: Mapping[str, str], more: Mapping[str, str] | None = None) -> Page:
    """A page over modules of a package, without a problem."""
    files = {
        **PLAIN,
        "app.yaml": "auth: none\npackages: {kit: {path: packages/kit}}\n",
        "packages/kit/package.yaml": "name: kit\nversion: 1.0.0\n",
        "packages/kit/datasources/auth.yaml": "url: https://auth.example.com\n",
        HOME: home,
        **(more or {}),
    }
    for one in modules:
        files |= one
    with tempfile.TemporaryDirectory() as folder:
        loaded = load(write(Path(folder), files), types=TYPES, settings={})
    assert [problem.as_text() for problem in loaded.problems] == []
    assert loaded.app is not None
    return loaded.app.pages["Home"]


def session(home: str, *modules: Mapping[str, str], first: tuple[Mapping[str, Any], ...] = ()) -> Session:
    """A context of such a page."""
    return Session(page(home, *modules).program, *first)


def button(name: str, code: str) -> str:
    """A button that runs code."""
    return f'  - {{name: {name}, type: Button, onClick: "{{{{ {code} }}}}"}}\n'


def text(name: str, code: str) -> str:
    """A text that shows what code gives."""
    return f'  - {{name: {name}, type: Text, text: "{{{{ {code} }}}}"}}\n'


def alerts(turn: Turn) -> list[str]:
    """The messages that a turn shows."""
    return [one.message for one in commands(turn) if isinstance(one, ShowAlert)]


# ---- Inputs and outputs

CARD = module(
    "Card",
    """\
kind: ui
inputs:
  title: {default: Card}
  size: {default: "{{ count.start + 1 }}"}
  note: {required: false}
outputs:
  typed: "{{ box.text }}"
  shout: "{{ inputs.title.toUpperCase() + box.text }}"
  count: "{{ count.clicks }}"
  list: "{{ count.list }}"
widgets:
  - {name: head, type: Text, text: "{{ inputs.title + inputs.size + typeof inputs.note }}"}
  - {name: box, type: Input}
  - {name: more, type: Button, onClick: "{{ count.more() }}"}
""",
    s_count="export default { start: 1, clicks: 0, list: [], more() { this.clicks += 1; this.list.push(this.clicks) }, first() { this.start = 10 } }",
)


def test_inputs_are_given_or_their_defaults() -> None:
    """A default is over the module, what is given over the page; one left out is undefined."""
    open_ = session(
        "widgets:\n"
        "  - {name: Name, type: Input}\n"
        "  - {name: A, module: kit/Card}\n"
        '  - {name: B, module: kit/Card, inputs: {title: "{{ Name.text }}", size: [1], note: x}}\n',
        CARD,
    )
    assert open_.shown("A.head", "text") == "Card2undefined"
    assert open_.shown("B.head", "text") == "1string"
    turn = open_.turn(posted("Name", "Hi"))
    assert turn.patch["B.head"] == {"text": "Hi1string"}
    assert "A.head" not in turn.patch


def test_outputs_are_reactive_under_both_of_their_names() -> None:
    """`Name.x` and `Name.outputs.x`, of each instance its own."""
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Card}\n  - {name: B, module: kit/Card, inputs: {title: b}}\n"
        + text("See", "A.typed + '|' + A.outputs.typed + '|' + B.typed")
        + text("Loud", "B.shout")
        + text("Count", "[A.count, B.count, A.list.length].join()"),
        CARD,
    )
    assert open_.turn(posted("A.box", "x")).patch["See"] == {"text": "x|x|"}
    assert open_.turn(posted("B.box", "y")).patch["See"] == {"text": "x|x|y"}
    assert open_.shown("Loud", "text") == "By"
    open_.event("A.more")
    open_.event("A.more")
    assert open_.shown("Count", "text") == "2,0,2"


def test_what_stands_in_outputs_can_be_listed() -> None:
    """As an object: its keys, its JSON, `in`."""
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Card}\n"
        + text("Json", "JSON.stringify(A.outputs)")
        + text(
            "In",
            "['typed' in A.outputs, 'title' in A.outputs, 'typed' in A, [A][0].title === undefined].join()",
        )
        + text("Spread", "Object.keys({...A.outputs}).join()"),
        CARD,
    )
    assert open_.shown("Json", "text") == '{"typed":"","shout":"CARD","count":0,"list":[]}'
    assert open_.shown("In", "text") == "true,false,true,true"
    assert open_.shown("Spread", "text") == "typed,shout,count,list"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("A.outputs.typed = 1", "A.outputs.typed cannot be assigned"),
        ("A.typed = 1", "A.typed cannot be assigned"),
        ("T.size = 1", "T.size cannot be assigned"),
        ("T.set()", "inputs.unit cannot be assigned"),
        ("delete A.outputs.typed", None),
    ],
)
def test_inputs_and_outputs_cannot_be_assigned(code: str, message: str | None) -> None:
    """They are computed; who wants another value gives another."""
    open_ = session(
        f"modules: {{T: {{module: kit/tools}}}}\nwidgets:\n  - {{name: A, module: kit/Card}}\n{button('Go', code)}"
        + text("See", "A.typed"),
        CARD,
        TOOLS,
    )
    turn = open_.event("Go")
    assert [error.message for error in turn.errors if message is not None and message in error.message] == (
        [turn.errors[0].message] if message is not None else []
    )
    assert open_.turn(posted("A.box", "still")).patch["See"] == {"text": "still"}


def test_a_promise_is_no_value() -> None:
    """Of an input or an output: what it gives is not there when it is read."""
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Later, inputs: {x: '{{ getUser.run }}'}}\n" + text("See", "A.y"),
        module("Later", "kind: ui\ninputs: {x: }\noutputs: {y: '{{ (async () => 1)() }}'}\nwidgets: []\n"),
    )
    assert [(error.owner, error.property) for error in open_.turns[0].errors] == [("A", "y")]
    assert "gives a promise" in open_.turns[0].errors[0].message


def test_a_circle_that_only_running_shows_is_an_error() -> None:
    """Through names that are computed; both sides are empty, and the page goes on."""
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Echo, inputs: {x: \"{{ [A][0]['y'] }}\"}}\n"
        + text("See", "[A.y, 1].join()"),
        module("Echo", "kind: ui\ninputs: {x: }\noutputs: {y: '{{ inputs[`x`] }}'}\nwidgets: []\n"),
    )
    assert {error.name for error in open_.turns[0].errors} == {"CycleError"}
    assert open_.shown("See", "text") == ",1"


# ---- Query modules

ASK = module(
    "ask",
    "kind: query\ninputs: {email: , password: {default: none}, kind: {default: a}}\n"
    "outputs: {token: '{{ ask.data.token }}', sent: '{{ inputs.email }}'}\ndatasources: [auth]\n",
    q_ask="""\
datasource: auth
method: POST
path: /token/{{ inputs.kind }}
body: '{"email": {{inputs.email}}, "password": {{inputs.password}}, "more": {{this.params.more}}}'
""",
)
ASKING = 'modules:\n  Ask: {module: kit/ask, inputs: {email: "{{ Name.text }}"}}\nwidgets:\n  - {name: Name, type: Input}\n'


def body(effect: Any) -> dict[str, Any]:
    """What a request of `ask` sends."""
    return dict(json.loads(effect.request.body))


def test_a_query_module_sends_its_inputs() -> None:
    """As they are when it runs."""
    open_ = session(ASKING + button("Go", "Ask.run()"), ASK)
    asked = request(open_.event("Go", "onClick", posted("Name", "a@b")))
    assert (asked.query, asked.request.path) == ("Ask.ask", "/token/a")
    assert body(asked) == {"email": "a@b", "password": "none", "more": None}


def test_what_run_is_given_stands_for_inputs_of_the_same_name() -> None:
    """For that request alone (row S1-8); what has no input of its name is a parameter."""
    open_ = session(
        ASKING
        + button("Go", "Ask.run({email: 'x', kind: undefined, more: [1]})")
        + button("Again", "Ask.run()")
        + text("Sent", "Ask.sent"),
        ASK,
    )
    asked = request(open_.event("Go"))
    assert body(asked) == {"email": "x", "password": "none", "more": [1]}
    assert asked.request.path == "/token/"
    assert asked.params == {"email": "x", "more": [1]}
    assert open_.shown("Sent", "text") == ""
    assert body(request(open_.event("Again")))["email"] == ""


def test_runs_at_once_do_not_share_what_they_were_given() -> None:
    """Each has its own."""
    code = "Promise.all([Ask.run({email: 'a'}), Ask.run(), Ask.run({password: 'c'})])"
    asked = requests(session(ASKING + button("Go", code), ASK).event("Go"))
    assert [(body(one)["email"], body(one)["password"]) for one in asked] == [
        ("a", "none"),
        ("", "none"),
        ("", "c"),
    ]


def test_a_run_that_asks_first_sends_what_it_was_given_then() -> None:
    """The answer comes in another turn."""
    home = ASKING.replace("kit/ask,", "kit/ask, confirm: 'Sure?',")
    open_ = session(home + button("Go", "Ask.run({email: 'x'})"), ASK)
    (question,) = asks(open_.event("Go"))
    assert question.question == "Sure?"
    turn = open_.turn({"k": "result", "id": question.id, "ok": True, "value": True})
    assert body(request(turn))["email"] == "x"


def test_an_automatic_query_module_runs_when_its_inputs_change() -> None:
    """What one run was given does not count for the next."""
    home = ASKING.replace("kit/ask,", "kit/ask, run: automatic,")
    open_ = session(home + button("Go", "Ask.run({email: 'x'})"), ASK)
    asked = request(open_.turn({"k": "run", "ev": "load", "q": "Ask.ask", "load": True}))
    open_.answer(asked, {})
    assert body(request(open_.turn(posted("Name", "n"))))["email"] == "n"
    assert body(request(open_.event("Go")))["email"] == "x"
    assert requests(open_.turn(posted("Name", "n"))) == []


def test_a_query_module_is_used_like_a_query() -> None:
    """`run` with callbacks, `data`, `responseMeta`, `isLoading`, `clear`, and its outputs."""
    open_ = session(
        ASKING
        + button(
            "Go",
            "Ask.run({more: 1}, (data, params) => showAlert(data.token + params.more), (m) => showAlert('no ' + m))",
        )
        + button("Clear", "Ask.clear()")
        + text("See", "[Ask.data?.token, Ask.token, Ask.responseMeta?.statusCode, Ask.isLoading].join()"),
        ASK,
    )
    assert open_.shown("See", "text") == ",,,false"
    asked = request(open_.event("Go"))
    assert open_.shown("See", "text") == ",,,true"
    turn = open_.answer(asked, {"token": "T"})
    assert open_.shown("See", "text") == "T,T,200 OK,false"
    assert alerts(turn) == ["T1"]
    assert alerts(open_.answer(request(open_.event("Go")), ok=False, message="why")) == ["no why"]
    open_.event("Clear")
    assert open_.shown("See", "text").startswith(",,")


def test_a_list_of_actions_runs_modules() -> None:
    """A query module by its name, a function by both."""
    home = """\
modules: {Ask: {module: kit/ask}, T: {module: kit/tools}}
widgets:
  - name: Go
    type: Button
    onClick:
      - run: Ask
        params: {email: e}
        on_success: [{alert: "{{ result.token }}"}]
      - {run: T.size, with: [2, km]}
"""
    open_ = session(home, ASK, TOOLS)
    asked = request(open_.event("Go"))
    assert body(asked)["email"] == "e"
    assert alerts(open_.answer(asked, {"token": "T"})) == ["T", "2km"]


# ---- Script modules

TOOLS = module(
    "tools",
    """\
kind: script
inputs: {unit: {default: m}, value: {required: false}, b: {default: B}}
outputs: {last: "{{ tools.size.data }}", kept: "{{ tools.kept }}"}
functions: [size, named, whole, rest, none, set, later, dflt]
""",
    s_tools="""\
export default {
  kept: 0,
  size(value, unit) { showAlert(String(value) + unit); return value + unit },
  named({ value, unit = 'own', b: c, ...others }) { showAlert([value, unit, c, JSON.stringify(others)].join()); return c },
  whole(record) { showAlert(String(JSON.stringify(record))) },
  rest(value, ...others) { showAlert([value, ...others].join()) },
  none() { showAlert(String(arguments.length)) },
  set() { inputs.unit = 1 },
  async later(value) { await null; this.kept += 1; return { value, unit: inputs.unit } },
  dflt(value = 'v', unit) { showAlert(value + unit) },
  hidden() {},
}
""",
)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("T.size(1, 'km')", "1km"),
        ("T.size(1)", "1m"),
        ("T.size()", "7m"),
        ("T.size({value: 2, unit: 'cm'})", "2cm"),
        ("T.size({unit: 'cm'})", "7cm"),
        ("T.size({other: 1})", "[object Object]m"),
        ("T.size({})", "[object Object]m"),
        ("T.size(null)", "nullm"),
        ("T.size(undefined, 'x')", "7x"),
        ("T.size([1], 'x')", "1x"),
        ("T.named({value: 1, unit: 2, b: 3, more: 4})", '1,2,3,{"more":4}'),
        ("T.named({value: 1})", "1,m,B,{}"),
        ("T.named()", "7,m,B,{}"),
        ("T.named(1, 2, 3)", "1,2,3,{}"),
        ("T.named('a@b', 'p')", "a@b,p,B,{}"),
        ("T.whole({value: 1})", '{"value":1}'),
        ("T.whole()", "undefined"),
        ("T.rest(1, 2, 3)", "1,2,3"),
        ("T.rest()", "7"),
        ("T.none(1, 2)", "2"),
        ("T.dflt()", "7m"),
        ("U.dflt()", "vm"),
        ("U.size()", "undefinedm"),
    ],
)
def test_arguments_of_an_exported_function(call: str, said: str) -> None:
    """By position or as one object, whichever way it is written; what is not given comes from the inputs
    (row S1-12), and what has neither is the function's own default."""
    home = (
        "modules: {T: {module: kit/tools, inputs: {value: 7}}, U: {module: kit/tools}}\nwidgets:\n"
        + button("Go", call)
    )
    turn = session(home, TOOLS).event("Go")
    assert turn.errors == ()
    assert alerts(turn) == [said]


def test_data_of_an_exported_function() -> None:
    """What it last gave, of each instance its own; variables are its own too and are not seen outside."""
    open_ = session(
        "modules: {T: {module: kit/tools}, U: {module: kit/tools, inputs: {unit: u}}}\nwidgets:\n"
        + button("Go", "T.later(1)")
        + text(
            "See",
            "[T.later.data?.value, T.later.data?.unit, U.later.data, T.kept, U.kept, typeof [T][0].hidden].join()",
        ),
        TOOLS,
    )
    assert open_.shown("See", "text") == ",,,0,0,undefined"
    open_.event("Go")
    assert open_.shown("See", "text") == "1,m,,1,0,undefined"


def test_a_function_at_load_takes_its_inputs() -> None:
    """As any call without arguments."""
    home = (
        "modules: {T: {module: kit/tools, inputs: {value: 5, unit: \"{{ Name.text + '!' }}\"}, functions: {size: {run: on_load}}}}\n"
        "widgets:\n  - {name: Name, type: Input}\n" + text("See", "T.last")
    )
    found = page(home, TOOLS)
    assert found.load == (("T.tools.size",),)
    open_ = Session(found.program)
    turn = open_.turn({"k": "call", "ev": "load", "w": "T.tools", "p": "size", "args": [], "load": True})
    assert alerts(turn) == ["5!"]
    assert open_.shown("See", "text") == "5!"


def test_a_function_that_asks_first() -> None:
    """By what the instance says."""
    home = "modules: {T: {module: kit/tools, functions: {size: {confirm: 'Really?'}}}}\nwidgets:\n" + button(
        "Go", "T.size(1)"
    )
    open_ = session(home, TOOLS)
    (question,) = asks(open_.event("Go"))
    assert question.question == "Really?"
    turn = open_.turn({"k": "result", "id": question.id, "ok": True, "value": True})
    assert alerts(turn) == ["1m"]


# ---- The app that uses it

SIGN = module(
    "Sign",
    """\
kind: ui
stores: ["*"]
navigates: [Home]
outputs: {who: "{{ appsmith.store.name }}", open: "{{ auth.isLoggedIn }}"}
widgets:
  - {name: box, type: Input}
  - {name: go, type: Button, onClick: "{{ act.go() }}"}
  - {name: clear, type: Button, onClick: "{{ clearStore() }}"}
  - {name: reset, type: Button, onClick: "{{ resetWidget('box') }}"}
""",
    s_act="export default { async go() { await storeValue('name', box.text); navigateTo('Home', {a: 1}); showAlert(appsmith.URL.host, 'info') } }",
)


def test_functions_of_the_framework_act_on_the_app() -> None:
    """Stores, pages, messages, the address and who is signed in are the app's (row S0-12)."""
    env = {"k": "env", "mode": "VIEW", "url": {"host": "h"}, "auth": {"isLoggedIn": True}}
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Sign}\n  - {name: B, module: kit/Sign}\n"
        + text("See", "[A.who, B.who, appsmith.store.name, A.open].join()"),
        SIGN,
        first=(env,),
    )
    open_.turn(posted("B.box", "b"))
    stored, went, told = commands(open_.event("A.go", "onClick", posted("A.box", "x")))
    assert isinstance(stored, StoreValue)
    assert (stored.key, stored.value) == ("name", "x")
    assert isinstance(went, Navigate)
    assert (went.to, dict(went.params)) == ("Home", {"a": 1})
    assert isinstance(told, ShowAlert)
    assert told.message == "h"
    assert open_.shown("See", "text") == "x,x,x,true"
    assert isinstance(commands(open_.event("A.clear"))[0], ClearStore)
    assert open_.shown("See", "text") == ",,,true"
    open_.event("A.reset")
    assert (open_.shown("A.box", "text"), open_.shown("B.box", "text")) == ("", "b")


def test_modules_in_modules() -> None:
    """Each has its own scope; inputs go in and outputs come out step by step."""
    outer = module(
        "Outer",
        """\
kind: ui
inputs: {word: }
outputs: {all: "{{ one.shout + two.shout + Tool.last }}"}
modules: {Tool: {module: tools, inputs: {unit: "{{ inputs.word }}"}}}
widgets:
  - {name: box, type: Input}
  - {name: one, module: Card, inputs: {title: "{{ inputs.word + box.text }}"}}
  - {name: two, module: kit/Card}
  - {name: go, type: Button, onClick: "{{ Tool.size(1) }}"}
""",
    )
    open_ = session(
        "widgets:\n  - {name: O, module: kit/Outer, inputs: {word: w}}\n  - {name: P, module: kit/Outer, inputs: {word: p}}\n"
        + text("See", "O.all"),
        CARD,
        TOOLS,
        outer,
    )
    assert open_.shown("O.one.head", "text") == "w2undefined"
    open_.turn(posted("O.box", "x"), posted("O.two.box", "y"), posted("P.two.box", "no"))
    assert open_.shown("O.one.head", "text") == "wx2undefined"
    open_.event("O.go")
    assert open_.shown("See", "text") == "WXCARDy1w"
    open_.event("O.one.more")
    assert open_.snapshot()["cells"].keys() == {
        "O.box",
        "O.two.box",
        "P.two.box",
        "O.Tool.tools",
        "O.one.count",
    }


# ---- Snapshots


def test_state_inside_instances_is_kept() -> None:
    """What users typed, variables of scripts, what queries and functions brought."""
    home = (
        "modules: {Ask: {module: kit/ask}, T: {module: kit/tools}}\n"
        "widgets:\n  - {name: A, module: kit/Card}\n  - {name: B, module: kit/Card}\n"
        + button("Go", "Ask.run()")
        + button("Size", "T.size(3)")
        + text("See", "[A.typed, B.typed, A.count, A.list.length, Ask.token, T.last, T.size.data].join()")
    )
    program = page(home, CARD, ASK, TOOLS).program
    before = Session(program)
    before.turn(posted("A.box", "x"))
    before.event("A.more")
    before.answer(request(before.event("Go")), {"token": "T"})
    before.event("Size")
    assert before.shown("See", "text") == "x,,1,1,T,3m,3m"
    kept = before.snapshot()
    after = Session(program, {"k": "env", "mode": "VIEW"}, {"k": "restore", "state": kept})
    assert after.shown("See", "text") == "x,,1,1,T,3m,3m"
    assert after.snapshot() == kept
    assert after.turns[0].errors == ()


# ---- What is wrong with outputs

WAITING = module(
    "Waiting",
    """\
kind: ui
outputs:
  token: "{{ act.go.data.token }}"
  code: "{{ ask.responseMeta.statusCode }}"
  deep: "{{ ask.data.user.name }}"
  typo: "{{ ask.dta.token }}"
  inner: "{{ In.name.first }}"
modules: {In: {module: person}}
datasources: [auth]
widgets:
  - {name: go, type: Button, onClick: "{{ act.go() }}"}
  - {name: ask_it, type: Button, onClick: "{{ ask.run() }}"}
""",
    s_act="export default { go() { return null } }",
    q_ask="datasource: auth\npath: /me\nrun: manual\n",
)
PERSON = module(
    "person",
    "kind: query\noutputs: {name: '{{ person.data.name }}'}\ndatasources: [auth]\n",
    q_person="datasource: auth\npath: /x\nrun: manual\n",
)


def test_what_has_not_been_brought_yet_is_no_mistake() -> None:
    """A member of what no query and no function has brought is silent until it was; a typo is said at
    once, and once (row S0-15)."""
    open_ = session(
        "widgets:\n  - {name: A, module: kit/Waiting}\n"
        + text("See", "[A.token, A.code, A.deep, A.inner, A.typo].join()"),
        WAITING,
        PERSON,
    )
    first = open_.turns[0]
    assert [(error.owner, error.property, error.name) for error in first.errors] == [
        ("A", "typo", "TypeError")
    ]
    assert open_.shown("See", "text") == ",,,,"
    turn = open_.event("A.go")
    assert [(error.property, error.name) for error in turn.errors] == [("token", "TypeError")]
    turn = open_.answer(request(open_.event("A.ask_it")), {"user": None})
    assert [error.property for error in turn.errors] == ["deep"]
    assert open_.shown("See", "text") == ",200 OK,,,"
    assert open_.event("A.go").errors == ()


def test_an_output_that_fails_again_in_another_way_says_so() -> None:
    """Once for each way, and the place is the module's."""
    found = page(
        "widgets:\n  - {name: A, module: kit/Odd}\n" + text("See", "A.out"),
        module(
            "Odd",
            "kind: ui\noutputs: {out: '{{ bad.of(box.text) }}'}\nwidgets: [{name: box, type: Input}]\n",
            s_bad="export default { of(text) {\n if (text !== 'ok') throw new Error('no ' + text); return text } }",
        ),
    )
    open_ = Session(found.program)
    (error,) = open_.turns[0].errors
    assert (error.owner, error.property, error.message) == ("A", "out", "no ")
    assert error.line is not None
    assert error.column is not None
    assert str(found.program.locate(error.line, error.column)).startswith(
        "packages/kit/modules/Odd/scripts/bad.js:2"
    )
    assert [error.message for error in open_.turn(posted("A.box", "x")).errors] == ["no x"]
    assert open_.turn(posted("A.box", "x")).errors == ()
    assert open_.turn(posted("A.box", "ok")).errors == ()
    assert open_.shown("See", "text") == "ok"
    assert [error.message for error in open_.turn(posted("A.box", "x")).errors] == ["no x"]


# ---- onOutputChange


def changing(event: str, more: str = "") -> Session:
    """A page that does something when an output of `A` changes."""
    return session(
        f'widgets:\n  - {{name: A, module: kit/Card, inputs: {{size: "{{{{ appsmith.store.s }}}}"}}, onOutputChange: {event}}}\n{more}',
        CARD,
    )


def test_a_change_of_outputs_runs_what_hangs_on_it() -> None:
    """Once for all that an input changed, with its values; not when the page opens, nor without a change."""
    open_ = changing('"{{ showAlert(A.typed + A.count) }}"')
    assert alerts(open_.turns[0]) == []
    assert alerts(open_.turn(posted("A.box", "x"))) == ["x0"]
    assert alerts(open_.turn(posted("A.box", "x"))) == []
    assert alerts(open_.event("A.more", "onClick", posted("A.box", "y"))) == ["y0", "y1"]
    assert alerts(open_.turn({"k": "env", "store": {"persistent": {"s": 5}, "session": {}}})) == []


def test_a_change_deep_inside_an_output_counts() -> None:
    """What it gives is compared, not which object it is."""
    open_ = changing('"{{ showAlert(String(A.list)) }}"')
    assert alerts(open_.event("A.more")) == ["1"]
    assert alerts(open_.event("A.more")) == ["1,2"]


def test_it_belongs_to_the_event_that_changed_it() -> None:
    """And so does what it asks for."""
    open_ = changing('"{{ getUser.run() }}"')
    turn = open_.turn({**posted("A.box", "x"), "ev": "e7"})
    assert request(turn).ev == "e7"


def test_all_of_its_actions_run_in_the_same_turn() -> None:
    """A list of them, and what follows an `await`."""
    open_ = changing("[{store: {a: 1}}, {alert: two}, {navigate: Home}]")
    stored, told, went = commands(open_.turn(posted("A.box", "x")))
    assert isinstance(stored, StoreValue)
    assert isinstance(told, ShowAlert)
    assert isinstance(went, Navigate)
    open_ = changing("\"{{ (async () => { await null; await null; showAlert('late') })() }}\"")
    assert alerts(open_.turn(posted("A.box", "x"))) == ["late"]


def test_its_failure_is_reported_with_its_place() -> None:
    """At once, as that of any event; one that is thrown after an `await` too."""
    for code in ("null.x", "(async () => { await null; null.x })()"):
        (error,) = changing(f'"{{{{ {code} }}}}"').turn(posted("A.box", "x")).errors
        assert (error.owner, error.property, error.unhandled) == ("A", "onOutputChange", True)


def test_it_does_not_run_for_what_was_restored() -> None:
    """What was there when the page was left is no change."""
    home = 'widgets:\n  - {name: A, module: kit/Card, onOutputChange: "{{ showAlert(A.typed) }}"}\n'
    program = page(home, CARD).program
    before = Session(program)
    before.turn(posted("A.box", "x"))
    after = Session(program, {"k": "env", "mode": "VIEW"}, {"k": "restore", "state": before.snapshot()})
    assert alerts(after.turns[0]) == []
    assert alerts(after.turn(posted("A.box", "x"))) == []
    assert alerts(after.turn(posted("A.box", "z"))) == ["z"]


@pytest.mark.parametrize("wait", ["", "await null; ", "await getUser.run(); "])
def test_what_changes_its_own_outputs_is_stopped(wait: str) -> None:
    """After ten runs of one event, at once or over many turns; the next event begins anew."""
    code = f"(async () => {{ {wait}storeValue('n', (appsmith.store.n ?? 0) + 1) }})()"
    counter = module(
        "Counter",
        "kind: ui\noutputs: {n: '{{ appsmith.store.n + box.text }}'}\nwidgets: [{name: box, type: Input}]\n",
    )
    open_ = session(
        f'widgets:\n  - {{name: A, module: kit/Counter, onOutputChange: "{{{{ {code} }}}}"}}\n', counter
    )
    for event in ("one", "two"):
        turn = open_.turn({**posted("A.box", event), "ev": event})
        stored, errors = list(commands(turn)), list(turn.errors)
        while requests(turn):
            turn = open_.turn(result(request(turn), {}))
            stored += commands(turn)
            errors += turn.errors
        assert len(stored) == 10
        (error,) = errors
        assert (error.owner, error.property, error.event) == ("A", "onOutputChange", event)
        assert error.message == "what A does when its outputs change changes them, and was stopped"


def test_turns_that_belong_to_no_event_do_not_add_up() -> None:
    """Ten runs are for one of them."""
    open_ = changing('"{{ showAlert(A.typed) }}"')
    for number in range(15):
        assert alerts(open_.turn(posted("A.box", str(number)))) == [str(number)]


def test_two_instances_may_answer_each_other() -> None:
    """What one's change changes in the other is a change, until it is quiet."""
    home = (
        "widgets:\n  - {name: A, module: kit/Card, onOutputChange: \"{{ showAlert('A ' + A.typed) }}\"}\n"
        '  - {name: B, module: kit/Card, onOutputChange: "{{ showAlert(\'B \' + B.typed) }}", inputs: {title: "{{ A.typed }}"}}\n'
    )
    turn = session(home, CARD).turn(posted("A.box", "x"))
    assert sorted(alerts(turn)) == ["A x", "B "]


def test_the_page_reaches_the_widgets_inside_as_a_whole() -> None:
    """A Form around an instance counts its inputs, and a reset of the instance resets them."""
    home = (
        "widgets:\n  - name: Box\n    type: Form\n    widgets: [{name: A, module: kit/Card}]\n"
        "  - {name: B, module: kit/Card}\n" + text("See", "Box.data") + button("Go", "resetWidget('A')")
    )
    open_ = session(home, CARD)
    assert open_.shown("See", "text") == 1
    open_.turn(posted("A.box", "x"), posted("B.box", "y"))
    open_.event("Go")
    assert (open_.shown("A.box", "text"), open_.shown("B.box", "text")) == ("", "y")
