"""What editors are told agrees with what `check` says: of every key, with every kind of value."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest

from portico.definition import finder, instances, lock, modules, records, source
from portico.definition.action_shapes import SHAPES as ACTIONS
from portico.definition.datasource_auth import SHAPES as AUTHS
from portico.definition.diagnostics import Problems
from portico.definition.load import load
from portico.definition.schemas import FILES, schemas
from portico.definition.shapes import Shape
from portico.definition.source import Items, Node, Scalar
from portico.definition.widgets import shape
from portico.ui.widgets import CATALOGUE
from tests.definition.apps import PLAIN, write
from tests.definition.packages import LOGIN, PACKAGE, TOOLS, USING

ROOT = Path(__file__).parents[2]
SCHEMAS = schemas(CATALOGUE)
HOME = "pages/Home/page.yaml"
#: A lock is read where a package has a version.
LOCKED = {**PLAIN, "app.yaml": 'auth: none\npackages: {kit: "1.2.3"}\n'}

#: Values of every kind; what a key is given in turn.
KINDS: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "number": 5,
    "negative": -1,
    "fraction": 1.5,
    "text": "word",
    "empty": "",
    "bound": "{{ 1 }}",
    "mixed": "a {{ 1 }}",
    "list": ["a"],
    "lists": [[1]],
    "mapping": {"a": "b"},
}
#: What a schema can tell. The rest is for `check`: names, pictures, places, what code means.
FORM = frozenset(
    {"E201", "E202", "E203", "E204", "E205", "E206", "E207", "E208", "E213", "E219", "E305", "E601"}
)


def plain(node: Node | None) -> Any:
    """A YAML value as JSON has it."""
    match node:
        case None:
            return None
        case Scalar():
            return node.value
        case Items():
            return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}


def validator(name: str) -> jsonschema.Draft7Validator:
    """The reader of one kind of file."""
    return jsonschema.Draft7Validator(SCHEMAS[name])


def kind_of(path: PurePosixPath) -> str:
    """Which of the files of an app a path is."""
    return next(name for name, (pattern, _) in FILES.items() if path.match(pattern.replace("**/", "")))


def test_schemas_are_schemas() -> None:
    """Of draft 7, which editors know; every key says what it means."""
    for name, found in SCHEMAS.items():
        jsonschema.Draft7Validator.check_schema(found)
        assert json.loads(json.dumps(found)) == found
        for one in found.get("anyOf", [found]):
            for key, inner in one["properties"].items():
                assert inner["description"].endswith("."), (name, key)


@pytest.mark.parametrize(
    "file",
    [
        str(file.relative_to(ROOT))
        for folder in ("examples", "tests/web/apps", "bench/apps/portico")
        for file in sorted((ROOT / folder).rglob("*.yaml"))
    ],
)
def test_files_of_apps_are_accepted(file: str) -> None:
    """Every file of every app here, all of which `check` accepts."""
    problems = Problems()
    content = plain(source.read(file, (ROOT / file).read_text("utf-8"), problems))
    errors = list(validator(kind_of(PurePosixPath(file))).iter_errors(content))
    assert [(list(error.absolute_path), error.message) for error in errors] == []


def codes(folder: Path, files: Mapping[str, Any], base: Mapping[str, str] = PLAIN) -> dict[str, list[str]]:
    """The codes of the problems in each file of an app, of which some are given as values."""
    texts = {**base, **{path: json.dumps(value, indent=0) for path, value in files.items()}}
    found: dict[str, list[str]] = {}
    for problem in load(write(folder, texts), types=CATALOGUE, settings={}).problems:
        found.setdefault(problem.place.file, []).append(problem.code)
    return found


def agree(name: str, value: Any, found: list[str]) -> bool:
    """Whether the schema refuses what `check` refuses for its form, and nothing else."""
    accepts = validator(name).is_valid(value)
    return accepts if not found else (not accepts or not FORM & set(found))


FILE_KEYS = [
    ("app", "app.yaml", {"auth": "none"}, FILES["app"][1]),
    ("datasource", "datasources/api.yaml", {"url": "https://api.example.com"}, FILES["datasource"][1]),
    ("query", "pages/Home/queries/getUser.yaml", {"datasource": "api", "path": "/"}, FILES["query"][1]),
    ("page", HOME, {}, FILES["page"][1]),
    ("package", f"{PACKAGE}package.yaml", {"name": "kit", "version": "1.0.0"}, FILES["package"][1]),
    ("module", LOGIN, {"kind": "ui"}, FILES["module"][1]),
    ("module", TOOLS, {"kind": "script"}, FILES["module"][1]),
    ("lock", "portico.lock", {"packages": {}}, FILES["lock"][1]),
]


@pytest.mark.parametrize(("name", "path", "rest", "of_file"), FILE_KEYS, ids=lambda value: str(value)[:12])
def test_every_key_of_a_file(
    name: str, path: str, rest: dict[str, Any], of_file: Shape, tmp_path: Path
) -> None:
    """With every kind of value, and without it."""
    base = {"app": PLAIN, "lock": LOCKED}.get(name, USING)
    for key in (*of_file.keys, "unknown"):
        for kind, value in KINDS.items():
            content = {**rest, key: value}
            found = codes(tmp_path / f"{key}-{kind}", {path: content}, base).get(path, [])
            assert agree(name, content, found), (key, kind, found)
        content = {other: value for other, value in rest.items() if other != key}
        found = codes(tmp_path / f"{key}-none", {path: content}, base).get(path, [])
        assert agree(name, content, found), (key, found)


def variants(of_one: Shape, rest: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A mapping with each key in turn missing, and with every kind of value."""
    for key in (*of_one.keys, "unknown"):
        yield f"{key} missing", {other: value for other, value in rest.items() if other != key}
        for kind, value in KINDS.items():
            yield f"{key} {kind}", {**rest, key: value}


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_every_property_of_a_widget(name: str, tmp_path: Path) -> None:
    """And every event, its place, and what stands inside: wrong types are refused by both."""
    of_one = shape(CATALOGUE[name])
    needed = {key: "x" for key, found in of_one.keys.items() if found.required}
    for number, (label, widget) in enumerate(variants(of_one, {**needed, "name": "A", "type": name})):
        content = {"widgets": [widget]}
        found = codes(tmp_path / str(number), {HOME: content}).get(HOME, [])
        assert agree("page", content, found), (label, found)


