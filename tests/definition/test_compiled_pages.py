"""The program a page compiles to, whole, and the way back to the files."""

from pathlib import Path

import pytest

from portico.model.access import Public
from portico.model.place import Place
from portico.model.program import Run
from portico.model.widget import Position
from tests.definition.apps import PLAIN, app
from tests.definition.programs import check_with_node, chunk, definition, programs

SMALL = {
    **PLAIN,
    "pages/Home/page.yaml": """\
title: Home
widgets:
  - name: Login
    type: Form
    widgets:
      - {name: NameInput, type: Input, label: Your name, isRequired: true}
      - name: Send
        type: Button
        position: {left: 4, top: 10, width: 16, height: 4}
        isDisabled: "{{ NameInput.text === '' }}"
        onClick: |
          {{
            const name = NameInput.text;
            await save.run({ name });
          }}
  - {name: Hello, type: Text, text: "Hello {{ NameInput.text }}!"}
""",
    "pages/Home/queries/getUser.yaml": "datasource: api\nmethod: POST\npath: /user\n",
    "pages/Home/queries/save.yaml": """\
datasource: api
method: POST
path: /users/{{ this.params.name }}
params: {page: 2, sort: [a, b]}
headers: {X-From: shop}
body: |
  {"name": {{ NameInput.text }}, "note": "by {{ Tools.who }}"}
timeout: 5s
""",
    "pages/Home/scripts/Tools.js": """\
const one = 1
export default {
  who: 'me',
  count() { return one + NameInput.text.length },
}
""",
}

SOURCE = """\
], [
function(self, kit){return (kit.inputs(self).length)}
,
function(self, kit){return (self.data > 0)}
,
function(self, kit){return (self.typed ?? "")}
,
function(self, kit){return ((value) => { self.typed = value })}
,
function(NameInput){return function(){return (
 NameInput.text === ''\x20
)}}
,
function(NameInput, save){return async function(){

  const name = NameInput.text;
  await save.run({ name });

}}
,
function(NameInput){return function(){return (
 NameInput.text\x20
)}}
,
function(){return function(){return (
 this.params.name\x20
)}}
,
function(NameInput){return function(){return (
 NameInput.text\x20
)}}
,
function(Tools){return function(){return (
 Tools.who\x20
)}}
,
function(NameInput){return function(){var $$;
const one = 1
$$ =           {
  who: 'me',
  count() { return one + NameInput.text.length },
}

return $$}}
]);
"""


COMMON = {"isVisible": True, "animateLoading": True}
FLAGS = ["animateLoading", "isVisible"]
PLAIN_TYPE: dict[str, object] = {
    "meta": {},
    "flags": FLAGS,
    "derived": {},
    "methods": {},
    "value": None,
    "inner": [],
    "rows": None,
    "reset": [],
}


def test_a_small_page_compiles_to_this(tmp_path: Path) -> None:
    """The definition and every chunk of a page with a form, an action, a body and a script."""
    page = app(tmp_path, SMALL).pages["Home"]
    assert definition(page.program) == {
        "app": "shop",
        "page": "Home",
        "chunks": [
            ["self", "kit"],
            ["self", "kit"],
            ["self", "kit"],
            ["self", "kit"],
            ["NameInput"],
            ["NameInput", "save"],
            ["NameInput"],
            [],
            ["NameInput"],
            ["Tools"],
            ["NameInput"],
        ],
        "types": {
            "Form": {
                "meta": {},
                "defaults": COMMON,
                "flags": FLAGS,
                "derived": {"data": 0, "hasChanges": 1},
                "methods": {},
                "value": None,
                "inner": [],
                "rows": None,
                "reset": [],
            },
            "Input": {
                "meta": {"typed": None},
                "defaults": {
                    **COMMON,
                    "label": "Label",
                    "inputType": "TEXT",
                    "isRequired": False,
                    "maxChars": None,
                },
                "flags": ["animateLoading", "isRequired", "isVisible"],
                "derived": {"text": 2},
                "methods": {"setValue": 3},
                "value": "typed",
                "inner": [],
                "rows": None,
                "reset": ["typed"],
            },
            "Button": {
                **PLAIN_TYPE,
                "defaults": {**COMMON, "text": "Submit", "isDisabled": False},
                "flags": ["animateLoading", "isDisabled", "isVisible"],
            },
            "Text": {**PLAIN_TYPE, "defaults": {**COMMON, "text": "", "fontSize": "1rem"}},
        },
        "widgets": [
            {
                "path": "Login",
                "name": "Login",
                "type": "Form",
                "parent": None,
                "slot": None,
                "props": {},
                "events": {},
            },
            {
                "path": "NameInput",
                "name": "NameInput",
                "type": "Input",
                "parent": "Login",
                "slot": None,
                "props": {"label": {"v": "Your name"}, "isRequired": {"v": True}},
                "events": {},
            },
            {
                "path": "Send",
                "name": "Send",
                "type": "Button",
                "parent": "Login",
                "slot": None,
                "props": {"isDisabled": {"b": 4}},
                "events": {"onClick": [5]},
            },
            {
                "path": "Hello",
                "name": "Hello",
                "type": "Text",
                "parent": None,
                "slot": None,
                "props": {"text": {"t": ["Hello ", 6, "!"]}},
                "events": {},
            },
        ],
        "queries": [
            {
                "path": "getUser",
                "name": "getUser",
                "request": {"path": {"v": "/user"}, "params": [], "headers": []},
                "confirm": None,
                "automatic": False,
            },
            {
                "path": "save",
                "name": "save",
                "request": {
                    "path": {"t": ["/users/", 7]},
                    "params": [["page", {"v": "2"}], ["sort", {"v": "a"}], ["sort", {"v": "b"}]],
                    "headers": [["X-From", {"v": "shop"}]],
                    "body": {"j": ['{"name": ', [8, False], ', "note": "by ', [9, True], '"}\n']},
                },
                "confirm": None,
                "automatic": False,
            },
        ],
        "modules": [],
        "scripts": [{"path": "Tools", "name": "Tools", "chunk": 10, "confirm": {}}],
        "evaluations": {},
    }
    assert page.program.source.endswith(SOURCE.removeprefix("]"))


