"""YAML as JSON with comments: the core schema of 1.2, places, and everything else refused."""

import pytest

from portico.definition import source
from portico.definition.diagnostics import Problems
from portico.definition.source import Items, Node, Scalar, Table
from portico.definition.value import plain
from tests.definition.apps import brief


def read(text: str) -> tuple[Node | None, list[str]]:
    """The value of a text and its problems."""
    problems = Problems()
    node = source.read("f", text, problems)
    return node, brief(problems.sorted())


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0o17", 15),
        ("017", 17),
        ("0xff", 255),
        ("-12", -12),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("=", "="),
        ("'true'", "true"),
        ('"12"', "12"),
        ("|-\n  12", "12"),
        ("9007199254740991", 2**53 - 1),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    """Only true, false, null and numbers are more than text; dates and yes/no are text."""
    node, problems = read(f"key: {written}\n")
    assert problems == []
    assert isinstance(node, Table)
    found = node.entries["key"].node
    assert isinstance(found, Scalar)
    assert (found.value, type(found.value)) == (value, type(value))


@pytest.mark.parametrize(
    "written",
    ["9007199254740992", "-9007199254740992", ".inf", "-.INF", ".nan", "1e999", "9" * 5000, "0x" + "f" * 40],
)
def test_numbers_that_lose_digits_are_refused(written: str) -> None:
    """E113 for what a JavaScript number cannot hold."""
    assert read(f"a: {written}")[1] == ["f:1:4 E113"]


def test_every_value_knows_where_it_stands() -> None:
    """File, line and column of keys and values, also in flow style."""
    node, problems = read("# note\na: 1\nb:\n  - x\n  - {c: [d, e]}\n")
    assert problems == []
    assert isinstance(node, Table)
    assert str(node.entries["a"].node.place) == "f:2:4"
    assert str(node.entries["b"].key) == "f:3:1"
    items = node.entries["b"].node
    assert isinstance(items, Items)
    assert [str(item.place) for item in items.items] == ["f:4:5", "f:5:5"]
    assert plain(node) == {"a": 1, "b": ["x", {"c": ["d", "e"]}]}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3\nb: 4\n", ["f:3:1 E107", "f:4:1 E107"]),
        ("a: {b: 1, b: 2}", ["f:1:11 E107"]),
        ("a: &x 1\nb: *x\n", ["f:1:4 E109", "f:2:4 E109"]),
        ("&x a: 1\n", ["f:1:1 E109"]),
        ("a: !!str 1", ["f:1:4 E108"]),
        ("!!python/object/apply:os.system [echo]", ["f:1:1 E108"]),
        ("a: !mine {b: 1}", ["f:1:4 E108"]),
        ("a: 1\n---\nb: 2\n", ["f:2:1 E110"]),
        ("[a, b]: 1\n", ["f:1:1 E112"]),
        ("? {a: 1}\n: 2\n", ["f:1:3 E112"]),
        ("<<: {a: 1}\n", ["f:1:1 E112"]),
        ("a: b: c\n", ["f:1:5 E105"]),
        ("a: [1\nb: 2\n", ["f:2:2 E105"]),
        ('a: "open\nb: 2\n', ["f:1:4 E105"]),
        ("a: @b\n", ["f:1:4 E105"]),
        ("\ta: 1\n", ["f:1:1 E105"]),
        ("a: \x07\n", ["f:1:4 E102"]),
        ('a: "\\ud800"\n', ["f:1:4 E102"]),
        ("%YAML 9.9\n---\na: 1\n", ["f:1:1 E105"]),
    ],
)
def test_everything_else_is_refused_with_its_place(text: str, problems: list[str]) -> None:
    """Duplicate keys, anchors, tags, documents, other keys and plain mistakes each have a code."""
    assert read(text)[1] == problems


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("text: {{ a.b }}\n", "f:1:7"),
        ("text: {{a}}\n", "f:1:7"),
        ("text: {{ a }} and more\n", "f:1:7"),
        ('text: {{ a ? "x" : "y" }}\n', "f:1:7"),
        ("w:\n  - {{ a }}\n", "f:2:5"),
        ("w: [{name: A, text: {{ a }}}]\n", "f:1:21"),
        ("w: {text: Hello {{ a }}}\n", "f:1:17"),
        ("click: {{ a.run(() => {\n  b('x');\n}) }}\n", "f:1:8"),
        ("text:   {{ a['b'] }}\nmore: 1\n", "f:1:9"),
        ("a: 1\ntext: {{\n  b: 1\n}}\n", "f:2:7"),
    ],
)
def test_an_unquoted_binding_has_an_error_of_its_own(text: str, place: str) -> None:
    """Whether YAML takes it for a mapping or chokes on it, the author hears about quotes."""
    assert read(text)[1] == [f"{place} E106"]


@pytest.mark.parametrize(
    "text",
    [
        'text: "{{ a }}"\n',
        "text: '{{ a }}'\n",
        "text: |\n  {{ a }}\n",
        "text: Hello {{ a }}\n",
        "a: {b: {c: 1}}\n",
    ],
)
def test_quoted_bindings_and_other_mappings_are_fine(text: str) -> None:
    """The positive control of the rule above: what YAML reads as meant is left alone."""
    assert read(text)[1] == []


def test_a_billion_laughs_stop_at_the_first() -> None:
    """Aliases are refused where they stand and never expanded."""
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    node, problems = read("\n".join(lines))
    assert node is not None
    assert {problem.split()[1] for problem in problems} == {"E109"}


def test_depth_and_count_are_bounded() -> None:
    """A file of brackets, or of a million values, ends early."""
    assert [problem.split()[1] for problem in read("[" * 100_000)[1]] == ["E111"]
    assert [problem.split()[1] for problem in read("[" + "1," * 60_000 + "]")[1]] == ["E111"]
