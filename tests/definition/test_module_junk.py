"""Whatever stands in the files of packages and instances: a diagnostic or an app, never an exception."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portico.definition.load import load
from portico.definition.packages import load_package
from tests.definition.apps import TYPES, write
from tests.definition.packages import HOME, LOGIN, MANIFEST, PACKAGE, TOOLS, TOOLS_SCRIPT, USING
from tests.definition.programs import programs
from tests.definition.test_junk import flow

relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

KEYS = """
name version description packages kind inputs outputs query script functions stores navigates datasources
secrets modules widgets type default required value run confirm module path registry auth hash kit Login ask
Tools id logo title onOutputChange text token email length auth_api
"""
WORDS = """
kit Login kit/Login kit/ask kit/Tools ask / kit/ /ask ui query script any string number list ^1.0 1.2.3 1.0 *
latest none on_load automatic manual packages/kit packages .. . ~ true 5 -1 {{1}} {{inputs.id}}
{{Login1.token}} {{Login1}} {{email.text}} {{inputs}} {{Ask1.data}} {{a}}b {{ length auth_api api Home jwt
"""
words = st.sampled_from(["", "*", *WORDS.split()])
keys = st.sampled_from([*KEYS.split(), "a.b", "a/b", "new", "__proto__", "inputs"])
trees = st.recursive(
    words | st.integers(-2, 9).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=16,
)
FILES = [
    f"{PACKAGE}package.yaml",
    LOGIN,
    TOOLS,
    f"{PACKAGE}modules/ask/module.yaml",
    f"{PACKAGE}datasources/auth_api.yaml",
    "portico.lock",
]


def _load(changes: dict[str, str]) -> None:
    """The app and the package alone, with these files; what comes of them is whole."""
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), {**USING, **changes})
        result = load(root, types=TYPES, settings={})
        load_package(root / PACKAGE, types=TYPES, settings={})
    assert (result.app is None) == any(problem.severity == "error" for problem in result.problems)
    for problem in result.problems:
        assert problem.place.line >= 1
        assert problem.place.column >= 1
    for program in programs(result.app) if result.app is not None else ():
        for run in program.runs:
            assert program.locate(run.line, 1) is not None


@relaxed
@given(st.sampled_from(FILES), trees)
def test_any_shape_of_a_file_of_a_package(path: str, tree: object) -> None:
    """Known keys with values of every shape in every place."""
    _load({path: flow(tree)})


@relaxed
@given(st.sampled_from(["package.yaml", LOGIN, TOOLS]), keys, trees)
def test_any_value_of_a_key(path: str, key: str, tree: object) -> None:
    """Each key of a file that is right but for it."""
    known: dict[str, dict[str, object]] = {
        "package.yaml": {"name": "kit", "version": "1.0.0"},
        LOGIN: {"kind": "ui", "stores": ["*"], "navigates": ["*"], "datasources": ["auth_api"]},
        TOOLS: {"kind": "script"},
    }
    file = f"{PACKAGE}{path}" if path == "package.yaml" else path
    _load({file: flow({**known[path], key: tree})})


@relaxed
@given(
    st.sampled_from(["module", "inputs", "run", "confirm", "functions", "widgets", "onOutputChange", "name"]),
    trees,
    st.sampled_from(["kit/ask", "kit/Tools", "kit/Login"]),
)
def test_any_value_in_an_instance(key: str, tree: object, module: str) -> None:
    """Among widgets, below the modules of a page, of a module and of the app."""
    instance = {"module": module, key: tree}
    widget = {"name": "X", "module": module, key: tree}
    for path, content in (
        (HOME, {"modules": {"X": instance}}),
        (HOME, {"widgets": [widget]}),
        (TOOLS, {"kind": "script", "modules": {"X": instance}}),
        (
            MANIFEST,
            {"auth": "none", "packages": {"kit": {"path": "packages/kit"}}, "modules": {"X": instance}},
        ),
    ):
        _load({path: flow(content)})


@relaxed
@given(keys, trees)
def test_any_value_in_the_packages_of_an_app(key: str, tree: object) -> None:
    """In place of a package, and in one."""
    rest = {"auth": "none"}
    _load({MANIFEST: flow({**rest, "packages": {"kit": {"path": "packages/kit", key: tree}}})})
    _load({MANIFEST: flow({**rest, "packages": {"kit": tree}})})
    _load({MANIFEST: flow({**rest, "packages": tree, "modules": tree})})


@relaxed
@given(st.sampled_from(["inputs", "outputs", "functions"]), keys, keys, trees)
def test_any_input_output_and_function(part: str, name: str, key: str, tree: object) -> None:
    """Each key of each."""
    path, kind = (TOOLS, "script") if part == "functions" else (LOGIN, "ui")
    _load({path: flow({"kind": kind, part: {name: {key: tree}}})})
    _load({path: flow({"kind": kind, part: {name: tree}})})


@relaxed
@given(
    st.lists(
        st.sampled_from([*"(){}[],:=.'\"` \n", "a", "b", "...", "=>", "async ", "length", "= {}"]),
        max_size=12,
    )
)
def test_any_parameters(tokens: list[str]) -> None:
    """Of a function that a module exports."""
    _load({TOOLS_SCRIPT: f"export default {{ length({''.join(tokens)}) {{ return 1 }} }}\n"})
    _load({TOOLS_SCRIPT: f"export default {{ length: ({''.join(tokens)}) => 1 }}\n"})
