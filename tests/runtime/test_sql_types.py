"""What rows of each database are in scripts, and what scripts give to their columns."""

from typing import Any

import pytest

from portico.model.query import Datasource
from tests.runtime.database_servers import Server
from tests.runtime.statements import asking


async def value(source: Datasource, expression: str, *given: Any) -> Any:
    """What an expression of SQL is in scripts."""
    async with asking(source) as db:
        return await db.one(f"SELECT {expression} AS x", *given)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("12", 12),
        ("9007199254740993", "9007199254740993"),
        ("12.50", 12.5),
        ("1234567890123456.78", "1234567890123456.78"),
        ("'NaN'::float8", None),
        ("true", True),
        ("date '2030-01-31'", "2030-01-31"),
        ("'infinity'::date", "infinity"),
        ("timestamp '2030-01-31 13:45:00'", "2030-01-31T13:45:00Z"),
        ("timestamptz '2030-01-31 13:45:00.5+01'", "2030-01-31T12:45:00.5Z"),
        ("time '13:45'", "13:45:00"),
        ("interval '1 month 2 days 3 hours'", "P1M2DT3H"),
        ("'\\x00ff'::bytea", "AP8="),
        ("'{\"a\": [1, null]}'::jsonb", {"a": [1, None]}),
        ("array[[1,2],[3,null]]", [[1, 2], [3, None]]),
        ("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        ("'10.0.0.1'::inet", "10.0.0.1"),
        ("NULL", None),
    ],
)
async def test_postgres_to_scripts(expression: str, expected: Any, postgres_server: Server) -> None:
    """One type after another."""
    assert await value(postgres_server.source(), expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("12", 12),
        ("9007199254740993", "9007199254740993"),
        ("12.50", 12.5),
        ("cast('2030-01-31' as date)", "2030-01-31"),
        ("cast('2030-01-31 13:45:00.25' as datetime(6))", "2030-01-31T13:45:00.25Z"),
        ("cast('-100:45:10' as time)", "-100:45:10"),
        ("cast('13:45:10' as time)", "13:45:10"),
        ("x'00ff'", "AP8="),
        ("NULL", None),
    ],
)
async def test_mariadb_to_scripts(expression: str, expected: Any, mariadb_server: Server) -> None:
    """One type after another."""
    assert await value(mariadb_server.source(), expression) == expected


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        ("{{ 0 }}::int + 1", "4", 5),
        ("{{ 0 }} + 1", 4, 5),
        ("round({{ 0 }}, 1)", 1.25, 1.3),
        ("5 = ANY({{ 0 }})", [4, 5], True),
        ("'a\"b,c\\' = ANY({{ 0 }})", ['a"b,c\\', None], True),
        ("({{ 0 }}::int[])[2]", [4, 5], 5),
        ("{{ 0 }}::jsonb -> 'a'", {"a": [1]}, [1]),
        ("{{ 0 }} IS NULL", None, True),
        ("coalesce({{ 0 }}, 'y')", None, "y"),
        ("pg_typeof({{ 0 }})::text", "x", "text"),
        ("interval '{{ 0 }} days'", 3, "P3D"),
        ("date '{{ 0 }}'", "2030-01-31", "2030-01-31"),
        ("NOT {{ 0 }}", True, False),
        ("'{\"a\":1}'::jsonb ? {{ 0 }}", "a", True),
    ],
)
async def test_scripts_to_postgres(
    expression: str, given: Any, expected: Any, postgres_server: Server
) -> None:
    """A value takes the type of its place."""
    assert await value(postgres_server.source(), expression, given) == expected
