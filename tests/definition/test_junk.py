"""Whatever stands in the files: a diagnostic or an app, never an exception; what is emitted, compiles."""

import tempfile
from pathlib import Path

import quickjs  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portico.definition.bindings import split
from portico.definition.diagnostics import Problems
from portico.definition.load import load
from portico.definition.text import whole
from tests.definition.apps import GUARDED, TYPES, write
from tests.definition.programs import programs

HOME = "pages/Home/page.yaml"
relaxed = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PUNCTUATION = "{}[]():,;.?=+-*/<>!&|%#@'\"`\\ \n\t$0é😀"
TOKENS = """
{{ }} {{{ }}} => ... ?. // /* */ <!-- --> ${ await async return function const let class NameInput
getUser.data this typeof new navigateTo('Home') a 1 /x/ if(a) export default import yield
"""
KEYS = """
name title type widgets tabs label id isVisible text onClick access roles position left width datasource
method path params headers body body_type run confirm timeout url auth entry_page home_page me query uid
store_keys token keep theme brand logo browser images options
"""
WORDS = """
A Home Login Text Form Tabs Select Button api POST /x none public me jwt {{NameInput.text}} {{1}}x {{1)}} true
~ 5 -1 1e999 no form text json
"""

tokens = st.sampled_from(
    [*PUNCTUATION, *(f"{token} " for token in TOKENS.split()), "{{", "}}", "\u2028", "\0"]
)
code = st.lists(tokens, max_size=14).map("".join)
keys = st.sampled_from(KEYS.split())
words = st.sampled_from(["", *WORDS.split()])
scalars = words | code | st.integers(-5, 100).map(str)


def flow(value: object) -> str:
    """YAML in flow style, every scalar in double quotes or bare."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    text = str(value)
    if text.isalnum():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\x00", "\\0")
    return f'"{escaped}"'


trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)
files = st.sampled_from(
    ["app.yaml", HOME, "datasources/api.yaml", "queries/me.yaml", "pages/Home/queries/getUser.yaml"]
)


def _load(changes: dict[str, str]) -> None:
    """Load an app with these files; what comes out of it must be whole."""
    with tempfile.TemporaryDirectory() as folder:
        result = load(write(Path(folder), {**GUARDED, **changes}), types=TYPES, settings={})
    assert (result.app is None) == any(problem.severity == "error" for problem in result.problems)
    for problem in result.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
        assert problem.as_text().count("\n") <= 2
    for program in programs(result.app) if result.app is not None else ():
        for run in program.runs:
            place = program.locate(run.line, 1)
            assert place is not None


@relaxed
@given(files, st.text(max_size=200))
def test_any_text_as_yaml(path: str, text: str) -> None:
    """Characters at random."""
    _load({path: text.encode("utf-8", "replace").decode()})


@relaxed
@given(files, code)
def test_any_tokens_as_yaml(path: str, text: str) -> None:
    """Braces, quotes and words at random."""
    _load({path: f"title: {text}\n"})


@relaxed
@given(files, trees)
def test_any_shape_of_any_file(path: str, tree: object) -> None:
    """Known keys with values of every shape in every place."""
    _load({path: flow(tree)})


@relaxed
@given(st.lists(st.dictionaries(keys, scalars | st.lists(scalars, max_size=2), max_size=4), max_size=4))
def test_any_widgets(widgets: list[dict[str, object]]) -> None:
    """Widgets that are nearly right."""
    nodes = [{"name": f"W{number}", "type": "Text", **widget} for number, widget in enumerate(widgets)]
    _load({HOME: f"widgets: {flow(nodes)}\n"})


@relaxed
@given(code, code)
def test_any_code_in_bindings_actions_and_scripts(first: str, second: str) -> None:
    """Snippets of tokens at random, in every place where code may stand."""
    nodes = [
        {"name": "NameInput", "type": "Input", "label": f"{{{{ {first} }}}}"},
        {"name": "Go", "type": "Button", "onClick": f"{{{{ {second} }}}}"},
    ]
    _load(
        {
            HOME: f"widgets: {flow(nodes)}\n",
            "pages/Home/scripts/Tools.js": f"{first}\nexport default {{ {second} }}",
        }
    )


@relaxed
@given(code, st.booleans())
def test_what_is_taken_for_code_cannot_reach_its_neighbours(text: str, action: bool) -> None:
    """Every snippet that is accepted is, for the engine too, either one whole function or a syntax error:
    what stands behind it never runs as a part of it."""
    parts = split(whole("f", "{{" + text + "}}"), Problems(), action=action)
    for part in parts or ():
        if isinstance(part, str):
            continue
        head, tail = ("async function(){\n", "\n}") if part.statements else ("function(){return (\n", "\n)}")
        context = quickjs.Context()
        try:
            count = context.eval(f"[{head}{part.text}{tail}\n,\n1].length")
        except quickjs.JSException:
            continue
        assert count == 2


@settings(max_examples=300, deadline=None)
@given(st.lists(tokens | st.text(max_size=4), max_size=25).map("".join))
def test_splitting_any_text(text: str) -> None:
    """Parts in order give the text again."""
    problems = Problems()
    clean = text.encode("utf-8", "replace").decode()
    parts = split(whole("f", clean), problems)
    assert (parts is None) == problems.failed
    if parts is not None:
        assert "".join(part if isinstance(part, str) else "{{" + part.text + "}}" for part in parts) == clean
