"""Files of modules: what each can hold, and what does not go with its kind."""

# ruff: noqa: E501  (messages stand on one line)

from pathlib import Path

import pytest

from portico.definition import scripts
from portico.definition.diagnostics import Problems
from portico.definition.parameters import Parameters
from portico.definition.text import whole
from tests.definition.packages import (
    ASK,
    HOME,
    LOGIN,
    PACKAGE,
    TOOLS,
    TOOLS_SCRIPT,
    package,
    said,
    swapped,
)

CASES: list[tuple[str, dict[str, str], str]] = [
    (
        "no mapping",
        {LOGIN: ""},
        """\
packages/kit/modules/Login/module.yaml:1:1 E202 a module is a mapping
    received: nothing
    fix: write `key: value` lines
""",
    ),
    (
        "no kind",
        swapped(ASK, "kind: query\n", ""),
        """\
packages/kit/modules/ask/module.yaml:1:1 E203 a module needs `kind`
    fix: write one of ui, query, script
""",
    ),
    (
        "another kind",
        swapped(ASK, "kind: query", "kind: qwery"),
        """\
packages/kit/modules/ask/module.yaml:1:7 E204 `kind` cannot be this
    received: qwery
    fix: write one of ui, query, script
""",
    ),
    (
        "an unknown key",
        swapped(
            ASK,
            "kind: query",
            """\
kind: query
events: []""",
        ),
        """\
packages/kit/modules/ask/module.yaml:2:1 E201 a module has no `events`
    received: events
    fix: did you mean `secrets`?
""",
    ),
    (
        "what belongs to a script module",
        swapped(
            LOGIN,
            "kind: ui\n",
            """\
kind: ui
functions: [a]
script: sign
""",
        ),
        """\
packages/kit/modules/Login/module.yaml:2:1 E706 `functions` belongs to modules of kind script, and this one is of kind ui
    fix: remove it, or change `kind`
packages/kit/modules/Login/module.yaml:3:1 E706 `script` belongs to modules of kind script, and this one is of kind ui
    fix: remove it, or change `kind`
""",
    ),
    (
        "what belongs to a query module",
        swapped(
            TOOLS,
            "kind: script\n",
            """\
kind: script
query: q
""",
        ),
        """\
packages/kit/modules/Tools/module.yaml:2:1 E706 `query` belongs to modules of kind query, and this one is of kind script
    fix: remove it, or change `kind`
""",
    ),
    (
        "what belongs to a UI module",
        swapped(
            ASK,
            "kind: query\n",
            """\
kind: query
widgets: []
""",
        ),
        """\
packages/kit/modules/ask/module.yaml:2:1 E706 `widgets` belongs to modules of kind ui, and this one is of kind query
    fix: remove it, or change `kind`
""",
    ),
    (
        "a query that is not there",
        swapped(
            ASK,
            "kind: query\n",
            """\
kind: query
query: aks
""",
        ),
        """\
packages/kit/modules/ask/module.yaml:2:8 E713 the module has no query `aks`
    received: aks
    fix: did you mean `ask`?
""",
    ),
    (
        "several queries",
        {
            f"{PACKAGE}modules/ask/queries/other.yaml": """\
datasource: auth_api
path: /b
"""
        },
        """\
packages/kit/modules/ask/module.yaml:1:1 E713 a query module says which query it is about, unless it has just one
    received: ask, other
    fix: known are `ask`, `other`
""",
    ),
    (
        "no script",
        {f"{PACKAGE}modules/Bare/module.yaml": "kind: script\n"},
        """\
packages/kit/modules/Bare/module.yaml:1:1 E713 a script module says which script it is about, unless it has just one
    received: none
    fix: write one into scripts/
""",
    ),
    (
        "a function that is not there",
        swapped(TOOLS, "[length]", "[length, lenght]"),
        """\
packages/kit/modules/Tools/module.yaml:3:21 E408 the script `Tools` has no function `lenght`
    received: lenght
    fix: did you mean `length`?
""",
    ),
    (
        "a function that is a variable",
        {
            TOOLS: """\
kind: script
functions: {length: {description: How long}, unit: }
""",
            TOOLS_SCRIPT: "export default { length() {}, unit: 'm' }\n",
        },
        """\
packages/kit/modules/Tools/module.yaml:2:51 E408 the script `Tools` has no function `unit`
    received: unit
    fix: known are `length`
""",
    ),
    (
        "a function of an odd form",
        swapped(TOOLS, "[length]", "{length: text}"),
        """\
packages/kit/modules/Tools/module.yaml:3:21 E202 a function is a mapping
    received: the text "text"
    fix: write `key: value` lines
""",
    ),
    (
        "an input that no code could name",
        swapped(LOGIN, "  logo: ", "  new: "),
        """\
packages/kit/modules/Login/module.yaml:4:3 E402 this is a word of JavaScript
    received: new
    fix: choose another name
""",
    ),
    (
        "an input of another type",
        swapped(LOGIN, "type: string}", "type: text}"),
        """\
packages/kit/modules/Login/module.yaml:4:16 E204 `type` cannot be this
    received: text
    fix: write one of any, string, number, boolean, object, list
""",
    ),
    (
        "an input of an odd form",
        swapped(TOOLS, "{default: m}", "[m]"),
        """\
packages/kit/modules/Tools/module.yaml:2:16 E202 an input is a mapping
    received: a list
    fix: write `key: value` lines
""",
    ),
    (
        "a default of another type",
        swapped(LOGIN, "default: Sign in", "default: 5"),
        """\
packages/kit/modules/Login/module.yaml:3:34 E707 the default of `title` is of type string
    received: 5
    fix: write a value of that type, or a binding that gives one
""",
    ),
    (
        "a default that is text around a binding",
        swapped(TOOLS, "{default: m}", '{type: number, default: "1{{ 2 }}"}'),
        """\
packages/kit/modules/Tools/module.yaml:2:40 E707 the default of `unit` is of type number
    received: text around a binding
    fix: write a value of that type, or a binding that gives one
""",
    ),
    (
        "a default that is true and no number",
        swapped(TOOLS, "{default: m}", "{type: number, default: true}"),
        """\
packages/kit/modules/Tools/module.yaml:2:40 E707 the default of `unit` is of type number
    received: true
    fix: write a value of that type, or a binding that gives one
""",
    ),
    (
        "a default that is a list and no object",
        swapped(TOOLS, "{default: m}", '{type: object, default: ["{{ 2 }}"]}'),
        """\
packages/kit/modules/Tools/module.yaml:2:40 E707 the default of `unit` is of type object
    received: a list with bindings in it
    fix: write a value of that type, or a binding that gives one
""",
    ),
    (
        "a default without a value",
        swapped(LOGIN, "default: Sign in", "default:"),
        """\
packages/kit/modules/Login/module.yaml:3:33 E202 the default of `title` has no value
    received: nothing
    fix: write one, or `required: false` for an input that may be undefined
""",
    ),
    (
        "an output that is text",
        swapped(LOGIN, '"{{ email.text }}"', "email"),
        """\
packages/kit/modules/Login/module.yaml:7:10 E305 the output `typed` is exactly one binding
    received: the text "email"
    fix: write "{{ … }}" with nothing around it
""",
    ),
    (
        "an output that is text around a binding",
        swapped(LOGIN, '"{{ email.text }}"', '"<{{ email.text }}>"'),
        """\
packages/kit/modules/Login/module.yaml:7:10 E305 the output `typed` is exactly one binding
    received: the text "<{{ email.text }}>"
    fix: write "{{ … }}" with nothing around it
""",
    ),
    (
        "an output without a value",
        swapped(LOGIN, '"{{ email.text }}"', "{type: string}"),
        """\
packages/kit/modules/Login/module.yaml:7:10 E203 an output needs `value`
    fix: write "{{ … }}" over the widgets, queries and scripts inside
""",
    ),
    (
        "an output that does not parse",
        swapped(LOGIN, '"{{ email.text }}"', '"{{ email. }}"'),
        """\
packages/kit/modules/Login/module.yaml:7:20 E301 the code ends too early
    received: email.
    fix: look for a missing comma, bracket, quote or operator before it
""",
    ),
    (
        "an output that is called like a property",
        swapped(LOGIN, "token: ", "isVisible: "),
        """\
packages/kit/modules/Login/module.yaml:6:3 E713 an instance already has something called `isVisible`
    received: isVisible
    fix: give the output another name
""",
    ),
    (
        "an output that is called like a function",
        swapped(
            TOOLS,
            "functions:",
            """\
outputs: {length: "{{ 1 }}"}
functions:""",
        ),
        """\
packages/kit/modules/Tools/module.yaml:3:11 E713 an instance already has something called `length`
    received: length
    fix: give the output another name
""",
    ),
    (
        "an output that is called like a member of a query",
        swapped(ASK, "outputs: {name", "outputs: {data"),
        """\
packages/kit/modules/ask/module.yaml:3:11 E713 an instance already has something called `data`
    received: data
    fix: give the output another name
""",
    ),
    (
        "a function that is called outputs",
        {
            TOOLS: """\
kind: script
functions: [outputs]
""",
            TOOLS_SCRIPT: "export default { outputs() {} }\n",
        },
        """\
packages/kit/modules/Tools/module.yaml:2:13 E713 an instance already has something called `outputs`
    received: outputs
    fix: give the function another name
""",
    ),
    (
        "a widget that is called inputs",
        swapped(LOGIN, "name: heading", "name: inputs"),
        """\
packages/kit/modules/Login/module.yaml:12:5 E402 in a module this is the name of its inputs
    received: inputs
    fix: rename it
""",
    ),
    (
        "a name that is given twice",
        swapped(LOGIN, "name: heading", "name: send"),
        """\
packages/kit/modules/Login/module.yaml:12:5 E401 the name `send` is also given at packages/kit/modules/Login/queries/send.yaml:1:1
    received: send
    fix: rename one of them
packages/kit/modules/Login/queries/send.yaml:1:1 E401 the name `send` is also given at packages/kit/modules/Login/module.yaml:12:5
    received: send
    fix: rename one of them
""",
    ),
    (
        "a widget that does not exist",
        swapped(LOGIN, "name: heading, type: Text", "name: heading, type: Txt"),
        """\
packages/kit/modules/Login/module.yaml:12:27 E205 there is no widget type `Txt`
    received: Txt
    fix: did you mean `Text`?
""",
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_wrong_with_a_module(changes: dict[str, str], expected: str, tmp_path: Path) -> None:
    """Each mistake with its place, what was found and what to do."""
    assert said(tmp_path, {HOME: "title: Home\n", **changes}) == expected.strip("\n")


@pytest.mark.parametrize(
    ("code", "names", "one"),
    [
        ("fn(a, b) {}", ("a", "b"), False),
        ("fn: (a, b = 1) => a", ("a", "b"), False),
        ("fn: async function (a, ...rest) {}", ("a",), False),
        ("fn: a => a", ("a",), False),
        ("async fn({ a, b: c, d = 2, ...rest }) {}", ("a", "b", "d"), True),
        ("fn: ({ a, 'b-c': d } = {}) => a", ("a", "b-c"), True),
        ("fn: function* (a /* first */, /* second */ b) {}", ("a", "b"), False),
        ("fn({ a }, b) {}", (), False),
        ("fn(a, { b }) {}", ("a",), False),
        ("fn([a, b]) {}", (), False),
        ("fn() {}", (), False),
        ("'fn'(a) {}", ("a",), False),
        ("fn: above", ("x", "y"), False),
        ("fn: arrow", ("x",), True),
    ],
)
def test_parameters_are_those_of_the_code(
    code: str, names: tuple[str, ...], one: bool, tmp_path: Path
) -> None:
    """However the function is written; what has no name is passed on as it comes."""
    script = f"function above(x, y) {{}}\nconst arrow = ({{ x }}) => x;\nexport default {{ {code}, length() {{}} }}\n"
    changes = {TOOLS: "kind: script\nfunctions: [fn]\n", TOOLS_SCRIPT: script}
    contract = package(tmp_path, changes).contract
    assert contract is not None
    assert contract.modules["Tools"].functions["fn"].parameters == names
    assert parameters(script).one is one


def parameters(script: str) -> Parameters:
    """Those of `fn`."""
    read = scripts.read("Tools", whole("Tools.js", script), Problems())
    assert read is not None
    return read.functions["fn"]


def test_a_module_may_leave_out_what_has_a_meaning_without(tmp_path: Path) -> None:
    """Inputs without a word are required, outputs are of any type, the only query is the one it is about."""
    inputs = "inputs: {a: , b: {required: false}, c: {default: ''}}"
    contract = package(tmp_path, {f"{PACKAGE}modules/Bare/module.yaml": f"kind: ui\n{inputs}\n"}).contract
    assert contract is not None
    found = contract.modules["Bare"].inputs
    assert {name: (one.type, one.required) for name, one in found.items()} == {
        "a": ("any", True),
        "b": ("any", False),
        "c": ("any", False),
    }
    assert contract.modules["ask"].outputs["name"].type == "any"


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("string", "text"),
        ("string", "'5'"),
        ("number", "5"),
        ("number", "1.5"),
        ("boolean", "false"),
        ("object", "{a: 1}"),
        ("object", '{a: "{{ 1 }}"}'),
        ("list", "[1]"),
        ("list", '["{{ 1 }}"]'),
        ("string", '"a {{ 1 }}"'),
        ("list", '"{{ 1 }}"'),
        ("any", "[1]"),
    ],
)
def test_values_of_a_type(kind: str, default: str, tmp_path: Path) -> None:
    """A binding may give anything."""
    assert package(tmp_path, swapped(TOOLS, "{default: m}", f"{{type: {kind}, default: {default}}}")).contract
