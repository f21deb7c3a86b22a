"""What a user types is a value, whatever it says: in each kind of place, in each database.

The control puts the same into the text of the statement, as tools do that splice: there it is obeyed.
"""

from typing import Any

import pytest

from portico.errors import CallFailed
from portico.model.statement import Slot
from portico.runtime import sql_binding
from portico.runtime.sql_binding import Bound, bound, text_of
from tests.runtime.statements import Asking, read

#: What somebody might type, for each database and each quote.
ATTACKS = [
    "' OR '1'='1",
    "' OR 1=1 -- ",
    "'; DELETE FROM people; -- ",
    "1; DELETE FROM people",
    "1) OR (1=1",
    "1 OR 1=1",
    "\\' OR 1=1 -- ",
    "\\",
    "%s",
    "%(x)s",
    "?",
    ":1",
    "$1",
    "{{ 1 }}",
    "'||(SELECT name FROM people LIMIT 1)||'",
    "x' UNION SELECT name FROM people -- ",
    '" OR ""="',
    "1, 2, 3) -- ",
    "/*",
    "\u02bc OR 1=1",
    "\u5c27' OR 1=1 -- ",
]
#: Places for a value in which no one is found by any of these.
PLACES = [
    "name = {{ 0 }}",
    "name = '{{ 0 }}'",
    "name LIKE '{{ 0 }}x%'",
    "name IN ({{ 0 }})",
    "name IN ('{{ 0 }}')",
    "name IN ('no', {{ 0 }})",
    "name = lower({{ 0 }})",
    "name = '{{ 0 }}' AND note = '{{ 0 }}'",
    "(name = {{ 0 }})",
]


@pytest.mark.parametrize("prepared", [True, False])
@pytest.mark.parametrize("place", PLACES)
async def test_no_text_is_obeyed(place: str, prepared: bool, db: Asking) -> None:
    """Nobody is found, and everybody is still there."""
    found = [
        await db.rows(f"SELECT name FROM people WHERE {place}", attack, attack, prepared=prepared)
        for attack in ATTACKS
        # Two numbers in a list that was meant to hold some are two values.
        if not (attack.startswith("1, 2") and "({{" in place)
    ]
    assert [rows for rows in found if rows] == []
    assert await db.one("SELECT count(*) FROM people") == 3


@pytest.mark.parametrize("prepared", [True, False])
async def test_no_text_is_more_than_a_number(prepared: bool, db: Asking) -> None:
    """Where a number of rows stands, or a condition, text is refused or a number."""
    for attack in ATTACKS:
        for place in ("LIMIT {{ 0 }}", "WHERE {{ 0 }}", "WHERE id = 1 AND {{ 0 }}"):
            with pytest.raises(CallFailed):
                await db.answer(f"SELECT name FROM people {place}", attack, prepared=prepared)


async def test_what_is_stored_is_what_was_typed(db: Asking) -> None:
    """Letter for letter."""
    for number, attack in enumerate(ATTACKS, 100):
        await db.rows("INSERT INTO people (id, name) VALUES ({{ 0 }}, '{{ 1 }}')", number, attack)
        assert await db.one("SELECT name FROM people WHERE id = {{ 0 }}", number) == attack


async def test_the_control_is_obeyed(db: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """With values in the text of the statement the same test finds everybody: it can tell."""

    def spliced(statement: Any, given: Any, dialect: str, style: Any) -> tuple[Bound, ...]:
        return tuple(
            Bound(
                text="".join(
                    part if isinstance(part, str) else f"'{text_of(given[0])}'" for part in command
                ).replace("%", "%%" if style != "qmark" else "%"),
                values=(),
            )
            for command in statement.commands
        )

    monkeypatch.setattr("portico.runtime.databases.bound", spliced)
    assert len(await db.rows("SELECT name FROM people WHERE name = {{ 0 }}", "' OR '1'='1")) == 3


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "tsql", "oracle", ""])
@pytest.mark.parametrize("style", ["qmark", "format", "named"])
@pytest.mark.parametrize("prepared", [True, False])
def test_no_value_is_in_the_text(dialect: str, style: sql_binding.Style, prepared: bool) -> None:
    """Of any dialect, in any style of marks: the text is the same whatever the values are."""
    for place in PLACES:
        found = read(f"SELECT 1 FROM t WHERE {place} AND x LIKE '5%'", dialect, prepared=prepared)
        assert found.faults == ()
        slots = [part for part in found.statement.commands[0] if isinstance(part, Slot)]
        assert slots
        texts = {
            command.text
            for attack in ("Ada", *ATTACKS)
            if not (attack.startswith("1, 2") and "({{" in place)
            for command in bound(found.statement, [attack, attack], dialect, style)
        }
        # A list of literals has as many marks as it has literals.
        lengths = {text.count("?") + text.count("%s") + text.count(":") for text in texts}
        assert len(texts) == 1 or (not prepared and "IN (" in place and len(texts) == len(lengths))
