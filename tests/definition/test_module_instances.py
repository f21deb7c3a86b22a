"""Instances of modules: where each kind stands, what they are given, and that none contains itself."""

# ruff: noqa: E501  (messages stand on one line)

from pathlib import Path

import pytest

from tests.definition.apps import GUARDED, brief, loaded
from tests.definition.packages import (
    ASK,
    ASK_QUERY,
    HOME,
    KIT,
    LOGIN,
    MANIFEST,
    PACKAGE,
    USING,
    fine,
    package,
    said,
    swapped,
    using,
)

CASES: list[tuple[str, dict[str, str], str]] = [
    (
        "no such package",
        swapped(HOME, "kit/ask", "kid/ask"),
        """\
pages/Home/page.yaml:2:18 E705 there is no package `kid` here
    received: kid/ask
    fix: did you mean `kit`?
""",
    ),
    (
        "no such package at all",
        swapped(HOME, "kit/ask", "storage/ask"),
        """\
pages/Home/page.yaml:2:18 E705 there is no package `storage` here
    received: storage/ask
    fix: list the package below `packages` of app.yaml
""",
    ),
    (
        "no such module",
        swapped(HOME, "kit/ask", "kit/asc"),
        """\
pages/Home/page.yaml:2:18 E705 the package `kit` has no module `asc`
    received: kit/asc
    fix: did you mean `ask`?
""",
    ),
    (
        "no package named",
        swapped(HOME, "kit/ask", "ask"),
        """\
pages/Home/page.yaml:2:18 E705 a module is named `package/Module`
    received: ask
    fix: write the name of its package before it, and a slash
""",
    ),
    (
        "no module named",
        swapped(HOME, "module: kit/ask, ", ""),
        """\
pages/Home/page.yaml:2:9 E203 an instance of a module needs `module`
    fix: name a query or script module, like login/sign_in
""",
    ),
    (
        "no module named by a widget",
        swapped(HOME, "module: kit/Login, ", ""),
        """\
pages/Home/page.yaml:5:5 E203 a widget needs `type`
    fix: write one of Button, Container, Form, Grid, Iframe, Image, Input, List, Select, Tabs, Text
""",
    ),
    (
        "a module that is bound",
        swapped(HOME, "module: kit/ask", 'module: "{{ 1 }}"'),
        """\
pages/Home/page.yaml:2:18 E213 `module` cannot be a binding
    received: {{ 1 }}
    fix: write the value out
""",
    ),
    (
        "no such member",
        swapped(HOME, "Login1.token", "Login1.tokn"),
        """\
pages/Home/page.yaml:8:15 E705 the module kit/Login has no member `tokn`
    received: Login1.tokn
    fix: did you mean `token`?
""",
    ),
    (
        "no such output",
        swapped(HOME, "Login1.outputs.typed", "Login1.outputs.tiped"),
        """\
pages/Home/page.yaml:8:30 E705 the module kit/Login has no output `tiped`
    received: Login1.outputs.tiped
    fix: did you mean `typed`?
""",
    ),
    (
        "no such member of a query module",
        swapped(HOME, "Ask1.data", "Ask1.dat"),
        """\
pages/Home/page.yaml:8:53 E705 the module kit/ask has no member `dat`
    received: Ask1.dat
    fix: did you mean `data`?
""",
    ),
    (
        "a function that is not exported",
        swapped(HOME, "Tools1.length", "Tools1.other"),
        """\
pages/Home/page.yaml:8:65 E705 the module kit/Tools has no member `other`
    received: Tools1.other
    fix: known are `length`, `outputs`
""",
    ),
    (
        "a UI module below modules",
        swapped(HOME, "module: kit/Tools", "module: kit/Login, inputs: {logo: x}"),
        """\
pages/Home/page.yaml:3:3 E706 kit/Login is a ui module, and those are used among `widgets`
    fix: move it there
""",
    ),
    (
        "a query module among widgets",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - {name: Ask2, module: kit/ask}
""",
        ),
        """\
pages/Home/page.yaml:5:5 E706 kit/ask is a query module, and those are used below `modules`
    fix: move it there
""",
    ),
    (
        "in the rows of a list",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - name: L
    type: List
    widgets:
      - {name: M, module: kit/Login, inputs: {logo: x}}
""",
        ),
        """\
pages/Home/page.yaml:8:9 E706 a module does not stand in the rows of a List
    fix: write its widgets out there, or use the module outside of the list
""",
    ),
    (
        "in a container in the rows of a list",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - name: L
    type: List
    widgets:
      - name: C
        type: Container
        widgets: [{name: M, module: kit/Login, inputs: {logo: x}}]
""",
        ),
        """\
pages/Home/page.yaml:10:19 E706 a module does not stand in the rows of a List
    fix: write its widgets out there, or use the module outside of the list
""",
    ),
    (
        "the type of instances",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - {name: M, type: Module}
""",
        ),
        """\
pages/Home/page.yaml:5:21 E205 there is no widget type `Module`
    received: Module
    fix: known are `Button`, `Container`, `Form`, `Grid`, `Iframe`, `Image`, `Input`, `List`, `Select`, `Tabs`, `Text`
""",
    ),
    (
        "widgets in an instance",
        swapped(HOME, "inputs: {logo: a.svg}}", "inputs: {logo: a.svg}, widgets: []}"),
        """\
pages/Home/page.yaml:5:62 E206 an instance of a UI module has no `widgets`
    received: widgets
    fix: known are `animateLoading`, `inputs`, `isVisible`, `module`, `name`, `onOutputChange`, `position`
""",
    ),
    (
        "run of a script module",
        swapped(HOME, "kit/Tools}", "kit/Tools, run: on_load}"),
        """\
pages/Home/page.yaml:3:31 E706 `run` is for query modules, and kit/Tools is a script module
    fix: remove it
""",
    ),
    (
        "confirm of a script module",
        swapped(HOME, "kit/Tools}", "kit/Tools, confirm: true}"),
        """\
pages/Home/page.yaml:3:31 E706 `confirm` is for query modules, and kit/Tools is a script module
    fix: remove it
""",
    ),
    (
        "functions of a query module",
        swapped(HOME, "kit/ask,", "kit/ask, functions: {a: {run: on_load}},"),
        """\
pages/Home/page.yaml:2:27 E706 `functions` is for script modules, and kit/ask is a query module
    fix: remove it
""",
    ),
    (
        "run of a UI module",
        swapped(HOME, "kit/Login,", "kit/Login, run: on_load,"),
        """\
pages/Home/page.yaml:5:39 E206 an instance of a UI module has no `run`
    received: run
    fix: known are `animateLoading`, `inputs`, `isVisible`, `module`, `name`, `onOutputChange`, `position`
""",
    ),
    (
        "a run that there is not",
        swapped(HOME, "kit/ask,", "kit/ask, run: always,"),
        """\
pages/Home/page.yaml:2:32 E204 `run` cannot be this
    received: always
    fix: write one of manual, on_load, automatic
""",
    ),
    (
        "a function that there is not",
        swapped(HOME, "kit/Tools}", "kit/Tools, functions: {lenght: {run: on_load}}}"),
        """\
pages/Home/page.yaml:3:31 E408 kit/Tools has no function `lenght`
    received: lenght
    fix: did you mean `length`?
""",
    ),
    (
        "a function that runs automatically",
        swapped(HOME, "kit/Tools}", "kit/Tools, functions: {length: {run: automatic}}}"),
        """\
pages/Home/page.yaml:3:57 E204 `run` cannot be this
    received: automatic
    fix: write one of manual, on_load
""",
    ),
    (
        "an input that is missing",
        swapped(HOME, "inputs: {logo: a.svg}", "inputs: {}"),
        """\
pages/Home/page.yaml:5:5 E707 kit/Login needs the input `logo`
    fix: write `inputs: {logo: …}`
""",
    ),
    (
        "an input that is missing, with what it is for",
        {
            **swapped(HOME, ", inputs: {logo: a.svg}", ""),
            **swapped(LOGIN, "logo: {type: string}", "logo: {type: string, description: A picture}"),
        },
        """\
pages/Home/page.yaml:5:5 E707 kit/Login needs the input `logo`
    fix: write `inputs: {logo: …}` (A picture)
""",
    ),
    (
        "an input that the module does not have",
        swapped(HOME, "inputs: {id: 7}", "inputs: {idd: 7}"),
        """\
pages/Home/page.yaml:2:41 E707 kit/ask has no input `idd`
    received: idd
    fix: did you mean `id`?
""",
    ),
    (
        "an input without a value",
        swapped(HOME, "inputs: {id: 7}", "inputs: {id: }"),
        """\
pages/Home/page.yaml:2:39 E202 the input `id` has no value
    received: nothing
    fix: write a value or a "{{ }}" binding, or leave it out
""",
    ),
    (
        "an input of another type",
        swapped(HOME, "logo: a.svg", "logo: 5"),
        """\
pages/Home/page.yaml:5:54 E707 the input `logo` of kit/Login is of type string
    received: 5
    fix: write a value of that type, or a binding that gives one
""",
    ),
    (
        "inputs that are a list",
        swapped(HOME, "inputs: {id: 7}", "inputs: [7]"),
        """\
pages/Home/page.yaml:2:35 E202 `inputs` is a mapping
    received: a list
    fix: write `key: value` lines, indented below it
""",
    ),
    (
        "an action that runs what cannot be run",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - {name: B, type: Button, onClick: [{run: Ask1.data}, {run: Tools1}, {run: Login1}]}
""",
        ),
        """\
pages/Home/page.yaml:5:45 E409 there is no function of Ask1 `data`
    received: data
    fix: known are `clear`, `run`
pages/Home/page.yaml:5:63 E409 there is no function of Tools1 `run`
    received: run
    fix: known are `length`
pages/Home/page.yaml:5:78 E409 there is no function of Login1 `run`
    received: run
    fix: there is no function of Login1 at all
""",
    ),
    (
        "an action that runs what is not exported",
        swapped(
            HOME,
            "widgets:\n",
            """\
widgets:
  - {name: B, type: Button, onClick: [{run: Tools1.other}, {run: As1}]}
""",
        ),
        """\
pages/Home/page.yaml:5:45 E409 there is no function of Tools1 `other`
    received: other
    fix: known are `length`
pages/Home/page.yaml:5:66 E409 there is no query `As1`
    received: As1
    fix: did you mean `Ask1`?
""",
    ),
    (
        "a name that a widget has",
        swapped(HOME, "name: Shown", "name: Ask1"),
        """\
pages/Home/page.yaml:2:3 E401 the name `Ask1` is also given at pages/Home/page.yaml:6:5
    received: Ask1
    fix: rename one of them
pages/Home/page.yaml:6:5 E401 the name `Ask1` is also given at pages/Home/page.yaml:2:3
    received: Ask1
    fix: rename one of them
""",
    ),
    (
        "a name that the app has",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit}}
modules: {Shown: {module: kit/Tools}}
"""
        },
        """\
app.yaml:3:11 E401 the name `Shown` is also given at pages/Home/page.yaml:6:5
    received: Shown
    fix: rename one of them
pages/Home/page.yaml:6:5 E401 the name `Shown` is also given at app.yaml:3:11
    received: Shown
    fix: rename one of them
""",
    ),
    (
        "a name that is none",
        swapped(HOME, "Tools1: {", "new: {"),
        """\
pages/Home/page.yaml:3:3 E402 this is a word of JavaScript
    received: new
    fix: choose another name, like Login1
pages/Home/page.yaml:8:65 E403 nothing here is called `Tools1`
    received: Tools1
    fix: known are `Ask1`, `Login1`, `Shown`, `appsmith`, `auth`, `clearInterval`, `clearStore`, `clearTimeout`, `closeModal`, `copyToClipboard`, `download`, `getUser` and others
""",
    ),
    (
        "itself",
        {
            f"{PACKAGE}modules/A/module.yaml": """\
kind: ui
widgets: [{name: Again, module: A}]
"""
        },
        """\
packages/kit/modules/A/module.yaml:2:11 E708 modules use each other in a circle
    received: kit/A → kit/A
    fix: leave out one of them
""",
    ),
    (
        "a circle",
        {
            f"{PACKAGE}modules/A/module.yaml": """\
kind: ui
widgets: [{name: B1, module: B}]
""",
            f"{PACKAGE}modules/B/module.yaml": """\
kind: ui
widgets: [{name: C1, module: kit/C}]
""",
            f"{PACKAGE}modules/C/module.yaml": """\
kind: ui
widgets: [{name: A1, module: A}]
""",
        },
        """\
packages/kit/modules/C/module.yaml:2:11 E708 modules use each other in a circle
    received: kit/A → kit/B → kit/C → kit/A
    fix: leave out one of them
""",
    ),
    (
        "a circle through two packages",
        {
            MANIFEST: """\
auth: none
packages: {kit: {path: packages/kit}, two: {path: packages/two}}
""",
            f"{PACKAGE}package.yaml": """\
name: kit
version: 1.2.3
packages: {two: "*"}
""",
            f"{PACKAGE}modules/A/module.yaml": """\
kind: ui
widgets: [{name: B1, module: two/B}]
""",
            "packages/two/package.yaml": """\
name: two
version: 1.0.0
packages: {kit: "^1.0"}
""",
            "packages/two/modules/B/module.yaml": """\
kind: ui
widgets: [{name: A1, module: kit/A}]
""",
        },
        """\
packages/two/modules/B/module.yaml:2:11 E708 modules use each other in a circle
    received: kit/A → two/B → kit/A
    fix: leave out one of them
""",
    ),
    (
        "a circle of code modules",
        {
            f"{PACKAGE}modules/A/module.yaml": """\
kind: script
modules: {B1: {module: B}}
""",
            f"{PACKAGE}modules/A/scripts/A.js": "export default { f() {} }\n",
            f"{PACKAGE}modules/B/module.yaml": """\
kind: script
modules: {A1: {module: A}}
""",
            f"{PACKAGE}modules/B/scripts/B.js": "export default { f() {} }\n",
        },
        """\
packages/kit/modules/B/module.yaml:2:11 E708 modules use each other in a circle
    received: kit/A → kit/B → kit/A
    fix: leave out one of them
""",
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_is_wrong_with_an_instance(changes: dict[str, str], expected: str, tmp_path: Path) -> None:
    """Each mistake with its place, what was found and what to do."""
    assert said(tmp_path, changes) == expected.strip("\n")


def test_as_many_as_a_page_can_hold(tmp_path: Path) -> None:
    """500, those inside others included; one more is an error of the page."""

    def page(count: int) -> dict[str, str]:
        return {
            HOME: "modules:\n" + "".join(f"  A{number}: {{module: kit/ask}}\n" for number in range(count))
        }

    assert using(tmp_path / "a", page(500)).problems == ()
    assert brief(using(tmp_path / "b", page(501)).problems) == [f"{HOME}:1:1 E714"]


def tower(height: int, *, downwards: bool) -> dict[str, str]:
    """Modules that stand in each other, in the order of their names or against it."""
    names = [f"M{number:03}" for number in range(height)]
    names = names if downwards else names[::-1]
    inside = [*names[1:], None]
    return {
        f"{PACKAGE}modules/{name}/module.yaml": "kind: ui\n"
        + (f"widgets: [{{name: Inner, module: {inner}}}]\n" if inner else "")
        for name, inner in zip(names, inside, strict=True)
    }


@pytest.mark.parametrize("downwards", [True, False])
def test_modules_stand_twenty_deep_in_each_other(downwards: bool, tmp_path: Path) -> None:
    """One more is an error, in whichever order they are found; a thousand more are too."""
    assert using(tmp_path / "a", tower(20, downwards=downwards)).problems == ()
    (problem,) = using(tmp_path / "b", tower(21, downwards=downwards)).problems
    assert (problem.code, problem.message) == ("E708", "modules stand more than 20 deep in each other")
    many = using(tmp_path / "c", tower(1000, downwards=downwards)).problems
    assert {problem.code for problem in many} == {"E708"}


def test_a_module_that_doubles_what_is_in_it(tmp_path: Path) -> None:
    """Twenty levels of two are a million instances: it is said, and not tried."""
    two = "widgets: [{{name: A, module: {0}}}, {{name: B, module: {0}}}]\n"
    names = [f"M{number:02}" for number in range(20)]
    files = {
        f"{PACKAGE}modules/{name}/module.yaml": "kind: ui\n" + (two.format(inner) if inner else "")
        for name, inner in zip(names, [*names[1:], None], strict=True)
    }
    files[HOME] = "widgets: [{name: All, module: kit/M00}]\n"
    assert brief(using(tmp_path, files).problems) == [f"{HOME}:1:1 E714"]


BACK = USING[LOGIN].replace(
    "outputs:\n", 'outputs:\n  back: "{{ inputs.logo }}"\n  deep: "{{ email.text }}"\n'
)
SHOWS = '  - {name: Box, type: Input, label: "%s"}\n'


def page(logo: str, more: str = "") -> str:
    """Page Home with an instance whose logo is this."""
    return f'widgets:\n  - {{name: Login1, module: kit/Login, inputs: {{logo: "{logo}"}}}}\n{more}'


SECOND = '  - {name: Login2, module: kit/Login, inputs: {logo: "{{ Login1.back }}"}}\n'
TOOLS = "export default { deep() { return this.more() }, more() { return Login1.back }, kept() { return Login1.back } }\n"
LOOPS: dict[str, dict[str, str]] = {
    "at once": {HOME: page("{{ Login1.back }}")},
    "by its outputs": {HOME: page("{{ Login1.outputs.back }}")},
    "all of it": {HOME: page("{{ JSON.stringify(Login1) }}")},
    "all of its outputs": {HOME: page("{{ JSON.stringify(Login1.outputs) }}")},
    "a widget": {HOME: page("{{ Box.label }}", SHOWS % "{{ Login1.back }}")},
    "a script": {HOME: page("{{ Own.deep() }}"), "pages/Home/scripts/Own.js": TOOLS},
    "another instance": {HOME: page("{{ Login2.back }}", SECOND)},
    "another instance and a widget": {
        HOME: page(
            "{{ Login2.back }}", SECOND.replace("Login1.back", "Box.label") + SHOWS % "{{ Login1.back }}"
        )
    },
    "a structure": {HOME: page("{{ [{a: Login1.back}] }}")},
}
NONE: dict[str, dict[str, str]] = {
    "another output": {HOME: page("{{ Login1.deep }}")},
    "what users type": {HOME: page("{{ Box.text }}", SHOWS % "{{ Login1.back }}")},
    "what a function gave": {HOME: page("{{ Own.kept.data }}"), "pages/Home/scripts/Own.js": TOOLS},
    "another property of a widget": {HOME: page("{{ Box.isRequired }}", SHOWS % "{{ Login1.back }}")},
    "another instance of the module": {HOME: page("x", SECOND)},
    "what a query brought": {
        HOME: page("{{ getUser.data }}"),
        "pages/Home/queries/getUser.yaml": 'datasource: api\npath: "/{{ Login1.back }}"\n',
    },
}


@pytest.mark.parametrize("changes", LOOPS.values(), ids=LOOPS.keys())
def test_an_input_that_depends_on_itself(changes: dict[str, str], tmp_path: Path) -> None:
    """By whatever way an output comes back: it would be computed for ever."""
    problems = using(tmp_path, {LOGIN: BACK, **changes}).problems
    assert {problem.code for problem in problems} == {"E709"}
    first = problems[0]
    assert (first.place.file, first.place.line, first.received) == (HOME, 2, "logo")
    # Where all of them are taken, no one is the way.
    named = "outputs" not in changes[HOME] and "JSON" not in changes[HOME]
    through = " through the output `back`" if named else ""
    assert first.message == f"the input `logo` of `Login1` depends on itself{through}"


@pytest.mark.parametrize("changes", NONE.values(), ids=NONE.keys())
def test_what_is_no_loop(changes: dict[str, str], tmp_path: Path) -> None:
    """What is not computed again when the output changes may come from it."""
    assert said(tmp_path, {LOGIN: BACK, **changes}) == ""


INNER = f"{PACKAGE}modules/Outer/module.yaml"


def test_a_loop_inside_a_module_is_the_module_s(tmp_path: Path) -> None:
    """It is reported once, where it is written, in an app and for the package alone, used or not."""
    outer = "kind: ui\nstores: [jwt]\nnavigates: [Home]\nwidgets:\n  - {name: A, module: Login, inputs: {logo: '%s'}}\n"
    changes = {LOGIN: BACK, INNER: outer % "{{ A.back }}"}
    twice = "widgets: [{name: O1, module: kit/Outer}, {name: O2, module: kit/Outer}]\n"
    for folder, more in (("a", {}), ("b", {HOME: twice})):
        (problem,) = using(tmp_path / folder, {**changes, **more}).problems
        assert str(problem.place) == f"{INNER}:5:45"
        assert problem.message == "the input `logo` of `A` depends on itself through the output `back`"
    assert [problem.code for problem in package(tmp_path / "c", changes).problems] == ["E709"]


def test_a_default_that_depends_on_itself(tmp_path: Path) -> None:
    """Unless an instance gives something else; that one may is not enough."""
    changes = {LOGIN: USING[LOGIN].replace("default: Sign in", 'default: "{{ heading.text }}"')}
    (problem,) = using(tmp_path, changes).problems
    assert (str(problem.place), problem.code) == (f"{LOGIN}:3:37", "E709")


def test_a_loop_around_a_module(tmp_path: Path) -> None:
    """The page closes it: the module it stands in is not to blame."""
    outer = (
        "kind: ui\nstores: [jwt]\nnavigates: [Home]\ninputs: {x: }\noutputs: {y: '{{ A.back }}'}\n"
        "widgets:\n  - {name: A, module: Login, inputs: {logo: '{{ inputs.x }}'}}\n"
    )
    changes = {
        LOGIN: BACK,
        INNER: outer,
        HOME: "widgets: [{name: O1, module: kit/Outer, inputs: {x: '{{ O1.y }}'}}]\n",
    }
    (problem,) = using(tmp_path, changes).problems
    assert str(problem.place) == f"{HOME}:1:53"
    assert problem.message == "the input `x` of `O1` depends on itself through the output `y`"


# ---- Instances of the app

SHARED = USING[MANIFEST] + "modules: {Ask2: {module: kit/ask}, Tools2: {module: kit/Tools}}\n"


def test_instances_of_the_app_are_seen_by_all_pages(tmp_path: Path) -> None:
    """And by its queries and scripts; those of a page by that page alone."""
    files = {
        MANIFEST: SHARED,
        "pages/Other/page.yaml": 'widgets: [{name: T, type: Text, text: "{{ Ask2.data + Tools2.length(1) }}"}]\n',
        "scripts/All.js": "export default { all() { return Ask2.run({id: 1}) } }\n",
    }
    assert fine(tmp_path / "a", files).pages["Other"].queries.keys() == {"Ask2.ask"}
    alien = {**files, "scripts/All.js": "export default { all() { return Ask1.run() } }\n"}
    assert brief(using(tmp_path / "b", alien).problems) == ["scripts/All.js:1:33 E403"]


# ---- Instances and signing in

ME_QUERY = 'datasource: auth_api\npath: /me\nheaders: {Authorization: "Bearer {{ %s }}"}\n'


def contract(me: str, refresh: str = "Refresh1") -> str:
    """An app.yaml whose contract names instances."""
    return f"""\
packages: {{kit: {{path: packages/kit}}}}
modules:
  Auth1: {{module: kit/ask}}
  Refresh1: {{module: kit/ask}}
  Tools1: {{module: kit/Tools}}
auth:
  entry_page: Login
  home_page: Home
  store_keys: {{token: jwt}}
  me: {{query: {me}}}
  refresh: {{query: {refresh}}}
"""


def guarded(folder: Path, manifest: str, read: str) -> list[str]:
    """What is reported of an app with this contract, whose query modules send what `read` gives."""
    files = {**GUARDED, **KIT, MANIFEST: manifest, ASK_QUERY: ME_QUERY % read}
    files |= swapped(ASK, "{id: {default: 1}}", "{token: {required: false}}")
    return [problem.as_text() for problem in loaded(folder, files).problems]


@pytest.mark.parametrize("read", ["this.params.token", "inputs.token"])
def test_the_contract_may_name_query_modules(read: str, tmp_path: Path) -> None:
    """Of `me`, `refresh` and whatever starts a sign-in; the token is a parameter, and an input of that name."""
    files = {**GUARDED, **KIT, MANIFEST: contract("Auth1"), ASK_QUERY: ME_QUERY % read}
    files |= swapped(ASK, "{id: {default: 1}}", "{token: {required: false}}")
    found = loaded(tmp_path, files)
    assert found.problems == ()
    assert found.app is not None
    read_contract = found.app.contract
    assert read_contract is not None
    assert (read_contract.me, read_contract.refresh) == ("Auth1.ask", "Refresh1.ask")
    assert {"Auth1.ask", "Refresh1.ask"} <= found.app.queries.keys()
    assert found.app.queries["Auth1.ask"].datasource == "kit/auth_api"


def test_a_query_module_that_does_not_send_the_token(tmp_path: Path) -> None:
    """It would ask who nobody is."""
    (problem,) = guarded(tmp_path, contract("Auth1"), "'x'")
    assert problem.startswith(f"{ASK_QUERY}:1:1 E505 the query `Auth1` does not send the token")


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (contract("Tools1"), "app.yaml:10:15 E505 the app has no query `Tools1`"),
        (contract("Auth2"), "app.yaml:10:15 E505 the app has no query `Auth2`"),
        (contract("Auth1", "Tools1"), "app.yaml:11:20 E505 there is no query `Tools1`"),
    ],
)
def test_the_contract_names_queries_alone(manifest: str, expected: str, tmp_path: Path) -> None:
    """A script module is none."""
    (problem,) = guarded(tmp_path, manifest, "inputs.token")
    assert problem.startswith(expected)


def test_a_contract_over_a_module_that_cannot_be_read(tmp_path: Path) -> None:
    """What is wrong is the module; that the contract lacks a query follows from it and is not said."""
    files = {**GUARDED, **KIT, MANIFEST: contract("Auth1"), ASK: "kind: nothing\n"}
    assert brief(loaded(tmp_path, files).problems) == [f"{ASK}:1:7 E204"]