def test_the_server_knows_the_page_without_running_it(tmp_path: Path) -> None:
    """Widgets by path in document order, with places, positions, events and what is live."""
    page = app(tmp_path, SMALL).pages["Home"]
    assert (page.title, page.access, page.roots, page.load, page.cacheable) == (
        "Home",
        Public(),
        ("Login", "Hello"),
        (),
        True,
    )
    assert list(page.widgets) == ["Login", "NameInput", "Send", "Hello"]
    assert page.widgets["Login"].children == ("NameInput", "Send")
    assert page.widgets["Send"].literals == {**COMMON, "text": "Submit"}
    assert page.widgets["NameInput"].literals["label"] == "Your name"
    assert page.widgets["NameInput"].literals["typed"] is None
    send = page.widgets["Send"]
    assert (send.parent, send.position, send.events) == (
        "Login",
        Position(4, 10, 16, 4),
        frozenset({"onClick"}),
    )
    assert send.place == Place("pages/Home/page.yaml", 7, 9)
    assert [name for name, widget in page.widgets.items() if widget.live] == ["NameInput"]
    save = page.queries["save"]
    assert (save.method, save.body_type, save.timeout and save.timeout.total_seconds()) == ("POST", "json", 5)


def test_the_line_table_leads_back(tmp_path: Path) -> None:
    """Each line of a snippet has the file, line and column it was copied from."""
    program = app(tmp_path, SMALL).pages["Home"].program
    lines = program.source.split("\n")

    def found(text: str, nth: int = 0) -> Place | None:
        number = [index for index, line in enumerate(lines, 1) if text in line][nth]
        return program.locate(number, lines[number - 1].index(text) + 1)

    page = "pages/Home/page.yaml"
    assert found("NameInput.text === ''") == Place(page, 10, 25)
    assert found("const name") == Place(page, 13, 13)
    assert found("save.run") == Place(page, 14, 19)
    assert found("this.params.name") == Place("pages/Home/queries/save.yaml", 3, 17)
    assert found("Tools.who") == Place("pages/Home/queries/save.yaml", 7, 49)
    assert found("count()") == Place("pages/Home/scripts/Tools.js", 4, 3)
    assert program.locate(1, 1) is None
    assert found("kit.inputs") is None
    assert found("return $$}}") is None
    assert all(run.line + run.lines <= len(lines) for run in program.runs)
    assert [run.line for run in program.runs] == sorted(run.line for run in program.runs)
    assert program.runs[1] == Run(
        line=program.runs[1].line,
        lines=4,
        place=Place(page, 12, 13),
        indent=10,
        owner="Send",
        property="onClick",
    )


def test_two_engines_take_every_program(tmp_path: Path) -> None:
    """Node and the engine of the sandbox both parse what is emitted."""
    for program in programs(app(tmp_path, SMALL)):
        check_with_node(program)
        assert definition(program)["page"] == "Home"


def test_chunks_do_what_the_snippets_say(tmp_path: Path) -> None:
    """Run as the sandbox runs them: names as arguments, `this` with the parameters."""
    program = app(tmp_path, SMALL).pages["Home"].program
    assert chunk(program, 4, {"NameInput": {"text": ""}}) is True
    assert chunk(program, 7, {}, this={"params": {"name": "Ann"}}) == "Ann"
    assert chunk(program, 10, {"NameInput": {"text": "abc"}}) == {"who": "me"}