RECORDS = [
    (kind.name, name) for kind in CATALOGUE.values() for name, prop in kind.properties.items() if prop.fields
]


@pytest.mark.parametrize(("name", "prop"), RECORDS)
def test_every_field_of_a_record(name: str, prop: str, tmp_path: Path) -> None:
    """Such as a column of a Table: its id, each property, each event."""
    of_one = records.shape(prop, CATALOGUE[name].properties[prop])
    ids = [
        ("an odd id", {"id": odd}) for odd in ("a b", "a:b", "a[b]", "{}", "größe", "a.b-c_1", "x" * 101, 7)
    ]
    for number, (label, record) in enumerate([*variants(of_one, {"id": "x"}), *ids]):
        content = {"widgets": [{"name": "A", "type": name, prop: [record]}]}
        found = codes(tmp_path / str(number), {HOME: content}).get(HOME, [])
        assert agree("page", content, found), (label, record, found)


@pytest.mark.parametrize("kind", sorted(ACTIONS))
def test_every_part_of_an_action(kind: str, tmp_path: Path) -> None:
    """Each key of each action."""
    rest = {key: {"a": 1} if kind == "store" else "word" for key in (kind,)}
    for number, (label, action) in enumerate(variants(ACTIONS[kind], rest)):
        content = {"widgets": [{"name": "A", "type": "Button", "onClick": [action]}]}
        found = codes(tmp_path / str(number), {HOME: content}).get(HOME, [])
        assert agree("page", content, found), (label, found)


@pytest.mark.parametrize("kind", sorted(AUTHS))
def test_every_part_of_a_datasources_auth(kind: str, tmp_path: Path) -> None:
    """Each key of each way to authenticate."""
    secret = {"secret": "KEY"}
    given: dict[str, Any] = {"password": secret, "token": secret, "value": secret, "client_secret": secret}
    given |= {"username": "u", "name": "X-Key", "token_url": "https://id.example.com/t", "client_id": "c"}
    rest = {"type": kind, **{key: value for key, value in given.items() if key in AUTHS[kind].keys}}
    path = "datasources/api.yaml"
    for number, (label, auth) in enumerate(variants(AUTHS[kind], rest)):
        content = {"url": "https://api.example.com", "auth": auth}
        found = codes(tmp_path / str(number), {path: content}).get(path, [])
        assert agree("datasource", content, found), (label, found)


#: The kind of file, its path, the shape, what else it needs, and what is around it.
INSIDE: Mapping[str, tuple[str, str, Shape, dict[str, Any], Callable[[Any], Any]]] = {
    "input": ("module", LOGIN, modules.INPUT, {}, lambda one: {"kind": "ui", "inputs": {"a": one}}),
    "output": (
        "module",
        LOGIN,
        modules.OUTPUT,
        {"value": "{{ 1 }}"},
        lambda one: {"kind": "ui", "outputs": {"a": one}},
    ),
    "function": (
        "module",
        TOOLS,
        modules.FUNCTION,
        {},
        lambda one: {"kind": "script", "functions": {"length": one}},
    ),
    "instance": (
        "page",
        HOME,
        instances.SHAPE,
        {"module": "kit/ask"},
        lambda one: {"modules": {"A": one}},
    ),
    "use": (
        "app",
        "app.yaml",
        finder.USE,
        {"path": "packages/kit"},
        lambda one: {"auth": "none", "packages": {"kit": one}},
    ),
    "locked": (
        "lock",
        "portico.lock",
        lock.LOCKED,
        {"version": "1.2.3", "hash": f"sha256:{'0' * 64}"},
        lambda one: {"packages": {"kit": one}},
    ),
}


@pytest.mark.parametrize("part", INSIDE)
def test_every_key_of_modules_and_packages(part: str, tmp_path: Path) -> None:
    """Of what stands inside their files, and of what apps say of them."""
    name, path, of_one, rest, around = INSIDE[part]
    for number, (label, one) in enumerate(variants(of_one, rest)):
        content = around(one)
        base = LOCKED if part == "locked" else USING
        found = codes(tmp_path / str(number), {path: content}, base).get(path, [])
        assert agree(name, content, found), (label, found)


def test_control_a_schema_that_is_too_loose_is_found(tmp_path: Path) -> None:
    """If the schema took every value, the comparison would say so."""
    content = {"widgets": [{"name": "A", "type": "Input", "isVisible": 5}]}
    found = codes(tmp_path, {HOME: content})[HOME]
    assert found == ["E207"]
    assert not validator("page").is_valid(content)
    assert jsonschema.Draft7Validator({}).is_valid(content)
