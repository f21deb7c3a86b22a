"""Where in a statement a binding can stand, by the dialect of its database."""

from pathlib import Path

import pytest

from portico.model.statement import Slot
from tests.definition.test_sql_files import DB, loaded
from tests.runtime.statements import read

REFUSED = [
    "SELECT * FROM {{ x }}",
    "SELECT * FROM t JOIN {{ x }} ON true",
    "SELECT * FROM tab_{{ x }}",
    "SELECT * FROM t WHERE s.{{ x }} = 1",
    "SELECT * FROM t WHERE {{ x }}.a = 1",
    "SELECT * FROM t ORDER BY {{ x }}",
    "SELECT * FROM t ORDER BY a {{ x }}",
    "SELECT * FROM t ORDER BY a, b {{ x }}",
    "SELECT * FROM t GROUP BY {{ x }}",
    "SELECT * FROM t {{ x }}",
    "SELECT * FROM t WHERE a {{ x }} 5",
    "SELECT * FROM t WHERE a = 1 {{ x }}",
    "{{ x }}",
    "{{ x }} SELECT 1",
    "UPDATE {{ x }} SET a = 1",
    "UPDATE t SET {{ x }} = 1",
    "INSERT INTO {{ x }} VALUES (1)",
    "INSERT INTO t ({{ x }}) VALUES (1)",
    "INSERT INTO t VALUES {{ x }}",
    "DELETE FROM {{ x }}",
    "CREATE TABLE {{ x }} (a int)",
    "DROP TABLE {{ x }}",
    "SELECT a AS {{ x }} FROM t",
]
ALLOWED = [
    "SELECT * FROM t WHERE a = {{ x }}",
    "SELECT {{ x }} AS a, f({{ x }}, {{ x }})",
    "SELECT * FROM t WHERE a BETWEEN {{ x }} AND {{ x }} AND NOT {{ x }}",
    "SELECT * FROM t WHERE ({{ x }} IS NULL OR a = {{ x }})",
    "SELECT CASE WHEN a = {{ x }} THEN {{ x }} ELSE {{ x }} END FROM t",
    "SELECT a FROM t ORDER BY CASE WHEN {{ x }} = 'a' THEN b END",
    "SELECT * FROM t LIMIT {{ x }} OFFSET {{ x }}",
    "UPDATE t SET a = {{ x }}, b = b + {{ x }} WHERE c = {{ x }}",
    "INSERT INTO t (a, b) VALUES ({{ x }}, '{{ x }}'), ({{ x }}, upper({{ x }}))",
    "INSERT INTO t (a) SELECT {{ x }} WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = {{ x }})",
    "WITH w AS (SELECT {{ x }} AS a) SELECT * FROM w JOIN t ON t.a = w.a AND t.b = {{ x }}",
    "SELECT 1 -- {{ x }}\n, {{ x }} /* {{ x }} */",
]


@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
@pytest.mark.parametrize("statement", REFUSED)
def test_no_value_can_stand_here(statement: str, dialect: str, prepared: bool) -> None:
    """It is reported; nothing of a name, a keyword or a piece of SQL is bound or spliced."""
    assert [fault.index for fault in read(statement, dialect, prepared=prepared).faults] == [0]


@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
@pytest.mark.parametrize("statement", ALLOWED)
def test_a_value_can_stand_here(statement: str, dialect: str, prepared: bool) -> None:
    """Each binding that is no comment's has a place, once."""
    found = read(statement, dialect, prepared=prepared)
    assert found.faults == ()
    slots = [part for command in found.statement.commands for part in command if isinstance(part, Slot)]
    comments = statement.count("-- {{") + statement.count("/* {{")
    assert len(slots) == statement.count("{{") - comments
    assert "{{" not in "".join(part for part in found.statement.commands[0] if isinstance(part, str))


@pytest.mark.parametrize(
    ("dialect", "statement", "faults"),
    [
        ("postgres", 'SELECT "{{ x }}"', 0),
        ("mysql", 'SELECT "{{ x }}"', 0),
        ("mysql", "SELECT `{{ x }}` FROM t", 1),
        ("postgres", 'SELECT "a{{ x }}" FROM t', 1),
        ("postgres", "SELECT $${{ x }}$$", 1),
        ("postgres", "SELECT E'{{ x }}'", 1),
        ("mysql", r"SELECT '\' {{ x }}'", 0),
        ("mysql", "REPLACE INTO t VALUES ({{ x }})", 0),
        ("mysql", "CALL p({{ x }}, '{{ x }}')", 0),
        ("postgres", "CALL p({{ x }})", 0),
    ],
)
def test_quotes_are_those_of_the_dialect(dialect: str, statement: str, faults: int) -> None:
    """What is text, and what a name, differs."""
    assert len(read(statement, dialect).faults) == faults


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("SELECT 1 UNION SELECT 2; SELECT 3", True),
        ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", False),
        ("SELECT 1; DELETE FROM t", False),
        ("SELECT * INTO u FROM t", False),
        ("UPDATE t SET a = 1", False),
        ("CALL p()", False),
        ("TRUNCATE t", False),
    ],
)
def test_what_only_reads(statement: str, reads: bool) -> None:
    """That may run while a page is shown; what cannot be told may not."""
    assert read(statement, "postgres").statement.reads is reads


def test_each_fault_has_its_place(tmp_path: Path) -> None:
    """Line and column of the binding in its file."""
    text = (
        "kind: sql\ndatasource: db\nprepared: false\nstatement: |\n"
        "  SELECT * FROM {{ 'a' }}\n    WHERE b = {{ 'b' }}\n    ORDER BY {{ 'c' }} LIMIT 5\n"
    )
    faulty = loaded(tmp_path, {"datasources/db.yaml": DB, "queries/get.yaml": text}).problems
    assert [(problem.code, str(problem.place)) for problem in faulty] == [("E223", "queries/get.yaml:5:17")]
    mended = text.replace("FROM {{ 'a' }}", "FROM a")
    faulty = loaded(tmp_path / "b", {"datasources/db.yaml": DB, "queries/get.yaml": mended}).problems
    assert [(problem.code, str(problem.place)) for problem in faulty] == [("E223", "queries/get.yaml:7:14")]