STRUCTURES = """\
widgets:
  - name: Pick
    type: Select
    options:
      - {label: "{{ Tools.name }}", value: 1}
      - {label: "by {{ Tools.name }}, {{ Tools.none }}{{ Tools.list }}", value: "{{ Tools.list }}"}
    extra: {a: {b: true}}
    any: "{{ Tools.list }}"
  - name: Gate
    type: Tabs
    tabs:
      - label: first
        widgets: [{name: A, type: Text}]
      - id: two
        label: "{{ Tools.name }}"
        isVisible: "{{ Tools.name === 'Ann' }}"
        widgets: [{name: B, type: Text}]
"""


def test_structures_around_bindings_are_one_expression(tmp_path: Path) -> None:
    """Lists with bindings inside keep the type of each; tabs are such a list."""
    files = {
        **PLAIN,
        "pages/Home/page.yaml": STRUCTURES,
        "pages/Home/scripts/Tools.js": "export default { name: '', none: null, list: [] }",
    }
    page = app(tmp_path, files).pages["Home"]
    pick, gate = definition(page.program)["widgets"][:2]
    tools = {"Tools": {"name": "Ann", "none": None, "list": [1]}}
    assert chunk(page.program, pick["props"]["options"]["b"], tools) == [
        {"label": "Ann", "value": 1},
        {"label": "by Ann, [1]", "value": [1]},
    ]
    assert pick["props"]["extra"] == {"v": {"a": {"b": True}}}
    assert chunk(page.program, gate["props"]["tabsObj"]["b"], tools) == [
        {"id": "first", "label": "first", "isVisible": True},
        {"id": "two", "label": "Ann", "isVisible": True},
    ]
    assert {name: widget.slot for name, widget in page.widgets.items()} == {
        "Pick": None,
        "Gate": None,
        "A": "first",
        "B": "two",
    }
    lines = page.program.source.split("\n")
    number = next(index for index, line in enumerate(lines, 1) if "Tools.name === 'Ann'" in line)
    assert page.program.locate(number, 2) == Place("pages/Home/page.yaml", 16, 24)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("body: '{{ {a: 1} }}'", "chunk"),
        ("body: '{\"a\": [1, null]}'", {"j": ['{"a": [1, null]}']}),
        ("body: {a: 1, b: [true]}", {"v": {"a": 1, "b": [True]}}),
        ("body: {a: '{{ NameInput.text }}'}", "chunk"),
        ("body: '\"text\"'", {"j": ['"text"']}),
        ("body: 5", {"v": 5}),
        ("body_type: text\nbody: a=1", {"v": "a=1"}),
        ("body_type: form\nbody: {grant_type: password, n: [1, 2]}", "pairs"),
        ("body_type: form\nbody: '{{ {a: 1} }}'", "chunk"),
    ],
)
def test_bodies_of_all_types(body: str, expected: object, tmp_path: Path) -> None:
    """JSON as text or as YAML, plain text, forms as pairs; one binding gives the whole."""
    query = f"datasource: api\nmethod: POST\npath: /user\n{body}\n"
    page = app(tmp_path, {**PLAIN, "pages/Home/queries/getUser.yaml": query}).pages["Home"]
    found = definition(page.program)["queries"][0]["request"]["body"]
    if expected == "chunk":
        value = chunk(page.program, found["b"], {"NameInput": {"text": 1}})
        assert value == {"a": 1}
    elif expected == "pairs":
        assert found == [["grant_type", {"v": "password"}], ["n", {"v": "1"}], ["n", {"v": "2"}]]
    else:
        assert found == expected


def test_names_of_snippets_are_no_way_out(tmp_path: Path) -> None:
    """Text that looks like code, `__proto__`, and line separators stay what they are."""
    text = '</script>`${1}` \\u2028 "]);__page({}'
    page = app(
        tmp_path,
        {**PLAIN, "pages/Home/page.yaml": f"widgets:\n  - {{name: A, type: Text, text: '{text}'}}\n"},
    ).pages["Home"]
    assert definition(page.program)["widgets"][0]["props"]["text"] == {"v": text}
    check_with_node(page.program)


def test_scripts_keep_their_lines_whatever_stands_around_the_export(tmp_path: Path) -> None:
    """Space between `export` and `default`, comments, helpers after it."""
    script = "// tools\n\nexport   default {\n  f: () => g(),\n}\nfunction g() { return 7 }\n"
    page = app(tmp_path, {**PLAIN, "pages/Home/scripts/Tools.js": script}).pages["Home"]
    lines = page.program.source.split("\n")
    number = next(index for index, line in enumerate(lines, 1) if "function g()" in line)
    assert page.program.locate(number, 1) == Place("pages/Home/scripts/Tools.js", 6, 1)
    check_with_node(page.program)
