"""Statements against SQLite, PostgreSQL and MariaDB themselves."""

import pytest

from portico.errors import CallFailed
from tests.runtime.statements import Asking


async def names(db: Asking, condition: str, *given: object, prepared: bool = True) -> list[str]:
    """The names of the people that a condition finds."""
    rows = await db.rows(f"SELECT name FROM people WHERE {condition} ORDER BY id", *given, prepared=prepared)
    return [row["name"] for row in rows]


async def test_rows_are_objects(db: Asking) -> None:
    """By column, in order."""
    assert await db.rows("SELECT id, name, note FROM people WHERE id < {{ 0 }} ORDER BY id", 3) == [
        {"id": 1, "name": "Ada", "note": None},
        {"id": 2, "name": "Bob", "note": "x"},
    ]
    assert await db.rows("SELECT * FROM people WHERE id = {{ 0 }}", 99) == []


async def test_writes_say_how_many(db: Asking) -> None:
    """As Appsmith gives it."""
    assert await db.rows("UPDATE people SET age = {{ 0 }} WHERE id > {{ 1 }}", 1, 1) == [{"affectedRows": 2}]
    assert await db.rows("INSERT INTO people (id, name) VALUES ({{ 0 }}, {{ 1 }})", 9, "Zoë ✓") == [
        {"affectedRows": 1}
    ]
    assert await names(db, "id = 9") == ["Zoë ✓"]


@pytest.mark.parametrize("prepared", [True, False])
async def test_values(db: Asking, prepared: bool) -> None:
    """Numbers, text and nothing, bare and in quotes, also where the column is of another type."""
    assert await names(db, "id = {{ 0 }}", 2, prepared=prepared) == ["Bob"]
    assert await names(db, "id = {{ 0 }}", "2", prepared=prepared) == ["Bob"]
    assert await names(db, "id = '{{ 0 }}'", 2, prepared=prepared) == ["Bob"]
    assert await names(db, "name = '{{ 0 }}'", "Ada", prepared=prepared) == ["Ada"]
    assert await names(db, "name LIKE '%{{ 0 }}%'", "d", prepared=prepared) == ["Ada"]
    assert await names(db, "note LIKE '100%'", prepared=prepared) == ["Cy"]
    assert await names(
        db, "name = {{ 0 }} OR ({{ 1 }} IS NULL AND id = 3)", "Ada", None, prepared=prepared
    ) == [
        "Ada",
        "Cy",
    ]
    assert await names(db, "id > {{ 0 }} -- AND id = {{ 1 }}\n", 2, 1, prepared=prepared) == ["Cy"]


@pytest.mark.parametrize("prepared", [True, False])
async def test_lists(db: Asking, prepared: bool) -> None:
    """Each item is bound; none is nobody, and not none everybody."""
    assert await names(db, "id IN ({{ 0 }})", [1, 3], prepared=prepared) == ["Ada", "Cy"]
    assert await names(db, "name IN ({{ 0 }})", ["Bob", "O'Neil"], prepared=prepared) == ["Bob"]
    assert await names(db, "id NOT IN ({{ 0 }})", [1, 3], prepared=prepared) == ["Bob"]
    assert await names(db, "id IN ({{ 0 }})", [], prepared=prepared) == []
    assert await names(db, "id NOT IN ({{ 0 }})", [], prepared=prepared) == ["Ada", "Bob", "Cy"]
    assert await names(db, "id IN ({{ 0 }})", 2, prepared=prepared) == ["Bob"]


async def test_counts(db: Asking) -> None:
    """Pages, also of numbers that come as text."""
    page = "SELECT id FROM people ORDER BY id LIMIT {{ 0 }} OFFSET {{ 1 }}"
    assert await db.rows(page, "1", 1.0) == [{"id": 2}]
    with pytest.raises(CallFailed, match="number of rows"):
        await db.rows(page, "1; DROP TABLE people", 0)
    with pytest.raises(CallFailed, match="number of rows"):
        await db.rows(page, float("inf"), 0)


async def test_what_was_spliced_is_bound(db: Asking) -> None:
    """`prepared: false`: lists that were joined, literals, quotes of the app's own."""
    assert await names(db, "id IN ({{ 0 }})", "1, 3", prepared=False) == ["Ada", "Cy"]
    assert await names(db, "name IN ({{ 0 }})", "'Ada','Bob'", prepared=False) == ["Ada", "Bob"]
    assert await names(db, "name IN ('{{ 0 }}')", "Ada','Bob", prepared=False) == ["Ada", "Bob"]
    assert await names(db, "name = {{ 0 }}", "'Ada'", prepared=False) == ["Ada"]
    assert await names(db, "id = {{ 0 }}", "-1", prepared=False) == []
    with pytest.raises(CallFailed, match="name"):
        await names(db, "{{ 0 }} = 'Ada'", "name", prepared=False)
    with pytest.raises(CallFailed, match="condition"):
        await names(db, "{{ 0 }}", "id = 1", prepared=False)


async def test_objects_are_json(db: Asking) -> None:
    """As text, whatever is in them."""
    given = {"a": [1, "it's"], "b": None}
    await db.rows("UPDATE people SET note = {{ 0 }} WHERE id = 1", given)
    assert await db.one("SELECT note FROM people WHERE id = 1") == '{"a": [1, "it\'s"], "b": null}'


async def test_several_statements_are_one(db: Asking) -> None:
    """All or none, with the answer of the last that has rows."""
    read = "SELECT age FROM people WHERE id = {{ 1 }}"
    both = f"BEGIN; UPDATE people SET age = 1 WHERE id = {{{{ 0 }}}}; {read}; COMMIT;"
    assert await db.rows(both, 1, 1) == [{"age": 1}]
    await db.refused("UPDATE people SET age = 2 WHERE id = 1; INSERT INTO people (id) VALUES (1)")
    assert await db.one("SELECT age FROM people WHERE id = 1") == 1


async def test_what_the_database_says(db: Asking) -> None:
    """Its own words, without a stack of the driver's."""
    words = await db.refused("SELECT * FROM no_such_table")
    assert "no_such_table" in words
    assert "\n" not in words
    assert "psycopg" not in words
    assert "sqlalche" not in words


async def test_an_answer_that_is_too_large(db: Asking) -> None:
    """It is not read on, and the next one is answered."""
    many = " UNION ALL ".join(["SELECT note FROM people"] * 100)
    await db.rows("UPDATE people SET note = {{ 0 }}", "x" * 60_000)
    with pytest.raises(CallFailed) as caught:
        await db.answer(many)
    assert caught.value.code == "answer_too_large"
    assert await names(db, "id = 1") == ["Ada"]
