"""Statements with their values: what is sent to a driver, and what beside it.

The text that is made here holds what the author wrote and marks for values, and nothing else.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, assert_never

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from portico.errors import CallFailed
from portico.model.statement import Part, Slot, Statement

#: How a driver wants its marks (PEP 249).
Style = Literal["qmark", "format", "pyformat", "named", "numeric"]

#: Longest text that is read as literals of SQL.
WRITTEN_LIMIT = 200_000
_BIGGEST = 1 << 63
_WORDS = {TokenType.TRUE: True, TokenType.FALSE: False, TokenType.NULL: None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """One command as a driver takes it. What is bound shows in no repr."""

    text: str
    values: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"Bound({self.text!r}, {len(self.values)} values)"


def bound(statement: Statement, given: Sequence[Any], dialect: str, style: Style) -> tuple[Bound, ...]:
    """The commands of a statement with what its bindings gave. `dialect` is the parser's word for it.

    Raises CallFailed, with words for the user, for a value that cannot stand where it would.
    """
    return tuple(_Command(given, dialect, style).of(parts) for parts in statement.commands)


class _Command:
    def __init__(self, given: Sequence[Any], dialect: str, style: Style) -> None:
        self._given = given
        self._dialect = dialect
        self._style = style
        self._values: list[Any] = []

    def of(self, parts: Sequence[Part]) -> Bound:
        text = "".join(self._literal(part) if isinstance(part, str) else self._slot(part) for part in parts)
        return Bound(text=text, values=tuple(self._values))

    def _literal(self, text: str) -> str:
        return text.replace("%", "%%") if self._style in ("format", "pyformat") else text

    def _slot(self, slot: Slot) -> str:
        if slot.use == "list":
            return self._list(slot)
        return f"{slot.before}{self._mark(self._value(slot))}{slot.after}"

    def _mark(self, value: Any) -> str:
        self._values.append(value)
        match self._style:
            case "qmark":
                return "?"
            case "format" | "pyformat":
                return "%s"
            case "named" | "numeric":
                return f":{len(self._values)}"
            case _:
                assert_never(self._style)

    def _value(self, slot: Slot) -> Any:
        given = self._given[slot.parts[0]] if isinstance(slot.parts[0], int) else None
        if slot.use == "text":
            if len(slot.parts) == 1 and given is None and not slot.written:
                return None
            pieces = (part if isinstance(part, str) else text_of(self._given[part]) for part in slot.parts)
            return "".join(pieces)
        if slot.written and isinstance(given, str):
            found = written(given, self._dialect)
            if found is not None and len(found) == 1:
                given = found[0]
            elif slot.use == "name":
                raise CallFailed(
                    "text where a name could be meant",
                    message="This query was given a name, or a piece of SQL, where only a value can stand.",
                )
        match slot.use:
            case "count":
                return _count(given)
            case "condition":
                return _condition(given)
            case "array":
                return self._array(given)
        return self._plain(given)

    def _plain(self, value: Any) -> Any:
        match value:
            case float():
                return self._number(value)
            case int() if not isinstance(value, bool) and not -_BIGGEST <= value < _BIGGEST:
                return Decimal(value)
            case dict() | list():
                return json.dumps(value, ensure_ascii=False)
        return value

    def _number(self, value: float) -> Any:
        """Whole numbers are whole; others are exact where the database can be."""
        if value.is_integer() and abs(value) < _BIGGEST:
            return int(value)
        return value if self._dialect == "sqlite" else Decimal(repr(value))

    def _array(self, value: Any) -> Any:
        postgres = self._dialect == "postgres" and isinstance(value, list)
        return array_text(value) if postgres else self._plain(value)

    def _list(self, slot: Slot) -> str:
        """`IN (…)` as a whole: a list without items has no spelling of its own."""
        given = self._given[slot.parts[0]] if isinstance(slot.parts[0], int) else None
        values = self._items(given, slot)
        operator = "NOT IN" if slot.negated else "IN"
        if values:
            return f"{operator} ({', '.join(self._mark(value) for value in values)})"
        if self._dialect == "postgres":
            return "<> ALL('{}')" if slot.negated else "= ANY('{}')"
        source = " FROM DUAL" if self._dialect in ("mysql", "oracle") else ""
        return f"{operator} (SELECT NULL{source} WHERE 1 = 0)"

    def _items(self, given: Any, slot: Slot) -> list[Any]:
        if isinstance(given, str) and slot.written:
            found = written(f"'{given}'" if slot.quoted else given, self._dialect)
            if found is not None:
                return found
        items = given if isinstance(given, list) else [given]
        return [text_of(item) if slot.quoted and item is not None else self._plain(item) for item in items]


def text_of(value: Any) -> str:
    """A value as a part of a text, as scripts write it."""
    match value:
        case None:
            return ""
        case str():
            return value
        case float() if value.is_integer():
            return str(int(value))
        case bool() | dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def written(text: str, dialect: str) -> list[Any] | None:
    """The literals of SQL that a text is, with commas between them; None if it is anything else."""
    if len(text) > WRITTEN_LIMIT:
        return None
    try:
        tokens = sqlglot.tokenize(text, dialect=dialect or None)
    except (SqlglotError, RecursionError, ValueError):
        return None
    values: list[Any] = []
    waiting: list[Token] = []
    for token in tokens:
        if token.token_type != TokenType.COMMA:
            waiting.append(token)
            continue
        if not _take(waiting, values):
            return None
        waiting = []
    return values if _take(waiting, values) else None


def _take(tokens: Sequence[Token], values: list[Any]) -> bool:
    """Add the one literal that these tokens are; False if they are none."""
    if not tokens or len(tokens) > 2:
        return False
    last, signs = tokens[-1], tokens[:-1]
    if any(sign.token_type != TokenType.DASH for sign in signs):
        return False
    if last.token_type == TokenType.NUMBER:
        try:
            number = Decimal(last.text)
        except ArithmeticError:
            return False
        number = -number if signs else number
        values.append(
            int(number) if number == number.to_integral_value() and "." not in last.text else number
        )
        return True
    if signs or last.token_type not in (*_WORDS, TokenType.STRING):
        return False
    # What has no quotes of its own is the rest of a command.
    if last.token_type == TokenType.STRING and last.end - last.start < len(last.text):
        return False
    values.append(last.text if last.token_type == TokenType.STRING else _WORDS[last.token_type])
    return True


def array_text(items: Sequence[Any]) -> str:
    """An array as PostgreSQL writes it; it takes the type of the place that it stands in."""
    return "{" + ",".join(_item(item) for item in items) + "}"


def _item(item: Any) -> str:
    match item:
        case None:
            return "NULL"
        case list():
            return array_text(item)
    escaped = text_of(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _count(value: Any) -> Any:
    """A number of rows."""
    if value is None:
        return None
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or number.adjusted() > 17:
        raise CallFailed(
            "a number of rows that is none", message="This query was given a number of rows that is none."
        )
    return int(number)


def _condition(value: Any) -> Any:
    """A yes or no. Text would be none to some databases and an error to others."""
    if value is None or isinstance(value, bool | int | float):
        return int(value) if isinstance(value, float) else value
    raise CallFailed(
        "text where a condition stands",
        message="This query was given a piece of SQL where only a value can stand.",
    )
